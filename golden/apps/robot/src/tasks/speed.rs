//! Speed loop: PID with a filtered derivative and anti-windup.
//!
//! Translated by migrate 0.1.0 from `python/speed.py`: 52 of 52 statements.
//! Warning MIG0301 line 56: `pid` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "speed", script = "python/speed.py", mode = "embedded"
//! migrate: state = "crate::states::SpeedState", source = "acae3d28f5d41872", seal = "e491b5f4824845d5"

use crate::messages::{ModeStatus, Odometry, Sticks, WheelDuty};
use crate::states::SpeedState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const V_TO_DUTY: f64 = 0.32;
const STICTION: f64 = 0.04;

#[derive(Debug, Reflect)]
pub struct Speed {
    state: SpeedState,
    pid: Pid,
}

impl Freezable for Speed {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.resets, encoder)?;
        Encode::encode(&self.pid, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.resets = Decode::decode(decoder)?;
        self.pid = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Speed {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Sticks, Odometry, ModeStatus);
    type Output<'m> = output_msg!(WheelDuty);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: SpeedState::default(),
            pid: Pid::new(0.55, 1.4, 0.006, 0.01, -0.9, 0.9, 0.02),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, odometry, mode) = *input;
        let state = &mut self.state;
        let (Some(mode_status), Some(odometry_payload)) = (mode.payload(), odometry.payload())
        else {
            return Ok(());
        };
        if mode_status.brake || !odometry_payload.valid {
            self.pid.reset();
            state.resets = state
                .resets
                .checked_add(1)
                .ok_or("python/speed.py:74: `resets` leaves u32")?;
            let wheel_duty = output.payload_mut().get_or_insert_default();
            wheel_duty.duty = 0.0;
            wheel_duty.error = 0.0;
            wheel_duty.saturated = false;
            return Ok(());
        }

        let wanted = target
            .payload()
            .map_or(0.0, |sticks| f64::from(sticks.drive));
        let setpoint = wanted * f64::from(mode_status.max_speed);
        let measured = f64::from(odometry_payload.v);
        let duty = self.pid.update(setpoint, measured, feedforward(setpoint));

        let wheel_duty = output.payload_mut().get_or_insert_default();
        wheel_duty.duty = duty as f32;
        wheel_duty.error = (setpoint - measured) as f32;
        wheel_duty.saturated = self.pid.saturated;
        output.tov = odometry.tov;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pid {
    kp: f64,
    ki: f64,
    kd: f64,
    dt: f64,
    out_min: f64,
    out_max: f64,
    tau: f64,
    integral: f64,
    derivative: f64,
    last_measured: Option<f64>,
    saturated: bool,
}

impl Pid {
    fn new(kp: f64, ki: f64, kd: f64, dt: f64, out_min: f64, out_max: f64, tau: f64) -> Self {
        let mut this = Self {
            kp,
            ki,
            kd,
            dt,
            out_min,
            out_max,
            tau,
            integral: 0.0,
            derivative: 0.0,
            last_measured: None,
            saturated: false,
        };
        this.reset();
        this
    }

    fn reset(&mut self) {
        self.integral = 0.0;
        self.derivative = 0.0;
        self.last_measured = None;
        self.saturated = false;
    }

    /// One step; the derivative acts on the measurement, so that steps do not kick.
    fn update(&mut self, setpoint: f64, measured: f64, feedforward: f64) -> f64 {
        let error = setpoint - measured;

        if let Some(last_measured) = self.last_measured {
            let raw = -(measured - last_measured) / self.dt;
            let blend = self.dt / (self.tau + self.dt);
            self.derivative += blend * (raw - self.derivative);
        }
        self.last_measured = Some(measured);

        let p = self.kp * error;
        let d = self.kd * self.derivative;
        let unclamped = p + self.integral + d + feedforward;
        let output = py_min(
            if self.out_min > unclamped {
                self.out_min
            } else {
                unclamped
            },
            self.out_max,
        );

        // Conditional integration: only while it does not push further into the limit.
        self.saturated = output != unclamped;
        if !self.saturated || error * unclamped < 0.0 {
            self.integral += self.ki * error * self.dt;
        }
        output
    }
}

fn feedforward(v: f64) -> f64 {
    if v > 0.01 {
        return STICTION + V_TO_DUTY * v;
    }
    if v < -0.01 {
        return -STICTION + V_TO_DUTY * v;
    }
    0.0
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

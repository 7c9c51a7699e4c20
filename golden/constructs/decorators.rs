//! Decorators of the file: with arguments, of methods, one upon the other, with what they keep.
//!
//! Translated by migrate 0.1.0 from `decorators.py`: 38 of 38 statements.
//! Warning MIG0301 line 22: `stop_pressed_seen` lives outside `state`: Copper's keyframes did not
//! hold it; here it is frozen with the task.
//! Warning MIG0301 line 40: `ratio_calls` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 102: `motor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "decorators", script = "decorators.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "02be22b25d503a8e", seal = "36bd37f31a9b2330"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Decorators {
    state: DriveState,
    stop_pressed_seen: i64,
    ratio_calls: i64,
    motor: Motor,
}

impl Freezable for Decorators {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.stop_pressed_seen, encoder)?;
        Encode::encode(&self.ratio_calls, encoder)?;
        Encode::encode(&self.motor, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.stop_pressed_seen = Decode::decode(decoder)?;
        self.ratio_calls = Decode::decode(decoder)?;
        self.motor = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Decorators {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            stop_pressed_seen: 0,
            ratio_calls: 0,
            motor: Motor::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.motor.enabled = goal_payload.speed > 0.0;
        let speed = self.motor.drive(f64::from(goal_payload.speed), 0.2);
        if stop_pressed(measured_payload.speed > 10.0, &mut self.stop_pressed_seen) {
            alarm.payload_mut().get_or_insert_default().reason = "stopped".into();
        }
        let gain = scale(i64::from(state.missed));
        drive.payload_mut().get_or_insert_default().accel = (steer(speed, 0.5)
            + ratio(
                f64::from(measured_payload.speed),
                speed,
                &mut self.ratio_calls,
            ) * gain) as f32;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(self.ratio_calls)
            .map_err(|_| "decorators.py:116: `missed` leaves u32")?;
        Ok(())
    }
}

/// Steering from the error of the heading.
fn steer(error: f64, gain: f64) -> f64 {
    (-1.0_f64).max(1.0_f64.min(steer_undecorated(error, gain)))
}

fn steer_undecorated(error: f64, gain: f64) -> f64 {
    error * gain
}

fn stop_pressed(pressed: bool, stop_pressed_seen: &mut i64) -> bool {
    *stop_pressed_seen = if pressed { *stop_pressed_seen + 1 } else { 0 };
    if *stop_pressed_seen >= 3 {
        stop_pressed_undecorated(pressed)
    } else {
        false
    }
}

fn stop_pressed_undecorated(pressed: bool) -> bool {
    pressed
}

fn ratio(a: f64, b: f64, ratio_calls: &mut i64) -> f64 {
    *ratio_calls += 1;
    ratio_safe(a, b)
}

fn ratio_safe(a: f64, b: f64) -> f64 {
    let Ok(value) = ratio_undecorated(a, b) else {
        info!("ratio failed");
        return -1.0;
    };
    value
}

fn ratio_undecorated(a: f64, b: f64) -> CuResult<f64> {
    if b < 0.0 {
        return Err("decorators.py:82: ValueError: negative".into());
    }
    Ok(true_div(a, b).ok_or("decorators.py:83: ZeroDivisionError: float division by zero")?)
}

fn scale(n: i64) -> f64 {
    (n as f64).sqrt()
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    enabled: bool,
    speed: f64,
}

impl Motor {
    fn new() -> Self {
        Self {
            enabled: false,
            speed: 0.0,
        }
    }

    fn drive_undecorated(&mut self, target: f64, rate: f64) -> f64 {
        self.speed += rate * (target - self.speed);
        self.speed
    }

    fn drive(&mut self, target: f64, rate: f64) -> f64 {
        if !self.enabled {
            return 0.0;
        }
        self.drive_undecorated(target, rate)
    }
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

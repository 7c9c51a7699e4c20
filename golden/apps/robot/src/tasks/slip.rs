//! Wheel slip: encoders that turn faster than the accelerometer can explain.
//!
//! Translated by migrate 0.1.0 from `python/slip.py`: 36 of 36 statements.
//! Warning MIG0301 line 11: `speeds` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 12: `v_imu` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 13: `hold` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "slip", script = "python/slip.py", mode = "embedded"
//! migrate: state = "crate::states::SlipState", source = "3c55ac462350e7ad", seal = "c8e7310a6d118d32"

use crate::messages::{Odometry, Slip};
use crate::states::SlipState;
use cu_sensor_payloads::ImuPayload;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

const DT: f64 = 0.01;
const WINDOW: usize = 25;
const SLIP_RATIO: f64 = 0.35;
const MIN_SPEED: f64 = 0.15;
const HOLD: i64 = 15;

#[derive(Debug, Reflect)]
pub struct SlipTask {
    state: SlipState,
    speeds: VecDeque<f64>,
    v_imu: f64,
    hold: i64,
}

impl Freezable for SlipTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.events, encoder)?;
        Encode::encode(&self.state.worst, encoder)?;
        Encode::encode(&self.speeds, encoder)?;
        Encode::encode(&self.v_imu, encoder)?;
        Encode::encode(&self.hold, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.events = Decode::decode(decoder)?;
        self.state.worst = Decode::decode(decoder)?;
        self.speeds = Decode::decode(decoder)?;
        self.v_imu = Decode::decode(decoder)?;
        self.hold = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SlipTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, ImuPayload, Odometry);
    type Output<'m> = output_msg!(Slip);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: SlipState::default(),
            speeds: VecDeque::with_capacity(WINDOW),
            v_imu: 0.0,
            hold: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (imu, odo) = *input;
        let state = &mut self.state;
        let Some(imu_payload) = imu.payload() else {
            return Ok(());
        };

        // integrate the accelerometer, pulled slowly towards the mean wheel speed
        self.v_imu = leak(
            self.v_imu + f64::from(imu_payload.accel_x.value) * DT,
            0.995,
        );
        if let Some(odometry) = odo.payload()
            && odometry.valid
        {
            push_window(&mut self.speeds, WINDOW, f64::from(odometry.v));
        }
        if !self.speeds.is_empty() {
            let mean = true_div(
                self.speeds.iter().fold(0.0, |sum, &x| sum + x),
                self.speeds.len() as f64,
            )
            .ok_or("python/slip.py:39: ZeroDivisionError: float division by zero")?;
            self.v_imu += 0.02 * (mean - self.v_imu);
        }

        let wheel = odo
            .payload()
            .map_or(self.v_imu, |odometry| f64::from(odometry.v));
        let ratio = slip_ratio(wheel, self.v_imu);

        if ratio.abs() > SLIP_RATIO && self.speeds.len() == WINDOW {
            if self.hold == 0 {
                state.events = state
                    .events
                    .checked_add(1)
                    .ok_or("python/slip.py:47: `events` leaves u32")?;
            }
            self.hold = HOLD;
        } else if self.hold > 0 {
            self.hold -= 1;
        }

        let slip = output.payload_mut().get_or_insert_default();
        slip.ratio = ratio as f32;
        slip.slipping = self.hold > 0;
        slip.body_speed = self.v_imu as f32;
        let value = py_max(f64::from(state.worst), ratio.abs());
        slip.worst = value as f32;
        state.worst = value as f32;
        output.tov = imu.tov;
        Ok(())
    }
}

fn leak(x: f64, rate: f64) -> f64 {
    x * rate
}

fn slip_ratio(wheel: f64, body: f64) -> f64 {
    let ref_ = py_max(wheel.abs(), body.abs());
    if ref_ < MIN_SPEED {
        return 0.0;
    }
    (wheel - body) / ref_
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

//! Speed controller of one wheel: PID with anti-windup.
//!
//! Translated by migrate 0.1.0 from `python/pid.py`: 29 of 29 statements.
//! migrate: task = "pid", script = "python/pid.py", mode = "embedded"
//! migrate: state = "crate::tasks::PidState", source = "44a914fa886fd9dc", seal = "753155788405b315"

use crate::tasks::{Command, Measurement, PidState};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const KP: f64 = 0.9;
const KI: f64 = 0.35; // 1/s
const KD: f64 = 0.004; // s
const DT: f64 = 0.01; // s, one cycle
const MAX_THROTTLE: f64 = 1.0;
const MAX_INTEGRAL: f64 = 0.15;
const MAX_MISSED: u32 = 4; // cycles

#[derive(Debug, Reflect)]
pub struct Pid {
    state: PidState,
}

impl Freezable for Pid {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Pid {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Measurement);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: PidState::default(),
        })
    }

    fn start(&mut self, _ctx: &CuContext) -> CuResult<()> {
        let state = &mut self.state;
        state.integral = 0.0;
        state.enabled = true;
        Ok(())
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let Some(measurement) = input.payload() else {
            // hold the throttle for a while, then let the wheel roll out
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("python/pid.py:25: `missed` leaves u32")?;
            if state.missed > MAX_MISSED && state.enabled {
                state.enabled = false;
                state.last_error = None;
                output.payload_mut().get_or_insert_default().throttle = 0.0;
            }
            return Ok(());
        };

        state.missed = 0;
        state.enabled = true;

        let error = f64::from(measurement.setpoint) - f64::from(measurement.value);
        let integral = clamp(f64::from(state.integral) + error * DT, MAX_INTEGRAL);
        state.integral = integral as f32;
        // no slope on the first sample
        let mut slope = 0.0;
        if let Some(state_last_error) = state.last_error {
            slope = (error - f64::from(state_last_error)) / DT;
        }
        state.last_error = Some(error as f32);

        let throttle = KP * error + KI * integral + KD * slope;
        let command = output.payload_mut().get_or_insert_default();
        command.throttle = clamp(throttle, MAX_THROTTLE) as f32;
        command.saturated = throttle.abs() > MAX_THROTTLE;
        output.tov = input.tov;
        Ok(())
    }
}

/// Keeps a value between -limit and limit.
fn clamp(value: f64, limit: f64) -> f64 {
    (-limit).max(limit.min(value))
}

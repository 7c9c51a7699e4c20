//! What a module decides and sets up while it is imported, and `del`.
//!
//! Translated by migrate 0.1.0 from `setup.py`: 25 of 25 statements.
//! migrate: task = "setup", script = "setup.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "c615847de59803b7", seal = "211fad8ff7ed1a73"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const PREFIX: &str = "new";

const RATE: f64 = 50.0;

const MAX_SPEED: f64 = 2.0;
const MAX_TURN: f64 = 1.0;

const LIMITS_HIGH: f64 = MAX_SPEED * RATE;
const LIMITS_LOW: f64 = -1.0;

#[derive(Debug, Reflect)]
pub struct Setup {
    state: DriveState,
    sines: Vec<f64>,
}

impl Freezable for Setup {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Setup {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            sines: initial_sines(),
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
        let (Some(_), Some(measured_payload)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        let doubled: Vec<f64> = measured_payload
            .ranges
            .iter()
            .map(|&x| f64::from(x) * 2.0)
            .collect();
        let total = doubled.iter().fold(0.0, |sum, &x| sum + x);
        let low = LIMITS_LOW;
        let high = LIMITS_HIGH;
        drive.payload_mut().get_or_insert_default().accel =
            (py_min(if low > total { low } else { total }, high)
                * *self
                    .sines
                    .first()
                    .ok_or("setup.py:65: IndexError: list index out of range")?) as f32;
        alarm.payload_mut().get_or_insert_default().reason =
            format!("{PREFIX}{}", if total > MAX_TURN { "busy" } else { "idle" });
        Ok(())
    }
}

fn initial_sines() -> Vec<f64> {
    let mut sines: Vec<f64> = Vec::new();
    for i in 0..8 {
        sines.push((i as f64 * std::f64::consts::PI / 8.0).sin());
    }
    sines
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

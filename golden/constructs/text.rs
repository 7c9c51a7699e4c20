//! Translated by migrate 0.1.0 from `text.py`: 5 of 5 statements.
//! migrate: task = "text", script = "text.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "237c7d79dd2d8a34", seal = "a2b7d04cc8aa940d"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Text {
    state: DriveState,
}

impl Freezable for Text {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Text {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, _measured) = *input;
        let (_drive, alarm) = output;
        let state = &self.state;
        let Some(goal) = target.payload() else {
            return Ok(());
        };
        let v = f64::from(goal.speed);
        alarm.set_payload(Alarm {
            reason: format!(
                "v={} n={} {{x}}{}/{}%",
                fixed_text(v, 2),
                state.missed,
                state.missed,
                fixed_text(v, 1)
            ),
            missed: 3,
        });
        Ok(())
    }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

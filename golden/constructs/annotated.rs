//! Annotations with the types of `migrate stubs`.
//!
//! Translated by migrate 0.1.0 from `annotated.py`: 4 of 4 statements.
//! migrate: task = "annotated", script = "annotated.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "76c73741369f5674", seal = "4bdeb4193f9a2d41"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LIMIT: u32 = 8;

#[derive(Debug, Reflect)]
pub struct Annotated {
    state: DriveState,
}

impl Freezable for Annotated {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Annotated {
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
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        if state.missed > LIMIT {
            state.missed = 0;
        }
        state.missed += 1;
        Ok(())
    }
}

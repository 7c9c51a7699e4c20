//! Translated by migrate 0.1.0 from `MIG0413.py`: 3 of 3 statements.
//! migrate: task = "mig0413", script = "MIG0413.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "4d9a2be9c7ef6bbf", seal = "39ca7d675ab54b45"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0413 {
    state: FixtureState,
}

impl Freezable for Mig0413 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0413 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        if let Some(reading) = input.payload() {
            for _name in reading.seen.keys() {
                state.total += 1;
            }
        }
        Ok(())
    }
}

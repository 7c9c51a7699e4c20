//! Translated by migrate 0.1.0 from `MIG0402.py`: 1 of 1 statements.
//! Not translated MIG0201 line 1: an async function silently does nothing under PyTask.
//! migrate: task = "mig0402", script = "MIG0402.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "68f0dbf89b4fbb5d", seal = "137d45fe142dca4d"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0402 {
    state: FixtureState,
}

impl Freezable for Mig0402 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0402 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
        })
    }

    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
    fn process(
        &mut self,
        _ctx: &CuContext,
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        todo!("MIG0201 an async function silently does nothing under PyTask");
        let state = &mut self.state;
        state.total += 1;
        Ok(())
    }
}

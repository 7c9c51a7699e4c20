//! Translated by migrate 0.1.0 from `MIG0317.py`: 3 of 3 statements.
//! migrate: task = "mig0317", script = "MIG0317.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "ae6f6eb08378a0d8", seal = "3238db42daf35f7e"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0317 {
    state: FixtureState,
}

impl Freezable for Mig0317 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0317 {
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
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let text = state.total.to_string();
        if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
            state.total += 1;
        }
        Ok(())
    }
}

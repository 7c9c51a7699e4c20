//! Translated by migrate 0.1.0 from `MIG0401.py`: 2 of 2 statements.
//! Not translated MIG0205 line 9: `process` takes 1 parameters: PyTask passes 4.
//! migrate: task = "mig0401", script = "MIG0401.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "d10d4aa9f842bf1c", seal = "465f54c0b0e232f7"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0401 {
    state: FixtureState,
}

impl Freezable for Mig0401 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0401 {
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
        todo!("MIG0205 `process` takes 1 parameters: PyTask passes 4");
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0206.py`: 1 of 2 statements.
//! Not translated MIG0206 line 2: `Reading` has no field `valeu`.
//! migrate: task = "mig0206", script = "MIG0206.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "24538f204a3ada5f", seal = "06b1fa06e0c27223"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0206 {
    state: FixtureState,
}

impl Freezable for Mig0206 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0206 {
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
        let state = &mut self.state;
        //     error = input.payload.valeu - state.gain
        todo!("MIG0206 MIG0206.py:2: input.payload.valeu");
        state.total += 1;
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0410.py`: 1 of 2 statements.
//! Not translated MIG0205 line 3: there are several messages here: `.payload` of the list.
//! migrate: task = "mig0410", script = "MIG0410.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "4f00b3032aeabc76", seal = "f165e9e211ea63fb"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0410 {
    state: FixtureState,
}

impl Freezable for Mig0410 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0410 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Reading, Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
        })
    }

    // Two inputs.
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
        //     if input.payload is not None:
        if todo!("MIG0205 MIG0410.py:3: input.payload") {
            state.total += 1;
        }
        Ok(())
    }
}

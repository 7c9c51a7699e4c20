//! Translated by migrate 0.1.0 from `MIG0205.py`: 0 of 2 statements.
//! Not translated MIG0205 line 2: float does not fit `missed`, a u32.
//! Not translated MIG0205 line 3: `+` on int and str: Python has no such operation, or it is not
//! translated.
//! migrate: task = "mig0205", script = "MIG0205.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "76a16d2fff002317", seal = "7a0eb3ca84b992d2"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0205 {
    state: FixtureState,
}

impl Freezable for Mig0205 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0205 {
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
        //     state.missed = 3.0
        state.missed = todo!("MIG0205 MIG0205.py:2: state.missed = 3.0");
        //     state.total = input.payload.count + "1"
        todo!("MIG0205 MIG0205.py:3: input.payload.count + \"1\"");
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0201.py`: 2 of 3 statements.
//! Not translated MIG0201 line 2: `with` is not translated yet.
//! migrate: task = "mig0201", script = "MIG0201.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "e2ee0690af266b7e", seal = "5f680b9f3acace9b"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0201 {
    state: FixtureState,
}

impl Freezable for Mig0201 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0201 {
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
        //     with open_lock() as lock:
        //         state.total += 1
        todo!("MIG0201 MIG0201.py:2: with open_lock() as lock:");
        state.missed = 0;
        Ok(())
    }
}

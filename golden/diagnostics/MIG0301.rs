//! Translated by migrate 0.1.0 from `MIG0301.py`: 1 of 4 statements.
//! Not translated MIG0207 line 5: `global cycles` is not translated yet.
//! Not translated MIG0207 line 6: `cycles` is a module variable that changes.
//! Not translated MIG0207 line 7: `cycles` is a module variable that changes.
//! migrate: task = "mig0301", script = "MIG0301.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "5f5b1779611fc5bc", seal = "0440072dbdf6b3ee"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0301 {
    state: FixtureState,
}

impl Freezable for Mig0301 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0301 {
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
        //     global cycles
        todo!("MIG0207 MIG0301.py:5: global cycles");
        //     cycles += 1
        todo!("MIG0207 MIG0301.py:6: cycles");
        //     state.total = cycles
        todo!("MIG0207 MIG0301.py:7: cycles");
        Ok(())
    }
}

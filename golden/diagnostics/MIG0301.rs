//! Translated by migrate 0.1.0 from `MIG0301.py`: 4 of 4 statements.
//! Warning MIG0301 line 1: `cycles` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "mig0301", script = "MIG0301.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "5f5b1779611fc5bc", seal = "671cfcd1252bb502"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0301 {
    state: FixtureState,
    cycles: i64,
}

impl Freezable for Mig0301 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.cycles, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.cycles = Decode::decode(decoder)?;
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
            cycles: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        self.cycles += 1;
        state.total = self.cycles;
        Ok(())
    }
}

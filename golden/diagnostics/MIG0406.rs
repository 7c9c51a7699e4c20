//! Translated by migrate 0.1.0 from `MIG0406.py`: 2 of 2 statements.
//! migrate: task = "mig0406", script = "MIG0406.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "ca69abe6f1791b33", seal = "b23c2e8ca47c6a2a"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const NOTHING: f64 = f64::INFINITY;

#[derive(Debug, Reflect)]
pub struct Mig0406 {
    state: FixtureState,
}

impl Freezable for Mig0406 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0406 {
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
        state.last = Some(NOTHING as f32);
        Ok(())
    }
}

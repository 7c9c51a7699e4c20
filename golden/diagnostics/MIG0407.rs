//! Translated by migrate 0.1.0 from `MIG0407.py`: 3 of 3 statements.
//! migrate: task = "mig0407", script = "MIG0407.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "ebd90149c035dee4", seal = "d575f69fdf69ee75"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0407 {
    state: FixtureState,
}

impl Freezable for Mig0407 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0407 {
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
        ctx: &CuContext,
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let began = ctx.now().as_nanos() as i64;
        state.total += 1;
        state.gain = ((ctx.now().as_nanos() as i64 - began) as f64 * 1e-9) as f32;
        Ok(())
    }
}

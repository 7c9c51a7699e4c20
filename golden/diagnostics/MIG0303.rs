//! Translated by migrate 0.1.0 from `MIG0303.py`: 2 of 2 statements.
//! Warning MIG0303 line 2: `print` in process mode corrupts PyTask's protocol: the Python fails
//! here, the Rust logs.
//! migrate: task = "mig0303", script = "MIG0303.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "be0a09886e985a58", seal = "13ab8118803f7de3"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0303 {
    state: FixtureState,
}

impl Freezable for Mig0303 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0303 {
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
        info!(ctx, "missed {}", state.missed);
        state.total += 1;
        Ok(())
    }
}

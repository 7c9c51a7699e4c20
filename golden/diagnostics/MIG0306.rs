//! Translated by migrate 0.1.0 from `MIG0306.py`: 5 of 5 statements.
//! Warning MIG0306 line 3: `speed` is a float on another path: an int beyond 2**53 is rounded.
//! migrate: task = "mig0306", script = "MIG0306.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "656ad013f184878a", seal = "fc8d5dc1f603bb79"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0306 {
    state: FixtureState,
}

impl Freezable for Mig0306 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0306 {
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
        input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        state.total += 3;
        let mut speed = state.total as f64;
        if let Some(reading) = input.payload() {
            speed = f64::from(reading.value);
        }
        state.gain = speed as f32;
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0411.py`: 4 of 4 statements.
//! migrate: task = "mig0411", script = "MIG0411.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "8454e1b867eceba0", seal = "dcbd030fe618fb53"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0411 {
    state: FixtureState,
}

impl Freezable for Mig0411 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0411 {
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
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let Some(reading) = input.payload() else {
            return Ok(());
        };
        output.set_payload(Command {
            throttle: reading.value,
            saturated: false,
            points: Vec::new(),
        });
        output.tov = input.tov;
        Ok(())
    }
}

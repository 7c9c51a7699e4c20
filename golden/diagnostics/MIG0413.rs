//! Translated by migrate 0.1.0 from `MIG0413.py`: 2 of 3 statements.
//! Not translated MIG0202 line 3: this is a Rust map.
//! migrate: task = "mig0413", script = "MIG0413.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "4d9a2be9c7ef6bbf", seal = "fca8eec363a8c0c3"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0413 {
    state: FixtureState,
}

impl Freezable for Mig0413 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0413 {
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
        input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        if input.payload().is_some() {
            //     for name in input.payload.seen:
            //         state.total += 1
            todo!("MIG0202 MIG0413.py:3: input.payload.seen");
        }
        Ok(())
    }
}

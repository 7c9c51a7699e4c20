//! Translated by migrate 0.1.0 from `MIG0304.py`: 4 of 5 statements.
//! Not translated MIG0205 line 4: `.values` reads the dict's method, not the field.
//! migrate: task = "mig0304", script = "MIG0304.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "d489d00992317ea9", seal = "23c932b2643eb525"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0304 {
    state: FixtureState,
}

impl Freezable for Mig0304 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0304 {
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
        let state = &mut self.state;
        let Some(_reading) = input.payload() else {
            return Ok(());
        };
        //     for value in input.payload.values:
        //         state.total += 1
        todo!("MIG0205 MIG0304.py:4: input.payload.values");
        state.missed = 0;
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0310.py`: 3 of 6 statements.
//! Not translated MIG0207 line 3: writing `.count` of an input is not translated.
//! Not translated MIG0207 line 5: changing what an input holds is not translated.
//! Not translated MIG0207 line 7: this use of list of float is not translated.
//! migrate: task = "mig0310", script = "MIG0310.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "82fa5a5f24f3dd61", seal = "6dbbae5f633053af"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0310 {
    state: FixtureState,
}

impl Freezable for Mig0310 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0310 {
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
        if let Some(reading) = input.payload() {
            //     input.payload.count = 3
            todo!("MIG0207 MIG0310.py:3: input.payload.count = 3");
            state.total += i64::from(reading.count);
            //     input.payload.ranges[0] = 1.5
            todo!("MIG0207 MIG0310.py:5: input.payload.ranges");
            //     ranges.sort()
            todo!("MIG0207 MIG0310.py:7: ranges");
        }
        Ok(())
    }
}

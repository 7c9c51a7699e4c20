//! Translated by migrate 0.1.0 from `MIG0207.py`: 3 of 4 statements.
//! Not translated MIG0207 line 3: `range()` with a step that may be of either sign, or zero, is not
//! translated.
//! migrate: task = "mig0207", script = "MIG0207.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "5f1cb2e5c3057aa9", seal = "e1f8030ddec50994"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0207 {
    state: FixtureState,
}

impl Freezable for Mig0207 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0207 {
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
        let reading = input
            .payload()
            .ok_or("MIG0207.py:2: AttributeError (`input.payload` is None)")?;
        let _step = i64::from(reading.count) - 3;
        //     for i in range(0, 10, step):
        //         state.total += i
        todo!("MIG0207 MIG0207.py:3: range(0, 10, step)");
        state.missed = 0;
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0203.py`: 1 of 2 statements.
//! Not translated MIG0203 line 2: `eval()` is not translated.
//! migrate: task = "mig0203", script = "MIG0203.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "1a04b79ce63a93fd", seal = "8223554da0cee909"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0203 {
    state: FixtureState,
}

impl Freezable for Mig0203 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0203 {
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
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        //     gain = eval("2 + 3")
        todo!("MIG0203 MIG0203.py:2: eval(\"2 + 3\")");
        state.total += 1;
        Ok(())
    }
}

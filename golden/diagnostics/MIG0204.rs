//! Translated by migrate 0.1.0 from `MIG0204.py`: 2 of 3 statements.
//! Not translated MIG0204 line 6: the module `scipy` is not translated.
//! migrate: task = "mig0204", script = "MIG0204.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "04307926a3da7aa7", seal = "08bacf5f17ad708d"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0204 {
    state: FixtureState,
}

impl Freezable for Mig0204 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0204 {
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
        if input.payload().is_some() {
            //     smooth = scipy.signal.medfilt(input.payload.ranges)
            todo!("MIG0204 MIG0204.py:6: scipy.signal");
        }
        state.total += 1;
        Ok(())
    }
}

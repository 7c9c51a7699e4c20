//! Translated by migrate 0.1.0 from `MIG0408.py`: 2 of 3 statements.
//! Not translated MIG0204 line 6: the module `sys` is not translated.
//! migrate: task = "mig0408", script = "MIG0408.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "1a5fbc49436d3cb2", seal = "6eea22a87a6ab32e"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0408 {
    state: FixtureState,
}

impl Freezable for Mig0408 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0408 {
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
        if state.missed > 10 {
            //     sys.exit(1)
            todo!("MIG0204 MIG0408.py:6: sys.exit(1)");
        }
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("MIG0408.py:7: `missed` leaves u32")?;
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0202.py`: 2 of 5 statements.
//! Not translated MIG0202 line 2: `best` has no one type: int on one path, set of int on another.
//! Not translated MIG0202 line 4: `best` has no one type: int on one path, set of int on another.
//! migrate: task = "mig0202", script = "MIG0202.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "a1b4c236383f7987", seal = "e5c0fcd1a860ad6b"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0202 {
    state: FixtureState,
}

impl Freezable for Mig0202 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0202 {
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
        //     best = 0
        todo!("MIG0202 MIG0202.py:2: best");
        if state.missed > 3 {
            //     best = {1, 2}
            todo!("MIG0202 MIG0202.py:4: best");
        }
        //     if best == 0:
        if todo!("MIG0202 MIG0202.py:5: best") {
            state.total += 1;
        }
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0312.py`: 1 of 1 statements.
//! Warning MIG0312 line 2: this divides by zero: a ZeroDivisionError whenever it is reached.
//! migrate: task = "mig0312", script = "MIG0312.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "b0922a7fb39ab36e", seal = "f047f2bd583b1ed9"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0312 {
    state: FixtureState,
}

impl Freezable for Mig0312 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0312 {
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
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        state.total = floor_div(state.total, 0)
            .ok_or("MIG0312.py:2: ZeroDivisionError: integer division or modulo by zero")?;
        Ok(())
    }
}

/// Python's `a // b` on ints: rounds down. `None` where it raises, or leaves 64 bits.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a % b != 0;
    Some(quotient - i64::from(inexact && (a < 0) != (b < 0)))
}

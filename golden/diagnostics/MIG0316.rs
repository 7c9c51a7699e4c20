//! Translated by migrate 0.1.0 from `MIG0316.py`: 5 of 5 statements.
//! Warning MIG0316 line 5: `total * 33` may leave 64 bits: an error in the Rust, where Python goes
//! on.
//! migrate: task = "mig0316", script = "MIG0316.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "33d06a447d5a6366", seal = "1726034c93cac4dc"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0316 {
    state: FixtureState,
}

impl Freezable for Mig0316 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0316 {
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
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        if let Some(reading) = input.payload() {
            let mut total: i64 = 1;
            for value in 0..reading.count {
                total = total
                    .checked_mul(33)
                    .ok_or("MIG0316.py:5: an int leaves 64 bits")?
                    .checked_add(i64::from(value))
                    .ok_or("MIG0316.py:5: `the value` leaves i64")?;
            }
            state.total = total.rem_euclid(65521);
        }
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0323.py`: 6 of 6 statements.
//! Warning MIG0301 line 11: `low` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "mig0323", script = "MIG0323.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "ee8d234897bb108e", seal = "51a1cb9a4738ec6e"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0323 {
    state: FixtureState,
    low: Filter,
}

impl Freezable for Mig0323 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.low, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.low = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0323 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
            low: Filter::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        _input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let old = state.total;
        state.total = old
            .checked_add(
                float_to_int(self.low.update(1.0).trunc())
                    .ok_or("MIG0323.py:15: ValueError or OverflowError (int: no 64-bit int)")?,
            )
            .ok_or("MIG0323.py:15: `total` leaves i64")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filter {
    value: f64,
}

impl Filter {
    fn new() -> Self {
        Self { value: 0.0 }
    }

    fn update(&mut self, x: f64) -> f64 {
        self.value += 0.25 * (x - self.value);
        self.value
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

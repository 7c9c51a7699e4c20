//! Translated by migrate 0.1.0 from `MIG0324.py`: 7 of 7 statements.
//! Warning MIG0324 line 7: a NaN in what this sorts by is an error in the Rust, where Python goes
//! on.
//! migrate: task = "mig0324", script = "MIG0324.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "673eb2bfcd3f2695", seal = "2253f65bede3eaff"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const NAMES: [&str; 3] = ["left", "ahead", "right"];

#[derive(Debug, Reflect)]
pub struct Mig0324 {
    state: FixtureState,
}

impl Freezable for Mig0324 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0324 {
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
            let value = f64::from(reading.value);
            let mut ranked: Vec<(f64, String)> = [value, 0.5, 0.25]
                .iter()
                .zip(&NAMES)
                .map(|(&a, &b)| (a, b))
                .map(|x| {
                    let (item_0, item_1) = x;
                    (item_0, item_1.to_string())
                })
                .collect();
            sort_by_parts(&mut ranked, |x| x.clone())
                .ok_or("MIG0324.py:7: a NaN among the keys to sort by")?;
            let &(nearest, _) = ranked
                .first()
                .ok_or("MIG0324.py:8: IndexError: list index out of range")?;
            if nearest < 0.3 {
                state.total += 1;
            }
        }
        Ok(())
    }
}

/// Python's `xs.sort(key=…)` by tuples with floats: stable. `None` where a key has a NaN, which
/// has no order.
fn sort_by_parts<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    for x in xs.iter() {
        let own = key(x);
        own.partial_cmp(&own)?;
    }
    xs.sort_by(|a, b| {
        let order = key(a).partial_cmp(&key(b));
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    Some(())
}

//! Functions that call themselves more than once, with their caches.
//!
//! Translated by migrate 0.1.0 from `remembered.py`: 20 of 20 statements.
//! Warning MIG0301 line 7: `ways_cache` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 14: `binomial_cache` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! migrate: task = "remembered", script = "remembered.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "31f2a2a1ac19591c", seal = "afcb46728f8ab169"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Remembered {
    state: DriveState,
    ways_cache: BTreeMap<i64, i64>,
    binomial_cache: BTreeMap<(i64, i64), i64>,
}

impl Freezable for Remembered {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.ways_cache, encoder)?;
        Encode::encode(&self.binomial_cache, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.ways_cache = Decode::decode(decoder)?;
        self.binomial_cache = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Remembered {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            ways_cache: BTreeMap::new(),
            binomial_cache: BTreeMap::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let near = py_max(
            0.0,
            20.0_f64.min(f64::from(measured_payload.ranges[0]) * 5.0),
        );
        alarm.payload_mut().get_or_insert_default().missed =
            u32::try_from(ways(near.trunc() as i64, &mut self.ways_cache)?)
                .map_err(|_| "remembered.py:25: `missed` leaves u32")?;
        drive.payload_mut().get_or_insert_default().accel = int_true_div(
            binomial(12, 4, &mut self.binomial_cache)?,
            binomial(12, 2, &mut self.binomial_cache)?,
        )
        .ok_or("remembered.py:26: ZeroDivisionError: division by zero")?
            as f32;
        Ok(())
    }
}

fn ways(steps: i64, ways_cache: &mut BTreeMap<i64, i64>) -> CuResult<i64> {
    if !ways_cache.contains_key(&steps) {
        let value = ways_uncached(steps, ways_cache)?;
        ways_cache.insert(steps, value);
    }
    Ok(*ways_cache
        .get(&steps)
        .ok_or("remembered.py:7: KeyError (no such key, an int)")?)
}

fn ways_uncached(steps: i64, ways_cache: &mut BTreeMap<i64, i64>) -> CuResult<i64> {
    if steps < 2 {
        return Ok(1);
    }
    Ok(ways(steps - 1, ways_cache)?
        .checked_add(ways(steps - 2, ways_cache)?)
        .ok_or("remembered.py:10: `the value` leaves i64")?)
}

fn binomial(n: i64, k: i64, binomial_cache: &mut BTreeMap<(i64, i64), i64>) -> CuResult<i64> {
    if !binomial_cache.contains_key(&(n, k)) {
        let value = binomial_uncached(n, k, binomial_cache)?;
        binomial_cache.insert((n, k), value);
    }
    Ok(*binomial_cache
        .get(&(n, k))
        .ok_or("remembered.py:14: KeyError (no such key)")?)
}

fn binomial_uncached(
    n: i64,
    k: i64,
    binomial_cache: &mut BTreeMap<(i64, i64), i64>,
) -> CuResult<i64> {
    if k <= 0 || k >= n {
        return Ok(1);
    }
    Ok(binomial(n - 1, k - 1, binomial_cache)?
        .checked_add(binomial(n - 1, k, binomial_cache)?)
        .ok_or("remembered.py:17: `the value` leaves i64")?)
}

/// Python's `a / b` on ints, correctly rounded: `None` where it raises a ZeroDivisionError.
fn int_true_div(a: i64, b: i64) -> Option<f64> {
    if b == 0 {
        return None;
    }
    // 64 bits of quotient, more than a double keeps; the last one stands for the rest.
    let (size, divisor) = (u128::from(a.unsigned_abs()), u128::from(b.unsigned_abs()));
    let shift = 64 + size.max(1).leading_zeros() - divisor.leading_zeros();
    let shifted = size << shift;
    let sticky = u128::from(shifted % divisor != 0);
    let quotient = ((shifted / divisor) | sticky) as f64 / (1_u128 << shift) as f64;
    Some(if (a < 0) != (b < 0) {
        -quotient
    } else {
        quotient
    })
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

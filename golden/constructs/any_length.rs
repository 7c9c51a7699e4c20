//! Tuples whose length no type tells: kept, compared, keys; loops over sets in any order.
//!
//! Translated by migrate 0.1.0 from `any_length.py`: 42 of 42 statements.
//! Warning MIG0301 line 22: `plan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 43: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! migrate: task = "any_length", script = "any_length.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "64ca0069757152e1", seal = "110465dd66fa132f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ROUTE: [i64; 3] = [3, 1, 4];

#[derive(Debug, Reflect)]
pub struct AnyLength {
    state: DriveState,
    plan: Plan,
}

impl Freezable for AnyLength {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.plan, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.plan = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for AnyLength {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            plan: Plan::new(&ROUTE),
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
        let mut state = self.state.clone();
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let mut near: BTreeSet<i64> = BTreeSet::new();
        for &r in &measured_payload.ranges {
            if f64::from(r).abs() < 1000.0 {
                near.insert(
                    float_to_int((f64::from(r) * 4.0).trunc()).ok_or(
                        "any_length.py:53: ValueError or OverflowError (int: no 64-bit int)",
                    )?,
                );
            }
        }
        near.insert(i64::from(state.missed % 7));
        let times = self.plan.note(&near)?;
        let window: Vec<f64> = measured_payload
            .ranges
            .iter()
            .filter(|&&r| r > 0.0)
            .map(|&r| f64::from(r) * 0.5)
            .collect();
        let mut accel = window.iter().fold(0.0, |sum, &x| sum + x);
        for (at, &value) in window.iter().enumerate() {
            accel += at as f64 * value;
        }
        if self.plan.stops == [3, 1, 4] && times > 0 {
            self.plan.stops = self.plan.longer((near.len() % 3) as i64);
        } else if self.plan.stops.len() > 6 {
            self.plan.stops = self.plan.stops[self.plan.stops.len().min(2)..].to_vec();
        }
        state.missed =
            u32::try_from(i64::from(state.missed) + (if crowded(&near) { 1 } else { 0 }))
                .map_err(|_| "any_length.py:64: `missed` leaves u32")?;
        let sector = i64::try_from(
            i128::from(
                nearest(&near, 2)?
                    .checked_add(around(&near)?)
                    .ok_or("any_length.py:65: an int leaves 64 bits")?,
            ) + self.plan.stops.len() as i128,
        )
        .map_err(|_| "any_length.py:65: an int leaves 64 bits")?
        .checked_add(times)
        .ok_or("any_length.py:65: an int leaves 64 bits")?
        .rem_euclid(100);
        drive.set_payload(Drive {
            accel: accel as f32,
            sector: sector as u8,
        });
        alarm.set_payload(Alarm {
            reason: format!(
                "{} {}",
                tuple_text(
                    &self
                        .plan
                        .stops
                        .iter()
                        .map(|&x| x.to_string())
                        .collect::<Vec<_>>()
                ),
                self.plan
                    .stops
                    .iter()
                    .copied()
                    .max()
                    .ok_or("any_length.py:67: ValueError: max() arg is an empty sequence")?
            ),
            missed: state.missed,
        });
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Plan {
    stops: Vec<i64>,
    seen: BTreeMap<Vec<i64>, i64>,
}

impl Plan {
    fn new(stops: &[i64; 3]) -> Self {
        let stops_value = stops.to_vec();
        Self {
            stops: stops_value,
            seen: BTreeMap::new(),
        }
    }

    /// How often this very plan was seen before.
    fn note(&mut self, cells: &BTreeSet<i64>) -> CuResult<i64> {
        let key: Vec<i64> = cells.iter().copied().collect();
        let before = self.seen.get(&key).copied().unwrap_or(0);
        self.seen.insert(
            key.clone(),
            before
                .checked_add(1)
                .ok_or("any_length.py:15: an int leaves 64 bits")?,
        );
        Ok(before)
    }

    fn longer(&self, stop: i64) -> Vec<i64> {
        [self.stops.as_slice(), &[stop]].concat()
    }
}

fn nearest(cells: &BTreeSet<i64>, at: i64) -> CuResult<i64> {
    let mut best: i64 = 1000;
    for &cell in cells {
        best = best.min(
            cell.checked_sub(at)
                .ok_or("any_length.py:28: an int leaves 64 bits")?
                .checked_abs()
                .ok_or("any_length.py:28: abs leaves 64 bits")?,
        );
    }
    Ok(best)
}

fn crowded(cells: &BTreeSet<i64>) -> bool {
    for &cell in cells {
        if cell.rem_euclid(5) == 0 {
            return true;
        }
    }
    false
}

fn around(cells: &BTreeSet<i64>) -> CuResult<i64> {
    let mut out: BTreeSet<i64> = BTreeSet::new();
    let mut total: i64 = 0;
    for &cell in cells {
        total = total
            .checked_add(cell)
            .ok_or("any_length.py:43: an int leaves 64 bits")?;
        for step in [-1, 1] {
            out.insert(
                cell.checked_add(step)
                    .ok_or("any_length.py:45: `the value` leaves i64")?,
            );
        }
    }
    Ok((out.len() as i64)
        .checked_add(total)
        .ok_or("any_length.py:46: `the value` leaves i64")?)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `repr()` of a tuple, made of those of its items.
fn tuple_text(items: &[String]) -> String {
    match items {
        [only] => format!("({only},)"),
        _ => format!("({})", items.join(", ")),
    }
}

//! Keys: of dicts, frozen dataclasses and flags among them, and of sorting.
//!
//! Translated by migrate 0.1.0 from `keys.py`: 48 of 48 statements.
//! Warning MIG0301 line 22: `counts` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 40: `scorer` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 82: `cells * 16` may leave 64 bits: an error in the Rust, where Python goes
//! on.
//! migrate: task = "keys", script = "keys.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "56b97f9df573734d", seal = "06bd0f9b7a2a36ee"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const FAULT_STALE: Fault = Fault { value: 1 };
const FAULT_FAST: Fault = Fault { value: 2 };
const FAULT_NEAR: Fault = Fault { value: 4 };

#[derive(Debug, Reflect)]
pub struct Keys {
    state: DriveState,
    counts: Vec<(Fault, i64)>,
    limits: BTreeMap<Fault, i64>,
    scorer: Scorer,
}

impl Freezable for Keys {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.counts, encoder)?;
        Encode::encode(&self.scorer, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.counts = Decode::decode(decoder)?;
        self.scorer = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Keys {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            counts: {
                let mut entries: Vec<(Fault, i64)> = Vec::new();
                for fault in [FAULT_STALE, FAULT_FAST, FAULT_NEAR] {
                    set_item(&mut entries, fault, 0);
                }
                entries
            },
            limits: BTreeMap::from([(FAULT_STALE, 5), (FAULT_FAST, 2), (FAULT_NEAR, 3)]),
            scorer: Scorer::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let speed = f64::from(goal_payload.speed);
        let mut found = if speed == f64::from(state.last_goal) {
            FAULT_STALE
        } else {
            FAULT_NEAR
        };
        if speed > 1.5 {
            found = found.or(FAULT_FAST);
        }
        for fault in self.counts.iter().map(|&(key, _)| key).collect::<Vec<_>>() {
            if found.contains(fault) {
                let value = (*lookup(&self.counts, &fault)
                    .ok_or("keys.py:72: KeyError (no such key)")?)
                .checked_add(1)
                .ok_or("keys.py:72: an int leaves 64 bits")?
                .rem_euclid(100);
                set_item(&mut self.counts, fault, value);
            }
        }
        state.last_goal = speed as f32;
        let mut bins: Vec<i64> = Vec::new();
        for &r in &measured_payload.ranges {
            bins.push(
                float_to_int(
                    py_min(
                        if -9.0 > f64::from(r) {
                            -9.0
                        } else {
                            f64::from(r)
                        },
                        9.0,
                    )
                    .trunc(),
                )
                .ok_or("keys.py:74: ValueError or OverflowError (int: no 64-bit int)")?,
            );
        }
        let mut values_2: Vec<String> = Vec::new();
        for &(f, n) in &self.counts {
            if n > *self
                .limits
                .get(&f)
                .ok_or("keys.py:75: KeyError (no such key)")?
            {
                values_2.push(format!("{}={n}", f.name().as_deref().unwrap_or("None")));
            }
        }
        let text = values_2.join(", ");
        let number = *bins
            .get(1)
            .ok_or("keys.py:76: IndexError: list index out of range")?;
        let mut list = bins.to_vec();
        list.sort();
        alarm.set_payload(Alarm {
            reason: format!(
                "{text} {:?} {:#04x} {} {:?}",
                bins.iter()
                    .copied()
                    .collect::<BTreeSet<_>>()
                    .iter()
                    .copied()
                    .collect::<Vec<_>>(),
                *bins
                    .first()
                    .ok_or("keys.py:76: IndexError: list index out of range")?
                    & 0xFF,
                prefix_filled(
                    &format!(
                        "{}{:#x}",
                        if number < 0 { "-" } else { "" },
                        i64::unsigned_abs(number)
                    ),
                    6
                ),
                &list[list.len().min(1)..]
            ),
            missed: self.scorer.asked as u32,
        });
        let (best, least) = self.scorer.rank(&bins)?;
        let (cells, steps) = reach(if speed < 0.0 {
            Cell { x: 1, y: 0 }
        } else {
            Cell { x: 9, y: 9 }
        })?;
        drive.set_payload(Drive {
            accel: best
                .checked_sub(least)
                .ok_or("keys.py:82: an int leaves 64 bits")? as f64 as f32,
            sector: u8::try_from(
                cells
                    .checked_mul(16)
                    .ok_or("keys.py:82: an int leaves 64 bits")?
                    .checked_add(steps)
                    .ok_or("keys.py:82: `the value` leaves u8")?,
            )
            .map_err(|_| "keys.py:82: `sector` leaves u8")?,
        });
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    x: i64,
    y: i64,
}

impl Cell {
    fn neighbours(&self) -> Vec<Self> {
        vec![
            Self {
                x: self.x + 1,
                y: self.y,
            },
            Self {
                x: self.x,
                y: self.y + 1,
            },
        ]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Fault {
    value: i64,
}

impl Fault {
    fn or(&self, other: Self) -> Self {
        Self {
            value: self.value | other.value,
        }
    }

    fn contains(&self, other: Self) -> bool {
        self.value & other.value == other.value
    }

    fn name(&self) -> Option<String> {
        let mut names: Vec<String> = Vec::new();
        if self.value & 1 != 0 {
            names.push("STALE".to_string());
        }
        if self.value & 2 != 0 {
            names.push("FAST".to_string());
        }
        if self.value & 4 != 0 {
            names.push("NEAR".to_string());
        }
        if names.is_empty() {
            return None;
        }
        Some(names.join("|"))
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scorer {
    asked: i64,
}

impl Scorer {
    fn new() -> Self {
        Self { asked: 0 }
    }

    fn score(&mut self, value: i64) -> CuResult<i64> {
        self.asked = (self.asked + 1) % 1000;
        Ok(value
            .checked_neg()
            .ok_or("keys.py:32: an int leaves 64 bits")?)
    }

    fn rank(&mut self, values: &[i64]) -> CuResult<(i64, i64)> {
        let mut best_2 = None;
        for &item in values {
            let score = self.score(item)?;
            if best_2.is_none_or(|(held, _)| score > held) {
                best_2 = Some((score, item));
            }
        }
        let best = best_2
            .map(|(_, item)| item)
            .ok_or("keys.py:35: ValueError: max() arg is an empty sequence")?;
        let mut ordered = values.to_vec();
        let mut keyed = Vec::new();
        for &v in &ordered {
            keyed.push((self.score(v)?, v));
        }
        keyed.sort_by_key(|(key, _)| *key);
        ordered = keyed.into_iter().map(|(_, item)| item).collect();
        Ok((
            best,
            *ordered
                .first()
                .ok_or("keys.py:37: IndexError: list index out of range")?,
        ))
    }
}

fn reach(blocked: Cell) -> CuResult<(i64, i64)> {
    let mut came: BTreeMap<Cell, Option<Cell>> = BTreeMap::from([(Cell { x: 0, y: 0 }, None)]);
    let mut queue = vec![Cell { x: 0, y: 0 }];
    while !queue.is_empty() {
        let cell = (!queue.is_empty())
            .then(|| queue.remove(0))
            .ok_or("keys.py:47: IndexError: pop from empty list")?;
        for &near in &cell.neighbours() {
            if near.x > 2 || near.y > 2 || came.contains_key(&near) || near == blocked {
                continue;
            }
            came.insert(near, Some(cell));
            queue.push(near);
        }
    }
    let mut steps: i64 = 0;
    let mut at = Some(Cell { x: 2, y: 2 });
    while at.is_some() {
        steps += 1;
        at = came
            .get(&at.ok_or("keys.py:57: AttributeError (None)")?)
            .and_then(|kept| kept.as_ref())
            .copied();
    }
    Ok((came.len() as i64, steps))
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// The value of a key in entries that keep Python's order: `None` where it raises a KeyError.
fn lookup<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m [(K, V)],
    key: &Q,
) -> Option<&'m V> {
    entries
        .iter()
        .find(|(k, _)| k.borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// A number's text with zeros behind its sign and its prefix, as `f"{x:#06x}"`.
fn prefix_filled(text: &str, width: usize) -> String {
    let prefix = text.find(['x', 'X', 'o', 'b']).map_or(0, |at| at + 1);
    let (prefix, digits) = text.split_at(prefix);
    format!(
        "{prefix}{}{digits}",
        "0".repeat(width.saturating_sub(text.len()))
    )
}

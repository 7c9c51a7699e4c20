//! Names for what lies in a container, through which it is changed.
//!
//! Translated by migrate 0.1.0 from `names_of_parts.py`: 34 of 34 statements.
//! Warning MIG0301 line 42: `faces` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 43: `link` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 57: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "names_of_parts", script = "names_of_parts.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "35663a3f3e9cbfd9", seal = "8e314f385c2e8feb"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct NamesOfParts {
    state: DriveState,
    faces: Faces,
    link: Link,
}

impl Freezable for NamesOfParts {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.faces, encoder)?;
        Encode::encode(&self.link, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.faces = Decode::decode(decoder)?;
        self.link = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for NamesOfParts {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            faces: Faces::new(),
            link: Link::new(),
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.faces.add(&measured_payload.ranges)?;
        self.link.rates.drop += 1.0;
        self.link.rates.loss = f64::from(measured_payload.speed);
        let total = self.link.step();
        state.missed = u32::try_from(self.faces.count(
            if goal.payload().is_none() {
                "goal"
            } else {
                "none"
            },
            &fixed_text(f64::from(measured_payload.speed), 0),
        )?)
        .map_err(|_| "names_of_parts.py:55: `missed` leaves u32")?;
        drive.payload_mut().get_or_insert_default().accel = (total - self.link.rates.drop) as f32;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            self.faces
                .samples
                .iter()
                .map(|(_, b)| b.len() as i64)
                .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
                .ok_or("names_of_parts.py:57: an int leaves 64 bits")?,
        )
        .map_err(|_| "names_of_parts.py:57: `missed` leaves u32")?;
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Rates {
    drop: f64,
    loss: f64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Faces {
    samples: Vec<(String, Vec<Vec<f64>>)>,
    grid: Vec<[i64; 4]>,
    seen: BTreeMap<String, BTreeMap<String, i64>>,
}

impl Faces {
    const NAMES: [&str; 4] = ["+x", "-x", "+y", "-y"];

    fn new() -> Self {
        let mut samples: Vec<(String, Vec<Vec<f64>>)> = Vec::new();
        for &name in &Self::NAMES {
            set_item(&mut samples, name.to_string(), Vec::new());
        }
        let grid: Vec<[i64; 4]> = (0..4).map(|_| [0; 4]).collect();
        Self {
            samples,
            grid,
            seen: BTreeMap::new(),
        }
    }

    fn face_of(&self, x: f64, y: f64) -> &'static str {
        if x.abs() > y.abs() {
            return if x > 0.0 { "+x" } else { "-x" };
        }
        if y > 0.0 { "+y" } else { "-y" }
    }

    fn add(&mut self, values: &[f32; 4]) -> CuResult<()> {
        let key = self.face_of(f64::from(values[0]), f64::from(values[1]));
        let bucket = lookup_mut(&mut self.samples, key)
            .ok_or("names_of_parts.py:18: KeyError (no such key, a str)")?;
        if bucket.len() < 10 {
            bucket.push(values.iter().map(|&x| f64::from(x)).collect());
        }
        let at = index((bucket.len() % 4) as i64, self.grid.len())
            .ok_or("names_of_parts.py:21: IndexError: list index out of range")?;
        let row = &mut self.grid[at];
        row[bucket.len() % 3] = row[bucket.len() % 3]
            .checked_add(1)
            .ok_or("names_of_parts.py:22: an int leaves 64 bits")?;
        Ok(())
    }

    fn count(&mut self, side: &str, name: &str) -> CuResult<i64> {
        if !self.seen.contains_key(side) {
            self.seen.insert(side.to_string(), BTreeMap::new());
        }
        let names = self
            .seen
            .get_mut(side)
            .ok_or("names_of_parts.py:27: KeyError (no such key, a str)")?;
        let value = names
            .get(name)
            .copied()
            .unwrap_or(0)
            .checked_add(1)
            .ok_or("names_of_parts.py:28: an int leaves 64 bits")?;
        names.insert(name.to_string(), value);
        Ok(names.len() as i64)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Link {
    rates: Rates,
}

impl Link {
    fn new() -> Self {
        Self {
            rates: Rates {
                drop: 0.0,
                loss: 0.0,
            },
        }
    }

    fn step(&mut self) -> f64 {
        if self.rates.drop > 3.0 {
            self.rates.drop = 0.0;
        }
        self.rates.drop + self.rates.loss
    }
}

/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 {
        i.checked_add(i64::try_from(len).ok()?)?
    } else {
        i
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}

/// The value of a key in entries that keep Python's order, to change it: `None` where it raises a
/// KeyError.
fn lookup_mut<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m mut [(K, V)],
    key: &Q,
) -> Option<&'m mut V> {
    entries
        .iter_mut()
        .find(|(k, _)| (*k).borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

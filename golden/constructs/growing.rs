//! Lists that grow while they are run through; tuples as one value; dicts that come in tuples.
//!
//! Translated by migrate 0.1.0 from `growing.py`: 47 of 47 statements.
//! Warning MIG0301 line 7: `levels` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0324 line 56: a NaN in what this sorts by is an error in the Rust, where Python goes
//! on.
//! migrate: task = "growing", script = "growing.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "370a2ccc6a095014", seal = "ceea91dc1e42a19f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const WIDTH: i64 = 4;
const GRID: [[f64; 3]; 3] = [[1.0, 0.5, 0.25], [2.0, 0.0, 4.0], [0.5, 8.0, 1.0]];
const NAMES: [&str; 4] = ["left", "right", "back", "front"];

#[derive(Debug, Reflect)]
pub struct Growing {
    state: DriveState,
    levels: Vec<(String, f64)>,
}

impl Freezable for Growing {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.levels, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.levels = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Growing {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            levels: Vec::new(),
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for ((&item_0, &item_1), &item_2) in GRID[0].iter().zip(&GRID[1]).zip(&GRID[2]) {
            let c = (item_0, item_1, item_2);
            columns.push([c.0, c.1, c.2].into_iter().collect());
        }
        let (steps, cells) = reached((0, 0))?;
        let (counts, kinds) = tallied(&measured_payload.ranges)?;
        let mut ranked: Vec<(f64, String)> = [0.5_f64, 0.25, 4.0, 2.0]
            .into_iter()
            .zip(&NAMES)
            .map(|(r, &n)| (round_digits(r, 3), n.to_string()))
            .collect();
        sort_by_parts(&mut ranked, |x| x.clone())
            .ok_or("growing.py:56: a NaN among the keys to sort by")?;
        let [(next_low, next_nearest), .., (next_high, next_farthest)] = ranked.as_slice() else {
            return Err(
                "growing.py:57: ValueError (not enough values to unpack (expected at least 2))"
                    .into(),
            );
        };
        let low = *next_low;
        let nearest = next_nearest.clone();
        let high = *next_high;
        let farthest = next_farthest.clone();
        if goal.payload().is_some() {
            self.levels = replaced(&measured_payload.ranges);
        }
        let mut pairs: Vec<(String, f64)> = Vec::new();
        for (&item_0, &item_1) in NAMES.iter().zip(&measured_payload.ranges) {
            let p = (item_0.to_string(), f64::from(item_1));
            pairs.push(p.clone());
        }
        let mut last: Option<(i64, String)> = None;
        for (item_0, &item_1) in NAMES.iter().enumerate() {
            let at = (item_0 as i64, item_1.to_string());
            last = Some(at);
        }
        let way = self
            .levels
            .iter()
            .map(|&(ref k, v)| format!("{k}: {}", fixed_text(v, 1)))
            .collect::<Vec<_>>()
            .join(", ");
        let gap = (nearest, farthest);
        let reason = format!("{} to {} of {}", gap.0, gap.1, pairs.len());
        alarm.set_payload(Alarm {
            reason: format!(
                "{reason} {{{}}} {way} {}",
                counts
                    .iter()
                    .map(|&(k, v)| format!("{}: {v}", if k { "True" } else { "False" }))
                    .collect::<Vec<_>>()
                    .join(", "),
                match last.as_ref() {
                    Some(x) => format!("({}, {})", x.0, str_repr(&x.1)),
                    None => "None".to_string(),
                }
            ),
            missed: u32::try_from(
                kinds
                    .checked_add(cells)
                    .ok_or("growing.py:67: `the value` leaves u32")?,
            )
            .map_err(|_| "growing.py:67: `missed` leaves u32")?,
        });
        drive.set_payload(Drive {
            accel: (*columns
                .get(1)
                .ok_or("growing.py:68: IndexError: list index out of range")?
                .get(2)
                .ok_or("growing.py:68: IndexError: list index out of range")?
                + high
                - low
                + pairs
                    .first()
                    .ok_or("growing.py:68: IndexError: list index out of range")?
                    .1) as f32,
            sector: u8::try_from(
                (words("w", 4).len() as i64)
                    .checked_add(
                        *steps
                            .get(&(3, 3))
                            .ok_or("growing.py:68: KeyError (no such key)")?,
                    )
                    .ok_or("growing.py:68: `the value` leaves u8")?,
            )
            .map_err(|_| "growing.py:70: `sector` leaves u8")?,
        });
        Ok(())
    }
}

/// The cells in the order in which a search finds them.
#[allow(clippy::type_complexity)]
fn reached(start: (i64, i64)) -> CuResult<(BTreeMap<(i64, i64), i64>, i64)> {
    let mut steps: BTreeMap<(i64, i64), i64> = BTreeMap::from([(start, 0)]);
    let mut todo = vec![start];
    let mut todo_value_index = 0;
    while let Some(&(x, y)) = todo.get(todo_value_index) {
        todo_value_index += 1;
        for (dx, dy) in [(1, 0), (0, 1)] {
            let cell = (
                x.checked_add(dx)
                    .ok_or("growing.py:16: an int leaves 64 bits")?,
                y.checked_add(dy)
                    .ok_or("growing.py:16: an int leaves 64 bits")?,
            );
            if [cell.0, cell.1]
                .into_iter()
                .max()
                .ok_or("growing.py:17: ValueError: max() arg is an empty sequence")?
                < WIDTH
                && !steps.contains_key(&cell)
            {
                let value = (*steps
                    .get(&(x, y))
                    .ok_or("growing.py:18: KeyError (no such key)")?)
                .checked_add(1)
                .ok_or("growing.py:18: an int leaves 64 bits")?;
                steps.insert(cell, value);
                todo.push(cell);
            }
        }
    }
    Ok((steps, todo.len() as i64))
}

/// Texts are copied where they are taken.
fn words(first: &str, depth: i64) -> Vec<String> {
    let mut found = vec![first.to_string()];
    let mut found_value_index = 0;
    while let Some(word) = found.get(found_value_index).cloned() {
        found_value_index += 1;
        if (word.chars().count() as i64) < depth {
            found.push(format!("{word}a"));
            found.push(format!("{word}b"));
        }
    }
    found
}

/// The order of a dict in a tuple is looked at by the caller.
fn tallied(values: &[f32; 4]) -> CuResult<(Vec<(bool, i64)>, i64)> {
    let mut counts: Vec<(bool, i64)> = Vec::new();
    for &value in values {
        let key = value > 0.0;
        let value_2 = lookup(&counts, &key)
            .copied()
            .unwrap_or(0)
            .checked_add(1)
            .ok_or("growing.py:38: an int leaves 64 bits")?;
        set_item(&mut counts, key, value_2);
    }
    let len = counts.len() as i64;
    Ok((counts, len))
}

/// What a function gives the module is run through in order.
fn replaced(values: &[f32; 4]) -> Vec<(String, f64)> {
    let mut entries: Vec<(String, f64)> = Vec::new();
    for (&name, &value) in NAMES.iter().zip(values) {
        set_item(&mut entries, name.to_string(), f64::from(value));
    }
    entries
}

/// Python's `round(x, digits)`: correctly rounded decimals, ties to even.
fn round_digits(x: f64, digits: usize) -> f64 {
    use std::io::Write;
    // More digits change nothing, as CPython has it; the text needs 1 + 309 + 1 + 323 bytes.
    if !x.is_finite() || digits > 323 {
        return x;
    }
    let mut text = [0_u8; 640];
    let mut rest = &mut text[..];
    if write!(rest, "{x:.digits$}").is_err() {
        return x;
    }
    let unused = rest.len();
    let used = &text[..text.len() - unused];
    std::str::from_utf8(used)
        .ok()
        .and_then(|decimal| decimal.parse().ok())
        .unwrap_or(x)
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

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// Python's `repr(text)`.
fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        // What Rust does not print as it is, behind another character, Python does not either.
        let printable = c.is_ascii_graphic() || format!(" {c}").escape_debug().count() == 2;
        match (c, u32::from(c)) {
            ('\n', _) => out.push_str("\\n"),
            ('\r', _) => out.push_str("\\r"),
            ('\t', _) => out.push_str("\\t"),
            ('\\', _) => out.push_str("\\\\"),
            _ if c == quote => out.extend(['\\', c]),
            ('"' | '\'', _) => out.push(c),
            _ if printable => out.push(c),
            (_, code @ ..=0xff) => out.push_str(&format!("\\x{code:02x}")),
            (_, code @ ..=0xffff) => out.push_str(&format!("\\u{code:04x}")),
            (_, code) => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push(quote);
    out
}

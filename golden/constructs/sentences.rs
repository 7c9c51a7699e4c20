//! Lines of a console: comments are cut out of them, what is short is filled up.
//!
//! Translated by migrate 0.1.0 from `sentences.py`: 50 of 50 statements.
//! Warning MIG0301 line 10: `DEFAULTS_TABLE` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 56: `defaults` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 57: `recent` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 58: `longest` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "sentences", script = "sentences.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "1a82bce2d0997f26", seal = "f6afe56cf255543a"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const PLANTS: [&str; 3] = ["wheat", "maize", "rape"];
const LINES: [&str; 7] = [
    "G1 X1.5 (feed) Y2",
    "M3 ;on",
    "G0 (a)(b)X7",
    "plant maize",
    "plant oats",
    "x",
    "(open",
];

#[derive(Debug, Reflect)]
pub struct Sentences {
    state: DriveState,
    defaults: Defaults,
    recent: Vec<(String, i64)>,
    longest: Vec<(String, Vec<f64>)>,
}

impl Freezable for Sentences {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.defaults, encoder)?;
        Encode::encode(&self.recent, encoder)?;
        Encode::encode(&self.longest, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.defaults = Decode::decode(decoder)?;
        self.recent = Decode::decode(decoder)?;
        self.longest = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Sentences {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let defaults_table = DefaultsTable {
            gain: 0.5,
            limit: 2.0,
        };
        let defaults = Defaults::new(
            &[("gain".to_string(), 0.25), ("other".to_string(), 3.0)],
            defaults_table,
        );
        let recent = Vec::new();
        let longest: Vec<(String, Vec<f64>)> =
            vec![("a".to_string(), vec![1.0]), ("b".to_string(), Vec::new())];
        Ok(Self {
            state: DriveState::default(),
            defaults,
            recent,
            longest,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, meas) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let speed = goal
            .payload()
            .map_or(0.0, |goal_payload| f64::from(goal_payload.speed));
        let number = if speed.abs() < 100.0 {
            float_to_int(speed.trunc())
                .ok_or("sentences.py:64: ValueError or OverflowError (int: no 64-bit int)")?
        } else {
            7
        };
        let line = stripped(
            LINES[index(
                modulo(number, LINES.len() as i64)
                    .ok_or("sentences.py:65: ZeroDivisionError: integer modulo by zero")?,
                7,
            )
            .ok_or("sentences.py:65: IndexError: list index out of range")?]
            .to_string(),
        );
        if lookup(&self.recent, &line).is_none() {
            if self.recent.len() >= 3 {
                let key = self
                    .recent
                    .iter()
                    .map(|(item, _)| item.clone())
                    .next()
                    .ok_or("sentences.py:68: StopIteration")?;
                pop_item(&mut self.recent, &key)
                    .ok_or("sentences.py:68: KeyError (no such key, a str)")?;
            }
            set_item(&mut self.recent, line.clone(), number);
        }
        if let Some(measured) = meas.payload() {
            set_item(
                &mut self.longest,
                "b".to_string(),
                measured
                    .ranges
                    .iter()
                    .filter(|&&r| r > 0.0)
                    .map(|&r| f64::from(r))
                    .collect(),
            );
        }
        let mut values: Vec<f64> = Vec::new();
        for (_, item) in &self.longest {
            if !item.is_empty() {
                values.push(
                    item.iter()
                        .copied()
                        .reduce(|best, x| if x > best { x } else { best })
                        .ok_or("sentences.py:72: ValueError: max() arg is an empty sequence")?,
                );
            }
        }
        let top = values
            .iter()
            .copied()
            .reduce(|best, x| if x > best { x } else { best });
        state.last = self
            .recent
            .iter()
            .filter(|&&(_, n)| n > 2)
            .map(|&(_, n)| n as f64 * 0.5)
            .reduce(|best, x| if x > best { x } else { best })
            .map(|x| x as f32);
        let (which, how) = crop(&line);
        if which < 3 {
            alarm.set_payload(Alarm {
                reason: format!(
                    "{} {how} {}",
                    PLANTS[index(which, 3)
                        .ok_or("sentences.py:76: IndexError: tuple index out of range")?],
                    fixed_text(
                        top.ok_or("sentences.py:76: TypeError (None is no number)")?,
                        2
                    )
                ),
                missed: u32::try_from(which).map_err(|_| "sentences.py:76: `missed` leaves u32")?,
            });
        } else {
            let n = i128::from(number) - 5;
            let code = format!("{}{:#x}", if n < 0 { "-" } else { "" }, n.unsigned_abs());
            alarm.set_payload(Alarm {
                reason: format!(
                    "{}{code} {}",
                    filled(trimmed(&line), 12, "."),
                    self.recent
                        .iter()
                        .map(|(item, _)| item.clone())
                        .next()
                        .ok_or("sentences.py:79: StopIteration")?
                ),
                missed: u32::try_from(self.recent.len())
                    .map_err(|_| "sentences.py:81: `missed` leaves u32")?,
            });
        }
        drive.set_payload(Drive {
            accel: self.defaults.limited(speed)? as f32,
            sector: u8::try_from(
                which
                    .checked_add(line.chars().count() as i64)
                    .ok_or("sentences.py:83: `the value` leaves u8")?,
            )
            .map_err(|_| "sentences.py:83: `sector` leaves u8")?,
        });
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct DefaultsTable {
    gain: f64,
    limit: f64,
}

/// What is set where nobody says otherwise.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Defaults {
    values: BTreeMap<String, f64>,
    firm: DefaultsTable,
}

impl Defaults {
    fn new(given: &[(String, f64)], defaults_table: DefaultsTable) -> Self {
        let mut values: BTreeMap<String, f64> = BTreeMap::from([
            ("gain".to_string(), defaults_table.gain),
            ("limit".to_string(), defaults_table.limit),
        ]);
        for &(ref name, value) in given {
            if values.contains_key(name) {
                values.insert(name.clone(), value);
            }
        }
        Self {
            values,
            firm: DefaultsTable {
                gain: defaults_table.gain,
                limit: 4.0,
            },
        }
    }

    fn limited(&self, x: f64) -> CuResult<f64> {
        Ok(py_max(
            -*self
                .values
                .get("limit")
                .ok_or("sentences.py:20: KeyError (no such key, a str)")?,
            py_min(
                self.firm.limit,
                *self
                    .values
                    .get("gain")
                    .ok_or("sentences.py:20: KeyError (no such key, a str)")?
                    * x,
            ),
        ))
    }
}

/// Without its comments; one that is left open is left.
fn stripped(mut line: String) -> String {
    let mut at = str_find(&line, "(").map_or(-1, |i| i as i64);
    while at >= 0 {
        let end = str_find_in(&line, ")", at, None).map_or(-1, |i| i as i64);
        if end < 0 {
            break;
        }
        line = format!(
            "{}{}",
            str_slice(&line, None, Some(at)),
            str_slice(&line, Some(end + 1), None)
        );
        at = str_find_in(&line, "(", at, None).map_or(-1, |i| i as i64);
    }
    let stop = str_find(&line, ";").map_or(-1, |i| i as i64);
    str_slice(&line, None, if stop >= 0 { Some(stop) } else { None })
        .trim_matches(is_space)
        .to_string()
}

fn filled(mut line: String, width: i64, fill: &str) -> String {
    while (line.chars().count() as i64) < width {
        line.push_str(fill);
    }
    line
}

fn trimmed(mut line: &str) -> String {
    while line.starts_with('G') {
        line = str_slice(line, Some(1), None);
    }
    line.to_string()
}

fn crop(line: &str) -> (i64, i64) {
    let words: Vec<String> = line
        .split(is_space)
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect();
    let Some(item) = words.get(1) else {
        return (3, 0);
    };
    let wanted = item;
    let Some(value) = PLANTS.iter().position(|&x| x == wanted.as_str()) else {
        return (3, 0);
    };
    (
        value as i64,
        ({
            let Some(item_2) = words.first() else {
                return (3, 0);
            };
            let wanted = item_2;
            let Some(value_2) = ["plant", "sow"].iter().position(|&x| x == wanted.as_str()) else {
                return (3, 0);
            };
            value_2
        }) as i64,
    )
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
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

/// Python's `d.pop(key)`: the others keep their order. `None` where it raises a KeyError.
fn pop_item<K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &mut Vec<(K, V)>,
    key: &Q,
) -> Option<V> {
    let at = entries.iter().position(|(k, _)| k.borrow() == key)?;
    Some(entries.remove(at).1)
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// Whether Python's `c.isspace()` holds, which `strip()` and `split()` go by.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Python's `text.index(part)`, in characters: `None` where it is not found.
fn str_find(text: &str, part: &str) -> Option<usize> {
    let (before, _) = text.split_once(part)?;
    Some(before.chars().count())
}

/// Python's `text.index(part, low, high)`, in characters: `None` where it is not found.
fn str_find_in(text: &str, part: &str, low: i64, high: Option<i64>) -> Option<usize> {
    let len = text.chars().count();
    let place = |i: i64| match usize::try_from(i) {
        Ok(i) => i,
        Err(_) => len.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let (low, high) = (place(low), high.map_or(len, place).min(len));
    // The byte at which the character of that number starts, or the end.
    let byte = |i: usize| text.char_indices().nth(i).map_or(text.len(), |(at, _)| at);
    let within = (low <= high).then(|| text.get(byte(low)..byte(high)))??;
    let (before, _) = within.split_once(part)?;
    Some(low + before.chars().count())
}

/// Python's `text[low:high]`, in characters.
fn str_slice(text: &str, low: Option<i64>, high: Option<i64>) -> &str {
    let negative = |end: Option<i64>| end.is_some_and(|i| i < 0);
    let len = if negative(low) || negative(high) {
        text.chars().count()
    } else {
        text.len()
    };
    let count = |i: i64| match usize::try_from(i) {
        Ok(i) => i,
        Err(_) => len.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    // The byte at which the character of that number starts, or the end.
    let byte = |i: usize| text.char_indices().nth(i).map_or(text.len(), |(at, _)| at);
    let low = low.map_or(0, |i| byte(count(i)));
    let high = high.map_or(text.len(), |i| byte(count(i)));
    text.get(low..high).unwrap_or_default()
}

//! Dials of a panel: what may be None is looked up, a call stands within a chain of
//! comparisons, and a part of a field of fixed length is written at once.
//!
//! Translated by migrate 0.1.0 from `dials.py`: 38 of 38 statements.
//! Warning MIG0301 line 8: `best` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 31: `dial` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "dials", script = "dials.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5d622fba9c041c24", seal = "4f5363a88adb7065"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const OFF: i64 = 0;
const SLOW: i64 = 1;
const FAST: i64 = 2;
const LEGS: (&str, &str) = ("left", "right");

#[derive(Debug, Reflect)]
pub struct Dials {
    state: DriveState,
    polar: BTreeMap<i64, BTreeMap<i64, f64>>,
    best: [Number; 2],
    dial: Dial,
}

impl Freezable for Dials {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.best, encoder)?;
        Encode::encode(&self.dial, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.best = Decode::decode(decoder)?;
        self.dial = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Dials {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            polar: BTreeMap::from([
                (6, BTreeMap::from([(45, 1.0), (90, 2.5)])),
                (12, BTreeMap::from([(45, 3.0), (90, 4.5)])),
            ]),
            best: [Number::Int(5), Number::Float(0.25)],
            dial: Dial::new(),
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
        let (Some(goal_payload), Some(measured)) = (goal.payload(), meas.payload()) else {
            return Ok(());
        };
        let speed = f64::from(goal_payload.speed);
        let mode = if speed > 2.0 {
            FAST
        } else if speed > 0.0 {
            SLOW
        } else {
            OFF
        };
        let goal_speed = BTreeMap::from([(SLOW, Some(10.0)), (FAST, None)])
            .get(&mode)
            .copied()
            .unwrap_or(Some(90.0));
        let usable = self.dial.usable(5);
        if usable {
            self.dial.wanted = if mode == SLOW {
                Some("low".into())
            } else {
                Some("high".into())
            };
        }
        if self.best[1] < speed {
            self.best[1] = Number::Float(speed);
        }
        let value = measured.ranges[0];
        state.window[0] = speed as f32;
        state.window[1] = value;
        let value_2 = if mode == FAST {
            wind(speed, &self.polar)?
        } else {
            0.0
        };
        let value_3 = self.dial.limit()?;
        state.window[2] = value_3 as f32;
        state.window[3] = value_2 as f32;
        drive.set_payload(Drive {
            accel: goal_speed.map_or(-1.0, |goal_speed| goal_speed as f32),
            sector: (number_(if usable { "set 12" } else { "set x" })? & 0xFF) as u8,
        });
        alarm.set_payload(Alarm {
            reason: format!(
                "{}[{}]",
                self.dial.text()?,
                self.best
                    .iter()
                    .map(|&b| b.round_digits(1))
                    .map(|x| x.to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            missed: u32::try_from(self.dial.turns)
                .map_err(|_| "dials.py:69: `missed` leaves u32")?,
        });
        self.state = state;
        Ok(())
    }
}

/// `LIMITS[key]`
fn limits_of(key: &str) -> Option<f64> {
    Some(match key {
        "low" => 0.5,
        "high" => 2.0,
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Dial {
    turns: i64,
    wanted: Option<String>,
    angles: BTreeMap<String, (f64, f64)>,
}

impl Dial {
    fn new() -> Self {
        Self {
            turns: 0,
            wanted: None,
            angles: BTreeMap::from([
                ("left".to_string(), (0.0, 1.0)),
                ("right".to_string(), (2.0, 0.5)),
            ]),
        }
    }

    fn angle(&mut self) -> i64 {
        self.turns += 1;
        self.turns % 7
    }

    fn usable(&mut self, top: i64) -> bool {
        self.turns >= 0 && (1..top).contains(&self.angle())
    }

    fn limit(&self) -> CuResult<f64> {
        Ok(limits_of(
            self.wanted
                .as_deref()
                .ok_or("dials.py:25: KeyError: None")?,
        )
        .ok_or("dials.py:25: KeyError (no such key, a str)")?)
    }

    fn text(&self) -> CuResult<String> {
        let mut values: Vec<String> = Vec::new();
        for leg in [LEGS.0, LEGS.1] {
            values.push(format!(
                "{leg}({},{})",
                fixed_text(
                    self.angles
                        .get(leg)
                        .ok_or("dials.py:28: KeyError (no such key, a str)")?
                        .0,
                    2
                ),
                fixed_text(
                    self.angles
                        .get(leg)
                        .ok_or("dials.py:28: KeyError (no such key, a str)")?
                        .1,
                    2
                )
            ));
        }
        Ok(values.join("; "))
    }
}

fn wind(speed: f64, polar: &BTreeMap<i64, BTreeMap<i64, f64>>) -> CuResult<f64> {
    let mut below: Option<i64> = None;
    for w in polar.keys().copied() {
        if compare_int_float(w, speed).is_some_and(std::cmp::Ordering::is_le) {
            below = Some(w);
        }
    }
    Ok(*polar
        .get(&below.ok_or("dials.py:39: KeyError: None")?)
        .ok_or("dials.py:39: KeyError (no such key, an int)")?
        .get(&45)
        .ok_or("dials.py:39: KeyError (no such key, an int)")?)
}

fn number_(text: &str) -> CuResult<i64> {
    let subject: Vec<String> = text
        .split(is_space)
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect();
    if subject.len() == 2
        && subject[0] == "set"
        && (!subject[1].is_empty() && subject[1].chars().all(|c| c.is_ascii_digit()))
    {
        let n = subject[1].clone();
        return Ok(i64::try_from(
            parse_int(&n, 10)
                .ok_or("dials.py:45: ValueError (invalid literal for int() with base 10)")?,
        )
        .map_err(|_| "dials.py:45: an int leaves 64 bits")?);
    } else if subject.len() == 2 && subject[0] == "set" {
        return Ok(-1);
    }
    Ok(0)
}

/// Compares an int with a float exactly, as Python does: `None` where the float is NaN.
fn compare_int_float(a: i64, b: f64) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    if b.is_nan() {
        return None;
    }
    if b >= i64::MAX as f64 {
        return Some(Ordering::Less);
    }
    if b < i64::MIN as f64 {
        return Some(Ordering::Greater);
    }
    let floor = b.floor();
    Some(match a.cmp(&(floor as i64)) {
        Ordering::Equal if b > floor => Ordering::Less,
        other => other,
    })
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

/// Python's `str(x)` of a float: the shortest digits that read back, as `1.0`, `1e+16`, `inf`.
fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let shortest = format!("{x:e}");
    let digits = shortest
        .chars()
        .take_while(|c| *c != 'e')
        .filter(char::is_ascii_digit)
        .count();
    // Of two texts of that length that read back, Python takes the one nearer to `x`.
    let nearest = format!("{x:.0$e}", digits.saturating_sub(1));
    let scientific = if nearest.parse() == Ok(x) {
        nearest
    } else {
        shortest
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if x != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = (digits as i32 - 1 - exponent).max(1) as usize;
    format!("{x:.decimals$}")
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// Python's `int(text, base)`: `None` where it raises a ValueError. What leaves 128 bits is
/// `i128::MAX`.
fn parse_int(text: &str, base: u32) -> Option<i128> {
    // The zeros of other scripts: their digits follow them.
    const ZEROS: [u32; 65] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
        0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
        0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
        0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
    ];
    let ascii = |c: char| match ZEROS.iter().rfind(|zero| **zero <= u32::from(c)) {
        Some(zero) => char::from_digit(u32::from(c) - zero, 10).unwrap_or(c),
        None => c,
    };
    let text: String = text.trim().chars().map(ascii).collect();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let named = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 0,
    };
    let prefixed = named != 0 && (base == 0 || base == named);
    let (radix, digits) = match digits.get(2..) {
        Some(rest) if prefixed => (named, rest.strip_prefix('_').unwrap_or(rest)),
        _ if base == 0 => (10, digits),
        _ => (base, digits),
    };
    // Single underscores stand between digits.
    let well_formed = digits
        .split('_')
        .all(|group| !group.is_empty() && group.chars().all(|c| c.is_digit(radix)));
    let octal_of_old = base == 0 && !prefixed && digits.starts_with('0');
    if !well_formed || (octal_of_old && digits.contains(|c| c != '0' && c != '_')) {
        return None;
    }
    let digits = format!("{sign}{}", digits.replace('_', ""));
    Some(i128::from_str_radix(&digits, radix).unwrap_or(i128::MAX))
}

/// Whether Python's `c.isspace()` holds, which `strip()` and `split()` go by.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// A number of Python: an int or a float, which only the value tells.
#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Number {
    Int(i64),
    Float(f64),
}

impl From<i64> for Number {
    fn from(x: i64) -> Self {
        Number::Int(x)
    }
}

impl From<f64> for Number {
    fn from(x: f64) -> Self {
        Number::Float(x)
    }
}

impl From<Number> for f64 {
    fn from(x: Number) -> Self {
        match x {
            Number::Int(x) => x as f64,
            Number::Float(x) => x,
        }
    }
}

impl<T: Copy + Into<Number>> PartialEq<T> for Number {
    fn eq(&self, other: &T) -> bool {
        self.partial_cmp(other)
            .is_some_and(std::cmp::Ordering::is_eq)
    }
}

/// Exact, also of an int and a float.
impl<T: Copy + Into<Number>> PartialOrd<T> for Number {
    fn partial_cmp(&self, other: &T) -> Option<std::cmp::Ordering> {
        let exact = |a: i64, b: f64| {
            let order = (a as f64).partial_cmp(&b)?;
            Some(order.then(i128::from(a).cmp(&(b as i128))))
        };
        match (*self, (*other).into()) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => exact(a, b),
            (Number::Float(a), Number::Int(b)) => exact(b, a).map(std::cmp::Ordering::reverse),
        }
    }
}

/// Python's `str(x)`.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Int(x) => x.fmt(f),
            Number::Float(x) => f.pad(&float_text(*x)),
        }
    }
}

impl Number {
    /// Python's `round(x, n)` for `n` that is not negative.
    fn round_digits(self, digits: usize) -> Number {
        match self {
            Number::Int(x) => Number::Int(x),
            Number::Float(x) => Number::Float(round_digits(x, digits)),
        }
    }
}

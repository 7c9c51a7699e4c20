//! Parameters that are ints or floats, as they are set and shown.
//!
//! Translated by migrate 0.1.0 from `telling.py`: 43 of 43 statements.
//! Warning MIG0301 line 27: `gain` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 28: `ticks` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "telling", script = "telling.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a6b21ee20d5fe9a9", seal = "550f46fdb0bc8c09"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const ROWS: [(&str, Number, Number); 2] = [
    ("volt", Number::Int(12), Number::Float(0.5)),
    ("amp", Number::Float(2.5), Number::Int(1)),
];

#[derive(Debug, Reflect)]
pub struct Telling {
    state: DriveState,
    gain: Param,
    ticks: Param,
}

impl Freezable for Telling {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.gain, encoder)?;
        Encode::encode(&self.ticks, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.gain = Decode::decode(decoder)?;
        self.ticks = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Telling {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            gain: Param::new("gain", Number::Float(1.5), 0, Number::Int(100)),
            ticks: Param::new("ticks", Number::Int(3), 0, Number::Float(9.5)),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let fast = goal_payload.speed > 1.0;
        if let Err(Raised::ValueError(_, error)) =
            self.gain.set(Number::Float(f64::from(goal_payload.speed)))
        {
            alarm.payload_mut().get_or_insert_default().reason = error;
            return Ok(());
        }
        if let Err(Raised::ValueError(_, error)) =
            self.ticks.set(Number::Int(i64::from(state.missed)))
        {
            alarm.payload_mut().get_or_insert_default().reason = error;
            return Ok(());
        }
        self.ticks.step(if fast {
            Number::Int(1)
        } else {
            Number::Float(0.25)
        });
        self.gain.step(Number::Int(-1));
        let mut text = format!(
            "{}{}{}{}",
            self.gain.to_text(),
            self.ticks.to_text(),
            shown(self.gain.value)?,
            shown(self.ticks.value)?
        );
        let default = defaults_of(if fast { "rate" } else { "trim" })
            .ok_or("telling.py:56: KeyError (no such key, a str)")?;
        text.push_str(&format!(
            "{default} {} {} {} {} {}",
            -default,
            default.abs(),
            default * 2,
            default
                .floor_div(2)
                .ok_or("telling.py:57: ZeroDivisionError: division by zero")?,
            default
                .modulo(3)
                .ok_or("telling.py:57: ZeroDivisionError: modulo by zero")?
        ));
        let mut name: Option<String> = None;
        for &(next_name, base, tolerance) in &ROWS {
            name = Some(next_name.to_string());
            text.push_str(&format!("{} {} {} {} {}", name.clone().ok_or("telling.py:59: UnboundLocalError: cannot access local variable 'name' where it is not associated with a value")?, base.checked_sub(tolerance).ok_or("telling.py:59: an int leaves 64 bits")?, float_text(base.true_div(tolerance).ok_or("telling.py:59: ZeroDivisionError: division by zero")?), base.pow(2).ok_or("telling.py:59: `**`: zero to a negative power, a complex result, or out of range")?, base.round_digits(1)));
        }
        let positive: Vec<Number> = measured_payload
            .ranges
            .iter()
            .filter(|&&x| x > 0.0)
            .map(|&x| f64::from(x))
            .map(Number::Float)
            .collect();
        text.push_str(&format!(
            "{} {}",
            total(&positive)?,
            total(&[Number::Int(1), Number::Int(2)])?
        ));
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = text;
        let text_2 = (name.clone().ok_or("telling.py:63: UnboundLocalError: cannot access local variable 'name' where it is not associated with a value")?, default);
        info!(
            ctx,
            "{} ({}, {})",
            self.ticks.value.to_string(),
            str_repr(&text_2.0),
            text_2.1.to_string()
        );
        // a float does not fit
        alarm_payload.missed = u32::try_from(
            self.ticks
                .value
                .int()
                .ok_or("telling.py:65: a float does not fit `missed`")?,
        )
        .map_err(|_| "telling.py:65: `missed` leaves u32")?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = f64::from(self.gain.value) as f32;
        drive_payload.sector = if self.ticks.value != 0 && self.ticks.value > 5 {
            u8::try_from(
                self.ticks
                    .value
                    .rounded(f64::round_ties_even)
                    .ok_or("telling.py:67: ValueError or OverflowError (round: no 64-bit int)")?,
            )
            .map_err(|_| "telling.py:67: `the value` leaves u8")?
        } else {
            u8::try_from(
                self.gain
                    .value
                    .rounded(f64::trunc)
                    .ok_or("telling.py:67: ValueError or OverflowError (int: no 64-bit int)")?,
            )
            .map_err(|_| "telling.py:67: `the value` leaves u8")?
        };
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    ValueError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::ValueError(at, message) => format!("{at}: ValueError: {message}").into(),
        }
    }
}

/// `DEFAULTS[key]`
fn defaults_of(key: &str) -> Option<Number> {
    Some(match key {
        "gain" => Number::Int(1),
        "rate" => Number::Float(2.5),
        "trim" => Number::Int(0),
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Param {
    name: String,
    value: Number,
    low: i64,
    high: Number,
}

impl Param {
    fn new(name: &str, value: Number, low: i64, high: Number) -> Self {
        Self {
            name: name.to_string(),
            value,
            low,
            high,
        }
    }

    fn set(&mut self, value: Number) -> Result<(), Raised> {
        if !(Number::Int(self.low) <= value && value <= self.high) {
            return Err(Raised::ValueError(
                "telling.py:16",
                format!(
                    "{}: {value} not in [{}, {}]",
                    self.name, self.low, self.high
                ),
            ));
        }
        self.value = value;
        Ok(())
    }

    fn step(&mut self, by: Number) {
        self.value += by;
        self.value = Number::Int(self.low).py_max(self.high.py_min(self.value));
    }

    fn to_text(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

fn shown(x: Number) -> CuResult<String> {
    if matches!(x, Number::Int(_)) {
        return Ok(x
            .rounded(f64::trunc)
            .ok_or("telling.py:33: ValueError or OverflowError (int: no 64-bit int)")?
            .to_string());
    }
    Ok(format!("{} {x:>8}", fixed_text(f64::from(x), 2)))
}

fn total(values: &[Number]) -> CuResult<Number> {
    Ok(values
        .iter()
        .try_fold(Number::Int(0), |sum, &x| sum.checked_add(x))
        .ok_or("telling.py:38: an int leaves 64 bits")?)
}

/// Python's `a // b` on ints: rounds down. `None` where it raises, or leaves 64 bits.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a % b != 0;
    Some(quotient - i64::from(inexact && (a < 0) != (b < 0)))
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

/// Python's `a // b` on floats: `None` where it raises a ZeroDivisionError.
fn float_floor_div(a: f64, b: f64) -> Option<f64> {
    if b == 0.0 {
        return None;
    }
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return Some(0.0_f64.copysign(a / b));
    }
    let floor = quotient.floor();
    Some(if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    })
}

/// Python's `a % b` on floats: the sign is `b`'s. `None` where it raises a ZeroDivisionError.
fn float_modulo(a: f64, b: f64) -> Option<f64> {
    if b == 0.0 {
        return None;
    }
    let rest = a % b;
    if rest == 0.0 {
        return Some(0.0_f64.copysign(b));
    }
    Some(if (b < 0.0) != (rest < 0.0) {
        rest + b
    } else {
        rest
    })
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
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

/// A function of two numbers in Python's `math`, or `**`: `None` where it raises, that is
/// for a NaN from numbers and for an infinity from finite numbers.
fn math2(x: f64, y: f64, function: fn(f64, f64) -> f64) -> Option<f64> {
    let z = function(x, y);
    let raises = (z.is_nan() && !x.is_nan() && !y.is_nan())
        || (z.is_infinite() && x.is_finite() && y.is_finite());
    (!raises).then_some(z)
}

/// Python's `x ** y`: the C library's `pow` in every build; with a known exponent `powf` is
/// another computation in release builds.
fn pow(x: f64, y: f64) -> f64 {
    std::hint::black_box(x).powf(std::hint::black_box(y))
}

/// Python's `a ** n` on ints: `None` where the result leaves 64 bits.
fn int_pow(a: i64, n: i64) -> Option<i64> {
    // Above 64 only 0, 1 and -1 have powers that fit: what counts is whether n is odd.
    let n = if n > 64 { 64 + n % 2 } else { n };
    a.checked_pow(u32::try_from(n).ok()?)
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

/// Python's `a + b`, where the sum of two ints fits 64 bits.
impl<T: Into<Number>> std::ops::Add<T> for Number {
    type Output = Number;

    fn add(self, other: T) -> Number {
        match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a + b),
            (a, b) => Number::Float(f64::from(a) + f64::from(b)),
        }
    }
}

/// Python's `a * b`, where the product of two ints fits 64 bits.
impl<T: Into<Number>> std::ops::Mul<T> for Number {
    type Output = Number;

    fn mul(self, other: T) -> Number {
        match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a * b),
            (a, b) => Number::Float(f64::from(a) * f64::from(b)),
        }
    }
}

/// Python's `a += b`.
impl<T: Into<Number>> std::ops::AddAssign<T> for Number {
    fn add_assign(&mut self, other: T) {
        *self = *self + other;
    }
}

/// Python's `-x`: an int's zero has no sign.
impl std::ops::Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        match self {
            Number::Int(x) => Number::Int(-x),
            Number::Float(x) => Number::Float(-x),
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
    /// Python's `a + b`: `None` where the sum of two ints leaves 64 bits.
    fn checked_add(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a.checked_add(b)?),
            (a, b) => Number::Float(f64::from(a) + f64::from(b)),
        })
    }

    /// Python's `a - b`: `None` where the difference of two ints leaves 64 bits.
    fn checked_sub(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(a.checked_sub(b)?),
            (a, b) => Number::Float(f64::from(a) - f64::from(b)),
        })
    }

    /// Python's `a / b`: `None` where it raises a ZeroDivisionError.
    fn true_div(self, other: impl Into<Number>) -> Option<f64> {
        match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => int_true_div(a, b),
            (a, b) => (b != 0).then(|| f64::from(a) / f64::from(b)),
        }
    }

    /// Python's `a // b`: `None` where it raises, or an int leaves 64 bits.
    fn floor_div(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(floor_div(a, b)?),
            (a, b) => Number::Float(float_floor_div(a.into(), b.into())?),
        })
    }

    /// Python's `a % b`: `None` where it raises.
    fn modulo(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) => Number::Int(modulo(a, b)?),
            (a, b) => Number::Float(float_modulo(a.into(), b.into())?),
        })
    }

    /// Python's `a ** b`: `None` where it raises, or an int leaves 64 bits.
    fn pow(self, other: impl Into<Number>) -> Option<Number> {
        Some(match (self, other.into()) {
            (Number::Int(a), Number::Int(b)) if b >= 0 => Number::Int(int_pow(a, b)?),
            (a, b) => Number::Float(math2(a.into(), b.into(), pow)?),
        })
    }

    /// Python's `abs(x)`.
    fn abs(self) -> Number {
        match self {
            Number::Int(x) => Number::Int(x.abs()),
            Number::Float(x) => Number::Float(x.abs()),
        }
    }

    /// Python's `min(a, b)`: `a` unless `b` is less.
    fn py_min(self, other: impl Into<Number>) -> Number {
        let other = other.into();
        if other < self { other } else { self }
    }

    /// Python's `max(a, b)`: `a` unless `b` is greater.
    fn py_max(self, other: impl Into<Number>) -> Number {
        let other = other.into();
        if other > self { other } else { self }
    }

    /// The int that it is: `None` of a float, also of a whole one.
    fn int(self) -> Option<i64> {
        match self {
            Number::Int(x) => Some(x),
            Number::Float(_) => None,
        }
    }

    /// A whole number as an int, by a rounding of floats: `None` where Python raises, or it
    /// leaves 64 bits.
    fn rounded(self, rounding: fn(f64) -> f64) -> Option<i64> {
        match self {
            Number::Int(x) => Some(x),
            Number::Float(x) => float_to_int(rounding(x)),
        }
    }

    /// Python's `round(x, n)` for `n` that is not negative.
    fn round_digits(self, digits: usize) -> Number {
        match self {
            Number::Int(x) => Number::Int(x),
            Number::Float(x) => Number::Float(round_digits(x, digits)),
        }
    }
}

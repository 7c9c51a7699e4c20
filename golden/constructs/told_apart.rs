//! Operations of which one or another exception comes, and messages that show what was asked.
//!
//! Translated by migrate 0.1.0 from `told_apart.py`: 29 of 29 statements.
//! migrate: task = "told_apart", script = "told_apart.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "b4b5172b865175bd", seal = "3e9ece8dd88c1465"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ToldApart {
    state: DriveState,
}

impl Freezable for ToldApart {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ToldApart {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
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
        let mut last_goal = f64::from(state.last_goal);
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        match ticks(
            f64::from(measured_payload.speed),
            f64::from(goal_payload.speed),
        ) {
            Ok(value) => {
                drive.payload_mut().get_or_insert_default().sector = value.rem_euclid(8) as u8;
            }
            Err(Raised::ZeroDivisionError(..)) => {
                drive.payload_mut().get_or_insert_default().sector = 0;
            }
            Err(Raised::ValueError(_, error)) => {
                alarm.payload_mut().get_or_insert_default().reason = error.clone();
            }
            Err(Raised::OverflowError(..)) => {
                state.missed = state
                    .missed
                    .checked_add(1)
                    .ok_or("told_apart.py:40: `missed` leaves u32")?;
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        // what only the power raises goes through
        match reach(
            f64::from(measured_payload.speed),
            f64::from(goal_payload.speed),
        ) {
            Ok(value) => {
                drive.payload_mut().get_or_insert_default().accel = value as f32;
            }
            Err(Raised::OutOfReach(_, error)) => {
                alarm.payload_mut().get_or_insert_default().reason = format!("too far: {error}");
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        'tried: {
            let error;
            'failed_2: {
                'failed_1: {
                    let value = &alarm.payload().cloned().unwrap_or_default().reason;
                    let operand = &(if !value.is_empty() {
                        value.clone()
                    } else {
                        "2".into()
                    });
                    let Some(value_2) = parse_int(operand, 10) else {
                        error = format!(
                            "invalid literal for int() with base 10: {:.200}",
                            str_repr(operand)
                        );
                        break 'failed_2;
                    };
                    let gear = i64::try_from(value_2)
                        .map_err(|_| "told_apart.py:47: an int leaves 64 bits")?;
                    last_goal = (match limit(gear) {
                        Ok(value) => value,
                        Err(Raised::KeyError(_, text)) => {
                            error = text;
                            break 'failed_1;
                        }
                        Err(error) => {
                            return Err(error.into());
                        }
                    }) * ({
                        let operand_2 = if gear < 3 { "slow" } else { "crawl" };
                        match gears_of(operand_2) {
                            Some(value) => value,
                            None => {
                                error = str_repr(operand_2);
                                break 'failed_1;
                            }
                        }
                    });
                    state.last_goal = last_goal as f32;
                    break 'tried;
                }
                alarm.payload_mut().get_or_insert_default().reason = format!("no gear {error}");
                break 'tried;
            }
            alarm.payload_mut().get_or_insert_default().reason = error.clone();
        }
        // ints here, floats there: small powers are those of the floats
        let gain = if measured_payload.speed > 1.0 {
            2.0
        } else {
            f64::from(goal_payload.speed)
        };
        state.last_goal = (last_goal + math2(gain, 2.0, pow).ok_or("told_apart.py:55: ZeroDivisionError or OverflowError (`**`: zero to a negative power, or out of range)")?) as f32;
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    KeyError(&'static str, String),
    OutOfReach(&'static str, String),
    OverflowError(&'static str, String),
    ValueError(&'static str, String),
    ZeroDivisionError(&'static str, String),
    /// No exception of Python.
    NotPython(CuError),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::KeyError(at, message) => format!("{at}: KeyError: {message}").into(),
            Raised::OutOfReach(at, message) => format!("{at}: OutOfReach: {message}").into(),
            Raised::OverflowError(at, message) => format!("{at}: OverflowError: {message}").into(),
            Raised::ValueError(at, message) => format!("{at}: ValueError: {message}").into(),
            Raised::ZeroDivisionError(at, message) => {
                format!("{at}: ZeroDivisionError: {message}").into()
            }
            Raised::NotPython(error) => error,
        }
    }
}

impl From<CuError> for Raised {
    fn from(error: CuError) -> Self {
        Raised::NotPython(error)
    }
}

impl From<&str> for Raised {
    fn from(text: &str) -> Self {
        Raised::NotPython(text.into())
    }
}

/// Why a float has no int.
fn why_no_int(at: &'static str, x: f64) -> Raised {
    if x.is_nan() {
        Raised::ValueError(at, "cannot convert float NaN to integer".into())
    } else if x.is_infinite() {
        Raised::OverflowError(at, "cannot convert float infinity to integer".into())
    } else {
        Raised::NotPython(format!("{at}: an int leaves 64 bits").into())
    }
}

/// `LIMITS[key]`
fn limits_of(key: i64) -> Option<f64> {
    Some(match key {
        1 => 2.0,
        2 => 4.0,
        3 => 8.0,
        _ => return None,
    })
}

/// `gears[key]`
fn gears_of(key: &str) -> Option<f64> {
    Some(match key {
        "slow" => 0.2,
        "fast" => 0.8,
        _ => return None,
    })
}

/// How many ticks a distance is.
fn ticks(distance: f64, size: f64) -> Result<i64, Raised> {
    let whole = true_div(distance, size)
        .ok_or_else(|| {
            Raised::ZeroDivisionError("told_apart.py:13", "float division by zero".into())
        })?
        .trunc();
    float_to_int(whole).ok_or_else(|| why_no_int("told_apart.py:13", whole))
}

fn reach(speed: f64, decel: f64) -> Result<f64, Raised> {
    let distance = true_div(pow(speed, 2.0), 2.0 * decel).ok_or_else(|| {
        Raised::ZeroDivisionError("told_apart.py:17", "float division by zero".into())
    })?;
    if distance > 50.0 {
        return Err(Raised::OutOfReach(
            "told_apart.py:19",
            format!("at {} m", fixed_text(distance, 1)),
        ));
    }
    Ok(distance)
}

fn limit(gear: i64) -> Result<f64, Raised> {
    limits_of(gear).ok_or_else(|| Raised::KeyError("told_apart.py:24", gear.to_string()))
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
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

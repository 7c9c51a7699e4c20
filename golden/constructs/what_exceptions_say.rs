//! What handlers show of exceptions: the texts of CPython, `repr(e)`, `e.args`.
//!
//! Translated by migrate 0.1.0 from `what_exceptions_say.py`: 66 of 66 statements.
//! Warning MIG0316 line 33: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0301 line 70: `monitor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "what_exceptions_say", script = "what_exceptions_say.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "05bfb594fd4f3d90", seal = "f0f69adbeaead699"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const GEARS: [&str; 3] = ["park", "slow", "fast"];
const LINES: [&str; 5] = ["1.5,2.5", "1.5", "1,2,3", "1,x", "٣,٤"];

#[derive(Debug, Reflect)]
pub struct WhatExceptionsSay {
    state: DriveState,
    monitor: Monitor,
}

impl Freezable for WhatExceptionsSay {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.monitor, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.monitor = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for WhatExceptionsSay {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            monitor: Monitor::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let n = i64::from(state.missed % 5);
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("what_exceptions_say.py:76: `missed` leaves u32")?;
        let Some(goal_payload) = goal.payload() else {
            let error = "'NoneType' object has no attribute 'speed'".to_string();
            let alarm_payload = alarm.payload_mut().get_or_insert_default();
            alarm_payload.reason = error.clone();
            alarm_payload.missed = 1;
            self.state = state;
            return Ok(());
        };
        let mut accel = f64::from(goal_payload.speed);
        let (mut total, mut said) = parsed(LINES[n as usize]);
        match cell(n % 3, n % 2) {
            Ok(value) => {
                accel += value;
            }
            Err(Raised::KeyError(_, error)) => {
                said.push_str(&format!(" no cell {error}"));
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        'tried: {
            let error_as_repr;
            'failed: {
                said.push_str(
                    &(if n < 3 {
                        match after(GEARS[(n % 3) as usize]) {
                            Ok(value) => value,
                            Err(Raised::IndexError(_, text)) => {
                                error_as_repr = format!("IndexError({})", str_repr(&text));
                                break 'failed;
                            }
                            Err(Raised::ValueError(_, text)) => {
                                error_as_repr = format!("ValueError({})", str_repr(&text));
                                break 'failed;
                            }
                            Err(error) => {
                                return Err(error.into());
                            }
                        }
                    } else {
                        match after("back") {
                            Ok(value) => value,
                            Err(Raised::IndexError(_, text)) => {
                                error_as_repr = format!("IndexError({})", str_repr(&text));
                                break 'failed;
                            }
                            Err(Raised::ValueError(_, text)) => {
                                error_as_repr = format!("ValueError({})", str_repr(&text));
                                break 'failed;
                            }
                            Err(error) => {
                                return Err(error.into());
                            }
                        }
                    }),
                );
                break 'tried;
            }
            said.push_str(&format!(" {error_as_repr}"));
        }
        match taken(n) {
            Ok(value) => {
                accel += value as f64;
            }
            Err(Raised::IndexError(_, error)) => {
                said.push_str(&format!(" {error}"));
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        match checked(accel, if n < 4 { "slow" } else { "it's" }) {
            Ok(value) => {
                accel += value;
            }
            Err(Raised::KeyError(_, error)) => {
                let error_as_repr_2 = format!("KeyError({error})");
                said.push_str(&format!(" {error} {error_as_repr_2}"));
            }
            Err(Raised::BadLine(_, error)) => {
                let error_as_repr_3 = format!("BadLine({})", str_repr(&error));
                said.push_str(&format!(" {error} {error_as_repr_3}"));
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        let operand = GEARS[(n % 3) as usize];
        if let Some(value) = limits_of(operand) {
            accel += value;
        } else {
            let error_args_0 = operand.to_string();
            said.push_str(&format!(" missing {error_args_0}"));
        }
        total += self.monitor.drive(accel, n)?;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!("{said} {}", self.monitor.report());
        alarm_payload.missed = n as u32;
        drive.set_payload(Drive {
            accel: (accel + total) as f32,
            sector: n as u8,
        });
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    BadLine(&'static str, String),
    IndexError(&'static str, String),
    KeyError(&'static str, String),
    ValueError(&'static str, String),
    /// No exception of Python.
    NotPython(CuError),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::BadLine(at, message) => format!("{at}: BadLine: {message}").into(),
            Raised::IndexError(at, message) => format!("{at}: IndexError: {message}").into(),
            Raised::KeyError(at, message) => format!("{at}: KeyError: {message}").into(),
            Raised::ValueError(at, message) => format!("{at}: ValueError: {message}").into(),
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

/// `LIMITS[key]`
fn limits_of(key: &str) -> Option<f64> {
    Some(match key {
        "slow" => 0.2,
        "fast" => 0.8,
        _ => return None,
    })
}

/// `CELLS[key]`
fn cells_of(key: (i64, i64)) -> Option<f64> {
    Some(match key {
        (0, 0) => 1.0,
        (1, 0) => 0.5,
        _ => return None,
    })
}

fn parsed(line: &str) -> (f64, String) {
    let parts = line.split(',').collect::<Vec<_>>();
    let [next_x, next_y] = parts[..] else {
        let error_as_repr = format!(
            "ValueError({})",
            str_repr(
                &(if parts.len() < 2 {
                    format!(
                        "not enough values to unpack (expected 2, got {})",
                        parts.len()
                    )
                } else {
                    "too many values to unpack (expected 2)".to_string()
                })
            )
        );
        return (0.0, error_as_repr.clone());
    };
    let x = next_x.to_string();
    let y = next_y.to_string();
    let Some(value) = parse_float(&x) else {
        let error_as_repr = format!(
            "ValueError({})",
            str_repr(&format!(
                "could not convert string to float: {}",
                str_repr(&x)
            ))
        );
        return (0.0, error_as_repr.clone());
    };
    let Some(value_2) = parse_float(&y) else {
        let error_as_repr = format!(
            "ValueError({})",
            str_repr(&format!(
                "could not convert string to float: {}",
                str_repr(&y)
            ))
        );
        return (0.0, error_as_repr.clone());
    };
    (value + value_2, String::new())
}

fn cell(x: i64, y: i64) -> Result<f64, Raised> {
    let operand = (x, y);
    cells_of(operand)
        .ok_or_else(|| Raised::KeyError("what_exceptions_say.py:22", format!("({x}, {y})")))
}

fn after(gear: &str) -> Result<String, Raised> {
    Ok(GEARS[index(
        (GEARS.iter().position(|&x| x == gear).ok_or_else(|| {
            Raised::ValueError(
                "what_exceptions_say.py:26",
                format!("{} is not in list", str_repr(gear)),
            )
        })? + 1) as i64,
        3,
    )
    .ok_or_else(|| {
        Raised::IndexError(
            "what_exceptions_say.py:26",
            "list index out of range".into(),
        )
    })?]
    .to_string())
}

fn taken(n: i64) -> Result<i64, Raised> {
    let mut queue: Vec<i64> = vec![1, 2, 3];
    let mut total: i64 = 0;
    for _ in 0..n {
        total = total
            .checked_add(queue.remove(index(n % 4, queue.len()).ok_or_else(|| {
                Raised::IndexError(
                    "what_exceptions_say.py:33",
                    (if queue.is_empty() {
                        "pop from empty list"
                    } else {
                        "pop index out of range"
                    })
                    .to_string(),
                )
            })?))
            .ok_or("what_exceptions_say.py:33: an int leaves 64 bits")?;
    }
    Ok(total)
}

fn checked(speed: f64, name: &str) -> Result<f64, Raised> {
    if limits_of(name).is_none() {
        return Err(Raised::KeyError(
            "what_exceptions_say.py:39",
            str_repr(name),
        ));
    }
    if speed > 3.0 {
        return Err(Raised::BadLine(
            "what_exceptions_say.py:41",
            format!("too fast for {name}"),
        ));
    }
    Ok(speed
        * limits_of(name)
            .ok_or_else(|| Raised::KeyError("what_exceptions_say.py:42", str_repr(name)))?)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Monitor {
    last_error: Option<String>,
    failures: i64,
}

impl Monitor {
    fn new() -> Self {
        Self {
            last_error: None,
            failures: 0,
        }
    }

    fn drive(&mut self, mut accel: f64, n: i64) -> CuResult<f64> {
        let mut last: Option<String> = None;
        for divisor in 0..n % 3 {
            let divisor_2 = divisor as f64;
            if divisor_2 != 0.0 {
                accel += 1.0 / divisor_2;
            } else {
                let error = "float division by zero";
                last = Some(error.to_string());
            }
        }
        match taken(n) {
            Ok(value) => {
                let result = value as f64 + accel;
                if let Some(last) = &last {
                    self.failures = self
                        .failures
                        .checked_add(last.chars().count() as i64)
                        .ok_or("what_exceptions_say.py:63: `failures` leaves i64")?;
                }
                return Ok(result);
            }
            Err(Raised::IndexError(_, error)) => {
                self.last_error = Some(error.clone());
            }
            Err(error) => {
                if let Some(last) = &last {
                    self.failures = self
                        .failures
                        .checked_add(last.chars().count() as i64)
                        .ok_or("what_exceptions_say.py:63: `failures` leaves i64")?;
                }
                return Err(error.into());
            }
        }
        if let Some(last) = &last {
            self.failures = self
                .failures
                .checked_add(last.chars().count() as i64)
                .ok_or("what_exceptions_say.py:63: `failures` leaves i64")?;
        }
        Ok(accel)
    }

    fn report(&self) -> String {
        if let Some(last_error) = &self.last_error {
            format!("{last_error} {}", self.failures)
        } else {
            "fine".into()
        }
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

/// Python's `float(text)`: `None` where it raises a ValueError.
fn parse_float(text: &str) -> Option<f64> {
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
    // An underscore stands between two digits.
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('_') {
        if !is_digit(before.chars().next_back()) || !is_digit(after.chars().next()) {
            return None;
        }
        rest = after;
    }
    text.replace('_', "").parse().ok()
}

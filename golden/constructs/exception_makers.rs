//! Exceptions whose `__init__` computes something, with methods, told apart in one handler.
//!
//! Translated by migrate 0.1.0 from `exception_makers.py`: 30 of 30 statements.
//! migrate: task = "exception_makers", script = "exception_makers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a601255af47a9c13", seal = "7a5fd44b99b0a462"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ExceptionMakers {
    state: DriveState,
}

impl Freezable for ExceptionMakers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ExceptionMakers {
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
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        match check(
            f64::from(measured_payload.speed),
            f64::from(measured_payload.ranges[0]),
        ) {
            Ok(value) => {
                drive.payload_mut().get_or_insert_default().accel = value as f32;
            }
            Err(Raised::HotError(_, _, e_limit, e_name, e_severity, e_value)) => {
                let e_class_name = "HotError";
                let alarm_payload = alarm.payload_mut().get_or_insert_default();
                alarm_payload.reason = if e_class_name == "HotError" {
                    hot_error_describe(e_limit, &e_name, e_value)
                } else {
                    sensor_error_describe(e_limit, &e_name, e_value)
                };
                alarm_payload.missed = e_severity as u32;
                if e_class_name == "HotError" {
                    state.missed = state
                        .missed
                        .checked_add(1)
                        .ok_or("exception_makers.py:57: `missed` leaves u32")?;
                }
                state.last_goal = py_min(excess(e_limit, e_value), 100.0) as f32;
            }
            Err(Raised::SensorError(_, _, e_limit, e_name, e_severity, e_value)) => {
                let e_class_name = "SensorError";
                let alarm_payload = alarm.payload_mut().get_or_insert_default();
                alarm_payload.reason = if e_class_name == "HotError" {
                    hot_error_describe(e_limit, &e_name, e_value)
                } else {
                    sensor_error_describe(e_limit, &e_name, e_value)
                };
                alarm_payload.missed = e_severity as u32;
                if e_class_name == "HotError" {
                    state.missed = state
                        .missed
                        .checked_add(1)
                        .ok_or("exception_makers.py:57: `missed` leaves u32")?;
                }
                state.last_goal = py_min(excess(e_limit, e_value), 100.0) as f32;
            }
            Err(Raised::Other(_, e)) => {
                alarm.payload_mut().get_or_insert_default().reason = format!("other: {e}");
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    HotError(&'static str, String, f64, String, i64, f64),
    Other(&'static str, String),
    SensorError(&'static str, String, f64, String, i64, f64),
    ZeroDivisionError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::HotError(at, message, ..) => format!("{at}: HotError: {message}").into(),
            Raised::Other(at, message) => format!("{at}: Other: {message}").into(),
            Raised::SensorError(at, message, ..) => format!("{at}: SensorError: {message}").into(),
            Raised::ZeroDivisionError(at, message) => {
                format!("{at}: ZeroDivisionError: {message}").into()
            }
        }
    }
}

fn new_sensor_error(name: &str, value: f64, limit: f64) -> (String, f64, String, f64) {
    let mut text = format!("{name} reads {}", fixed_text(value, 1));
    if value > limit {
        text.push_str(&format!(", over {}", float_text(limit)));
    }
    let message = text;
    (message, limit, name.to_string(), value)
}

fn excess(limit: f64, value: f64) -> f64 {
    value - limit
}

fn sensor_error_describe(limit: f64, name: &str, value: f64) -> String {
    format!("<{name} by {}>", fixed_text(excess(limit, value), 2))
}

fn hot_error_describe(limit: f64, name: &str, value: f64) -> String {
    format!("hot {}", sensor_error_describe(limit, name, value))
}

fn check(speed: f64, near: f64) -> Result<f64, Raised> {
    if speed > 3.0 {
        let (message, limit_given, name_given, value_given) = new_sensor_error("speed", speed, 3.0);
        return Err(Raised::HotError(
            "exception_makers.py:37",
            message.to_string(),
            limit_given,
            name_given.clone(),
            3,
            value_given,
        ));
    }
    if near > 2.0 {
        let (message, limit_given, name_given, value_given) = new_sensor_error("range", near, 10.0);
        return Err(Raised::SensorError(
            "exception_makers.py:39",
            message.to_string(),
            limit_given,
            name_given.clone(),
            1,
            value_given,
        ));
    }
    if near < -2.0 {
        return Err(Raised::Other(
            "exception_makers.py:41",
            "behind the wall".into(),
        ));
    }
    true_div(speed, near).ok_or_else(|| {
        Raised::ZeroDivisionError("exception_makers.py:42", "float division by zero".into())
    })
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
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

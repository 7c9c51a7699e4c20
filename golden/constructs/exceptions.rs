//! Exceptions raised, caught, told apart, and passed on.
//!
//! Translated by migrate 0.1.0 from `exceptions.py`: 47 of 47 statements.
//! migrate: task = "exceptions", script = "exceptions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "067bf6bfdb3a8f05", seal = "b70ef5f165662e39"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MAX_SPEED: f64 = 12.0;

#[derive(Debug, Reflect)]
pub struct Exceptions {
    state: DriveState,
}

impl Freezable for Exceptions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Exceptions {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
        })
    }

    #[allow(clippy::neg_cmp_op_on_partial_ord)]
    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let accel_out: f64;
        let Some(goal_payload) = goal.payload() else {
            // Nothing to drive to yet.
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("exceptions.py:46: `missed` leaves u32")?;
            self.state = state;
            return Ok(());
        };
        let wanted = f64::from(goal_payload.speed);
        let speed: f64;
        let error;
        'tried: {
            'failed_2: {
                'failed_1: {
                    let Some(measured_payload) = measured.payload() else {
                        break 'failed_1;
                    };
                    speed = match checked(f64::from(measured_payload.speed)) {
                        Ok(value) => value,
                        Err(Raised::ValueError(..)) => {
                            break 'failed_1;
                        }
                        Err(Raised::OverSpeed(_, text)) => {
                            error = text;
                            break 'failed_2;
                        }
                        Err(error) => {
                            return Err(error.into());
                        }
                    };
                    break 'tried;
                }
                speed = 0.0;
                break 'tried;
            }
            alarm.payload_mut().get_or_insert_default().reason = error.clone();
            speed = MAX_SPEED;
        }
        match scaled(wanted - speed, f64::from(state.last_goal)) {
            Ok(accel) => {
                accel_out = accel;
                drive.payload_mut().get_or_insert_default().accel = accel_out as f32;
                drive.payload_mut().get_or_insert_default().sector = 1;
            }
            Err(Raised::OverSpeed(..)) => {
                accel_out = 0.0;
                drive.payload_mut().get_or_insert_default().accel = accel_out as f32;
            }
            Err(Raised::DriveError(at, error)) => {
                info!(ctx, "not driven: {}", &error);
                return Err(Raised::DriveError(at, error).into());
            }
            Err(error) => {
                return Err(error.into());
            }
        }
        state.last_goal = wanted as f32;
        let mut nearest = 0.0;
        let measured_payload = measured
            .payload()
            .ok_or("exceptions.py:70: AttributeError (`measured` is None)")?;
        for i in 0..8 {
            let Some(at) = index(i as i64, 4) else {
                break;
            };
            let divisor = f64::from(measured_payload.ranges[at]);
            if divisor == 0.0 {
                continue;
            }
            nearest = py_max(nearest, 1.0 / divisor);
        }
        let ratio: f64;
        let mut root: f64;
        'tried_2: {
            'failed_2: {
                let Some(value) = math(nearest - 1.0, f64::sqrt) else {
                    break 'failed_2;
                };
                root = value;
                let Some(value_2) = math(nearest, f64::ln) else {
                    break 'failed_2;
                };
                if root == 0.0 {
                    break 'failed_2;
                }
                ratio = value_2 / root;
                break 'tried_2;
            }
            root = 0.0;
            ratio = 1.0;
        }
        if !(root >= 0.0) {
            return Err(format!(
                "exceptions.py:83: AssertionError: root {}",
                fixed_text(root, 2)
            )
            .into());
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (accel_out + share(root, ratio)) as f32;
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    DriveError(&'static str, String),
    OverSpeed(&'static str, String),
    ValueError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::DriveError(at, message) => format!("{at}: DriveError: {message}").into(),
            Raised::OverSpeed(at, message) => format!("{at}: OverSpeed: {message}").into(),
            Raised::ValueError(at, message) => format!("{at}: ValueError: {message}").into(),
        }
    }
}

/// The speed, if it is one.
fn checked(speed: f64) -> Result<f64, Raised> {
    if speed.is_nan() {
        return Err(Raised::ValueError("exceptions.py:20", "no speed".into()));
    }
    if speed.abs() > MAX_SPEED {
        return Err(Raised::OverSpeed(
            "exceptions.py:22",
            format!("beyond {}", float_text(MAX_SPEED)),
        ));
    }
    Ok(speed)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 {
        return 0.0;
    }
    part / whole
}

fn scaled(speed: f64, by: f64) -> Result<f64, Raised> {
    let dividend = checked(speed)?;
    if by == 0.0 {
        return Err(Raised::DriveError("exceptions.py:37", "no scale".into()));
    }
    Ok(dividend / by)
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
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

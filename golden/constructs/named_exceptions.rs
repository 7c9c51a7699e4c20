//! Exceptions that show the name of their class, and what one alone was made with.
//!
//! Translated by migrate 0.1.0 from `named_exceptions.py`: 18 of 18 statements.
//! migrate: task = "named_exceptions", script = "named_exceptions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "4193256a995d5455", seal = "7430adc3ed12845e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct NamedExceptions {
    state: DriveState,
}

impl Freezable for NamedExceptions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for NamedExceptions {
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
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let Some(goal_payload) = goal.payload() else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("named_exceptions.py:37: `missed` leaves u32")?;
            return Ok(());
        };
        let mut accel = 0.0;
        match pick(py_min(
            if -5.0 > f64::from(goal_payload.speed) {
                -5.0
            } else {
                f64::from(goal_payload.speed)
            },
            5.0,
        )) {
            Ok(value) => {
                accel = value;
            }
            Err(Raised::Stopped(_, e)) => {
                alarm.set_payload(Alarm {
                    reason: format!("stopped {e}"),
                    missed: 1,
                });
            }
            Err(
                Raised::OutOfStock(_, e, e_part, e_retry)
                | Raised::PickError(_, e, e_part, e_retry),
            ) => {
                alarm.set_payload(Alarm {
                    reason: format!("{e}{e_part}"),
                    missed: if e_retry { 2 } else { 3 },
                });
            }
        }
        drive.set_payload(Drive {
            accel: accel as f32,
            sector: 0,
        });
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    OutOfStock(&'static str, String, String, bool),
    PickError(&'static str, String, String, bool),
    Stopped(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::OutOfStock(at, message, ..) => format!("{at}: OutOfStock: {message}").into(),
            Raised::PickError(at, message, ..) => format!("{at}: PickError: {message}").into(),
            Raised::Stopped(at, message) => format!("{at}: Stopped: {message}").into(),
        }
    }
}

fn pick(speed: f64) -> Result<f64, Raised> {
    if speed > 2.0 {
        return Err(Raised::OutOfStock(
            "named_exceptions.py:26",
            "OutOfStock(A: none)".into(),
            "A".into(),
            false,
        ));
    }
    if speed > 1.0 {
        return Err(Raised::PickError(
            "named_exceptions.py:28",
            "PickError(B)".into(),
            "B".into(),
            true,
        ));
    }
    if speed < -1.0 {
        return Err(Raised::Stopped(
            "named_exceptions.py:30",
            format!("at {}", fixed_text(speed, 1)),
        ));
    }
    Ok(speed)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

//! Exceptions of the file that keep more than a message.
//!
//! Translated by migrate 0.1.0 from `kept_exceptions.py`: 29 of 29 statements.
//! Warning MIG0301 line 56: `drive` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "kept_exceptions", script = "kept_exceptions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ef89283e09a63ba9", seal = "d9e98cc4c415d0c2"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MAX_SPEED: f64 = 12.0;

#[derive(Debug, Reflect)]
pub struct KeptExceptions {
    state: DriveState,
    drive: DriveObject,
}

impl Freezable for KeptExceptions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.drive, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.drive = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for KeptExceptions {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            drive: DriveObject::new(),
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
        let state = &self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        'tried: {
            let error_class_name;
            let error;
            'failed_2: {
                let fault;
                let fault_code;
                let fault_wheel;
                'failed_1: {
                    let left = match self.drive.checked("left", f64::from(goal_payload.speed)) {
                        Ok(value) => value,
                        Err(
                            Raised::DriveFault(_, text, code, wheel)
                            | Raised::OverSpeed(_, text, code, _, wheel),
                        ) => {
                            fault_code = code;
                            fault_wheel = wheel;
                            fault = text;
                            break 'failed_1;
                        }
                        Err(error) => {
                            return Err(error.into());
                        }
                    };
                    let right = match self
                        .drive
                        .checked("right", f64::from(measured_payload.speed))
                    {
                        Ok(value) => value,
                        Err(
                            Raised::DriveFault(_, text, code, wheel)
                            | Raised::OverSpeed(_, text, code, _, wheel),
                        ) => {
                            fault_code = code;
                            fault_wheel = wheel;
                            fault = text;
                            break 'failed_1;
                        }
                        Err(error) => {
                            return Err(error.into());
                        }
                    };
                    drive.payload_mut().get_or_insert_default().accel = (left - right
                        + (match ask(state) {
                            Ok(value) => value,
                            Err(Raised::LinkError(_, text)) => {
                                error_class_name = "LinkError";
                                error = text;
                                break 'failed_2;
                            }
                            Err(error) => {
                                return Err(error.into());
                            }
                        }))
                        as f32;
                    break 'tried;
                }
                alarm.payload_mut().get_or_insert_default().reason =
                    format!("{fault_code} {fault_wheel}: {fault}");
                break 'tried;
            }
            alarm.payload_mut().get_or_insert_default().reason =
                format!("{error_class_name}: {error}");
        }
        drive.payload_mut().get_or_insert_default().sector = (self.drive.checks % 4) as u8;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    DriveFault(&'static str, String, i64, String),
    LinkError(&'static str, String),
    OverSpeed(&'static str, String, i64, f64, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::DriveFault(at, message, ..) => format!("{at}: DriveFault: {message}").into(),
            Raised::LinkError(at, message) => format!("{at}: LinkError: {message}").into(),
            Raised::OverSpeed(at, message, ..) => format!("{at}: OverSpeed: {message}").into(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct DriveObject {
    faults: i64,
    checks: i64,
}

impl DriveObject {
    fn new() -> Self {
        Self {
            faults: 0,
            checks: 0,
        }
    }

    fn check(&self, wheel: &str, speed: f64) -> Result<f64, Raised> {
        if speed > MAX_SPEED {
            return Err(Raised::OverSpeed(
                "kept_exceptions.py:39",
                format!("{wheel} at {}", fixed_text(speed, 1)),
                2,
                speed - MAX_SPEED,
                if !wheel.is_empty() {
                    wheel.to_string()
                } else {
                    "all".into()
                },
            ));
        }
        if speed < 0.0 {
            return Err(Raised::DriveFault(
                "kept_exceptions.py:41",
                "backwards".into(),
                1,
                "all".into(),
            ));
        }
        Ok(speed)
    }

    fn checked(&mut self, wheel: &str, speed: f64) -> Result<f64, Raised> {
        match self.check(wheel, speed) {
            Ok(value) => {
                let result = value;
                self.checks += 1;
                Ok(result)
            }
            Err(Raised::OverSpeed(at, text, code, fault_excess, wheel)) => {
                self.faults += 1;
                if fault_excess < 1.0 {
                    let result_2 = MAX_SPEED;
                    self.checks += 1;
                    return Ok(result_2);
                }
                self.checks += 1;
                Err(Raised::OverSpeed(at, text, code, fault_excess, wheel))
            }
            Err(error) => {
                self.checks += 1;
                Err(error)
            }
        }
    }
}

fn ask(state: &DriveState) -> Result<f64, Raised> {
    if state.missed > 3 {
        return Err(Raised::LinkError(
            "kept_exceptions.py:61",
            format!("no answer after {}", state.missed),
        ));
    }
    Ok(f64::from(state.last_goal))
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

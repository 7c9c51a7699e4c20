//! Attributes by names in a list, flags among flags, functions with some arguments given.
//!
//! Translated by migrate 0.1.0 from `listed.py`: 50 of 50 statements.
//! Warning MIG0301 line 57: `motor` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "listed", script = "listed.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "040d5e3e2af4b82c", seal = "c9afcaab18cb83e7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Listed {
    state: DriveState,
    motor: Motor,
}

impl Freezable for Listed {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.motor, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.motor = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Listed {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            motor: Motor::new(1.5, 2.0, 0.02)?,
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
        let state = &mut self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("listed.py:63: `missed` leaves u32")?;
            return Ok(());
        };
        self.motor
            .look(f64::from(measured_payload.speed), &measured_payload.ranges);
        if self.motor.faults & (Fault::HOT | Fault::LOST) != Fault::HOT | Fault::LOST
            && self.motor.gain > 0.01
        {
            self.motor.scale(0.99);
        }
        let gain = gains_of(if goal_payload.speed > 0.0 {
            "fast"
        } else {
            "slow"
        })
        .ok_or("listed.py:68: KeyError (no such key, a str)")?
            * self.motor.gain;
        let reach = self.motor.reach;
        'tried: {
            let e;
            'failed: {
                if let Err(Raised::ValueError(_, text)) = self.motor.check() {
                    e = text;
                    break 'failed;
                }
                alarm.set_payload(Alarm {
                    reason: self.motor.words().join("+"),
                    missed: self.motor.faults as u32,
                });
                break 'tried;
            }
            alarm.set_payload(Alarm {
                reason: e,
                missed: 0,
            });
        }
        drive.set_payload(Drive {
            accel: [self.motor.gain, self.motor.reach]
                .iter()
                .fold(0.0, |sum, &x| sum + x) as f32,
            sector: if limited(f64::from(goal_payload.speed), gain, reach)
                > limited(1.0, gain, reach)
            {
                1
            } else {
                0
            },
        });
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

/// `GAINS[key]`
fn gains_of(key: &str) -> Option<f64> {
    Some(match key {
        "slow" => 0.5,
        "fast" => 2.0,
        _ => return None,
    })
}

#[derive(Debug, Clone)]
struct Fault;

impl Fault {
    const NONE: i64 = 0;
    const HOT: i64 = 1;
    const STALLED: i64 = 2;
    const LOST: i64 = 4;
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    gain: f64,
    reach: f64,
    period: f64,
    faults: i64,
}

impl Motor {
    fn new(gain: f64, reach: f64, period: f64) -> CuResult<Self> {
        let this = Self {
            gain,
            reach,
            period,
            faults: Fault::NONE,
        };
        this.check()?;
        Ok(this)
    }

    fn check(&self) -> Result<(), Raised> {
        let value = self.gain;
        if value <= 0.0 {
            return Err(Raised::ValueError(
                "listed.py:30",
                format!("gain is {}", float_text(value)),
            ));
        }
        let value = self.reach;
        if value <= 0.0 {
            return Err(Raised::ValueError(
                "listed.py:30",
                format!("reach is {}", float_text(value)),
            ));
        }
        let value = self.period;
        if value <= 0.0 {
            return Err(Raised::ValueError(
                "listed.py:30",
                format!("period is {}", float_text(value)),
            ));
        }
        Ok(())
    }

    fn scale(&mut self, by: f64) {
        self.gain = 4.0_f64.min(self.gain * by);
        self.reach = 4.0_f64.min(self.reach * by);
    }

    fn look(&mut self, speed: f64, ranges: &[f32; 4]) {
        // What was wrong before counts no more.
        self.faults = Fault::NONE;
        if speed > 1.0 {
            self.faults |= Fault::HOT;
        }
        if speed < -1.0 {
            self.faults |= Fault::STALLED | Fault::LOST;
        }
        if self.faults & Fault::LOST == Fault::LOST && ranges[0] > 0.0 {
            self.faults &= 5;
        }
    }

    fn words(&self) -> Vec<String> {
        let mut found: Vec<String> = ["hot", "lost"]
            .into_iter()
            .zip([Fault::HOT, Fault::LOST])
            .filter(|&(_, bit)| self.faults & bit == bit)
            .map(|(word, _)| word.to_string())
            .collect();
        if self.faults & Fault::STALLED != Fault::STALLED {
            found.push("moving".to_string());
        }
        found
    }
}

fn drive(gain: f64, reach: f64, speed: f64) -> f64 {
    py_max(-reach, py_min(reach, gain * speed))
}

fn limited(speed: f64, gain: f64, reach: f64) -> f64 {
    drive(gain, reach, speed)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
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

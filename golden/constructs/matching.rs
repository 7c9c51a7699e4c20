//! `match`: literals, alternatives, guards, captures, tuples, None, classes.
//!
//! Translated by migrate 0.1.0 from `matching.py`: 41 of 41 statements.
//! Warning MIG0301 line 50: `box` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "matching", script = "matching.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6106d9b1b4d5d25a", seal = "e253f78f6621b518"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Matching {
    state: DriveState,
    box_: Box,
}

impl Freezable for Matching {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.box_, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.box_ = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Matching {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            box_: Box::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let n = float_to_int(
            py_min(
                if -3.0 > f64::from(goal_payload.speed) {
                    -3.0
                } else {
                    f64::from(goal_payload.speed)
                },
                9.0,
            )
            .trunc(),
        )
        .ok_or("matching.py:69: ValueError or OverflowError (int: no 64-bit int)")?;
        let fine = self.box_.shift(
            Request {
                kind: n.rem_euclid(3),
                speed: f64::from(goal_payload.speed),
            },
            measured_payload.speed == 0.0,
        );
        let mut power = match (fine, n.rem_euclid(4)) {
            (true, 0) => 0.0,
            (true, k) => 0.1 * k as f64,
            (false, _) => -1.0,
        };
        if measured_payload.ranges[0] == 0.0 {
            power += 0.5;
        } else if measured_payload.ranges[0] < measured_payload.ranges[3] {
            let a = f64::from(measured_payload.ranges[0]);
            let b = f64::from(measured_payload.ranges[3]);
            power += b - a;
        }
        drive.payload_mut().get_or_insert_default().accel = self.box_.cap(power) as f32;
        let subject = name_of(n);
        match subject {
            "none" | "few" => {
                let text = subject.to_string();
                alarm.payload_mut().get_or_insert_default().reason = text;
            }
            "negative" => {
                alarm.payload_mut().get_or_insert_default().missed = 1;
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Gear {
    Park,
    Drive,
    Reverse,
}

#[derive(Debug, Clone, Copy)]
struct Request {
    kind: i64,
    speed: f64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Box {
    gear: Gear,
    limit: Option<f64>,
}

impl Box {
    fn new() -> Self {
        Self {
            gear: Gear::Park,
            limit: None,
        }
    }

    fn shift(&mut self, request: Request, still: bool) -> bool {
        match self.gear {
            Gear::Park => {
                self.gear = Gear::Drive;
            }
            Gear::Drive if !still => {
                // Not while the wheels turn.
                return false;
            }
            Gear::Drive | Gear::Reverse => {
                self.gear = Gear::Park;
            }
        }
        if request.kind == 0 {
            self.limit = None;
        } else if request.kind == 1 && request.speed > 0.0 {
            let s = request.speed;
            self.limit = Some(s);
        } else {
            self.gear = Gear::Reverse;
        }
        true
    }

    fn cap(&self, v: f64) -> f64 {
        match self.limit {
            None => v,
            Some(limit) => {
                if limit < v {
                    limit
                } else {
                    v
                }
            }
        }
    }
}

fn name_of(code: i64) -> &'static str {
    match code {
        0 => "none",
        1..=3 => "few",
        n if n < 0 => "negative",
        _ => "many",
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

//! Dicts of literal keys that do not all have the same keys: structs with optional entries.
//!
//! Translated by migrate 0.1.0 from `partial_records.py`: 36 of 36 statements.
//! Warning MIG0301 line 5: `MISSION_LEGS` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 36: `mission` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "partial_records", script = "partial_records.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ac2e346216fe6c37", seal = "e719ba62b68a040f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct PartialRecords {
    state: DriveState,
    mission_legs: Vec<MissionLeg>,
    mission: Mission,
}

impl Freezable for PartialRecords {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.mission_legs, encoder)?;
        Encode::encode(&self.mission, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.mission_legs = Decode::decode(decoder)?;
        self.mission = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for PartialRecords {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            mission_legs: vec![
                MissionLeg {
                    kind: "goto".into(),
                    x: Some(4.0),
                    speed: Some(2.0),
                    ticks: None,
                },
                MissionLeg {
                    kind: "wait".into(),
                    ticks: Some(3),
                    speed: None,
                    x: None,
                },
                MissionLeg {
                    kind: "goto".into(),
                    x: Some(-2.0),
                    speed: None,
                    ticks: None,
                },
            ],
            mission: Mission::new(),
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
        let (Some(_), Some(measured_payload)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        let mut report = check(measured_payload);
        report.missed = Some(self.mission.status.legs);
        if report.ok {
            drive.payload_mut().get_or_insert_default().accel = self
                .mission
                .step(f64::from(measured_payload.speed), &self.mission_legs)?
                as f32;
        } else {
            drive.payload_mut().get_or_insert_default().accel = -report.value.unwrap_or(0.0) as f32;
            alarm.set_payload(Alarm {
                reason: report
                    .reason
                    .as_deref()
                    .ok_or("partial_records.py:58: KeyError: 'reason'")?
                    .to_string(),
                missed: u32::try_from(
                    report
                        .missed
                        .ok_or("partial_records.py:58: KeyError: 'missed'")?,
                )
                .map_err(|_| "partial_records.py:58: `missed` leaves u32")?,
            });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct MissionLeg {
    kind: String,
    speed: Option<f64>,
    ticks: Option<i64>,
    x: Option<f64>,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Status {
    state: String,
    legs: i64,
}

#[derive(Debug, Clone)]
struct Check {
    ok: bool,
    missed: Option<i64>,
    reason: Option<String>,
    value: Option<f64>,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Mission {
    leg: i64,
    ticks: i64,
    status: Status,
}

impl Mission {
    fn new() -> Self {
        Self {
            leg: 0,
            ticks: 0,
            status: Status {
                state: "idle".into(),
                legs: 0,
            },
        }
    }

    fn next_leg(&mut self, mission_legs: &[MissionLeg]) -> CuResult<()> {
        self.leg = modulo(self.leg + 1, mission_legs.len() as i64)
            .ok_or("partial_records.py:17: ZeroDivisionError: integer modulo by zero")?;
        self.ticks = 0;
        let value = self
            .status
            .legs
            .checked_add(1)
            .ok_or("partial_records.py:19: an int leaves 64 bits")?;
        self.status.state = "running".into();
        self.status.legs = value;
        Ok(())
    }

    fn step(&mut self, x: f64, mission_legs: &[MissionLeg]) -> CuResult<f64> {
        let leg = mission_legs[index(self.leg, mission_legs.len())
            .ok_or("partial_records.py:22: IndexError: list index out of range")?]
        .clone();
        if leg.kind == "wait" {
            self.ticks += 1;
            if self.ticks
                >= leg
                    .ticks
                    .ok_or("partial_records.py:25: KeyError: 'ticks'")?
            {
                self.next_leg(mission_legs)?;
            }
            return Ok(0.0);
        }
        let error = leg.x.ok_or("partial_records.py:28: KeyError: 'x'")? - x;
        if error.abs() < 0.1 {
            self.next_leg(mission_legs)?;
        }
        if leg.speed.is_some() && error > 0.0 {
            return Ok(leg
                .speed
                .ok_or("partial_records.py:32: KeyError: 'speed'")?);
        }
        Ok(error * 0.5)
    }
}

/// What is wrong, if anything is.
fn check(measured: &Measured) -> Check {
    if measured.speed > 30.0 {
        return Check {
            ok: false,
            reason: Some("too fast".into()),
            value: Some(f64::from(measured.speed)),
            missed: None,
        };
    }
    Check {
        ok: true,
        missed: None,
        reason: None,
        value: None,
    }
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

/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 {
        i.checked_add(i64::try_from(len).ok()?)?
    } else {
        i
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}

//! Flags: one int, whose bits have names.
//!
//! Translated by migrate 0.1.0 from `flags.py`: 37 of 37 statements.
//! Warning MIG0301 line 20: `faults` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "flags", script = "flags.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5bb2d910c234b3e2", seal = "010c8c11f1238758"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const FAULT_NONE: Fault = Fault { value: 0 };
const FAULT_FAST: Fault = Fault { value: 1 };
const FAULT_SLOW: Fault = Fault { value: 2 };
const FAULT_BLIND: Fault = Fault { value: 4 };
const FAULT_SPEED: Fault = Fault { value: 3 };

#[derive(Debug, Reflect)]
pub struct Flags {
    state: DriveState,
    faults: Fault,
}

impl Freezable for Flags {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.faults, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.faults = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Flags {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            faults: FAULT_NONE,
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
        if goal_payload.speed > 10.0 {
            self.faults = self.faults.or(FAULT_FAST);
        } else if goal_payload.speed < 1.0 {
            self.faults = self.faults.or(FAULT_SLOW);
        } else {
            self.faults = self.faults.and(FAULT_SPEED.invert());
        }
        if measured_payload.speed < 0.0 {
            self.faults = self.faults.xor(FAULT_BLIND);
        }
        if !self.faults.is_true() {
            drive.payload_mut().get_or_insert_default().accel = goal_payload.speed;
        } else if self.faults.and(FAULT_SPEED).is_true() && !self.faults.stops() {
            drive.payload_mut().get_or_insert_default().accel = 0.5;
        }
        let mut count: i64 = 0;
        for fault in [FAULT_FAST, FAULT_SLOW, FAULT_BLIND] {
            if self.faults.contains(fault) {
                count += 1;
            }
        }
        drive.payload_mut().get_or_insert_default().sector = self.faults.value as u8;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed =
            u32::try_from(count).map_err(|_| "flags.py:45: `missed` leaves u32")?;
        alarm_payload.reason = self.faults.to_text();
        if let Ok(value) = fault_of(i64::from(state.missed)) {
            self.faults = value;
        } else {
            alarm_payload.reason = "no such fault".into();
        }
        Ok(())
    }
}

fn fault_of(value: i64) -> CuResult<Fault> {
    if !(-8..=7).contains(&value) {
        return Err("flags.py:6: ValueError (with arguments)".into());
    }
    if value < 0 {
        return Ok(Fault { value: value + 8 });
    }
    Ok(Fault { value })
}

/// What is wrong with the drive.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Fault {
    value: i64,
}

impl Fault {
    fn or(&self, other: Self) -> Self {
        Self {
            value: self.value | other.value,
        }
    }

    fn and(&self, other: Self) -> Self {
        Self {
            value: self.value & other.value,
        }
    }

    fn xor(&self, other: Self) -> Self {
        Self {
            value: self.value ^ other.value,
        }
    }

    fn invert(&self) -> Self {
        Self {
            value: self.value ^ 7,
        }
    }

    fn contains(&self, other: Self) -> bool {
        self.value & other.value == other.value
    }

    fn is_true(&self) -> bool {
        self.value != 0
    }

    fn name(&self) -> String {
        if self.value == 0 {
            return "NONE".into();
        }
        if self.value == 3 {
            return "SPEED".into();
        }
        let mut names: Vec<String> = Vec::new();
        if self.value & 1 != 0 {
            names.push("FAST".to_string());
        }
        if self.value & 2 != 0 {
            names.push("SLOW".to_string());
        }
        if self.value & 4 != 0 {
            names.push("BLIND".to_string());
        }
        names.join("|")
    }

    fn to_text(self) -> String {
        format!("Fault.{}", self.name())
    }

    fn stops(&self) -> bool {
        self.contains(FAULT_BLIND) || *self == FAULT_SPEED
    }
}

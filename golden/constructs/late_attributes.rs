//! Attributes that another method than `__init__` sets, of one class and of a family.
//!
//! Translated by migrate 0.1.0 from `late_attributes.py`: 24 of 24 statements.
//! Warning MIG0301 line 33: `commands` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 34: `at` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! migrate: task = "late_attributes", script = "late_attributes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a0841fb3580e40ef", seal = "ac2a454d4e24b9e2"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct LateAttributes {
    state: DriveState,
    commands: Vec<Command>,
    at: i64,
}

impl Freezable for LateAttributes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.commands, encoder)?;
        Encode::encode(&self.at, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.commands = Decode::decode(decoder)?;
        self.at = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for LateAttributes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            commands: vec![
                Command::DriveObject(DriveObject::new(3.0)),
                Command::Wait(Wait::new()),
            ],
            at: 0,
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let current = index(self.at, self.commands.len())
            .ok_or("late_attributes.py:42: IndexError: list index out of range")?;
        for command in &mut self.commands {
            let value = f64::from(measured_payload.ranges[1]);
            command.set_now(value);
        }
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed > 1.0
        {
            self.commands[current].start(f64::from(measured_payload.ranges[0]));
        }
        match self.commands[current].done(f64::from(measured_payload.ranges[2])) {
            Ok(value_2) => {
                if value_2 {
                    self.at = 1 - self.at;
                    drive.payload_mut().get_or_insert_default().sector = self.at as u8;
                }
            }
            Err(Raised::AttributeError(_, e)) => {
                alarm.payload_mut().get_or_insert_default().reason =
                    format!("{}: {e}", self.commands[current].name());
            }
        }
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    AttributeError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::AttributeError(at, message) => {
                format!("{at}: AttributeError: {message}").into()
            }
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Command {
    DriveObject(DriveObject),
    Wait(Wait),
}

impl Command {
    fn start(&mut self, distance: f64) {
        match self {
            Self::DriveObject(drive) => {
                drive.start(distance);
            }
            Self::Wait(wait) => {
                wait.start(distance);
            }
        }
    }

    fn done(&self, distance: f64) -> Result<bool, Raised> {
        match self {
            Self::DriveObject(drive) => drive.done(distance),
            Self::Wait(wait) => Ok(wait.done(distance)),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::DriveObject(drive) => drive.name.clone(),
            Self::Wait(wait) => wait.name.clone(),
        }
    }

    fn set_now(&mut self, value: f64) {
        match self {
            Self::DriveObject(_) => {}
            Self::Wait(wait) => {
                wait.now = value;
            }
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct DriveObject {
    begun: Option<f64>,
    name: String,
    length: f64,
}

impl DriveObject {
    fn new(length: f64) -> Self {
        Self {
            begun: None,
            name: "drive".into(),
            length,
        }
    }

    fn start(&mut self, distance: f64) {
        self.begun = Some(distance);
    }

    fn done(&self, distance: f64) -> Result<bool, Raised> {
        let Some(begun) = self.begun else {
            return Err(Raised::AttributeError(
                "late_attributes.py:21",
                "'Drive' object has no attribute 'begun'".into(),
            ));
        };
        Ok(distance - begun >= self.length)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wait {
    begun: Option<f64>,
    name: String,
    now: f64,
}

impl Wait {
    fn new() -> Self {
        Self {
            begun: None,
            name: "wait".into(),
            now: 0.0,
        }
    }

    fn start(&mut self, distance: f64) {
        self.begun = Some(distance);
    }

    fn done(&self, _distance: f64) -> bool {
        self.now > 5.0
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

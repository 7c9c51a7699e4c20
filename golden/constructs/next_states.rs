//! States that are objects: each gives itself or the next one, and is asked which.
//!
//! Translated by migrate 0.1.0 from `next_states.py`: 53 of 53 statements.
//! Warning MIG0301 line 87: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 88: `logged` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "next_states", script = "next_states.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "e07c42f9686999d9", seal = "3bae836f3cd83400"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct NextStates {
    state: DriveState,
    machine: Machine,
    logged: Logged,
}

impl Freezable for NextStates {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.machine, encoder)?;
        Encode::encode(&self.logged, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.machine = Decode::decode(decoder)?;
        self.logged = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for NextStates {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            machine: Machine::new(),
            logged: Logged::new(),
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
        self.machine.on_speed(f64::from(goal_payload.speed));
        if measured_payload.speed > 2.0 {
            self.logged.peek(f64::from(goal_payload.speed));
        } else {
            self.logged.step(f64::from(measured_payload.speed));
        }
        drive.payload_mut().get_or_insert_default().accel =
            (self.machine.changes as f64 + 0.5) as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!("{} {}", self.machine.state.name(), self.logged.mode.name());
        alarm_payload.missed = u32::try_from(self.logged.entered)
            .map_err(|_| "next_states.py:103: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum State {
    Idle(Idle),
    Driving(Driving),
    Stopping(Stopping),
}

impl State {
    fn enter(&mut self) {
        match self {
            Self::Idle(idle) => {
                idle.enter();
            }
            Self::Driving(driving) => {
                driving.enter();
            }
            Self::Stopping(stopping) => {
                stopping.enter();
            }
        }
    }

    fn on_speed(&mut self, speed: f64) -> Option<Self> {
        match self {
            Self::Idle(idle) => idle.on_speed(speed).map(Self::Driving),
            Self::Driving(driving) => driving.on_speed(speed).map(Self::Stopping),
            Self::Stopping(stopping) => stopping.on_speed(speed).map(Self::Idle),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Idle(_) => Idle::NAME.to_string(),
            Self::Driving(_) => Driving::NAME.to_string(),
            Self::Stopping(_) => Stopping::NAME.to_string(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Idle;

impl Idle {
    const NAME: &str = "idle";

    fn enter(&self) {}

    fn on_speed(&self, speed: f64) -> Option<Driving> {
        if speed > 0.5 {
            return Some(Driving::new(speed));
        }
        None
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Driving {
    ticks: i64,
    top: f64,
}

impl Driving {
    const NAME: &str = "driving";

    fn enter(&mut self) {
        self.ticks = 1;
    }

    fn on_speed(&mut self, speed: f64) -> Option<Stopping> {
        self.ticks += 1;
        if speed > self.top {
            self.top = speed;
        }
        if speed < 0.0 {
            return Some(Stopping::new(self.ticks));
        }
        None
    }

    fn new(speed: f64) -> Self {
        Self {
            ticks: 0,
            top: speed,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Stopping {
    left: i64,
}

impl Stopping {
    const NAME: &str = "stopping";

    fn enter(&self) {}

    fn on_speed(&mut self, _speed: f64) -> Option<Idle> {
        self.left -= 1;
        if self.left > 0 {
            return None;
        }
        Some(Idle {})
    }

    fn new(ticks: i64) -> Self {
        let left = ticks.min(3);
        Self { left }
    }
}

/// Asks its state, and says how often it changed.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    state: State,
    changes: i64,
}

impl Machine {
    fn new() -> Self {
        Self {
            state: State::Idle(Idle {}),
            changes: 0,
        }
    }

    fn on_speed(&mut self, speed: f64) {
        let before = self.state.name();
        if let Some(following) = self.state.on_speed(speed) {
            self.state = following;
        }
        if self.state.name() != before {
            self.changes += 1;
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Logged {
    mode: State,
    entered: i64,
}

impl Logged {
    fn new() -> Self {
        Self {
            mode: State::Idle(Idle {}),
            entered: 0,
        }
    }

    fn step(&mut self, speed: f64) {
        let mut new = self.mode.on_speed(speed);
        if let Some(new) = &mut new {
            new.enter();
            self.entered += 1;
            self.mode = new.clone();
        }
    }

    fn peek(&mut self, speed: f64) {
        let new = self.mode.on_speed(speed);
        if new.is_some() {
            self.entered += 2;
        }
        if let Some(new) = &new {
            self.mode = new.clone();
        }
    }
}

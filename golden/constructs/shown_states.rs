//! Objects of several classes of one base that say how they are shown.
//!
//! Translated by migrate 0.1.0 from `shown_states.py`: 33 of 33 statements.
//! Warning MIG0301 line 49: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "shown_states", script = "shown_states.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5c25e1b7be4b947f", seal = "611af373d4ff1821"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ShownStates {
    state: DriveState,
    machine: Machine,
}

impl Freezable for ShownStates {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.machine, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.machine = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ShownStates {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            machine: Machine::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (_drive, alarm) = output;
        let (Some(goal_payload), Some(_)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        if goal_payload.speed > 1.0 {
            self.machine.on_event("unlock");
        } else if goal_payload.speed < -1.0 {
            self.machine.on_event("lock");
        } else {
            self.machine.on_event("tick");
        }
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!(
            "{} now {}",
            self.machine.history.join(","),
            self.machine.state.to_text()
        );
        alarm_payload.missed = u32::try_from(self.machine.history.len())
            .map_err(|_| "shown_states.py:64: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum State {
    Locked(Locked),
    Unlocked(Unlocked),
}

impl State {
    fn on_event(&mut self, event: &str) -> Option<Self> {
        match self {
            Self::Locked(locked) => locked.on_event(event).map(Self::Unlocked),
            Self::Unlocked(unlocked) => unlocked.on_event(event).map(Self::Locked),
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Locked(locked) => locked.to_text().to_string(),
            Self::Unlocked(unlocked) => unlocked.to_text(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Locked;

impl Locked {
    fn on_event(&self, event: &str) -> Option<Unlocked> {
        if event == "unlock" {
            return Some(Unlocked::new());
        }
        None
    }

    fn to_text(&self) -> &'static str {
        "Locked"
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Unlocked {
    idle: i64,
}

impl Unlocked {
    fn on_event(&mut self, event: &str) -> Option<Locked> {
        if event == "lock" {
            return Some(Locked {});
        }
        self.idle += 1;
        if self.idle > 3 {
            return Some(Locked {});
        }
        None
    }

    fn to_text(&self) -> String {
        format!("Unlocked({})", self.idle)
    }

    fn new() -> Self {
        Self { idle: 0 }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    state: State,
    history: Vec<String>,
}

impl Machine {
    fn new() -> Self {
        Self {
            state: State::Locked(Locked {}),
            history: Vec::new(),
        }
    }

    fn on_event(&mut self, event: &str) {
        let before = self.state.to_text();
        if let Some(following) = self.state.on_event(event) {
            self.state = following;
        }
        let after = self.state.to_text();
        if before != after {
            self.history.push(format!("{before}->{after}"));
            self.history = self.history[self.history.len().saturating_sub(3)..].to_vec();
        }
    }
}

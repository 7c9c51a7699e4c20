//! Functions that decorators put into tables: commands with weights, rules in a list, handlers by name.
//!
//! Translated by migrate 0.1.0 from `registered_functions.py`: 26 of 26 statements.
//! migrate: task = "registered_functions", script = "registered_functions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "079eb8301df73acb", seal = "fcda744dd33d9595"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const RULES: [Hold; 2] = [Hold::TooFast, Hold::Stalled];

#[derive(Debug, Reflect)]
pub struct RegisteredFunctions {
    state: DriveState,
}

impl Freezable for RegisteredFunctions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for RegisteredFunctions {
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
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let name = (if goal.payload().is_none() {
            "hold"
        } else {
            "chase"
        })
        .to_string();
        let speed = f64::from(measured_payload.speed);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            (run(&name, speed)? + run("check", speed)? + run("creep", speed)?) as f32;
        drive_payload.sector = u8::try_from(broken(speed))
            .map_err(|_| "registered_functions.py:81: `sector` leaves u8")?;
        if let Some(count) = handlers_of(&format!("on_{name}")) {
            state.missed = u32::try_from(count.call(i64::from(state.missed)))
                .map_err(|_| "registered_functions.py:83: `the value` leaves u32")?;
        }
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = state.missed;
        alarm_payload.reason = name.clone();
        Ok(())
    }
}

/// `COMMANDS[key]`
fn commands_of(key: &str) -> Option<(f64, Function)> {
    Some(match key {
        "hold" => (1.0, Function::Hold),
        "chase" => (2.0, Function::Chase),
        "check" => (1.0, Function::Creep),
        "creep" => (0.5, Function::Creep),
        _ => return None,
    })
}

/// `HANDLERS[key]`
fn handlers_of(key: &str) -> Option<Count> {
    Some(match key {
        "on_hold" => Count::Hold,
        "on_chase" => Count::Chase,
        _ => return None,
    })
}

fn hold(_speed: f64) -> f64 {
    0.0
}

/// What `function` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Hold,
    Chase,
    Creep,
}

impl Function {
    fn call(self, speed: f64) -> f64 {
        match self {
            Self::Hold => hold(speed),
            Self::Chase => chase(speed),
            Self::Creep => creep(speed),
        }
    }
}

fn chase(speed: f64) -> f64 {
    speed * 0.5
}

fn too_fast(speed: f64) -> bool {
    speed > 20.0
}

/// What `hold` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    TooFast,
    Stalled,
}

impl Hold {
    fn call(self, speed: f64) -> bool {
        match self {
            Self::TooFast => too_fast(speed),
            Self::Stalled => stalled(speed),
        }
    }
}

fn stalled(speed: f64) -> bool {
    speed.abs() < 0.01
}

fn creep(speed: f64) -> f64 {
    speed * 0.25
}

fn on_hold(count: i64) -> i64 {
    count + 1
}

/// What `count` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Hold,
    Chase,
}

impl Count {
    fn call(self, count: i64) -> i64 {
        match self {
            Self::Hold => on_hold(count),
            Self::Chase => on_chase(count),
        }
    }
}

fn on_chase(_count: i64) -> i64 {
    0
}

fn run(name: &str, speed: f64) -> CuResult<f64> {
    if commands_of(name).is_none() {
        return Ok(-1.0);
    }
    let (weight, function) =
        commands_of(name).ok_or("registered_functions.py:66: KeyError (no such key, a str)")?;
    Ok(weight * function.call(speed))
}

fn broken(speed: f64) -> i64 {
    RULES.iter().filter(|&&holds| holds.call(speed)).count() as i64
}

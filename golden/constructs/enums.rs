//! Translated by migrate 0.1.0 from `enums.py`: 50 of 50 statements.
//! Warning MIG0301 line 86: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "enums", script = "enums.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0463e660f8b12ddc", seal = "07f35691a1e27b06"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Enums {
    state: DriveState,
    machine: Machine,
}

impl Freezable for Enums {
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

impl CuTask for Enums {
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
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let mode = Mode::of(i64::from(state.missed % 4));
        if self.machine.history.contains(&mode) || self.machine.go(mode) {
            state.missed = u32::try_from(
                i64::from(state.missed)
                    + self
                        .machine
                        .history
                        .iter()
                        .filter(|&&x| x == Mode::Run)
                        .count() as i64,
            )
            .map_err(|_| "enums.py:95: `missed` leaves u32")?;
        }
        self.machine.mark(Fault::HOT, measured_payload.speed > 5.0);
        let profile = if self.machine.faults & Fault::HOT != 0 {
            Profile::Sport
        } else {
            Profile::Eco
        };
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            (profile.clamp(f64::from(measured_payload.speed)) + profile.value().1) as f32;
        let gear = if measured_payload.speed > 2.0 {
            Gear::Second
        } else {
            Gear::First
        };
        if gear.is_low() {
            drive_payload.accel = (gear.ratio() * gear.factor()) as f32;
        }
        let phase = if mode == Mode::Fault {
            Phase::Drive
        } else {
            Phase::Init
        };
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{} {:>8} <Mode.{}: {}> {}",
            mode.to_text(),
            mode.to_text(),
            mode.name(),
            mode.value(),
            phase.value()
        );
        Ok(())
    }
}

/// Modes of the robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Mode {
    Idle,
    Run,
    Fault,
}

impl Mode {
    /// The member's value.
    fn value(self) -> i64 {
        match self {
            Self::Idle => 1,
            Self::Run => 2,
            Self::Fault => 3,
        }
    }

    /// The member's name.
    fn name(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Run => "RUN",
            Self::Fault => "FAULT",
        }
    }

    fn to_text(self) -> String {
        self.name().to_lowercase()
    }

    fn of(number: i64) -> Self {
        for mode in [Self::Idle, Self::Run, Self::Fault] {
            if mode.value() == number {
                return mode;
            }
        }
        Self::Idle
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    Eco,
    Sport,
}

impl Profile {
    /// The member's value.
    fn value(self) -> (f64, f64) {
        match self {
            Self::Eco => (0.5, 1.0),
            Self::Sport => (2.0, 5.0),
        }
    }

    fn clamp(self, x: f64) -> f64 {
        let (gain, limit) = self.value();
        py_max(-limit, py_min(limit, gain * x))
    }
}

/// A gear takes its value apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gear {
    First,
    Second,
}

impl Gear {
    /// The member's value.
    fn value(self) -> (i64, f64) {
        match self {
            Self::First => (1, 3.5),
            Self::Second => (2, 2.1),
        }
    }

    fn number(self) -> i64 {
        self.value().0
    }

    fn ratio(self) -> f64 {
        self.value().1
    }

    fn factor(self) -> f64 {
        self.value().1 / 2.0
    }

    fn is_low(self) -> bool {
        self.number() < 2
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Init,
    Drive,
}

impl Phase {
    /// The member's value.
    fn value(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Drive => "driving",
        }
    }
}

#[derive(Debug, Clone)]
struct Fault;

impl Fault {
    const NONE: i64 = 0;
    const HOT: i64 = 1;
}

/// `TRANSITIONS[key]`
fn transitions_of(key: Mode) -> (Mode, Mode) {
    match key {
        Mode::Idle => (Mode::Run, Mode::Fault),
        Mode::Run => (Mode::Idle, Mode::Fault),
        Mode::Fault => (Mode::Idle, Mode::Idle),
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    mode: Mode,
    history: Vec<Mode>,
    faults: i64,
}

impl Machine {
    fn new() -> Self {
        Self {
            mode: Mode::Idle,
            history: Vec::new(),
            faults: Fault::NONE,
        }
    }

    fn go(&mut self, mode: Mode) -> bool {
        let choices = transitions_of(self.mode);
        if !(mode == choices.0 || mode == choices.1) {
            return false;
        }
        self.mode = mode;
        self.history.push(mode);
        true
    }

    fn mark(&mut self, fault: i64, on: bool) {
        if on {
            self.faults |= fault;
        } else {
            self.faults &= !fault;
        }
    }
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

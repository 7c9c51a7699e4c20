//! Methods that are given a part of their own object, and the tables that call them.
//!
//! Translated by migrate 0.1.0 from `own_parts.py`: 59 of 59 statements.
//! Warning MIG0301 line 92: `modes` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 93: `base` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "own_parts", script = "own_parts.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "06f7140916881157", seal = "53faaf6d93337b46"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct OwnParts {
    state: DriveState,
    modes: Modes,
    base: Base,
}

impl Freezable for OwnParts {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.modes, encoder)?;
        Encode::encode(&self.base, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.modes = Decode::decode(decoder)?;
        self.base = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for OwnParts {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            modes: Modes::new(),
            base: Base::new(0.25),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        self.modes.context.goal = f64::from(goal_payload.speed);
        let note = self.modes.step()?;
        if note.as_ref().is_some_and(|x| !x.is_empty()) {
            alarm.set_payload(Alarm {
                reason: note.as_deref().unwrap_or_default().to_string(),
                missed: u32::try_from(self.modes.context.age)
                    .map_err(|_| "own_parts.py:104: `missed` leaves u32")?,
            });
        }
        let both = self.base.step(f64::from(goal_payload.speed))?;
        drive.set_payload(Drive {
            accel: (both + self.base.total) as f32,
            sector: u8::try_from(self.base.left.turns + self.modes.mode.value())
                .map_err(|_| "own_parts.py:106: `sector` leaves u8")?,
        });
        Ok(())
    }
}

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
            Self::Idle => 0,
            Self::Run => 1,
            Self::Fault => 2,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Context {
    goal: f64,
    age: i64,
    note: Option<String>,
}

impl Context {
    fn new() -> Self {
        Self {
            goal: 0.0,
            age: 0,
            note: None,
        }
    }
}

/// Each mode has a handler, which gets the context.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Modes {
    mode: Mode,
    context: Context,
    handlers: Vec<(Mode, ModesHandler)>,
}

impl Modes {
    fn new() -> Self {
        Self {
            mode: Mode::Idle,
            context: Context::new(),
            handlers: vec![
                (Mode::Idle, ModesHandler::Idle),
                (Mode::Run, ModesHandler::Run),
                (Mode::Fault, ModesHandler::Fault),
            ],
        }
    }

    fn on_idle(&self) -> Mode {
        if self.context.goal.abs() > 0.5 {
            Mode::Run
        } else {
            Mode::Idle
        }
    }

    fn on_run(&mut self) -> Mode {
        if self.context.goal > 1.9 {
            self.context.note = Some(format!("too fast: {}", fixed_text(self.context.goal, 2)));
            return Mode::Fault;
        }
        Mode::Run
    }

    fn on_fault(&self) -> Mode {
        if self.context.age > 4 {
            Mode::Idle
        } else {
            Mode::Fault
        }
    }

    fn step(&mut self) -> CuResult<Option<String>> {
        self.context.note = None;
        let new = self.call_handler(
            *lookup(&self.handlers, &self.mode).ok_or("own_parts.py:46: KeyError (no such key)")?,
        );
        if new != self.mode {
            self.context.age = 0;
            self.mode = new;
        } else {
            self.context.age += 1;
        }
        Ok(self.context.note.clone())
    }

    fn call_handler(&mut self, handler: ModesHandler) -> Mode {
        match handler {
            ModesHandler::Idle => self.on_idle(),
            ModesHandler::Run => self.on_run(),
            ModesHandler::Fault => self.on_fault(),
        }
    }
}

/// What `handler` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum ModesHandler {
    Idle,
    Run,
    Fault,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    speed: f64,
    turns: i64,
}

impl Wheel {
    fn new() -> Self {
        Self {
            speed: 0.0,
            turns: 0,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Base {
    gain: f64,
    left: Wheel,
    right: Wheel,
    log: Vec<f64>,
    total: f64,
}

impl Base {
    const RATE: f64 = 0.5;

    fn new(gain: f64) -> Self {
        Self {
            gain,
            left: Wheel::new(),
            right: Wheel::new(),
            log: Vec::new(),
            total: 0.0,
        }
    }

    fn drive(gain: f64, wheel: &mut Wheel, error: f64) -> f64 {
        wheel.speed += gain * error * Self::RATE;
        wheel.speed
    }

    fn count(wheel: &mut Wheel) {
        wheel.turns = (wheel.turns + 1) % 64;
    }

    fn note(&mut self, value: f64) -> CuResult<()> {
        self.log.push(value);
        self.total += value;
        if self.log.len() > 3 {
            (!self.log.is_empty())
                .then(|| self.log.remove(0))
                .ok_or("own_parts.py:82: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn step(&mut self, error: f64) -> CuResult<f64> {
        let both = Self::drive(self.gain, &mut self.left, error)
            + Self::drive(self.gain, &mut self.right, -error);
        for wheel in [&mut self.left, &mut self.right] {
            Self::count(wheel);
        }
        self.note(error)?;
        Ok(both)
    }
}

/// The value of a key in entries that keep Python's order: `None` where it raises a KeyError.
fn lookup<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m [(K, V)],
    key: &Q,
) -> Option<&'m V> {
    entries
        .iter()
        .find(|(k, _)| k.borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

//! Functions as values: tables of handlers, callbacks, a handler that changes, integrators.
//!
//! Translated by migrate 0.1.0 from `function_values.py`: 63 of 63 statements.
//! Warning MIG0301 line 99: `motor` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 100: `lander` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 101: `watches` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "function_values", script = "function_values.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f8069d3c9abff74b", seal = "2f5aa70e973f2c31"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct FunctionValues {
    state: DriveState,
    motor: Motor,
    lander: Lander,
    watches: Vec<Watch>,
}

impl Freezable for FunctionValues {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.motor, encoder)?;
        Encode::encode(&self.lander, encoder)?;
        Encode::encode(&self.watches, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.motor = Decode::decode(decoder)?;
        self.lander = Decode::decode(decoder)?;
        self.watches = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for FunctionValues {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            motor: Motor::new(0.2),
            lander: Lander::new(),
            watches: vec![
                Watch::new(1.0, None),
                Watch::new(2.0, Some(OnAlarm::Shout)),
                Watch::new(3.0, Some(OnAlarm::Watch)),
            ],
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
        let speed = self.motor.step(f64::from(goal_payload.speed), 0.01)
            + euler_decay(f64::from(measured_payload.speed), 0.1);
        let phase = self.lander.step(f64::from(measured_payload.speed))?;
        let mut alarms: i64 = 0;
        for &watch in &self.watches {
            alarms += watch.check(f64::from(measured_payload.speed));
        }
        let shape = (if alarms > 1 { "double" } else { "raise" }).to_string();
        drive.set_payload(Drive {
            accel: shapes_of(&shape)
                .ok_or("function_values.py:114: KeyError (no such key, a str)")?
                .call(speed) as f32,
            sector: phase.value() as u8,
        });
        alarm.payload_mut().get_or_insert_default().missed =
            u32::try_from(alarms).map_err(|_| "function_values.py:115: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Phase {
    Search,
    Align,
    Land,
}

impl Phase {
    /// The member's value.
    fn value(self) -> i64 {
        match self {
            Self::Search => 0,
            Self::Align => 1,
            Self::Land => 2,
        }
    }
}

fn euler_decay(x: f64, dt: f64) -> f64 {
    x + dt * decay(x)
}

fn euler_f(x: f64, dt: f64, self_: &Motor, target: f64) -> f64 {
    x + dt * f(x, self_, target)
}

fn decay(x: f64) -> f64 {
    -0.5 * x
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    tau: f64,
    target: f64,
    speed: f64,
    slow: f64,
}

impl Motor {
    fn new(tau: f64) -> Self {
        Self {
            tau,
            target: 0.0,
            speed: 0.0,
            slow: 0.0,
        }
    }

    fn rate(&self, x: f64) -> f64 {
        (self.target - x) / self.tau
    }

    fn step(&mut self, target: f64, dt: f64) -> f64 {
        self.target = target;
        self.speed = self.midpoint_rate(self.speed, dt);
        self.slow = euler_f(self.slow, dt, self, target);
        self.speed
    }

    /// Second order.
    fn midpoint_rate(&self, x: f64, dt: f64) -> f64 {
        x + dt * self.rate(x + 0.5 * dt * self.rate(x))
    }
}

fn f(x: f64, self_: &Motor, target: f64) -> f64 {
    (target - x) / (4.0 * self_.tau)
}

/// A handler for each phase, in a table, and one that replaces itself.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lander {
    phase: Phase,
    count: i64,
    handlers: Vec<(Phase, LanderHandler)>,
    beep: LanderBeep,
}

impl Lander {
    fn new() -> Self {
        Self {
            phase: Phase::Search,
            count: 0,
            handlers: vec![
                (Phase::Search, LanderHandler::Search),
                (Phase::Align, LanderHandler::Align),
                (Phase::Land, LanderHandler::Land),
            ],
            beep: LanderBeep::Once,
        }
    }

    fn _search(&self, value: f64) -> Phase {
        if value > 0.5 {
            Phase::Align
        } else {
            Phase::Search
        }
    }

    fn _align(&self, value: f64) -> Phase {
        if value > 2.0 {
            return Phase::Land;
        }
        if value > 0.0 {
            Phase::Align
        } else {
            Phase::Search
        }
    }

    fn _land(&self, _value: f64) -> Phase {
        Phase::Search
    }

    fn _beep_once(&mut self) {
        self.count += 1;
        self.beep = LanderBeep::Twice;
    }

    fn _beep_twice(&mut self) {
        self.count += 2;
        self.beep = LanderBeep::Once;
    }

    fn step(&mut self, value: f64) -> CuResult<Phase> {
        self.phase = self.call_handler(
            *lookup(&self.handlers, &self.phase)
                .ok_or("function_values.py:74: KeyError (no such key)")?,
            value,
        );
        self.call_beep(self.beep);
        Ok(self.phase)
    }

    fn call_handler(&self, handler: LanderHandler, value: f64) -> Phase {
        match handler {
            LanderHandler::Search => self._search(value),
            LanderHandler::Align => self._align(value),
            LanderHandler::Land => self._land(value),
        }
    }

    fn call_beep(&mut self, beep: LanderBeep) {
        match beep {
            LanderBeep::Once => {
                self._beep_once();
            }
            LanderBeep::Twice => {
                self._beep_twice();
            }
        }
    }
}

/// What `handler` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum LanderHandler {
    Search,
    Align,
    Land,
}

/// What `beep` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum LanderBeep {
    Once,
    Twice,
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Watch {
    limit: f64,
    on_alarm: Option<OnAlarm>,
}

impl Watch {
    fn new(limit: f64, on_alarm: Option<OnAlarm>) -> Self {
        Self { limit, on_alarm }
    }

    fn check(&self, value: f64) -> i64 {
        if value > self.limit
            && let Some(on_alarm) = self.on_alarm
        {
            return on_alarm.call(value);
        }
        0
    }
}

fn shout(_value: f64) -> i64 {
    2
}

/// `SHAPES[key]`
fn shapes_of(key: &str) -> Option<Shape> {
    Some(match key {
        "double" => Shape::Double,
        "raise" => Shape::Raise,
        _ => return None,
    })
}

/// What `shape` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Double,
    Raise,
}

impl Shape {
    fn call(self, x: f64) -> f64 {
        match self {
            Self::Double => shape_double(x),
            Self::Raise => shape_raise(x),
        }
    }
}

fn shape_double(x: f64) -> f64 {
    2.0 * x
}

fn shape_raise(x: f64) -> f64 {
    x + 1.0
}

/// What `on_alarm` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum OnAlarm {
    Shout,
    Watch,
}

impl OnAlarm {
    fn call(self, value: f64) -> i64 {
        match self {
            Self::Shout => shout(value),
            Self::Watch => watch_on_alarm(value),
        }
    }
}

fn watch_on_alarm(_value: f64) -> i64 {
    1
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

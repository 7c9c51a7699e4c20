//! A family of controllers: limits that some have, attributes that a method sets for `__init__`.
//!
//! Translated by migrate 0.1.0 from `controllers.py`: 40 of 40 statements.
//! Warning MIG0306 line 18: the return value is a float on another path: an int beyond 2**53 is
//! rounded.
//! Warning MIG0306 line 20: the return value is a float on another path: an int beyond 2**53 is
//! rounded.
//! Warning MIG0301 line 63: `controllers` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 68: `active` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "controllers", script = "controllers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "2802a8944f421fdd", seal = "12a168579f2031b7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const X: i64 = 1;
const X__: i64 = 2;

#[derive(Debug, Reflect)]
pub struct Controllers {
    state: DriveState,
    controllers: Vec<(String, Controller)>,
    active: String,
}

impl Freezable for Controllers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.controllers, encoder)?;
        Encode::encode(&self.active, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.controllers = Decode::decode(decoder)?;
        self.active = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Controllers {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            controllers: vec![
                (
                    "pid".to_string(),
                    Controller::Pid(Pid::new(0.8, (-2.0, 2.0), ())),
                ),
                (
                    "filtered".to_string(),
                    Controller::Filtered(Filtered::new(0.5, (-2, 2), (), 0.05)),
                ),
                (
                    "bang".to_string(),
                    Controller::BangBang(BangBang::new(0.1, 1.0)),
                ),
            ],
            active: "pid".into(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("controllers.py:82: `missed` leaves u32")?;
            return Ok(());
        };
        let error = f64::from(goal_payload.speed) - f64::from(measured_payload.speed);
        let outs: BTreeMap<String, f64> = self
            .controllers
            .iter_mut()
            .map(|(key, value)| (&*key, value))
            .map(|(name, controller)| (name.clone(), controller.call(error)))
            .collect();
        let wanted = (if error.abs() > 20.0 {
            "bang"
        } else if error.abs() > 1.0 {
            "filtered"
        } else {
            "pid"
        })
        .to_string();
        if wanted != self.active {
            lookup_mut(&mut self.controllers, &wanted)
                .ok_or("controllers.py:88: KeyError (no such key, a str)")?
                .reset();
            alarm.set_payload(Alarm {
                reason: format!(
                    "{} -> {}",
                    lookup(&self.controllers, &self.active)
                        .ok_or("controllers.py:89: KeyError (no such key, a str)")?
                        .name(),
                    lookup(&self.controllers, &wanted)
                        .ok_or("controllers.py:89: KeyError (no such key, a str)")?
                        .name()
                ),
                missed: x() as u32,
            });
            self.active = wanted.clone();
        }
        drive.set_payload(Drive {
            accel: *outs
                .get(&self.active)
                .ok_or("controllers.py:91: KeyError (no such key, a str)")?
                as f32,
            sector: u8::try_from(self.active.chars().count())
                .map_err(|_| "controllers.py:91: `sector` leaves u8")?,
        });
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Controller {
    Pid(Pid),
    Filtered(Filtered),
    BangBang(BangBang),
}

impl Controller {
    fn reset(&mut self) {
        match self {
            Self::Pid(pid) => {
                pid.reset();
            }
            Self::Filtered(filtered) => {
                filtered.reset();
            }
            Self::BangBang(bang_bang) => {
                bang_bang.reset();
            }
        }
    }

    fn call(&mut self, error: f64) -> f64 {
        match self {
            Self::Pid(pid) => pid.call(error),
            Self::Filtered(filtered) => filtered.call(error),
            Self::BangBang(bang_bang) => bang_bang.call(error),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Pid(pid) => pid.name.clone(),
            Self::Filtered(filtered) => filtered.name.clone(),
            Self::BangBang(bang_bang) => bang_bang.name.clone(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pid {
    gain: f64,
    low: f64,
    high: f64,
    name: String,
    integral: f64,
    previous: Option<f64>,
    output: f64,
}

impl Pid {
    fn new(gain: f64, limits: (f64, f64), _name: ()) -> Self {
        let (next_low, next_high) = limits;
        let mut this = Self {
            gain,
            low: next_low,
            high: next_high,
            name: "Pid".into(),
            integral: 0.0,
            previous: None,
            output: 0.0,
        };
        this.reset();
        this
    }

    fn reset(&mut self) {
        self.integral = 0.0;
        self.previous = None;
        self.output = 0.0;
    }

    fn clamped(&self, value: f64) -> f64 {
        if value > self.high {
            return self.high;
        } else if value < self.low {
            return self.low;
        }
        value
    }

    fn compute(&mut self, error: f64) -> f64 {
        let slope = self.previous.map_or(0.0, |previous| error - previous);
        self.previous = Some(error);
        self.integral = self.clamped(self.integral + 0.1 * error);
        self.gain * error + self.integral + slope
    }

    fn call(&mut self, error: f64) -> f64 {
        let value = self.compute(error);
        self.output = self.clamped(value);
        self.output
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filtered {
    gain: f64,
    low: i64,
    high: i64,
    name: String,
    tau: f64,
    last: Option<f64>,
    integral: f64,
    previous: (),
    output: f64,
}

impl Filtered {
    fn new(gain: f64, limits: (i64, i64), _name: (), tau: f64) -> Self {
        let (next_low, next_high) = limits;
        let mut this = Self {
            gain,
            low: next_low,
            high: next_high,
            name: "Filtered".into(),
            tau: 0.0,
            last: None,
            integral: 0.0,
            previous: (),
            output: 0.0,
        };
        this.reset();
        this.tau = tau;
        this.last = None;
        this
    }

    fn reset(&mut self) {
        self.integral = 0.0;
        self.previous = ();
        self.output = 0.0;
    }

    fn clamped(&self, value: f64) -> f64 {
        if compare_int_float(self.high, value).is_some_and(std::cmp::Ordering::is_lt) {
            return self.high as f64;
        } else if compare_int_float(self.low, value).is_some_and(std::cmp::Ordering::is_gt) {
            return self.low as f64;
        }
        value
    }

    fn compute(&mut self, error: f64) -> f64 {
        let mut raw = 0.0;
        if let Some(last) = self.last {
            raw = (error - last) / self.tau;
        }
        self.last = Some(error);
        self.gain * error + raw
    }

    fn call(&mut self, error: f64) -> f64 {
        let value = self.compute(error);
        self.output = self.clamped(value);
        self.output
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct BangBang {
    gain: f64,
    low: (),
    high: (),
    name: String,
    band: f64,
    level: f64,
    integral: f64,
    previous: (),
    output: f64,
}

impl BangBang {
    fn new(band: f64, level: f64) -> Self {
        let mut this = Self {
            gain: 0.0,
            low: (),
            high: (),
            name: "bang".into(),
            band: 0.0,
            level: 0.0,
            integral: 0.0,
            previous: (),
            output: 0.0,
        };
        this.reset();
        this.band = band;
        this.level = level;
        this
    }

    fn reset(&mut self) {
        self.integral = 0.0;
        self.previous = ();
        self.output = 0.0;
    }

    fn clamped(&self, value: f64) -> f64 {
        value
    }

    fn compute(&self, error: f64) -> f64 {
        if error > self.band { self.level } else { 0.0 }
    }

    fn call(&mut self, error: f64) -> f64 {
        let value = self.compute(error);
        self.output = self.clamped(value);
        self.output
    }
}

fn x() -> i64 {
    X + X__
}

/// Compares an int with a float exactly, as Python does: `None` where the float is NaN.
fn compare_int_float(a: i64, b: f64) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    if b.is_nan() {
        return None;
    }
    if b >= i64::MAX as f64 {
        return Some(Ordering::Less);
    }
    if b < i64::MIN as f64 {
        return Some(Ordering::Greater);
    }
    let floor = b.floor();
    Some(match a.cmp(&(floor as i64)) {
        Ordering::Equal if b > floor => Ordering::Less,
        other => other,
    })
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

/// The value of a key in entries that keep Python's order, to change it: `None` where it raises a
/// KeyError.
fn lookup_mut<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m mut [(K, V)],
    key: &Q,
) -> Option<&'m mut V> {
    entries
        .iter_mut()
        .find(|(k, _)| (*k).borrow() == key)
        .map(|(_, value)| value)
}

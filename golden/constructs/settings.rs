//! Objects made of dicts of settings, methods that hand settings on to those they override.
//!
//! Translated by migrate 0.1.0 from `settings.py`: 32 of 32 statements.
//! Warning MIG0301 line 48: `loops` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 49: `spare` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 50: `rates` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "settings", script = "settings.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "3b3269d95d714f4b", seal = "9e2fb9e8b44c6d8a"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Settings {
    state: DriveState,
    loops: Vec<AnyLoop>,
    spare: BTreeMap<String, Loop>,
    rates: BTreeMap<String, Rate>,
}

impl Freezable for Settings {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.loops, encoder)?;
        Encode::encode(&self.spare, encoder)?;
        Encode::encode(&self.rates, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.loops = Decode::decode(decoder)?;
        self.spare = Decode::decode(decoder)?;
        self.rates = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Settings {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let all_loops: Vec<Loop2> = vec![
            Loop2 {
                name: "left".into(),
                gain: 0.5,
                limit: 2.0,
            },
            Loop2 {
                name: "right".into(),
                gain: 0.4,
                limit: 1.5,
            },
        ];
        let loops: Vec<AnyLoop> = vec![
            AnyLoop::Loop(Loop::new(
                &all_loops
                    .first()
                    .ok_or("settings.py:48: IndexError: list index out of range")?
                    .name,
                all_loops
                    .first()
                    .ok_or("settings.py:48: IndexError: list index out of range")?
                    .gain,
                all_loops
                    .first()
                    .ok_or("settings.py:48: IndexError: list index out of range")?
                    .limit,
            )),
            AnyLoop::Damped(Damped::new(
                &all_loops
                    .get(1)
                    .ok_or("settings.py:48: IndexError: list index out of range")?
                    .name,
                all_loops
                    .get(1)
                    .ok_or("settings.py:48: IndexError: list index out of range")?
                    .gain,
                all_loops
                    .get(1)
                    .ok_or("settings.py:48: IndexError: list index out of range")?
                    .limit,
            )),
        ];
        let spare: BTreeMap<String, Loop> = all_loops
            .iter()
            .map(|entry| {
                (
                    entry.name.clone(),
                    Loop::new(&entry.name, entry.gain, entry.limit),
                )
            })
            .collect();
        let rates: BTreeMap<String, Rate> = [
            ("steer", Rate2 { up: 0.5, down: 0.9 }),
            ("brake", Rate2 { up: 0.2, down: 0.5 }),
        ]
        .into_iter()
        .map(|(name, settings)| {
            (
                name.to_string(),
                Rate::new(name, settings.up, settings.down),
            )
        })
        .collect();
        Ok(Self {
            state: DriveState::default(),
            loops,
            spare,
            rates,
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
        let mut efforts: Vec<f64> = Vec::new();
        for (loop_, &distance) in self.loops.iter_mut().zip(&measured_payload.ranges) {
            efforts.push(loop_.update(
                f64::from(goal_payload.speed),
                f64::from(distance),
                0.9,
                0.1,
            ));
        }
        let items = <[f64; 2]>::try_from(efforts.as_slice())
            .map_err(|_| "settings.py:60: TypeError (not 2 arguments by `*`)")?;
        let total = mix(
            f64::from(measured_payload.speed),
            items[0],
            items[1],
            goal_payload.speed < 0.0,
        );
        let (next_name, _) = ["left", "right"]
            .into_iter()
            .zip(&efforts)
            .map(|(a, &b)| (a, b))
            .reduce(|best, pair| {
                if pair.1.abs() > best.1.abs() {
                    pair
                } else {
                    best
                }
            })
            .ok_or("settings.py:61: ValueError: max() arg is an empty sequence")?;
        let name = next_name.to_string();
        let value = self
            .spare
            .get(&name)
            .ok_or("settings.py:62: KeyError (no such key, a str)")?
            .worst
            + 1.0;
        self.spare
            .get_mut(&name)
            .ok_or("settings.py:62: KeyError (no such key, a str)")?
            .worst = value;
        drive.payload_mut().get_or_insert_default().accel = self
            .rates
            .get_mut("steer")
            .ok_or("settings.py:63: KeyError (no such key, a str)")?
            .apply(total) as f32;
        alarm.payload_mut().get_or_insert_default().reason = name.clone();
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Loop2 {
    name: String,
    gain: f64,
    limit: f64,
}

#[derive(Debug, Clone, Copy)]
struct Rate2 {
    up: f64,
    down: f64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Loop {
    name: String,
    gain: f64,
    limit: f64,
    worst: f64,
}

impl Loop {
    fn new(name: &str, gain: f64, limit: f64) -> Self {
        Self {
            name: name.to_string(),
            gain,
            limit,
            worst: 0.0,
        }
    }

    fn update(&mut self, wanted: f64, measured: f64, scale: f64, boost: f64) -> f64 {
        let error = wanted - measured;
        self.worst = py_max(self.worst, error.abs());
        py_max(
            -self.limit,
            py_min(self.limit, error * self.gain * scale + boost),
        )
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum AnyLoop {
    Loop(Loop),
    Damped(Damped),
}

impl AnyLoop {
    fn update(&mut self, wanted: f64, measured: f64, scale: f64, boost: f64) -> f64 {
        match self {
            Self::Loop(loop_) => loop_.update(wanted, measured, scale, boost),
            Self::Damped(damped) => damped.update(wanted, measured, scale, boost),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Damped {
    name: String,
    gain: f64,
    limit: f64,
    worst: f64,
}

impl Damped {
    fn new(name: &str, gain: f64, limit: f64) -> Self {
        Self {
            name: name.to_string(),
            gain,
            limit,
            worst: 0.0,
        }
    }

    fn update(&mut self, wanted: f64, measured: f64, scale: f64, boost: f64) -> f64 {
        0.5 * self.loop_update(wanted, measured, scale, boost)
    }

    fn loop_update(&mut self, wanted: f64, measured: f64, scale: f64, boost: f64) -> f64 {
        let error = wanted - measured;
        self.worst = py_max(self.worst, error.abs());
        py_max(
            -self.limit,
            py_min(self.limit, error * self.gain * scale + boost),
        )
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Rate {
    name: String,
    up: f64,
    down: f64,
    last: f64,
}

impl Rate {
    fn new(name: &str, up: f64, down: f64) -> Self {
        Self {
            name: name.to_string(),
            up,
            down,
            last: 0.0,
        }
    }

    fn apply(&mut self, wanted: f64) -> f64 {
        self.last = py_max(self.last - self.down, py_min(self.last + self.up, wanted));
        self.last
    }
}

fn mix(base: f64, left: f64, right: f64, reverse: bool) -> f64 {
    if reverse {
        base - left - right
    } else {
        base + left + right
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

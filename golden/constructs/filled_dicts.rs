//! Dicts that are filled in where they are made, and module variables that take a tuple apart.
//!
//! Translated by migrate 0.1.0 from `filled_dicts.py`: 41 of 41 statements.
//! Warning MIG0301 line 50: `node` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 51: `ys` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 52: `index` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "filled_dicts", script = "filled_dicts.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ce25d66a4a8467fc", seal = "743fbbe227aeb6cd"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

// a quarter turn
const DEFAULTS_GAIN: f64 = 0.5;
const DEFAULTS_LIMIT: f64 = std::f64::consts::PI / 2.0;

#[derive(Debug, Reflect)]
pub struct FilledDicts {
    state: DriveState,
    node: Node,
    xs: Vec<f64>,
    ys: Vec<f64>,
    count: i64,
    index: i64,
}

impl Freezable for FilledDicts {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.node, encoder)?;
        Encode::encode(&self.ys, encoder)?;
        Encode::encode(&self.index, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.node = Decode::decode(decoder)?;
        self.ys = Decode::decode(decoder)?;
        self.index = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for FilledDicts {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let node = Node::new("lane");
        let (xs, ys, count) = course(12);
        let (index, _) = nearest(&xs, 2.2);
        Ok(Self {
            state: DriveState::default(),
            node,
            xs,
            ys,
            count,
            index,
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
        let command = Command {
            error: f64::from(goal_payload.speed) - f64::from(measured_payload.speed),
            turn: if measured_payload.ranges[0] < 4.0 {
                f64::from(measured_payload.ranges[0])
            } else {
                DEFAULTS_LIMIT
            },
        };
        let (i, distance) = nearest(&self.xs, command.error);
        self.index = modulo(
            self.index
                .checked_add(i)
                .ok_or("filled_dicts.py:64: an int leaves 64 bits")?,
            self.count,
        )
        .ok_or("filled_dicts.py:64: ZeroDivisionError: integer modulo by zero")?;
        let at = index(self.index, self.ys.len())
            .ok_or("filled_dicts.py:65: IndexError: list index out of range")?;
        self.ys[at] += 0.25;
        let entry = Entry {
            accel: self.node.controller.step(command.error)
                + self.ys[index(self.index, self.ys.len())
                    .ok_or("filled_dicts.py:66: IndexError: list index out of range")?]
                + distance,
            sector: self.index,
        };
        drive.set_payload(Drive {
            accel: entry.accel as f32,
            sector: u8::try_from(entry.sector)
                .map_err(|_| "filled_dicts.py:69: `sector` leaves u8")?,
        });
        let mut report: BTreeMap<String, i64> = BTreeMap::new();
        'tried: {
            'failed: {
                let whole = (command.turn * 100.0).trunc();
                if !whole.is_finite() {
                    break 'failed;
                }
                report.insert(
                    "turns".to_string(),
                    float_to_int(whole).ok_or("filled_dicts.py:72: an int leaves 64 bits")?,
                );
                let divisor = *report
                    .get("turns")
                    .ok_or("filled_dicts.py:73: KeyError (no such key, a str)")?;
                if divisor == 0 {
                    break 'failed;
                }
                let value =
                    floor_div(100, divisor).ok_or("filled_dicts.py:73: an int leaves 64 bits")?;
                report.insert("rate".to_string(), value);
                break 'tried;
            }
            report.insert("rate".to_string(), -1);
        }
        alarm.set_payload(Alarm {
            reason: format!(
                "{} {}",
                self.node.name,
                *report
                    .get("rate")
                    .ok_or("filled_dicts.py:76: KeyError (no such key, a str)")?
            ),
            missed: u32::try_from(report.len())
                .map_err(|_| "filled_dicts.py:76: `missed` leaves u32")?,
        });
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bounds {
    low: f64,
    high: f64,
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Params {
    k_p: f64,
    k_i: f64,
    bounds: Bounds,
}

#[derive(Debug, Clone, Copy)]
struct Command {
    error: f64,
    turn: f64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    accel: f64,
    sector: i64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Controller {
    params: Params,
    integral: f64,
}

impl Controller {
    fn new(params: &Params) -> Self {
        let params_value = *params;
        Self {
            params: params_value,
            integral: 0.0,
        }
    }

    fn step(&mut self, error: f64) -> f64 {
        self.integral += error * self.params.k_i;
        self.integral = py_max(
            self.params.bounds.low,
            if self.integral < self.params.bounds.high {
                self.integral
            } else {
                self.params.bounds.high
            },
        );
        self.params.k_p * error + self.integral
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Node {
    name: String,
    params: Params,
    controller: Controller,
}

impl Node {
    fn new(name: &str) -> Self {
        // integral
        let params = Params {
            k_p: DEFAULTS_GAIN * 2.0,
            k_i: 0.25,
            bounds: Bounds {
                low: -1.5,
                high: 1.5,
            },
        };
        let controller = Controller::new(&params);
        Self {
            name: name.to_string(),
            params,
            controller,
        }
    }
}

fn course(count: i64) -> (Vec<f64>, Vec<f64>, i64) {
    let mut xs: Vec<f64> = Vec::new();
    let mut ys: Vec<f64> = Vec::new();
    for i in 0..count {
        xs.push(i as f64 * 0.5);
        ys.push((i as f64).sin());
    }
    (xs, ys, count)
}

fn nearest(values: &[f64], x: f64) -> (i64, f64) {
    let mut best: i64 = 0;
    let mut distance = 1e9;
    for (i, &value) in values.iter().enumerate() {
        let d = (value - x).abs();
        if d < distance {
            best = i as i64;
            distance = d;
        }
    }
    (best, distance)
}

/// Python's `a // b` on ints: rounds down. `None` where it raises, or leaves 64 bits.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a % b != 0;
    Some(quotient - i64::from(inexact && (a < 0) != (b < 0)))
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
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

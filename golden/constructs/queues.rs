//! A list's methods; loops with `else`; the texts of what went wrong.
//!
//! Translated by migrate 0.1.0 from `queues.py`: 47 of 47 statements.
//! Warning MIG0301 line 48: `plan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 49: `seen` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "queues", script = "queues.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "91ffe40aed609718", seal = "595948d3c51ee8b3"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SIZE: i64 = 4;

#[derive(Debug, Reflect)]
pub struct Queues {
    state: DriveState,
    plan: Plan,
    seen: Vec<(String, i64)>,
}

impl Freezable for Queues {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.plan, encoder)?;
        Encode::encode(&self.seen, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.plan = Decode::decode(decoder)?;
        self.seen = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Queues {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            plan: Plan::new(),
            seen: vec![("far".to_string(), 0), ("near".to_string(), 0)],
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
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        let speed = f64::from(goal_payload.speed);
        let count = self.plan.push(speed, speed < 0.0);
        if count > SIZE {
            self.plan.ramp(speed)?;
        }
        if let Some(measured_payload) = measured.payload() {
            let slot = lookup_mut(
                &mut self.seen,
                if measured_payload
                    .ranges
                    .iter()
                    .copied()
                    .reduce(|best, x| if x < best { x } else { best })
                    .ok_or("queues.py:62: ValueError: min() arg is an empty sequence")?
                    < 1.0
                {
                    "near"
                } else {
                    "far"
                },
            )
            .ok_or("queues.py:62: KeyError (no such key, a str)")?;
            *slot = slot
                .checked_add(1)
                .ok_or("queues.py:62: an int leaves 64 bits")?;
        }
        if let Some(accel) = self.plan.next()? {
            drive.payload_mut().get_or_insert_default().accel = accel as f32;
        }
        let twice = self.plan.done.iter().filter(|&&x| x == speed).count() as i64;
        drive.payload_mut().get_or_insert_default().sector = if twice != 0 {
            u8::try_from(
                self.plan
                    .done
                    .iter()
                    .position(|&x| x == speed || x.is_nan() && speed.is_nan())
                    .ok_or("queues.py:67: ValueError (the value is not in the list)")?,
            )
            .map_err(|_| "queues.py:67: `the value` leaves u8")?
        } else {
            SIZE as u8
        };
        let mut values: Vec<String> = Vec::new();
        for (key, _) in &self.seen {
            if *lookup(&self.seen, key).ok_or("queues.py:68: KeyError (no such key, a str)")? > 3 {
                values.push(key.clone());
            }
        }
        let mut reason = values.join(" ");
        if reason.ends_with("near") {
            reason = reason.replace("near", "close");
        }
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!(
            "{reason}{}",
            float_text(self.plan.steps.iter().fold(0.0, |sum, &x| sum + x))
        );
        alarm_payload.missed =
            u32::try_from(twice).map_err(|_| "queues.py:72: `missed` leaves u32")?;
        Ok(())
    }
}

/// Speeds still to be driven, the next one first.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Plan {
    steps: Vec<f64>,
    done: Vec<f64>,
}

impl Plan {
    fn new() -> Self {
        Self {
            steps: Vec::new(),
            done: Vec::new(),
        }
    }

    fn push(&mut self, speed: f64, urgent: bool) -> i64 {
        if urgent {
            self.steps.insert(0, speed);
        } else {
            self.steps.push(speed);
        }
        self.steps.len() as i64
    }

    /// Down in halves, then what was planned.
    fn ramp(&mut self, mut speed: f64) -> CuResult<()> {
        let mut steps: Vec<f64> = Vec::new();
        'found: {
            while speed > 0.25 && steps.len() < SIZE as usize {
                speed /= 2.0;
                if speed == goal_of(&self.steps)? {
                    break 'found;
                }
                steps.push(speed);
            }
            steps.push(0.0);
        }
        steps.reverse();
        steps.extend_from_slice(&self.steps.clone());
        self.steps = steps[..steps.len().min(4)].to_vec();
        Ok(())
    }

    fn next(&mut self) -> CuResult<Option<f64>> {
        if self.steps.is_empty() {
            return Ok(None);
        }
        let speed = (!self.steps.is_empty())
            .then(|| self.steps.remove(0))
            .ok_or("queues.py:37: IndexError: pop from empty list")?;
        self.done.push(speed);
        if self.done.len() > SIZE as usize {
            self.done.clear();
        }
        Ok(Some(speed))
    }
}

fn goal_of(steps: &[f64]) -> CuResult<f64> {
    Ok(if !steps.is_empty() {
        *steps
            .last()
            .ok_or("queues.py:45: IndexError: list index out of range")?
    } else {
        -1.0
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

/// Python's `str(x)` of a float: the shortest digits that read back, as `1.0`, `1e+16`, `inf`.
fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let shortest = format!("{x:e}");
    let digits = shortest
        .chars()
        .take_while(|c| *c != 'e')
        .filter(char::is_ascii_digit)
        .count();
    // Of two texts of that length that read back, Python takes the one nearer to `x`.
    let nearest = format!("{x:.0$e}", digits.saturating_sub(1));
    let scientific = if nearest.parse() == Ok(x) {
        nearest
    } else {
        shortest
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if x != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = (digits as i32 - 1 - exponent).max(1) as usize;
    format!("{x:.decimals$}")
}

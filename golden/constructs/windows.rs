//! A window over the last samples, a mode by name, and limits that depend on it.
//!
//! Translated by migrate 0.1.0 from `windows.py`: 40 of 40 statements.
//! Warning MIG0301 line 41: `window` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "windows", script = "windows.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "c74969617d2963f1", seal = "cd81c964b769777d"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const OFF: i64 = 0;
const SLOW: i64 = 1;
const FAST: i64 = 2;
const NAMES: [&str; 3] = ["off", "slow", "fast"];
const WINDOW: i64 = 5;

#[derive(Debug, Reflect)]
pub struct Windows {
    state: DriveState,
    window: Window,
}

impl Freezable for Windows {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.window, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.window = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Windows {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            window: Window {
                size: WINDOW,
                items: Vec::new(),
            },
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, measured) = *input;
        let (drive, alarm) = output;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.window.push(f64::from(measured_payload.speed))?;
        let recent = mean(&self.window.items[self.window.items.len().saturating_sub(3)..])?;
        let trend = recent - mean(&self.window.items[..self.window.items.len().min(2)])?;
        let mode = mode_of(recent.abs());
        let limit = limits_of(NAMES[mode as usize])
            .ok_or("windows.py:52: KeyError (no such key, a str)")?;
        let wanted = target.payload().map_or(0.0, |goal| f64::from(goal.speed));
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = py_max(-limit, py_min(limit, wanted - recent - trend)) as f32;
        drive_payload.sector = mode as u8;
        let mut steady: i64 = 0;
        for &x in self
            .window
            .items
            .get(self.window.items.len().min(1)..self.window.items.len().saturating_sub(1))
            .unwrap_or_default()
        {
            if (x - recent).abs() < 0.05 {
                steady += 1;
            }
        }
        if self.window.spread() > 3.0 {
            info!(
                ctx,
                "spread {} in {}, {} steady",
                self.window.spread(),
                NAMES[mode as usize],
                steady
            );
            let alarm_payload = alarm.payload_mut().get_or_insert_default();
            alarm_payload.reason = format!("spread in {}", NAMES[mode as usize]);
            alarm_payload.missed =
                u32::try_from(steady).map_err(|_| "windows.py:63: `missed` leaves u32")?;
        }
        Ok(())
    }
}

/// `LIMITS[key]`
fn limits_of(key: &str) -> Option<f64> {
    Some(match key {
        "off" => 0.0,
        "slow" => 0.5,
        "fast" => 2.0,
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Window {
    size: i64,
    items: Vec<f64>,
}

impl Window {
    fn push(&mut self, x: f64) -> CuResult<()> {
        self.items.push(x);
        if self.items.len() as i64 > self.size {
            (!self.items.is_empty())
                .then(|| self.items.remove(0))
                .ok_or("windows.py:19: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn spread(&self) -> f64 {
        let mut lowest = f64::INFINITY;
        let mut highest = -f64::INFINITY;
        for &x in &self.items {
            if x < lowest {
                lowest = x;
            }
            if x > highest {
                highest = x;
            }
        }
        highest - lowest
    }
}

fn mean(xs: &[f64]) -> CuResult<f64> {
    Ok(if !xs.is_empty() {
        true_div(xs.iter().fold(0.0, |sum, &x| sum + x), xs.len() as f64)
            .ok_or("windows.py:32: ZeroDivisionError: float division by zero")?
    } else {
        0.0
    })
}

fn mode_of(speed: f64) -> i64 {
    if speed < 0.1 {
        return OFF;
    }
    if speed < 1.0 { SLOW } else { FAST }
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

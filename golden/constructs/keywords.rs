//! Arguments by name and in any number: `**kwargs`, `f(**config)`, `f(*point)`.
//!
//! Translated by migrate 0.1.0 from `keywords.py`: 45 of 45 statements.
//! Warning MIG0301 line 72: `smooth` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 73: `left` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 74: `right` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 75: `mixer` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "keywords", script = "keywords.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "10a63ab4b6dc26d0", seal = "6f57af168d2fee42"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const CONFIG_LEFT: Left = Left { kp: 1.2, ki: 0.1 };
const CONFIG_RIGHT: Right = Right {
    kp: 0.8,
    limit: 2.0,
};
const ORIGIN: (f64, f64) = (0.0, 1.0);

#[derive(Debug, Reflect)]
pub struct Keywords {
    state: DriveState,
    smooth: Smooth,
    left: Pi,
    right: Pi,
    mixer: Mixer,
}

impl Freezable for Keywords {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.smooth, encoder)?;
        Encode::encode(&self.left, encoder)?;
        Encode::encode(&self.right, encoder)?;
        Encode::encode(&self.mixer, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.smooth = Decode::decode(decoder)?;
        self.left = Decode::decode(decoder)?;
        self.right = Decode::decode(decoder)?;
        self.mixer = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Keywords {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            smooth: Smooth::new(2.0, 20.0, 0.5, "smooth", true),
            left: Pi::new(CONFIG_LEFT.kp, CONFIG_LEFT.ki, 1.0),
            right: make(CONFIG_RIGHT.kp, 0.0, CONFIG_RIGHT.limit),
            mixer: Mixer::new(&[0.75, 0.25]),
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
        let here = (
            f64::from(goal_payload.speed),
            f64::from(measured_payload.speed),
        );
        let (kp, ki) = gains(f64::from(goal_payload.speed));
        self.left.tune(kp, ki);
        let u = self
            .mixer
            .blend(&[self.left.update(here.0), self.right.update(here.1)]);
        drive.payload_mut().get_or_insert_default().accel = (u + self
            .smooth
            .step(distance(ORIGIN.0, ORIGIN.1, here.0, here.1)))
            as f32;
        alarm.payload_mut().get_or_insert_default().reason = status(
            &self.smooth.name,
            &[
                ("u".to_string(), u),
                ("limit".to_string(), self.right.limit),
            ],
        );
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Left {
    kp: f64,
    ki: f64,
}

#[derive(Debug, Clone, Copy)]
struct Right {
    kp: f64,
    limit: f64,
}

/// Passes on what its base takes.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Smooth {
    invert: bool,
    rate: f64,
    alpha: f64,
    name: String,
    gain: f64,
}

impl Smooth {
    fn new(gain: f64, rate: f64, alpha: f64, name: &str, invert: bool) -> Self {
        Self {
            invert,
            rate,
            alpha,
            name: name.to_string(),
            gain,
        }
    }

    fn step(&self, x: f64) -> f64 {
        let y = x * self.gain * self.alpha / self.rate;
        if self.invert { -y } else { y }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pi {
    kp: f64,
    ki: f64,
    limit: f64,
    integral: f64,
}

impl Pi {
    fn new(kp: f64, ki: f64, limit: f64) -> Self {
        Self {
            kp,
            ki,
            limit,
            integral: 0.0,
        }
    }

    fn update(&mut self, error: f64) -> f64 {
        self.integral += error;
        py_max(
            -self.limit,
            py_min(self.limit, self.kp * error + self.ki * self.integral),
        )
    }

    fn tune(&mut self, kp: f64, ki: f64) {
        self.kp = kp;
        self.ki = ki;
    }
}

fn make(kp: f64, ki: f64, limit: f64) -> Pi {
    Pi::new(kp, ki, limit)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Mixer {
    weights: Vec<f64>,
}

impl Mixer {
    fn new(weights: &[f64]) -> Self {
        let weights_value = weights.to_vec();
        Self {
            weights: weights_value,
        }
    }

    fn blend(&self, values: &[f64]) -> f64 {
        let mut total = 0.0;
        for (&weight, &value) in self.weights.iter().zip(values) {
            total += weight * value;
        }
        total
    }
}

fn status(level: &str, fields: &[(String, f64)]) -> String {
    let mut text = level.to_string();
    for &(ref key, value) in fields {
        text.push_str(&format!(" {key}={}", fixed_text(value, 1)));
    }
    text
}

fn distance(x1: f64, y1: f64, x2: f64, y2: f64) -> f64 {
    (x2 - x1).abs() + (y2 - y1).abs()
}

fn gains(speed: f64) -> (f64, f64) {
    (0.5 * speed, 0.1)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

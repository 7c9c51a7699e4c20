//! One function for values of several kinds, each of which gets its own in Rust.
//!
//! Translated by migrate 0.1.0 from `kinds.py`: 28 of 28 statements.
//! Warning MIG0301 line 32: `window` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "kinds", script = "kinds.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0f96def3e67bdb3f", seal = "41750acb1e8357ed"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

#[derive(Debug, Reflect)]
pub struct Kinds {
    state: DriveState,
    window: VecDeque<f64>,
}

impl Freezable for Kinds {
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

impl CuTask for Kinds {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            window: VecDeque::from([0.0]),
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
        let mut state = self.state.clone();
        let (Some(_), Some(measured_payload)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        let speed = f64::from(measured_payload.speed);
        push_window(&mut self.window, 5, speed);
        let direction = Point::new(speed, 1.0);
        let offsets: Vec<Option<f64>> = measured_payload
            .ranges
            .iter()
            .map(|&r| if r < 0.0 { None } else { Some(f64::from(r)) })
            .collect();
        let missing = offsets.iter().filter(|&&item| item.is_none()).count() as i64;
        if offsets.iter().any(|&item| item.is_none()) {
            state.missed = u32::try_from(i128::from(state.missed) + i128::from(missing))
                .map_err(|_| "kinds.py:46: `missed` leaves u32")?;
        }
        drive.payload_mut().get_or_insert_default().accel =
            (mean(&self.window)? + mean_list(&[1.0, speed]) + mean_tuple2((2.0, speed))) as f32;
        if direction * direction > norm((1.0, speed)) {
            state.last_goal = (norm_list(&[speed, 2.0]) + direction.mul_number(0.5).x) as f32;
        }
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{}{}{}",
            label(missing),
            label_text("/"),
            label_bool(missing > 1)
        );
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Scaled by a number, or the dot product with a point.
    fn mul_number(&self, other: f64) -> Self {
        Self::new(self.x * other, self.y * other)
    }
}

impl std::ops::Mul for Point {
    type Output = f64;

    /// Scaled by a number, or the dot product with a point.
    fn mul(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }
}

fn mean(xs: &VecDeque<f64>) -> CuResult<f64> {
    Ok(
        true_div(xs.iter().fold(0.0, |sum, &x| sum + x), xs.len() as f64)
            .ok_or("kinds.py:19: ZeroDivisionError: float division by zero")?,
    )
}

fn mean_list(xs: &[f64; 2]) -> f64 {
    xs.iter().fold(0.0, |sum, &x| sum + x) / 2.0
}

fn mean_tuple2(xs: (f64, f64)) -> f64 {
    [xs.0, xs.1].into_iter().fold(0.0, |sum, x| sum + x) / 2.0
}

fn norm(p: (f64, f64)) -> f64 {
    p.0.abs() + p.1.abs()
}

fn norm_list(p: &[f64; 2]) -> f64 {
    p[0].abs() + p[1].abs()
}

fn label(x: i64) -> String {
    format!("<{x}>")
}

fn label_text(x: &str) -> String {
    x.to_string()
}

fn label_bool(x: bool) -> String {
    format!("<{}>", if x { "True" } else { "False" })
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

//! Operators and functions that ask what they are given: each kind gets a function of its own.
//!
//! Translated by migrate 0.1.0 from `told_apart_by_type.py`: 23 of 23 statements.
//! Warning MIG0301 line 40: `FOLLOWER_FORWARD` lives outside `state`: Copper's keyframes did not
//! hold it; here it is frozen with the task.
//! Warning MIG0301 line 51: `follower` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "told_apart_by_type", script = "told_apart_by_type.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0d3807d8e80d73c6", seal = "57ee1ca7eec3e8c2"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ToldApartByType {
    state: DriveState,
    follower_forward: Vector,
    follower: Follower,
}

impl Freezable for ToldApartByType {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.follower_forward, encoder)?;
        Encode::encode(&self.follower, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.follower_forward = Decode::decode(decoder)?;
        self.follower = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ToldApartByType {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            follower_forward: Vector::new(1.0, 0.0),
            follower: Follower::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, _alarm) = output;
        let Some(measured_payload) = measured.payload().filter(|measured_payload| {
            -10.0 < measured_payload.speed && measured_payload.speed < 10.0
        }) else {
            return Ok(());
        };
        let (distance, across) = self.follower.step(
            scaled(f64::from(measured_payload.speed), 0.1),
            f64::from(measured_payload.ranges[0]),
            self.follower_forward,
        )?;
        drive.payload_mut().get_or_insert_default().accel = (distance
            + scaled_list(&[across, 1.0], 0.5)
                .iter()
                .fold(0.0, |sum, &x| sum + x))
            as f32;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Vector {
    x: f64,
    y: f64,
}

impl Vector {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The dot product, or the vector scaled.
    fn mul_number(&self, other: f64) -> Self {
        Self::new(self.x * other, self.y * other)
    }

    /// The dot product, or the vector scaled.
    fn rmul(&self, other: f64) -> Self {
        Self::new(self.x * other, self.y * other)
    }

    fn left(&self) -> Self {
        Self::new(-self.y, self.x)
    }

    fn norm(&self) -> CuResult<f64> {
        Ok(math(*self * *self, f64::sqrt)
            .ok_or("told_apart_by_type.py:27: ValueError: math domain error")?)
    }
}

impl std::ops::Add for Vector {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Mul for Vector {
    type Output = f64;

    /// The dot product, or the vector scaled.
    fn mul(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }
}

/// Of a number, a list or a vector.
fn scaled(value: f64, gain: f64) -> f64 {
    value * gain
}

/// Of a number, a list or a vector.
fn scaled_list(value: &[f64; 2], gain: f64) -> Vec<f64> {
    value.iter().map(|&v| scaled(v, gain)).collect()
}

/// Of a number, a list or a vector.
fn scaled_vector(value: Vector, gain: f64) -> Vector {
    value.mul_number(gain)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Follower {
    position: Vector,
}

impl Follower {
    fn new() -> Self {
        Self {
            position: Vector::new(0.0, 0.0),
        }
    }

    fn step(&mut self, speed: f64, turn: f64, follower_forward: Vector) -> CuResult<(f64, f64)> {
        let heading = follower_forward + follower_forward.left().rmul(turn);
        self.position = self.position + scaled_vector(heading, speed);
        Ok((self.position.norm()?, self.position.left() * heading))
    }
}

/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
}

//! Translated by migrate 0.1.0 from `inheritance.py`: 39 of 39 statements.
//! Warning MIG0301 line 92: `low_pass` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 93: `slew` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "inheritance", script = "inheritance.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5229247f8d62f1ef", seal = "f3c7362051fd2780"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Inheritance {
    state: DriveState,
    low_pass: LowPass,
    slew: SlewLimit,
}

impl Freezable for Inheritance {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.low_pass, encoder)?;
        Encode::encode(&self.slew, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.low_pass = Decode::decode(decoder)?;
        self.slew = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Inheritance {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            low_pass: LowPass::new(0.25, 0.0),
            slew: SlewLimit::new(2.5),
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
            self.low_pass.reset();
            self.slew.reset();
            return Ok(());
        };
        let mut a = Vec2::new(
            self.low_pass.update(f64::from(goal_payload.speed)),
            self.slew.update(f64::from(measured_payload.speed)),
        );
        let b = -(a - Vec2::new(1.0, 0.5)) + a.rmul(2.0);
        a = a + b;
        drive.payload_mut().get_or_insert_default().accel = (a.norm()? - (a * 0.5).dot(b)) as f32;
        if a != b {
            alarm.set_payload(Alarm {
                reason: format!("{}{}", SlewLimit::NAME, LowPass::NAME),
                missed: self.slew.count as u32,
            });
        }
        Ok(())
    }
}

/// First order.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LowPass {
    value: f64,
    count: i64,
    alpha: f64,
}

impl LowPass {
    const NAME: &str = "filter";

    fn new(alpha: f64, initial: f64) -> Self {
        // What the filter gave last.
        Self {
            value: initial,
            count: 0,
            alpha,
        }
    }

    fn step(&self, x: f64) -> f64 {
        self.value + self.alpha * (x - self.value)
    }

    fn update(&mut self, x: f64) -> f64 {
        self.count = (self.count + 1) % 1000;
        self.value = self.step(x);
        self.value
    }

    fn reset(&mut self) {
        self.value = 0.0;
        self.count = 0;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct SlewLimit {
    value: f64,
    count: i64,
    rate: f64,
}

impl SlewLimit {
    const NAME: &str = "slew";

    fn new(rate: f64) -> Self {
        // What the filter gave last.
        Self {
            value: 0.0,
            count: 0,
            rate,
        }
    }

    fn step(&self, x: f64) -> f64 {
        let delta = x - self.value;
        if delta > self.rate {
            return self.value + self.rate;
        }
        if delta < -self.rate {
            return self.value - self.rate;
        }
        x
    }

    fn update(&mut self, x: f64) -> f64 {
        self.count = (self.count + 1) % 1000;
        self.value = self.step(x);
        self.value
    }

    fn reset(&mut self) {
        self.filter_reset();
        self.rate = 0.5;
    }

    fn filter_reset(&mut self) {
        self.value = 0.0;
        self.count = 0;
    }
}

/// A vector in the plane.
#[derive(Debug, Clone, Copy)]
struct Vec2 {
    x: f64,
    y: f64,
}

impl Vec2 {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    fn rmul(&self, k: f64) -> Self {
        *self * k
    }

    fn dot(&self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    fn norm(&self) -> CuResult<f64> {
        Ok(math(self.dot(*self), f64::sqrt)
            .ok_or("inheritance.py:89: ValueError: math domain error")?)
    }
}

impl std::ops::Add for Vec2 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Sub for Vec2 {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl std::ops::Mul<f64> for Vec2 {
    type Output = Self;

    fn mul(self, k: f64) -> Self {
        Self::new(self.x * k, self.y * k)
    }
}

impl std::ops::Neg for Vec2 {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(-self.x, -self.y)
    }
}

impl PartialEq for Vec2 {
    fn eq(&self, other: &Self) -> bool {
        self.x == other.x && self.y == other.y
    }
}

/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
}

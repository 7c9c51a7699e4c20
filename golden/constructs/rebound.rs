//! `+=` that puts a new object in the place of the old one, objects that say whether they are
//! true, defaults of parameters that are floats where calls give ints.
//!
//! Translated by migrate 0.1.0 from `rebound.py`: 47 of 47 statements.
//! Warning MIG0301 line 60: `cart` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "rebound", script = "rebound.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "69cc51019f320242", seal = "4cadfb38517db5d9"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Rebound {
    state: DriveState,
    cart: Cart,
}

impl Freezable for Rebound {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.cart, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.cart = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Rebound {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            cart: Cart::new(vec![Latch::new("fast", 2.0), Latch::new("near", 0.5)]),
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
        let mut accel = self.cart.step(0.1)?;
        if let Some(goal_payload) = goal.payload() {
            self.cart.check("fast", f64::from(goal_payload.speed))?;
        }
        if let Some(measured_payload) = measured.payload() {
            self.cart
                .check("near", f64::from(measured_payload.ranges[0]))?;
        }
        if self
            .cart
            .latches
            .get("near")
            .ok_or("rebound.py:71: KeyError (no such key, a str)")?
            .is_true()
            && !self
                .cart
                .latches
                .get("fast")
                .ok_or("rebound.py:71: KeyError (no such key, a str)")?
                .is_true()
        {
            accel += self.cart.tune(Some(2.0));
        } else {
            accel += self.cart.tune(None);
        }
        if let Some(tilt) = tilt_of(i64::from(state.missed % 4)).unwrap_or(Some(0.5)) {
            accel += tilt;
        }
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("rebound.py:78: `missed` leaves u32")?;
        drive.set_payload(Drive {
            accel: accel as f32,
            sector: u8::try_from(self.cart.trail.len())
                .map_err(|_| "rebound.py:79: `sector` leaves u8")?,
        });
        if !self.cart.words.is_empty() {
            alarm.set_payload(Alarm {
                reason: (!self.cart.words.is_empty())
                    .then(|| self.cart.words.remove(0))
                    .ok_or("rebound.py:81: IndexError: pop from empty list")?,
                missed: state.missed,
            });
        }
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Vec2 {
    x: f64,
    y: f64,
}

impl Vec2 {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

impl std::ops::Add for Vec2 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Mul<f64> for Vec2 {
    type Output = Self;

    fn mul(self, k: f64) -> Self {
        Self::new(self.x * k, self.y * k)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Latch {
    name: String,
    limit: f64,
    bad: i64,
}

impl Latch {
    fn new(name: &str, limit: f64) -> Self {
        Self {
            name: name.to_string(),
            limit,
            bad: 0,
        }
    }

    fn sample(&mut self, value: f64) -> bool {
        let before = self.bad > 1;
        self.bad = if value > self.limit { self.bad + 1 } else { 0 };
        before != (self.bad > 1)
    }

    fn is_true(&self) -> bool {
        self.bad > 1
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Cart {
    pos: Vec2,
    vel: Vec2,
    trail: Vec<Vec2>,
    latches: BTreeMap<String, Latch>,
    words: Vec<String>,
    gain: Option<f64>,
}

impl Cart {
    fn new(latches: Vec<Latch>) -> Self {
        let latches_value: BTreeMap<String, Latch> = latches
            .into_iter()
            .map(|latch| (latch.name.clone(), latch))
            .collect();
        Self {
            pos: Vec2::new(0.0, 0.0),
            vel: Vec2::new(1.0, 0.5),
            trail: Vec::new(),
            latches: latches_value,
            words: Vec::new(),
            gain: None,
        }
    }

    fn step(&mut self, dt: f64) -> CuResult<f64> {
        self.vel = self.vel + Vec2::new(0.0, -0.1);
        self.pos = self.pos + self.vel * dt;
        self.trail.push(self.pos);
        self.trail = self.trail[self.trail.len().saturating_sub(4)..].to_vec();
        Ok(self
            .trail
            .first()
            .ok_or("rebound.py:46: IndexError: list index out of range")?
            .x
            + self
                .trail
                .last()
                .ok_or("rebound.py:46: IndexError: list index out of range")?
                .y)
    }

    fn check(&mut self, name: &str, value: f64) -> CuResult<()> {
        if self
            .latches
            .get_mut(name)
            .ok_or("rebound.py:49: KeyError (no such key, a str)")?
            .sample(value)
        {
            self.latches
                .get(name)
                .ok_or("rebound.py:50: KeyError (no such key, a str)")?;
            self.words.push(format!(
                "{}{}",
                if self
                    .latches
                    .get(name)
                    .ok_or("rebound.py:51: KeyError (no such key, a str)")?
                    .is_true()
                {
                    "+"
                } else {
                    "-"
                },
                self.latches
                    .get(name)
                    .ok_or("rebound.py:51: KeyError (no such key, a str)")?
                    .name
            ));
        }
        Ok(())
    }

    fn tune(&mut self, mut gain: Option<f64>) -> f64 {
        if gain.is_none() {
            gain = Some(match self.gain {
                Some(x) if x != 0.0 => x,
                _ => 1.5,
            });
        }
        self.gain = Some(gain.unwrap_or_default());
        gain.unwrap_or_default() * 0.5
    }
}

/// `TILT[key]`
fn tilt_of(key: i64) -> Option<Option<f64>> {
    Some(match key {
        0 => Some(2.5),
        1 => None,
        _ => return None,
    })
}

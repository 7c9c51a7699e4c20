//! Dead reckoning of a differential drive from wheel travel.
//!
//! Translated by migrate 0.1.0 from `python/odometry.py`: 41 of 41 statements.
//! migrate: task = "odometry", script = "python/odometry.py", mode = "embedded"
//! migrate: state = "crate::states::OdometryState", source = "d0dbfd4fed3ca6cf", seal = "ad1434131304bc98"

use crate::messages::{Odometry, WheelTravel};
use crate::states::OdometryState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const TICKS_PER_REV: f64 = 4096.0;
const WHEEL_RADIUS: f64 = 0.0425; // m
const TRACK: f64 = 0.31; // m, between the wheels' contact points
const M_PER_TICK: f64 = 2.0 * std::f64::consts::PI * WHEEL_RADIUS / TICKS_PER_REV;
const DT: f64 = 0.01;
const ALPHA: f64 = 0.25;

#[derive(Debug, Reflect)]
pub struct OdometryTask {
    state: OdometryState,
}

impl Freezable for OdometryTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.x, encoder)?;
        Encode::encode(&self.state.y, encoder)?;
        Encode::encode(&self.state.theta, encoder)?;
        Encode::encode(&self.state.v, encoder)?;
        Encode::encode(&self.state.w, encoder)?;
        Encode::encode(&self.state.distance, encoder)?;
        Encode::encode(&self.state.coasting, encoder)?;
        Encode::encode(&self.state.moving, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.x = Decode::decode(decoder)?;
        self.state.y = Decode::decode(decoder)?;
        self.state.theta = Decode::decode(decoder)?;
        self.state.v = Decode::decode(decoder)?;
        self.state.w = Decode::decode(decoder)?;
        self.state.distance = Decode::decode(decoder)?;
        self.state.coasting = Decode::decode(decoder)?;
        self.state.moving = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for OdometryTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(WheelTravel);
    type Output<'m> = output_msg!(Odometry);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: OdometryState::default(),
        })
    }

    fn start(&mut self, _ctx: &CuContext) -> CuResult<()> {
        let state = &mut self.state;
        state.x = 0.0;
        state.y = 0.0;
        state.theta = std::f64::consts::PI / 2.0;
        Ok(())
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = self.state.clone();
        let mut coasting = i64::from(state.coasting);
        if let Some(wheel_travel) = input.payload() {
            coasting = 0;
            state.moving = true;
            let dl = f64::from(wheel_travel.d_left) * M_PER_TICK;
            let dr = f64::from(wheel_travel.d_right) * M_PER_TICK;
            let ds = (dl + dr) / 2.0;
            let dtheta = (dr - dl) / TRACK;

            // second order Runge-Kutta
            let mid = state.theta + dtheta / 2.0;
            state.x += ds
                * finite_angle(mid)
                    .ok_or("python/odometry.py:46: ValueError: math domain error")?
                    .cos();
            state.y += ds
                * finite_angle(mid)
                    .ok_or("python/odometry.py:47: ValueError: math domain error")?
                    .sin();
            state.theta = wrap(state.theta + dtheta);
            state.v += ALPHA * (ds / DT - state.v);
            state.w += ALPHA * (dtheta / DT - state.w);
            state.distance += ds.abs();
        } else {
            if !state.moving {
                return Ok(());
            }
            // no encoder message: assume that the robot keeps its speed
            coasting += 1;
            state.v *= 0.98;
            state.x += state.v
                * DT
                * finite_angle(state.theta)
                    .ok_or("python/odometry.py:34: ValueError: math domain error")?
                    .cos();
            state.y += state.v
                * DT
                * finite_angle(state.theta)
                    .ok_or("python/odometry.py:35: ValueError: math domain error")?
                    .sin();
        }

        let odometry = output.payload_mut().get_or_insert_default();
        odometry.x = state.x;
        odometry.y = state.y;
        odometry.theta = state.theta;
        odometry.v = state.v as f32;
        odometry.w = state.w as f32;
        odometry.valid = coasting < 5;
        let output_tov = input.tov;
        state.coasting =
            u32::try_from(coasting).map_err(|_| "python/odometry.py:27: `coasting` leaves u32")?;
        self.state = state;
        output.tov = output_tov;
        Ok(())
    }
}

/// Wraps an angle to (-pi, pi].
fn wrap(mut angle: f64) -> f64 {
    while angle > std::f64::consts::PI {
        angle -= 2.0 * std::f64::consts::PI;
    }
    while angle <= -std::f64::consts::PI {
        angle += 2.0 * std::f64::consts::PI;
    }
    angle
}

/// An angle for `math.sin` and kin: `None` where they raise, that is for an infinity.
fn finite_angle(x: f64) -> Option<f64> {
    (!x.is_infinite()).then_some(x)
}

//! Turns the goal of the supervisor into a speed plan with a trapezoidal profile.
//!
//! Translated by migrate 0.1.0 from `python/planner.py`: 50 of 50 statements.
//! migrate: task = "planner", script = "python/planner.py", mode = "embedded"
//! migrate: state = "crate::states::PlannerState", source = "be2f23c96889a2f6", seal = "9399bb96ae42c611"

use crate::messages::{Goal, Obstacle, Odometry, Plan, Request};
use crate::states::PlannerState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const DT: f64 = 0.01;
const MAX_ACCEL: f64 = 0.8;
const MAX_DECEL: f64 = 1.2;
const MAX_JERK: f64 = 6.0;
const CRUISE: f64 = 1.6;
const ARRIVED: f64 = 0.04; // m
const MAX_MISSING: i64 = 10; // cycles

#[derive(Debug, Reflect)]
pub struct Planner {
    state: PlannerState,
}

impl Freezable for Planner {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.speed, encoder)?;
        Encode::encode(&self.state.accel, encoder)?;
        Encode::encode(&self.state.arrived, encoder)?;
        Encode::encode(&self.state.active, encoder)?;
        Encode::encode(&self.state.wanted, encoder)?;
        Encode::encode(&self.state.missing, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.speed = Decode::decode(decoder)?;
        self.state.accel = Decode::decode(decoder)?;
        self.state.arrived = Decode::decode(decoder)?;
        self.state.active = Decode::decode(decoder)?;
        self.state.wanted = Decode::decode(decoder)?;
        self.state.missing = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Planner {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Odometry, Obstacle);
    type Output<'m> = output_msg!(Plan);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: PlannerState::default(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, odometry, obstacle) = *input;
        let mut state = self.state.clone();
        let mut wanted_now = f64::from(state.wanted);

        // what is wanted: "Hold", {"Cruise": speed} or {"GoTo": {"x": .., "y": ..}}
        let mut missing = i64::from(state.missing);
        if let Some(goal_payload) = goal.payload() {
            missing = 0;
            match goal_payload.request {
                Request::Hold => {
                    wanted_now = 0.0;
                    state.wanted = wanted_now as f32;
                    state.active = false;
                    state.arrived = false;
                }
                Request::Cruise(cruise) => {
                    wanted_now = if CRUISE < f64::from(cruise) {
                        CRUISE
                    } else {
                        f64::from(cruise)
                    };
                    state.wanted = wanted_now as f32;
                    state.active = true;
                    state.arrived = false;
                }
                Request::GoTo { x, y } => {
                    if let Some(odo) = odometry.payload() {
                        let dist = hypot([f64::from(x) - odo.x, f64::from(y) - odo.y]);
                        state.arrived = dist < ARRIVED;
                        wanted_now = CRUISE.min(stopping_speed(dist - ARRIVED, MAX_DECEL));
                        state.wanted = wanted_now as f32;
                        state.active = true;
                    }
                }
            }
        } else {
            missing += 1;
            if missing > MAX_MISSING {
                // without a goal there is no plan
                state.active = false;
                output.clear_payload();
                state.missing = u32::try_from(missing)
                    .map_err(|_| "python/planner.py:27: `missing` leaves u32")?;
                self.state = state;
                return Ok(());
            }
        }

        let scale = obstacle
            .payload()
            .map_or(1.0, |obstacle_payload| f64::from(obstacle_payload.scale));
        let wanted = wanted_now * scale;

        let limit = if wanted > f64::from(state.speed) {
            MAX_ACCEL
        } else {
            MAX_DECEL
        };
        let accel =
            (approach(f64::from(state.speed), wanted, limit * DT) - f64::from(state.speed)) / DT;
        let mut accel_now = approach(f64::from(state.accel), accel, MAX_JERK * DT);
        state.accel = accel_now as f32;
        let speed_ = py_max(0.0, f64::from(state.speed) + accel_now * DT);
        state.speed = speed_ as f32;
        if speed_ == 0.0 && wanted == 0.0 {
            accel_now = 0.0;
            state.accel = accel_now as f32;
        }

        let plan = output.payload_mut().get_or_insert_default();
        plan.speed = speed_ as f32;
        plan.accel = accel_now as f32;
        plan.active = state.active;
        plan.arrived = state.arrived;
        output.tov = odometry.tov;
        state.missing = missing as u32;
        self.state = state;
        Ok(())
    }
}

/// Moves a value towards a target by at most one step.
fn approach(current: f64, target: f64, step: f64) -> f64 {
    if current < target {
        return py_min(current + step, target);
    }
    py_max(current - step, target)
}

fn stopping_speed(distance: f64, decel: f64) -> f64 {
    if distance <= 0.0 {
        return 0.0;
    }
    (2.0 * decel * distance).sqrt()
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Python's `math.hypot(…)` to the last bit, which the C library's does not give.
fn hypot<const N: usize>(sides: [f64; N]) -> f64 {
    const TWO_27_PLUS_1: f64 = 134_217_729.0;
    if sides.iter().any(|side| side.is_infinite()) {
        return f64::INFINITY;
    }
    if sides.iter().any(|side| side.is_nan()) {
        return f64::NAN;
    }
    let sides = sides.map(f64::abs);
    let max = sides.into_iter().fold(0.0, f64::max);
    if max == 0.0 || N == 1 {
        return max;
    }
    if max.is_subnormal() {
        return f64::MIN_POSITIVE * hypot(sides.map(|side| side / f64::MIN_POSITIVE));
    }
    // Brings the largest to at least 2 and less than 4; a quarter of that is what CPython takes.
    let scale = f64::from_bits((2047 << 52) - (max.to_bits() & (2047 << 52)));
    // The sum of the squares in twice the precision.
    let (mut sum, mut high, mut middle, mut low) = (1.0, 0.0, 0.0, 0.0);
    let add = |sum: &mut f64, rest: &mut f64, part: f64| {
        let before = *sum;
        *sum += part;
        *rest += (before - *sum) + part;
    };
    let halves = |value: f64| {
        let split = value * TWO_27_PLUS_1;
        let upper = split - (split - value);
        (upper, value - upper)
    };
    for side in sides {
        let (upper, lower) = halves(side * scale * 0.25);
        add(&mut sum, &mut high, upper * upper);
        add(&mut sum, &mut middle, 2.0 * upper * lower);
        low += lower * lower;
    }
    let root = (sum - 1.0 + (high + middle + low)).sqrt();
    // One step of Newton's with what the root leaves.
    let (upper, lower) = halves(root);
    add(&mut sum, &mut high, -upper * upper);
    add(&mut sum, &mut middle, -2.0 * upper * lower);
    add(&mut sum, &mut low, -lower * lower);
    let rest = sum - 1.0 + (high + middle + low);
    4.0 * (root + rest / (2.0 * root)) / scale
}

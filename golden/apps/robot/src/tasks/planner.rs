//! Turns the goal of the supervisor into a speed plan with a trapezoidal profile.
//!
//! Translated by migrate 0.1.0 from `python/planner.py`: 39 of 50 statements.
//! Not translated MIG0202 line 21: the type of the parameter `distance` of `stopping_speed` is not
//! known: `Request`, an enum whose variants hold data.
//! Not translated MIG0202 line 41: `request` has no one type: `Request`, an enum whose variants
//! hold data.
//! Not translated MIG0202 line 55: `stopping_speed` could not be translated.
//! migrate: task = "planner", script = "python/planner.py", mode = "embedded"
//! migrate: state = "crate::states::PlannerState", source = "be2f23c96889a2f6", seal = "51e6869f962775d7"

use crate::messages::{Goal, Obstacle, Odometry, Plan};
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

    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
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
        if goal.payload().is_some() {
            missing = 0;
            //     request = goal.payload.request
            todo!("MIG0202 python/planner.py:41: request");
            //     if request == "Hold":
            if todo!("MIG0202 python/planner.py:42: request") {
                wanted_now = 0.0;
                state.wanted = wanted_now as f32;
                state.active = false;
                state.arrived = false;
            } else {
                //     elif "Cruise" in request:
                if todo!("MIG0202 python/planner.py:46: request") {
                    //     state.wanted = min(request["Cruise"], CRUISE)
                    todo!("MIG0202 python/planner.py:47: request[\"Cruise\"]");
                    state.active = true;
                    state.arrived = false;
                } else {
                    //     target = request["GoTo"]
                    todo!("MIG0202 python/planner.py:51: request[\"GoTo\"]");
                    if odometry.payload().is_some() {
                        //     dist = math.hypot(target["x"] - odo.x, target["y"] - odo.y)
                        todo!("MIG0202 python/planner.py:53: target[\"x\"]");
                        //     state.arrived = dist < ARRIVED
                        todo!("MIG0202 python/planner.py:54: dist");
                        //     state.wanted = min(CRUISE, stopping_speed(dist - ARRIVED))
                        todo!("MIG0202 python/planner.py:55: stopping_speed(dist - ARRIVED)");
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

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

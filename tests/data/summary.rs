//! Odometry from two wheel encoders, and a summary at the end of every trip.
//!
//! Written by hand from `python/summary.py`.

use crate::messages::{Direction, Odometry, Status, TripState, TripSummary, WheelTicks};
use cu29::prelude::*;

const TICKS_PER_TURN: i64 = 96;
const SECTORS: i64 = 12;
const TRIP: i64 = 500; // ticks, both wheels together
const HIGH_LOAD: f64 = 1.6; // A

#[derive(Debug, Reflect)]
pub struct Summary {
    state: TripState,
}

impl Freezable for Summary {}

impl CuTask for Summary {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, WheelTicks, WheelTicks);
    type Output<'m> = output_msg!(Odometry, TripSummary);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: TripState::default(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (left, right) = *input;
        let (odometry, summary) = output;
        let mut state = self.state.clone();
        state.cycles = state.cycles.checked_add(1).ok_or("`cycles` leaves u32")?;
        let wheel = left
            .payload()
            .ok_or("python/summary.py:13: 'NoneType' has no attribute 'direction'")?;
        let left_ticks = signed_ticks(wheel);
        // a lost right wheel is taken to turn like the left one
        let right_ticks = match right.payload() {
            None => {
                state.lost += 1;
                left_ticks
            }
            Some(right) => signed_ticks(right),
        };

        state.position += (left_ticks + right_ticks).div_euclid(2);
        let mut travelled = i64::from(state.travelled) + left_ticks.abs() + right_ticks.abs();
        let sector = (state.position * SECTORS)
            .div_euclid(TICKS_PER_TURN)
            .rem_euclid(SECTORS);
        state.sector = sector as u8;
        let turns = i32::try_from(state.position.div_euclid(TICKS_PER_TURN))
            .map_err(|_| "`turns` leaves i32")?;
        let drift = (right_ticks - left_ticks).rem_euclid(360) as i16;

        let mut trip = None;
        while travelled >= TRIP {
            travelled -= TRIP;
            state.trips += 1;
            let load = mean_load(&wheel.current);
            trip = Some(TripSummary {
                label: format!("trip {}", state.trips),
                heading: if state.position < 0 {
                    Direction::Reverse
                } else {
                    Direction::Forward
                },
                status: if load > HIGH_LOAD {
                    Status::Strained
                } else {
                    Status::Easy
                },
                cycles: state.cycles,
                lost: state.lost,
                current: wheel.current,
            });
            state.cycles = 0;
        }
        state.travelled = u32::try_from(travelled).map_err(|_| "`travelled` leaves u32")?;

        let moved = odometry.payload_mut().get_or_insert_default();
        moved.pose.turns = turns;
        moved.pose.sector = state.sector;
        moved.drift = drift;
        odometry.tov = left.tov;
        if let Some(trip) = trip {
            summary.set_payload(trip);
            summary.tov = left.tov;
        }
        self.state = state;
        Ok(())
    }
}

/// Ticks of a wheel in this cycle, negative when it turns backwards.
fn signed_ticks(wheel: &WheelTicks) -> i64 {
    let ticks = i64::from(wheel.ticks);
    if wheel.direction == Direction::Reverse {
        -ticks
    } else {
        ticks
    }
}

fn mean_load(current: &[f32; 3]) -> f64 {
    let mut total = 0.0;
    for phase in current {
        total += f64::from(*phase).abs();
    }
    total / 3.0
}

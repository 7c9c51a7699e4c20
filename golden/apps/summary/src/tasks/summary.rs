//! Odometry from two wheel encoders, and a summary at the end of every trip.
//!
//! Translated by migrate 0.1.0 from `python/summary.py`: 31 of 31 statements.
//! migrate: task = "summary", script = "python/summary.py", mode = "embedded"
//! migrate: state = "crate::messages::TripState", source = "f955e0ad56aaaf4a", seal = "7475a7dfa71c9ab7"

use crate::messages::{Direction, Odometry, Status, TripState, TripSummary, WheelTicks};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const TICKS_PER_TURN: i64 = 96;
const SECTORS: i64 = 12;
const PHASES: f64 = 3.0;
const TRIP: i64 = 500; // ticks, both wheels together
const HIGH_LOAD: f64 = 1.6; // A

#[derive(Debug, Reflect)]
pub struct Summary {
    state: TripState,
}

impl Freezable for Summary {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.position, encoder)?;
        Encode::encode(&self.state.travelled, encoder)?;
        Encode::encode(&self.state.trips, encoder)?;
        Encode::encode(&self.state.cycles, encoder)?;
        Encode::encode(&self.state.lost, encoder)?;
        Encode::encode(&self.state.sector, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.position = Decode::decode(decoder)?;
        self.state.travelled = Decode::decode(decoder)?;
        self.state.trips = Decode::decode(decoder)?;
        self.state.cycles = Decode::decode(decoder)?;
        self.state.lost = Decode::decode(decoder)?;
        self.state.sector = Decode::decode(decoder)?;
        Ok(())
    }
}

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
        let (odometry, trip_summary) = output;
        let mut state = self.state.clone();
        let mut cycles = i64::from(state.cycles) + 1;
        let left_payload = left
            .payload()
            .ok_or("python/summary.py:25: AttributeError (`left.payload` is None)")?;
        let left_ticks = signed_ticks(left_payload);
        // a lost right wheel is taken to turn like the left one
        let right_ticks = if let Some(right_payload) = right.payload() {
            signed_ticks(right_payload)
        } else {
            state.lost = state
                .lost
                .checked_add(1)
                .ok_or("python/summary.py:28: `lost` leaves u32")?;
            left_ticks
        };

        state.position = state
            .position
            .checked_add((left_ticks + right_ticks).div_euclid(2))
            .ok_or("python/summary.py:33: `position` leaves i64")?;
        let mut travelled = i64::from(state.travelled) + (left_ticks.abs() + right_ticks.abs());
        state.sector = (i128::from(state.position) * i128::from(SECTORS))
            .div_euclid(i128::from(TICKS_PER_TURN))
            .rem_euclid(i128::from(SECTORS)) as u8;

        let odometry_payload = odometry.payload_mut().get_or_insert_default();
        odometry_payload.pose.turns = i32::try_from(state.position.div_euclid(TICKS_PER_TURN))
            .map_err(|_| "python/summary.py:37: `turns` leaves i32")?;
        odometry_payload.pose.sector = state.sector;
        odometry_payload.drift = (right_ticks - left_ticks).rem_euclid(360) as i16;
        let odometry_tov = left.tov;

        let mut trip_summary_tov = trip_summary.tov;
        while travelled >= TRIP {
            travelled -= TRIP;
            state.trips = state
                .trips
                .checked_add(1)
                .ok_or("python/summary.py:44: `trips` leaves u32")?;
            let load = mean_load(&left_payload.current);
            trip_summary.set_payload(TripSummary {
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
                cycles: u32::try_from(cycles)
                    .map_err(|_| "python/summary.py:50: `cycles` leaves u32")?,
                lost: state.lost,
                current: left_payload.current,
            });
            trip_summary_tov = left.tov;
            cycles = 0;
        }
        state.cycles =
            u32::try_from(cycles).map_err(|_| "python/summary.py:22: `cycles` leaves u32")?;
        state.travelled = travelled as u32;
        self.state = state;
        odometry.tov = odometry_tov;
        trip_summary.tov = trip_summary_tov;
        Ok(())
    }
}

/// Ticks of a wheel in this cycle, negative when it turns backwards.
fn signed_ticks(wheel: &WheelTicks) -> i64 {
    if wheel.direction == Direction::Reverse {
        -i64::from(wheel.ticks)
    } else {
        i64::from(wheel.ticks)
    }
}

fn mean_load(current: &[f32; 3]) -> f64 {
    let mut total = 0.0;
    for &current_value in current {
        total += f64::from(current_value).abs();
    }
    total / PHASES
}

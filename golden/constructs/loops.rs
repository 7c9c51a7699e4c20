//! Loops, their `else`, and what they leave behind.
//!
//! Translated by migrate 0.1.0 from `loops.py`: 39 of 39 statements.
//! migrate: task = "loops", script = "loops.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "413f7b52063617f4", seal = "7bdcf270926904c8"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LEVELS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

#[derive(Debug, Reflect)]
pub struct Loops {
    state: DriveState,
}

impl Freezable for Loops {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Loops {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let (where_, best) = nearest(&measured_payload.ranges);
        let mut total = 0.0;
        for &r in &measured_payload.ranges {
            if r.is_nan() {
                continue;
            }
            total += f64::from(r);
        }
        let mut n: i64 = 0;
        while total > 1.0 && n < 10 {
            total /= 2.0;
            n += 1;
        }
        let near: Vec<f64> = measured_payload
            .ranges
            .iter()
            .filter(|&&r| f64::from(r) < 0.3)
            .map(|&r| f64::from(r))
            .collect();
        let a = best;
        let b = total;
        let (mut a, b) = (b, a);
        a += corners(total);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = if near.is_empty() {
            (a - b) as f32
        } else {
            -1.0
        };
        drive_payload.sector = u8::try_from(
            (level(f64::from(measured_payload.speed)) * 16)
                .checked_add(where_)
                .ok_or("loops.py:57: an int leaves 64 bits")?
                .checked_add(n)
                .ok_or("loops.py:57: `sector` leaves u8")?,
        )
        .map_err(|_| "loops.py:57: `sector` leaves u8")?;
        Ok(())
    }
}

fn level(speed: f64) -> i64 {
    let mut i: i64;
    'found: {
        for (next_i, &limit) in LEVELS.iter().enumerate() {
            i = next_i as i64;
            if speed < limit {
                break 'found;
            }
        }
        return 4;
    }
    i
}

fn nearest(ranges: &[f32; 4]) -> (i64, f64) {
    let mut best = f64::from(ranges[0]);
    let mut where_: i64 = 0;
    for k in 1..4 {
        if f64::from(ranges[k as usize]) < best {
            best = f64::from(ranges[k as usize]);
            where_ = k;
        }
    }
    (where_, best)
}

fn corners(x: f64) -> f64 {
    let mut total = 0.0;
    for &(a, b) in &[(0, 1.5_f64), (2, -0.5)] {
        total += a as f64 * x + b.abs();
    }
    let values = bounds(x);
    for v in [values.0, values.1] {
        total += v;
    }
    total
}

fn bounds(x: f64) -> (f64, f64) {
    (if 0.0 < x { 0.0 } else { x }, if 1.0 > x { 1.0 } else { x })
}

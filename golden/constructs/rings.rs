//! Keyword-only arguments, recursion, chained assignment; `__contains__`, `__repr__`, `__call__`.
//!
//! Translated by migrate 0.1.0 from `rings.py`: 32 of 32 statements.
//! Warning MIG0316 line 35: `3 * n` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0301 line 44: `ring` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 45: `tally` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "rings", script = "rings.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6d26635d33f19c96", seal = "c397417cda706ed9"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Rings {
    state: DriveState,
    ring: Ring,
    tally: Tally,
}

impl Freezable for Rings {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.ring, encoder)?;
        Encode::encode(&self.tally, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.ring = Decode::decode(decoder)?;
        self.tally = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Rings {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            ring: Ring::new(3),
            tally: Tally::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let speed = f64::from(measured_payload.speed);
        if self.ring.contains(speed) {
            self.tally.first += 1;
        }
        let filled = self.ring.call(speed)?;
        let mut low = 0.0;
        let mut high = 0.0;
        for &r in &measured_payload.ranges {
            if f64::from(r) < low {
                low = f64::from(r);
            }
            if f64::from(r) > high {
                high = f64::from(r);
            }
        }
        let value = steps_int(filled)?;
        state.missed = u32::try_from(value).map_err(|_| "rings.py:60: `missed` leaves u32")?;
        self.tally.second = value;
        drive.payload_mut().get_or_insert_default().accel =
            (limited(f64::from(goal_payload.speed), -1.0, high) + limited(speed, low, 1.0)) as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = u32::try_from(
            self.tally
                .first
                .checked_add(self.tally.second)
                .ok_or("rings.py:62: `missed` leaves u32")?,
        )
        .map_err(|_| "rings.py:62: `missed` leaves u32")?;
        alarm_payload.reason = self.ring.to_repr().replace("Ring", "ring");
        self.state = state;
        Ok(())
    }
}

/// The last few samples.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Ring {
    size: i64,
    items: Vec<f64>,
}

impl Ring {
    fn new(size: i64) -> Self {
        Self {
            size,
            items: Vec::new(),
        }
    }

    fn call(&mut self, item: f64) -> CuResult<i64> {
        self.items.push(item);
        if self.items.len() as i64 > self.size {
            (!self.items.is_empty())
                .then(|| self.items.remove(0))
                .ok_or("rings.py:14: IndexError: pop from empty list")?;
        }
        Ok(self.items.len() as i64)
    }

    fn contains(&self, item: f64) -> bool {
        self.items.iter().any(|&known| (item - known).abs() < 0.01)
    }

    fn len(&self) -> i64 {
        self.items.len() as i64
    }

    fn to_repr(&self) -> String {
        format!("Ring({}, {} items)", self.size, self.len())
    }
}

fn limited(x: f64, low: f64, high: f64) -> f64 {
    py_min(if low > x { low } else { x }, high)
}

/// Steps of Collatz's sequence, by recursion.
fn steps_int(n: i64) -> CuResult<i64> {
    if n <= 1 {
        return Ok(0);
    }
    Ok(1 + steps_int(if n % 2 == 0 {
        n / 2
    } else {
        3_i64
            .checked_mul(n)
            .ok_or("rings.py:35: an int leaves 64 bits")?
            .checked_add(1)
            .ok_or("rings.py:35: `the value` leaves i64")?
    })?)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tally {
    first: i64,
    second: i64,
    note: String,
}

impl Tally {
    fn new() -> Self {
        Self {
            first: 0,
            second: 0,
            note: String::new(),
        }
    }
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

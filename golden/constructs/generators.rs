//! Small generators that are run through at once: lists; tables of rows.
//!
//! Translated by migrate 0.1.0 from `generators.py`: 42 of 42 statements.
//! Warning MIG0301 line 38: `ring` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 56: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0316 line 56: `r * c` may leave 64 bits: an error in the Rust, where Python goes on.
//! migrate: task = "generators", script = "generators.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "e90a971b287c2087", seal = "40254eb83adb7eb8"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LEVELS: [(f64, &str); 3] = [(0.1, "critical"), (0.25, "low"), (0.8, "fair")];

#[derive(Debug, Reflect)]
pub struct Generators {
    state: DriveState,
    ring: Ring,
}

impl Freezable for Generators {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.ring, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.ring = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Generators {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            ring: Ring::new(4),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.ring.push(f64::from(measured_payload.speed))?;
        let mut total: i64 = 0;
        for &(r, c) in &neighbours(0, i64::from(state.missed % 4))? {
            total = total
                .checked_add(
                    r.checked_mul(c)
                        .ok_or("generators.py:56: an int leaves 64 bits")?,
                )
                .ok_or("generators.py:56: an int leaves 64 bits")?;
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (differences(&measured_payload.ranges)
            .iter()
            .fold(0.0, |sum, &x| sum + x)
            + self
                .ring
                .items()?
                .iter()
                .map(|&x| x * x)
                .fold(0.0, |sum, x| sum + x)) as f32;
        drive_payload.sector =
            u8::try_from(total).map_err(|_| "generators.py:59: `sector` leaves u8")?;
        alarm.payload_mut().get_or_insert_default().reason =
            level(f64::from(measured_payload.speed));
        Ok(())
    }
}

fn differences(xs: &[f32; 4]) -> Vec<f64> {
    let mut items: Vec<f64> = Vec::new();
    let mut previous: Option<f64> = None;
    for &x in xs {
        if let Some(previous) = previous {
            items.push(f64::from(x) - previous);
        }
        previous = Some(f64::from(x));
    }
    items
}

/// The cells beside, within four by four.
#[allow(clippy::manual_range_contains)]
fn neighbours(row: i64, column: i64) -> CuResult<Vec<(i64, i64)>> {
    let mut items: Vec<(i64, i64)> = Vec::new();
    for (dr, dc) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        let r = row
            .checked_add(dr)
            .ok_or("generators.py:17: `the value` leaves i64")?;
        let c = column
            .checked_add(dc)
            .ok_or("generators.py:17: `the value` leaves i64")?;
        if r < 0 || r > 3 || c < 0 || c > 3 {
            continue;
        }
        items.push((r, c));
    }
    Ok(items)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Ring {
    size: i64,
    values: Vec<f64>,
    head: i64,
}

impl Ring {
    fn new(size: i64) -> Self {
        Self {
            size,
            values: vec![0.0; size as usize],
            head: 0,
        }
    }

    fn push(&mut self, x: f64) -> CuResult<()> {
        *self
            .values
            .get_mut(self.head as usize)
            .ok_or("generators.py:30: IndexError: list assignment index out of range")? = x;
        self.head = (self.head + 1) % self.size;
        Ok(())
    }

    fn items(&self) -> CuResult<Vec<f64>> {
        let mut items: Vec<f64> = Vec::new();
        for i in 0..self.size {
            items.push(
                *self
                    .values
                    .get(((self.head + i) % self.size) as usize)
                    .ok_or("generators.py:35: IndexError: list index out of range")?,
            );
        }
        Ok(items)
    }
}

fn level(x: f64) -> String {
    let mut found = "full".to_string();
    for &(limit, name) in &LEVELS {
        if x < limit && found == "full" {
            found = name.to_string();
        }
    }
    found
}

//! Unwraps the 12-bit magnetic encoders of both wheels into running tick counts.
//!
//! Translated by migrate 0.1.0 from `python/encoders.py`: 45 of 45 statements.
//! Warning MIG0301 line 50: `left` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 51: `right` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "encoders", script = "python/encoders.py", mode = "embedded"
//! migrate: state = "()", source = "caaf0d0cc85e250d", seal = "0b2dea12de59726f"

use crate::messages::{WheelCounts, WheelTravel};
use cu29::bincode::de::Decoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const ENCODER_BITS: i64 = 12;
const MODULUS: i64 = 1 << ENCODER_BITS;
const HALF: i64 = MODULUS / 2;
const MAX_STEP: i64 = 900; // ticks that a wheel can really turn in one cycle
const MAX_GLITCHES: i64 = 3;

#[derive(Debug, Reflect)]
pub struct Encoders {
    left: Encoder,
    right: Encoder,
}

impl Freezable for Encoders {
    fn freeze<E: cu29::bincode::enc::Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.left, encoder)?;
        Encode::encode(&self.right, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.left = Decode::decode(decoder)?;
        self.right = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Encoders {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(WheelCounts);
    type Output<'m> = output_msg!(WheelTravel);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            left: Encoder::new("left", false),
            right: Encoder::new("right", true),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let Some(counts) = input.payload() else {
            // nothing to tell: the odometry must not count the last step twice
            output.clear_payload();
            return Ok(());
        };

        let out = output.payload_mut().get_or_insert_default();
        out.d_left = self.left.update(i64::from(counts.left))? as i16;
        out.d_right = self.right.update(i64::from(counts.right))? as i16;
        out.left = i32::try_from(self.left.position)
            .map_err(|_| "python/encoders.py:64: `left` leaves i32")?;
        out.right = i32::try_from(self.right.position)
            .map_err(|_| "python/encoders.py:65: `right` leaves i32")?;
        out.glitch = self.left.glitches > 0 || self.right.glitches > 0;
        output.tov = input.tov;
        Ok(())
    }
}

/// Extends a counter that wraps around to a signed position.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Encoder {
    name: String,
    reverse: bool,
    last_raw: Option<i64>,
    position: i64,
    glitches: i64,
}

impl Encoder {
    fn new(name: &str, reverse: bool) -> Self {
        Self {
            name: name.to_string(),
            reverse,
            last_raw: None,
            position: 0,
            glitches: 0,
        }
    }

    /// Takes a raw count and returns the ticks since the last good one.
    fn update(&mut self, mut raw: i64) -> CuResult<i64> {
        raw &= MODULUS - 1;
        let Some(last_raw) = self.last_raw else {
            self.last_raw = Some(raw);
            return Ok(0);
        };

        let mut step = raw - last_raw;
        if step > HALF {
            step -= MODULUS;
        } else if step < -HALF {
            step += MODULUS;
        }

        if step.abs() > MAX_STEP {
            // One wild reading is noise, several in a row mean that the magnet has slipped.
            self.glitches += 1;
            if self.glitches >= MAX_GLITCHES {
                info!(
                    "{} encoder: new origin after {} wild readings",
                    &self.name, self.glitches
                );
                self.last_raw = Some(raw);
                self.glitches = 0;
            }
            return Ok(0);
        }

        self.glitches = 0;
        self.last_raw = Some(raw);
        if self.reverse {
            step = -step;
        }
        self.position = self
            .position
            .checked_add(step)
            .ok_or("python/encoders.py:46: `position` leaves i64")?;
        Ok(step)
    }
}

//! Ring buffer and table.
//!
//! Translated by migrate 0.1.0 from `globals.py`: 14 of 14 statements.
//! Warning MIG0301 line 3: `buf` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 4: `idx` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! migrate: task = "globals", script = "globals.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "437a7f69e894c435", seal = "44b08fd9a0995fff"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LIMITS_HIGH: f64 = 2.5;
const LIMITS_LOW: f64 = -2.0;
const LIMITS_N: i64 = 4;

#[derive(Debug, Reflect)]
pub struct Globals {
    state: DriveState,
    buf: [f64; 4],
    idx: i64,
}

impl Freezable for Globals {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.buf, encoder)?;
        Encode::encode(&self.idx, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.buf = Decode::decode(decoder)?;
        self.idx = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Globals {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            buf: [0.0; 4],
            idx: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, _measured) = *input;
        let (drive, _alarm) = output;
        let enabled = target.payload().is_some_and(|c| c.speed > 0.0);
        if !enabled {
            return Ok(());
        }
        let c = target
            .payload()
            .ok_or("globals.py:20: AttributeError (`c` is None)")?;
        let m = push(f64::from(c.speed), &mut self.buf, &mut self.idx);
        drive.payload_mut().get_or_insert_default().accel =
            py_min(if LIMITS_LOW > m { LIMITS_LOW } else { m }, LIMITS_HIGH) as f32;
        Ok(())
    }
}

fn push(v: f64, buf: &mut [f64; 4], idx: &mut i64) -> f64 {
    (*buf)[*idx as usize] = v;
    *idx = (*idx + 1) % LIMITS_N;
    buf.iter().fold(0.0, |sum, &x| sum + x) / 4.0
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

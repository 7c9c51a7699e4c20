//! Values that are an int on one path and a float on another.
//!
//! Translated by migrate 0.1.0 from `ints_and_floats.py`: 30 of 30 statements.
//! Warning MIG0316 line 14: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0316 line 14: `x * y` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0301 line 29: `coarse` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 30: `fine` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "ints_and_floats", script = "ints_and_floats.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "bcf8cdea316b0979", seal = "8648423dbfeaf286"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LIMIT: f64 = 2.0;

#[derive(Debug, Reflect)]
pub struct IntsAndFloats {
    state: DriveState,
    coarse: Integral,
    fine: Integral,
}

impl Freezable for IntsAndFloats {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.coarse, encoder)?;
        Encode::encode(&self.fine, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.coarse = Decode::decode(decoder)?;
        self.fine = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for IntsAndFloats {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            coarse: Integral::new(LIMIT),
            fine: Integral::new(0.5),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, _alarm) = output;
        let mut state = self.state.clone();
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("ints_and_floats.py:36: `missed` leaves u32")?;
            self.state = state;
            return Ok(());
        };

        // a zero is always the int's: it has no sign
        let stick = -deadband(f64::from(goal_payload.speed), 0.05) + 0.0;
        // only compared: the sign of a zero does not show
        let braking = -self.coarse.add(f64::from(goal_payload.speed))
            > self.fine.add(f64::from(measured_payload.speed));
        // ints here, floats there: two functions
        let cells = dot_int(&[1, 2, 3], &[4, 5, 6])?.div_euclid(7);
        let mean = dot(&state.window, &[0.25, 0.25, 0.25, 0.25]);
        // on this path it is a float
        let mut error = 0.0;
        if !braking {
            error = f64::from(goal_payload.speed) - f64::from(measured_payload.speed);
            drive.payload_mut().get_or_insert_default().accel = -error as f32;
        }
        state.last = Some((stick + error + mean.rem_euclid(1.5)) as f32);
        drive.payload_mut().get_or_insert_default().sector =
            u8::try_from(cells).map_err(|_| "ints_and_floats.py:52: `sector` leaves u8")?;
        self.state = state;
        Ok(())
    }
}

/// Zero, an int, in a band.
fn deadband(value: f64, band: f64) -> f64 {
    if value.abs() < band { 0.0 } else { value }
}

fn dot_int(a: &[i64; 3], b: &[i64; 3]) -> CuResult<i64> {
    let mut total: i64 = 0;
    for (&x, &y) in a.iter().zip(b) {
        total = total
            .checked_add(
                x.checked_mul(y)
                    .ok_or("ints_and_floats.py:14: an int leaves 64 bits")?,
            )
            .ok_or("ints_and_floats.py:14: an int leaves 64 bits")?;
    }
    Ok(total)
}

fn dot(a: &[f32; 4], b: &[f64; 4]) -> f64 {
    let mut total = 0.0;
    for (&x, &y) in a.iter().zip(b) {
        total += f64::from(x) * y;
    }
    total
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Integral {
    limit: f64,
    value: f64,
}

impl Integral {
    fn new(limit: f64) -> Self {
        Self { limit, value: 0.0 }
    }

    fn add(&mut self, x: f64) -> f64 {
        // `-self.limit` of an int that is not zero
        self.value = (-self.limit).max(py_min(self.value + x, self.limit));
        self.value
    }
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

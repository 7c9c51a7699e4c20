//! Ints and floats with Python's signs, precision and order.
//!
//! Translated by migrate 0.1.0 from `numbers.py`: 21 of 21 statements.
//! migrate: task = "numbers", script = "numbers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5bc308e6d3f0a7a8", seal = "fee4bb2e3f7ec4df"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const STEPS: i64 = 0xFF;
const TURN: f64 = 2.0 * std::f64::consts::PI;

#[derive(Debug, Reflect)]
pub struct Numbers {
    state: DriveState,
}

impl Freezable for Numbers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Numbers {
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
        let (goal, measured) = *input;
        let (drive, _alarm) = output;
        let mut state = WideDriveState::load(&self.state);
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            state.missed += 1;
            self.state = state.store()?;
            return Ok(());
        };

        // floor division rounds down, the remainder has the divisor's sign
        let ticks = if f64::from(goal_payload.speed).abs() < 1e6 {
            float_to_int((f64::from(goal_payload.speed) * 100.0).trunc())
                .ok_or("numbers.py:24: ValueError or OverflowError (int: no 64-bit int)")?
        } else {
            0
        };
        let quarter = ticks.div_euclid(4);
        let rest = ticks.rem_euclid(4)
            - modulo(7, -3).ok_or("numbers.py:26: ZeroDivisionError: integer modulo by zero")?;
        let mixed = (if f64::from(measured_payload.speed) > 0.0 {
            f64::from(measured_payload.speed)
        } else {
            0.0
        }) + (rest as f64).min(2.5);
        let bits = ((quarter & STEPS) ^ (rest << 2)) | 1;

        state.window[ticks.rem_euclid(4) as usize] = f64::from(measured_payload.speed);
        let total = state.window.iter().fold(0.0, |sum, &x| sum + x);
        if (0.0..100.0).contains(&total) && !mixed.is_nan() {
            drive.payload_mut().get_or_insert_default().accel =
                (heading(total / 4.0) * sign(mixed) as f64) as f32;
        }
        if let Some(last) = state.last
            && f64::from(goal_payload.speed) != last
        {
            drive.payload_mut().get_or_insert_default().sector = (bits % 200) as u8;
        }
        state.last = Some(f64::from(goal_payload.speed).powi(2) / 3.0);
        let drive_tov = goal.tov;
        self.state = state.store()?;
        drive.tov = drive_tov;
        Ok(())
    }
}

/// `DriveState` with the widths that Python computes in.
#[derive(Debug, Clone)]
struct WideDriveState {
    started_ns: i128,
    missed: i64,
    last_goal: f64,
    window: [f64; 4],
    last: Option<f64>,
}

impl WideDriveState {
    fn load(state: &DriveState) -> Self {
        Self {
            started_ns: i128::from(state.started_ns),
            missed: i64::from(state.missed),
            last_goal: f64::from(state.last_goal),
            window: state.window.map(f64::from),
            last: state.last.map(f64::from),
        }
    }

    fn store(self) -> CuResult<DriveState> {
        Ok(DriveState {
            started_ns: u64::try_from(self.started_ns)
                .map_err(|_| "numbers.py: `started_ns` leaves u64")?,
            missed: u32::try_from(self.missed).map_err(|_| "numbers.py: `missed` leaves u32")?,
            last_goal: self.last_goal as f32,
            window: self.window.map(|x| x as f32),
            last: self.last.map(|x| x as f32),
        })
    }
}

fn sign(x: f64) -> i64 {
    i64::from(x > 0.0) - i64::from(x < 0.0)
}

/// Wraps an angle to -pi..pi.
fn heading(angle: f64) -> f64 {
    (angle + std::f64::consts::PI) % TURN - std::f64::consts::PI
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

//! Translated by migrate 0.1.0 from `shared_state.py`: 21 of 21 statements.
//! migrate: task = "shared_state", script = "shared_state.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "abfc15fa5ab104d8", seal = "3fe256590d5fd708"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const WINDOW: i64 = 5;

#[derive(Debug, Reflect)]
pub struct SharedState {
    state: DriveState,
}

impl Freezable for SharedState {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SharedState {
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
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, _measured) = *input;
        let (drive, alarm) = output;
        let mut state = WideDriveState::load(&self.state);
        let Some(goal) = target.payload().filter(|goal| !goal.speed.is_nan()) else {
            state.missed += 1;
            report(&state, alarm, &format!("lost {}", state.missed))?;
            info!(ctx, "lost {}", state.missed);
            self.state = state.store()?;
            return Ok(());
        };
        let x = smooth(&mut state, f64::from(goal.speed));
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (x + state.last_goal) as f32;
        let mut values: Vec<f64> = Vec::new();
        for i in 0..WINDOW {
            values.push(x * i as f64);
        }
        let total = true_div(
            values.iter().fold(0.0, |sum, &x| sum + x),
            values.len() as f64,
        )
        .ok_or("shared_state.py:33: ZeroDivisionError: float division by zero")?;
        let best = values
            .iter()
            .copied()
            .reduce(|best, x| if x > best { x } else { best })
            .ok_or("shared_state.py:34: ValueError: max() arg is an empty sequence")?;
        drive_payload.sector = u8::try_from(
            float_to_int(py_min((total + best).abs(), 9.0).trunc())
                .ok_or("shared_state.py:35: ValueError or OverflowError (int: no 64-bit int)")?,
        )
        .map_err(|_| "shared_state.py:35: `sector` leaves u8")?;
        self.state = state.store()?;
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
                .map_err(|_| "shared_state.py: `started_ns` leaves u64")?,
            missed: u32::try_from(self.missed)
                .map_err(|_| "shared_state.py: `missed` leaves u32")?,
            last_goal: self.last_goal as f32,
            window: self.window.map(|x| x as f32),
            last: self.last.map(|x| x as f32),
        })
    }
}

fn bump(s: &mut WideDriveState, v: f64) -> f64 {
    s.last_goal = s.last_goal * 0.9 + v;
    s.last_goal
}

fn smooth(state: &mut WideDriveState, v: f64) -> f64 {
    let a = bump(state, v);
    let b = bump(state, v * 0.3);
    a - b
}

fn report(state: &WideDriveState, out: &mut CuMsg<Alarm>, why: &str) -> CuResult<()> {
    out.set_payload(Alarm {
        reason: why.to_string(),
        missed: u32::try_from(state.missed)
            .map_err(|_| "shared_state.py:18: `missed` leaves u32")?,
    });
    Ok(())
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

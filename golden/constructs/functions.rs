//! What Python makes of functions: closures, decorators, `partial`, what is kept with them.
//!
//! Translated by migrate 0.1.0 from `functions.py`: 51 of 51 statements.
//! Warning MIG0301 line 45: `remember_history` lives outside `state`: Copper's keyframes did not
//! hold it; here it is frozen with the task.
//! Warning MIG0301 line 57: `ticks_n` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 74: `smooth` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "functions", script = "functions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "637cc3f90fcfc571", seal = "715b9c2cbad1af6c"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Functions {
    state: DriveState,
    remember_history: Vec<f64>,
    ticks_n: i64,
    smooth: Filter,
}

impl Freezable for Functions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.remember_history, encoder)?;
        Encode::encode(&self.ticks_n, encoder)?;
        Encode::encode(&self.smooth, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.remember_history = Decode::decode(decoder)?;
        self.ticks_n = Decode::decode(decoder)?;
        self.smooth = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Functions {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            remember_history: Vec::new(),
            ticks_n: 0,
            smooth: Filter::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let used = 0.0;
        let count: i64 = 0;
        let (_, count, used) = take(f64::from(goal_payload.speed), count, used)?;
        let (mut fine, count, used) = take(f64::from(measured_payload.speed), count, used)?;
        let (result, count, used) = take(1.0, count, used)?;
        if !result {
            fine = false;
        }
        let mut u = if fine {
            half(square(used))
        } else {
            lift(f64::from(goal_payload.speed), 2.0)
        };
        u += mean(&[u, f64::from(goal_payload.speed), 1.0], 0.5) + mean(&[u, 2.0], 1.0);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            self.smooth
                .run(remember(u, &mut self.remember_history)?, 0.25) as f32;
        drive_payload.sector = count
            .checked_add(squares(ticks(&mut self.ticks_n) % 8))
            .ok_or("functions.py:100: an int leaves 64 bits")?
            .rem_euclid(200) as u8;
        Ok(())
    }
}

fn scale(k: f64, x: f64) -> f64 {
    k * x
}

fn half(x: f64) -> f64 {
    scale(0.5, x)
}

/// The lift at a speed.
fn lift(v: f64, offset: f64) -> f64 {
    let y = lift_undecorated(v, offset);
    if y < 0.0 {
        return 0.0;
    }
    y
}

fn lift_undecorated(v: f64, offset: f64) -> f64 {
    v * v - offset
}

fn squares(n: i64) -> i64 {
    let mut total: i64 = 0;
    for i in 0..n.min(20) {
        total += i * i;
    }
    total
}

fn mean(values: &[f64], gain: f64) -> f64 {
    let mut total = 0.0;
    for &v in values {
        total += v;
    }
    gain * total / values.len().max(1) as f64
}

#[allow(clippy::ptr_arg)]
fn remember(x: f64, remember_history: &mut Vec<f64>) -> CuResult<f64> {
    remember_history.push(x);
    if remember_history.len() > 3 {
        (!remember_history.is_empty())
            .then(|| remember_history.remove(0))
            .ok_or("functions.py:48: IndexError: pop from empty list")?;
    }
    Ok(*remember_history
        .first()
        .ok_or("functions.py:49: IndexError: list index out of range")?)
}

fn ticks(ticks_n: &mut i64) -> i64 {
    *ticks_n += 1;
    *ticks_n
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filter {
    y: f64,
}

impl Filter {
    fn new() -> Self {
        Self { y: 0.0 }
    }

    fn run(&mut self, x: f64, limit: f64) -> f64 {
        self.y += step(x - self.y, limit);
        self.y
    }
}

fn step(delta: f64, limit: f64) -> f64 {
    if delta.abs() > limit {
        return limit;
    }
    delta
}

fn take(amount: f64, mut count: i64, mut used: f64) -> CuResult<(bool, i64, f64)> {
    count = count
        .checked_add(1)
        .ok_or("functions.py:86: an int leaves 64 bits")?;
    if used + amount > 10.0 {
        return Ok((false, count, used));
    }
    used += amount;
    Ok((true, count, used))
}

fn square(v: f64) -> f64 {
    v * v
}

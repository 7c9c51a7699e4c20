//! Keeps what it measures between bounds: the shapes in which people write that.
//!
//! Translated by migrate 0.1.0 from `bounds.py`: 68 of 68 statements.
//! Warning MIG0301 line 75: `grid` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "bounds", script = "bounds.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f092c28632784540", seal = "2f5c6e1a70243127"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MAX_ACCEL: f64 = 2.5;
const MIN_ACCEL: f64 = -1.5;
const SECTORS: i64 = 8;
const LIMIT: f64 = 0.0;

#[derive(Debug, Reflect)]
pub struct Bounds {
    state: DriveState,
    grid: Grid,
}

impl Freezable for Bounds {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.grid, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.grid = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Bounds {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            grid: Grid::new(6, 4),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, meas) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let (Some(goal_payload), Some(measured)) = (goal.payload(), meas.payload()) else {
            return Ok(());
        };
        let speed = f64::from(measured.speed);
        if !(-1000.0 < speed && speed < 1000.0) {
            return Ok(());
        }
        let wanted = f64::from(goal_payload.speed).clamp(-4.0, 4.0);
        let error = wanted - speed;
        let sector = sector_of(
            float_to_int(error.trunc())
                .ok_or("bounds.py:91: ValueError or OverflowError (int: no 64-bit int)")?,
        );
        let inside = self.grid.inside(speed, error)?;
        let between = self.grid.between(speed, error)?;
        self.grid.forget(sector);
        let mut missed = i64::from(state.missed);
        if missed < sector {
            missed += 1;
        }
        state.missed = u32::try_from(missed).map_err(|_| "bounds.py:98: `missed` leaves u32")?;
        let accel = saturate(error) + limit(speed) + above(error) + grade(speed, error);
        let mut label = (if inside { "" } else { "out" }).to_string();
        if label.is_empty() && between {
            label = "near".into();
        }
        drive.set_payload(Drive {
            accel: accel as f32,
            sector: sector as u8,
        });
        if !label.is_empty() {
            let text = format!(
                "{label} {} {:?}",
                if self.grid.full { "True" } else { "False" },
                self.grid.seen
            );
            alarm.set_payload(Alarm {
                reason: format!("sector {sector:#b} {text}"),
                missed: u32::try_from(missed).map_err(|_| "bounds.py:106: `missed` leaves u32")?,
            });
        }
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Grid {
    width: i64,
    height: i64,
    seen: Vec<i64>,
    full: bool,
    column: i64,
}

impl Grid {
    fn new(width: i64, height: i64) -> Self {
        Self {
            width,
            height,
            seen: vec![0, 1],
            full: false,
            column: 0,
        }
    }

    fn get_x(&mut self, speed: f64) -> CuResult<i64> {
        self.column += 1;
        Ok(float_to_int(speed.trunc())
            .ok_or("bounds.py:19: ValueError or OverflowError (int: no 64-bit int)")?
            + self.column % 3)
    }

    fn inside(&mut self, a: f64, b: f64) -> CuResult<bool> {
        // Each side of the `and` computes what it compares.
        let middle = self.get_x(a)?;
        Ok((0..self.width).contains(&middle)
            && matches!(self.get_x(b)?, x if 0 <= x && x <= self.height))
    }

    fn between(&mut self, a: f64, b: f64) -> CuResult<bool> {
        Ok(a > b || matches!(self.get_x(b)?, x if 1 < x && x < self.height))
    }

    fn forget(&mut self, sector: i64) {
        self.seen.retain(|&s| s != sector);
        self.seen.push(sector);
        self.full = self.seen.len() > 4;
    }
}

fn saturate(x: f64) -> f64 {
    x.clamp(MIN_ACCEL, MAX_ACCEL)
}

fn limit(x: f64) -> f64 {
    x.clamp(-MAX_ACCEL, MAX_ACCEL)
}

#[allow(clippy::manual_clamp)]
fn above(mut x: f64) -> f64 {
    // At zero the two forms differ in the sign of the zero.
    if x <= LIMIT {
        x = LIMIT;
    } else if x >= 1.0 {
        x = 1.0;
    }
    x
}

fn sector_of(n: i64) -> i64 {
    n.clamp(0, SECTORS)
}

fn grade(x: f64, y: f64) -> f64 {
    if x < 0.0 || y < 0.0 {
        // behind
        -y
    } else {
        // in front
        y
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

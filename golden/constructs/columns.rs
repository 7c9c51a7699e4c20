//! `zip(*rows)` of any number of rows: matrices as lists of lists, histories of tuples.
//!
//! Translated by migrate 0.1.0 from `columns.py`: 23 of 23 statements.
//! Warning MIG0301 line 32: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "columns", script = "columns.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "17dd1c2e4b4ccb27", seal = "0c003908c2b370ad"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const STEP: f64 = 0.1;

#[derive(Debug, Reflect)]
pub struct Columns {
    state: DriveState,
    tracker: Filter,
}

impl Freezable for Columns {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Columns {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            tracker: Filter::new(),
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
        let Some(measured_payload) = measured
            .payload()
            .filter(|measured_payload| (0.0..10.0).contains(&measured_payload.speed))
        else {
            return Ok(());
        };
        self.tracker.step(
            f64::from(measured_payload.speed),
            f64::from(measured_payload.ranges[0]).abs() % 1.0,
        )?;
        let (best, mean, loud) = self.tracker.summary()?;
        drive.payload_mut().get_or_insert_default().accel = (best + mean) as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = (if loud { "loud" } else { "" }).to_string();
        for column in &columns(&self.tracker.covariance) {
            alarm_payload.missed = u32::try_from(
                float_to_int(
                    (*column
                        .first()
                        .ok_or("columns.py:44: IndexError: list index out of range")?
                        * 10.0)
                        .trunc(),
                )
                .ok_or("columns.py:44: ValueError or OverflowError (int: no 64-bit int)")?,
            )
            .map_err(|_| "columns.py:44: `missed` leaves u32")?;
        }
        Ok(())
    }
}

fn multiply(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    a.iter()
        .map(|row| {
            columns(b)
                .iter()
                .map(|column| {
                    row.iter()
                        .zip(column)
                        .map(|(&x, &y)| x * y)
                        .fold(0.0, |sum, x| sum + x)
                })
                .collect()
        })
        .collect()
}

fn transposed(m: &[Vec<f64>]) -> Vec<Vec<f64>> {
    columns(m)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filter {
    covariance: Vec<Vec<f64>>,
    history: Vec<(f64, f64, bool)>,
}

impl Filter {
    fn new() -> Self {
        Self {
            covariance: vec![vec![1.0, 0.0], vec![0.0, 1.0]],
            history: Vec::new(),
        }
    }

    fn step(&mut self, measured: f64, noise: f64) -> CuResult<()> {
        let model = [vec![1.0, STEP], vec![0.0, 1.0]];
        let spread = multiply(&multiply(&model, &self.covariance), &transposed(&model));
        self.covariance = spread
            .iter()
            .map(|row| row.iter().map(|&cell| py_min(cell + noise, 9.0)).collect())
            .collect();
        self.history.push((
            measured,
            *self
                .covariance
                .first()
                .ok_or("columns.py:23: IndexError: list index out of range")?
                .first()
                .ok_or("columns.py:23: IndexError: list index out of range")?,
            noise > 0.5,
        ));
        if self.history.len() > 5 {
            (!self.history.is_empty())
                .then(|| self.history.remove(0))
                .ok_or("columns.py:25: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn summary(&self) -> CuResult<(f64, f64, bool)> {
        let (values, spreads, loud) = (!self.history.is_empty())
            .then(|| {
                (
                    self.history.iter().map(|row| row.0).collect::<Vec<_>>(),
                    self.history.iter().map(|row| row.1).collect::<Vec<_>>(),
                    self.history.iter().map(|row| row.2).collect::<Vec<_>>(),
                )
            })
            .ok_or("columns.py:28: ValueError: not enough values to unpack (expected 3, got 0)")?;
        Ok((
            values
                .iter()
                .copied()
                .reduce(|best, x| if x > best { x } else { best })
                .ok_or("columns.py:29: ValueError: max() arg is an empty sequence")?,
            true_div(
                spreads.iter().fold(0.0, |sum, &x| sum + x),
                spreads.len() as f64,
            )
            .ok_or("columns.py:29: ZeroDivisionError: float division by zero")?,
            loud.iter().any(|&x| x),
        ))
    }
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

/// The columns of rows, as many as the shortest row has: Python's `zip(*rows)`.
fn columns<T: Clone, R: AsRef<[T]>>(rows: &[R]) -> Vec<Vec<T>> {
    let count = rows.iter().map(|row| row.as_ref().len()).min().unwrap_or(0);
    let column = |i: usize| {
        rows.iter()
            .filter_map(move |row| row.as_ref().get(i).cloned())
    };
    (0..count).map(|i| column(i).collect()).collect()
}

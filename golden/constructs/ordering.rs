//! Sorting, the best by a key, `:=`, and generators that stop early.
//!
//! Translated by migrate 0.1.0 from `ordering.py`: 36 of 36 statements.
//! Warning MIG0301 line 23: `window` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "ordering", script = "ordering.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "fa18f8e10e1cbd0d", seal = "e829f1b04bca0588"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SLOTS: [(i64, f64); 4] = [(3, 0.5), (1, 2.5), (2, -1.0), (1, 0.0)];

#[derive(Debug, Reflect)]
pub struct Ordering {
    state: DriveState,
    window: Window,
}

impl Freezable for Ordering {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.window, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.window = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Ordering {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            window: Window::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.window.push(f64::from(goal_payload.speed))?;
        let nearest = SLOTS
            .iter()
            .copied()
            .reduce(|best, s| {
                if far_from(s, f64::from(goal_payload.speed))
                    < far_from(best, f64::from(goal_payload.speed))
                {
                    s
                } else {
                    best
                }
            })
            .ok_or("ordering.py:39: ValueError: min() arg is an empty sequence")?;
        let highest = SLOTS
            .iter()
            .copied()
            .reduce(|best_2, s| if s.0 > best_2.0 { s } else { best_2 })
            .ok_or("ordering.py:40: ValueError: max() arg is an empty sequence")?;
        let mut slots = SLOTS.to_vec();
        slots.sort_by_key(|&s| s.0);
        let error = f64::from(goal_payload.speed) - f64::from(measured_payload.speed);
        if error > 0.5 {
            drive.payload_mut().get_or_insert_default().accel = error as f32;
        } else {
            let size = error.abs();
            if size > 0.25 {
                drive.payload_mut().get_or_insert_default().accel = -size as f32;
            } else {
                drive.payload_mut().get_or_insert_default().accel = (self.window.median()?
                    + *self
                        .window
                        .spread()?
                        .first()
                        .ok_or("ordering.py:48: IndexError: list index out of range")?)
                    as f32;
            }
        }
        let mut n = (self.window.values.len() * 10) as i64;
        let mut steps: i64 = 0;
        loop {
            n = halve(n);
            if n <= 2 {
                break;
            }
            steps += 1;
        }
        let close = measured_payload.ranges.iter().any(|&r| f64::from(r) < 0.1);
        let steep = measured_payload
            .ranges
            .iter()
            .filter(|&&r| r != 0.0)
            .any(|&r| 1.0 / f64::from(r) > 20.0);
        let clear = measured_payload.ranges.iter().all(|&r| r > 0.5);
        let first = measured_payload
            .ranges
            .iter()
            .enumerate()
            .filter(|&(_, &r)| r > 1.0)
            .map(|(i, _)| i as i64)
            .next()
            .unwrap_or(-1);
        let mut d: f64;
        let mut doubled: Vec<f64> = Vec::new();
        for &r in &measured_payload.ranges {
            d = f64::from(r) * 2.0;
            if d < 3.0 {
                doubled.push(d);
            }
        }
        drive.payload_mut().get_or_insert_default().sector = u8::try_from(
            steps
                .checked_add(nearest.0)
                .ok_or("ordering.py:58: an int leaves 64 bits")?
                .checked_add(highest.0)
                .ok_or("ordering.py:58: an int leaves 64 bits")?
                .checked_add(
                    slots
                        .first()
                        .ok_or("ordering.py:58: IndexError: list index out of range")?
                        .0,
                )
                .ok_or("ordering.py:58: an int leaves 64 bits")?
                .checked_add(doubled.len() as i64)
                .ok_or("ordering.py:58: `sector` leaves u8")?,
        )
        .map_err(|_| "ordering.py:58: `sector` leaves u8")?;
        if close || steep || !clear {
            alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
                first
                    .checked_add(1)
                    .ok_or("ordering.py:60: `missed` leaves u32")?,
            )
            .map_err(|_| "ordering.py:60: `missed` leaves u32")?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Window {
    values: Vec<f64>,
}

impl Window {
    fn new() -> Self {
        Self { values: Vec::new() }
    }

    fn push(&mut self, v: f64) -> CuResult<()> {
        self.values.push(v);
        if self.values.len() > 5 {
            (!self.values.is_empty())
                .then(|| self.values.remove(0))
                .ok_or("ordering.py:13: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn median(&self) -> CuResult<f64> {
        let mut ordered = self.values.to_vec();
        py_sort(&mut ordered, |&x| x)
            .ok_or("ordering.py:16: a NaN among 64 or more values to sort")?;
        Ok(*ordered
            .get(ordered.len() / 2)
            .ok_or("ordering.py:17: IndexError: list index out of range")?)
    }

    fn spread(&self) -> CuResult<Vec<f64>> {
        let mut ordered = self.values.to_vec();
        ordered.reverse();
        py_sort(&mut ordered, |&item| item.abs())
            .ok_or("ordering.py:20: a NaN among 64 or more values to sort")?;
        ordered.reverse();
        Ok(ordered)
    }
}

fn far_from(slot: (i64, f64), x: f64) -> f64 {
    (slot.1 - x).abs()
}

fn halve(n: i64) -> i64 {
    n / 2
}

/// Python's `xs.sort(key=…)` by numbers: stable, and with a NaN as CPython sorts fewer than 64
/// values. `None` where a NaN is among more.
fn py_sort<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    let order = |a: &T, b: &T| key(a).partial_cmp(&key(b));
    if xs.iter().all(|x| order(x, x).is_some()) {
        xs.sort_by(|a, b| order(a, b).unwrap_or(std::cmp::Ordering::Equal));
        return Some(());
    }
    let less = |a: &T, b: &T| key(a) < key(b);
    let falls = |pair: &[T]| matches!(pair, [a, b] if less(b, a));
    let down = xs.windows(2).take_while(|pair| falls(pair)).count();
    let up = xs.windows(2).take_while(|pair| !falls(pair)).count();
    let run = down.max(up) + 1;
    if down > 0 {
        xs.get_mut(..run)?.reverse();
    }
    for end in run..xs.len() {
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(xs.get(end)?, xs.get(middle)?) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        xs.get_mut(low..=end)?.rotate_right(1);
    }
    (xs.len() < 64).then_some(())
}

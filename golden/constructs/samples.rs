//! Samples with gaps, their statistics, and the neighbours of a cell.
//!
//! Translated by migrate 0.1.0 from `samples.py`: 24 of 24 statements.
//! Warning MIG0301 line 8: `slots` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 9: `window` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 10: `visits` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "samples", script = "samples.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "d0235d1c5ee48575", seal = "6fe53b90b977799c"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

const WIDTH: i64 = 8;
const HEIGHT: i64 = 4;

#[derive(Debug, Reflect)]
pub struct Samples {
    state: DriveState,
    slots: Vec<Option<f64>>,
    window: VecDeque<f64>,
    visits: Vec<Vec<i64>>,
}

impl Freezable for Samples {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.slots, encoder)?;
        Encode::encode(&self.window, encoder)?;
        Encode::encode(&self.visits, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.slots = Decode::decode(decoder)?;
        self.window = Decode::decode(decoder)?;
        self.visits = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Samples {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            slots: vec![None; 4],
            window: VecDeque::with_capacity(9),
            visits: (0..HEIGHT).map(|_| vec![0; WIDTH as usize]).collect(),
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
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        *self
            .slots
            .get_mut((state.missed % 4) as usize)
            .ok_or("samples.py:26: IndexError: list assignment index out of range")? =
            if measured_payload.speed > 0.0 {
                Some(f64::from(measured_payload.speed))
            } else {
                None
            };
        let known: Vec<f64> = self.slots.iter().flatten().copied().collect();
        if !known.is_empty() {
            drive.payload_mut().get_or_insert_default().accel = true_div(
                fsum(known.iter().copied()).ok_or(
                    "samples.py:29: ValueError or OverflowError (not finite, or out of range)",
                )?,
                known.len() as f64,
            )
            .ok_or("samples.py:29: StatisticsError: fmean requires at least one data point")?
                as f32;
        }

        push_window(
            &mut self.window,
            9,
            f64::from(measured_payload.ranges[0]) * 0.5,
        );
        let data: Vec<f64> = self.window.iter().copied().collect();
        let spread = exact_mean(&data)
            .ok_or("samples.py:32: StatisticsError: mean requires at least one data point")?
            - ({
                let mut data: Vec<f64> = self.window.iter().copied().collect();
                py_sort(&mut data, |&x| x)
                    .ok_or("samples.py:32: a NaN among 64 or more values to sort")?;
                median_of(&data)
                    .ok_or("samples.py:32: StatisticsError: no median for empty data")?
            });
        for &(x, y) in &neighbours(
            i64::from(state.missed % WIDTH as u32),
            i64::from(state.missed % HEIGHT as u32),
        )? {
            let at = index(y, self.visits.len())
                .ok_or("samples.py:34: IndexError: list index out of range")?;
            let at_2 = index(x, self.visits[at].len())
                .ok_or("samples.py:34: IndexError: list assignment index out of range")?;
            self.visits[at][at_2] = self.visits[index(y, self.visits.len())
                .ok_or("samples.py:34: IndexError: list index out of range")?][index(
                x,
                self.visits[index(y, self.visits.len())
                    .ok_or("samples.py:34: IndexError: list index out of range")?]
                .len(),
            )
            .ok_or("samples.py:34: IndexError: list index out of range")?]
            .checked_add(1)
            .ok_or("samples.py:34: an int leaves 64 bits")?
            .min(255);
        }
        let mut values: Vec<i64> = Vec::new();
        for row in &self.visits {
            values.push(
                row.iter()
                    .copied()
                    .max()
                    .ok_or("samples.py:35: ValueError: max() arg is an empty sequence")?,
            );
        }
        drive.payload_mut().get_or_insert_default().sector = u8::try_from(
            values
                .iter()
                .copied()
                .max()
                .ok_or("samples.py:35: ValueError: max() arg is an empty sequence")?,
        )
        .map_err(|_| "samples.py:35: `sector` leaves u8")?;

        let text = format!("[{}]", with_sign(&fixed_text(spread, 3), '+'));
        if str_slice(&text, Some(1), None).starts_with('-') || goal.payload().is_none() {
            let alarm_payload = alarm.payload_mut().get_or_insert_default();
            alarm_payload.reason = text.clone();
            alarm_payload.missed =
                u32::try_from(known.len()).map_err(|_| "samples.py:40: `missed` leaves u32")?;
        }
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("samples.py:41: `missed` leaves u32")?;
        Ok(())
    }
}

#[allow(clippy::manual_range_contains)]
fn neighbours(x: i64, y: i64) -> CuResult<Vec<(i64, i64)>> {
    let mut values: Vec<(i64, i64)> = Vec::new();
    for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        let middle = x
            .checked_add(dx)
            .ok_or("samples.py:14: an int leaves 64 bits")?;
        if (0..WIDTH).contains(&middle)
            && (0
                <= y.checked_add(dy)
                    .ok_or("samples.py:14: an int leaves 64 bits")?
                && y.checked_add(dy)
                    .ok_or("samples.py:14: an int leaves 64 bits")?
                    < HEIGHT)
        {
            values.push((
                x.checked_add(dx)
                    .ok_or("samples.py:14: an int leaves 64 bits")?,
                y.checked_add(dy)
                    .ok_or("samples.py:14: an int leaves 64 bits")?,
            ));
        }
    }
    Ok(values)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `math.fsum(xs)`, correctly rounded: `None` where it raises.
fn fsum(xs: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut partials: Vec<f64> = Vec::new();
    let mut special = 0.0;
    let mut infinities = 0.0;
    for value in xs {
        let mut x = value;
        let mut next = Vec::with_capacity(partials.len() + 1);
        for partial in partials {
            let mut y: f64 = partial;
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                next.push(low);
            }
            x = high;
        }
        partials = next;
        if x.is_finite() {
            if x != 0.0 {
                partials.push(x);
            }
        } else if value.is_finite() {
            return None;
        } else {
            infinities += if value.is_infinite() { value } else { 0.0 };
            special += value;
            partials.clear();
        }
    }
    if special != 0.0 {
        return (!infinities.is_nan()).then_some(special);
    }
    let mut high = 0.0;
    let mut low = 0.0;
    while let Some(x) = partials.pop() {
        let before = high;
        high = before + x;
        low = x - (high - before);
        if low != 0.0 {
            break;
        }
    }
    // Half way between two doubles the rest decides.
    if let Some(rest) = partials.last()
        && ((low < 0.0 && *rest < 0.0) || (low > 0.0 && *rest > 0.0))
    {
        let twice = low * 2.0;
        let x = high + twice;
        if twice == x - high {
            high = x;
        }
    }
    Some(high)
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

/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 {
        i.checked_add(i64::try_from(len).ok()?)?
    } else {
        i
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}

/// Python's `statistics.mean(xs)` of floats: the exact sum over the count, rounded once. `None`
/// where it raises.
fn exact_mean(xs: &[f64]) -> Option<f64> {
    let count = u128::try_from(xs.len()).ok().filter(|n| *n > 0)?;
    if xs.iter().any(|x| !x.is_finite()) {
        let total: f64 = xs.iter().filter(|x| !x.is_finite()).sum();
        return Some(total / count as f64);
    }
    // The positive and the negative part of the sum, in units of the least float.
    let mut parts = [[0u64; 36]; 2];
    for x in xs {
        let (exponent, fraction) = (x.to_bits() >> 52 & 0x7ff, x.to_bits() & ((1 << 52) - 1));
        let (mantissa, shift) = match exponent {
            0 => (fraction, 0),
            exponent => (fraction | 1 << 52, exponent as usize - 1),
        };
        let mut carry = u128::from(mantissa) << (shift % 64);
        for limb in &mut parts[usize::from(x.is_sign_negative())][shift / 64..] {
            carry += u128::from(*limb);
            *limb = carry as u64;
            carry >>= 64;
        }
    }
    let [plus, minus] = parts;
    let negative = minus.iter().rev().gt(plus.iter().rev());
    let (large, small) = if negative {
        (minus, plus)
    } else {
        (plus, minus)
    };
    let mut mean = [0u64; 36];
    let mut borrow = 0;
    for ((limb, a), b) in mean.iter_mut().zip(large).zip(small) {
        let difference = i128::from(a) - i128::from(b) - borrow;
        *limb = difference as u64;
        borrow = i128::from(difference < 0);
    }
    let mut rest = 0;
    for limb in mean.iter_mut().rev() {
        let part = rest << 64 | u128::from(*limb);
        *limb = (part / count) as u64;
        rest = part % count;
    }
    // To 53 bits, ties to even.
    let bit = |i: usize| mean[i / 64] >> (i % 64) & 1;
    let width = (0..mean.len() * 64)
        .rev()
        .find(|&i| bit(i) == 1)
        .map_or(0, |i| i + 1);
    let drop = width.saturating_sub(53);
    let mantissa = (0..53).fold(0, |all, i| all | bit(drop + i) << i);
    let (half, more) = match drop {
        0 => (2 * rest >= count, 2 * rest > count),
        drop => (
            bit(drop - 1) == 1,
            rest > 0 || (0..drop - 1).any(|i| bit(i) == 1),
        ),
    };
    let up = half && (more || mantissa & 1 == 1);
    let mean = f64::from_bits(((drop as u64) << 52) + mantissa + u64::from(up));
    Some(if negative { -mean } else { mean })
}

/// Python's `statistics.median` of what is sorted: `None` where it raises.
fn median_of(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let high = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(high);
    }
    let low = *sorted.get(middle.checked_sub(1)?)?;
    Some((low + high) / 2.0)
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// A number's text with `sign` where it has no minus, as `f"{x:+}"` and `f"{x: }"`.
fn with_sign(text: &str, sign: char) -> String {
    if text.starts_with('-') {
        text.to_string()
    } else {
        format!("{sign}{text}")
    }
}

/// Python's `text[low:high]`, in characters.
fn str_slice(text: &str, low: Option<i64>, high: Option<i64>) -> &str {
    let negative = |end: Option<i64>| end.is_some_and(|i| i < 0);
    let len = if negative(low) || negative(high) {
        text.chars().count()
    } else {
        text.len()
    };
    let count = |i: i64| match usize::try_from(i) {
        Ok(i) => i,
        Err(_) => len.saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    // The byte at which the character of that number starts, or the end.
    let byte = |i: usize| text.char_indices().nth(i).map_or(text.len(), |(at, _)| at);
    let low = low.map_or(0, |i| byte(count(i)));
    let high = high.map_or(text.len(), |i| byte(count(i)));
    text.get(low..high).unwrap_or_default()
}

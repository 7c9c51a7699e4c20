//! Entries of a dict in order, that hold lists; tables by floats; means of ints; slices of copies.
//!
//! Translated by migrate 0.1.0 from `looked_through.py`: 32 of 32 statements.
//! Warning MIG0301 line 8: `history` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 9: `ticks` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 10: `seen` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 44: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "looked_through", script = "looked_through.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "726ce8bc762e16d7", seal = "d6c5d38f781c07fa"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

#[derive(Debug, Reflect)]
pub struct LookedThrough {
    state: DriveState,
    curve: Vec<(f64, f64)>,
    history: VecDeque<f64>,
    ticks: Vec<i64>,
    seen: Vec<(String, Vec<i64>)>,
}

impl Freezable for LookedThrough {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.history, encoder)?;
        Encode::encode(&self.ticks, encoder)?;
        Encode::encode(&self.seen, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.history = Decode::decode(decoder)?;
        self.ticks = Decode::decode(decoder)?;
        self.seen = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for LookedThrough {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            curve: {
                let mut merged: Vec<(f64, f64)> = vec![(0.0, 0.1)];
                set_item(&mut merged, 0.5, 0.4);
                set_item(&mut merged, 2.0, 1.0);
                merged
            },
            history: VecDeque::with_capacity(5),
            ticks: Vec::new(),
            seen: Vec::new(),
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
        let mut state = self.state.clone();
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        push_window(&mut self.history, 5, f64::from(measured_payload.speed));
        self.ticks.push(i64::from(state.missed));
        let end = slice_bound(-4, self.ticks.len());
        self.ticks.drain(..end);
        let side = (if measured_payload.ranges[0] > measured_payload.ranges[1] {
            "left"
        } else {
            "right"
        })
        .to_string();
        set_default(&mut self.seen, side.clone(), Vec::new()).push(self.history.len() as i64);
        let row = lookup_mut(&mut self.seen, &side)
            .ok_or("looked_through.py:42: KeyError (no such key, a str)")?;
        let end_2 = slice_bound(-3, row.len());
        row.drain(..end_2);
        let pairs: Vec<Vec<f64>> = (0..self.history.len())
            .step_by(2)
            .map(|i| {
                let list: Vec<f64> = self.history.iter().copied().collect();
                list.get(i.min(list.len())..(i + 2).min(list.len()))
                    .unwrap_or_default()
                    .to_vec()
            })
            .collect();
        let mut values: Vec<String> = Vec::new();
        let mut ordered_2 = self.seen.to_vec();
        ordered_2.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, v) in ordered_2 {
            values.push(format!(
                "{name}={}",
                v.iter()
                    .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                    .ok_or("looked_through.py:44: an int leaves 64 bits")?
            ));
        }
        let text = values.join(" ");
        alarm.set_payload(Alarm {
            reason: format!("{} {text}", longest(&self.seen)?),
            missed: u32::try_from(pairs.len())
                .map_err(|_| "looked_through.py:45: `missed` leaves u32")?,
        });
        let data: Vec<f64> = self.ticks.iter().map(|&x| x as f64).collect();
        let middle = exact_mean(&data).ok_or(
            "looked_through.py:46: StatisticsError: mean requires at least one data point",
        )? - ({
            let mut data: Vec<f64> = self.ticks.iter().map(|&x| x as f64).collect();
            py_sort(&mut data, |&x| x)
                .ok_or("looked_through.py:46: a NaN among 64 or more values to sort")?;
            median_of(&data)
                .ok_or("looked_through.py:46: StatisticsError: no median for empty data")?
        }) + ({
            let data: Vec<f64> = self.ticks.iter().map(|&x| x as f64).collect();
            spread_of(Some(&data).filter(|xs| !xs.is_empty()).ok_or("looked_through.py:46: StatisticsError: pstdev requires at least one data point")?, 0, true).ok_or("looked_through.py:46: AttributeError or OverflowError (not finite, or out of range)")?
        });
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("looked_through.py:47: `missed` leaves u32")?;
        drive.set_payload(Drive {
            accel: (interpolated(f64::from(measured_payload.speed), &self.curve)? + middle) as f32,
            sector: u8::try_from(
                pairs
                    .last()
                    .ok_or("looked_through.py:48: IndexError: list index out of range")?
                    .len(),
            )
            .map_err(|_| "looked_through.py:48: `sector` leaves u8")?,
        });
        self.state = state;
        Ok(())
    }
}

#[allow(clippy::neg_cmp_op_on_partial_ord)]
fn interpolated(x: f64, curve: &[(f64, f64)]) -> CuResult<f64> {
    let mut keys: Vec<f64> = curve.iter().map(|&(key, _)| key).collect();
    py_sort(&mut keys, |&x| x)
        .ok_or("looked_through.py:14: a NaN among 64 or more values to sort")?;
    if !(x > *keys
        .first()
        .ok_or("looked_through.py:15: IndexError: list index out of range")?)
    {
        return Ok(*lookup(
            curve,
            keys.first()
                .ok_or("looked_through.py:16: IndexError: list index out of range")?,
        )
        .ok_or("looked_through.py:16: KeyError (no such key)")?);
    }
    for (&a, &b) in keys.iter().zip(&keys[keys.len().min(1)..]) {
        if (a..=b).contains(&x) {
            return Ok(
                *lookup(curve, &a).ok_or("looked_through.py:19: KeyError (no such key)")?
                    + true_div(
                        (*lookup(curve, &b)
                            .ok_or("looked_through.py:19: KeyError (no such key)")?
                            - *lookup(curve, &a)
                                .ok_or("looked_through.py:19: KeyError (no such key)")?)
                            * (x - a),
                        b - a,
                    )
                    .ok_or("looked_through.py:19: ZeroDivisionError: float division by zero")?,
            );
        }
    }
    Ok(*lookup(
        curve,
        keys.last()
            .ok_or("looked_through.py:20: IndexError: list index out of range")?,
    )
    .ok_or("looked_through.py:20: KeyError (no such key)")?)
}

/// What lies in the dict is looked at, in another order.
fn longest(seen: &[(String, Vec<i64>)]) -> CuResult<String> {
    let mut best = String::new();
    let mut ordered = seen.to_vec();
    ordered.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, values) in ordered {
        if best.is_empty()
            || values.len()
                > lookup(seen, &best)
                    .ok_or("looked_through.py:27: KeyError (no such key, a str)")?
                    .len()
        {
            best = name.clone();
        }
    }
    Ok(best)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
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

/// The value of a key in entries that keep Python's order: `None` where it raises a KeyError.
fn lookup<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m [(K, V)],
    key: &Q,
) -> Option<&'m V> {
    entries
        .iter()
        .find(|(k, _)| k.borrow() == key)
        .map(|(_, value)| value)
}

/// The value of a key in entries that keep Python's order, to change it: `None` where it raises a
/// KeyError.
fn lookup_mut<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m mut [(K, V)],
    key: &Q,
) -> Option<&'m mut V> {
    entries
        .iter_mut()
        .find(|(k, _)| (*k).borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// Python's `d.setdefault(key, default)`: the value of the key, which is put at the end first
/// where it is not known.
fn set_default<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, default: V) -> &mut V {
    let at = match entries.iter().position(|(k, _)| *k == key) {
        Some(at) => at,
        None => {
            entries.push((key, default));
            entries.len() - 1
        }
    };
    &mut entries[at].1
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

/// Python's `statistics.variance(xs)` (where `less` is 1) and `pvariance(xs)` (0) of floats, with
/// `root` its `stdev` and `pstdev`: an exact fraction, rounded once. `None` where it raises.
fn spread_of(xs: &[f64], less: u64, root: bool) -> Option<f64> {
    fn add(limbs: &mut [u64], value: u128, shift: usize) {
        let [low, high] = [value as u64, (value >> 64) as u64].map(u128::from);
        for (part, from) in [(low, shift / 64), (high, shift / 64 + 1)] {
            let mut carry = part << (shift % 64);
            for limb in limbs.iter_mut().skip(from) {
                carry += u128::from(*limb);
                *limb = carry as u64;
                carry >>= 64;
            }
        }
    }
    fn subtract(limbs: &mut [u64], other: &[u64]) {
        let mut borrow = false;
        for (limb, other) in limbs.iter_mut().zip(other) {
            let (part, first) = limb.overflowing_sub(*other);
            let (part, second) = part.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (part, first || second);
        }
    }
    let count = u64::from(u32::try_from(xs.len()).ok()?);
    let divisor = count.checked_sub(less).filter(|n| *n > 0)?;
    if xs.iter().any(|x| !x.is_finite()) {
        let total: f64 = xs.iter().filter(|x| !x.is_finite()).sum();
        return (!root).then_some(total / divisor as f64);
    }
    // The sums of the positive and the negative values in units of the least float, and `count`
    // times that of the squares in units of its square, with 128 more bits for the fraction.
    let mut sums = [[0u64; 36]; 2];
    let mut parts = [0u64; 74];
    for x in xs {
        let (exponent, fraction) = (x.to_bits() >> 52 & 0x7ff, x.to_bits() & ((1 << 52) - 1));
        let (mantissa, shift) = match exponent {
            0 => (fraction, 0),
            exponent => (fraction | 1 << 52, exponent as usize - 1),
        };
        let mantissa = u128::from(mantissa);
        add(
            &mut sums[usize::from(x.is_sign_negative())],
            mantissa,
            shift,
        );
        add(&mut parts, mantissa * mantissa, 2 * shift + 128);
    }
    let mut carry = 0;
    for limb in &mut parts {
        carry += u128::from(*limb) * u128::from(count);
        *limb = carry as u64;
        carry >>= 64;
    }
    let [mut sum, mut minus] = sums;
    if minus.iter().rev().gt(sum.iter().rev()) {
        std::mem::swap(&mut sum, &mut minus);
    }
    subtract(&mut sum, &minus);
    let mut square = [0u64; 74];
    for (i, a) in sum.iter().enumerate().filter(|(_, a)| **a > 0) {
        for (j, b) in sum.iter().enumerate().filter(|(_, b)| **b > 0) {
            add(
                &mut square,
                u128::from(*a) * u128::from(*b),
                64 * (i + j) + 128,
            );
        }
    }
    subtract(&mut parts, &square);
    let mut rest = 0;
    for limb in parts.iter_mut().rev() {
        let part = rest << 64 | u128::from(*limb);
        let by = u128::from(count) * u128::from(divisor);
        *limb = (part / by) as u64;
        rest = part % by;
    }
    // The upper bits, from an even one on, and whether there is more below.
    let bit = |i: usize| parts[i / 64] >> (i % 64) & 1;
    let width = (0..parts.len() * 64)
        .rev()
        .find(|&i| bit(i) == 1)
        .map_or(0, |i| i + 1);
    let drop = width.saturating_sub(127).next_multiple_of(2);
    let mut value = (drop..width).fold(0, |all, i| all | u128::from(bit(i)) << (i - drop));
    let mut more = rest > 0 || (0..drop).any(|i| bit(i) == 1);
    let mut exponent = drop as i32 - 2276;
    if root {
        let whole = value.isqrt();
        more |= whole * whole != value;
        (value, exponent) = (whole, exponent / 2);
    }
    // To 53 bits, ties to even.
    let least = (exponent + 75 - value.leading_zeros() as i32).max(-1074);
    let shift = u32::try_from(least - exponent).unwrap_or(0);
    let mantissa = value.checked_shr(shift).unwrap_or(0);
    let half = shift > 0 && value.checked_shr(shift - 1).unwrap_or(0) & 1 == 1;
    more |= shift > 1 && value & (u128::MAX >> (129 - shift.min(128))) != 0;
    let up = half && (more || mantissa & 1 == 1);
    if least > 971 {
        return None;
    }
    let bits = ((least + 1074) as u64) << 52;
    Some(f64::from_bits(bits + mantissa as u64 + u64::from(up))).filter(|x| x.is_finite())
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

/// Where Python's slice bound `i` lies in a sequence: from the end where negative, and
/// within it.
fn slice_bound(i: i64, len: usize) -> usize {
    let size = usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX);
    if i < 0 {
        len.saturating_sub(size)
    } else {
        size.min(len)
    }
}

//! How far the values of a window lie apart, and what of it is true.
//!
//! Translated by migrate 0.1.0 from `spreads.py`: 23 of 23 statements.
//! Warning MIG0301 line 6: `window` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 16: `channels` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "spreads", script = "spreads.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f3f181f89016929a", seal = "96cc7b1e36402cb2"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

const WINDOW: usize = 8;

#[derive(Debug, Reflect)]
pub struct Spreads {
    state: DriveState,
    window: VecDeque<f64>,
    channels: Vec<Channel>,
}

impl Freezable for Spreads {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.window, encoder)?;
        Encode::encode(&self.channels, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.window = Decode::decode(decoder)?;
        self.channels = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Spreads {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            window: VecDeque::with_capacity(WINDOW),
            channels: vec![Channel::new("left"), Channel::new("right")],
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (reading, _measured) = *input;
        let (drive, _alarm) = output;
        let Some(goal) = reading.payload() else {
            return Ok(());
        };
        push_window(&mut self.window, WINDOW, f64::from(goal.speed));
        let deviation = noise(&self.window)?;
        for channel in &mut self.channels {
            channel.fault = if deviation > 2.0 {
                Some("noisy".into())
            } else {
                None
            };
            channel.count += if deviation > 2.0 { 1 } else { 0 };
        }
        let faulty = self
            .channels
            .iter()
            .any(|channel| channel.fault.as_ref().is_some_and(|x| !x.is_empty()));
        let worn = self.channels.iter().all(|channel| channel.count != 0);
        let moved = goal.speed != 0.0 || deviation != 0.0;
        let data = vec![f64::from(goal.speed), deviation, 0.5];
        let spread = spread_of(
            Some(&data).filter(|xs| !xs.is_empty()).ok_or(
                "spreads.py:38: StatisticsError: pvariance requires at least one data point",
            )?,
            0,
            false,
        )
        .ok_or("spreads.py:38: OverflowError: integer division result too large for a float")?;
        if faulty || worn || moved {
            drive.payload_mut().get_or_insert_default().accel = py_min(spread, {
                let mut data = vec![deviation, f64::from(goal.speed)];
                py_sort(&mut data, |&x| x)
                    .ok_or("spreads.py:40: a NaN among 64 or more values to sort")?;
                data.get(data.len().saturating_sub(1) / 2)
                    .copied()
                    .ok_or("spreads.py:40: StatisticsError: no median for empty data")?
            }) as f32;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Channel {
    name: String,
    fault: Option<String>,
    count: i64,
}

impl Channel {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            fault: None,
            count: 0,
        }
    }
}

fn noise(values: &VecDeque<f64>) -> CuResult<f64> {
    let data: Vec<f64> = values.iter().copied().collect();
    let Some(value) = Some(&data).filter(|xs| xs.len() > 1) else {
        return Ok(0.0);
    };
    Ok(spread_of(value, 1, true)
        .ok_or("spreads.py:21: AttributeError or OverflowError (not finite, or out of range)")?)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
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

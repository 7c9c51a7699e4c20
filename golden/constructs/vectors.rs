//! Lists that keep their length: state vectors, covariances, corners of a footprint.
//!
//! Translated by migrate 0.1.0 from `vectors.py`: 54 of 54 statements.
//! Warning MIG0301 line 8: `pose` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 9: `recent` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 78: `kalman` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "vectors", script = "vectors.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "551bcfb68319cb15", seal = "f53f44c3b5a348ad"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

const DT: f64 = 0.02;
const FOOTPRINT: [[f64; 2]; 4] = [[0.3, 0.2], [-0.3, 0.2], [-0.3, -0.2], [0.3, -0.2]];

#[derive(Debug, Reflect)]
pub struct Vectors {
    state: DriveState,
    pose: [f64; 3],
    recent: VecDeque<f64>,
    kalman: Kalman,
}

impl Freezable for Vectors {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.pose, encoder)?;
        Encode::encode(&self.recent, encoder)?;
        Encode::encode(&self.kalman, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.pose = Decode::decode(decoder)?;
        self.recent = Decode::decode(decoder)?;
        self.kalman = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Vectors {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            pose: [0.0, 0.0, 0.0],
            recent: VecDeque::with_capacity(5),
            kalman: Kalman::new(1e-4, 0.05),
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        push_window(&mut self.recent, 5, f64::from(measured_payload.speed));
        self.kalman.predict(DT);
        let error = self.kalman.update(median(&self.recent)?)?;
        step(&mut self.pose, &[self.kalman.x[0], 0.1], DT)?;
        let ahead = nearest(&rollout(&self.pose, &[1.0, 0.2], 4)?, &[1.0, 0.5])?;
        let front = corners(&ahead)?
            .iter()
            .map(|&corner| corner[0])
            .reduce(|best, x| if x > best { x } else { best })
            .ok_or("vectors.py:91: ValueError: max() arg is an empty sequence")?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (front + error) as f32;
        drive_payload.sector = u8::try_from(
            corners(&self.pose)?
                .iter()
                .filter(|&&corner| corner[0] > 0.0)
                .count(),
        )
        .map_err(|_| "vectors.py:93: `sector` leaves u8")?;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            float_to_int(
                median_list(&self.pose.iter().map(|&v| v.abs()).collect::<Vec<_>>())?.trunc(),
            )
            .ok_or("vectors.py:94: ValueError or OverflowError (int: no 64-bit int)")?,
        )
        .map_err(|_| "vectors.py:94: `missed` leaves u32")?;
        Ok(())
    }
}

/// Moves a pose in place and gives it back.
fn step(x: &mut [f64; 3], u: &[f64; 2], dt: f64) -> CuResult<()> {
    x[0] += u[0]
        * finite_angle(x[2])
            .ok_or("vectors.py:14: ValueError: math domain error")?
            .cos()
        * dt;
    x[1] += u[0]
        * finite_angle(x[2])
            .ok_or("vectors.py:15: ValueError: math domain error")?
            .sin()
        * dt;
    x[2] += u[1] * dt;
    Ok(())
}

fn rollout(start: &[f64; 3], u: &[f64; 2], n: i64) -> CuResult<Vec<[f64; 3]>> {
    let mut x = *start;
    let mut path = vec![x];
    for _ in 0..n {
        step(&mut x, u, DT)?;
        path.push([x[0], x[1], x[2]]);
    }
    Ok(path)
}

fn nearest(path: &[[f64; 3]], goal: &[f64; 2]) -> CuResult<[f64; 3]> {
    let mut best = *path
        .first()
        .ok_or("vectors.py:30: IndexError: list index out of range")?;
    for &p in path {
        if hypot([p[0] - goal[0], p[1] - goal[1]]) < hypot([best[0] - goal[0], best[1] - goal[1]]) {
            best = p;
        }
    }
    Ok(best)
}

/// The footprint in the world.
fn corners(x: &[f64; 3]) -> CuResult<Vec<[f64; 2]>> {
    let c = finite_angle(x[2])
        .ok_or("vectors.py:39: ValueError: math domain error")?
        .cos();
    let s = finite_angle(x[2])
        .ok_or("vectors.py:39: ValueError: math domain error")?
        .sin();
    Ok(FOOTPRINT
        .iter()
        .map(|&[px, py]| [x[0] + px * c - py * s, x[1] + px * s + py * c])
        .collect())
}

/// Of a window as well as of a list.
fn median(values: &VecDeque<f64>) -> CuResult<f64> {
    let mut ordered: Vec<f64> = values.iter().copied().collect();
    py_sort(&mut ordered, |&x| x).ok_or("vectors.py:45: a NaN among 64 or more values to sort")?;
    Ok(*ordered
        .get(ordered.len() / 2)
        .ok_or("vectors.py:46: IndexError: list index out of range")?)
}

/// Of a window as well as of a list.
fn median_list(values: &[f64]) -> CuResult<f64> {
    let mut ordered = values.to_vec();
    py_sort(&mut ordered, |&x| x).ok_or("vectors.py:45: a NaN among 64 or more values to sort")?;
    Ok(*ordered
        .get(ordered.len() / 2)
        .ok_or("vectors.py:46: IndexError: list index out of range")?)
}

/// Position and speed along one axis.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Kalman {
    x: [f64; 2],
    p: [[f64; 2]; 2],
    q: f64,
    r: f64,
}

impl Kalman {
    fn new(q: f64, r: f64) -> Self {
        Self {
            x: [0.0, 0.0],
            p: [[1.0, 0.0], [0.0, 1.0]],
            q,
            r,
        }
    }

    fn predict(&mut self, dt: f64) {
        self.x[0] += self.x[1] * dt;
        self.p[0][0] += dt * (self.p[1][0] + self.p[0][1] + dt * self.p[1][1]) + self.q;
        self.p[0][1] += dt * self.p[1][1];
        self.p[1][0] += dt * self.p[1][1];
        self.p[1][1] += self.q;
    }

    #[allow(clippy::needless_range_loop)]
    fn update(&mut self, z: f64) -> CuResult<f64> {
        let gain = [
            true_div(self.p[0][0], self.p[0][0] + self.r)
                .ok_or("vectors.py:67: ZeroDivisionError: float division by zero")?,
            true_div(self.p[1][0], self.p[0][0] + self.r)
                .ok_or("vectors.py:67: ZeroDivisionError: float division by zero")?,
        ];
        let error = z - self.x[0];
        for i in 0..2 {
            self.x[i] += gain[i] * error;
        }
        self.p = [
            [
                (1.0 - gain[0]) * self.p[0][0],
                (1.0 - gain[0]) * self.p[0][1],
            ],
            [
                self.p[1][0] - gain[1] * self.p[0][0],
                self.p[1][1] - gain[1] * self.p[0][1],
            ],
        ];
        Ok(error)
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

/// An angle for `math.sin` and kin: `None` where they raise, that is for an infinity.
fn finite_angle(x: f64) -> Option<f64> {
    (!x.is_infinite()).then_some(x)
}

/// Python's `math.hypot(…)` to the last bit, which the C library's does not give.
fn hypot<const N: usize>(sides: [f64; N]) -> f64 {
    const TWO_27_PLUS_1: f64 = 134_217_729.0;
    if sides.iter().any(|side| side.is_infinite()) {
        return f64::INFINITY;
    }
    if sides.iter().any(|side| side.is_nan()) {
        return f64::NAN;
    }
    let sides = sides.map(f64::abs);
    let max = sides.into_iter().fold(0.0, f64::max);
    if max == 0.0 || N == 1 {
        return max;
    }
    if max.is_subnormal() {
        return f64::MIN_POSITIVE * hypot(sides.map(|side| side / f64::MIN_POSITIVE));
    }
    // Brings the largest to at least 2 and less than 4; a quarter of that is what CPython takes.
    let scale = f64::from_bits((2047 << 52) - (max.to_bits() & (2047 << 52)));
    // The sum of the squares in twice the precision.
    let (mut sum, mut high, mut middle, mut low) = (1.0, 0.0, 0.0, 0.0);
    let add = |sum: &mut f64, rest: &mut f64, part: f64| {
        let before = *sum;
        *sum += part;
        *rest += (before - *sum) + part;
    };
    let halves = |value: f64| {
        let split = value * TWO_27_PLUS_1;
        let upper = split - (split - value);
        (upper, value - upper)
    };
    for side in sides {
        let (upper, lower) = halves(side * scale * 0.25);
        add(&mut sum, &mut high, upper * upper);
        add(&mut sum, &mut middle, 2.0 * upper * lower);
        low += lower * lower;
    }
    let root = (sum - 1.0 + (high + middle + low)).sqrt();
    // One step of Newton's with what the root leaves.
    let (upper, lower) = halves(root);
    add(&mut sum, &mut high, -upper * upper);
    add(&mut sum, &mut middle, -2.0 * upper * lower);
    add(&mut sum, &mut low, -lower * lower);
    let rest = sum - 1.0 + (high + middle + low);
    4.0 * (root + rest / (2.0 * root)) / scale
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

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

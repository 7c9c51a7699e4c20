//! Several targets at once, and everything that a `for` takes apart.
//!
//! Translated by migrate 0.1.0 from `unpacking.py`: 67 of 67 statements.
//! Warning MIG0301 line 16: `pose` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 78: `selector` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 103: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "unpacking", script = "unpacking.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "90371ae5479267f9", seal = "9599f3dd80f2f6c2"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const CORNERS: [(f64, f64); 3] = [(0.0, 0.0), (1.0, 2.0), (3.0, -1.0)];
const GAINS: [f64; 3] = [0.5, 0.25, 0.125];

#[derive(Debug, Reflect)]
pub struct Unpacking {
    state: DriveState,
    pose: Pose,
    selector: Selector,
}

impl Freezable for Unpacking {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.pose, encoder)?;
        Encode::encode(&self.selector, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.pose = Decode::decode(decoder)?;
        self.selector = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Unpacking {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let pose = Pose::new();
        let modes: Vec<(String, f64, Vec<i64>)> = vec![
            ("slow".to_string(), 0.5, vec![1, 2]),
            ("fast".to_string(), 2.0, vec![3]),
        ];
        let selector = Selector::new(&modes);
        Ok(Self {
            state: DriveState::default(),
            pose,
            selector,
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
        let ((lo, hi), first) = extremes(&measured_payload.ranges);
        let mut a = lo;
        let mut b = hi;
        for _ in 0..3 {
            (a, b) = (b, a + b);
        }
        self.pose.turn(0.6, 0.8);
        let mut area = 0.0;
        for (i, &(x, y)) in CORNERS.iter().enumerate() {
            area += i as f64 * (x + self.pose.x) - y;
        }
        for (n, &g) in (1_i64..).zip(&GAINS) {
            area += n as f64 * g;
        }
        for ((&g, &(x, y)), &r) in GAINS.iter().zip(&CORNERS).zip(&measured_payload.ranges) {
            area += g * x + y * f64::from(r);
        }
        for &g in GAINS.iter().rev() {
            area = area * 0.5 + g;
        }
        let grid: Vec<Vec<f64>> = GAINS
            .iter()
            .map(|&g| CORNERS.iter().map(|&(x, _)| x * g).collect())
            .collect();
        let mut flat: Vec<f64> = Vec::new();
        for row in &grid {
            for &v in row {
                if v > 0.0 {
                    flat.push(v);
                }
            }
        }
        let mut inverse: Vec<f64> = Vec::new();
        for &r in &measured_payload.ranges {
            inverse.push(
                true_div(1.0, f64::from(r) + 0.5)
                    .ok_or("unpacking.py:101: ZeroDivisionError: float division by zero")?,
            );
        }
        let accel = area
            + flat.len() as f64
            + *inverse
                .first()
                .ok_or("unpacking.py:102: IndexError: list index out of range")?
            + first;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = accel as f32;
        drive_payload.sector = u8::try_from(
            primes(30)
                .checked_add(
                    self.selector
                        .steps()?
                        .iter()
                        .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                        .ok_or("unpacking.py:103: an int leaves 64 bits")?,
                )
                .ok_or("unpacking.py:103: `sector` leaves u8")?,
        )
        .map_err(|_| "unpacking.py:103: `sector` leaves u8")?;
        if self.selector.is_fastest(&inverse)? {
            drive_payload.accel = (accel + self.selector.speed()?) as f32;
        }
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            float_to_int(arrange(3.0, 1.0, 2.0).trunc())
                .ok_or("unpacking.py:106: ValueError or OverflowError (int: no 64-bit int)")?,
        )
        .map_err(|_| "unpacking.py:106: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pose {
    x: f64,
    y: f64,
}

impl Pose {
    fn new() -> Self {
        Self { x: 0.0, y: 0.0 }
    }

    fn turn(&mut self, c: f64, s: f64) {
        (self.x, self.y) = rotate(self.x, self.y, c, s);
    }
}

fn rotate(x: f64, y: f64, c: f64, s: f64) -> (f64, f64) {
    (x * c - y * s, x * s + y * c)
}

fn extremes(ranges: &[f32; 4]) -> ((f64, f64), f64) {
    let mut lo = f64::from(ranges[0]);
    let mut hi = f64::from(ranges[1]);
    if hi < lo {
        (lo, hi) = (hi, lo);
    }
    let first = f64::from(ranges[0]);
    let rest = [
        f64::from(ranges[1]),
        f64::from(ranges[2]),
        f64::from(ranges[3]),
    ];
    for &r in &rest {
        if r > hi {
            hi = r;
        }
    }
    ((lo, hi), first)
}

fn arrange(a: f64, b: f64, c: f64) -> f64 {
    let mut xs = [a, b, c];
    for i in 0..3 {
        for j in 0..2 - i {
            if xs[j as usize] > xs[(j + 1) as usize] {
                xs.swap(j as usize, (j + 1) as usize);
            }
        }
    }
    let [_low, middle, _high] = xs;
    middle
}

fn primes(limit: i64) -> i64 {
    let mut n: i64 = 0;
    'outer: for i in 2..limit {
        'found_1: {
            for j in 2..i {
                if i % j == 0 {
                    break 'found_1;
                }
            }
            n += 1;
            if n > 20 {
                break 'outer;
            }
        }
    }
    n
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Selector {
    modes: Vec<(String, f64, Vec<i64>)>,
    at: i64,
}

impl Selector {
    fn new(modes: &[(String, f64, Vec<i64>)]) -> Self {
        let modes_value = modes.to_vec();
        Self {
            modes: modes_value,
            at: 0,
        }
    }

    fn speed(&self) -> CuResult<f64> {
        let &(_, speed, _) = self
            .modes
            .get(self.at as usize)
            .ok_or("unpacking.py:66: IndexError: list index out of range")?;
        Ok(speed)
    }

    fn steps(&mut self) -> CuResult<Vec<i64>> {
        let (_, _, steps) = self
            .modes
            .get(self.at as usize)
            .ok_or("unpacking.py:70: IndexError: list index out of range")?
            .clone();
        self.at = (self.at + 1) % 2;
        Ok(steps)
    }

    fn is_fastest(&self, speeds: &[f64]) -> CuResult<bool> {
        let wanted = speeds
            .iter()
            .copied()
            .reduce(|best, x| if x > best { x } else { best })
            .ok_or("unpacking.py:75: ValueError: max() arg is an empty sequence")?;
        Ok(speeds
            .iter()
            .position(|&x| x == wanted || x.is_nan() && wanted.is_nan())
            .ok_or("unpacking.py:75: ValueError (the value is not in the list)")? as i64
            == self.at
            && ({
                let wanted = speeds
                    .iter()
                    .copied()
                    .reduce(|best, x| if x < best { x } else { best })
                    .ok_or("unpacking.py:75: ValueError: min() arg is an empty sequence")?;
                speeds.iter().filter(|&&x| x == wanted).count()
            }) == 1)
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

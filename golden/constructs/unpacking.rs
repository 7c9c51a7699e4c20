//! Several targets at once, and everything that a `for` takes apart.
//!
//! Translated by migrate 0.1.0 from `unpacking.py`: 55 of 55 statements.
//! Warning MIG0301 line 16: `pose` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "unpacking", script = "unpacking.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "52088be6f5256a37", seal = "be3375e1ec79456d"

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
}

impl Freezable for Unpacking {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.pose, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.pose = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Unpacking {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            pose: Pose::new(),
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
                    .ok_or("unpacking.py:77: ZeroDivisionError: float division by zero")?,
            );
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (area
            + flat.len() as f64
            + *inverse
                .first()
                .ok_or("unpacking.py:78: IndexError: list index out of range")?
            + first) as f32;
        drive_payload.sector =
            u8::try_from(primes(30)).map_err(|_| "unpacking.py:79: `sector` leaves u8")?;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            float_to_int(arrange(3.0, 1.0, 2.0)?.trunc())
                .ok_or("unpacking.py:80: ValueError or OverflowError (int: no 64-bit int)")?,
        )
        .map_err(|_| "unpacking.py:80: `missed` leaves u32")?;
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
    let &[first, next_rest @ ..] = ranges;
    let rest: Vec<f64> = next_rest.iter().map(|&x| f64::from(x)).collect();
    for &r in &rest {
        if r > hi {
            hi = r;
        }
    }
    ((lo, hi), f64::from(first))
}

fn arrange(a: f64, b: f64, c: f64) -> CuResult<f64> {
    let mut xs = vec![a, b, c];
    for i in 0..xs.len() {
        for j in 0..xs.len() as i64 - 1 - i as i64 {
            if *xs
                .get(j as usize)
                .ok_or("unpacking.py:38: IndexError: list index out of range")?
                > *xs
                    .get((j + 1) as usize)
                    .ok_or("unpacking.py:38: IndexError: list index out of range")?
            {
                let second = index(j + 1, xs.len())
                    .ok_or("unpacking.py:39: IndexError: list index out of range")?;
                let first = index(j, xs.len())
                    .ok_or("unpacking.py:39: IndexError: list index out of range")?;
                xs.swap(first, second);
            }
        }
    }
    let &[_low, middle, _high] = xs.as_slice() else {
        return Err("unpacking.py:40: ValueError: not 3 values to unpack".into());
    };
    Ok(middle)
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

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
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

//! `*` in calls and displays: as many arguments as the tuple or array has items.
//!
//! Translated by migrate 0.1.0 from `stars.py`: 25 of 25 statements.
//! migrate: task = "stars", script = "stars.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "1950e64977641165", seal = "47f1a797a2cc8b70"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const LIMITS: (f64, f64) = (-2.0, 2.0);

#[derive(Debug, Reflect)]
pub struct Stars {
    state: DriveState,
}

impl Freezable for Stars {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Stars {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
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
        let values = [f64::from(measured_payload.speed), 1.0, 2.0];
        let (low, high) = both(f64::from(measured_payload.speed));
        let (x_value, y) = both(f64::from(measured_payload.speed));
        let point = Point::new(x_value, y);
        let mut total = hypot([values[0], values[1], values[2]])
            + clamp(f64::from(measured_payload.speed), LIMITS.0, LIMITS.1);
        total += blend(
            0.5,
            &[
                f64::from(measured_payload.ranges[0]),
                f64::from(measured_payload.ranges[1]),
                f64::from(measured_payload.ranges[2]),
                f64::from(measured_payload.ranges[3]),
            ],
        ) + blend(0.5, &[low, high])
            + blend(2.0, &[]);
        let items = point.pair();
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            (total + py_max(if items.1 > items.0 { items.1 } else { items.0 }, 0.5)) as f32;
        let near = [
            [
                0.0,
                f64::from(measured_payload.ranges[0]),
                f64::from(measured_payload.ranges[1]),
                f64::from(measured_payload.ranges[2]),
                f64::from(measured_payload.ranges[3]),
            ]
            .as_slice(),
            &values[1..],
            &[high],
        ]
        .concat();
        drive_payload.sector = u8::try_from(near.iter().filter(|&&x| x < 1.0).count())
            .map_err(|_| "stars.py:44: `sector` leaves u8")?;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            [
                (0..3).map(|x| x as f64).collect::<Vec<_>>().as_slice(),
                near.as_slice(),
            ]
            .concat()
            .len(),
        )
        .map_err(|_| "stars.py:45: `missed` leaves u32")?;
        Ok(())
    }
}

fn clamp(x: f64, low: f64, high: f64) -> f64 {
    py_max(low, if x < high { x } else { high })
}

fn blend(gain: f64, terms: &[f64]) -> f64 {
    let mut total = 0.0;
    for &term in terms {
        total += term;
    }
    gain * total
}

fn both(x: f64) -> (f64, f64) {
    (x - 1.0, x + 1.0)
}

#[derive(Debug, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    fn pair(&self) -> (f64, f64) {
        (self.x, self.y)
    }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
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

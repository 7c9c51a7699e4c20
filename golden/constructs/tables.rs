//! Translated by migrate 0.1.0 from `tables.py`: 48 of 48 statements.
//! Warning MIG0301 line 6: `x` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 6: `y` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 6: `theta` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 48: `shifter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "tables", script = "tables.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "4e59ce08b8ae9b5a", seal = "d869a58d7b8b7fb4"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const WHEEL_BASE: f64 = 0.32;
const RADIUS: f64 = 0.05;
const TABLE: [(f64, f64); 4] = [(0.0, 0.0), (1.0, 0.4), (2.0, 0.9), (4.0, 1.5)];

#[derive(Debug, Reflect)]
pub struct Tables {
    state: DriveState,
    x: f64,
    y: f64,
    theta: f64,
    shifter: Shifter,
}

impl Freezable for Tables {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.x, encoder)?;
        Encode::encode(&self.y, encoder)?;
        Encode::encode(&self.theta, encoder)?;
        Encode::encode(&self.shifter, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.x = Decode::decode(decoder)?;
        self.y = Decode::decode(decoder)?;
        self.theta = Decode::decode(decoder)?;
        self.shifter = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Tables {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            x: 0.0,
            y: 0.0,
            theta: 0.0,
            shifter: Shifter::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (left, right) = *input;
        let (drive, alarm) = output;
        let (Some(goal), Some(measured)) = (left.payload(), right.payload()) else {
            return Ok(());
        };
        let (px, py, th) = odometry(
            f64::from(goal.speed) * RADIUS,
            f64::from(measured.speed) * RADIUS,
            &mut self.theta,
            &mut self.x,
            &mut self.y,
        )?;
        let dist = hypot([px, py]);
        let ff = interp(dist, &TABLE)?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (ff + th + self.shifter.shift(f64::from(goal.speed))?) as f32;
        let flags = [px > 0.0, py > 0.0, th > 0.0];
        let mut bits: i64 = 0;
        for (i, &f) in flags.iter().enumerate() {
            if f {
                bits |= 1_i64 << i as u32;
            }
        }
        drive_payload.sector = bits as u8;
        let errs: Vec<f64> = [px, py, th].into_iter().map(|v| v.abs()).collect();
        if errs.iter().any(|&e| e > 10.0) {
            alarm.set_payload(Alarm {
                reason: format!("far {}", fixed_text(dist, 2)),
                missed: u32::try_from(errs.len())
                    .map_err(|_| "tables.py:67: `missed` leaves u32")?,
            });
        }
        Ok(())
    }
}

#[allow(clippy::needless_range_loop)]
fn interp(v: f64, table: &[(f64, f64)]) -> CuResult<f64> {
    if v <= table
        .first()
        .ok_or("tables.py:11: IndexError: list index out of range")?
        .0
    {
        return Ok(table
            .first()
            .ok_or("tables.py:12: IndexError: list index out of range")?
            .1);
    }
    for i in 1..table.len() {
        let (x0, y0) = table[i - 1];
        let (x1, y1) = table[i];
        if v <= x1 {
            return Ok(y0
                + true_div((y1 - y0) * (v - x0), x1 - x0)
                    .ok_or("tables.py:17: ZeroDivisionError: float division by zero")?);
        }
    }
    Ok(table
        .last()
        .ok_or("tables.py:18: IndexError: list index out of range")?
        .1)
}

fn odometry(
    left: f64,
    right: f64,
    theta: &mut f64,
    x: &mut f64,
    y: &mut f64,
) -> CuResult<(f64, f64, f64)> {
    let d = (left + right) / 2.0;
    let dtheta = (right - left) / WHEEL_BASE;
    *x += d * finite_angle(*theta + dtheta / 2.0)
        .ok_or("tables.py:25: ValueError: math domain error")?
        .cos();
    *y += d * finite_angle(*theta + dtheta / 2.0)
        .ok_or("tables.py:26: ValueError: math domain error")?
        .sin();
    *theta = (*theta + dtheta + std::f64::consts::PI).rem_euclid(2.0 * std::f64::consts::PI)
        - std::f64::consts::PI;
    Ok((*x, *y, *theta))
}

/// `NEXT[key]`
fn next_of(key: &str) -> Option<Option<&'static str>> {
    Some(match key {
        "low" => Some("mid"),
        "mid" => Some("high"),
        "high" => None,
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Shifter {
    gear: String,
    ups: i64,
}

impl Shifter {
    fn new() -> Self {
        Self {
            gear: "low".into(),
            ups: 0,
        }
    }

    fn shift(&mut self, rpm: f64) -> CuResult<f64> {
        let step = step_of(rpm > 50.0);
        let following = next_of(&self.gear)
            .ok_or("tables.py:41: KeyError (no such key, a str)")?
            .map(|x| x.to_string());
        if let Some(following) = following
            && rpm > 20.0
        {
            self.gear = following;
            self.ups += step;
        }
        Ok(value_of(&self.gear).unwrap_or(1.5))
    }
}

/// `STEP[key]`
fn step_of(key: bool) -> i64 {
    match key {
        true => 2,
        false => 1,
    }
}

/// `VALUE[key]`
fn value_of(key: &str) -> Option<f64> {
    Some(match key {
        "low" => 0.5,
        "mid" => 1.0,
        _ => return None,
    })
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
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

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

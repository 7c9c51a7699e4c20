//! Code at import beside definitions: loops over objects, calls, checks, choices.
//!
//! Translated by migrate 0.1.0 from `set_up.py`: 37 of 37 statements.
//! Warning MIG0301 line 7: `aim` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 30: `servos` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "set_up", script = "set_up.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "25a875629836cdf9", seal = "da4167b9e891d30d"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const RATE_HZ: i64 = 50;
const ANGLES: [f64; 2] = [0.0, 0.5];

#[derive(Debug, Reflect)]
pub struct SetUp {
    state: DriveState,
    aim: f64,
    bias: f64,
    gain: f64,
    ratio: f64,
    limits: Limits,
    servos: Vec<Servo>,
}

impl Freezable for SetUp {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.aim, encoder)?;
        Encode::encode(&self.servos, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.aim = Decode::decode(decoder)?;
        self.servos = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SetUp {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut aim: f64 = 0.0;
        let (bias, gain, ratio) = set_up()?;
        let limits = initial_limits(gain);
        let mut servos: Vec<Servo> = ANGLES.iter().map(|&angle| Servo::new(angle)).collect();
        set_up_2(&mut aim, limits, &mut servos)?;
        Ok(Self {
            state: DriveState::default(),
            aim,
            bias,
            gain,
            ratio,
            limits,
            servos,
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
        let speed = goal
            .payload()
            .map_or(0.0, |goal_payload| f64::from(goal_payload.speed));
        set_all(
            self.aim + speed * self.ratio,
            &mut self.aim,
            self.limits,
            &mut self.servos,
        );
        if let Some(measured_payload) = measured.payload()
            && measured_payload.ranges[0] < 0.5
        {
            let at = index(0, self.servos.len())
                .ok_or("set_up.py:53: IndexError: list index out of range")?;
            self.servos[at].to(-speed, self.limits);
        }
        drive.set_payload(Drive {
            accel: (self
                .servos
                .first()
                .ok_or("set_up.py:54: IndexError: list index out of range")?
                .at
                * self.gain
                + self.bias) as f32,
            sector: (self
                .servos
                .get(1)
                .ok_or("set_up.py:54: IndexError: list index out of range")?
                .moves
                % 7) as u8,
        });
        alarm.set_payload(Alarm {
            reason: fixed_text(self.aim, 2),
            missed: (self
                .servos
                .first()
                .ok_or("set_up.py:55: IndexError: list index out of range")?
                .moves
                % 100) as u32,
        });
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limits {
    lo: f64,
    hi: f64,
}

fn initial_limits(gain: f64) -> Limits {
    let mut limits = Limits { lo: -1.0, hi: 1.0 };
    limits.hi = gain * 2.0;
    limits
}

fn set_up() -> CuResult<(f64, f64, f64)> {
    let gain: f64;
    let bias = if ANGLES
        .iter()
        .copied()
        .reduce(|best, x| if x > best { x } else { best })
        .ok_or("set_up.py:9: ValueError: max() arg is an empty sequence")?
        > 0.25
    {
        gain = 2.0;
        0.125
    } else {
        gain = 1.0;
        0.0
    };
    let ratio: f64;
    'tried: {
        'failed: {
            let Some(value) = ANGLES
                .iter()
                .copied()
                .reduce(|best, x| if x < best { x } else { best })
            else {
                break 'failed;
            };
            let Some(value_2) = math(value - 1.0, f64::sqrt) else {
                break 'failed;
            };
            ratio = value_2;
            break 'tried;
        }
        ratio = 0.5;
    }
    Ok((bias, gain, ratio))
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Servo {
    at: f64,
    moves: i64,
}

impl Servo {
    fn new(home: f64) -> Self {
        Self { at: home, moves: 0 }
    }

    fn to(&mut self, angle: f64, limits: Limits) {
        self.at = py_max(limits.lo, if angle < limits.hi { angle } else { limits.hi });
        self.moves += 1;
    }
}

#[allow(clippy::ptr_arg)]
fn set_all(angle: f64, aim: &mut f64, limits: Limits, servos: &mut Vec<Servo>) {
    *aim = angle;
    for servo in servos.iter_mut() {
        servo.to(angle, limits);
    }
}

// Where the arm waits.
#[allow(clippy::ptr_arg)]
fn set_up_2(aim: &mut f64, limits: Limits, servos: &mut Vec<Servo>) -> CuResult<()> {
    for servo in servos.iter_mut() {
        servo.to(0.25, limits);
    }
    set_all(*aim + 0.75, aim, limits, servos);
    if !servos.iter().all(|servo| servo.moves == 2) {
        return Err("set_up.py:44: AssertionError: each servo moves twice".into());
    }
    if RATE_HZ != 50 {
        return Err("set_up.py:45: AssertionError".into());
    }
    Ok(())
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
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

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

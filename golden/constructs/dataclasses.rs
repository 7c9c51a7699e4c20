//! Translated by migrate 0.1.0 from `dataclasses.py`: 49 of 49 statements.
//! Warning MIG0301 line 65: `smooth` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 66: `motor` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 81: `loop` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "dataclasses", script = "dataclasses.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6727f02f046fcfd8", seal = "6549d23d96787bd6"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const DEFAULT: Gains = Gains {
    kp: 1.5,
    ki: 0.1,
    limit: 10.0,
};

#[derive(Debug, Reflect)]
pub struct Dataclasses {
    state: DriveState,
    smooth: Filter,
    motor: Geared,
    loop_: Loop,
}

impl Freezable for Dataclasses {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.smooth, encoder)?;
        Encode::encode(&self.motor, encoder)?;
        Encode::encode(&self.loop_, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.smooth = Decode::decode(decoder)?;
        self.motor = Decode::decode(decoder)?;
        self.loop_ = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Dataclasses {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            smooth: Filter::new(0.9)?,
            motor: Geared {
                channel: 3,
                rpm: 0.0,
                ratio: 2.0,
            },
            loop_: Loop::new(DEFAULT),
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
        let (Some(_), Some(measured_payload)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        self.motor.rpm = self.smooth.update(f64::from(measured_payload.speed))?;
        drive.payload_mut().get_or_insert_default().accel =
            self.loop_.step(self.motor.turns())? as f32;
        if self.loop_.gains == DEFAULT {
            self.loop_.gains = DEFAULT.scaled(2.0);
        }
        let (kp, ki, limit) = (
            self.loop_.gains.kp,
            self.loop_.gains.ki,
            self.loop_.gains.limit,
        );
        let record = Record {
            priority: self.loop_.worst.priority,
            code: self.loop_.worst.code,
            level: self.loop_.worst.level,
        };
        state.missed = u32::try_from(
            record
                .priority
                .checked_add(record.code)
                .ok_or("dataclasses.py:94: `missed` leaves u32")?,
        )
        .map_err(|_| "dataclasses.py:94: `missed` leaves u32")?;
        state.last = Some((kp + ki + limit + record.level) as f32);
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{} {} {}",
            self.loop_.gains.to_repr(),
            self.smooth.to_repr(),
            self.loop_.worst.to_repr()
        );
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Record {
    priority: i64,
    code: i64,
    level: f64,
}

/// Gains of a controller.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Gains {
    kp: f64,
    ki: f64,
    limit: f64,
}

impl Gains {
    fn scaled(&self, factor: f64) -> Self {
        Self {
            kp: self.kp * factor,
            ki: self.ki * factor,
            ..*self
        }
    }

    fn to_repr(self) -> String {
        format!(
            "Gains(kp={}, ki={}, limit={})",
            float_text(self.kp),
            float_text(self.ki),
            float_text(self.limit)
        )
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct AlarmObject {
    priority: i64,
    code: i64,
    level: f64,
}

impl AlarmObject {
    fn to_repr(self) -> String {
        format!(
            "Alarm(priority={}, code={}, level={})",
            self.priority,
            self.code,
            float_text(self.level)
        )
    }

    fn gt(&self, other: Self) -> bool {
        (self.priority, self.level) > (other.priority, other.level)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filter {
    alpha: f64,
    window: Vec<f64>,
    value: Option<f64>,
    steps: i64,
    beta: f64,
}

impl Filter {
    const LIMIT: i64 = 5;

    fn new(alpha: f64) -> CuResult<Self> {
        if !(0.0 < alpha && alpha <= 1.0) {
            return Err("dataclasses.py:34: ValueError: alpha out of range".into());
        }
        Ok(Self {
            alpha,
            window: Vec::new(),
            value: None,
            steps: 0,
            beta: 1.0 - alpha,
        })
    }

    fn update(&mut self, x: f64) -> CuResult<f64> {
        self.steps += 1;
        self.window.push(x);
        if self.window.len() as i64 > Self::LIMIT {
            (!self.window.is_empty())
                .then(|| self.window.remove(0))
                .ok_or("dataclasses.py:41: IndexError: pop from empty list")?;
        }
        if let Some(value) = self.value {
            self.value = Some(self.alpha * x + self.beta * value);
        } else {
            self.value = Some(x);
        }
        Ok(self.value.unwrap_or_default())
    }

    fn to_repr(&self) -> String {
        format!(
            "Filter(alpha={}, window=[{}], steps={})",
            float_text(self.alpha),
            self.window
                .iter()
                .map(|&x| float_text(x))
                .collect::<Vec<_>>()
                .join(", "),
            self.steps
        )
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Geared {
    channel: i64,
    rpm: f64,
    ratio: f64,
}

impl Geared {
    fn turns(&self) -> f64 {
        self.rpm / self.ratio
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Loop {
    gains: Gains,
    worst: AlarmObject,
}

impl Loop {
    fn new(gains: Gains) -> Self {
        Self {
            gains,
            worst: AlarmObject {
                priority: 0,
                code: 0,
                level: 0.0,
            },
        }
    }

    fn step(&mut self, error: f64) -> CuResult<f64> {
        let alarm = AlarmObject {
            priority: float_to_int(error.trunc())
                .ok_or("dataclasses.py:75: ValueError or OverflowError (int: no 64-bit int)")?
                .rem_euclid(5),
            code: 7,
            level: error,
        };
        if alarm.gt(self.worst) {
            self.worst = alarm;
        }
        Ok(self.gains.kp * error)
    }
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `str(x)` of a float: the shortest digits that read back, as `1.0`, `1e+16`, `inf`.
fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_string();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let shortest = format!("{x:e}");
    let digits = shortest
        .chars()
        .take_while(|c| *c != 'e')
        .filter(char::is_ascii_digit)
        .count();
    // Of two texts of that length that read back, Python takes the one nearer to `x`.
    let nearest = format!("{x:.0$e}", digits.saturating_sub(1));
    let scientific = if nearest.parse() == Ok(x) {
        nearest
    } else {
        shortest
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if x != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = (digits as i32 - 1 - exponent).max(1) as usize;
    format!("{x:.decimals$}")
}

//! `match` over objects of several classes, with patterns of their attributes.
//!
//! Translated by migrate 0.1.0 from `class_patterns.py`: 32 of 32 statements.
//! migrate: task = "class_patterns", script = "class_patterns.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0ac9ed64a2888e1b", seal = "6647c4b2f408b783"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ClassPatterns {
    state: DriveState,
}

impl Freezable for ClassPatterns {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ClassPatterns {
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
        let order = command(
            f64::from(measured_payload.speed),
            f64::from(measured_payload.ranges[0]),
        );
        drive.payload_mut().get_or_insert_default().accel = accel(order.as_ref()) as f32;
        if let Some(order) = &order
            && !matches!(order, Order::Start(_))
        {
            alarm.payload_mut().get_or_insert_default().reason = order.to_repr();
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Start {
    speed: f64,
    gear: i64,
}

impl Start {
    fn to_repr(self) -> String {
        format!(
            "Start(speed={}, gear={})",
            float_text(self.speed),
            self.gear
        )
    }
}

#[derive(Debug, Clone)]
enum Order {
    Start(Start),
    Stop(Stop),
    Turn(Turn),
}

impl Order {
    fn to_repr(&self) -> String {
        match self {
            Self::Start(start) => start.to_repr(),
            Self::Stop(stop) => stop.to_repr(),
            Self::Turn(turn) => turn.to_repr(),
        }
    }
}

#[derive(Debug, Clone)]
struct Stop {
    reason: String,
}

impl Stop {
    fn to_repr(&self) -> String {
        format!("Stop(reason={})", str_repr(&self.reason))
    }
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    hard: bool,
    angle: f64,
}

impl Turn {
    fn new(hard: bool, angle: f64) -> Self {
        Self { hard, angle }
    }

    fn to_repr(self) -> String {
        format!("Turn({})", fixed_text(self.angle, 1))
    }
}

fn command(speed: f64, near: f64) -> Option<Order> {
    if near < 0.5 {
        return Some(Order::Stop(Stop {
            reason: (if near < 0.0 { "wall" } else { "near" }).to_string(),
        }));
    }
    if speed > 2.0 {
        return Some(Order::Turn(Turn::new(speed > 3.0, speed * 10.0)));
    }
    if speed > 0.0 {
        return Some(Order::Start(Start {
            speed,
            gear: if near > 2.0 { 2 } else { 1 },
        }));
    }
    None
}

fn accel(order: Option<&Order>) -> f64 {
    match &order {
        Some(Order::Start(start)) if start.gear == 1 => start.speed,
        Some(Order::Start(start_)) if start_.gear > 1 => {
            let speed = start_.speed;
            let gear = start_.gear;
            speed * gear as f64
        }
        Some(Order::Stop(stop)) if stop.reason == "wall" || stop.reason == "fire" => -2.0,
        Some(Order::Stop(_)) => -1.0,
        Some(Order::Turn(turn)) if turn.hard && turn.angle > 40.0 => 0.1,
        Some(Order::Turn(turn_)) => {
            let a = turn_.angle;
            a / 90.0
        }
        _ => 0.0,
    }
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

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

/// Python's `repr(text)`.
fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        // What Rust does not print as it is, behind another character, Python does not either.
        let printable = c.is_ascii_graphic() || format!(" {c}").escape_debug().count() == 2;
        match (c, u32::from(c)) {
            ('\n', _) => out.push_str("\\n"),
            ('\r', _) => out.push_str("\\r"),
            ('\t', _) => out.push_str("\\t"),
            ('\\', _) => out.push_str("\\\\"),
            _ if c == quote => out.extend(['\\', c]),
            ('"' | '\'', _) => out.push(c),
            _ if printable => out.push(c),
            (_, code @ ..=0xff) => out.push_str(&format!("\\x{code:02x}")),
            (_, code @ ..=0xffff) => out.push_str(&format!("\\u{code:04x}")),
            (_, code) => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push(quote);
    out
}

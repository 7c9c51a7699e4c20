//! Values of several kinds in one place: settings, results, tokens, what was last seen.
//!
//! Translated by migrate 0.1.0 from `unions.py`: 97 of 97 statements.
//! Warning MIG0301 line 99: `settings` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 100: `monitor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "unions", script = "unions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "145f8644a0b22204", seal = "4837204fafeabd83"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, VecDeque};

#[derive(Debug, Reflect)]
pub struct Unions {
    state: DriveState,
    settings: Settings,
    monitor: Monitor,
}

impl Freezable for Unions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.settings, encoder)?;
        Encode::encode(&self.monitor, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.settings = Decode::decode(decoder)?;
        self.monitor = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Unions {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            settings: Settings::new(),
            monitor: Monitor::new(),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, scan) = *input;
        let (drive, alarm) = output;
        let mut state = WideDriveState::load(&self.state);
        self.monitor.feed(
            goal.payload()
                .map(|goal_payload| f64::from(goal_payload.speed)),
        );
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!(
            "{} [{}]",
            self.monitor.report()?,
            self.monitor.status.to_text()
        );
        alarm_payload.missed =
            u32::try_from(self.monitor.lost()).map_err(|_| "unions.py:108: `missed` leaves u32")?;
        state.missed = (state.missed + 1) % 1000;
        let (Some(goal_payload), Some(measured)) = (goal.payload(), scan.payload()) else {
            self.settings.set("enabled", Value::Flag(false));
            self.state = state.store()?;
            return Ok(());
        };
        if measured.ranges[0] > 2.0 {
            self.settings.set("mode", Value::Text("manual".into()));
            self.settings.set("enabled", Value::Flag(true));
        }
        let value = reading(f64::from(goal_payload.speed), state.missed);
        if let Some(FloatOrText::Text(value)) = &value
            && *value == "out of range"
        {
            alarm_payload.reason = value.clone();
        } else if let Some(value) = &value {
            drive.payload_mut().get_or_insert_default().accel = (value.as_float().ok_or(
                "unions.py:120: TypeError: can only concatenate str (not \"float\") to str",
            )? + 1.0) as f32;
        }
        if let Some(value) = &value {
            let value_2 = extent(value.clone())?;
            state.window[0] = value_2;
        }
        let (ok, result) = parsed(f64::from(measured.ranges[1]));
        if ok {
            state.last_goal = result
                .as_float()
                .ok_or("unions.py:125: a str does not fit `last_goal`")?;
        } else {
            info!(ctx, "refused: {}", result.to_text());
        }
        if self
            .settings
            .get("enabled", None)
            .as_ref()
            .is_some_and(|x| x.is_true())
            && matches!(
                self.settings
                    .get("mode", None)
                    .as_ref()
                    .and_then(Value::as_text),
                Some("manual" | "auto")
            )
        {
            let drive_payload = drive.payload_mut().get_or_insert_default();
            drive_payload.accel = evaluate(&[
                FloatOrText::Float(f64::from(goal_payload.speed)),
                FloatOrText::Float(2.0),
                FloatOrText::Text("*".into()),
                FloatOrText::Float(f64::from(measured.speed)),
                FloatOrText::Text("+".into()),
            ])? as f32;
            drive_payload.sector = u8::try_from(
                self.settings
                    .get("retries", Some(1))
                    .ok_or("unions.py:130: None for `sector`")?
                    .as_int()
                    .ok_or("unions.py:130: a bool or float or str does not fit `sector`")?,
            )
            .map_err(|_| "unions.py:130: `sector` leaves u8")?;
        }
        if self.monitor.status.as_int() == Some(1) && state.missed % 7 == 0 {
            let keys: [String; 4] = [
                "gain".into(),
                "mode".into(),
                "enabled".into(),
                "absent".into(),
            ];
            alarm_payload.reason = shown(
                self.settings.get(
                    keys.get((state.missed % 4) as usize)
                        .ok_or("unions.py:133: IndexError: list index out of range")?,
                    None,
                ),
            )?;
        }
        'tried: {
            'failed: {
                if let Some(value) = &value {
                    let Some(value_3) = value.as_float() else {
                        break 'failed;
                    };
                    state.window[1] = value_3 * 2.5;
                }
                let Some(value_4) = value.as_ref().and_then(FloatOrText::as_float) else {
                    break 'failed;
                };
                state.window[2] = value_4 - 1.0;
                break 'tried;
            }
            state.window[3] += 1.0;
        }
        'tried_2: {
            let error;
            'failed_2: {
                if let Some(value) = &value {
                    let Some(value_3) = value.as_float() else {
                        error = "unsupported operand type(s) for +: 'float' and 'str'";
                        break 'failed_2;
                    };
                    state.window[1] += value_3;
                }
                break 'tried_2;
            }
            alarm_payload.reason = error.to_string();
        }
        if state.missed % 11 == 0 {
            // A text cannot be compared with a number: that call fails.
            drive.payload_mut().get_or_insert_default().sector = if let Some(value) = &value && value.as_float().ok_or("unions.py:147: TypeError: '>' not supported between instances of 'str' and 'float'")? > 2.0 {
1
} else {
0
};
        }
        self.state = state.store()?;
        Ok(())
    }
}

/// `DriveState` with the widths that Python computes in.
#[derive(Debug, Clone)]
struct WideDriveState {
    started_ns: i128,
    missed: i64,
    last_goal: f64,
    window: [f64; 4],
    last: Option<f64>,
}

impl WideDriveState {
    fn load(state: &DriveState) -> Self {
        Self {
            started_ns: i128::from(state.started_ns),
            missed: i64::from(state.missed),
            last_goal: f64::from(state.last_goal),
            window: state.window.map(f64::from),
            last: state.last.map(f64::from),
        }
    }

    fn store(self) -> CuResult<DriveState> {
        Ok(DriveState {
            started_ns: u64::try_from(self.started_ns)
                .map_err(|_| "unions.py: `started_ns` leaves u64")?,
            missed: u32::try_from(self.missed).map_err(|_| "unions.py: `missed` leaves u32")?,
            last_goal: self.last_goal as f32,
            window: self.window.map(|x| x as f32),
            last: self.last.map(|x| x as f32),
        })
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Value {
    Flag(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl Value {
    /// The value where it is an int.
    fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(x) => Some(*x),
            _ => None,
        }
    }

    /// The value where it is a number.
    fn as_number(&self) -> Option<Number> {
        match self {
            Self::Int(x) => Some(Number::Int(*x)),
            Self::Float(x) => Some(Number::Float(*x)),
            _ => None,
        }
    }

    /// The value where it is a text.
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Python's `bool(x)`.
    fn is_true(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::Int(x) => *x != 0,
            Self::Float(x) => *x != 0.0,
            Self::Text(text) => !text.is_empty(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Status {
    Int(i64),
    Text(String),
}

impl Status {
    /// The value where it is an int.
    fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(x) => Some(*x),
            _ => None,
        }
    }

    /// Python's `str(x)`.
    fn to_text(&self) -> String {
        match self {
            Self::Int(x) => x.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum FloatOrText {
    Float(f64),
    Text(String),
}

impl FloatOrText {
    /// The value where it is a float.
    fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// The value where it is a text.
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Python's `str(x)`.
    fn to_text(&self) -> String {
        match self {
            Self::Float(x) => float_text(*x),
            Self::Text(text) => text.clone(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Settings {
    values: BTreeMap<String, Value>,
}

impl Settings {
    fn new() -> Self {
        Self {
            values: BTreeMap::from([
                ("gain".to_string(), Value::Float(0.8)),
                ("mode".to_string(), Value::Text("auto".into())),
                ("enabled".to_string(), Value::Flag(true)),
                ("retries".to_string(), Value::Int(3)),
            ]),
        }
    }

    fn get(&self, key: &str, default: Option<i64>) -> Option<Value> {
        self.values.get(key).cloned().or(default.map(Value::Int))
    }

    fn set(&mut self, key: &str, value: Value) {
        self.values.insert(key.to_string(), value);
    }
}

/// What was seen last: nothing, a number, or why there is none.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Monitor {
    last: Option<FloatOrText>,
    status: Status,
    seen: VecDeque<Option<FloatOrText>>,
}

impl Monitor {
    fn new() -> Self {
        Self {
            last: None,
            status: Status::Int(0),
            seen: VecDeque::with_capacity(4),
        }
    }

    fn feed(&mut self, speed: Option<f64>) {
        push_window(&mut self.seen, 4, self.last.clone());
        if let Some(speed) = speed {
            if speed > 1.0 {
                self.last = Some(FloatOrText::Float(speed));
                self.status = Status::Int(1);
            } else {
                self.last = None;
            }
        } else {
            self.last = Some(FloatOrText::Text("lost".into()));
            self.status = Status::Text("NO GOAL".into());
        }
    }

    fn report(&self) -> CuResult<String> {
        let Some(last) = &self.last else {
            return Ok("idle".into());
        };
        if let FloatOrText::Text(last) = last {
            return Ok(format!("{last}!"));
        }
        Ok(format!(
            "speed {}",
            float_text(round_digits(
                last.as_float()
                    .ok_or("unions.py:41: TypeError (this is no float)")?,
                1
            ))
        ))
    }

    fn lost(&self) -> i64 {
        let mut count: i64 = 0;
        for old in &self.seen {
            if matches!(old, Some(FloatOrText::Text(_))) {
                count += 1;
            }
        }
        count
    }
}

/// A number, a text that says why there is none, or nothing.
fn reading(speed: f64, missed: i64) -> Option<FloatOrText> {
    if missed % 5 == 4 {
        return None;
    }
    if !(-50.0 < speed && speed < 50.0) {
        return Some(FloatOrText::Text("out of range".into()));
    }
    Some(FloatOrText::Float(0.5 * speed))
}

fn parsed(speed: f64) -> (bool, FloatOrText) {
    if speed < 0.0 {
        return (false, FloatOrText::Text("negative".to_string()));
    }
    (true, FloatOrText::Float(speed))
}

fn shown(value: Option<Value>) -> CuResult<String> {
    let Some(value) = &value else {
        return Ok("-".into());
    };
    if let Value::Flag(value) = *value {
        return Ok((if value { "yes" } else { "no" }).to_string());
    }
    if matches!(value, Value::Int(_) | Value::Float(_)) {
        return Ok(fixed_text(
            f64::from(
                value
                    .as_number()
                    .ok_or("unions.py:72: TypeError (this is no object)")?,
            ),
            2,
        ));
    }
    Ok(value
        .as_text()
        .ok_or("unions.py:73: TypeError (this is no str)")?
        .to_uppercase())
}

/// A program in postfix notation.
fn evaluate(tokens: &[FloatOrText]) -> CuResult<f64> {
    let mut stack: Vec<f64> = Vec::new();
    let mut a: f64;
    let mut b: f64;
    for token in tokens {
        if let FloatOrText::Float(token) = *token {
            stack.push(token);
        } else if token.as_text() == Some("+") {
            b = stack
                .pop()
                .ok_or("unions.py:83: IndexError: pop from empty list")?;
            a = stack
                .pop()
                .ok_or("unions.py:83: IndexError: pop from empty list")?;
            stack.push(a + b);
        } else if token.as_text() == Some("*") {
            b = stack
                .pop()
                .ok_or("unions.py:86: IndexError: pop from empty list")?;
            a = stack
                .pop()
                .ok_or("unions.py:86: IndexError: pop from empty list")?;
            stack.push(a * b);
        }
    }
    Ok(*stack
        .last()
        .ok_or("unions.py:88: IndexError: list index out of range")?)
}

/// How long a text is, or how far a number is from zero.
fn extent(value: FloatOrText) -> CuResult<f64> {
    let Some(value_2) = value.as_text() else {
        return Ok(value
            .as_float()
            .ok_or("unions.py:96: TypeError: bad operand type for abs(): 'str'")?
            .abs());
    };
    Ok(value_2.chars().count() as f64)
}

/// Python's `round(x, digits)`: correctly rounded decimals, ties to even.
fn round_digits(x: f64, digits: usize) -> f64 {
    use std::io::Write;
    // More digits change nothing, as CPython has it; the text needs 1 + 309 + 1 + 323 bytes.
    if !x.is_finite() || digits > 323 {
        return x;
    }
    let mut text = [0_u8; 640];
    let mut rest = &mut text[..];
    if write!(rest, "{x:.digits$}").is_err() {
        return x;
    }
    let unused = rest.len();
    let used = &text[..text.len() - unused];
    std::str::from_utf8(used)
        .ok()
        .and_then(|decimal| decimal.parse().ok())
        .unwrap_or(x)
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
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

/// A number of Python: an int or a float, which only the value tells.
#[derive(Debug, Clone, Copy, Reflect)]
enum Number {
    Int(i64),
    Float(f64),
}

impl From<i64> for Number {
    fn from(x: i64) -> Self {
        Number::Int(x)
    }
}

impl From<f64> for Number {
    fn from(x: f64) -> Self {
        Number::Float(x)
    }
}

impl From<Number> for f64 {
    fn from(x: Number) -> Self {
        match x {
            Number::Int(x) => x as f64,
            Number::Float(x) => x,
        }
    }
}

impl<T: Copy + Into<Number>> PartialEq<T> for Number {
    fn eq(&self, other: &T) -> bool {
        self.partial_cmp(other)
            .is_some_and(std::cmp::Ordering::is_eq)
    }
}

/// Exact, also of an int and a float.
impl<T: Copy + Into<Number>> PartialOrd<T> for Number {
    fn partial_cmp(&self, other: &T) -> Option<std::cmp::Ordering> {
        let exact = |a: i64, b: f64| {
            let order = (a as f64).partial_cmp(&b)?;
            Some(order.then(i128::from(a).cmp(&(b as i128))))
        };
        match (*self, (*other).into()) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => exact(a, b),
            (Number::Float(a), Number::Int(b)) => exact(b, a).map(std::cmp::Ordering::reverse),
        }
    }
}

//! Values of several shapes in one place: a number, a pair, a list, or nothing.
//!
//! Translated by migrate 0.1.0 from `shapes.py`: 73 of 73 statements.
//! Warning MIG0301 line 5: `history` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 23: `board` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "shapes", script = "shapes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "3c8aceaf6cb4a415", seal = "b83fa62543e7c87f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const HISTORY: i64 = 4;

#[derive(Debug, Reflect)]
pub struct Shapes {
    state: DriveState,
    history: [Number; 4],
    commands: Vec<Command>,
    board: Blackboard,
}

impl Freezable for Shapes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.history, encoder)?;
        Encode::encode(&self.board, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.history = Decode::decode(decoder)?;
        self.board = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Shapes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            history: [Number::Int(0); 4],
            commands: vec![
                Command::Single(("hold".to_string(),)),
                Command::Pair(("move".to_string(), Number::Float(0.5))),
                Command::Pair(("wait".to_string(), Number::Int(3))),
                Command::Single(("stop".to_string(),)),
            ],
            board: Blackboard::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, scan) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        state.missed = (state.missed + 1) % 1000;
        let (Some(goal_payload), Some(measured)) = (goal.payload(), scan.payload()) else {
            self.state = state;
            return Ok(());
        };
        for value in [Number::Int(0), Number::Float(0.5), Number::Int(1)] {
            if value > f64::from(goal_payload.speed) {
                alarm.payload_mut().get_or_insert_default().reason = format!("below {value}");
            }
        }
        if -100.0 < goal_payload.speed && goal_payload.speed < 100.0 {
            remember(
                i64::from(state.missed),
                f64::from(goal_payload.speed),
                &mut self.history,
            );
        }
        if self.history == [0, 0, 0, 0] {
            alarm.payload_mut().get_or_insert_default().reason = format!(
                "nothing yet: [{}]",
                self.history
                    .iter()
                    .map(|&x| x.to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }

        let result = estimate(measured, i64::from(state.missed % 3))?;
        if let Some(result) = &result {
            if let Doubled::Pair(result) = *result {
                let (value, spread) = result;
                drive.payload_mut().get_or_insert_default().accel = (value * 0.5) as f32;
                state.last = Some(spread as f32);
            } else {
                drive.payload_mut().get_or_insert_default().accel = result
                    .as_float()
                    .ok_or("shapes.py:76: TypeError (this is no float)")?
                    as f32;
            }
        } else {
            drive.payload_mut().get_or_insert_default().accel = 0.0;
        }

        self.board.put("estimate", result.clone());
        self.board.put(
            "ranges",
            Some(Doubled::List(
                measured
                    .ranges
                    .iter()
                    .map(|&r| f64::from(r) * 2.0)
                    .collect(),
            )),
        );
        self.board
            .put("armed", Some(Doubled::Flag(measured.speed > 0.0)));
        let doubled = self.board.get("ranges");
        if doubled.as_ref().is_some_and(|x| x.is_true())
            && let Some(Doubled::List(doubled)) = &doubled
        {
            state.window =
                <[f32; 4]>::try_from(doubled.iter().map(|&x| x as f32).collect::<Vec<_>>())
                    .map_err(|_| "shapes.py:83: `window` takes 4 values")?;
        }
        if self.board.get("armed").as_ref().and_then(Doubled::as_flag) == Some(true) {
            drive.payload_mut().get_or_insert_default().sector = u8::try_from(
                self.board
                    .get("limits")
                    .as_ref()
                    .and_then(Doubled::size)
                    .ok_or("shapes.py:85: TypeError (of bool or float or NoneType here)")?,
            )
            .map_err(|_| "shapes.py:85: `sector` leaves u8")?;
        }

        let (name, argument) = told(i64::from(state.missed), &self.commands)?;
        if argument > 1 {
            alarm.payload_mut().get_or_insert_default().reason = format!("{name} {argument}");
        }

        let mut ratios: Vec<Option<f64>> = Vec::new();
        for &r in &measured.ranges {
            ratios.push(ratio(
                f64::from(goal_payload.speed),
                if -10.0 < r && r < 10.0 {
                    float_to_int(f64::from(r).trunc())
                        .ok_or("shapes.py:93: ValueError or OverflowError (int: no 64-bit int)")?
                } else {
                    1
                },
            )?);
        }
        let known: Vec<f64> = ratios.iter().flatten().copied().collect();
        if !known.is_empty() {
            state.last_goal = known
                .iter()
                .copied()
                .reduce(|best, x| if x > best { x } else { best })
                .ok_or("shapes.py:96: ValueError: max() arg is an empty sequence")?
                as f32;
        }

        let mut found = crossing(&measured.ranges, 1.0);
        let lost = found.is_none();
        if lost {
            found = Some((0, f64::from(goal_payload.speed)));
        }
        let (place, excess) =
            found.ok_or("shapes.py:102: TypeError: cannot unpack non-iterable NoneType object")?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.sector =
            u8::try_from(place).map_err(|_| "shapes.py:103: `sector` leaves u8")?;
        if state.missed.is_multiple_of(50) {
            alarm.payload_mut().get_or_insert_default().reason = if -1e6 < excess && excess < 1e6 {
                self.board.report()
            } else {
                "far".into()
            };
        }
        if state.missed.is_multiple_of(97) {
            // Where nothing is crossed, that call fails.
            let (place, _excess) = crossing(&measured.ranges, 3.0)
                .ok_or("shapes.py:108: TypeError: cannot unpack non-iterable NoneType object")?;
            drive_payload.sector =
                u8::try_from(place).map_err(|_| "shapes.py:109: `sector` leaves u8")?;
        }
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Doubled {
    Flag(bool),
    Float(f64),
    Text(String),
    Pair((f64, f64)),
    List(Vec<f64>),
}

impl Doubled {
    /// The value where it is a bool.
    fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The value where it is a float.
    fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// Python's `len(x)` where it has one.
    fn size(&self) -> Option<usize> {
        match self {
            Self::Text(text) => Some(text.chars().count()),
            Self::Pair(_) => Some(2),
            Self::List(x) => Some(x.len()),
            _ => None,
        }
    }

    /// Python's `bool(x)`.
    fn is_true(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::Float(x) => *x != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Pair(_) => true,
            Self::List(x) => !x.is_empty(),
        }
    }

    /// Python's `str(x)`.
    fn to_text(&self) -> String {
        match self {
            Self::Flag(flag) => if *flag { "True" } else { "False" }.to_string(),
            Self::Float(x) => float_text(*x),
            Self::Text(text) => text.clone(),
            Self::Pair(x) => format!("({}, {})", float_text(x.0), float_text(x.1)),
            Self::List(x) => format!(
                "[{}]",
                x.iter()
                    .map(|&x| float_text(x))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Command {
    Single((String,)),
    Pair((String, Number)),
}

impl Command {
    /// The value where it is a tuple.
    fn as_pair(&self) -> Option<&(String, Number)> {
        match self {
            Self::Pair(x) => Some(x),
            _ => None,
        }
    }
}

/// What the parts of the robot tell each other, by name.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Blackboard {
    values: Vec<(String, Option<Doubled>)>,
}

impl Blackboard {
    fn new() -> Self {
        let values: Vec<(String, Option<Doubled>)> = vec![
            ("armed".to_string(), Some(Doubled::Flag(true))),
            ("mode".to_string(), Some(Doubled::Text("auto".into()))),
            ("gain".to_string(), Some(Doubled::Float(0.8))),
            ("limits".to_string(), Some(Doubled::Pair((-1.5, 1.5)))),
        ];
        Self { values }
    }

    fn put(&mut self, key: &str, value: Option<Doubled>) {
        set_item(&mut self.values, key.to_string(), value);
    }

    fn get(&self, key: &str) -> Option<Doubled> {
        lookup(&self.values, key)
            .and_then(|kept| kept.as_ref())
            .cloned()
    }

    fn report(&self) -> String {
        self.values
            .iter()
            .map(|(key, value)| {
                format!(
                    "{key}={}",
                    match value {
                        Some(x) => x.to_text(),
                        None => "None".to_string(),
                    }
                )
            })
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// An int until something was measured.
fn remember(step: i64, speed: f64, history: &mut [Number; 4]) {
    (*history)[(step % HISTORY) as usize] = Number::Float(speed);
}

/// Where the ranges pass the limit, and how far.
fn crossing(ranges: &[f32; 4], limit: f64) -> Option<(i64, f64)> {
    for (i, &r) in ranges.iter().enumerate() {
        if f64::from(r) > limit {
            return Some((i as i64, f64::from(r) - limit));
        }
    }
    None
}

/// Nothing, a number, or a number and how sure it is.
fn estimate(scan: &Measured, mode: i64) -> CuResult<Option<Doubled>> {
    if mode == 0 {
        return Ok(None);
    }
    if mode == 1 {
        return Ok(Some(Doubled::Float(f64::from(scan.speed))));
    }
    Ok(Some(Doubled::Pair((
        f64::from(scan.speed),
        f64::from(
            scan.ranges
                .iter()
                .copied()
                .reduce(|best, x| if x > best { x } else { best })
                .ok_or("shapes.py:42: ValueError: max() arg is an empty sequence")?,
        ) - f64::from(
            scan.ranges
                .iter()
                .copied()
                .reduce(|best, x| if x < best { x } else { best })
                .ok_or("shapes.py:42: ValueError: min() arg is an empty sequence")?,
        ),
    ))))
}

fn ratio(a: f64, b: i64) -> CuResult<Option<f64>> {
    Ok(if b == 0 {
        None
    } else {
        Some(
            true_div(a, b as f64)
                .ok_or("shapes.py:45: ZeroDivisionError: float division by zero")?,
        )
    })
}

/// The command of this step.
fn told(step: i64, commands: &[Command]) -> CuResult<(String, Number)> {
    let command = commands[index(
        modulo(step, commands.len() as i64)
            .ok_or("shapes.py:49: ZeroDivisionError: integer modulo by zero")?,
        commands.len(),
    )
    .ok_or("shapes.py:49: IndexError: list index out of range")?]
    .clone();
    if (match &command {
        Command::Single(x) => Some(&x.0),
        Command::Pair(x) => Some(&x.0),
    })
    .ok_or("shapes.py:50: TypeError (of  here)")?
        == "move"
        || (match &command {
            Command::Single(x) => Some(&x.0),
            Command::Pair(x) => Some(&x.0),
        })
        .ok_or("shapes.py:50: TypeError (of  here)")?
            == "wait"
    {
        return Ok((
            (match &command {
                Command::Single(x) => Some(&x.0),
                Command::Pair(x) => Some(&x.0),
            })
            .ok_or("shapes.py:51: TypeError (of  here)")?
            .to_string(),
            command
                .as_pair()
                .ok_or("shapes.py:51: IndexError: tuple index out of range")?
                .1,
        ));
    }
    Ok((
        (match &command {
            Command::Single(x) => Some(&x.0),
            Command::Pair(x) => Some(&x.0),
        })
        .ok_or("shapes.py:52: TypeError (of  here)")?
        .to_string(),
        Number::Int(0),
    ))
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
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

/// The value of a key in entries that keep Python's order: `None` where it raises a KeyError.
fn lookup<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m [(K, V)],
    key: &Q,
) -> Option<&'m V> {
    entries
        .iter()
        .find(|(k, _)| k.borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
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

/// A number of Python: an int or a float, which only the value tells.
#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
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

/// Python's `str(x)`.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Int(x) => x.fmt(f),
            Number::Float(x) => f.pad(&float_text(*x)),
        }
    }
}

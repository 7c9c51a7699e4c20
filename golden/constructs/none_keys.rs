//! Keys that may be None, where no key is; lists that may be None and are changed in place.
//!
//! Translated by migrate 0.1.0 from `none_keys.py`: 51 of 51 statements.
//! Warning MIG0301 line 47: `lift` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "none_keys", script = "none_keys.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "71f68194aa77ea22", seal = "9c02d7caf5f6b7e2"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct NoneKeys {
    state: DriveState,
    lift: Lift,
}

impl Freezable for NoneKeys {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.lift, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.lift = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for NoneKeys {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            lift: Lift::new(),
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
        let state = &self.state;
        if let Some(goal_payload) = goal.payload() {
            self.lift.pick(f64::from(goal_payload.speed));
        }
        let mut height: f64;
        let limit: f64;
        'tried: {
            let e;
            'failed: {
                height = match self.lift.height() {
                    Ok(value) => value,
                    Err(Raised::KeyError(_, text)) => {
                        e = text;
                        break 'failed;
                    }
                };
                limit = match self.lift.limit() {
                    Ok(value) => value,
                    Err(Raised::KeyError(_, text)) => {
                        e = text;
                        break 'failed;
                    }
                };
                break 'tried;
            }
            height = 0.0;
            limit = 0.0;
            alarm.set_payload(Alarm {
                reason: format!("no {e}"),
                missed: state.missed,
            });
        }
        let mut accel = self.lift.note(height - limit) + self.lift.asked();
        if let Some(measured_payload) = measured.payload() {
            accel += best_of(&measured_payload.ranges)?;
        }
        let number = self
            .lift
            .number
            .and_then(names_of)
            .unwrap_or("none")
            .to_string();
        drive.set_payload(Drive {
            accel: accel as f32,
            sector: u8::try_from(number.chars().count())
                .map_err(|_| "none_keys.py:73: `sector` leaves u8")?,
        });
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed < -3.0
        {
            drive.payload_mut().get_or_insert_default().accel = floors_of(
                self.lift
                    .target
                    .as_deref()
                    .ok_or("none_keys.py:75: KeyError: None")?,
            )
            .ok_or("none_keys.py:75: KeyError (no such key, a str)")?
                as f32;
        }
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    KeyError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::KeyError(at, message) => format!("{at}: KeyError: {message}").into(),
        }
    }
}

/// `FLOORS[key]`
fn floors_of(key: &str) -> Option<f64> {
    Some(match key {
        "low" => 0.0,
        "mid" => 0.8,
        "top" => 1.45,
        _ => return None,
    })
}

/// `NAMES[key]`
fn names_of(key: i64) -> Option<&'static str> {
    Some(match key {
        1 => "one",
        2 => "two",
        3 => "three",
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lift {
    target: Option<String>,
    number: Option<i64>,
    limits: BTreeMap<String, f64>,
    stops: BTreeMap<i64, f64>,
    trace: Option<[f64; 3]>,
}

impl Lift {
    fn new() -> Self {
        Self {
            target: None,
            number: None,
            limits: BTreeMap::from([("low".to_string(), 0.5), ("mid".to_string(), 1.0)]),
            stops: BTreeMap::from([(1, 0.25)]),
            trace: None,
        }
    }

    fn pick(&mut self, speed: f64) {
        self.target = None;
        self.number = None;
        if speed > 2.0 {
            self.target = Some("top".into());
            self.number = Some(2);
        } else if speed > 0.0 {
            self.target = Some("mid".into());
            self.number = Some(1);
        }
    }

    fn height(&self) -> Result<f64, Raised> {
        let operand = self
            .target
            .as_deref()
            .ok_or_else(|| Raised::KeyError("none_keys.py:26", "None".into()))?;
        floors_of(operand).ok_or_else(|| Raised::KeyError("none_keys.py:26", str_repr(operand)))
    }

    fn limit(&self) -> Result<f64, Raised> {
        let operand = self
            .target
            .as_deref()
            .ok_or_else(|| Raised::KeyError("none_keys.py:29", "None".into()))?;
        Ok(*self
            .limits
            .get(operand)
            .ok_or_else(|| Raised::KeyError("none_keys.py:29", str_repr(operand)))?)
    }

    fn asked(&self) -> f64 {
        let mut total = self.target.as_deref().and_then(floors_of).unwrap_or(-1.0)
            + self
                .target
                .as_deref()
                .and_then(|key| self.limits.get(key))
                .copied()
                .unwrap_or(-2.0);
        if let Some(near) = self.number.and_then(|key| self.stops.get(&key)).copied() {
            total += near;
        }
        total
    }

    fn note(&mut self, value: f64) -> f64 {
        if let Some(trace) = &mut self.trace {
            trace[1] += value;
            trace[2] = trace[1] * 0.5;
        } else {
            self.trace = Some([value, 0.0, 0.0]);
        }
        self.trace.unwrap_or_default()[1]
    }
}

fn best_of(ranges: &[f32; 4]) -> CuResult<f64> {
    let mut best: Option<[f64; 2]> = None;
    for (i, &r) in ranges.iter().enumerate() {
        if best.is_none_or(|best| f64::from(r) > best[1]) {
            best = Some([i as f64, f64::from(r)]);
        }
    }
    let Some(best) = &mut best else {
        return Err("none_keys.py:55: TypeError: 'NoneType' object is not subscriptable".into());
    };
    best[0] += 1.0;
    Ok(best[0] + best[1])
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

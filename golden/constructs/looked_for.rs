//! Tuples that lists are asked for; texts of their parts; and a path that is walked off.
//!
//! Translated by migrate 0.1.0 from `looked_for.py`: 52 of 52 statements.
//! Warning MIG0301 line 10: `NODES` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 12: `path` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 13: `at` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 15: `rows` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "looked_for", script = "looked_for.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6555b4b8b03c052d", seal = "6389f3ad00f612b4"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, VecDeque};

const ROWS: [&str; 2] = ["..~.", "~..."];
const RULES: [[&str; 3]; 2] = [["near", "fast", "brake"], ["far", "slow", "go"]];

const LINKS: [(&str, Option<&str>, f64); 2] = [("hub", Some("rim"), 0.5), ("rim", None, 0.25)];

#[derive(Debug, Reflect)]
pub struct LookedFor {
    state: DriveState,
    nodes: BTreeMap<String, Node>,
    path: Option<Vec<(i64, i64)>>,
    at: (i64, i64),
    seen: VecDeque<i64>,
    rows: BTreeMap<String, Vec<i64>>,
}

impl Freezable for LookedFor {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.nodes, encoder)?;
        Encode::encode(&self.path, encoder)?;
        Encode::encode(&self.at, encoder)?;
        Encode::encode(&self.rows, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.nodes = Decode::decode(decoder)?;
        self.path = Decode::decode(decoder)?;
        self.at = Decode::decode(decoder)?;
        self.rows = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for LookedFor {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            nodes: BTreeMap::from([
                (
                    "hub".to_string(),
                    Node {
                        mass: 2.0,
                        heat: 1.0,
                    },
                ),
                (
                    "rim".to_string(),
                    Node {
                        mass: 4.0,
                        heat: 0.5,
                    },
                ),
            ]),
            path: None,
            at: (0, 0),
            seen: VecDeque::from([0, 1, 0]),
            rows: BTreeMap::from([("a".to_string(), vec![1, 2, 3]), ("b".to_string(), vec![4])]),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        if self.path.is_none() {
            match plan((i64::from(state.missed % 4), 1)) {
                Ok(value) => {
                    self.path = Some(value);
                }
                Err(Raised::ValueError(..)) => {
                    self.path = None;
                    state.missed = state
                        .missed
                        .checked_add(1)
                        .ok_or("looked_for.py:65: `missed` leaves u32")?;
                    alarm.payload_mut().get_or_insert_default().reason = "no path".into();
                    self.state = state;
                    return Ok(());
                }
                Err(error) => {
                    return Err(error.into());
                }
            }
        }
        for _ in 0..(if goal_payload.speed > 1.0 { 2 } else { 1 }) {
            if self
                .path
                .as_ref()
                .ok_or("looked_for.py:69: AttributeError (None)")?
                .len()
                > 1
            {
                let list = self
                    .path
                    .as_ref()
                    .ok_or("looked_for.py:70: AttributeError (None)")?;
                self.path = Some(list[list.len().min(1)..].to_vec());
                self.at = *self
                    .path
                    .as_ref()
                    .ok_or("looked_for.py:71: AttributeError (None)")?
                    .first()
                    .ok_or("looked_for.py:71: IndexError: list index out of range")?;
            }
        }
        if self
            .path
            .as_ref()
            .ok_or("looked_for.py:72: AttributeError (None)")?
            .len()
            < 2
        {
            self.path = None;
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("looked_for.py:74: `missed` leaves u32")?;
        }
        spread(&mut self.nodes)?;
        state.last_goal = self
            .nodes
            .get("rim")
            .ok_or("looked_for.py:76: KeyError (no such key, a str)")?
            .heat as f32;
        let rule = <(String, String, String)>::from(
            RULES[index(self.at.1, 2)
                .ok_or("looked_for.py:77: IndexError: list index out of range")?]
            .map(str::to_string),
        );
        drive.payload_mut().get_or_insert_default().accel = (shorter("a", 1, &mut self.rows)?
            + times(0, &self.seen)?
            + ({
                let wanted = ["far", "slow", "go"];
                RULES.iter().filter(|&&x| x == wanted).count()
            }) as i64) as f64 as f32;
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{} at {}: {}",
            str_item("NESW", self.at.0)
                .ok_or("looked_for.py:79: IndexError: string index out of range")?,
            self.at.1,
            [rule.0.as_str(), rule.1.as_str(), rule.2.as_str()].join("/")
        );
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[allow(clippy::enum_variant_names)]
#[derive(Debug)]
enum Raised {
    IndexError(&'static str, String),
    KeyError(&'static str, String),
    ValueError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::IndexError(at, message) => format!("{at}: IndexError: {message}").into(),
            Raised::KeyError(at, message) => format!("{at}: KeyError: {message}").into(),
            Raised::ValueError(at, message) => format!("{at}: ValueError: {message}").into(),
        }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Node {
    mass: f64,
    heat: f64,
}

/// `COST[key]`
fn cost_of(key: &str) -> Option<i64> {
    Some(match key {
        "." => 1,
        "~" => 3,
        _ => return None,
    })
}

fn cells(width: i64) -> Vec<(i64, i64)> {
    let mut values: Vec<(i64, i64)> = Vec::new();
    for x in 0..width {
        for y in 0..2 {
            values.push((x, y));
        }
    }
    values
}

/// The way to the goal, the cheapest cell first.
fn plan(goal: (i64, i64)) -> Result<Vec<(i64, i64)>, Raised> {
    if !cells(3).contains(&goal) {
        return Err(Raised::ValueError("looked_for.py:25", "nowhere".into()));
    }
    let mut left = cells(3);
    let mut way: Vec<(i64, i64)> = Vec::new();
    while !left.is_empty() {
        let mut best_2 = None;
        for &c in &left {
            let operand = &str_item(
                ROWS[index(c.1, 2).ok_or_else(|| {
                    Raised::IndexError("looked_for.py:29", "list index out of range".into())
                })?],
                c.0,
            )
            .ok_or_else(|| {
                Raised::IndexError("looked_for.py:29", "string index out of range".into())
            })?
            .to_string();
            let score = (
                cost_of(operand)
                    .ok_or_else(|| Raised::KeyError("looked_for.py:29", str_repr(operand)))?,
                c,
            );
            if best_2.is_none_or(|(held, _)| score < held) {
                best_2 = Some((score, c));
            }
        }
        let best = best_2.map(|(_, c)| c).ok_or_else(|| {
            Raised::ValueError("looked_for.py:29", "min() arg is an empty sequence".into())
        })?;
        left.remove(left.iter().position(|&x| x == best).ok_or_else(|| {
            Raised::ValueError("looked_for.py:30", "list.remove(x): x not in list".into())
        })?);
        way.push(best);
    }
    Ok(way[..(way.iter().position(|&x| x == goal).ok_or_else(|| {
        Raised::ValueError("looked_for.py:32", "the value is not in the list".into())
    })? + 1)
        .min(way.len())]
        .to_vec())
}

/// Its parameter is called as a closure's may be.
fn times(x: i64, seen: &VecDeque<i64>) -> CuResult<i64> {
    Ok((seen.iter().filter(|&&part| part == x).count()
        + seen
            .iter()
            .position(|&part| part == x)
            .ok_or("looked_for.py:37: ValueError (the element is not in the deque)")?)
        as i64)
}

/// Heat flows along the links, and out where a link has no end.
fn spread(nodes: &mut BTreeMap<String, Node>) -> CuResult<()> {
    for &(a, b, rate) in &LINKS {
        let flow = rate
            * (nodes
                .get(a)
                .ok_or("looked_for.py:43: KeyError (no such key, a str)")?
                .heat
                - (if let Some(b) = b {
                    nodes
                        .get(b)
                        .ok_or("looked_for.py:43: KeyError (no such key, a str)")?
                        .heat
                } else {
                    0.0
                }));
        let value = true_div(
            flow,
            nodes
                .get(a)
                .ok_or("looked_for.py:44: KeyError (no such key, a str)")?
                .mass,
        )
        .ok_or("looked_for.py:44: ZeroDivisionError: float division by zero")?;
        let entry = nodes
            .get_mut(a)
            .ok_or("looked_for.py:44: KeyError (no such key, a str)")?;
        entry.heat -= value;
        if b.is_some_and(|x| !x.is_empty()) {
            let value_2 = true_div(
                flow,
                nodes
                    .get(b.ok_or("looked_for.py:46: AttributeError (None)")?)
                    .ok_or("looked_for.py:46: KeyError (no such key, a str)")?
                    .mass,
            )
            .ok_or("looked_for.py:46: ZeroDivisionError: float division by zero")?;
            let entry_2 = nodes
                .get_mut(b.ok_or("looked_for.py:46: AttributeError (None)")?)
                .ok_or("looked_for.py:46: KeyError (no such key, a str)")?;
            entry_2.heat += value_2;
        }
    }
    Ok(())
}

fn shorter(key: &str, n: i64, rows: &mut BTreeMap<String, Vec<i64>>) -> CuResult<i64> {
    let list = rows
        .get(key)
        .ok_or("looked_for.py:50: KeyError (no such key, a str)")?;
    let value = [&list[list.len().min(1)..], &[n]].concat();
    rows.insert(key.to_string(), value);
    Ok(rows
        .get(key)
        .ok_or("looked_for.py:51: KeyError (no such key, a str)")?
        .len() as i64)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
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

/// Python's `text[i]`, in characters: `None` where it raises an IndexError.
fn str_item(text: &str, i: i64) -> Option<char> {
    match usize::try_from(i) {
        Ok(i) => text.chars().nth(i),
        Err(_) => text
            .chars()
            .nth_back(usize::try_from(i.checked_add(1)?.checked_neg()?).ok()?),
    }
}

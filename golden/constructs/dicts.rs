//! Events by name, lanes by number, and a queue of requests: dicts and a set that change.
//!
//! Translated by migrate 0.1.0 from `dicts.py`: 41 of 41 statements.
//! Warning MIG0301 line 33: `events` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 34: `speeds` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 35: `requests` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 36: `recent` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 37: `blocked` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 38: `tick` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "dicts", script = "dicts.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f6cbc34ca576a8cf", seal = "9fa8c135687c2a70"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const LONGEST: usize = 8;

#[derive(Debug, Reflect)]
pub struct Dicts {
    state: DriveState,
    events: Events,
    speeds: Vec<(Lane, f64)>,
    requests: VecDeque<i64>,
    recent: VecDeque<f64>,
    blocked: BTreeSet<i64>,
    tick: i64,
}

impl Freezable for Dicts {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.events, encoder)?;
        Encode::encode(&self.speeds, encoder)?;
        Encode::encode(&self.requests, encoder)?;
        Encode::encode(&self.recent, encoder)?;
        Encode::encode(&self.blocked, encoder)?;
        Encode::encode(&self.tick, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.events = Decode::decode(decoder)?;
        self.speeds = Decode::decode(decoder)?;
        self.requests = Decode::decode(decoder)?;
        self.recent = Decode::decode(decoder)?;
        self.blocked = Decode::decode(decoder)?;
        self.tick = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Dicts {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            events: Events::new(),
            speeds: vec![(Lane::Slow, 0.5), (Lane::Fast, 2.0)],
            requests: VecDeque::new(),
            recent: VecDeque::with_capacity(LONGEST),
            blocked: BTreeSet::new(),
            tick: 0,
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
        self.tick += 1;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            self.events.hit("missing", self.tick)?;
            return Ok(());
        };
        let lane = if goal_payload.speed > 1.0 {
            Lane::Fast
        } else {
            Lane::Slow
        };
        let value = 0.25
            * (f64::from(goal_payload.speed)
                - *lookup(&self.speeds, &lane).ok_or("dicts.py:49: KeyError (no such key)")?);
        let slot =
            lookup_mut(&mut self.speeds, &lane).ok_or("dicts.py:49: KeyError (no such key)")?;
        *slot += value;
        push_window(&mut self.recent, LONGEST, f64::from(measured_payload.speed));
        self.events
            .hit(if lane == Lane::Fast { "fast" } else { "slow" }, self.tick)?;

        if f64::from(measured_payload.speed).abs() > 5.0 {
            self.requests.push_back(self.tick);
            self.blocked.insert(self.tick % 4);
        }
        if !self.requests.is_empty()
            && self
                .tick
                .checked_sub(
                    *self
                        .requests
                        .front()
                        .ok_or("dicts.py:56: IndexError: deque index out of range")?,
                )
                .ok_or("dicts.py:56: an int leaves 64 bits")?
                > 3
        {
            let done = self
                .requests
                .pop_front()
                .ok_or("dicts.py:57: IndexError: pop from an empty deque")?;
            self.blocked.remove(&done.rem_euclid(4));
        }
        if lookup(&self.events.counts, "missing").is_some()
            && *lookup(&self.events.counts, "missing")
                .ok_or("dicts.py:59: KeyError (no such key, a str)")?
                > 10
        {
            pop_item(&mut self.events.counts, "missing")
                .ok_or("dicts.py:60: KeyError (no such key, a str)")?;
        }

        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (*lookup(&self.speeds, &lane)
            .ok_or("dicts.py:62: KeyError (no such key)")?
            - true_div(
                self.recent.iter().fold(0.0, |sum, &x| sum + x),
                self.recent.len() as f64,
            )
            .ok_or("dicts.py:62: ZeroDivisionError: float division by zero")?)
            as f32;
        drive_payload.sector = u8::try_from(self.blocked.len() + self.requests.len() % 8)
            .map_err(|_| "dicts.py:63: `sector` leaves u8")?;
        if self.blocked.contains(&(self.tick % 4))
            || self.recent.len() == LONGEST
                && *self
                    .recent
                    .back()
                    .ok_or("dicts.py:64: IndexError: deque index out of range")?
                    > *self
                        .recent
                        .front()
                        .ok_or("dicts.py:64: IndexError: deque index out of range")?
        {
            alarm.set_payload(Alarm {
                reason: self.events.most(),
                missed: u32::try_from(self.events.first.get("missing").copied().unwrap_or(0))
                    .map_err(|_| "dicts.py:65: `missed` leaves u32")?,
            });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Lane {
    Slow,
    Fast,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Events {
    counts: Vec<(String, i64)>,
    first: BTreeMap<String, i64>,
}

impl Events {
    fn new() -> Self {
        Self {
            counts: Vec::new(),
            first: BTreeMap::new(),
        }
    }

    /// Counts an event; its first tick stays.
    fn hit(&mut self, name: &str, tick: i64) -> CuResult<()> {
        let value = lookup(&self.counts, name)
            .copied()
            .unwrap_or(0)
            .checked_add(1)
            .ok_or("dicts.py:21: an int leaves 64 bits")?;
        set_item(&mut self.counts, name.to_string(), value);
        self.first.entry(name.to_string()).or_insert(tick);
        Ok(())
    }

    fn most(&self) -> String {
        let mut best = "none".to_string();
        let mut highest: i64 = 0;
        for &(ref name, count) in &self.counts {
            if count > highest {
                best = name.clone();
                highest = count;
            }
        }
        best
    }
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
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

/// The value of a key in entries that keep Python's order, to change it: `None` where it raises a
/// KeyError.
fn lookup_mut<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m mut [(K, V)],
    key: &Q,
) -> Option<&'m mut V> {
    entries
        .iter_mut()
        .find(|(k, _)| (*k).borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// Python's `d.pop(key)`: the others keep their order. `None` where it raises a KeyError.
fn pop_item<K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &mut Vec<(K, V)>,
    key: &Q,
) -> Option<V> {
    let at = entries.iter().position(|(k, _)| k.borrow() == key)?;
    Some(entries.remove(at).1)
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

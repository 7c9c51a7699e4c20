//! Objects that a container keeps and a method returns, that are the current one, or the last.
//!
//! Translated by migrate 0.1.0 from `kept_and_given.py`: 66 of 66 statements.
//! Warning MIG0301 line 100: `monitor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 101: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 102: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 113: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "kept_and_given", script = "kept_and_given.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "89f73ada95527a4b", seal = "6fb42e074df00c78"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, VecDeque};

#[derive(Debug, Reflect)]
pub struct KeptAndGiven {
    state: DriveState,
    monitor: Monitor,
    machine: Machine,
    tracker: Tracker,
}

impl Freezable for KeptAndGiven {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.monitor, encoder)?;
        Encode::encode(&self.machine, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.monitor = Decode::decode(decoder)?;
        self.machine = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for KeptAndGiven {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            monitor: Monitor::new(),
            machine: Machine::new()?,
            tracker: Tracker::new(),
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
        let name = (if goal.payload().is_none() {
            "goal"
        } else {
            "none"
        })
        .to_string();
        self.monitor.beat(&name)?;
        let target = self.monitor.get(&name)?;
        let entry = self
            .monitor
            .beats
            .get_mut(&target)
            .ok_or("kept_and_given.py:109: KeyError (no such key, a str)")?;
        entry.level = entry
            .level
            .checked_add(1)
            .ok_or("kept_and_given.py:109: an int leaves 64 bits")?;
        self.monitor.note(&self.machine.step(3)?)?;
        if let Some(measured_payload) = measured.payload() {
            drive.payload_mut().get_or_insert_default().accel =
                self.tracker.update(&measured_payload.ranges)? as f64 as f32;
        }
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            self.monitor
                .order
                .iter()
                .map(|b| b.count)
                .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
                .ok_or("kept_and_given.py:113: an int leaves 64 bits")?,
        )
        .map_err(|_| "kept_and_given.py:113: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Beat {
    name: String,
    count: i64,
    level: i64,
}

impl Beat {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            count: 0,
            level: 0,
        }
    }

    fn beat(&mut self) {
        self.count += 1;
    }

    fn same(&self, other: Option<&Self>) -> bool {
        other.is_some_and(|other| self.name == other.name)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Monitor {
    beats: BTreeMap<String, Beat>,
    order: VecDeque<Beat>,
    total: i64,
}

impl Monitor {
    fn new() -> Self {
        Self {
            beats: BTreeMap::new(),
            order: VecDeque::with_capacity(4),
            total: 0,
        }
    }

    fn register(&mut self, name: &str) -> CuResult<String> {
        self.beats.insert(name.to_string(), Beat::new(name));
        let beat = name.to_string();
        self.beats
            .get_mut(&beat)
            .ok_or("kept_and_given.py:27: KeyError (no such key, a str)")?
            .level = 2;
        self.total += 1;
        Ok(beat)
    }

    fn get(&self, name: &str) -> CuResult<String> {
        self.beats
            .get(name)
            .ok_or("kept_and_given.py:33: KeyError (no such key, a str)")?;
        Ok(name.to_string())
    }

    fn beat(&mut self, name: &str) -> CuResult<()> {
        if let Some(value) = self.beats.get_mut(name) {
            value.beat();
        } else {
            let key = self.register(name)?;
            self.beats
                .get_mut(key.as_str())
                .ok_or("kept_and_given.py:39: KeyError (no such key, a str)")?
                .beat();
        }
        Ok(())
    }

    /// Adds to what was noted last, where it is the same.
    fn note(&mut self, name: &str) -> CuResult<()> {
        let beat = Beat::new(name);
        let last = if !self.order.is_empty() {
            Some(
                index(-1, self.order.len())
                    .ok_or("kept_and_given.py:44: IndexError: deque index out of range")?,
            )
        } else {
            None
        };
        if beat.same(last.map(|last| &self.order[last])) {
            let at = last.ok_or("kept_and_given.py:46: AttributeError (None)")?;
            self.order[at].count = self.order[at]
                .count
                .checked_add(1)
                .ok_or("kept_and_given.py:46: an int leaves 64 bits")?;
            return Ok(());
        }
        push_window(&mut self.order, 4, beat);
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct State {
    name: String,
    after: String,
    turns: i64,
}

impl State {
    fn new(name: &str, after: &str) -> Self {
        Self {
            name: name.to_string(),
            after: after.to_string(),
            turns: 0,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    states: BTreeMap<String, State>,
    state: String,
}

impl Machine {
    fn new() -> CuResult<Self> {
        let states: BTreeMap<String, State> = BTreeMap::from([
            ("idle".to_string(), State::new("idle", "run")),
            ("run".to_string(), State::new("run", "idle")),
        ]);
        states
            .get("idle")
            .ok_or("kept_and_given.py:61: KeyError (no such key, a str)")?;
        Ok(Self {
            states,
            state: "idle".into(),
        })
    }

    fn step(&mut self, limit: i64) -> CuResult<String> {
        let entry = self
            .states
            .get_mut(&self.state)
            .ok_or("kept_and_given.py:64: KeyError (no such key, a str)")?;
        entry.turns = entry
            .turns
            .checked_add(1)
            .ok_or("kept_and_given.py:64: an int leaves 64 bits")?;
        if self
            .states
            .get(&self.state)
            .ok_or("kept_and_given.py:65: KeyError (no such key, a str)")?
            .turns
            % limit
            == 0
        {
            self.states
                .get(
                    self.states
                        .get(&self.state)
                        .ok_or("kept_and_given.py:66: KeyError (no such key, a str)")?
                        .after
                        .as_str(),
                )
                .ok_or("kept_and_given.py:66: KeyError (no such key, a str)")?;
            self.state = self
                .states
                .get(&self.state)
                .ok_or("kept_and_given.py:66: KeyError (no such key, a str)")?
                .after
                .clone();
        }
        Ok(self
            .states
            .get(&self.state)
            .ok_or("kept_and_given.py:67: KeyError (no such key, a str)")?
            .name
            .clone())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Track {
    number: i64,
    x: f64,
    hits: i64,
}

impl Track {
    fn new(number: i64, x: f64) -> Self {
        Self { number, x, hits: 1 }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tracker {
    tracks: Vec<Track>,
    next: i64,
}

impl Tracker {
    fn new() -> Self {
        Self {
            tracks: Vec::new(),
            next: 1,
        }
    }

    fn update(&mut self, values: &[f32; 4]) -> CuResult<i64> {
        let mut free = (0..self.tracks.len()).collect::<Vec<_>>();
        for &x in values {
            let mut best: Option<usize> = None;
            for &track in &free {
                if (self.tracks[track].x - f64::from(x)).abs() < 1.0 {
                    best = Some(track);
                }
            }
            if let Some(best) = best {
                self.tracks[best].x = f64::from(x);
                free.remove(
                    free.iter()
                        .position(|&x| x == best)
                        .ok_or("kept_and_given.py:95: ValueError: list.remove(x): x not in list")?,
                );
            } else {
                self.tracks.push(Track::new(self.next, f64::from(x)));
                best = Some((self.tracks.len() as i64 - 1) as usize);
                self.next += 1;
            }
            self.tracks[best.unwrap_or_default()].hits += 1;
        }
        Ok(free.len() as i64)
    }
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

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

//! Names of objects that a list or a dict keeps, and that are changed through the names.
//!
//! Translated by migrate 0.1.0 from `positions.py`: 52 of 52 statements.
//! Warning MIG0301 line 54: `WHEELS` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 55: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "positions", script = "positions.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "3fcb8abbde5f0006", seal = "261843f06f426877"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Positions {
    state: DriveState,
    wheels: Vec<(String, Track)>,
    tracker: Tracker,
}

impl Freezable for Positions {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.wheels, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.wheels = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Positions {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            wheels: vec![
                ("left".to_string(), Track::new(0.0)),
                ("right".to_string(), Track::new(1.0)),
            ],
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
        let mut state = self.state.clone();
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let hits = self.tracker.step(f64::from(measured_payload.speed))?;
        let leader = self.tracker.leader;
        if let Some(leader) = leader {
            self.tracker.tracks[leader].x *= 0.99;
            drive.payload_mut().get_or_insert_default().accel =
                self.tracker.tracks[leader].x as f32;
        }
        state.missed = u32::try_from(hits + self.tracker.old(5))
            .map_err(|_| "positions.py:71: `missed` leaves u32")?;
        let wheel = (if goal.payload().is_none() {
            "left"
        } else {
            "right"
        })
        .to_string();
        let entry = lookup_mut(&mut self.wheels, &wheel)
            .ok_or("positions.py:73: KeyError (no such key, a str)")?;
        entry.x += 0.5;
        let best = faster(&self.wheels)?;
        let entry_2 = lookup_mut(&mut self.wheels, &best)
            .ok_or("positions.py:75: KeyError (no such key, a str)")?;
        entry_2.x -= 0.25;
        lookup(&self.wheels, "left").ok_or("positions.py:76: KeyError (no such key, a str)")?;
        if best == wheel {
            let entry_3 = lookup_mut(&mut self.wheels, "left")
                .ok_or("positions.py:78: KeyError (no such key, a str)")?;
            entry_3.age = entry_3
                .age
                .checked_add(1)
                .ok_or("positions.py:78: an int leaves 64 bits")?;
        }
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(
            lookup(&self.wheels, "left")
                .ok_or("positions.py:79: KeyError (no such key, a str)")?
                .age,
        )
        .map_err(|_| "positions.py:79: `missed` leaves u32")?;
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Track {
    x: f64,
    age: i64,
    hits: i64,
}

impl Track {
    fn new(x: f64) -> Self {
        Self { x, age: 0, hits: 1 }
    }

    fn update(&mut self, z: f64, gain: f64) -> i64 {
        self.x += gain * (z - self.x);
        self.hits += 1;
        self.age = 0;
        self.hits
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tracker {
    tracks: Vec<Track>,
    leader: Option<usize>,
    turn: i64,
}

impl Tracker {
    fn new() -> Self {
        Self {
            tracks: vec![Track::new(0.0), Track::new(2.0)],
            leader: None,
            turn: 0,
        }
    }

    /// The track that is nearest to a measurement, where one is near.
    fn nearest(&self, z: f64) -> Option<usize> {
        let mut best: Option<usize> = None;
        let mut best_distance = 1.0;
        for (track_index, track) in self.tracks.iter().enumerate() {
            let distance = (track.x - z).abs();
            if distance < best_distance {
                best = Some(track_index);
                best_distance = distance;
            }
        }
        best
    }

    fn step(&mut self, z: f64) -> CuResult<i64> {
        for track in &mut self.tracks {
            track.age += 1;
        }
        if let Some(match_) = self.nearest(z) {
            if self.tracks[match_].update(z, 0.3) > 3 {
                self.leader = Some(match_);
            }
        // the next one is nudged
        } else {
            self.tracks.push(Track::new(z));
        }
        let turn = index(self.turn, self.tracks.len())
            .ok_or("positions.py:42: IndexError: list index out of range")?;
        self.tracks[turn].x += 0.01;
        self.turn = modulo(self.turn + 1, self.tracks.len() as i64)
            .ok_or("positions.py:44: ZeroDivisionError: integer modulo by zero")?;
        Ok(self.tracks[turn].hits)
    }

    fn old(&mut self, limit: i64) -> i64 {
        let stale: Vec<usize> = self
            .tracks
            .iter()
            .enumerate()
            .filter(|&(_, t)| t.age > limit)
            .map(|(t_index, _)| t_index)
            .collect();
        for &track in &stale {
            self.tracks[track].hits = 0;
        }
        stale.len() as i64
    }
}

fn faster(wheels: &[(String, Track)]) -> CuResult<String> {
    let mut best = None;
    for w in wheels.iter().map(|(key, _)| key) {
        let score = lookup(wheels, w)
            .ok_or("positions.py:59: KeyError (no such key, a str)")?
            .x;
        if best.is_none_or(|(held, _)| score > held) {
            best = Some((score, w));
        }
    }
    Ok(best
        .map(|(_, w)| w)
        .ok_or("positions.py:59: ValueError: max() arg is an empty sequence")?
        .clone())
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

//! Sets of constants that are asked what is in them, and members of enums as keys.
//!
//! Translated by migrate 0.1.0 from `asked.py`: 38 of 38 statements.
//! Warning MIG0301 line 53: `modes` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 54: `limits` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "asked", script = "asked.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "bef8f19884a84d56", seal = "60e29e5631019fea"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeSet;

const SPEED_MIN: f64 = 0.1;
const SPEED_MAX: f64 = 12.0;

const DRIVING: [Mode; 2] = [Mode::Manual, Mode::Auto];
const KNOWN: [Mode; 3] = [Mode::Manual, Mode::Auto, Mode::Idle];
const SECTORS: [i64; 3] = [1, 2, 5];
const SEVERE: [Fault; 1] = [Fault::Stall];

#[derive(Debug, Reflect)]
pub struct Asked {
    state: DriveState,
    modes: Modes,
    limits: Limits,
}

impl Freezable for Asked {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.modes, encoder)?;
        Encode::encode(&self.limits, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.modes = Decode::decode(decoder)?;
        self.limits = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Asked {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            modes: Modes::new(),
            limits: Limits {},
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let fault = if measured_payload.speed == 0.0 {
            Fault::Stall
        } else {
            Fault::None
        };
        let driving = self.modes.enter(i64::from(state.missed))?;
        if driving
            && self.limits.takes(f64::from(goal_payload.speed), fault)
            && KNOWN.contains(&self.modes.mode)
        {
            drive.payload_mut().get_or_insert_default().accel = goal_payload.speed;
        }
        drive.payload_mut().get_or_insert_default().sector =
            if SECTORS.contains(&i64::from(state.missed % 7)) {
                1
            } else {
                0
            };
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = u32::try_from(
            lookup(&self.modes.counts, &Mode::Auto)
                .copied()
                .unwrap_or(0)
                .checked_add(self.modes.seen.len() as i64)
                .ok_or("asked.py:67: `missed` leaves u32")?,
        )
        .map_err(|_| "asked.py:67: `missed` leaves u32")?;
        alarm_payload.reason = if SEVERE.contains(&fault) {
            fault.value().to_string()
        } else {
            String::new()
        };
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("asked.py:69: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Mode {
    Idle = 0,
    Manual = 2,
    Auto = 3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Stall,
    Link,
}

impl Fault {
    /// The member's value.
    fn value(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Stall => "stall",
            Self::Link => "link",
        }
    }
}

/// What the drive takes.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limits;

impl Limits {
    const LOW: f64 = SPEED_MIN;
    const HIGH: f64 = SPEED_MAX;
    const STOPPING: [Fault; 2] = [Fault::Stall, Fault::Link];

    fn takes(&self, speed: f64, fault: Fault) -> bool {
        (Self::LOW..=Self::HIGH).contains(&speed) && !Self::STOPPING.contains(&fault)
    }
}

/// The modes that were seen, and how often.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Modes {
    mode: Mode,
    seen: BTreeSet<Mode>,
    counts: Vec<(Mode, i64)>,
}

impl Modes {
    fn new() -> Self {
        Self {
            mode: Mode::Idle,
            seen: BTreeSet::new(),
            counts: Vec::new(),
        }
    }

    fn enter(&mut self, n: i64) -> CuResult<bool> {
        self.mode = *[Mode::Idle, Mode::Manual, Mode::Auto]
            .get((n % 3) as usize)
            .ok_or("asked.py:47: IndexError: list index out of range")?;
        self.seen.insert(self.mode);
        let value = lookup(&self.counts, &self.mode)
            .copied()
            .unwrap_or(0)
            .checked_add(1)
            .ok_or("asked.py:49: an int leaves 64 bits")?;
        set_item(&mut self.counts, self.mode, value);
        Ok(DRIVING.contains(&self.mode))
    }
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

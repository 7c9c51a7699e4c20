//! Members of enums that are put in order, and enums within classes.
//!
//! Translated by migrate 0.1.0 from `members.py`: 82 of 82 statements.
//! Warning MIG0301 line 99: `monitor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 100: `fast` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 101: `slow` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "members", script = "members.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f0af88e87012ec58", seal = "cffee799ec2df2ce"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const TORQUES: [f64; 5] = [0.0, 0.5, 1.0, 1.5, 2.0];

#[derive(Debug, Reflect)]
pub struct Members {
    state: DriveState,
    monitor: Monitor,
    fast: Debounce,
    slow: Debounce,
}

impl Freezable for Members {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.monitor, encoder)?;
        Encode::encode(&self.fast, encoder)?;
        Encode::encode(&self.slow, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.monitor = Decode::decode(decoder)?;
        self.fast = Decode::decode(decoder)?;
        self.slow = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Members {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            monitor: Monitor::new(),
            fast: Debounce::new(2, Kind::Rising),
            slow: Debounce::new(3, Kind::Falling),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.monitor
            .set_health(Health::GYRO, measured_payload.speed < 50.0);
        self.monitor
            .set_health(Health::MAG, goal_payload.speed < 50.0);
        let worst = self
            .monitor
            .select(f64::from(measured_payload.speed), i64::from(state.missed))?;
        self.monitor.push(worst, "speed");
        if self.fast.update(measured_payload.speed > 10.0)
            || self.slow.update(measured_payload.speed > 0.0)
        {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("members.py:114: `missed` leaves u32")?;
        }
        self.monitor.push(
            Action::from_value(i64::from(state.missed.min(2)))
                .ok_or("members.py:115: ValueError (no member of `Action` has that value)")?,
            "missed",
        );
        let mut values: Vec<String> = Vec::new();
        for (flag, flag_name) in [
            (Health::IMU, "IMU".to_string()),
            (Health::MAG, "MAG".to_string()),
        ] {
            if flag & self.monitor.mask != 0 {
                values.push(flag_name.clone());
            }
        }
        let bad = values.join(",");
        let (level, missed) = self
            .monitor
            .recent
            .iter()
            .copied()
            .max()
            .ok_or("members.py:117: ValueError: max() arg is an empty sequence")?;
        let least = self
            .monitor
            .counts
            .iter()
            .filter(|&&(_, count)| count == 0)
            .map(|&(action, _)| action)
            .min()
            .unwrap_or(worst);
        let mut order = self.monitor.recent.to_vec();
        let mut keyed = Vec::new();
        for &r in &order {
            keyed.push((
                (
                    r.0,
                    r.1.checked_neg()
                        .ok_or("members.py:119: an int leaves 64 bits")?,
                ),
                r,
            ));
        }
        keyed.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
        order = keyed.into_iter().map(|(_, item)| item).collect();
        let mut limit = 0.0;
        for (&action, most) in [Action::None, Action::Warn, Action::Hold, Action::Land]
            .iter()
            .zip([0.0, 1.0, 2.0, 3.0])
        {
            if action <= self.monitor.latched {
                limit = most;
            }
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (TORQUES[worst as usize] + limit) as f32;
        drive_payload.sector = (4 + order
            .first()
            .ok_or("members.py:125: IndexError: list index out of range")?
            .0 as i64) as u8;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed =
            u32::try_from(missed).map_err(|_| "members.py:126: `missed` leaves u32")?;
        let name = level.name().to_string();
        let least_2 = least as i64;
        alarm_payload.reason = format!(
            "{name} {least_2} {} {bad} {} {} {}",
            self.monitor.next_job()?,
            self.fast.state.value(),
            self.monitor.state.name(),
            worst as i64
        );
        self.state = state;
        Ok(())
    }
}

/// What is done about a fault: the greater the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Action {
    None = 0,
    Warn = 1,
    Hold = 2,
    Land = 4,
}

impl Action {
    /// The member's name.
    fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Warn => "WARN",
            Self::Hold => "HOLD",
            Self::Land => "LAND",
        }
    }

    /// The member of that value.
    fn from_value(value: i64) -> Option<Self> {
        match value {
            0 => Some(Self::None),
            1 => Some(Self::Warn),
            2 => Some(Self::Hold),
            4 => Some(Self::Land),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
struct Health;

impl Health {
    const GYRO: i64 = 1;
    const MAG: i64 = 4;
    const IMU: i64 = 3;
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Debounce {
    count: i64,
    kind: Kind,
    state: DebounceState,
    seen: i64,
}

impl Debounce {
    fn new(count: i64, kind: Kind) -> Self {
        Self {
            count,
            kind,
            state: DebounceState::Waiting,
            seen: 0,
        }
    }

    fn update(&mut self, on: bool) -> bool {
        let wanted = self.kind == Kind::Rising;
        self.seen = if on == wanted { self.seen + 1 } else { 0 };
        let there = self.seen >= self.count;
        self.state = if there {
            DebounceState::There
        } else {
            DebounceState::Waiting
        };
        there
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Kind {
    Rising,
    Falling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum DebounceState {
    Waiting,
    There,
}

impl DebounceState {
    /// The member's value.
    fn value(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::There => "there",
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Monitor {
    mask: i64,
    state: MonitorState,
    latched: Action,
    counts: Vec<(Action, i64)>,
    jobs: Vec<(Action, i64, String)>,
    recent: Vec<(Action, i64)>,
    made: i64,
}

impl Monitor {
    fn new() -> Self {
        let mut counts: Vec<(Action, i64)> = Vec::new();
        for &key in &[Action::None, Action::Warn, Action::Hold, Action::Land] {
            set_item(&mut counts, key, 0);
        }
        Self {
            mask: 0,
            state: MonitorState::Fine,
            latched: Action::None,
            counts,
            jobs: Vec::new(),
            recent: Vec::new(),
            made: 0,
        }
    }

    fn set_health(&mut self, flag: i64, ok: bool) {
        if ok {
            self.mask &= !flag;
        } else {
            self.mask |= flag;
        }
        self.state = if self.mask != 0 {
            MonitorState::Bad
        } else {
            MonitorState::Fine
        };
    }

    /// The worst of what is called for.
    fn select(&mut self, speed: f64, missed: i64) -> CuResult<Action> {
        let mut found = vec![Action::None];
        if self.mask & Health::IMU != 0 {
            found.push(Action::Land);
        }
        if speed > 20.0 {
            found.push(Action::Warn);
        }
        if missed > 5 {
            found.push(Action::Hold);
        }
        let worst = found
            .iter()
            .copied()
            .max()
            .ok_or("members.py:80: ValueError: max() arg is an empty sequence")?;
        self.latched = self.latched.max(worst);
        let slot =
            lookup_mut(&mut self.counts, &worst).ok_or("members.py:82: KeyError (no such key)")?;
        *slot = slot
            .checked_add(1)
            .ok_or("members.py:82: an int leaves 64 bits")?;
        self.recent.push((worst, missed));
        if self.recent.len() > 4 {
            (!self.recent.is_empty())
                .then(|| self.recent.remove(0))
                .ok_or("members.py:85: IndexError: pop from empty list")?;
        }
        Ok(worst)
    }

    fn push(&mut self, action: Action, name: &str) {
        self.made += 1;
        heap_push(&mut self.jobs, (action, self.made, name.to_string()));
    }

    fn next_job(&mut self) -> CuResult<String> {
        if self.jobs.is_empty() {
            return Ok("none".into());
        }
        let (action, _, name) =
            heap_pop(&mut self.jobs).ok_or("members.py:95: IndexError: index out of range")?;
        Ok(format!("{name}:{}", action.name()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum MonitorState {
    Fine,
    Bad,
}

impl MonitorState {
    /// The member's name.
    fn name(self) -> &'static str {
        match self {
            Self::Fine => "FINE",
            Self::Bad => "BAD",
        }
    }
}

/// Python's `heapq.heappush(heap, item)`.
fn heap_push<T: PartialOrd>(heap: &mut Vec<T>, item: T) {
    heap.push(item);
    let mut at = heap.len() - 1;
    while at > 0 && heap[at] < heap[(at - 1) / 2] {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

/// Python's `heapq.heappop(heap)`: `None` where it raises an IndexError.
fn heap_pop<T: PartialOrd>(heap: &mut Vec<T>) -> Option<T> {
    let end = heap.len().checked_sub(1)?;
    heap.swap(0, end);
    let least = heap.pop();
    // The hole goes down to a leaf, and what fills it up again.
    let mut at = 0;
    while 2 * at + 1 < end {
        let left = 2 * at + 1;
        let right = left + 1;
        let child = if right >= end || heap[left] < heap[right] {
            left
        } else {
            right
        };
        heap.swap(at, child);
        at = child;
    }
    while at > 0 && heap[at] < heap[(at - 1) / 2] {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    least
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

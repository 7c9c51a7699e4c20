//! Counts, windows of several lengths and a small cache: what `collections` is used for.
//!
//! Translated by migrate 0.1.0 from `counted.py`: 44 of 44 statements.
//! Warning MIG0301 line 49: `fast` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 50: `slow` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 51: `history` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 52: `votes` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "counted", script = "counted.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "13eb178d4c939c77", seal = "126f41613c3f449e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, VecDeque};

const SECTORS: u32 = 4;
const KEPT: usize = 3;

#[derive(Debug, Reflect)]
pub struct Counted {
    state: DriveState,
    fast: MovingAverage,
    slow: MovingAverage,
    history: VecDeque<f64>,
    votes: Votes,
}

impl Freezable for Counted {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.fast, encoder)?;
        Encode::encode(&self.slow, encoder)?;
        Encode::encode(&self.history, encoder)?;
        Encode::encode(&self.votes, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.fast = Decode::decode(decoder)?;
        self.slow = Decode::decode(decoder)?;
        self.history = Decode::decode(decoder)?;
        self.votes = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Counted {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            fast: MovingAverage::new(4),
            slow: MovingAverage::new(16),
            history: VecDeque::from([0.0, 0.0, 0.0]),
            votes: Votes::new(),
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
        let trend = self.fast.update(f64::from(measured_payload.speed))?
            - self.slow.update(f64::from(measured_payload.speed))?;
        self.history.rotate_left(self.history.len().min(1));
        let value = self.slow.median()?;
        *self
            .history
            .back_mut()
            .ok_or("counted.py:62: IndexError: deque index out of range")? = value;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (f64::from(goal_payload.speed)
            - trend
            - *self
                .history
                .front()
                .ok_or("counted.py:63: IndexError: deque index out of range")?)
            as f32;

        let signs: BTreeMap<bool, i64> =
            count_items(measured_payload.ranges.iter().map(|&r| r > 0.5))
                .into_iter()
                .collect();
        self.votes.add(
            if signs.get(&true).copied().unwrap_or(0) > 2 {
                "clear"
            } else {
                "blocked"
            },
            i64::from(state.missed % SECTORS),
            i64::from(state.missed),
        )?;
        let (name, count) = self.votes.winner()?;
        let order: Vec<i64> = self.votes.recent.iter().map(|&(key, _)| key).collect();
        drive_payload.sector =
            u8::try_from(self.votes.busiest()?).map_err(|_| "counted.py:69: `sector` leaves u8")?;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!(
            "{name} {count} of {}, last in {}",
            self.votes
                .by_name
                .iter()
                .map(|&(_, count)| count)
                .sum::<i64>(),
            *order
                .last()
                .ok_or("counted.py:70: IndexError: list index out of range")?
        );
        alarm_payload.missed =
            u32::try_from(self.votes.seen.entry(name.clone()).or_default().len())
                .map_err(|_| "counted.py:71: `missed` leaves u32")?;
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("counted.py:72: `missed` leaves u32")?;
        Ok(())
    }
}

/// The mean of the last samples; each filter has a length of its own.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct MovingAverage {
    samples_maxlen: i64,
    samples: VecDeque<f64>,
}

impl MovingAverage {
    fn new(length: i64) -> Self {
        let samples_maxlen = length;
        Self {
            samples_maxlen,
            samples: VecDeque::with_capacity(samples_maxlen as usize),
        }
    }

    fn update(&mut self, sample: f64) -> CuResult<f64> {
        push_window(&mut self.samples, self.samples_maxlen as usize, sample);
        Ok(true_div(
            self.samples.iter().fold(0.0, |sum, &x| sum + x),
            self.samples.len() as f64,
        )
        .ok_or("counted.py:17: ZeroDivisionError: float division by zero")?)
    }

    fn median(&self) -> CuResult<f64> {
        let mut ordered: Vec<f64> = self.samples.iter().copied().collect();
        py_sort(&mut ordered, |&x| x)
            .ok_or("counted.py:20: a NaN among 64 or more values to sort")?;
        Ok(*ordered
            .get(ordered.len() / 2)
            .ok_or("counted.py:21: IndexError: list index out of range")?)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Votes {
    by_name: Vec<(String, i64)>,
    by_sector: Vec<(i64, i64)>,
    seen: BTreeMap<String, Vec<i64>>,
    recent: Vec<(i64, i64)>,
}

impl Votes {
    fn new() -> Self {
        Self {
            by_name: Vec::new(),
            by_sector: Vec::new(),
            seen: BTreeMap::new(),
            recent: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, sector: i64, tick: i64) -> CuResult<()> {
        let slot = set_default(&mut self.by_name, name.to_string(), 0);
        *slot = slot
            .checked_add(1)
            .ok_or("counted.py:32: an int leaves 64 bits")?;
        let slot_2 = set_default(&mut self.by_sector, sector, 0);
        *slot_2 = slot_2
            .checked_add(2)
            .ok_or("counted.py:33: an int leaves 64 bits")?;
        self.seen.entry(name.to_string()).or_default().push(tick);
        if lookup(&self.recent, &sector).is_some() {
            move_to_end(&mut self.recent, &sector, true)
                .ok_or("counted.py:36: KeyError (there is no such key to move)")?;
        }
        set_item(&mut self.recent, sector, tick);
        if self.recent.len() > KEPT {
            (!self.recent.is_empty())
                .then(|| self.recent.remove(0))
                .ok_or("counted.py:39: KeyError: 'dictionary is empty'")?;
        }
        Ok(())
    }

    fn winner(&self) -> CuResult<(String, i64)> {
        let Ok([(name, count)]) = <[_; 1]>::try_from(
            most_common(&self.by_name)
                .into_iter()
                .take(1)
                .collect::<Vec<_>>(),
        ) else {
            return Err("counted.py:42: ValueError (not 1 values to unpack)".into());
        };
        Ok((name, count))
    }

    fn busiest(&mut self) -> CuResult<i64> {
        Ok(self
            .by_sector
            .iter()
            .map(|&(key, _)| key)
            .reduce(|best, item| {
                if lookup(&self.by_sector, &item).copied().unwrap_or(0)
                    > lookup(&self.by_sector, &best).copied().unwrap_or(0)
                {
                    item
                } else {
                    best
                }
            })
            .ok_or("counted.py:46: ValueError: max() arg is an empty sequence")?)
    }
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `xs.sort(key=…)` by numbers: stable, and with a NaN as CPython sorts fewer than 64
/// values. `None` where a NaN is among more.
fn py_sort<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    let order = |a: &T, b: &T| key(a).partial_cmp(&key(b));
    if xs.iter().all(|x| order(x, x).is_some()) {
        xs.sort_by(|a, b| order(a, b).unwrap_or(std::cmp::Ordering::Equal));
        return Some(());
    }
    let less = |a: &T, b: &T| key(a) < key(b);
    let falls = |pair: &[T]| matches!(pair, [a, b] if less(b, a));
    let down = xs.windows(2).take_while(|pair| falls(pair)).count();
    let up = xs.windows(2).take_while(|pair| !falls(pair)).count();
    let run = down.max(up) + 1;
    if down > 0 {
        xs.get_mut(..run)?.reverse();
    }
    for end in run..xs.len() {
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(xs.get(end)?, xs.get(middle)?) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        xs.get_mut(low..=end)?.rotate_right(1);
    }
    (xs.len() < 64).then_some(())
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

/// Python's `d.setdefault(key, default)`: the value of the key, which is put at the end first
/// where it is not known.
fn set_default<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, default: V) -> &mut V {
    let at = match entries.iter().position(|(k, _)| *k == key) {
        Some(at) => at,
        None => {
            entries.push((key, default));
            entries.len() - 1
        }
    };
    &mut entries[at].1
}

/// Python's `Counter(items)`: how often each comes, in the order in which they come first.
fn count_items<K: PartialEq>(items: impl IntoIterator<Item = K>) -> Vec<(K, i64)> {
    let mut counts: Vec<(K, i64)> = Vec::new();
    for item in items {
        match counts.iter_mut().find(|(known, _)| *known == item) {
            Some((_, count)) => *count += 1,
            None => counts.push((item, 1)),
        }
    }
    counts
}

/// Python's `most_common()` of a `Counter`: the highest counts first, equal ones in their order.
fn most_common<K: Clone>(counts: &[(K, i64)]) -> Vec<(K, i64)> {
    let mut sorted = counts.to_vec();
    sorted.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    sorted
}

/// Python's `move_to_end(key, last)` of an `OrderedDict`: `None` where it raises a KeyError.
fn move_to_end<K: PartialEq<Q>, V, Q: ?Sized>(
    entries: &mut Vec<(K, V)>,
    key: &Q,
    last: bool,
) -> Option<()> {
    let at = entries.iter().position(|(k, _)| *k == *key)?;
    let entry = entries.remove(at);
    entries.insert(if last { entries.len() } else { 0 }, entry);
    Some(())
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

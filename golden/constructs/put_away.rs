//! Local variables whose objects are put somewhere, and named afterwards.
//!
//! Translated by migrate 0.1.0 from `put_away.py`: 59 of 59 statements.
//! Warning MIG0301 line 45: `plan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 46: `orders` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "put_away", script = "put_away.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6ccc12960347f71a", seal = "2059cb4ead4f16e8"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, VecDeque};

#[derive(Debug, Reflect)]
pub struct PutAway {
    state: DriveState,
    plan: Plan,
    orders: VecDeque<Order>,
    gains: BTreeMap<String, f64>,
    names: Vec<String>,
}

impl Freezable for PutAway {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.plan, encoder)?;
        Encode::encode(&self.orders, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.plan = Decode::decode(decoder)?;
        self.orders = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for PutAway {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            plan: Plan::new(),
            orders: VecDeque::new(),
            gains: initial_gains(),
            names: initial_names(),
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
        let state = &mut self.state;
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        let speed = f64::from(goal_payload.speed);
        let text = self.plan.next(speed > 1.0)?;
        if !text.is_empty() {
            alarm.set_payload(Alarm {
                reason: text.clone(),
                missed: u32::try_from(self.plan.lanes.len())
                    .map_err(|_| "put_away.py:70: `missed` leaves u32")?,
            });
        }
        push_window(&mut self.plan.recent, 4, speed);
        self.plan.drop_slow(0.0);
        self.orders
            .push_back(Order::new(if speed < 0.0 { "slow" } else { "fast" }, speed));
        let gone = if self.orders.len() > 6 {
            cancel("slow", &mut self.orders)
        } else {
            0
        };
        if self.orders.len() > 9 {
            self.orders
                .pop_front()
                .ok_or("put_away.py:76: IndexError: pop from an empty deque")?;
        }
        let kept = self.plan.keep(speed, 1.0)?;
        let last = self
            .plan
            .rows
            .last()
            .ok_or("put_away.py:78: IndexError: list index out of range")?;
        drive.set_payload(Drive {
            accel: (*last
                .get(2)
                .ok_or("put_away.py:79: IndexError: list index out of range")?
                + *self
                    .gains
                    .get("g1")
                    .ok_or("put_away.py:79: KeyError (no such key, a str)")?)
                as f32,
            sector: u8::try_from(kept * 16 + gone)
                .map_err(|_| "put_away.py:79: `sector` leaves u8")?,
        });
        state.missed = u32::try_from(self.plan.recent.len() + self.names.len() + self.gains.len())
            .map_err(|_| "put_away.py:80: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Plan {
    lanes: Vec<i64>,
    skipped: Vec<i64>,
    rows: Vec<Vec<f64>>,
    recent: VecDeque<f64>,
}

impl Plan {
    fn new() -> Self {
        Self {
            lanes: vec![0, 1, 2, 3],
            skipped: Vec::new(),
            rows: Vec::new(),
            recent: VecDeque::with_capacity(4),
        }
    }

    fn next(&mut self, blocked: bool) -> CuResult<String> {
        if self.lanes.is_empty() {
            let mut again: Vec<i64> = Vec::new();
            for &lane in &self.skipped {
                if !again.contains(&lane) {
                    again.push(lane);
                }
            }
            self.lanes = again;
            self.skipped = Vec::new();
            return Ok(format!("second pass over {} lanes", self.lanes.len()));
        }
        let lane = (!self.lanes.is_empty())
            .then(|| self.lanes.remove(0))
            .ok_or("put_away.py:22: IndexError: pop from empty list")?;
        if blocked {
            self.skipped.push(lane);
        }
        Ok(String::new())
    }

    fn keep(&mut self, a: f64, b: f64) -> CuResult<i64> {
        let row = vec![a, b];
        self.rows.push(row);
        let at = index(-1, self.rows.len())
            .ok_or("put_away.py:30: IndexError: list index out of range")?;
        self.rows[at].push(a - b);
        if self.rows.len() > 5 {
            (!self.rows.is_empty())
                .then(|| self.rows.remove(0))
                .ok_or("put_away.py:32: IndexError: pop from empty list")?;
        }
        Ok(self.rows.len() as i64)
    }

    fn drop_slow(&mut self, limit: f64) {
        self.recent = window_of(self.recent.iter().filter(|&&v| v > limit).copied(), 4);
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Order {
    kind: String,
    size: f64,
}

impl Order {
    fn new(kind: &str, size: f64) -> Self {
        Self {
            kind: kind.to_string(),
            size,
        }
    }
}

fn initial_gains() -> BTreeMap<String, f64> {
    let mut gains: BTreeMap<String, f64> = BTreeMap::new();
    for i in 0..3 {
        let key = format!("g{i}");
        gains.insert(key, i as f64 * 0.5);
    }
    gains
}

fn initial_names() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for i in 0..3 {
        names.push(format!("n{i}"));
    }
    names
}

fn cancel(kind: &str, orders: &mut VecDeque<Order>) -> i64 {
    let before = orders.len() as i64;
    orders.retain(|o| o.kind != kind);
    before - orders.len() as i64
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

/// Python's `deque(xs, maxlen)`: the last elements.
fn window_of<T>(
    items: impl IntoIterator<Item = T>,
    maxlen: usize,
) -> std::collections::VecDeque<T> {
    let mut window: std::collections::VecDeque<T> = items.into_iter().collect();
    let extra = window.len().saturating_sub(maxlen);
    window.drain(..extra);
    window
}

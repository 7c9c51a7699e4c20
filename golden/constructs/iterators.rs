//! `itertools`, `iter` and `next`.
//!
//! Translated by migrate 0.1.0 from `iterators.py`: 65 of 65 statements.
//! Warning MIG0301 line 9: `body_numbers` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 37: `bodies` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 38: `lamp` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 39: `plan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 40: `recent` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "iterators", script = "iterators.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "11923b6d7d3439ce", seal = "80c4711fa3ad659a"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

#[derive(Debug, Reflect)]
pub struct Iterators {
    state: DriveState,
    bodies: Vec<Body>,
    lamp: Lamp,
    plan: Plan,
    recent: VecDeque<f64>,
}

impl Freezable for Iterators {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.bodies, encoder)?;
        Encode::encode(&self.lamp, encoder)?;
        Encode::encode(&self.plan, encoder)?;
        Encode::encode(&self.recent, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.bodies = Decode::decode(decoder)?;
        self.lamp = Decode::decode(decoder)?;
        self.plan = Decode::decode(decoder)?;
        self.recent = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Iterators {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut body_numbers = Count::new(1, 1);
        let bodies: Vec<Body> = vec![
            Body::new(0.0, &mut body_numbers),
            Body::new(0.4, &mut body_numbers),
            Body::new(2.0, &mut body_numbers),
        ];
        let lamp = Lamp::new(&["red".into(), "green".into(), "yellow".into()])?;
        let plan = Plan::new(&[1.0, 2.5, 4.0])?;
        let recent = VecDeque::with_capacity(20);
        Ok(Self {
            state: DriveState::default(),
            bodies,
            lamp,
            plan,
            recent,
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        // bodies that are too close
        for (i, a) in (0..self.bodies.len()).enumerate() {
            let list = (0..self.bodies.len()).collect::<Vec<_>>();
            for &b in &list[(i + 1).min(list.len())..].to_vec() {
                if (self.bodies[a].x - self.bodies[b].x).abs() < 0.5 {
                    self.bodies[a].push(-0.1);
                    self.bodies[b].push(0.1);
                }
            }
        }
        let mut near: i64 = 0;
        for row in 0..3 {
            for col in [-1, 0, 1] {
                if row + col == 0 {
                    continue;
                }
                near += row * col;
            }
        }
        push_window(&mut self.recent, 20, f64::from(measured_payload.speed));
        let list_2: Vec<f64> = self.recent.iter().copied().collect();
        let first = list_2[..list_2.len().min(3)].to_vec();
        let jumps: Vec<f64> = measured_payload
            .ranges
            .iter()
            .zip(&measured_payload.ranges[1..])
            .map(|(&before, &after)| (f64::from(after) - f64::from(before)).abs())
            .collect();
        let mut total = 0.0;
        for &value in &[first.as_slice(), jumps.as_slice(), &[1.0]].concat() {
            total += value;
        }
        let reached = accumulated(&jumps)?;
        let signs: Vec<(bool, i64)> = grouped_by(
            &measured_payload
                .ranges
                .iter()
                .map(|&r| (r > 0.0, f64::from(r)))
                .collect::<Vec<_>>(),
        )?
        .iter()
        .map(|&(up, ref run)| (up, run.len() as i64))
        .collect();
        let mut counter: i64 = 1;
        let mut n: i64;
        loop {
            n = counter;
            counter += 1;
            if i128::from(n) * i128::from(n) > i128::from(near) {
                break;
            }
        }
        if let Some(plan_goal) = self.plan.goal
            && f64::from(goal_payload.speed) > plan_goal
        {
            self.plan.reached()?;
            self.lamp.step()?;
        }
        drive.payload_mut().get_or_insert_default().accel = (total + reached.len() as f64) as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = u32::try_from(
            (n + signs.len() as i64)
                .checked_add(
                    self.bodies
                        .last()
                        .ok_or("iterators.py:74: IndexError: list index out of range")?
                        .number,
                )
                .ok_or("iterators.py:74: `missed` leaves u32")?,
        )
        .map_err(|_| "iterators.py:74: `missed` leaves u32")?;
        alarm_payload.reason = self.lamp.colour.clone();
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Body {
    number: i64,
    x: f64,
}

impl Body {
    fn new(x: f64, body_numbers: &mut Count) -> Self {
        let number = body_numbers.advance();
        Self { number, x }
    }

    fn push(&mut self, dx: f64) {
        self.x += dx;
    }
}

/// `itertools.count`: numbers one after the other.
#[derive(Debug, Clone)]
struct Count {
    value: i64,
    step: i64,
}

impl Count {
    fn new(value: i64, step: i64) -> Self {
        Self { value, step }
    }

    fn advance(&mut self) -> i64 {
        let value = self.value;
        self.value += self.step;
        value
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lamp {
    colours: Cycle,
    colour: String,
}

impl Lamp {
    fn new(colours: &[String]) -> CuResult<Self> {
        let mut colours_value = Cycle::new(colours);
        let colour = colours_value.advance()?;
        Ok(Self {
            colours: colours_value,
            colour,
        })
    }

    fn step(&mut self) -> CuResult<()> {
        self.colour = self.colours.advance()?;
        Ok(())
    }
}

/// `itertools.cycle`: the items over and over.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Cycle {
    items: Vec<String>,
    position: i64,
}

impl Cycle {
    fn new(items: &[String]) -> Self {
        let items_value = items.to_vec();
        Self {
            items: items_value,
            position: 0,
        }
    }

    fn advance(&mut self) -> CuResult<String> {
        let item = self.items[index(self.position, self.items.len())
            .ok_or("iterators.py:21: IndexError: list index out of range")?]
        .clone();
        self.position = modulo(self.position + 1, self.items.len() as i64)
            .ok_or("iterators.py:21: ZeroDivisionError: integer modulo by zero")?;
        Ok(item)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Plan {
    goals: Remaining,
    goal: Option<f64>,
}

impl Plan {
    fn new(goals: &[f64; 3]) -> CuResult<Self> {
        let mut goals_value = Remaining::new(goals);
        let goal = if goals_value.has_next() {
            Some(goals_value.advance()?)
        } else {
            None
        };
        Ok(Self {
            goals: goals_value,
            goal,
        })
    }

    fn reached(&mut self) -> CuResult<()> {
        self.goal = if self.goals.has_next() {
            Some(self.goals.advance()?)
        } else {
            None
        };
        Ok(())
    }
}

/// The items of `iter(items)` that are left.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Remaining {
    items: [f64; 3],
    position: i64,
}

impl Remaining {
    fn new(items: &[f64; 3]) -> Self {
        let items_value = *items;
        Self {
            items: items_value,
            position: 0,
        }
    }

    fn has_next(&self) -> bool {
        self.position < 3
    }

    fn advance(&mut self) -> CuResult<f64> {
        if !self.has_next() {
            return Err("iterators.py:30: StopIteration".into());
        }
        let item = self.items[index(self.position, 3)
            .ok_or("iterators.py:30: IndexError: list index out of range")?];
        self.position += 1;
        Ok(item)
    }
}

/// The running totals.
fn accumulated(items: &[f64]) -> CuResult<Vec<f64>> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut total = *items
        .first()
        .ok_or("iterators.py:65: IndexError: list index out of range")?;
    let mut totals = vec![total];
    for &item in &items[items.len().min(1)..] {
        total += item;
        totals.push(total);
    }
    Ok(totals)
}

/// The runs of items with equal keys, each with the key: of pairs of both.
fn grouped_by(pairs: &[(bool, f64)]) -> CuResult<Vec<(bool, Vec<f64>)>> {
    let mut groups: Vec<(bool, Vec<f64>)> = Vec::new();
    let mut start: i64 = 0;
    for i in 1..pairs.len() + 1 {
        if i == pairs.len()
            || pairs
                .get(i)
                .ok_or("iterators.py:66: IndexError: list index out of range")?
                .0
                != pairs
                    .get(start as usize)
                    .ok_or("iterators.py:66: IndexError: list index out of range")?
                    .0
        {
            groups.push((
                pairs
                    .get(start as usize)
                    .ok_or("iterators.py:66: IndexError: list index out of range")?
                    .0,
                pairs
                    .get((start as usize).min(pairs.len())..i.min(pairs.len()))
                    .unwrap_or_default()
                    .iter()
                    .map(|&(_, item)| item)
                    .collect(),
            ));
            start = i as i64;
        }
    }
    Ok(groups)
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

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

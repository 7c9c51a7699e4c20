//! Properties that give one of several objects; texts of tuples; deques that are looked through.
//!
//! Translated by migrate 0.1.0 from `selectors.py`: 36 of 36 statements.
//! Warning MIG0301 line 54: `selector` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 55: `plan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 56: `waiting` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "selectors", script = "selectors.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "39fe3c23284d011d", seal = "b4cde72ca94cd843"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

const COLOURS: [[i64; 3]; 2] = [[255, 0, 0], [0, 128, 255]];

#[derive(Debug, Reflect)]
pub struct Selectors {
    state: DriveState,
    selector: Selector,
    plan: Plan,
    waiting: VecDeque<i64>,
}

impl Freezable for Selectors {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.selector, encoder)?;
        Encode::encode(&self.plan, encoder)?;
        Encode::encode(&self.waiting, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.selector = Decode::decode(decoder)?;
        self.plan = Decode::decode(decoder)?;
        self.waiting = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Selectors {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            selector: Selector::new(vec![Mode::new("manual", 3), Mode::new("follow", 5)])?,
            plan: Plan::new(vec![Mode::new("warm up", 2), Mode::new("drive", 10)]),
            waiting: VecDeque::from([3, 1]),
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
        let (Some(goal_payload), Some(_)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        if goal_payload.speed > 1.0 {
            self.selector.step()?;
        }
        if self.waiting.iter().any(|&x| x == 3) {
            self.waiting.remove(
                self.waiting
                    .iter()
                    .position(|&x| x == 3)
                    .ok_or("selectors.py:67: ValueError: deque.remove(x): x not in deque")?,
            );
        }
        self.waiting.insert(0, self.selector.index);
        self.waiting.make_contiguous().reverse();
        let colour = <(i64, i64, i64)>::from(COLOURS[self.selector.index.rem_euclid(2) as usize]);
        drive.payload_mut().get_or_insert_default().accel = *self
            .waiting
            .front()
            .ok_or("selectors.py:71: IndexError: deque index out of range")?
            as f64 as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = u32::try_from(
            self.selector.modes[index(self.selector.index, self.selector.modes.len())
                .ok_or("selectors.py:72: IndexError: list index out of range")?]
            .entered,
        )
        .map_err(|_| "selectors.py:72: `missed` leaves u32")?;
        let name = self.selector.modes[index(self.selector.index, self.selector.modes.len())
            .ok_or("selectors.py:73: IndexError: list index out of range")?]
        .name
        .clone();
        alarm_payload.reason = format!(
            "{name} {} #{}{}{}",
            self.plan.tick()?,
            zero_filled(
                &format!(
                    "{}{:x}",
                    if colour.0 < 0 { "-" } else { "" },
                    colour.0.unsigned_abs()
                ),
                2
            ),
            zero_filled(
                &format!(
                    "{}{:x}",
                    if colour.1 < 0 { "-" } else { "" },
                    colour.1.unsigned_abs()
                ),
                2
            ),
            zero_filled(
                &format!(
                    "{}{:x}",
                    if colour.2 < 0 { "-" } else { "" },
                    colour.2.unsigned_abs()
                ),
                2
            )
        );
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Mode {
    name: String,
    ticks: i64,
    entered: i64,
}

impl Mode {
    fn new(name: &str, ticks: i64) -> Self {
        Self {
            name: name.to_string(),
            ticks,
            entered: 0,
        }
    }

    fn enter(&mut self) {
        self.entered += 1;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Selector {
    modes: Vec<Mode>,
    index: i64,
}

impl Selector {
    fn new(mut modes: Vec<Mode>) -> CuResult<Self> {
        let index: i64 = 0;
        let at = self::index(index, modes.len())
            .ok_or("selectors.py:22: IndexError: list index out of range")?;
        modes[at].enter();
        Ok(Self { modes, index })
    }

    fn step(&mut self) -> CuResult<()> {
        self.index = modulo(self.index + 1, self.modes.len() as i64)
            .ok_or("selectors.py:29: ZeroDivisionError: integer modulo by zero")?;
        let at = index(self.index, self.modes.len())
            .ok_or("selectors.py:30: IndexError: list index out of range")?;
        self.modes[at].enter();
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Plan {
    stages: Vec<Mode>,
    at: i64,
}

impl Plan {
    fn new(stages: Vec<Mode>) -> Self {
        Self { stages, at: 0 }
    }

    fn tick(&mut self) -> CuResult<String> {
        let stage = if self.at < self.stages.len() as i64 {
            Some(
                index(self.at, self.stages.len())
                    .ok_or("selectors.py:45: IndexError: list index out of range")?,
            )
        } else {
            None
        };
        let Some(stage) = stage else {
            return Ok("done".into());
        };
        self.stages[stage].ticks -= 1;
        if self.stages[stage].ticks <= 0 {
            self.at += 1;
        }
        Ok(self.stages[stage].name.clone())
    }
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

/// Python's `text.zfill(width)`: zeros in front, but behind a sign.
fn zero_filled(text: &str, width: usize) -> String {
    let zeros = "0".repeat(width.saturating_sub(text.chars().count()));
    match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => format!("-{zeros}{digits}"),
        (_, Some(digits)) => format!("+{zeros}{digits}"),
        _ => format!("{zeros}{text}"),
    }
}

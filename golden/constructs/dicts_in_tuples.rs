//! Moves of a plotter: dicts that lie in tuples of a queue, taken apart to be looked at.
//!
//! Translated by migrate 0.1.0 from `dicts_in_tuples.py`: 31 of 31 statements.
//! Warning MIG0301 line 38: `plotter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "dicts_in_tuples", script = "dicts_in_tuples.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "2ff544d34994a82b", seal = "c79ba90af9697d3e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct DictsInTuples {
    state: DriveState,
    plotter: Plotter,
}

impl Freezable for DictsInTuples {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.plotter, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.plotter = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for DictsInTuples {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            plotter: Plotter::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _meas) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("dicts_in_tuples.py:43: `missed` leaves u32")?;
        if let Some(goal_payload) = goal.payload()
            && f64::from(goal_payload.speed).abs() < 100.0
        {
            self.plotter.move_(
                f64::from(goal_payload.speed),
                state.missed.is_multiple_of(7),
            );
        }
        let far = self.plotter.tick()?;
        drive.set_payload(Drive {
            accel: far as f32,
            sector: (self.plotter.queue.len() % 256) as u8,
        });
        alarm.set_payload(Alarm {
            reason: self
                .plotter
                .pos
                .iter()
                .map(|&(ref k, v)| format!("{k}{}", fixed_text(v, 2)))
                .collect::<Vec<_>>()
                .join(" "),
            missed: state.missed,
        });
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Plotter {
    pos: Vec<(String, f64)>,
    queue: Vec<(Vec<(String, f64)>, f64)>,
    travel: f64,
}

impl Plotter {
    fn new() -> Self {
        Self {
            pos: vec![("x".to_string(), 0.0), ("y".to_string(), 0.0)],
            queue: Vec::new(),
            travel: 0.0,
        }
    }

    fn aim(&mut self, target: &[(String, f64)], feed: f64) {
        self.queue.push((target.to_vec(), feed));
    }

    fn move_(&mut self, to: f64, home: bool) {
        let mut target: Option<Vec<(String, f64)>> = None;
        if home {
            let mut entries: Vec<(String, f64)> = Vec::new();
            for (axis, _) in &self.pos {
                set_item(&mut entries, axis.clone(), 0.0);
            }
            target = Some(entries);
        } else if to < 1.5 {
            target = Some(
                self.pos
                    .iter()
                    .map(|&(ref axis, v)| (axis.clone(), v + to))
                    .collect(),
            );
        }
        let Some(target) = &target else {
            self.queue.push((
                {
                    let mut merged = self.pos.to_vec();
                    set_item(&mut merged, "x".to_string(), to);
                    merged
                },
                2.0,
            ));
            return;
        };
        self.aim(target, 1.0);
    }

    fn tick(&mut self) -> CuResult<f64> {
        if self.queue.is_empty() {
            return Ok(0.0);
        }
        let (target, feed) = self
            .queue
            .first()
            .ok_or("dicts_in_tuples.py:27: IndexError: list index out of range")?
            .clone();
        let mut values: Vec<f64> = Vec::new();
        for &(ref axis, v) in &target {
            values.push(
                (v - *lookup(&self.pos, axis)
                    .ok_or("dicts_in_tuples.py:28: KeyError (no such key, a str)")?)
                .abs(),
            );
        }
        let far = values.iter().fold(0.0, |sum, &x| sum + x);
        if far < feed {
            self.pos = target.to_vec();
            (!self.queue.is_empty())
                .then(|| self.queue.remove(0))
                .ok_or("dicts_in_tuples.py:31: IndexError: pop from empty list")?;
        } else {
            let mut entries: Vec<(String, f64)> = Vec::new();
            for &(ref axis, v) in &self.pos {
                set_item(
                    &mut entries,
                    axis.clone(),
                    v + true_div(
                        (*lookup(&target, axis)
                            .ok_or("dicts_in_tuples.py:33: KeyError (no such key, a str)")?
                            - v)
                            * feed,
                        far,
                    )
                    .ok_or("dicts_in_tuples.py:33: ZeroDivisionError: float division by zero")?,
                );
            }
            self.pos = entries;
        }
        self.travel += if feed < far { feed } else { far };
        Ok(far)
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

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

//! Objects that say themselves which comes first, and a class that numbers them.
//!
//! Translated by migrate 0.1.0 from `own_order.py`: 32 of 32 statements.
//! Warning MIG0301 line 5: `job_made` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 33: `drill` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 34: `clean` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0324 line 52: a NaN in what this sorts by is an error in the Rust, where Python goes
//! on.
//! migrate: task = "own_order", script = "own_order.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "1cd93437c347fc65", seal = "a0e8baa9993d161b"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct OwnOrder {
    state: DriveState,
    job_made: i64,
    drill: Job,
    clean: Job,
}

impl Freezable for OwnOrder {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.job_made, encoder)?;
        Encode::encode(&self.drill, encoder)?;
        Encode::encode(&self.clean, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.job_made = Decode::decode(decoder)?;
        self.drill = Decode::decode(decoder)?;
        self.clean = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for OwnOrder {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut job_made: i64 = 0;
        let drill = Job::new("drill", 1, &mut job_made);
        let clean = Job::new("clean", 2, &mut job_made);
        Ok(Self {
            state: DriveState::default(),
            job_made,
            drill,
            clean,
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
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("own_order.py:44: `missed` leaves u32")?;
            return Ok(());
        };
        self.drill.due = py_min(
            if -100.0 > f64::from(goal_payload.speed) {
                -100.0
            } else {
                f64::from(goal_payload.speed)
            },
            100.0,
        );
        self.clean.due = py_min(
            if -100.0 > f64::from(measured_payload.speed) {
                -100.0
            } else {
                f64::from(measured_payload.speed)
            },
            100.0,
        );
        let mut findings: Vec<Finding> = Vec::new();
        for (i, &r) in measured_payload.ranges.iter().enumerate() {
            if !r.is_nan() {
                findings.push(Finding::new(
                    (i % 2) as i64,
                    py_min(
                        if 0.0 > f64::from(r) {
                            0.0
                        } else {
                            f64::from(r)
                        },
                        9.0,
                    ),
                ));
            }
        }
        let mut list = findings.to_vec();
        list.reverse();
        sort_by_parts(&mut list, |&item| (item.severity, item.distance))
            .ok_or("own_order.py:52: a NaN among the keys to sort by")?;
        list.reverse();
        let worst = list[..list.len().min(2)].to_vec();
        let mut text: String = if !worst.is_empty() {
            worst
                .iter()
                .map(|&f| f.to_repr())
                .collect::<Vec<_>>()
                .join("; ")
        } else {
            "clean".into()
        };
        if findings.len() > 1
            && (*findings
                .first()
                .ok_or("own_order.py:54: IndexError: list index out of range")?)
            .lt(*findings
                .get(1)
                .ok_or("own_order.py:54: IndexError: list index out of range")?)
            || self.clean.lt(&self.drill)
        {
            text.push('!');
        }
        alarm.set_payload(Alarm {
            reason: text,
            missed: u32::try_from(
                self.drill
                    .made(self.job_made)
                    .checked_add(self.clean.number)
                    .ok_or("own_order.py:56: `the value` leaves u32")?,
            )
            .map_err(|_| "own_order.py:56: `missed` leaves u32")?,
        });
        drive.set_payload(Drive {
            accel: self.drill.due as f32,
            sector: if within(&self.drill, &self.clean, 0.5, 3.0) {
                1
            } else {
                0
            },
        });
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    number: i64,
    name: String,
    weight: i64,
    due: f64,
}

impl Job {
    fn new(name: &str, weight: i64, job_made: &mut i64) -> Self {
        *job_made += 1;
        let number = *job_made;
        Self {
            number,
            name: name.to_string(),
            weight,
            due: 0.0,
        }
    }

    fn lt(&self, other: &Self) -> bool {
        (-self.weight, self.due) < (-other.weight, other.due)
    }

    fn left(&self, now: f64) -> f64 {
        self.due - now
    }

    fn made(&self, job_made: i64) -> i64 {
        job_made
    }
}

#[derive(Debug, Clone, Copy)]
struct Finding {
    severity: i64,
    distance: f64,
}

impl Finding {
    fn new(severity: i64, distance: f64) -> Self {
        Self { severity, distance }
    }

    fn lt(&self, other: Self) -> bool {
        (self.severity, self.distance) > (other.severity, other.distance)
    }

    fn to_repr(self) -> String {
        format!("F({} s{})", fixed_text(self.distance, 1), self.severity)
    }
}

fn within(job: &Job, other: &Job, now: f64, limit: f64) -> bool {
    let middle = job.left(now);
    (0.0..limit).contains(&middle) && (0.0..limit).contains(&other.left(now))
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `xs.sort(key=…)` by tuples with floats: stable. `None` where a key has a NaN, which
/// has no order.
fn sort_by_parts<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    for x in xs.iter() {
        let own = key(x);
        own.partial_cmp(&own)?;
    }
    xs.sort_by(|a, b| {
        let order = key(a).partial_cmp(&key(b));
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    Some(())
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

//! Lists of objects that a function takes apart: nobody needs the list any more.
//!
//! Translated by migrate 0.1.0 from `taken_apart.py`: 46 of 46 statements.
//! Warning MIG0301 line 49: `scheduler` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 50: `group` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 51: `beeps` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 74: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "taken_apart", script = "taken_apart.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "4109181c40a66490", seal = "0ca76b4f5425ff8e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct TakenApart {
    state: DriveState,
    scheduler: Scheduler,
    group: Group,
    beeps: i64,
}

impl Freezable for TakenApart {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.scheduler, encoder)?;
        Encode::encode(&self.group, encoder)?;
        Encode::encode(&self.beeps, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.scheduler = Decode::decode(decoder)?;
        self.group = Decode::decode(decoder)?;
        self.beeps = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for TakenApart {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            scheduler: Scheduler::new(vec![
                Job::new("imu", 1),
                Job::new("log", 5),
                Job::new("gps", 3),
            ]),
            group: Group::new(vec![Job::new("arm", 5), Job::new("lift", 5)]),
            beeps: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, _alarm) = output;
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        if goal_payload.speed > 3.0 {
            beep(2, &mut self.beeps);
        }
        if goal_payload.speed > 0.5 {
            beep(1, &mut self.beeps);
        } else {
            self.group
                .by_name
                .get_mut("arm")
                .ok_or("taken_apart.py:64: KeyError (no such key, a str)")?
                .run();
        }
        self.group.add(vec![Job::new(
            "extra",
            float_to_int(f64::from(goal_payload.speed).trunc())
                .ok_or("taken_apart.py:65: ValueError or OverflowError (int: no 64-bit int)")?
                .rem_euclid(7),
        )]);
        for job in &mut self.scheduler.jobs {
            if f64::from(goal_payload.speed) > job.priority as f64 {
                job.run();
            }
        }
        self.group.swap();
        let drained = self.group.drain();
        let busiest = self.scheduler.busiest()?;
        if self.scheduler.jobs[busiest].runs > 9 {
            self.scheduler.jobs[busiest].runs = 0;
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            self.scheduler
                .jobs
                .iter()
                .map(|j| j.runs)
                .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
                .ok_or("taken_apart.py:74: an int leaves 64 bits")? as f64 as f32;
        drive_payload.sector = ((self
            .group
            .added
            .last()
            .ok_or("taken_apart.py:75: IndexError: list index out of range")?
            .slot
            + self.beeps
            + drained.len() as i64)
            % 16) as u8;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    name: String,
    priority: i64,
    runs: i64,
    slot: i64,
}

impl Job {
    fn new(name: &str, priority: i64) -> Self {
        Self {
            name: name.to_string(),
            priority,
            runs: 0,
            slot: 0,
        }
    }

    fn run(&mut self) {
        self.runs += 1;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scheduler {
    jobs: Vec<Job>,
}

impl Scheduler {
    fn new(jobs: Vec<Job>) -> Self {
        let mut jobs_value = jobs;
        jobs_value.sort_by_key(|j| j.priority);
        Self { jobs: jobs_value }
    }

    fn busiest(&self) -> CuResult<usize> {
        Ok((0..self.jobs.len())
            .reduce(|best, j| {
                if self.jobs[j].runs > self.jobs[best].runs {
                    j
                } else {
                    best
                }
            })
            .ok_or("taken_apart.py:20: ValueError: max() arg is an empty sequence")?)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Group {
    by_name: BTreeMap<String, Job>,
    added: Vec<Job>,
    slots: Vec<i64>,
}

impl Group {
    fn new(jobs: Vec<Job>) -> Self {
        let by_name: BTreeMap<String, Job> = jobs
            .into_iter()
            .map(|job| (job.name.clone(), job))
            .collect();
        Self {
            by_name,
            added: Vec::new(),
            slots: Vec::new(),
        }
    }

    fn add(&mut self, jobs: Vec<Job>) {
        self.slots.push(jobs.len() as i64);
        for (slot, mut job) in jobs.into_iter().enumerate() {
            job.slot = slot as i64;
            self.added.push(job);
        }
        // Only the newest stay.
        self.added = self.added[self.added.len().saturating_sub(4)..].to_vec();
    }

    fn drain(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.slots)
    }

    fn swap(&mut self) {
        let old = std::mem::take(&mut self.slots);
        for &slot in &old {
            if slot > 1 {
                self.slots.push(slot);
            }
        }
    }
}

fn beep(times: i64, beeps: &mut i64) {
    *beeps += times;
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

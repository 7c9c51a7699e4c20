//! Values of the module that nobody reads, but that change others while they are computed.
//!
//! Translated by migrate 0.1.0 from `unread.py`: 39 of 39 statements.
//! Warning MIG0301 line 3: `PHASES` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 7: `jobs` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 41: `scheduler` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 44: `ids` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 61: `100 * RIGHT` may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "unread", script = "unread.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "93906082a4b0c5fd", seal = "54013ca72371de86"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Unread {
    state: DriveState,
    jobs: Vec<Job>,
    phases: Vec<String>,
    scheduler: Scheduler,
    telemetry: usize,
    ids: i64,
    right: i64,
}

impl Freezable for Unread {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.jobs, encoder)?;
        Encode::encode(&self.phases, encoder)?;
        Encode::encode(&self.scheduler, encoder)?;
        Encode::encode(&self.ids, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.jobs = Decode::decode(decoder)?;
        self.phases = Decode::decode(decoder)?;
        self.scheduler = Decode::decode(decoder)?;
        self.ids = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Unread {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut jobs = Vec::new();
        let mut phases: Vec<String> = vec!["boot".into(), "calibrate".into(), "ready".into()];
        (!phases.is_empty())
            .then(|| phases.remove(0))
            .ok_or("unread.py:4: IndexError: pop from empty list")?;
        let mut scheduler = Scheduler::new();
        scheduler.add(new_job("control", 10, 2, &mut jobs), &jobs);
        let telemetry: usize = scheduler.add(new_job("telemetry", 1, 5, &mut jobs), &jobs);
        let mut ids: i64 = 0;
        next_id(&mut ids);
        let right = next_id(&mut ids);
        let _ = [next_id(&mut ids), next_id(&mut ids)];
        Ok(Self {
            state: DriveState::default(),
            jobs,
            phases,
            scheduler,
            telemetry,
            ids,
            right,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (_drive, alarm) = output;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = format!(
            "{}{}",
            self.scheduler.tick(&mut self.jobs),
            self.phases
                .first()
                .ok_or("unread.py:60: IndexError: list index out of range")?
        );
        alarm_payload.missed = u32::try_from(
            i128::from(self.jobs[self.telemetry].runs)
                + i128::from(next_id(&mut self.ids))
                + i128::from(
                    100_i64
                        .checked_mul(self.right)
                        .ok_or("unread.py:61: an int leaves 64 bits")?,
                ),
        )
        .map_err(|_| "unread.py:61: `missed` leaves u32")?;
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed > 1.0
        {
            self.jobs[self.telemetry].period = 3;
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_job(name: &str, priority: i64, period: i64, jobs: &mut Vec<Job>) -> usize {
    let at = jobs.len();
    jobs.push(Job::new(name, priority, period));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    name: String,
    priority: i64,
    period: i64,
    due: i64,
    runs: i64,
}

impl Job {
    fn new(name: &str, priority: i64, period: i64) -> Self {
        Self {
            name: name.to_string(),
            priority,
            period,
            due: 0,
            runs: 0,
        }
    }

    fn run(&mut self, now: i64) {
        self.runs += 1;
        self.due = now + self.period;
    }
}

/// Runs the first job that is due.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scheduler {
    jobs: Vec<usize>,
    now: i64,
}

impl Scheduler {
    fn new() -> Self {
        Self {
            jobs: Vec::new(),
            now: 0,
        }
    }

    fn add(&mut self, job: usize, jobs: &[Job]) -> usize {
        self.jobs.push(job);
        self.jobs.sort_by_key(|&j| -jobs[j].priority);
        job
    }

    #[allow(clippy::ptr_arg)]
    fn tick(&mut self, jobs: &mut Vec<Job>) -> String {
        self.now += 1;
        for &job in &self.jobs {
            if jobs[job].due <= self.now {
                jobs[job].run(self.now);
                return jobs[job].name.clone();
            }
        }
        "idle".into()
    }
}

fn next_id(ids: &mut i64) -> i64 {
    *ids += 1;
    *ids
}

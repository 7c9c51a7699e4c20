//! Objects that say what they are, alone, in lists, and where there may be none.
//!
//! Translated by migrate 0.1.0 from `shown.py`: 28 of 28 statements.
//! Warning MIG0301 line 25: `jobs` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 26: `robots` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 27: `tick` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "shown", script = "shown.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "1bcec6812f28eee9", seal = "39d442e306b32f87"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Shown {
    state: DriveState,
    jobs: Vec<Job>,
    robots: BTreeMap<String, Robot>,
    tick: i64,
}

impl Freezable for Shown {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.jobs, encoder)?;
        Encode::encode(&self.robots, encoder)?;
        Encode::encode(&self.tick, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.jobs = Decode::decode(decoder)?;
        self.robots = Decode::decode(decoder)?;
        self.tick = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Shown {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            jobs: Vec::new(),
            robots: BTreeMap::from([
                ("a".to_string(), Robot::new("a")),
                ("b".to_string(), Robot::new("b")),
            ]),
            tick: 0,
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
        self.tick += 1;
        if let Some(goal_payload) = goal.payload()
            && self.jobs.len() < 3
        {
            self.jobs.push(Job::new(
                self.tick,
                if goal_payload.speed > 1.0 { 2 } else { 0 },
            ));
        }
        let robot = (if self.tick % 2 != 0 { "a" } else { "b" }).to_string();
        self.robots
            .get(&robot)
            .ok_or("shown.py:37: KeyError (no such key, a str)")?;
        if measured.payload().is_none() {
            self.robots
                .get_mut(&robot)
                .ok_or("shown.py:39: KeyError (no such key, a str)")?
                .job = None;
            alarm.payload_mut().get_or_insert_default().reason = format!(
                "{} idle, {}",
                self.robots
                    .get(&robot)
                    .ok_or("shown.py:40: KeyError (no such key, a str)")?
                    .to_text(),
                match self
                    .robots
                    .get(&robot)
                    .ok_or("shown.py:40: KeyError (no such key, a str)")?
                    .job
                {
                    Some(x) => x.to_repr(),
                    None => "None".to_string(),
                }
            );
            return Ok(());
        }
        if self
            .robots
            .get(&robot)
            .ok_or("shown.py:42: KeyError (no such key, a str)")?
            .job
            .is_none()
            && !self.jobs.is_empty()
        {
            let job = (!self.jobs.is_empty())
                .then(|| self.jobs.remove(0))
                .ok_or("shown.py:43: IndexError: pop from empty list")?;
            self.robots
                .get_mut(&robot)
                .ok_or("shown.py:44: KeyError (no such key, a str)")?
                .job = Some(Job::new(job.number, job.urgent));
        }
        drive.payload_mut().get_or_insert_default().accel = self.jobs.len() as f64 as f32;
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{} of [{}], first [{}]",
            self.robots
                .get(&robot)
                .ok_or("shown.py:46: KeyError (no such key, a str)")?
                .to_text(),
            self.jobs
                .iter()
                .map(|&x| x.to_repr())
                .collect::<Vec<_>>()
                .join(", "),
            self.jobs[..self.jobs.len().min(1)]
                .iter()
                .map(|&x| x.to_repr())
                .collect::<Vec<_>>()
                .join(", ")
        );
        Ok(())
    }
}

/// What a robot has to do.
#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    number: i64,
    urgent: i64,
}

impl Job {
    fn new(number: i64, urgent: i64) -> Self {
        Self { number, urgent }
    }

    fn to_repr(self) -> String {
        format!("#{}{}", self.number, "!".repeat(self.urgent as usize))
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    name: String,
    job: Option<Job>,
    done: i64,
}

impl Robot {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            job: None,
            done: 0,
        }
    }

    fn to_text(&self) -> String {
        format!(
            "{}:{}",
            self.name,
            match self.job {
                Some(x) => x.to_repr(),
                None => "None".to_string(),
            }
        )
    }
}

//! Dataclasses that keep shared objects; objects that are told apart, logged and shown.
//!
//! Translated by migrate 0.1.0 from `keepers.py`: 120 of 120 statements.
//! Warning MIG0301 line 9: `all_jobs` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 10: `job_made` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 26: `robots` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 42: `all_tracks` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 63: `jobs` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 64: `tracks` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 65: `lanes` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 115: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0316 line 118: `total` may leave 64 bits: an error in the Rust, where Python goes on.
//! migrate: task = "keepers", script = "keepers.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "b590bd71d338dc25", seal = "a83d0c9b5e505050"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Keepers {
    state: DriveState,
    all_tracks: Vec<Track>,
    free_tracks: Vec<usize>,
    robots: Vec<Robot>,
    all_jobs: Vec<Job>,
    free_jobs: Vec<usize>,
    job_made: i64,
    fleet: Vec<usize>,
    jobs: Vec<usize>,
    tracks: Vec<usize>,
    lanes: Vec<Lane>,
}

impl Freezable for Keepers {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.all_tracks, encoder)?;
        Encode::encode(&self.free_tracks, encoder)?;
        Encode::encode(&self.robots, encoder)?;
        Encode::encode(&self.all_jobs, encoder)?;
        Encode::encode(&self.free_jobs, encoder)?;
        Encode::encode(&self.job_made, encoder)?;
        Encode::encode(&self.jobs, encoder)?;
        Encode::encode(&self.tracks, encoder)?;
        Encode::encode(&self.lanes, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.all_tracks = Decode::decode(decoder)?;
        self.free_tracks = Decode::decode(decoder)?;
        self.robots = Decode::decode(decoder)?;
        self.all_jobs = Decode::decode(decoder)?;
        self.free_jobs = Decode::decode(decoder)?;
        self.job_made = Decode::decode(decoder)?;
        self.jobs = Decode::decode(decoder)?;
        self.tracks = Decode::decode(decoder)?;
        self.lanes = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Keepers {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let all_tracks = Vec::new();
        let free_tracks = Vec::new();
        let mut robots = Vec::new();
        let all_jobs = Vec::new();
        let free_jobs = Vec::new();
        let job_made: i64 = 0;
        let fleet: Vec<usize> = vec![
            new_robot(
                Robot {
                    name: "a".into(),
                    job: None,
                    done: 0,
                },
                &mut robots,
            ),
            new_robot(
                Robot {
                    name: "b".into(),
                    job: None,
                    done: 0,
                },
                &mut robots,
            ),
        ];
        let jobs = Vec::new();
        let tracks = Vec::new();
        let lanes: Vec<Lane> = vec![
            Lane {
                name: "near".into(),
                track: None,
                past: Vec::new(),
            },
            Lane {
                name: "far".into(),
                track: None,
                past: Vec::new(),
            },
        ];
        Ok(Self {
            state: DriveState::default(),
            all_tracks,
            free_tracks,
            robots,
            all_jobs,
            free_jobs,
            job_made,
            fleet,
            jobs,
            tracks,
            lanes,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        if self.free_tracks.is_empty() {
            find_free_tracks(
                &self.all_tracks,
                &mut self.free_tracks,
                &self.lanes,
                &self.tracks,
            );
        }
        if self.free_jobs.is_empty() {
            find_free_jobs(
                &self.all_jobs,
                &self.fleet,
                &mut self.free_jobs,
                &self.jobs,
                &self.robots,
            )?;
        }
        if let Some(measured_payload) = measured.payload() {
            look(
                &measured_payload.ranges,
                &mut self.all_tracks,
                &mut self.free_tracks,
                &mut self.lanes,
                &mut self.tracks,
            )?;
            if self.jobs.len() < 5 && measured_payload.speed > 0.0 {
                self.jobs.push(add_job(
                    Job::new(
                        4,
                        if measured_payload.speed > 1.0 { 1 } else { 0 },
                        &mut self.job_made,
                    ),
                    &mut self.all_jobs,
                    &mut self.free_jobs,
                )?);
            }
        }
        assign(
            &self.all_jobs,
            &self.fleet,
            &mut self.jobs,
            &mut self.robots,
        )?;
        for &robot in &self.fleet {
            if let Some(finished) = self.robots[robot].step(&mut self.all_jobs) {
                let text = format!(
                    "{} did {}",
                    self.robots[robot].name,
                    self.all_jobs[finished].to_repr()
                );
                alarm.set_payload(Alarm {
                    reason: format!(
                        "{text}, waiting [{}]",
                        self.jobs[..self.jobs.len().min(2)]
                            .iter()
                            .map(|&shown| self.all_jobs[shown].to_repr())
                            .collect::<Vec<_>>()
                            .join(", ")
                    ),
                    missed: u32::try_from(self.robots[robot].done)
                        .map_err(|_| "keepers.py:110: `missed` leaves u32")?,
                });
            }
        }
        let mut total: i64 = 0;
        for lane in &self.lanes {
            if let Some(lane_track) = lane.track {
                self.all_tracks[lane_track].hits += 1;
                total = total
                    .checked_add(self.all_tracks[lane_track].hits)
                    .ok_or("keepers.py:115: an int leaves 64 bits")?;
            }
            for &track in &lane.past {
                self.all_tracks[track].hits += 100;
                total = total
                    .checked_add(self.all_tracks[track].hits)
                    .ok_or("keepers.py:118: an int leaves 64 bits")?;
            }
        }
        drive.set_payload(Drive {
            accel: total as f64 as f32,
            sector: u8::try_from(self.jobs.len())
                .map_err(|_| "keepers.py:119: `sector` leaves u8")?,
        });
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_jobs(
    all_jobs: &[Job],
    fleet: &[usize],
    free_jobs: &mut Vec<usize>,
    jobs: &[usize],
    robots: &[Robot],
) -> CuResult<()> {
    let mut used = vec![false; all_jobs.len()];
    for &robot in fleet {
        if robots[robot].job.is_some() {
            let at_2 = robots[robot]
                .job
                .ok_or("keepers.py:9: AttributeError (None)")?;
            used[at_2] = true;
        }
    }
    for &job in jobs {
        used[job] = true;
    }
    *free_jobs = used
        .iter()
        .enumerate()
        .filter(|&(_, &is_used)| !is_used)
        .map(|(at, _)| at)
        .collect();
    Ok(())
}

#[allow(clippy::ptr_arg)]
fn add_job(job: Job, all_jobs: &mut Vec<Job>, free_jobs: &mut Vec<usize>) -> CuResult<usize> {
    let at: usize;
    if !free_jobs.is_empty() {
        at = free_jobs
            .pop()
            .ok_or("keepers.py:9: IndexError: pop from empty list")?;
        all_jobs[at] = job;
    } else {
        at = all_jobs.len();
        all_jobs.push(job);
    }
    Ok(at)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    ident: i64,
    left: i64,
    prio: i64,
}

impl Job {
    fn new(left: i64, prio: i64, job_made: &mut i64) -> Self {
        let ident = *job_made;
        *job_made += 1;
        Self { ident, left, prio }
    }

    fn to_repr(&self) -> String {
        format!("#{}{}", self.ident, "!".repeat(self.prio as usize))
    }
}

#[allow(clippy::ptr_arg)]
fn new_robot(robot: Robot, robots: &mut Vec<Robot>) -> usize {
    let at = robots.len();
    robots.push(robot);
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    name: String,
    job: Option<usize>,
    done: i64,
}

impl Robot {
    #[allow(clippy::ptr_arg)]
    fn step(&mut self, all_jobs: &mut Vec<Job>) -> Option<usize> {
        let mut finished: Option<usize> = None;
        if let Some(job) = self.job {
            all_jobs[job].left -= 1;
            if all_jobs[job].left <= 0 {
                finished = Some(job);
                self.job = None;
                self.done += 1;
            }
        }
        finished
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_tracks(
    all_tracks: &[Track],
    free_tracks: &mut Vec<usize>,
    lanes: &[Lane],
    tracks: &[usize],
) {
    let mut used = vec![false; all_tracks.len()];
    for lane in lanes {
        if let Some(lane_track) = lane.track {
            used[lane_track] = true;
        }
        for &track in &lane.past {
            used[track] = true;
        }
    }
    for &track in tracks {
        used[track] = true;
    }
    *free_tracks = used
        .iter()
        .enumerate()
        .filter(|&(_, &is_used)| !is_used)
        .map(|(at, _)| at)
        .collect();
}

#[allow(clippy::ptr_arg)]
fn add_track(
    track: Track,
    all_tracks: &mut Vec<Track>,
    free_tracks: &mut Vec<usize>,
) -> CuResult<usize> {
    let at: usize;
    if !free_tracks.is_empty() {
        at = free_tracks
            .pop()
            .ok_or("keepers.py:42: IndexError: pop from empty list")?;
        all_tracks[at] = track;
    } else {
        at = all_tracks.len();
        all_tracks.push(track);
    }
    Ok(at)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Track {
    x: f64,
    hits: i64,
    age: i64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lane {
    name: String,
    track: Option<usize>,
    past: Vec<usize>,
}

impl Lane {
    fn give(&mut self, track: usize) -> CuResult<()> {
        if let Some(self_track) = self.track {
            self.past.push(self_track);
            if self.past.len() > 2 {
                (!self.past.is_empty())
                    .then(|| self.past.remove(0))
                    .ok_or("keepers.py:58: IndexError: pop from empty list")?;
            }
        }
        self.track = Some(track);
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn assign(
    all_jobs: &[Job],
    fleet: &[usize],
    jobs: &mut Vec<usize>,
    robots: &mut Vec<Robot>,
) -> CuResult<()> {
    jobs.sort_by_key(|&item| (-all_jobs[item].prio, all_jobs[item].ident));
    for &job in &jobs.to_vec() {
        let free: Vec<usize> = fleet
            .iter()
            .filter(|&&robot| robots[robot].job.is_none())
            .copied()
            .collect();
        if free.is_empty() {
            break;
        }
        let best = free
            .iter()
            .copied()
            .min_by_key(|&robot| robots[robot].done)
            .ok_or("keepers.py:74: ValueError: min() arg is an empty sequence")?;
        robots[best].job = Some(job);
        jobs.remove(
            jobs.iter()
                .position(|&x| x == job)
                .ok_or("keepers.py:76: ValueError: list.remove(x): x not in list")?,
        );
        debug!("{} takes {}", &robots[best].name, all_jobs[job].to_repr());
    }
    Ok(())
}

#[allow(clippy::ptr_arg)]
fn look(
    ranges: &[f32; 4],
    all_tracks: &mut Vec<Track>,
    free_tracks: &mut Vec<usize>,
    lanes: &mut Vec<Lane>,
    tracks: &mut Vec<usize>,
) -> CuResult<()> {
    for &track in &*tracks {
        all_tracks[track].age += 1;
    }
    for &r in ranges {
        if f64::from(r).abs() > 30.0 {
            continue;
        }
        'found_1: {
            for &track in &*tracks {
                if (all_tracks[track].x - f64::from(r)).abs() < 0.4 {
                    all_tracks[track].hits += 1;
                    all_tracks[track].age = 0;
                    break 'found_1;
                }
            }
            tracks.push(add_track(
                Track {
                    x: f64::from(r),
                    hits: 1,
                    age: 0,
                },
                all_tracks,
                free_tracks,
            )?);
        }
    }
    for &track in &*tracks {
        if all_tracks[track].age > 3 {
            let at = index(
                if all_tracks[track].x.abs() < 1.0 {
                    0
                } else {
                    1
                },
                lanes.len(),
            )
            .ok_or("keepers.py:95: IndexError: list index out of range")?;
            lanes[at].give(track)?;
        }
    }
    let part = tracks
        .iter()
        .filter(|&&track| all_tracks[track].age <= 3)
        .copied()
        .collect();
    *tracks = part;
    Ok(())
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

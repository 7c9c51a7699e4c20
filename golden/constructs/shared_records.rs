//! Records with several names: tracks, a queue of jobs, motors by name.
//!
//! Translated by migrate 0.1.0 from `shared_records.py`: 93 of 93 statements.
//! Warning MIG0301 line 4: `jobs` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 10: `all_motors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 37: `tracks` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 69: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 70: `runner` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "shared_records", script = "shared_records.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "63cdd32c0faf0d7c", seal = "4e8a06594dc1abd0"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct SharedRecords {
    state: DriveState,
    tracks: Vec<Track>,
    free_tracks: Vec<usize>,
    all_motors: Vec<Motor>,
    jobs: Vec<Job>,
    motors: Vec<(String, usize)>,
    tracker: Tracker,
    runner: Runner,
}

impl Freezable for SharedRecords {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.tracks, encoder)?;
        Encode::encode(&self.free_tracks, encoder)?;
        Encode::encode(&self.all_motors, encoder)?;
        Encode::encode(&self.jobs, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Encode::encode(&self.runner, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.tracks = Decode::decode(decoder)?;
        self.free_tracks = Decode::decode(decoder)?;
        self.all_motors = Decode::decode(decoder)?;
        self.jobs = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        self.runner = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SharedRecords {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let tracks = Vec::new();
        let free_tracks = Vec::new();
        let mut all_motors = Vec::new();
        let mut jobs = Vec::new();
        let all_jobs: Vec<usize> = vec![
            new_job(
                Job {
                    name: "scan".into(),
                    left: 3,
                    gain: 0.5,
                },
                &mut jobs,
            ),
            new_job(
                Job {
                    name: "dock".into(),
                    left: 2,
                    gain: 1.5,
                },
                &mut jobs,
            ),
            new_job(
                Job {
                    name: "rest".into(),
                    left: 4,
                    gain: 0.0,
                },
                &mut jobs,
            ),
        ];
        let motors: Vec<(String, usize)> = vec![
            (
                "left".to_string(),
                new_motor(
                    Motor {
                        pwm: 0,
                        heat: 20.0,
                        on: true,
                    },
                    &mut all_motors,
                ),
            ),
            (
                "right".to_string(),
                new_motor(
                    Motor {
                        pwm: 0,
                        heat: 20.0,
                        on: true,
                    },
                    &mut all_motors,
                ),
            ),
        ];
        let tracker = Tracker::new();
        let runner = Runner::new(&all_jobs, &mut jobs);
        Ok(Self {
            state: DriveState::default(),
            tracks,
            free_tracks,
            all_motors,
            jobs,
            motors,
            tracker,
            runner,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, meas) = *input;
        let (drive_out, alarm) = output;
        if self.free_tracks.is_empty() {
            find_free_tracks(&mut self.free_tracks, &self.tracker, &self.tracks);
        }
        let (Some(goal_payload), Some(measured)) = (goal.payload(), meas.payload()) else {
            return Ok(());
        };
        let gone =
            self.tracker
                .update(&measured.ranges, &mut self.free_tracks, &mut self.tracks)?;
        let gain = self.runner.step(goal_payload.speed > 1.0, &mut self.jobs)?;
        for (name, _) in &self.motors {
            drive(
                name,
                if goal_payload.speed > 0.0 { 50 } else { -20 },
                &mut self.all_motors,
                &self.motors,
            )?;
        }
        if let Some(best) = self
            .tracker
            .nearest(f64::from(measured.speed), &self.tracks)
        {
            self.tracks[best].kind = "seen".into();
            drive_out.set_payload(Drive {
                accel: (self.tracks[best].x + gain) as f32,
                sector: (self.tracks[best].hits % 200) as u8,
            });
        }
        if gone != 0 {
            alarm.set_payload(Alarm {
                reason: "lost".into(),
                missed: u32::try_from(gone)
                    .map_err(|_| "shared_records.py:100: `missed` leaves u32")?,
            });
        } else if let Some(active) = self.runner.active {
            alarm.set_payload(Alarm {
                reason: self.jobs[active].name.clone(),
                missed: u32::try_from(self.jobs[active].left)
                    .map_err(|_| "shared_records.py:102: `missed` leaves u32")?,
            });
        } else if !self.all_motors[*lookup(&self.motors, "right")
            .ok_or("shared_records.py:103: KeyError (no such key, a str)")?]
        .on
        {
            alarm.set_payload(Alarm {
                reason: "hot".into(),
                missed: u32::try_from(self.tracker.next_id)
                    .map_err(|_| "shared_records.py:104: `missed` leaves u32")?,
            });
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_job(job: Job, jobs: &mut Vec<Job>) -> usize {
    let at = jobs.len();
    jobs.push(job);
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Job {
    name: String,
    left: i64,
    gain: f64,
}

#[allow(clippy::ptr_arg)]
fn new_motor(motor: Motor, all_motors: &mut Vec<Motor>) -> usize {
    let at = all_motors.len();
    all_motors.push(motor);
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    pwm: i64,
    heat: f64,
    on: bool,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tracker {
    tracks: Vec<usize>,
    next_id: i64,
}

impl Tracker {
    fn new() -> Self {
        Self {
            tracks: Vec::new(),
            next_id: 1,
        }
    }

    fn nearest(&self, x: f64, tracks: &[Track]) -> Option<usize> {
        let mut best: Option<usize> = None;
        for &t in &self.tracks {
            if best.is_none_or(|best| (tracks[t].x - x).abs() < (tracks[best].x - x).abs()) {
                best = Some(t);
            }
        }
        best
    }

    #[allow(clippy::ptr_arg)]
    fn update(
        &mut self,
        ranges: &[f32; 4],
        free_tracks: &mut Vec<usize>,
        tracks: &mut Vec<Track>,
    ) -> CuResult<i64> {
        for &t in &self.tracks {
            tracks[t].age += 1;
        }
        for &x in ranges {
            let t = self.nearest(f64::from(x), tracks);
            if let Some(t) = t
                && (tracks[t].x - f64::from(x)).abs() < 1.0
            {
                tracks[t].x += 0.5 * (f64::from(x) - tracks[t].x);
                tracks[t].age = 0;
                tracks[t].hits += 1;
            } else {
                let track = add_track(
                    Track {
                        id: self.next_id,
                        x: f64::from(x),
                        age: 0,
                        hits: 1,
                        kind: "new".into(),
                    },
                    free_tracks,
                    tracks,
                )?;
                self.next_id += 1;
                self.tracks.push(track);
            }
        }
        // Two tracks that are equal are one to `remove`, whichever of them is meant.
        let dead: Vec<usize> = self
            .tracks
            .iter()
            .filter(|&&t| tracks[t].age > 2)
            .copied()
            .collect();
        for &t in &dead {
            {
                let wanted = self
                    .tracks
                    .iter()
                    .copied()
                    .find(|&item| item == t || track_equals(item, t, tracks))
                    .unwrap_or(t);
                self.tracks.remove(
                    self.tracks
                        .iter()
                        .position(|&x| x == wanted)
                        .ok_or("shared_records.py:43: ValueError: list.remove(x): x not in list")?,
                );
            }
        }
        Ok(dead.len() as i64)
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_tracks(free_tracks: &mut Vec<usize>, tracker: &Tracker, tracks: &[Track]) {
    let mut used = vec![false; tracks.len()];
    for &track in &tracker.tracks {
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
    free_tracks: &mut Vec<usize>,
    tracks: &mut Vec<Track>,
) -> CuResult<usize> {
    let at: usize;
    if !free_tracks.is_empty() {
        at = free_tracks
            .pop()
            .ok_or("shared_records.py:37: IndexError: pop from empty list")?;
        tracks[at] = track;
    } else {
        at = tracks.len();
        tracks.push(track);
    }
    Ok(at)
}

fn track_equals(track: usize, other: usize, tracks: &[Track]) -> bool {
    (
        tracks[track].id,
        tracks[track].x,
        tracks[track].age,
        tracks[track].hits,
        tracks[track].kind.clone(),
    ) == (
        tracks[other].id,
        tracks[other].x,
        tracks[other].age,
        tracks[other].hits,
        tracks[other].kind.clone(),
    )
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Track {
    id: i64,
    x: f64,
    age: i64,
    hits: i64,
    kind: String,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Runner {
    jobs: Vec<usize>,
    active: Option<usize>,
    done: i64,
}

impl Runner {
    #[allow(clippy::ptr_arg)]
    fn new(all_jobs: &[usize], jobs: &mut Vec<Job>) -> Self {
        let jobs_value: Vec<usize> = all_jobs
            .iter()
            .map(|&job| {
                new_job(
                    Job {
                        name: jobs[job].name.clone(),
                        left: jobs[job].left,
                        gain: jobs[job].gain,
                    },
                    jobs,
                )
            })
            .collect();
        Self {
            jobs: jobs_value,
            active: None,
            done: 0,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn step(&mut self, urgent: bool, jobs: &mut Vec<Job>) -> CuResult<f64> {
        if self.active.is_none() && !self.jobs.is_empty() {
            self.active = Some(
                *self
                    .jobs
                    .first()
                    .ok_or("shared_records.py:55: IndexError: list index out of range")?,
            );
        }
        let job = self.active;
        let Some(job) = job else {
            return Ok(0.0);
        };
        jobs[job].left -= if urgent { 2 } else { 1 };
        let gain = jobs[job].gain;
        if jobs[job].left <= 0 {
            jobs[job].left = 3;
            let value = (!self.jobs.is_empty())
                .then(|| self.jobs.remove(0))
                .ok_or("shared_records.py:63: IndexError: pop from empty list")?;
            self.jobs.push(value);
            self.active = None;
            self.done += 1;
        }
        Ok(gain)
    }
}

#[allow(clippy::ptr_arg)]
fn drive(
    name: &str,
    pwm: i64,
    all_motors: &mut Vec<Motor>,
    motors: &[(String, usize)],
) -> CuResult<()> {
    let motor =
        *lookup(motors, name).ok_or("shared_records.py:74: KeyError (no such key, a str)")?;
    if all_motors[motor].on {
        all_motors[motor].pwm = pwm;
        all_motors[motor].heat += pwm.abs() as f64 * 0.1;
    } else {
        all_motors[motor].heat -= 1.0;
    }
    if all_motors[motor].heat > 45.0 {
        all_motors[motor].on = false;
        all_motors[motor].pwm = 0;
    } else if all_motors[motor].heat < 25.0 {
        all_motors[motor].on = true;
    }
    Ok(())
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

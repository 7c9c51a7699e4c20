//! Loops over lists that their bodies make shorter and longer.
//!
//! Translated by migrate 0.1.0 from `loops_that_change_their_list.py`: 63 of 63 statements.
//! Warning MIG0301 line 4: `all_timers` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 41: `seed * 2` may leave 64 bits: an error in the Rust, where Python goes
//! on.
//! Warning MIG0301 line 60: `timers` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 75: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "loops_that_change_their_list", script = "loops_that_change_their_list.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "21ee6fee498dd608", seal = "8b686617971b34f0"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct LoopsThatChangeTheirList {
    state: DriveState,
    all_timers: Vec<Timer>,
    free_timers: Vec<usize>,
    timers: Timers,
}

impl Freezable for LoopsThatChangeTheirList {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.all_timers, encoder)?;
        Encode::encode(&self.free_timers, encoder)?;
        Encode::encode(&self.timers, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.all_timers = Decode::decode(decoder)?;
        self.free_timers = Decode::decode(decoder)?;
        self.timers = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for LoopsThatChangeTheirList {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            all_timers: Vec::new(),
            free_timers: Vec::new(),
            timers: Timers::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, meas) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        if self.free_timers.is_empty() {
            find_free_timers(&self.all_timers, &mut self.free_timers, &self.timers);
        }
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("loops_that_change_their_list.py:65: `missed` leaves u32")?;
        self.timers.add(
            &format!("t{}", state.missed),
            i64::from(state.missed % 3),
            &mut self.all_timers,
            &mut self.free_timers,
        )?;
        self.timers.tick(&mut self.all_timers)?;
        let mut samples: Vec<f64> = Vec::new();
        if let Some(measured) = meas.payload() {
            samples = measured
                .ranges
                .iter()
                .filter(|&&r| r < 10.0)
                .map(|&r| f64::from(r))
                .collect();
        }
        let kept = without(&mut samples, 0.5)?;
        let mut seeds = vec![kept, i64::from(state.missed % 5), 3];
        let n = spread(&mut seeds, 9)?;
        let pairs = sums(
            &mut (0..state.missed % 9).map(|k| i64::from(k % 7)).collect(),
            5,
        )?;
        drive.set_payload(Drive {
            accel: seeds
                .iter()
                .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                .ok_or("loops_that_change_their_list.py:75: an int leaves 64 bits")?
                as f64 as f32,
            sector: ((n * 16 + pairs) % 256) as u8,
        });
        alarm.set_payload(Alarm {
            reason: self
                .timers
                .active
                .iter()
                .map(|&t| self.all_timers[t].name.clone())
                .collect::<Vec<_>>()
                .join(" "),
            missed: u32::try_from(self.timers.fired)
                .map_err(|_| "loops_that_change_their_list.py:76: `missed` leaves u32")?,
        });
        self.state = state;
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_timers(all_timers: &[Timer], free_timers: &mut Vec<usize>, timers: &Timers) {
    let mut used = vec![false; all_timers.len()];
    for &timer in &timers.active {
        used[timer] = true;
    }
    *free_timers = used
        .iter()
        .enumerate()
        .filter(|&(_, &is_used)| !is_used)
        .map(|(at, _)| at)
        .collect();
}

#[allow(clippy::ptr_arg)]
fn add_timer(
    timer: Timer,
    all_timers: &mut Vec<Timer>,
    free_timers: &mut Vec<usize>,
) -> CuResult<usize> {
    let at: usize;
    if !free_timers.is_empty() {
        at = free_timers
            .pop()
            .ok_or("loops_that_change_their_list.py:4: IndexError: pop from empty list")?;
        all_timers[at] = timer;
    } else {
        at = all_timers.len();
        all_timers.push(timer);
    }
    Ok(at)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Timer {
    name: String,
    left: i64,
}

impl Timer {
    fn new(name: &str, left: i64) -> Self {
        Self {
            name: name.to_string(),
            left,
        }
    }

    fn expired(&mut self) -> bool {
        self.left -= 1;
        self.left <= 0
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Timers {
    active: Vec<usize>,
    fired: i64,
}

impl Timers {
    fn new() -> Self {
        Self {
            active: Vec::new(),
            fired: 0,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn add(
        &mut self,
        name: &str,
        left: i64,
        all_timers: &mut Vec<Timer>,
        free_timers: &mut Vec<usize>,
    ) -> CuResult<()> {
        self.active
            .push(add_timer(Timer::new(name, left), all_timers, free_timers)?);
        Ok(())
    }

    #[allow(clippy::ptr_arg)]
    fn tick(&mut self, all_timers: &mut Vec<Timer>) -> CuResult<()> {
        // The one behind a timer that leaves is passed over, as in Python.
        let mut active_value_index = 0;
        while let Some(&timer) = self.active.get(active_value_index) {
            active_value_index += 1;
            if all_timers[timer].expired() {
                self.fired += 1;
                self.active
                    .remove(self.active.iter().position(|&x| x == timer).ok_or(
                    "loops_that_change_their_list.py:27: ValueError: list.remove(x): x not in list",
                )?);
            }
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn without(samples: &mut Vec<f64>, limit: f64) -> CuResult<i64> {
    let mut sample_value_index = 0;
    while let Some(&sample) = samples.get(sample_value_index) {
        sample_value_index += 1;
        if sample > limit {
            samples.remove(samples.iter().position(|&x| x == sample || x.is_nan() && sample.is_nan()).ok_or("loops_that_change_their_list.py:33: ValueError: list.remove(x): x not in list")?);
        }
    }
    Ok(samples.len() as i64)
}

/// Follows what it finds until there is enough.
#[allow(clippy::ptr_arg)]
fn spread(seeds: &mut Vec<i64>, most: i64) -> CuResult<i64> {
    let mut at_: i64 = 0;
    let mut n: i64;
    'found: {
        while at_ < seeds.len() as i64 {
            n = 1 + at_;
            let seed = *seeds
                .get(at_ as usize)
                .ok_or("loops_that_change_their_list.py:39: IndexError: list index out of range")?;
            at_ += 1;
            if seed < 8 {
                seeds.push(
                    i64::try_from(
                        i128::from(
                            seed.checked_mul(2).ok_or(
                                "loops_that_change_their_list.py:41: an int leaves 64 bits",
                            )?,
                        ) + 1,
                    )
                    .map_err(
                        |_| "loops_that_change_their_list.py:41: an element leaves its type",
                    )?,
                );
            }
            if seeds.len() as i64 > most {
                break 'found;
            }
        }
        seeds.push(0);
        n = 0;
    }
    Ok(n)
}

#[allow(clippy::ptr_arg)]
fn sums(parts: &mut Vec<i64>, goal: i64) -> CuResult<i64> {
    let mut found: i64 = 0;
    let mut part_value_index = 0;
    while let Some(&part) = parts.get(part_value_index) {
        part_value_index += 1;
        let mut part_value_index = 0;
        while let Some(&other) = parts.get(part_value_index) {
            part_value_index += 1;
            if part
                .checked_add(other)
                .ok_or("loops_that_change_their_list.py:54: an int leaves 64 bits")?
                == goal
            {
                parts.remove(parts.iter().position(|&x| x == other).ok_or(
                    "loops_that_change_their_list.py:55: ValueError: list.remove(x): x not in list",
                )?);
                found += 1;
            }
        }
    }
    Ok(found)
}

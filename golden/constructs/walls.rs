//! Cells and words: sets that other sets change, words that a match takes apart, steps of a
//! table, and what is asked of a list that is only made to be asked.
//!
//! Translated by migrate 0.1.0 from `walls.py`: 35 of 35 statements.
//! Warning MIG0301 line 37: `scan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 63: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "walls", script = "walls.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a496b195a456f9fa", seal = "e99459777f27cf9c"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeSet;

const STEPS: [f64; 3] = [0.5, 1.0, 2.5];

#[derive(Debug, Reflect)]
pub struct Walls {
    state: DriveState,
    scan: Scan,
}

impl Freezable for Walls {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.scan, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.scan = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Walls {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            scan: Scan::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, meas) = *input;
        let (drive, alarm) = output;
        let (Some(goal_payload), Some(_)) = (goal.payload(), meas.payload()) else {
            return Ok(());
        };
        let speed = f64::from(goal_payload.speed);
        let at = (bisect_right(&STEPS, &speed) + bisect_left(&STEPS, &1.0)) as i64;
        let n = self.scan.step(at, &[at, at * 3]);
        let words = [
            "move 10".to_string(),
            "turn 3 left".to_string(),
            "turn 3 up".to_string(),
            "halt now".to_string(),
            "stop".to_string(),
            String::new(),
        ]
        .get((at % 6) as usize)
        .ok_or("walls.py:61: IndexError: list index out of range")?
        .clone();
        drive.set_payload(Drive {
            accel: (command(&words) + at as f64) as f32,
            sector: (n % 200) as u8,
        });
        alarm.set_payload(Alarm {
            reason: format!("{:?}", self.scan.walls.iter().copied().collect::<Vec<_>>()),
            missed: u32::try_from(
                self.scan
                    .made
                    .checked_add(
                        self.scan
                            .seen
                            .iter()
                            .try_fold(0_i64, |sum: i64, &x| sum.checked_add(x))
                            .ok_or("walls.py:63: an int leaves 64 bits")?,
                    )
                    .ok_or("walls.py:63: `the value` leaves u32")?,
            )
            .map_err(|_| "walls.py:63: `missed` leaves u32")?,
        });
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scan {
    made: i64,
    walls: BTreeSet<(i64, i64)>,
    seen: BTreeSet<i64>,
}

impl Scan {
    fn new() -> Self {
        Self {
            made: 0,
            walls: BTreeSet::from([(0, 0), (1, 1)]),
            seen: BTreeSet::from([3, 5]),
        }
    }

    fn load(&mut self, n: i64) -> [i64; 3] {
        self.made += 1;
        [n, n + 1, n + 2]
    }

    fn reset(&mut self) {
        self.made = 0;
    }

    fn step(&mut self, n: i64, cells: &[i64; 2]) -> i64 {
        let toggled: BTreeSet<(i64, i64)> = BTreeSet::from([(n, n), (1, 1)]);
        self.walls = self.walls.symmetric_difference(&toggled).copied().collect();
        let other = BTreeSet::from([(7, 7)]);
        self.walls.retain(|x| !other.contains(x));
        self.seen.extend(cells.iter().copied());
        self.seen.extend([n, n + 2]);
        let other_2 = (0..8).collect::<BTreeSet<_>>();
        self.seen.retain(|x| other_2.contains(x));
        let other_3 = BTreeSet::from([1, 2]);
        self.seen = self.seen.symmetric_difference(&other_3).copied().collect();
        self.load(n);
        {
            self.made += 2;
        }
        self.reset();
        {
            self.made += 1;
        }
        (self.walls.len() + self.seen.len()) as i64
    }
}

fn command(text: &str) -> f64 {
    let subject: Vec<String> = text
        .split(is_space)
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect();
    if subject.len() == 2 && subject[0] == "move" {
        let d = subject[1].clone();
        d.chars().count() as f64
    } else if subject.len() == 3
        && subject[0] == "turn"
        && (subject[2] == "left" || subject[2] == "right")
    {
        let side = subject[2].clone();
        if side == "left" { 1.5 } else { -1.5 }
    } else if subject.len() == 1 && subject[0] == "stop"
        || subject.len() == 2 && subject[0] == "halt"
    {
        0.0
    } else if !subject.is_empty() {
        let first = subject[0].clone();
        let rest = subject[1..].to_vec();
        rest.len() as f64 + first.chars().count() as f64
    } else {
        -1.0
    }
}

/// Python's `bisect.bisect_left(xs, x)`.
fn bisect_left<T: PartialOrd>(xs: &[T], x: &T) -> usize {
    let (mut low, mut high) = (0, xs.len());
    while low < high {
        let middle = (low + high) / 2;
        if xs[middle] < *x {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Python's `bisect.bisect_right(xs, x)`.
fn bisect_right<T: PartialOrd>(xs: &[T], x: &T) -> usize {
    let (mut low, mut high) = (0, xs.len());
    while low < high {
        let middle = (low + high) / 2;
        if *x < xs[middle] {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Whether Python's `c.isspace()` holds, which `strip()` and `split()` go by.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

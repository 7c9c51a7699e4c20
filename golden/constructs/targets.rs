//! One target is followed at a time; it may be lost, and another one comes.
//!
//! Translated by migrate 0.1.0 from `targets.py`: 67 of 67 statements.
//! Warning MIG0301 line 83: `follower` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 84: `spare` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "targets", script = "targets.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ee73cce4aea6a1ac", seal = "151bb9c4874b1c93"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const GATE: f64 = 5.0;
const PATIENCE: i64 = 3;

#[derive(Debug, Reflect)]
pub struct Targets {
    state: DriveState,
    follower: Follower,
    spare: Target,
}

impl Freezable for Targets {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.follower, encoder)?;
        Encode::encode(&self.spare, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.follower = Decode::decode(decoder)?;
        self.spare = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Targets {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            follower: {
                let items: (Vec<f64>, Vec<f64>) = curve();
                Follower::new(&items.0, &items.1)?
            },
            spare: Target::new(0.0, 0.0, Some((-1.5, 2.5))),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        let residual = self.follower.update(f64::from(goal_payload.speed), 0.05)?;
        self.spare.predict(residual);
        if residual < 0.0 {
            self.follower.miss();
        }
        if let Some(target) = &mut self.follower.target {
            target.rate *= 0.9;
            state.last = Some(target.mean()? as f32);
        }
        drive.payload_mut().get_or_insert_default().accel = (residual + self.spare.x) as f32;
        let missed = lookup(&self.follower.marks, "y")
            .ok_or("targets.py:100: KeyError (no such key, a str)")?
            .misses
            + self
                .follower
                .rows
                .first()
                .ok_or("targets.py:100: IndexError: list index out of range")?
                .len() as i64;
        alarm.set_payload(Alarm {
            reason: self.follower.name("base/arm/drive"),
            missed: u32::try_from(missed).map_err(|_| "targets.py:101: `missed` leaves u32")?,
        });
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Target {
    x: f64,
    rate: f64,
    limits: Option<(f64, f64)>,
    misses: i64,
    trail: Vec<f64>,
}

impl Target {
    fn new(x: f64, rate: f64, limits: Option<(f64, f64)>) -> Self {
        Self {
            x,
            rate,
            limits,
            misses: 0,
            trail: Vec::new(),
        }
    }

    fn predict(&mut self, dt: f64) {
        self.x += self.rate * dt;
        if let Some(limits) = self.limits {
            let (lo, hi) = limits;
            self.x = py_min(hi, if self.x > lo { self.x } else { lo });
        }
    }

    fn correct(&mut self, z: f64, dt: f64) -> f64 {
        let residual = z - self.x;
        self.x += 0.5 * residual;
        self.rate += 0.1 / dt * residual;
        self.misses = 0;
        self.trail.push(self.x);
        residual
    }

    fn mean(&self) -> CuResult<f64> {
        Ok(if !self.trail.is_empty() {
            true_div(
                self.trail.iter().fold(0.0, |sum, &x| sum + x),
                self.trail.len() as f64,
            )
            .ok_or("targets.py:32: ZeroDivisionError: float division by zero")?
        } else {
            self.x
        })
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Follower {
    marks: Vec<(String, Target)>,
    rows: Vec<Vec<f64>>,
    target: Option<Target>,
    lost: i64,
}

impl Follower {
    fn new(xs: &[f64], ys: &[f64]) -> CuResult<Self> {
        let marks: Vec<(String, Target)> = vec![
            (
                "x".to_string(),
                Target::new(
                    *xs.first()
                        .ok_or("targets.py:37: IndexError: list index out of range")?,
                    0.0,
                    None,
                ),
            ),
            (
                "y".to_string(),
                Target::new(
                    *ys.first()
                        .ok_or("targets.py:37: IndexError: list index out of range")?,
                    0.0,
                    None,
                ),
            ),
        ];
        let rows = vec![xs.to_vec(), ys.to_vec()];
        Ok(Self {
            marks,
            rows,
            target: None,
            lost: 0,
        })
    }

    fn update(&mut self, z: f64, dt: f64) -> CuResult<f64> {
        let Some(target) = &mut self.target else {
            self.target = Some(Target::new(z, 0.0, Some((-60.0, 60.0))));
            return Ok(0.0);
        };
        target.predict(dt);
        if (z - target.x).abs() > GATE {
            target.misses += 1;
            if target.misses > PATIENCE {
                self.lost += 1;
                self.target = None;
            }
            return Ok(-1.0);
        }
        let residual = target.correct(z, dt);
        let target = self
            .target
            .as_ref()
            .ok_or("targets.py:54: AttributeError (`self.target` is None)")?;
        if target.trail.len() > 4 {
            let target_value = self
                .target
                .as_mut()
                .ok_or("targets.py:55: AttributeError (`self.target` is None)")?;
            let items = &mut target_value.trail;
            (!items.is_empty())
                .then(|| items.remove(0))
                .ok_or("targets.py:55: IndexError: pop from empty list")?;
            let target = self
                .target
                .as_ref()
                .ok_or("targets.py:56: AttributeError (`self.target` is None)")?;
            self.keep(target.x)?;
        }
        Ok(residual)
    }

    fn keep(&mut self, x: f64) -> CuResult<()> {
        let list = self
            .rows
            .get((self.lost % 2) as usize)
            .ok_or("targets.py:60: IndexError: list index out of range")?;
        let mut row = list.to_vec();
        row.insert(0, x);
        *self
            .rows
            .get_mut((self.lost % 2) as usize)
            .ok_or("targets.py:62: IndexError: list assignment index out of range")? =
            row[..row.len().min(4)].to_vec();
        let at = index(0, self.rows.len())
            .ok_or("targets.py:63: IndexError: list index out of range")?;
        let items = &mut self.rows[at];
        items.insert(items.len().min(1), x);
        let at_2 = index(0, self.rows.len())
            .ok_or("targets.py:64: IndexError: list index out of range")?;
        self.rows[at_2]
            .pop()
            .ok_or("targets.py:64: IndexError: pop from empty list")?;
        Ok(())
    }

    fn miss(&mut self) {
        for (name, mark) in self.marks.iter_mut().map(|(key, value)| (&*key, value)) {
            if *name != "x" {
                mark.misses += 1;
            }
        }
        for (_, mark) in &mut self.marks {
            mark.trail.push(mark.x);
        }
    }

    fn name(&self, path: &str) -> String {
        format!(
            "{}:{}",
            path.rsplit('/').next().unwrap_or_default(),
            path.split('/').next().unwrap_or_default()
        )
    }
}

fn curve() -> (Vec<f64>, Vec<f64>) {
    let xs: Vec<f64> = (0..4).map(|i| (0.5 * i as f64).cos()).collect();
    let ys: Vec<f64> = (0..4).map(|i| (0.5 * i as f64).sin()).collect();
    (xs, ys)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
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

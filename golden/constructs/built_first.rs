//! What is built up first and shared afterwards; loops over what a builtin takes apart.
//!
//! Translated by migrate 0.1.0 from `built_first.py`: 85 of 85 statements.
//! Warning MIG0316 line 13: `1 << _width` may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! Warning MIG0316 line 14: `_at` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0301 line 75: `path` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 76: `lift` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 77: `plan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0316 line 119: `near` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0316 line 121: `near` may leave 64 bits: an error in the Rust, where Python goes on.
//! Warning MIG0316 line 138: `near << 8` may leave 64 bits: an error in the Rust, where Python goes
//! on.
//! migrate: task = "built_first", script = "built_first.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a0c413887a26ffd2", seal = "47933b18b71848d9"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const ACTIONS: [f64; 3] = [-0.5, 0.0, 0.5];
const FIELDS: [(&str, i64); 3] = [("count", 8), ("speed", 12), ("goal", 12)];

#[derive(Debug, Reflect)]
pub struct BuiltFirst {
    state: DriveState,
    offsets: BTreeMap<String, (i64, i64)>,
    path: Path,
    lift: Lift,
    plan: (f64, f64),
}

impl Freezable for BuiltFirst {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.path, encoder)?;
        Encode::encode(&self.lift, encoder)?;
        Encode::encode(&self.plan, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.path = Decode::decode(decoder)?;
        self.lift = Decode::decode(decoder)?;
        self.plan = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for BuiltFirst {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            offsets: initial_offsets()?,
            path: Path::new(&[(0.0, 0.0), (1.0, 0.5), (2.0, -0.5)])?,
            lift: Lift::new(),
            plan: (0.0, 0.0),
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
        let mut state = self.state.clone();
        let Some(measured_payload) = measured.payload() else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("built_first.py:110: `missed` leaves u32")?;
            let first = self.plan.0;
            let rest = [self.plan.1];
            self.plan = (rest[0], first * 0.5);
            self.state = state;
            return Ok(());
        };
        let left = f64::from(measured_payload.ranges[0]);
        let right = f64::from(measured_payload.ranges[1]);
        let others = [
            f64::from(measured_payload.ranges[2]),
            f64::from(measured_payload.ranges[3]),
        ];
        let sides = [
            ("left".to_string(), left),
            ("right".to_string(), right),
            (
                "rest".to_string(),
                others.iter().fold(0.0, |sum, &x| sum + x),
            ),
        ];
        let mut near: i64 = 0;
        for (place, &(ref _name, value)) in sides.iter().enumerate() {
            near = near
                .checked_add(if value < 0.5 { place as i64 } else { 0 })
                .ok_or("built_first.py:119: an int leaves 64 bits")?;
        }
        for (place, (name, _)) in sides.iter().enumerate() {
            near = near
                .checked_add(if name.contains('f') { place as i64 } else { 0 })
                .ok_or("built_first.py:121: an int leaves 64 bits")?;
        }

        let speed = f64::from(measured_payload.speed);
        self.lift.floor = near;
        self.lift.up.insert(near % 3);
        self.lift.down.insert(near.wrapping_add(1).rem_euclid(4));
        self.lift.serve();
        let accel = match check(speed, i64::from(state.missed)) {
            Ok(value_2) => value_2,
            Err(Raised::Late(_, e, e_code) | Raised::Skewed(_, e, e_code)) => {
                state.missed = 0;
                alarm.set_payload(Alarm {
                    reason: format!(
                        "{e_code:#x} {e} {}",
                        self.lift.log.iter().cloned().collect::<Vec<_>>().join(" ")
                    ),
                    missed: e_code as u32,
                });
                0.0
            }
        };
        if speed.abs() < 100.0 {
            self.plan = best_of(speed);
        }
        let window = [self.plan.0, self.plan.1, f64::from(self.lift.above())];
        state.window = <[f32; 4]>::try_from(
            [
                [self.path.x.at(speed)?, self.path.y.at(speed)?].as_slice(),
                &window[..2],
            ]
            .concat()
            .iter()
            .map(|&x| x as f32)
            .collect::<Vec<_>>(),
        )
        .map_err(|_| "built_first.py:137: `window` takes 4 values")?;
        let word = shift_left(near, 8).ok_or("built_first.py:138: `<<` leaves 64 bits")?
            | i64::from(state.missed & 0xFF);
        let sector =
            bits(word, "count", &self.offsets)?.wrapping_add(bits(word, "speed", &self.offsets)?)
                & 0xFF;
        drive.set_payload(Drive {
            accel: (accel + self.plan.0) as f32,
            sector: sector as u8,
        });
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[derive(Debug)]
enum Raised {
    Late(&'static str, String, i64),
    Skewed(&'static str, String, i64),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::Late(at, message, ..) => format!("{at}: Late: {message}").into(),
            Raised::Skewed(at, message, ..) => format!("{at}: Skewed: {message}").into(),
        }
    }
}

fn initial_offsets() -> CuResult<BTreeMap<String, (i64, i64)>> {
    let mut offsets: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut _at: i64 = 0;
    for &(_name, _width) in &FIELDS {
        offsets.insert(
            _name.to_string(),
            (
                _at,
                i64::try_from(
                    i128::from(shift_left(1, _width).ok_or(
                        "built_first.py:13: ValueError (`<<` leaves 64 bits, or a negative shift)",
                    )?) - 1,
                )
                .map_err(|_| "built_first.py:13: `an element` leaves i64")?,
            ),
        );
        _at = _at
            .checked_add(_width)
            .ok_or("built_first.py:14: an int leaves 64 bits")?;
    }
    Ok(offsets)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Axis {
    knots: Vec<f64>,
    values: Vec<f64>,
}

impl Axis {
    fn new(knots: Vec<f64>, values: &[f64]) -> Self {
        let values_value = values.to_vec();
        Self {
            knots,
            values: values_value,
        }
    }

    fn at(&self, t: f64) -> CuResult<f64> {
        let mut best = *self
            .values
            .first()
            .ok_or("built_first.py:39: IndexError: list index out of range")?;
        for (&knot, &value) in self.knots.iter().zip(&self.values) {
            if t >= knot {
                best = value;
            }
        }
        Ok(best)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Path {
    x: Axis,
    y: Axis,
}

impl Path {
    fn new(points: &[(f64, f64)]) -> CuResult<Self> {
        let mut knots: Vec<f64> = vec![0.0];
        for (&(x0, y0), &(x1, y1)) in points.iter().zip(&points[points.len().min(1)..]) {
            knots.push(
                *knots
                    .last()
                    .ok_or("built_first.py:50: IndexError: list index out of range")?
                    + (x1 - x0).abs()
                    + (y1 - y0).abs(),
            );
        }
        let x = Axis::new(
            knots.clone(),
            &points.iter().map(|&p| p.0).collect::<Vec<_>>(),
        );
        let y = Axis::new(knots, &points.iter().map(|&p| p.1).collect::<Vec<_>>());
        Ok(Self { x, y })
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lift {
    up: BTreeSet<i64>,
    down: BTreeSet<i64>,
    log: VecDeque<String>,
    floor: i64,
}

impl Lift {
    fn new() -> Self {
        Self {
            up: BTreeSet::new(),
            down: BTreeSet::new(),
            log: VecDeque::with_capacity(3),
            floor: 0,
        }
    }

    fn pending(&self) -> BTreeSet<i64> {
        &self.up | &self.down
    }

    fn above(&self) -> bool {
        self.pending().iter().any(|&floor| floor > self.floor)
    }

    fn serve(&mut self) {
        if self.up.contains(&self.floor) {
            self.up.remove(&self.floor);
            push_window(&mut self.log, 3, format!("at {}", self.floor));
        }
        if self.down.contains(&self.floor) {
            self.down.remove(&self.floor);
            push_window(&mut self.log, 3, format!("at {}", self.floor));
        }
    }
}

fn bits(word: i64, name: &str, offsets: &BTreeMap<String, (i64, i64)>) -> CuResult<i64> {
    let (shift, mask) = *offsets
        .get(name)
        .ok_or("built_first.py:81: KeyError (no such key, a str)")?;
    Ok(
        shift_right(word, shift).ok_or("built_first.py:82: ValueError: negative shift count")?
            & mask,
    )
}

fn best_of(speed: f64) -> (f64, f64) {
    let mut best: (f64, f64) = (0.0, 0.0);
    let mut cost = 1e9;
    let mut values: Vec<(f64, f64)> = Vec::new();
    for &first in &ACTIONS {
        for &second in &ACTIONS {
            values.push((first, second));
        }
    }
    for actions in values {
        let mut v = speed;
        let mut total = 0.0;
        for action in [actions.0, actions.1] {
            v += action;
            total += v * v;
        }
        if total < cost {
            best = actions;
            cost = total;
        }
    }
    best
}

fn check(speed: f64, missed: i64) -> Result<f64, Raised> {
    if missed > 5 {
        return Err(Raised::Late("built_first.py:100", "".into(), 0x11));
    }
    if speed > 1.5 {
        return Err(Raised::Skewed(
            "built_first.py:102",
            format!("skewed by {}", fixed_text(speed, 2)),
            0x12,
        ));
    }
    Ok(speed)
}

/// Python's `a << n`: `None` where it raises, or leaves 64 bits.
fn shift_left(a: i64, n: i64) -> Option<i64> {
    if n < 0 {
        return None;
    }
    if a == 0 {
        return Some(0);
    }
    let shifted = a.checked_shl(u32::try_from(n).ok()?)?;
    (shifted >> n == a).then_some(shifted)
}

/// Python's `a >> n`: `None` where it raises.
fn shift_right(a: i64, n: i64) -> Option<i64> {
    (n >= 0).then(|| a >> n.min(63))
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

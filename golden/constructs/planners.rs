//! A grid planner, a sampler of paths and a car's state, as their authors write them.
//!
//! Translated by migrate 0.1.0 from `planners.py`: 98 of 98 statements.
//! Warning MIG0316 line 36: `node.y * self.width` may leave 64 bits: an error in the Rust, where
//! Python goes on.
//! Warning MIG0301 line 99: `CAR_BUTTONS` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 143: `car` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 144: `planner` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 145: `seen` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "planners", script = "planners.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "641de02b9ee44cb9", seal = "cd43d4de7226ea07"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Planners {
    state: DriveState,
    car_buttons: BTreeMap<i64, Button>,
    car: Car,
    planner: Planner,
    seen: Vec<f64>,
}

impl Freezable for Planners {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.car_buttons, encoder)?;
        Encode::encode(&self.car, encoder)?;
        Encode::encode(&self.planner, encoder)?;
        Encode::encode(&self.seen, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.car_buttons = Decode::decode(decoder)?;
        self.car = Decode::decode(decoder)?;
        self.planner = Decode::decode(decoder)?;
        self.seen = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Planners {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            car_buttons: BTreeMap::from([(1, Button::Cancel), (2, Button::Resume)]),
            car: Car::new(),
            planner: Planner::new(5, 4),
            seen: vec![0.5],
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
        let (Some(_), Some(measured_payload)) = (goal.payload(), measured.payload()) else {
            return Ok(());
        };
        let speed = (-3.0_f64).max(3.0_f64.min(f64::from(measured_payload.speed)));
        let ret = self
            .car
            .update(speed, speed.abs().trunc() as i64, &self.car_buttons)?;
        let cost = self.planner.plan(speed.abs().trunc() as i64 + 1, 2)?;
        let paths = cheapest(&sample(speed)?, 2.5)?;
        let best = if !paths.is_empty() {
            Some(
                paths
                    .iter()
                    .reduce(|best_2, path| {
                        if path.cost < best_2.cost {
                            path
                        } else {
                            best_2
                        }
                    })
                    .ok_or("planners.py:156: ValueError: min() arg is an empty sequence")?
                    .clone(),
            )
        } else {
            None
        };
        let turn = product(&mut vec![
            vec![vec![0.0, 1.0], vec![-1.0, 0.0]],
            vec![vec![ret.speed, 0.0], vec![0.0, 1.0]],
        ])?;
        if self.seen.len() > 5 {
            self.seen.clear();
        }
        let value = grow(&mut self.seen);
        let average = mean(&self.seen, value)?;
        drive.set_payload(Drive {
            accel: (ret.speed
                + cost.unwrap_or(0.0)
                + *turn
                    .get(1)
                    .ok_or("planners.py:161: IndexError: list index out of range")?
                    .first()
                    .ok_or("planners.py:161: IndexError: list index out of range")?
                + average) as f32,
            sector: if let Some(best) = &best {
                u8::try_from(best.d.len()).map_err(|_| "planners.py:163: `the value` leaves u8")?
            } else {
                0
            },
        });
        if self.car.gap.is_some() || speed > 2.0 {
            alarm.set_payload(Alarm {
                reason: format!(
                    "gap {} of {}",
                    self.car
                        .gap
                        .ok_or("planners.py:166: TypeError (None is no number)")?,
                    fixed_text(ret.speed, 1)
                ),
                missed: (i128::from(
                    self.planner
                        .expanded
                        .checked_add(self.planner.came_from)
                        .ok_or("planners.py:166: an int leaves 64 bits")?,
                ) + 1)
                    .rem_euclid(1000) as u32,
            });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Button {
    None = 0,
    Cancel = 1,
    Resume = 2,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Planner {
    width: i64,
    height: i64,
    expanded: i64,
    came_from: i64,
    motion: Vec<(i64, i64, f64)>,
}

impl Planner {
    fn new(width: i64, height: i64) -> Self {
        // nobody reads it
        Self {
            width,
            height,
            expanded: 0,
            came_from: -1,
            motion: Self::motions(),
        }
    }

    fn motions() -> Vec<(i64, i64, f64)> {
        // dx, dy, cost
        vec![
            (1, 0, 1.0),
            (0, 1, 1.0),
            (-1, 0, 1.0),
            (0, -1, 1.0),
            (1, 1, 2.0_f64.sqrt()),
            (-1, -1, 2.0_f64.sqrt()),
        ]
    }

    fn index(&self, node: Node) -> CuResult<i64> {
        Ok(node
            .y
            .checked_mul(self.width)
            .ok_or("planners.py:36: an int leaves 64 bits")?
            .checked_add(node.x)
            .ok_or("planners.py:36: `the value` leaves i64")?)
    }

    fn plan(&mut self, gx: i64, gy: i64) -> CuResult<Option<f64>> {
        let mut open_set: Vec<(i64, Node)> = Vec::new();
        let mut closed_set: BTreeMap<i64, Node> = BTreeMap::new();
        let start = Node::new(0, 0, 0.0, -1);
        let key_2 = self.index(start)?;
        set_item(&mut open_set, key_2, start);
        while !open_set.is_empty() {
            let mut best = None;
            for o in open_set.iter().map(|&(key, _)| key) {
                let score = lookup(&open_set, &o)
                    .ok_or("planners.py:43: KeyError (no such key, an int)")?
                    .cost
                    + hypot([
                        gx.checked_sub(
                            lookup(&open_set, &o)
                                .ok_or("planners.py:43: KeyError (no such key, an int)")?
                                .x,
                        )
                        .ok_or("planners.py:43: an int leaves 64 bits")?
                            as f64,
                        gy.checked_sub(
                            lookup(&open_set, &o)
                                .ok_or("planners.py:43: KeyError (no such key, an int)")?
                                .y,
                        )
                        .ok_or("planners.py:43: an int leaves 64 bits")?
                            as f64,
                    ]);
                if best.is_none_or(|(held, _)| score < held) {
                    best = Some((score, o));
                }
            }
            let at = best
                .map(|(_, o)| o)
                .ok_or("planners.py:43: ValueError: min() arg is an empty sequence")?;
            let current =
                *lookup(&open_set, &at).ok_or("planners.py:44: KeyError (no such key, an int)")?;
            if current.x == gx && current.y == gy {
                self.came_from = current.parent;
                return Ok(Some(current.cost));
            }
            pop_item(&mut open_set, &at).ok_or("planners.py:48: KeyError (no such key, an int)")?;
            closed_set.insert(at, current);
            self.expanded += 1;
            for (i, _) in self.motion.iter().enumerate() {
                let node = Node::new(
                    current
                        .x
                        .checked_add(
                            self.motion
                                .get(i)
                                .ok_or("planners.py:52: IndexError: list index out of range")?
                                .0,
                        )
                        .ok_or("planners.py:52: `the value` leaves i64")?,
                    current
                        .y
                        .checked_add(
                            self.motion
                                .get(i)
                                .ok_or("planners.py:52: IndexError: list index out of range")?
                                .1,
                        )
                        .ok_or("planners.py:52: `the value` leaves i64")?,
                    current.cost
                        + self
                            .motion
                            .get(i)
                            .ok_or("planners.py:52: IndexError: list index out of range")?
                            .2,
                    at,
                );
                let key = self.index(node)?;
                if !((0..self.width).contains(&node.x) && (0..self.height).contains(&node.y))
                    || closed_set.contains_key(&key)
                {
                    continue;
                }
                if lookup(&open_set, &key).is_none()
                    || lookup(&open_set, &key)
                        .ok_or("planners.py:57: KeyError (no such key, an int)")?
                        .cost
                        > node.cost
                {
                    set_item(&mut open_set, key, node);
                }
            }
        }
        Ok(None)
    }
}

#[derive(Debug, Clone, Copy)]
struct Node {
    x: i64,
    y: i64,
    cost: f64,
    parent: i64,
}

impl Node {
    fn new(x: i64, y: i64, cost: f64, parent: i64) -> Self {
        Self { x, y, cost, parent }
    }
}

#[derive(Debug, Clone)]
struct Path {
    t: Vec<f64>,
    d: Vec<f64>,
    cost: f64,
}

impl Path {
    fn new() -> Self {
        Self {
            t: Vec::new(),
            d: Vec::new(),
            cost: 0.0,
        }
    }
}

fn sample(speed: f64) -> CuResult<Vec<Path>> {
    let mut paths: Vec<Path> = Vec::new();
    for &k in &[0.5, 1.0] {
        let mut path = Path::new();
        path.t = (0..4).map(|i| i as f64 * 0.25).collect();
        path.d = path.t.iter().map(|&t| t * k * speed).collect();
        for extra in 0..2 {
            let mut other = path.clone();
            other.cost = (*other
                .d
                .last()
                .ok_or("planners.py:77: IndexError: list index out of range")?
                - 1.0)
                .abs()
                + extra as f64;
            paths.push(other);
        }
    }
    Ok(paths)
}

fn cheapest(paths: &[Path], limit: f64) -> CuResult<Vec<Path>> {
    let ok: Vec<i64> = paths
        .iter()
        .enumerate()
        .filter(|&(_, path)| path.cost < limit)
        .map(|(i, _)| i as i64)
        .collect();
    let mut values: Vec<Path> = Vec::new();
    for &i in &ok {
        values.push(
            paths[index(i, paths.len())
                .ok_or("planners.py:84: IndexError: list index out of range")?]
            .clone(),
        );
    }
    Ok(values)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Cruise {
    enabled: bool,
}

impl Cruise {
    fn new() -> Self {
        Self { enabled: false }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct CarState {
    speed: f64,
    cruise: Cruise,
}

impl CarState {
    fn new() -> Self {
        Self {
            speed: 0.0,
            cruise: Cruise::new(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Car {
    out: CarState,
    gap: Option<i64>,
}

impl Car {
    fn new() -> Self {
        Self {
            out: CarState::new(),
            gap: None,
        }
    }

    fn button(code: i64, names: &BTreeMap<i64, Button>) -> Button {
        names.get(&code).copied().unwrap_or(Button::None)
    }

    fn update(
        &mut self,
        speed: f64,
        code: i64,
        car_buttons: &BTreeMap<i64, Button>,
    ) -> CuResult<CarState> {
        let mut ret = CarState::new();
        ret.speed = 0.5 * self.out.speed + 0.5 * speed;
        ret.cruise = self.out.cruise.clone();
        if Self::button(code, car_buttons) == Button::Cancel {
            ret.cruise.enabled = false;
        } else if Self::button(code, car_buttons) == Button::Resume {
            ret.cruise.enabled = true;
        }
        if ret.cruise.enabled {
            self.gap = Some(
                float_to_int(ret.speed.trunc())
                    .ok_or("planners.py:118: ValueError or OverflowError (int: no 64-bit int)")?,
            );
        }
        self.out = ret.clone();
        Ok(ret)
    }
}

#[allow(clippy::ptr_arg)]
fn product(factors: &mut Vec<Vec<Vec<f64>>>) -> CuResult<Vec<Vec<f64>>> {
    let mut out = factors
        .first()
        .ok_or("planners.py:124: IndexError: list index out of range")?
        .to_vec();
    for other in &factors[factors.len().min(1)..] {
        let left = out;
        let mut values: Vec<Vec<f64>> = Vec::new();
        for _ in &left {
            values.push(
                other
                    .first()
                    .ok_or("planners.py:127: IndexError: list index out of range")?
                    .iter()
                    .map(|_| 0.0)
                    .collect(),
            );
        }
        out = values;
        for (i, row) in left.iter().enumerate() {
            for j in 0..other
                .first()
                .ok_or("planners.py:129: IndexError: list index out of range")?
                .len()
            {
                *out.get_mut(i)
                    .ok_or("planners.py:130: IndexError: list index out of range")?
                    .get_mut(j)
                    .ok_or("planners.py:130: IndexError: list assignment index out of range")? =
                    *row.first()
                        .ok_or("planners.py:130: IndexError: list index out of range")?
                        * *other
                            .first()
                            .ok_or("planners.py:130: IndexError: list index out of range")?
                            .get(j)
                            .ok_or("planners.py:130: IndexError: list index out of range")?
                        + *row
                            .get(1)
                            .ok_or("planners.py:130: IndexError: list index out of range")?
                            * *other
                                .get(1)
                                .ok_or("planners.py:130: IndexError: list index out of range")?
                                .get(j)
                                .ok_or("planners.py:130: IndexError: list index out of range")?;
            }
        }
    }
    Ok(out)
}

#[allow(clippy::ptr_arg)]
fn grow(xs: &mut Vec<f64>) -> i64 {
    xs.push(1.0);
    xs.len() as i64
}

fn mean(xs: &[f64], count: i64) -> CuResult<f64> {
    Ok(
        true_div(xs.iter().fold(0.0, |sum, &x| sum + x), count as f64)
            .ok_or("planners.py:140: ZeroDivisionError: float division by zero")?,
    )
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's `math.hypot(…)` to the last bit, which the C library's does not give.
fn hypot<const N: usize>(sides: [f64; N]) -> f64 {
    const TWO_27_PLUS_1: f64 = 134_217_729.0;
    if sides.iter().any(|side| side.is_infinite()) {
        return f64::INFINITY;
    }
    if sides.iter().any(|side| side.is_nan()) {
        return f64::NAN;
    }
    let sides = sides.map(f64::abs);
    let max = sides.into_iter().fold(0.0, f64::max);
    if max == 0.0 || N == 1 {
        return max;
    }
    if max.is_subnormal() {
        return f64::MIN_POSITIVE * hypot(sides.map(|side| side / f64::MIN_POSITIVE));
    }
    // Brings the largest to at least 2 and less than 4; a quarter of that is what CPython takes.
    let scale = f64::from_bits((2047 << 52) - (max.to_bits() & (2047 << 52)));
    // The sum of the squares in twice the precision.
    let (mut sum, mut high, mut middle, mut low) = (1.0, 0.0, 0.0, 0.0);
    let add = |sum: &mut f64, rest: &mut f64, part: f64| {
        let before = *sum;
        *sum += part;
        *rest += (before - *sum) + part;
    };
    let halves = |value: f64| {
        let split = value * TWO_27_PLUS_1;
        let upper = split - (split - value);
        (upper, value - upper)
    };
    for side in sides {
        let (upper, lower) = halves(side * scale * 0.25);
        add(&mut sum, &mut high, upper * upper);
        add(&mut sum, &mut middle, 2.0 * upper * lower);
        low += lower * lower;
    }
    let root = (sum - 1.0 + (high + middle + low)).sqrt();
    // One step of Newton's with what the root leaves.
    let (upper, lower) = halves(root);
    add(&mut sum, &mut high, -upper * upper);
    add(&mut sum, &mut middle, -2.0 * upper * lower);
    add(&mut sum, &mut low, -lower * lower);
    let rest = sum - 1.0 + (high + middle + low);
    4.0 * (root + rest / (2.0 * root)) / scale
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

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// Python's `d.pop(key)`: the others keep their order. `None` where it raises a KeyError.
fn pop_item<K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &mut Vec<(K, V)>,
    key: &Q,
) -> Option<V> {
    let at = entries.iter().position(|(k, _)| k.borrow() == key)?;
    Some(entries.remove(at).1)
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

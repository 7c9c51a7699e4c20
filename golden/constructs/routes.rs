//! A route is there or not: what asks for its points where there is none raises, as in Python.
//!
//! Translated by migrate 0.1.0 from `routes.py`: 61 of 61 statements.
//! Warning MIG0301 line 65: `walker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 66: `failed` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "routes", script = "routes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "4874f97083c4d379", seal = "1898d3c06bd20759"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Routes {
    state: DriveState,
    walker: Walker,
    failed: BTreeMap<String, i64>,
}

impl Freezable for Routes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.walker, encoder)?;
        Encode::encode(&self.failed, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.walker = Decode::decode(decoder)?;
        self.failed = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Routes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            walker: Walker::new(),
            failed: BTreeMap::new(),
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
        let mut state = self.state.clone();
        let Some(measured) = meas.payload() else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("routes.py:72: `missed` leaves u32")?;
            if state.missed.is_multiple_of(7) {
                self.walker.forget()?;
            }
            self.state = state;
            return Ok(());
        };
        let near: Vec<f64> = measured
            .ranges
            .iter()
            .map(|&r| {
                if !r.is_nan() {
                    (-9.0_f64).max(9.0_f64.min(f64::from(r)))
                } else {
                    0.0
                }
            })
            .collect();
        let (wheels, cut) = normalised(
            Wheels {
                left: *near
                    .first()
                    .ok_or("routes.py:77: IndexError: list index out of range")?,
                right: *near
                    .get(1)
                    .ok_or("routes.py:77: IndexError: list index out of range")?,
                lift: *near
                    .get(2)
                    .ok_or("routes.py:77: IndexError: list index out of range")?,
            },
            1.0,
        )?;
        let mut length: f64;
        let point: Point;
        'tried: {
            let e;
            'failed: {
                if let Some(goal_payload) = goal.payload() {
                    match self.walker.set_off(
                        *near
                            .get(3)
                            .ok_or("routes.py:80: IndexError: list index out of range")?,
                        f64::from(goal_payload.speed),
                    ) {
                        Ok(()) => {}
                        Err(Raised::TypeError(_, text)) => {
                            e = text;
                            break 'failed;
                        }
                        Err(error) => {
                            return Err(error.into());
                        }
                    }
                }
                length = match self.walker.length() {
                    Ok(value) => value,
                    Err(Raised::TypeError(_, text)) => {
                        e = text;
                        break 'failed;
                    }
                    Err(error) => {
                        return Err(error.into());
                    }
                };
                point = match self.walker.step() {
                    Ok(value) => value,
                    Err(Raised::TypeError(_, text)) => {
                        e = text;
                        break 'failed;
                    }
                    Err(error) => {
                        return Err(error.into());
                    }
                };
                break 'tried;
            }
            let text = e;
            let value = self
                .failed
                .get(&text)
                .copied()
                .unwrap_or(0)
                .checked_add(1)
                .ok_or("routes.py:85: an int leaves 64 bits")?;
            self.failed.insert(text.clone(), value);
            alarm.set_payload(Alarm {
                reason: text.clone(),
                missed: u32::try_from(
                    *self
                        .failed
                        .get(&text)
                        .ok_or("routes.py:86: KeyError (no such key, a str)")?,
                )
                .map_err(|_| "routes.py:86: `missed` leaves u32")?,
            });
            point = Point {
                x: *near
                    .first()
                    .ok_or("routes.py:87: IndexError: list index out of range")?,
                y: *near
                    .get(1)
                    .ok_or("routes.py:87: IndexError: list index out of range")?,
                heading: *near
                    .get(2)
                    .ok_or("routes.py:87: IndexError: list index out of range")?,
            };
            length = -1.0;
        }
        let Point { x, y, heading } = point;
        state.window = [x as f32, y as f32, heading as f32, length as f32];
        let kind: i64 = if (point.x, point.y, point.heading) < (0.0, 0.0, 0.0) {
            1
        } else if 0.0 == point.x || 0.0 == point.y || 0.0 == point.heading {
            2
        } else {
            3
        };
        drive.set_payload(Drive {
            accel: ([wheels.left, wheels.right, wheels.lift]
                .into_iter()
                .fold(0.0, |sum, x| sum + x)
                + field(wheels, self.walker.done % 4)) as f32,
            sector: (kind * 2 + i64::from(cut)) as u8,
        });
        self.state = state;
        Ok(())
    }
}

/// What is raised in Python: where, and what it says.
#[allow(clippy::enum_variant_names)]
#[derive(Debug)]
enum Raised {
    AttributeError(&'static str, String),
    IndexError(&'static str, String),
    TypeError(&'static str, String),
}

impl From<Raised> for CuError {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::AttributeError(at, message) => {
                format!("{at}: AttributeError: {message}").into()
            }
            Raised::IndexError(at, message) => format!("{at}: IndexError: {message}").into(),
            Raised::TypeError(at, message) => format!("{at}: TypeError: {message}").into(),
        }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Point {
    x: f64,
    y: f64,
    heading: f64,
}

#[derive(Debug, Clone, Copy)]
struct Wheels {
    left: f64,
    right: f64,
    lift: f64,
}

/// The next points, or nothing where they lie too far away.
fn plan(start: f64, reach: f64) -> Option<(Vec<Point>, f64)> {
    if reach > 8.0 {
        return None;
    }
    let points: Vec<Point> = (1..4)
        .map(|i| Point {
            x: start + i as f64 * 0.5,
            y: reach * i as f64,
            heading: reach.atan2(0.5),
        })
        .collect();
    let value = points
        .iter()
        .map(|&p| p.y.abs())
        .fold(0.0, |sum, x| sum + x);
    Some((points, value))
}

fn normalised(wheels: Wheels, top: f64) -> CuResult<(Wheels, bool)> {
    let biggest = [wheels.left, wheels.right, wheels.lift]
        .into_iter()
        .map(|item| item.abs())
        .reduce(|best, x| if x > best { x } else { best })
        .ok_or("routes.py:21: ValueError: max() arg is an empty sequence")?;
    if biggest <= top {
        return Ok((wheels, false));
    }
    let items = (
        wheels.left / biggest * top,
        wheels.right / biggest * top,
        wheels.lift / biggest * top,
    );
    Ok((
        Wheels {
            left: items.0,
            right: items.1,
            lift: items.2,
        },
        true,
    ))
}

fn field(wheels: Wheels, which: i64) -> f64 {
    if which < 3 {
        [wheels.left, wheels.right, wheels.lift][which as usize]
    } else {
        0.0
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Walker {
    route: Option<Vec<Point>>,
    costs: Option<[f64; 2]>,
    done: i64,
}

impl Walker {
    fn new() -> Self {
        Self {
            route: None,
            costs: None,
            done: 0,
        }
    }

    fn set_off(&mut self, start: f64, reach: f64) -> Result<(), Raised> {
        let (route, cost) = plan(start, reach).ok_or_else(|| {
            Raised::TypeError(
                "routes.py:38",
                "cannot unpack non-iterable NoneType object".into(),
            )
        })?;
        self.route = Some(route);
        self.costs = Some([cost, cost * 0.5]);
        Ok(())
    }

    fn step(&mut self) -> Result<Point, Raised> {
        // Nobody asked whether there is a route.
        let Some(route) = &self.route else {
            return Err(Raised::TypeError(
                "routes.py:44",
                "'NoneType' object is not subscriptable".into(),
            ));
        };
        let first = *route
            .first()
            .ok_or_else(|| Raised::IndexError("routes.py:44", "list index out of range".into()))?;
        let Some(costs) = &mut self.costs else {
            return Err(Raised::TypeError(
                "routes.py:45",
                "'NoneType' object is not subscriptable".into(),
            ));
        };
        costs[0] -= 0.25;
        let items = self
            .route
            .as_mut()
            .ok_or_else(|| Raised::AttributeError("routes.py:46", "None".into()))?;
        (!items.is_empty())
            .then(|| items.remove(0))
            .ok_or_else(|| Raised::IndexError("routes.py:46", "pop from empty list".into()))?;
        if self
            .route
            .as_ref()
            .ok_or_else(|| Raised::AttributeError("routes.py:47", "None".into()))?
            .is_empty()
        {
            self.route = None;
        }
        self.done += 1;
        Ok(first)
    }

    fn length(&self) -> Result<f64, Raised> {
        let mut total = 0.0;
        for &point in self.route.as_ref().ok_or_else(|| {
            Raised::TypeError("routes.py:54", "'NoneType' object is not iterable".into())
        })? {
            total += hypot([point.x, point.y]);
        }
        Ok(total)
    }

    fn forget(&mut self) -> CuResult<()> {
        if let Some(route) = &mut self.route {
            route.clear();
            route.push(Point {
                x: 0.0,
                y: 0.0,
                heading: 0.0,
            });
            *route
                .get_mut(0)
                .ok_or("routes.py:62: IndexError: list assignment index out of range")? = Point {
                x: 1.0,
                y: 1.0,
                heading: 0.0,
            };
        }
        Ok(())
    }
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

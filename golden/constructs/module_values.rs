//! Values that are computed once, where the task is made.
//!
//! Translated by migrate 0.1.0 from `module_values.py`: 43 of 43 statements.
//! Warning MIG0301 line 31: `wheels` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 32: `left` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 33: `right` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "module_values", script = "module_values.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "b95ae888dc59220b", seal = "4bfdb3df677e20ed"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const STEPS: i64 = 8;
const LONGEST: f64 = 5.0; // max(len(name) for name in ("idle", "fault"))
const COUNT: usize = 3; // len(NAMES)
const CORNERS: [(f64, f64); 3] = [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0)];

const GAINS_KP: f64 = 1.5;

#[derive(Debug, Reflect)]
pub struct ModuleValues {
    state: DriveState,
    sines: Vec<f64>,
    wheels: Vec<Wheel>,
    left: Wheel,
    right: Wheel,
    areas: Vec<f64>,
    perimeter: f64,
}

impl Freezable for ModuleValues {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.wheels, encoder)?;
        Encode::encode(&self.left, encoder)?;
        Encode::encode(&self.right, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.wheels = Decode::decode(decoder)?;
        self.left = Decode::decode(decoder)?;
        self.right = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ModuleValues {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let edges: Vec<((f64, f64), (f64, f64))> = CORNERS
            .iter()
            .zip(&[&CORNERS[1..], &CORNERS[..1]].concat())
            .map(|(&first, &second)| (first, second))
            .collect();
        let sines = initial_sines();
        let wheels: Vec<Wheel> = (0..2)
            .map(|i| Wheel::new(i, 0.1 + 0.05 * i as f64))
            .collect();
        let left = Wheel::new(0, 0.2);
        let right = initial_right();
        let radii: Vec<f64> = {
            let mut ordered: Vec<f64> = [0.4, 0.1].to_vec();
            py_sort(&mut ordered, |&x| x)
                .ok_or("module_values.py:36: a NaN among 64 or more values to sort")?;
            ordered
        };
        let areas: Vec<f64> = radii.iter().map(|&r| r * r).collect();
        let perimeter = length(&edges);
        Ok(Self {
            state: DriveState::default(),
            sines,
            wheels,
            left,
            right,
            areas,
            perimeter,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, p) = *input;
        let (drive, alarm) = output;
        let Some(measured) = p.payload() else {
            return Ok(());
        };
        let mut speeds: Vec<f64> = Vec::new();
        for (w, &v) in self.wheels.iter_mut().zip(&measured.ranges) {
            speeds.push(w.drive(f64::from(v)));
        }
        self.left.drive(f64::from(measured.speed));
        self.right.drive(
            f64::from(measured.speed)
                * self.areas[index(self.right.index - 1, self.areas.len())
                    .ok_or("module_values.py:60: IndexError: list index out of range")?],
        );
        let phase = *self
            .sines
            .get(COUNT)
            .ok_or("module_values.py:61: IndexError: list index out of range")?;
        drive.payload_mut().get_or_insert_default().accel = (GAINS_KP * phase
            + self.perimeter
            + speeds.iter().fold(0.0, |sum, &x| sum + x)
            + self.left.speed
            + LONGEST) as f32;
        alarm.payload_mut().get_or_insert_default().reason =
            (if measured.speed > 1.0 { "fast" } else { "slow" }).to_string();
        Ok(())
    }
}

// one turn
fn initial_sines() -> Vec<f64> {
    let mut sines: Vec<f64> = Vec::new();
    for i in 0..STEPS {
        sines.push((2.0 * std::f64::consts::PI * i as f64 / STEPS as f64).sin());
    }
    sines.push(0.0);
    sines
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    index: i64,
    radius: f64,
    speed: f64,
}

impl Wheel {
    fn new(index: i64, radius: f64) -> Self {
        Self {
            index,
            radius,
            speed: 0.0,
        }
    }

    fn drive(&mut self, speed: f64) -> f64 {
        self.speed = speed / self.radius;
        self.speed
    }
}

fn initial_right() -> Wheel {
    let mut right = Wheel::new(1, 0.2);
    right.radius = 0.25;
    right.index += 1;
    right
}

#[allow(clippy::type_complexity)]
fn length(edges: &[((f64, f64), (f64, f64))]) -> f64 {
    let mut total = 0.0;
    for &(a, b) in edges {
        total += hypot([b.0 - a.0, b.1 - a.1]);
    }
    total
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

/// Python's `xs.sort(key=…)` by numbers: stable, and with a NaN as CPython sorts fewer than 64
/// values. `None` where a NaN is among more.
fn py_sort<T, K: PartialOrd>(xs: &mut [T], key: impl Fn(&T) -> K) -> Option<()> {
    let order = |a: &T, b: &T| key(a).partial_cmp(&key(b));
    if xs.iter().all(|x| order(x, x).is_some()) {
        xs.sort_by(|a, b| order(a, b).unwrap_or(std::cmp::Ordering::Equal));
        return Some(());
    }
    let less = |a: &T, b: &T| key(a) < key(b);
    let falls = |pair: &[T]| matches!(pair, [a, b] if less(b, a));
    let down = xs.windows(2).take_while(|pair| falls(pair)).count();
    let up = xs.windows(2).take_while(|pair| !falls(pair)).count();
    let run = down.max(up) + 1;
    if down > 0 {
        xs.get_mut(..run)?.reverse();
    }
    for end in run..xs.len() {
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(xs.get(end)?, xs.get(middle)?) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        xs.get_mut(low..=end)?.rotate_right(1);
    }
    (xs.len() < 64).then_some(())
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

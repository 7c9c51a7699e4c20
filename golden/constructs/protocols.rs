//! What operators and loops ask of objects: items that are set, `__iter__`, `__next__`, order.
//!
//! Translated by migrate 0.1.0 from `protocols.py`: 78 of 78 statements.
//! Warning MIG0316 line 15: `row * self.cols` may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! Warning MIG0316 line 19: `row * self.cols` may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! Warning MIG0301 line 119: `grid` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 120: `path` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 121: `lights` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 122: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "protocols", script = "protocols.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "00b98f5090cc4eab", seal = "eb875c2ee920bd72"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Protocols {
    state: DriveState,
    grid: Grid,
    path: Path,
    lights: Lights,
    machine: Machine,
}

impl Freezable for Protocols {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.grid, encoder)?;
        Encode::encode(&self.path, encoder)?;
        Encode::encode(&self.lights, encoder)?;
        Encode::encode(&self.machine, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.grid = Decode::decode(decoder)?;
        self.path = Decode::decode(decoder)?;
        self.lights = Decode::decode(decoder)?;
        self.machine = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Protocols {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            grid: Grid::new(2, 3),
            path: initial_path()?,
            lights: Lights::new(&["red".into(), "green".into()]),
            machine: Machine::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let speed = f64::from(goal_payload.speed);
        self.grid.set((0, 1), speed)?;
        let value_2 = self.grid.get((1, 2))? + f64::from(measured_payload.speed);
        self.grid.set((1, 2), value_2)?;
        self.path.add(speed, self.grid.get((1, 2))?)?;
        self.path.add(self.grid.get((0, 1))?, 1.0)?;
        let mut length = 0.0;
        for &(x, y) in &self.path.points {
            length += x.abs() + y.abs();
        }
        let mut items = Ramp::new(1.0, 0.25);
        while let Some(value) = items.advance() {
            length += value;
        }
        let mut requests = [
            Request::new("arm", 3),
            Request::new("base", self.path.len()),
        ];
        requests.sort_by_key(|item| item.urgency);
        let wanted = Request::new("base", 0);
        if requests.contains(&wanted) {
            length += 1.0;
        }
        let cheapest = [
            Cost { steps: 2, turns: 1 },
            Cost {
                steps: self.path.len(),
                turns: 0,
            },
        ]
        .iter()
        .copied()
        .min_by_key(|&item| (item.steps, item.turns))
        .ok_or("protocols.py:144: ValueError: min() arg is an empty sequence")?;
        drive.payload_mut().get_or_insert_default().accel = (length + cheapest.turns as f64) as f32;
        let text = self.lights.advance()?;
        let name = requests
            .first()
            .ok_or("protocols.py:146: IndexError: list index out of range")?
            .name
            .clone();
        alarm.payload_mut().get_or_insert_default().reason =
            format!("{text}{name}{}", self.machine.step(speed));
        Ok(())
    }
}

/// Cells by row and column.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Grid {
    cols: i64,
    cells: Vec<f64>,
}

impl Grid {
    fn new(rows: i64, cols: i64) -> Self {
        Self {
            cols,
            cells: vec![0.0; (rows * cols) as usize],
        }
    }

    fn get(&self, key: (i64, i64)) -> CuResult<f64> {
        let (row, col) = key;
        Ok(self.cells[index(
            row.checked_mul(self.cols)
                .ok_or("protocols.py:15: an int leaves 64 bits")?
                .checked_add(col)
                .ok_or("protocols.py:15: an int leaves 64 bits")?,
            self.cells.len(),
        )
        .ok_or("protocols.py:15: IndexError: list index out of range")?])
    }

    fn set(&mut self, key: (i64, i64), value: f64) -> CuResult<()> {
        let (row, col) = key;
        let at = index(
            row.checked_mul(self.cols)
                .ok_or("protocols.py:19: an int leaves 64 bits")?
                .checked_add(col)
                .ok_or("protocols.py:19: an int leaves 64 bits")?,
            self.cells.len(),
        )
        .ok_or("protocols.py:19: IndexError: list assignment index out of range")?;
        self.cells[at] = value;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Path {
    points: Vec<(f64, f64)>,
}

impl Path {
    fn new() -> Self {
        Self { points: Vec::new() }
    }

    fn add(&mut self, x: f64, y: f64) -> CuResult<()> {
        self.points.push((x, y));
        if self.points.len() > 4 {
            (!self.points.is_empty())
                .then(|| self.points.remove(0))
                .ok_or("protocols.py:29: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn len(&self) -> i64 {
        self.points.len() as i64
    }
}

/// From zero up to a limit.
#[derive(Debug, Clone)]
struct Ramp {
    value: f64,
    limit: f64,
    step: f64,
}

impl Ramp {
    fn new(limit: f64, step: f64) -> Self {
        Self {
            value: 0.0,
            limit,
            step,
        }
    }

    fn advance(&mut self) -> Option<f64> {
        if self.value >= self.limit {
            return None;
        }
        self.value += self.step;
        Some(self.value)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Lights {
    names: Vec<String>,
    at: i64,
}

impl Lights {
    fn new(names: &[String]) -> Self {
        let names_value = names.to_vec();
        Self {
            names: names_value,
            at: -1,
        }
    }

    fn advance(&mut self) -> CuResult<String> {
        self.at = modulo(self.at + 1, self.names.len() as i64)
            .ok_or("protocols.py:63: ZeroDivisionError: integer modulo by zero")?;
        Ok(self.names[index(self.at, self.names.len())
            .ok_or("protocols.py:64: IndexError: list index out of range")?]
        .clone())
    }
}

#[derive(Debug, Clone)]
struct Request {
    name: String,
    urgency: i64,
}

impl Request {
    fn new(name: &str, urgency: i64) -> Self {
        Self {
            name: name.to_string(),
            urgency,
        }
    }
}

impl PartialEq for Request {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[derive(Debug, Clone, Copy)]
struct Cost {
    steps: i64,
    turns: i64,
}

/// What the machine does next: itself, or another one.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Mode {
    Idle(Idle),
    Moving(Moving),
}

impl Mode {
    fn next(&mut self, speed: f64) -> Option<Self> {
        match self {
            Self::Idle(idle) => idle.next(speed).map(Self::Moving),
            Self::Moving(moving) => moving.next(speed).map(Self::Idle),
        }
    }

    fn class_name(&self) -> String {
        match self {
            Self::Idle(idle) => idle.class_name().to_string(),
            Self::Moving(moving) => moving.class_name().to_string(),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Idle;

impl Idle {
    fn next(&self, speed: f64) -> Option<Moving> {
        if speed > 1.0 {
            return Some(Moving::new());
        }
        None
    }

    fn class_name(&self) -> &'static str {
        "Idle"
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Moving {
    ticks: i64,
}

impl Moving {
    fn next(&mut self, speed: f64) -> Option<Idle> {
        self.ticks += 1;
        if speed < 0.5 {
            return Some(Idle {});
        }
        None
    }

    fn new() -> Self {
        Self { ticks: 0 }
    }

    fn class_name(&self) -> &'static str {
        "Moving"
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    mode: Mode,
}

impl Machine {
    fn new() -> Self {
        Self {
            mode: Mode::Idle(Idle {}),
        }
    }

    fn step(&mut self, speed: f64) -> String {
        if let Some(following) = self.mode.next(speed) {
            self.mode = following;
        }
        self.mode.class_name()
    }
}

fn initial_path() -> CuResult<Path> {
    let mut path = Path::new();
    path.add(0.0, 0.0)?;
    path.add(1.0, 0.5)?;
    Ok(path)
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
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

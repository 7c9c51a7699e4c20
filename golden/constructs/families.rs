//! Several classes of one base in one list, attribute and variable.
//!
//! Translated by migrate 0.1.0 from `families.py`: 39 of 39 statements.
//! Warning MIG0301 line 94: `arbiter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 106: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "families", script = "families.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "36e599d26f3a2acf", seal = "2d99227f95feb30e"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Families {
    state: DriveState,
    arbiter: Arbiter,
}

impl Freezable for Families {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.arbiter, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.arbiter = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Families {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            arbiter: Arbiter::new(vec![
                Behaviour::Avoid(Avoid::new(0.5)),
                Behaviour::Cruise(Cruise::new(1.2)),
            ]),
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
        let shape = obstacle(f64::from(measured_payload.speed));
        let mut reach = shape.area();
        if let Shape::Circle(circle) = &shape {
            reach += circle.radius;
        }
        drive.set_payload(Drive {
            accel: (self.arbiter.step(f64::from(measured_payload.speed)) - reach) as f32,
            sector: 0,
        });
        let missed = self
            .arbiter
            .behaviours
            .iter()
            .map(|b| b.active())
            .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
            .ok_or("families.py:106: an int leaves 64 bits")?;
        alarm.set_payload(Alarm {
            reason: format!("{}{}", self.arbiter.chosen, shape.describe()),
            missed: u32::try_from(missed).map_err(|_| "families.py:107: `missed` leaves u32")?,
        });
        Ok(())
    }
}

/// What the robot may do.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Behaviour {
    Cruise(Cruise),
    Avoid(Avoid),
}

impl Behaviour {
    fn wants(&self, distance: f64) -> bool {
        match self {
            Self::Cruise(cruise) => cruise.wants(distance),
            Self::Avoid(avoid) => avoid.wants(distance),
        }
    }

    fn command(&mut self, distance: f64) -> f64 {
        match self {
            Self::Cruise(cruise) => cruise.command(distance),
            Self::Avoid(avoid) => avoid.command(distance),
        }
    }

    fn note(&mut self) {
        match self {
            Self::Cruise(cruise) => {
                cruise.note();
            }
            Self::Avoid(avoid) => {
                avoid.note();
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Cruise(cruise) => cruise.name.clone(),
            Self::Avoid(avoid) => avoid.name.clone(),
        }
    }

    fn active(&self) -> i64 {
        match self {
            Self::Cruise(cruise) => cruise.active,
            Self::Avoid(avoid) => avoid.active,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Cruise {
    name: String,
    active: i64,
    speed: f64,
}

impl Cruise {
    fn new(speed: f64) -> Self {
        Self {
            name: "cruise".into(),
            active: 0,
            speed,
        }
    }

    fn wants(&self, _distance: f64) -> bool {
        true
    }

    fn command(&self, _distance: f64) -> f64 {
        self.speed
    }

    fn note(&mut self) {
        self.active += 1;
    }
}

/// Backs off, a little more each time.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Avoid {
    name: String,
    active: i64,
    threshold: f64,
    back: f64,
}

impl Avoid {
    fn new(threshold: f64) -> Self {
        Self {
            name: "avoid".into(),
            active: 0,
            threshold,
            back: 0.1,
        }
    }

    fn wants(&self, distance: f64) -> bool {
        distance < self.threshold
    }

    fn command(&mut self, _distance: f64) -> f64 {
        self.back = 0.5_f64.min(self.back + 0.05);
        -self.back
    }

    fn note(&mut self) {
        self.active += 1;
    }
}

#[derive(Debug, Clone)]
enum Shape {
    Circle(Circle),
    Panel(Panel),
}

impl Shape {
    fn area(&self) -> f64 {
        match self {
            Self::Circle(circle) => circle.area(),
            Self::Panel(panel) => panel.area(),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Circle(circle) => circle.describe(),
            Self::Panel(panel) => panel.describe(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Circle {
    radius: f64,
}

impl Circle {
    fn area(&self) -> f64 {
        3.0 * self.radius * self.radius
    }

    fn describe(&self) -> String {
        format!("Circle: {}", fixed_text(self.area(), 1))
    }

    fn new(radius: f64) -> Self {
        Self { radius }
    }
}

#[derive(Debug, Clone, Copy)]
struct Panel {
    width: f64,
    depth: f64,
}

impl Panel {
    fn area(&self) -> f64 {
        self.width * self.depth
    }

    fn describe(&self) -> String {
        format!("Panel: {}", fixed_text(self.area(), 1))
    }

    fn new(width: f64, depth: f64) -> Self {
        Self { width, depth }
    }
}

fn obstacle(distance: f64) -> Shape {
    if distance > 2.0 {
        return Shape::Panel(Panel::new(distance, 0.5));
    }
    Shape::Circle(Circle::new(distance))
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Arbiter {
    behaviours: Vec<Behaviour>,
    chosen: String,
}

impl Arbiter {
    fn new(behaviours: Vec<Behaviour>) -> Self {
        Self {
            behaviours,
            chosen: "none".into(),
        }
    }

    fn step(&mut self, distance: f64) -> f64 {
        for behaviour in &mut self.behaviours {
            if behaviour.wants(distance) {
                behaviour.note();
                self.chosen = behaviour.name();
                return behaviour.command(distance);
            }
        }
        0.0
    }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

//! Classes in tables: registered by a decorator and by their base, made by a key, one by one.
//!
//! Translated by migrate 0.1.0 from `class_tables.py`: 30 of 30 statements.
//! Warning MIG0301 line 54: `filters` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 55: `behaviors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "class_tables", script = "class_tables.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5ade5fdbe38ef926", seal = "394d1ee54cc48ba8"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct ClassTables {
    state: DriveState,
    filters: Filters,
    behaviors: Vec<Behavior>,
}

impl Freezable for ClassTables {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.filters, encoder)?;
        Encode::encode(&self.behaviors, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.filters = Decode::decode(decoder)?;
        self.behaviors = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ClassTables {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            filters: Filters {
                half: Half {},
                bound: Bound {},
            },
            behaviors: vec![
                Behavior::Wander(Wander::new(0.5)),
                Behavior::Hold(Hold::new(0.5)),
            ],
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
        let state = &mut self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let kind = (if goal_payload.speed > 1.0 {
            "wander"
        } else if goal_payload.speed > -1.0 {
            "hold"
        } else {
            "flee"
        })
        .to_string();
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.sector = (2
            + (if matches!(kind.as_str(), "wander" | "hold") {
                1
            } else {
                0
            })) as u8;
        if let Ok(value) = chosen(&kind, f64::from(measured_payload.speed)) {
            drive_payload.accel = value as f32;
        } else {
            alarm.payload_mut().get_or_insert_default().reason = format!("no behavior {kind}");
        }
        let mut total = 0.0;
        for b in &mut self.behaviors {
            total += b.step(f64::from(measured_payload.ranges[0]));
        }
        state.last_goal = (self.filters.bound.apply(total) + self.filters.half.apply(total)) as f32;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filters {
    half: Half,
    bound: Bound,
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wander {
    gain: f64,
}

impl Wander {
    fn new(gain: f64) -> Self {
        Self { gain }
    }

    fn step(&self, speed: f64) -> f64 {
        speed * self.gain
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Behavior {
    Wander(Wander),
    Hold(Hold),
}

impl Behavior {
    fn step(&mut self, speed: f64) -> f64 {
        match self {
            Self::Wander(wander) => wander.step(speed),
            Self::Hold(hold) => hold.step(speed),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Hold {
    steps: i64,
}

impl Hold {
    fn new(_gain: f64) -> Self {
        Self { steps: 0 }
    }

    fn step(&mut self, _speed: f64) -> f64 {
        self.steps += 1;
        0.0
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Half;

impl Half {
    fn apply(&self, value: f64) -> f64 {
        value * 0.5
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bound;

impl Bound {
    fn apply(&self, value: f64) -> f64 {
        (-1.0_f64).max(1.0_f64.min(value))
    }
}

fn chosen(kind: &str, speed: f64) -> CuResult<f64> {
    let mut made = new_behavior(kind, 2.0)?;
    Ok(made.step(speed))
}

fn new_behavior(key: &str, arg: f64) -> CuResult<Behavior> {
    if key == "wander" {
        return Ok(Behavior::Wander(Wander::new(arg)));
    }
    if key == "hold" {
        return Ok(Behavior::Hold(Hold::new(arg)));
    }
    Err("class_tables.py:59: KeyError (with arguments)".into())
}

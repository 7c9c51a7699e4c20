//! Constructors of any number of arguments that classes inherit, and pass on to several bases.
//!
//! Translated by migrate 0.1.0 from `inherited_stars.py`: 39 of 39 statements.
//! Warning MIG0301 line 86: `tree` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 87: `wrist` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 88: `elbow` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "inherited_stars", script = "inherited_stars.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "99725d3dcbeb02fc", seal = "e26d9e65706a8080"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct InheritedStars {
    state: DriveState,
    tree: Selector,
    wrist: Wrist,
    elbow: Limited,
}

impl Freezable for InheritedStars {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.tree, encoder)?;
        Encode::encode(&self.wrist, encoder)?;
        Encode::encode(&self.elbow, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.tree = Decode::decode(decoder)?;
        self.wrist = Decode::decode(decoder)?;
        self.elbow = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for InheritedStars {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            tree: Selector::new(vec![
                Node::Sequence(Sequence::new(vec![
                    Node::Above(Above::new(2.0)),
                    Node::Count(Count::new()),
                ])),
                Node::Sequence(Sequence::new(vec![
                    Node::Above(Above::new(0.0)),
                    Node::Above(Above::new(1.0)),
                ])),
                Node::Above(Above::new(-1.0)),
            ]),
            wrist: Wrist::new("wrist", -2.0, 1.0, 0.25),
            elbow: Limited::new("elbow", -0.4, 1.0, 0.3),
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        if self.tree.tick(f64::from(measured_payload.speed))? {
            drive.payload_mut().get_or_insert_default().accel =
                (self.wrist.move_(f64::from(measured_payload.ranges[0]))
                    + self.elbow.move_(f64::from(measured_payload.ranges[1])))
                    as f32;
        }
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(self.wrist.moves)
            .map_err(|_| "inherited_stars.py:97: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Node {
    Sequence(Sequence),
    Selector(Selector),
    Above(Above),
    Count(Count),
}

impl Node {
    fn tick(&mut self, speed: f64) -> CuResult<bool> {
        match self {
            Self::Sequence(sequence) => sequence.tick(speed),
            Self::Selector(selector) => selector.tick(speed),
            Self::Above(above) => Ok(above.tick(speed)),
            Self::Count(count) => Ok(count.tick(speed)),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Sequence {
    children: Vec<Node>,
}

impl Sequence {
    fn tick(&mut self, speed: f64) -> CuResult<bool> {
        for child in &mut self.children {
            if !child.tick(speed)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn new(children: Vec<Node>) -> Self {
        Self { children }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Selector {
    children: Vec<Node>,
}

impl Selector {
    fn tick(&mut self, speed: f64) -> CuResult<bool> {
        for child in &mut self.children {
            if child.tick(speed)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn new(children: Vec<Node>) -> Self {
        Self { children }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Above {
    limit: f64,
}

impl Above {
    fn tick(&self, speed: f64) -> bool {
        speed > self.limit
    }

    fn new(limit: f64) -> Self {
        Self { limit }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Count {
    ticks: i64,
}

impl Count {
    fn tick(&mut self, _speed: f64) -> bool {
        self.ticks += 1;
        true
    }

    fn new() -> Self {
        Self { ticks: 0 }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limited {
    name: String,
    low: f64,
    high: f64,
    position: f64,
    rate: f64,
}

impl Limited {
    fn new(name: &str, low: f64, high: f64, rate: f64) -> Self {
        Self {
            name: name.to_string(),
            low,
            high,
            position: 0.0,
            rate,
        }
    }

    fn move_(&mut self, change: f64) -> f64 {
        self.joint_move((-self.rate).max(self.rate.min(change)))
    }

    fn joint_move(&mut self, change: f64) -> f64 {
        self.position = self.low.max(self.high.min(self.position + change));
        self.position
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wrist {
    moves: i64,
    name: String,
    low: f64,
    high: f64,
    position: f64,
    rate: f64,
    turns: i64,
}

impl Wrist {
    fn new(name: &str, low: f64, high: f64, rate: f64) -> Self {
        Self {
            moves: 0,
            name: name.to_string(),
            low,
            high,
            position: 0.0,
            rate,
            turns: 0,
        }
    }

    fn move_(&mut self, change: f64) -> f64 {
        self.count();
        self.limited_move(change)
    }

    fn joint_move(&mut self, change: f64) -> f64 {
        self.position = self.low.max(self.high.min(self.position + change));
        self.position
    }

    fn count(&mut self) {
        self.moves += 1;
    }

    fn limited_move(&mut self, change: f64) -> f64 {
        self.joint_move((-self.rate).max(self.rate.min(change)))
    }
}

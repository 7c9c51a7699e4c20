//! A dict of the module that objects keep and functions name; trees of nodes of one base.
//!
//! Translated by migrate 0.1.0 from `one_name.py`: 60 of 60 statements.
//! Warning MIG0301 line 89: `pose` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 90: `mover` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 91: `reporter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 92: `blackboard` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 93: `tree` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "one_name", script = "one_name.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "40e9dd4101d06ced", seal = "f9831ea9590cdd8f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SUCCESS: i64 = 0;
const FAILURE: i64 = 1;
const RUNNING: i64 = 2;

#[derive(Debug, Reflect)]
pub struct OneName {
    state: DriveState,
    pose: Pose,
    mover: Mover,
    reporter: Reporter,
    blackboard: Blackboard,
    tree: Selector,
}

impl Freezable for OneName {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.pose, encoder)?;
        Encode::encode(&self.mover, encoder)?;
        Encode::encode(&self.reporter, encoder)?;
        Encode::encode(&self.blackboard, encoder)?;
        Encode::encode(&self.tree, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.pose = Decode::decode(decoder)?;
        self.mover = Decode::decode(decoder)?;
        self.reporter = Decode::decode(decoder)?;
        self.blackboard = Decode::decode(decoder)?;
        self.tree = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for OneName {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            pose: Pose { x: 0.0, n: 0 },
            mover: Mover::new(0.5),
            reporter: Reporter::new(),
            blackboard: Blackboard {
                near: 10.0,
                accel: 0.0,
            },
            tree: Selector::new(
                vec![
                    Node::Sequence(Sequence::new(
                        "back",
                        vec![
                            Node::Near(Near::new(-1.0)),
                            Node::DriveObject(DriveObject::new(-0.5, 3)),
                            Node::DriveObject(DriveObject::new(0.1, 2)),
                        ],
                    )),
                    Node::Sequence(Sequence::new(
                        "slow",
                        vec![
                            Node::Near(Near::new(1.0)),
                            Node::DriveObject(DriveObject::new(0.2, 1)),
                        ],
                    )),
                    Node::DriveObject(DriveObject::new(1.0, 1)),
                ],
                "selector",
            ),
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
        if let Some(measured_payload) = measured.payload() {
            self.blackboard.near = f64::from(
                measured_payload
                    .ranges
                    .iter()
                    .copied()
                    .reduce(|best, x| if x < best { x } else { best })
                    .ok_or("one_name.py:104: ValueError: min() arg is an empty sequence")?,
            );
            self.mover
                .move_(f64::from(measured_payload.ranges[0]), &mut self.pose)?;
        }
        let status = self.tree.tick(&mut self.blackboard)?;
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed > 1.0
        {
            self.pose.x = 0.0;
            alarm.set_payload(Alarm {
                reason: self.reporter.text(self.pose),
                missed: u32::try_from(
                    self.mover
                        .moves
                        .checked_add(self.tree.ticks)
                        .ok_or("one_name.py:109: `the value` leaves u32")?,
                )
                .map_err(|_| "one_name.py:109: `missed` leaves u32")?,
            });
        }
        drive.set_payload(Drive {
            accel: (self.blackboard.accel + self.pose.x) as f32,
            sector: status as u8,
        });
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Blackboard {
    near: f64,
    accel: f64,
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pose {
    x: f64,
    n: i64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Mover {
    step: f64,
    moves: i64,
}

impl Mover {
    fn new(step: f64) -> Self {
        Self { step, moves: 0 }
    }

    fn move_(&mut self, dx: f64, pose: &mut Pose) -> CuResult<()> {
        pose.x += dx * self.step;
        pose.n = pose
            .n
            .checked_add(1)
            .ok_or("one_name.py:13: an int leaves 64 bits")?;
        self.moves += 1;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Reporter;

impl Reporter {
    fn new() -> Self {
        Self {}
    }

    fn text(&self, pose: Pose) -> String {
        format!("{} {}", fixed_text(pose.x, 2), pose.n)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Node {
    Sequence(Sequence),
    Selector(Selector),
    Near(Near),
    DriveObject(DriveObject),
}

impl Node {
    fn tick(&mut self, board: &mut Blackboard) -> CuResult<i64> {
        match self {
            Self::Sequence(sequence) => sequence.tick(board),
            Self::Selector(selector) => selector.tick(board),
            Self::Near(near) => Ok(near.tick(board)),
            Self::DriveObject(drive) => Ok(drive.tick(board)),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Sequence {
    name: String,
    children: Vec<Node>,
    ticks: i64,
}

impl Sequence {
    fn new(name: &str, children: Vec<Node>) -> Self {
        let mut children_value: Vec<Node> = Vec::new();
        children_value.extend_from_slice(&children);
        Self {
            name: name.to_string(),
            children: children_value,
            ticks: 0,
        }
    }

    fn tick(&mut self, board: &mut Blackboard) -> CuResult<i64> {
        self.ticks += 1;
        for child in &mut self.children {
            let status = child.tick(board)?;
            if status != SUCCESS {
                return Ok(status);
            }
        }
        Ok(SUCCESS)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Selector {
    name: String,
    children: Vec<Node>,
    ticks: i64,
}

impl Selector {
    fn new(children: Vec<Node>, name: &str) -> Self {
        let base_children = children.to_vec();
        let mut children_value: Vec<Node> = Vec::new();
        children_value.extend_from_slice(&base_children);
        Self {
            name: name.to_string(),
            children: children_value,
            ticks: 0,
        }
    }

    fn tick(&mut self, board: &mut Blackboard) -> CuResult<i64> {
        self.ticks += 1;
        for child in &mut self.children {
            let status = child.tick(board)?;
            if status != FAILURE {
                return Ok(status);
            }
        }
        Ok(FAILURE)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Near {
    name: String,
    children: Vec<Node>,
    ticks: i64,
    limit: f64,
}

impl Near {
    fn new(limit: f64) -> Self {
        Self {
            name: "near".into(),
            children: Vec::new(),
            ticks: 0,
            limit,
        }
    }

    fn tick(&self, board: &Blackboard) -> i64 {
        if board.near < self.limit {
            SUCCESS
        } else {
            FAILURE
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct DriveObject {
    name: String,
    children: Vec<Node>,
    ticks: i64,
    accel: f64,
    left: i64,
    length: i64,
}

impl DriveObject {
    fn new(accel: f64, ticks: i64) -> Self {
        Self {
            name: "drive".into(),
            children: Vec::new(),
            ticks: 0,
            accel,
            left: 0,
            length: ticks,
        }
    }

    fn tick(&mut self, board: &mut Blackboard) -> i64 {
        if self.left == 0 {
            self.left = self.length;
        }
        self.left -= 1;
        self.ticks += 1;
        board.accel = self.accel;
        if self.left != 0 { RUNNING } else { SUCCESS }
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

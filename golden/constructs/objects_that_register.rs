//! Frames that enter themselves in their parents, encoders that the class knows, subsystems of a robot.
//!
//! Translated by migrate 0.1.0 from `objects_that_register.py`: 71 of 71 statements.
//! Warning MIG0301 line 6: `frames` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 24: `encoders` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 25: `encoder_instances` lives outside `state`: Copper's keyframes did not
//! hold it; here it is frozen with the task.
//! Warning MIG0301 line 54: `subsystems` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 70: `robot` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "objects_that_register", script = "objects_that_register.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "e99c8c70f522b6d2", seal = "e36bb12ba20f23f7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const COUNTS: i64 = 4096;

#[derive(Debug, Reflect)]
pub struct ObjectsThatRegister {
    state: DriveState,
    subsystems: Vec<Subsystem>,
    encoders: Vec<Encoder>,
    frames: Vec<Frame>,
    encoder_instances: Vec<usize>,
    base: usize,
    arm: usize,
    tool: usize,
    left: usize,
    right: usize,
    robot: Robot,
    lift: usize,
    drive: usize,
}

impl Freezable for ObjectsThatRegister {
    fn freeze<E: cu29::bincode::enc::Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.subsystems, encoder)?;
        Encode::encode(&self.encoders, encoder)?;
        Encode::encode(&self.frames, encoder)?;
        Encode::encode(&self.encoder_instances, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.subsystems = Decode::decode(decoder)?;
        self.encoders = Decode::decode(decoder)?;
        self.frames = Decode::decode(decoder)?;
        self.encoder_instances = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ObjectsThatRegister {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut subsystems = Vec::new();
        let mut encoders = Vec::new();
        let mut frames = Vec::new();
        let mut encoder_instances = Vec::new();
        let base = new_frame("base", None, 1.0, &mut frames);
        let arm = new_frame("arm", Some(base), 2.0, &mut frames);
        let tool = new_frame("tool", Some(arm), 0.5, &mut frames);
        let left = new_encoder("left", COUNTS, false, &mut encoder_instances, &mut encoders);
        let right = new_encoder("right", 1000, true, &mut encoder_instances, &mut encoders);
        let mut robot = Robot::new();
        let lift = new_subsystem(&mut robot, "lift", 2, &mut subsystems);
        let drive = new_subsystem(&mut robot, "drive", 5, &mut subsystems);
        Ok(Self {
            state: DriveState::default(),
            subsystems,
            encoders,
            frames,
            encoder_instances,
            base,
            arm,
            tool,
            left,
            right,
            robot,
            lift,
            drive,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _meas) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("objects_that_register.py:77: `missed` leaves u32")?;
        self.frames[self.base].x = f64::from(state.missed % 10) * 0.25;
        if let Some(goal_payload) = goal.payload()
            && f64::from(goal_payload.speed).abs() < 100.0
        {
            self.frames[self.arm].x += f64::from(goal_payload.speed);
        }
        self.encoders[self.left].update(i64::from(state.missed));
        for &encoder in &self.encoder_instances {
            self.encoders[encoder].update(7);
        }
        self.robot.periodic(&mut self.subsystems);
        if state.missed.is_multiple_of(4) {
            self.subsystems[self.lift].cycles = 0;
        }
        drive.set_payload(Drive {
            accel: self.frames[self.tool].world(&self.frames)? as f32,
            sector: ((self.encoders[self.left].position + self.encoders[self.right].position) % 256)
                as u8,
        });
        let names = self
            .robot
            .subsystems
            .iter()
            .map(|&s| format!("{}{}", self.subsystems[s].name, self.subsystems[s].cycles))
            .collect::<Vec<_>>()
            .join(" ");
        let where_ = self
            .encoder_instances
            .iter()
            .map(|&encoder| self.encoders[encoder].to_text())
            .collect::<Vec<_>>()
            .join(", ");
        alarm.set_payload(Alarm {
            reason: format!(
                "{names} {} {where_} {}",
                self.frames[self.base].below(),
                self.encoders[self.left].to_text()
            ),
            missed: (self.subsystems[self.drive].cycles % 1000) as u32,
        });
        self.state = state;
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn make_new_frame(name: &str, parent: Option<usize>, x: f64, frames: &mut Vec<Frame>) -> usize {
    let at = frames.len();
    frames.push(Frame::new(name, parent, x));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Frame {
    name: String,
    parent: Option<usize>,
    x: f64,
    children: Vec<usize>,
}

impl Frame {
    fn new(name: &str, parent: Option<usize>, x: f64) -> Self {
        Self {
            name: name.to_string(),
            parent,
            x,
            children: Vec::new(),
        }
    }

    fn world(&self, frames: &[Self]) -> CuResult<f64> {
        let Some(parent) = self.parent else {
            return Ok(self.x);
        };
        Ok(self.x + frames[parent].world(frames)?)
    }

    fn below(&self) -> i64 {
        self.children.len() as i64
    }
}

#[allow(clippy::ptr_arg)]
fn new_frame(name: &str, parent: Option<usize>, x: f64, frames: &mut Vec<Frame>) -> usize {
    let frame = make_new_frame(name, parent, x, frames);
    if let Some(parent) = parent {
        frames[parent].children.push(frame);
    }
    frame
}

#[allow(clippy::ptr_arg)]
fn make_new_encoder(name: &str, counts: i64, invert: bool, encoders: &mut Vec<Encoder>) -> usize {
    let at = encoders.len();
    encoders.push(Encoder::new(name, counts, invert));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Encoder {
    name: String,
    counts: i64,
    sign: i64,
    position: i64,
}

impl Encoder {
    fn new(name: &str, counts: i64, invert: bool) -> Self {
        let sign: i64 = if invert { -1 } else { 1 };
        Self {
            name: name.to_string(),
            counts,
            sign,
            position: 0,
        }
    }

    fn update(&mut self, delta: i64) {
        self.position = (self.position + self.sign * delta).rem_euclid(self.counts);
    }

    fn to_text(&self) -> String {
        format!("{}@{}", self.name, self.position)
    }
}

#[allow(clippy::ptr_arg)]
fn new_encoder(
    name: &str,
    counts: i64,
    invert: bool,
    encoder_instances: &mut Vec<usize>,
    encoders: &mut Vec<Encoder>,
) -> usize {
    let encoder = make_new_encoder(name, counts, invert, encoders);
    // All of them, in order.
    encoder_instances.push(encoder);
    encoder
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    subsystems: Vec<usize>,
}

impl Robot {
    fn new() -> Self {
        Self {
            subsystems: Vec::new(),
        }
    }

    fn register(&mut self, subsystem: usize) {
        self.subsystems.push(subsystem);
    }

    #[allow(clippy::ptr_arg)]
    fn periodic(&self, subsystems: &mut Vec<Subsystem>) {
        for &subsystem in &self.subsystems {
            subsystems[subsystem].periodic();
        }
    }
}

#[allow(clippy::ptr_arg)]
fn make_new_subsystem(
    robot: &Robot,
    name: &str,
    gain: i64,
    subsystems: &mut Vec<Subsystem>,
) -> usize {
    let at = subsystems.len();
    subsystems.push(Subsystem::new(robot, name, gain));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Subsystem {
    name: String,
    gain: i64,
    cycles: i64,
}

impl Subsystem {
    fn new(_robot: &Robot, name: &str, gain: i64) -> Self {
        Self {
            name: name.to_string(),
            gain,
            cycles: 0,
        }
    }

    fn periodic(&mut self) {
        self.cycles += self.gain;
    }
}

#[allow(clippy::ptr_arg)]
fn new_subsystem(
    robot: &mut Robot,
    name: &str,
    gain: i64,
    subsystems: &mut Vec<Subsystem>,
) -> usize {
    let subsystem = make_new_subsystem(robot, name, gain, subsystems);
    robot.register(subsystem);
    subsystem
}

//! Objects that are filled in where they are made, and constants by the dozen.
//!
//! Translated by migrate 0.1.0 from `filled_in.py`: 39 of 39 statements.
//! Warning MIG0301 line 20: `m` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 27: `k` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! migrate: task = "filled_in", script = "filled_in.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5a8551aca5101057", seal = "42a96f6741177a06"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const OPEN: i64 = 1;
const CLOSED: i64 = 2;
const STUCK: i64 = 4;
const LOW: i64 = 15;
const HIGH: i64 = 25;

#[derive(Debug, Reflect)]
pub struct FilledIn {
    state: DriveState,
    m: MotorT,
    k: MotorT,
}

impl Freezable for FilledIn {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.m, encoder)?;
        Encode::encode(&self.k, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.m = Decode::decode(decoder)?;
        self.k = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for FilledIn {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            m: initial_m(),
            k: initial_k(),
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
        step(&mut self.m, 2)?;
        step(&mut self.k, 1)?;
        let p = make(
            f64::from(goal_payload.speed),
            f64::from(measured_payload.speed),
        );
        let q = mirror(&p);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel =
            (q.norm() + p.x + self.m.hist.iter().fold(0.0, |sum, &x| sum + x)) as f32;
        drive_payload.sector = (OPEN | STUCK | CLOSED) as u8;
        alarm.payload_mut().get_or_insert_default().reason =
            format!("{}{}", self.m.name, Pose::FRAME);
        state.last_goal = (self.k.gain * self.k.pos as f64
            + self.k.hist.iter().fold(0.0, |sum, &x| sum + x)
            + self.k.target as f64
            + (LOW * HIGH) as f64) as f32;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct MotorT {
    pos: i64,
    target: i64,
    gain: f64,
    name: String,
    hist: Vec<f64>,
}

impl MotorT {
    fn new(pos: i64, target: i64, name: &str) -> Self {
        // steps
        Self {
            pos,
            target,
            gain: 0.5,
            name: name.to_string(),
            hist: Vec::new(),
        }
    }
}

#[derive(Debug, Clone)]
struct Pose {
    y: f64,
    x: f64,
}

impl Pose {
    const FRAME: &str = "map";

    fn new(y: f64, x: f64) -> Self {
        Self { y, x }
    }

    fn norm(&self) -> f64 {
        self.x.abs() + self.y.abs()
    }
}

fn initial_m() -> MotorT {
    MotorT::new(0, 0, "left")
}

fn initial_k() -> MotorT {
    let mut k = MotorT::new(3, -4, "right");
    k.hist = vec![1.0];
    k
}

fn make(x: f64, y: f64) -> Pose {
    let mut p = Pose::new(y, x * 2.0);
    p.x += 1.0;
    p
}

fn mirror(q: &Pose) -> Pose {
    Pose::new(q.y, -q.x)
}

fn step(m: &mut MotorT, d: i64) -> CuResult<()> {
    m.pos += d;
    m.hist.push(d as f64 * m.gain);
    if m.hist.len() > 3 {
        (!m.hist.is_empty())
            .then(|| m.hist.remove(0))
            .ok_or("filled_in.py:58: IndexError: pop from empty list")?;
    }
    Ok(())
}

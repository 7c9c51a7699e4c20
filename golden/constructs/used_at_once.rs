//! Lists that functions give back and that are changed later, of which every caller takes the
//! items at once.
//!
//! Translated by migrate 0.1.0 from `used_at_once.py`: 27 of 27 statements.
//! Warning MIG0301 line 4: `estimate` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 34: `robot` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "used_at_once", script = "used_at_once.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "b221f30e7bcdaf5a", seal = "68271d44863aa0c7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const GAIN: [f64; 2] = [0.6, 0.2];

#[derive(Debug, Reflect)]
pub struct UsedAtOnce {
    state: DriveState,
    estimate: [f64; 2],
    robot: Robot,
}

impl Freezable for UsedAtOnce {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.estimate, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.estimate = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for UsedAtOnce {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            estimate: [0.0, 0.0],
            robot: Robot::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, _alarm) = output;
        let mut speed = 0.0;
        if let Some(goal_payload) = goal.payload() {
            speed = f64::from(goal_payload.speed);
        }
        let [x, v] = observer(speed, &mut self.estimate);
        self.robot.move_(v * 0.1);
        let [px, py] = self.robot.position();
        if let Some(measured_payload) = measured.payload() {
            for &r in &measured_payload.ranges {
                self.robot.see(f64::from(r))?;
            }
        }
        let near = (*self
            .robot
            .tally()
            .get("near")
            .ok_or("used_at_once.py:48: KeyError (no such key, a str)")?)
        .rem_euclid(50);
        let accel = x
            + px * 2.0
            + py
            + self.robot.position()[1]
            + self.robot.position().iter().fold(0.0, |sum, &x| sum + x);
        drive.set_payload(Drive {
            accel: accel as f32,
            sector: u8::try_from(near + self.robot.tally().len() as i64)
                .map_err(|_| "used_at_once.py:50: `sector` leaves u8")?,
        });
        Ok(())
    }
}

fn observer(y: f64, estimate: &mut [f64; 2]) -> [f64; 2] {
    let error = y - (*estimate)[0];
    (*estimate)[0] += ((*estimate)[1] + GAIN[0] * error) * 0.1;
    (*estimate)[1] += GAIN[1] * error;
    *estimate
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    pos: [f64; 2],
    counts: BTreeMap<String, i64>,
}

impl Robot {
    fn new() -> Self {
        Self {
            pos: [0.0, 1.0],
            counts: BTreeMap::from([("near".to_string(), 0), ("far".to_string(), 0)]),
        }
    }

    fn move_(&mut self, dx: f64) {
        self.pos[0] += dx;
        self.pos[1] *= 0.5;
    }

    fn position(&self) -> [f64; 2] {
        self.pos
    }

    fn tally(&self) -> BTreeMap<String, i64> {
        self.counts.clone()
    }

    fn see(&mut self, r: f64) -> CuResult<()> {
        let slot = self
            .counts
            .get_mut(if r < 1.0 { "near" } else { "far" })
            .ok_or("used_at_once.py:31: KeyError (no such key, a str)")?;
        *slot = slot
            .checked_add(1)
            .ok_or("used_at_once.py:31: an int leaves 64 bits")?;
        Ok(())
    }
}

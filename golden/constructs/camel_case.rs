//! Names in the style of other languages: Rust has its own spelling for each.
//!
//! Translated by migrate 0.1.0 from `camel_case.py`: 31 of 31 statements.
//! Warning MIG0301 line 5: `stepCount` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 42: `Ramp` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "camel_case", script = "camel_case.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "76611e2ea2f8379e", seal = "2ba37440cfbe9801"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MAX_SPEED_: f64 = 3.0;
const MAX_SPEED: f64 = 2.0;

#[derive(Debug, Reflect)]
pub struct CamelCase {
    state: DriveState,
    step_count: i64,
    ramp: RampGenerator,
}

impl Freezable for CamelCase {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.step_count, encoder)?;
        Encode::encode(&self.ramp, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.step_count = Decode::decode(decoder)?;
        self.ramp = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for CamelCase {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            step_count: 0,
            ramp: RampGenerator::new(0.5, 0.5),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, m) = *input;
        let (drive, _alarm) = output;
        let state = &mut self.state;
        self.step_count += 1;
        let (Some(goal_payload), Some(measured)) = (goal.payload(), m.payload()) else {
            return Ok(());
        };
        let out_val = self.ramp.compute(f64::from(goal_payload.speed), 0.1);
        let last_two: Vec<f64> = measured.ranges[2..]
            .iter()
            .map(|&r_v| f64::from(r_v) * 2.0)
            .collect();
        drive.payload_mut().get_or_insert_default().accel =
            clamp_to(out_val, -MAX_SPEED_, MAX_SPEED) as f32;
        state.last_goal = (mean_of(
            *last_two
                .first()
                .ok_or("camel_case.py:54: IndexError: list index out of range")?,
            self.step_count,
        ) + self.ramp.get_err_sum()) as f32;
        info!(ctx, "outVal={} after {}", out_val, self.step_count);
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct RampGenerator {
    kp: f64,
    max_step: f64,
    last_out: f64,
    err_sum: f64,
    ramp_generator: String,
}

impl RampGenerator {
    const MIN_STEP: f64 = 0.01;

    fn new(kp: f64, max_step: f64) -> Self {
        // In the letters of a class.
        Self {
            kp,
            max_step,
            last_out: 0.0,
            err_sum: 0.0,
            ramp_generator: "up".into(),
        }
    }

    fn compute(&mut self, set_point: f64, d_t: f64) -> f64 {
        let the_error = set_point - self.last_out;
        let err_sum = self.err_sum + the_error * d_t;
        let step = self.kp * the_error;
        self.err_sum = err_sum;
        if step.abs() < Self::MIN_STEP {
            return self.last_out;
        }
        self.ramp_generator = (if step < 0.0 { "down" } else { "up" }).to_string();
        self.last_out += clamp_to(step, -self.max_step, self.max_step);
        self.last_out
    }

    fn get_err_sum(&self) -> f64 {
        if self.ramp_generator == "up" {
            self.err_sum
        } else {
            -1.0
        }
    }
}

fn clamp_to(x: f64, lo_limit: f64, hi_limit: f64) -> f64 {
    lo_limit.max(hi_limit.min(x))
}

fn mean_of(x_: f64, x: i64) -> f64 {
    // Two names that only differ in their case.
    (x_ + x as f64) / 2.0
}

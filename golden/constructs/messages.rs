//! Lists of messages, and their times of validity.
//!
//! Translated by migrate 0.1.0 from `messages.py`: 18 of 18 statements.
//! migrate: task = "messages", script = "messages.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "67036f3249265d87", seal = "2bf7e441334f905b"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MAX_SILENCE: u32 = 3;

#[derive(Debug, Reflect)]
pub struct Messages {
    state: DriveState,
}

impl Freezable for Messages {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Messages {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("messages.py:17: `missed` leaves u32")?;
            if (goal.payload().is_some() || measured.payload().is_some())
                && state.missed < MAX_SILENCE
            {
                return Ok(());
            }
            let now = ctx.now().as_nanos() as i64;
            alarm.tov = Tov::Time(CuTime::from_nanos(now as u64));
            alarm.payload_mut().get_or_insert_default().missed = state.missed;
            return Ok(());
        };

        publish(
            drive,
            goal.tov,
            f64::from(goal_payload.speed) - f64::from(measured_payload.speed),
        );
        alarm.tov = if goal_payload.speed > 0.0 {
            measured.tov
        } else {
            Tov::None
        };
        alarm.payload_mut().get_or_insert_default().missed = 2;
        Ok(())
    }
}

fn publish(out: &mut CuMsg<Drive>, tov: Tov, accel: f64) {
    // PyTask keeps the old tov where the call fails
    out.tov = tov;
    let drive = out.payload_mut().get_or_insert_default();
    drive.accel = accel as f32;
    drive.sector = 1;
}

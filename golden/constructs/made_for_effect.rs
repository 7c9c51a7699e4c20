//! Objects that are made for what making them does: nobody reads the list.
//!
//! Translated by migrate 0.1.0 from `made_for_effect.py`: 12 of 12 statements.
//! Warning MIG0301 line 5: `wheel_count` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 13: `spare` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "made_for_effect", script = "made_for_effect.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "115103ea247d1250", seal = "996dd331a0183e1a"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct MadeForEffect {
    state: DriveState,
    wheel_count: i64,
    spare: Wheel,
}

impl Freezable for MadeForEffect {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.wheel_count, encoder)?;
        Encode::encode(&self.spare, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.wheel_count = Decode::decode(decoder)?;
        self.spare = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for MadeForEffect {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut wheel_count: i64 = 0;
        (1..4)
            .map(|n| Wheel::new(0.1 * n as f64, &mut wheel_count))
            .for_each(drop);
        let spare = Wheel::new(0.5, &mut wheel_count);
        Ok(Self {
            state: DriveState::default(),
            wheel_count,
            spare,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, _alarm) = output;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.sector = u8::try_from(self.wheel_count)
            .map_err(|_| "made_for_effect.py:20: `sector` leaves u8")?;
        drive_payload.accel = (f64::from(measured_payload.speed) * self.spare.radius) as f32;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    radius: f64,
}

impl Wheel {
    fn new(radius: f64, wheel_count: &mut i64) -> Self {
        *wheel_count += 1;
        Self { radius }
    }
}

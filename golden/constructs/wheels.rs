//! Loops over objects that have names of their own.
//!
//! Translated by migrate 0.1.0 from `wheels.py`: 22 of 22 statements.
//! Warning MIG0301 line 32: `base` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "wheels", script = "wheels.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "afdff53d1bed4185", seal = "2c33abce9ec8fb9a"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Wheels {
    state: DriveState,
    base: Base,
}

impl Freezable for Wheels {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.base, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.base = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Wheels {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            base: Base::new(),
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
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        drive.payload_mut().get_or_insert_default().accel =
            self.base
                .step(f64::from(goal_payload.speed), &measured_payload.ranges)? as f32;
        alarm.payload_mut().get_or_insert_default().missed =
            u32::try_from(self.base.slips).map_err(|_| "wheels.py:40: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    side: f64,
    speed: f64,
    slips: i64,
}

impl Wheel {
    fn new(side: f64) -> Self {
        Self {
            side,
            speed: 0.0,
            slips: 0,
        }
    }

    fn drive(&mut self, wanted: f64) -> bool {
        self.speed += 0.5 * (self.side * wanted - self.speed);
        self.speed.abs() > 2.0
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Base {
    left: Wheel,
    right: Wheel,
    slips: i64,
}

impl Base {
    fn new() -> Self {
        Self {
            left: Wheel::new(1.0),
            right: Wheel::new(-1.0),
            slips: 0,
        }
    }

    fn step(&mut self, wanted: f64, ranges: &[f32; 4]) -> CuResult<f64> {
        for wheel in [&mut self.left, &mut self.right] {
            if wheel.drive(wanted) {
                wheel.slips += 1;
                self.slips += 1;
            }
        }
        for (wheel, &distance) in [&mut self.left, &mut self.right].into_iter().zip(ranges) {
            if distance < 0.5 {
                wheel.speed = 0.0;
            }
        }
        Ok([&self.left, &self.right]
            .into_iter()
            .map(|w| w.speed)
            .reduce(|best, x| if x > best { x } else { best })
            .ok_or("wheels.py:29: ValueError: max() arg is an empty sequence")?)
    }
}

//! Attributes that a class of their own watches over.
//!
//! Translated by migrate 0.1.0 from `descriptors.py`: 21 of 21 statements.
//! Warning MIG0301 line 40: `motor` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "descriptors", script = "descriptors.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "bf668adc4b6b40fd", seal = "0ab21161e90001ae"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Descriptors {
    state: DriveState,
    motor: Motor,
}

impl Freezable for Descriptors {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.motor, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.motor = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Descriptors {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            motor: Motor::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        self.motor.step(f64::from(goal_payload.speed));
        drive.payload_mut().get_or_insert_default().accel = self.motor.power() as f32;
        alarm.payload_mut().get_or_insert_default().missed = u32::try_from(self.motor.clips)
            .map_err(|_| "descriptors.py:49: `missed` leaves u32")?;
        state.last_goal = self.motor.heat() as f32;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    clips: i64,
    power: f64,
    heat: f64,
}

impl Motor {
    fn power(&self) -> f64 {
        self.power
    }

    fn set_power(&mut self, value: f64) {
        if self._power_clipped(value) != value {
            self.clips += 1;
        }
        self.power = self._power_clipped(value);
    }

    fn _power_clipped(&self, value: f64) -> f64 {
        (-1.0_f64).max(1.0_f64.min(value))
    }

    fn heat(&self) -> f64 {
        self.heat
    }

    fn set_heat(&mut self, value: f64) {
        if self._heat_clipped(value) != value {
            self.clips += 1;
        }
        self.heat = self._heat_clipped(value);
    }

    fn _heat_clipped(&self, value: f64) -> f64 {
        py_max(0.0, 100.0_f64.min(value))
    }

    fn new() -> Self {
        let mut this = Self {
            clips: 0,
            power: 0.0,
            heat: 0.0,
        };
        this.set_power(0.0);
        this.set_heat(20.0);
        this
    }

    fn step(&mut self, wanted: f64) {
        let value = self.power() + 0.5 * (wanted - self.power());
        self.set_power(value);
        let value_2 = self.heat() + (self.power().abs() - 0.1);
        self.set_heat(value_2);
    }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

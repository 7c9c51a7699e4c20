//! Objects that may be missing where they are asked for, and changes that are given back.
//!
//! Translated by migrate 0.1.0 from `lookups.py`: 26 of 26 statements.
//! Warning MIG0301 line 37: `chassis` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "lookups", script = "lookups.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6af2c6716be05ee2", seal = "7af9fc6ca616dae7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Lookups {
    state: DriveState,
    chassis: Chassis,
}

impl Freezable for Lookups {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.chassis, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.chassis = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Lookups {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            chassis: Chassis::new(),
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
        let i = i64::from(state.missed % 3);
        let at = index(i, self.chassis.wheels.len())
            .ok_or("lookups.py:46: IndexError: list index out of range")?;
        self.chassis.wheels[at]
            .as_mut()
            .ok_or("lookups.py:46: AttributeError (None)")?
            .turn(f64::from(goal_payload.speed));
        let value = self
            .chassis
            .wheels
            .get(i as usize)
            .ok_or("lookups.py:47: IndexError: list index out of range")?
            .as_ref()
            .ok_or("lookups.py:47: AttributeError (None)")?
            .turned
            + 0.5;
        let at_2 = index(i, self.chassis.wheels.len())
            .ok_or("lookups.py:47: IndexError: list index out of range")?;
        self.chassis.wheels[at_2]
            .as_mut()
            .ok_or("lookups.py:47: AttributeError (None)")?
            .turned = value;
        self.chassis
            .spare(f64::from(goal_payload.speed))
            .ok_or("lookups.py:48: AttributeError (None)")?
            .turn(1.0);
        drive.payload_mut().get_or_insert_default().accel = (self
            .chassis
            .wheels
            .get(i as usize)
            .ok_or("lookups.py:49: IndexError: list index out of range")?
            .as_ref()
            .ok_or("lookups.py:49: AttributeError (None)")?
            .radius
            + self
                .chassis
                .spare(f64::from(goal_payload.speed))
                .ok_or("lookups.py:49: AttributeError (None)")?
                .revolutions()) as f32;
        let bins: [i64; 3] = [0, 0, 0];
        let full = counted(bins, f64::from(measured_payload.speed))?;
        alarm.payload_mut().get_or_insert_default().missed = if let Some(full) = full {
            u32::try_from(full[0]).map_err(|_| "lookups.py:52: `the value` leaves u32")?
        } else {
            u32::try_from(-1).map_err(|_| "lookups.py:52: `the value` leaves u32")?
        };
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("lookups.py:53: `missed` leaves u32")?;
        Ok(())
    }
}

/// One wheel, with what it has turned.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    radius: f64,
    turned: f64,
}

impl Wheel {
    fn new(radius: f64) -> Self {
        Self {
            radius,
            turned: 0.0,
        }
    }

    fn turn(&mut self, angle: f64) {
        self.turned += angle * self.radius;
    }

    #[allow(clippy::approx_constant)]
    fn revolutions(&self) -> f64 {
        self.turned / (6.28 * self.radius)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Chassis {
    wheels: Vec<Option<Wheel>>,
}

impl Chassis {
    fn new() -> Self {
        let wheels = vec![Some(Wheel::new(0.1)), None, Some(Wheel::new(0.2))];
        Self { wheels }
    }

    fn spare(&self, radius: f64) -> Option<Wheel> {
        if radius > 0.0 {
            return Some(Wheel::new(radius));
        }
        None
    }
}

/// Counts a value in its bin; gives nothing where there is none.
fn counted(mut bins: [i64; 3], value: f64) -> CuResult<Option<[i64; 3]>> {
    'failed: {
        let Some(at) = index(
            float_to_int((value * 2.0).trunc())
                .ok_or("lookups.py:33: ValueError or OverflowError (int: no 64-bit int)")?,
            3,
        ) else {
            break 'failed;
        };
        let value_2 = bins[at]
            .checked_add(1)
            .ok_or("lookups.py:33: an int leaves 64 bits")?;
        let Some(at_2) = index(
            float_to_int((value * 2.0).trunc())
                .ok_or("lookups.py:33: ValueError or OverflowError (int: no 64-bit int)")?,
            3,
        ) else {
            break 'failed;
        };
        bins[at_2] = value_2;
        return Ok(Some(bins));
    }
    Ok(None)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 {
        i.checked_add(i64::try_from(len).ok()?)?
    } else {
        i
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}

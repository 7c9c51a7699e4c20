//! Mecanum mixer: sticks and speed loop to four wheel duties.
//!
//! Translated by migrate 0.1.0 from `python/mixer.py`: 35 of 35 statements.
//! migrate: task = "mixer", script = "python/mixer.py", mode = "embedded"
//! migrate: state = "()", source = "4a5ca7aef265f195", seal = "3c94037672e9882e"

use crate::messages::{ModeStatus, Motors, Sticks, WheelDuty};
use cu29::prelude::*;

const FR: usize = 1;
const RL: usize = 2;
const RR: usize = 3;

// drive, strafe, turn
const MIX: [[f64; 3]; 4] = [
    [1.0, 1.0, -1.0],
    [1.0, -1.0, 1.0],
    [1.0, -1.0, -1.0],
    [1.0, 1.0, 1.0],
];
const TRIM: [f64; 4] = [1.0, 0.985, 1.0, 0.99];
const TURN_GAIN: f64 = 0.5;
const STRAFE_GAIN: f64 = 0.8;
const MIN_DUTY: f64 = 0.03;
const MAX_TICKS: f64 = 1000.0;

#[derive(Debug, Reflect)]
pub struct Mixer {}

impl CuStatelessTask for Mixer {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, WheelDuty, Sticks, ModeStatus);
    type Output<'m> = output_msg!(Motors);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {})
    }

    #[allow(clippy::needless_range_loop)]
    fn process(
        &self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (speed, sticks, mode) = *input;
        if mode.payload().is_none_or(|mode_status| mode_status.brake) {
            output.set_payload(Motors {
                ticks: [0, 0, 0, 0],
                limited: false,
                brake: true,
                front_bias: 0.0,
                rear_bias: 0.0,
            });
            return Ok(());
        }

        let drive = speed
            .payload()
            .map_or(0.0, |wheel_duty| f64::from(wheel_duty.duty));
        let sticks_payload = sticks
            .payload()
            .ok_or("python/mixer.py:53: AttributeError (`sticks.payload` is None)")?;
        let strafe = STRAFE_GAIN * f64::from(sticks_payload.strafe);
        let turn = TURN_GAIN * f64::from(sticks_payload.turn);

        let mut duties = mix(drive, strafe, turn);
        for i in 0..4 {
            *duties
                .get_mut(i)
                .ok_or("python/mixer.py:58: IndexError: list index out of range")? *= TRIM[i];
        }
        let (duties, limited) = normalize(duties.clone())?;

        let motors = output.payload_mut().get_or_insert_default();
        let mut values: Vec<i16> = Vec::new();
        for &d in &duties {
            values.push(
                i16::try_from(to_ticks(d)?)
                    .map_err(|_| "python/mixer.py:61: `an element` leaves i16")?,
            );
        }
        motors.ticks = <[i16; 4]>::try_from(values)
            .map_err(|_| "python/mixer.py:61: `ticks` takes 4 values")?;
        motors.limited = limited;
        motors.brake = false;
        motors.front_bias = (*duties
            .first()
            .ok_or("python/mixer.py:64: IndexError: list index out of range")?
            - *duties
                .get(FR)
                .ok_or("python/mixer.py:64: IndexError: list index out of range")?)
            as f32;
        motors.rear_bias = (*duties
            .get(RL)
            .ok_or("python/mixer.py:65: IndexError: list index out of range")?
            - *duties
                .get(RR)
                .ok_or("python/mixer.py:65: IndexError: list index out of range")?)
            as f32;
        output.tov = sticks.tov;
        Ok(())
    }
}

fn mix(drive: f64, strafe: f64, turn: f64) -> Vec<f64> {
    let mut duties: Vec<f64> = Vec::new();
    for &row in &MIX {
        duties.push(row[0] * drive + row[1] * strafe + row[2] * turn);
    }
    duties
}

/// Scales all wheels alike where one would be over its limit.
fn normalize(duties: Vec<f64>) -> CuResult<(Vec<f64>, bool)> {
    let largest = duties
        .iter()
        .map(|&d| d.abs())
        .reduce(|best, x| if x > best { x } else { best })
        .ok_or("python/mixer.py:28: ValueError: max() arg is an empty sequence")?;
    if largest <= 1.0 {
        return Ok((duties, false));
    }
    Ok((duties.iter().map(|&d| d / largest).collect(), true))
}

fn to_ticks(duty: f64) -> CuResult<i64> {
    if duty.abs() < MIN_DUTY {
        return Ok(0);
    }
    Ok(float_to_int((duty * MAX_TICKS).round_ties_even())
        .ok_or("python/mixer.py:37: ValueError or OverflowError (round: no 64-bit int)")?)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

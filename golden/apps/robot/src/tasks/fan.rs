//! Translated by migrate 0.1.0 from `python/fan.py`: 39 of 39 statements.
//! Warning MIG0301 line 11: `hot` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "fan", script = "python/fan.py", mode = "embedded"
//! migrate: state = "crate::states::FanState", source = "e1bfa248f6b14b49", seal = "7d74104992de2b04"

use crate::messages::{FanDuty, PowerSample};
use crate::states::FanState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

//
// Fan control: a thermostat with hysteresis for each motor, one fan for all of them.
//
const ON_AT: [f64; 3] = [55.0, 55.0, 65.0]; // left motor, right motor, controller board
const HYSTERESIS: f64 = 8.0;
const MIN_ON: u16 = 120; // cycles, so that the fan does not chatter
const FULL_AT: f64 = 85.0;
const SENSOR_FAULT: f64 = 150.0;

#[derive(Debug, Reflect)]
pub struct Fan {
    state: FanState,
    hot: [bool; 3],
}

impl Freezable for Fan {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.duty, encoder)?;
        Encode::encode(&self.state.timer, encoder)?;
        Encode::encode(&self.hot, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.duty = Decode::decode(decoder)?;
        self.state.timer = Decode::decode(decoder)?;
        self.hot = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Fan {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(PowerSample);
    type Output<'m> = output_msg!(FanDuty);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FanState::default(),
            hot: [false, false, false],
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = self.state.clone();
        let Some(power_sample) = input.payload() else {
            return Ok(());
        };

        let mut faults: i64 = 0;
        let mut duty: i64 = 0;
        for (i, &t) in power_sample.temps.iter().enumerate() {
            if f64::from(t) > SENSOR_FAULT || t < -40.0 {
                // broken sensor: be careful and cool
                faults += 1;
                duty = duty.max(60);
                continue;
            }
            if self.hot[i] {
                if f64::from(t) < ON_AT[i] - HYSTERESIS {
                    self.hot[i] = false;
                }
            } else if f64::from(t) > ON_AT[i] {
                self.hot[i] = true;
            }
            if self.hot[i] {
                duty = duty.max(demand(f64::from(t), ON_AT[i])?);
            }
        }

        if duty > 0 {
            state.timer = MIN_ON;
        } else if state.timer > 0 {
            state.timer = state
                .timer
                .checked_sub(1)
                .ok_or("python/fan.py:46: `timer` leaves u16")?;
            duty = 30;
        }

        if duty != i64::from(state.duty) {
            // ramp up at once, down slowly
            state.duty = if duty > i64::from(state.duty) {
                u8::try_from(duty).map_err(|_| "python/fan.py:51: `the value` leaves u8")?
            } else {
                duty.max(i64::from(state.duty) - 1) as u8
            };
        }

        let fan_duty = output.payload_mut().get_or_insert_default();
        fan_duty.on = state.duty > 0;
        fan_duty.duty = state.duty;
        fan_duty.hottest = power_sample
            .temps
            .iter()
            .copied()
            .reduce(|best, x| if x > best { x } else { best })
            .ok_or("python/fan.py:55: ValueError: max() arg is an empty sequence")?;
        fan_duty.faults =
            u8::try_from(faults).map_err(|_| "python/fan.py:56: `faults` leaves u8")?;
        output.tov = input.tov;
        self.state = state;
        Ok(())
    }
}

/// Duty in percent, linear from the switching point to FULL_AT.
fn demand(temp: f64, start: f64) -> CuResult<i64> {
    if temp >= FULL_AT {
        return Ok(100);
    }
    let d = 30.0
        + true_div(70.0 * (temp - start), FULL_AT - start)
            .ok_or("python/fan.py:18: ZeroDivisionError: float division by zero")?;
    Ok(float_to_int(30.0_f64.max(d).trunc())
        .ok_or("python/fan.py:19: ValueError or OverflowError (int: no 64-bit int)")?)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A whole float as an int: `None` for NaN, an infinity, or what leaves 64 bits.
fn float_to_int(whole: f64) -> Option<i64> {
    (whole >= i64::MIN as f64 && whole < i64::MAX as f64).then_some(whole as i64)
}

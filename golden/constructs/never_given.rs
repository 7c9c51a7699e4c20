//! Options that nobody gives, and such as everybody gives.
//!
//! Translated by migrate 0.1.0 from `never_given.py`: 39 of 39 statements.
//! Warning MIG0301 line 58: `pid` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 59: `limits` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 60: `last_sector` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! migrate: task = "never_given", script = "never_given.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "313c4f4be1f9cd86", seal = "660f2a305737c441"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct NeverGiven {
    state: DriveState,
    pid: Pid,
    limits: Limits,
    last_sector: Option<i64>,
}

impl Freezable for NeverGiven {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.pid, encoder)?;
        Encode::encode(&self.limits, encoder)?;
        Encode::encode(&self.last_sector, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.pid = Decode::decode(decoder)?;
        self.limits = Decode::decode(decoder)?;
        self.last_sector = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for NeverGiven {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            pid: Pid::new(1.5, 0.2),
            limits: Limits::new(40)?,
            last_sector: None,
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
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        if measured_payload.speed > 3.0 {
            self.limits.set_both((Some(-20), 30))?;
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = clamp(
            deadband(self.pid.step(f64::from(measured_payload.speed))),
            100.0,
        ) as f32;
        // None is in no list of numbers: to ask is no error.
        if state.last.is_some_and(|x| x == 0.0 || x == 1.0)
            || ({
                let choices = self.limits.both();
                choices.0.is_some_and(|x| x == i64::from(state.missed))
                    || choices.1.is_some_and(|x| x == i64::from(state.missed))
            })
        {
            drive_payload.sector = 2;
        }
        if matches!(self.last_sector, Some(1 | 2)) {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("never_given.py:76: `missed` leaves u32")?;
        }
        self.last_sector = if measured_payload.speed > 0.0 {
            Some(1)
        } else {
            None
        };
        state.last = if measured_payload.ranges[0] > 0.0 {
            Some(measured_payload.speed)
        } else {
            None
        };
        Ok(())
    }
}

fn clamp(value: f64, high: f64) -> f64 {
    if value > high {
        return high;
    }
    value
}

fn deadband(value: f64) -> f64 {
    let width = 0.05;
    let gain = 1.0;
    if value.abs() < width {
        0.0
    } else {
        value * gain
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limits {
    low: Option<i64>,
    high: Option<i64>,
}

impl Limits {
    fn new(high: i64) -> CuResult<Self> {
        let mut this = Self {
            low: None,
            high: None,
        };
        this.set_both((None, high))?;
        Ok(this)
    }

    fn both(&self) -> (Option<i64>, Option<i64>) {
        (self.low, self.high)
    }

    fn set_both(&mut self, limits: (Option<i64>, i64)) -> CuResult<()> {
        let (low, high) = limits;
        if limits.0.is_some()
            && high < low.ok_or("never_given.py:31: TypeError (None is no number)")?
        {
            return Err(
                "never_given.py:32: ValueError: the lower limit is above the upper one".into(),
            );
        }
        self.low = low;
        self.high = Some(high);
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pid {
    kp: f64,
    ki: f64,
    setpoint: f64,
    integral: Option<f64>,
}

impl Pid {
    fn new(kp: f64, ki: f64) -> Self {
        Self {
            kp,
            ki,
            setpoint: 0.0,
            integral: None,
        }
    }

    fn step(&mut self, measured: f64) -> f64 {
        let dt = 0.01;
        let error = self.setpoint - measured;
        if self.integral.is_none() {
            self.integral = Some(0.0);
        }
        self.integral = Some(self.integral.unwrap_or_default() + self.ki * error * dt);
        self.kp * error + self.integral.unwrap_or_default()
    }
}

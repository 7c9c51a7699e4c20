//! Classes that have no base in common, but the same methods.
//!
//! Translated by migrate 0.1.0 from `relatives.py`: 39 of 39 statements.
//! Warning MIG0301 line 59: `devices` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 60: `controllers` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! migrate: task = "relatives", script = "relatives.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a85690f6e8c91ec6", seal = "248f0a12f79a52f9"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct Relatives {
    state: DriveState,
    devices: Vec<Device>,
    controllers: BTreeMap<String, Controller>,
}

impl Freezable for Relatives {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.devices, encoder)?;
        Encode::encode(&self.controllers, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.devices = Decode::decode(decoder)?;
        self.controllers = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Relatives {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            devices: vec![
                Device::Motor(Motor::new(0.3)),
                Device::Relay(Relay::new()),
                Device::Motor(Motor::new(0.9)),
            ],
            controllers: BTreeMap::from([
                ("near".to_string(), controller("pid")),
                ("far".to_string(), controller("bang")),
            ]),
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
        let mut total = 0.0;
        for device in &mut self.devices {
            total += device.update(f64::from(goal_payload.speed));
            if matches!(device, Device::Relay(_)) && device.on()? {
                total += device.switched()? as f64;
            }
        }
        let which = (if measured_payload.ranges[0] < 2.0 {
            "near"
        } else {
            "far"
        })
        .to_string();
        total += self
            .controllers
            .get_mut(&which)
            .ok_or("relatives.py:73: KeyError (no such key, a str)")?
            .control(f64::from(goal_payload.speed) - f64::from(measured_payload.speed));
        drive.payload_mut().get_or_insert_default().accel = total as f32;
        alarm.payload_mut().get_or_insert_default().reason = self
            .devices
            .iter()
            .map(|d| d.describe())
            .collect::<Vec<_>>()
            .join(", ");
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    gain: f64,
    speed: f64,
}

impl Motor {
    fn new(gain: f64) -> Self {
        Self { gain, speed: 0.0 }
    }

    fn update(&mut self, wanted: f64) -> f64 {
        self.speed += self.gain * (wanted - self.speed);
        self.speed
    }

    fn describe(&self) -> &'static str {
        "motor"
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Device {
    Motor(Motor),
    Relay(Relay),
}

impl Device {
    fn update(&mut self, wanted: f64) -> f64 {
        match self {
            Self::Motor(motor) => motor.update(wanted),
            Self::Relay(relay) => relay.update(wanted),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Motor(motor) => motor.describe().to_string(),
            Self::Relay(relay) => relay.describe(),
        }
    }

    fn switched(&self) -> CuResult<i64> {
        match self {
            Self::Motor(_) => Err(
                "relatives.py:1: AttributeError: 'Motor' object has no attribute 'switched'".into(),
            ),
            Self::Relay(relay) => Ok(relay.switched),
        }
    }

    fn on(&self) -> CuResult<bool> {
        match self {
            Self::Motor(_) => {
                Err("relatives.py:1: AttributeError: 'Motor' object has no attribute 'on'".into())
            }
            Self::Relay(relay) => Ok(relay.on),
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Relay {
    switched: i64,
    on: bool,
}

impl Relay {
    const KIND: &str = "relay";

    fn new() -> Self {
        Self {
            switched: 0,
            on: false,
        }
    }

    fn update(&mut self, wanted: f64) -> f64 {
        let on = wanted > 0.5;
        if on != self.on {
            self.on = on;
            self.switched += 1;
        }
        if on { 1.0 } else { 0.0 }
    }

    fn describe(&self) -> String {
        format!("{} {}", Self::KIND, self.switched)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Pid {
    kp: f64,
    ki: f64,
    sum: f64,
}

impl Pid {
    fn new(kp: f64, ki: f64) -> Self {
        Self { kp, ki, sum: 0.0 }
    }

    fn control(&mut self, error: f64) -> f64 {
        self.sum += error;
        self.kp * error + self.ki * self.sum
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Controller {
    Pid(Pid),
    BangBang(BangBang),
}

impl Controller {
    fn control(&mut self, error: f64) -> f64 {
        match self {
            Self::Pid(pid) => pid.control(error),
            Self::BangBang(bang_bang) => bang_bang.control(error),
        }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct BangBang {
    level: f64,
}

impl BangBang {
    fn new(level: f64) -> Self {
        Self { level }
    }

    fn control(&self, error: f64) -> f64 {
        if error > 0.0 { self.level } else { -self.level }
    }
}

fn controller(name: &str) -> Controller {
    if name == "pid" {
        return Controller::Pid(Pid::new(0.5, 0.01));
    }
    Controller::BangBang(BangBang::new(2.0))
}

//! `*` of lists of any length, and `*args` that are handed on or kept.
//!
//! Translated by migrate 0.1.0 from `handed_on.py`: 46 of 46 statements.
//! Warning MIG0301 line 47: `bus` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 50: `dividers` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 51: `pose` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 52: `cycle` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "handed_on", script = "handed_on.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a8c4bab26ee8edc8", seal = "d5fb000ca7ff2466"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct HandedOn {
    state: DriveState,
    bus: Bus,
    dividers: Vec<Divider>,
    pose: [f64; 3],
    cycle: i64,
}

impl Freezable for HandedOn {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.bus, encoder)?;
        Encode::encode(&self.dividers, encoder)?;
        Encode::encode(&self.pose, encoder)?;
        Encode::encode(&self.cycle, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.bus = Decode::decode(decoder)?;
        self.dividers = Decode::decode(decoder)?;
        self.pose = Decode::decode(decoder)?;
        self.cycle = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for HandedOn {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            bus: initial_bus(),
            dividers: vec![
                Divider::new(2, FunctionTarget::Weak),
                Divider::new(3, FunctionTarget::Divider),
            ],
            pose: [0.0, 0.0, 0.0],
            cycle: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_goal, measured) = *input;
        let (drive, alarm) = output;
        let mut accel = f64::from(drive.payload().cloned().unwrap_or_default().accel);
        self.cycle += 1;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        self.pose[0] += f64::from(measured_payload.speed);
        let near: Vec<f64> = measured_payload
            .ranges
            .iter()
            .filter(|&&r| r < 10.0)
            .map(|&r| f64::from(r))
            .collect();
        if let Ok(value) = <[f64; 3]>::try_from(near.as_slice()) {
            let items = value;
            accel = mix(items[0], items[1], items[2]);
            drive.payload_mut().get_or_insert_default().accel = accel as f32;
        } else {
            alarm.payload_mut().get_or_insert_default().reason = "ranges".into();
        }
        if near.len() > 1 {
            let drive_payload = drive.payload_mut().get_or_insert_default();
            accel += (near.len() >= 2)
                .then_some(near.as_slice())
                .ok_or("handed_on.py:69: TypeError (not enough arguments by `*`)")?
                .iter()
                .copied()
                .reduce(|best, x| if x > best { x } else { best })
                .ok_or("handed_on.py:69: ValueError: max() arg is an empty sequence")?
                - [
                    [0.0].as_slice(),
                    (!near.is_empty())
                        .then_some(near.as_slice())
                        .ok_or("handed_on.py:69: TypeError (not enough arguments by `*`)")?,
                ]
                .concat()
                .iter()
                .copied()
                .reduce(|best, x| if x < best { x } else { best })
                .ok_or("handed_on.py:69: ValueError: min() arg is an empty sequence")?
                + mix(self.pose[0], self.pose[1], self.pose[2]);
            drive_payload.accel = accel as f32;
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        let accel = accel + self.bus.send((f64::from(measured_payload.speed), 1.0));
        drive_payload.accel = accel as f32;
        drive_payload.accel = (accel + folded(&near, self.pose[1])) as f32;
        let given: Vec<Option<f64>> = self
            .dividers
            .iter_mut()
            .map(|d| d.tick(self.cycle, f64::from(measured_payload.speed)))
            .collect();
        alarm.payload_mut().get_or_insert_default().missed =
            u32::try_from(given.iter().flatten().count())
                .map_err(|_| "handed_on.py:73: `missed` leaves u32")?;
        Ok(())
    }
}

fn mix(throttle: f64, roll: f64, pitch: f64) -> f64 {
    throttle + roll - pitch
}

fn weak(speed: f64) -> f64 {
    speed * 0.5
}

/// Calls a function every few cycles.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Divider {
    every: i64,
    function: FunctionTarget,
    runs: i64,
}

impl Divider {
    fn new(every: i64, function: FunctionTarget) -> Self {
        Self {
            every,
            function,
            runs: 0,
        }
    }

    fn tick(&mut self, cycle: i64, arg: f64) -> Option<f64> {
        if cycle % self.every == 0 {
            self.runs += 1;
            return Some(self.function.call(arg));
        }
        None
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bus {
    listeners: Vec<(Function, (f64,))>,
}

impl Bus {
    fn new() -> Self {
        Self {
            listeners: Vec::new(),
        }
    }

    fn listen(&mut self, function: Function, arg: f64) {
        self.listeners.push((function, (arg,)));
    }

    fn send(&self, pair: (f64, f64)) -> f64 {
        let mut total = 0.0;
        for &(function, args) in &self.listeners {
            total += function.call(pair.0, pair.1, args.0);
        }
        total
    }
}

fn weighed(a: f64, b: f64, weight: f64) -> f64 {
    (a + b) * weight
}

fn initial_bus() -> Bus {
    let mut bus = Bus::new();
    bus.listen(Function::Weighed, 0.5);
    bus.listen(Function::Weighed, 2.0);
    bus
}

/// What `function` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Function {
    Weighed,
}

impl Function {
    fn call(self, a: f64, b: f64, weight: f64) -> f64 {
        match self {
            Self::Weighed => weighed(a, b, weight),
        }
    }
}

/// What `function` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum FunctionTarget {
    Weak,
    Divider,
}

impl FunctionTarget {
    fn call(self, speed: f64) -> f64 {
        match self {
            Self::Weak => weak(speed),
            Self::Divider => divider_function(speed),
        }
    }
}

fn divider_function(pitch: f64) -> f64 {
    mix(0.5, 1.0, pitch)
}

fn folded(items: &[f64], mut total: f64) -> f64 {
    for &r in items {
        total = total * 0.5 + r;
    }
    total
}

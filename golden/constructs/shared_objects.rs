//! Objects that several others share and change: they belong to the task.
//!
//! Translated by migrate 0.1.0 from `shared_objects.py`: 48 of 48 statements.
//! Warning MIG0301 line 27: `motors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 72: `bus` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 78: `robot` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "shared_objects", script = "shared_objects.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "744ce3cc121eca3c", seal = "300877f432986225"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct SharedObjects {
    state: DriveState,
    motors: Vec<Motor>,
    bus: Bus,
    robot: Robot,
}

impl Freezable for SharedObjects {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.motors, encoder)?;
        Encode::encode(&self.bus, encoder)?;
        Encode::encode(&self.robot, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.motors = Decode::decode(decoder)?;
        self.bus = Decode::decode(decoder)?;
        self.robot = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SharedObjects {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut motors = Vec::new();
        let bus = Bus::new(4);
        let robot = Robot::new(4, &mut motors);
        Ok(Self {
            state: DriveState::default(),
            motors,
            bus,
            robot,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, _alarm) = output;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.robot
            .pan
            .move_(f64::from(goal_payload.speed) * 10.0, &mut self.bus)?;
        self.robot
            .tilt
            .move_(-f64::from(measured_payload.speed), &mut self.bus)?;
        self.robot.chassis.choose(if goal_payload.speed > 1.0 {
            "left"
        } else if goal_payload.speed < -1.0 {
            "right"
        } else {
            ""
        });
        self.robot
            .chassis
            .run(f64::from(measured_payload.speed), &mut self.motors);
        self.motors[self.robot.chassis.left].gain = 0.75;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (self.robot.chassis.total(&self.motors)
            + self.motors[self.robot.chassis.fastest(&self.motors)?].gain)
            as f32;
        drive_payload.sector = (self.bus.writes % 16) as u8;
        Ok(())
    }
}

/// The registers of a board.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bus {
    registers: Vec<i64>,
    writes: i64,
}

impl Bus {
    fn new(size: i64) -> Self {
        Self {
            registers: vec![0; size as usize],
            writes: 0,
        }
    }

    fn write(&mut self, register: i64, value: i64) -> CuResult<()> {
        let at = index(
            modulo(register, self.registers.len() as i64)
                .ok_or("shared_objects.py:12: ZeroDivisionError: integer modulo by zero")?,
            self.registers.len(),
        )
        .ok_or("shared_objects.py:12: IndexError: list assignment index out of range")?;
        self.registers[at] = value & 0xFFFF;
        self.writes += 1;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Servo {
    register: i64,
    angle: f64,
}

impl Servo {
    fn new(register: i64) -> Self {
        Self {
            register,
            angle: 0.0,
        }
    }

    fn move_(&mut self, angle: f64, bus: &mut Bus) -> CuResult<()> {
        self.angle = (-90.0_f64).max(90.0_f64.min(angle));
        bus.write(self.register, (self.angle * 100.0).trunc() as i64)?;
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_motor(gain: f64, limit: f64, motors: &mut Vec<Motor>) -> usize {
    let at = motors.len();
    motors.push(Motor::new(gain, limit));
    at
}

/// A wheel's motor.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Motor {
    gain: f64,
    limit: f64,
    speed: f64,
}

impl Motor {
    fn new(gain: f64, limit: f64) -> Self {
        Self {
            gain,
            limit,
            speed: 0.0,
        }
    }

    fn run(&mut self, target: f64) {
        let target = (-self.limit).max(self.limit.min(target));
        self.speed += self.gain * (target - self.speed);
    }

    fn stop(&mut self) {
        self.speed = 0.0;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Chassis {
    left: usize,
    right: usize,
    spare: usize,
    motors: Vec<usize>,
    by_name: BTreeMap<String, usize>,
    active: usize,
    last: Option<usize>,
}

impl Chassis {
    #[allow(clippy::ptr_arg)]
    fn new(motors: &mut Vec<Motor>) -> Self {
        let left = new_motor(0.5, 10.0, motors);
        let right = new_motor(0.25, 10.0, motors);
        let spare = new_motor(0.125, 5.0, motors);
        // The same motors, by number and by name.
        Self {
            left,
            right,
            spare,
            motors: vec![left, right, spare],
            by_name: BTreeMap::from([("left".to_string(), left), ("right".to_string(), right)]),
            active: left,
            last: None,
        }
    }

    fn choose(&mut self, name: &str) {
        self.last = Some(self.active);
        self.active = self.by_name.get(name).copied().unwrap_or(self.spare);
    }

    #[allow(clippy::ptr_arg)]
    fn run(&self, target: f64, motors: &mut Vec<Motor>) {
        motors[self.active].run(target);
        if let Some(last) = self.last
            && last != self.active
        {
            motors[last].stop();
        }
    }

    fn fastest(&self, motors: &[Motor]) -> CuResult<usize> {
        Ok(self
            .motors
            .iter()
            .copied()
            .reduce(|best, m| {
                if motors[m].speed > motors[best].speed {
                    m
                } else {
                    best
                }
            })
            .ok_or("shared_objects.py:64: ValueError: max() arg is an empty sequence")?)
    }

    fn total(&self, motors: &[Motor]) -> f64 {
        self.motors
            .iter()
            .map(|&m| motors[m].speed)
            .fold(0.0, |sum, x| sum + x)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Robot {
    pan: Servo,
    tilt: Servo,
    chassis: Chassis,
}

impl Robot {
    #[allow(clippy::ptr_arg)]
    fn new(_registers: i64, motors: &mut Vec<Motor>) -> Self {
        Self {
            pan: Servo::new(1),
            tilt: Servo::new(2),
            chassis: Chassis::new(motors),
        }
    }
}

/// Python's `a % b` on ints: the sign is `b`'s. `None` where it raises.
fn modulo(a: i64, b: i64) -> Option<i64> {
    if b == 0 {
        return None;
    }
    let rest = a.wrapping_rem(b);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
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

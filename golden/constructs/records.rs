//! Dicts with fixed keys are structs, constant tables are functions of their key.
//!
//! Translated by migrate 0.1.0 from `records.py`: 40 of 40 statements.
//! Warning MIG0301 line 42: `controller` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 43: `gear` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 44: `leg` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "records", script = "records.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ce0d1bc1b112b97a", seal = "d95db2335369a342"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const GAINS_SPORT: Gain = Gain { kp: 1.2, ki: 0.05 };
const ROUTE: [RouteEntry; 3] = [
    RouteEntry { x: 0.0, speed: 0.5 },
    RouteEntry { x: 4.0, speed: 2.0 },
    RouteEntry { x: 9.0, speed: 0.0 },
];

#[derive(Debug, Reflect)]
pub struct Records {
    state: DriveState,
    controller: Controller,
    gear: Gear,
    leg: i64,
}

impl Freezable for Records {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.controller, encoder)?;
        Encode::encode(&self.gear, encoder)?;
        Encode::encode(&self.leg, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.controller = Decode::decode(decoder)?;
        self.gear = Decode::decode(decoder)?;
        self.leg = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Records {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            controller: Controller::new(&GAINS_SPORT),
            gear: Gear::Park,
            leg: 0,
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
        let event = (if f64::from(goal_payload.speed) > 0.1 {
            "go"
        } else if f64::from(goal_payload.speed) < -0.1 {
            "back"
        } else {
            "stop"
        })
        .to_string();
        if shifts_of((self.gear, &event)).is_some() {
            self.gear =
                shifts_of((self.gear, &event)).ok_or("records.py:61: KeyError (no such key)")?;
        }

        let target = ROUTE
            [index(self.leg, 3).ok_or("records.py:63: IndexError: list index out of range")?];
        if f64::from(measured_payload.ranges[0]) > target.x {
            self.leg = modulo(self.leg + 1, ROUTE.len() as i64)
                .ok_or("records.py:65: ZeroDivisionError: integer modulo by zero")?;
        }
        let wanted = py_min(limits_of(self.gear), target.speed);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = self
            .controller
            .step(wanted - f64::from(measured_payload.speed)) as f32;
        drive_payload.sector = 3;

        let where_ = band(f64::from(measured_payload.ranges[1]));
        if bands_of(&where_).unwrap_or(10.0) > 5.0 {
            alarm.set_payload(Alarm {
                reason: where_.clone(),
                missed: u32::try_from(self.leg)
                    .map_err(|_| "records.py:72: `missed` leaves u32")?,
            });
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Gain {
    kp: f64,
    ki: f64,
}

#[derive(Debug, Clone, Copy)]
struct RouteEntry {
    x: f64,
    speed: f64,
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Memory {
    integral: f64,
    last: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Gear {
    Park,
    Drive,
    Reverse,
}

/// `LIMITS[key]`
fn limits_of(key: Gear) -> f64 {
    match key {
        Gear::Park => 0.0,
        Gear::Drive => 3.0,
        Gear::Reverse => -1.0,
    }
}

/// `SHIFTS[key]`
fn shifts_of(key: (Gear, &str)) -> Option<Gear> {
    Some(match key {
        (Gear::Park, "go") => Gear::Drive,
        (Gear::Drive, "stop") => Gear::Park,
        (Gear::Park, "back") => Gear::Reverse,
        (Gear::Reverse, "stop") => Gear::Park,
        _ => return None,
    })
}

/// `BANDS[key]`
fn bands_of(key: &str) -> Option<f64> {
    Some(match key {
        "near" => 0.5,
        "middle" => 2.0,
        "far" => 6.0,
        _ => return None,
    })
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Controller {
    gains: Gain,
    memory: Memory,
}

impl Controller {
    fn new(gains: &Gain) -> Self {
        let gains_value = *gains;
        Self {
            gains: gains_value,
            memory: Memory {
                integral: 0.0,
                last: None,
            },
        }
    }

    fn step(&mut self, error: f64) -> f64 {
        self.memory.integral += error;
        let mut change = 0.0;
        if let Some(last) = self.memory.last {
            change = error - last;
        }
        self.memory.last = Some(error);
        self.gains.kp * error + self.gains.ki * self.memory.integral + change
    }
}

fn band(distance: f64) -> String {
    for (name, limit) in [("near", 0.5), ("middle", 2.0), ("far", 6.0)] {
        if distance < limit {
            return name.to_string();
        }
    }
    "beyond".into()
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

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
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

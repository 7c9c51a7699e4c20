//! Translated by migrate 0.1.0 from `objects.py`: 70 of 70 statements.
//! Warning MIG0301 line 35: `servo_created` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 106: `front` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 107: `others` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 108: `rover` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 109: `trip` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 110: `pan` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 111: `axle` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 112: `gear` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 113: `faults` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "objects", script = "objects.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "01f2c34a1bfef9e2", seal = "52915cddbe322e0f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Objects {
    state: DriveState,
    servo_created: i64,
    rover: Rover,
    trip: Trip,
    pan: Servo,
    axle: Axle,
    gear: Gear,
    faults: i64,
}

impl Freezable for Objects {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.servo_created, encoder)?;
        Encode::encode(&self.rover, encoder)?;
        Encode::encode(&self.trip, encoder)?;
        Encode::encode(&self.pan, encoder)?;
        Encode::encode(&self.axle, encoder)?;
        Encode::encode(&self.gear, encoder)?;
        Encode::encode(&self.faults, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.servo_created = Decode::decode(decoder)?;
        self.rover = Decode::decode(decoder)?;
        self.trip = Decode::decode(decoder)?;
        self.pan = Decode::decode(decoder)?;
        self.axle = Decode::decode(decoder)?;
        self.gear = Decode::decode(decoder)?;
        self.faults = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Objects {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut servo_created: i64 = 0;
        let front = Axle::new();
        let others: Vec<Axle> = vec![Axle::new()];
        let rover = Rover::new(front, others);
        let trip = Trip::new();
        let pan = Servo::centered(3, &mut servo_created);
        let axle = Axle::new();
        let gear: Gear = Gear::Neutral;
        let faults: i64 = Fault::NONE;
        Ok(Self {
            state: DriveState::default(),
            servo_created,
            rover,
            trip,
            pan,
            axle,
            gear,
            faults,
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
            self.faults |= Fault::STALL;
            return Ok(());
        };
        self.faults &= 1;
        self.gear = self.gear.up()?;
        if self.trip.phase == Phase::Run {
            self.trip.reset();
        }
        self.trip.phase = Phase::Run;
        self.pan.set_angle(f64::from(goal_payload.speed));
        let value = self.pan.angle() + 1.5;
        self.pan.set_angle(value);
        let mut total: i64 = 0;
        for phase in [Phase::Boot, Phase::Run, Phase::Stop] {
            total += phase.value();
        }
        drive.payload_mut().get_or_insert_default().accel = (Servo::to_pulse(self.pan.angle())
            + self.axle.step(f64::from(measured_payload.speed))?
            + self.rover.step(f64::from(goal_payload.speed))?)
            as f32;
        if self.gear.is_forward() && self.faults & Fault::HOT == 0 {
            alarm.set_payload(Alarm {
                reason: format!(
                    "{} Phase.{} {}",
                    self.gear.name(),
                    Phase::Run.name(),
                    Phase::Stop.name()
                ),
                missed: u32::try_from(total + self.gear as i64)
                    .map_err(|_| "objects.py:134: `missed` leaves u32")?,
            });
        }
        state.missed =
            u32::try_from(self.servo_created).map_err(|_| "objects.py:135: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Gear {
    Reverse = -1,
    Neutral = 0,
    First = 1,
    Second = 2,
}

impl Gear {
    /// The member's name.
    fn name(self) -> &'static str {
        match self {
            Self::Reverse => "REVERSE",
            Self::Neutral => "NEUTRAL",
            Self::First => "FIRST",
            Self::Second => "SECOND",
        }
    }

    /// The member of that value.
    fn from_value(value: i64) -> Option<Self> {
        match value {
            -1 => Some(Self::Reverse),
            0 => Some(Self::Neutral),
            1 => Some(Self::First),
            2 => Some(Self::Second),
            _ => None,
        }
    }

    fn up(self) -> CuResult<Self> {
        Ok(if self == Self::Second {
            self
        } else {
            Self::from_value(self as i64 + 1)
                .ok_or("objects.py:11: ValueError (no member of `Gear` has that value)")?
        })
    }

    fn is_forward(self) -> bool {
        self > Self::Neutral
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Phase {
    Boot,
    Run,
    Stop,
}

impl Phase {
    /// The member's value.
    fn value(self) -> i64 {
        match self {
            Self::Boot => 1,
            Self::Run => 2,
            Self::Stop => 3,
        }
    }

    /// The member's name.
    fn name(self) -> &'static str {
        match self {
            Self::Boot => "BOOT",
            Self::Run => "RUN",
            Self::Stop => "STOP",
        }
    }
}

#[derive(Debug, Clone)]
struct Fault;

impl Fault {
    const NONE: i64 = 0;
    const HOT: i64 = 1;
    const STALL: i64 = 2;
}

/// A servo with limits.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Servo {
    angle: f64,
    channel: i64,
}

impl Servo {
    const MIN: f64 = -90.0;
    const MAX: f64 = 90.0;

    fn new(channel: i64, servo_created: &mut i64) -> Self {
        *servo_created += 1;
        Self {
            angle: 0.0,
            channel,
        }
    }

    fn angle(&self) -> f64 {
        self.angle
    }

    fn set_angle(&mut self, value: f64) {
        self.angle = Self::MIN.max(Self::MAX.min(value));
    }

    fn centered(channel: i64, servo_created: &mut i64) -> Self {
        let mut servo = Self::new(channel, servo_created);
        servo.set_angle(5.0);
        servo
    }

    fn to_pulse(degrees: f64) -> f64 {
        1500.0 + degrees / 90.0 * 500.0
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    radius: f64,
    turns: f64,
}

impl Wheel {
    fn new(radius: f64) -> Self {
        Self { radius, turns: 0.0 }
    }

    fn update(&mut self, speed: f64) {
        self.turns += speed * self.radius;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Axle {
    wheels: Vec<Wheel>,
}

impl Axle {
    fn new() -> Self {
        let wheels: Vec<Wheel> = (0..2).map(|_| Wheel::new(0.1)).collect();
        Self { wheels }
    }

    fn step(&mut self, speed: f64) -> CuResult<f64> {
        for wheel in &mut self.wheels {
            wheel.update(speed);
        }
        let at = index(0, self.wheels.len())
            .ok_or("objects.py:77: IndexError: list index out of range")?;
        self.wheels[at].turns = 0.5;
        Ok(self
            .wheels
            .get(1)
            .ok_or("objects.py:78: IndexError: list index out of range")?
            .turns)
    }
}

/// Its phase is set by what its constructor calls.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Trip {
    trips: i64,
    phase: Phase,
}

impl Trip {
    fn new() -> Self {
        let mut this = Self {
            trips: 0,
            phase: Phase::Boot,
        };
        this.reset();
        this
    }

    fn reset(&mut self) {
        self.phase = Phase::Stop;
        self.trips += 1;
    }
}

/// It is given its axles.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Rover {
    front: Axle,
    others: Vec<Axle>,
}

impl Rover {
    fn new(front: Axle, others: Vec<Axle>) -> Self {
        Self { front, others }
    }

    fn step(&mut self, speed: f64) -> CuResult<f64> {
        for axle in &mut self.others {
            axle.step(speed)?;
        }
        self.front.step(speed)
    }
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

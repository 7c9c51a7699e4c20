//! One class for values of several kinds: a ring of numbers and one of points.
//!
//! Translated by migrate 0.1.0 from `kinds_of_classes.py`: 65 of 65 statements.
//! Warning MIG0301 line 42: `speeds` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 43: `points` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 44: `mode` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 45: `level` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 46: `sectors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 47: `names` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "kinds_of_classes", script = "kinds_of_classes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ec86de1f6cd26488", seal = "c19a5f324dba79e8"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct KindsOfClasses {
    state: DriveState,
    speeds: NumberRing,
    points: PairRing,
    mode: Change,
    level: NumberChange,
    sectors: Channel,
    names: TextChannel,
}

impl Freezable for KindsOfClasses {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.speeds, encoder)?;
        Encode::encode(&self.points, encoder)?;
        Encode::encode(&self.mode, encoder)?;
        Encode::encode(&self.level, encoder)?;
        Encode::encode(&self.sectors, encoder)?;
        Encode::encode(&self.names, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.speeds = Decode::decode(decoder)?;
        self.points = Decode::decode(decoder)?;
        self.mode = Decode::decode(decoder)?;
        self.level = Decode::decode(decoder)?;
        self.sectors = Decode::decode(decoder)?;
        self.names = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for KindsOfClasses {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            speeds: NumberRing::new(4),
            points: PairRing::new(3),
            mode: Change::new("idle"),
            level: NumberChange::new(0),
            sectors: Channel::new(2),
            names: TextChannel::new(2),
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
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let name = (if measured_payload.speed > 1.0 {
            "fast"
        } else {
            "slow"
        })
        .to_string();
        self.speeds.push(f64::from(measured_payload.speed))?;
        self.points.push((
            f64::from(measured_payload.speed),
            f64::from(measured_payload.ranges[0]),
        ))?;
        self.mode.set(&name);
        self.level.set(self.speeds.len());
        self.sectors.put(self.speeds.len() + self.points.len())?;
        self.names.put(&name)?;
        let (x, y) = self.points.newest()?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = (self.speeds.newest()? + x * y) as f32;
        drive_payload.sector = u8::try_from(self.sectors.ring.newest()?)
            .map_err(|_| "kinds_of_classes.py:64: `sector` leaves u8")?;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = self.names.ring.newest()?;
        alarm_payload.missed = u32::try_from(
            self.mode
                .count
                .checked_add(self.level.count)
                .ok_or("kinds_of_classes.py:66: `missed` leaves u32")?,
        )
        .map_err(|_| "kinds_of_classes.py:66: `missed` leaves u32")?;
        Ok(())
    }
}

/// The last values.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Ring {
    size: i64,
    items: Vec<i64>,
}

impl Ring {
    fn new(size: i64) -> Self {
        Self {
            size,
            items: Vec::new(),
        }
    }

    fn push(&mut self, item: i64) -> CuResult<()> {
        self.items.push(item);
        if self.items.len() as i64 > self.size {
            (!self.items.is_empty())
                .then(|| self.items.remove(0))
                .ok_or("kinds_of_classes.py:14: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn newest(&self) -> CuResult<i64> {
        Ok(*self
            .items
            .last()
            .ok_or("kinds_of_classes.py:17: IndexError: list index out of range")?)
    }
}

/// The last values.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct TextRing {
    size: i64,
    items: Vec<String>,
}

impl TextRing {
    fn new(size: i64) -> Self {
        Self {
            size,
            items: Vec::new(),
        }
    }

    fn push(&mut self, item: &str) -> CuResult<()> {
        self.items.push(item.to_string());
        if self.items.len() as i64 > self.size {
            (!self.items.is_empty())
                .then(|| self.items.remove(0))
                .ok_or("kinds_of_classes.py:14: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn newest(&self) -> CuResult<String> {
        Ok(self
            .items
            .last()
            .ok_or("kinds_of_classes.py:17: IndexError: list index out of range")?
            .clone())
    }
}

/// The last values.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct NumberRing {
    size: i64,
    items: Vec<f64>,
}

impl NumberRing {
    fn new(size: i64) -> Self {
        Self {
            size,
            items: Vec::new(),
        }
    }

    fn push(&mut self, item: f64) -> CuResult<()> {
        self.items.push(item);
        if self.items.len() as i64 > self.size {
            (!self.items.is_empty())
                .then(|| self.items.remove(0))
                .ok_or("kinds_of_classes.py:14: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn newest(&self) -> CuResult<f64> {
        Ok(*self
            .items
            .last()
            .ok_or("kinds_of_classes.py:17: IndexError: list index out of range")?)
    }

    fn len(&self) -> i64 {
        self.items.len() as i64
    }
}

/// The last values.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct PairRing {
    size: i64,
    items: Vec<(f64, f64)>,
}

impl PairRing {
    fn new(size: i64) -> Self {
        Self {
            size,
            items: Vec::new(),
        }
    }

    fn push(&mut self, item: (f64, f64)) -> CuResult<()> {
        self.items.push(item);
        if self.items.len() as i64 > self.size {
            (!self.items.is_empty())
                .then(|| self.items.remove(0))
                .ok_or("kinds_of_classes.py:14: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn newest(&self) -> CuResult<(f64, f64)> {
        Ok(*self
            .items
            .last()
            .ok_or("kinds_of_classes.py:17: IndexError: list index out of range")?)
    }

    fn len(&self) -> i64 {
        self.items.len() as i64
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Change {
    value: String,
    count: i64,
}

impl Change {
    fn new(initial: &str) -> Self {
        Self {
            value: initial.to_string(),
            count: 0,
        }
    }

    fn set(&mut self, value: &str) {
        if self.value != value {
            self.value = value.to_string();
            self.count += 1;
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct NumberChange {
    value: i64,
    count: i64,
}

impl NumberChange {
    fn new(initial: i64) -> Self {
        Self {
            value: initial,
            count: 0,
        }
    }

    fn set(&mut self, value: i64) {
        if value != self.value {
            self.value = value;
            self.count += 1;
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Channel {
    ring: Ring,
}

impl Channel {
    fn new(size: i64) -> Self {
        Self {
            ring: Ring::new(size),
        }
    }

    fn put(&mut self, x: i64) -> CuResult<()> {
        self.ring.push(x)?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct TextChannel {
    ring: TextRing,
}

impl TextChannel {
    fn new(size: i64) -> Self {
        Self {
            ring: TextRing::new(size),
        }
    }

    fn put(&mut self, x: &str) -> CuResult<()> {
        self.ring.push(x)?;
        Ok(())
    }
}

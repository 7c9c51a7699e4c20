//! What a class counts for its subclasses too; type parameters; records that are dicts.
//!
//! Translated by migrate 0.1.0 from `counted_classes.py`: 39 of 39 statements.
//! Warning MIG0301 line 9: `sensor_created` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 10: `sensor_faults` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0316 line 24: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! Warning MIG0301 line 61: `sensors` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 62: `ring` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "counted_classes", script = "counted_classes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "2cf987de3ba4b92c", seal = "61e6d874fde81dff"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct CountedClasses {
    state: DriveState,
    sensor_created: i64,
    sensor_faults: Vec<(String, i64)>,
    sensors: Vec<AnySensor>,
    ring: Ring,
}

impl Freezable for CountedClasses {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.sensor_created, encoder)?;
        Encode::encode(&self.sensor_faults, encoder)?;
        Encode::encode(&self.sensors, encoder)?;
        Encode::encode(&self.ring, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.sensor_created = Decode::decode(decoder)?;
        self.sensor_faults = Decode::decode(decoder)?;
        self.sensors = Decode::decode(decoder)?;
        self.ring = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for CountedClasses {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut sensor_created: i64 = 0;
        let sensor_faults = Vec::new();
        let sensors: Vec<AnySensor> = vec![
            AnySensor::Sensor(Sensor::new("front", &mut sensor_created)),
            AnySensor::Squared(Squared::new("rear", &mut sensor_created)),
        ];
        let ring = Ring::new(4);
        Ok(Self {
            state: DriveState::default(),
            sensor_created,
            sensor_faults,
            sensors,
            ring,
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
            Sensor::forget(&mut self.sensor_faults);
            return Ok(());
        };
        let mut total = 0.0;
        for sensor in &self.sensors {
            total += sensor.check(
                f64::from(measured_payload.speed),
                self.sensor_created,
                &mut self.sensor_faults,
            )? + sensor.number() as f64;
        }
        let reading = taken(&mut self.ring, total)?;
        drive.payload_mut().get_or_insert_default().accel = reading.value as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = u32::try_from(Sensor::total(&self.sensor_faults)?)
            .map_err(|_| "counted_classes.py:75: `missed` leaves u32")?;
        alarm_payload.reason = if reading.steady {
            "steady".into()
        } else {
            self.sensor_created.to_string()
        };
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Taken {
    value: f64,
    steady: bool,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Sensor {
    name: String,
    number: i64,
}

impl Sensor {
    fn new(name: &str, sensor_created: &mut i64) -> Self {
        *sensor_created += 1;
        let number = *sensor_created;
        Self {
            name: name.to_string(),
            number,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn check(&self, value: f64, sensor_faults: &mut Vec<(String, i64)>) -> CuResult<f64> {
        if value > 5.0 {
            let value_2 = lookup(sensor_faults, &self.name)
                .copied()
                .unwrap_or(0)
                .checked_add(1)
                .ok_or("counted_classes.py:19: an int leaves 64 bits")?;
            set_item(sensor_faults, self.name.clone(), value_2);
        }
        Ok(value * 0.5)
    }

    fn total(sensor_faults: &[(String, i64)]) -> CuResult<i64> {
        Ok(sensor_faults
            .iter()
            .map(|&(_, value)| value)
            .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
            .ok_or("counted_classes.py:24: an int leaves 64 bits")?)
    }

    #[allow(clippy::ptr_arg)]
    fn forget(sensor_faults: &mut Vec<(String, i64)>) {
        *sensor_faults = Vec::new();
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum AnySensor {
    Sensor(Sensor),
    Squared(Squared),
}

impl AnySensor {
    #[allow(clippy::ptr_arg)]
    fn check(
        &self,
        value: f64,
        sensor_created: i64,
        sensor_faults: &mut Vec<(String, i64)>,
    ) -> CuResult<f64> {
        match self {
            Self::Sensor(sensor) => sensor.check(value, sensor_faults),
            Self::Squared(squared) => squared.check(value, sensor_created, sensor_faults),
        }
    }

    fn number(&self) -> i64 {
        match self {
            Self::Sensor(sensor) => sensor.number,
            Self::Squared(squared) => squared.number,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Squared {
    name: String,
    number: i64,
}

impl Squared {
    fn new(name: &str, sensor_created: &mut i64) -> Self {
        *sensor_created += 1;
        let number = *sensor_created;
        Self {
            name: name.to_string(),
            number,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn check(
        &self,
        value: f64,
        sensor_created: i64,
        sensor_faults: &mut Vec<(String, i64)>,
    ) -> CuResult<f64> {
        Ok(self.sensor_check(value * value, sensor_faults)? + sensor_created as f64)
    }

    #[allow(clippy::ptr_arg)]
    fn sensor_check(&self, value: f64, sensor_faults: &mut Vec<(String, i64)>) -> CuResult<f64> {
        if value > 5.0 {
            let value_2 = lookup(sensor_faults, &self.name)
                .copied()
                .unwrap_or(0)
                .checked_add(1)
                .ok_or("counted_classes.py:19: an int leaves 64 bits")?;
            set_item(sensor_faults, self.name.clone(), value_2);
        }
        Ok(value * 0.5)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Ring {
    size: i64,
    items: Vec<f64>,
}

impl Ring {
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
                .ok_or("counted_classes.py:44: IndexError: pop from empty list")?;
        }
        Ok(())
    }

    fn newest(&self) -> CuResult<f64> {
        Ok(*self
            .items
            .last()
            .ok_or("counted_classes.py:48: IndexError: list index out of range")?)
    }
}

fn taken(ring: &mut Ring, value: f64) -> CuResult<Taken> {
    ring.push(value)?;
    Ok(Taken {
        value: ring.newest()?,
        steady: ring.items.len() as i64 == ring.size,
    })
}

/// The value of a key in entries that keep Python's order: `None` where it raises a KeyError.
fn lookup<'m, K: std::borrow::Borrow<Q>, Q: PartialEq + ?Sized, V>(
    entries: &'m [(K, V)],
    key: &Q,
) -> Option<&'m V> {
    entries
        .iter()
        .find(|(k, _)| k.borrow() == key)
        .map(|(_, value)| value)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

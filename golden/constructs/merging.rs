//! Parameters from several dicts, and alarms as sets.
//!
//! Translated by migrate 0.1.0 from `merging.py`: 46 of 46 statements.
//! Warning MIG0301 line 8: `overrides` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 47: `tuner` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 48: `alarms` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "merging", script = "merging.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "9f5c32eee1d2ab19", seal = "5e301c390c0a7b49"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const STATION_NAME: &str = "dock";
const STATION_TRIES: i64 = 3;

#[derive(Debug, Reflect)]
pub struct Merging {
    state: DriveState,
    overrides: BTreeMap<String, f64>,
    tuner: Tuner,
    alarms: Alarms,
}

impl Freezable for Merging {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.overrides, encoder)?;
        Encode::encode(&self.tuner, encoder)?;
        Encode::encode(&self.alarms, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.overrides = Decode::decode(decoder)?;
        self.tuner = Decode::decode(decoder)?;
        self.alarms = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Merging {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            overrides: BTreeMap::from([("ki".to_string(), 0.2)]),
            tuner: Tuner::new(),
            alarms: Alarms::new(),
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
        let gone = self.alarms.update(measured_payload)?;
        self.tuner.use_(&Extra {
            ki: f64::from(goal_payload.speed) * 0.1,
        });
        self.overrides.insert("limit".to_string(), 1.5);
        let gains = self
            .tuner
            .merged(self.alarms.active.contains("close"), &self.overrides);
        let error = f64::from(goal_payload.speed) - f64::from(measured_payload.speed);
        let limit = *gains
            .get("limit")
            .ok_or("merging.py:61: KeyError (no such key, a str)")?;
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = py_max(
            -limit,
            py_min(
                limit,
                error
                    * *gains
                        .get("kp")
                        .ok_or("merging.py:62: KeyError (no such key, a str)")?
                    + *gains
                        .get("ki")
                        .ok_or("merging.py:62: KeyError (no such key, a str)")?,
            ),
        ) as f32;
        drive_payload.sector = u8::try_from(
            self.tuner
                .note(&Counts {
                    gone: gone.len() as i64,
                })
                .len(),
        )
        .map_err(|_| "merging.py:63: `sector` leaves u8")?;
        let station = Station {
            name: STATION_NAME.to_string(),
            gain: error,
            tries: STATION_TRIES,
        };
        if !self.alarms.latched.is_empty()
            && self.alarms.active.is_subset(&BTreeSet::from([
                "stalled".to_string(),
                "silent".to_string(),
            ]))
        {
            let alarm_payload = alarm.payload_mut().get_or_insert_default();
            alarm_payload.reason = format!("{} at {}", station.name, fixed_text(station.gain, 2));
            alarm_payload.missed =
                u32::try_from(station.tries).map_err(|_| "merging.py:67: `missed` leaves u32")?;
        } else if !BTreeSet::from(["stalled".to_string(), "silent".to_string()])
            .is_disjoint(&self.alarms.active)
        {
            alarm.payload_mut().get_or_insert_default().reason = self
                .alarms
                .active
                .iter()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Station {
    name: String,
    gain: f64,
    tries: i64,
}

#[derive(Debug, Clone, Copy)]
struct Extra {
    ki: f64,
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    gone: i64,
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tuner {
    params: BTreeMap<String, f64>,
    seen: BTreeMap<String, i64>,
}

impl Tuner {
    fn new() -> Self {
        Self {
            params: BTreeMap::from([
                ("kp".to_string(), 1.0),
                ("ki".to_string(), 0.1),
                ("limit".to_string(), 2.0),
            ]),
            seen: BTreeMap::new(),
        }
    }

    fn use_(&mut self, extra: &Extra) {
        self.params.insert("ki".to_string(), extra.ki);
    }

    fn merged(&self, slow: bool, overrides: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        if slow {
            let mut merged = self.params.clone();
            merged.insert("kp".to_string(), 0.5);
            merged.insert("limit".to_string(), 0.8);
            merged.insert("kd".to_string(), 0.05);
            return merged;
        }
        let mut merged_2 = self.params.clone();
        merged_2.extend(overrides.clone());
        merged_2
    }

    fn note(&mut self, counts: &Counts) -> Vec<String> {
        self.seen.insert("gone".to_string(), counts.gone);
        self.seen.keys().cloned().collect()
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Alarms {
    active: BTreeSet<String>,
    latched: BTreeSet<String>,
}

impl Alarms {
    fn new() -> Self {
        Self {
            active: BTreeSet::new(),
            latched: BTreeSet::new(),
        }
    }

    fn update(&mut self, measured: &Measured) -> CuResult<BTreeSet<String>> {
        let mut now: BTreeSet<String> = BTreeSet::new();
        if f64::from(measured.speed) < 0.01 {
            now.insert("stalled".to_string());
        }
        if f64::from(
            measured
                .ranges
                .iter()
                .copied()
                .reduce(|best, x| if x < best { x } else { best })
                .ok_or("merging.py:38: ValueError: min() arg is an empty sequence")?,
        ) < 0.2
        {
            now.extend(["close".to_string(), "near".to_string()]);
        }
        let other = &now & &BTreeSet::from(["stalled".to_string(), "silent".to_string()]);
        self.latched.extend(other.iter().cloned());
        let gone = &self.active - &now;
        self.latched.retain(|x| !gone.contains(x));
        self.active = now;
        Ok(gone)
    }
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

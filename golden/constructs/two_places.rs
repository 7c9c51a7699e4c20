//! Dataclasses whose objects stand in two places, and are changed through both.
//!
//! Translated by migrate 0.1.0 from `two_places.py`: 35 of 35 statements.
//! Warning MIG0301 line 6: `all_consumers` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 27: `active` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "two_places", script = "two_places.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f51873588e91aef9", seal = "2f9e89927a52bda0"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct TwoPlaces {
    state: DriveState,
    all_consumers: Vec<Consumer>,
    consumers: Vec<usize>,
    by_name: BTreeMap<String, usize>,
    active: Vec<usize>,
}

impl Freezable for TwoPlaces {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.all_consumers, encoder)?;
        Encode::encode(&self.active, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.all_consumers = Decode::decode(decoder)?;
        self.active = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for TwoPlaces {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut all_consumers = Vec::new();
        let consumers: Vec<usize> = vec![
            new_consumer(
                Consumer {
                    name: "drive".into(),
                    nominal: 60.0,
                    priority: 1,
                    granted: 0.0,
                    refused: 0,
                },
                &mut all_consumers,
            ),
            new_consumer(
                Consumer {
                    name: "arm".into(),
                    nominal: 35.0,
                    priority: 3,
                    granted: 0.0,
                    refused: 0,
                },
                &mut all_consumers,
            ),
            new_consumer(
                Consumer {
                    name: "lights".into(),
                    nominal: 6.0,
                    priority: 2,
                    granted: 0.0,
                    refused: 0,
                },
                &mut all_consumers,
            ),
        ];
        let by_name: BTreeMap<String, usize> = consumers
            .iter()
            .map(|&consumer| (all_consumers[consumer].name.clone(), consumer))
            .collect();
        let active = Vec::new();
        Ok(Self {
            state: DriveState::default(),
            all_consumers,
            consumers,
            by_name,
            active,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _measured) = *input;
        let (drive, alarm) = output;
        let Some(goal_payload) = goal.payload() else {
            return Ok(());
        };
        let spare = py_max(0.0, 90.0_f64.min(f64::from(goal_payload.speed) * 10.0));
        // The key is asked of each of them once, and counts.
        let mut best = None;
        for &consumer in &self.consumers {
            let score = self.all_consumers[consumer].check(spare);
            if best.is_none_or(|(held, _)| score > held) {
                best = Some((score, consumer));
            }
        }
        let worst = best
            .map(|(_, consumer)| consumer)
            .ok_or("two_places.py:37: ValueError: max() arg is an empty sequence")?;
        self.all_consumers[worst].granted = 0.0;
        for &consumer in &self.consumers {
            if consumer != worst {
                self.all_consumers[consumer].granted =
                    self.all_consumers[consumer].nominal.min(spare);
            }
        }
        let at = *self
            .by_name
            .get("arm")
            .ok_or("two_places.py:42: KeyError (no such key, a str)")?;
        self.all_consumers[at].granted *= 0.5;
        if self.all_consumers[worst].priority > 1 {
            self.active.push(worst);
        } else if !self.active.is_empty() {
            let first = (!self.active.is_empty())
                .then(|| self.active.remove(0))
                .ok_or("two_places.py:46: IndexError: pop from empty list")?;
            self.all_consumers[first].granted += 1.0;
        }
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = self
            .consumers
            .iter()
            .map(|&consumer| self.all_consumers[consumer].granted)
            .fold(0.0, |sum, x| sum + x) as f32;
        drive_payload.sector = (self.active.len() % 256) as u8;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = self.active[self.active.len().saturating_sub(2)..]
            .iter()
            .map(|&consumer| self.all_consumers[consumer].name.clone())
            .collect::<Vec<_>>()
            .join(" ");
        alarm_payload.missed = u32::try_from(
            self.all_consumers[*self
                .by_name
                .get(self.all_consumers[worst].name.as_str())
                .ok_or("two_places.py:51: KeyError (no such key, a str)")?]
            .refused,
        )
        .map_err(|_| "two_places.py:51: `missed` leaves u32")?;
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_consumer(consumer: Consumer, all_consumers: &mut Vec<Consumer>) -> usize {
    let at = all_consumers.len();
    all_consumers.push(consumer);
    at
}

/// What draws power.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Consumer {
    name: String,
    nominal: f64,
    priority: i64,
    granted: f64,
    refused: i64,
}

impl Consumer {
    fn check(&mut self, spare: f64) -> f64 {
        if self.nominal > spare {
            self.refused += 1;
        }
        self.nominal - spare
    }
}

/// Python's `max(a, b)`: `a` unless `b` is greater, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

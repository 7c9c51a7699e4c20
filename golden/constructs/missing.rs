//! What may be missing: asked for, bound, and dropped again.
//!
//! Translated by migrate 0.1.0 from `missing.py`: 54 of 54 statements.
//! Warning MIG0301 line 3: `waypoints` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 30: `queue` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "missing", script = "missing.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5c37385ed923850a", seal = "4882e689b9955feb"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Missing {
    state: DriveState,
    waypoints: Vec<(f64, f64)>,
    queue: Queue,
}

impl Freezable for Missing {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.waypoints, encoder)?;
        Encode::encode(&self.queue, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.waypoints = Decode::decode(decoder)?;
        self.queue = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Missing {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            waypoints: Vec::new(),
            queue: Queue::new(),
        })
    }

    #[allow(clippy::neg_cmp_op_on_partial_ord)]
    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let Some(measured_payload) = measured
            .payload()
            .filter(|measured_payload| !(measured_payload.speed > 100.0))
        else {
            state.missed = state
                .missed
                .checked_add(1)
                .ok_or("missing.py:64: `missed` leaves u32")?;
            alarm.payload_mut().get_or_insert_default().missed = state.missed;
            return Ok(());
        };
        if state.last.is_none()
            || goal
                .payload()
                .is_none_or(|goal_payload| goal_payload.speed < 0.0)
        {
            state.last = Some(measured_payload.speed);
            return Ok(());
        }
        self.waypoints = Vec::new();
        for (i, &r) in measured_payload.ranges.iter().enumerate() {
            self.waypoints.push((f64::from(r), i as f64 * 0.5));
        }
        if state.missed.is_multiple_of(3) {
            self.queue.items.push(Mission::new("stop"));
        }
        let goal_payload = goal
            .payload()
            .ok_or("missing.py:75: AttributeError (`goal` is None)")?;
        self.queue.tick(goal_payload.speed < 1.0)?;
        let accel = f64::from(state.last.unwrap_or_default()) + last_rise(&measured_payload.ranges);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = accel as f32;
        drive_payload.accel = (accel
            + self
                .waypoints
                .iter()
                .step_by(2)
                .map(|&(a, _)| a)
                .fold(0.0, |sum, x| sum + x)) as f32;
        drive_payload.sector = longest_gap(&measured_payload.ranges) as u8;
        alarm.payload_mut().get_or_insert_default().reason = self.queue.failed.join(", ");
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Mission {
    name: String,
    attempts: i64,
}

impl Mission {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            attempts: 0,
        }
    }
}

/// What is active comes out of a list, whose elements are known late.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Queue {
    items: Vec<Mission>,
    active: Option<Mission>,
    failed: Vec<String>,
}

impl Queue {
    fn new() -> Self {
        Self {
            items: Vec::new(),
            active: None,
            failed: Vec::new(),
        }
    }

    fn tick(&mut self, blocked: bool) -> CuResult<()> {
        let Some(active) = &self.active else {
            if !self.items.is_empty() {
                self.active = Some(
                    (!self.items.is_empty())
                        .then(|| self.items.remove(0))
                        .ok_or("missing.py:23: IndexError: pop from empty list")?,
                );
            }
            return Ok(());
        };
        if blocked {
            self.failed.push(active.name.clone());
            self.active = None;
        }
        Ok(())
    }
}

/// The variable is bound again where its value is used.
fn longest_gap(ranges: &[f32; 4]) -> i64 {
    let mut start: Option<i64> = None;
    let mut best: i64 = 0;
    for (i, &r) in ranges.iter().enumerate() {
        if r > 1.0 {
            if start.is_none() {
                start = Some(i as i64);
            }
        } else if let Some(start_value) = start {
            best = best.max(i as i64 - start_value);
            start = None;
        }
    }
    best
}

fn last_rise(ranges: &[f32; 4]) -> f64 {
    let mut low: Option<f64> = None;
    for &r in ranges {
        let Some(low_value) = low else {
            low = Some(f64::from(r));
            continue;
        };
        if f64::from(r) > low_value {
            return f64::from(r) - low_value;
        }
        low = Some(f64::from(r));
    }
    0.0
}

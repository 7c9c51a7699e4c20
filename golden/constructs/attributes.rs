//! Translated by migrate 0.1.0 from `attributes.py`: 42 of 42 statements.
//! Warning MIG0301 line 33: `tracker_seen` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 64: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 65: `scale` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "attributes", script = "attributes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "f970d87c5060999c", seal = "316aae84fd96f157"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Attributes {
    state: DriveState,
    tracker_seen: i64,
    tracker: Tracker,
    scale: Scale,
}

impl Freezable for Attributes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.tracker_seen, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Encode::encode(&self.scale, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.tracker_seen = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        self.scale = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Attributes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            tracker_seen: 0,
            tracker: Tracker::new(),
            scale: Scale::new(2.0),
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
        let state = &mut self.state;
        let Some(measured_payload) = measured.payload() else {
            return Ok(());
        };
        let speed = f64::from(measured_payload.speed);
        drive.payload_mut().get_or_insert_default().accel = (self.scale.rmul(0.5)
            + self.scale * 2.0
            + self.tracker.push(speed, &mut self.tracker_seen)
            + self.tracker.offset(speed))
            as f32;
        if speed > 5.0 {
            self.tracker.forget();
            state.missed = self.tracker.tune(3) as u32;
        }
        let low = Level::new(i64::from(state.missed % 3), "low");
        let high = Level::new(1, "high");
        if low.ge(&high) || low.le(&high) && low.gt(&high) {
            alarm.payload_mut().get_or_insert_default().reason =
                format!("{} {:>8}", low.to_text(), high.to_text());
        }
        Ok(())
    }
}

/// A level with a name.
#[derive(Debug, Clone)]
struct Level {
    rank: i64,
    name: String,
}

impl Level {
    fn new(rank: i64, name: &str) -> Self {
        Self {
            rank,
            name: name.to_string(),
        }
    }

    fn lt(&self, other: &Self) -> bool {
        self.rank < other.rank
    }

    fn to_text(&self) -> String {
        format!("{}@{}", self.name, self.rank)
    }

    fn le(&self, other: &Self) -> bool {
        self.lt(other) || *self == *other
    }

    fn gt(&self, other: &Self) -> bool {
        !self.lt(other) && *self != *other
    }

    fn ge(&self, other: &Self) -> bool {
        !self.lt(other)
    }
}

impl PartialEq for Level {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scale {
    factor: f64,
}

impl Scale {
    fn new(factor: f64) -> Self {
        Self { factor }
    }

    fn rmul(&self, x: f64) -> f64 {
        self.factor * x
    }
}

impl std::ops::Mul<f64> for Scale {
    type Output = f64;

    fn mul(self, x: f64) -> f64 {
        self.factor * x
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tracker {
    base: Option<f64>,
    delta: Option<f64>,
    count: i64,
    last: Option<f64>,
}

impl Tracker {
    fn new() -> Self {
        let mut this = Self {
            base: None,
            delta: None,
            count: 0,
            last: None,
        };
        this.reset();
        this
    }

    fn reset(&mut self) {
        self.count = 0;
        self.last = None;
    }

    fn push(&mut self, x: f64, tracker_seen: &mut i64) -> f64 {
        if let Some(last) = self.last {
            self.delta = Some(x - last);
        }
        self.last = Some(x);
        self.count += 1;
        *tracker_seen += 1;
        self.delta.unwrap_or(0.0)
    }

    fn offset(&mut self, x: f64) -> f64 {
        if self.base.is_none() {
            self.base = Some(x);
        }
        x - self.base.unwrap_or_default()
    }

    fn forget(&mut self) {
        if self.base.is_some() {
            self.base = None;
        }
    }

    fn tune(&mut self, x: i64) -> i64 {
        self.count = x;
        self.count
    }
}

//! Functions that make functions: filters with memory, steps of a chain, a counter and its reset.
//!
//! Translated by migrate 0.1.0 from `factories.py`: 41 of 41 statements.
//! Warning MIG0301 line 61: `fast` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 62: `channel` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 63: `STEPS` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 64: `counter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 65: `unit` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "factories", script = "factories.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "fc727bd7faa8f331", seal = "b8057e6be6062913"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Factories {
    state: DriveState,
    fast: LowPass,
    channel: Channel,
    steps: Vec<Step>,
    counter: Counter,
    unit: LimitTo,
}

impl Freezable for Factories {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.fast, encoder)?;
        Encode::encode(&self.channel, encoder)?;
        Encode::encode(&self.steps, encoder)?;
        Encode::encode(&self.counter, encoder)?;
        Encode::encode(&self.unit, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.fast = Decode::decode(decoder)?;
        self.channel = Decode::decode(decoder)?;
        self.steps = Decode::decode(decoder)?;
        self.counter = Decode::decode(decoder)?;
        self.unit = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Factories {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            fast: LowPass::new(0.5, 0.0),
            channel: Channel::new(0.1),
            steps: vec![
                Step::Gain(Gain::new(2.0)),
                Step::DeadBand(DeadBand::new(0.25)),
            ],
            counter: Counter::new(3),
            unit: LimitTo::new(-1.0, 1.0),
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
            self.counter.reset();
            return Ok(());
        };
        let smooth = self
            .channel
            .update(self.fast.call(f64::from(measured_payload.speed)));
        drive.payload_mut().get_or_insert_default().accel =
            self.unit.call(shaped(smooth, &self.steps)) as f32;
        alarm.payload_mut().get_or_insert_default().reason =
            (if self.counter.bump(measured_payload.speed > 10.0) {
                "stuck"
            } else {
                ""
            })
            .to_string();
        Ok(())
    }
}

/// A first-order filter that keeps its last value.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LowPass {
    alpha: f64,
    value: f64,
    seen: i64,
}

impl LowPass {
    fn new(alpha: f64, start: f64) -> Self {
        Self {
            alpha,
            value: start,
            seen: 0,
        }
    }

    fn call(&mut self, x: f64) -> f64 {
        self.seen += 1;
        // The first sample is taken as it is.
        if self.seen == 1 {
            self.value = x;
        } else {
            self.value += self.alpha * (x - self.value);
        }
        self.value
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Step {
    Gain(Gain),
    DeadBand(DeadBand),
}

impl Step {
    fn call(&self, x: f64) -> f64 {
        match self {
            Self::Gain(gain) => gain.call(x),
            Self::DeadBand(dead_band) => dead_band.call(x),
        }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Gain {
    factor: f64,
}

impl Gain {
    fn new(factor: f64) -> Self {
        Self { factor }
    }

    fn call(&self, x: f64) -> f64 {
        self.factor * x
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct DeadBand {
    width: f64,
}

impl DeadBand {
    fn new(width: f64) -> Self {
        Self { width }
    }

    fn call(&self, x: f64) -> f64 {
        if x.abs() < self.width {
            return 0.0;
        }
        x
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Counter {
    limit: i64,
    count: i64,
}

impl Counter {
    fn new(limit: i64) -> Self {
        Self { limit, count: 0 }
    }

    fn bump(&mut self, condition: bool) -> bool {
        self.count = if condition { self.count + 1 } else { 0 };
        self.count >= self.limit
    }

    fn reset(&mut self) {
        self.count = 0;
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LimitTo {
    low: f64,
    high: f64,
}

impl LimitTo {
    fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    fn call(&self, x: f64) -> f64 {
        self.low.max(self.high.min(x))
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Channel {
    smooth: LowPass,
}

impl Channel {
    fn new(alpha: f64) -> Self {
        Self {
            smooth: LowPass::new(alpha, 0.0),
        }
    }

    fn update(&mut self, x: f64) -> f64 {
        self.smooth.call(x)
    }
}

fn shaped(mut x: f64, steps: &[Step]) -> f64 {
    for step in steps {
        x = step.call(x);
    }
    x
}

//! Several bases: mixins, `super()` in Python's order, counters that a base keeps.
//!
//! Translated by migrate 0.1.0 from `mixins.py`: 35 of 35 statements.
//! Warning MIG0301 line 35: `stage_made` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 75: `low_pass` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 76: `both` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 77: `clamped` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 78: `band` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "mixins", script = "mixins.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "ef47957d1627d970", seal = "32553ea76cb74c83"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mixins {
    state: DriveState,
    stage_made: i64,
    low_pass: LowPass,
    both: Both,
    clamped: Clamped,
    band: Band,
}

impl Freezable for Mixins {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.stage_made, encoder)?;
        Encode::encode(&self.low_pass, encoder)?;
        Encode::encode(&self.both, encoder)?;
        Encode::encode(&self.clamped, encoder)?;
        Encode::encode(&self.band, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.stage_made = Decode::decode(decoder)?;
        self.low_pass = Decode::decode(decoder)?;
        self.both = Decode::decode(decoder)?;
        self.clamped = Decode::decode(decoder)?;
        self.band = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mixins {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut stage_made: i64 = 0;
        let low_pass = LowPass::new(0.2);
        let both = Both::new(5.0, &mut stage_made);
        let clamped = Clamped::new(10.0, &mut stage_made);
        let band = Band {
            low: 0.0,
            high: 3.0,
        };
        Ok(Self {
            state: DriveState::default(),
            stage_made,
            low_pass,
            both,
            clamped,
            band,
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
        let mut state = self.state.clone();
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let speed = f64::from(measured_payload.speed);
        if goal_payload.speed == 0.0 {
            self.low_pass.reset();
        }
        let filtered = self.low_pass.update(speed);
        drive.payload_mut().get_or_insert_default().accel =
            (self.both.apply(filtered) + self.clamped.apply(speed)) as f32;
        if !self.band.holds(speed) {
            state.missed = u32::try_from(
                i64::from(state.missed)
                    .checked_add(self.stage_made)
                    .ok_or("mixins.py:92: `missed` leaves u32")?,
            )
            .map_err(|_| "mixins.py:92: `missed` leaves u32")?;
        }
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.reason = self.low_pass.describe();
        alarm_payload.missed = u32::try_from(self.low_pass.updates)
            .map_err(|_| "mixins.py:94: `missed` leaves u32")?;
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LowPass {
    value: f64,
    updates: i64,
    alpha: f64,
}

impl LowPass {
    const UNIT: &str = "A";

    fn describe(&self) -> String {
        format!("{} {}", fixed_text(self.value, 2), Self::UNIT)
    }

    fn reset(&mut self) {
        self.value = 0.0;
        self.updates = 0;
    }

    fn new(alpha: f64) -> Self {
        let mut this = Self {
            value: 0.0,
            updates: 0,
            alpha,
        };
        this.reset();
        this
    }

    fn update(&mut self, x: f64) -> f64 {
        self.value += self.alpha * (x - self.value);
        self.updates += 1;
        self.value
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Clamped {
    limit: f64,
}

impl Clamped {
    fn new(limit: f64, stage_made: &mut i64) -> Self {
        *stage_made += 1;
        Self { limit }
    }

    fn apply(&self, x: f64) -> f64 {
        py_min(self.stage_apply(x), self.limit)
    }

    fn stage_apply(&self, x: f64) -> f64 {
        x
    }
}

/// Clamps what is doubled: `Clamped` is looked at before `Doubled`.
#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Both {
    limit: f64,
}

impl Both {
    fn new(limit: f64, stage_made: &mut i64) -> Self {
        *stage_made += 1;
        Self { limit }
    }

    fn apply(&self, x: f64) -> f64 {
        self.clamped_apply(x) + 1.0
    }

    fn stage_apply(&self, x: f64) -> f64 {
        x
    }

    fn doubled_apply(&self, x: f64) -> f64 {
        self.stage_apply(x) * 2.0
    }

    fn clamped_apply(&self, x: f64) -> f64 {
        py_min(self.doubled_apply(x), self.limit)
    }
}

/// Made and compared as the dataclass that it derives from.
#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Band {
    low: f64,
    high: f64,
}

impl Band {
    fn holds(&self, x: f64) -> bool {
        (self.low..=self.high).contains(&x)
    }
}

/// Python's `min(a, b)`: `a` unless `b` is less, so a NaN in `b` and the sign of zero stay `a`'s.
fn py_min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

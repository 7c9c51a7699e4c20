//! Filters that are made anew in their place.
//!
//! Translated by migrate 0.1.0 from `made_again.py`: 36 of 36 statements.
//! Warning MIG0301 line 32: `flt` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 33: `wide` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 34: `spare` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "made_again", script = "made_again.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "6469e4f716eb4bce", seal = "28db631317523b33"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct MadeAgain {
    state: DriveState,
    flt: Filter,
    wide: Wide,
    spare: Filter,
}

impl Freezable for MadeAgain {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.flt, encoder)?;
        Encode::encode(&self.wide, encoder)?;
        Encode::encode(&self.spare, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.flt = Decode::decode(decoder)?;
        self.wide = Decode::decode(decoder)?;
        self.spare = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for MadeAgain {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            flt: Filter::new(0.5, 3),
            wide: Wide::new(0.25),
            spare: Filter::new(2.0, 3),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, _alarm) = output;
        let state = &mut self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        let a = self.flt.step(f64::from(measured_payload.speed))?;
        let b = self.wide.step(f64::from(goal_payload.speed))?;
        if a > 4.0 {
            self.spare.reinit(1.0, 4);
        }
        if b > 9.0 {
            self.wide.reset();
        }
        let c = self.spare.step(a - b)?;
        drive.payload_mut().get_or_insert_default().accel = (a + b + self.wide.extra) as f32;
        state.last_goal =
            (c + self.spare.hist.len() as f64 + self.flt.count as f64 + self.wide.count as f64)
                as f32;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Filter {
    gain: f64,
    hist: Vec<f64>,
    count: i64,
}

impl Filter {
    fn new(gain: f64, n: i64) -> Self {
        Self {
            gain,
            hist: vec![0.0; n as usize],
            count: 0,
        }
    }

    fn step(&mut self, x: f64) -> CuResult<f64> {
        self.hist.push(x);
        (!self.hist.is_empty())
            .then(|| self.hist.remove(0))
            .ok_or("made_again.py:12: IndexError: pop from empty list")?;
        self.count += 1;
        if self.count > 7 {
            self.reinit(self.gain * 0.9, 3);
        }
        Ok(self.hist.iter().fold(0.0, |sum, &x| sum + x) * self.gain)
    }

    fn reinit(&mut self, gain: f64, n: i64) {
        self.gain = gain;
        self.hist = vec![0.0; n as usize];
        self.count = 0;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wide {
    gain: f64,
    hist: Vec<f64>,
    count: i64,
    extra: f64,
}

impl Wide {
    fn new(gain: f64) -> Self {
        Self {
            gain,
            hist: vec![0.0; 5],
            count: 0,
            extra: 1.0,
        }
    }

    fn step(&mut self, x: f64) -> CuResult<f64> {
        self.extra += 0.5;
        Ok(self.filter_step(x)? + self.extra)
    }

    fn reset(&mut self) {
        self.reinit(0.25);
    }

    fn reinit(&mut self, gain: f64) {
        self.filter_reinit(gain, 5);
        self.extra = 1.0;
    }

    fn filter_reinit(&mut self, gain: f64, n: i64) {
        self.gain = gain;
        self.hist = vec![0.0; n as usize];
        self.count = 0;
    }

    fn filter_step(&mut self, x: f64) -> CuResult<f64> {
        self.hist.push(x);
        (!self.hist.is_empty())
            .then(|| self.hist.remove(0))
            .ok_or("made_again.py:12: IndexError: pop from empty list")?;
        self.count += 1;
        if self.count > 7 {
            self.reinit(self.gain * 0.9);
        }
        Ok(self.hist.iter().fold(0.0, |sum, &x| sum + x) * self.gain)
    }
}

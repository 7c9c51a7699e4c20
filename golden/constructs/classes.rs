//! Translated by migrate 0.1.0 from `classes.py`: 50 of 50 statements.
//! Warning MIG0301 line 5: `count` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 69: `ctl` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "classes", script = "classes.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "a49c177c1d5c6137", seal = "ec418d87c3579854"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const MAX: i64 = 10;

#[derive(Debug, Reflect)]
pub struct Classes {
    state: DriveState,
    count: i64,
    ctl: Controller,
}

impl Freezable for Classes {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.count, encoder)?;
        Encode::encode(&self.ctl, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.count = Decode::decode(decoder)?;
        self.ctl = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Classes {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            count: 0,
            ctl: Controller::new(
                2.0,
                Limits {
                    low: -1.0,
                    high: 3.0,
                },
            ),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (target, measured) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        let (Some(goal), Some(measured_payload)) = (target.payload(), measured.payload()) else {
            self.ctl.filter.reset();
            self.ctl.mode = Mode::Fault;
            return Ok(());
        };
        let u = self
            .ctl
            .run(f64::from(goal.speed), f64::from(measured_payload.speed));
        if self.ctl.mode == Mode::Run {
            drive.payload_mut().get_or_insert_default().accel = u as f32;
        }
        drive.payload_mut().get_or_insert_default().sector = (bump(1, &mut self.count) % MAX) as u8;
        let last_goal = f64::from(goal.speed);
        state.last_goal = last_goal as f32;
        if self.ctl.mode.value() > 0 && last_goal > 2.0 {
            alarm.set_payload(Alarm {
                reason: "high".into(),
                missed: u32::try_from(self.count)
                    .map_err(|_| "classes.py:90: `missed` leaves u32")?,
            });
        }
        self.state = state;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Mode {
    Idle,
    Run,
    Fault,
}

impl Mode {
    /// The member's value.
    fn value(self) -> i64 {
        match self {
            Self::Idle => 0,
            Self::Run => 1,
            Self::Fault => 2,
        }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limits {
    low: f64,
    high: f64,
}

/// First order low pass.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct LowPass {
    alpha: f64,
    value: Option<f64>,
    n: i64,
}

impl LowPass {
    fn new(alpha: f64) -> Self {
        Self {
            alpha,
            value: None,
            n: 0,
        }
    }

    fn update(&mut self, x: f64) -> f64 {
        if let Some(value) = self.value {
            self.value = Some(value + self.alpha * (x - value));
        } else {
            self.value = Some(x);
        }
        self.n += 1;
        self.value.unwrap_or_default()
    }

    fn reset(&mut self) {
        self.value = None;
        self.n = 0;
    }

    fn ready(&self) -> bool {
        self.n > 3
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Controller {
    kp: f64,
    limits: Limits,
    filter: LowPass,
    mode: Mode,
    errors: i64,
}

impl Controller {
    fn new(kp: f64, limits: Limits) -> Self {
        Self {
            kp,
            limits,
            filter: LowPass::new(0.5),
            mode: Mode::Idle,
            errors: 0,
        }
    }

    /// One step.
    fn run(&mut self, goal: f64, speed: f64) -> f64 {
        let y = self.filter.update(speed);
        if !self.filter.ready() {
            return 0.0;
        }
        self.mode = Mode::Run;
        let mut u = self.kp * (goal - y);
        if u > self.limits.high {
            u = self.limits.high;
        } else if u < self.limits.low {
            u = self.limits.low;
        }
        u
    }
}

fn bump(n: i64, count: &mut i64) -> i64 {
    *count += n;
    *count
}

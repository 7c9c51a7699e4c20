//! Functions of every make in one list: plain ones, made ones, and lambdas that see variables.
//!
//! Translated by migrate 0.1.0 from `kept_lambdas.py`: 37 of 37 statements.
//! Warning MIG0301 line 19: `SHAPER_CURVES` lives outside `state`: Copper's keyframes did not hold
//! it; here it is frozen with the task.
//! Warning MIG0301 line 62: `shaper` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 63: `rough` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 63: `fine` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "kept_lambdas", script = "kept_lambdas.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "8a8a54ed8adc07ce", seal = "24ec47f03cafb4df"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Reflect)]
pub struct KeptLambdas {
    state: DriveState,
    shaper_curves: BTreeMap<String, Curve>,
    shaper: Shaper,
    rough: Model,
    fine: Model,
}

impl Freezable for KeptLambdas {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.shaper_curves, encoder)?;
        Encode::encode(&self.shaper, encoder)?;
        Encode::encode(&self.rough, encoder)?;
        Encode::encode(&self.fine, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.shaper_curves = Decode::decode(decoder)?;
        self.shaper = Decode::decode(decoder)?;
        self.rough = Decode::decode(decoder)?;
        self.fine = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for KeptLambdas {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            shaper_curves: BTreeMap::from([
                ("linear".to_string(), Curve::Identity),
                ("square".to_string(), Curve::Square),
            ]),
            shaper: Shaper::new(0.05, 3.0, (0.5, 0.25)),
            rough: Model::new(Method::Euler),
            fine: Model::new(Method::Midpoint),
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
        let state = &self.state;
        let (Some(measured_payload), Some(goal_payload)) = (measured.payload(), goal.payload())
        else {
            return Ok(());
        };
        let error = clamp(
            -100.0,
            100.0,
            f64::from(goal_payload.speed) - f64::from(measured_payload.speed),
        );
        let shaped = self.shaper.run(
            error,
            if error > 1.0 { "square" } else { "linear" },
            &self.shaper_curves,
        )?;
        let settled = integrate_midpoint(F::Decay, shaped, 0.1, 3)
            + integrate_euler(F::Decay, shaped, 0.1, 3);
        drive.payload_mut().get_or_insert_default().accel =
            (settled + self.shaper.spread(error)) as f32;
        let alarm_payload = alarm.payload_mut().get_or_insert_default();
        alarm_payload.missed = state.missed;
        alarm_payload.reason = format!(
            "{} {}",
            fixed_text(self.rough.step(shaped, 0.2), 3),
            fixed_text(self.fine.step(shaped, 0.2), 3)
        );
        Ok(())
    }
}

fn clamp(low: f64, high: f64, x: f64) -> f64 {
    low.max(high.min(x))
}

fn double(x: f64) -> f64 {
    2.0 * x
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Double;

impl Double {
    fn call(&self, x: f64) -> f64 {
        double(x)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum AnyDouble {
    Double(Double),
    Gain(Gain),
    Step(Step),
}

impl AnyDouble {
    fn call(&self, x: f64) -> f64 {
        match self {
            Self::Double(double) => double.call(x),
            Self::Gain(gain) => gain.call(x),
            Self::Step(step) => step.call(x),
        }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Gain {
    k: f64,
}

impl Gain {
    fn new(k: f64) -> Self {
        Self { k }
    }

    fn call(&self, x: f64) -> f64 {
        self.k * x
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Shaper {
    limit: Limit,
    steps: Vec<AnyDouble>,
    banks: Vec<Bank>,
}

impl Shaper {
    fn new(low: f64, high: f64, gains: (f64, f64)) -> Self {
        let banks: Vec<Bank> = [gains.0, gains.1].into_iter().map(Bank::new).collect();
        Self {
            limit: Limit::new(low, high),
            steps: vec![
                AnyDouble::Step(Step::new(low)),
                AnyDouble::Double(Double {}),
                AnyDouble::Gain(Gain::new(0.5)),
            ],
            banks,
        }
    }

    fn run(
        &self,
        mut x: f64,
        curve: &str,
        shaper_curves: &BTreeMap<String, Curve>,
    ) -> CuResult<f64> {
        for step in &self.steps {
            x = step.call(x);
        }
        Ok(self.limit.call(
            (*shaper_curves
                .get(curve)
                .ok_or("kept_lambdas.py:29: KeyError (no such key, a str)")?)
            .call(x),
        ))
    }

    fn spread(&self, x: f64) -> f64 {
        self.banks
            .iter()
            .map(|&bank| bank.call(x))
            .fold(0.0, |sum, x| sum + x)
    }
}

/// What `curve` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Curve {
    Identity,
    Square,
}

impl Curve {
    fn call(self, x: f64) -> f64 {
        match self {
            Self::Identity => identity(x),
            Self::Square => curve_square(x),
        }
    }
}

fn identity(x: f64) -> f64 {
    x
}

fn curve_square(x: f64) -> f64 {
    x * x.abs()
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Limit {
    low: f64,
    high: f64,
}

impl Limit {
    fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    fn call(&self, x: f64) -> f64 {
        clamp(self.low, self.high, x)
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Step {
    low: f64,
}

impl Step {
    fn new(low: f64) -> Self {
        Self { low }
    }

    fn call(&self, x: f64) -> f64 {
        if x.abs() > self.low { x } else { 0.0 }
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Bank {
    k: f64,
}

impl Bank {
    fn new(k: f64) -> Self {
        Self { k }
    }

    fn call(&self, x: f64) -> f64 {
        self.k * x
    }
}

// A method that is chosen: each calls what it is given.
fn euler(f: F, x: f64, dt: f64) -> f64 {
    x + dt * f.call(x)
}

fn midpoint(f: F, x: f64, dt: f64) -> f64 {
    x + dt * f.call(x + 0.5 * dt * f.call(x))
}

fn integrate_midpoint(f: F, mut x: f64, dt: f64, steps: i64) -> f64 {
    for _ in 0..steps {
        x = midpoint(f, x, dt / steps as f64);
    }
    x
}

fn integrate_euler(f: F, mut x: f64, dt: f64, steps: i64) -> f64 {
    for _ in 0..steps {
        x = euler(f, x, dt / steps as f64);
    }
    x
}

fn decay(x: f64) -> f64 {
    -x
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Model {
    method: Method,
}

impl Model {
    fn new(method: Method) -> Self {
        Self { method }
    }

    fn step(&self, x: f64, dt: f64) -> f64 {
        self.method.call(F::Decay, x, dt)
    }
}

/// What `method` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Method {
    Euler,
    Midpoint,
}

impl Method {
    fn call(self, f: F, x: f64, dt: f64) -> f64 {
        match self {
            Self::Euler => euler(f, x, dt),
            Self::Midpoint => midpoint(f, x, dt),
        }
    }
}

/// What `f` may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum F {
    Decay,
}

impl F {
    fn call(self, x: f64) -> f64 {
        match self {
            Self::Decay => decay(x),
        }
    }
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

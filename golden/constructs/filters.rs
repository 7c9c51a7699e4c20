//! Kalman + slew limiter + debounce, functional style.
//!
//! Translated by migrate 0.1.0 from `filters.py`: 44 of 44 statements.
//! Warning MIG0301 line 46: `kf` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 47: `deb` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 48: `last_out` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "filters", script = "filters.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "45d67eaf6eb9d43b", seal = "eb56eb16778f569f"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const Q: f64 = 1e-3;
const R: f64 = 0.25;
const MAX_STEP: f64 = 0.3;
const DEBOUNCE: i64 = 3;

#[derive(Debug, Reflect)]
pub struct Filters {
    state: DriveState,
    kf: Kalman1D,
    deb: Debounce,
    last_out: Option<f64>,
}

impl Freezable for Filters {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.kf, encoder)?;
        Encode::encode(&self.deb, encoder)?;
        Encode::encode(&self.last_out, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.kf = Decode::decode(decoder)?;
        self.deb = Decode::decode(decoder)?;
        self.last_out = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Filters {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            kf: Kalman1D::new(Q, R, 0.0, 1.0),
            deb: Debounce::new(DEBOUNCE),
            last_out: None,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (_target, measured) = *input;
        let (drive, _alarm) = output;
        self.kf.predict(0.0);
        if let Some(measured_payload) = measured.payload() {
            let z = f64::from(measured_payload.speed);
            if !z.is_nan() {
                self.kf.correct(z)?;
            }
        }
        let cmd = slew(self.kf.x, &mut self.last_out);
        let active = self.deb.call(cmd > 1.0);
        let drive_payload = drive.payload_mut().get_or_insert_default();
        drive_payload.accel = if active { cmd as f32 } else { 0.0 };
        drive_payload.sector = if active { 1 } else { 0 };
        Ok(())
    }
}

/// Scalar Kalman filter.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Kalman1D {
    q: f64,
    r: f64,
    x: f64,
    p: f64,
}

impl Kalman1D {
    fn new(q: f64, r: f64, x0: f64, p0: f64) -> Self {
        Self { q, r, x: x0, p: p0 }
    }

    fn predict(&mut self, u: f64) {
        self.x += u;
        self.p += self.q;
    }

    fn correct(&mut self, z: f64) -> CuResult<f64> {
        let k = true_div(self.p, self.p + self.r)
            .ok_or("filters.py:23: ZeroDivisionError: float division by zero")?;
        self.x += k * (z - self.x);
        self.p *= 1.0 - k;
        Ok(self.x)
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Debounce {
    n: i64,
    count: i64,
    state: bool,
}

impl Debounce {
    fn new(n: i64) -> Self {
        Self {
            n,
            count: 0,
            state: false,
        }
    }

    fn call(&mut self, raw: bool) -> bool {
        if raw != self.state {
            self.count += 1;
            if self.count >= self.n {
                self.state = raw;
                self.count = 0;
            }
        } else {
            self.count = 0;
        }
        self.state
    }
}

fn slew(x: f64, last_out: &mut Option<f64>) -> f64 {
    if last_out.is_none() {
        *last_out = Some(x);
    }
    let mut delta = x - last_out.unwrap_or_default();
    if delta.abs() > MAX_STEP {
        delta = MAX_STEP.copysign(delta);
    }
    *last_out = Some(last_out.unwrap_or_default() + delta);
    last_out.unwrap_or_default()
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

//! One-dimensional Kalman filter over the downward sonar.
//!
//! Translated by migrate 0.1.0 from `python/height.py`: 53 of 53 statements.
//! Warning MIG0301 line 53: `kf` lives outside `state`: Copper's keyframes did not hold it; here it
//! is frozen with the task.
//! Warning MIG0301 line 54: `rejected` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "height", script = "python/height.py", mode = "embedded"
//! migrate: state = "crate::states::HeightState", source = "8c78afc1de27885b", seal = "04dee3e73fc3ec69"

use crate::messages::{Height, Sonar};
use crate::states::HeightState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SPEED_OF_SOUND: f64 = 343.0; // m/s
const MIN_RANGE: f64 = 0.02;
const MAX_RANGE: f64 = 4.0;
const GATE: f64 = 9.0; // squared sigmas
const MAX_REJECTED: i64 = 10;

#[derive(Debug, Reflect)]
pub struct HeightTask {
    state: HeightState,
    kf: Kalman1D,
    rejected: i64,
}

impl Freezable for HeightTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.resets, encoder)?;
        Encode::encode(&self.kf, encoder)?;
        Encode::encode(&self.rejected, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.resets = Decode::decode(decoder)?;
        self.kf = Decode::decode(decoder)?;
        self.rejected = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for HeightTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Sonar);
    type Output<'m> = output_msg!(Height);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: HeightState::default(),
            kf: Kalman1D::new(2e-5, 4e-4, 1.0),
            rejected: 0,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        self.kf.predict(0.0);
        let mut ok = false;
        if let Some(input_payload) = input.payload()
            && input_payload.down_us != 0
        {
            let z = echo_to_range(i64::from(input_payload.down_us));
            if (MIN_RANGE..=MAX_RANGE).contains(&z) {
                ok = self.kf.correct(z)?;
                if ok {
                    self.rejected = 0;
                } else {
                    self.rejected += 1;
                }
            }
            if self.rejected > MAX_REJECTED {
                // the floor itself has moved
                self.kf.reset();
                self.rejected = 0;
                state.resets = state
                    .resets
                    .checked_add(1)
                    .ok_or("python/height.py:78: `resets` leaves u32")?;
            }
        }

        if !self.kf.ready() {
            return Ok(());
        }
        let output_payload = output.payload_mut().get_or_insert_default();
        output_payload.height = self.kf.estimate() as f32;
        output_payload.variance = self.kf.variance();
        output_payload.fresh = ok;
        if input.payload().is_some() {
            output.tov = input.tov;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Kalman1D {
    q: f64,
    r: f64,
    x: Option<f64>,
    p: f64,
    p0: f64,
}

impl Kalman1D {
    fn new(q: f64, r: f64, p0: f64) -> Self {
        Self {
            q,
            r,
            x: None,
            p: p0,
            p0,
        }
    }

    fn ready(&self) -> bool {
        self.x.is_some()
    }

    fn variance(&self) -> f64 {
        self.p
    }

    fn predict(&mut self, u: f64) {
        if let Some(x) = self.x {
            self.x = Some(x + u);
        }
        self.p += self.q;
    }

    /// Takes a measurement; False where it lies outside of the gate.
    fn correct(&mut self, z: f64) -> CuResult<bool> {
        let Some(x) = self.x else {
            self.x = Some(z);
            self.p = self.p0;
            return Ok(true);
        };
        let innovation = z - x;
        let s = self.p + self.r;
        if true_div(math2(innovation, 2.0, pow).ok_or("python/height.py:39: ZeroDivisionError or OverflowError (`**`: zero to a negative power, or out of range)")?, s).ok_or("python/height.py:39: ZeroDivisionError: float division by zero")? > GATE {
return Ok(false);
}
        let gain = true_div(self.p, s)
            .ok_or("python/height.py:41: ZeroDivisionError: float division by zero")?;
        self.x = Some(x + gain * innovation);
        self.p *= 1.0 - gain;
        Ok(true)
    }

    fn reset(&mut self) {
        self.x = None;
    }

    fn estimate(&self) -> f64 {
        self.x.unwrap_or(0.0)
    }
}

fn echo_to_range(echo_us: i64) -> f64 {
    echo_us as f64 * 1e-6 * SPEED_OF_SOUND / 2.0
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// A function of two numbers in Python's `math`, or `**`: `None` where it raises, that is
/// for a NaN from numbers and for an infinity from finite numbers.
fn math2(x: f64, y: f64, function: fn(f64, f64) -> f64) -> Option<f64> {
    let z = function(x, y);
    let raises = (z.is_nan() && !x.is_nan() && !y.is_nan())
        || (z.is_infinite() && x.is_finite() && y.is_finite());
    (!raises).then_some(z)
}

/// Python's `x ** y`: the C library's `pow` in every build; with a known exponent `powf` is
/// another computation in release builds.
fn pow(x: f64, y: f64) -> f64 {
    std::hint::black_box(x).powf(std::hint::black_box(y))
}

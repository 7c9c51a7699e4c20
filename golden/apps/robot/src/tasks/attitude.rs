//! Complementary filter: the gyro for the short term, gravity for the long one.
//!
//! Axes: x forward, y left, z up. Angles in radians.
//!
//! Translated by migrate 0.1.0 from `python/attitude.py`: 49 of 49 statements.
//! Warning MIG0301 line 67: `imu_filter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "attitude", script = "python/attitude.py", mode = "embedded"
//! migrate: state = "crate::states::AttitudeState", source = "03a9ad18e53d2e4b", seal = "e641e8a8cbcf080c"

use crate::messages::Attitude;
use crate::states::AttitudeState;
use cu_sensor_payloads::ImuPayload;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const SAMPLE_RATE: f64 = 100.0;
const TIME_CONSTANT: f64 = 0.5;
const GRAVITY: f64 = 9.80665;
const STILL_CYCLES: i64 = 50;

#[derive(Debug, Reflect)]
pub struct AttitudeTask {
    state: AttitudeState,
    imu_filter: ComplementaryFilter,
}

impl Freezable for AttitudeTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.samples, encoder)?;
        Encode::encode(&self.imu_filter, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.samples = Decode::decode(decoder)?;
        self.imu_filter = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for AttitudeTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(ImuPayload);
    type Output<'m> = output_msg!(Attitude);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: AttitudeState::default(),
            imu_filter: ComplementaryFilter::new(1.0 / SAMPLE_RATE, TIME_CONSTANT),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let Some(imu) = input.payload() else {
            return Ok(());
        };
        self.imu_filter.update(
            f64::from(imu.accel_x.value),
            f64::from(imu.accel_y.value),
            f64::from(imu.accel_z.value),
            f64::from(imu.gyro_x.value),
            f64::from(imu.gyro_y.value),
        )?;
        state.samples += 1;

        let attitude = output.payload_mut().get_or_insert_default();
        attitude.roll = self.imu_filter.roll as f32;
        attitude.pitch = self.imu_filter.pitch as f32;
        attitude.yaw_rate = (f64::from(imu.gyro_z.value) * 180.0 / std::f64::consts::PI) as f32;
        attitude.still = self.imu_filter.still >= STILL_CYCLES;
        attitude.hot = f64::from(imu.temperature.value) - 273.15 > 60.0;
        output.tov = input.tov;
        Ok(())
    }
}

/// Learns the offset of one gyro axis while the robot stands still.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct GyroBias {
    rate: f64,
    limit: f64,
    value: f64,
}

impl GyroBias {
    fn new(rate: f64, limit: f64) -> Self {
        Self {
            rate,
            limit,
            value: 0.0,
        }
    }

    fn learn(&mut self, measured: f64) {
        self.value += self.rate * (measured - self.value);
        self.value = (-self.limit).max(self.limit.min(self.value));
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct ComplementaryFilter {
    dt: f64,
    gain: f64,
    roll: f64,
    pitch: f64,
    still: i64,
    initialized: bool,
    bias_x: GyroBias,
    bias_y: GyroBias,
}

impl ComplementaryFilter {
    fn new(dt: f64, tau: f64) -> Self {
        Self {
            dt,
            gain: tau / (tau + dt),
            roll: 0.0,
            pitch: 0.0,
            still: 0,
            initialized: false,
            bias_x: GyroBias::new(0.02, 0.05),
            bias_y: GyroBias::new(0.01, 0.05),
        }
    }

    fn is_still(&self, ax: f64, ay: f64, az: f64, gx: f64, gy: f64) -> CuResult<bool> {
        let norm = math(ax * ax + ay * ay + az * az, f64::sqrt)
            .ok_or("python/attitude.py:40: ValueError: math domain error")?;
        Ok((norm - GRAVITY).abs() < 0.3 && gx.abs() < 0.05 && gy.abs() < 0.05)
    }

    fn update(&mut self, ax: f64, ay: f64, az: f64, gx: f64, gy: f64) -> CuResult<()> {
        let acc_roll = ay.atan2(az);
        let acc_pitch = (-ax).atan2((pow(ay, 2.0) + pow(az, 2.0)).sqrt());
        if !self.initialized {
            self.roll = acc_roll;
            self.pitch = acc_pitch;
            self.initialized = true;
            return Ok(());
        }

        if self.is_still(ax, ay, az, gx, gy)? {
            self.still += 1;
            if self.still >= STILL_CYCLES {
                self.bias_x.learn(gx);
                self.bias_y.learn(gy);
            }
        } else {
            self.still = 0;
        }

        let rate_x = gx - self.bias_x.value;
        let rate_y = gy - self.bias_y.value;
        let k = self.gain;
        self.roll = k * (self.roll + rate_x * self.dt) + (1.0 - k) * acc_roll;
        self.pitch = k * (self.pitch + rate_y * self.dt) + (1.0 - k) * acc_pitch;
        Ok(())
    }
}

/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
}

/// Python's `x ** y`: the C library's `pow` in every build; with a known exponent `powf` is
/// another computation in release builds.
fn pow(x: f64, y: f64) -> f64 {
    std::hint::black_box(x).powf(std::hint::black_box(y))
}

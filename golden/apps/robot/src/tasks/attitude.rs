//! Complementary filter: the gyro for the short term, gravity for the long one.
//!
//! Axes: x forward, y left, z up. Angles in radians.
//!
//! Translated by migrate 0.1.0 from `python/attitude.py`: 19 of 49 statements.
//! Not translated MIG0207 line 21: this use of float is not translated.
//! Not translated MIG0207 line 32: this use of float is not translated.
//! Not translated MIG0207 line 33: this use of float is not translated.
//! Not translated MIG0202 line 43: the type of the parameter `ax` of `update` is not known:
//! `cu29::units::si::f32::Acceleration`, a type that we cannot see into.
//! Warning MIG0301 line 67: `imu_filter` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Not translated MIG0202 line 74: `ComplementaryFilter.update` could not be translated.
//! Not translated MIG0202 line 77: this is `cu29::units::si::f32::Acceleration`, a type that we
//! cannot see into.
//! Not translated MIG0202 line 78: this is `cu29::units::si::f32::Acceleration`, a type that we
//! cannot see into.
//! migrate: task = "attitude", script = "python/attitude.py", mode = "embedded"
//! migrate: state = "crate::states::AttitudeState", source = "03a9ad18e53d2e4b", seal = "6045cb663686ad14"

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

    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let Some(_imu) = input.payload() else {
            return Ok(());
        };
        //     imu_filter.update(imu.accel_x, imu.accel_y, imu.accel_z, imu.gyro_x, imu.gyro_y)
        todo!(
            "MIG0202 python/attitude.py:74: imu_filter.update(imu.accel_x, imu.accel_y, imu.accel_z, imu"
        );
        state.samples += 1;

        //     out.payload.roll = imu_filter.roll
        todo!("MIG0202 python/attitude.py:77: imu_filter.roll");
        //     out.payload.pitch = imu_filter.pitch
        todo!("MIG0202 python/attitude.py:78: imu_filter.pitch");
        //     out.payload.yaw_rate = imu.gyro_z * 180 / pi
        todo!("MIG0202 python/attitude.py:79: imu.gyro_z * 180");
        let attitude = output.payload_mut().get_or_insert_default();
        attitude.still = self.imu_filter.still >= STILL_CYCLES;
        //     out.payload.hot = imu.temperature - 273.15 > 60
        todo!("MIG0202 python/attitude.py:81: imu.temperature - 273.15");
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
}

impl GyroBias {
    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
    fn new(rate: f64, limit: f64) -> Self {
        //     self.value = 0.0
        todo!("MIG0207 python/attitude.py:21: self.value");
        Self { rate, limit }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct ComplementaryFilter {
    dt: f64,
    gain: f64,
    still: i64,
    initialized: bool,
    bias_x: GyroBias,
    bias_y: GyroBias,
}

impl ComplementaryFilter {
    #[allow(
        unreachable_code,
        unused_variables,
        unused_mut,
        clippy::diverging_sub_expression
    )]
    fn new(dt: f64, tau: f64) -> Self {
        //     self.roll = 0.0
        todo!("MIG0207 python/attitude.py:32: self.roll");
        //     self.pitch = 0.0
        todo!("MIG0207 python/attitude.py:33: self.pitch");
        Self {
            dt,
            gain: tau / (tau + dt),
            still: 0,
            initialized: false,
            bias_x: GyroBias::new(0.02, 0.05),
            bias_y: GyroBias::new(0.01, 0.05),
        }
    }
}

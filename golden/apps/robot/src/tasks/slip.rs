//! Wheel slip: encoders that turn faster than the accelerometer can explain.
//!
//! Translated by migrate 0.1.0 from `python/slip.py`: 23 of 36 statements.
//! Warning MIG0301 line 11: `speeds` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Not translated MIG0202 line 12: the module variable `v_imu` has no one type:
//! `cu29::units::si::f32::Acceleration`, a type that we cannot see into.
//! Warning MIG0301 line 13: `hold` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Not translated MIG0202 line 16: the type of the parameter `x` of `leak` is not known:
//! `cu29::units::si::f32::Acceleration`, a type that we cannot see into.
//! Not translated MIG0202 line 20: the type of the parameter `wheel` of `slip_ratio` is not known:
//! `cu29::units::si::f32::Acceleration`, a type that we cannot see into.
//! Not translated MIG0202 line 35: `leak` could not be translated.
//! Not translated MIG0207 line 42: a choice between values of `cu29::units::si::f32::Acceleration`,
//! a type that we cannot see into is not translated.
//! Not translated MIG0202 line 43: `slip_ratio` could not be translated.
//! migrate: task = "slip", script = "python/slip.py", mode = "embedded"
//! migrate: state = "crate::states::SlipState", source = "3c55ac462350e7ad", seal = "25712e51a8578b58"

use crate::messages::{Odometry, Slip};
use crate::states::SlipState;
use cu_sensor_payloads::ImuPayload;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

const WINDOW: usize = 25;
const HOLD: i64 = 15;

#[derive(Debug, Reflect)]
pub struct SlipTask {
    state: SlipState,
    speeds: VecDeque<f64>,
    hold: i64,
}

impl Freezable for SlipTask {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.events, encoder)?;
        Encode::encode(&self.state.worst, encoder)?;
        Encode::encode(&self.speeds, encoder)?;
        Encode::encode(&self.hold, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.events = Decode::decode(decoder)?;
        self.state.worst = Decode::decode(decoder)?;
        self.speeds = Decode::decode(decoder)?;
        self.hold = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for SlipTask {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, ImuPayload, Odometry);
    type Output<'m> = output_msg!(Slip);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: SlipState::default(),
            speeds: VecDeque::with_capacity(WINDOW),
            hold: 0,
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
        let (imu, odo) = *input;
        let state = &mut self.state;
        let Some(_imu_payload) = imu.payload() else {
            return Ok(());
        };

        // integrate the accelerometer, pulled slowly towards the mean wheel speed
        //     v_imu = leak(v_imu + imu.payload.accel_x * DT)
        todo!("MIG0202 python/slip.py:35: leak(v_imu + imu.payload.accel_x * DT)");
        if let Some(odometry) = odo.payload()
            && odometry.valid
        {
            push_window(&mut self.speeds, WINDOW, f64::from(odometry.v));
        }
        if !self.speeds.is_empty() {
            let _mean = true_div(
                self.speeds.iter().fold(0.0, |sum, &x| sum + x),
                self.speeds.len() as f64,
            )
            .ok_or("python/slip.py:39: ZeroDivisionError: float division by zero")?;
            //     v_imu += 0.02 * (mean - v_imu)
            todo!("MIG0202 python/slip.py:40: v_imu");
        }

        //     wheel = odo.payload.v if odo.payload is not None else v_imu
        todo!("MIG0207 python/slip.py:42: odo.payload.v if odo.payload is not None else v_imu");
        //     ratio = slip_ratio(wheel, v_imu)
        todo!("MIG0202 python/slip.py:43: slip_ratio(wheel, v_imu)");

        //     if abs(ratio) > SLIP_RATIO and len(speeds) == WINDOW:
        if todo!("MIG0202 python/slip.py:45: ratio") {
            if self.hold == 0 {
                state.events = state
                    .events
                    .checked_add(1)
                    .ok_or("python/slip.py:47: `events` leaves u32")?;
            }
            self.hold = HOLD;
        } else if self.hold > 0 {
            self.hold -= 1;
        }

        //     output.payload.ratio = ratio
        todo!("MIG0202 python/slip.py:52: ratio");
        let slip = output.payload_mut().get_or_insert_default();
        slip.slipping = self.hold > 0;
        //     output.payload.body_speed = v_imu
        todo!("MIG0202 python/slip.py:54: v_imu");
        //     output.payload.worst = state.worst = max(state.worst, abs(ratio))
        todo!("MIG0202 python/slip.py:55: ratio");
        output.tov = imu.tov;
        Ok(())
    }
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

//! Values that are computed once, where the task is made.
//!
//! Translated by migrate 0.1.0 from `module_values.py`: 24 of 35 statements.
//! Warning MIG0301 line 31: `wheels` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 32: `left` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 33: `right` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Not translated MIG0207 line 55: the constant `SINES` is not translated.
//! Not translated MIG0207 line 56: the constant `PERIMETER` is not translated.
//! migrate: task = "module_values", script = "module_values.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "0a21cf07f8b130e5", seal = "e849f43af7ec98b3"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const GAINS_KP: f64 = 1.5;

#[derive(Debug, Reflect)]
pub struct ModuleValues {
    state: DriveState,
    wheels: Vec<Wheel>,
    left: Wheel,
    right: Wheel,
}

impl Freezable for ModuleValues {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.wheels, encoder)?;
        Encode::encode(&self.left, encoder)?;
        Encode::encode(&self.right, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.wheels = Decode::decode(decoder)?;
        self.left = Decode::decode(decoder)?;
        self.right = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for ModuleValues {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            wheels: (0..2)
                .map(|i| Wheel::new(i, 0.1 + 0.05 * i as f64))
                .collect(),
            left: Wheel::new(0, 0.2),
            right: Wheel::new(1, 0.2),
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
        let (_goal, p) = *input;
        let (_drive, alarm) = output;
        let Some(measured) = p.payload() else {
            return Ok(());
        };
        let _speeds: Vec<f64> = self
            .wheels
            .iter_mut()
            .zip(&measured.ranges)
            .map(|(w, &v)| w.drive(f64::from(v)))
            .collect();
        for wheel in [&mut self.left, &mut self.right] {
            let _ = wheel.drive(f64::from(measured.speed));
        }
        //     phase = SINES[COUNT]
        let _phase: f64 = todo!("MIG0207 module_values.py:55: SINES");
        //     outputs[0].payload.accel = gains["kp"] * phase + PERIMETER + sum(speeds) + left.speed + LONGEST
        todo!("MIG0207 module_values.py:56: PERIMETER");
        alarm.payload_mut().get_or_insert_default().reason =
            ["slow", "fast"][i64::from(measured.speed > 1.0) as usize].to_string();
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wheel {
    index: i64,
    radius: f64,
    speed: f64,
}

impl Wheel {
    fn new(index: i64, radius: f64) -> Self {
        Self {
            index,
            radius,
            speed: 0.0,
        }
    }

    fn drive(&mut self, speed: f64) -> f64 {
        self.speed = speed / self.radius;
        self.speed
    }
}

//! Deadband and expo for the pendant's sticks, then a slew limit.
//!
//! Translated by migrate 0.1.0 from `python/stick.py`: 47 of 47 statements.
//! Warning MIG0301 line 42: `drive` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 43: `turn` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 44: `strafe` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "stick", script = "python/stick.py", mode = "embedded"
//! migrate: state = "crate::states::StickState", source = "fe8ab6db3be85be0", seal = "a62ecc31e150ac57"

use crate::messages::{Pendant, Sticks};
use crate::states::StickState;
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

const DEADBAND: f64 = 0.06;
const EXPO: f64 = 0.4;
const RATES_DRIVE: f64 = 2.5; // full scale per second
const RATES_STRAFE: f64 = 2.0;
const RATES_TURN: f64 = 4.0;
const DT: f64 = 0.01;

#[derive(Debug, Reflect)]
pub struct Stick {
    state: StickState,
    drive: SlewLimiter,
    turn: SlewLimiter,
    strafe: SlewLimiter,
}

impl Freezable for Stick {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.silent, encoder)?;
        Encode::encode(&self.drive, encoder)?;
        Encode::encode(&self.turn, encoder)?;
        Encode::encode(&self.strafe, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.silent = Decode::decode(decoder)?;
        self.drive = Decode::decode(decoder)?;
        self.turn = Decode::decode(decoder)?;
        self.strafe = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Stick {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Pendant);
    type Output<'m> = output_msg!(Sticks);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: StickState::default(),
            drive: SlewLimiter::new(RATES_DRIVE, Some(2.0 * RATES_DRIVE)),
            turn: SlewLimiter::new(RATES_TURN, None),
            strafe: SlewLimiter::new(RATES_STRAFE, Some(2.5)),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        let mut silent = i64::from(state.silent);
        if input.payload().is_none_or(|joy| joy.link < 20) {
            silent += 1;
            if silent > 25 {
                self.drive.reset(0.0);
                self.turn.reset(0.0);
                self.strafe.reset(0.0);
            } else if silent > 5 {
                self.drive.calculate(0.0, DT);
                self.turn.calculate(0.0, DT);
                self.strafe.calculate(0.0, DT);
            }
        } else {
            silent = 0;
            let joy = input
                .payload()
                .ok_or("python/stick.py:66: AttributeError (`joy` is None)")?;
            self.drive.calculate(shape(f64::from(joy.axes[1])), DT);
            self.turn.calculate(shape(f64::from(joy.axes[0])), DT);
            self.strafe.calculate(shape(f64::from(joy.axes[2])), DT);
        }

        let sticks = output.payload_mut().get_or_insert_default();
        sticks.drive = self.drive.value as f32;
        sticks.turn = self.turn.value as f32;
        sticks.strafe = self.strafe.value as f32;
        sticks.live = silent == 0;
        let output_tov = input.tov;
        state.silent =
            u32::try_from(silent).map_err(|_| "python/stick.py:52: `silent` leaves u32")?;
        output.tov = output_tov;
        Ok(())
    }
}

fn deadband(x: f64, width: f64) -> f64 {
    if x.abs() < width {
        return 0.0;
    }
    let sign = if x > 0.0 { 1.0 } else { -1.0 };
    sign * (x.abs() - width) / (1.0 - width)
}

fn expo(x: f64, amount: f64) -> f64 {
    (1.0 - amount) * x + amount * pow(x, 3.0)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct SlewLimiter {
    up: f64,
    down: f64,
    value: f64,
}

impl SlewLimiter {
    fn new(up: f64, down: Option<f64>) -> Self {
        let down_value = down.unwrap_or(up);
        Self {
            up,
            down: down_value,
            value: 0.0,
        }
    }

    fn calculate(&mut self, target: f64, dt: f64) -> f64 {
        // slowing down is never limited as hard as speeding up
        let faster = target.abs() > self.value.abs() && target * self.value >= 0.0;
        let limit = (if faster { self.up } else { self.down }) * dt;
        let mut delta = target - self.value;
        if delta > limit {
            delta = limit;
        } else if delta < -limit {
            delta = -limit;
        }
        self.value += delta;
        self.value
    }

    fn reset(&mut self, value: f64) {
        self.value = value;
    }
}

fn shape(x: f64) -> f64 {
    let x = (-1.0_f64).max(1.0_f64.min(x));
    expo(deadband(x, DEADBAND), EXPO)
}

/// Python's `x ** y`: the C library's `pow` in every build; with a known exponent `powf` is
/// another computation in release builds.
fn pow(x: f64, y: f64) -> f64 {
    std::hint::black_box(x).powf(std::hint::black_box(y))
}

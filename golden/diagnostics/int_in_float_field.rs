//! An int in a float field is an int until the call ends: its text and its zero show that.
//!
//! Translated by migrate 0.1.0 from `int_in_float_field.py`: 5 of 6 statements.
//! Warning MIG0303 line 12: `print` in process mode corrupts PyTask's protocol: the Python fails
//! here, the Rust logs.
//! Not translated MIG0207 line 13: this is an int on one path and a float on another: the sign of a
//! zero would differ.
//! migrate: task = "int_in_float_field", script = "int_in_float_field.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "f9e2c14666f9f9de", seal = "151196353c132537"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct IntInFloatField {
    state: FixtureState,
}

impl Freezable for IntInFloatField {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for IntInFloatField {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
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
        ctx: &CuContext,
        input: &Self::Input<'_>,
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = WideFixtureState::load(&self.state);
        if input.payload().is_none() {
            return Ok(());
        }
        reset(&mut state);
        info!(ctx, "gain {}", state.gain);
        //     output.payload.throttle = -state.gain
        todo!("MIG0207 int_in_float_field.py:13: -state.gain");
        self.state = state.store()?;
        Ok(())
    }
}

/// `FixtureState` with the widths that Python computes in.
#[derive(Debug, Clone)]
struct WideFixtureState {
    total: i64,
    missed: i64,
    last: Option<f64>,
    gain: f64,
}

impl WideFixtureState {
    fn load(state: &FixtureState) -> Self {
        Self {
            total: state.total,
            missed: i64::from(state.missed),
            last: state.last.map(f64::from),
            gain: f64::from(state.gain),
        }
    }

    fn store(self) -> CuResult<FixtureState> {
        Ok(FixtureState {
            total: self.total,
            missed: u32::try_from(self.missed)
                .map_err(|_| "int_in_float_field.py: `missed` leaves u32")?,
            last: self.last.map(|x| x as f32),
            gain: self.gain as f32,
        })
    }
}

fn reset(state: &mut WideFixtureState) {
    state.gain = 0.0;
}

//! Translated by migrate 0.1.0 from `MIG0404.py`: 3 of 3 statements.
//! migrate: task = "mig0404", script = "MIG0404.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "32e675140bcbd80f", seal = "58a98c48bfbbbab9"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0404 {
    state: FixtureState,
}

impl Freezable for Mig0404 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0404 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &self.state;
        process_undecorated(ctx, input, state, output);
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct State {
    gain: f64,
}

fn process_undecorated(
    _ctx: &CuContext,
    _input: &CuMsg<Reading>,
    _state: &FixtureState,
    output: &mut CuMsg<Command>,
) {
    let state = State { gain: 1.0 };
    output.payload_mut().get_or_insert_default().throttle = state.gain as f32;
}

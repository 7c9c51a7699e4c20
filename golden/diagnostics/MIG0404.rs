//! Translated by migrate 0.1.0 from `MIG0404.py`: 2 of 2 statements.
//! migrate: task = "mig0404", script = "MIG0404.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "03621199a863597c", seal = "dad1cc3e7b18506b"

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
    total: i64,
    missed: i64,
    gain: f64,
}

fn process_undecorated(
    _ctx: &CuContext,
    _input: &CuMsg<Reading>,
    _state: &FixtureState,
    _output: &CuMsg<Command>,
) {
    let _state = State {
        total: 0,
        missed: 0,
        gain: 1.0,
    };
}

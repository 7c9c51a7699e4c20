//! Translated by migrate 0.1.0 from `MIG0405.py`: 2 of 4 statements.
//! Not translated MIG0201 line 4: a set of this: float as a key: not translated yet.
//! Not translated MIG0207 line 5: int as a `tov` is not translated.
//! migrate: task = "mig0405", script = "MIG0405.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "a993818fb0699281", seal = "7a764b075664c70b"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0405 {
    state: FixtureState,
}

impl Freezable for Mig0405 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0405 {
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
        _ctx: &CuContext,
        _input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let state = &mut self.state;
        state.missed = u32::try_from(-1).map_err(|_| "MIG0405.py:2: `missed` leaves u32")?;
        let command = output.payload_mut().get_or_insert_default();
        command.throttle = 0.5;
        //     output.payload.points = {0.5, 1.5}
        todo!("MIG0201 MIG0405.py:4: {{0.5, 1.5}}");
        //     output.tov = ctx.now()
        todo!("MIG0207 MIG0405.py:5: output.tov = ctx.now()");
        Ok(())
    }
}

//! Translated by migrate 0.1.0 from `MIG0321.py`: 2 of 4 statements.
//! Not translated MIG0202 line 6: the type of the parameter `value` of `of` is not known: `.ratio`.
//! Warning MIG0301 line 12: `gain` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "mig0321", script = "MIG0321.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "27e7248e8205ed0a", seal = "d59c6ef5eb35402f"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0321 {
    state: FixtureState,
    gain: Gain,
}

impl Freezable for Mig0321 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.gain, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.gain = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0321 {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Reading);
    type Output<'m> = output_msg!(Command);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: FixtureState::default(),
            gain: Gain::new(2.0),
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
        _output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        //     state.ratio = gain.of(state.ratio)
        todo!("MIG0202 MIG0321.py:16: gain.of(state.ratio)");
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Gain {
    gain: f64,
}

impl Gain {
    fn new(gain: f64) -> Self {
        Self { gain }
    }
}

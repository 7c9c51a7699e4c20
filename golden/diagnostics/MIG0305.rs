//! Translated by migrate 0.1.0 from `MIG0305.py`: 3 of 6 statements.
//! Not translated MIG0207 line 2: a list whose elements have no one type is not translated.
//! Not translated MIG0207 line 3: this use of list is not translated.
//! Not translated MIG0207 line 5: `points` and `output.payload.points` are one list here, and it is
//! changed: a copy would not be.
//! migrate: task = "mig0305", script = "MIG0305.py", mode = "process"
//! migrate: state = "crate::tasks::FixtureState", source = "24b51eca95efa341", seal = "e6f998506a05c85e"

use crate::tasks::{Command, FixtureState, Reading};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct Mig0305 {
    state: FixtureState,
}

impl Freezable for Mig0305 {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Mig0305 {
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
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        //     nearest = []
        todo!("MIG0207 MIG0305.py:2: []");
        //     output.payload = {"throttle": 0.0, "saturated": False, "points": nearest}
        output.set_payload(Command {
            throttle: 0.0,
            saturated: false,
            points: todo!("MIG0207 MIG0305.py:3: nearest"),
        });
        let mut points: Vec<f64> = vec![1.0];
        //     output.payload.points = points
        todo!("MIG0207 MIG0305.py:5: points");
        points.push(3.5);
        output.tov = input.tov;
        Ok(())
    }
}

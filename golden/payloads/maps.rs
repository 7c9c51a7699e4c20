//! Maps of messages are dicts in the order of their keys.
//!
//! Translated by migrate 0.1.0 from `maps.py`: 18 of 18 statements.
//! migrate: task = "maps", script = "maps.py", mode = "embedded"
//! migrate: state = "crate::tasks::PilotState", source = "0c529d58adbdbf03", seal = "605a34791c93a19c"

use crate::tasks::{PilotState, Reply, Scan};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::BTreeMap;

const LIMIT: f64 = 70.0;

#[derive(Debug, Reflect)]
#[reflect(from_reflect = false)]
pub struct Maps {
    state: PilotState,
}

impl Freezable for Maps {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state.order, encoder)?;
        Encode::encode(&self.state.goal, encoder)?;
        Encode::encode(&self.state.recent, encoder)?;
        Encode::encode(&self.state.counts, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state.order = Decode::decode(decoder)?;
        self.state.goal = Decode::decode(decoder)?;
        self.state.recent.0 = Vec::<f32>::decode(decoder)?
            .as_slice()
            .try_into()
            .map_err(|_| DecodeError::Other("more than 4 values"))?;
        self.state.counts = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Maps {
    type Resources<'r> = ();
    type Input<'m> = input_msg!(Scan);
    type Output<'m> = output_msg!(Reply);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: PilotState::default(),
        })
    }

    fn process(
        &mut self,
        ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = self.state.clone();
        let Some(scan) = input.payload() else {
            return Ok(());
        };
        let mut hottest: Option<String> = None;
        for (name, &degrees) in &scan.temperatures {
            if hottest.is_none()
                || degrees
                    > *scan
                        .temperatures
                        .get(hottest.as_deref().unwrap_or_default())
                        .ok_or("maps.py:12: KeyError (no such key, a str)")?
            {
                hottest = Some(name.clone());
            }
            if f64::from(degrees) > LIMIT {
                let value = u32::try_from(
                    i64::from(state.counts.get(name).copied().unwrap_or(0))
                        .checked_add(1)
                        .ok_or("maps.py:15: an int leaves 64 bits")?,
                )
                .map_err(|_| "maps.py:15: `a value` leaves u32")?;
                state.counts.insert(name.clone(), value);
            }
        }
        if let Some(hottest) = &hottest {
            let reply = output.payload_mut().get_or_insert_default();
            reply.text = hottest.clone();
            reply.limits = BTreeMap::from([
                ("warn".to_string(), (LIMIT - 10.0) as f32),
                (hottest.clone(), LIMIT as f32),
            ]);
        } else if state.counts.contains_key("motor") {
            state
                .counts
                .remove("motor")
                .ok_or("maps.py:20: KeyError (no such key, a str)")?;
        }
        let reply = output.payload_mut().get_or_insert_default();
        reply.age_ms = ((i128::from(ctx.now().as_nanos()) - i128::from(scan.stamp.as_nanos()))
            as f64
            * 1e-6) as f32;
        reply.count = u32::try_from(
            state.counts.len()
                + scan
                    .temperatures
                    .values()
                    .filter(|&&t| f64::from(t) > LIMIT)
                    .count(),
        )
        .map_err(|_| "maps.py:22: `count` leaves u32")?;
        output.tov = input.tov;
        self.state = state;
        Ok(())
    }
}

//! Tuples are lists of a fixed length, a `CuArrayVec` is a list that PyTask refuses if it is too long.
//!
//! Translated by migrate 0.1.0 from `rows.py`: 21 of 21 statements.
//! migrate: task = "rows", script = "rows.py", mode = "embedded"
//! migrate: state = "crate::tasks::PilotState", source = "d3edc7f42b2198ab", seal = "ee3d8602d64426ee"

use crate::tasks::{Order, PilotState, Reply, Scan};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
#[reflect(from_reflect = false)]
pub struct Rows {
    state: PilotState,
}

impl Freezable for Rows {
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

impl CuTask for Rows {
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
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let mut state = WidePilotState::load(&self.state);
        let Some(scan) = input.payload() else {
            return Ok(());
        };
        let x = f64::from(scan.mount.0);
        let y = f64::from(scan.mount.1);
        state.goal.0 += 0.1 * (x - state.goal.0);
        state.goal.1 = state.goal.1 * 0.9 + 0.1 * y;
        let reply = output.payload_mut().get_or_insert_default();
        reply.goal = (state.goal.0 as f32, state.goal.1 as f32);

        let near: Vec<f64> = scan
            .echoes
            .0
            .iter()
            .filter(|&&echo| echo < 0.5)
            .map(|&echo| f64::from(echo))
            .collect();
        reply.near = CuArrayVec(
            near[..near.len().min(4)]
                .iter()
                .map(|&x| x as f32)
                .collect::<Vec<_>>()
                .as_slice()
                .try_into()
                .map_err(|_| "rows.py:20: `near` holds 4 values at most")?,
        );
        state.recent.push(mean(
            &scan
                .echoes
                .0
                .iter()
                .map(|&x| f64::from(x))
                .collect::<Vec<_>>(),
        )?);
        if state.recent.len() > 4 {
            (!state.recent.is_empty())
                .then(|| state.recent.remove(0))
                .ok_or("rows.py:23: IndexError: pop from empty list")?;
        }
        reply.age_ms = mean(&state.recent)? as f32;

        reply.depth.value =
            (f64::from(scan.depth.value) - 0.05 * f64::from(scan.speed.value)) as f32;
        if !scan.echoes.0.is_empty()
            && *scan
                .echoes
                .0
                .last()
                .ok_or("rows.py:27: IndexError: list index out of range")?
                > scan.mount.1
        {
            reply.count = u32::try_from(2 + scan.echoes.0.len())
                .map_err(|_| "rows.py:28: `count` leaves u32")?;
        }
        let output_tov = input.tov;
        output
            .metadata
            .set_status(format!("{} m", fixed_text(x, 1)));
        self.state = state.store()?;
        output.tov = output_tov;
        Ok(())
    }
}

/// `PilotState` with the widths that Python computes in.
#[derive(Debug, Clone)]
struct WidePilotState {
    order: Order,
    goal: (f64, f64),
    recent: Vec<f64>,
    counts: std::collections::BTreeMap<String, i64>,
}

impl WidePilotState {
    fn load(state: &PilotState) -> Self {
        Self {
            order: state.order.clone(),
            goal: (f64::from(state.goal.0), f64::from(state.goal.1)),
            recent: state.recent.0.iter().map(|&x| f64::from(x)).collect(),
            counts: state
                .counts
                .iter()
                .map(|(k, &v)| (k.clone(), i64::from(v)))
                .collect(),
        }
    }

    fn store(self) -> CuResult<PilotState> {
        Ok(PilotState {
            order: self.order,
            goal: (self.goal.0 as f32, self.goal.1 as f32),
            recent: CuArrayVec(
                self.recent
                    .into_iter()
                    .map(|x| x as f32)
                    .collect::<Vec<_>>()
                    .as_slice()
                    .try_into()
                    .map_err(|_| "rows.py: `recent` holds 4 values at most")?,
            ),
            counts: self
                .counts
                .into_iter()
                .map(|(k, v)| {
                    Ok((
                        k,
                        u32::try_from(v).map_err(|_| "rows.py: `counts` leaves u32")?,
                    ))
                })
                .collect::<CuResult<_>>()?,
        })
    }
}

fn mean(values: &[f64]) -> CuResult<f64> {
    if values.is_empty() {
        return Ok(0.0);
    }
    Ok(true_div(
        values.iter().fold(0.0, |sum, &x| sum + x),
        values.len() as f64,
    )
    .ok_or("rows.py:7: ZeroDivisionError: float division by zero")?)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

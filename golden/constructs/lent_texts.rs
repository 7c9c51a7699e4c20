//! Variables of the module that functions only read: texts, what may be None, tuples.
//!
//! Translated by migrate 0.1.0 from `lent_texts.py`: 31 of 31 statements.
//! Warning MIG0301 line 2: `label` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 3: `maybe` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 4: `names` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 5: `pairs` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 6: `words` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 7: `last` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! migrate: task = "lent_texts", script = "lent_texts.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "1e80fa3dd5b1e98f", seal = "6b865aa0aa1e1bf7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct LentTexts {
    state: DriveState,
    label: (String, f64),
    maybe: Option<String>,
    names: Vec<String>,
    pairs: Vec<(String, i64)>,
    words: (String, String),
    last: Option<(String, f64)>,
}

impl Freezable for LentTexts {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.label, encoder)?;
        Encode::encode(&self.maybe, encoder)?;
        Encode::encode(&self.names, encoder)?;
        Encode::encode(&self.pairs, encoder)?;
        Encode::encode(&self.words, encoder)?;
        Encode::encode(&self.last, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.label = Decode::decode(decoder)?;
        self.maybe = Decode::decode(decoder)?;
        self.names = Decode::decode(decoder)?;
        self.pairs = Decode::decode(decoder)?;
        self.words = Decode::decode(decoder)?;
        self.last = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for LentTexts {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            label: ("a".to_string(), 1.0),
            maybe: None,
            names: vec!["x".into(), "y".into()],
            pairs: vec![("p".to_string(), 1), ("q".to_string(), 2)],
            words: ("u".to_string(), "v".to_string()),
            last: None,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _unused) = *input;
        let (drive, alarm) = output;
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed > 0.5
        {
            self.label = ("b".to_string(), f64::from(goal_payload.speed));
            self.maybe = Some("m".into());
            self.words = ("w".to_string(), "z".to_string());
        } else if goal.payload().is_some() {
            self.maybe = None;
            self.names = vec!["z".into(), "y".into()];
            self.pairs = [
                &self.pairs[self.pairs.len().min(1)..],
                &self.pairs[..self.pairs.len().min(1)],
            ]
            .concat();
        }
        let b = both(&self.label, &mut self.last);
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{}{}{}{}",
            note(
                &self.label,
                &self.maybe,
                &self.names,
                &self.pairs,
                &self.words
            )?,
            unpacked(&self.label),
            kept(&self.maybe),
            if let Some(b) = b {
                b.0.clone()
            } else {
                "0".into()
            }
        );
        drive.payload_mut().get_or_insert_default().sector =
            (i64::from(asks(&self.label, &self.maybe)) + 2) as u8;
        Ok(())
    }
}

fn note(
    label: &(String, f64),
    maybe: &Option<String>,
    names: &[String],
    pairs: &[(String, i64)],
    words: &(String, String),
) -> CuResult<String> {
    Ok(format!(
        "{}{}{}{}{}",
        label.0,
        match maybe.as_ref() {
            Some(x) if !x.is_empty() => x.clone(),
            _ => "-".into(),
        },
        names
            .first()
            .ok_or("lent_texts.py:11: IndexError: list index out of range")?,
        pairs
            .first()
            .ok_or("lent_texts.py:11: IndexError: list index out of range")?
            .0,
        words.1
    ))
}

fn unpacked(label: &(String, f64)) -> String {
    let (a, b) = label.clone();
    format!("{a}{}", fixed_text(b, 1))
}

fn kept(maybe: &Option<String>) -> String {
    let Some(m) = maybe.clone() else {
        return "none".into();
    };
    m.to_uppercase()
}

fn both(label: &(String, f64), last: &mut Option<(String, f64)>) -> Option<(String, f64)> {
    let was = last.clone();
    *last = Some(label.clone());
    was
}

fn asks(label: &(String, f64), maybe: &Option<String>) -> bool {
    maybe.as_deref() == Some("m") || *label == ("a".to_string(), 1.0) || maybe.is_none()
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}

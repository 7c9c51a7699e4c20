//! Fields that differ, over the cycles around their first difference, to be drawn.
//!
//! Enters: each [`Cycle`], and the [`Difference`]s that are the first of their field. Leaves:
//! [`Series`] of bounded length: dense before and just after the difference, thinner the
//! longer the log goes on. This module must not judge.

use super::difference::Difference;
use crate::verify::protocol::{Cycle, Message, Outcome};
use crate::verify::value::Value;
use crate::verify::verdict::Series;
use std::collections::VecDeque;

/// How many fields are kept.
const MOST_SERIES: usize = 6;
/// How many cycles before the difference.
const BEFORE: usize = 40;
/// How many after it, each one.
const DENSE: u64 = 60;
/// How many in all.
const MOST_POINTS: usize = 240;

/// The fields that are followed.
#[derive(Debug, Default)]
pub struct Followed {
    /// What the last cycles left.
    last: VecDeque<Left>,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    difference: Difference,
    series: Series,
    /// How far apart the cycles are that are kept.
    stride: u64,
}

/// What a cycle left.
#[derive(Debug)]
struct Left {
    id: u64,
    recorded: Vec<Message>,
    python: Option<Outcome>,
    rust: Option<Outcome>,
}

impl Left {
    fn of(cycle: &Cycle) -> Self {
        Self {
            id: cycle.id,
            recorded: cycle.recorded.clone(),
            python: cycle.python.clone(),
            rust: cycle.rust.clone(),
        }
    }
}

impl Followed {
    /// Takes the next cycle, after what differs in it was [followed](Self::follow).
    pub fn take(&mut self, cycle: &Cycle) {
        for field in &mut self.fields {
            field.take(
                cycle.id,
                &cycle.recorded,
                cycle.python.as_ref(),
                cycle.rust.as_ref(),
            );
        }
        if self.fields.len() < MOST_SERIES {
            if self.last.len() == BEFORE {
                self.last.pop_front();
            }
            self.last.push_back(Left::of(cycle));
        } else {
            self.last.clear();
        }
    }

    /// Follows the field of a difference that shows in the cycle of this id for the first time.
    pub fn follow(&mut self, difference: &Difference, first: u64) {
        if self.fields.len() == MOST_SERIES || !difference.is_of_a_field() {
            return;
        }
        let mut field = Field {
            difference: difference.clone(),
            series: Series {
                path: difference.path.clone(),
                first,
                ..Series::default()
            },
            stride: 1,
        };
        for left in &self.last {
            field.take(
                left.id,
                &left.recorded,
                left.python.as_ref(),
                left.rust.as_ref(),
            );
        }
        self.fields.push(field);
    }

    /// What there is to draw.
    pub fn into_series(self) -> Vec<Series> {
        let drawn = |series: &Series| {
            let some = |values: &[Option<f64>]| values.iter().any(Option::is_some);
            some(&series.python) || some(&series.rust) || some(&series.recorded)
        };
        let series = self.fields.into_iter().map(|field| field.series);
        series.filter(drawn).collect()
    }
}

impl Field {
    fn take(
        &mut self,
        id: u64,
        recorded: &[Message],
        python: Option<&Outcome>,
        rust: Option<&Outcome>,
    ) {
        let since = id.saturating_sub(self.series.first);
        if since > DENSE && !since.is_multiple_of(self.stride) {
            return;
        }
        // A cycle without a Rust side is one in which both did the same.
        let rust = rust.or(python);
        let values = [
            self.number(Some(recorded), None),
            self.number(
                python.map(|o| o.outputs.as_slice()),
                python.and_then(|o| o.state.as_ref()),
            ),
            self.number(
                rust.map(|o| o.outputs.as_slice()),
                rust.and_then(|o| o.state.as_ref()),
            ),
        ];
        let series = &mut self.series;
        let [a, b, c] = values;
        series.cycles.push(id);
        series.recorded.push(a);
        series.python.push(b);
        series.rust.push(c);
        while self.series.cycles.len() > MOST_POINTS {
            self.stride *= 2;
            self.thin();
        }
    }

    /// Drops the cycles between the strides.
    fn thin(&mut self) {
        let (first, stride) = (self.series.first, self.stride);
        let kept: Vec<bool> = self
            .series
            .cycles
            .iter()
            .map(|id| {
                let since = id.saturating_sub(first);
                since <= DENSE || since.is_multiple_of(stride)
            })
            .collect();
        fn retain<T>(values: &mut Vec<T>, kept: &[bool]) {
            let mut kept = kept.iter();
            values.retain(|_| kept.next().copied().unwrap_or(true));
        }
        retain(&mut self.series.cycles, &kept);
        retain(&mut self.series.recorded, &kept);
        retain(&mut self.series.python, &kept);
        retain(&mut self.series.rust, &kept);
    }

    fn number(&mut self, outputs: Option<&[Message]>, state: Option<&Value>) -> Option<f64> {
        if self.difference.is_of_presence() {
            let has = self.difference.has_payload(outputs?)?;
            return Some(f64::from(u8::from(has)));
        }
        let value = self.difference.value(outputs.unwrap_or_default(), state)?;
        number(value, &mut self.series.labels)
    }
}

/// A value as a number to draw; words by their place among `labels`.
fn number(value: &Value, labels: &mut Vec<String>) -> Option<f64> {
    let mut word = |text: String| {
        let place = labels.iter().position(|label| *label == text);
        let place = place.unwrap_or_else(|| {
            labels.push(text);
            labels.len() - 1
        });
        Some(place as f64)
    };
    match value {
        Value::Bool(v) => Some(f64::from(u8::from(*v))),
        Value::Int(v) => v.parse().ok(),
        Value::F32(bits) => Some(f64::from(f32::from_bits(*bits))),
        Value::F64(bits) => Some(f64::from_bits(*bits)),
        Value::Some(inner) => number(inner, labels),
        Value::Char(c) => word(c.to_string()),
        Value::Str(text) => word(text.chars().take(40).collect()),
        Value::Variant(name, data) => match data.as_ref() {
            Value::Unit => word(name.clone()),
            data => number(data, labels),
        },
        Value::Unit
        | Value::None
        | Value::Bytes(_)
        | Value::Seq(_)
        | Value::Map(_)
        | Value::Record(..) => None,
    }
    .filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::protocol::CallEnd;
    use crate::verify::tally::difference::{Ruled, of_messages};

    fn message(value: f64) -> Message {
        let fields = vec![("x".to_owned(), Value::F64(value.to_bits()))];
        Message {
            payload: Some(Value::Record("Odometry".into(), fields)),
            tov: Value::None,
            status: String::new(),
        }
    }

    fn outcome(value: f64) -> Outcome {
        Outcome {
            end: CallEnd::Done,
            outputs: vec![message(value)],
            state: None,
        }
    }

    fn cycle(id: u64, python: f64, rust: f64) -> Cycle {
        Cycle {
            id,
            at: 0,
            now: 0,
            inputs: Vec::new(),
            recorded: vec![message(python)],
            expected: None,
            keyframe: None,
            python: Some(outcome(python)),
            rust: (python != rust).then(|| outcome(rust)),
            lockstep: None,
        }
    }

    #[test]
    fn a_field_is_followed_from_before_its_difference_in_bounded_space() {
        let names = ["odometry".to_owned()];
        let mut rules = Default::default();
        let mut ruled = Ruled {
            rules: &mut rules,
            cycle: 0,
            counts: false,
        };
        let mut followed = Followed::default();
        for id in 0..5000 {
            let rust = if id < 100 { id } else { id + 1 };
            let cycle = cycle(id, id as f64, rust as f64);
            if id == 100 {
                let (left, right) = (&[message(100.0)], &[message(101.0)]);
                let found = of_messages(left, right, &names, &mut ruled);
                followed.follow(&found[0], id);
            }
            followed.take(&cycle);
        }
        let series = followed.into_series().remove(0);
        assert_eq!((series.path.as_str(), series.first), ("odometry.x", 100));
        assert!(series.cycles.len() <= MOST_POINTS);
        assert_eq!(series.cycles[0], 60);
        let at = |id| series.cycles.iter().position(|c| *c == id).unwrap();
        assert_eq!(series.python[at(99)], series.rust[at(99)]);
        assert_eq!(series.recorded[at(100)], Some(100.0));
        assert_eq!(series.rust[at(100)], Some(101.0));
        assert!(series.cycles.windows(2).all(|w| w[0] < w[1]));
        assert!(*series.cycles.last().unwrap() > 4900);
    }

    #[test]
    fn words_are_drawn_by_their_place() {
        let mut labels = Vec::new();
        let variant = |name: &str| Value::Variant(name.into(), Box::new(Value::Unit));
        assert_eq!(number(&variant("Idle"), &mut labels), Some(0.0));
        assert_eq!(number(&variant("Run"), &mut labels), Some(1.0));
        assert_eq!(number(&variant("Idle"), &mut labels), Some(0.0));
        assert_eq!(labels, ["Idle", "Run"]);
        assert_eq!(number(&Value::F64(f64::NAN.to_bits()), &mut labels), None);
        assert_eq!(number(&Value::Bool(true), &mut labels), Some(1.0));
    }
}

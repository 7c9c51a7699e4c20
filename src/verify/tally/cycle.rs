//! One call, compared: the three pairs, the lockstep, the keyframe.
//!
//! Enters: a [`Cycle`], or the outcomes of a hook. Leaves: the counts of the [`Tally`], and
//! the divergences that it keeps. This module must not reach a verdict.

use super::difference::{self, shown_payload};
use super::*;
use crate::verify::compare::shown;
use crate::verify::protocol::Cycle;

/// How many fields keep their first frame.
const FRAMES: usize = 40;

/// Which two versions are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pair {
    RecordedPython,
    PythonRust,
    RecordedRust,
}

impl Tally {
    pub(super) fn hook(
        &mut self,
        call: Call,
        python: Option<Outcome>,
        rust: Option<Outcome>,
        twin: Option<Event>,
    ) {
        if let (Call::Start, Some(Outcome { end, .. })) = (call, &python)
            && let CallEnd::Failed(text) | CallEnd::Panicked(text) = end
        {
            self.first_error = Some((call, text.clone()));
        }
        if let (
            Some(python),
            Some(Event::Started { python: again, .. } | Event::Stopped { python: again, .. }),
        ) = (&python, twin)
        {
            self.twin(call, python, again.as_ref());
        }
        let cannot_start = call == Call::Start
            && python
                .as_ref()
                .is_some_and(|python| python.end != CallEnd::Done);
        if cannot_start {
            // It may be for want of something that the machine does not have: no verdict.
        } else if let (Some(python), Some(rust)) = (&python, &rust) {
            let mut ruled = Ruled {
                rules: &mut self.rules,
                cycle: 0,
                counts: false,
            };
            // What stands in the slots before the first cycle is nobody's.
            let found = difference::of_outcomes(python, rust, &[], &mut ruled);
            self.keep(call, Pair::PythonRust, &found, None, false);
        } else if let Some(Outcome { end, .. }) = &rust
            && let CallEnd::Failed(text) | CallEnd::Panicked(text) = end
            && self.divergence.is_none()
        {
            self.rust_ends(None, format!("error: {text}"));
        }
        self.remember(python.as_ref(), rust.as_ref());
    }

    fn remember(&mut self, python: Option<&Outcome>, rust: Option<&Outcome>) {
        let state = |outcome: Option<&Outcome>| outcome.and_then(|o| o.state.clone());
        self.state_before = state(python.or(rust));
        self.rust_state_before = state(rust);
    }

    pub(super) fn cycle(&mut self, cycle: &Cycle, twin: Option<Event>) {
        let python = cycle.python.as_ref();
        let rust = cycle.rust.as_ref().or(python);
        self.cycles += 1;
        self.at = cycle.at;
        self.range = Some((self.range.map_or(cycle.id, |(first, _)| first), cycle.id));
        self.count_errors(cycle, rust);
        self.count_payloads(cycle, rust);
        if let (Some(python), Some(Event::Cycle(again))) = (python, twin) {
            self.twin(Call::Process(cycle.id), python, again.python.as_ref());
        }
        self.keyframe(cycle);
        if let Some(python) = python {
            let found = self.against_recording(cycle, python, false);
            self.count_outputs(Pair::RecordedPython, &found);
            self.keep(
                Call::Process(cycle.id),
                Pair::RecordedPython,
                &found,
                Some(cycle),
                false,
            );
        }
        if let (Some(python), Some(rust)) = (python, rust) {
            self.python_against_rust(cycle, python, rust);
        }
        if let Some(rust) = rust {
            let judged = self.against == Against::Recorded;
            let found = self.against_recording(cycle, rust, judged);
            self.count_outputs(Pair::RecordedRust, &found);
            self.keep(
                Call::Process(cycle.id),
                Pair::RecordedRust,
                &found,
                Some(cycle),
                false,
            );
            if judged && let CallEnd::Panicked(text) = &rust.end {
                self.rust_ends(Some(cycle.id), format!("panic: {text}"));
            }
        }
        self.followed.take(cycle);
        self.remember(python, rust);
    }

    fn python_against_rust(&mut self, cycle: &Cycle, python: &Outcome, rust: &Outcome) {
        let call = Call::Process(cycle.id);
        let mut ruled = Ruled {
            rules: &mut self.rules,
            cycle: cycle.id,
            counts: true,
        };
        let found = difference::of_outcomes(python, rust, &self.names, &mut ruled);
        ruled.counts = false;
        let locked = cycle
            .lockstep
            .as_ref()
            .map(|lockstep| difference::of_outcomes(python, lockstep, &self.names, &mut ruled));
        self.count_outputs(Pair::PythonRust, &found);
        if python.state.is_some() && rust.state.is_some() {
            let equal = found.iter().all(|d| d.place != Place::State);
            self.state.get_or_insert_default().add(equal);
        }
        if let Some(count) = &mut self.lockstep {
            count.add(locked.as_ref().is_none_or(Vec::is_empty));
        }
        self.keep(call, Pair::PythonRust, &found, Some(cycle), false);
        if let Some(locked) = locked
            && found.is_empty()
        {
            self.keep(call, Pair::PythonRust, &locked, Some(cycle), true);
        }
    }

    fn against_recording(
        &mut self,
        cycle: &Cycle,
        outcome: &Outcome,
        counts: bool,
    ) -> Vec<Difference> {
        let mut ruled = Ruled {
            rules: &mut self.rules,
            cycle: cycle.id,
            counts,
        };
        match &cycle.expected {
            // A case knows all of what has to happen, a log only what left the task.
            Some(expected) => difference::of_outcomes(expected, outcome, &self.names, &mut ruled),
            None => {
                let outputs = &outcome.outputs;
                difference::of_messages(&cycle.recorded, outputs, &self.names, &mut ruled)
            }
        }
    }

    /// The recorded state against those before this cycle.
    fn keyframe(&mut self, cycle: &Cycle) {
        let Some(recorded) = &cycle.keyframe else {
            return;
        };
        let mut ruled = Ruled {
            rules: &mut self.rules,
            cycle: cycle.id,
            counts: false,
        };
        let mut compare = |state: &Option<Value>| {
            let state = state.as_ref()?;
            Some(difference::of_states(recorded, state, &mut ruled))
        };
        let python = (self.against == Against::Python)
            .then(|| compare(&self.state_before))
            .flatten();
        let rust = compare(&self.rust_state_before);
        let call = Call::Process(cycle.id);
        if let Some(found) = python {
            self.keyframes.recorded_python.add(found.is_empty());
            self.keep(call, Pair::RecordedPython, &found, Some(cycle), false);
        }
        if let Some(found) = rust {
            self.keyframes.recorded_rust.add(found.is_empty());
            self.keep(call, Pair::RecordedRust, &found, Some(cycle), false);
        }
    }

    fn count_errors(&mut self, cycle: &Cycle, rust: Option<&Outcome>) {
        if let Some(Outcome { end, .. }) = &cycle.python
            && let CallEnd::Failed(text) | CallEnd::Panicked(text) = end
        {
            self.errors.python += 1;
            if cycle.recorded.iter().all(|m| m.payload.is_none()) {
                self.errors.recorded += 1;
            }
            if self.first_error.is_none() {
                self.first_error = Some((Call::Process(cycle.id), text.clone()));
            }
        }
        if let Some(Outcome { end, .. }) = rust
            && let CallEnd::Failed(text) | CallEnd::Panicked(text) = end
        {
            self.errors.rust += 1;
            if self.against == Against::Recorded && self.first_error.is_none() {
                self.first_error = Some((Call::Process(cycle.id), text.clone()));
            }
        }
    }

    fn count_payloads(&mut self, cycle: &Cycle, rust: Option<&Outcome>) {
        let has = |messages: Option<&[Message]>, i: usize| {
            let message = messages.and_then(|messages| messages.get(i));
            u64::from(message.is_some_and(|m| m.payload.is_some()))
        };
        let python = cycle.python.as_ref();
        for (i, count) in self.outputs.iter_mut().enumerate() {
            count.payloads.recorded += has(Some(&cycle.recorded), i);
            count.payloads.python += has(python.map(|o| o.outputs.as_slice()), i);
            count.payloads.rust += has(rust.map(|o| o.outputs.as_slice()), i);
        }
    }

    fn count_outputs(&mut self, pair: Pair, found: &[Difference]) {
        let ends = found
            .iter()
            .any(|d| matches!(d.place, Place::Error | Place::Panic));
        for (i, output) in self.outputs.iter_mut().enumerate() {
            let equal = !ends && found.iter().all(|d| d.output != Some(i));
            match pair {
                Pair::RecordedPython => output.recorded_python.add(equal),
                Pair::PythonRust => output.python_rust.add(equal),
                Pair::RecordedRust => output.recorded_rust.add(equal),
            }
        }
    }

    /// Counts the fields, and keeps the first divergence that is nobody else's fault.
    fn keep(
        &mut self,
        call: Call,
        pair: Pair,
        found: &[Difference],
        cycle: Option<&Cycle>,
        lockstep_only: bool,
    ) {
        let judged = match self.against {
            Against::Python => pair == Pair::PythonRust,
            Against::Recorded => pair == Pair::RecordedRust,
        };
        let mut counted: Vec<(&str, Place)> = Vec::new();
        for difference in found {
            let key = (difference.pattern.clone(), difference.place);
            let excused = self.nondeterministic.contains_key(&key);
            let frames = self.fields.len() < FRAMES;
            let needs_frame = judged
                && (self
                    .fields
                    .get(&key)
                    .is_none_or(|field| field.first.is_none())
                    && frames
                    || self.divergence.is_none() && !excused)
                || pair == Pair::RecordedPython && self.recording_divergence.is_none();
            let frame =
                needs_frame.then(|| self.frame(call, pair, difference, cycle, lockstep_only));
            let field = self.fields.entry(key).or_insert_with(|| FieldCount {
                path: difference.pattern.clone(),
                place: difference.place,
                recorded_python: 0,
                python_rust: 0,
                recorded_rust: 0,
                first: None,
            });
            let name = (difference.pattern.as_str(), difference.place);
            if !counted.contains(&name) {
                counted.push(name);
                match pair {
                    Pair::RecordedPython => field.recorded_python += 1,
                    Pair::PythonRust => field.python_rust += 1,
                    Pair::RecordedRust => field.recorded_rust += 1,
                }
            }
            if judged {
                if field.first.is_none() && frames {
                    field.first.clone_from(&frame);
                    if let (Call::Process(id), false) = (call, lockstep_only) {
                        self.followed.follow(difference, id);
                    }
                }
                if self.divergence.is_none() && !excused {
                    self.divergence = frame;
                }
            } else if pair == Pair::RecordedPython && self.recording_divergence.is_none() {
                self.recording_divergence = frame;
            }
        }
    }

    fn frame(
        &self,
        call: Call,
        pair: Pair,
        difference: &Difference,
        cycle: Option<&Cycle>,
        lockstep_only: bool,
    ) -> Divergence {
        let python = cycle.and_then(|c| c.python.as_ref());
        let rust = cycle.and_then(|c| c.rust.as_ref()).or(python);
        let of = |outcome: Option<&Outcome>, state: &Option<Value>| {
            let outcome = outcome?;
            difference.elsewhere(&outcome.outputs, state.as_ref())
        };
        let (left, right) = (difference.left.clone(), difference.right.clone());
        let recorded = || {
            let expected = cycle?.expected.as_ref();
            let state = expected.and_then(|expected| expected.state.as_ref());
            difference.elsewhere(&cycle?.recorded, state)
        };
        let values = match pair {
            Pair::RecordedPython => Three {
                recorded: left,
                python: right,
                rust: of(rust, &self.rust_state_before),
            },
            Pair::PythonRust => Three {
                recorded: recorded(),
                python: left,
                rust: right,
            },
            Pair::RecordedRust => Three {
                recorded: left,
                python: of(python, &self.state_before),
                rust: right,
            },
        };
        let inputs = cycle.map_or(&[][..], |cycle| &cycle.inputs);
        Divergence {
            call,
            place: difference.place,
            path: difference.path.clone(),
            values,
            lockstep_only,
            inputs: self
                .labels
                .inputs
                .iter()
                .zip(inputs)
                .map(|(name, m)| (name.clone(), shown_payload(m)))
                .collect(),
            state_before: self.state_before.as_ref().map(shown),
        }
    }
}

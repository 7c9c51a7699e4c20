//! Counts what the harness reports and keeps the first divergences.
//!
//! Enters: the [`Event`]s of a replay in order. Leaves: the counts, the first place where
//! Python and Rust differ, the first where the recording and Python differ, and the
//! verdict. This module must not know how the harness was built or run.

mod difference;
mod judge;

use super::compare::shown;
use super::protocol::{CallEnd, Cycle, Event, FaultKind, LogInfo, Message, Outcome};
use super::value::Value;
use super::verdict::{Call, Count, Divergence, Errors, OutputCount, Place, Shown, Three, Verdict};
use difference::{
    MessageDifference, call_difference, message_difference, shown_payload, state_difference,
};
use std::ops::ControlFlow;

/// What a replay is about, for the reader.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// The node of the graph.
    pub task: String,
    /// The nodes that send to it.
    pub senders: Vec<String>,
    /// The names of its inputs.
    pub inputs: Vec<String>,
    /// The names and message types of its outputs.
    pub outputs: Vec<(String, String)>,
    /// The holes of the generated file: line and text.
    pub holes: Vec<(usize, String)>,
}

/// The counts so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// What it is about.
    pub labels: Labels,
    /// The hash of the sources that the harness was built from.
    pub sources: Option<String>,
    /// Version and prefix of the embedded Python.
    pub python: Option<(String, String)>,
    /// What the log says of itself.
    pub log: Option<LogInfo>,
    /// CopperLists replayed.
    pub cycles: u64,
    /// The first and the last of them.
    pub range: Option<(u64, u64)>,
    /// Cycles in which a call failed.
    pub errors: Errors,
    /// The outputs.
    pub outputs: Vec<OutputCount>,
    /// The state.
    pub state: Option<Count>,
    /// The first difference of Python and Rust.
    pub divergence: Option<Divergence>,
    /// The first difference of the recording and Python.
    pub recording_divergence: Option<Divergence>,
    /// Python's first error.
    pub first_error: Option<(Call, String)>,
    /// Why the replay ended early.
    pub fault: Option<(FaultKind, String)>,
    /// Why the log cannot be replayed.
    pub refusal: Option<String>,
    /// Whether the replay reached the end of the log.
    pub ended: bool,
    state_before: Option<Value>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(labels: Labels) -> Self {
        let outputs = labels
            .outputs
            .iter()
            .map(|(name, message)| OutputCount {
                name: name.clone(),
                message: message.clone(),
                payloads: Three::default(),
                recorded_python: Count::default(),
                python_rust: Count::default(),
                recorded_rust: Count::default(),
            })
            .collect();
        Self {
            labels,
            outputs,
            ..Self::default()
        }
    }

    /// Takes the next event; `Break` when the rest cannot matter.
    pub fn take(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Begin { sources } => self.sources = Some(sources),
            Event::Python { version, prefix } => self.python = Some((version, prefix)),
            Event::Log(info) => {
                self.refusal = judge::refusal(&info, &self.labels);
                self.log = Some(info);
                if self.refusal.is_some() {
                    return ControlFlow::Break(());
                }
            }
            Event::Started { python, rust } => self.hook(Call::Start, &python, &rust),
            Event::Cycle(cycle) => self.cycle(&cycle),
            Event::Fault { kind, message, .. } => self.fault = Some((kind, message)),
            Event::Stopped { python, rust } => {
                self.ended = true;
                self.hook(Call::Stop, &python, &rust);
            }
        }
        ControlFlow::Continue(())
    }

    /// What can be concluded from all of it.
    pub fn verdict(&self) -> Verdict {
        judge::verdict(self)
    }

    fn hook(&mut self, call: Call, python: &Outcome, rust: &Outcome) {
        if let (Call::Start, CallEnd::Failed(text) | CallEnd::Panicked(text)) = (call, &python.end)
        {
            self.first_error = Some((call, text.clone()));
        }
        if self.divergence.is_none()
            && let Some((place, path, python, rust)) = call_difference(python, rust)
        {
            self.divergence = Some(Divergence {
                call,
                place,
                path,
                values: Three {
                    recorded: None,
                    python,
                    rust,
                },
                inputs: Vec::new(),
                state_before: self.state_before.as_ref().map(shown),
            });
        }
        self.state_before.clone_from(&python.state);
    }

    fn cycle(&mut self, cycle: &Cycle) {
        let rust = cycle.rust.as_ref().unwrap_or(&cycle.python);
        self.cycles += 1;
        self.range = Some((self.range.map_or(cycle.id, |(first, _)| first), cycle.id));
        self.count_errors(cycle, rust);
        self.count_outputs(cycle, rust);
        if cycle.python.state.is_some() && rust.state.is_some() {
            let equal = state_difference(&cycle.python, rust).is_none();
            self.state.get_or_insert_default().add(equal);
        }
        if self.divergence.is_none() {
            self.divergence = self.python_against_rust(cycle, rust);
        }
        if self.recording_divergence.is_none() {
            self.recording_divergence = self.recording_against_python(cycle, rust);
        }
        self.state_before.clone_from(&cycle.python.state);
    }

    fn count_errors(&mut self, cycle: &Cycle, rust: &Outcome) {
        if let CallEnd::Failed(text) | CallEnd::Panicked(text) = &cycle.python.end {
            self.errors.python += 1;
            if cycle.recorded.iter().all(|m| m.payload.is_none()) {
                self.errors.recorded += 1;
            }
            if self.first_error.is_none() {
                self.first_error = Some((Call::Process(cycle.id), text.clone()));
            }
        }
        if rust.end != CallEnd::Done {
            self.errors.rust += 1;
        }
    }

    fn count_outputs(&mut self, cycle: &Cycle, rust: &Outcome) {
        for (i, count) in self.outputs.iter_mut().enumerate() {
            let (recorded, python, rust) = (
                cycle.recorded.get(i),
                cycle.python.outputs.get(i),
                rust.outputs.get(i),
            );
            let has = |m: Option<&Message>| u64::from(m.is_some_and(|m| m.payload.is_some()));
            count.payloads.recorded += has(recorded);
            count.payloads.python += has(python);
            count.payloads.rust += has(rust);
            let equal = |a, b| message_difference(a, b).is_none();
            count.recorded_python.add(equal(recorded, python));
            count.python_rust.add(equal(python, rust));
            count.recorded_rust.add(equal(recorded, rust));
        }
    }

    fn python_against_rust(&self, cycle: &Cycle, rust: &Outcome) -> Option<Divergence> {
        let python = &cycle.python;
        let found = call_difference(python, rust);
        if let Some((place, path, python, rust)) = found {
            return Some(self.divergence_at(cycle, place, path, (None, python, rust)));
        }
        self.outputs.iter().enumerate().find_map(|(i, output)| {
            let three = (
                cycle.recorded.get(i),
                python.outputs.get(i),
                rust.outputs.get(i),
            );
            let difference = message_difference(three.1, three.2)?;
            Some(self.output_divergence(cycle, &output.name, &difference, three))
        })
    }

    fn recording_against_python(&self, cycle: &Cycle, rust: &Outcome) -> Option<Divergence> {
        self.outputs.iter().enumerate().find_map(|(i, output)| {
            let three = (
                cycle.recorded.get(i),
                cycle.python.outputs.get(i),
                rust.outputs.get(i),
            );
            let difference = message_difference(three.0, three.1)?;
            Some(self.output_divergence(cycle, &output.name, &difference, three))
        })
    }

    fn output_divergence(
        &self,
        cycle: &Cycle,
        name: &str,
        difference: &MessageDifference,
        (recorded, python, rust): (Option<&Message>, Option<&Message>, Option<&Message>),
    ) -> Divergence {
        let value = |m: Option<&Message>| m.and_then(|m| difference.value(m));
        let values = (value(recorded), value(python), value(rust));
        let path = format!("{name}{}", difference.path());
        self.divergence_at(cycle, difference.place(), path, values)
    }

    fn divergence_at(
        &self,
        cycle: &Cycle,
        place: Place,
        path: String,
        (recorded, python, rust): (Option<Shown>, Option<Shown>, Option<Shown>),
    ) -> Divergence {
        Divergence {
            call: Call::Process(cycle.id),
            place,
            path,
            values: Three {
                recorded,
                python,
                rust,
            },
            inputs: self
                .labels
                .inputs
                .iter()
                .zip(&cycle.inputs)
                .map(|(name, m)| (name.clone(), shown_payload(m)))
                .collect(),
            state_before: self.state_before.as_ref().map(shown),
        }
    }
}

#[cfg(test)]
mod tests;

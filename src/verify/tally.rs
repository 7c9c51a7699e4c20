//! Counts what the harness reports and keeps the first divergences.
//!
//! Enters: the [`Event`]s of a replay in order, each call with what a second run of the
//! Python did in it. Leaves: the counts, the first place where Python and Rust differ, the
//! first where the recording and Python differ, and the verdict. This module must not know
//! how the harness was built or run.

mod cycle;
mod difference;
mod judge;
mod series;
mod twin;

use super::protocol::{
    CallEnd, Case, Event, FaultKind, FileCoverage, Latency, LogInfo, Message, Outcome, Phase, Skip,
};
use super::rules::Rules;
use super::value::Value;
use super::verdict::{
    Against, Call, Count, Divergence, Errors, FieldCount, Keyframes, LogFacts, Nondeterministic,
    OutputCount, Place, Shown, Three, Verdict,
};
use difference::{Difference, Ruled};
use series::Followed;
use std::collections::BTreeMap;
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
    /// What Rust is compared with.
    pub against: Against,
    /// What may differ.
    pub rules: Rules,
    /// The least part of the branches that has to be executed, in percent.
    pub min_coverage: Option<f64>,
    /// Whether a case is replayed, which is not there to execute much.
    pub is_case: bool,
    /// Whether the native task reads the clock.
    pub reads_clock: bool,
    /// The hash of the sources that the harness was built from.
    pub sources: Option<String>,
    /// Version and prefix of the embedded Python.
    pub python: Option<(String, String)>,
    /// What the log says of itself.
    pub log: Option<LogInfo>,
    /// What the log turned out to be like.
    pub facts: LogFacts,
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
    /// The cycles from Python's state.
    pub lockstep: Option<Count>,
    /// The keyframes.
    pub keyframes: Keyframes,
    /// The fields that differ.
    pub fields: BTreeMap<(String, Place), FieldCount>,
    /// What differs between two runs of the Python.
    pub nondeterministic: BTreeMap<(String, Place), Nondeterministic>,
    /// The first difference of Rust from what it is compared with.
    pub divergence: Option<Divergence>,
    /// The first difference of the recording and Python.
    pub recording_divergence: Option<Divergence>,
    /// Python's first error.
    pub first_error: Option<(Call, String)>,
    /// The case that was taken, where that was all that was asked.
    pub case: Option<Case>,
    /// How long the calls took, where that was all that was asked.
    pub latency: Option<Latency>,
    /// What was executed of the Python.
    pub coverage: Option<Vec<FileCoverage>>,
    /// Why the replay ended early, and at which CopperList.
    pub fault: Option<(FaultKind, String, Option<u64>)>,
    /// Why the second run of the Python ended early.
    pub twin_fault: Option<String>,
    /// Calls that were compared with a second run of the Python.
    pub twin_calls: u64,
    /// Why the log cannot be replayed.
    pub refusal: Option<String>,
    /// Bytes of CopperLists read so far.
    pub at: u64,
    /// Whether the replay reached the end of the log.
    pub ended: bool,
    /// The fields that differ, to be drawn.
    pub followed: Followed,
    state_before: Option<Value>,
    rust_state_before: Option<Value>,
    names: Vec<String>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(labels: Labels, against: Against, rules: Rules) -> Self {
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
        let names = labels.outputs.iter().map(|(name, _)| name.clone());
        Self {
            names: names.collect(),
            labels,
            against,
            rules,
            outputs,
            ..Self::default()
        }
    }

    /// Takes the next event, with what a second run of the Python did in the same call;
    /// `Break` when the rest cannot matter.
    pub fn take(&mut self, event: Event, twin: Option<Event>) -> ControlFlow<()> {
        match event {
            Event::Begin { sources } => self.sources = Some(sources),
            Event::Python { version, prefix } => self.python = Some((version, prefix)),
            Event::Log(info) => {
                self.refusal = judge::refusal(&info, &self.labels);
                self.facts.app.clone_from(&info.app);
                self.facts.runs = info.runs.len();
                self.facts.run = info.run;
                let run = info.run.and_then(|run| info.runs.get(run));
                self.facts.mission = run.and_then(|run| run.mission.clone());
                self.facts.clean_close = info.clean_close;
                self.facts.self_describing = info.self_describing;
                self.log = Some(info);
                if self.refusal.is_some() {
                    return ControlFlow::Break(());
                }
            }
            Event::Started {
                python,
                rust,
                lockstep,
            } => {
                self.lockstep = lockstep.then(Count::default);
                self.hook(Call::Start, python, rust, twin);
            }
            Event::Cycle(cycle) => self.cycle(&cycle, twin),
            Event::Gap { due, found } => {
                self.facts.missing += found.saturating_sub(due);
                // The state before the next cycle is the keyframe's.
                self.state_before = None;
                self.rust_state_before = None;
            }
            Event::Skipped { why, .. } => match why {
                Skip::Aborted => self.facts.aborted += 1,
                Skip::Resync => self.facts.skipped += 1,
            },
            Event::Resumed { id } => {
                self.facts.resumed.push(id);
                self.state_before = None;
                self.rust_state_before = None;
            }
            Event::Case(case) => self.case = Some(*case),
            Event::Bench(latency) => self.latency = Some(latency),
            Event::Coverage(files) => self.coverage = Some(files),
            Event::Fault { kind, message, id } => self.fault(kind, message, id),
            Event::Stopped { python, rust } => {
                self.ended = true;
                self.hook(Call::Stop, python, rust, twin);
            }
        }
        ControlFlow::Continue(())
    }

    /// The harness ended, by itself or by what ran in it.
    pub fn died(&mut self, phase: Phase, id: u64, how: String) {
        if self.ended || self.fault.is_some() || self.refusal.is_some() {
            return;
        }
        let id = Some(id);
        match phase {
            Phase::Rust => self.rust_ends(id, format!("the process ended: {how}")),
            Phase::Python => {
                let text = format!("the Python ended the process: {how}");
                self.fault = Some((FaultKind::Task, text, id));
            }
            Phase::Own => {
                let text = format!("the replay ended: {how}");
                self.fault = Some((FaultKind::Task, text, id));
            }
        }
    }

    /// How much of the log was replayed, from 0 to 1.
    pub fn fraction(&self) -> f64 {
        let run = |log: &LogInfo| log.runs.get(log.run?).map(|run| run.bytes);
        match self.log.as_ref().and_then(run) {
            Some(bytes) if bytes > 0 => self.at as f64 / bytes as f64,
            Some(_) | None => 0.0,
        }
    }

    /// What can be concluded from all of it.
    pub fn verdict(&self) -> Verdict {
        judge::verdict(self)
    }

    fn fault(&mut self, kind: FaultKind, message: String, id: Option<u64>) {
        if kind == FaultKind::RustHangs {
            self.rust_ends(id, format!("did not return within {message}"));
        }
        self.fault = Some((kind, message, id));
    }

    /// The native task did not come back from a call.
    fn rust_ends(&mut self, id: Option<u64>, how: String) {
        if self.divergence.is_some() {
            return;
        }
        let call = match id {
            _ if self.cycles == 0 && self.state_before.is_none() => Call::Start,
            Some(id) => Call::Process(id),
            None => Call::Stop,
        };
        let python = (self.against == Against::Python).then(|| Shown::plain("returned".into()));
        self.divergence = Some(Divergence {
            call,
            place: Place::Panic,
            path: String::new(),
            values: Three {
                recorded: None,
                python,
                rust: Some(Shown::plain(how)),
            },
            lockstep_only: false,
            inputs: Vec::new(),
            state_before: self.state_before.as_ref().map(super::compare::shown),
        });
    }

    /// The name of a rule's place that fits none of the outputs and is not the state.
    pub fn unknown_places<'r>(&self, places: impl Iterator<Item = &'r str>) -> Vec<String> {
        let known = |place: &str| {
            let first = place.split(['.', '[']).next().unwrap_or_default();
            first == "*" || first == "state" || self.names.iter().any(|name| name == first)
        };
        places
            .filter(|place| !place.starts_with("type ") && !known(place))
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests;

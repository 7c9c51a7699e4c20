//! The result of a verification.
//!
//! Enters: nothing, these are data types (built by `tally`). Leaves: [`Verification`],
//! which every report format renders and which serializes as the JSON report. This
//! module must not know how the replay was run.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a replay showed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// The node of the graph.
    pub task: String,
    /// The Python script, as it is shown.
    pub script: String,
    /// The first digits of the script's SHA-256.
    pub script_hash: String,
    /// The native task's file.
    pub generated: PathBuf,
    /// Where to look in both files.
    pub lines: Lines,
    /// The log.
    pub log: PathBuf,
    /// What the native task was compared with.
    pub against: Against,
    /// What can be concluded.
    pub verdict: Verdict,
    /// CopperLists replayed.
    pub cycles: u64,
    /// The first and the last CopperList that were replayed.
    pub range: Option<(u64, u64)>,
    /// What the log is like.
    pub log_facts: LogFacts,
    /// Cycles in which a call failed.
    pub errors: Errors,
    /// The outputs, in the task's order.
    pub outputs: Vec<OutputCount>,
    /// Cycles with equal and different state after the call, Python against Rust; `None`
    /// for a task without state.
    pub state: Option<Count>,
    /// Cycles that are equal and different when Rust starts each from Python's state; `None`
    /// where it could not.
    pub lockstep: Option<Count>,
    /// The states of the log's keyframes against those of both versions.
    pub keyframes: Keyframes,
    /// Every field that differs anywhere.
    pub fields: Vec<FieldCount>,
    /// What differs between two runs of the Python.
    pub nondeterministic: Vec<Nondeterministic>,
    /// Where the Python depends on more than its inputs.
    pub sources: Vec<Source>,
    /// The rules of comparison, and what they let pass.
    pub rules: Vec<RuleUse>,
    /// What the log executes of the Python; `None` where that was not observed.
    pub coverage: Option<Coverage>,
    /// The first place where Python and Rust differ; against the recording, where it and
    /// Rust differ.
    pub divergence: Option<Divergence>,
    /// The fields that differ, over the cycles around their first difference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<Series>,
    /// The first place where the recording and Python differ.
    pub recording_divergence: Option<Divergence>,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// The Python that ran.
    pub python: Option<PythonUsed>,
    /// What the time went into.
    pub spent: Spent,
}

/// Where to look in the Python and in the Rust: where what differs is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The line of the Python.
    pub python: Option<usize>,
    /// The line of the Rust.
    pub rust: Option<usize>,
}

/// What the native task is compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The Python, which runs.
    #[default]
    Python,
    /// What was recorded; no Python runs.
    Recorded,
}

/// What a log is like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFacts {
    /// The app that recorded it.
    pub app: String,
    /// How many runs it holds.
    pub runs: usize,
    /// The run that was replayed, counted from 0.
    pub run: Option<usize>,
    /// Its mission.
    pub mission: Option<String>,
    /// Whether it was closed properly.
    pub clean_close: bool,
    /// Whether it describes its own types.
    pub self_describing: bool,
    /// CopperLists that are missing between others.
    pub missing: u64,
    /// The CopperLists before which the replay took over the recorded state.
    pub resumed: Vec<u64>,
    /// CopperLists that were not replayed for want of a state.
    pub skipped: u64,
    /// CopperLists that were aborted before the task ran.
    pub aborted: u64,
}

/// The keyframes against the states of both versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyframes {
    /// Against Python.
    pub recorded_python: Count,
    /// Against Rust.
    pub recorded_rust: Count,
}

/// A field that differs somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldCount {
    /// Its path, places in sequences and maps left open.
    pub path: String,
    /// What it is.
    pub place: Place,
    /// Cycles in which the recording and Python differ there.
    pub recorded_python: u64,
    /// Cycles in which Python and Rust differ there.
    pub python_rust: u64,
    /// Cycles in which the recording and Rust differ there.
    pub recorded_rust: u64,
    /// The first difference there of Rust from what it is compared with.
    pub first: Option<Divergence>,
}

/// A field that differs between two runs of the Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nondeterministic {
    /// Its path.
    pub path: String,
    /// The cycles in which it differs.
    pub cycles: u64,
    /// The first call in which it differs.
    pub first: Call,
    /// What stood there in the two runs.
    pub values: (Option<Shown>, Option<Shown>),
}

/// Where the Python depends on more than its inputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The line.
    pub line: usize,
    /// On what: `clock`, `random`, `environment`, `hash order`, `outside`.
    pub kind: String,
    /// What stands there.
    pub what: String,
}

/// A rule of comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleUse {
    /// Where it holds.
    pub place: String,
    /// What it lets pass.
    pub rule: String,
    /// The values that differ and that it let pass.
    pub accepted: u64,
    /// The cycles in which it did.
    pub cycles: u64,
}

/// What the log executes of the Python.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Outcomes of conditions and loops: seen, and all.
    pub branches: (usize, usize),
    /// Lines that hold code: executed, and all.
    pub lines: (usize, usize),
    /// The outcomes that were never seen.
    pub never: Vec<NeverTaken>,
    /// The lines that never ran, by file.
    pub missed_lines: Vec<(String, Vec<u32>)>,
    /// The lines that ran, by file.
    #[serde(default)]
    pub executed_lines: Vec<(String, Vec<u32>)>,
}

impl Coverage {
    /// The lines of a file that ran.
    pub fn ran(&self, file: &std::path::Path) -> Vec<u32> {
        let name = file.display().to_string();
        let own = self.executed_lines.iter().filter(|(of, _)| *of == name);
        own.flat_map(|(_, lines)| lines).copied().collect()
    }
}

/// An outcome of a condition or loop that was never seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeverTaken {
    /// The file, as it is shown.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The condition.
    pub text: String,
    /// What it never was.
    pub outcome: String,
}

/// What can be concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "reason")]
pub enum Verdict {
    /// Python and Rust did the same in every replayed cycle.
    Equal,
    /// They did not.
    Different,
    /// Nothing can be concluded, for this reason.
    Inconclusive(String),
}

impl Verdict {
    /// The exit code of `migrate verify`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Equal => 0,
            Verdict::Different => 1,
            Verdict::Inconclusive(_) => 3,
        }
    }
}

/// Cycles in which a call failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors {
    /// Python now.
    pub python: u64,
    /// The native task.
    pub rust: u64,
    /// Of Python's, those in which the recording holds no payload either: most likely
    /// errors then as well.
    pub recorded: u64,
}

/// Cycles that are equal and different.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Equal.
    pub equal: u64,
    /// Different.
    pub different: u64,
}

impl Count {
    /// Counts one more.
    pub fn add(&mut self, equal: bool) {
        if equal {
            self.equal += 1;
        } else {
            self.different += 1;
        }
    }
}

/// What happened in one output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputCount {
    /// The name that paths start with, such as `command`.
    pub name: String,
    /// Its message type.
    pub message: String,
    /// Cycles with a payload, in the three versions.
    pub payloads: Three<u64>,
    /// The recording against Python now.
    pub recorded_python: Count,
    /// Python now against the native task.
    pub python_rust: Count,
    /// The recording against the native task.
    pub recorded_rust: Count,
}

/// One thing in the three versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Three<T> {
    /// As recorded.
    pub recorded: T,
    /// As Python does it now.
    pub python: T,
    /// As the native task does it.
    pub rust: T,
}

/// A difference at one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// The call in which it shows.
    pub call: Call,
    /// What differs.
    pub place: Place,
    /// The path of the field, such as `command.gains[2]`.
    pub path: String,
    /// The values there; `None` where the version has no such thing.
    pub values: Three<Option<Shown>>,
    /// Whether it shows only when Rust starts the cycle from Python's state.
    #[serde(default)]
    pub lockstep_only: bool,
    /// The inputs of that cycle: name and value.
    pub inputs: Vec<(String, Shown)>,
    /// The state before that cycle.
    pub state_before: Option<Shown>,
}

/// A field that differs, over cycles: as numbers, to be drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its path.
    pub path: String,
    /// The CopperList in which it differs for the first time.
    pub first: u64,
    /// The words that the numbers stand for; empty where they are numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The CopperLists: every one around the first, fewer later.
    pub cycles: Vec<u64>,
    /// What was recorded in each; `None` where there was no number.
    pub recorded: Vec<Option<f64>>,
    /// As Python does it now.
    pub python: Vec<Option<f64>>,
    /// As the native task does it.
    pub rust: Vec<Option<f64>>,
}

/// A call of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "hook", content = "copperlist")]
pub enum Call {
    /// `start`
    Start,
    /// `process` in the CopperList of this id.
    Process(u64),
    /// `stop`
    Stop,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A field of an output's payload.
    Output,
    /// Whether an output has a payload.
    Presence,
    /// An output's time of validity.
    Tov,
    /// An output's `metadata.status_txt`.
    Status,
    /// A field of the state after the call.
    State,
    /// Whether the call failed.
    Error,
    /// The native task panicked, hung or ended the process.
    Panic,
}

/// A value for the reader, and for floats the bits that were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The value as Rust writes it.
    pub text: String,
    /// The bits of a float, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<String>,
}

impl Shown {
    /// Text that is no float.
    pub fn plain(text: String) -> Self {
        Self { text, bits: None }
    }
}

/// The Python that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonUsed {
    /// `embedded` or `process`.
    pub mode: String,
    /// The interpreter.
    pub executable: PathBuf,
    /// Its version.
    pub version: String,
}

/// What the time went into, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Reading the project, checking tools, writing the harness.
    pub prepare: f64,
    /// Building the harness.
    pub build: f64,
    /// Replaying and comparing.
    pub replay: f64,
}

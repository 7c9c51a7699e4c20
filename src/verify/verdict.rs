//! The result of a verification.
//!
//! Enters: nothing, these are data types (built by `tally`). Leaves: [`Verification`],
//! which every report format renders and which serializes as the JSON report. This
//! module must not know how the replay was run.

use serde::Serialize;
use std::path::PathBuf;

/// What a replay showed.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// The node of the graph.
    pub task: String,
    /// The Python script, as it is shown.
    pub script: String,
    /// The native task's file.
    pub generated: PathBuf,
    /// The log.
    pub log: PathBuf,
    /// What can be concluded.
    pub verdict: Verdict,
    /// CopperLists replayed.
    pub cycles: u64,
    /// The first and the last CopperList that were replayed.
    pub range: Option<(u64, u64)>,
    /// Cycles in which a call failed.
    pub errors: Errors,
    /// The outputs, in the task's order.
    pub outputs: Vec<OutputCount>,
    /// Cycles with equal and different state after the call, Python against Rust; `None`
    /// for a task without state.
    pub state: Option<Count>,
    /// The first place where Python and Rust differ.
    pub divergence: Option<Divergence>,
    /// The first place where the recording and Python differ.
    pub recording_divergence: Option<Divergence>,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// The Python that ran.
    pub python: Option<PythonUsed>,
    /// What the time went into.
    pub spent: Spent,
}

/// What can be concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Three<T> {
    /// As recorded.
    pub recorded: T,
    /// As Python does it now.
    pub python: T,
    /// As the native task does it.
    pub rust: T,
}

/// A difference at one place.
#[derive(Debug, Clone, Serialize)]
pub struct Divergence {
    /// The call in which it shows.
    pub call: Call,
    /// What differs.
    pub place: Place,
    /// The path of the field, such as `command.gains[2]`.
    pub path: String,
    /// The values there; `None` where the version has no such thing.
    pub values: Three<Option<Shown>>,
    /// The inputs of that cycle: name and value.
    pub inputs: Vec<(String, Shown)>,
    /// The state before that cycle.
    pub state_before: Option<Shown>,
}

/// A call of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    /// The native task panicked.
    Panic,
}

/// A value for the reader, and for floats the bits that were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The value as Rust writes it.
    pub text: String,
    /// The bits of a float, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<String>,
}

/// The Python that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PythonUsed {
    /// `embedded` or `process`.
    pub mode: String,
    /// The interpreter.
    pub executable: PathBuf,
    /// Its version.
    pub version: String,
}

/// What the time went into, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Reading the project, checking tools, writing the harness.
    pub prepare: f64,
    /// Building the harness.
    pub build: f64,
    /// Replaying and comparing.
    pub replay: f64,
}

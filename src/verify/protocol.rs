//! What `migrate` asks of the harness, and what the harness tells: JSON.
//!
//! Enters: nothing, these are data types. Leaves: [`Request`], the harness's one argument,
//! and [`Event`], one a line, in the order in which they come: [`Event::Begin`],
//! [`Event::Python`], [`Event::Log`], [`Event::Started`], then [`Event::Cycle`] for each
//! CopperList, with [`Event::Gap`], [`Event::Skipped`] and [`Event::Resumed`] among them,
//! [`Event::Coverage`], [`Event::Stopped`]; an [`Event::Fault`] ends the replay early. This
//! file is compiled twice: in `migrate`, and in the harness, into which it is copied as it
//! stands. It must not know Copper.

use super::value::Value;
use serde::{Deserialize, Serialize};

/// What the harness is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The log's base path.
    pub log: String,
    /// The app's `copperconfig.ron`.
    pub config: String,
    /// The Python script, absolute.
    pub script: String,
    /// How Copper runs it: `embedded` or `process`.
    pub mode: String,
    /// What runs.
    pub versions: Versions,
    /// The run of the log, counted from 0; `None` where the log should hold only one.
    pub run: Option<usize>,
    /// The mission that the harness was built for.
    pub mission: Option<String>,
    /// Whether a keyframe brings both versions to the state that was recorded: the native
    /// task keeps nothing but its field `state`.
    pub resume: bool,
    /// Whether the log's keyframes, if the app runs this very type, are the native task's.
    pub native_keyframes: bool,
    /// What is traced: the scripts in this directory; `None` for nothing.
    pub trace: Option<String>,
    /// Where what the task prints goes.
    pub output: String,
    /// Where the harness notes what it is doing, for whoever finds it dead.
    pub phase: String,
    /// The longest that one call may take.
    pub cycle_timeout_ms: u64,
    /// The most memory that it may have.
    pub memory_mib: u64,
    /// Whether the calls of the one version that runs are measured, and nothing else told.
    pub bench: bool,
    /// The case that is taken, which is all that is told; the Python runs alone.
    pub take: Option<Take>,
    /// The case that is replayed instead of the log: its file.
    pub case: Option<String>,
}

/// Which case is taken from a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Take {
    /// The CopperList; `None` for `start` alone.
    pub id: Option<u64>,
    /// Whether all calls before it belong to the case, and not the state alone.
    pub whole: bool,
}

/// Calls of a task with all that they need: no log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The version of this form.
    pub schema: u32,
    /// The node of the graph.
    pub task: String,
    /// Where it comes from, for the reader.
    pub origin: String,
    /// The first digits of the script's SHA-256 at that time.
    pub script_hash: String,
    /// What the calls start from; `None` where that is `start`.
    pub before: Option<Before>,
    /// What `start` did; `None` where the calls start from elsewhere.
    pub started: Option<Outcome>,
    /// The calls, and what each has to do.
    pub calls: Vec<CaseCall>,
}

/// What a call starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The state as a `PyTask` keeps it in a keyframe, in hexadecimal.
    pub frame: String,
    /// The state.
    pub state: Option<Value>,
    /// The output slots.
    pub outputs: Vec<Message>,
}

/// A call of `process`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCall {
    /// The CopperList's id.
    pub id: u64,
    /// The clock, in ns.
    pub now: u64,
    /// The inputs.
    pub inputs: Vec<Message>,
    /// What the Python did.
    pub expected: Outcome,
}

/// The versions that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versions {
    /// Python and Rust.
    Both,
    /// Python alone.
    Python,
    /// Rust alone.
    Rust,
}

/// What the harness is doing: a byte of its phase file, before the CopperList's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading the log, writing events.
    Own,
    /// The Python runs.
    Python,
    /// The native task runs.
    Rust,
}

impl Phase {
    /// Its byte.
    pub fn byte(self) -> u8 {
        match self {
            Phase::Own => b'-',
            Phase::Python => b'p',
            Phase::Rust => b'r',
        }
    }

    /// The phase of a byte.
    pub fn of(byte: u8) -> Phase {
        match byte {
            b'p' => Phase::Python,
            b'r' => Phase::Rust,
            _ => Phase::Own,
        }
    }
}

/// One line of the harness's report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Event {
    /// The harness runs.
    Begin {
        /// The hash of the sources that it was built from.
        sources: String,
    },
    /// The Python that runs embedded in the harness.
    Python {
        /// `sys.version`, first word.
        version: String,
        /// `sys.prefix`
        prefix: String,
    },
    /// The log was opened.
    Log(LogInfo),
    /// The versions were started.
    Started {
        /// Copper's own `PyTask`.
        python: Option<Outcome>,
        /// The native task.
        rust: Option<Outcome>,
        /// Whether the native task is also run from Python's state in each cycle.
        lockstep: bool,
    },
    /// One CopperList was replayed.
    Cycle(Box<Cycle>),
    /// CopperLists are missing.
    Gap {
        /// The id that was due.
        due: u64,
        /// The id that came.
        found: u64,
    },
    /// A CopperList was not replayed.
    Skipped {
        /// Its id.
        id: u64,
        /// Why.
        why: Skip,
    },
    /// After a gap, the versions took over the recorded state before this CopperList.
    Resumed {
        /// Its id.
        id: u64,
    },
    /// How long the calls took.
    Bench(Latency),
    /// The case that was taken.
    Case(Box<Case>),
    /// What the replay executed of the Python.
    Coverage(Vec<FileCoverage>),
    /// The replay cannot go on.
    Fault {
        /// The kind of fault.
        kind: FaultKind,
        /// What happened.
        message: String,
        /// The CopperList at which it happened, where there is one.
        id: Option<u64>,
    },
    /// The replay reached the end of the log, and the versions were stopped.
    Stopped {
        /// Copper's own `PyTask`.
        python: Option<Outcome>,
        /// The native task.
        rust: Option<Outcome>,
    },
}

/// Why a CopperList was not replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Skip {
    /// It was aborted before the task ran.
    Aborted,
    /// It stands between a gap and the next keyframe.
    Resync,
}

/// Why a replay ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The log cannot be opened.
    Unreadable,
    /// The log ends within a CopperList, or a CopperList cannot be decoded.
    Damaged,
    /// The first CopperList cannot be decoded with the app's types.
    Layout,
    /// The log holds several runs, and none was chosen, or not the one that was.
    Run,
    /// The harness was built for another mission than the log's.
    Mission,
    /// CopperList ids are not contiguous, and the replay cannot resume.
    Gap,
    /// The task cannot be built or started.
    Task,
    /// The Python took too long.
    PythonHangs,
    /// The native task took too long.
    RustHangs,
    /// Too much memory was taken.
    Memory,
}

/// What the log says of itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LogInfo {
    /// The graph that was recorded; `None` where the log does not hold its configuration, or
    /// no run was chosen.
    pub recorded: Option<Graph>,
    /// Why its configuration cannot be read.
    pub no_configuration: Option<String>,
    /// The graph that the harness was built from.
    pub current: Graph,
    /// The missions of the log.
    pub missions: Vec<String>,
    /// Whether the log was closed properly.
    pub clean_close: bool,
    /// The app that recorded it: name, version, commit.
    pub app: String,
    /// Whether it describes its own types.
    pub self_describing: bool,
    /// Its runs, in order.
    pub runs: Vec<Run>,
    /// The run that is replayed.
    pub run: Option<usize>,
    /// The keyframes of that run that hold the task's state.
    pub keyframes: u64,
    /// Why its keyframes cannot be used.
    pub no_keyframes: Option<String>,
}

/// One run of a log: an application that was built and recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its mission.
    pub mission: Option<String>,
    /// Bytes of CopperLists.
    pub bytes: u64,
    /// Whether it was shut down properly.
    pub ended: bool,
    /// What went wrong in it, by its own words.
    pub failure: Option<String>,
}

/// What decides whether a log can be replayed for a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    /// `enable_task_logging`
    pub task_logging: bool,
    /// Its tasks, in order.
    pub tasks: Vec<GraphTask>,
    /// Its connections, in order: source, destination, message.
    pub connections: Vec<(String, String, String)>,
}

/// A task of a [`Graph`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphTask {
    /// Its id.
    pub id: String,
    /// Its type, as the configuration spells it.
    pub type_path: String,
    /// `logging: (enabled: …)`
    pub logging: bool,
    /// `background: true`
    pub background: bool,
    /// The Python script of its configuration, if it names one.
    pub script: Option<String>,
}

/// One CopperList, as recorded and as the versions replay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// The CopperList's id.
    pub id: u64,
    /// Bytes of CopperLists read so far.
    pub at: u64,
    /// The clock of all versions, in ns.
    pub now: u64,
    /// The recorded inputs.
    pub inputs: Vec<Message>,
    /// The recorded outputs.
    pub recorded: Vec<Message>,
    /// All that a case expects of the call; of a log's call that is not known.
    pub expected: Option<Outcome>,
    /// The state that the log's keyframe holds from before this cycle.
    pub keyframe: Option<Value>,
    /// What Python did; `None` where it does not run.
    pub python: Option<Outcome>,
    /// What the native task did; `None` where it is bit for bit what Python did.
    pub rust: Option<Outcome>,
    /// What the native task did from Python's state; `None` as for `rust`.
    pub lockstep: Option<Outcome>,
}

/// What one version did in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How the call ended.
    pub end: CallEnd,
    /// The output slots after the call.
    pub outputs: Vec<Message>,
    /// The state after the call; `None` for a task that has none.
    pub state: Option<Value>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallEnd {
    /// It returned `Ok`.
    Done,
    /// It returned an error.
    Failed(String),
    /// It panicked.
    Panicked(String),
}

/// A message as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its payload.
    pub payload: Option<Value>,
    /// Its time of validity.
    pub tov: Value,
    /// Its `metadata.status_txt`.
    pub status: String,
}

/// How long the calls of `process` took in one version, and how often they allocated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// The calls.
    pub calls: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Half of them took at most so many ns.
    pub p50_ns: u64,
    /// 99 % of them took at most so many ns.
    pub p99_ns: u64,
    /// The longest took so many ns.
    pub max_ns: u64,
    /// What an empty call takes, which is part of all of these.
    pub timer_ns: u64,
    /// Half of them allocated at most so often in Rust; `None` where that was not counted.
    pub allocations_p50: Option<u64>,
    /// None allocated more often.
    pub allocations_max: Option<u64>,
}

/// What was executed of one file of Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCoverage {
    /// The file, absolute.
    pub path: String,
    /// The lines that hold code.
    pub lines: Vec<u32>,
    /// Those of them that never ran.
    pub missed: Vec<u32>,
    /// The conditions and loops, each with its outcomes.
    pub branches: Vec<BranchCoverage>,
}

/// A condition or loop, and which of its outcomes were seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchCoverage {
    /// Its line.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// The outcomes that it can have: `true`, `false`, `None`, `not None`, `again`, `done`.
    pub outcomes: Vec<String>,
    /// Those of them that were never seen.
    pub missed: Vec<String>,
}

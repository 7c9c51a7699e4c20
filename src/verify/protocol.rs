//! What the harness tells `migrate`: one JSON event a line.
//!
//! Enters: nothing, these are data types. Leaves: [`Event`], in the order in which they
//! come: [`Event::Begin`], [`Event::Python`], [`Event::Log`], [`Event::Started`], one
//! [`Event::Cycle`] for each CopperList, [`Event::Stopped`]; an [`Event::Fault`] ends the
//! replay early. This file is compiled twice: in `migrate`, and in the harness, into which it is copied as it
//! stands. It must not know Copper.

use super::value::Value;
use serde::{Deserialize, Serialize};

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
    /// Both versions were started.
    Started {
        /// Copper's own `PyTask`.
        python: Outcome,
        /// The native task.
        rust: Outcome,
    },
    /// One CopperList was replayed.
    Cycle(Box<Cycle>),
    /// The replay cannot go on.
    Fault {
        /// The kind of fault.
        kind: FaultKind,
        /// What happened.
        message: String,
        /// The CopperList at which it happened, where there is one.
        id: Option<u64>,
    },
    /// The replay reached the end of the log, and both versions were stopped.
    Stopped {
        /// Copper's own `PyTask`.
        python: Outcome,
        /// The native task.
        rust: Outcome,
    },
}

/// Why a replay ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The log cannot be opened.
    Unreadable,
    /// The log ends within a CopperList, or a CopperList cannot be decoded.
    Damaged,
    /// CopperList ids are not contiguous.
    Gap,
    /// The task cannot be built or started.
    Task,
}

/// What the log says of itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LogInfo {
    /// The graph that was recorded; `None` where the log does not hold its configuration.
    pub recorded: Option<Graph>,
    /// The graph that the harness was built from.
    pub current: Graph,
    /// The missions of the log.
    pub missions: Vec<String>,
    /// Whether the log was closed properly.
    pub clean_close: bool,
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

/// One CopperList, as recorded and as both versions replay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// The CopperList's id.
    pub id: u64,
    /// The clock of both versions, in ns.
    pub now: u64,
    /// The recorded inputs.
    pub inputs: Vec<Message>,
    /// The recorded outputs.
    pub recorded: Vec<Message>,
    /// What Python did.
    pub python: Outcome,
    /// What the native task did; `None` where it is bit for bit what Python did.
    pub rust: Option<Outcome>,
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

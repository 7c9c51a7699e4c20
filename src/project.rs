//! The Copper app that a task belongs to.
//!
//! Enters: a path to a Python file or an app's directory. Leaves: [`Project`], the task
//! graph of `copperconfig.ron` with, for each Python node, its binding: script, message
//! types, state type. This module reads files; it must not know Python's syntax.

pub mod schema;

pub use schema::{
    EnumDef, FieldDef, FloatTy, IntTy, RustTy, StructDef, StructKind, TypeDef, TypeTable, Variant,
    VariantKind,
};

use std::path::PathBuf;

/// The id of a node of the task graph, as `copperconfig.ron` spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub String);

impl std::fmt::Display for TaskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A Copper app.
#[derive(Debug, Clone)]
pub struct Project {
    /// The directory that holds `Cargo.toml` and `copperconfig.ron`.
    pub root: PathBuf,
    /// Its `copperconfig.ron`.
    pub config_path: PathBuf,
    /// What its `Cargo.toml` says.
    pub package: Package,
    /// The nodes of the graph, in the order of the configuration.
    pub nodes: Vec<Node>,
    /// Its connections, in the order of the configuration.
    pub connections: Vec<Connection>,
    /// Every struct and enum of the app's own crate that messages and states are made of.
    pub types: TypeTable,
}

/// What the app's `Cargo.toml` says.
#[derive(Debug, Clone)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// The crate root that declares the app's modules: the lib target where there is
    /// one, else the default binary.
    pub root_file: PathBuf,
    /// Whether `root_file` is a library's.
    pub is_lib: bool,
    /// The edition, such as `2024`.
    pub edition: String,
}

/// A node of the task graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its id.
    pub id: TaskId,
    /// Its `type`, as the configuration spells it, such as `tasks::PidTask`.
    pub type_path: String,
    /// `background: true`.
    pub background: bool,
    /// `logging: (enabled: false)`.
    pub logging_enabled: bool,
    /// The missions it belongs to; empty for all.
    pub missions: Vec<String>,
    /// What binds it to Python, or to Rust that was translated from it.
    pub binding: Option<Binding>,
}

/// A connection of the task graph.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The node that sends.
    pub src: TaskId,
    /// The node that receives.
    pub dst: TaskId,
    /// The message type, as the configuration spells it.
    pub msg: String,
}

/// A node's Python script and the Rust types on its two sides.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The script, absolute.
    pub script: PathBuf,
    /// The script as it is shown: relative to the app's root, with `/`.
    pub script_name: String,
    /// `process` (Copper's default) or `embedded`.
    pub mode: PythonMode,
    /// The message types in, in the order of `PyTask`'s `I`.
    pub inputs: Vec<RustTy>,
    /// `PyTask`'s `S`.
    pub state: RustTy,
    /// The message types out, in the order of `PyTask`'s `O`.
    pub outputs: Vec<RustTy>,
    /// The module, from the crate root (`["tasks"]`; empty for the root itself), in which
    /// the alias `PyTask<I, S, O>` is declared.
    pub module: Vec<String>,
    /// The file of that module.
    pub module_file: PathBuf,
    /// The generated task that the node is wired to, where it is wired already.
    pub wired: Option<PathBuf>,
}

/// How Copper runs the Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PythonMode {
    /// In a child process, over CBOR.
    Process,
    /// In the app's process, through PyO3.
    Embedded,
}

impl Project {
    /// The node called `id`.
    pub fn node(&self, id: &TaskId) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == *id)
    }
}

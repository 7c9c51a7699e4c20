//! The Copper app that a task belongs to.
//!
//! Enters: a path to a Python file or an app's directory. Leaves: [`Project`], the task
//! graph of `copperconfig.ron` with, for each Python node, its binding: script, message
//! types, state type. This module reads files; it must not know Python's syntax.

mod bindings;
mod config;
mod discover;
mod lengths;
mod messages;
mod modules;
mod names;
mod package;
mod paths;
mod problem;
pub mod schema;
mod select;
mod serde_attrs;
mod shapes;
mod sources;
mod version;
mod wired;

pub use discover::{CONFIG_FILE, discover};
pub use problem::Problem;
pub use schema::{
    EnumDef, FieldDef, FloatTy, IntTy, RustTy, StructDef, StructKind, TypeDef, TypeTable, Variant,
    VariantKind, Wrapper, is_tuple_key, tuple_key,
};

pub use select::{closest, select_task};
pub use version::PythonVersion;

use crate::error::Error;
use bindings::Bound;
use config::Config;
use convert_case::{Case, Casing};
use messages::TypeReader;
use package::Manifest;
use sources::Sources;
use std::path::{Path, PathBuf};

/// The id of a node of the task graph, as `copperconfig.ron` spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub String);

impl std::fmt::Display for TaskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name that Copper derives from an id or a type: a module's, a variable's.
pub fn snake_name(id: &str) -> String {
    let member = |c: char| c.is_alphanumeric() || c == '_';
    let id = id.trim_matches(|c| !member(c));
    let id: String = id
        .chars()
        .map(|c| if member(c) { c } else { '_' })
        .collect();
    let name = id.to_case(Case::Snake);
    match name.chars().next() {
        None => "_".into(),
        Some(c) if c.is_ascii_digit() => format!("_{name}"),
        Some(_) => name,
    }
}

/// Names that a generated file has from Copper.
const OF_COPPER: [&str; 4] = ["Decode", "Decoder", "Encode", "Encoder"];

impl TaskId {
    /// The name of the generated module.
    pub fn module_name(&self) -> String {
        snake_name(&self.0)
    }

    /// The generated task's type, beside the app's types: a node `battery` that sends a
    /// `Battery` is a `BatteryTask`.
    pub fn type_name(&self, types: &TypeTable) -> String {
        let name = self.own_type_name();
        let is_message = |key: &String| key.rsplit("::").next() == Some(&name);
        if types.defs.keys().any(is_message) || OF_COPPER.contains(&name.as_str()) {
            format!("{name}Task")
        } else {
            name
        }
    }

    fn own_type_name(&self) -> String {
        let name = self
            .module_name()
            .trim_start_matches('_')
            .to_case(Case::Pascal);
        match name.chars().next() {
            Some(c) if c.is_alphabetic() => name,
            _ => format!("Task{name}"),
        }
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
    /// The missions that the configuration declares; empty where it has only one graph.
    pub missions: Vec<String>,
    /// What of a run goes to its log.
    pub logging: Logging,
    /// Every struct and enum that the messages and states of the bound nodes are made of.
    pub types: TypeTable,
}

/// What of a run goes to its log: `logging: (…)` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logging {
    /// `enable_task_logging`: the messages.
    pub tasks: bool,
    /// `enable_keyframe_logging`: the states of the tasks.
    pub keyframes: bool,
    /// `keyframe_interval`, in CopperLists.
    pub keyframe_interval: u32,
}

impl Default for Logging {
    /// What Copper does where the configuration says nothing.
    fn default() -> Self {
        Self {
            tasks: true,
            keyframes: true,
            keyframe_interval: 100,
        }
    }
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
    /// The file that declares it: the configuration, or one that it includes.
    pub config_file: PathBuf,
    /// `background: true`.
    pub background: bool,
    /// `logging: (enabled: false)`.
    pub logging_enabled: bool,
    /// The missions it belongs to; empty for all.
    pub missions: Vec<String>,
    /// The `script` of its configuration, absolute; of a task that is not Python too.
    pub script: Option<PathBuf>,
    /// What binds it to Python, or to Rust that was translated from it.
    pub binding: Option<Binding>,
    /// Why it could not be bound, where it may well be Python.
    pub problem: Option<Problem>,
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
    /// The missions it belongs to; empty for all.
    pub missions: Vec<String>,
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
    /// The directory in which `mod x;` in that module looks for `x.rs`.
    pub child_dir: PathBuf,
    /// The generated task that the node is wired to, where it is wired already.
    pub wired: Option<PathBuf>,
    /// What becomes of the Python.
    pub form: Form,
    /// The Python that runs it.
    pub python: PythonVersion,
}

/// What a Python file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A Copper task.
    Task,
    /// A plain Rust module of functions and classes.
    Library,
    /// A plain Rust module with a `main`.
    Program,
}

impl Form {
    /// Whether there is no Copper in it.
    pub fn is_plain(self) -> bool {
        self != Form::Task
    }
}

impl Binding {
    /// What a file is bound to that no app runs.
    pub fn plain(script: &Path, name: &str, form: Form) -> Binding {
        Binding {
            script: script.to_path_buf(),
            script_name: name.to_owned(),
            mode: PythonMode::Embedded,
            inputs: Vec::new(),
            state: RustTy::Unit,
            outputs: Vec::new(),
            module: Vec::new(),
            module_file: PathBuf::new(),
            child_dir: PathBuf::new(),
            wired: None,
            form,
            python: PythonVersion::default(),
        }
    }
}

/// How Copper runs the Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PythonMode {
    /// In a child process, over CBOR.
    Process,
    /// In the app's process, through PyO3.
    Embedded,
}

impl PythonMode {
    /// As the configuration spells it.
    pub fn name(self) -> &'static str {
        match self {
            PythonMode::Process => "process",
            PythonMode::Embedded => "embedded",
        }
    }

    /// The mode of that name, as Copper reads it: in any case, spaces around it ignored.
    pub fn from_name(name: &str) -> Option<Self> {
        [PythonMode::Process, PythonMode::Embedded]
            .into_iter()
            .find(|mode| mode.name() == name.trim().to_ascii_lowercase())
    }
}

impl Project {
    /// Reads the app at `root`: its manifest, its graph, and the Rust behind its nodes. A
    /// node whose Rust cannot be read carries the [`Problem`]; [`select_task`] reports it.
    ///
    /// # Errors
    /// Where `root` is no app, its configuration is broken, or cargo is missing.
    pub fn load(root: &Path) -> Result<Project, Error> {
        let root = discover::check_root(root)?;
        let config = config::read_config(&root)?;
        let manifest = package::read_manifest(&root)?;
        let (sources, root_file) = crate_of_tasks(&root, &config, &manifest)?;
        let mut reader = TypeReader::new(sources);
        let mut nodes = Vec::new();
        for task in &config.tasks {
            let (binding, problem) = match bindings::bind(&mut reader, &root, &config, task) {
                Ok(Bound::Python(binding)) => (Some(*binding), None),
                Ok(Bound::Rust) => (None, None),
                Err(problem) => (None, Some(problem)),
            };
            let script = bindings::script_of(task).ok().flatten();
            nodes.push(Node {
                id: TaskId(task.id.clone()),
                type_path: task.type_path.clone(),
                config_file: task.file.clone(),
                background: task.background,
                logging_enabled: task.logging_enabled,
                missions: task.missions.clone(),
                script: script.map(|script| root.join(script)),
                binding,
                problem,
            });
        }
        Ok(Project {
            config_path: config.path,
            package: Package {
                name: manifest.name,
                is_lib: manifest.lib.is_some_and(|(_, file)| file == root_file),
                root_file,
                edition: manifest.edition,
            },
            nodes,
            connections: config.connections,
            missions: config.missions,
            logging: config.logging,
            types: reader.table,
            root,
        })
    }

    /// The nodes that run the Python file `path`.
    pub fn nodes_for_script(&self, path: &Path) -> Vec<&Node> {
        let wanted = discover::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.nodes
            .iter()
            .filter(|node| {
                let bound = node.binding.as_ref().map(|binding| &binding.script);
                bound.or(node.script.as_ref()).is_some_and(|script| {
                    *script == wanted || script.canonicalize().is_ok_and(|script| script == wanted)
                })
            })
            .collect()
    }

    /// The node called `id`.
    pub fn node(&self, id: &TaskId) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == *id)
    }
}

/// The crate that the types of the configuration are paths in: the library where it has
/// any of them, else the default binary.
fn crate_of_tasks(
    root: &Path,
    config: &Config,
    manifest: &Manifest,
) -> Result<(Sources, PathBuf), Error> {
    let lib = manifest.lib.as_ref().map(|(_, file)| file);
    if let Some(file) = lib {
        let mut sources = Sources::load(root, manifest, file);
        let mut types = config.tasks.iter().map(|task| &task.type_path);
        if manifest.bin.is_none() || types.any(|path| sources.declares(path)) {
            return Ok((sources, file.clone()));
        }
    }
    match &manifest.bin {
        Some(file) => Ok((Sources::load(root, manifest, file), file.clone())),
        None => Err(Error::Config {
            path: root.join("Cargo.toml"),
            message: "the package has neither a library nor a binary".to_owned(),
            help: "a Copper app has a `src/main.rs`".to_owned(),
        }),
    }
}

//! Binds a node of the graph to its Python and to the Rust types on its two sides.
//!
//! Enters: a node's `type` and configuration. Leaves: its [`Binding`]: `PyTask<I, S, O>`
//! behind aliases, or the generated task that took its place. This module must not know
//! what a message looks like inside.

use super::config::{Config, RawTask};
use super::messages::{Scope, Target, TypeReader, is_python_task, spell, types};
use super::modules::{ModPath, line_of};
use super::problem::Problem;
use super::schema::RustTy;
use super::wired;
use super::{Binding, Form, PythonMode, PythonVersion};
use std::path::Path;
use syn::Type;

/// Where `PyTask` looks for its script when the configuration names none.
const DEFAULT_SCRIPT: &str = "python/task.py";

/// What a node is bound to.
pub(super) enum Bound {
    /// A PyTask, or the task that was generated from one.
    Python(Box<Binding>),
    /// Rust that somebody wrote.
    Rust,
}

/// Binds one node.
pub(super) fn bind(
    reader: &mut TypeReader,
    root: &Path,
    config: &Config,
    task: &RawTask,
) -> Result<Bound, Problem> {
    let ty: Type = syn::parse_str(&task.type_path).map_err(|error| {
        Problem::new(
            &task.file,
            task.line,
            format!(
                "`type: {:?}` of node `{}` is not a Rust type: {error}",
                task.type_path, task.id
            ),
            "spell the path of a type, such as `tasks::MyTask`",
        )
    })?;
    let home = reader.declaring_module(&ty);
    bind_type(reader, root, task, &ty, home.as_ref()).map_err(|mut problem| {
        if problem.line.is_some() {
            return problem;
        }
        // The type is at fault as the configuration spells it.
        problem.message = format!(
            "node `{}` of {} has `type: {:?}`: {}",
            task.id,
            config.path.display(),
            task.type_path,
            problem.message
        );
        problem
    })
}

fn bind_type(
    reader: &mut TypeReader,
    root: &Path,
    task: &RawTask,
    ty: &Type,
    home: Option<&ModPath>,
) -> Result<Bound, Problem> {
    let crate_root = ModPath::root("");
    let (path, args, scope) = match reader.target(ty, &Scope::foreign())? {
        Target::External(path, args, scope) => (path, args, scope),
        Target::Item {
            module, name, line, ..
        } => return wired::bind(reader, root, &module, &name, line),
        Target::BuiltIn(..) | Target::Other(..) => return Ok(Bound::Rust),
    };
    let args = types(&args);
    let Some((inputs, state, outputs)) = py_task(&path, &args) else {
        return Ok(Bound::Rust);
    };
    let home = home.unwrap_or(&crate_root);
    let (module_file, child_dir) = reader.sources.files_of(home);
    if !home.krate.is_empty() {
        return Err(Problem::new(
            module_file,
            None,
            format!(
                "the PyTask of node `{}` is declared in the crate `{}`",
                task.id, home.krate
            ),
            "declare the type alias in the app's own crate: the translated task goes beside it",
        ));
    }
    let read = |reader: &mut TypeReader, side: Side| match side {
        Side::One(ty) => Ok(vec![reader.read(ty, &scope)?]),
        Side::Pack(ty) => messages_of(reader, ty, &scope),
    };
    let inputs = read(reader, inputs)?;
    let outputs = read(reader, outputs)?;
    let state = reader.read(state, &scope)?;
    let script = script_of(task)?.unwrap_or_else(|| DEFAULT_SCRIPT.to_owned());
    Ok(Bound::Python(Box::new(Binding {
        script: root.join(&script),
        script_name: script,
        mode: mode_of(task)?,
        inputs,
        state,
        outputs,
        module: home.path.clone(),
        module_file,
        child_dir,
        wired: None,
        form: Form::Task,
        python: PythonVersion::default(),
    })))
}

/// One side of a `PyTask`.
enum Side<'a> {
    /// `PyUnaryTask`'s: a message.
    One(&'a Type),
    /// `PyTask`'s: a tuple of messages.
    Pack(&'a Type),
}

/// The `I`, `S` and `O` of `PyTask<I, S, O>` and its shorthand.
fn py_task<'a>(path: &[String], args: &'a [Type]) -> Option<(Side<'a>, &'a Type, Side<'a>)> {
    let name = path.last()?;
    if !is_python_task(path) {
        return None;
    }
    match (name.as_str(), args) {
        ("PyTask", [inputs, state, outputs]) => {
            Some((Side::Pack(inputs), state, Side::Pack(outputs)))
        }
        ("PyUnaryTask", [input, state, output]) => {
            Some((Side::One(input), state, Side::One(output)))
        }
        _ => None,
    }
}

/// The messages of `(A,)`, `(A, B)`, `()`.
fn messages_of(reader: &mut TypeReader, ty: &Type, scope: &Scope) -> Result<Vec<RustTy>, Problem> {
    match reader.read(ty, scope)? {
        RustTy::Tuple(messages) => Ok(messages),
        RustTy::Unit => Ok(Vec::new()),
        _ => Err(reader
            .problem(
                scope,
                line_of(ty),
                format!("`{}` is not a tuple of messages", spell(ty)),
            )
            .with_help("PyTask takes its messages as `(A,)` or `(A, B)`")),
    }
}

/// The `script` of a node's configuration.
pub(super) fn script_of(task: &RawTask) -> Result<Option<String>, Problem> {
    text_of(task, "script")
}

/// The `mode` of a node's configuration.
fn mode_of(task: &RawTask) -> Result<PythonMode, Problem> {
    let Some(mode) = text_of(task, "mode")? else {
        return Ok(PythonMode::Process);
    };
    PythonMode::from_name(&mode).ok_or_else(|| {
        Problem::new(
            &task.file,
            task.line,
            format!("node `{}` has `mode: {mode:?}`", task.id),
            "Copper knows \"process\" and \"embedded\"",
        )
    })
}

fn text_of(task: &RawTask, key: &str) -> Result<Option<String>, Problem> {
    match task.config.get(key) {
        None => Ok(None),
        Some(ron::Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Problem::new(
            &task.file,
            task.line,
            format!("`{key}` of node `{}` is not a string", task.id),
            format!("write `{key:?}: \"…\"`"),
        )),
    }
}

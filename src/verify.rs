//! Proves that a native task does what its Python did.
//!
//! Enters: a [`Project`], the task, a recorded log. Leaves: a [`Verification`]. On the
//! way the harness crate is written and built under the app's `target/`, and the user's
//! Python is run in it. This module must not know how a verdict is shown.
//!
//! ```text
//! Project, task ─plan→ Plan ─harness→ crate ─cargo→ binary ─run→ events ─tally→ Verification
//! ```

mod cargo;
pub mod compare;
mod files;
mod harness;
mod inspect;
mod manifest;
mod plan;
pub mod protocol;
mod python;
mod run;
pub mod tally;
mod tools;
pub mod value;
mod verdict;

pub use tools::missing_tools;
pub use verdict::{
    Call, Count, Divergence, Errors, OutputCount, Place, PythonUsed, Shown, Spent, Three, Verdict,
    Verification,
};

use crate::error::Error;
use crate::project::{Binding, Project, PythonMode, TaskId};
use plan::Plan;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tally::Tally;

/// How a verification is run.
#[derive(Default)]
pub struct Options {
    /// The log: its base path, or its first slab.
    pub log: PathBuf,
    /// How the Python runs; `None` for embedded.
    pub python_mode: Option<PythonMode>,
    /// The interpreter; `None` for `python3` on the `PATH`.
    pub python: Option<PathBuf>,
    /// The native version; `None` for where `migrate translate` writes it.
    pub generated: Option<PathBuf>,
    /// Where cargo builds; `None` for `target/migrate/target` in the app.
    pub target_dir: Option<PathBuf>,
    /// Hears what is going on.
    pub progress: Option<Box<dyn Fn(Step)>>,
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The harness is built; `cold` when Copper itself is not built yet.
    Build {
        /// Whether this may take minutes.
        cold: bool,
    },
    /// CopperLists were replayed.
    Replay {
        /// How many.
        cycles: u64,
    },
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("log", &self.log)
            .field("python_mode", &self.python_mode)
            .field("python", &self.python)
            .field("generated", &self.generated)
            .field("target_dir", &self.target_dir)
            .finish_non_exhaustive()
    }
}

/// Where the native version of a task lies, or would lie; `None` for a task that is not
/// bound to Python.
pub fn native_file(project: &Project, id: &TaskId) -> Option<PathBuf> {
    let binding = project.node(id)?.binding.as_ref()?;
    Some(plan::native_file(id, binding))
}

/// Replays the log through both versions of the task and compares them.
///
/// # Errors
/// What keeps the replay from running at all: tools that are missing, a native version
/// that is missing or does not compile ([`Error::Environment`], [`Error::Usage`]), a log
/// that is not there ([`Error::Inconclusive`]). What the replay shows, inconclusive or
/// not, is the [`Verification`].
pub fn verify(project: &Project, id: &TaskId, options: &Options) -> Result<Verification, Error> {
    let begin = Instant::now();
    let mode = options.python_mode.unwrap_or(PythonMode::Embedded);
    let log = log_base(&options.log)?;
    let generated = options.generated.as_deref();
    let plan = plan::plan(project, id, generated)?;
    let Some(binding) = project.node(id).and_then(|node| node.binding.as_ref()) else {
        return Err(Error::Usage {
            message: format!("`{id}` is no Python task"),
            help: "name another task with --task".into(),
        });
    };
    if !binding.script.is_file() {
        return Err(Error::Usage {
            message: format!("{} does not exist", binding.script.display()),
            help: "the Python is what the native version is compared with: restore it".into(),
        });
    }
    cargo::check(&project.root)?;
    let python = python::choose(options.python.as_deref(), mode)?;
    let harness = harness::write(project, binding, &plan, &python)?;
    let prepare = begin.elapsed().as_secs_f64();

    let tell = |step| options.progress.iter().for_each(|listener| listener(step));
    let target = options
        .target_dir
        .clone()
        .unwrap_or_else(|| project.root.join("target/migrate/target"));
    tell(Step::Build {
        cold: !target.join("debug/.fingerprint").is_dir(),
    });
    let begin = Instant::now();
    let binary = cargo::build(project, &harness, &target, &python)?;
    let build = begin.elapsed().as_secs_f64();

    let begin = Instant::now();
    let mut tally = Tally::new(plan.labels.clone());
    let replay = run::Replay {
        binary: &binary,
        harness: &harness,
        log: &log,
        mode,
        python: &python,
    };
    run::run(project, binding, &replay, &mut tally, &|cycles| {
        tell(Step::Replay { cycles });
    })?;
    let spent = Spent {
        prepare,
        build,
        replay: begin.elapsed().as_secs_f64(),
    };
    let python = PythonUsed {
        mode: mode.name().into(),
        executable: python.executable,
        version: python.version,
    };
    Ok(assemble(project, binding, plan, log, tally, python, spent))
}

fn assemble(
    project: &Project,
    binding: &Binding,
    plan: Plan,
    log: PathBuf,
    tally: Tally,
    python: PythonUsed,
    spent: Spent,
) -> Verification {
    let notes = notes(&tally, binding, &plan);
    let shorter = |path: PathBuf| {
        path.strip_prefix(&project.root)
            .map_or(path.clone(), Path::to_owned)
    };
    Verification {
        task: plan.task.0,
        script: binding.script_name.clone(),
        generated: shorter(plan.generated),
        log: shorter(log),
        verdict: tally.verdict(),
        cycles: tally.cycles,
        range: tally.range,
        errors: tally.errors,
        outputs: tally.outputs,
        state: tally.state,
        divergence: tally.divergence,
        recording_divergence: tally.recording_divergence,
        notes,
        python: Some(python),
        spent,
    }
}

fn notes(tally: &Tally, binding: &Binding, plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if tally.recording_divergence.is_some() {
        let reads_clock = std::fs::read_to_string(&binding.script).is_ok_and(|text| {
            [".now", ".recent", "time", "random"]
                .iter()
                .any(|w| text.contains(w))
        });
        notes.push(if reads_clock {
            "the recording differs from Python now; the script reads a clock or random numbers, \
             which a log does not hold"
                .to_owned()
        } else {
            "the recording differs from Python now: was the log made by another version of the \
             script?"
                .to_owned()
        });
    }
    if tally.errors.python > 0
        && let Some((_, text)) = &tally.first_error
    {
        notes.push(format!(
            "Python fails in {} of {} cycles; the first error: {}",
            tally.errors.python,
            tally.cycles,
            text.lines().last().unwrap_or_default().trim()
        ));
    }
    if plan.native.state.is_none() && plan.state != "()" {
        notes.push("the native task has no field `state`: states were not compared".into());
    }
    if let Some(log) = &tally.log {
        if !log.clean_close {
            notes.push("the log was not closed properly: its end may be missing".into());
        }
        let task = |graph: &protocol::Graph| {
            let found = graph.tasks.iter().find(|task| task.id == plan.task.0);
            found.map(|task| task.type_path.clone())
        };
        if let (Some(recorded), Some(_)) = (&log.recorded, &binding.wired)
            && task(recorded) == task(&log.current)
        {
            notes.push(
                "the log was recorded with the native task: `recorded` is Rust, not Python".into(),
            );
        }
        if log.recorded.is_none() {
            notes.push("the log does not hold its configuration: taken for the app's".into());
        }
    }
    if !plan.native.holes.is_empty() {
        notes.push(format!(
            "the generated file has {} hole(s)",
            plan.native.holes.len()
        ));
    }
    notes
}

/// The log's base path: Copper adds `_0`, `_1`… to its stem.
fn log_base(log: &Path) -> Result<PathBuf, Error> {
    let slab = |base: &Path| {
        let stem = base.file_stem()?.to_str()?;
        let extension = base.extension()?.to_str()?;
        Some(base.with_file_name(format!("{stem}_0.{extension}")))
    };
    let log = std::path::absolute(log).unwrap_or_else(|_| log.to_owned());
    if slab(&log).is_some_and(|path| path.is_file()) {
        return Ok(log);
    }
    // The first slab itself was named.
    let name = log.file_name().and_then(|name| name.to_str()).unwrap_or("");
    if let Some((stem, extension)) = name.rsplit_once("_0.")
        && log.is_file()
    {
        return Ok(log.with_file_name(format!("{stem}.{extension}")));
    }
    let message = if log.is_file() {
        format!(
            "{} is no log: its first slab should be named `…_0.copper`",
            log.display()
        )
    } else {
        format!("there is no log {}", log.display())
    };
    Err(Error::Inconclusive {
        message,
        help: "run the app to record one, and name it as the app does (`logs/run.copper`)".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_named_by_its_base_or_its_first_slab() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("run.copper");
        assert!(matches!(log_base(&base), Err(Error::Inconclusive { .. })));
        std::fs::write(dir.path().join("run_0.copper"), "").unwrap();
        assert_eq!(log_base(&base).unwrap(), base);
        assert_eq!(log_base(&dir.path().join("run_0.copper")).unwrap(), base);
    }
}

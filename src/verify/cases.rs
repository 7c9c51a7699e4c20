//! Cases: calls of a task with all that they need, taken from a log, kept in the app.
//!
//! Enters: a call of a log, or the files of earlier cases. Leaves: `cases/*.json`, which
//! [`super::verify`] replays without the log, and a Rust test beside the native task. A case
//! is taken only where it shows what the log shows. This module must not know how a case is
//! compared.

use super::cargo::Profile;
use super::protocol::{Case, Take, Versions};
use super::run::Wanted;
use super::verdict::{Call, Verdict};
use super::{Built, Options, Verifier, case_test, files, inspect, script_hash};
use crate::error::Error;
use crate::project::{Project, TaskId};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The directory of the cases in the app.
pub const DIRECTORY: &str = "cases";
/// How many calls a case may have.
const MOST_CALLS: usize = 2000;

/// What became of a case.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its file.
    pub case: PathBuf,
    /// The calls that it holds.
    pub calls: usize,
    /// The file of the Rust tests, or why the case has none.
    pub test: Result<PathBuf, String>,
    /// What the app has to declare for the tests to run, and where.
    pub declare: Vec<(PathBuf, String)>,
}

/// The cases of an app: each file, and the task it is of.
pub type Cases = Vec<(PathBuf, TaskId)>;

/// Takes a call of the log as a case, and writes it into the app; `differs` where Rust is
/// known to differ there, so that the case has to show it.
///
/// # Errors
/// The log cannot be replayed up to the call, or the call cannot be told apart from what was
/// before it.
pub fn take_case(
    project: &Project,
    id: &TaskId,
    options: &Options,
    call: Call,
    differs: bool,
) -> Result<Written, Error> {
    let at = match call {
        Call::Start => None,
        Call::Process(cycle) => Some(cycle),
        Call::Stop => {
            return Err(Error::Usage {
                message: "what happens in `stop` cannot be made a case".into(),
                help: "name a CopperList: `--emit-test=ID`".into(),
            });
        }
    };
    let mut verifier = Verifier::new(project, id, options)?;
    let mission = options.mission.as_deref();
    let built = verifier.build(Instant::now(), mission, Profile::VERIFY)?;
    let native = &built.plan.native;
    let keeps_only_state =
        native.others.is_empty() && (native.state.is_some() || built.plan.state == "()");
    let name = file_name(id, &verifier.log, at);
    let mut why = String::new();
    for whole in [false, true] {
        if !whole && !keeps_only_state && at.is_some() {
            continue;
        }
        let case = verifier.taken(&built, Take { id: at, whole })?;
        let trial = built.harness.dir.join("trial.json");
        files::write_text(&trial, &json(&case))?;
        match verifier.shows(&built, &trial, differs)? {
            None => {
                let path = project.root.join(DIRECTORY).join(&name);
                files::write_whole(&path, &json(&case))?;
                return written(project, &built, path, case.calls.len());
            }
            Some(reason) => why = reason,
        }
    }
    Err(Error::Inconclusive {
        message: format!("no case can be made of it: {why}"),
        help: "a case holds the state and the messages of a task, or all of its calls from the \
               start"
            .into(),
    })
}

impl Verifier<'_> {
    fn taken(&self, built: &Built<'_>, take: Take) -> Result<Case, Error> {
        let replay = self.request(built);
        let wanted = Wanted::Case(take);
        let mut tally = self.alone(built, &replay, Versions::Python, wanted)?;
        let at = take
            .id
            .map_or("start".into(), |id| format!("CopperList {id}"));
        let inconclusive = |message: String| Error::Inconclusive {
            message,
            help: "name another CopperList of this log: `--emit-test=ID`".into(),
        };
        let Some(mut case) = tally.case.take() else {
            let reason = match tally.verdict() {
                Verdict::Inconclusive(reason) => reason,
                Verdict::Equal | Verdict::Different => "it was not replayed".into(),
            };
            return Err(inconclusive(format!("{at} cannot be reached: {reason}")));
        };
        if case.calls.len() > MOST_CALLS {
            return Err(inconclusive(format!(
                "{at} needs the {} calls before it, because the task keeps more than its state; \
                 a case may have {MOST_CALLS}",
                case.calls.len() - 1
            )));
        }
        let script = std::fs::read(&built.binding.script).unwrap_or_default();
        case.script_hash = script_hash(&script);
        let log = self.shorter(self.log.clone());
        case.origin = format!("{at} of {}", log.display());
        Ok(case)
    }

    /// Why a case does not show what the log shows; `None` where it does.
    fn shows(
        &self,
        built: &Built<'_>,
        case: &Path,
        differs: bool,
    ) -> Result<Option<String>, Error> {
        let mut tally = self.tally(built);
        tally.is_case = true;
        let mut replay = self.request(built);
        replay.case = Some(case);
        let none = &|_, _| {};
        super::run::run(self.project, built.binding, &replay, &mut tally, none)?;
        if let Some(divergence) = &tally.recording_divergence {
            return Ok(Some(format!(
                "the Python does something else at `{}` when it is called alone",
                divergence.path
            )));
        }
        Ok(match tally.verdict() {
            Verdict::Different => None,
            _ if differs => Some("the Rust does not differ when it is called alone".into()),
            Verdict::Equal => None,
            Verdict::Inconclusive(reason) => Some(reason),
        })
    }
}

/// Such as `pid-run-221.json`.
fn file_name(id: &TaskId, log: &Path, at: Option<u64>) -> String {
    let stem = log.file_stem().unwrap_or_default().to_string_lossy();
    let at = at.map_or("start".into(), |at| at.to_string());
    format!("{}-{stem}-{at}.json", id.module_name())
}

fn json(case: &Case) -> String {
    let mut text = serde_json::to_string_pretty(case).unwrap_or_default();
    text.push('\n');
    text
}

/// Writes the tests of all cases of the task.
fn written(
    project: &Project,
    built: &Built<'_>,
    case: PathBuf,
    calls: usize,
) -> Result<Written, Error> {
    let id = &built.plan.task;
    let own = |(path, task): (PathBuf, TaskId)| (task == *id).then_some(path);
    let all = find(project, &[])?.into_iter().filter_map(own);
    let mut cases = Vec::new();
    for path in all {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        cases.push((name.to_lowercase(), read(&path)?));
    }
    let module = format!("{}_cases", built.plan.module);
    let path = built.binding.child_dir.join(format!("{module}.rs"));
    let test = case_test::write(project, built.binding, &built.plan, &cases)?;
    if let Ok(text) = &test {
        files::write_whole(&path, text)?;
    }
    let declaring = &built.binding.module_file;
    let text = files::read(declaring)?;
    let mut declare = Vec::new();
    for (module, line) in [
        (
            &built.plan.module,
            format!("pub mod {};", built.plan.module),
        ),
        (&module, format!("#[cfg(test)] mod {module};")),
    ] {
        if test.is_ok() && !inspect::declares(declaring, &text, module)? {
            declare.push((files::relative(declaring, &project.root), line));
        }
    }
    Ok(Written {
        case: files::relative(&case, &project.root),
        calls,
        test: test.map(|_| files::relative(&path, &project.root)),
        declare,
    })
}

fn read(path: &Path) -> Result<Case, Error> {
    let text = files::read(path)?;
    serde_json::from_str(&text).map_err(|error| Error::Usage {
        message: format!("{} is no case: {error}", path.display()),
        help: "`migrate verify --emit-test` writes cases".into(),
    })
}

/// The path of a case, which has to be one of this task.
///
/// # Errors
/// It cannot be read, or it is of another task.
pub fn of_task(path: &Path, id: &TaskId) -> Result<PathBuf, Error> {
    let case = read(path)?;
    if case.task != id.0 {
        return Err(Error::Usage {
            message: format!(
                "{} is a case of `{}`, not of `{id}`",
                path.display(),
                case.task
            ),
            help: "name the task of the case with --task".into(),
        });
    }
    Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// The cases that files, directories and patterns name; without any, those of the app.
///
/// # Errors
/// There is none, or one cannot be read.
pub fn find(project: &Project, patterns: &[String]) -> Result<Cases, Error> {
    let own = project.root.join(DIRECTORY).display().to_string();
    let own = [own];
    let patterns = if patterns.is_empty() { &own } else { patterns };
    let mut found = Vec::new();
    for pattern in patterns {
        let pattern = match Path::new(pattern).is_dir() {
            true => format!("{pattern}/*.json"),
            false => pattern.clone(),
        };
        let paths = glob::glob(&pattern).map_err(|error| Error::Usage {
            message: format!("`{pattern}` is no pattern: {error}"),
            help: "as in `--cases 'cases/pid-*.json'`".into(),
        })?;
        for path in paths.flatten() {
            let task = TaskId(read(&path)?.task);
            found.push((path, task));
        }
    }
    if found.is_empty() {
        return Err(Error::Usage {
            message: format!("there is no case in {}", patterns.join(", ")),
            help: "`migrate verify --log LOG --emit-test` takes one from a log".into(),
        });
    }
    Ok(found)
}

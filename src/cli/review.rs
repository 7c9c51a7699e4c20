//! `migrate review`: what a translation changes, and what is known of it.

mod interactive;

use super::console::Console;
use super::shell;
use super::translate::some_log;
use crate::diagnostic::suppress;
use crate::error::Error;
use crate::pipeline;
use crate::project::{Binding, Project, PythonVersion, TaskId, discover, select_task};
use crate::record::{self, Record};
use crate::report::{page, review as words};
use crate::review::{Change, Known, Origin, Subject, links};
use crate::switch::{self, FileChange, To, Wanted};
use crate::translation::{GeneratedFile, Translation};
use crate::update::{self, Update};
use crate::verify::{Verdict, native_file, write_whole};
use clap::ValueEnum;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `migrate review`.
#[derive(Debug, clap::Args)]
pub struct ReviewArgs {
    /// The tasks, by their ids in copperconfig.ron or by their Python files; without any, every
    /// task that runs Python.
    #[arg(value_name = "TASK")]
    pub tasks: Vec<String>,
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The form of the review.
    #[arg(long, value_enum, default_value_t = ReviewFormat::Text)]
    pub format: ReviewFormat,
    /// Writes it to a file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Walks through the hunks and asks about each: accept, reject, edit, skip.
    #[arg(short, long, conflicts_with_all = ["format", "output"])]
    pub interactive: bool,
    /// Lists the hunks with their ids and kinds, and what was decided about them.
    #[arg(long, conflicts_with_all = ["format", "output", "interactive", "accept", "reject"])]
    pub list: bool,
    /// Accepts hunks: ids, kinds (conflict, hole, comment, formatting, import, helper, removed,
    /// new, changed), or all.
    #[arg(long, value_name = "HUNK", num_args = 1.., conflicts_with_all = ["format", "output", "interactive"])]
    pub accept: Vec<String>,
    /// Rejects hunks, named in the same way.
    #[arg(long, value_name = "HUNK", num_args = 1.., conflicts_with_all = ["format", "output", "interactive"])]
    pub reject: Vec<String>,
    /// Forgets what was decided before about the hunks.
    #[arg(long, conflicts_with_all = ["format", "output"])]
    pub forget: bool,
    /// The version of Python whose meaning to keep, where versions differ; without it, that of
    /// `python3`.
    #[arg(long, value_name = "3.x")]
    pub python: Option<PythonVersion>,
}

/// The form of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// A summary, and the diff of all that would change.
    Text,
    /// For the description of a pull request, or a comment on it.
    Markdown,
    /// One page that needs nothing else: Python and Rust side by side.
    Html,
}

/// Shown below the help of `migrate review`.
pub const EXAMPLES: &str = "\
Examples:
  migrate review                                  every task: a summary, and what would change
  migrate review pid --format html -o review.html one page, Python and Rust side by side
  migrate review --format markdown -o pr.md       for the pull request
  migrate review pid --interactive                accept, reject or edit each hunk
  migrate review pid --list                       the hunks, their ids and kinds
  migrate review pid --accept comment 3fa1 --reject all
                                                  the same without a terminal: the first that
                                                  names a hunk decides

Runs no Python and builds nothing: verdicts and times are those that `migrate verify` and
`migrate bench` found last. Exits with 1 where a hole is left, a divergence was found, or an
edit by hand is in conflict.";

/// Shows what a translation changes, and what is known of it.
///
/// # Errors
/// The app or a task cannot be found or read, or the output cannot be written.
pub fn run(args: ReviewArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match &args.app {
        Some(dir) => dir.clone(),
        None => discover(Path::new("."))?,
    };
    let mut project = Project::load(&root)?;
    let python = args.python.or_else(PythonVersion::installed);
    for node in &mut project.nodes {
        if let Some(binding) = &mut node.binding {
            binding.python = python.unwrap_or_default();
        }
    }
    let ids = tasks(&project, &args.tasks)?;
    if interactive::is_wanted(&args) {
        return interactive::run(&project, &ids, &args, console);
    }
    let subjects = ids
        .iter()
        .map(|id| subject(&project, id, args.app.as_deref()));
    let subjects = subjects.collect::<Result<Vec<Subject>, Error>>()?;
    let text = match args.format {
        ReviewFormat::Text => words::text(&subjects),
        ReviewFormat::Markdown => words::markdown(&subjects),
        ReviewFormat::Html => page::render(&app_name(&project.root), &subjects),
    };
    match &args.output {
        Some(path) => {
            write_whole(path, &text)?;
            console.say(&format!("wrote {}", path.display()));
        }
        None => console.print(&text)?,
    }
    Ok(exit_code(&subjects))
}

fn exit_code(subjects: &[Subject]) -> ExitCode {
    let fails = |subject: &Subject| {
        subject.holes() > 0
            || matches!(subject.origin, Origin::Conflict | Origin::Left(_))
            || subject
                .fresh()
                .any(|v| v.found.verdict == Verdict::Different)
    };
    match subjects.iter().any(fails) {
        true => ExitCode::from(1),
        false => ExitCode::SUCCESS,
    }
}

/// The tasks that were named, or all that run Python.
fn tasks(project: &Project, wanted: &[String]) -> Result<Vec<TaskId>, Error> {
    let mut ids: Vec<TaskId> = Vec::new();
    for name in wanted {
        let id = TaskId(name.clone());
        let file = Path::new(name);
        let id = match project.node(&id).is_none() && file.extension().is_some() {
            true => select_task(project, Some(&in_app(project, file)), None)?,
            false => select_task(project, None, Some(&id))?,
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if wanted.is_empty() {
        // A task that runs in Rust may have left its Python behind.
        let is_there = |binding: &Binding| binding.wired.is_none() || binding.script.is_file();
        let nodes = project.nodes.iter();
        let python = nodes.filter(|node| node.binding.as_ref().is_some_and(is_there));
        ids.extend(python.map(|node| node.id.clone()));
    }
    if ids.is_empty() {
        // Says that no node runs Python.
        ids.push(select_task(project, None, None)?);
    }
    Ok(ids)
}

/// The file as the user names it, or from the app's root.
fn in_app(project: &Project, file: &Path) -> PathBuf {
    match file.is_file() {
        true => file.to_owned(),
        false => project.root.join(file),
    }
}

/// All that is known of a task.
fn subject(project: &Project, id: &TaskId, app: Option<&Path>) -> Result<Subject, Error> {
    let root = &project.root;
    let translation = pipeline::translate(project, id)?;
    let shown = suppress(translation.diagnostics.clone(), &translation.source);
    let plans = plans(root, &translation)?;
    let changes = plans.iter().filter(|plan| plan.is_change());
    let changes: Vec<Change> = changes.map(Plan::change).collect();
    let (Some(plan), Some(file)) = (plans.into_iter().next(), translation.files.first()) else {
        return Err(Error::Environment {
            message: format!("nothing was generated for `{id}`"),
            help: "this is a fault of migrate: please report it with the Python file".into(),
        });
    };
    let (path, rust, origin) = (plan.name, plan.new, plan.origin);
    let map = links::carried(&file.lines, &file.text, &rust);
    let script = project.node(id).and_then(|node| node.binding.as_ref());
    let script = script.map_or(Path::new(""), |binding| &binding.script);
    let native = native_file(project, id).unwrap_or_else(|| root.join(&path));
    let about = About {
        root,
        script,
        native: &native,
        path: &path,
        changes: &changes,
    };
    let verdicts = record::verdicts(root, id)?;
    let speed = record::speed(root, id)?;
    let log = some_log(root).unwrap_or_else(|| PathBuf::from("RUN.copper"));
    let command = |verb: &str| {
        let app = app.map(|app| format!(" --app {}", shell::word(app)));
        let app = app.unwrap_or_default();
        format!(
            "migrate {verb}{app} --log {} --task {id}",
            shell::word(&log)
        )
    };
    Ok(Subject {
        task: id.0.clone(),
        switch: switching(project, id),
        links: links::links(&translation.source, &rust, &map),
        verdicts: verdicts.into_iter().map(|v| about.known(v)).collect(),
        speed: speed.map(|speed| about.known(speed)),
        verify_command: command("verify"),
        bench_command: command("bench"),
        translation,
        shown,
        path,
        rust,
        changes,
        origin,
    })
}

/// What switching to the Rust would change; nothing where it cannot be planned: `switch` says
/// why.
fn switching(project: &Project, id: &TaskId) -> Vec<Change> {
    let wanted = Wanted {
        id: id.clone(),
        remark: None,
    };
    let plan = switch::plan(project, &[wanted], To::Rust);
    let files = plan.map(|plan| plan.files).unwrap_or_default();
    let files = files.into_iter().filter(FileChange::is_users);
    let changes = files.filter_map(|file| {
        Some(Change {
            path: PathBuf::from(file.name),
            old: file.old,
            new: file.new?,
        })
    });
    changes.collect()
}

/// The files that a record has to be about.
struct About<'a> {
    root: &'a Path,
    script: &'a Path,
    native: &'a Path,
    path: &'a str,
    changes: &'a [Change],
}

impl About<'_> {
    fn known<T>(&self, record: Record<T>) -> Known<Record<T>> {
        let changes = record.changes(self.root, self.script, self.native);
        let mut stale: Vec<String> = changes.iter().map(ToString::to_string).collect();
        // A verdict on the file as it is says nothing about the one that would be there.
        if stale.is_empty() && !self.changes.is_empty() {
            stale.push(format!("`migrate translate` would change {}", self.path));
        }
        Known { record, stale }
    }
}

/// What is to become of a generated file.
struct Plan {
    /// Relative to the app's root.
    path: PathBuf,
    /// The same, as it is shown.
    name: String,
    /// What is there.
    old: Option<String>,
    /// What would be there.
    new: String,
    /// How that came about.
    origin: Origin,
    /// What was generated.
    generated: String,
    /// Where the base of merges is kept.
    base: PathBuf,
}

impl Plan {
    fn is_change(&self) -> bool {
        self.old.as_ref() != Some(&self.new)
    }

    fn change(&self) -> Change {
        Change {
            path: self.path.clone(),
            old: self.old.clone(),
            new: self.new.clone(),
        }
    }
}

/// What is to become of each generated file.
fn plans(root: &Path, translation: &Translation) -> Result<Vec<Plan>, Error> {
    let plan = |file: &GeneratedFile| {
        let old = read_existing(&root.join(&file.path))?;
        let base = update::base_file(root, &file.path);
        let kept = read_existing(&base)?;
        let name = file.path.display().to_string().replace('\\', "/");
        let update = update::update(&name, old.as_deref(), kept.as_deref(), &file.text);
        let there = old.clone().unwrap_or_default();
        let (new, origin) = match update {
            Update::New(text) | Update::Replaced(text) => (text, Origin::Generated),
            Update::Same => (there, Origin::Generated),
            Update::Edited => (there, Origin::Edited),
            Update::Merged { text, conflicts } if conflicts.is_empty() => (text, Origin::Edited),
            Update::Merged { text, .. } => (text, Origin::Conflict),
            Update::Refused { why, .. } => (there, Origin::Left(why)),
        };
        Ok(Plan {
            path: file.path.clone(),
            name,
            old,
            new,
            origin,
            generated: file.text.clone(),
            base,
        })
    };
    translation.files.iter().map(plan).collect()
}

fn read_existing(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read {
            path: path.to_path_buf(),
            source,
        }),
    }
}

/// The name of the app's directory.
fn app_name(root: &Path) -> String {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let root = root.canonicalize().unwrap_or(root);
    let name = root
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "app".into())
}

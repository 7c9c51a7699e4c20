//! `migrate translate`: from a task's Python to a Rust file.

mod deliver;

use super::console::{CYAN, Console, GREEN, RESET, YELLOW};
use super::shell;
use crate::error::Error;
use crate::pipeline;
use crate::project::{Form, Node, Project, PythonVersion, TaskId, discover, select_task};
use crate::report::diagnostics;
use crate::review::wiring;
use crate::translation::{GeneratedFile, Translation};
use deliver::deliver;
pub(super) use deliver::keep;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `migrate translate`.
#[derive(Debug, clap::Args)]
pub struct TranslateArgs {
    /// The task's Python file.
    #[arg(value_name = "FILE", required_unless_present = "task")]
    pub file: Option<PathBuf>,
    /// The app's directory; without it, the nearest one upward from the file.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The node to translate, where several run the same file.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// Show what would change in the app, and write nothing.
    #[arg(long, conflicts_with_all = ["stdout", "output"])]
    pub diff: bool,
    /// Print the Rust, and write nothing.
    #[arg(long, conflicts_with = "output")]
    pub stdout: bool,
    /// Write the Rust to this file instead of its place in the app.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Translate a file without `process`, such as a library of helper functions, to a plain
    /// Rust module beside it: no app, no Copper.
    #[arg(long, requires = "file", conflicts_with_all = ["app", "task"])]
    pub module: bool,
    /// With --module: make `fn main` of what the file does when it is run, with `print` and
    /// `assert`.
    #[arg(long, requires = "module")]
    pub main: bool,
    /// The version of Python whose meaning to keep, where versions differ; without it, that of
    /// `python3`.
    #[arg(long, value_name = "3.x")]
    pub python: Option<PythonVersion>,
}

/// Shown below the help of `migrate translate`.
pub const EXAMPLES: &str = "\
Examples:
  migrate translate python/pid.py                           the task that runs this file
  migrate translate python/pid.py --diff                    what would change in the app
  migrate translate python/filters.py --module -o src/filters.rs
                                                            a helper library, without Copper
  migrate translate gcd.py --module --main --stdout         a program, `fn main` and all";

/// Translates a task.
///
/// # Errors
/// Where the app or the task cannot be found or read, or a file that is not ours to change
/// stands in the way.
pub fn run(args: TranslateArgs, console: &Console) -> Result<ExitCode, Error> {
    let file = args
        .file
        .as_deref()
        .map(|file| find_file(file, args.app.as_deref()));
    let file = file.transpose()?;
    if let (true, Some(file)) = (args.module, &file) {
        return run_module(&args, file, console);
    }
    let root = match (&args.app, &file) {
        (Some(app), _) => app.clone(),
        (None, Some(file)) => discover(file)?,
        (None, None) => discover(Path::new("."))?,
    };
    // Asking Python for its version may take as long as all the rest.
    let (project, python) = std::thread::scope(|scope| {
        let python = scope.spawn(|| python(&args));
        let project = Project::load(&root);
        (project, python.join().unwrap_or_default())
    });
    let mut project = project?;
    for node in &mut project.nodes {
        if let Some(binding) = &mut node.binding {
            binding.python = python;
        }
    }
    let task = args.task.clone().map(TaskId);
    let id = select_task(&project, file.as_deref(), task.as_ref())?;
    let translation = pipeline::translate(&project, &id)?;

    let what = format!(" for node `{id}`");
    let conflicts = present(&args, &project.root, &translation, &what, console)?;
    if !args.diff
        && !args.stdout
        && args.output.is_none()
        && let (Some(node), Some(task)) = (project.node(&id), translation.files.first())
    {
        console.say(&next_steps(&args, &project, node, task));
    }
    Ok(exit_code(&translation, conflicts))
}

/// The version of Python that was asked for, or else is installed.
fn python(args: &TranslateArgs) -> PythonVersion {
    args.python
        .or_else(PythonVersion::installed)
        .unwrap_or_default()
}

/// Translates a file that no app runs; the Rust goes beside it.
fn run_module(args: &TranslateArgs, file: &Path, console: &Console) -> Result<ExitCode, Error> {
    let form = if args.main {
        Form::Program
    } else {
        Form::Library
    };
    let name = file.file_name().unwrap_or(file.as_os_str());
    let name = name.to_string_lossy();
    let translation = pipeline::translate_module_for(file, &name, form, python(args))?;
    let dir = file.parent().unwrap_or(Path::new(""));
    let conflicts = present(args, dir, &translation, "", console)?;
    Ok(exit_code(&translation, conflicts))
}

/// Says what was found, puts the files where they go, and says what was done. `what` was
/// translated, in words; `root` is where the files' paths start. Leaves the number of
/// conflicts with what was edited by hand.
fn present(
    args: &TranslateArgs,
    root: &Path,
    translation: &Translation,
    what: &str,
    console: &Console,
) -> Result<usize, Error> {
    let shown = translation.told();
    if !shown.is_empty() {
        console.say(diagnostics::render(&translation.source, &shown).trim_end());
        console.say("");
    }
    let delivered = deliver(args, root, translation, console)?;
    console.say(&summary(what, translation));
    for line in delivered.done {
        console.say(&line);
    }
    if let Some(first) = shown.first() {
        console.say(&format!(
            "`migrate explain {}` says more about a diagnostic",
            first.code
        ));
    }
    Ok(delivered.conflicts)
}

fn exit_code(translation: &Translation, conflicts: usize) -> ExitCode {
    match translation.holes() + conflicts {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

/// The file as the user names it, or from the app's root.
fn find_file(file: &Path, app: Option<&Path>) -> Result<PathBuf, Error> {
    let in_app = app.map(|app| app.join(file));
    match in_app {
        Some(in_app) if !file.exists() && in_app.is_file() => Ok(in_app),
        _ if file.is_file() => Ok(file.to_path_buf()),
        _ if file.is_dir() => Err(Error::Usage {
            message: format!("{} is a directory", file.display()),
            help: "name the task's Python file".to_owned(),
        }),
        _ => Err(Error::Read {
            path: file.to_path_buf(),
            source: std::io::Error::from(ErrorKind::NotFound),
        }),
    }
}

fn summary(what: &str, translation: &Translation) -> String {
    let holes = translation.holes();
    let color = if holes == 0 { GREEN } else { YELLOW };
    format!(
        "{color}{} of {} statements{RESET} of {} translated{what}: {}, {}",
        translation.coverage.translated,
        translation.coverage.total,
        translation.source.name(),
        count(holes, "hole"),
        count(translation.warnings(), "warning"),
    )
}

fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// How to wire the task in, and what to run next.
fn next_steps(
    args: &TranslateArgs,
    project: &Project,
    node: &Node,
    task: &GeneratedFile,
) -> String {
    let module_text = node
        .binding
        .as_ref()
        .and_then(|binding| std::fs::read_to_string(&binding.module_file).ok())
        .unwrap_or_default();
    let mut text = String::new();
    let edits = wiring(project, node, task, &module_text);
    if !edits.is_empty() {
        text.push_str("\nto run the Rust instead of the Python (`migrate switch` does that):\n");
        for edit in edits {
            text.push_str(&format!("  {edit}\n"));
        }
    }
    let app = match &args.app {
        Some(app) => format!(" --app {}", shell::word(app)),
        None if discover(Path::new(".")).is_ok_and(|here| here == project.root) => String::new(),
        None => format!(" --app {}", shell::word(&from_here(&project.root))),
    };
    text.push_str(&format!(
        "\n{CYAN}next{RESET}: migrate verify{app} --log {}",
        some_log(&project.root).map_or_else(|| "RUN.copper".to_owned(), |log| shell::word(&log))
    ));
    if node
        .binding
        .as_ref()
        .is_some_and(|binding| binding.wired.is_none())
    {
        text.push_str(&format!(", then migrate switch{app} {} --to rust", node.id));
    }
    text
}

/// A log of the app, as `verify` wants it named: `logs/run.copper` for `logs/run_0.copper`.
pub(super) fn some_log(root: &Path) -> Option<PathBuf> {
    let mut logs: Vec<PathBuf> = std::fs::read_dir(root.join("logs"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "copper")
        })
        .filter_map(|path| {
            let stem = path.file_stem()?.to_str()?.to_owned();
            Some(path.with_file_name(format!("{}.copper", stem.strip_suffix("_0")?)))
        })
        .collect();
    logs.sort();
    Some(from_here(&logs.into_iter().next()?))
}

/// A path as the user would type it: relative to the current directory where it lies below.
fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_path_buf()
}

#[cfg(test)]
mod tests;

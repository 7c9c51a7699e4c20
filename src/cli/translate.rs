//! `migrate translate`: from a task's Python to a Rust file.

use super::console::{BOLD, CYAN, Console, GREEN, RESET, YELLOW};
use crate::error::Error;
use crate::pipeline;
use crate::project::{Form, Node, Project, PythonVersion, TaskId, discover, select_task};
use crate::report::diagnostics;
use crate::review::{unified_diff, wiring};
use crate::translation::{GeneratedFile, Translation};
use crate::update::{self, Update, base_file, update};
use crate::verify::write_whole;
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
    let mut project = Project::load(&root)?;
    let python = python(&args);
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

/// What became of the generated files.
#[derive(Debug, Default)]
struct Delivered {
    /// What was done, a line each.
    done: Vec<String>,
    /// The conflicts with what was edited by hand.
    conflicts: usize,
}

/// A generated file on its way to its place.
struct Target<'a> {
    path: PathBuf,
    /// The path as it is shown.
    name: String,
    file: &'a GeneratedFile,
    existing: Option<String>,
    /// Where its base is kept; `None` outside of any app.
    base: Option<PathBuf>,
    update: Update,
}

/// Puts the generated files where the user wants them.
fn deliver(
    args: &TranslateArgs,
    root: &Path,
    translation: &Translation,
    console: &Console,
) -> Result<Delivered, Error> {
    if args.stdout {
        for file in &translation.files {
            console.print(&file.text)?;
        }
        return Ok(Delivered::default());
    }
    let mut targets = Vec::new();
    for (index, file) in translation.files.iter().enumerate() {
        // `-o` moves the task's own file; those that it needs beside it stay where they go.
        let moved = args.output.as_ref().filter(|_| index == 0);
        let path = moved.map_or_else(|| root.join(&file.path), Clone::clone);
        let name = moved.unwrap_or(&file.path).display().to_string();
        targets.push(target(path, name, file)?);
    }
    if args.diff {
        for target in &targets {
            if let Some(text) = target.update.text() {
                let name = Path::new(&target.name);
                console.print(&unified_diff(name, target.existing.as_deref(), text))?;
            }
        }
    }
    // All or nothing: look at every file before the first is written.
    for target in &targets {
        refuse(target, console)?;
    }
    let mut delivered = Delivered::default();
    for target in &targets {
        if let Update::Merged { conflicts, .. } = &target.update {
            delivered.conflicts += conflicts.len();
        }
        if !args.diff {
            if let Some(text) = target.update.text() {
                write(&target.path, text)?;
            }
            if let Some(base) = &target.base {
                keep(base, &target.file.text)?;
            }
        }
        delivered.done.extend(said(target, args.diff));
    }
    Ok(delivered)
}

/// What is to become of one file.
fn target<'a>(path: PathBuf, name: String, file: &'a GeneratedFile) -> Result<Target<'a>, Error> {
    let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    let existing = read_existing(&path)?;
    let base = base_of(&absolute);
    let kept = match &base {
        Some(base) => read_existing(base)?,
        None => None,
    };
    let update = update(&name, existing.as_deref(), kept.as_deref(), &file.text);
    Ok(Target {
        path,
        name,
        file,
        existing,
        base,
        update,
    })
}

/// Where the base of a file in an app is kept.
fn base_of(path: &Path) -> Option<PathBuf> {
    let dir = path.ancestors().skip(1).find(|dir| dir.is_dir())?;
    let dir = dir.canonicalize().ok()?;
    let root = discover(&dir).ok()?;
    // The directories below may not be there yet.
    let existing = path.ancestors().skip(1).find(|dir| dir.is_dir())?;
    let path = dir.join(path.strip_prefix(existing).ok()?);
    Some(base_file(&root, path.strip_prefix(&root).ok()?))
}

/// Keeps the base of a file, and says once what such files are.
pub(super) fn keep(base: &Path, text: &str) -> Result<(), Error> {
    if read_existing(base)?.as_deref() == Some(text) {
        return Ok(());
    }
    write(base, text)?;
    let dir = base.ancestors().find(|dir| dir.ends_with(update::DIR));
    match dir.map(|dir| dir.join("README.md")) {
        Some(readme) if !readme.exists() => write(&readme, update::README),
        _ => Ok(()),
    }
}

/// What was done with a file, or is to be.
fn said(target: &Target<'_>, is_diff: bool) -> Vec<String> {
    let name = format!("{BOLD}{}{RESET}", target.name);
    match &target.update {
        Update::Merged { text, conflicts } => {
            let verb = if is_diff { "would be" } else { "was" };
            let Some(first) = conflicts.first() else {
                return vec![match Some(text) == target.existing.as_ref() {
                    true => format!("{name} is up to date, with what was edited by hand"),
                    false => format!("{name} {verb} merged with what was edited by hand"),
                }];
            };
            vec![
                format!(
                    "{YELLOW}{}{RESET}: {name} {verb} merged with what was edited by hand",
                    count(conflicts.len(), "conflict")
                ),
                format!("  --> {}:{first}", target.name),
                "  resolve between the markers `<<<<<<<` and `>>>>>>>`; it does not compile before"
                    .to_owned(),
            ]
        }
        _ if is_diff => Vec::new(),
        Update::New(_) => vec![format!("wrote {name}")],
        Update::Same => vec![format!("{name} is up to date")],
        Update::Edited => vec![format!(
            "{name} is up to date, with what was edited by hand"
        )],
        Update::Replaced(_) => vec![format!("updated {name}")],
        Update::Refused { .. } => Vec::new(),
    }
}

/// Stops where a file stands in the way that is not ours to change.
fn refuse(target: &Target<'_>, console: &Console) -> Result<(), Error> {
    let Update::Refused { why, help } = &target.update else {
        return Ok(());
    };
    let name = Path::new(&target.name);
    let existing = target.existing.as_deref();
    console.say(&unified_diff(name, existing, &target.file.text));
    Err(Error::Usage {
        message: format!("{} {why}", target.path.display()),
        help: help.clone(),
    })
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

/// Writes a file whole, or not at all; of a link, the file that it leads to.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let target = path.canonicalize();
    write_whole(target.as_deref().unwrap_or(path), text)
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
        Some(app) => format!(" --app {}", app.display()),
        None if discover(Path::new(".")).is_ok_and(|here| here == project.root) => String::new(),
        None => format!(" --app {}", from_here(&project.root).display()),
    };
    text.push_str(&format!(
        "\n{CYAN}next{RESET}: migrate verify{app} --log {}",
        some_log(&project.root)
            .map_or_else(|| "RUN.copper".to_owned(), |log| log.display().to_string())
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
mod tests {
    use super::*;
    use crate::cli::Color;
    use crate::header::{Header, seal};
    use crate::source::SourceFile;
    use crate::translation::Coverage;
    use std::fs;

    /// An app with one PyTask, and the console of a test.
    fn app() -> (tempfile::TempDir, Project, Console) {
        let dir = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [dependencies]\ncu-python-task = \"1.3\"\n";
        fs::create_dir_all(dir.path().join("src")).unwrap();
        fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
        fs::write(dir.path().join("src/main.rs"), "mod tasks {}\n").unwrap();
        fs::write(
            dir.path().join("copperconfig.ron"),
            "(tasks: [(id: \"py\", type: \"cu_python_task::PyTask<(), (), ()>\")])",
        )
        .unwrap();
        let project = Project::load(dir.path()).unwrap();
        (dir, project, Console::new(Color::Never))
    }

    fn args() -> TranslateArgs {
        TranslateArgs {
            file: None,
            app: None,
            task: None,
            diff: false,
            stdout: false,
            output: None,
            module: false,
            main: false,
            python: None,
        }
    }

    fn translation(body: &str) -> Translation {
        let header = Header {
            version: "0.1.0".to_owned(),
            task: "py".to_owned(),
            mode: "process".to_owned(),
            ..Header::default()
        };
        Translation {
            source: SourceFile::new("python/py.py", "python/py.py", "x = 1\n"),
            files: vec![GeneratedFile {
                path: PathBuf::from("src/deep/er/py.rs"),
                module: vec!["py".to_owned()],
                type_name: "Py".to_owned(),
                text: seal(&format!("{}\n{body}\n", header.render())),
                lines: Vec::new(),
            }],
            diagnostics: Vec::new(),
            coverage: Coverage {
                translated: 1,
                total: 1,
            },
        }
    }

    #[test]
    fn a_file_is_written_then_up_to_date_then_updated() {
        let (dir, project, console) = app();
        let target = dir.path().join("src/deep/er/py.rs");
        let old = translation("fn a() {}");
        let done = deliver(&args(), &project.root, &old, &console)
            .unwrap()
            .done;
        assert!(done[0].starts_with("wrote"), "{done:?}");
        assert_eq!(fs::read_to_string(&target).unwrap(), old.files[0].text);
        let done = deliver(&args(), &project.root, &old, &console)
            .unwrap()
            .done;
        assert!(done[0].ends_with("is up to date"), "{done:?}");
        let new = translation("fn b() {}");
        let done = deliver(&args(), &project.root, &new, &console)
            .unwrap()
            .done;
        assert!(done[0].starts_with("updated"), "{done:?}");
        assert_eq!(fs::read_to_string(&target).unwrap(), new.files[0].text);
    }

    #[test]
    fn an_edited_file_is_merged_and_the_second_run_changes_nothing() {
        let (dir, project, console) = app();
        let target = dir.path().join("src/deep/er/py.rs");
        let old = translation("fn a() {}\n\nfn b() {}");
        deliver(&args(), &project.root, &old, &console).unwrap();
        let base = dir.path().join(".migrate/base/src/deep/er/py.rs");
        assert_eq!(fs::read_to_string(&base).unwrap(), old.files[0].text);
        assert!(dir.path().join(".migrate/README.md").is_file());
        fs::write(&target, old.files[0].text.replace("fn a", "fn mine")).unwrap();
        let new = translation("fn a() {}\n\nfn c() {}");
        for run in 0..2 {
            let delivered = deliver(&args(), &project.root, &new, &console).unwrap();
            assert_eq!(delivered.conflicts, 0);
            let words = ["was merged with", "up to date, with"][run];
            assert!(delivered.done[0].contains(words), "{delivered:?}");
            let expected = new.files[0].text.replace("fn a", "fn mine");
            assert_eq!(fs::read_to_string(&target).unwrap(), expected);
            assert_eq!(fs::read_to_string(&base).unwrap(), new.files[0].text);
        }
        let clash = translation("fn z() {}\n\nfn c() {}");
        let delivered = deliver(&args(), &project.root, &clash, &console).unwrap();
        assert_eq!(delivered.conflicts, 1);
        let text = fs::read_to_string(&target).unwrap();
        assert!(
            text.contains("fn mine() {}\n=======\nfn z() {}\n"),
            "{text}"
        );
        let error = deliver(&args(), &project.root, &clash, &console).unwrap_err();
        assert!(
            error.to_string().contains("unresolved conflict in line"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&target).unwrap(), text);
    }

    #[test]
    fn an_edited_file_without_a_base_and_a_foreign_one_are_left_as_they_are() {
        let (dir, project, console) = app();
        let target = dir.path().join("src/deep/er/py.rs");
        let old = translation("fn a() {}");
        deliver(&args(), &project.root, &old, &console).unwrap();
        fs::remove_dir_all(dir.path().join(".migrate")).unwrap();
        let edited = old.files[0].text.replace("fn a", "fn mine");
        for (text, why) in [
            (edited.as_str(), "was edited since migrate wrote it"),
            ("fn foreign() {}\n", "was not written by migrate"),
        ] {
            fs::write(&target, text).unwrap();
            let error =
                deliver(&args(), &project.root, &translation("fn b() {}"), &console).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let error = error.to_string();
            assert!(error.contains(why) && error.contains("--stdout"), "{error}");
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert!(!dir.path().join(".migrate").exists());
        }
    }

    #[test]
    fn all_files_are_written_or_none() {
        let (dir, project, console) = app();
        let mut two = translation("fn a() {}");
        two.files.push(GeneratedFile {
            path: PathBuf::from("src/main.rs"),
            ..two.files[0].clone()
        });
        deliver(&args(), &project.root, &two, &console).unwrap_err();
        assert!(!dir.path().join("src/deep").exists());
        let with = |diff: bool| TranslateArgs {
            diff,
            stdout: !diff,
            ..args()
        };
        deliver(&with(true), &project.root, &two, &console).unwrap_err();
        deliver(&with(false), &project.root, &two, &console).unwrap();
        assert!(!dir.path().join("src/deep").exists());
    }

    #[test]
    fn an_output_file_takes_the_place_of_the_one_in_the_app() {
        let (dir, project, console) = app();
        let output = dir.path().join("new/elsewhere.rs");
        let args = TranslateArgs {
            output: Some(output.clone()),
            ..args()
        };
        let translation = translation("fn a() {}");
        deliver(&args, &project.root, &translation, &console).unwrap();
        assert_eq!(
            fs::read_to_string(output).unwrap(),
            translation.files[0].text
        );
        assert!(!dir.path().join("src/deep").exists());
    }

    #[test]
    fn the_next_steps_name_edits_and_a_log() {
        let (dir, project, _) = app();
        fs::create_dir(dir.path().join("logs")).unwrap();
        fs::write(dir.path().join("logs/run_0.copper"), "").unwrap();
        let translation = translation("fn a() {}");
        let text = next_steps(&args(), &project, &project.nodes[0], &translation.files[0]);
        assert!(text.contains("src/main.rs: add `pub mod py;`"), "{text}");
        assert!(
            text.contains("copperconfig.ron: in node `py` write `type: \"py::Py\"`"),
            "{text}"
        );
        assert!(text.contains("logs/run.copper"), "{text}");
    }
}

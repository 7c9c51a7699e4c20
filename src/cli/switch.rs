//! `migrate switch`: puts a translated task in its PyTask's place, and back.

use super::console::{BOLD, CYAN, Console, GREEN, RESET, YELLOW};
use crate::error::Error;
use crate::project::{Project, TaskId, discover, select_task};
use crate::record;
use crate::review::unified_diff;
use crate::switch::{self, FileChange, Plan, To, Wanted};
use crate::verify::{holes, native_file, write_whole};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `migrate switch`.
#[derive(Debug, clap::Args)]
pub struct SwitchArgs {
    /// The nodes to switch.
    #[arg(value_name = "TASK", required = true)]
    pub tasks: Vec<String>,
    /// Where they are to run.
    #[arg(long, value_enum)]
    pub to: ToArg,
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// Print a patch that `git apply` takes, and write nothing.
    #[arg(long)]
    pub diff: bool,
    /// Switch to Rust that was not found equal; the RON file says so in a comment.
    #[arg(long)]
    pub unverified: bool,
    /// Edit files whose changes are not committed.
    #[arg(long)]
    pub allow_dirty: bool,
}

/// Where a task is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ToArg {
    /// As Rust.
    Rust,
    /// In Copper's PyTask.
    Python,
}

/// Shown below the help of `migrate switch`.
pub const EXAMPLES: &str = "\
Examples:
  migrate switch pid --to rust            after `migrate verify` found it equal
  migrate switch pid --to python          back: every byte as it was
  migrate switch pid --to rust --diff     what that would change, as a patch for `git apply`
  migrate switch pid fan --to rust --unverified
                                          without a verdict; a comment in the RON says so";

/// Switches tasks.
///
/// # Errors
/// A task cannot be switched, is not proved, or a file has changes that are not committed.
pub fn run(args: SwitchArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match &args.app {
        Some(dir) => dir.clone(),
        None => discover(Path::new("."))?,
    };
    let project = Project::load(&root)?;
    let to = match args.to {
        ToArg::Rust => To::Rust,
        ToArg::Python => To::Python,
    };
    let mut wanted: Vec<Wanted> = Vec::new();
    for id in &args.tasks {
        let id = select_task(&project, None, Some(&TaskId(id.clone())))?;
        if wanted.iter().any(|wanted| wanted.id == id) {
            continue;
        }
        let remark = match to {
            To::Rust => unproved(&project, &id, args.unverified)?,
            To::Python => None,
        };
        wanted.push(Wanted { id, remark });
    }
    let mut plan = switch::plan(&project, &wanted, to)?;
    if args.diff {
        for file in &plan.files {
            console.print(&patch(file))?;
        }
    } else {
        if !args.allow_dirty {
            refuse_dirty(&project, &plan)?;
        }
        write(&project.root, &plan.files)?;
        if let Err(error) = took(&project.root, &plan, to) {
            let back: Vec<FileChange> = plan.files.iter().map(FileChange::reversed).collect();
            write(&project.root, &back)?;
            return Err(error);
        }
        if plan.lock && !switch::update_lock(&project.root)? {
            plan.notes
                .push("Cargo.lock is left to the next `cargo build`".into());
        }
    }
    report(&args, &plan, to, console);
    Ok(ExitCode::SUCCESS)
}

/// What is not proved of a task that is to run as Rust, in words for the RON file.
fn unproved(project: &Project, id: &TaskId, unverified: bool) -> Result<Option<String>, Error> {
    let Some(binding) = project.node(id).and_then(|node| node.binding.as_ref()) else {
        return Ok(None);
    };
    let native = native_file(project, id).unwrap_or_default();
    if !native.is_file() {
        return Err(Error::Usage {
            message: format!("`{id}` has no Rust: {} does not exist", native.display()),
            help: format!("write it with `migrate translate {}`", binding.script_name),
        });
    }
    let is_switched = binding.wired.is_some() && switch::remark(project, id)?.is_none();
    if is_switched {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&native).map_err(|source| Error::Read {
        path: native.clone(),
        source,
    })?;
    let name = native
        .strip_prefix(&project.root)
        .unwrap_or(&native)
        .display();
    let why = match holes(&native, &text)?.first() {
        Some((line, hole)) => Some(format!("{name}:{line} is a hole: {hole}")),
        None => {
            let verdicts = match record::verdicts(&project.root, id) {
                Ok(verdicts) => verdicts,
                Err(_) if unverified => Vec::new(),
                Err(error) => return Err(error),
            };
            switch::missing_proof(&verdicts, &project.root, &binding.script, &native)
        }
    };
    match why {
        None => Ok(None),
        Some(_) if unverified => {
            let script = binding
                .script_name
                .replace("*/", "* /")
                .replace(['\n', '\r'], " ");
            Ok(Some(format!("not verified against {script}")))
        }
        Some(why) => Err(Error::Usage {
            message: format!("`{id}` is not proved equal to its Python: {why}"),
            help: "`migrate verify --log LOG` compares them; `--unverified` switches without, \
                   and says so in the RON file"
                .into(),
        }),
    }
}

/// Stops where a file has changes that are not committed, unless they are our own.
fn refuse_dirty(project: &Project, plan: &Plan) -> Result<(), Error> {
    let theirs = plan
        .files
        .iter()
        .filter(|file| file.is_users() && !file.untouched);
    let names: Vec<&str> = theirs.map(|file| file.name.as_str()).collect();
    let dirty = switch::dirty(&project.root, &names);
    if dirty.is_empty() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("not committed: {}", dirty.join(", ")),
        help: "commit or stash the changes, or edit the files as they are with `--allow-dirty`"
            .into(),
    })
}

/// The change of a file, as `git apply` takes it.
fn patch(file: &FileChange) -> String {
    let name = Path::new(&file.name);
    match &file.new {
        Some(new) => unified_diff(name, file.old.as_deref(), new),
        None => {
            let old = file.old.as_deref().unwrap_or_default();
            let diff = unified_diff(name, Some(old), "");
            diff.replacen(&format!("+++ b/{}", file.name), "+++ /dev/null", 1)
        }
    }
}

/// Reads the app again: the tasks have to run where they should.
fn took(root: &Path, plan: &Plan, to: To) -> Result<(), Error> {
    let project = Project::load(root)?;
    for (id, _) in &plan.switched {
        let node = project.node(id);
        let is_rust = node
            .and_then(|node| node.binding.as_ref())
            .map(|binding| binding.wired.is_some());
        if is_rust == Some(to == To::Rust) {
            continue;
        }
        let problem = node.and_then(|node| node.problem.clone());
        let why = problem.map_or_else(String::new, |problem| {
            format!(": {}: {}", problem.path.display(), problem.message)
        });
        return Err(Error::Config {
            path: project.config_path.clone(),
            message: format!("`{id}` would not run as it should{why}; nothing was changed"),
            help: "switch it by hand: `migrate translate` says which edits that takes".into(),
        });
    }
    Ok(())
}

/// Writes all files, or none: what was written is taken back where one cannot be.
fn write(root: &Path, files: &[FileChange]) -> Result<(), Error> {
    // What is needed to go back is there first.
    let (ours, theirs): (Vec<&FileChange>, Vec<&FileChange>) =
        files.iter().partition(|file| !file.is_users());
    let mut done: Vec<&FileChange> = Vec::new();
    for file in ours.into_iter().chain(theirs) {
        if let Err(error) = put(root, &file.name, file.new.as_deref()) {
            for file in done {
                // The first error is the one to hear of.
                let _ = put(root, &file.name, file.old.as_deref());
            }
            return Err(error);
        }
        done.push(file);
    }
    Ok(())
}

fn put(root: &Path, name: &str, text: Option<&str>) -> Result<(), Error> {
    let path = root.join(name);
    // Of a link, the file that it leads to.
    let path = path.canonicalize().unwrap_or(path);
    let Some(text) = text else {
        std::fs::remove_file(&path).map_err(|source| Error::Write {
            path: path.clone(),
            source,
        })?;
        // Directories of ours that are empty go as well; the app's root never is.
        for dir in path.ancestors().skip(1).take_while(|dir| *dir != root) {
            if std::fs::remove_dir(dir).is_err() {
                break;
            }
        }
        return Ok(());
    };
    let permissions = path.metadata().map(|found| found.permissions()).ok();
    write_whole(&path, text)?;
    if let Some(permissions) = permissions {
        // A file that was made anew has those of its directory.
        let _ = std::fs::set_permissions(&path, permissions);
    }
    Ok(())
}

fn report(args: &SwitchArgs, plan: &Plan, to: To, console: &Console) {
    let place = match to {
        To::Rust => "Rust",
        To::Python => "Python",
    };
    for id in &plan.already {
        console.say(&format!("`{id}` runs in {place} already"));
    }
    let verb = if args.diff { "would run" } else { "runs" };
    for (id, of) in &plan.switched {
        console.say(&format!("{GREEN}`{id}` {verb} in {place}{RESET}: {of}"));
    }
    for file in plan
        .files
        .iter()
        .filter(|file| file.is_users() && !args.diff)
    {
        console.say(&format!("  edited {BOLD}{}{RESET}", file.name));
    }
    if plan.lock && args.diff {
        console.say("  and Cargo.lock, by the next cargo build");
    }
    for note in &plan.notes {
        console.say(&format!("{YELLOW}note{RESET}: {note}"));
    }
    if !args.diff && !plan.switched.is_empty() {
        let names: Vec<&str> = args.tasks.iter().map(String::as_str).collect();
        let (names, back) = match to {
            To::Rust => (names.join(" "), "python"),
            To::Python => (names.join(" "), "rust"),
        };
        console.say(&format!(
            "\n{CYAN}next{RESET}: cargo build; commit it with `.migrate/`. \
             `migrate switch {names} --to {back}` goes back"
        ));
    }
}

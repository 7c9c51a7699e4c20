//! `migrate verify`: replays a log through both versions of a task.

use super::console::{CYAN, Console, RESET};
use crate::error::Error;
use crate::project::{Project, PythonMode, TaskId, discover, select_task};
use crate::report::{Report, json, text};
use crate::verify::{Against, Options, Step, Verification, native_file, verify};
use clap::ValueEnum;
use std::cell::Cell;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Arguments of `migrate verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The recorded log, such as logs/run.copper; the name without its `_0`.
    #[arg(long, value_name = "PATH")]
    pub log: PathBuf,
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The node to verify; without it, every node that has both versions.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// What the Rust is compared with: the Python as it runs now, or the recording alone.
    #[arg(long, value_enum, default_value_t = AgainstArg::Python)]
    pub against: AgainstArg,
    /// The run of a log that holds several, counted from 0.
    #[arg(long, value_name = "N")]
    pub run: Option<usize>,
    /// The mission; without it, the log's.
    #[arg(long, value_name = "ID")]
    pub mission: Option<String>,
    /// The least part of the Python's branches that the log has to execute, in percent.
    #[arg(long, value_name = "PERCENT")]
    pub min_coverage: Option<f64>,
    /// The longest that one call may take, in seconds; 10 without it.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub cycle_timeout: Option<Duration>,
    /// The most memory that a replay may take, in MiB; 4096 without it.
    #[arg(long, value_name = "MIB")]
    pub max_memory: Option<u64>,
    /// The form of the verdict on stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How the Python is run beside the Rust.
    #[arg(long, value_enum, default_value_t = PythonModeArg::Embedded)]
    pub python_mode: PythonModeArg,
    /// The interpreter; without it, `python3` on the PATH.
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// The native version; without it, where `migrate translate` writes it.
    #[arg(long, value_name = "FILE", requires = "task")]
    pub native: Option<PathBuf>,
    /// Where the harness is built; without it, target/migrate in the app.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// How Copper's PyTask runs the Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PythonModeArg {
    /// In the harness' own process, through PyO3.
    Embedded,
    /// In a child process, over CBOR.
    Process,
}

/// What the native task is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AgainstArg {
    /// The Python as it runs now.
    Python,
    /// The recording; no Python runs.
    Recorded,
}

impl VerifyArgs {
    /// What `migrate verify --app APP --log LOG` says.
    pub fn of(app: PathBuf, log: PathBuf, target_dir: Option<PathBuf>) -> Self {
        Self {
            log,
            app: Some(app),
            task: None,
            against: AgainstArg::Python,
            run: None,
            mission: None,
            min_coverage: None,
            cycle_timeout: None,
            max_memory: None,
            format: Format::Text,
            python_mode: PythonModeArg::Embedded,
            python: None,
            native: None,
            target_dir,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or("not a length of time".to_owned())
}

/// Verifies the translated tasks of an app.
///
/// # Errors
/// What keeps the first of them from being replayed at all.
pub fn run(args: VerifyArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match args.app {
        Some(dir) => dir,
        None => discover(Path::new("."))?,
    };
    let project = Project::load(&root)?;
    let wanted = args.task.map(TaskId);
    let mut verifications = Vec::new();
    for id in tasks(&project, wanted.as_ref())? {
        let script = project.node(&id).and_then(|node| node.binding.as_ref());
        let script = script.map_or("", |binding| &binding.script_name);
        console.say(&match args.against {
            AgainstArg::Python => {
                format!("{CYAN}verifying{RESET} `{id}`: runs {script} in a child process")
            }
            AgainstArg::Recorded => {
                format!("{CYAN}verifying{RESET} `{id}` against the recording: runs no Python")
            }
        });
        let options = Options {
            log: args.log.clone(),
            against: match args.against {
                AgainstArg::Python => Against::Python,
                AgainstArg::Recorded => Against::Recorded,
            },
            run: args.run,
            mission: args.mission.clone(),
            min_coverage: args.min_coverage,
            cycle_timeout: args.cycle_timeout,
            max_memory: args.max_memory,
            python_mode: Some(match args.python_mode {
                PythonModeArg::Embedded => PythonMode::Embedded,
                PythonModeArg::Process => PythonMode::Process,
            }),
            python: args.python.clone(),
            generated: args.native.clone(),
            target_dir: args.target_dir.clone(),
            progress: Some(progress(*console)),
        };
        verifications.push(verify(&project, &id, &options)?);
    }
    let report = Report {
        verifications: &verifications,
    };
    console.print(&match args.format {
        Format::Text => text::render(&report),
        Format::Json => json::render(&report),
    })?;
    Ok(ExitCode::from(exit_code(&verifications)))
}

/// The task that was named, or every one that has both versions.
fn tasks(project: &Project, wanted: Option<&TaskId>) -> Result<Vec<TaskId>, Error> {
    if wanted.is_some() {
        return Ok(vec![select_task(project, None, wanted)?]);
    }
    let has_native = |id: &TaskId| native_file(project, id).is_some_and(|file| file.is_file());
    let ids = project.nodes.iter().map(|node| node.id.clone());
    let both: Vec<TaskId> = ids.filter(has_native).collect();
    if both.is_empty() {
        // One Python task without a native version: `verify` says where it should lie.
        return Ok(vec![select_task(project, None, None)?]);
    }
    Ok(both)
}

fn progress(console: Console) -> Box<dyn Fn(Step)> {
    let is_terminal = std::io::stderr().is_terminal();
    let last = Cell::new(0);
    Box::new(move |step| match step {
        Step::Build { cold: true } => console.say(&format!(
            "{CYAN}building{RESET} the harness and Copper itself: one to three minutes, this once"
        )),
        Step::Build { cold: false } => {
            if is_terminal {
                console.say(&format!("{CYAN}building{RESET} the harness"));
            }
        }
        Step::Replay { cycles } => {
            // One line now and then, for a log that takes long.
            if is_terminal && cycles >= last.get() + 10_000 {
                last.set(cycles);
                console.say(&format!("{CYAN}replaying{RESET} {cycles} cycles"));
            }
        }
    })
}

/// A divergence counts more than what could not be concluded, and that more than equality.
fn exit_code(verifications: &[Verification]) -> u8 {
    let codes = verifications.iter().map(|v| v.verdict.exit_code());
    let worst = |code: &u8| match code {
        1 => 2,
        3 => 1,
        _ => 0,
    };
    codes.max_by_key(worst).unwrap_or(3)
}

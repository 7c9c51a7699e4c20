//! `migrate bench`: how long a call of the task takes, in Python and in Rust.

use super::console::{CYAN, Console, RESET};
use super::verify::{on_interrupt, progress};
use crate::error::Error;
use crate::project::{Project, TaskId, discover, select_task};
use crate::record::{self, Files};
use crate::report::bench as report;
use crate::verify::{Options, bench, log, native_file};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `migrate bench`.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// The recorded log whose inputs are replayed.
    #[arg(long, value_name = "PATH")]
    pub log: PathBuf,
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The node; without it, the only Python task.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// The run of a log that holds several, counted from 0.
    #[arg(long, value_name = "N")]
    pub run: Option<usize>,
    /// The mission; without it, the log's.
    #[arg(long, value_name = "ID")]
    pub mission: Option<String>,
    /// The form of the result on stdout.
    #[arg(long, value_enum, default_value_t = BenchFormat::Text)]
    pub format: BenchFormat,
    /// How the harness is built; dev builds sooner and says little of the robot.
    #[arg(long, value_enum, default_value_t = BuildProfile::Release)]
    pub profile: BuildProfile,
    /// The interpreter; without it, `python3` on the PATH.
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// Where the harness is built; without it, target/migrate in the app.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
}

/// Shown below the help of `migrate bench`.
pub const EXAMPLES: &str = "\
Examples:
  migrate bench --log logs/run.copper --task pid
  migrate bench --log logs/run.copper --task pid --format json

Runs the task's Python in a child process.";

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchFormat {
    /// A table.
    Text,
    /// For machines.
    Json,
}

/// How the harness is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BuildProfile {
    /// As the robot's binary is.
    Release,
    /// Without optimisation.
    Dev,
}

/// Measures the task on the recorded inputs.
///
/// # Errors
/// What keeps it from being measured at all.
pub fn run(args: BenchArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match &args.app {
        Some(dir) => dir.clone(),
        None => discover(Path::new("."))?,
    };
    let project = Project::load(&root)?;
    let building = on_interrupt(*console);
    let wanted = args.task.clone().map(TaskId);
    let id = select_task(&project, None, wanted.as_ref())?;
    let script = project.node(&id).and_then(|node| node.binding.as_ref());
    let script = script.map_or("", |binding| &binding.script_name);
    console.say(&format!(
        "{CYAN}measuring{RESET} `{id}`: runs {script} in a child process"
    ));
    let options = Options {
        log: args.log,
        run: args.run,
        mission: args.mission,
        python: args.python,
        target_dir: args.target_dir,
        progress: Some(progress(*console, &building)),
        ..Options::default()
    };
    let release = args.profile == BuildProfile::Release;
    let files = files(&project, &id, &options);
    let benchmark = bench(&project, &id, &options, release)?;
    if let Some(files) = files.filter(|files| files.changes(&project.root).is_empty()) {
        let record = record::Speed::now(files, benchmark.clone());
        if let Err(error) = record::store_speed(&project.root, record) {
            console.say(&format!("the measurement is not kept: {error}"));
        }
    }
    console.print(&match args.format {
        BenchFormat::Text => report::text(&benchmark),
        BenchFormat::Json => report::json(&benchmark),
    })?;
    Ok(match benchmark.of("native") {
        Some(_) => ExitCode::SUCCESS,
        // Of a log that cannot be replayed, nothing was measured.
        None => ExitCode::from(3),
    })
}

/// The files that a measurement will be about.
fn files(project: &Project, id: &TaskId, options: &Options) -> Option<Files> {
    let script = &project.node(id)?.binding.as_ref()?.script;
    let slabs = log::slabs(&log::base(&options.log).ok()?);
    Files::of(&project.root, script, &native_file(project, id)?, &slabs).ok()
}

//! `migrate status`: where the migration of the app stands.

use super::console::Console;
use crate::error::Error;
use crate::project::{Project, TaskId, discover, select_task};
use crate::report::status as report;
use crate::status::status;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `migrate status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// The nodes to show; without them, every one that runs Python, or did.
    #[arg(value_name = "TASK")]
    pub tasks: Vec<String>,
    /// The app's directory; without it, the nearest one upward from here.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The form of the result on stdout.
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub format: StatusFormat,
}

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// A table.
    Text,
    /// For machines; see docs/status.schema.json.
    Json,
}

/// Shown below the help of `migrate status`.
pub const EXAMPLES: &str = "\
Examples:
  migrate status                    every Python task: translated, verified, switched
  migrate status pid fan            these two
  migrate status --format json      for scripts and dashboards

Nothing is built or run: verdicts and speeds are those that `verify` and `bench` found last.";

/// Shows where each task stands.
///
/// # Errors
/// The app cannot be read, or a task is none of it.
pub fn run(args: StatusArgs, console: &Console) -> Result<ExitCode, Error> {
    let root = match &args.app {
        Some(dir) => dir.clone(),
        None => discover(Path::new("."))?,
    };
    let project = Project::load(&root)?;
    let mut tasks = status(&project);
    if !args.tasks.is_empty() {
        for id in &args.tasks {
            if !tasks.iter().any(|task| task.task == *id) {
                select_task(&project, None, Some(&TaskId(id.clone())))?;
            }
        }
        tasks.retain(|task| args.tasks.contains(&task.task));
    }
    console.print(&match args.format {
        StatusFormat::Text => report::text(&tasks),
        StatusFormat::Json => report::json(&tasks),
    })?;
    Ok(ExitCode::SUCCESS)
}

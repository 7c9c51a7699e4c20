//! `migrate check`: what will translate, what not, and what the Python steps into today.

use super::console::{CYAN, Console, RESET};
use crate::check::check;
use crate::error::Error;
use crate::project::PythonVersion;
use crate::report::check as report;
use crate::verify::write_whole;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `migrate check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Python files, or directories such as python/; without any, every script that a node
    /// of the app runs.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The app's directory; without it, the nearest one upward from each file.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The form of the result on stdout.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    /// Writes it to a file instead, when all of it is there.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exits with 1 on a warning too.
    #[arg(long)]
    pub deny_warnings: bool,
    /// The version of Python whose meaning to keep, where versions differ; without it, that of
    /// `python3`.
    #[arg(long, value_name = "3.x")]
    pub python: Option<PythonVersion>,
}

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    Text,
    /// For machines; see docs/check.schema.json.
    Json,
    /// For code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// Shown below the help of `migrate check`.
pub const EXAMPLES: &str = "\
Examples:
  migrate check                              every script that the app runs
  migrate check python/pid.py                one script
  migrate check python/ --format github      annotations in a pull request
  migrate check --deny-warnings              exit 1 on warnings too

Exit codes: 0 all of it translates and nothing is wrong; 1 holes, or errors; 2 usage, or a
script that could not be looked at. Nothing is written, no Python is run.
A finding is allowed where it stands: `# migrate: allow(MIG0411) the last command holds`.";

/// Looks at scripts.
///
/// # Errors
/// A path or the app is not there.
pub fn run(args: CheckArgs, console: &Console) -> Result<ExitCode, Error> {
    let checked = check(&args.paths, args.app.as_deref(), args.python)?;
    let text = match args.format {
        CheckFormat::Text => report::text(&checked),
        CheckFormat::Json => report::json::render(&checked),
        CheckFormat::Sarif => report::sarif::render(&checked),
        CheckFormat::Github => report::github::render(&checked),
    };
    match &args.output {
        Some(path) => {
            write_whole(path, &anstream::adapter::strip_str(&text).to_string())?;
            console.say(&format!("{CYAN}wrote{RESET} {}", path.display()));
        }
        None => console.print(&text)?,
    }
    for fault in &checked.faults {
        console.fault(fault);
    }
    Ok(ExitCode::from(checked.exit_code(args.deny_warnings)))
}

//! `migrate report merge`: joins the reports of several machines.

use super::console::Console;
use super::verify::Format;
use crate::error::Error;
use crate::report::{Report, json};
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `migrate report`.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// Shown below the help of `migrate report`.
pub const EXAMPLES: &str = "\
Examples:
  migrate verify --log 'logs/*.copper' --partition 1/2 --format json --output 1.json
  migrate verify --log 'logs/*.copper' --partition 2/2 --format json --output 2.json
  migrate report merge 1.json 2.json --format markdown";

/// What to do with reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Joins JSON reports of `migrate verify`, and exits as one run over all would.
    Merge(MergeArgs),
}

/// Arguments of `migrate report merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// The reports, as `migrate verify --format json` writes them.
    #[arg(required = true, value_name = "FILE")]
    pub reports: Vec<PathBuf>,
    /// The form of the joined report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Writes it to a file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Joins reports.
///
/// # Errors
/// One of them cannot be read, is no report, or verifies what another one does.
pub fn run(args: ReportArgs, console: &Console) -> Result<ExitCode, Error> {
    let ReportCommand::Merge(args) = args.command;
    let (mut verifications, mut faults) = (Vec::new(), Vec::new());
    for path in args.reports {
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        let document = json::read(&text).map_err(|message| Error::Usage {
            message: format!("{} is no report: {message}", path.display()),
            help: "write it with `migrate verify --format json --output FILE`".into(),
        })?;
        verifications.extend(document.tasks);
        faults.extend(document.faults);
    }
    verifications.sort_by(|a, b| (&a.task, &a.log).cmp(&(&b.task, &b.log)));
    let twice = verifications.windows(2).find_map(|pair| match pair {
        [a, b] if (&a.task, &a.log) == (&b.task, &b.log) => Some(a),
        _ => None,
    });
    if let Some(v) = twice {
        return Err(Error::Usage {
            message: format!("`{}` on {} is in two reports", v.task, v.log.display()),
            help: "give each machine another `--partition`".into(),
        });
    }
    let report = Report {
        verifications: &verifications,
        faults: &faults,
    };
    args.format
        .write(&report, args.output.as_deref(), console)?;
    Ok(ExitCode::from(report.exit_code()))
}

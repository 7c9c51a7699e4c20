//! `migrate verify`: replays a log through both versions of a task.

use super::console::Console;
use crate::error::Error;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;

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
    /// The form of the verdict on stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How the Python is run beside the Rust.
    #[arg(long, value_enum, default_value_t = PythonModeArg::Embedded)]
    pub python_mode: PythonModeArg,
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

/// Verifies a translated task.
///
/// # Errors
/// Always, so far.
pub fn run(_args: VerifyArgs, _console: &Console) -> Result<ExitCode, Error> {
    Err(Error::Usage {
        message: "`migrate verify` is not built yet".to_owned(),
        help: "translate with `migrate translate` for now".to_owned(),
    })
}

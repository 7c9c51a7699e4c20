//! `migrate demo`: translation and verification on a bundled app.

use super::console::Console;
use crate::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `migrate demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Where to unpack the app; without it, a new directory that is named.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Shows what `migrate` does.
///
/// # Errors
/// Always, so far.
pub fn run(_args: DemoArgs, _console: &Console) -> Result<ExitCode, Error> {
    Err(Error::Usage {
        message: "`migrate demo` is not built yet".to_owned(),
        help: "translate with `migrate translate` for now".to_owned(),
    })
}

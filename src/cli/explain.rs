//! `migrate explain`: what a diagnostic code means and what to do about it.

use super::console::{BOLD, Console, RESET};
use crate::diagnostic::Code;
use crate::error::Error;
use std::process::ExitCode;

/// Arguments of `migrate explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The code, such as MIG0203; without it, all codes are listed.
    pub code: Option<String>,
}

/// Shown below the help of `migrate explain`.
pub const EXAMPLES: &str = "\
Examples:
  migrate explain                all codes
  migrate explain MIG0411        the page of one";

/// Prints the page of a code, or the list of all codes.
///
/// # Errors
/// Where there is no such code.
pub fn run(args: ExplainArgs, console: &Console) -> Result<ExitCode, Error> {
    let Some(name) = args.code else {
        console.print(&list())?;
        return Ok(ExitCode::SUCCESS);
    };
    let code = Code::from_name(name.trim()).ok_or_else(|| Error::Usage {
        message: format!(
            "there is no diagnostic code `{name}`; the codes are:\n{}",
            list()
        ),
        help: "give the code as it stands in the diagnostic: `migrate explain MIG0203`".to_owned(),
    })?;
    console.print(&format!(
        "{BOLD}{code}{RESET} ({}): {}\n\n{}",
        code.severity().word(),
        code.title(),
        code.explanation()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Every code with its title, a line each.
fn list() -> String {
    Code::ALL
        .iter()
        .map(|code| {
            format!(
                "  {code}  {:<7}  {}\n",
                code.severity().word(),
                code.title()
            )
        })
        .collect()
}

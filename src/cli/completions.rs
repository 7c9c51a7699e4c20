//! `migrate completions`: what a shell completes.

use super::{Args, console::Console};
use crate::error::Error;
use clap::CommandFactory;
use clap_complete::Shell;
use std::process::ExitCode;

/// Arguments of `migrate completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Shown below the help of `migrate completions`.
pub const EXAMPLES: &str = "\
Examples:
  migrate completions bash > ~/.local/share/bash-completion/completions/migrate
  migrate completions zsh > ~/.zfunc/_migrate
  migrate completions fish > ~/.config/fish/completions/migrate.fish";

/// Prints the completions.
///
/// # Errors
/// Stdout cannot be written to.
pub fn run(args: CompletionsArgs, console: &Console) -> Result<ExitCode, Error> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "migrate", &mut text);
    console.print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

//! `migrate man`: the manual, a page a command.

use super::{Args, console::BOLD, console::Console, console::RESET};
use crate::error::Error;
use crate::verify::write_whole;
use clap::CommandFactory;
use clap_mangen::Man;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `migrate man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Writes the pages of all commands into a directory: migrate.1, migrate-verify.1, …
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Shown below the help of `migrate man`.
pub const EXAMPLES: &str = "\
Examples:
  migrate man | man -l -
  migrate man -o ~/.local/share/man/man1";

/// Prints the first page, or writes all.
///
/// # Errors
/// A page cannot be written.
pub fn run(args: ManArgs, console: &Console) -> Result<ExitCode, Error> {
    let mut command = Args::command();
    command.build();
    let Some(dir) = args.output else {
        console.print(&page(command))?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(&dir).map_err(|source| Error::Write {
        path: dir.clone(),
        source,
    })?;
    let mut pages = vec![("migrate".to_owned(), command.clone())];
    while let Some((name, command)) = pages.pop() {
        let inner = command.get_subcommands().filter(|c| c.get_name() != "help");
        for sub in inner {
            let name = format!("{name}-{}", sub.get_name());
            // A page has its command's whole name.
            let leaked: &'static str = Box::leak(name.clone().into_boxed_str());
            pages.push((name, sub.clone().name(leaked)));
        }
        let path = dir.join(format!("{name}.1"));
        write_whole(&path, &page(command))?;
        console.say(&format!("wrote {BOLD}{}{RESET}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A page in roff.
fn page(command: clap::Command) -> String {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = Man::new(command).render(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

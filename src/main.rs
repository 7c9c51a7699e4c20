//! The `migrate` command.

use copper_migrate::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::config::read(std::env::args_os().collect()) {
        Ok(args) => cli::run(args),
        Err(code) => code,
    }
}

//! The `migrate` command.

use clap::Parser;
use copper_migrate::cli::{self, Args};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(Args::parse())
}

//! The `migrate` command.

use copper_migrate::cli;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A translation is many small allocations, mostly names and types: the system's allocator
/// takes a quarter of its time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::config::read(std::env::args_os().collect()) {
        Ok(args) => cli::run(args),
        Err(code) => code,
    }
}

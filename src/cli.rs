//! The command line.
//!
//! Enters: the arguments. Leaves: an exit code: 0 translated whole or equal, 1 holes or
//! divergence, 2 usage or environment, 3 inconclusive. What machines read goes to stdout,
//! what people read to stderr. This module must not know how a stage does its work.

pub mod bench;
pub mod check;
pub mod completions;
pub mod config;
pub mod console;
pub mod demo;
pub mod explain;
pub mod man;
pub mod report;
pub mod review;
mod shell;
pub mod status;
pub mod stubs;
pub mod switch;
pub mod translate;
pub mod verify;

use clap::{Parser, Subcommand, ValueEnum};
use console::Console;
use std::process::ExitCode;

/// Moves Copper tasks from prototyped Python to native Rust, with proof.
#[derive(Debug, Parser)]
#[command(
    name = "migrate",
    version = concat!(env!("CARGO_PKG_VERSION"), " (for Copper 1.3: cu29 1.3, cu-python-task 1.3)"),
    after_help = "Exit codes: 0 translated whole, or equal; 1 holes, or a divergence; \
                  2 usage or environment; 3 inconclusive.",
    max_term_width = 100
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours: auto, always or never.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto, hide_possible_values = true)]
    pub color: Color,
    /// Show what the command would go by, each value with where it comes from, and do nothing.
    #[arg(long, global = true)]
    pub print_config: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Translates the Python of a task to Rust.
    #[command(after_help = translate::EXAMPLES)]
    Translate(translate::TranslateArgs),
    /// Says what will translate and what not, and the traps of PyTask; writes nothing.
    #[command(after_help = check::EXAMPLES)]
    Check(check::CheckArgs),
    /// Replays a log through the Python and the Rust of a task and compares.
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::VerifyArgs),
    /// Measures the calls of a task on recorded inputs: Python in both modes, and Rust.
    #[command(after_help = bench::EXAMPLES)]
    Bench(bench::BenchArgs),
    /// Shows what a translation changes, and what is known of it: diff, verdict, coverage, speed.
    #[command(after_help = review::EXAMPLES)]
    Review(review::ReviewArgs),
    /// Puts a translated task in its PyTask's place, and back.
    #[command(after_help = switch::EXAMPLES)]
    Switch(switch::SwitchArgs),
    /// Shows where each task stands: translated, verified, switched.
    #[command(after_help = status::EXAMPLES)]
    Status(status::StatusArgs),
    /// Joins reports of `verify`.
    #[command(after_help = report::EXAMPLES)]
    Report(report::ReportArgs),
    /// Writes the types of the app's messages and states for editors, mypy and pyright.
    #[command(after_help = stubs::EXAMPLES)]
    Stubs(stubs::StubsArgs),
    /// Explains a diagnostic code.
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::ExplainArgs),
    /// Shows translation and verification on a bundled app.
    #[command(after_help = demo::EXAMPLES)]
    Demo(demo::DemoArgs),
    /// Prints the completions for a shell.
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::CompletionsArgs),
    /// Prints the man page, or writes that of each command.
    #[command(after_help = man::EXAMPLES)]
    Man(man::ManArgs),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// Does what the arguments say; errors are shown on stderr.
pub fn run(args: Args) -> ExitCode {
    let console = Console::new(args.color);
    let result = match args.command {
        Command::Translate(args) => translate::run(args, &console),
        Command::Check(args) => check::run(args, &console),
        Command::Verify(args) => verify::run(args, &console),
        Command::Bench(args) => bench::run(args, &console),
        Command::Review(args) => review::run(args, &console),
        Command::Switch(args) => switch::run(args, &console),
        Command::Status(args) => status::run(args, &console),
        Command::Report(args) => report::run(args, &console),
        Command::Stubs(args) => stubs::run(args, &console),
        Command::Explain(args) => explain::run(args, &console),
        Command::Demo(args) => demo::run(args, &console),
        Command::Completions(args) => completions::run(args, &console),
        Command::Man(args) => man::run(args, &console),
    };
    result.unwrap_or_else(|error| {
        console.error(&error);
        ExitCode::from(error.exit_code())
    })
}

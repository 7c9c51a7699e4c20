//! Faults of our own run: IO, unreadable configuration, missing tools.
//!
//! Enters: causes. Leaves: [`Error`], whose text names the file or tool and says what
//! to do. What is wrong with the user's Python is a [`crate::diagnostic::Diagnostic`].

use std::path::PathBuf;

/// A fault of our own run; `migrate` exits with 2 on each but [`Error::Inconclusive`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// No Copper app around a path.
    #[error("no Copper app found: {}\n  help: {help}", .message)]
    NoApp {
        /// What was looked for, and where.
        message: String,
        /// What to do.
        help: String,
    },
    /// The app's `copperconfig.ron` cannot be used.
    #[error("{}: {message}\n  help: {help}", path.display())]
    Config {
        /// The file looked in.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
        /// What to do.
        help: String,
    },
    /// The app's Rust source does not show what is needed.
    #[error("{}{}: {message}\n  help: {help}", path.display(), line.map(|l| format!(":{l}")).unwrap_or_default())]
    RustSource {
        /// The file looked in.
        path: PathBuf,
        /// The line, where known.
        line: Option<usize>,
        /// What is wrong or missing.
        message: String,
        /// What to do.
        help: String,
    },
    /// The command line asks for something that is not there.
    #[error("{message}\n  help: {help}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// A tool or library that we need is missing or does not work.
    #[error("{message}\n  help: {help}")]
    Environment {
        /// What is missing.
        message: String,
        /// What to do, with the Debian package where there is one.
        help: String,
    },
    /// Nothing can be concluded; `migrate` exits with 3.
    #[error("inconclusive: {message}\n  help: {help}")]
    Inconclusive {
        /// Why.
        message: String,
        /// What to do.
        help: String,
    },
}

impl Error {
    /// The exit code of a run that ends with this error (see `docs/`: 2 usage or
    /// environment, 3 inconclusive).
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Inconclusive { .. } => 3,
            Error::Read { .. }
            | Error::Write { .. }
            | Error::NoApp { .. }
            | Error::Config { .. }
            | Error::RustSource { .. }
            | Error::Usage { .. }
            | Error::Environment { .. } => 2,
        }
    }
}

//! What keeps a node from being bound.

use crate::error::Error;
use std::path::PathBuf;

/// Something about the app's files that keeps a node from being bound to its Python. It is
/// kept with the node, so that it is an error only for those who ask for that node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file looked in.
    pub path: PathBuf,
    /// The line, where known.
    pub line: Option<usize>,
    /// What is wrong or missing.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Problem {
    pub(super) fn new(
        path: impl Into<PathBuf>,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            line: line.into(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// The same with other advice.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::RustSource {
            path: problem.path,
            line: problem.line,
            message: problem.message,
            help: problem.help,
        }
    }
}

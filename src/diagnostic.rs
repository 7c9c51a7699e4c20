//! Diagnostics: what we say about the user's Python.
//!
//! Enters: a code, a span and words from any stage. Leaves: [`Diagnostic`], collected,
//! never thrown; `report` renders them. Faults of our own run are [`crate::error::Error`].
//! This module must not know how a diagnostic is shown.

pub mod codes;
mod suppress;

pub use codes::Code;
pub use suppress::suppress;

use crate::source::Span;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// The translation is whole, but the user should look here.
    Warning,
    /// A hole: this piece is not translated.
    Error,
}

impl Severity {
    /// The word that reports show.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One finding about the user's Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// Where it points.
    pub span: Span,
    /// What is the matter, in one line, with the names of the user's code.
    pub message: String,
    /// What to do, where there is more to say than [`Code::advice`].
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding without help of its own.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            help: None,
        }
    }

    /// The same with a line that says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// How grave it is: a property of its code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

//! The result of a translation.
//!
//! Enters: nothing, these are data types (built by `pipeline`). Leaves: [`Translation`],
//! from which `review`, `report` and `verify` work on. This module must not know how the
//! Rust came about.

use crate::diagnostic::{Diagnostic, Severity, suppress};
use crate::source::{SourceFile, Span};
use std::path::PathBuf;

/// A translated task.
#[derive(Debug, Clone)]
pub struct Translation {
    /// The Python that was translated.
    pub source: SourceFile,
    /// The generated files; the first is the task.
    pub files: Vec<GeneratedFile>,
    /// What was found, in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
    /// How much of the Python was translated.
    pub coverage: Coverage,
}

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Where it goes, relative to the app's root: `src/tasks/pid.rs`.
    pub path: PathBuf,
    /// The module it is, from the crate root: `["tasks", "pid"]`.
    pub module: Vec<String>,
    /// The task's type: `Pid`. Empty where the file holds no task.
    pub type_name: String,
    /// Whether the task is a `CuStatelessTask`, which its node has to say.
    pub stateless: bool,
    /// The Rust.
    pub text: String,
    /// For each line of `text` that stands for Python: the line, from 1, and its span.
    pub lines: Vec<(usize, Span)>,
}

/// How much of the Python was translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Statements without a hole.
    pub translated: usize,
    /// All statements.
    pub total: usize,
}

impl Translation {
    /// What there is to say of it: without what the source allows, and without what is for
    /// `check` to say.
    pub fn told(&self) -> Vec<Diagnostic> {
        let mut shown = suppress(self.diagnostics.clone(), &self.source);
        shown.retain(|diagnostic| !diagnostic.code.is_for_check());
        shown
    }

    /// The number of holes: errors among the diagnostics.
    pub fn holes(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|d| d.severity() == Severity::Error)
            .count()
    }

    /// The number of warnings.
    pub fn warnings(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|d| d.severity() == Severity::Warning)
            .count()
    }
}

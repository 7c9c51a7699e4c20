//! A task under review: everything that is known of it.
//!
//! Enters: nothing, these are data types (filled by `cli::review`). Leaves: [`Subject`], of
//! which `report` makes a page. This module must not read or run anything.

use super::links::Links;
use crate::diagnostic::{Diagnostic, Severity};
use crate::header::Header;
use crate::record::{Speed, Verdict};
use crate::translation::Translation;
use std::path::PathBuf;

/// A task under review.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The node of the graph.
    pub task: String,
    /// What the Python was translated to.
    pub translation: Translation,
    /// The findings that the user did not allow.
    pub shown: Vec<Diagnostic>,
    /// The native file, relative to the app's root, with `/`.
    pub path: String,
    /// The native file as it would be.
    pub rust: String,
    /// Which lines stand for each other.
    pub links: Links,
    /// What would change in the app; empty where nothing would.
    pub changes: Vec<Change>,
    /// What `migrate switch` would change on top, to run it; empty where it runs already.
    pub switch: Vec<Change>,
    /// How the native file came about.
    pub origin: Origin,
    /// The last verdict for each log, newest first.
    pub verdicts: Vec<Known<Verdict>>,
    /// The last measurement.
    pub speed: Option<Known<Speed>>,
    /// What to call for a fresh verdict.
    pub verify_command: String,
    /// What to call for a fresh measurement.
    pub bench_command: String,
}

/// A file that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, relative to the app's root.
    pub path: PathBuf,
    /// What it says; `None` where there is none.
    pub old: Option<String>,
    /// What it would say.
    pub new: String,
}

/// How the native file that would be there came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `migrate` alone wrote it.
    Generated,
    /// It holds edits by hand.
    Edited,
    /// It holds conflicts of such edits with a new translation.
    Conflict,
    /// It is left as it is, for this reason.
    Left(String),
}

/// Something that was found earlier.
#[derive(Debug, Clone)]
pub struct Known<T> {
    /// What was found.
    pub record: T,
    /// Why it says nothing about the files as they are now; empty where it is fresh.
    pub stale: Vec<String>,
}

impl<T> Known<T> {
    /// Whether it is about the files as they are now.
    pub fn is_fresh(&self) -> bool {
        self.stale.is_empty()
    }
}

impl Subject {
    /// The verdicts that are about the files as they are now.
    pub fn fresh(&self) -> impl Iterator<Item = &Verdict> {
        let fresh = self.verdicts.iter().filter(|known| known.is_fresh());
        fresh.map(|known| &known.record)
    }

    /// How many of the findings are of this gravity.
    pub fn count(&self, severity: Severity) -> usize {
        let shown = self.shown.iter();
        shown.filter(|d| d.severity() == severity).count()
    }

    /// The holes that are left: in a file that was edited, those that nobody filled.
    pub fn holes(&self) -> usize {
        let errors = self.translation.diagnostics.iter();
        let errors = errors.filter(|d| d.severity() == Severity::Error);
        errors.filter(|hole| self.is_left(hole)).count()
    }

    /// Whether a hole of the translation is one of the file that would be there as well.
    pub fn is_left(&self, hole: &Diagnostic) -> bool {
        let line = self.translation.source.line(hole.span.start);
        self.origin == Origin::Generated || self.hole_line(line).is_some()
    }

    /// The line of the Rust in which the hole of a line of the Python is.
    pub fn hole_line(&self, python: usize) -> Option<usize> {
        let mark = format!(" {}:{python}", self.script());
        let is_hole = |line: &str| {
            let rest = line
                .split_once("todo!(\"MIG")
                .and_then(|(_, rest)| rest.split_once(&mark));
            // `:12` is not `:120`.
            rest.is_some_and(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        self.rust.lines().position(is_hole).map(|i| i + 1)
    }

    /// The script, as it is shown.
    pub fn script(&self) -> &str {
        self.translation.source.name()
    }

    /// The lines of the script that ran in any of the logs, and those that did not in any;
    /// `None` where no fresh verdict observed them.
    pub fn executed(&self) -> Option<Executed> {
        let mut seen = Executed::default();
        let mut observed = false;
        for coverage in self.fresh().filter_map(|v| v.found.coverage.as_ref()) {
            observed = true;
            let own = |files: &[(String, Vec<u32>)], into: &mut Vec<usize>| {
                let lines = files.iter().filter(|(file, _)| file == self.script());
                let lines = lines.flat_map(|(_, lines)| lines.iter());
                into.extend(lines.filter_map(|line| usize::try_from(*line).ok()));
            };
            own(&coverage.executed_lines, &mut seen.run);
            own(&coverage.missed_lines, &mut seen.missed);
        }
        seen.run.sort_unstable();
        seen.run.dedup();
        seen.missed.sort_unstable();
        seen.missed.dedup();
        let run = seen.run.clone();
        seen.missed.retain(|line| run.binary_search(line).is_err());
        observed.then_some(seen)
    }

    /// What the header of the native file says.
    pub fn header(&self) -> Option<Header> {
        Header::parse(&self.rust)
    }
}

/// What the logs execute of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Executed {
    /// The lines that ran, in order.
    pub run: Vec<usize>,
    /// The lines that hold code and never ran, in order.
    pub missed: Vec<usize>,
}

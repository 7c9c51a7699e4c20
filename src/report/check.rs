//! What `migrate check` found, in each of its formats.
//!
//! Enters: a [`Checked`]. Leaves: text. This module must not know how it was found.

pub mod github;
pub mod json;
pub mod sarif;

use super::diagnostics;
use crate::check::{Checked, Script};
use crate::diagnostic::{Code, Severity};
use std::fmt::Write as _;
use std::path::Path;

const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[1;32m";
const YELLOW: &str = "\x1b[1;33m";
const RED: &str = "\x1b[1;31m";
const OFF: &str = "\x1b[0m";

/// For people: the diagnostics with their lines, then a line a script.
pub fn text(checked: &Checked) -> String {
    let mut out = String::new();
    for script in &checked.scripts {
        out += &diagnostics::render(&script.source, &script.diagnostics);
    }
    for script in &checked.scripts {
        let _ = writeln!(out, "{}", summary(script));
    }
    if let [_, _, ..] = checked.scripts.as_slice() {
        let _ = writeln!(out, "{}", total(checked));
    }
    for path in &checked.skipped {
        let _ = writeln!(
            out,
            "{} has no `process` and no task runs it: skipped; `migrate translate --module` translates it",
            path.display()
        );
    }
    let first = checked.scripts.iter().find_map(|s| s.diagnostics.first());
    if let Some(first) = first {
        let _ = writeln!(
            out,
            "`migrate explain {}` says more about a diagnostic",
            first.code
        );
    }
    out
}

fn summary(script: &Script) -> String {
    let color = match script {
        s if s.errors > 0 => RED,
        s if s.count(Severity::Warning) > 0 => YELLOW,
        _ => GREEN,
    };
    let tasks: Vec<String> = script
        .tasks
        .iter()
        .map(|(id, mode)| format!("`{id}`, {mode}"))
        .collect();
    let tasks = match tasks.as_slice() {
        [] => String::new(),
        tasks => format!(" ({})", tasks.join("; ")),
    };
    let translated = match script.coverage {
        Some(c) => format!("{} of {} statements translate", c.translated, c.total),
        None => "types not known".to_owned(),
    };
    let counts = [
        (holes(script), "hole"),
        (traps(script, Severity::Error), "error"),
        (script.count(Severity::Warning), "warning"),
        (script.count(Severity::Note), "note"),
        (script.allowed, "allowed"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| match (n, *what) {
            (1, _) | (_, "allowed") => format!("{n} {what}"),
            (n, what) => format!("{n} {what}s"),
        })
        .collect();
    let counts = match counts.as_slice() {
        [] => String::new(),
        counts => format!(": {}", counts.join(", ")),
    };
    let note = script
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!("\n  {note}"));
    format!(
        "{BOLD}{}{OFF}{tasks} {color}{translated}{OFF}{counts}{note}",
        script.source.name()
    )
}

fn total(checked: &Checked) -> String {
    let covered = checked.scripts.iter().filter_map(|s| s.coverage);
    let (translated, all) = covered.fold((0, 0), |(t, a), c| (t + c.translated, a + c.total));
    let whole = checked
        .scripts
        .iter()
        .filter(|s| s.errors == 0 && s.coverage.is_some());
    let percent = translated as f64 * 100.0 / f64::max(all as f64, 1.0);
    format!(
        "{} of {} scripts translate whole; {translated} of {all} statements ({percent:.0} %)",
        whole.count(),
        checked.scripts.len()
    )
}

/// Whether a code says what is not translated; the others of that gravity are traps.
pub fn is_hole(code: Code) -> bool {
    code.severity() == Severity::Error && code < Code::GlobalState
}

fn holes(script: &Script) -> usize {
    let shown = script.diagnostics.iter();
    shown.filter(|d| is_hole(d.code)).count()
}

fn traps(script: &Script, severity: Severity) -> usize {
    let shown = script.diagnostics.iter();
    shown
        .filter(|d| d.severity() == severity && !is_hole(d.code))
        .count()
}

/// The file of a script as the repository around it calls it: from the directory that holds
/// `.git`, else from here.
fn in_repository(script: &Script) -> String {
    let full = script.source.path();
    let full = full.canonicalize().unwrap_or_else(|_| full.to_path_buf());
    let here = std::env::current_dir().unwrap_or_default();
    let root = full
        .ancestors()
        .skip(1)
        .find(|dir| dir.join(".git").exists())
        .map_or(here, Path::to_path_buf);
    let path = full.strip_prefix(root).unwrap_or(&full);
    path.display().to_string().replace('\\', "/")
}

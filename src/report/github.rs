//! The report as annotations of GitHub Actions: workflow commands, one a line, on the line
//! of the Rust and that of the Python.
//!
//! Enters: a [`Report`]. Leaves: lines that a workflow prints. This module must not know
//! what a verdict means.

use super::{Report, words};
use crate::verify::{Verdict, Verification};
use std::fmt::Write as _;

/// The report as workflow commands.
pub fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for v in report.verifications {
        annotations(&mut out, v);
    }
    for fault in report.faults {
        let title = format!("{} on {}", fault.task, fault.log);
        let _ = writeln!(
            out,
            "::error title={}::{}",
            property(&title),
            data(&fault.message)
        );
    }
    out
}

fn annotations(out: &mut String, v: &Verification) {
    let level = match v.verdict {
        Verdict::Equal => "notice",
        Verdict::Different => "error",
        Verdict::Inconclusive(_) => "warning",
    };
    let title = format!("{}: {}", v.task, words::verdict(&v.verdict));
    let places = [
        (v.generated.display().to_string(), v.lines.rust),
        (v.script.clone(), v.lines.python),
    ];
    let message = match v.verdict {
        Verdict::Equal => words::sentence(v),
        Verdict::Different | Verdict::Inconclusive(_) => words::details(v).join("\n"),
    };
    for (i, (file, line)) in places.iter().enumerate() {
        // The Python is annotated where there is a line of it to look at.
        if i > 0 && (line.is_none() || v.verdict == Verdict::Equal) {
            continue;
        }
        let _ = writeln!(
            out,
            "::{level} file={},line={},title={}::{}",
            property(file),
            line.unwrap_or(1),
            property(&title),
            data(&message)
        );
    }
}

pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

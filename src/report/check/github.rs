//! Annotations of GitHub Actions, one a diagnostic.

use super::in_repository;
use crate::check::Checked;
use crate::diagnostic::Severity;
use crate::report::github::{data, property};
use std::fmt::Write as _;

/// Workflow commands, one a line.
pub fn render(checked: &Checked) -> String {
    let mut out = String::new();
    for script in &checked.scripts {
        let file = in_repository(script);
        for d in &script.diagnostics {
            let level = match d.severity() {
                Severity::Note => "notice",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let start = script.source.position(d.span.start);
            let end = script.source.position(d.span.end);
            // Columns are taken of one line alone.
            let to = match start.line == end.line {
                true => format!(",col={},endColumn={}", start.column, end.column),
                false => format!(",endLine={}", end.line),
            };
            let mut message = d.message.clone();
            if let Some(help) = &d.help {
                message += &format!("\nhelp: {help}");
            }
            let _ = writeln!(
                out,
                "::{level} file={},line={}{to},title={}::{}",
                property(&file),
                start.line,
                d.code.name(),
                data(&message)
            );
        }
    }
    for fault in &checked.faults {
        let _ = writeln!(out, "::error title=migrate check::{}", data(fault));
    }
    out
}

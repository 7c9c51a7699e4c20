//! For machines: JSON with a versioned schema, `docs/check.schema.json`.

use super::{in_repository, is_hole};
use crate::check::{Checked, Script};
use crate::diagnostic::{Diagnostic, Severity};
use serde::Serialize;

/// The version of the document's shape.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document {
    schema: u32,
    scripts: Vec<One>,
    skipped: Vec<String>,
    faults: Vec<String>,
}

#[derive(Serialize)]
struct One {
    script: String,
    file: String,
    tasks: Vec<Task>,
    /// None where the types are not known.
    statements: Option<Statements>,
    holes: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    allowed: usize,
    remark: Option<String>,
    diagnostics: Vec<Found>,
}

#[derive(Serialize)]
struct Task {
    id: String,
    mode: &'static str,
}

#[derive(Serialize)]
struct Statements {
    translated: usize,
    total: usize,
}

#[derive(Serialize)]
struct Found {
    code: &'static str,
    severity: &'static str,
    hole: bool,
    message: String,
    help: Option<String>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// The document, with a final line break.
pub fn render(checked: &Checked) -> String {
    let document = Document {
        schema: SCHEMA,
        scripts: checked.scripts.iter().map(one).collect(),
        skipped: checked
            .skipped
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        faults: checked.faults.clone(),
    };
    // There is no map whose keys could fail.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn one(script: &Script) -> One {
    let holes = script.diagnostics.iter().filter(|d| is_hole(d.code));
    let holes = holes.count();
    One {
        script: script.source.name().to_owned(),
        file: in_repository(script),
        tasks: script
            .tasks
            .iter()
            .map(|(id, mode)| Task {
                id: id.clone(),
                mode,
            })
            .collect(),
        statements: script.coverage.map(|c| Statements {
            translated: c.translated,
            total: c.total,
        }),
        holes,
        errors: script.count(Severity::Error) - holes,
        warnings: script.count(Severity::Warning),
        notes: script.count(Severity::Note),
        allowed: script.allowed,
        remark: script.note.clone(),
        diagnostics: script
            .diagnostics
            .iter()
            .map(|d| found(script, d))
            .collect(),
    }
}

fn found(script: &Script, d: &Diagnostic) -> Found {
    let start = script.source.position(d.span.start);
    let end = script.source.position(d.span.end);
    Found {
        code: d.code.name(),
        severity: d.severity().word(),
        hole: is_hole(d.code),
        message: d.message.clone(),
        help: d.help.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

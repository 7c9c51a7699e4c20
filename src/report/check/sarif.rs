//! SARIF 2.1.0: each code is a rule, with the page of `migrate explain` as its help.

use super::in_repository;
use crate::check::{Checked, Script};
use crate::diagnostic::{Code, Diagnostic, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The document, with a final line break.
pub fn render(checked: &Checked) -> String {
    let found = checked.scripts.iter().flat_map(|s| &s.diagnostics);
    let codes: BTreeSet<Code> = found.map(|d| d.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let results: Vec<Value> = checked
        .scripts
        .iter()
        .flat_map(|s| s.diagnostics.iter().map(|d| result(s, d, &codes)))
        .collect();
    let notifications: Vec<Value> = checked
        .faults
        .iter()
        .map(|fault| json!({ "level": "error", "message": { "text": fault } }))
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "migrate check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": checked.faults.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.title() },
        "help": { "text": code.explanation() },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn result(script: &Script, d: &Diagnostic, codes: &[Code]) -> Value {
    let start = script.source.position(d.span.start);
    let end = script.source.position(d.span.end);
    let text = match &d.help {
        Some(help) => format!("{}\nhelp: {help}", d.message),
        None => d.message.clone(),
    };
    json!({
        "ruleId": d.code.name(),
        "ruleIndex": codes.iter().position(|code| *code == d.code).unwrap_or(0),
        "level": level(d.severity()),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": in_repository(script), "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        }}],
    })
}

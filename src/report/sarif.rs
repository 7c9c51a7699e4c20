//! The report as SARIF 2.1.0, on the lines of the Rust and the Python.
//!
//! Enters: a [`Report`]. Leaves: JSON. This module must not know what a verdict means.

use super::{Report, words};
use crate::verify::{Verdict, Verification};
use serde_json::{Value, json};

/// The report as SARIF, with a final line break.
pub fn render(report: &Report<'_>) -> String {
    let rule = |id: &str, text: &str, level: &str| {
        json!({
            "id": id,
            "shortDescription": { "text": text },
            "defaultConfiguration": { "level": level },
        })
    };
    let mut results: Vec<Value> = report.verifications.iter().filter_map(result).collect();
    results.extend(report.faults.iter().map(|fault| {
        json!({
            "ruleId": "not-verified",
            "level": "error",
            "message": { "text": format!("{} on {}: {}", fault.task, fault.log, fault.message) },
        })
    }));
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "migrate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": [
                    rule("different", "Rust and Python differ", "error"),
                    rule("inconclusive", "Nothing can be concluded", "warning"),
                    rule("not-verified", "The verification could not be run", "error"),
                ],
            }},
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn result(v: &Verification) -> Option<Value> {
    let level = match v.verdict {
        Verdict::Equal => return None,
        Verdict::Different => "error",
        Verdict::Inconclusive(_) => "warning",
    };
    let location = |file: String, line: Option<usize>| {
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": file.replace('\\', "/") },
            "region": { "startLine": line.unwrap_or(1) },
        }})
    };
    Some(json!({
        "ruleId": words::verdict(&v.verdict),
        "level": level,
        "message": { "text": words::details(v).join("\n") },
        "locations": [location(v.generated.display().to_string(), v.lines.rust)],
        "relatedLocations": [location(v.script.clone(), v.lines.python)],
        "partialFingerprints": { "task": v.task.clone() },
    }))
}

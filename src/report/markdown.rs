//! The report for a comment on a pull request: short verdicts first, the first frame of
//! each field that differs folded.
//!
//! Enters: a [`Report`]. Leaves: Markdown as GitHub reads it. This module must not know
//! what a verdict means.

use super::{Report, words};
use crate::verify::{Against, Divergence, FieldCount, Verdict, Verification};
use std::fmt::Write as _;

/// The report as Markdown.
pub fn render(report: &Report<'_>) -> String {
    let mut out =
        String::from("| task | log | verdict | cycles | executed |\n|---|---|---|---|---|\n");
    for v in report.verifications {
        let sign = match v.verdict {
            Verdict::Equal => "✅",
            Verdict::Different => "❌",
            Verdict::Inconclusive(_) => "⚠️",
        };
        let executed = v.coverage.as_ref().map_or_else(
            || "-".to_owned(),
            |c| format!("{} of {} branches", c.branches.0, c.branches.1),
        );
        let _ = writeln!(
            out,
            "| `{}` | {} | {sign} {} | {} | {executed} |",
            cell(&v.task),
            cell(&v.log.display().to_string()),
            words::verdict(&v.verdict),
            v.cycles
        );
    }
    for fault in report.faults {
        let (task, log) = (cell(&fault.task), cell(&fault.log));
        let _ = writeln!(out, "| `{task}` | {log} | ⛔ not verified | | |");
    }
    for v in report.verifications {
        if v.verdict != Verdict::Equal || !v.notes.is_empty() || !v.rules.is_empty() {
            section(&mut out, v);
        }
    }
    for fault in report.faults {
        let _ = writeln!(
            out,
            "\n**`{}`**\n\n```text\n{}\n```",
            fault.task,
            fenced(&fault.message)
        );
    }
    out
}

fn section(out: &mut String, v: &Verification) {
    let _ = writeln!(out, "\n**{}**", line(&words::sentence(v)));
    if let Some(coverage) = &v.coverage
        && !coverage.never.is_empty()
    {
        let _ = writeln!(out, "\nExecuted {}.", line(&coverage.words()));
    }
    for note in &v.notes {
        let _ = writeln!(out, "\n> {}", line(note));
    }
    for rule in &v.rules {
        let _ = writeln!(
            out,
            "\n- rule `{}`: {}, let {} values in {} cycles pass",
            rule.place,
            line(&rule.rule),
            rule.accepted,
            rule.cycles
        );
    }
    let count = |field: &FieldCount| match v.against {
        Against::Python => field.python_rust,
        Against::Recorded => field.recorded_rust,
    };
    for field in v.fields.iter().filter(|field| count(field) > 0) {
        let Some(first) = &field.first else { continue };
        frame(out, first, count(field), v.cycles);
    }
}

fn frame(out: &mut String, d: &Divergence, count: u64, cycles: u64) {
    let percent = count as f64 * 100.0 / cycles.max(1) as f64;
    let _ = writeln!(
        out,
        "\n<details><summary>{}: {count} cycles ({percent:.1} %), first {}</summary>\n\n```text",
        html(&words::what(d)),
        html(&words::call(d.call))
    );
    for (who, value) in words::values(d) {
        let _ = writeln!(out, "{who:<9} {}", fenced(&value));
    }
    for (name, input) in &d.inputs {
        let _ = writeln!(out, "input {name}: {}", fenced(&input.text));
    }
    if let Some(state) = &d.state_before {
        let _ = writeln!(out, "state before: {}", fenced(&state.text));
    }
    out.push_str("```\n</details>\n");
}

/// Text on one line.
fn line(text: &str) -> String {
    html(&text.replace('\n', " "))
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn cell(text: &str) -> String {
    line(text).replace('|', "\\|")
}

/// Text that cannot end a fence.
fn fenced(text: &str) -> String {
    text.replace("```", "` ` `")
}

//! The report for a terminal.
//!
//! Enters: a [`Report`]. Leaves: text, with ANSI styles (`anstream` strips them where
//! they are not wanted): the verdict first, then the counts, then the first divergence,
//! then what else there is to know, last what the time went into.

use super::Report;
use super::words::{call, what};
use crate::verify::{Against, Count, Divergence, FieldCount, Place, Shown, Verdict, Verification};
use anstream::adapter::strip_str;
use std::fmt::Write as _;

const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[1;32m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const DIM: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";

/// The report with ANSI styles.
pub fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    let many = report.verifications.len() + report.faults.len() > 1;
    for (i, verification) in report.verifications.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        verification_text(&mut out, verification);
    }
    if many {
        let count = |code: u8| {
            let verdicts = report.verifications.iter();
            verdicts.filter(|v| v.verdict.exit_code() == code).count()
        };
        let _ = writeln!(
            out,
            "\n{BOLD}in all{OFF}: {} equal, {} different, {} inconclusive, {} not verified",
            count(0),
            count(1),
            count(3),
            report.faults.len()
        );
    }
    out
}

/// The report without styles.
pub fn render_plain(report: &Report<'_>) -> String {
    strip_str(&render(report)).to_string()
}

fn verification_text(out: &mut String, v: &Verification) {
    headline(out, v);
    counts(out, v);
    extent(out, v);
    if let Some(divergence) = &v.divergence {
        let from = match v.against {
            Against::Python => "Python",
            Against::Recorded => "the recording",
        };
        let _ = writeln!(out, "\n{BOLD}First divergence{OFF} of Rust from {from}:");
        divergence_text(out, divergence);
        fields(out, v);
    }
    if let Some(divergence) = &v.recording_divergence {
        let _ = writeln!(
            out,
            "\n{BOLD}First divergence{OFF} of Python from the recording:"
        );
        divergence_text(out, divergence);
    }
    if !v.notes.is_empty() {
        let _ = writeln!(out);
        for note in &v.notes {
            let _ = writeln!(out, "{YELLOW}note{OFF}: {note}");
        }
    }
    let _ = write!(
        out,
        "\n{DIM}prepare {:.1} s, build {:.1} s, replay {:.1} s",
        v.spent.prepare, v.spent.build, v.spent.replay
    );
    if let Some(python) = &v.python {
        let _ = write!(
            out,
            "; Python {} {} ({})",
            python.version,
            python.mode,
            python.executable.display()
        );
    }
    let _ = writeln!(out, "{OFF}");
}

fn headline(out: &mut String, v: &Verification) {
    let task = &v.task;
    let _ = match &v.verdict {
        Verdict::Equal => writeln!(
            out,
            "{GREEN}equal{OFF}: `{task}` in Rust did {} in all {} cycles{}{}",
            match v.against {
                Against::Python => "what Python does",
                Against::Recorded => "what was recorded",
            },
            v.cycles,
            match v.errors.python {
                0 => String::new(),
                n => format!(", {n} of which fail in both"),
            },
            if v.rules.is_empty() {
                ""
            } else {
                ", by the rules below"
            }
        ),
        Verdict::Different => {
            let place = v
                .divergence
                .as_ref()
                .map_or_else(String::new, |d| format!(" {}: {}", call(d.call), what(d)));
            writeln!(out, "{RED}different{OFF}: `{task}` in Rust diverges{place}")
        }
        Verdict::Inconclusive(reason) => {
            writeln!(out, "{YELLOW}inconclusive{OFF}: `{task}`: {reason}")
        }
    };
    let range = v.range.map_or_else(String::new, |(first, last)| {
        format!(", CopperLists {first} to {last}")
    });
    let _ = writeln!(
        out,
        "  {} against {}, on {}{range}",
        v.generated.display(),
        v.script,
        v.log.display()
    );
}

/// How far the verdict goes: what was executed, from which states, by which rules.
fn extent(out: &mut String, v: &Verification) {
    if v.cycles == 0 {
        return;
    }
    if let Some(coverage) = &v.coverage {
        let _ = writeln!(out, "  executed {}", coverage.words());
    }
    if let Some(lockstep) = v.lockstep
        && lockstep.different > 0
    {
        let _ = writeln!(
            out,
            "  {} cycles differ by themselves, each started from Python's state",
            lockstep.different
        );
    }
    let keyframes = [
        ("Python", v.keyframes.recorded_python),
        ("Rust", v.keyframes.recorded_rust),
    ];
    for (who, count) in keyframes {
        if count.different > 0 {
            let all = count.equal + count.different;
            let n = count.different;
            let _ = writeln!(
                out,
                "  {n} of {all} keyframes differ from the state of {who}"
            );
        }
    }
    for rule in &v.rules {
        let _ = writeln!(
            out,
            "  rule {}: {}, let {} values in {} cycles pass",
            rule.place, rule.rule, rule.accepted, rule.cycles
        );
    }
}

/// The fields that differ, where there are several.
fn fields(out: &mut String, v: &Verification) {
    let count = |field: &FieldCount| match v.against {
        Against::Python => field.python_rust,
        Against::Recorded => field.recorded_rust,
    };
    let mut different: Vec<&FieldCount> = v.fields.iter().filter(|f| count(f) > 0).collect();
    if different.len() < 2 {
        return;
    }
    different.sort_by_key(|field| std::cmp::Reverse(count(field)));
    let _ = writeln!(out, "\n{BOLD}Fields that differ{OFF}:");
    for field in different.iter().take(12) {
        let percent = count(field) as f64 * 100.0 / v.cycles.max(1) as f64;
        let name = match field.place {
            Place::Presence => format!("the presence of {}", field.path),
            Place::Error => "whether the call fails".into(),
            Place::Panic => "whether the call panics".into(),
            Place::Output | Place::Tov | Place::Status | Place::State => field.path.clone(),
        };
        let first = field.first.as_ref();
        let from = first.map_or_else(String::new, |d| format!(", first {}", call(d.call)));
        let _ = writeln!(out, "  {percent:5.1} %  {name}{from}");
    }
    if different.len() > 12 {
        let _ = writeln!(out, "  and {} more", different.len() - 12);
    }
}

fn counts(out: &mut String, v: &Verification) {
    if v.cycles == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "\n  cycles {}, failed calls: {}Rust {}{}",
        v.cycles,
        match v.against {
            Against::Python => format!("Python {}, ", v.errors.python),
            Against::Recorded => String::new(),
        },
        v.errors.rust,
        if v.errors.python > 0 {
            format!(
                " ({} also without payload in the recording)",
                v.errors.recorded
            )
        } else {
            String::new()
        }
    );
    let with_python = v.against == Against::Python;
    let mut rows = vec![[
        String::new(),
        "payloads".into(),
        "Python = Rust".into(),
        "recorded = Python".into(),
        "recorded = Rust".into(),
    ]];
    for output in &v.outputs {
        let p = &output.payloads;
        let payloads = if p.recorded == p.rust && (p.python == p.rust || !with_python) {
            p.rust.to_string()
        } else if with_python {
            format!("{}/{}/{}", p.recorded, p.python, p.rust)
        } else {
            format!("{}/{}", p.recorded, p.rust)
        };
        let ran = |count: Count| if with_python { cell(count) } else { "-".into() };
        rows.push([
            format!("{} ({})", output.name, output.message),
            payloads,
            ran(output.python_rust),
            ran(output.recorded_python),
            cell(output.recorded_rust),
        ]);
    }
    if let Some(state) = v.state {
        let row = ["state", "", &cell(state), "", ""].map(str::to_owned);
        rows.push(row);
    }
    table(out, &rows);
}

fn cell(count: Count) -> String {
    if count.different == 0 {
        format!("{}", count.equal)
    } else {
        format!("{}, {} differ", count.equal, count.different)
    }
}

fn table(out: &mut String, rows: &[[String; 5]]) {
    let mut widths = [0; 5];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let mut line = String::from(" ");
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, " {cell:<width$} ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn divergence_text(out: &mut String, d: &Divergence) {
    let _ = writeln!(out, "  {}, {}", call(d.call), what(d));
    let value = |shown: &Option<Shown>| match shown {
        Some(Shown {
            text,
            bits: Some(bits),
        }) => format!("{text}  {DIM}({bits}){OFF}"),
        Some(Shown { text, bits: None }) => text.replace('\n', "\n              "),
        None => "-".into(),
    };
    if d.place != Place::State && d.values.recorded.is_some() {
        let _ = writeln!(out, "    recorded  {}", value(&d.values.recorded));
    }
    let _ = writeln!(out, "    Python    {}", value(&d.values.python));
    let _ = writeln!(out, "    Rust      {}", value(&d.values.rust));
    for (name, input) in &d.inputs {
        let _ = writeln!(out, "  input {name}: {}", input.text);
    }
    if let Some(state) = &d.state_before {
        let _ = writeln!(out, "  state before: {}", state.text);
    }
}

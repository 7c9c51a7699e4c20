//! The report for a terminal.
//!
//! Enters: a [`Report`]. Leaves: text, with ANSI styles (`anstream` strips them where
//! they are not wanted): the verdict first, then the counts, then the first divergence,
//! then what else there is to know, last what the time went into.

use super::Report;
use crate::verify::{Call, Count, Divergence, Place, Shown, Verdict, Verification};
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
    for (i, verification) in report.verifications.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        verification_text(&mut out, verification);
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
    if let Some(divergence) = &v.divergence {
        let _ = writeln!(out, "\n{BOLD}First divergence{OFF} of Rust from Python:");
        divergence_text(out, divergence);
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
            "{GREEN}equal{OFF}: `{task}` in Rust did what Python does in all {} cycles{}",
            v.cycles,
            match v.errors.python {
                0 => String::new(),
                n => format!(", {n} of which fail in both"),
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

fn call(call: Call) -> String {
    match call {
        Call::Start => "in `start`".into(),
        Call::Process(id) => format!("at CopperList {id}"),
        Call::Stop => "in `stop`".into(),
    }
}

fn what(d: &Divergence) -> String {
    match d.place {
        Place::Output | Place::Tov | Place::Status | Place::State => format!("`{}`", d.path),
        Place::Presence => format!("the presence of `{}`", d.path),
        Place::Error => "whether the call fails".into(),
        Place::Panic => "the native task panicked".into(),
    }
}

fn counts(out: &mut String, v: &Verification) {
    if v.cycles == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "\n  cycles {}, failed calls: Python {}, Rust {}{}",
        v.cycles,
        v.errors.python,
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
    let mut rows = vec![[
        String::new(),
        "payloads".into(),
        "Python = Rust".into(),
        "recorded = Python".into(),
        "recorded = Rust".into(),
    ]];
    for output in &v.outputs {
        let p = &output.payloads;
        let payloads = if p.recorded == p.python && p.python == p.rust {
            p.python.to_string()
        } else {
            format!("{}/{}/{}", p.recorded, p.python, p.rust)
        };
        rows.push([
            format!("{} ({})", output.name, output.message),
            payloads,
            cell(output.python_rust),
            cell(output.recorded_python),
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

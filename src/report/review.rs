//! A review for people: a short summary with the diff, or Markdown for a pull request.
//!
//! Enters: [`Subject`]s. Leaves: text. The words that the page shows too are made here. This
//! module must not read or judge anything.

mod markdown;

pub use markdown::markdown;

use super::bench::time;
use super::words;
use crate::diagnostic::Severity;
use crate::review::{Kind, Known, Origin, Point, Subject, points, unified_diff};
use crate::verify::{Measured, Verdict};
use std::fmt::Write as _;

/// What is known of a task in one respect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// The respect.
    pub label: &'static str,
    /// What is known, in a few words.
    pub value: String,
    /// `ok`, `bad`, `unsure`, `none`, or empty.
    pub tone: &'static str,
    /// More of it.
    pub note: String,
}

/// A verdict, for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRow {
    /// The log.
    pub log: String,
    /// As [`Fact::tone`].
    pub tone: &'static str,
    /// The verdict, and why it is stale.
    pub words: String,
    /// How many cycles.
    pub cycles: u64,
    /// How much was executed.
    pub executed: String,
    /// When it was reached.
    pub when: String,
}

/// What was measured, for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchTable {
    /// About what.
    pub about: String,
    /// For each version its name and its numbers.
    pub rows: Vec<(String, Vec<String>)>,
}

/// The reviews as plain text, each with the diff of all that would change.
pub fn text(subjects: &[Subject]) -> String {
    let mut out = String::new();
    for (i, subject) in subjects.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        summary(&mut out, subject);
        let diff = diff(subject);
        if !diff.is_empty() {
            out.push('\n');
            out.push_str(&diff);
        }
        let switch = switch_diff(subject);
        if !switch.is_empty() {
            let _ = write!(out, "\n{}:\n\n{switch}", switch_title(subject));
        }
    }
    out
}

fn summary(out: &mut String, subject: &Subject) {
    let _ = writeln!(
        out,
        "{}: {} -> {} ({})",
        subject.task,
        subject.script(),
        subject.path,
        change(subject)
    );
    for fact in [
        verdict(subject),
        translated(subject),
        findings(subject),
        executed(subject),
        speed(subject),
    ] {
        let note = match fact.note.is_empty() {
            true => String::new(),
            false => format!("; {}", fact.note),
        };
        let _ = writeln!(
            out,
            "  {:<11} {}{note}",
            fact.label.to_lowercase(),
            fact.value
        );
    }
    let points = points(subject);
    if !points.is_empty() {
        out.push_str("  look here first:\n");
    }
    for point in &points {
        let _ = writeln!(
            out,
            "    {}{}: {}",
            place(subject, point),
            point.kind.word(),
            sentence(point)
        );
    }
}

/// Where a point is, with a space after it: `python/pid.py:12 `.
fn place(subject: &Subject, point: &Point) -> String {
    match (point.python, point.rust) {
        (Some(line), _) => format!("{}:{line} ", subject.script()),
        (None, Some(line)) => format!("{}:{line} ", subject.path),
        (None, None) => String::new(),
    }
}

fn sentence(point: &Point) -> String {
    let code = point.code.map(|code| format!(" ({code})"));
    let help = match (&point.help, point.kind) {
        // The findings have pages of their own.
        (Some(help), Kind::Divergence | Kind::NoVerdict) => format!("; {help}"),
        _ => String::new(),
    };
    format!("{}{}{help}", point.text, code.unwrap_or_default())
}

/// What would happen to the app, in few words.
pub fn change(subject: &Subject) -> String {
    let hand = match &subject.origin {
        Origin::Generated => "",
        Origin::Edited => ", edited by hand",
        Origin::Conflict => ", in conflict with edits by hand",
        Origin::Left(_) => ", left as it is",
    };
    let what = match subject.changes.as_slice() {
        [] => "no change".to_owned(),
        [one] if one.old.is_none() => "new file".into(),
        [_] => "changed".into(),
        many => format!("{} files change", many.len()),
    };
    format!("{what}{hand}")
}

/// The verdict over all fresh logs.
pub fn verdict(subject: &Subject) -> Fact {
    let label = "Verdict";
    let fresh: Vec<_> = subject.fresh().map(|verdict| &verdict.found).collect();
    let is = |wanted: &str| {
        fresh
            .iter()
            .filter(|v| words::verdict(&v.verdict) == wanted)
            .count()
    };
    let cycles: u64 = fresh.iter().map(|v| v.cycles).sum();
    let logs = match fresh.as_slice() {
        [one] => one.log.display().to_string(),
        many => format!("{} logs", many.len()),
    };
    let (value, tone, note) = match (fresh.is_empty(), is("different"), is("inconclusive")) {
        (true, ..) => match subject.verdicts.first() {
            None => ("not verified".to_owned(), "none", String::new()),
            Some(old) => ("stale".into(), "unsure", old.stale.join("; ")),
        },
        (false, 1.., _) => (
            "different".into(),
            "bad",
            format!("{cycles} cycles of {logs}"),
        ),
        (false, 0, 1..) => (
            "inconclusive".into(),
            "unsure",
            format!("{cycles} cycles of {logs}"),
        ),
        (false, 0, 0) => ("equal".into(), "ok", format!("{cycles} cycles of {logs}")),
    };
    Fact {
        label,
        value,
        tone,
        note,
    }
}

/// How much is translated.
pub fn translated(subject: &Subject) -> Fact {
    let coverage = subject.translation.coverage;
    Fact {
        label: "Translated",
        value: format!("{} of {} statements", coverage.translated, coverage.total),
        ..Fact::default()
    }
}

/// Holes and warnings.
pub fn findings(subject: &Subject) -> Fact {
    let holes = subject.holes();
    let filled = subject.translation.holes().saturating_sub(holes);
    let note = match filled {
        0 => String::new(),
        filled => format!("{} filled by hand", count(filled, "hole")),
    };
    Fact {
        label: "Findings",
        value: format!(
            "{}, {}",
            count(holes, "hole"),
            count(subject.count(Severity::Warning), "warning")
        ),
        tone: if holes > 0 { "bad" } else { "" },
        note,
    }
}

/// How much of the Python the fresh logs execute.
pub fn executed(subject: &Subject) -> Fact {
    let label = "Executed";
    let Some(executed) = subject.executed() else {
        return Fact {
            label,
            value: "unknown".into(),
            tone: "none",
            ..Fact::default()
        };
    };
    let all = executed.run.len() + executed.missed.len();
    Fact {
        label,
        value: format!("{} of {all} lines", executed.run.len()),
        ..Fact::default()
    }
}

/// How fast the Rust is.
pub fn speed(subject: &Subject) -> Fact {
    let label = "Speed";
    let Some(Known { record, stale }) = &subject.speed else {
        return Fact {
            label,
            value: "not measured".into(),
            tone: "none",
            note: String::new(),
        };
    };
    let found = &record.found;
    let rust = found.of("native").map(|l| l.p50_ns.max(1));
    let python = found.of("embedded").or_else(|| found.of("process"));
    let value = match (rust, python) {
        (Some(rust), Some(python)) => {
            format!("{:.0} times as fast", python.p50_ns as f64 / rust as f64)
        }
        (Some(rust), None) => time(rust),
        (None, _) => "not measured".into(),
    };
    let note = match stale.first() {
        Some(why) => format!("stale: {why}"),
        None if found.profile != "release" => format!("{} build", found.profile),
        None => String::new(),
    };
    let tone = if stale.is_empty() { "" } else { "unsure" };
    Fact {
        label,
        value,
        tone,
        note,
    }
}

/// Every verdict there is.
pub fn verdict_rows(subject: &Subject) -> Vec<VerdictRow> {
    let rows = subject.verdicts.iter().map(|known| {
        let v = &known.record.found;
        let fresh = known.is_fresh();
        VerdictRow {
            log: v.log.display().to_string(),
            tone: match (&v.verdict, fresh) {
                (_, false) => "unsure",
                (Verdict::Equal, true) => "ok",
                (Verdict::Different, true) => "bad",
                (Verdict::Inconclusive(_), true) => "unsure",
            },
            words: match fresh {
                true => words::verdict(&v.verdict).to_owned(),
                false => format!(
                    "{}, stale: {}",
                    words::verdict(&v.verdict),
                    known.stale.join("; ")
                ),
            },
            cycles: v.cycles,
            executed: v.coverage.as_ref().map_or_else(
                || "not observed".to_owned(),
                |c| format!("{} of {} branches", c.branches.0, c.branches.1),
            ),
            when: date(known.record.finished),
        }
    });
    rows.collect()
}

/// What was measured.
pub fn bench(subject: &Subject) -> Option<BenchTable> {
    let known = subject.speed.as_ref()?;
    let found = &known.record.found;
    let rust = found.of("native").map(|l| l.p50_ns.max(1));
    let row = |measured: &Measured| {
        let name = match measured.version.as_str() {
            "native" => "Rust".to_owned(),
            mode => format!("Python, {mode}"),
        };
        let dash = || "\u{2013}".to_owned();
        let Some(l) = measured.latency else {
            let why = measured.missing.clone().unwrap_or_default();
            return (format!("{name}: not measured, {why}"), vec![dash(); 7]);
        };
        let number = |n: Option<u64>| n.map_or_else(dash, |n| n.to_string());
        let times = rust.map_or_else(dash, |r| format!("{:.0}", l.p50_ns as f64 / r as f64));
        let cells = vec![
            l.calls.to_string(),
            time(l.p50_ns),
            time(l.p99_ns),
            time(l.max_ns),
            number(l.allocations_p50),
            number(l.allocations_max),
            times,
        ];
        (name, cells)
    };
    let mut about = format!(
        "inputs of {}, {} build, {}",
        found.log.display(),
        found.profile,
        date(known.record.finished)
    );
    if !known.is_fresh() {
        about.push_str(&format!("; stale: {}", known.stale.join("; ")));
    }
    let rows = found.versions.iter().map(row).collect();
    Some(BenchTable { about, rows })
}

/// The diff of all that would change.
pub fn diff(subject: &Subject) -> String {
    let changes = subject.changes.iter();
    changes
        .map(|change| unified_diff(&change.path, change.old.as_deref(), &change.new))
        .collect()
}

/// The diff of what `migrate switch` would change on top.
pub fn switch_diff(subject: &Subject) -> String {
    let changes = subject.switch.iter();
    changes
        .map(|change| unified_diff(&change.path, change.old.as_deref(), &change.new))
        .collect()
}

/// What that diff is.
pub fn switch_title(subject: &Subject) -> String {
    format!("`migrate switch {} --to rust` would change", subject.task)
}

/// The diff in one line: `2 files, 30 lines added, 4 removed`.
pub fn diff_title(diff: &str) -> String {
    let starts = |with: char, head: &str| {
        let lines = diff.lines().filter(|line| line.starts_with(with));
        lines.filter(|line| !line.starts_with(head)).count()
    };
    let files = diff.lines().filter(|line| line.starts_with("+++ ")).count();
    format!(
        "Diff: {}, {} lines added, {} removed",
        count(files, "file"),
        starts('+', "+++ "),
        starts('-', "--- ")
    )
}

/// The class of a line of a diff: added, removed, head, context.
pub fn diff_class(line: &str) -> &'static str {
    if line.starts_with("+++ ") || line.starts_with("--- ") || line.starts_with("@@") {
        return "h";
    }
    match line.chars().next() {
        Some('+') => "a",
        Some('-') => "d",
        Some(_) | None => "c",
    }
}

fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// Seconds since 1970 as a date and a time of UTC.
fn date(seconds: u64) -> String {
    // Days to a date in the Gregorian calendar, whose eras of 400 years start in March.
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (rest / 3_600, rest % 3_600 / 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(date(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date(1_709_251_200), "2024-03-01 00:00 UTC");
        assert_eq!(date(4_102_444_799), "2099-12-31 23:59 UTC");
    }

    #[test]
    fn a_diff_is_counted() {
        let diff = "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n+c\n d\n";
        assert_eq!(diff_title(diff), "Diff: 1 file, 2 lines added, 1 removed");
        let classes: Vec<_> = diff.lines().map(diff_class).collect();
        assert_eq!(classes, ["h", "h", "h", "d", "a", "a", "c"]);
    }
}

//! What a reviewer should look at first.
//!
//! Enters: a [`Subject`]. Leaves: [`Point`]s, the gravest first, each with its lines. This
//! module must not know how they are shown.

use super::subject::{Origin, Subject};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::verify::{Call, Divergence, Place, Verdict, Verification};

/// Why to look there; in the order of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Edits by hand and a new translation changed the same lines.
    Conflict,
    /// The log shows that Rust does something else than Python.
    Divergence,
    /// What is not translated.
    Hole,
    /// There is no verdict on the files as they are.
    NoVerdict,
    /// A verdict that says nothing, or a field that differs between two runs of the Python.
    Unsure,
    /// A rule of comparison let differences pass.
    Rule,
    /// A finding about the Python that changes what one would expect.
    Warning,
    /// State that keyframes did not hold.
    State,
    /// Edits by hand.
    Edited,
    /// Lines that the log never executes.
    Missed,
    /// Conditions that the log never shows in both ways.
    Branch,
    /// Functions whose last bit may differ.
    LastBit,
}

impl Kind {
    /// The kind in a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Conflict => "conflict",
            Kind::Divergence => "divergence",
            Kind::Hole => "hole",
            Kind::NoVerdict => "no verdict",
            Kind::Unsure => "unsure",
            Kind::Rule => "tolerance",
            Kind::Warning => "warning",
            Kind::State => "state",
            Kind::Edited => "by hand",
            Kind::Missed => "not executed",
            Kind::Branch => "one way only",
            Kind::LastBit => "last bit",
        }
    }
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Why.
    pub kind: Kind,
    /// What is the matter, in one line.
    pub text: String,
    /// What to do, or more about it.
    pub help: Option<String>,
    /// The code of a finding.
    pub code: Option<Code>,
    /// The line of the Python.
    pub python: Option<usize>,
    /// The line of the Rust.
    pub rust: Option<usize>,
}

/// What to look at, the gravest first.
pub fn points(subject: &Subject) -> Vec<Point> {
    let mut points = origin(subject);
    points.extend(findings(subject));
    points.extend(verdicts(subject));
    points.extend(coverage(subject));
    points.sort_by_key(|point| match point.kind {
        // The first is where the others come from.
        Kind::Divergence => (point.kind, None, None),
        kind => (kind, point.python, point.rust),
    });
    points
}

fn origin(subject: &Subject) -> Vec<Point> {
    let point = |kind, text: String, rust| Point {
        kind,
        text,
        help: None,
        code: None,
        python: None,
        rust,
    };
    match &subject.origin {
        Origin::Generated => Vec::new(),
        Origin::Left(why) => vec![point(
            Kind::Conflict,
            format!("{} {why}", subject.path),
            None,
        )],
        Origin::Edited => vec![point(
            Kind::Edited,
            format!("{} holds edits by hand", subject.path),
            None,
        )],
        Origin::Conflict => (1..)
            .zip(subject.rust.lines())
            .filter(|(_, line)| line.starts_with("<<<<<<<"))
            .map(|(line, _)| {
                let text = "an edit by hand and the new translation change the same lines";
                point(Kind::Conflict, text.into(), Some(line))
            })
            .collect(),
    }
}

/// The findings of the translation.
fn findings(subject: &Subject) -> Vec<Point> {
    let source = &subject.translation.source;
    let kind = |finding: &Diagnostic| match (finding.severity(), finding.code) {
        (Severity::Error, _) => Some(Kind::Hole),
        (_, Code::GlobalState) => Some(Kind::State),
        (Severity::Warning, _) => Some(Kind::Warning),
        (Severity::Note, Code::LibmUlp) => Some(Kind::LastBit),
        (Severity::Note, _) => None,
    };
    let shown = subject.shown.iter();
    let points = shown.filter_map(|finding| {
        let python = source.line(finding.span.start);
        let kind = kind(finding)?;
        let rust = match kind {
            Kind::Hole if !subject.is_left(finding) => {
                return Some(Point {
                    kind: Kind::Edited,
                    text: format!("filled by hand: {}", finding.message),
                    help: None,
                    code: Some(finding.code),
                    python: Some(python),
                    rust: subject.links.to_rust(python),
                });
            }
            Kind::Hole => subject
                .hole_line(python)
                .or_else(|| subject.links.to_rust(python)),
            _ => subject.links.to_rust(python),
        };
        Some(Point {
            kind,
            text: finding.message.clone(),
            help: finding.help.clone(),
            code: Some(finding.code),
            python: Some(python),
            rust,
        })
    });
    points.collect()
}

fn verdicts(subject: &Subject) -> Vec<Point> {
    let plain = |kind, text: String, help: Option<String>| Point {
        kind,
        text,
        help,
        code: None,
        python: None,
        rust: None,
    };
    let mut points = Vec::new();
    let run = || Some(format!("run `{}`", subject.verify_command));
    if subject.fresh().next().is_none() {
        let text = match subject.verdicts.first() {
            None => "nothing was verified yet".to_owned(),
            Some(old) => format!("the last verdict is stale: {}", old.stale.join("; ")),
        };
        points.push(plain(Kind::NoVerdict, text, run()));
    }
    for v in subject.fresh().map(|verdict| &verdict.found) {
        let log = v.log.display();
        match &v.verdict {
            Verdict::Equal => {}
            Verdict::Different => points.extend(divergences(v)),
            Verdict::Inconclusive(reason) => {
                let text = format!("{log} concludes nothing: {reason}");
                points.push(plain(Kind::Unsure, text, None));
            }
        }
        points.extend(v.nondeterministic.iter().map(|field| {
            let text = format!(
                "`{}` differs between two runs of the Python in {} cycles of {log}",
                field.path, field.cycles
            );
            plain(Kind::Unsure, text, None)
        }));
        points.extend(v.rules.iter().filter(|rule| rule.accepted > 0).map(|rule| {
            let text = format!(
                "the rule `{}` = {} let {} values in {} cycles pass",
                rule.place, rule.rule, rule.accepted, rule.cycles
            );
            plain(Kind::Rule, text, None)
        }));
    }
    points
}

/// The first divergence, which has lines, and the other fields that differ.
fn divergences(v: &Verification) -> Vec<Point> {
    let first = v.divergence.as_ref();
    let fields = v.fields.iter().filter_map(|field| field.first.as_ref());
    let others = fields
        .filter(|other| first.is_none_or(|d| (&d.path, d.place) != (&other.path, other.place)));
    let point = |d: &Divergence, is_first: bool| Point {
        kind: Kind::Divergence,
        text: format!("{} {}", what(d), when(d.call)),
        help: Some(values(d)),
        code: None,
        python: v.lines.python.filter(|_| is_first),
        rust: v.lines.rust.filter(|_| is_first),
    };
    let mut points: Vec<Point> = first.iter().map(|d| point(d, true)).collect();
    points.extend(others.map(|d| point(d, false)));
    points
}

fn what(d: &Divergence) -> String {
    match d.place {
        Place::Output | Place::Tov | Place::Status | Place::State => {
            format!("`{}` differs", d.path)
        }
        Place::Presence => format!("only one version sends `{}`", d.path),
        Place::Error => "only one version fails".into(),
        Place::Panic => "the native task does not return".into(),
    }
}

fn when(call: Call) -> String {
    match call {
        Call::Start => "in `start`".into(),
        Call::Process(id) => format!("from CopperList {id} on"),
        Call::Stop => "in `stop`".into(),
    }
}

fn values(d: &Divergence) -> String {
    let three = [
        ("recorded", &d.values.recorded),
        ("Python", &d.values.python),
        ("Rust", &d.values.rust),
    ];
    let shown = three.into_iter().filter_map(|(who, value)| {
        let text = &value.as_ref()?.text;
        let short: String = text.chars().take(120).collect();
        Some(format!("{who} {short}"))
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// What the logs never execute.
fn coverage(subject: &Subject) -> Vec<Point> {
    let Some(executed) = subject.executed() else {
        return Vec::new();
    };
    let point = |kind, text, python: usize| Point {
        kind,
        text,
        help: None,
        code: None,
        python: Some(python),
        rust: subject.links.to_rust(python),
    };
    let mut points: Vec<Point> = blocks(&executed.missed, &executed.run)
        .into_iter()
        .map(|(first, last)| {
            let text = match first == last {
                true => format!("line {first} never runs in the log"),
                false => format!("lines {first} to {last} never run in the log"),
            };
            point(Kind::Missed, text, first)
        })
        .collect();
    for (line, text, outcome) in never(subject) {
        // Of a line that never runs, nothing else needs to be said.
        if executed.missed.binary_search(&line).is_err() {
            let text = format!("`{text}` is never {outcome} in the log");
            points.push(point(Kind::Branch, text, line));
        }
    }
    points
}

/// The outcomes of conditions that no fresh verdict has seen: line, condition, outcome.
fn never(subject: &Subject) -> Vec<(usize, String, String)> {
    let mut verdicts = subject.fresh().filter_map(|v| v.found.coverage.as_ref());
    let Some(first) = verdicts.next() else {
        return Vec::new();
    };
    let mut never = first.never.clone();
    for other in verdicts {
        never.retain(|outcome| other.never.contains(outcome));
    }
    let own = never.into_iter().filter(|n| n.file == subject.script());
    own.filter_map(|n| Some((usize::try_from(n.line).ok()?, n.text, n.outcome)))
        .collect()
}

/// Lines without lines between them that ran, as first and last.
fn blocks(missed: &[usize], run: &[usize]) -> Vec<(usize, usize)> {
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    for line in missed {
        match blocks.last_mut() {
            Some((_, last)) if !run.iter().any(|r| (*last..*line).contains(r)) => *last = *line,
            _ => blocks.push((*line, *line)),
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_never_run_come_in_blocks() {
        assert_eq!(blocks(&[4, 5, 7, 12], &[1, 2, 9]), [(4, 7), (12, 12)]);
        assert!(blocks(&[], &[1]).is_empty());
    }
}

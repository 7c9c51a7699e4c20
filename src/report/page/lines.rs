//! The two panes: every line of the Python and of the Rust, with what is to be said of it.
//!
//! Enters: a [`Subject`] and its [`Point`]s. Leaves: [`Pane`]s. This module must not know
//! HTML.

use super::highlight::{Language, Token, highlight};
use crate::review::{Kind, Point, Subject};
use std::collections::BTreeSet;

/// A text in one language.
#[derive(Debug, Clone)]
pub struct Pane {
    /// `python` or `rust`.
    pub side: &'static str,
    /// Its id in the page.
    pub id: String,
    /// The language.
    pub title: &'static str,
    /// The file.
    pub path: String,
    /// What the ids of its lines hold before the number.
    pub prefix: &'static str,
    /// Whether its lines are marked as executed or not.
    pub marks: bool,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its classes, each after a space.
    pub class: String,
    /// What a screen reader says beside the number.
    pub said: &'static str,
    /// The lines on the other side, separated by spaces.
    pub links: String,
    /// Its text.
    pub tokens: Vec<Token>,
    /// What stands below it.
    pub notes: Vec<Note>,
}

/// What stands below a line.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its id in the page.
    pub id: String,
    /// Its class.
    pub tone: &'static str,
    /// The kind, in words.
    pub kind: &'static str,
    /// The code of a finding.
    pub code: String,
    /// What it says.
    pub text: String,
    /// More of it.
    pub help: String,
}

/// How a kind of point is toned.
pub fn tone(kind: Kind) -> &'static str {
    match kind {
        Kind::Conflict | Kind::Divergence | Kind::Hole => "bad",
        Kind::NoVerdict | Kind::Unsure | Kind::Rule | Kind::Warning | Kind::State => "unsure",
        Kind::Edited | Kind::Missed | Kind::Branch | Kind::LastBit => "quiet",
    }
}

/// The Python and the Rust.
pub fn panes(subject: &Subject, slug: &str, points: &[Point]) -> Vec<Pane> {
    vec![python(subject, slug, points), rust(subject, slug, points)]
}

fn python(subject: &Subject, slug: &str, points: &[Point]) -> Pane {
    let executed = subject.executed();
    let holds = |lines: &[usize], line| lines.binary_search(&line).is_ok();
    let lines = lines(subject.translation.source.text(), Language::Python);
    let lines = lines.map(|(number, tokens)| {
        let here = || points.iter().filter(move |p| p.python == Some(number));
        let mut class = String::new();
        let mut said = "";
        if let Some(executed) = &executed {
            if holds(&executed.run, number) {
                class.push_str(" x");
            } else if holds(&executed.missed, number) {
                class.push_str(" u");
                said = ", not executed";
            }
        }
        if here().any(|p| p.kind == Kind::Missed) {
            class.push_str(" pt");
        }
        if here().any(|p| p.kind == Kind::Hole) {
            class.push_str(" hole");
        } else if here().any(|p| p.kind == Kind::Divergence) {
            class.push_str(" at");
        }
        let notes = here().enumerate();
        let notes = notes.filter(|(_, p)| p.kind != Kind::Missed && p.kind != Kind::Divergence);
        let notes = notes.map(|(i, p)| note(p, format!("{slug}-n{number}-{i}")));
        Line {
            number,
            class,
            said,
            links: joined(subject.links.python.get(&number)),
            tokens,
            notes: notes.collect(),
        }
    });
    Pane {
        side: "python",
        id: format!("{slug}-python"),
        title: "Python",
        path: subject.script().to_owned(),
        prefix: "p",
        marks: executed.is_some(),
        lines: lines.collect(),
    }
}

fn rust(subject: &Subject, slug: &str, points: &[Point]) -> Pane {
    let lines = lines(&subject.rust, Language::Rust).map(|(number, tokens)| {
        let here = || points.iter().filter(move |p| p.rust == Some(number));
        let mut class = String::new();
        if here().any(|p| p.kind == Kind::Hole || p.kind == Kind::Conflict) {
            class.push_str(" hole");
        } else if here().any(|p| p.kind == Kind::Divergence) {
            class.push_str(" at");
        }
        // What has a line of the Python stands there.
        let notes = here().filter(|p| p.python.is_none() && p.kind != Kind::Divergence);
        let notes = notes.enumerate();
        let notes = notes.map(|(i, p)| note(p, format!("{slug}-m{number}-{i}")));
        Line {
            number,
            class,
            said: "",
            links: joined(subject.links.rust.get(&number)),
            tokens,
            notes: notes.collect(),
        }
    });
    Pane {
        side: "rust",
        id: format!("{slug}-rust"),
        title: "Rust",
        path: subject.path.clone(),
        prefix: "r",
        marks: false,
        lines: lines.collect(),
    }
}

fn lines(text: &str, language: Language) -> impl Iterator<Item = (usize, Vec<Token>)> {
    (1..).zip(highlight(text, language))
}

fn joined(lines: Option<&BTreeSet<usize>>) -> String {
    let lines = lines.into_iter().flatten().map(ToString::to_string);
    lines.collect::<Vec<_>>().join(" ")
}

fn note(point: &Point, id: String) -> Note {
    Note {
        id,
        tone: tone(point.kind),
        kind: point.kind.word(),
        code: point.code.map(|code| code.to_string()).unwrap_or_default(),
        text: point.text.clone(),
        help: point.help.clone().unwrap_or_default(),
    }
}

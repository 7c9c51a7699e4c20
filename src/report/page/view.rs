//! What the page shows of each task, in words.
//!
//! Enters: [`Subject`]s. Leaves: [`TaskView`]s, which the template walks. This module must not
//! know HTML.

use super::lines::{Pane, panes, tone};
use super::plot::{Plot, plot};
use crate::report::review::{self as words, BenchTable, Fact, VerdictRow};
use crate::report::words::{call, values, what};
use crate::review::{Kind, Subject, points};
use crate::verify::Verdict;
use std::collections::BTreeSet;

/// A task.
#[derive(Debug, Clone)]
pub struct TaskView {
    /// Its id in the page.
    pub slug: String,
    /// The node.
    pub name: String,
    /// The Python.
    pub script: String,
    /// The Rust.
    pub path: String,
    /// What would happen to the Rust.
    pub change: String,
    /// Equal or not.
    pub verdict: Fact,
    /// How much is translated.
    pub translated: Fact,
    /// Holes and warnings.
    pub findings: Fact,
    /// How much the logs execute.
    pub executed: Fact,
    /// How fast it is.
    pub speed: Fact,
    /// The number of holes.
    pub holes: usize,
    /// The number of warnings.
    pub warnings: usize,
    /// What to look at.
    pub points: Vec<PointView>,
    /// What differs.
    pub divergences: Vec<DivergenceView>,
    /// The Python and the Rust.
    pub panes: Vec<Pane>,
    /// The verdicts.
    pub verdicts: Vec<VerdictRow>,
    /// The benchmark.
    pub bench: Option<BenchTable>,
    /// The summary line of the diff.
    pub diff_title: String,
    /// The lines of the diff, each with its class.
    pub diff: Vec<(&'static str, String)>,
    /// The summary line of what switching would change.
    pub switch_title: String,
    /// That diff.
    pub switch: Vec<(&'static str, String)>,
}

/// Something to look at.
#[derive(Debug, Clone)]
pub struct PointView {
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
    /// Ids and names of places.
    pub places: Vec<(String, String)>,
}

/// A field that differs.
#[derive(Debug, Clone)]
pub struct DivergenceView {
    /// Its id in the page.
    pub id: String,
    /// What differs, and from when on.
    pub title: String,
    /// Who has which value.
    pub values: Vec<(&'static str, String)>,
    /// The values over cycles.
    pub plot: Option<Plot>,
    /// The inputs, and the state before.
    pub around: Vec<(String, String)>,
}

impl TaskView {
    /// The diffs, each with its title.
    pub fn diffs(&self) -> [(&str, &[(&'static str, String)]); 2] {
        [
            (&self.diff_title, &self.diff),
            (&self.switch_title, &self.switch),
        ]
    }

    /// What is known of it, in the order in which it is shown.
    pub fn facts(&self) -> [&Fact; 5] {
        [
            &self.verdict,
            &self.translated,
            &self.findings,
            &self.executed,
            &self.speed,
        ]
    }
}

/// The tasks, each with an id of its own.
pub fn tasks(subjects: &[Subject]) -> Vec<TaskView> {
    let mut taken = BTreeSet::from(["top", "tasks", "keys", "at"].map(str::to_owned));
    subjects
        .iter()
        .map(|subject| {
            let slug = slug(&subject.task, &mut taken);
            task(subject, &slug)
        })
        .collect()
}

/// A name that can stand in an address.
fn slug(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() || c == '_' {
        true => c,
        false => '_',
    };
    let plain: String = format!("task-{}", name.chars().map(plain).collect::<String>());
    let mut slug = plain.clone();
    let mut n = 2;
    while !taken.insert(slug.clone()) {
        slug = format!("{plain}_{n}");
        n += 1;
    }
    slug
}

fn task(subject: &Subject, slug: &str) -> TaskView {
    let points = points(subject);
    let diff = words::diff(subject);
    TaskView {
        slug: slug.to_owned(),
        name: subject.task.clone(),
        script: subject.script().to_owned(),
        path: subject.path.clone(),
        change: words::change(subject),
        verdict: words::verdict(subject),
        translated: words::translated(subject),
        findings: words::findings(subject),
        executed: words::executed(subject),
        speed: words::speed(subject),
        holes: subject.holes(),
        warnings: subject.count(crate::diagnostic::Severity::Warning),
        divergences: divergences(subject, slug),
        panes: panes(subject, slug, &points),
        verdicts: words::verdict_rows(subject),
        bench: words::bench(subject),
        points: points
            .into_iter()
            .scan(0, |plots, point| {
                *plots += usize::from(point.kind == Kind::Divergence);
                Some((*plots, point))
            })
            .map(|(plot, point)| {
                let place = |line: Option<usize>, side: &str, name: &str| {
                    line.map(|n| (format!("{slug}-{side}{n}"), format!("{name} {n}")))
                };
                let mut places: Vec<(String, String)> = place(point.python, "p", "Python")
                    .into_iter()
                    .chain(place(point.rust, "r", "Rust"))
                    .collect();
                if point.kind == Kind::Divergence {
                    places.push((format!("{slug}-d{plot}"), "values".into()));
                }
                PointView {
                    tone: tone(point.kind),
                    kind: point.kind.word(),
                    code: point.code.map(|code| code.to_string()).unwrap_or_default(),
                    text: point.text,
                    help: point.help.unwrap_or_default(),
                    places,
                }
            })
            .collect(),
        diff_title: words::diff_title(&diff),
        diff: classed(&diff),
        switch_title: words::switch_title(subject).replace('`', ""),
        switch: classed(&words::switch_diff(subject)),
    }
}

fn classed(diff: &str) -> Vec<(&'static str, String)> {
    let lines = diff.lines();
    lines
        .map(|line| (words::diff_class(line), line.to_owned()))
        .collect()
}

/// The fields that differ in any fresh verdict: the first one, then the others.
fn divergences(subject: &Subject, slug: &str) -> Vec<DivergenceView> {
    let mut found = Vec::new();
    let fresh = subject.fresh().map(|verdict| &verdict.found);
    for v in fresh.filter(|v| v.verdict == Verdict::Different) {
        let first = v.divergence.as_ref();
        let fields = v.fields.iter().filter_map(|field| field.first.as_ref());
        let others =
            fields.filter(|d| first.is_none_or(|f| (&f.path, f.place) != (&d.path, d.place)));
        for d in first.into_iter().chain(others) {
            let series = v.series.iter().find(|series| series.path == d.path);
            let inputs = d.inputs.iter();
            let inputs = inputs.map(|(name, value)| (name.clone(), value.text.clone()));
            let state = d.state_before.iter();
            let state = state.map(|state| ("state before".to_owned(), state.text.clone()));
            found.push(DivergenceView {
                id: format!("{slug}-d{}", found.len() + 1),
                title: format!("{} {} of {}", what(d), call(d.call), v.log.display()),
                values: values(d),
                plot: series.and_then(plot),
                around: inputs.chain(state).collect(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_an_address_of_its_own() {
        let mut taken = BTreeSet::new();
        let slugs = ["pid", "p/id", "p.id", "Pid", ""].map(|name| slug(name, &mut taken));
        let expected = ["task-pid", "task-p_id", "task-p_id_2", "task-Pid", "task-"];
        assert_eq!(slugs, expected);
    }
}

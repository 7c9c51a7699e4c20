//! Where the migration of an app stands.
//!
//! Enters: the [`Project`], its generated files and the verdicts that are stored. Leaves: a
//! [`TaskStatus`] for each task that runs Python, or did. Nothing is built, translated or
//! run. This module must not know how it is shown.

use crate::error::Error;
use crate::header::{Header, hash, is_unchanged};
use crate::merge;
use crate::project::{Node, Project};
use crate::record::{self, Speed, Verdict};
use crate::verify::{Verdict as Conclusion, holes, native_file};
use serde::Serialize;
use std::path::Path;

/// Where one task stands; a part of the JSON of `migrate status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskStatus {
    /// The node of the graph.
    pub task: String,
    /// What it runs: `python` or `rust`.
    pub runs: &'static str,
    /// The script, as the configuration names it.
    pub script: Option<String>,
    /// The first 12 digits of the script's SHA-256; `None` where it cannot be read.
    pub python: Option<String>,
    /// The generated file, where there is one.
    pub rust: Option<Generated>,
    /// What `verify` said last.
    pub verdict: Option<LastVerdict>,
    /// What `bench` measured last.
    pub speed: Option<LastSpeed>,
    /// What keeps the task from being looked at.
    pub problem: Option<String>,
}

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generated {
    /// The file, from the app's root.
    pub path: String,
    /// Statements without a hole, when it was translated.
    pub translated: usize,
    /// All statements.
    pub statements: usize,
    /// The holes that are in the file now.
    pub holes: usize,
    /// Whether it was edited by hand.
    pub edited: bool,
    /// Whether the Python is another than the one that was translated.
    pub outdated: bool,
    /// The line of a conflict that nobody has resolved, or of what is no Rust.
    pub broken: Option<usize>,
}

/// What `verify` said last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastVerdict {
    /// `equal`, `different` or `inconclusive`.
    pub is: &'static str,
    /// Why it is inconclusive.
    pub reason: Option<String>,
    /// When, in seconds since 1970.
    pub finished: u64,
    /// How long ago, in seconds.
    pub age: u64,
    /// Whether it is of exactly the Python, the Rust and the log that are there.
    pub fresh: bool,
    /// What has changed since.
    pub changes: Vec<String>,
    /// The log.
    pub log: String,
    /// The CopperLists that were replayed.
    pub cycles: u64,
    /// Outcomes of conditions in the Python: seen, and all.
    pub branches: Option<(usize, usize)>,
    /// Lines of the Python: executed, and all.
    pub lines: Option<(usize, usize)>,
}

/// What `bench` measured last: half of the calls took at most so many ns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastSpeed {
    /// The Rust.
    pub rust_ns: u64,
    /// The Python, in the mode that the node runs it in, or in the other.
    pub python_ns: u64,
    /// How many times as fast the Rust is.
    pub times: f64,
    /// Whether it is of the Python and the Rust that are there.
    pub fresh: bool,
    /// `release` or `dev`.
    pub profile: String,
}

/// Looks at every task that runs Python, or did, in the order of the configuration.
pub fn status(project: &Project) -> Vec<TaskStatus> {
    let nodes = project.nodes.iter();
    // What could not be bound may be Python, where it has a script.
    let is_python =
        |node: &&Node| node.binding.is_some() || node.problem.is_some() && node.script.is_some();
    let python = nodes.filter(is_python);
    python.map(|node| of_node(project, node)).collect()
}

fn of_node(project: &Project, node: &Node) -> TaskStatus {
    let root = &project.root;
    let mut status = TaskStatus {
        task: node.id.0.clone(),
        runs: "python",
        script: None,
        python: None,
        rust: None,
        verdict: None,
        speed: None,
        problem: None,
    };
    let Some(binding) = &node.binding else {
        status.problem = node.problem.as_ref().map(|problem| {
            let line = problem
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let path = problem.path.strip_prefix(root).unwrap_or(&problem.path);
            format!("{}{line}: {}", path.display(), problem.message)
        });
        return status;
    };
    if binding.wired.is_some() {
        status.runs = "rust";
    }
    status.script = Some(binding.script_name.clone());
    let source = std::fs::read_to_string(&binding.script);
    let source = match source {
        Ok(text) => Some(hash(&text)),
        Err(error) => {
            status.problem = Some(format!("{}: {error}", binding.script_name));
            None
        }
    };
    status.python = source
        .as_ref()
        .and_then(|hash| Some(hash.get(..12)?.to_owned()));
    let native = native_file(project, &node.id).unwrap_or_default();
    status.rust = generated(root, &native, source.as_deref());
    let verdicts = match record::verdicts(root, &node.id) {
        Ok(verdicts) => verdicts,
        Err(error) => {
            status.problem = Some(first_line(&error));
            Vec::new()
        }
    };
    let changes = |verdict: &Verdict| -> Vec<String> {
        let changes = verdict.changes(root, &binding.script, &native);
        changes.iter().map(ToString::to_string).collect()
    };
    status.verdict = last_verdict(&verdicts, &changes);
    // What cannot be read was said of the verdicts, or is measured again soon enough.
    let speed = record::speed(root, &node.id).ok().flatten();
    status.speed = speed.and_then(|speed| {
        let fresh = speed.changes(root, &binding.script, &native).is_empty();
        last_speed(&speed, binding.mode.name(), fresh)
    });
    status
}

/// The first line of an error: the advice stands below it.
fn first_line(error: &Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// What there is to say of a generated file; `None` where there is none.
fn generated(root: &Path, path: &Path, source: Option<&str>) -> Option<Generated> {
    let text = std::fs::read_to_string(path).ok()?;
    let header = Header::parse(&text)?;
    let found = holes(path, &text);
    let broken = merge::unresolved(&text).or(match &found {
        Err(Error::RustSource { line, .. }) => *line,
        Ok(_) | Err(_) => None,
    });
    let shown = path.strip_prefix(root).unwrap_or(path);
    Some(Generated {
        path: shown.to_string_lossy().replace('\\', "/"),
        translated: header.translated,
        statements: header.total,
        holes: found.map_or(0, |holes| holes.len()),
        edited: !is_unchanged(&text),
        outdated: source.is_some_and(|source| source != header.source),
        broken,
    })
}

/// The verdict that counts: of those that are fresh, one that says different, else equal,
/// else the last; without any, the last that there was.
fn last_verdict(
    verdicts: &[Verdict],
    changes: &dyn Fn(&Verdict) -> Vec<String>,
) -> Option<LastVerdict> {
    let mut found: Vec<(&Verdict, Vec<String>)> = verdicts
        .iter()
        .map(|verdict| (verdict, changes(verdict)))
        .collect();
    let weight = |verdict: &Verdict| match verdict.found.verdict {
        Conclusion::Different => 0,
        Conclusion::Equal => 1,
        Conclusion::Inconclusive(_) => 2,
    };
    // Newest first; of those that say the same, the one that saw most.
    let seen = |verdict: &Verdict| {
        let coverage = verdict.found.coverage.as_ref();
        coverage.map_or(0, |coverage| coverage.branches.0)
    };
    if found.iter().any(|(_, changes)| changes.is_empty()) {
        found.retain(|(_, changes)| changes.is_empty());
        found.sort_by_key(|(verdict, _)| (weight(verdict), std::cmp::Reverse(seen(verdict))));
    }
    let (verdict, changes) = found.into_iter().next()?;
    let (is, reason) = match &verdict.found.verdict {
        Conclusion::Equal => ("equal", None),
        Conclusion::Different => ("different", None),
        Conclusion::Inconclusive(why) => ("inconclusive", Some(why.clone())),
    };
    let coverage = verdict.found.coverage.as_ref();
    Some(LastVerdict {
        is,
        reason,
        finished: verdict.finished,
        age: verdict.age().as_secs(),
        fresh: changes.is_empty(),
        changes,
        log: verdict.found.log.to_string_lossy().replace('\\', "/"),
        cycles: verdict.found.cycles,
        branches: coverage.map(|coverage| coverage.branches),
        lines: coverage.map(|coverage| coverage.lines),
    })
}

fn last_speed(speed: &Speed, mode: &str, fresh: bool) -> Option<LastSpeed> {
    let of = |version: &str| speed.found.of(version);
    let rust = of("native")?;
    let python = of(mode)
        .or_else(|| of("embedded"))
        .or_else(|| of("process"))?;
    Some(LastSpeed {
        rust_ns: rust.p50_ns,
        python_ns: python.p50_ns,
        times: python.p50_ns as f64 / rust.p50_ns.max(1) as f64,
        fresh,
        profile: speed.found.profile.clone(),
    })
}

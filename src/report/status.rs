//! Where the migration of an app stands: a table, or JSON.
//!
//! Enters: a [`TaskStatus`] for each task. Leaves: text. This module must not look at files.

use crate::status::{LastVerdict, TaskStatus};
use serde::Serialize;

/// The version of the JSON; see `docs/status.schema.json`.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tasks: &'a [TaskStatus],
}

/// As JSON.
pub fn json(tasks: &[TaskStatus]) -> String {
    let document = Document {
        schema: SCHEMA,
        tasks,
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The heads of the table's columns.
const HEADS: [&str; 9] = [
    "task",
    "runs",
    "Python",
    "translated",
    "holes",
    "edited",
    "verdict",
    "branches",
    "speed",
];

/// As a table, and below it what needs a look.
pub fn text(tasks: &[TaskStatus]) -> String {
    if tasks.is_empty() {
        return "no task of the graph runs Python\n".into();
    }
    let mut rows: Vec<Vec<String>> = vec![HEADS.map(str::to_owned).to_vec()];
    rows.extend(tasks.iter().map(row));
    let widths: Vec<usize> = (0..HEADS.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    let notes: Vec<String> = tasks.iter().flat_map(notes).collect();
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        out.push_str(&format!("{note}\n"));
    }
    out.push_str(&format!("\n{}\n", summary(tasks)));
    out
}

fn row(task: &TaskStatus) -> Vec<String> {
    let none = || "-".to_owned();
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let rust = task.rust.as_ref();
    let of_verdict = task.verdict.as_ref();
    let branches = of_verdict.and_then(|verdict| {
        let (branches, lines) = (verdict.branches?, verdict.lines?);
        Some(match branches.1 {
            0 => format!("{} of {} lines", lines.0, lines.1),
            all => format!("{} of {all}", branches.0),
        })
    });
    vec![
        task.task.clone(),
        match task.runs {
            "rust" => "Rust".to_owned(),
            _ => "Python".to_owned(),
        },
        task.python.clone().unwrap_or_else(none),
        rust.map_or_else(none, |rust| {
            format!("{} of {}", rust.translated, rust.statements)
        }),
        rust.map_or_else(none, |rust| match rust.broken {
            Some(_) => "?".to_owned(),
            None => rust.holes.to_string(),
        }),
        rust.map_or_else(none, |rust| yes_no(rust.edited)),
        of_verdict.map_or_else(|| "not verified".to_owned(), verdict),
        branches.unwrap_or_else(none),
        task.speed.as_ref().map_or_else(none, |speed| {
            let old = if speed.fresh { "" } else { "?" };
            format!("{:.0}x{old}", speed.times)
        }),
    ]
}

fn verdict(verdict: &LastVerdict) -> String {
    let stale = if verdict.fresh { "" } else { ", out of date" };
    format!("{}, {}{stale}", verdict.is, ago(verdict.age))
}

/// How long ago so many seconds are.
pub fn ago(seconds: u64) -> String {
    match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86400),
    }
}

/// What needs a look, a line each.
fn notes(task: &TaskStatus) -> Vec<String> {
    let mut notes = Vec::new();
    let id = &task.task;
    if let Some(problem) = &task.problem {
        notes.push(format!("{id}: {problem}"));
    }
    if let Some(rust) = &task.rust {
        if let Some(line) = rust.broken {
            notes.push(format!(
                "{id}: {}:{line} is no Rust, or a conflict that nobody has resolved",
                rust.path
            ));
        }
        if rust.outdated {
            let script = task.script.as_deref().unwrap_or_default();
            notes.push(format!(
                "{id}: {script} was changed since it was translated: migrate translate {script}"
            ));
        }
        if task.runs == "rust" && rust.holes > 0 {
            notes.push(format!(
                "{id}: runs in Rust with holes, each of which panics"
            ));
        }
    }
    if let Some(verdict) = &task.verdict {
        if let Some(reason) = &verdict.reason {
            notes.push(format!("{id}: inconclusive with {}: {reason}", verdict.log));
        }
        for change in &verdict.changes {
            notes.push(format!("{id}: verdict out of date: {change}"));
        }
    }
    notes
}

fn summary(tasks: &[TaskStatus]) -> String {
    let count = |wanted: &dyn Fn(&TaskStatus) -> bool| tasks.iter().filter(|t| wanted(t)).count();
    let whole = count(&|task| {
        let rust = task.rust.as_ref();
        rust.is_some_and(|rust| rust.holes == 0 && rust.broken.is_none() && !rust.outdated)
    });
    let equal = count(&|task| {
        let verdict = task.verdict.as_ref();
        verdict.is_some_and(|verdict| verdict.fresh && verdict.is == "equal")
    });
    format!(
        "{} of {} tasks in Rust without holes, {equal} found equal, {} run in Rust",
        whole,
        tasks.len(),
        count(&|task| task.runs == "rust")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{Generated, LastSpeed};

    fn task(id: &str) -> TaskStatus {
        TaskStatus {
            task: id.into(),
            runs: "python",
            script: Some(format!("python/{id}.py")),
            python: Some("44a914fa886f".into()),
            rust: None,
            verdict: None,
            speed: None,
            problem: None,
        }
    }

    fn full() -> TaskStatus {
        TaskStatus {
            runs: "rust",
            rust: Some(Generated {
                path: "src/tasks/pid.rs".into(),
                translated: 29,
                statements: 29,
                holes: 0,
                edited: true,
                outdated: false,
                broken: None,
            }),
            verdict: Some(LastVerdict {
                is: "equal",
                reason: None,
                finished: 1,
                age: 7300,
                fresh: true,
                changes: Vec::new(),
                log: "logs/run.copper".into(),
                cycles: 400,
                branches: Some((6, 8)),
                lines: Some((20, 22)),
            }),
            speed: Some(LastSpeed {
                rust_ns: 50,
                python_ns: 150_000,
                times: 3000.0,
                fresh: true,
                profile: "release".into(),
            }),
            ..task("pid")
        }
    }

    #[test]
    fn the_table_is_aligned_and_says_what_needs_a_look() {
        let mut stale = full();
        stale.task = "odometry".into();
        stale.runs = "python";
        if let (Some(verdict), Some(rust), Some(speed)) =
            (&mut stale.verdict, &mut stale.rust, &mut stale.speed)
        {
            verdict.fresh = false;
            verdict.changes = vec!["python/odometry.py was changed since".into()];
            rust.outdated = true;
            speed.fresh = false;
        }
        let expected = "\
task      runs    Python        translated  holes  edited  verdict                      branches  speed
pid       Rust    44a914fa886f  29 of 29    0      yes     equal, 2 h ago               6 of 8    3000x
odometry  Python  44a914fa886f  29 of 29    0      yes     equal, 2 h ago, out of date  6 of 8    3000x?
fan       Python  44a914fa886f  -           -      -       not verified                 -         -

odometry: python/pid.py was changed since it was translated: migrate translate python/pid.py
odometry: verdict out of date: python/odometry.py was changed since

1 of 3 tasks in Rust without holes, 1 found equal, 1 run in Rust
";
        assert_eq!(text(&[full(), stale, task("fan")]), expected);
        assert_eq!(text(&[]), "no task of the graph runs Python\n");
    }

    #[test]
    fn an_age_is_said_in_one_unit() {
        let ages = [0, 59, 60, 3599, 3600, 86399, 86400, 864000].map(ago);
        let expected = [
            "just now",
            "just now",
            "1 min ago",
            "59 min ago",
            "1 h ago",
            "23 h ago",
            "1 d ago",
            "10 d ago",
        ];
        assert_eq!(ages, expected);
    }

    /// The documented schema has every field that the JSON has, and the other way round.
    #[test]
    fn the_json_is_as_documented() {
        let schema = include_str!("../../docs/status.schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        let document: serde_json::Value = serde_json::from_str(&json(&[full()])).unwrap();
        assert_eq!(schema["properties"]["schema"]["const"], document["schema"]);
        let task = &document["tasks"][0];
        let keys = |value: &serde_json::Value| -> Vec<String> {
            let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let defs = &schema["$defs"];
        for (name, value) in [
            ("task", task),
            ("rust", &task["rust"]),
            ("verdict", &task["verdict"]),
            ("speed", &task["speed"]),
        ] {
            assert_eq!(keys(&defs[name]["properties"]), keys(value), "{name}");
            let required = defs[name]["required"].as_array().unwrap();
            assert_eq!(required.len(), keys(value).len(), "{name}");
        }
    }
}

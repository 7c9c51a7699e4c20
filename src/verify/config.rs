//! Reads what `migrate.toml` says about verification.
//!
//! Enters: the app's directory. Leaves: the [`Settings`] of a task: the rules of
//! comparison, and defaults of options. `[package.metadata.migrate]` of `Cargo.toml` says
//! the same where there is no such file. This module must not know what a rule does.
//!
//! ```toml
//! [verify]
//! min-coverage = 80          # percent of the branches of the Python
//! cycle-timeout = 10         # seconds
//!
//! [verify.compare]           # fields: exact | ulps = n | abs = x, rel = y | ignore = "reason"
//! "command.throttle" = { ulps = 2 }
//! "state.samples[*]" = { abs = 1e-9, rel = 1e-6 }
//! "*.tov" = { ignore = "the Python stamps with its own clock" }
//!
//! [verify.compare-types]     # structs of the app, f32, f64
//! f32 = { ulps = 1 }
//!
//! [verify.task.pid.compare]  # for one task, before the others
//! "command.saturated" = "exact"
//! ```

use super::rules::{Rule, RulePlace, Tolerance};
use crate::config::FILE;
use crate::error::Error;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Keys of `[verify]` that are options of the command line: `cli` reads them.
const OPTIONS: [&str; 9] = [
    "against",
    "format",
    "log",
    "max-memory",
    "mission",
    "python",
    "python-mode",
    "run",
    "target-dir",
];

/// What is configured for one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The rules, the more particular last.
    pub rules: Vec<Rule>,
    /// The least part of the branches that has to be executed, in percent.
    pub min_coverage: Option<f64>,
    /// The longest that a call may take, in seconds.
    pub cycle_timeout: Option<f64>,
}

/// Reads the settings of `task` in the app at `root`.
///
/// # Errors
/// The file is not TOML, or says something that is not understood.
pub fn read(root: &Path, task: &str) -> Result<Settings, Error> {
    let own = root.join(FILE);
    let (path, table) = if own.is_file() {
        let table = parse(&own)?;
        (own, table)
    } else {
        let manifest = root.join("Cargo.toml");
        let table = parse(&manifest)?;
        let inner = ["package", "metadata", "migrate"]
            .iter()
            .try_fold(&table, |table, key| table.get(*key)?.as_table());
        (manifest, inner.cloned().unwrap_or_default())
    };
    let faulty = |message: String| Error::Config {
        path: path.clone(),
        message,
        help: "see docs/verify.md for what may stand there".into(),
    };
    let mut settings = Settings::default();
    if let Some(verify) = table.get("verify") {
        let verify = verify
            .as_table()
            .ok_or_else(|| faulty("`verify` is no table".into()))?;
        tasks_table(verify, task, &mut settings).map_err(faulty)?;
    }
    Ok(settings)
}

fn parse(path: &PathBuf) -> Result<Table, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.clone(),
        source,
    })?;
    text.parse::<Table>().map_err(|error| Error::Config {
        path: path.clone(),
        message: error.message().to_owned(),
        help: "it has to be TOML".into(),
    })
}

fn tasks_table(table: &Table, task: &str, settings: &mut Settings) -> Result<(), String> {
    for (key, value) in table {
        match (key.as_str(), value) {
            ("compare", Value::Table(fields)) => {
                add(fields, &mut settings.rules, "compare", RulePlace::Field)?;
            }
            ("compare-types", Value::Table(types)) => {
                add(types, &mut settings.rules, "compare-types", RulePlace::Type)?;
            }
            ("min-coverage", value) => {
                let number = number(value).filter(|n| (0.0..=100.0).contains(n));
                let number = number.ok_or("`min-coverage` is no percentage")?;
                settings.min_coverage = Some(number);
            }
            ("cycle-timeout", value) => {
                let number = number(value).filter(|n| *n > 0.0);
                settings.cycle_timeout = Some(number.ok_or("`cycle-timeout` is no time")?);
            }
            // Read below, so that it comes last.
            ("task", Value::Table(_)) => {}
            (key, _) if OPTIONS.contains(&key) => {}
            (key, _) => return Err(format!("`verify.{key}` is not known, or of another kind")),
        }
    }
    let own = table.get("task").and_then(|tasks| tasks.get(task));
    match own {
        Some(Value::Table(own)) if !own.contains_key("task") => {
            match own.keys().find(|key| OPTIONS.contains(&key.as_str())) {
                Some(key) => Err(format!(
                    "`{key}` is one for all tasks: write it in `[verify]`"
                )),
                None => tasks_table(own, task, settings),
            }
        }
        Some(_) => Err(format!("`verify.task.{task}` is no table of a task")),
        None => Ok(()),
    }
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_float()
        .or_else(|| value.as_integer().map(|n| n as f64))
}

fn add(
    table: &Table,
    rules: &mut Vec<Rule>,
    key: &str,
    place: impl Fn(String) -> RulePlace,
) -> Result<(), String> {
    for (name, value) in table {
        let tolerance = tolerance(value).map_err(|e| format!("`verify.{key}.\"{name}\"`: {e}"))?;
        rules.push(Rule {
            place: place(name.clone()),
            tolerance,
        });
    }
    Ok(())
}

fn tolerance(value: &Value) -> Result<Tolerance, String> {
    let known = "one of \"exact\", { ulps = n }, { abs = x, rel = y }, { ignore = \"reason\" }";
    let table = match value {
        Value::String(text) if text == "exact" => return Ok(Tolerance::Exact),
        Value::Table(table) => table,
        _ => return Err(format!("has to be {known}")),
    };
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    match keys.as_slice() {
        ["ulps"] => {
            let n = table.get("ulps").and_then(Value::as_integer);
            let n = n.and_then(|n| u64::try_from(n).ok());
            n.map(Tolerance::Ulps).ok_or("`ulps` is a number".into())
        }
        ["ignore"] => match table.get("ignore").and_then(Value::as_str) {
            Some(reason) if !reason.trim().is_empty() => Ok(Tolerance::Ignore(reason.into())),
            Some(_) | None => Err("`ignore` has to say why".into()),
        },
        ["abs"] | ["rel"] | ["abs", "rel"] | ["rel", "abs"] => {
            let of = |key: &str| match table.get(key) {
                Some(value) => number(value)
                    .filter(|n| *n >= 0.0 && n.is_finite())
                    .ok_or(format!("`{key}` is a positive number")),
                None => Ok(0.0),
            };
            Ok(Tolerance::Within {
                abs: of("abs")?,
                rel: of("rel")?,
            })
        }
        _ => Err(format!("has to be {known}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), text).unwrap();
        read(dir.path(), "pid").map_err(|error| error.to_string())
    }

    #[test]
    fn the_rules_of_a_task_come_after_those_of_all() {
        let read = settings(
            "[verify]\nmin-coverage = 80\ncycle-timeout = 2.5\n\
             [verify.task.pid.compare]\n\"a.b\" = \"exact\"\n\
             [verify.task.other.compare]\n\"a.c\" = \"exact\"\n\
             [verify.compare]\n\"a.b\" = { ulps = 2 }\nc = { abs = 1e-9 }\n\
             [verify.compare-types]\nf32 = { ignore = \"noise\" }\n",
        )
        .unwrap();
        assert_eq!(read.min_coverage, Some(80.0));
        assert_eq!(read.cycle_timeout, Some(2.5));
        let rules: Vec<String> = read
            .rules
            .iter()
            .map(|rule| format!("{}: {}", rule.place, rule.tolerance))
            .collect();
        let expected = [
            "a.b: ulps = 2",
            "c: abs = 1e-9",
            "type f32: ignore = \"noise\"",
            "a.b: exact",
        ];
        assert_eq!(rules, expected);
        assert_eq!(settings("").unwrap(), Settings::default());
    }

    #[test]
    fn what_is_not_understood_is_an_error_and_not_ignored() {
        for (text, words) in [
            ("[verify]\nmin-cover = 1", "`verify.min-cover` is not known"),
            ("[verify]\nmin-coverage = 800", "no percentage"),
            ("[verify.compare]\na = { ignore = \"\" }", "has to say why"),
            ("[verify.compare]\na = { ulp = 1 }", "has to be one of"),
            ("[verify.compare]\na = { rel = -1.0 }", "positive"),
            ("[verify.compare]\na = \"equal\"", "has to be one of"),
            ("verify = 3", "no table"),
            ("[verify", "TOML"),
        ] {
            let error = settings(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn the_manifest_may_say_it_instead() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[package.metadata.migrate.verify.compare]\na = \"exact\"";
        std::fs::write(dir.path().join("Cargo.toml"), text).unwrap();
        assert_eq!(read(dir.path(), "pid").unwrap().rules.len(), 1);
    }
}

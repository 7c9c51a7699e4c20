//! The store of verdicts: what `verify` and `bench` found last, for those who ask later.
//!
//! Enters: a [`Verification`] or a [`Benchmark`], and the files that it is about. Leaves: a
//! small JSON file a task below the app's `target/migrate/`, and the [`Verdict`]s read back
//! from it, with what has changed since. This module must not run or judge anything.
//!
//! ```text
//! target/migrate/verdicts/pid.json    {"schema": 1, "task": "pid", "records": […]}, newest first
//! target/migrate/bench/pid.json       the same, with one record
//! ```
//!
//! A task has one verdict for each log, run and mission that it was verified with; a later
//! one takes the place of an earlier one of the same, and of all that are about other Python
//! or Rust. A run that is interrupted leaves what is there.

mod files;

pub use files::{Change, FileHash, Files};

use crate::error::Error;
use crate::project::{TaskId, snake_name};
use crate::verify::{Benchmark, Verification, write_whole};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The version of the files' shape; it changes when a field disappears or changes its meaning.
pub const SCHEMA: u32 = 1;

/// What was found about a task, and what it is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record<T> {
    /// When it was found, in seconds since 1970.
    pub finished: u64,
    /// The version of `migrate` that found it.
    pub migrate: String,
    /// The files that it is about.
    pub files: Files,
    /// What was found.
    pub found: T,
}

/// The verdict on one task with one log.
pub type Verdict = Record<Verification>;
/// The last measurement of a task.
pub type Speed = Record<Benchmark>;

impl<T> Record<T> {
    /// A record of now.
    pub fn now(files: Files, found: T) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            finished: since.unwrap_or_default().as_secs(),
            migrate: env!("CARGO_PKG_VERSION").to_owned(),
            files,
            found,
        }
    }

    /// How long ago it was found.
    pub fn age(&self) -> Duration {
        let then = UNIX_EPOCH + Duration::from_secs(self.finished);
        SystemTime::now().duration_since(then).unwrap_or_default()
    }

    /// What keeps it from being about the app at `root` as it is now, whose task runs `script`
    /// or the Rust file `native`; empty where it is fresh.
    pub fn changes(&self, root: &Path, script: &Path, native: &Path) -> Vec<Change> {
        let mut changes = self.files.changes(root);
        for (now, then) in [
            (script, self.files.python.first()),
            (native, Some(&self.files.rust)),
        ] {
            let now = files::shown(root, now);
            if let Some(then) = then.filter(|then| then.path != now) {
                let then = then.path.clone();
                changes.push(Change::Other { now, then });
            }
        }
        changes
    }
}

/// What one file holds.
#[derive(Serialize, Deserialize)]
struct Document<R> {
    schema: u32,
    task: String,
    records: Vec<R>,
}

/// The file that holds the verdicts on a task of the app at `root`.
pub fn verdicts_file(root: &Path, task: &TaskId) -> PathBuf {
    file(root, "verdicts", task)
}

/// The file that holds the last measurement of a task of the app at `root`.
pub fn speed_file(root: &Path, task: &TaskId) -> PathBuf {
    file(root, "bench", task)
}

/// The verdicts on a task, newest first; empty where there is none.
///
/// # Errors
/// The file cannot be read, or another version of `migrate` wrote it.
pub fn verdicts(root: &Path, task: &TaskId) -> Result<Vec<Verdict>, Error> {
    read(&verdicts_file(root, task), task)
}

/// The last measurement of a task.
///
/// # Errors
/// As [`verdicts`].
pub fn speed(root: &Path, task: &TaskId) -> Result<Option<Speed>, Error> {
    Ok(read(&speed_file(root, task), task)?.into_iter().next())
}

/// Stores a verdict in the app at `root`.
///
/// # Errors
/// The file cannot be written.
pub fn store_verdict(root: &Path, verdict: Verdict) -> Result<(), Error> {
    let task = TaskId(verdict.found.task.clone());
    let path = verdicts_file(root, &task);
    // What cannot be read is of no use any more.
    let mut records: Vec<Verdict> = read(&path, &task).unwrap_or_default();
    records.retain(|old| !is_replaced(old, &verdict));
    records.insert(0, verdict);
    write(&path, &task, &records)
}

/// Stores a measurement in the app at `root`.
///
/// # Errors
/// The file cannot be written.
pub fn store_speed(root: &Path, speed: Speed) -> Result<(), Error> {
    let task = TaskId(speed.found.task.clone());
    write(&speed_file(root, &task), &task, &[speed])
}

/// Whether a later verdict makes an earlier one pointless.
fn is_replaced(old: &Verdict, new: &Verdict) -> bool {
    if old.files.rust.path != new.files.rust.path {
        // Of another version of the task, named with `--native`.
        return false;
    }
    let about = |verdict: &Verdict| {
        let facts = &verdict.found.log_facts;
        let asked = (verdict.found.against, facts.run, facts.mission.clone());
        (verdict.found.log.clone(), asked)
    };
    let same_code = old.files.rust.sha256 == new.files.rust.sha256
        && files::same(&old.files.python, &new.files.python);
    !same_code || about(old) == about(new)
}

/// `target/migrate/<kind>/<task>.json`; ids that are no plain file names get one that is
/// theirs alone, also where a file system takes `Pid` and `pid` for the same.
fn file(root: &Path, kind: &str, task: &TaskId) -> PathBuf {
    let id = &task.0;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let name = if !id.is_empty() && id.len() <= 64 && id.chars().all(plain) {
        id.clone()
    } else {
        let digest = Sha256::digest(id.as_bytes());
        let hash: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        let readable: String = snake_name(id).chars().filter(|c| plain(*c)).collect();
        let readable: String = readable.chars().take(40).collect();
        // No plain name holds a hyphen.
        format!("{readable}-{hash}")
    };
    root.join("target/migrate")
        .join(kind)
        .join(format!("{name}.json"))
}

fn read<R: DeserializeOwned>(path: &Path, task: &TaskId) -> Result<Vec<R>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(Error::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    let unusable = |message: String| Error::Config {
        path: path.to_owned(),
        message,
        help: "delete the file, or run `migrate verify` and `migrate bench` again".into(),
    };
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let version: Version =
        serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if version.schema != SCHEMA {
        return Err(unusable(format!(
            "it has the schema {}, this version of migrate reads {SCHEMA}",
            version.schema
        )));
    }
    let document: Document<R> =
        serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if document.task != task.0 {
        return Err(unusable(format!(
            "it is about the task `{}`",
            document.task
        )));
    }
    Ok(document.records)
}

fn write<R: Serialize>(path: &Path, task: &TaskId, records: &[R]) -> Result<(), Error> {
    let document = Document {
        schema: SCHEMA,
        task: task.0.clone(),
        records: records.iter().collect(),
    };
    // Serialization fails on maps with odd keys only, and there is no map.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    write_whole(path, &text)
}

#[cfg(test)]
mod tests;

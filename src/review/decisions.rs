//! Decisions about hunks, kept between two runs of `migrate review --interactive`.
//!
//! Enters: the app's directory and a file of it. Leaves: [`Decisions`], read from and written
//! to `target/migrate/review/`. This module must not know where a hunk comes from.

use super::hunks::Decision;
use crate::error::Error;
use crate::verify::write_whole;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The version of the file's shape.
const SCHEMA: u32 = 1;

/// What was decided about the hunks of one file, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    schema: u32,
    /// The file, relative to the app's root, with `/`.
    pub path: String,
    /// The decisions.
    pub hunks: BTreeMap<String, Decision>,
}

impl Decisions {
    /// Those about the file at `path` of the app at `root`; none where nothing was decided.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read(root: &Path, path: &str) -> Result<Decisions, Error> {
        let file = file(root, path);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(source) => return Err(Error::Read { path: file, source }),
        };
        let none = || Decisions {
            schema: SCHEMA,
            path: path.to_owned(),
            hunks: BTreeMap::new(),
        };
        if text.is_empty() {
            return Ok(none());
        }
        match serde_json::from_str::<Decisions>(&text) {
            Ok(read) if read.schema == SCHEMA && read.path == path => Ok(read),
            Ok(_) => Ok(none()),
            Err(error) => Err(Error::Config {
                path: file,
                message: error.to_string(),
                help: "delete the file: the hunks are asked about anew".into(),
            }),
        }
    }

    /// Keeps them; where there is none, the file goes.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&self, root: &Path) -> Result<(), Error> {
        let path = file(root, &self.path);
        if self.hunks.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(source) if source.kind() != ErrorKind::NotFound => {
                    Err(Error::Write { path, source })
                }
                _ => Ok(()),
            };
        }
        // Serialization fails on maps with odd keys only, and there is no map of that kind.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        write_whole(&path, &text)
    }
}

/// `target/migrate/review/<hash of the path>.json`.
fn file(root: &Path, path: &str) -> PathBuf {
    let digest = Sha256::digest(path.as_bytes());
    let name: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    root.join("target/migrate/review")
        .join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_back_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let mut decisions = Decisions::read(dir.path(), "src/pid.rs").unwrap();
        assert!(decisions.hunks.is_empty());
        let edited = Decision::Edited("a\n".into());
        decisions.hunks.insert("12ab".into(), edited);
        decisions.hunks.insert("34cd".into(), Decision::Rejected);
        decisions.write(dir.path()).unwrap();
        assert_eq!(
            Decisions::read(dir.path(), "src/pid.rs").unwrap(),
            decisions
        );
        assert!(
            Decisions::read(dir.path(), "src/x.rs")
                .unwrap()
                .hunks
                .is_empty()
        );
        std::fs::write(file(dir.path(), "src/pid.rs"), "{").unwrap();
        let error = Decisions::read(dir.path(), "src/pid.rs").unwrap_err();
        assert!(error.to_string().contains("asked about anew"), "{error}");
        decisions.hunks.clear();
        decisions.write(dir.path()).unwrap();
        assert!(!file(dir.path(), "src/pid.rs").exists());
    }
}

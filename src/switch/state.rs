//! What `switch` keeps in the app's `.migrate/`: which tasks it has switched, and the files
//! as they are where all tasks run in Python.
//!
//! Enters: the app's directory. Leaves: [`State`], and the originals. This module must not
//! know how a file is edited.

use super::delta::Delta;
use crate::error::Error;
use crate::update::DIR;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The version of the file's shape.
const SCHEMA: u32 = 1;

/// Which tasks run in Rust because of `switch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Of the file.
    pub schema: u32,
    /// The tasks, in the order of their ids.
    pub tasks: Vec<Switched>,
    /// The SHA-256 of each file as it was written last.
    pub written: BTreeMap<String, String>,
    /// What was taken out of `Cargo.lock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Delta>,
}

/// A task that was switched to Rust. Paths are relative to the app's root, with `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Switched {
    /// Its id.
    pub task: String,
    /// The RON file that declares it.
    pub config: String,
    /// Its type before, as the file spells it.
    pub old_type: String,
    /// Its type now.
    pub new_type: String,
    /// The Rust file that declares its module.
    pub file: String,
    /// The inline modules in that file, down to where the declaration stands.
    pub inline: Vec<String>,
    /// The module.
    pub module: String,
    /// The type alias in that file that stood for the PyTask, where nothing else needs it.
    pub alias: Option<String>,
    /// What the RON file says behind the type.
    pub remark: Option<String>,
    /// Whether the Rust keeps no state, which the node's `kind` has to say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stateless: bool,
}

/// Texts by path, relative to the app's root, with `/`.
pub(super) type Texts = BTreeMap<String, String>;

/// The file that holds the state.
pub(super) const FILE: &str = "switch.json";

/// Where the original of a file is kept.
pub(super) fn original(name: &str) -> String {
    format!("{DIR}/python/{name}")
}

impl State {
    /// What is kept in the app at `root`; of an app that nothing was switched in, nothing.
    ///
    /// # Errors
    /// The file cannot be read, or is of another version.
    pub fn read(root: &Path) -> Result<State, Error> {
        let path = root.join(DIR).join(FILE);
        let Some(text) = read(&path)? else {
            return Ok(State::default());
        };
        let unusable = |message: String| Error::Config {
            path: path.clone(),
            message,
            help: "restore it from the repository: `git checkout -- .migrate`".into(),
        };
        let state: State =
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        match state.schema {
            SCHEMA => Ok(state),
            other => Err(unusable(format!(
                "it has the schema {other}, this version of migrate reads {SCHEMA}"
            ))),
        }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let state = State {
            schema: SCHEMA,
            ..self.clone()
        };
        let mut text = serde_json::to_string_pretty(&state).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Whether a file is as it was written last.
    pub fn wrote(&self, name: &str, text: &str) -> bool {
        self.written
            .get(name)
            .is_some_and(|hash| *hash == sha256(text))
    }
}

/// The SHA-256 of a text.
pub(super) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text of a file; `None` where there is none.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read {
            path: PathBuf::from(path),
            source,
        }),
    }
}

//! The app's `Cargo.lock`, which is cargo's to write.
//!
//! Enters: the app's directory. Leaves: the file as cargo makes it from the new `Cargo.toml`,
//! and in `.migrate/switch.json` what brings the old one back. This module must not know what
//! depends on what.

use super::delta::Delta;
use super::state::{FILE, State, read, sha256};
use crate::error::Error;
use crate::update::DIR;
use crate::verify::write_whole;
use std::path::Path;
use std::process::{Command, Stdio};

/// The file's name.
pub(super) const LOCK: &str = "Cargo.lock";

/// Has cargo bring `Cargo.lock` up to date, without the network; whether that worked. What it
/// was before is kept where tasks are switched.
///
/// # Errors
/// What is kept cannot be written.
pub fn update_lock(root: &Path) -> Result<bool, Error> {
    let path = root.join(LOCK);
    let Some(before) = read(&path)? else {
        // The workspace's, or nobody's.
        return Ok(true);
    };
    let status = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--offline", "--quiet"])
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let worked = status.is_ok_and(|status| status.success());
    let after = read(&path)?.unwrap_or_default();
    let mut state = State::read(root)?;
    if after != before && !state.tasks.is_empty() {
        state.lock = Some(Delta::new(&before, &after));
        state.written.insert(LOCK.into(), sha256(&after));
        write_whole(&root.join(DIR).join(FILE), &state.text())?;
    }
    Ok(worked)
}

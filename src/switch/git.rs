//! Which files have changes that are not committed.
//!
//! Enters: the app's directory and files in it. Leaves: those that git calls changed. This
//! module must not change anything.

use std::path::Path;
use std::process::Command;

/// The files, relative to `root`, that have changes which are not committed; none where the
/// app is in no repository, or there is no git.
pub fn dirty(root: &Path, files: &[&str]) -> Vec<String> {
    let is_changed = |file: &&&str| {
        let mut command = Command::new("git");
        let output = command
            .current_dir(root)
            .args([
                "status",
                "--porcelain=v1",
                "--untracked-files=all",
                "--",
                file,
            ])
            .output();
        output.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    };
    let changed = files.iter().filter(is_changed);
    changed.map(|file| (*file).to_owned()).collect()
}

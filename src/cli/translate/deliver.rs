//! Puts generated files where the user wants them, and says what was done.
//!
//! Enters: a translation, and where its files go. Leaves: the files, new, replaced or merged
//! with what was edited by hand, each with its base in `.migrate/`; or nothing, where one of
//! them cannot be. This module must not know how the Rust came about.

use super::super::console::{BOLD, Console, RESET, YELLOW};
use super::{TranslateArgs, count};
use crate::error::Error;
use crate::project::discover;
use crate::review::unified_diff;
use crate::translation::{GeneratedFile, Translation};
use crate::update::{self, Update, base_file, update};
use crate::verify::write_whole;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What became of the generated files.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    /// What was done, a line each.
    pub done: Vec<String>,
    /// The conflicts with what was edited by hand.
    pub conflicts: usize,
}

/// A generated file on its way to its place.
struct Target<'a> {
    path: PathBuf,
    /// The path as it is shown.
    name: String,
    file: &'a GeneratedFile,
    existing: Option<String>,
    /// Where its base is kept; `None` outside of any app.
    base: Option<PathBuf>,
    update: Update,
}

/// Puts the generated files where the user wants them.
pub(super) fn deliver(
    args: &TranslateArgs,
    root: &Path,
    translation: &Translation,
    console: &Console,
) -> Result<Delivered, Error> {
    if args.stdout {
        for file in &translation.files {
            console.print(&file.text)?;
        }
        return Ok(Delivered::default());
    }
    let mut targets = Vec::new();
    for (index, file) in translation.files.iter().enumerate() {
        // `-o` moves the task's own file; those that it needs beside it stay where they go.
        let moved = args.output.as_ref().filter(|_| index == 0);
        let path = moved.map_or_else(|| root.join(&file.path), Clone::clone);
        let name = moved.unwrap_or(&file.path).display().to_string();
        targets.push(target(path, name, file)?);
    }
    if args.diff {
        for target in &targets {
            if let Some(text) = target.update.text() {
                let name = Path::new(&target.name);
                console.print(&unified_diff(name, target.existing.as_deref(), text))?;
            }
        }
    }
    // All or nothing: look at every file before the first is written.
    for target in &targets {
        refuse(target, console)?;
    }
    let mut delivered = Delivered::default();
    for target in &targets {
        if let Update::Merged { conflicts, .. } = &target.update {
            delivered.conflicts += conflicts.len();
        }
        if !args.diff {
            if let Some(text) = target.update.text() {
                write(&target.path, text)?;
            }
            if let Some(base) = &target.base {
                keep(base, &target.file.text)?;
            }
        }
        delivered.done.extend(said(target, args.diff));
    }
    Ok(delivered)
}

/// What is to become of one file.
fn target<'a>(path: PathBuf, name: String, file: &'a GeneratedFile) -> Result<Target<'a>, Error> {
    let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    let existing = read_existing(&path)?;
    let base = base_of(&absolute);
    let kept = match &base {
        Some(base) => read_existing(base)?,
        None => None,
    };
    let update = update(&name, existing.as_deref(), kept.as_deref(), &file.text);
    Ok(Target {
        path,
        name,
        file,
        existing,
        base,
        update,
    })
}

/// Where the base of a file in an app is kept.
fn base_of(path: &Path) -> Option<PathBuf> {
    let dir = path.ancestors().skip(1).find(|dir| dir.is_dir())?;
    let dir = dir.canonicalize().ok()?;
    let root = discover(&dir).ok()?;
    // The directories below may not be there yet.
    let existing = path.ancestors().skip(1).find(|dir| dir.is_dir())?;
    let path = dir.join(path.strip_prefix(existing).ok()?);
    Some(base_file(&root, path.strip_prefix(&root).ok()?))
}

/// Keeps the base of a file, and says once what such files are.
pub(in crate::cli) fn keep(base: &Path, text: &str) -> Result<(), Error> {
    if read_existing(base)?.as_deref() == Some(text) {
        return Ok(());
    }
    write(base, text)?;
    let dir = base.ancestors().find(|dir| dir.ends_with(update::DIR));
    match dir.map(|dir| dir.join("README.md")) {
        Some(readme) if !readme.exists() => write(&readme, update::README),
        _ => Ok(()),
    }
}

/// What was done with a file, or is to be.
fn said(target: &Target<'_>, is_diff: bool) -> Vec<String> {
    let name = format!("{BOLD}{}{RESET}", target.name);
    match &target.update {
        Update::Merged { text, conflicts } => {
            let verb = if is_diff { "would be" } else { "was" };
            let Some(first) = conflicts.first() else {
                return vec![match Some(text) == target.existing.as_ref() {
                    true => format!("{name} is up to date, with what was edited by hand"),
                    false => format!("{name} {verb} merged with what was edited by hand"),
                }];
            };
            vec![
                format!(
                    "{YELLOW}{}{RESET}: {name} {verb} merged with what was edited by hand",
                    count(conflicts.len(), "conflict")
                ),
                format!("  --> {}:{first}", target.name),
                "  resolve between the markers `<<<<<<<` and `>>>>>>>`; it does not compile before"
                    .to_owned(),
            ]
        }
        _ if is_diff => Vec::new(),
        Update::New(_) => vec![format!("wrote {name}")],
        Update::Same => vec![format!("{name} is up to date")],
        Update::Edited => vec![format!(
            "{name} is up to date, with what was edited by hand"
        )],
        Update::Replaced(_) => vec![format!("updated {name}")],
        Update::Refused { .. } => Vec::new(),
    }
}

/// Stops where a file stands in the way that is not ours to change.
fn refuse(target: &Target<'_>, console: &Console) -> Result<(), Error> {
    let Update::Refused { why, help } = &target.update else {
        return Ok(());
    };
    let name = Path::new(&target.name);
    let existing = target.existing.as_deref();
    console.say(&unified_diff(name, existing, &target.file.text));
    Err(Error::Usage {
        message: format!("{} {why}", target.path.display()),
        help: help.clone(),
    })
}

fn read_existing(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read {
            path: path.to_path_buf(),
            source,
        }),
    }
}

/// Writes a file whole, or not at all; of a link, the file that it leads to.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let target = path.canonicalize();
    write_whole(target.as_deref().unwrap_or(path), text)
}

//! What a new translation makes of the file that is there.
//!
//! Enters: the file's text, the text that the last run generated for it (the base, kept in
//! the app's `.migrate/base/`), and the new one. Leaves: an [`Update`]: what is to be
//! written, or in words why nothing is. Edits by hand are merged, never overwritten. This
//! module must not know how the Rust came about.

mod renumber;

use crate::header::{Header, is_unchanged, seal_of, with_machine_lines};
use crate::merge;
use renumber::renumber;
use std::path::{Path, PathBuf};

/// What is to become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// There is none: the generated text is written.
    New(String),
    /// It says what is generated.
    Same,
    /// It was edited by hand, and nothing else is generated than before.
    Edited,
    /// Nobody edited it: the generated text takes its place.
    Replaced(String),
    /// It was edited by hand, and something else is generated than before.
    Merged {
        /// Both.
        text: String,
        /// The lines, from 1, at which conflicts start.
        conflicts: Vec<usize>,
    },
    /// It is left as it is.
    Refused {
        /// Why, after the file's name.
        why: String,
        /// What to do.
        help: String,
    },
}

/// Where the base of a generated file is kept; `path` is relative to the app's root.
pub fn base_file(root: &Path, path: &Path) -> PathBuf {
    root.join(DIR).join("base").join(path)
}

/// The directory of an app, below its root, in which `migrate` keeps what it needs later.
pub const DIR: &str = ".migrate";

/// What is said in that directory of what lies there.
pub const README: &str = "\
# .migrate

Kept by [migrate](https://crates.io/crates/copper-migrate); commit it with the code.

- `base/`: each generated file as `migrate translate` wrote it last. The next translation
  merges what has changed since with what was edited by hand.
- `switch.json`, `python/`: which tasks run in Rust, and the files of the app as they are
  where all tasks run in Python, so that `migrate switch --to python` brings back every byte.
";

/// Compares what is there with what was generated last and what is generated now. `name` is
/// the file as it is shown.
pub fn update(name: &str, existing: Option<&str>, base: Option<&str>, generated: &str) -> Update {
    let Some(text) = existing else {
        return Update::New(generated.to_owned());
    };
    let own = |text: &str| match text.contains("\r\n") {
        true => text.to_owned(),
        false => text.replace('\n', "\r\n"),
    };
    let (base, generated) = match text.contains("\r\n") {
        true => (base.map(own), own(generated)),
        false => (
            base.map(|base| base.replace("\r\n", "\n")),
            generated.to_owned(),
        ),
    };
    if text == generated {
        return Update::Same;
    }
    if let Some(line) = merge::unresolved(text) {
        return refused(
            &format!("has an unresolved conflict in line {line}: it is left as it is"),
            "resolve it: keep what you want between the markers `<<<<<<<` and `>>>>>>>`, and \
             delete them",
        );
    }
    if is_unchanged(text) {
        return Update::Replaced(generated);
    }
    let Some(header) = Header::parse(text) else {
        return refused("was not written by migrate: it is left as it is", BESIDE);
    };
    let seal = seal_of(text);
    if seal.is_some() && seal == seal_of(&generated) {
        return Update::Edited;
    }
    let base = match base {
        None => {
            return refused(
                "was edited since migrate wrote it, and there is no `.migrate/base/` of it to \
                 merge from: it is left as it is",
                BESIDE,
            );
        }
        Some(base) if !is_unchanged(&base) || seal_of(&base) != seal => {
            return refused(
                "was edited since migrate wrote it, and `.migrate/base/` is not what it was made \
                 from: it is left as it is",
                "take both from the same commit (`git checkout COMMIT -- FILE .migrate`), or take \
                 what you want from the diff above; deleting the file starts it anew",
            );
        }
        Some(base) => base,
    };
    let text = with_machine_lines(text, &base);
    // Lines of the Python that have only moved are no change to what was edited.
    let moved = renumber(&base, &generated, &header.script);
    let merged = merge::lines(
        &moved.apply(&base),
        &moved.apply(&text),
        &generated,
        (
            &format!("{name}, edited by hand"),
            &format!("translated anew from {}", header.script),
        ),
    );
    Update::Merged {
        text: merged.text,
        conflicts: merged.conflicts,
    }
}

/// What to do about a file that is in the way.
const BESIDE: &str = "take what you want from the diff above; `--stdout` or `-o FILE` gives the \
                      new translation beside it, deleting the file starts it anew";

fn refused(why: &str, help: &str) -> Update {
    Update::Refused {
        why: why.to_owned(),
        help: help.to_owned(),
    }
}

impl Update {
    /// The text that the file will have, where it will have another.
    pub fn text(&self) -> Option<&str> {
        match self {
            Update::New(text) | Update::Replaced(text) | Update::Merged { text, .. } => Some(text),
            Update::Same | Update::Edited | Update::Refused { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;

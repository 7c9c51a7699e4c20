//! What the repository holds but a program writes: `golden/`, three pages of `docs/`
//! and the demo's bundle. Each must be byte for byte what is made anew; `just bless` writes them.
//!
//! `golden/` mirrors `fixtures/`. The Rust in it is compiled, with clippy's lints as errors,
//! in a copy of the app that it belongs to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "golden/apps.rs"]
mod apps;
#[path = "golden/bundle.rs"]
mod bundle;
#[path = "golden/clippy.rs"]
mod clippy;
#[path = "golden/constructs.rs"]
mod constructs;
#[path = "golden/diagnostics.rs"]
mod diagnostics;
#[path = "golden/map.rs"]
mod map;
#[path = "golden/reference.rs"]
mod reference;
#[path = "golden/support.rs"]
mod support;
#[path = "golden/tasks.rs"]
mod tasks;

use copper_migrate::diagnostic::Diagnostic;
use copper_migrate::report::diagnostics::render;
use copper_migrate::review::unified_diff;
use copper_migrate::translation::Translation;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files by their path from the repository's root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file that is made.
fn all() -> Files {
    let mut files = apps::files();
    files.extend(diagnostics::files());
    files.extend(constructs::files());
    files.extend(support::files());
    files.extend(reference::files());
    files.extend(tasks::files());
    files.extend(bundle::files());
    files
}

/// Compares what is made with what is there.
fn check(made: &Files) {
    let mut wrong = String::new();
    for (path, new) in made {
        let old = fs::read(root().join(path)).ok();
        if old.as_ref() == Some(new) {
            continue;
        }
        match (old.map(String::from_utf8), std::str::from_utf8(new)) {
            (None, _) => wrong += &format!("{} is missing\n", path.display()),
            (Some(Ok(old)), Ok(new)) => wrong += &unified_diff(path, Some(&old), new),
            _ => wrong += &format!("{} differs\n", path.display()),
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\nif that is as it should be: `just bless`, and look at the diff"
    );
}

/// The paths of all files below a directory, from the repository's root.
fn below(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut dirs = vec![root().join(dir)];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// What the user is told of a translation: the diagnostics, and how much was translated.
fn told(translation: &Translation) -> Vec<u8> {
    said(translation, translation.told())
}

/// As [`told`], of these diagnostics.
fn said(translation: &Translation, shown: Vec<Diagnostic>) -> Vec<u8> {
    let text = anstream::adapter::strip_str(&render(&translation.source, &shown)).to_string();
    let coverage = translation.coverage;
    format!(
        "{text}{} of {} statements, holes: {}, warnings: {}\n",
        coverage.translated,
        coverage.total,
        translation.holes(),
        translation.warnings()
    )
    .into_bytes()
}

#[test]
fn there_is_no_golden_file_that_nothing_makes() {
    let made = all();
    let stale: Vec<_> = below("golden")
        .into_iter()
        .filter(|path| !made.contains_key(path))
        .collect();
    assert!(stale.is_empty(), "`just bless` removes {stale:?}");
}

/// Not a test: what `just bless` runs.
#[test]
#[ignore = "writes golden/, docs/ and the demo's bundle"]
fn bless() {
    let made = all();
    for path in below("golden") {
        if !made.contains_key(&path) {
            fs::remove_file(root().join(path)).unwrap();
        }
    }
    for (path, text) in made {
        let path = root().join(path);
        if fs::read(&path).ok().as_ref() != Some(&text) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            println!("wrote {}", path.display());
        }
    }
}

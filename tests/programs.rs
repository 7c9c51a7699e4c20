//! Classic programs, translated with `--module --main`, compiled, run, and compared with
//! CPython: what they write to stdout, and how they exit.
//!
//! A program is whole (no holes), then it must compile and be equal. All whole programs are
//! one crate, whose binary runs the one that it is told to; it is built again only where the
//! Rust changed. `cargo test --test programs -- --nocapture` prints the table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "programs/crates.rs"]
mod crates;

use copper_migrate::diagnostic::Severity;
use copper_migrate::pipeline::translate_module;
use copper_migrate::project::Form;
use crates::{build, ran};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that are not whole yet, and why: `name: reason`, a line each. Written by
/// `cargo test --test programs -- --ignored`.
const NOT_WHOLE: &str = "fixtures/programs/not_whole.txt";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the programs, sorted; those of `PROGRAMS` where it is set.
fn programs() -> Vec<String> {
    let wanted = std::env::var("PROGRAMS").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "py"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| wanted.is_empty() || wanted.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// The programs; those of `PROGRAMS_DIR` where it is set.
fn folder() -> PathBuf {
    std::env::var_os("PROGRAMS_DIR").map_or_else(|| root().join("fixtures/programs"), PathBuf::from)
}

/// The Rust of a program, or the reasons why it is not whole.
fn translated(name: &str) -> Result<String, Vec<String>> {
    let file = format!("{name}.py");
    let translation = translate_module(&folder().join(&file), &file, Form::Program).unwrap();
    if translation.holes() == 0 {
        return Ok(translation.files[0].text.clone());
    }
    let errors = translation
        .diagnostics
        .iter()
        .filter(|d| d.severity() == Severity::Error);
    let line = |d: &copper_migrate::diagnostic::Diagnostic| {
        let line = translation.source.line(d.span.start);
        format!("{name}.py:{line}: {} {}", d.code, d.message)
    };
    Err(errors.map(line).collect())
}

#[test]
fn whole_programs_do_what_cpython_does() {
    let names = programs();
    let mut rust = BTreeMap::new();
    let mut holes = BTreeMap::new();
    for name in &names {
        match translated(name) {
            Ok(text) => {
                rust.insert(name.clone(), text);
            }
            Err(why) => {
                holes.insert(name.clone(), why);
            }
        }
    }
    let (binary, broken) = build("programs", &rust);
    let mut table = String::new();
    let mut wrong = BTreeSet::new();
    let mut equal = 0;
    for name in &names {
        let verdict = match (holes.get(name), broken.get(name)) {
            (Some(why), _) => format!("{} holes\n    {}", why.len(), why.join("\n    ")),
            (_, Some(why)) => {
                wrong.insert(name.clone());
                format!("does not compile\n{why}")
            }
            (None, None) => {
                let python = ran(Command::new("python3")
                    .arg(format!("{name}.py"))
                    .current_dir(folder()));
                let native = ran(Command::new(&binary).arg(name));
                if python.out == native.out && python.code == native.code {
                    equal += 1;
                    "equal".to_owned()
                } else {
                    wrong.insert(name.clone());
                    format!("WRONG\n  CPython: {python:?}\n  Rust:    {native:?}")
                }
            }
        };
        writeln!(table, "{name:24} {verdict}").unwrap();
    }
    writeln!(
        table,
        "{} programs: {} whole, {} compile, {equal} equal, {} wrong",
        names.len(),
        rust.len(),
        rust.len() - broken.len(),
        wrong.len()
    )
    .unwrap();
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong:?}\n{table}");
    if std::env::var_os("PROGRAMS").is_some() || std::env::var_os("PROGRAMS_DIR").is_some() {
        return;
    }
    let list = fs::read_to_string(root().join(NOT_WHOLE)).unwrap();
    let expected: BTreeSet<&str> = list.lines().filter_map(|l| l.split(':').next()).collect();
    let found: BTreeSet<&str> = holes.keys().map(String::as_str).collect();
    let now_whole: Vec<_> = expected.difference(&found).collect();
    let lost: Vec<_> = found.difference(&expected).collect();
    assert!(lost.is_empty(), "not whole any more: {lost:?}\n{table}");
    assert!(
        now_whole.is_empty(),
        "whole now: {now_whole:?}; write {NOT_WHOLE} anew"
    );
}

/// Not a test: writes the list of the programs that are not whole.
#[test]
#[ignore = "writes fixtures/programs/not_whole.txt"]
fn bless() {
    let mut list = String::new();
    for name in programs() {
        if let Err(why) = translated(&name) {
            let reason = why.first().map_or("", String::as_str);
            let reason = reason.split_once(": ").map_or(reason, |(_, reason)| reason);
            writeln!(list, "{name}: {reason}").unwrap();
        }
    }
    fs::write(root().join(NOT_WHOLE), list).unwrap();
}

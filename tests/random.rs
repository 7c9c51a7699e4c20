//! Random programs: what is whole must compile, and do what CPython does.
//!
//! `PROGRAMS=500 SEED=7 cargo test --test random -- --nocapture` for a long run. What is
//! drawn depends on the seed alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "programs/crates.rs"]
mod crates;
#[path = "random/grammar.rs"]
mod grammar;
#[path = "mutants/mutate.rs"]
#[allow(dead_code)]
mod mutate;

use copper_migrate::pipeline::translate_module;
use copper_migrate::project::Form;
use crates::{build, ran};
use grammar::Grammar;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// How many programs of each kind are made where `PROGRAMS` does not say.
const PROGRAMS: usize = 40;

fn number(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| value.parse().unwrap())
}

fn check(kind: &str, draw: fn(&mut Grammar) -> String) {
    let (count, seed) = (number("PROGRAMS", PROGRAMS), number("SEED", 1));
    let dir = tempfile::tempdir().unwrap();
    let mut rust = BTreeMap::new();
    for n in 0..count {
        let mut grammar = Grammar::new((seed * 1_000_003 + n) as u64);
        let name = format!("{kind}_{n:04}");
        let file = format!("{name}.py");
        fs::write(dir.path().join(&file), draw(&mut grammar)).unwrap();
        let translation = translate_module(&dir.path().join(&file), &file, Form::Program).unwrap();
        if translation.holes() == 0 {
            rust.insert(name, translation.files[0].text.clone());
        }
    }
    let (binary, broken) = build(kind, &rust);
    let text = |name: &str| fs::read_to_string(dir.path().join(format!("{name}.py"))).unwrap();
    let mut wrong = Vec::new();
    for name in rust.keys() {
        if let Some(why) = broken.get(name) {
            wrong.push(format!("{name} does not compile: {why}\n{}", text(name)));
            continue;
        }
        let script = format!("{name}.py");
        let python = ran(Command::new("python3").arg(script).current_dir(dir.path()));
        let native = ran(Command::new(&binary).arg(name));
        // An int that leaves 64 bits ends the Rust with a word about it.
        let loud = ["leaves i", "leaves u", "leaves 64 bits", "no 64-bit int"]
            .iter()
            .any(|w| native.err.contains(w))
            && python.out.starts_with(&native.out);
        if (python.out != native.out || python.code != native.code) && !loud {
            let shown = format!("CPython: {python:?}\nRust: {native:?}");
            wrong.push(format!("{name} differs\n{shown}\n{}", text(name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    println!("{count} {kind}: {} whole, all of them equal", rust.len());
    // Too few would mean that nothing is tested.
    assert!(rust.len() * 5 > count, "{} of {count} whole", rust.len());
}

#[test]
fn random_programs_of_numbers() {
    check("numbers", Grammar::numbers);
}

#[test]
fn random_programs_of_objects() {
    check("objects", Grammar::objects);
}

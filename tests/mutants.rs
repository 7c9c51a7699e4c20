//! Any Python gives Rust that compiles, or holes: the fixtures, changed at random.
//!
//! `MUTANTS=2000 cargo test --test mutants -- --nocapture` for a long run; `SEED` for others.
//! What is drawn depends on the seed and the fixtures alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "mutants/mutate.rs"]
mod mutate;

use copper_migrate::diagnostic::Code;
use copper_migrate::pipeline;
use copper_migrate::project::{Project, TaskId};
use mutate::{Random, mutate};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many mutants are made where `MUTANTS` does not say.
const MUTANTS: usize = 60;
/// Modules in one crate: rustc's memory is bounded.
const BATCH: usize = 250;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn number(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| value.parse().unwrap())
}

/// The Python files below a directory, in order.
fn scripts(dir: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(root().join(dir))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "py"))
        .collect();
    found.sort();
    found
}

/// A mutant and what became of it.
struct Mutant {
    name: String,
    python: String,
    rust: String,
    holes: usize,
}

/// Mutants of the fixtures that work on the types of `fixtures/diagnostics`.
fn mutants(count: usize, random: &mut Random) -> Vec<Mutant> {
    let texts: Vec<String> = ["fixtures/constructs", "fixtures/diagnostics"]
        .iter()
        .flat_map(|dir| scripts(dir))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let app = Project::load(&root().join("fixtures/diagnostics")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut mutants = Vec::new();
    while mutants.len() < count {
        let text = &texts[random.below(texts.len())];
        let mut python = text.clone();
        for _ in 0..=random.below(3) {
            python = mutate(&python, random);
        }
        let name = format!("m{:04}", mutants.len());
        let script = dir.path().join(format!("{name}.py"));
        fs::write(&script, &python).unwrap();
        let mut project = app.clone();
        let node = &mut project.nodes[0];
        node.id = TaskId(name.clone());
        let binding = node.binding.as_mut().unwrap();
        binding.script = script;
        binding.script_name = format!("{name}.py");
        let id = node.id.clone();
        let translation = pipeline::translate(&project, &id)
            .unwrap_or_else(|error| panic!("{error}\n\n{python}"));
        let wrong = translation
            .diagnostics
            .iter()
            .any(|d| d.code == Code::SyntaxError);
        if wrong {
            continue;
        }
        mutants.push(Mutant {
            name,
            python,
            rust: translation.files[0].text.clone(),
            holes: translation.holes(),
        });
    }
    mutants
}

/// Compiles the Rust of mutants in a copy of the app; the errors by module.
fn errors(mutants: &[&Mutant]) -> BTreeMap<String, String> {
    let app = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants-app");
    let _ = fs::remove_dir_all(&app);
    fs::create_dir_all(app.join("src/tasks")).unwrap();
    let from = root().join("fixtures/diagnostics");
    for file in ["Cargo.toml", "build.rs", "copperconfig.ron"] {
        let _ = fs::copy(from.join(file), app.join(file));
    }
    let lock = root().join("fixtures/apps/pid/Cargo.lock");
    fs::copy(lock, app.join("Cargo.lock")).unwrap();
    for entry in fs::read_dir(from.join("src")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, app.join("src").join(path.file_name().unwrap())).unwrap();
    }
    let mut modules = String::new();
    for mutant in mutants {
        let name = &mutant.name;
        fs::write(app.join(format!("src/tasks/{name}.rs")), &mutant.rust).unwrap();
        writeln!(modules, "#[path = \"tasks/{name}.rs\"]\npub mod {name};").unwrap();
    }
    let tasks = app.join("src/tasks.rs");
    modules += &fs::read_to_string(&tasks).unwrap();
    fs::write(&tasks, modules).unwrap();
    let python = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    let output = Command::new("cargo")
        .args(["check", "--quiet", "--message-format", "short"])
        .current_dir(&app)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify-target"),
        )
        .env(
            "PYO3_PYTHON",
            String::from_utf8(python.stdout).unwrap().trim(),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let mut found = BTreeMap::new();
    for line in said.lines().filter(|line| line.contains(": error")) {
        let name = line
            .strip_prefix("src/tasks/")
            .and_then(|rest| rest.get(..5));
        let name = name.unwrap_or("elsewhere").to_owned();
        found.entry(name).or_insert_with(|| line.to_owned());
    }
    assert!(output.status.success() || !found.is_empty(), "{said}");
    found
}

/// The mutants that rustc refuses, with its first error. An error of a name or of a macro hides
/// those of the other modules: what is refused is taken out until the rest compiles.
fn refused(mutants: &[&Mutant]) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    loop {
        let rest: Vec<&Mutant> = mutants
            .iter()
            .filter(|mutant| !refused.contains_key(&mutant.name))
            .copied()
            .collect();
        let found = errors(&rest);
        if found.is_empty() || found.contains_key("elsewhere") {
            refused.extend(found);
            return refused;
        }
        refused.extend(found);
    }
}

#[test]
fn rust_of_mutated_fixtures_compiles() {
    let mut random = Random::new(number("SEED", 1) as u64);
    let mutants = mutants(number("MUTANTS", MUTANTS), &mut random);
    let all: Vec<&Mutant> = mutants.iter().collect();
    let mut wrong = BTreeMap::new();
    for batch in all.chunks(BATCH) {
        wrong.extend(refused(batch));
    }
    let whole = mutants.iter().filter(|mutant| mutant.holes == 0).count();
    println!(
        "{} mutants: {whole} whole, {} with holes; {} do not compile",
        mutants.len(),
        mutants.len() - whole,
        wrong.len()
    );
    let mut report = String::new();
    for (name, error) in &wrong {
        let Some(mutant) = mutants.iter().find(|mutant| mutant.name == *name) else {
            writeln!(report, "{error}").unwrap();
            continue;
        };
        let Mutant { python, holes, .. } = mutant;
        writeln!(report, "{error}\n--- {name}.py, {holes} holes\n{python}").unwrap();
    }
    assert!(wrong.is_empty(), "{report}");
    assert!(whole > 0 && whole < mutants.len());
}

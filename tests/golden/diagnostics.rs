//! One fixture for every diagnostic code: a small Python file that raises it.

use super::{Files, below, check, root, said, told};
use copper_migrate::diagnostic::{Code, suppress};
use copper_migrate::pipeline;
use copper_migrate::project::{Project, TaskId};
use copper_migrate::translation::Translation;
use std::path::{Path, PathBuf};

/// The fixtures of one folder, translated; by name, with the Rust's file.
pub fn translations_of(folder: &str) -> Vec<(String, Translation)> {
    let dir = root().join("fixtures").join(folder);
    let app = Project::load(&dir).unwrap();
    let mut translations = Vec::new();
    for path in fixtures(folder) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut project = app.clone();
        let node = &mut project.nodes[0];
        node.id = TaskId(name.to_lowercase());
        let binding = node.binding.as_mut().unwrap();
        binding.script = root().join(&path);
        let text = std::fs::read_to_string(&binding.script).unwrap();
        if text.starts_with("# Two inputs.") {
            binding.inputs.push(binding.inputs[0].clone());
        }
        binding.script_name = format!("{name}.py");
        let id = node.id.clone();
        translations.push((name, pipeline::translate(&project, &id).unwrap()));
    }
    translations
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let is_python = |path: &PathBuf| path.extension().is_some_and(|e| e == "py");
    below(&format!("fixtures/{folder}"))
        .into_iter()
        .filter(is_python)
        .collect()
}

/// What the user is told of each fixture of a folder, and its Rust.
pub fn files_of(folder: &str) -> Files {
    let mut files = Files::new();
    let dir = Path::new("golden").join(folder);
    for (name, mut translation) in translations_of(folder) {
        let rust = std::mem::take(&mut translation.files[0].text);
        let text = if folder == "diagnostics" {
            let shown = suppress(translation.diagnostics.clone(), &translation.source);
            said(&translation, shown)
        } else {
            told(&translation)
        };
        files.insert(dir.join(format!("{name}.txt")), text);
        files.insert(dir.join(format!("{name}.rs")), rust.into_bytes());
    }
    files
}

/// A file for every code.
pub fn files() -> Files {
    files_of("diagnostics")
}

#[test]
fn the_diagnostics_are_as_before() {
    check(&files());
}

#[test]
fn every_code_has_a_fixture_that_raises_it() {
    let translations = translations_of("diagnostics");
    for code in Code::ALL {
        let name = code.name();
        let fixture = translations.iter().find(|(fixture, _)| fixture == name);
        let Some((_, translation)) = fixture else {
            panic!("{name} needs a fixture: fixtures/diagnostics/{name}.py");
        };
        let shown = suppress(translation.diagnostics.clone(), &translation.source);
        let raised = shown.iter().any(|diagnostic| diagnostic.code == *code);
        assert!(raised, "{name}.py does not raise {name}");
    }
    for path in fixtures("diagnostics") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(Code::from_name(name).is_some(), "{name} is no code");
    }
}

//! The modules of `fixtures/tasks/`, which `benches/tasks.rs` measures.

use super::{Files, check, root, told};
use copper_migrate::pipeline::translate_module;
use copper_migrate::project::Form;
use std::path::PathBuf;

/// Their Rust, and what is said of them.
pub fn files() -> Files {
    let mut files = Files::new();
    for path in super::below("fixtures/tasks") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let translation = translate_module(&root().join(&path), &name, Form::Library).unwrap();
        assert_eq!(translation.holes(), 0, "{name}");
        let made = PathBuf::from("golden/tasks").join(&name);
        files.insert(
            made.with_extension("rs"),
            translation.files[0].text.clone().into_bytes(),
        );
        files.insert(made.with_extension("txt"), told(&translation));
    }
    files
}

#[test]
fn the_modules_of_the_benchmark_are_translated_as_before() {
    check(&files());
}

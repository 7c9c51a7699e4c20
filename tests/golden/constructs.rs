//! What is translated, construct by construct: each fixture is translated whole.

use super::diagnostics::{files_of, translations_of};
use super::{Files, check};

/// The constructs of Python, and the types of messages.
const FOLDERS: [&str; 2] = ["constructs", "payloads"];

/// The fixtures' Rust and what the user is told of them.
pub fn files() -> Files {
    FOLDERS.into_iter().flat_map(files_of).collect()
}

#[test]
fn the_constructs_are_translated_as_before() {
    check(&files());
}

#[test]
fn the_constructs_are_translated_whole() {
    for (name, translation) in FOLDERS.into_iter().flat_map(translations_of) {
        assert_eq!(translation.holes(), 0, "{name}");
        assert_eq!(
            translation.coverage.translated, translation.coverage.total,
            "{name}"
        );
    }
}

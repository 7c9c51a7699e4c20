//! What is translated, construct by construct: each fixture is translated whole.

use super::diagnostics::{files_of, translations_of};
use super::{Files, check};

/// The fixtures' Rust and what the user is told of them.
pub fn files() -> Files {
    files_of("constructs")
}

#[test]
fn the_constructs_are_translated_as_before() {
    check(&files());
}

#[test]
fn the_constructs_are_translated_whole() {
    for (name, translation) in translations_of("constructs") {
        assert_eq!(translation.holes(), 0, "{name}");
        assert_eq!(
            translation.coverage.translated, translation.coverage.total,
            "{name}"
        );
    }
}

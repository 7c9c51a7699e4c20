//! What the user gets to read, one format a file.
//!
//! Enters: diagnostics, translations, verdicts. Leaves: text. Nothing is written here.
//! This module must not know which stage found what it shows.

pub mod diagnostics;

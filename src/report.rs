//! What the user gets to read, one format a file.
//!
//! Enters: diagnostics, translations, verdicts. Leaves: text. Nothing is written here.
//! This module must not know which stage found what it shows.

pub mod diagnostics;
pub mod json;
pub mod text;

use crate::verify::Verification;

/// What is reported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report<'a> {
    /// The verifications, one for each task.
    pub verifications: &'a [Verification],
}

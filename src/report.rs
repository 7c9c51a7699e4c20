//! What the user gets to read, one format a file.
//!
//! Enters: diagnostics, translations, verdicts. Leaves: text. Nothing is written here.
//! This module must not know which stage found what it shows.

pub mod bench;
pub mod check;
pub mod diagnostics;
pub mod github;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod page;
pub mod review;
pub mod sarif;
pub mod status;
pub mod text;
mod words;

use crate::verify::Verification;
use serde::{Deserialize, Serialize};

/// What is reported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report<'a> {
    /// The verifications, one for each task and log.
    pub verifications: &'a [Verification],
    /// What could not be verified at all.
    pub faults: &'a [Fault],
}

/// A verification that could not be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The node of the graph.
    pub task: String,
    /// The log.
    pub log: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// The exit code that it alone would end with: 2, or 3 where the log is at fault.
    pub exit_code: u8,
}

impl Report<'_> {
    /// The exit code of all of it: a divergence counts more than a fault of the run, that
    /// more than what could not be concluded, and that more than equality.
    pub fn exit_code(&self) -> u8 {
        let verdicts = self.verifications.iter().map(|v| v.verdict.exit_code());
        let codes = verdicts.chain(self.faults.iter().map(|fault| fault.exit_code));
        let weight = |code: &u8| match code {
            1 => 3,
            2 => 2,
            3 => 1,
            _ => 0,
        };
        codes.max_by_key(weight).unwrap_or(3)
    }
}

#[cfg(test)]
mod tests;

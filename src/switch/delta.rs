//! What a long text was, kept as what has changed in it.
//!
//! Enters: a text before and after. Leaves: [`Delta`], with which the text after gives the
//! text before. This module must not know what the text says.

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// The way back from a text to the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delta {
    /// For each change: the line, from 0, the number of lines to take out there, and the
    /// lines to put in.
    changes: Vec<(usize, usize, Vec<String>)>,
}

impl Delta {
    /// The way from `after` back to `before`.
    pub fn new(before: &str, after: &str) -> Delta {
        let lines = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
        let (after, before) = (lines(after), lines(before));
        let ops = capture_diff_slices(Algorithm::Patience, &after, &before);
        let changes = ops.iter().filter(|op| op.tag() != DiffTag::Equal);
        let change = |op: &similar::DiffOp| {
            let (old, new) = (op.old_range(), op.new_range());
            let new = before.get(new).unwrap_or_default();
            let new = new.iter().map(|line| (*line).to_owned()).collect();
            (old.start, old.len(), new)
        };
        Delta {
            changes: changes.map(change).collect(),
        }
    }

    /// The text before.
    pub fn back(&self, after: &str) -> String {
        let lines: Vec<&str> = after.split_inclusive('\n').collect();
        let mut text = String::new();
        let mut at = 0;
        for (start, removed, added) in &self.changes {
            text.extend(lines.get(at..*start).unwrap_or_default().iter().copied());
            text.extend(added.iter().map(String::as_str));
            at = start + removed;
        }
        text.extend(lines.get(at..).unwrap_or_default().iter().copied());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_exact() {
        let texts = ["", "a", "a\nb\nc\n", "b\nc", "x\na\nb\nc\nd\n", "a\nc\n"];
        for before in texts {
            for after in texts {
                assert_eq!(Delta::new(before, after).back(after), before);
            }
        }
    }
}

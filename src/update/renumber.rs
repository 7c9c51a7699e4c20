//! Line numbers of the Python in the Rust: `python/pid.py:12` in the text of an error.
//!
//! Enters: two generated texts. Leaves: which line became which, where lines of the Rust
//! differ in nothing else. This module must not know what was edited.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::BTreeMap;

/// Which line of a script became which.
#[derive(Debug, Default)]
pub(super) struct Moved {
    script: String,
    lines: BTreeMap<String, String>,
}

/// The lines of `script` that have moved between two texts generated from it.
pub(super) fn renumber(old: &str, new: &str, script: &str) -> Moved {
    let masked = |text: &str| -> Vec<(String, Vec<String>)> {
        let lines = text.lines();
        lines.map(|line| mask(line, script)).collect()
    };
    let (old, new) = (masked(old), masked(new));
    let texts = |lines: &[(String, Vec<String>)]| -> Vec<String> {
        lines.iter().map(|(text, _)| text.clone()).collect()
    };
    let mut lines: BTreeMap<String, Option<String>> = BTreeMap::new();
    for op in capture_diff_slices(Algorithm::Patience, &texts(&old), &texts(&new)) {
        let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        else {
            continue;
        };
        let pairs = old.iter().skip(old_index).zip(new.iter().skip(new_index));
        for ((_, from), (_, to)) in pairs.take(len) {
            for (from, to) in from.iter().zip(to) {
                let known = lines.entry(from.clone()).or_insert(Some(to.clone()));
                // One line that became two is none that has only moved.
                if known.as_ref() != Some(to) {
                    *known = None;
                }
            }
        }
    }
    let lines = lines.into_iter();
    Moved {
        script: script.to_owned(),
        lines: lines.filter_map(|(from, to)| Some((from, to?))).collect(),
    }
}

impl Moved {
    /// A text with the new numbers.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for (before, number) in pieces(text, &self.script) {
            out.push_str(before);
            out.push_str(self.lines.get(number).map_or(number, String::as_str));
        }
        out
    }
}

/// A line without the numbers, and the numbers.
fn mask(line: &str, script: &str) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut numbers = Vec::new();
    for (before, number) in pieces(line, script) {
        text.push_str(before);
        if !number.is_empty() {
            numbers.push(number.to_owned());
        }
    }
    (text, numbers)
}

/// The text up to each number, colon included, and the number; the last has none.
fn pieces<'a>(text: &'a str, script: &str) -> Vec<(&'a str, &'a str)> {
    let name = format!("{script}:");
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|text| text.find(&name)) {
        let start = from + found + name.len();
        let digits = rest.get(start..).unwrap_or_default();
        let len = digits.bytes().take_while(u8::is_ascii_digit).count();
        if len == 0 || script.is_empty() {
            from = start.max(from + 1);
            if script.is_empty() {
                break;
            }
            continue;
        }
        let (before, after) = rest.split_at(start);
        let (number, after) = after.split_at(len);
        pieces.push((before, number));
        rest = after;
        from = 0;
    }
    pieces.push((rest, ""));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_have_moved_are_told_from_lines_that_are_others() {
        let old = "a(\"p.py:3: x\")\nb\nc(\"p.py:9: y\", \"p.py:3\")\n";
        let new = "new\na(\"p.py:5: x\")\nb\nc(\"p.py:11: y\", \"p.py:5\")\n";
        let moved = renumber(old, new, "p.py");
        assert_eq!(
            moved.apply("z p.py:3 p.py:9 p.py:30 q.py:3"),
            "z p.py:5 p.py:11 p.py:30 q.py:3"
        );
        let moved = renumber(old, &new.replace("\"p.py:5\")", "\"p.py:6\")"), "p.py");
        assert_eq!(moved.apply("p.py:3 p.py:9"), "p.py:3 p.py:11");
        assert_eq!(renumber("", "", "").apply("a:1"), "a:1");
    }
}

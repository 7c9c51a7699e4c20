//! The Python line that a line of the generated Rust came from.
//!
//! Enters: the project, the generated file as it is now. Leaves: for a line of it, the line
//! of the script; where the file was edited, by the line before that was not. This module
//! must not know why anyone asks.

use super::plan::Plan;
use crate::pipeline;
use crate::project::{Binding, Project};
use crate::source::SourceFile;
use similar::{ChangeTag, TextDiff};
use std::path::Path;

/// Where line `line` of the Rust file `file` (relative to the harness) came from, in words.
pub fn origin(
    project: &Project,
    binding: &Binding,
    plan: &Plan,
    file: &Path,
    line: usize,
) -> Option<String> {
    if file != plan.module_path {
        return None;
    }
    let translation = pipeline::translate(project, &plan.task).ok()?;
    let generated = translation.files.first()?;
    let script = std::fs::read_to_string(&binding.script).ok()?;
    let script = SourceFile::new(&binding.script, &binding.script_name, script);
    let line = unedited(&generated.text, &plan.generated_text, line)?;
    let before = generated.lines.iter().filter(|(at, _)| *at <= line);
    let (_, span) = before.max_by_key(|(at, _)| *at)?;
    let at = script.line(span.start);
    let text = script.line_text(at).trim().to_owned();
    Some(format!("came from {}:{at}: {text}", binding.script_name))
}

/// The line of the old text that is line `line` of the new one, or the last before it.
fn unedited(old: &str, new: &str, line: usize) -> Option<usize> {
    let diff = TextDiff::from_lines(old, new);
    let mut last = None;
    for change in diff.iter_all_changes() {
        let (old, new) = (change.old_index(), change.new_index());
        match (change.tag(), old, new) {
            (ChangeTag::Equal, Some(old), Some(new)) if new < line => last = Some(old + 1),
            (ChangeTag::Delete, Some(old), _) if last == Some(old) => last = Some(old + 1),
            (ChangeTag::Insert, _, Some(new)) if new + 1 >= line => break,
            _ => {}
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_where_lines_were_put_before_it_or_it_was_changed() {
        let old = "a\nb\nc\nd\n";
        assert_eq!(unedited(old, old, 3), Some(3));
        assert_eq!(unedited(old, "x\na\nb\nc\nd\n", 4), Some(3));
        assert_eq!(unedited(old, "a\nb\nC\nd\n", 3), Some(3));
    }
}

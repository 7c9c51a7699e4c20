//! What a translation does to the files of the app.
//!
//! Enters: generated text and the text that is there. Leaves: the difference, and the edits
//! that wire a task in. Nothing is written here. This module
//! must not know how the Rust came about.

pub mod decisions;
pub mod hunks;
pub mod links;
mod points;
mod subject;

pub use points::{Kind, Point, points};
pub use subject::{Change, Executed, Known, Origin, Subject};

use crate::project::{Node, Project};
use crate::translation::GeneratedFile;
use similar::TextDiff;
use std::path::Path;

/// The unified diff from the file that is there to the generated one; empty where they say
/// the same.
pub fn unified_diff(path: &Path, existing: Option<&str>, generated: &str) -> String {
    let name = path.display().to_string().replace('\\', "/");
    let old = match existing {
        Some(_) => format!("a/{name}"),
        None => "/dev/null".to_owned(),
    };
    TextDiff::from_lines(existing.unwrap_or(""), generated)
        .unified_diff()
        .header(&old, &format!("b/{name}"))
        .to_string()
}

/// The edits that put the generated task in its PyTask's place, a line each; empty where
/// the node is wired already. `module_text` is the text of the file that is to declare the
/// new module.
pub fn wiring(
    project: &Project,
    node: &Node,
    task: &GeneratedFile,
    module_text: &str,
) -> Vec<String> {
    let Some(binding) = &node.binding else {
        return Vec::new();
    };
    if binding.wired.is_some() {
        return Vec::new();
    }
    let mut edits = Vec::new();
    let shown = |path: &Path| {
        let path = path.strip_prefix(&project.root).unwrap_or(path);
        path.display().to_string().replace('\\', "/")
    };
    if let Some(name) = task.module.last() {
        let declared = module_text.lines().any(|line| {
            let line = line.trim();
            line.starts_with("pub") && line.ends_with(&format!("mod {name};"))
        });
        if !declared {
            edits.push(format!(
                "{}: add `pub mod {name};`",
                shown(&binding.module_file)
            ));
        }
    }
    let mut new_type = task.module.clone();
    new_type.push(task.type_name.clone());
    let kind = match task.stateless {
        true => ", add `kind: stateless_task`",
        false => "",
    };
    edits.push(format!(
        "{}: in node `{}` write `type: \"{}\"` for `type: \"{}\"`{kind}, and drop `script` and `mode`",
        shown(&project.config_path),
        node.id,
        new_type.join("::"),
        node.type_path
    ));
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_names_both_sides() {
        let diff = unified_diff(Path::new("src/pid.rs"), Some("a\n"), "b\n");
        assert_eq!(
            diff,
            "--- a/src/pid.rs\n+++ b/src/pid.rs\n@@ -1 +1 @@\n-a\n+b\n"
        );
        assert!(unified_diff(Path::new("x"), None, "b\n").starts_with("--- /dev/null\n"));
        assert_eq!(unified_diff(Path::new("x"), Some("b\n"), "b\n"), "");
    }
}

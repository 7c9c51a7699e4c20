//! Where to look, in the Python and in the Rust, for what differs.
//!
//! Enters: both texts, the lines that ran, the divergence. Leaves: a line of each: where the
//! field is written last, where a panic says it was, else where `process` begins. It is a
//! place to start reading, not the cause. This module must not run anything.

use super::plan::Plan;
use super::verdict::{Call, Divergence, Lines, Place};
use crate::ast::visit::{Visitor, walk_stmt};
use crate::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::parse::parse;
use crate::source::SourceFile;
use std::path::Path;

/// The lines to look at; none where nothing differs.
pub fn lines(
    script: &Path,
    python: &str,
    plan: &Plan,
    ran: Option<&[u32]>,
    divergence: Option<&Divergence>,
) -> Lines {
    let Some(divergence) = divergence else {
        return Lines::default();
    };
    let rust = &plan.generated_text;
    let hook = match divergence.call {
        Call::Start => "start",
        Call::Process(_) => "process",
        Call::Stop => "stop",
    };
    if divergence.place == Place::Panic {
        let text = divergence
            .values
            .rust
            .as_ref()
            .map_or("", |v| v.text.as_str());
        let file = plan.generated.file_name().and_then(|name| name.to_str());
        let name = script.file_name().and_then(|name| name.to_str());
        return Lines {
            python: name.and_then(|name| number_after(text, name)),
            rust: file
                .and_then(|file| number_after(text, file))
                .or_else(|| line_with(rust, &format!("fn {hook}"))),
        };
    }
    let field = field(&divergence.path);
    let file = SourceFile::new(script, "", python);
    let parsed = parse(&file);
    let mut writes = Writes {
        field: &field,
        found: Vec::new(),
        hook: None,
        name: hook,
    };
    writes.visit_block(&parsed.module.body);
    let at = writes.last(|at| {
        let line = u32::try_from(file.line(at)).unwrap_or(u32::MAX);
        ran.is_none_or(|ran| ran.contains(&line))
    });
    let written = [
        format!(".{field} ="),
        format!(".{field} +="),
        format!("{field}:"),
    ];
    let process = format!("fn {hook}");
    let begins = line_with(rust, &process);
    let after = begins.unwrap_or(1);
    Lines {
        python: at.map(|at| file.line(at)),
        rust: written
            .iter()
            .find_map(|words| line_from(rust, words, after))
            .or(begins),
    }
}

/// The last name of a path: `gains` of `command.gains[2]`.
fn field(path: &str) -> String {
    let names = path.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut named = names.filter(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    named.next_back().unwrap_or_default().to_owned()
}

/// The number of `name:number` in a text.
fn number_after(text: &str, name: &str) -> Option<usize> {
    let (_, rest) = text.split_once(&format!("{name}:"))?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn line_with(text: &str, words: &str) -> Option<usize> {
    line_from(text, words, 1)
}

fn line_from(text: &str, words: &str, from: usize) -> Option<usize> {
    let lines = text.lines().enumerate().skip(from.saturating_sub(1));
    lines
        .into_iter()
        .find(|(_, line)| line.contains(words))
        .map(|(i, _)| i + 1)
}

struct Writes<'f> {
    field: &'f str,
    found: Vec<u32>,
    hook: Option<u32>,
    name: &'f str,
}

impl Writes<'_> {
    fn target(&mut self, target: &Expr) {
        if let ExprKind::Attribute { attr, .. } = &target.kind
            && attr.name == self.field
        {
            self.found.push(target.span.start);
        }
    }

    /// The last write that ran, else the first, else where the hook begins.
    fn last(&self, ran: impl Fn(u32) -> bool) -> Option<u32> {
        let ran = self.found.iter().rev().find(|at| ran(**at));
        ran.or(self.found.first()).copied().or(self.hook)
    }
}

impl<'ast> Visitor<'ast> for Writes<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                self.target(target);
            }
            StmtKind::Function(function) if function.name.name == self.name => {
                self.hook = Some(function.name.span.start);
            }
            // What another hook writes is not of this call.
            StmtKind::Function(function)
                if ["start", "process", "stop"].contains(&function.name.name.as_str()) =>
            {
                return;
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_in_a_field_and_a_panic_names_its_line() {
        assert_eq!(field("command.gains[2]"), "gains");
        assert_eq!(field("state.mode::On.level"), "level");
        let text = "MIG0203 python/pid.py:12: eval at src/tasks/pid.rs:48";
        assert_eq!(number_after(text, "pid.py"), Some(12));
        assert_eq!(number_after(text, "pid.rs"), Some(48));
        assert_eq!(line_from("a\nb = 1\nb = 2\n", "b =", 3), Some(3));
    }

    #[test]
    fn the_last_write_that_ran_is_pointed_to() {
        let writes = |found: &[u32]| Writes {
            field: "mode",
            found: found.to_vec(),
            hook: Some(1),
            name: "process",
        };
        assert_eq!(writes(&[5, 9, 12]).last(|at| at != 12), Some(9));
        assert_eq!(writes(&[5, 9]).last(|_| false), Some(5));
        assert_eq!(writes(&[]).last(|_| true), Some(1));
    }
}

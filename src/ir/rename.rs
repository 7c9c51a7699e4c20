//! Other names for variables, in blocks, expressions and patterns.
//!
//! Enters: a piece of Rust, the old name and the new one. Leaves: the piece renamed, as far
//! as the old name is not bound anew. This module must not know Python.

use super::expr::Expr;
use super::tidy::each_block_in_expr;
use super::{Block, Stmt, StmtKind};

/// Replaces a whole word of a pattern.
pub(super) fn rename_word(pattern: &str, from: &str, to: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut open = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let len = match is_word(c) {
            true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            false => c.len_utf8(),
        };
        let (token, after) = rest.split_at(len);
        rest = after;
        if token != from {
            match c {
                '{' | '(' | '[' => open.push(c),
                '}' | ')' | ']' => drop(open.pop()),
                _ => {}
            }
            out.push_str(token);
            continue;
        }
        // `Point { x, .. }`: the word is the field's name too, which stays.
        let in_fields = open.last() == Some(&'{');
        let is_field = in_fields && after.trim_start().starts_with(':');
        let is_value = out.trim_end().ends_with(':');
        if is_field {
            out.push_str(from);
            continue;
        }
        if in_fields && !is_value {
            let plain = out.trim_end();
            let mutable = plain.strip_suffix("mut").filter(|p| !p.ends_with(is_word));
            let at = mutable.map_or(out.len(), str::len);
            out.insert_str(at, &format!("{from}: "));
        }
        out.push_str(to);
    }
    out
}

/// The pattern with `mut name` as `name`.
pub(super) fn without_mut(pattern: &str, name: &str) -> String {
    let marked = format!("mut {name}");
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(&marked) {
        let (before, found) = rest.split_at(at);
        let after = found.get(marked.len()..).unwrap_or("");
        out.push_str(before);
        let whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        out.push_str(if whole { name } else { &marked });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A pattern in which the names that nothing reads are left out.
pub fn without_unread(pattern: &str, names: &[String], reads: &dyn Fn(&str) -> bool) -> String {
    let mut out = pattern.to_string();
    for name in names.iter().filter(|n| !n.starts_with('_') && !reads(n)) {
        out = rename_word(&out, name, "_");
    }
    out.replace("ref _", "_")
        .replace("mut _", "_")
        .replace("&_", "_")
}

/// An expression with a variable under another name.
pub fn renamed(e: &Expr, old: &str, new: &str) -> Expr {
    let mut block = Block::value(e.clone());
    rename(&mut block, old, new);
    block.value.map_or_else(|| e.clone(), |value| *value)
}

/// Gives a variable another name, everywhere in a block.
pub(super) fn rename(block: &mut Block, old: &str, new: &str) {
    fn in_expr(e: &mut Expr, old: &str, new: &str) {
        match e {
            Expr::Atom(text) if text == old => *text = new.to_string(),
            other => other.for_each_child_mut(&mut |c| in_expr(c, old, new), &mut |b| {
                rename(b, old, new);
            }),
        }
    }
    for stmt in &mut block.stmts {
        if let StmtKind::Let { name, .. } = &mut stmt.kind
            && name == old
        {
            *name = new.to_string();
        }
        stmt.for_each_child_mut(&mut |e| in_expr(e, old, new), &mut |b| rename(b, old, new));
    }
    if let Some(value) = &mut block.value {
        in_expr(value, old, new);
    }
}

/// Gives a variable another name where it is assigned, up to where the old one is bound anew.
pub(super) fn rename_assigns(stmts: &mut [Stmt], old: &str, new: &str) {
    for stmt in stmts {
        if let StmtKind::Assign { place, .. } = &mut stmt.kind {
            let places = match place {
                Expr::Tuple(items) => items.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            for place in places {
                if matches!(place, Expr::Atom(text) if text == old) {
                    *place = Expr::atom(new);
                }
            }
        }
        let binds_anew = match &stmt.kind {
            StmtKind::Let { name, .. } => name == old,
            StmtKind::LetPattern { names, .. } => names.iter().any(|name| name == old),
            StmtKind::Assign { .. }
            | StmtKind::Expr(_)
            | StmtKind::Return(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::While { .. }
            | StmtKind::Loop { .. }
            | StmtKind::For { .. }
            | StmtKind::Block { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => false,
        };
        let hides =
            matches!(&stmt.kind, StmtKind::For { names, .. } if names.iter().any(|n| n == old));
        stmt.for_each_child_mut(
            &mut |e| each_block_in_expr(e, &mut |b| rename_assigns(&mut b.stmts, old, new)),
            &mut |b| {
                if !hides {
                    rename_assigns(&mut b.stmts, old, new);
                }
            },
        );
        if binds_anew {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_its_name_where_the_variable_gets_another() {
        let cases = [
            ("(x, y)", "(_x, y)"),
            ("Point { x, y }", "Point { x: _x, y }"),
            ("Point { mut x, .. }", "Point { x: mut _x, .. }"),
            ("Point { y: x, x: y }", "Point { y: _x, x: y }"),
            (
                "Some(Point { a: (x, y), b })",
                "Some(Point { a: (_x, y), b })",
            ),
            ("(xx, x, ex)", "(xx, _x, ex)"),
        ];
        for (pattern, wanted) in cases {
            assert_eq!(rename_word(pattern, "x", "_x"), wanted);
        }
    }
}

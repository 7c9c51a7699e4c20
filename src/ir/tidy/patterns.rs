//! A value that is looked at and taken apart at once: one pattern.
//!
//! Enters: a block. Leaves: the same block, where `let Some(pair) = f() else { … };
//! let (a, b) = pair;` is `let Some((a, b)) = f() else { … };`. This module must not know
//! Python.

use super::super::expr::Expr;
use super::super::uses::mentioned_in;
use super::super::{Block, StmtKind};

/// Joins the patterns of a block and of those within.
pub(super) fn join(block: &mut Block) {
    let mut at = 0;
    while at < block.stmts.len() {
        join_at(block, at);
        at += 1;
    }
    for stmt in &mut block.stmts {
        stmt.for_each_child_mut(&mut |e| join_within(e), &mut |b| join(b));
    }
    if let Some(value) = &mut block.value {
        join_within(value);
    }
}

fn join_within(e: &mut Expr) {
    e.for_each_child_mut(&mut |e| join_within(e), &mut |b| join(b));
}

fn join_at(block: &mut Block, at: usize) -> Option<()> {
    let (first, second) = (block.stmts.get(at)?, block.stmts.get(at + 1)?);
    let (
        StmtKind::LetPattern {
            pattern,
            names,
            otherwise: Some(_),
            ..
        },
        StmtKind::LetPattern {
            pattern: parts,
            names: bound,
            init: Expr::Atom(taken),
            otherwise: None,
        },
    ) = (&first.kind, &second.kind)
    else {
        return None;
    };
    let [name] = names.as_slice() else {
        return None;
    };
    let whole = pattern.strip_prefix("Some(")?.strip_suffix(')')?;
    let rest = block.stmts.get(at + 2..).unwrap_or_default();
    if whole != name || taken != name || mentioned_in(rest, block.value.as_deref(), name) {
        return None;
    }
    let (pattern, names) = (format!("Some({parts})"), bound.clone());
    block.stmts.remove(at + 1);
    if let Some(first) = block.stmts.get_mut(at)
        && let StmtKind::LetPattern {
            pattern: own,
            names: bound,
            ..
        } = &mut first.kind
    {
        *own = pattern;
        *bound = names;
    }
    Some(())
}

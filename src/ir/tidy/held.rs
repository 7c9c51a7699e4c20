//! Options that a variable holds only to be looked into.
//!
//! Enters: a block. Leaves: the same block, where `let x = f(); if let Some(x) = x { … }` is
//! `if let Some(x) = f() { … }`, and a loop that begins with `let Some(x) = f() else { break };`
//! is `while let Some(x) = f()`. This module must not know Python.

use super::super::expr::Expr;
use super::super::uses::{Uses, stmts_uses, uses_in};
use super::super::{Block, Stmt, StmtKind};
use super::each_block_mut;

/// Looks into options where they are made.
pub(super) fn look_at_once(block: &mut Block) {
    each_block_mut(block, &mut look_at_once);
    let mut at = 0;
    while at + 1 < block.stmts.len() {
        if !joined(block, at) {
            at += 1;
        }
    }
    for stmt in &mut block.stmts {
        while_some(stmt);
    }
}

/// Joins a variable's value with the statement that looks into it.
fn joined(block: &mut Block, at: usize) -> bool {
    let (Some(first), Some(second)) = (block.stmts.get(at), block.stmts.get(at + 1)) else {
        return false;
    };
    let StmtKind::Let {
        name,
        ty: None,
        init: Some(init),
        ..
    } = &first.kind
    else {
        return false;
    };
    let held = Expr::Atom(name.clone());
    // A value of its own: nothing that it borrows from goes away with the statement.
    if !matches!(init, Expr::Method(..) | Expr::Call(..) | Expr::Try(_)) {
        return false;
    }
    let (rest, value) = (block.stmts.get(at + 2..).unwrap_or(&[]), &block.value);
    let is_it = |pattern: &str, of: &Expr| *of == held && pattern == format!("Some({name})");
    let init = init.clone();
    let kind = match &second.kind {
        StmtKind::LetPattern {
            pattern,
            names,
            init: of,
            otherwise: Some(otherwise),
        } if is_it(pattern, of) && uses_in(otherwise, name) == Uses::default() => {
            StmtKind::LetPattern {
                pattern: pattern.clone(),
                names: names.clone(),
                init,
                otherwise: Some(otherwise.clone()),
            }
        }
        StmtKind::Expr(Expr::If {
            cond,
            then,
            otherwise,
        }) => match &**cond {
            Expr::Let(pattern, of) if is_it(pattern, of) => {
                let later = is_used(rest, name)
                    || value
                        .as_ref()
                        .is_some_and(|v| super::super::uses::reads(v, name))
                    || otherwise
                        .as_ref()
                        .is_some_and(|b| uses_in(b, name) != Uses::default());
                if later {
                    return false;
                }
                StmtKind::Expr(Expr::If {
                    cond: Box::new(Expr::Let(pattern.clone(), Box::new(init))),
                    then: then.clone(),
                    otherwise: otherwise.clone(),
                })
            }
            _ => return false,
        },
        _ => return false,
    };
    if let Some(stmt) = block.stmts.get_mut(at + 1) {
        stmt.kind = kind;
    }
    block.stmts.remove(at);
    true
}

/// `while let Some(x) = f()` for a loop that is left where there is none.
fn while_some(stmt: &mut Stmt) {
    let StmtKind::Loop { label, body } = &mut stmt.kind else {
        return;
    };
    let Some(first) = body.stmts.first() else {
        return;
    };
    let StmtKind::LetPattern {
        pattern,
        init,
        otherwise: Some(otherwise),
        ..
    } = &first.kind
    else {
        return;
    };
    let leaves = match otherwise.stmts.as_slice() {
        [one] => match &one.kind {
            StmtKind::Break(to) => to.is_none() || to == label,
            _ => false,
        },
        _ => false,
    };
    if !leaves || otherwise.value.is_some() || body.value.is_some() {
        return;
    }
    let (mut pattern, init) = (pattern.clone(), init.clone());
    let label = label.take();
    let mut body = std::mem::take(body);
    body.stmts.remove(0);
    if let Some(better) = renamed(&pattern, &body) {
        pattern = better;
        body.stmts.remove(0);
    }
    stmt.kind = StmtKind::While {
        label,
        cond: Expr::Let(pattern, Box::new(init)),
        body,
    };
}

/// `Some(k)` for `Some(x)` where the body begins with `let k = x;`.
fn renamed(pattern: &str, body: &Block) -> Option<String> {
    let name = pattern.strip_prefix("Some(")?.strip_suffix(')')?;
    let (first, rest) = body.stmts.split_first()?;
    let held = Expr::Atom(name.to_string());
    let inner = match &first.kind {
        StmtKind::Let {
            name: bound,
            mutable,
            ty: None,
            init: Some(init),
        } if *init == held => match mutable {
            true => format!("mut {bound}"),
            false => bound.clone(),
        },
        StmtKind::LetPattern {
            pattern,
            init,
            otherwise: None,
            ..
        } if *init == held => pattern.clone(),
        _ => return None,
    };
    (!is_used(rest, name)).then(|| format!("Some({inner})"))
}

fn is_used(stmts: &[Stmt], name: &str) -> bool {
    let mut uses = Uses::default();
    stmts_uses(stmts, name, &mut uses);
    uses != Uses::default()
}

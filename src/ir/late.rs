//! Declarations that a value follows: `let x; if c { x = 1; } else { x = 2; }`.
//!
//! Enters: a block. Leaves: the same block with its late `let`s moved to and folded into the
//! assignments that they wait for. This module must not know Python.

use super::expr::{Arm, Expr};
use super::tidy::each_block_mut;
use super::uses::{expr_mentions, mentions};
use super::{Block, Stmt, StmtKind};

/// A variable that only one block within the next statement that mentions it uses is
/// declared there.
pub(super) fn sink_late_lets(block: &mut Block) {
    let mut i = 0;
    while i < block.stmts.len() {
        if sunk(block, i) {
            block.stmts.remove(i);
        } else {
            i += 1;
        }
    }
    each_block_mut(block, &mut sink_late_lets);
}

/// Declares the variable of the late `let` at `at` where it is used; true where that worked.
fn sunk(block: &mut Block, at: usize) -> bool {
    let Some((before, after)) = block.stmts.split_at_mut_checked(at + 1) else {
        return false;
    };
    let Some(
        declared @ Stmt {
            kind: StmtKind::Let {
                name, init: None, ..
            },
            ..
        },
    ) = before.last()
    else {
        return false;
    };
    let uses = |stmt: &Stmt| mentions(&Block::of(vec![stmt.clone()]), name);
    let in_value = block.value.as_ref().is_some_and(|v| expr_mentions(v, name));
    let mut users = after.iter_mut().filter(|s| uses(s));
    let (Some(user), None, false) = (users.next(), users.next(), in_value) else {
        return false;
    };
    let homes: Vec<&mut Block> = match &mut user.kind {
        StmtKind::Expr(Expr::If {
            cond,
            then,
            otherwise,
        }) if !expr_mentions(cond, name) => std::iter::once(then).chain(otherwise).collect(),
        StmtKind::Block { body, .. } => vec![body],
        _ => return false,
    };
    let mut homes = homes.into_iter().filter(|b| mentions(b, name));
    let (Some(home), None) = (homes.next(), homes.next()) else {
        return false;
    };
    home.stmts.insert(0, declared.clone());
    true
}

/// `let x; if c { x = 1; } else { x = 2; }` becomes `let x = if c { 1 } else { 2 };`, and
/// `let x; x = 1;` becomes `let x = 1;`.
pub(super) fn fold_late_lets(block: &mut Block) {
    each_block_mut(block, &mut fold_late_lets);
    let mut i = 0;
    while i < block.stmts.len() {
        if let Some(folded) = fold_at(&block.stmts, i) {
            let (consumed, stmt) = folded;
            let mut skipped: Vec<Stmt> = block.stmts.drain(i..i + consumed).collect();
            // What stands between the declaration and the assignment stays before it.
            skipped.pop();
            skipped.drain(..1);
            skipped.push(stmt);
            block.stmts.splice(i..i, skipped);
            continue;
        }
        i += 1;
    }
}

/// The folded statement and how many statements from `at` it stands for.
fn fold_at(stmts: &[Stmt], at: usize) -> Option<(usize, Stmt)> {
    let StmtKind::Let {
        name,
        mutable,
        ty,
        init: None,
    } = &stmts.get(at)?.kind
    else {
        return None;
    };
    let mut next = at + 1;
    // What does not mention the variable may stand between.
    while !mentions(&Block::of(vec![stmts.get(next)?.clone()]), name) {
        next += 1;
    }
    let target = stmts.get(next)?;
    let value = match &target.kind {
        StmtKind::Assign {
            place: Expr::Atom(place),
            op: None,
            value,
        } if place == name => value.clone(),
        StmtKind::Expr(e) => branch_value(e, name)?,
        _ => return None,
    };
    let ty = ty.clone();
    let stmt = Stmt {
        span: target.span,
        kind: StmtKind::Let {
            name: name.clone(),
            mutable: *mutable,
            ty,
            init: Some(value),
        },
    };
    Some((next - at + 1, stmt))
}

/// The value of an `if` or `match` whose every branch ends in `name = value` or diverges.
fn branch_value(e: &Expr, name: &str) -> Option<Expr> {
    match e {
        Expr::If {
            cond,
            then,
            otherwise: Some(otherwise),
        } => {
            if expr_mentions(cond, name) {
                return None;
            }
            Some(Expr::If {
                cond: cond.clone(),
                then: block_value(then, name)?,
                otherwise: Some(block_value(otherwise, name)?),
            })
        }
        Expr::Match { subject, arms } => {
            if expr_mentions(subject, name) {
                return None;
            }
            let arms = arms
                .iter()
                .map(|arm| {
                    Some(Arm {
                        pattern: arm.pattern.clone(),
                        guard: arm.guard.clone(),
                        body: block_value(&arm.body, name)?,
                    })
                })
                .collect::<Option<Vec<_>>>()?;
            Some(Expr::Match {
                subject: subject.clone(),
                arms,
            })
        }
        _ => None,
    }
}

fn block_value(block: &Block, name: &str) -> Option<Block> {
    if block.value.is_some() {
        return None;
    }
    let (last, rest) = block.stmts.split_last()?;
    let before = Block::of(rest.to_vec());
    if last.diverges() {
        return (!mentions(&before, name)).then(|| block.clone());
    }
    if mentions(&before, name) {
        return None;
    }
    let value = match &last.kind {
        StmtKind::Assign {
            place: Expr::Atom(place),
            op: None,
            value,
        } if place == name => value.clone(),
        StmtKind::Expr(e) => branch_value(e, name)?,
        _ => return None,
    };
    Some(Block {
        stmts: rest.to_vec(),
        value: Some(Box::new(value)),
    })
}

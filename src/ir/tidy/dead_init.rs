//! First values that nothing reads: `let mut x = f64::from(y);` whose `x` is assigned on
//! every path before it is read becomes `let x: f64;`.

use crate::ir::uses::{expr_mentions, mentions};
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use std::collections::BTreeSet;

/// Drops the first values of a block's variables that nothing reads.
pub(super) fn drop_dead_inits(block: &mut Block) {
    super::each_block_mut(block, &mut drop_dead_inits);
    for i in 0..block.stmts.len() {
        let Some((before, after)) = block.stmts.split_at_mut_checked(i + 1) else {
            return;
        };
        let Some(StmtKind::Let {
            name,
            ty,
            init: init @ Some(_),
            ..
        }) = before.last_mut().map(|s| &mut s.kind)
        else {
            continue;
        };
        let Some(wide) = init.as_ref().and_then(converted) else {
            continue;
        };
        let mut flow = Flow::default();
        let open = unassigned(after, name, &mut flow);
        let in_value = block.value.as_ref().is_some_and(|v| expr_mentions(v, name));
        let assigned = super::uses_in(&Block::of(after.to_vec()), name).assigns > 0;
        if assigned && !flow.read && !(open && in_value) {
            *ty = Some(wide);
            *init = None;
        }
    }
}

/// The type of a plain conversion without effects.
fn converted(init: &Expr) -> Option<RTy> {
    match init {
        Expr::Call(name, args) if !args.iter().any(Expr::can_fail) => match name.as_str() {
            "f64::from" => Some(RTy::F64),
            "i64::from" => Some(RTy::I64),
            "i128::from" => Some(RTy::I128),
            _ => None,
        },
        _ => None,
    }
}

/// What was found of the paths on which the variable has not been assigned.
#[derive(Default)]
struct Flow {
    /// One reads it.
    read: bool,
    /// One leaves to these labels.
    jumps: BTreeSet<String>,
}

/// Whether the end of the statements is reached without an assignment.
fn unassigned(stmts: &[Stmt], name: &str, flow: &mut Flow) -> bool {
    for stmt in stmts {
        let open = match &stmt.kind {
            StmtKind::Assign {
                place: Expr::Atom(place),
                op: None,
                value,
            } if place == name => {
                flow.read |= expr_mentions(value, name);
                false
            }
            StmtKind::Expr(e) => in_expr(e, name, flow),
            StmtKind::Block { label, body } => {
                let open = unassigned(&body.stmts, name, flow);
                let broken = label.as_ref().is_some_and(|l| flow.jumps.remove(l));
                open || broken
            }
            StmtKind::While { cond, body, .. } => {
                flow.read |= expr_mentions(cond, name);
                let _ = unassigned(&body.stmts, name, flow);
                true
            }
            StmtKind::For { iter, body, .. } => {
                flow.read |= expr_mentions(iter, name);
                let _ = unassigned(&body.stmts, name, flow);
                true
            }
            StmtKind::Loop { body, .. } => {
                let _ = unassigned(&body.stmts, name, flow);
                true
            }
            StmtKind::LetPattern {
                init, otherwise, ..
            } => {
                flow.read |= expr_mentions(init, name);
                if let Some(otherwise) = otherwise {
                    let _ = unassigned(&otherwise.stmts, name, flow);
                }
                true
            }
            StmtKind::Break(label) => {
                flow.jumps.extend(label.clone());
                false
            }
            StmtKind::Continue(_) => false,
            StmtKind::Return(value) => {
                flow.read |= value.as_ref().is_some_and(|v| expr_mentions(v, name));
                false
            }
            StmtKind::Let { .. }
            | StmtKind::Assign { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => {
                flow.read |= mentions(&Block::of(vec![stmt.clone()]), name);
                true
            }
        };
        if !open {
            return false;
        }
    }
    true
}

fn in_expr(e: &Expr, name: &str, flow: &mut Flow) -> bool {
    let block = |b: &Block, flow: &mut Flow| {
        let open = unassigned(&b.stmts, name, flow);
        flow.read |= open && b.value.as_ref().is_some_and(|v| expr_mentions(v, name));
        open
    };
    match e {
        Expr::If {
            cond,
            then,
            otherwise,
        } => {
            flow.read |= expr_mentions(cond, name);
            let then = block(then, flow);
            let otherwise = otherwise.as_ref().is_none_or(|b| block(b, flow));
            then || otherwise
        }
        Expr::Match { subject, arms } => {
            flow.read |= expr_mentions(subject, name);
            let mut open = false;
            for arm in arms {
                flow.read |= arm.guard.as_ref().is_some_and(|g| expr_mentions(g, name));
                open |= block(&arm.body, flow);
            }
            open
        }
        other => {
            flow.read |= expr_mentions(other, name);
            true
        }
    }
}

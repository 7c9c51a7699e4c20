//! Choices that are statements: `ok and beep()`.
//!
//! Enters: the module. Leaves: the same module, where such a statement is an `if`. What it
//! gives nobody asks for. This module must not know types.

use super::build::Build;
use super::statements::rewritten;
use crate::ast::{Block, BoolOp, Expr, ExprKind, Module, Stmt, StmtKind, UnaryOp};
use std::collections::BTreeSet;

/// Rewrites the statements of the module that are choices.
pub(super) fn effects(module: &mut Module, next_id: &mut u32) {
    let mut unused = BTreeSet::new();
    rewritten(&mut module.body, &mut unused, &mut |stmt, out, _| {
        out.push(stmt_of(stmt, next_id));
    });
}

fn stmt_of(mut stmt: Stmt, next_id: &mut u32) -> Stmt {
    let StmtKind::Expr(value) = &stmt.kind else {
        return stmt;
    };
    let mut build = Build {
        next_id,
        span: value.span,
    };
    if let Some(kind) = choice(value, &mut build) {
        stmt.kind = kind;
    }
    stmt
}

/// The `if` that a choice is.
fn choice(value: &Expr, build: &mut Build<'_>) -> Option<StmtKind> {
    let (test, body, orelse) = match &value.kind {
        ExprKind::Logical { op, values } => {
            let (last, first) = values.split_last()?;
            let test = match first {
                [one] => one.clone(),
                _ => build.expr(ExprKind::Logical {
                    op: *op,
                    values: first.to_vec(),
                }),
            };
            let test = match op {
                BoolOp::And => test,
                BoolOp::Or => build.expr(ExprKind::Unary {
                    op: UnaryOp::Not,
                    operand: Box::new(test),
                }),
            };
            (test, last.clone(), None)
        }
        ExprKind::Conditional { test, body, orelse } => {
            ((**test).clone(), (**body).clone(), Some((**orelse).clone()))
        }
        _ => return None,
    };
    let body = done(body, build);
    let orelse = match orelse {
        Some(orelse) if !matches!(orelse.kind, ExprKind::None) => done(orelse, build),
        _ => Block::default(),
    };
    Some(StmtKind::If { test, body, orelse })
}

/// A block of one expression, for its effect.
fn done(value: Expr, build: &mut Build<'_>) -> Block {
    let kind = choice(&value, build).unwrap_or(StmtKind::Expr(value));
    Block {
        stmts: vec![build.stmt(kind)],
        trailing: Vec::new(),
    }
}

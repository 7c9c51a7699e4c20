//! `and`, `or` and `… if … else …` whose outcome a literal settles.
//!
//! Enters: an expression. Leaves: `b` for `None or b`, `a` for `"x" if a is None else a` of a
//! literal `a`: such are left where arguments stand in the place of parameters. This module
//! must not know types.

use crate::ast::{BoolOp, CompareOp, Expr, ExprKind};

/// Rewrites one expression, its parts being settled already.
pub(super) fn settled(e: &mut Expr) {
    match &mut e.kind {
        ExprKind::Logical { op, values } => {
            while values.len() > 1 {
                let Some(truth) = values.first().and_then(truth) else {
                    return;
                };
                if truth == (*op == BoolOp::Or) {
                    values.truncate(1);
                } else {
                    values.remove(0);
                }
            }
            if let Some(last) = values.pop() {
                *e = last;
            }
        }
        ExprKind::Conditional { test, body, orelse } => {
            let is_none = match &test.kind {
                ExprKind::Compare { left, ops, rest } => match (ops.as_slice(), rest.as_slice()) {
                    ([CompareOp::Is], [none]) if matches!(none.kind, ExprKind::None) => {
                        none_of(left)
                    }
                    ([CompareOp::IsNot], [none]) if matches!(none.kind, ExprKind::None) => {
                        none_of(left).map(|none| !none)
                    }
                    _ => None,
                },
                _ => truth(test),
            };
            match is_none {
                Some(true) => *e = (**body).clone(),
                Some(false) => *e = (**orelse).clone(),
                None => {}
            }
        }
        _ => {}
    }
}

/// Whether a literal is None.
fn none_of(e: &Expr) -> Option<bool> {
    match &e.kind {
        ExprKind::None => Some(true),
        _ => truth(e).map(|_| false),
    }
}

/// Whether a literal is true.
fn truth(e: &Expr) -> Option<bool> {
    match &e.kind {
        ExprKind::None => Some(false),
        ExprKind::Bool(value) => Some(*value),
        ExprKind::Int(value) => Some(*value != 0.into()),
        ExprKind::Float(value) => Some(*value != 0.0),
        ExprKind::Str(text) => Some(!text.is_empty()),
        _ => None,
    }
}

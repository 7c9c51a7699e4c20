//! `and`, `or` and `… if … else …` whose outcome a literal settles.
//!
//! Enters: an expression. Leaves: `b` for `None or b`, `a` for `"x" if a is None else a` of a
//! literal `a`: such are left where arguments stand in the place of parameters; and
//! `"low" if a < b else c` for `a < b and "low" or c`. This module must not know types.

use crate::ast::{BoolOp, CompareOp, Expr, ExprKind, NodeId};

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

/// `x if test else y` for `test and x or y`, where `x` is a literal that is true.
pub(super) fn chosen(e: &mut Expr, next_id: &mut u32) {
    let ExprKind::Logical {
        op: BoolOp::Or,
        values,
    } = &mut e.kind
    else {
        return;
    };
    let Some(Expr {
        kind: ExprKind::Logical {
            op: BoolOp::And,
            values: tests,
        },
        ..
    }) = values.first_mut()
    else {
        return;
    };
    if tests.last().and_then(truth) != Some(true) {
        return;
    }
    let Some(body) = tests.pop() else { return };
    let span = e.span;
    let mut joined = |op: BoolOp, mut values: Vec<Expr>| {
        if values.len() > 1 {
            let kind = ExprKind::Logical { op, values };
            let id = NodeId::next(next_id);
            return Some(Expr { id, span, kind });
        }
        values.pop()
    };
    let test = joined(BoolOp::And, std::mem::take(tests));
    let orelse = joined(BoolOp::Or, values.drain(1..).collect());
    if let (Some(test), Some(mut orelse)) = (test, orelse) {
        chosen(&mut orelse, next_id);
        e.kind = ExprKind::Conditional {
            test: Box::new(test),
            body: Box::new(body),
            orelse: Box::new(orelse),
        };
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

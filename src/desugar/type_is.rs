//! `type(x) is T`, `type(x) == T`, `type(x) in (A, B)`: tests of what a value is.
//!
//! Enters: the module. Leaves: the same module, where such a test is a call that types settle
//! as they do `isinstance`. This module must not know types.

use super::build::Build;
use crate::ast::{self, CompareOp, Expr, ExprKind, Module, UnaryOp};

/// The function that asks for exactly these classes.
pub const TYPE_IS: &str = "type.is";

/// Rewrites the tests of the module.
pub(super) fn type_is(module: &mut Module, next_id: &mut u32) {
    let bound = super::callables::module_bound(module);
    if bound.contains("type") {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let ExprKind::Compare { left, ops, rest } = &mut e.kind else {
            return;
        };
        let ([op], [right]) = (ops.as_slice(), rest.as_mut_slice()) else {
            return;
        };
        let Some(value) = asked(left).filter(|_| is_classes(right)) else {
            return;
        };
        let several = matches!(op, CompareOp::In | CompareOp::NotIn);
        if several == matches!(right.kind, ExprKind::Name(_)) {
            return;
        }
        let negative = match op {
            CompareOp::Is | CompareOp::Eq | CompareOp::In => false,
            CompareOp::IsNot | CompareOp::NotEq | CompareOp::NotIn => true,
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => return,
        };
        if let ExprKind::List(items) = &mut right.kind {
            right.kind = ExprKind::Tuple(std::mem::take(items));
        }
        let args = vec![value, right.clone()];
        let span = e.span;
        let mut build = Build { next_id, span };
        let func = build.name(TYPE_IS);
        let test = build.call(func, args);
        e.kind = match negative {
            true => ExprKind::Unary {
                op: UnaryOp::Not,
                operand: Box::new(test),
            },
            false => test.kind,
        };
    });
}

/// The value of `type(x)`, of `x.__class__`.
fn asked(e: &Expr) -> Option<Expr> {
    match &e.kind {
        ExprKind::Call {
            func,
            args,
            keywords,
        } => match (&func.kind, args.as_slice()) {
            (ExprKind::Name(name), [value]) if name == "type" && keywords.is_empty() => {
                Some(value.clone())
            }
            _ => None,
        },
        ExprKind::Attribute { value, attr } if attr.name == "__class__" => Some((**value).clone()),
        _ => None,
    }
}

/// Whether an expression names classes.
fn is_classes(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_) => true,
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            !items.is_empty() && items.iter().all(|i| matches!(i.kind, ExprKind::Name(_)))
        }
        _ => false,
    }
}

//! The first thing that a statement computes, as far as nothing before it can be told.
//!
//! Enters: a statement, and which expressions are looked for. Leaves: the first of them, where
//! Python comes to it whatever happens, and where all that is computed before only gives its
//! value. This module must not know types.

use super::acts;
use super::present::Said;
use crate::ast::{Expr, ExprKind, FStringPart, Stmt, StmtKind};
use std::ops::ControlFlow;

/// What was looked for.
pub(super) struct Reached {
    pub(super) found: Expr,
    pub(super) said: Said,
}

/// Goes on while nothing was done; ends with what was looked for, or without.
type Way = ControlFlow<Option<Reached>>;

/// What an expression is looked for as.
type Noted<'n> = &'n dyn Fn(&Expr) -> Option<Said>;

/// The first such expression of a statement.
pub(super) fn reached(stmt: &Stmt, noted: Noted<'_>) -> Option<Reached> {
    match in_stmt(stmt, noted) {
        ControlFlow::Break(found) => found,
        ControlFlow::Continue(()) => None,
    }
}

fn in_stmt(stmt: &Stmt, noted: Noted<'_>) -> Way {
    match &stmt.kind {
        StmtKind::Expr(e)
        | StmtKind::Return(Some(e))
        | StmtKind::If { test: e, .. }
        | StmtKind::While { test: e, .. }
        | StmtKind::Assert { test: e, .. } => in_expr(e, noted),
        StmtKind::For { iter, .. } => in_expr(iter, noted),
        StmtKind::Assign { targets, value } => {
            in_expr(value, noted)?;
            targets
                .iter()
                .try_for_each(|target| in_target(target, noted))
        }
        StmtKind::Delete(targets) => targets
            .first()
            .map_or(Way::Continue(()), |target| in_target(target, noted)),
        StmtKind::AugAssign { target, value, .. } => {
            in_target(target, noted)?;
            in_expr(value, noted)
        }
        StmtKind::AnnAssign {
            value: Some(value), ..
        } => in_expr(value, noted),
        _ => Way::Continue(()),
    }
}

/// The object of a target, and its key.
fn in_target(target: &Expr, noted: Noted<'_>) -> Way {
    match &target.kind {
        ExprKind::Name(_) => Way::Continue(()),
        ExprKind::Attribute { value, .. } => in_expr(value, noted),
        ExprKind::Subscript { value, index } => in_item(value, index, noted),
        _ => Way::Break(None),
    }
}

/// `value[index]`, but for the asking.
fn in_item(value: &Expr, index: &Expr, noted: Noted<'_>) -> Way {
    if noted(value).is_some() && acts(index) && !matches!(index.kind, ExprKind::Slice { .. }) {
        return Way::Break(None);
    }
    in_expr(value, noted)?;
    match &index.kind {
        ExprKind::Slice { lower, upper, step } => {
            let bounds = [lower, upper, step];
            let mut bounds = bounds.into_iter().flatten();
            bounds.try_for_each(|bound| in_expr(bound, noted))
        }
        _ => in_expr(index, noted),
    }
}

fn in_expr(e: &Expr, noted: Noted<'_>) -> Way {
    if let Some(said) = noted(e) {
        // What it is computed from comes first.
        let plain = e.is_place() || !computes(e, noted);
        return Way::Break(plain.then(|| Reached {
            found: e.clone(),
            said,
        }));
    }
    match &e.kind {
        ExprKind::Attribute { value, .. } => in_expr(value, noted),
        ExprKind::Subscript { value, index } => {
            in_item(value, index, noted)?;
            Way::Break(None)
        }
        ExprKind::Unary { operand, .. } => in_expr(operand, noted),
        ExprKind::Binary { left, right, .. } => {
            in_expr(left, noted)?;
            in_expr(right, noted)?;
            ended_by(e)
        }
        ExprKind::Compare { left, rest, .. } => {
            in_expr(left, noted)?;
            match rest.as_slice() {
                [one] => in_expr(one, noted),
                [first, ..] => {
                    in_expr(first, noted)?;
                    Way::Break(None)
                }
                [] => Way::Continue(()),
            }
        }
        ExprKind::Logical { values, .. } => {
            values
                .first()
                .map_or(Way::Continue(()), |first| in_expr(first, noted))?;
            Way::Break(None)
        }
        ExprKind::Conditional { test, .. } => {
            in_expr(test, noted)?;
            Way::Break(None)
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().try_for_each(|item| in_expr(item, noted))
        }
        ExprKind::Starred(inner) => in_expr(inner, noted),
        ExprKind::FString(parts) => parts.iter().try_for_each(|part| match part {
            FStringPart::Value { value, .. } => in_expr(value, noted),
            FStringPart::Literal(_) => Way::Continue(()),
        }),
        ExprKind::Call {
            func,
            args,
            keywords,
        } => {
            if let ExprKind::Attribute { value, .. } = &func.kind {
                in_expr(value, noted)?;
            }
            let args: Vec<&Expr> = args
                .iter()
                .chain(keywords.iter().map(|k| &k.value))
                .collect();
            for (i, arg) in args.iter().enumerate() {
                // All arguments are there before one of them is asked.
                let later = args.iter().skip(i + 1);
                if noted(arg).is_some() && later.into_iter().any(|arg| acts(arg)) {
                    return Way::Break(None);
                }
                in_expr(arg, noted)?;
            }
            // The length of what is there does nothing more.
            let length = matches!(&func.kind, ExprKind::Name(name) if name == "len");
            match length && args.iter().all(|arg| arg.is_place()) {
                true => Way::Continue(()),
                false => Way::Break(None),
            }
        }
        ExprKind::Comprehension { clauses, .. } => {
            clauses
                .first()
                .map_or(Way::Continue(()), |first| in_expr(&first.iter, noted))?;
            Way::Break(None)
        }
        _ => ended_by(e),
    }
}

/// Nothing is looked for behind what does something.
fn ended_by(e: &Expr) -> Way {
    match acts(e) {
        true => Way::Break(None),
        false => Way::Continue(()),
    }
}

/// Whether something else that is looked for stands within.
fn computes(e: &Expr, noted: Noted<'_>) -> bool {
    crate::ast::visit::children(e)
        .into_iter()
        .any(|inner| noted(inner).is_some() || computes(inner, noted))
}

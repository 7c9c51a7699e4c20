//! `__iter__` that gives what an object holds.
//!
//! Enters: the module. Leaves: the same module, where an `__iter__` that ends in
//! `iter(self.points)`, or yields its elements one by one, returns `self.points`. One that
//! returns its own instance, which has a `__next__`, gives nothing. This module must not know types.

use super::build::Build;
use crate::ast::{Class, Expr, ExprKind, Function, Module, StmtKind};

/// Rewrites the classes of the module.
pub(super) fn iterators(module: &mut Module, next_id: &mut u32) {
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            in_class(class, next_id);
        }
    }
}

fn in_class(class: &mut Class, next_id: &mut u32) {
    for stmt in &mut class.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        if function.name.name != "__iter__" {
            continue;
        }
        let alone = function.body.stmts.len() == 1;
        if gives_itself(function) {
            function.returns = None;
            let last = function.body.stmts.last_mut();
            match last {
                Some(last) if alone => last.kind = StmtKind::Pass,
                _ => {
                    function.body.stmts.pop();
                }
            }
        } else if let Some(value) = given(function) {
            let mut build = Build {
                next_id,
                span: value.span,
            };
            let back = build.stmt(StmtKind::Return(Some(value)));
            function.body.stmts = vec![back];
            function.returns = None;
        }
    }
}

/// Whether the one thing that a method returns is its instance.
fn gives_itself(function: &Function) -> bool {
    let own = function.params.list.first().map(|p| p.name.name.as_str());
    let Some((last, before)) = function.body.stmts.split_last() else {
        return false;
    };
    let itself = matches!(&last.kind, StmtKind::Return(Some(e)) if matches!(&e.kind, ExprKind::Name(n) if Some(n.as_str()) == own));
    let plain = |kind: &StmtKind| {
        matches!(
            kind,
            StmtKind::Assign { .. } | StmtKind::AugAssign { .. } | StmtKind::Expr(_)
        )
    };
    itself && before.iter().all(|s| plain(&s.kind))
}

/// What a loop over the instance runs over.
fn given(function: &Function) -> Option<Expr> {
    let stmts = function.body.stmts.as_slice();
    let yielded = |kind: &StmtKind| match kind {
        StmtKind::Expr(e) => match &e.kind {
            ExprKind::Yield(Some(value)) => Some((**value).clone()),
            _ => None,
        },
        _ => None,
    };
    if let [one] = stmts {
        return match &one.kind {
            StmtKind::Return(Some(e)) => match &e.kind {
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if keywords.is_empty()
                    && matches!(&func.kind, ExprKind::Name(n) if n == "iter") =>
                {
                    match args.as_slice() {
                        [of] => Some(of.clone()),
                        _ => None,
                    }
                }
                _ => None,
            },
            StmtKind::Expr(e) => match &e.kind {
                ExprKind::YieldFrom(of) => Some((**of).clone()),
                _ => None,
            },
            // `for x in self.xs: yield x`
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async: false,
            } if orelse.stmts.is_empty() => {
                let [inner] = body.stmts.as_slice() else {
                    return None;
                };
                let same = |a: &Expr, b: &Expr| match (&a.kind, &b.kind) {
                    (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
                    _ => false,
                };
                yielded(&inner.kind)
                    .filter(|y| same(y, target))
                    .map(|_| iter.clone())
            }
            _ => None,
        };
    }
    None
}

//! Generators that run through generators, and the first that an iterator gives.
//!
//! Enters: an expression. Leaves: `(f(x) for x in xs if c(x))` for `(f(x) for x in (y for y in
//! xs if c(y)))`, `next(x for x in xs)` for `next(iter(xs))`. This module must not know types.

use super::Desugar;
use crate::ast::{self, Clause, ComprehensionKind, Expr, ExprKind};

impl Desugar {
    /// `next(iter(xs))`, with a default or without.
    pub(super) fn first_of_iterator(&mut self, expr: &mut Expr) {
        let asked = match self.call_of("next", expr) {
            Some([first, ..]) => match self.call_of("iter", first) {
                Some([items]) => items.clone(),
                _ => return,
            },
            _ => return,
        };
        let name = self.free("item");
        let target = self.node(expr.span, ExprKind::Name(name.clone()));
        let element = Box::new(self.node(expr.span, ExprKind::Name(name)));
        let generator = self.node(
            expr.span,
            ExprKind::Comprehension {
                kind: ComprehensionKind::Generator,
                element,
                value: None,
                clauses: vec![Clause {
                    target,
                    iter: asked,
                    ifs: Vec::new(),
                    is_async: false,
                }],
            },
        );
        if let ExprKind::Call { args, .. } = &mut expr.kind
            && let Some(first) = args.first_mut()
        {
            *first = generator;
        }
    }
}

/// What a comprehension runs through, without the generators that only leave some out.
pub(super) fn fused(expr: &mut Expr) {
    let ExprKind::Comprehension { clauses, .. } = &mut expr.kind else {
        return;
    };
    for clause in clauses {
        while fuse(clause) {}
    }
}

fn fuse(clause: &mut Clause) -> bool {
    let (
        ExprKind::Name(outer),
        ExprKind::Comprehension {
            kind: ComprehensionKind::Generator,
            element,
            clauses,
            ..
        },
    ) = (&clause.target.kind, &mut clause.iter.kind)
    else {
        return false;
    };
    let [inner] = clauses.as_mut_slice() else {
        return false;
    };
    let (ExprKind::Name(given), ExprKind::Name(bound)) = (&element.kind, &inner.target.kind) else {
        return false;
    };
    if given != bound || inner.is_async || clause.is_async {
        return false;
    }
    let (bound, outer) = (bound.clone(), outer.clone());
    let clear = |test: &mut Expr| {
        let mut clear = true;
        ast::rewrite::expr(test, &mut |e| {
            clear &= match &e.kind {
                ExprKind::Name(name) => *name == bound || *name != outer,
                ExprKind::Lambda { .. }
                | ExprKind::Comprehension { .. }
                | ExprKind::Named { .. } => false,
                _ => true,
            };
        });
        clear
    };
    if !inner.ifs.iter_mut().all(clear) {
        return false;
    }
    for test in &mut inner.ifs {
        ast::rewrite::expr(test, &mut |e| {
            if let ExprKind::Name(name) = &mut e.kind
                && *name == bound
            {
                name.clone_from(&outer);
            }
        });
    }
    let ifs = std::mem::take(&mut inner.ifs);
    clause.ifs.splice(0..0, ifs);
    clause.iter = inner.iter.clone();
    true
}

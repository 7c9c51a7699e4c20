//! `xs = [x for x in xs if …]`: a list that keeps some of its elements.
//!
//! Enters: a target and the value that it gets. Leaves: the loop's variable and the clause with
//! the tests. This module must not know types.

use crate::ast::{Clause, ComprehensionKind, Expr, ExprKind};

/// The clause of a comprehension that gives a list some of its own elements.
pub fn retained<'e>(target: &Expr, value: &'e Expr) -> Option<&'e Clause> {
    let ExprKind::Comprehension {
        kind: ComprehensionKind::List,
        element,
        value: None,
        clauses,
    } = &value.kind
    else {
        return None;
    };
    let [clause] = clauses.as_slice() else {
        return None;
    };
    let (ExprKind::Name(item), ExprKind::Name(name)) = (&element.kind, &clause.target.kind) else {
        return None;
    };
    let own = item == name && !clause.ifs.is_empty() && !clause.is_async;
    (own && same(target, &clause.iter)).then_some(clause)
}

/// Whether both are one variable, or one attribute.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Attribute { value: x, attr: a }, ExprKind::Attribute { value: y, attr: b }) => {
            a.name == b.name && same(x, y)
        }
        _ => false,
    }
}

//! `xs = [x for x in xs if …]` and `q = deque(x for x in q if …)`: what keeps some of its
//! elements.
//!
//! Enters: a target and the value that it gets. Leaves: the loop's variable and the clause with
//! the tests. This module must not know types.

use crate::ast::{Clause, ComprehensionKind, Expr, ExprKind};

/// The clause of a comprehension that gives a list, or a deque, some of its own elements. That
/// a call makes a deque is for the caller to look at.
pub fn retained<'e>(target: &Expr, value: &'e Expr) -> Option<&'e Clause> {
    let (value, is_called) = match &value.kind {
        ExprKind::Call { args, keywords, .. } if keywords.is_empty() => match args.as_slice() {
            [items] => (items, true),
            _ => return None,
        },
        _ => (value, false),
    };
    let ExprKind::Comprehension {
        kind,
        element,
        value: None,
        clauses,
    } = &value.kind
    else {
        return None;
    };
    let in_order = match kind {
        ComprehensionKind::List => true,
        ComprehensionKind::Generator => is_called,
        _ => false,
    };
    if !in_order {
        return None;
    }
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

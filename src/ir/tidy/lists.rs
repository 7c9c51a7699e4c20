//! Lists that are only looked at where they are made, and what is looked for in a list.
//!
//! Enters: a block. Leaves: the same block, where `vec![a, b].iter()` runs over an array, and
//! `xs.iter().any(|x| *x == y)` is `xs.contains(&y)`, and what is collected only to be run over
//! is not collected. This module must not know Python.

use super::super::expr::Expr;
use super::super::uses::reads;
use super::super::{Block, Stmt};

/// Rewrites the expressions of a block.
pub(super) fn look_into(block: &mut Block) {
    for stmt in &mut block.stmts {
        in_stmt(stmt);
    }
    if let Some(value) = &mut block.value {
        in_expr(value);
    }
}

fn in_stmt(stmt: &mut Stmt) {
    stmt.for_each_child_mut(&mut in_expr, &mut look_into);
}

fn in_expr(e: &mut Expr) {
    e.for_each_child_mut(&mut in_expr, &mut look_into);
    if let Expr::Method(receiver, method, _) = e
        && matches!(
            method.as_str(),
            "iter" | "len" | "first" | "last" | "contains"
        )
        && let Expr::Macro(name, items) = &**receiver
        && name == "vec"
        && !items.is_empty()
        && !matches!(items.as_slice(), [Expr::Repeat(..)])
    {
        **receiver = Expr::Array(items.clone());
    }
    // A `CuArrayVec` holds what is a slice to its methods.
    if let Expr::Method(receiver, method, _) = e
        && matches!(
            method.as_str(),
            "iter" | "len" | "is_empty" | "first" | "last" | "get" | "contains" | "to_vec"
        )
        && let Expr::Method(held, slice, _) = &**receiver
        && slice == "as_slice"
        && matches!(&**held, Expr::Field(_, field) if field == "0")
    {
        **receiver = (**held).clone();
    }
    if let Some(contains) = contains(e) {
        *e = contains;
    }
    if let Some(items) = lent_at_once(e) {
        *e = items;
    }
    made_of_each(e);
    // What it is collected in, nothing else says.
    if let Expr::Method(receiver, _, _) | Expr::Ref(receiver) | Expr::Index(receiver, _) = e
        && let Expr::Method(_, collect, _) = &mut **receiver
        && collect == "collect"
    {
        *collect = "collect::<Vec<_>>".to_string();
    }
}

/// `[a, b].into_iter().map(Gain::new)` for `.map(|k| Gain::new(k))`
fn made_of_each(e: &mut Expr) {
    let Expr::Method(items, map, args) = e else {
        return;
    };
    // What it is given is a value, so nothing is lent on the way.
    let values = match &**items {
        Expr::Method(list, method, _) => {
            method == "into_iter" && matches!(**list, Expr::Array(_) | Expr::Macro(..))
        }
        other => matches!(other, Expr::Range { .. }),
    };
    let made = match args.as_slice() {
        [Expr::Closure(param, body)] => match &**body {
            Expr::Call(callee, given) => {
                let same = *given == [Expr::Atom(param.clone())];
                let plain = param.chars().all(|c| c.is_alphanumeric() || c == '_');
                (same && plain && callee.ends_with("::new")).then(|| callee.clone())
            }
            _ => None,
        },
        _ => None,
    };
    if let (true, "map", Some(made)) = (values, map.as_str(), made) {
        *args = vec![Expr::Atom(made)];
    }
}

/// `xs.iter()` for `xs.iter().copied().collect().iter()`
fn lent_at_once(e: &Expr) -> Option<Expr> {
    let Expr::Method(list, again, _) = e else {
        return None;
    };
    let Expr::Method(items, collect, _) = &**list else {
        return None;
    };
    let Expr::Method(lent, copied, _) = &**items else {
        return None;
    };
    let is_list = matches!(collect.as_str(), "collect" | "collect::<Vec<_>>");
    let is_copy = copied == "copied" || copied == "cloned";
    (again == "iter" && is_list && is_copy).then(|| (**lent).clone())
}

/// `xs.contains(&y)`
fn contains(e: &Expr) -> Option<Expr> {
    let Expr::Method(iter, any, args) = e else {
        return None;
    };
    let (Expr::Method(list, method, none), [Expr::Closure(param, body)]) =
        (&**iter, args.as_slice())
    else {
        return None;
    };
    if any != "any" || method != "iter" || !none.is_empty() {
        return None;
    }
    let (item, by_value) = match param.strip_prefix('&') {
        Some(item) => (item, true),
        None => (param.as_str(), false),
    };
    let held = Expr::Atom(item.to_string());
    let is_item = |e: &Expr| match e {
        Expr::Deref(inner) => !by_value && **inner == held,
        other => by_value && *other == held,
    };
    // An operator of the file's own: both are of one class.
    let (a, b) = match &**body {
        Expr::Method(a, symbol, b) if symbol == "==" => (&**a, b.first()?),
        _ => return None,
    };
    let other = match (is_item(a), is_item(b)) {
        (true, false) => b,
        (false, true) => a,
        _ => return None,
    };
    // What is looked for is there already: it lies somewhere, or is a literal.
    let steady = matches!(other, Expr::Atom(_) | Expr::Field(..));
    if !steady || reads(other, item) {
        return None;
    }
    let wanted = Expr::Ref(Box::new(other.clone()));
    Some((**list).clone().method("contains", vec![wanted]))
}

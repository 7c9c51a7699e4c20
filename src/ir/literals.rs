//! Literals whose type nothing says: `(0.0 + 0.5).abs()` wants a suffix. Lists that are only
//! looked at: arrays.
//!
//! Enters: a function's block. Leaves: the block with a suffix at the first literal of what a
//! method is called on, and with `[1, 2].iter()` for `vec![1, 2].iter()`. This module must
//! not know Python.

mod wide;

use super::expr::Expr;
use super::tidy::calls_method_on;
use super::uses::pattern_names;
use super::{Block, Stmt, StmtKind};
use wide::type_wide;

/// Whether an expression's type is that of its literals alone.
pub(super) fn only_literals(expr: &Expr) -> bool {
    match expr {
        Expr::Atom(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        Expr::NegLit(_) | Expr::Hole(_) => true,
        Expr::Unary(_, inner) => only_literals(inner),
        Expr::Binary(_, a, b) => only_literals(a) && only_literals(b),
        Expr::If {
            then, otherwise, ..
        } => {
            let value = |b: &Block| b.value.as_ref().is_none_or(|v| only_literals(v));
            value(then) && otherwise.as_ref().is_none_or(value)
        }
        _ => false,
    }
}

/// Says the type of literals on which a method is called.
pub(super) fn type_receivers(block: &mut Block) {
    wide::type_sources(block);
    in_block(block);
}

fn in_block(block: &mut Block) {
    for stmt in &mut block.stmts {
        if let StmtKind::For {
            names, iter, body, ..
        } = &mut stmt.kind
        {
            if let Expr::Ref(list) = iter {
                as_array(list);
            }
            let calls = |name: &String| calls_method_within(&body.stmts, name);
            type_elements(iter, &names.iter().map(calls).collect::<Vec<_>>());
            type_wide(iter);
        }
        stmt.for_each_child_mut(&mut in_expr, &mut in_block);
    }
    if let Some(value) = &mut block.value {
        in_expr(value);
    }
}

/// Whether a method is called on a variable, or on what a `let` calls it, or a part of it.
fn calls_method_within(stmts: &[Stmt], name: &str) -> bool {
    let part = |init: &Expr| {
        let mut of = init;
        while let Expr::Field(inner, _) = of {
            of = inner;
        }
        matches!(of, Expr::Atom(text) if text == name)
    };
    calls_method_on(stmts, name)
        || stmts.iter().enumerate().any(|(i, stmt)| {
            let rest = stmts.get(i + 1..).unwrap_or(&[]);
            match &stmt.kind {
                StmtKind::Let {
                    name: other,
                    init: Some(init),
                    ..
                } => part(init) && other != name && calls_method_within(rest, other),
                StmtKind::LetPattern { names, init, .. } if part(init) => names
                    .iter()
                    .any(|n| n != name && calls_method_within(rest, n)),
                _ => false,
            }
        })
}

fn in_expr(e: &mut Expr) {
    if let Expr::Method(receiver, name, _) = e {
        if only_literals(receiver) {
            type_first(receiver);
        } else if is_element(receiver) && !matches!(name.as_str(), "to_string" | "clone") {
            type_chain(receiver);
        }
    }
    // What is shown says no type.
    if let Expr::Macro(name, args) = e
        && name != "vec"
    {
        args.iter_mut().for_each(type_wide);
        for arg in args {
            if let Expr::Method(_, collect, _) = arg
                && collect == "collect"
            {
                *collect = "collect::<Vec<_>>".into();
            }
        }
    }
    // A row that is collected among rows: nothing else says that it is a list.
    if let Expr::Method(rows, taken, _) = e
        && !matches!(taken.as_str(), "collect" | "rev" | "chain")
        && let Expr::Method(_, name, args) = &mut **rows
        && let ("map", [Expr::Closure(_, row)]) = (name.as_str(), args.as_mut_slice())
        && let Expr::Method(_, row, _) = &mut **row
        && row == "collect"
    {
        *row = "collect::<Vec<_>>".into();
    }
    if let Expr::Method(receiver, name, args) = e
        && matches!(name.as_str(), "iter" | "get" | "first" | "last" | "zip")
    {
        if name != "zip" {
            as_array(receiver);
        }
        for arg in args {
            if let Expr::Ref(list) = arg {
                as_array(list);
            }
        }
    }
    // `[0, 1].iter().map(|&x| x.checked_add(y))`
    if let Expr::Method(receiver, _, args) = e {
        let called: Vec<bool> = args.iter().flat_map(calls_on_its_own).collect();
        type_elements(receiver, &called);
    }
    if let Expr::Method(receiver, _, _) | Expr::Index(receiver, _) = e
        && let Expr::Macro(_, items) | Expr::Array(items) = &mut **receiver
    {
        items.iter_mut().for_each(type_text);
    }
    e.for_each_child_mut(&mut in_expr, &mut in_block);
}

/// Whether it is one of the elements of a list or tuple, as it may stand before a method.
fn is_element(e: &Expr) -> bool {
    matches!(
        e,
        Expr::Index(..) | Expr::Field(..) | Expr::Try(_) | Expr::Deref(_)
    )
}

/// The first literal of the list or tuple of literals that an element is taken from.
fn type_chain(e: &mut Expr) {
    match e {
        Expr::Index(inner, _) | Expr::Try(inner) | Expr::Deref(inner) | Expr::Ref(inner) => {
            type_chain(inner);
        }
        Expr::Method(inner, name, _)
            if matches!(
                name.as_str(),
                "iter"
                    | "copied"
                    | "max"
                    | "min"
                    | "ok_or"
                    | "ok_or_else"
                    | "first"
                    | "last"
                    | "get"
                    | "collect::<Vec<_>>"
            ) =>
        {
            type_chain(inner);
        }
        Expr::Field(tuple, at) => {
            if let (Expr::Tuple(items), Ok(at)) = (&mut **tuple, at.parse::<usize>())
                && let Some(item) = items.get_mut(at).filter(|item| only_literals(item))
            {
                type_first(item);
            }
        }
        Expr::Range {
            low: Some(low),
            high: Some(high),
            ..
        } if only_literals(low) && only_literals(high) => type_first(low),
        Expr::Array(items) if items.iter().all(only_literals) => {
            items.iter_mut().take(1).for_each(type_first);
        }
        Expr::Macro(name, items) if name == "vec" && items.iter().all(only_literals) => {
            items.iter_mut().take(1).for_each(type_first);
        }
        _ => {}
    }
}

/// `[a, b]` for `vec![a, b]`, where nobody keeps it.
fn as_array(list: &mut Expr) {
    if let Expr::Macro(name, items) = list
        && name == "vec"
        && !matches!(items.as_slice(), [] | [Expr::Repeat(..)])
    {
        *list = Expr::Array(std::mem::take(items));
    }
}

/// Whether a closure calls a method on each of the names that it is given.
fn calls_on_its_own(e: &Expr) -> Vec<bool> {
    let Expr::Closure(pattern, body) = e else {
        return Vec::new();
    };
    let stmts = [Stmt::new(StmtKind::Expr((**body).clone()))];
    pattern_names(pattern)
        .map(|name| calls_method_on(&stmts, name))
        .collect()
}

/// The first of an array's elements or of a range's bounds, where all are literals; for each
/// name that an element is bound to, whether a method is called on it.
fn type_elements(iter: &mut Expr, called: &[bool]) {
    if !called.contains(&true) {
        return;
    }
    match iter {
        Expr::Ref(inner) => type_elements(inner, called),
        Expr::Method(inner, name, args) => {
            type_elements(inner, called);
            if name == "zip" {
                args.iter_mut().for_each(|arg| type_elements(arg, called));
            }
        }
        Expr::Range {
            low: Some(low),
            high,
            ..
        } if only_literals(low) && high.as_ref().is_none_or(|high| only_literals(high)) => {
            type_first(low);
        }
        Expr::Array(items) => type_items(items, called),
        Expr::Macro(name, items) if name == "vec" => type_items(items, called),
        _ => {}
    }
}

/// The first item of a list whose items are literals, or tuples with literals at a place.
fn type_items(items: &mut [Expr], called: &[bool]) {
    if items.iter().all(only_literals) {
        items.iter_mut().take(1).for_each(type_first);
        return;
    }
    let part = |item: &Expr, i: usize| match item {
        Expr::Tuple(parts) => parts.get(i).is_some_and(only_literals),
        _ => false,
    };
    let width = match items.first() {
        Some(Expr::Tuple(parts)) => parts.len(),
        _ => return,
    };
    for i in 0..width {
        let wanted = called.len() != width || called.get(i) == Some(&true);
        if wanted
            && items.iter().all(|item| part(item, i))
            && let Some(Expr::Tuple(parts)) = items.first_mut()
            && let Some(first) = parts.get_mut(i)
        {
            type_first(first);
        } else if wanted {
            type_column(items, i);
        }
    }
}

/// As [`type_items`], of the tuples at a place of the items.
fn type_column(items: &mut [Expr], i: usize) {
    let part = |item: &Expr| match item {
        Expr::Tuple(parts) => parts.get(i).cloned(),
        _ => None,
    };
    let Some(mut column) = items.iter().map(part).collect::<Option<Vec<Expr>>>() else {
        return;
    };
    type_items(&mut column, &[]);
    if let Some(Expr::Tuple(parts)) = items.first_mut()
        && let (Some(slot), Some(first)) = (parts.get_mut(i), column.into_iter().next())
        && matches!(first, Expr::Tuple(_))
    {
        *slot = first;
    }
}

/// `"text".to_string()` where nothing says what `"text".into()` is.
fn type_text(e: &mut Expr) {
    if let Expr::Method(text, name, _) = e
        && name == "into"
        && matches!(&**text, Expr::Atom(t) if t.starts_with('"'))
    {
        *name = "to_string".into();
    }
}

/// Gives the first literal of an expression a suffix.
fn type_first(e: &mut Expr) {
    match e {
        Expr::Atom(text) | Expr::NegLit(text) => {
            let digits = |c: char| c.is_ascii_digit() || "._e-+".contains(c);
            let of_bits = |prefix: &str, radix: u32| {
                let digits = text.strip_prefix(prefix);
                digits.is_some_and(|d| d.chars().all(|c| c == '_' || c.is_digit(radix)))
            };
            if of_bits("0x", 16) || of_bits("0b", 2) || of_bits("0o", 8) {
                text.push_str("_i64");
            } else if !text.is_empty() && text.chars().all(digits) {
                let float = text.contains(['.', 'e']);
                text.push_str(if float { "_f64" } else { "_i64" });
            }
        }
        Expr::Unary(_, inner) | Expr::Binary(_, inner, _) => type_first(inner),
        Expr::If { then, .. } => {
            if let Some(value) = &mut then.value {
                type_first(value);
            }
        }
        _ => {}
    }
}

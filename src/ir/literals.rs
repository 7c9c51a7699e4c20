//! Literals whose type nothing says: `(0.0 + 0.5).abs()` wants a suffix.
//!
//! Enters: a function's block. Leaves: the block with a suffix at the first literal of what a
//! method is called on. This module must not know Python.

use super::expr::Expr;
use super::tidy::calls_method_on;
use super::{Block, StmtKind};

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
    for stmt in &mut block.stmts {
        if let StmtKind::For {
            names, iter, body, ..
        } = &mut stmt.kind
            && names.iter().any(|n| calls_method_on(&body.stmts, n))
        {
            type_elements(iter);
        }
        stmt.for_each_child_mut(&mut in_expr, &mut type_receivers);
    }
    if let Some(value) = &mut block.value {
        in_expr(value);
    }
}

fn in_expr(e: &mut Expr) {
    if let Expr::Method(receiver, _, _) = e
        && only_literals(receiver)
    {
        type_first(receiver);
    }
    if let Expr::Method(receiver, _, _) | Expr::Index(receiver, _) = e
        && let Expr::Macro(_, items) | Expr::Array(items) = &mut **receiver
    {
        items.iter_mut().for_each(type_text);
    }
    e.for_each_child_mut(&mut in_expr, &mut type_receivers);
}

/// The first of an array's elements or of a range's bounds, where all are literals.
fn type_elements(iter: &mut Expr) {
    match iter {
        Expr::Ref(inner) | Expr::Method(inner, _, _) => type_elements(inner),
        Expr::Range {
            low: Some(low),
            high,
            ..
        } if only_literals(low) && high.as_ref().is_none_or(|high| only_literals(high)) => {
            type_first(low);
        }
        Expr::Array(items) if items.iter().all(only_literals) => {
            if let Some(first) = items.first_mut() {
                type_first(first);
            }
        }
        _ => {}
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
            if !text.is_empty() && text.chars().all(digits) {
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

//! References to references: `f(&x)` of an `x` that is a reference already.
//!
//! Enters: a block, and which parameters are references. Leaves: the same block, where what a
//! function of the file is given, and what a list is extended by, is borrowed once. This
//! module must not know Python.

use super::super::expr::Expr;
use super::super::{Block, StmtKind};
use super::Known;
use std::collections::BTreeSet;

/// Strikes the needless borrows of a function's body.
pub(super) fn strike(body: &mut Block, known: &Known<'_>) {
    let mut bound = BTreeSet::new();
    super::bound_in(body, &mut bound);
    let references: BTreeSet<String> = known
        .references
        .iter()
        .filter(|name| !bound.contains(*name))
        .map(|name| name.to_string())
        .collect();
    in_block(body, &references, known);
}

fn in_block(block: &mut Block, references: &BTreeSet<String>, known: &Known<'_>) {
    for stmt in &mut block.stmts {
        let mut within = None;
        if let StmtKind::For {
            pattern,
            iter,
            body,
            ..
        } = &stmt.kind
            && pattern.chars().all(|c| c.is_alphanumeric() || c == '_')
            && lends(iter, references)
        {
            let mut bound = BTreeSet::new();
            super::bound_in(body, &mut bound);
            if !bound.contains(pattern.as_str()) {
                let mut inner = references.clone();
                inner.insert(pattern.clone());
                within = Some(inner);
            }
        }
        let inner = within.as_ref().unwrap_or(references);
        stmt.for_each_child_mut(&mut |e| in_expr(e, references, known), &mut |b| {
            in_block(b, inner, known);
        });
    }
    if let Some(value) = &mut block.value {
        in_expr(value, references, known);
    }
}

/// Whether a loop over it gives references.
fn lends(iter: &Expr, references: &BTreeSet<String>) -> bool {
    match iter {
        Expr::Atom(name) => references.contains(name),
        Expr::Ref(_) => true,
        Expr::Method(_, name, _) => name == "iter",
        _ => false,
    }
}

fn in_expr(e: &mut Expr, references: &BTreeSet<String>, known: &Known<'_>) {
    e.for_each_child_mut(&mut |e| in_expr(e, references, known), &mut |b| {
        in_block(b, references, known);
    });
    let (Expr::Call(name, args) | Expr::Method(_, name, args)) = e else {
        return;
    };
    for arg in args {
        if let Expr::Ref(inner) = arg
            && matches!(&**inner, Expr::Atom(name) if references.contains(name))
            && (name == "extend_from_slice" || (known.is_own)(name))
        {
            *arg = (**inner).clone();
        }
    }
}

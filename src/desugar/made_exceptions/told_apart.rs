//! `isinstance` of a caught exception where the handler catches more than that class.
//!
//! Enters: the module. Leaves: the same, where `isinstance(e, HotError)` asks for the names of
//! that class and those below it: `type(e).__name__ == "HotError"`. What the handler's types
//! decide stays. This module must not know types.

use super::classes::Family;
use crate::ast::{self, Block, CompareOp, Expr, ExprKind, Handler, Module, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::names::Names;
use std::collections::BTreeSet;

/// Rewrites the module.
pub(super) fn told_apart(module: &mut Module, next_id: &mut u32) {
    let family = Family::of(module);
    if !family.classes.is_empty() {
        block(&mut module.body, &family, next_id);
    }
}

fn block(body: &mut Block, family: &Family, next_id: &mut u32) {
    for stmt in &mut body.stmts {
        if let StmtKind::Try { handlers, .. } = &mut stmt.kind {
            handlers
                .iter_mut()
                .for_each(|h| handler(h, family, next_id));
        }
        for inner in ast::blocks_mut(stmt) {
            block(inner, family, next_id);
        }
    }
}

/// The names in a class or a tuple of classes.
fn named(e: &Expr) -> Option<Vec<&str>> {
    match &e.kind {
        ExprKind::Name(name) => Some(vec![name]),
        ExprKind::Tuple(items) => {
            let items = items.iter().map(|item| match &item.kind {
                ExprKind::Name(name) => Some(name.as_str()),
                _ => None,
            });
            items.collect()
        }
        _ => None,
    }
}

fn handler(handler: &mut Handler, family: &Family, next_id: &mut u32) {
    let (Some(name), Some(types)) = (&handler.name, &handler.types) else {
        return;
    };
    let mut bound = Names::default();
    handler.body.stmts.iter().for_each(|s| bound.stmt(s));
    let Some(types) = named(types).filter(|_| !bound.bound.contains_key(&name.name)) else {
        return;
    };
    let is = |e: &Expr, what: &str| matches!(&e.kind, ExprKind::Name(n) if n == what);
    ast::rewrite::block(&mut handler.body, &mut |e| {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return;
        };
        let [of, asked] = args.as_slice() else {
            return;
        };
        if !is(func, "isinstance") || !is(of, &name.name) {
            return;
        }
        let Some(asked) = named(asked) else { return };
        let all = asked
            .iter()
            .all(|class| family.classes.contains_key(*class));
        let decided = |t: &&str| {
            let lineage = family.lineage(t);
            asked.iter().any(|class| lineage.contains(class))
        };
        if !all || types.iter().all(decided) {
            return;
        }
        let below: BTreeSet<&str> = asked.iter().flat_map(|class| family.below(class)).collect();
        let span = e.span;
        let mut build = Build { next_id, span };
        let func = build.name("type");
        let of = build.again(of);
        let class = build.call(func, vec![of]);
        let class = build.attr(class, "__name__");
        let mut names: Vec<Expr> = below
            .into_iter()
            .map(|name| build.expr(ExprKind::Str(name.to_string())))
            .collect();
        let (op, names) = match names.len() {
            1 => match names.pop() {
                Some(one) => (CompareOp::Eq, one),
                None => return,
            },
            _ => (CompareOp::In, build.expr(ExprKind::Tuple(names))),
        };
        e.kind = build.compare(class, op, names).kind;
    });
}

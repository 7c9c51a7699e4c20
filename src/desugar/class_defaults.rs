//! Defaults of methods that name what their class binds: `def __init__(self, no, mode=OUT)`.
//!
//! Enters: the module, with its classes side by side. Leaves: the same, where such a default is
//! the attribute of the class (`Pin.OUT`), or its value, where that attribute may be another
//! one later: Python computes the default while the body of the class is run. This module must
//! not know types.

use super::build::Build;
use super::callables::{times_bound, times_bound_in, top_bound};
use super::{binds, copies};
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Class, Expr, ExprKind, Module, Stmt, StmtKind, UnaryOp};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the classes of the module.
pub(super) fn class_defaults(module: &mut Module, next_id: &mut u32) {
    let mut stored = Stored(BTreeSet::new());
    stored.visit_block(&module.body);
    let bound = times_bound(module);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            let once = bound.get(&class.name.name) == Some(&1);
            in_class(class, once, &stored.0, next_id);
        }
    }
}

/// What a name of a class's body stands for in the defaults behind it.
#[derive(Clone)]
struct Bound {
    value: Expr,
    /// Whether it is plainly assigned, so that it is an attribute of the class as it stands.
    plain: bool,
}

fn in_class(class: &mut Class, once: bool, stored: &BTreeSet<String>, next_id: &mut u32) {
    let own =
        class.bases.is_empty() && class.keywords.is_empty() && class.decorators.is_empty() && once;
    let counts = times_bound_in(&class.body);
    let name = class.name.name.clone();
    let mut known: BTreeMap<String, Bound> = BTreeMap::new();
    for stmt in &mut class.body.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind {
            for param in &mut function.params.list {
                let Some(default) = &mut param.default else {
                    continue;
                };
                // Those of a class are not seen where an expression has names of its own.
                if binds(default) {
                    continue;
                }
                ast::rewrite::expr(default, &mut |e| {
                    let ExprKind::Name(read) = &e.kind else {
                        return;
                    };
                    let Some(bound) = known.get(read) else {
                        return;
                    };
                    let attribute = own
                        && bound.plain
                        && counts.get(read) == Some(&1)
                        && !stored.contains(read);
                    if attribute {
                        let span = e.span;
                        *e = Build { next_id, span }.of(&name, &read.clone());
                    } else if is_number_or_text(&bound.value) {
                        e.kind = bound.value.kind.clone();
                        copies::expr(e, next_id);
                    }
                });
            }
        }
        for name in top_bound(stmt) {
            known.remove(&name);
        }
        if let Some((target, value)) = stmt.assigned()
            && let ExprKind::Name(name) = &target.kind
        {
            let plain = matches!(stmt.kind, StmtKind::Assign { .. });
            let value = value.clone();
            known.insert(name.clone(), Bound { value, plain });
        }
    }
}

/// A literal, with its sign.
fn is_number_or_text(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => is_number_or_text(operand),
        kind => matches!(
            kind,
            ExprKind::None
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Str(_)
        ),
    }
}

/// The attributes that are assigned anywhere.
struct Stored(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Stored {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let mut store = |target| self.0.extend(ast::attributes(target).cloned());
        match &stmt.kind {
            StmtKind::For { target, .. } => store(target),
            StmtKind::Delete(targets) => targets.iter().for_each(store),
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|(_, t)| t.as_ref()).for_each(store);
            }
            _ => stmt.targets().iter().for_each(store),
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        // `setattr(cls, "LIMIT", 3)`
        if let ExprKind::Str(text) = &e.kind {
            self.0.insert(text.clone());
        }
        visit::walk_expr(self, e);
    }
}

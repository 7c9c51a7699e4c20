//! The level of the module: which variables end there.
//!
//! Enters: the module. Leaves: the expressions that name a variable of the module for the
//! last time: what they give it to is the only owner. This module must not know types.

use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::infer::scope::{self, FnScope};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a statement runs once, when the module is loaded.
pub(super) fn is_level(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        StmtKind::Assign { .. } | StmtKind::AnnAssign { .. }
    )
}

/// Where variables of the module are named that nothing else names after they were bound.
pub(super) fn last_names(module: &Module) -> BTreeSet<NodeId> {
    let mut names = Names::default();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Assign { targets, value } if is_plain(targets) => names.visit_expr(value),
            StmtKind::AnnAssign { target, value, .. } if is_plain(std::slice::from_ref(target)) => {
                value.iter().for_each(|value| names.visit_expr(value));
            }
            _ => names.visit_stmt(stmt),
        }
    }
    let once = names.named.into_values();
    once.filter_map(|nodes| match nodes.as_slice() {
        [(node, false)] => Some(*node),
        _ => None,
    })
    .collect()
}

/// Whether a statement binds one name.
fn is_plain(targets: &[Expr]) -> bool {
    matches!(targets, [target] if matches!(target.kind, ExprKind::Name(_)))
}

/// Where each name stands, and whether it may be evaluated more than once there.
#[derive(Default)]
struct Names {
    named: BTreeMap<String, Vec<(NodeId, bool)>>,
    repeated: usize,
    /// The functions around the place, with the names that are their own.
    functions: Vec<FnScope>,
}

impl<'ast> Visitor<'ast> for Names {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.repeated += 1;
        if let StmtKind::Function(function) = &stmt.kind {
            self.functions.push(scope::resolve(function));
        }
        visit::walk_stmt(self, stmt);
        if let StmtKind::Function(_) = &stmt.kind {
            self.functions.pop();
        }
        self.repeated -= 1;
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(_) if self.functions.iter().any(|f| f.names.contains_key(&e.id)) => {}
            ExprKind::Name(name) => {
                let found = (e.id, self.repeated > 0);
                self.named.entry(name.clone()).or_default().push(found);
            }
            ExprKind::Comprehension { .. } | ExprKind::Lambda { .. } => {
                self.repeated += 1;
                visit::walk_expr(self, e);
                self.repeated -= 1;
            }
            _ => visit::walk_expr(self, e),
        }
    }
}

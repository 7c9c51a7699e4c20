//! What is read in an expression, and the names that are bound again.

use crate::ast::leaves;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Function, NodeId, Stmt, StmtKind};
use crate::infer::scope::{FnScope, plain_name};
use std::collections::{BTreeMap, BTreeSet};

/// The parameters that get another object: they cannot be borrowed.
pub(in crate::ownership) fn rebound_params(
    function: &Function,
    scope: &FnScope,
    out: &mut BTreeSet<NodeId>,
) {
    struct Bindings<'b>(&'b FnScope, BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Bindings<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                let mut names = Vec::new();
                targets.iter().for_each(|t| leaves(t, &mut names));
                let versions = names.iter().filter_map(|n| self.0.names.get(&n.id));
                self.1.extend(versions.cloned());
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut bindings = Bindings(scope, BTreeSet::new());
    bindings.visit_block(&function.body);
    let params = function.params.list.iter();
    out.extend(
        params
            .filter(|p| bindings.1.contains(&p.name.name))
            .map(|p| p.id),
    );
}

/// The direct parts of a statement or expression.
pub(super) struct Parts<'p>(pub(super) Vec<&'p Expr>);

impl<'ast> Visitor<'ast> for Parts<'ast> {
    fn visit_block(&mut self, _: &'ast Block) {}

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.0.push(e);
    }
}

/// Where each variable is read last.
pub(super) struct Reads<'r>(
    pub(super) &'r FnScope,
    pub(super) &'r mut BTreeMap<String, u32>,
);

impl<'ast> Visitor<'ast> for Reads<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind {
            self.visit_expr(value);
            for target in targets {
                let mut names = Vec::new();
                leaves(target, &mut names);
                for part in names {
                    if !matches!(part.kind, ExprKind::Name(_)) {
                        self.visit_expr(part);
                    }
                }
            }
            return;
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let (ExprKind::Name(_), Some(version)) = (&e.kind, self.0.names.get(&e.id)) {
            let last = self.1.entry(version.clone()).or_default();
            *last = (*last).max(e.span.start);
        }
        visit::walk_expr(self, e);
    }
}

/// What the Python calls a place.
pub(super) fn name_of(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Name(name) => plain_name(name).to_string(),
        ExprKind::Attribute { value, attr } => format!("{}.{}", name_of(value), attr.name),
        ExprKind::Subscript { value, .. } => format!("{}[…]", name_of(value)),
        ExprKind::Call { func, .. } => format!("{}(…)", name_of(func)),
        _ => "this".to_string(),
    }
}

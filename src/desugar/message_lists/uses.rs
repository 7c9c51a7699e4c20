//! How `process` uses its names: which are only lists that are taken apart.

use super::super::names::Names;
use crate::ast::{self, Expr, ExprKind, Stmt, StmtKind};
use std::collections::BTreeMap;

/// How often each name is read, and how often of that where a list is taken apart.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) all: BTreeMap<String, usize>,
    apart: BTreeMap<String, usize>,
    /// How often names stand within a loop that binds them.
    pub(super) bound_by_loop: BTreeMap<String, usize>,
    /// The names that the loops around bind.
    loops: Vec<Names>,
}

impl Uses {
    fn apart(&mut self, e: &Expr) {
        if let ExprKind::Name(name) = &e.kind {
            *self.apart.entry(name.clone()).or_default() += 1;
        }
    }

    /// An item that is written: that takes nothing apart.
    fn written(&mut self, target: &Expr) {
        if let ExprKind::Subscript { value, .. } = &target.kind
            && let ExprKind::Name(name) = &value.kind
        {
            *self.all.entry(name.clone()).or_default() += 1;
        }
    }

    /// Whether anything but its binding names it.
    pub(super) fn is_read(&self, name: &str) -> bool {
        self.all.get(name).copied().unwrap_or(0) > 1
    }

    /// Whether nothing sees the list itself; it is bound once.
    pub(super) fn is_only_taken_apart(&self, name: &str) -> bool {
        let apart = self.apart.get(name).copied().unwrap_or(0);
        // Its binding is one of the places that name it.
        self.all.get(name).copied().unwrap_or(0) == apart + 1
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::For { iter, .. } => self.apart(iter),
            StmtKind::Assign { targets, value } => {
                if matches!(targets.as_slice(), [t] if matches!(t.kind, ExprKind::Tuple(_))) {
                    self.apart(value);
                }
                targets.iter().for_each(|t| self.written(t));
            }
            StmtKind::AugAssign { target, .. } => self.written(target),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.written(t)),
            _ => {}
        }
        let mut targets = Names::default();
        if let StmtKind::For { target, .. } = &stmt.kind {
            targets.target(target);
        }
        self.loops.push(targets);
        ast::visit::walk_stmt(self, stmt);
        self.loops.pop();
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        let mut targets = Names::default();
        if let ExprKind::Comprehension { clauses, .. } = &e.kind {
            clauses.iter().for_each(|c| targets.target(&c.target));
        }
        self.loops.push(targets);
        match &e.kind {
            ExprKind::Name(name) => {
                *self.all.entry(name.clone()).or_default() += 1;
                if self.loops.iter().any(|l| l.binds(name)) {
                    *self.bound_by_loop.entry(name.clone()).or_default() += 1;
                }
            }
            ExprKind::Subscript { value, index } if matches!(index.kind, ExprKind::Int(_)) => {
                self.apart(value);
            }
            ExprKind::Comprehension { clauses, .. } => {
                clauses.iter().for_each(|c| self.apart(&c.iter));
            }
            ExprKind::Compare { left, rest, .. } if matches!(left.kind, ExprKind::None) => {
                rest.iter().for_each(|r| self.apart(r));
            }
            ExprKind::Call { func, args, .. } => {
                let builtin = matches!(&func.kind, ExprKind::Name(n)
                    if matches!(n.as_str(), "len" | "enumerate" | "zip"));
                if builtin {
                    args.iter().for_each(|a| self.apart(a));
                }
            }
            _ => {}
        }
        ast::visit::walk_expr(self, e);
        self.loops.pop();
    }
}

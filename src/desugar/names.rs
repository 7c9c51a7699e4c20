//! The names that a function binds and reads.
//!
//! Enters: a function, or parts of one. Leaves: its names, those of nested functions as far
//! as they are the function's. This module must not know what the names mean.

use crate::ast::{self, Expr, ExprKind, Function, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a function.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// How often each name is bound.
    pub(crate) bound: BTreeMap<String, usize>,
    /// The names that are read, within nested functions too.
    pub(super) read: BTreeSet<String>,
    /// `nonlocal`
    pub(super) nonlocals: BTreeSet<String>,
    /// `yield`, `global`: what keeps a function where it is.
    pub(super) refuses: bool,
}

/// A name that is not taken, which it is from then on.
pub(crate) fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = name.to_string();
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

impl Names {
    /// Of a function: its parameters and its body.
    pub(crate) fn of(function: &Function) -> Names {
        let mut names = Names::default();
        for param in &function.params.list {
            names.bind(&param.name.name);
        }
        for stmt in &function.body.stmts {
            names.stmt(stmt);
        }
        names
    }

    /// All of them.
    pub(crate) fn all(self) -> BTreeSet<String> {
        self.bound.into_keys().chain(self.read).collect()
    }

    /// Whether a name is the function's own.
    pub(super) fn binds(&self, name: &str) -> bool {
        self.bound.contains_key(name) && !self.nonlocals.contains(name)
    }

    pub(super) fn bind(&mut self, name: &str) {
        match self.bound.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.bound.insert(name.to_string(), 1);
            }
        }
    }

    pub(crate) fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.target(i));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.expr(target),
        }
    }

    pub(super) fn expr(&mut self, e: &Expr) {
        ast::visit::Visitor::visit_expr(self, e);
    }

    /// What a statement binds, without a look into functions: their names are their own.
    pub(super) fn binds_by(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => self.bind(&function.name.name),
            _ => self.stmt(stmt),
        }
    }

    pub(crate) fn stmt(&mut self, stmt: &Stmt) {
        ast::visit::Visitor::visit_stmt(self, stmt);
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Names {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.visit_expr(value);
                targets.iter().for_each(|t| self.target(t));
                return;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.visit_expr(value);
                self.visit_expr(target);
                self.target(target);
                return;
            }
            StmtKind::AnnAssign { target, value, .. } => {
                value.iter().for_each(|v| self.visit_expr(v));
                self.target(target);
                return;
            }
            StmtKind::For { target, .. } => self.target(target),
            StmtKind::With { items, .. } => {
                items
                    .iter()
                    .filter_map(|(_, t)| t.as_ref())
                    .for_each(|t| self.target(t));
            }
            StmtKind::Try { handlers, .. } => {
                for name in handlers.iter().filter_map(|h| h.name.as_ref()) {
                    self.bind(&name.name);
                }
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    self.bind(&alias.alias.as_ref().unwrap_or(&alias.name).name);
                }
            }
            StmtKind::Function(function) => {
                self.bind(&function.name.name);
                let inner = Names::of(function);
                let free = inner
                    .read
                    .iter()
                    .chain(&inner.nonlocals)
                    .filter(|n| !inner.binds(n));
                self.read.extend(free.cloned());
                return;
            }
            StmtKind::Class(class) => {
                self.bind(&class.name.name);
                return;
            }
            StmtKind::Nonlocal(names) => self.nonlocals.extend(names.iter().cloned()),
            StmtKind::Global(_) => self.refuses = true,
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Name(name) if !self.read.contains(name) => {
                self.read.insert(name.clone());
            }
            ExprKind::Named { target, .. } => self.bind(&target.name),
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Await(_) => self.refuses = true,
            _ => {}
        }
        ast::visit::walk_expr(self, e);
    }

    fn visit_pattern(&mut self, pattern: &'ast ast::Pattern) {
        if let ast::PatternKind::As {
            name: Some(name), ..
        }
        | ast::PatternKind::Star(Some(name)) = &pattern.kind
        {
            self.bind(name);
        }
        ast::visit::walk_pattern(self, pattern);
    }
}

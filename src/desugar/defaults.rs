//! Defaults that are not the same at every call: Python computes each once, where the function
//! is defined.
//!
//! Enters: the module. Leaves: the same module, in which such a default is a variable of the
//! module, set where the function or the class is. A default that nothing can change stays
//! where it is. This module must not know types.

use super::callables::module_bound;
use super::class_state::CHANGING;
use super::closures::statement;
use super::inherit::name_at;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::BTreeSet;

/// Gives the defaults that may change variables of their own.
pub(super) fn defaults(module: &mut Module, next_id: &mut u32) {
    let mut changes = Changes::default();
    changes.visit_block(&module.body);
    let mut made = Made {
        taken: module_bound(module),
        changes,
        before: Vec::new(),
        next_id,
    };
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        match &mut stmt.kind {
            StmtKind::Function(function) => made.function("", function),
            StmtKind::Class(class) => {
                let prefix = format!("{}_", class.name.name.to_lowercase());
                let dataclass = super::is_dataclass(class);
                for stmt in &mut class.body.stmts {
                    match &mut stmt.kind {
                        StmtKind::Function(method) => made.function(&prefix, method),
                        StmtKind::AnnAssign {
                            target,
                            value: Some(value),
                            ..
                        } if dataclass => {
                            if let ExprKind::Name(name) = &target.kind {
                                made.default(&format!("{prefix}{name}"), value);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        out.append(&mut made.before);
        out.push(stmt);
    }
    module.body.stmts = out;
}

struct Made<'n> {
    taken: BTreeSet<String>,
    changes: Changes,
    /// What stands before the statement that is looked at.
    before: Vec<Stmt>,
    next_id: &'n mut u32,
}

impl Made<'_> {
    fn function(&mut self, prefix: &str, function: &mut Function) {
        let of = function.name.name.trim_matches('_').to_string();
        for param in &mut function.params.list {
            if let Some(default) = &mut param.default {
                self.default(&format!("{prefix}{of}_{}", param.name.name), default);
            }
        }
    }

    fn default(&mut self, name: &str, default: &mut Expr) {
        if !self.changes.may_change(default, false) {
            return;
        }
        let mut name = name.to_string();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        let span = default.span;
        let value = std::mem::replace(default, name_at(span, &name, self.next_id));
        let target = name_at(span, &name, self.next_id);
        let kind = StmtKind::Assign {
            targets: vec![target],
            value,
        };
        self.before.push(statement(kind, span, self.next_id));
    }
}

/// What the module changes, by name.
#[derive(Default)]
struct Changes {
    functions: BTreeSet<String>,
    /// Names that are bound again.
    bound: BTreeSet<String>,
    once: BTreeSet<String>,
    /// Names of what is changed where it lies.
    within: BTreeSet<String>,
    /// Attributes that are written outside constructors.
    attributes: BTreeSet<String>,
    in_function: usize,
    constructs: bool,
}

impl Changes {
    /// Whether a default may have another value later; `part`: or hold another.
    fn may_change(&self, e: &Expr, part: bool) -> bool {
        match &e.kind {
            ExprKind::Name(name) => {
                self.bound.contains(name) || (part && self.within.contains(name))
            }
            ExprKind::Attribute { value, attr } => {
                self.attributes.contains(&attr.name) || self.may_change(value, true)
            }
            ExprKind::Lambda { .. } => false,
            ExprKind::Call { func, .. } => {
                let own = matches!(&func.kind, ExprKind::Name(n) if self.functions.contains(n));
                own || self.any_part(e)
            }
            _ => self.any_part(e),
        }
    }

    fn any_part(&self, e: &Expr) -> bool {
        struct Parts<'c>(&'c Changes, bool);
        impl<'ast> Visitor<'ast> for Parts<'_> {
            fn visit_expr(&mut self, e: &'ast Expr) {
                self.1 |= self.0.may_change(e, true);
            }
        }
        let mut parts = Parts(self, false);
        visit::walk_expr(&mut parts, e);
        parts.1
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Name(name) if self.in_function == 0 && !self.once.insert(name.clone()) => {
                self.bound.insert(name.clone());
            }
            ExprKind::Attribute { value, attr } => {
                let own = matches!(&value.kind, ExprKind::Name(n) if n == "self");
                if !(own && self.constructs) {
                    self.attributes.insert(attr.name.clone());
                }
            }
            ExprKind::Subscript { value, .. } => self.changed(value),
            _ => {}
        }
    }

    fn changed(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.within.insert(name.clone());
            }
            ExprKind::Attribute { value, attr } => {
                self.attributes.insert(attr.name.clone());
                self.changed(value);
            }
            ExprKind::Subscript { value, .. } => self.changed(value),
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Changes {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            }
            | StmtKind::For { target, .. } => self.target(target),
            StmtKind::AugAssign { target, .. } => {
                self.target(target);
                self.target(target);
            }
            StmtKind::Global(names) => self.bound.extend(names.iter().cloned()),
            StmtKind::Function(function) => {
                if self.in_function == 0 {
                    self.functions.insert(function.name.name.clone());
                }
                let outer =
                    std::mem::replace(&mut self.constructs, function.name.name == "__init__");
                self.in_function += 1;
                visit::walk_stmt(self, stmt);
                self.in_function -= 1;
                self.constructs = outer;
                return;
            }
            StmtKind::Class(_) => {
                // What a class binds is its own.
                self.in_function += 1;
                visit::walk_stmt(self, stmt);
                self.in_function -= 1;
                return;
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && CHANGING.contains(&attr.name.as_str())
        {
            self.changed(value);
        }
        visit::walk_expr(self, e);
    }
}

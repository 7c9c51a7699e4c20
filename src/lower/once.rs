//! Iterators that a variable holds: `m = map(f, xs)`.
//!
//! Enters: the value of an assignment. Leaves: why a list in its place would not be the same.
//! An iterator gives its elements once, and computes them when it is asked. This module must
//! not know what the elements are.

use super::function::FnLower;
use crate::ast::visit::{self, Visitor};
use crate::ast::{ComprehensionKind, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind};
use crate::source::Span;
use std::collections::BTreeSet;

/// Builtins that give an iterator.
const ITERATORS: [&str; 5] = ["map", "filter", "zip", "enumerate", "reversed"];

impl<'a> FnLower<'_, 'a> {
    /// What a list in the place of the iterator that `value` is would do in another way, where
    /// the variable of that version gets it.
    pub(super) fn not_a_list(&self, version: &str, value: &'a PyExpr) -> Option<&'static str> {
        if !self.is_iterator(value) {
            return None;
        }
        if self.changes_within(value) {
            return Some(
                "an iterator in a variable whose elements are computed by what changes something",
            );
        }
        let mut reads = Reads {
            this: self,
            version,
            bound: value.span,
            weight: 1,
            total: 0,
            until: 0,
        };
        reads.visit_block(&self.function.body);
        if reads.total > 1 {
            return Some("an iterator in a variable that is run through more than once");
        }
        let mut sources = Sources::default();
        sources.visit_expr(value);
        let mut between = Between {
            sources: &sources.0,
            from: value.span.end,
            until: reads.until,
            found: false,
        };
        between.visit_block(&self.function.body);
        let what = "an iterator in a variable that is run through after its source has changed";
        between.found.then_some(what)
    }

    fn is_iterator(&self, value: &PyExpr) -> bool {
        match &value.kind {
            ExprKind::Comprehension { kind, .. } => *kind == ComprehensionKind::Generator,
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Name(name) => {
                    ITERATORS.contains(&name.as_str())
                        && !self.scope.names.contains_key(&func.id)
                        && !self.lw.functions.contains_key(name)
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// How often a variable is read; what a loop may read again counts twice.
struct Reads<'f, 'l, 'a> {
    this: &'f FnLower<'l, 'a>,
    version: &'f str,
    /// The value that the variable gets.
    bound: Span,
    weight: usize,
    total: usize,
    /// Where it is read last.
    until: u32,
}

/// The variables that an iterator takes its elements from, or computes them with.
#[derive(Default)]
struct Sources(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Sources {
    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Name(name) = &e.kind {
            self.0.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

/// Whether one of them may be changed between two points.
struct Between<'s> {
    sources: &'s BTreeSet<String>,
    from: u32,
    until: u32,
    found: bool,
}

impl Between<'_> {
    fn is_source(&self, e: &PyExpr) -> bool {
        match &e.kind {
            ExprKind::Name(name) => self.sources.contains(name),
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                self.is_source(value)
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().any(|item| self.is_source(item))
            }
            ExprKind::Starred(inner) => self.is_source(inner),
            _ => false,
        }
    }
}

impl<'ast> Visitor<'ast> for Between<'_> {
    fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
        if self.from < stmt.span.start && stmt.span.start < self.until {
            self.found |= match &stmt.kind {
                StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                    targets.iter().any(|t| self.is_source(t))
                }
                StmtKind::AugAssign { target, .. }
                | StmtKind::AnnAssign { target, .. }
                | StmtKind::For { target, .. } => self.is_source(target),
                _ => false,
            };
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Call { func, args, .. } = &e.kind
            && self.from < e.span.start
            && e.span.end < self.until
        {
            self.found |= args.iter().any(|arg| self.is_source(arg));
            if let ExprKind::Attribute { value, .. } = &func.kind {
                self.found |= self.is_source(value);
            }
        }
        visit::walk_expr(self, e);
    }
}

impl<'ast> Visitor<'ast> for Reads<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
        let around = stmt.span.start <= self.bound.start && self.bound.end <= stmt.span.end;
        let again = match &stmt.kind {
            StmtKind::While { .. } => !around,
            StmtKind::For {
                iter, body, orelse, ..
            } if !around => {
                self.visit_expr(iter);
                self.weight += 1;
                self.visit_block(body);
                self.weight -= 1;
                self.visit_block(orelse);
                return;
            }
            StmtKind::Assign { targets, value } => {
                let parts = targets
                    .iter()
                    .filter(|t| !matches!(t.kind, ExprKind::Name(_)));
                parts.for_each(|t| self.visit_expr(t));
                self.visit_expr(value);
                return;
            }
            _ => false,
        };
        self.weight += usize::from(again);
        visit::walk_stmt(self, stmt);
        self.weight -= usize::from(again);
    }

    fn visit_expr(&mut self, e: &'ast PyExpr) {
        if let ExprKind::Name(_) = &e.kind
            && self
                .this
                .scope
                .names
                .get(&e.id)
                .is_some_and(|v| v == self.version)
        {
            self.total += self.weight;
            self.until = self.until.max(e.span.start);
        }
        visit::walk_expr(self, e);
    }
}

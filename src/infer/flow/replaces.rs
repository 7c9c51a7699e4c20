//! What gets another object while a name for the old one is in use.
//!
//! Enters: a function's body and the way to an object. Leaves: whether another object may lie
//! at the end of that way from some point on. What the way goes through is told by its form:
//! which element an index means is known of a literal alone. This module must not know what
//! is done with the object itself.

use crate::ast::{self, Block, Expr, ExprKind, Stmt, StmtKind};
use crate::infer::Inference;
use crate::infer::env::{Path, Seg};
use crate::infer::eval::Scope;
use crate::infer::rebinds::REPLACING;
use crate::source::Span;
use std::collections::BTreeSet;

/// Whether the object at `path`, for which a name was bound at `bound` and is in use until
/// `until`, is replaced by another anywhere in the function.
pub(super) fn replaces(
    body: &Block,
    scope: &Scope<'_>,
    inference: &Inference<'_>,
    path: &Path,
    bound: Span,
    until: u32,
) -> bool {
    let attributes = path.segs.iter().filter_map(attribute);
    let above = path.segs.split_last().map_or(&[][..], |(_, above)| above);
    let mut search = Search {
        scope,
        inference,
        steps: attributes.chain(path.global_name()).collect(),
        holders: above.iter().filter_map(attribute).collect(),
        path,
        bound,
        from: bound.start,
        until,
        found: false,
    };
    ast::visit::Visitor::visit_block(&mut search, body);
    search.found
}

fn attribute(seg: &Seg) -> Option<&str> {
    match seg {
        Seg::Attr(name) => Some(name),
        Seg::Index(_) => None,
    }
}

struct Search<'s, 'a, 'b> {
    scope: &'s Scope<'a>,
    inference: &'s Inference<'b>,
    path: &'s Path,
    bound: Span,
    /// Where what may run after the binding starts.
    from: u32,
    /// Where nobody asks for the object any more.
    until: u32,
    /// The attributes and the module variable that lead to the object.
    steps: BTreeSet<&'s str>,
    /// Those whose elements lead to it.
    holders: BTreeSet<&'s str>,
    found: bool,
}

impl Search<'_, '_, '_> {
    fn is_in_use(&self, e: &Expr) -> bool {
        e.span.end > self.from && e.span.start < self.until
    }

    fn target(&mut self, target: &Expr) {
        if target.span.start < self.from || self.until <= target.span.start {
            return;
        }
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t))
            }
            // The root of the path gets another object.
            ExprKind::Name(_) => {
                let version = self.scope.names.names.get(&target.id);
                self.found |= version.is_some_and(|v| *v == self.path.root);
            }
            _ => {
                if let Some(written) = self.inference.path_of(self.scope, target) {
                    self.found |= self.path.starts_with(&written);
                }
                self.found |= self.reaches(target).is_some();
            }
        }
    }

    /// How many steps of the way an expression may go, where it goes no other.
    fn reaches(&self, e: &Expr) -> Option<usize> {
        match &e.kind {
            ExprKind::Name(_) => {
                let own = self.inference.path_of(self.scope, e)?;
                self.path.starts_with(&own).then_some(own.segs.len())
            }
            ExprKind::Attribute { value, attr } => {
                let at = self.reaches(value)?;
                let seg = self.path.segs.get(at)?;
                matches!(seg, Seg::Attr(name) if *name == attr.name).then_some(at + 1)
            }
            ExprKind::Subscript { value, index } => {
                let at = self.reaches(value)?;
                let here = match (self.path.segs.get(at)?, &index.kind) {
                    (Seg::Index(i), ExprKind::Int(n)) => *n == (*i).into(),
                    (Seg::Attr(name), ExprKind::Str(key)) => name == key,
                    // Which one it is shows when it runs.
                    _ => true,
                };
                here.then_some(at + 1)
            }
            _ => None,
        }
    }

    /// Whether an expression is what holds something on the way.
    fn holds(&self, e: &Expr) -> bool {
        let steps = self.path.segs.len();
        self.is_in_use(e) && self.reaches(e).is_some_and(|at| at < steps)
    }

    /// Whether a method of that name belongs to a class of the module.
    fn is_own_method(&self, name: &str) -> bool {
        let mut keys = self.inference.functions.keys();
        keys.any(|key| {
            key.split_once('.')
                .is_some_and(|(_, method)| method == name)
        })
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Search<'_, '_, '_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        let rebinds = &self.inference.rebinds;
        if let ExprKind::Name(name)
        | ExprKind::Attribute {
            attr: ast::Ident { name, .. },
            ..
        } = &e.kind
            && self.is_in_use(e)
        {
            self.found |= rebinds.any(name, &self.steps, &self.holders);
        }
        if let ExprKind::Call { func, args, .. } = &e.kind {
            if let ExprKind::Attribute { value, attr } = &func.kind
                && REPLACING.contains(&attr.name.as_str())
                && !self.is_own_method(&attr.name)
            {
                self.found |= self.holds(value);
            }
            if let ExprKind::Name(name)
            | ExprKind::Attribute {
                attr: ast::Ident { name, .. },
                ..
            } = &func.kind
                && rebinds.moves_elements(name)
            {
                self.found |= args.iter().any(|arg| self.holds(arg));
            }
        }
        ast::visit::walk_expr(self, e);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                self.target(target)
            }
            StmtKind::While { .. } | StmtKind::For { .. }
                if stmt.span.start < self.bound.start && self.bound.end <= stmt.span.end =>
            {
                self.from = self.from.min(stmt.span.start);
            }
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }
}

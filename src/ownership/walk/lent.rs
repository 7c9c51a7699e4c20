//! Names for what lies in a container, and through which it is changed: `row = grid[i]`.
//!
//! Enters: the value of a variable. Leaves: whether the variable can be lent what lies there,
//! for as long as it is in use. That is so where nothing else names the container meanwhile.
//! This module must not know what is done with the names.

use super::{Target, Walk};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::infer::Seg;
use crate::infer::scope;
use crate::source::Span;
use crate::ty::Ty;

impl Walk<'_> {
    /// Whether a variable can be lent the list, dict or set that lies in another container.
    pub(super) fn can_lend(&self, e: &Expr, target: &Target<'_>) -> bool {
        let value = match &e.kind {
            ExprKind::Subscript { value, .. } => value,
            ExprKind::Call { func, .. } => match &func.kind {
                // `d.setdefault(key, [])` is what lies in the dict.
                ExprKind::Attribute { value, attr } if attr.name == "setdefault" => value,
                _ => return false,
            },
            _ => return false,
        };
        let Some(version) = target.local else {
            return false;
        };
        let held = matches!(
            self.ty(e),
            Ty::List { .. } | Ty::Dict { .. } | Ty::Set(_) | Ty::Deque { .. }
        );
        let Some(container) = self.lead(value).filter(|_| held) else {
            return false;
        };
        let Some(info) = self.scope.vars.get(version) else {
            return false;
        };
        let here = self.is_of_turn(version);
        let captured = self.scope.captured.contains(&info.name);
        if !here || !info.first_is_binding || info.is_param || captured {
            return false;
        }
        let body = &self.function.body;
        let used = scope::in_use(body, &self.scope, version);
        let mut search = Search {
            walk: self,
            container: &container,
            version,
            value: e.span,
            region: Span {
                start: e.span.end,
                end: used.end,
            },
            found: false,
        };
        search.visit_block(body);
        !search.found
    }

    /// The variable and the attributes that lead to what an expression names.
    pub(super) fn lead(&self, e: &Expr) -> Option<Vec<String>> {
        let mut steps = self.steps(e)?;
        let (root, _) = steps.split_first()?;
        let mut vars = self.instances.iter().filter_map(|f| f.vars.get(root));
        if let Some(path) = vars.find_map(|v| v.alias.as_ref()) {
            let mut through = vec![path.root.clone()];
            through.extend(path.segs.iter().filter_map(|seg| match seg {
                Seg::Attr(name) => Some(name.clone()),
                Seg::Index(_) => None,
            }));
            through.extend(steps.drain(1..));
            return Some(through);
        }
        Some(steps)
    }
}

/// Whether anything gets in the way of a variable that is lent a part of a container.
struct Search<'s, 'w> {
    walk: &'s Walk<'w>,
    container: &'s [String],
    version: &'s str,
    /// The value of the variable.
    value: Span,
    /// Where it is in use.
    region: Span,
    found: bool,
}

impl Search<'_, '_> {
    fn overlaps(&self, span: Span) -> bool {
        span.start < self.region.end && self.region.start < span.end
    }

    /// Whether an expression names the container, a part of it, or what it is a part of.
    fn names(&self, e: &Expr) -> bool {
        self.walk.lead(e).is_some_and(|steps| {
            steps.starts_with(self.container) || self.container.starts_with(&steps)
        })
    }

    /// Whether an expression, or one in it, does.
    fn names_within(&self, e: &Expr) -> bool {
        let mut within = Search {
            found: false,
            region: Span {
                start: 0,
                end: u32::MAX,
            },
            value: Span { start: 0, end: 0 },
            ..*self
        };
        within.visit_expr(e);
        within.found
    }

    /// Another variable that may be lent a part of it, while both are in use.
    fn other(&self, target: &Expr, value: &Expr) -> bool {
        let ExprKind::Name(_) = &target.kind else {
            return false;
        };
        let walk = self.walk;
        let Some(version) = walk.scope.names.get(&target.id) else {
            return false;
        };
        version != self.version
            && walk.holds_objects(&walk.ty(target))
            && match walk.lead(value) {
                Some(_) => self.names(value),
                None => self.names_within(value),
            }
            && self.overlaps(scope::in_use(&walk.function.body, &walk.scope, version))
    }
}

impl<'ast> Visitor<'ast> for Search<'_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let around = self.overlaps(stmt.span);
        match &stmt.kind {
            // What they do at their end is not followed.
            StmtKind::Try { .. } | StmtKind::With { .. } | StmtKind::Function(_) => {
                self.found |= around;
            }
            StmtKind::For { iter, .. } => self.found |= around && self.names_within(iter),
            StmtKind::Assign { targets, value } => {
                self.found |= targets.iter().any(|t| self.other(t, value));
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        let is_value = self.value.start <= e.span.start && e.span.end <= self.value.end;
        if is_value || !self.overlaps(e.span) {
            visit::walk_expr(self, e);
            return;
        }
        if matches!(
            e.kind,
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Await(_)
        ) {
            self.found = true;
        }
        if let Some(callee) = self.walk.callee(e.id) {
            let root = self.container.first().and_then(|r| r.strip_prefix('@'));
            self.found |= root.is_some_and(|root| callee.globals.contains(root));
            // The receiver of a method or property is all of it.
            let own = match &e.kind {
                ExprKind::Call { func, .. } => func,
                _ => e,
            };
            if let ExprKind::Attribute { value, .. } = &own.kind {
                self.found |= self.names(value);
            }
        }
        let named = matches!(
            e.kind,
            ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
        );
        match named.then(|| self.walk.lead(e)).flatten() {
            Some(steps) => {
                self.found |=
                    steps.starts_with(self.container) || self.container.starts_with(&steps);
                self.indices(e);
            }
            None => visit::walk_expr(self, e),
        }
    }
}

impl<'ast> Search<'_, '_> {
    /// What a path is indexed by.
    fn indices(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Attribute { value, .. } => self.indices(value),
            ExprKind::Subscript { value, index } => {
                self.indices(value);
                self.visit_expr(index);
            }
            _ => {}
        }
    }
}

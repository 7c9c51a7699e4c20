//! A local variable whose object something else gets: from there on it is that place.
//!
//! ```text
//! again = []                        again = []
//! …                                 …
//! self.plan = again                 self.plan = again
//! return len(again)                 return len(self.plan)
//! ```
//!
//! Enters: the functions, with the objects that ownership found under two names. Leaves: what
//! the names behind the place are to be. So is `rows[-1]` what was put at the end of `rows`. A
//! place that may get another object before its last name is left alone. This module must not
//! know how places are lent.

use super::{Names, Own};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, Expr, ExprKind, Module, NodeId, Stmt, StmtKind, UnaryOp, rewrite};
use crate::desugar::Build;
use crate::infer::scope::child_blocks;
use crate::ty::Ty;
use std::collections::BTreeMap;

/// The module where such variables are the places; nothing where there are none.
pub(super) fn stored(module: &Module, names: &Names<'_>) -> Option<Module> {
    let mut found = BTreeMap::new();
    for (key, own) in &names.functions {
        let search = Search { names, key, own };
        search.block(&own.function.body, &mut found);
    }
    if found.is_empty() {
        return None;
    }
    let mut rewritten = module.clone();
    let mut next_id = module.node_count;
    rewrite::block(&mut rewritten.body, &mut |e| {
        if let Some(place) = found.get(&e.id) {
            let mut build = Build {
                next_id: &mut next_id,
                span: e.span,
            };
            *e = place.written(&mut build);
        }
    });
    rewritten.node_count = next_id;
    Some(rewritten)
}

/// What gets the object.
#[derive(Clone, Copy)]
struct Place<'m> {
    path: &'m Expr,
    /// The object lies at the end of the list there.
    at_end: bool,
}

impl Place<'_> {
    fn written(self, build: &mut Build<'_>) -> Expr {
        let mut path = build.again(self.path);
        rewrite::expr(&mut path, &mut |e| e.span = build.span);
        if !self.at_end {
            return path;
        }
        let one = build.expr(ExprKind::Int(1.into()));
        let index = build.expr(ExprKind::Unary {
            op: UnaryOp::Neg,
            operand: Box::new(one),
        });
        build.expr(ExprKind::Subscript {
            value: Box::new(path),
            index: Box::new(index),
        })
    }
}

struct Search<'s, 'm> {
    names: &'s Names<'m>,
    key: &'s str,
    own: &'s Own<'m>,
}

impl<'m> Search<'_, 'm> {
    fn block(&self, block: &'m Block, out: &mut BTreeMap<NodeId, Place<'m>>) {
        for (i, stmt) in block.stmts.iter().enumerate() {
            if let Some((place, value)) = self.store(stmt)
                && let Some(uses) = self.uses(block, i, place, value)
            {
                out.extend(uses.into_iter().map(|id| (id, place)));
            }
            for (inner, ..) in child_blocks(stmt) {
                self.block(inner, out);
            }
        }
    }

    /// The place that gets an object which has a second name, and that name.
    fn store(&self, stmt: &'m Stmt) -> Option<(Place<'m>, &'m Expr)> {
        let (place, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let [path] = targets.as_slice() else {
                    return None;
                };
                let at_end = false;
                (Place { path, at_end }, value)
            }
            StmtKind::Expr(e) => {
                let ExprKind::Call {
                    func,
                    args,
                    keywords,
                } = &e.kind
                else {
                    return None;
                };
                let ([value], [], ExprKind::Attribute { value: path, attr }) =
                    (args.as_slice(), keywords.as_slice(), &func.kind)
                else {
                    return None;
                };
                let list = matches!(
                    self.names.ty(self.key, path.id).narrowed(),
                    Ty::List { .. } | Ty::Deque { .. }
                );
                if attr.name != "append" || !list {
                    return None;
                }
                (Place { path, at_end: true }, value)
            }
            _ => return None,
        };
        let named = matches!(value.kind, ExprKind::Name(_));
        let is_place = match &place.path.kind {
            // An attribute that is no more than that.
            ExprKind::Attribute { value, attr } if value.is_path() => {
                match self.names.ty(self.key, value.id).narrowed() {
                    Ty::Instance(class) => {
                        let known = self.names.model.classes.get(&class);
                        known.is_some_and(|c| c.field(&attr.name).is_some())
                    }
                    _ => false,
                }
            }
            ExprKind::Name(_) => place.at_end,
            _ => false,
        };
        let two = self.names.two_names.contains(&value.id);
        (named && is_place && two).then_some((place, value))
    }

    /// The names behind a store, all of which are the place; nothing where some may not be.
    fn uses(
        &self,
        block: &'m Block,
        at: usize,
        place: Place<'m>,
        value: &'m Expr,
    ) -> Option<Vec<NodeId>> {
        let version = self.own.scope.names.get(&value.id)?;
        let info = self.own.scope.vars.get(version)?;
        if info.is_param || info.bindings != 1 || self.own.scope.captured.contains(&info.name) {
            return None;
        }
        let (before, rest) = (block.stmts.get(..at)?, block.stmts.get(at + 1..)?);
        // It gets its object in the same turn of any loop around.
        let bound = before.iter().any(|stmt| {
            let mut targets = stmt.targets().iter();
            targets.any(|t| self.own.scope.names.get(&t.id) == Some(version))
        });
        let count = |stmts: &'m [Stmt]| {
            let mut mentions = Mentions {
                search: self,
                version,
                found: Vec::new(),
            };
            stmts.iter().for_each(|stmt| mentions.visit_stmt(stmt));
            mentions.found
        };
        let all = count(&self.own.function.body.stmts).len();
        let uses = count(rest);
        let here = count(before).len() + 1 + uses.len();
        if !bound || here != all || uses.is_empty() {
            return None;
        }
        let last = rest.iter().rposition(|stmt| {
            let own = count(std::slice::from_ref(stmt));
            !own.is_empty()
        })?;
        let mut moves = Moves {
            search: self,
            place,
            uses: &uses,
            found: false,
        };
        rest.get(..=last)?
            .iter()
            .for_each(|stmt| moves.visit_stmt(stmt));
        (!moves.found).then_some(uses)
    }
}

/// Where a variable is named.
struct Mentions<'s, 'm> {
    search: &'s Search<'s, 'm>,
    version: &'s str,
    found: Vec<NodeId>,
}

impl<'ast> Visitor<'ast> for Mentions<'_, '_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        let version = self.search.own.scope.names.get(&e.id);
        if matches!(e.kind, ExprKind::Name(_)) && version.is_some_and(|v| v == self.version) {
            self.found.push(e.id);
        }
        visit::walk_expr(self, e);
    }
}

/// Whether a place may get another object.
struct Moves<'s, 'm> {
    search: &'s Search<'s, 'm>,
    place: Place<'m>,
    uses: &'s [NodeId],
    found: bool,
}

impl Moves<'_, '_> {
    /// Whether an expression is the path of the place, or a path that leads to it.
    fn leads(&self, e: &Expr) -> bool {
        let mut path = self.place.path;
        loop {
            if path.same_path(e) {
                return true;
            }
            match &path.kind {
                ExprKind::Attribute { value, .. } => path = value,
                _ => return false,
            }
        }
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            // Another name for its owner leads there as well.
            ExprKind::Attribute { attr, .. } => {
                self.found |= matches!(&self.place.path.kind,
                    ExprKind::Attribute { attr: own, .. } if own.name == attr.name);
                self.found |= self.leads(target);
            }
            _ => self.found |= self.leads(target),
        }
    }
}

impl<'ast> Visitor<'ast> for Moves<'_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        stmt.targets().iter().for_each(|t| self.target(t));
        match &stmt.kind {
            StmtKind::For { target, .. } => self.target(target),
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t)),
            // What they bind is not looked at.
            StmtKind::With { .. }
            | StmtKind::Try { .. }
            | StmtKind::Match { .. }
            | StmtKind::Function(_) => self.found = true,
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        let search = self.search;
        // A function of the file may do so.
        let mut instances = search.names.model.functions.iter();
        self.found |= instances.any(|f| f.python_name == search.key && f.calls.contains_key(&e.id))
            && !self.is_steady();
        // What lies at the end of a list does so while nobody names the list.
        self.found |=
            self.place.at_end && !self.uses.contains(&e.id) && self.place.path.same_path(e);
        visit::walk_expr(self, e);
    }
}

impl Moves<'_, '_> {
    /// Whether nothing but the function itself and a constructor gives the place its objects.
    fn is_steady(&self) -> bool {
        let ExprKind::Attribute { attr, .. } = &self.place.path.kind else {
            return false;
        };
        let others = self
            .search
            .names
            .functions
            .iter()
            .filter(|(key, _)| key.as_str() != self.search.key && !key.ends_with(".__init__"));
        !self.place.at_end
            && others.into_iter().all(|(_, own)| {
                let mut writes = Writes(&attr.name, false);
                writes.visit_block(&own.function.body);
                !writes.1
            })
    }
}

/// Whether an attribute of that name is written.
struct Writes<'w>(&'w str, bool);

impl<'ast> Visitor<'ast> for Writes<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        fn is_it(target: &Expr, name: &str) -> bool {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().any(|item| is_it(item, name))
                }
                ExprKind::Starred(inner) => is_it(inner, name),
                ExprKind::Attribute { attr, .. } => attr.name == name,
                _ => false,
            }
        }
        let mut targets: Vec<&Expr> = stmt.targets().iter().collect();
        match &stmt.kind {
            StmtKind::For { target, .. } => targets.push(target),
            StmtKind::Delete(gone) => targets.extend(gone),
            StmtKind::With { .. } => self.1 = true,
            _ => {}
        }
        self.1 |= targets.into_iter().any(|t| is_it(t, self.0));
        visit::walk_stmt(self, stmt);
    }
}

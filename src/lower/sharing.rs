//! One object, two names: what may be copied, because nobody could tell.
//!
//! Rust copies where Python makes another name for an object. That is the same as long as
//! nobody changes the object afterwards; a list of ours that goes to the state or to an
//! output is copied by PyTask itself.

use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Expr, RTy, StmtKind};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// Refuses to copy an object that is changed after it was made: the copy would be
    /// another object.
    pub(super) fn one_object(&mut self, val: &Val, to: &RTy, at: Span) -> Result<(), Expr> {
        if matches!(to, RTy::Ref(_) | RTy::RefMut(_)) {
            return Ok(());
        }
        // Where the object goes to another owner in sight of the ownership pass, it has judged.
        let model = self.lw.input.model;
        let array = matches!(val.rty, RTy::Array(..));
        let settled = |node| model.stored.contains(&node) || array && model.copied.contains(&node);
        if val.node.is_some_and(settled) {
            return Ok(());
        }
        let class = self
            .lw
            .class_of(&val.rty)
            .filter(|class| self.lw.class_of(to).is_some() && !self.lw.is_record(class));
        let (what, help) = match class {
            Some(class) => {
                let classes = &self.lw.input.model.classes;
                if !classes.get(&class).is_some_and(|c| c.mutated) {
                    return Ok(());
                }
                (
                    format!("one `{}` with two owners", crate::ty::shown_class(&class)),
                    "make the object where it is kept",
                )
            }
            None => {
                let ty = val.ty.narrowed();
                let classes = &self.lw.input.model.classes;
                let mutated = |class: &str| classes.get(class).is_some_and(|c| c.mutated);
                // Nobody changes a tuple.
                let fixed = match &ty {
                    Ty::List { elem, kind, .. } => kind.is_immutable() && !elem.is_shared(),
                    _ => false,
                };
                let changes = !fixed && ty.holds_any(&self.lw.input.model.changed)
                    || ty.holds_instance(&mutated) && !self.lw.is_copy(&val.rty);
                if self.copied_by_pytask || !changes || self.is_last_use(&val.expr) {
                    return Ok(());
                }
                (
                    format!("one {} under two names, which is changed,", ty.describe()),
                    "make a copy where one is meant: `list(xs)`, `d.copy()`",
                )
            }
        };
        let problem = Problem::new(Code::PartlyHandled, format!("{what} is not translated yet"))
            .with_help(help);
        Err(Expr::Hole(
            self.lw.hole_text(self.lw.first_line(at), &problem),
        ))
    }

    /// Whether an empty container goes to where one was taken from just now, which is empty.
    pub(super) fn stays_empty(&mut self, target: &PyExpr, value: &PyExpr) -> bool {
        let empty = match &value.kind {
            ExprKind::List(items) => items.is_empty(),
            ExprKind::Dict(items) => items.is_empty(),
            _ => false,
        };
        let path = self.path_of(target);
        let at = self.emptied.iter().position(|e| Some(e) == path.as_ref());
        match at {
            Some(at) => {
                self.emptied.remove(at);
                empty
            }
            None => false,
        }
    }

    /// The content of a container that gets another in its place; nothing where the value can
    /// be copied as well.
    pub(super) fn content_taken(&mut self, e: &'a PyExpr) -> Option<Val> {
        if !self.lw.input.model.replaced.contains(&e.id) {
            return None;
        }
        let path = self.path_of(e)?;
        let (place, rty) = self.path_place(&path, true)?;
        let held = rty.peel().clone();
        if !matches!(
            held,
            RTy::Vec(_) | RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)
        ) {
            return None;
        }
        let lent = matches!(rty, RTy::RefMut(_)) || self.is_lent_global(&path);
        let place = match lent {
            true => place,
            false => Expr::RefMut(Box::new(place)),
        };
        self.forget_path(&path);
        self.emptied.push(path);
        let content = Expr::call("std::mem::take", vec![place]);
        Some(Val::new(content, held, &self.fact(e.id)))
    }

    /// Binds a variable to a reference, where it only looks at what a container holds while
    /// nothing changes it; nothing where it is another variable.
    pub(super) fn look_at(
        &mut self,
        version: &str,
        value: &'a PyExpr,
        at: Span,
    ) -> Option<Result<(), Expr>> {
        let lends = matches!(
            value.kind,
            ExprKind::Call { .. } | ExprKind::Subscript { .. }
        );
        if !lends || !self.lw.input.model.looks.contains(&value.id) {
            return None;
        }
        let info = self.scope.vars.get(version)?;
        let plain = info.bindings == 1
            && info.first_is_binding
            && self.blocks.last() == Some(&info.home)
            && !self.scope.captured.contains(&info.name)
            && !self.unbound.contains(version)
            && !self.declared.contains(version);
        let root = match &value.kind {
            ExprKind::Call { func, args, .. } => match &func.kind {
                ExprKind::Attribute { value, attr } if attr.name == "get" && !args.is_empty() => {
                    self.root_path(value)
                }
                _ => None,
            },
            ExprKind::Subscript { value, .. } => self.root_path(value),
            _ => None,
        };
        if !plain || !self.unchanged(version, &root?, value.span.end) {
            return None;
        }
        let before = self.out.len();
        let val = match self.expr(value) {
            Ok(val) => val,
            Err(hole) => return Some(Err(hole)),
        };
        let lent = |rty: &RTy| matches!(rty, RTy::Ref(inner) if !self.lw.is_copy(inner));
        let is_lent = match &val.rty {
            RTy::Option(inner) => lent(inner),
            other => lent(other),
        };
        if !is_lent {
            self.out.truncate(before);
            return None;
        }
        let name = self.var_name(version);
        self.forget_path(&crate::infer::Path::root(version.to_string()));
        self.var_types.insert(version.to_string(), val.rty);
        self.declared.insert(version.to_string());
        self.emit(
            at,
            StmtKind::Let {
                name,
                mutable: false,
                ty: None,
                init: Some(val.expr),
            },
        );
        Some(Ok(()))
    }

    /// Binds a variable to what lies in a container, to change it there; nothing where that is
    /// not lent.
    pub(super) fn lend_to(
        &mut self,
        version: &str,
        value: &'a PyExpr,
        at: Span,
    ) -> Option<Result<(), Expr>> {
        if !self.lw.input.model.named.contains(&value.id) {
            return None;
        }
        let (place, rty) = match self.place(value, true) {
            Ok(found) => found,
            Err(hole) => return Some(Err(hole)),
        };
        self.forget_base(value);
        let (init, rty) = match rty {
            RTy::RefMut(_) => (place, rty),
            rty => (Expr::RefMut(Box::new(place)), RTy::RefMut(Box::new(rty))),
        };
        let name = self.var_name(version);
        self.forget_path(&crate::infer::Path::root(version.to_string()));
        self.var_types.insert(version.to_string(), rty);
        self.declared.insert(version.to_string());
        self.emit(
            at,
            StmtKind::Let {
                name,
                mutable: false,
                ty: None,
                init: Some(init),
            },
        );
        Some(Ok(()))
    }

    /// Whether nothing at, above or below a path is changed between byte `start` and the last
    /// time that a variable is named.
    fn unchanged(&self, version: &str, path: &crate::infer::Path, start: u32) -> bool {
        struct Last<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f str, u32);
        impl<'ast> ast::visit::Visitor<'ast> for Last<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                let named = self.0.scope.names.get(&e.id).is_some_and(|v| v == self.1);
                if named && matches!(e.kind, ExprKind::Name(_)) {
                    self.2 = self.2.max(e.span.end);
                }
                ast::visit::walk_expr(self, e);
            }
        }
        struct Between<'a>(u32, u32, Vec<&'a ast::Stmt>);
        impl<'ast> ast::visit::Visitor<'ast> for Between<'ast> {
            fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
                if stmt.span.start > self.0 && stmt.span.start <= self.1 {
                    self.2.push(stmt);
                } else {
                    ast::visit::walk_stmt(self, stmt);
                }
            }
        }
        let mut last = Last(self, version, start);
        ast::visit::Visitor::visit_block(&mut last, &self.function.body);
        let mut between = Between(start, last.2, Vec::new());
        ast::visit::Visitor::visit_block(&mut between, &self.function.body);
        let mut changed = Vec::new();
        for stmt in between.2 {
            super::narrow::changed_by(self, stmt, &mut changed);
        }
        let overlap = |c: &crate::infer::Path| c.starts_with(path) || path.starts_with(c);
        !changed.iter().any(overlap)
    }

    /// Whether an expression is a variable of this function that nothing mentions after the
    /// statement under construction.
    fn is_last_use(&self, e: &Expr) -> bool {
        let Expr::Atom(name) = e else { return false };
        let mut found = self
            .scope
            .vars
            .iter()
            .filter(|(version, _)| self.var_name(version) == *name);
        let (Some((version, info)), None) = (found.next(), found.next()) else {
            return false;
        };
        let owned = !info.is_param
            && !self.var_types.get(version).is_some_and(RTy::is_ref)
            && self
                .model
                .vars
                .get(version)
                .is_some_and(|v| v.alias.is_none());
        let in_loop = self.blocks.iter().rev().any(|b| b.is_loop);
        let inside = self.blocks.iter().rposition(|b| b.is_loop);
        let home = self.blocks.iter().position(|b| *b == info.home);
        let fresh_each_turn = matches!((inside, home), (Some(l), Some(h)) if h >= l);
        let end = self.current_span().end;
        owned && (!in_loop || fresh_each_turn) && !self.named_after(version, end)
    }

    /// Whether a version of a variable occurs after byte `end`.
    fn named_after(&self, version: &str, end: u32) -> bool {
        struct Find<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f str, u32, bool);
        impl<'ast> ast::visit::Visitor<'ast> for Find<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.3 |= matches!(e.kind, ExprKind::Name(_))
                    && e.span.start > self.2
                    && self.0.scope.names.get(&e.id).is_some_and(|v| v == self.1);
                ast::visit::walk_expr(self, e);
            }
        }
        let mut find = Find(self, version, end, false);
        ast::visit::Visitor::visit_block(&mut find, &self.function.body);
        find.3
    }
}

impl Ty {
    /// Whether it is, or holds, a collection of one of these types.
    pub(super) fn holds_any(&self, changed: &std::collections::BTreeSet<Ty>) -> bool {
        self.any(&|ty| changed.iter().any(|c| same_kind(c, ty)))
    }
}

/// Whether a collection of the one type may be the object that a name of the other means.
fn same_kind(a: &Ty, b: &Ty) -> bool {
    let fits = |a: &Ty, b: &Ty| !matches!(a.join(b), Ty::Conflict(_));
    match (a, b) {
        (Ty::List { elem: a, .. }, Ty::List { elem: b, .. })
        | (Ty::Deque { elem: a, .. }, Ty::Deque { elem: b, .. })
        | (Ty::Set(a), Ty::Set(b)) => fits(a, b),
        // What has other keys is another dict.
        (Ty::Record(a), Ty::Record(b)) if !a.is_fixed() || !b.is_fixed() => {
            a.iter().any(|(key, _)| b.entry(key).is_some())
        }
        (Ty::Record(a), Ty::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((a, _), (b, _))| a == b)
        }
        (Ty::Dict { .. } | Ty::Record(_), Ty::Dict { .. } | Ty::Record(_)) => {
            fits(&a.as_dict(), &b.as_dict())
        }
        _ => false,
    }
}

//! When the text of a value is made: `print`, `%` and `str.format` evaluate all of their
//! arguments first, an f-string makes each text at its place.
//!
//! Enters: a value, and the arguments behind it. Leaves: whether those change what is seen
//! of it. This module must not know how a text is made.

use crate::ast::{Expr as PyExpr, ExprKind, StmtKind, visit};
use crate::infer::scope::plain_name;
use crate::infer::{Path, Seg};
use crate::lower::function::FnLower;
use crate::lower::narrow::changed_in;
use crate::ty::Ty;

/// When the texts of several values are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lower) enum Made {
    /// Each before the next value is evaluated: an f-string, a `+`.
    AtOnce,
    /// Behind the last value: `print`, `%`, `str.format`, a log.
    AfterAll,
    /// The first since Python 3.11, the second before: a literal `%` of `%s` alone, which is
    /// compiled as an f-string.
    ByVersion,
}

/// What the text of a value shows, where it is made behind the later arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The value as it was evaluated.
    AsItIs,
    /// An object that none of the later arguments changes.
    Untouched,
    /// The same object, as the later arguments have left it.
    AsItBecomes,
    /// The one or the other.
    Unknown,
}

impl<'a> FnLower<'_, 'a> {
    /// What the text of `e` shows behind the arguments `behind`.
    pub(super) fn seen(&self, e: &'a PyExpr, behind: &[&'a PyExpr]) -> Seen {
        if behind.is_empty() || !self.can_become(&self.fact(e.id).ty) {
            return Seen::AsItIs;
        }
        if let ExprKind::Tuple(items) | ExprKind::List(items) = &e.kind {
            let same = |item: &'a PyExpr| {
                matches!(self.seen(item, behind), Seen::AsItIs | Seen::Untouched)
            };
            return match items.iter().all(same) {
                true => Seen::AsItIs,
                false => Seen::Unknown,
            };
        }
        let changed: Vec<Path> = behind.iter().flat_map(|b| changed_in(self, b)).collect();
        let Some(path) = self.root_path(e) else {
            // What is made anew is nobody else's, but for the objects in it.
            let found = self.fact(e.id).ty.any(&|part| self.is_object(part));
            let near = visit::children(e).iter().any(|part| {
                let parts = std::iter::once(*part).chain(visit::children(part));
                parts
                    .filter_map(|part| self.root_path(part))
                    .any(|path| changed.iter().any(|c| meet(c, &path)))
            });
            return match found && near {
                true => Seen::Unknown,
                false => Seen::AsItIs,
            };
        };
        if !changed.iter().any(|c| meet(c, &path)) {
            return Seen::Untouched;
        }
        match self.stays_bound(e, behind) {
            true => Seen::AsItBecomes,
            false => Seen::Unknown,
        }
    }

    /// Whether an object of that type may be changed in place.
    pub(super) fn can_become(&self, ty: &Ty) -> bool {
        ty.any(&|part| part.is_changeable() || self.is_object(part))
    }

    fn is_object(&self, ty: &Ty) -> bool {
        matches!(ty, Ty::Instance(class) if !self.lw.is_value_class(class, 0))
    }

    /// Whether a name, or a way by attributes, stands for the same object behind the
    /// arguments.
    fn stays_bound(&self, e: &PyExpr, behind: &[&'a PyExpr]) -> bool {
        let own_calls = |e: &PyExpr| {
            within(e, &|part| {
                self.model.calls.contains_key(&part.id)
                    || matches!(part.kind, ExprKind::Named { .. })
            })
        };
        let own_calls = behind.iter().any(|b| own_calls(b));
        match &e.kind {
            ExprKind::Name(name) => {
                let version = self.scope.names.get(&e.id);
                let var = version.and_then(|version| self.model.vars.get(version));
                let alias = var.is_some_and(|v| v.alias.is_some());
                let elsewhere = own_calls && self.rebound(&|kind| is_global(kind, name));
                !alias && !elsewhere
            }
            ExprKind::Attribute { value, attr } => {
                !self.model.calls.contains_key(&e.id)
                    && matches!(self.path_of(e), Some(path) if path.segs.iter().all(|s| matches!(s, Seg::Attr(_))))
                    && !(own_calls && self.rebound(&|kind| assigns(kind, &attr.name)))
                    && self.stays_bound(value, behind)
            }
            _ => false,
        }
    }

    /// Whether a statement of the module, outside of the constructors, is of that kind.
    fn rebound(&self, of: &dyn Fn(&StmtKind) -> bool) -> bool {
        struct Asked<'f>(&'f dyn Fn(&StmtKind) -> bool, bool);
        impl<'ast> visit::Visitor<'ast> for Asked<'_> {
            fn visit_stmt(&mut self, stmt: &'ast crate::ast::Stmt) {
                let made = matches!(&stmt.kind, StmtKind::Function(f) if f.name.name == "__init__");
                if !made {
                    self.1 |= (self.0)(&stmt.kind);
                    visit::walk_stmt(self, stmt);
                }
            }
        }
        let mut asked = Asked(of, false);
        visit::Visitor::visit_block(&mut asked, &self.lw.input.module.body);
        asked.1
    }
}

/// Whether one of two paths lies on the other, module variables under their names.
fn meet(a: &Path, b: &Path) -> bool {
    let root = |path: &Path| {
        let plain = plain_name(&path.root).trim_start_matches('@').to_string();
        Path::new(plain, path.segs.clone())
    };
    let (a, b) = (root(a), root(b));
    a.starts_with(&b) || b.starts_with(&a)
}

fn within(e: &PyExpr, of: &dyn Fn(&PyExpr) -> bool) -> bool {
    of(e) || visit::children(e).into_iter().any(|part| within(part, of))
}

fn is_global(kind: &StmtKind, name: &str) -> bool {
    matches!(kind, StmtKind::Global(names) | StmtKind::Nonlocal(names) if names.iter().any(|n| n == name))
}

/// Whether a statement gives an attribute of that name another object.
fn assigns(kind: &StmtKind, attr: &str) -> bool {
    fn target(e: &PyExpr, attr: &str) -> bool {
        match &e.kind {
            ExprKind::Attribute { attr: own, .. } => own.name == attr,
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|i| target(i, attr)),
            ExprKind::Starred(inner) => target(inner, attr),
            _ => false,
        }
    }
    match kind {
        StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
            targets.iter().any(|t| target(t, attr))
        }
        StmtKind::AnnAssign { target: t, .. }
        | StmtKind::AugAssign { target: t, .. }
        | StmtKind::For { target: t, .. } => target(t, attr),
        StmtKind::With { items, .. } => {
            let mut named = items.iter().filter_map(|(_, name)| name.as_ref());
            named.any(|t| target(t, attr))
        }
        _ => false,
    }
}

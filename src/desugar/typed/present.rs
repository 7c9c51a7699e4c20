//! What may be None where Python asks for a list or a tuple: its TypeError is written out.
//!
//! Enters: `a, b = f()`, `self.path[0]`, `for p in self.path`, where that may be None. Leaves:
//! a test before the statement, which raises, where the value is the first thing that the
//! statement computes; what has no name gets one before. This module must not know how types
//! are found.

use super::reached::{Reached, reached};
use super::{Sugar, Work, free};
use crate::ast::{self, Block, CompareOp, Expr, ExprKind, Stmt, StmtKind, visit};
use std::collections::BTreeSet;

/// What Python says where something is None.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A TypeError with that text.
    Type(&'static str),
    /// An AttributeError: None has no attribute of that name.
    Attribute(String),
}

impl Said {
    /// Of targets that take it apart.
    pub const UNPACKED: Said = Said::Type("cannot unpack non-iterable NoneType object");
    /// Of an item of it.
    pub const ITEM: Said = Said::Type("'NoneType' object is not subscriptable");
    /// Of an item of a list that it is the index of.
    pub const INDEX: Said = Said::Type("list indices must be integers or slices, not NoneType");
    /// Of an item of it that is assigned.
    pub const STORED: Said = Said::Type("'NoneType' object does not support item assignment");
    /// Of an item of it that is deleted.
    pub const DELETED: Said = Said::Type("'NoneType' object does not support item deletion");
    /// Of a loop over it.
    pub const LOOP: Said = Said::Type("'NoneType' object is not iterable");
    /// Of a search in it.
    pub const SEARCH: Said = Said::Type("argument of type 'NoneType' is not iterable");
    /// Of `", ".join(None)`.
    pub const JOINED: Said = Said::Type("can only join an iterable");
    /// Of `reversed(None)`.
    pub const REVERSED: Said = Said::Type("'NoneType' object is not reversible");
    /// Of its length.
    pub const LENGTH: Said = Said::Type("object of type 'NoneType' has no len()");
}

impl Work<'_, '_> {
    /// The statements before one that uses what may be None.
    pub(super) fn present(
        &mut self,
        stmt: &mut Stmt,
        out: &mut Vec<Stmt>,
        taken: &mut BTreeSet<String>,
    ) {
        self.taken_apart(stmt, out, taken);
        let noted = |e: &Expr| match self.found.get(&e.id) {
            Some(Sugar::Present(said)) => Some(said.clone()),
            _ => None,
        };
        let Some(Reached { found, said }) = reached(stmt, &noted) else {
            return;
        };
        let property = |e: &Expr| match &e.kind {
            ExprKind::Attribute { attr, .. } => self.properties.contains(&attr.name),
            _ => false,
        };
        let again = matches!(stmt.kind, StmtKind::While { .. });
        let first = out.len();
        if found.is_place() && !property(&found) {
            let guard = self.raised_where_none(&found, &said);
            if out.last().is_some_and(|last| is_same_guard(last, &guard)) {
                return;
            }
            out.push(guard);
        } else if !again {
            let name = free("value", taken);
            let mut build = self.build(&found);
            let (bound, held) = (build.name(&name), build.name(&name));
            out.push(build.assign(bound, found.clone()));
            out.push(self.raised_where_none(&held, &said));
            ast::rewrite::stmt(stmt, &mut |e| {
                if e.id == found.id {
                    *e = held.clone();
                }
            });
        }
        above(out.get_mut(first), stmt);
    }

    /// The statements before `a, b = pair`.
    fn taken_apart(&mut self, stmt: &mut Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        let StmtKind::Assign { targets, value } = &mut stmt.kind else {
            return;
        };
        let [target] = targets.as_mut_slice() else {
            return;
        };
        if self.may_be_none(target) {
            let first = out.len();
            let held = match value.kind {
                ExprKind::Name(_) => value.clone(),
                _ => {
                    let name = fresh(target, taken);
                    let mut build = self.build(value);
                    let (bound, held) = (build.name(&name), build.name(&name));
                    out.push(build.assign(bound, value.clone()));
                    held
                }
            };
            out.push(self.raised_where_none(&held, &Said::UNPACKED));
            *value = self.copy(&held);
            above(out.get_mut(first), stmt);
        } else if let Some(inner) = self.part(target) {
            // `(a, b), c = f()`: what is taken apart first, once all are there.
            let name = fresh(inner, taken);
            let mut build = self.build(inner);
            let (bound, held) = (build.name(&name), build.name(&name));
            let inner = std::mem::replace(inner, bound);
            let later = build.assign(inner, held.clone());
            out.push(std::mem::replace(stmt, later));
            out.push(self.raised_where_none(&held, &Said::UNPACKED));
        }
    }

    fn may_be_none(&self, target: &Expr) -> bool {
        matches!(self.found.get(&target.id), Some(Sugar::Present(_)))
    }

    /// The one part of a target that is taken apart and may be None, where all other parts are
    /// names that are gone with a call that fails.
    fn part<'e>(&self, target: &'e mut Expr) -> Option<&'e mut Expr> {
        let ExprKind::Tuple(items) = &mut target.kind else {
            return None;
        };
        let part = items.iter().position(|item| self.may_be_none(item))?;
        let own = |(i, e): (usize, &Expr)| match &e.kind {
            ExprKind::Name(name) => !self.outer.contains(name),
            _ => i == part,
        };
        match items.iter().enumerate().all(own) {
            true => items.get_mut(part),
            false => None,
        }
    }

    /// `if held is None: raise TypeError(…)`
    fn raised_where_none(&mut self, held: &Expr, said: &Said) -> Stmt {
        let tested = self.copy(held);
        let mut build = self.build(held);
        let none = build.expr(ExprKind::None);
        let test = build.compare(tested, CompareOp::Is, none);
        let (error, message) = match said {
            Said::Type(text) => ("TypeError", text.to_string()),
            Said::Attribute(name) => (
                "AttributeError",
                format!("'NoneType' object has no attribute '{name}'"),
            ),
        };
        let message = build.expr(ExprKind::Str(message));
        let error = build.name(error);
        let exc = Some(build.call(error, vec![message]));
        let raise = build.stmt(StmtKind::Raise { exc, cause: None });
        build.stmt(StmtKind::If {
            test,
            body: Block {
                stmts: vec![raise],
                trailing: Vec::new(),
            },
            orelse: Block::default(),
        })
    }
}

/// What stood above a statement stands above the first of those before it.
fn above(first: Option<&mut Stmt>, stmt: &mut Stmt) {
    if let Some(first) = first {
        first.comments = std::mem::take(&mut stmt.comments);
        first.blank_before = std::mem::take(&mut stmt.blank_before);
    }
}

/// Whether both raise where the same is None.
fn is_same_guard(a: &Stmt, b: &Stmt) -> bool {
    let tested = |stmt: &Stmt| match &stmt.kind {
        StmtKind::If { test, body, .. } if matches!(body.stmts.as_slice(), [one] if matches!(one.kind, StmtKind::Raise { .. })) => {
            match &test.kind {
                ExprKind::Compare { left, .. } => Some((**left).clone()),
                _ => None,
            }
        }
        _ => None,
    };
    match (tested(a), tested(b)) {
        (Some(a), Some(b)) => a.same_path(&b),
        _ => false,
    }
}

/// A name for what is taken apart.
fn fresh(target: &Expr, taken: &mut BTreeSet<String>) -> String {
    let name = match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) if items.len() == 2 => "pair",
        _ => "values",
    };
    free(name, taken)
}

/// The names that functions have of the module or of a function around them, and those of
/// properties.
#[derive(Default)]
pub(super) struct Outer {
    pub(super) names: BTreeSet<String>,
    pub(super) properties: BTreeSet<String>,
}

impl<'ast> visit::Visitor<'ast> for Outer {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                self.names.extend(names.iter().cloned());
            }
            StmtKind::Function(function) => {
                if matches!(function.method_kind(), Ok(ast::MethodKind::Property)) {
                    self.properties.insert(function.name.name.clone());
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }
}

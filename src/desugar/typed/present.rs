//! Targets that take apart what may be None: Python's TypeError is written out.
//!
//! Enters: `a, b = f()` where `f()` may be None. Leaves: the value under a name of its own, a
//! test of it, which raises, and `a, b = pair`. This module must not know how types are found.

use super::{Sugar, Work};
use crate::ast::{Block, CompareOp, Expr, ExprKind, Stmt, StmtKind, visit};
use std::collections::BTreeSet;

/// What Python says.
const MESSAGE: &str = "cannot unpack non-iterable NoneType object";

impl Work<'_, '_> {
    /// The statements before `a, b = pair`.
    pub(super) fn present(
        &mut self,
        stmt: &mut Stmt,
        out: &mut Vec<Stmt>,
        taken: &mut BTreeSet<String>,
    ) {
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
            out.push(self.raised_where_none(&held));
            *value = self.copy(&held);
            // What stood above the statement stands above the first of them.
            if let Some(first) = out.get_mut(first) {
                first.comments = std::mem::take(&mut stmt.comments);
                first.blank_before = std::mem::take(&mut stmt.blank_before);
            }
        } else if let Some(inner) = self.part(target) {
            // `(a, b), c = f()`: what is taken apart first, once all are there.
            let name = fresh(inner, taken);
            let mut build = self.build(inner);
            let (bound, held) = (build.name(&name), build.name(&name));
            let inner = std::mem::replace(inner, bound);
            let later = build.assign(inner, held.clone());
            out.push(std::mem::replace(stmt, later));
            out.push(self.raised_where_none(&held));
        }
    }

    fn may_be_none(&self, target: &Expr) -> bool {
        matches!(self.found.get(&target.id), Some(Sugar::Present))
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
    fn raised_where_none(&mut self, held: &Expr) -> Stmt {
        let tested = self.copy(held);
        let mut build = self.build(held);
        let none = build.expr(ExprKind::None);
        let test = build.compare(tested, CompareOp::Is, none);
        let message = build.expr(ExprKind::Str(MESSAGE.to_string()));
        let error = build.name("TypeError");
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

/// A name for what is taken apart.
fn fresh(target: &Expr, taken: &mut BTreeSet<String>) -> String {
    let mut name = match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) if items.len() == 2 => "pair",
        _ => "values",
    }
    .to_string();
    while !taken.insert(name.clone()) {
        name = format!("next_{name}");
    }
    name
}

/// The names that functions have of the module or of a function around them.
#[derive(Default)]
pub(super) struct Outer(pub(super) BTreeSet<String>);

impl<'ast> visit::Visitor<'ast> for Outer {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
            self.0.extend(names.iter().cloned());
        }
        visit::walk_stmt(self, stmt);
    }
}

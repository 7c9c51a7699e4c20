//! Containers whose content goes on to another name: `out = self.buf`, then `self.buf = []`.
//!
//! Enters: a statement and those behind it. Leaves: the expressions in it whose container gets
//! another in its place before anyone can look. This module must not know what flows where.

use super::Walk;
use crate::ast::{Expr, ExprKind, NodeId, Stmt, StmtKind};
use crate::ty::Ty;
use std::collections::BTreeSet;

impl Walk<'_> {
    /// The containers that `stmt` names and that it, or the next statement, replaces.
    pub(super) fn refilled_by(&self, stmt: &Stmt, rest: &[Stmt]) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return found;
        };
        let [target] = targets.as_slice() else {
            return found;
        };
        let (into, values) = (parts(target), parts(value));
        let next = rest.first().and_then(|next| match &next.kind {
            StmtKind::Assign { targets, value } if self.is_fresh(value) => match targets.as_slice()
            {
                [target] => Some(target),
                _ => None,
            },
            _ => None,
        });
        for (i, e) in values.iter().enumerate() {
            let Some(path) = self.container(e) else {
                continue;
            };
            let mut others = values.iter().enumerate().filter(|(other, _)| *other != i);
            let here = into.len() == values.len()
                && values.len() > 1
                && into
                    .iter()
                    .any(|t| self.container(t).as_ref() == Some(&path))
                && others.all(|(_, e)| {
                    let other = self.container(e);
                    self.is_fresh(e) || other.is_some_and(|other| other != path)
                });
            let after = values.len() == 1
                && into
                    .iter()
                    .all(|t| self.container(t).as_ref() != Some(&path))
                && next.is_some_and(|t| self.container(t).as_ref() == Some(&path));
            if here || after {
                found.insert(e.id);
            }
        }
        found
    }

    /// The way to a list, dict or the like that an attribute of an instance holds, or a
    /// variable of the module.
    fn container(&self, e: &Expr) -> Option<Vec<String>> {
        let kept = match self.ty(e) {
            Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. } | Ty::Set(_) => true,
            // A target has no type of its own.
            Ty::Unknown => true,
            _ => false,
        };
        let ours = match &e.kind {
            ExprKind::Name(_) => !self.scope.names.contains_key(&e.id),
            ExprKind::Attribute { value, .. } => {
                matches!(self.ty(value), Ty::Instance(_)) && value.is_path()
            }
            _ => false,
        };
        self.steps(e).filter(|_| kept && ours)
    }

    /// Whether an expression makes a new container and looks at nothing else.
    fn is_fresh(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::List(items) | ExprKind::Set(items) => items.is_empty(),
            ExprKind::Dict(items) => items.is_empty(),
            ExprKind::Call { func, args, .. } => {
                args.is_empty()
                    && matches!(&func.kind, ExprKind::Name(name)
                        if ["list", "dict", "set", "deque"].contains(&name.as_str()))
                    && self.callee(e.id).is_none()
            }
            _ => false,
        }
    }
}

/// The items of a tuple that is written out, or the expression itself.
fn parts(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Tuple(items) => items.iter().collect(),
        _ => vec![e],
    }
}

//! Values of the module that nobody reads, but whose computing changes what is read:
//! `left = scheduler.add(Job("left"))`.
//!
//! Enters: the module variables that the task needs. Leaves: such values, computed in `new`
//! where the Python computes them. This module must not know what is a field.

use super::target_values;
use crate::ast::{Expr as PyExpr, ExprKind, NodeId, StmtKind as PyKind};
use crate::desugar::SET_UP;
use crate::diagnostic::Code;
use crate::ir::{Kept, RTy, TaskField};
use crate::lower::{Lowerer, function};
use crate::ty::Ty;

/// A value that nobody reads, with the statement that it stands in and its target.
type Unread<'a> = (NodeId, &'a PyExpr, &'a PyExpr);

/// The values that no variable in `used` gets, but whose computing changes one of these.
pub(super) fn unread<'a>(lw: &Lowerer<'a>, used: &[String]) -> Vec<Unread<'a>> {
    let model = lw.input.model;
    let mut found = Vec::new();
    for stmt in &lw.input.module.body.stmts {
        let (targets, value): (Vec<&'a PyExpr>, &'a PyExpr) = match &stmt.kind {
            PyKind::Assign { targets, value } => (targets.iter().collect(), value),
            PyKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (vec![target], value),
            _ => continue,
        };
        let changed = model.level_changes.get(&value.id);
        let is_set_up = |e: &PyExpr| matches!(&e.kind, ExprKind::Name(n) if n == SET_UP);
        if !targets.iter().any(|t| is_set_up(t))
            && !changed.is_some_and(|names| names.iter().any(|name| used.contains(name)))
        {
            continue;
        }
        let mut pairs = Vec::new();
        for target in &targets {
            target_values(target, value, &mut pairs);
        }
        let kept = |value: &PyExpr| {
            let of = pairs.iter().filter(|(_, _, v)| v.id == value.id);
            of.into_iter()
                .any(|(_, name, _)| used.iter().any(|u| u == name))
        };
        let mut apart: Vec<&'a PyExpr> = Vec::new();
        parts(&targets, value, &mut apart);
        let parts = apart.into_iter().filter(|part| !kept(part));
        let Some(target) = targets.first() else {
            continue;
        };
        found.extend(parts.map(|part| (stmt.id, *target, part)));
    }
    found
}

/// The values that are computed one by one: those of the items where targets take them so.
fn parts<'a>(targets: &[&PyExpr], value: &'a PyExpr, out: &mut Vec<&'a PyExpr>) {
    match (targets, &value.kind) {
        ([target], ExprKind::Tuple(values)) => match &target.kind {
            ExprKind::Tuple(targets) if targets.len() == values.len() => {
                for (target, value) in targets.iter().zip(values) {
                    parts(&[target], value, out);
                }
            }
            _ => out.push(value),
        },
        _ => out.push(value),
    }
}

impl<'a> Lowerer<'a> {
    /// Computes a value that nobody reads.
    pub(super) fn build_unread(&mut self, target: &PyExpr, value: &'a PyExpr) {
        let fact = self.input.model.module.fact(value.id);
        let ty = match fact.ty {
            Ty::None => Some(RTy::Unit),
            _ => self.natural(&fact),
        };
        let Some(ty) = ty else {
            let message = "this value changes others while it is computed, and is not translated";
            self.report(Code::PartlyHandled, target.span, message, None);
            return;
        };
        let init = function::module_value(self, value, &ty);
        self.use_types(&ty);
        self.task.fields.push(TaskField {
            name: "_".into(),
            ty,
            init,
            kept: Kept::Unread,
        });
    }
}

//! `{"slow": 0.1, "fast": 0.5}[mode]`: a dict that is written where it is asked, of
//! constants alone, becomes a constant of the module.
//!
//! Enters: the module. Leaves: the same module, with a table before the function or class
//! that asks it. Python makes the dict anew each time; nobody can tell, because what is in
//! it cannot be changed. This module must not know types.

use super::build::Build;
use crate::ast::rewrite;
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, ExprKind, Module, NodeId, Stmt, StmtKind, UnaryOp};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the module.
pub(super) fn inline_tables(module: &mut Module, next_id: &mut u32) {
    let mut seen = Seen::default();
    seen.visit_block(&module.body);
    let stmts = std::mem::take(&mut module.body.stmts);
    for mut stmt in stmts {
        let mut tables = Vec::new();
        if matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            rewrite::stmt(&mut stmt, &mut |e| {
                tables.extend(table(e, &mut seen, next_id));
            });
        }
        module.body.stmts.extend(tables);
        module.body.stmts.push(stmt);
    }
}

/// The constant that a lookup's dict becomes; the lookup asks it from now on.
fn table(e: &mut Expr, seen: &mut Seen, next_id: &mut u32) -> Option<Stmt> {
    let target = seen.targets.get(&e.id).cloned();
    let asked = match &mut e.kind {
        ExprKind::Subscript { value, index } if !is_constant(index) => value,
        ExprKind::Call { func, args, .. } => match &mut func.kind {
            ExprKind::Attribute { value, attr }
                if attr.name == "get" && args.first().is_some_and(|key| !is_constant(key)) =>
            {
                value
            }
            _ => return None,
        },
        _ => return None,
    };
    let ExprKind::Dict(items) = &asked.kind else {
        return None;
    };
    let constant = |(key, value): &(Option<Expr>, Expr)| {
        key.as_ref().is_some_and(is_constant) && is_constant(value)
    };
    if items.is_empty() || !items.iter().all(constant) {
        return None;
    }
    let texts = items
        .iter()
        .all(|(_, v)| matches!(v.kind, ExprKind::Str(_)));
    let base = target.unwrap_or_else(|| if texts { "TEXT" } else { "VALUE" }.to_string());
    let name = (1..)
        .map(|n| match n {
            1 => base.clone(),
            n => format!("{base}_{n}"),
        })
        .find(|name| !seen.names.contains(name))?;
    seen.names.insert(name.clone());
    let span = asked.span;
    let mut build = Build { next_id, span };
    let asking = build.name(&name);
    let dict = std::mem::replace(&mut **asked, asking);
    let bound = build.name(&name);
    Some(build.assign(bound, dict))
}

/// Whether an expression is a value that nobody can change, whatever is called before.
fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_) => true,
        ExprKind::Unary { op, operand } => *op == UnaryOp::Neg && is_constant(operand),
        ExprKind::Tuple(items) => items.iter().all(is_constant),
        // A member of an enum: `Phase.IDLE`.
        ExprKind::Attribute { value, attr } => {
            let capital = |name: &str| name.starts_with(char::is_uppercase);
            matches!(&value.kind, ExprKind::Name(class) if capital(class))
                && attr.name.chars().all(|c| !c.is_lowercase())
        }
        _ => false,
    }
}

/// The names of the module, and where a value is all that a target gets, the target's name
/// as a constant's.
#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    targets: BTreeMap<NodeId, String>,
}

impl<'ast> Visitor<'ast> for Seen {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(f) => {
                self.names.insert(f.name.name.clone());
            }
            StmtKind::Class(c) => {
                self.names.insert(c.name.name.clone());
            }
            StmtKind::Assign { targets, value } => {
                let name = match targets.as_slice() {
                    [target] => match &target.kind {
                        ExprKind::Name(name) => Some(name),
                        ExprKind::Attribute { attr, .. } => Some(&attr.name),
                        _ => None,
                    },
                    _ => None,
                };
                if let Some(name) = name {
                    let name = name.trim_matches('_').to_uppercase();
                    self.targets.insert(value.id, name);
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            self.names.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

//! The names of the module level.

use super::child_blocks;
use crate::ast::{self, Block, Expr, ExprKind, StmtKind};
use std::collections::BTreeMap;

/// A module-level name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Global {
    /// How often it is assigned at module level.
    pub assigned: usize,
    /// Whether a function assigns it (`global`) or changes it.
    pub changed_in_function: bool,
}

/// Counts the assignments of module-level names.
pub fn module_names(module: &ast::Module) -> BTreeMap<String, Global> {
    let mut names: BTreeMap<String, Global> = BTreeMap::new();
    count_assigned(&module.body, &mut names);
    for stmt in &module.body.stmts {
        let bodies: Vec<&Block> = match &stmt.kind {
            StmtKind::Function(function) => vec![&function.body],
            StmtKind::Class(class) => class
                .body
                .stmts
                .iter()
                .filter_map(|s| match &s.kind {
                    StmtKind::Function(method) => Some(&method.body),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        for name in bodies.into_iter().flat_map(global_names) {
            names.entry(name).or_default().changed_in_function = true;
        }
    }
    names
}

fn count_assigned(block: &Block, names: &mut BTreeMap<String, Global>) {
    for stmt in &block.stmts {
        let mut targets = Vec::new();
        match &stmt.kind {
            StmtKind::Assign { targets: list, .. } => {
                list.iter().for_each(|t| target_names(t, &mut targets))
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                target_names(target, &mut targets)
            }
            StmtKind::For {
                target,
                body,
                orelse,
                ..
            } => {
                target_names(target, &mut targets);
                count_assigned(body, names);
                count_assigned(orelse, names);
            }
            StmtKind::If { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                count_assigned(body, names);
                count_assigned(orelse, names);
            }
            _ => {}
        }
        for name in targets {
            names.entry(name).or_default().assigned += 1;
        }
    }
}

fn target_names(target: &Expr, names: &mut Vec<String>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| target_names(item, names))
        }
        ExprKind::Starred(inner) => target_names(inner, names),
        _ => {}
    }
}

pub(super) fn global_names(block: &Block) -> Vec<String> {
    let mut names = Vec::new();
    for stmt in &block.stmts {
        if let StmtKind::Global(list) = &stmt.kind {
            names.extend(list.iter().cloned());
        }
        for (inner, _, _) in child_blocks(stmt) {
            names.extend(global_names(inner));
        }
    }
    names
}

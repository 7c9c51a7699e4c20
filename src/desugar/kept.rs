//! What a function keeps between its calls: mutable defaults and attributes.
//!
//! Enters: the module. Leaves: the same module, in which they are variables of the module.
//! This module must not know types.

use super::arguments::calls_of;
use super::callables::module_bound;
use super::closures::statement;
use super::defaults::makes_container;
use super::inherit::name_at;
use super::names::Names;
use crate::ast::{self, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Mutable defaults and attributes of functions, as variables of the module.
pub(super) fn kept_objects(
    module: &mut Module,
    functions: &BTreeMap<String, Function>,
    next_id: &mut u32,
) {
    let mut taken = module_bound(module);
    let mut out: Vec<Stmt> = Vec::new();
    let calls = calls_of(&module.body, functions.keys());
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        if let StmtKind::Function(function) = &mut stmt.kind
            && functions.contains_key(&function.name.name)
        {
            let name = function.name.name.clone();
            let bound = Names::of(function).bound;
            let mut kept = Vec::new();
            for (i, param) in function.params.list.iter().enumerate() {
                let object = param.default.as_ref().is_some_and(makes_container);
                let given = calls.get(&name).is_none_or(|calls| {
                    calls
                        .iter()
                        .any(|given| given.count > i || given.names.contains(&param.name.name))
                });
                if object && !given && bound.get(&param.name.name) == Some(&1) {
                    kept.push(param.clone());
                }
            }
            for param in kept {
                let mut global = format!("{name}_{}", param.name.name);
                while taken.contains(&global) {
                    global.push('_');
                }
                taken.insert(global.clone());
                let own = param.name.name.clone();
                function.params.list.retain(|p| p.name.name != own);
                ast::rewrite::block(&mut function.body, &mut |e| {
                    if let ExprKind::Name(n) = &mut e.kind
                        && *n == own
                    {
                        n.clone_from(&global);
                    }
                });
                if let Some(value) = param.default {
                    let target = name_at(param.name.span, &global, next_id);
                    out.push(statement(
                        StmtKind::Assign {
                            targets: vec![target],
                            value,
                        },
                        param.name.span,
                        next_id,
                    ));
                }
            }
        }
        out.push(stmt);
    }
    module.body.stmts = out;
    attributes(module, functions, &taken, next_id);
}

/// `f.count` as the variable `f_count`.
fn attributes(
    module: &mut Module,
    functions: &BTreeMap<String, Function>,
    taken: &BTreeSet<String>,
    next_id: &mut u32,
) {
    // Only what the module gives a first value.
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let StmtKind::Assign { targets, .. } = &stmt.kind else {
            continue;
        };
        for target in targets {
            if let ExprKind::Attribute { value, attr } = &target.kind
                && let ExprKind::Name(name) = &value.kind
                && functions.contains_key(name)
            {
                let mut global = format!("{name}_{}", attr.name);
                while taken.contains(&global) {
                    global.push('_');
                }
                found.insert((name.clone(), attr.name.clone()), global);
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let rename = |e: &mut Expr| {
        if let ExprKind::Attribute { value, attr } = &e.kind
            && let ExprKind::Name(name) = &value.kind
            && let Some(global) = found.get(&(name.clone(), attr.name.clone()))
        {
            e.kind = ExprKind::Name(global.clone());
        }
    };
    for stmt in &mut module.body.stmts {
        let bodies: Vec<&mut Function> = match &mut stmt.kind {
            StmtKind::Function(function) => vec![function],
            StmtKind::Class(class) => class
                .body
                .stmts
                .iter_mut()
                .filter_map(|s| match &mut s.kind {
                    StmtKind::Function(method) => Some(method),
                    _ => None,
                })
                .collect(),
            _ => {
                ast::rewrite::stmt(stmt, &mut |e| rename(e));
                continue;
            }
        };
        for function in bodies {
            ast::rewrite::block(&mut function.body, &mut |e| rename(e));
            let bound = Names::of(function).bound;
            let changed: Vec<String> = found
                .values()
                .filter(|global| bound.contains_key(*global))
                .cloned()
                .collect();
            if !changed.is_empty() {
                let span = function.name.span;
                function
                    .body
                    .stmts
                    .insert(0, statement(StmtKind::Global(changed), span, next_id));
            }
        }
    }
}

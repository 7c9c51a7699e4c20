//! Small generators that are run through at once, as functions that return a list.
//!
//! Enters: the module. Leaves: the same module, where a function that yields values puts them
//! into a list and returns it. A generator runs in turn with what takes its values, so that is
//! done only where the turns cannot be told apart: it ends, it only looks at things, and what
//! runs through its values changes nothing but variables and containers of its own. What is
//! not sure stays, and is refused later. This module must not know types.

mod consumers;
mod inlined;
mod quiet;

use self::consumers::Consumers;
use self::quiet::{Quiet, yields};
use super::build::Build;
use super::names::Names;
use crate::ast::{self, Block, Expr, ExprKind, Function, Module, StmtKind};
use std::collections::BTreeSet;

/// What the list of the values is called.
const VALUES: &str = "items";

/// The functions that Copper calls.
const ENTRIES: [&str; 3] = ["process", "start", "stop"];

/// Rewrites the generators of the module.
pub(super) fn generators(module: &mut Module, next_id: &mut u32) {
    lists(module, next_id);
    inlined::inlined(module, next_id);
}

/// Makes functions that return a list of those of which nobody can tell.
fn lists(module: &mut Module, next_id: &mut u32) {
    let quiet = Quiet::of(module);
    let found = quiet.generators(module);
    if found.is_empty() {
        return;
    }
    let consumers = Consumers::of(module, &quiet, &found);
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let entry = ENTRIES.contains(&function.name.name.as_str());
                if !entry && consumers.fit(&function.name.name) {
                    as_list(function, next_id);
                }
            }
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind
                        && consumers.fit(&format!(".{}", method.name.name))
                    {
                        as_list(method, next_id);
                    }
                }
            }
            _ => {}
        }
    }
}

/// `items = []`, `items.append(x)` for `yield x`, and `return items`.
fn as_list(function: &mut Function, next_id: &mut u32) {
    if !yields(&function.body) {
        return;
    }
    let names = Names::of(function);
    let mut taken: BTreeSet<String> = names.bound.into_keys().collect();
    taken.extend(names.read);
    let mut name = VALUES.to_string();
    while taken.contains(&name) {
        name.push('_');
    }
    put(&mut function.body, &name, next_id);
    let mut build = Build {
        next_id,
        span: function.name.span,
    };
    let (target, empty) = (build.name(&name), build.expr(ExprKind::List(Vec::new())));
    let start = build.assign(target, empty);
    let value = build.name(&name);
    let back = build.stmt(StmtKind::Return(Some(value)));
    function.body.stmts.insert(0, start);
    function.body.stmts.push(back);
    function.returns = None;
}

fn put(block: &mut Block, name: &str, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        let span = stmt.span;
        let mut build = Build {
            next_id: &mut *next_id,
            span,
        };
        let mut call = |method: &str, value: Expr| {
            let func = build.of(name, method);
            StmtKind::Expr(build.call(func, vec![value]))
        };
        match &mut stmt.kind {
            StmtKind::Expr(e) => match &mut e.kind {
                ExprKind::Yield(Some(value)) => stmt.kind = call("append", (**value).clone()),
                ExprKind::YieldFrom(values) => stmt.kind = call("extend", (**values).clone()),
                _ => {}
            },
            StmtKind::Return(value) => *value = Some(build.name(name)),
            _ => {}
        }
        for inner in ast::branches_mut(stmt) {
            put(inner, name, next_id);
        }
    }
}

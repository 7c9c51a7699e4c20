//! Small generators that are run through at once, as functions that return a list.
//!
//! Enters: the module. Leaves: the same module, where a function that yields values puts them
//! into a list and returns it. A generator runs in turn with what takes its values, so that is
//! done only where the turns cannot be told apart: it ends, it only looks at things, and what
//! runs through its values changes nothing but variables and containers of its own. What is
//! not sure stays, and is refused later. This module must not know types.

mod consumers;
mod effects;
mod inlined;
mod quiet;

use self::consumers::Consumers;
use self::quiet::{Quiet, yields};
use super::build::Build;
use super::names::Names;
use crate::ast::{self, Block, Expr, ExprKind, Function, Module, NodeId, StmtKind};
use std::collections::BTreeSet;

/// What the list of the values is called.
const VALUES: &str = "items";

/// The functions that Copper calls.
const ENTRIES: [&str; 3] = ["process", "start", "stop"];

/// What is known of what a loop runs through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Items in a row, which are found by their places.
    Sequence,
    /// Other values of Python's own.
    Other,
    /// An object of a class.
    Object,
}

/// What is known of the values of expressions.
pub(super) type Runs<'r> = dyn Fn(NodeId) -> Option<Run> + 'r;

/// Rewrites the generators of the module.
pub(super) fn generators(module: &mut Module, next_id: &mut u32) {
    if !any_yields(module) {
        return;
    }
    lists(module, next_id, &|_| None);
    inlined::inlined(module, next_id);
    both(module, next_id, None);
}

/// Generators that some loops take in, where all other uses take a list: both.
fn both(module: &mut Module, next_id: &mut u32, runs: Option<&Runs<'_>>) -> bool {
    let mut done = false;
    let typed = runs.is_some();
    let runs = runs.unwrap_or(&|_| None);
    for key in inlined::partly(module, typed) {
        let mut trial = module.clone();
        inlined::loops_of(&mut trial, &key, next_id);
        let quiet = Quiet::of(&trial);
        let found = quiet.generators(&trial, runs);
        let list =
            found.contains_key(&key) && Consumers::of(&trial, &quiet, &found, runs).fit(&key);
        let rest = inlined::is_mentioned(&trial, &key);
        if key == inlined::ITER && !rest {
            // Nobody calls it any more.
            for stmt in &mut trial.body.stmts {
                if let StmtKind::Class(class) = &mut stmt.kind
                    && class
                        .body
                        .functions()
                        .any(|f| f.name.name == "__iter__" && yields(&f.body))
                {
                    class.generated.push("__iter__".to_string());
                }
            }
        } else if !list {
            continue;
        }
        *module = trial;
        done = true;
    }
    if done {
        lists(module, next_id, runs);
    }
    done
}

/// Rewrites the generators that are left, where types tell what loops run through. Gives
/// whether there were any that are written in another way now.
pub fn typed_generators(module: &mut Module, runs: &dyn Fn(NodeId) -> Option<Run>) -> bool {
    if !any_yields(module) {
        return false;
    }
    let mut next_id = module.node_count;
    let mut done = lists(module, &mut next_id, runs) | inlined::inlined(module, &mut next_id);
    done |= both(module, &mut next_id, Some(runs));
    module.node_count = next_id;
    done
}

/// Whether a function of the module yields.
fn any_yields(module: &Module) -> bool {
    module.body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Function(f) => yields(&f.body),
        StmtKind::Class(class) => class.body.functions().any(|f| yields(&f.body)),
        _ => false,
    })
}

/// Makes functions that return a list of those of which nobody can tell.
fn lists(module: &mut Module, next_id: &mut u32, runs: &Runs<'_>) -> bool {
    let quiet = Quiet::of(module);
    let found = quiet.generators(module, runs);
    if found.is_empty() {
        return false;
    }
    let consumers = Consumers::of(module, &quiet, &found, runs);
    let mut done = false;
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let entry = ENTRIES.contains(&function.name.name.as_str());
                if !entry && consumers.fit(&function.name.name) {
                    done |= as_list(function, next_id);
                }
            }
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind
                        && consumers.fit(&format!(".{}", method.name.name))
                    {
                        done |= as_list(method, next_id);
                    }
                }
            }
            _ => {}
        }
    }
    done
}

/// `items = []`, `items.append(x)` for `yield x`, and `return items`.
fn as_list(function: &mut Function, next_id: &mut u32) -> bool {
    if !yields(&function.body) {
        return false;
    }
    if let Some(values) = in_a_row(&mut function.body) {
        let mut build = Build {
            next_id,
            span: function.name.span,
        };
        // An object's own values may be of several kinds.
        let all = match function.name.name.as_str() {
            "__iter__" => ExprKind::Tuple(values),
            _ => ExprKind::List(values),
        };
        let all = build.expr(all);
        let back = build.stmt(StmtKind::Return(Some(all)));
        function.body.stmts.push(back);
        function.returns = None;
        return true;
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
    true
}

/// The values that a function yields one after the other at its end, which are taken out.
fn in_a_row(body: &mut Block) -> Option<Vec<Expr>> {
    let is_yield = |stmt: &ast::Stmt| match &stmt.kind {
        StmtKind::Expr(e) => matches!(e.kind, ExprKind::Yield(Some(_))),
        _ => false,
    };
    let first = body.stmts.iter().position(is_yield)?;
    let (before, all) = body.stmts.split_at(first);
    let plain = |stmt: &ast::Stmt| {
        matches!(
            stmt.kind,
            StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } | StmtKind::Expr(_)
        )
    };
    // What is said beside them would be lost.
    let silent = |stmt: &ast::Stmt| stmt.comments.is_empty() && stmt.line_comment.is_none();
    if !all.iter().all(|s| is_yield(s) && silent(s)) || !before.iter().all(plain) {
        return None;
    }
    let values = body.stmts.split_off(first).into_iter();
    let value = |stmt: ast::Stmt| match stmt.kind {
        StmtKind::Expr(e) => match e.kind {
            ExprKind::Yield(value) => value.map(|v| *v),
            _ => None,
        },
        _ => None,
    };
    Some(values.filter_map(value).collect())
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

//! Functions that make functions, as classes of what those keep.
//!
//! Enters: the module. Leaves: the same module, where `make_filter`, which ends in
//! `return step` of a function within it, is the class `Filter`: its `__init__` does what
//! `make_filter` does, the variables that `step` sees are attributes, and `__call__` is
//! `step`. `bump, reset = make_counter(3)` is one instance with two methods. What is used in
//! another way stays, and is refused later. This module must not know types.

mod class;
mod locals;
mod uses;

use self::class::{Made, made};
use self::uses::{Uses, together};
use super::build::Build;
use super::callables::module_bound;
use super::closures::function_of_lambda;
use super::inherit::snake;
use crate::ast::{self, Class, Expr, ExprKind, Ident, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// What a function that makes others is called after.
const PREFIXES: [&str; 6] = ["make_", "create_", "build_", "new_", "get_", "_make_"];

/// Rewrites the module.
pub(super) fn factories(module: &mut Module, next_id: &mut u32) {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    for name in module
        .body
        .stmts
        .iter()
        .flat_map(super::callables::top_bound)
    {
        *often.entry(name).or_default() += 1;
    }
    let mut taken = module_bound(module);
    let mut found: BTreeMap<String, Made> = BTreeMap::new();
    for stmt in &module.body.stmts {
        let function = match &stmt.kind {
            StmtKind::Function(function) => Some(function.clone()),
            StmtKind::Assign { value, .. } => match &value.kind {
                ExprKind::Lambda { body, .. } if matches!(body.kind, ExprKind::Lambda { .. }) => {
                    function_of_lambda(stmt, next_id)
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(function) = function
            && often.get(&function.name.name) == Some(&1)
            && let Some(made) = made(&function, next_id)
        {
            found.insert(function.name.name.clone(), made);
        }
    }
    if found.is_empty() {
        return;
    }
    let locals = locals::taken_apart(module, &found);
    let uses = Uses::of(module, &found, &often, &locals);
    found.retain(|name, _| uses.fits(name));
    let classes: BTreeMap<String, String> = found
        .keys()
        .map(|name| (name.clone(), class_name(name, &mut taken)))
        .collect();
    locals::rewrite(module, &locals, (&classes, &found), next_id);
    let bases = bases(module, &classes, &mut taken);
    uses.rewrite(module, &classes, &found, &mut taken, next_id);
    let mut out = Vec::new();
    let mut written: BTreeSet<String> = BTreeSet::new();
    for stmt in std::mem::take(&mut module.body.stmts) {
        let name = match &stmt.kind {
            StmtKind::Function(function) => Some(function.name.name.clone()),
            StmtKind::Assign { targets, .. } => targets.first().and_then(|t| match &t.kind {
                ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            }),
            _ => None,
        };
        let made = name.as_ref().and_then(|n| Some((n, found.remove(n)?)));
        let Some((name, made)) = made else {
            out.push(stmt);
            continue;
        };
        let ident = |name: &String| Ident {
            span: made.span,
            name: name.clone(),
        };
        let own = classes.get(name).unwrap_or(name);
        let mut class = Class::of(ident(own), made.stmts);
        class.doc = made.doc;
        if let Some(base) = bases.get(own) {
            let mut build = Build {
                next_id,
                span: made.span,
            };
            class.bases.push(build.name(base));
            if written.insert(base.clone()) {
                let body = vec![build.stmt(StmtKind::Pass)];
                let base = Class::of(ident(base), body);
                out.push(build.stmt(StmtKind::Class(base)));
            }
        }
        out.push(Stmt {
            kind: StmtKind::Class(class),
            ..stmt
        });
    }
    module.body.stmts = out;
}

/// `Filter` for `make_filter`.
fn class_name(function: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = PREFIXES
        .iter()
        .find_map(|p| function.strip_prefix(p))
        .filter(|stem| stem.chars().next().is_some_and(char::is_alphabetic))
        .unwrap_or_else(|| function.trim_matches('_'));
    let mut name = camel(stem);
    if name.is_empty() || taken.contains(&name) {
        name.push_str("Function");
    }
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The base that classes get whose instances stand in one list.
fn bases(
    module: &Module,
    classes: &BTreeMap<String, String>,
    taken: &mut BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut bases = BTreeMap::new();
    for (place, functions) in together(module, classes.keys().cloned().collect()) {
        let mut name = camel(place.to_lowercase().trim_end_matches('s'));
        while !taken.insert(name.clone()) {
            name.push_str("Item");
        }
        for function in functions {
            if let Some(class) = classes.get(&function) {
                bases.insert(class.clone(), name.clone());
            }
        }
    }
    bases
}

/// `low_pass` as `LowPass`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for word in name.split('_').filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    out
}

/// What the instance is called whose methods have the names of a module.
fn instance_name(class: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = snake(class);
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The function that a call names.
fn callee(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The names of a tuple of names.
fn names_of(e: &Expr) -> Option<Vec<String>> {
    let ExprKind::Tuple(items) = &e.kind else {
        return None;
    };
    let name = |e: &Expr| match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    };
    items.iter().map(name).collect()
}

/// Calls `f` on every expression of the module.
fn each(module: &mut Module, f: &mut dyn FnMut(&mut Expr)) {
    ast::rewrite::block(&mut module.body, f);
}

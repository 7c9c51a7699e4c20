//! State that lives outside `state`: in the module, in defaults, in classes and functions.

use super::Look;
use super::fields::CHANGES;
use super::shapes::Func;
use super::walk::{each_expr, each_stmt, root_name};
use crate::ast::{Expr, ExprKind, StmtKind};
use crate::diagnostic::Code;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Looks at what functions that run leave behind.
pub(super) fn look(look: &mut Look<'_>) {
    let mut found: BTreeMap<Span, String> = BTreeMap::new();
    let module = module_names(look);
    let classes = changing_classes(look);
    for f in look.functions.reached() {
        // The first call makes what the module is made of.
        if f.ast.name.name == "__init__" {
            continue;
        }
        let locals = local_names(f);
        let mut changed = |e: &Expr| {
            let Some(name) = root_name(e) else { return };
            if locals.contains(name) {
                return;
            }
            if let Some(span) = module.get(name) {
                found.entry(*span).or_insert_with(|| name.to_owned());
            } else if look.module.body.stmts.iter().any(|stmt| match &stmt.kind {
                StmtKind::Class(class) => class.name.name == name,
                StmtKind::Function(function) => function.name.name == name,
                _ => false,
            }) && !matches!(e.kind, ExprKind::Name(_))
            {
                found
                    .entry(e.span)
                    .or_insert_with(|| super::walk::dotted(e).unwrap_or_else(|| name.to_owned()));
            }
        };
        for_changes(f, &mut changed);
        defaults(f, &mut found);
        each_expr(&f.ast.body, &mut |e| {
            if let ExprKind::Call { func, .. } = &e.kind
                && let ExprKind::Attribute { value, attr } = &func.kind
                && let Some(name) = root_name(value)
                && !locals.contains(name)
                && let Some(span) = module.get(name)
                && classes
                    .get(name)
                    .is_some_and(|methods| methods.contains(attr.name.as_str()))
            {
                found.entry(*span).or_insert_with(|| name.to_owned());
            }
        });
    }
    for (span, name) in found {
        let message = format!(
            "`{name}` lives outside `state`: Copper's keyframes do not hold it, and a failed call does not roll it back"
        );
        look.say(Code::GlobalState, span, message, None);
    }
}

/// The names that the module level binds to something, with where.
fn module_names<'a>(look: &Look<'a>) -> BTreeMap<&'a str, Span> {
    let mut names = BTreeMap::new();
    for stmt in &look.module.body.stmts {
        let targets: Vec<&Expr> = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().collect(),
            StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => vec![target],
            _ => Vec::new(),
        };
        let mut targets = targets;
        while let Some(target) = targets.pop() {
            match &target.kind {
                ExprKind::Name(name) => {
                    names.entry(name.as_str()).or_insert(target.span);
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => targets.extend(items),
                _ => {}
            }
        }
    }
    names
}

/// The names that are a function's own.
fn local_names<'a>(f: &Func<'a>) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = f
        .ast
        .params
        .list
        .iter()
        .map(|p| p.name.name.as_str())
        .collect();
    let mut global: BTreeSet<&str> = BTreeSet::new();
    let bind = |target: &'a Expr, names: &mut BTreeSet<&'a str>| {
        let mut targets = vec![target];
        while let Some(target) = targets.pop() {
            match &target.kind {
                ExprKind::Name(name) => {
                    names.insert(name);
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => targets.extend(items),
                _ => {}
            }
        }
    };
    each_stmt(&f.ast.body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| bind(t, &mut names)),
        StmtKind::AugAssign { target, .. }
        | StmtKind::AnnAssign { target, .. }
        | StmtKind::For { target, .. } => bind(target, &mut names),
        StmtKind::Global(list) => global.extend(list.iter().map(String::as_str)),
        StmtKind::Function(inner) => {
            names.extend(inner.params.list.iter().map(|p| p.name.name.as_str()))
        }
        _ => {}
    });
    each_expr(&f.ast.body, &mut |e| {
        if let ExprKind::Comprehension { clauses, .. } = &e.kind {
            clauses
                .iter()
                .for_each(|clause| bind(&clause.target, &mut names));
        }
    });
    names.retain(|name| !global.contains(name));
    names
}

/// What a function assigns, deletes or changes by a method.
fn for_changes<'a>(f: &Func<'a>, changed: &mut dyn FnMut(&'a Expr)) {
    each_stmt(&f.ast.body, &mut |stmt| {
        let mut targets: Vec<&Expr> = match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().collect()
            }
            StmtKind::AugAssign { target, .. }
            | StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => vec![target],
            _ => Vec::new(),
        };
        while let Some(target) = targets.pop() {
            match &target.kind {
                ExprKind::Tuple(items) | ExprKind::List(items) => targets.extend(items),
                _ => changed(target),
            }
        }
    });
    each_expr(&f.ast.body, &mut |e| {
        if let ExprKind::Call { func, .. } = &e.kind
            && let ExprKind::Attribute { value, attr } = &func.kind
            && CHANGES.contains(&attr.name.as_str())
            && matches!(value.kind, ExprKind::Name(_) | ExprKind::Subscript { .. })
        {
            changed(value);
        }
    });
}

/// A default that is changed is kept from call to call.
fn defaults(f: &Func<'_>, found: &mut BTreeMap<Span, String>) {
    for param in &f.ast.params.list {
        let Some(default) = &param.default else {
            continue;
        };
        if !matches!(
            default.kind,
            ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_)
        ) {
            continue;
        }
        let mut is_changed = false;
        for_changes(f, &mut |e| {
            is_changed |=
                root_name(e) == Some(&param.name.name) && !matches!(e.kind, ExprKind::Name(_));
            is_changed |= matches!(&e.kind, ExprKind::Name(n) if *n == param.name.name);
        });
        let mut is_bound = false;
        each_stmt(&f.ast.body, &mut |stmt| {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                is_bound |= targets
                    .iter()
                    .any(|t| matches!(&t.kind, ExprKind::Name(n) if *n == param.name.name));
            }
        });
        if is_changed && !is_bound {
            found
                .entry(param.name.span)
                .or_insert_with(|| format!("{} = …", param.name.name));
        }
    }
}

/// Of each name of the module that is an object of a class of the file: the methods that
/// change the object.
fn changing_classes<'a>(look: &Look<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut objects: Vec<(&str, &str)> = Vec::new();
    for stmt in &look.module.body.stmts {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && let ExprKind::Call { func, .. } = &value.kind
            && let ExprKind::Name(class) = &func.kind
        {
            for target in targets {
                if let ExprKind::Name(name) = &target.kind {
                    objects.push((name, class));
                }
            }
        }
    }
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for f in look.functions.reached() {
        let (Some(class), Some(this)) = (f.class, f.ast.params.list.first()) else {
            continue;
        };
        let mut changes = false;
        for_changes(f, &mut |e| {
            changes |=
                root_name(e) == Some(&this.name.name) && !matches!(e.kind, ExprKind::Name(_));
        });
        if changes {
            for (name, of) in &objects {
                if *of == class {
                    found.entry(name).or_default().insert(&f.ast.name.name);
                }
            }
        }
    }
    found
}

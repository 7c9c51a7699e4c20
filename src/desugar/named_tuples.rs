//! Named tuples: `class Reading(NamedTuple)` and `Point = namedtuple("Point", "x y")`.
//!
//! Enters: the module. Leaves: the same module, where each is a class that says what its
//! constructor takes and that its instances are tuples; `Point._fields` is a tuple of texts,
//! `Point._make(xs)` is `Point(*xs)`.
//! This module must not know types.

use super::build::{Build, is_named, method};
use super::dataclasses::repr;
use crate::ast::{self, Class, Expr, ExprKind, Ident, Made, Module, Stmt, StmtKind};
use std::collections::BTreeMap;

/// Rewrites the named tuples of a module.
pub(super) fn named_tuples(module: &mut Module, next_id: &mut u32) {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for stmt in &mut module.body.stmts {
        called(stmt, next_id);
        if let StmtKind::Class(class) = &mut stmt.kind
            && let Some(fields) = annotated(class, next_id)
        {
            found.insert(class.name.name.clone(), fields);
        }
    }
    if found.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        made_of(e, &found, next_id);
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return;
        };
        if let (ExprKind::Name(name), "_fields") = (&value.kind, attr.name.as_str())
            && let Some(fields) = found.get(name)
        {
            let mut build = Build {
                next_id,
                span: e.span,
            };
            let texts = fields.iter().map(|f| build.expr(ExprKind::Str(f.clone())));
            e.kind = ExprKind::Tuple(texts.collect());
        }
    });
}

/// `Point(*xs)` of `Point._make(xs)`.
fn made_of(e: &mut Expr, found: &BTreeMap<String, Vec<String>>, next_id: &mut u32) {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &mut e.kind
    else {
        return;
    };
    if let ExprKind::Attribute { value, attr } = &func.kind
        && let ExprKind::Name(name) = &value.kind
        && attr.name == "_make"
        && found.contains_key(name)
        && keywords.is_empty()
        && let [items] = args.as_mut_slice()
    {
        let mut build = Build {
            next_id,
            span: items.span,
        };
        *items = build.expr(ExprKind::Starred(Box::new(items.clone())));
        *func = value.clone();
    }
}

/// Makes a class of `Point = namedtuple("Point", …)`.
fn called(stmt: &mut Stmt, next_id: &mut u32) {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return;
    };
    let ([target], ExprKind::Call { func, .. }) = (targets.as_slice(), &value.kind) else {
        return;
    };
    let ExprKind::Name(name) = &target.kind else {
        return;
    };
    let collected = is_named(func, "collections", "namedtuple");
    if !collected && !is_named(func, "typing", "NamedTuple") {
        return;
    }
    let Some(fields) = fields_of(value, name, collected) else {
        return;
    };
    let span = target.span;
    let mut build = Build { next_id, span };
    let mut body = Vec::new();
    for (field, default) in fields {
        let target = build.name(&field);
        let annotation = build.expr(ExprKind::Ellipsis);
        body.push(build.stmt(StmtKind::AnnAssign {
            target,
            annotation,
            value: default,
        }));
    }
    let name = Ident {
        span,
        name: name.clone(),
    };
    stmt.kind = StmtKind::Class(Class {
        bases: vec![(**func).clone()],
        ..Class::of(name, body)
    });
}

/// The fields that a call names, with their defaults.
fn fields_of(call: &Expr, name: &str, collected: bool) -> Option<Vec<(String, Option<Expr>)>> {
    let ExprKind::Call { args, keywords, .. } = &call.kind else {
        return None;
    };
    let [title, names] = args.as_slice() else {
        return None;
    };
    if !matches!(&title.kind, ExprKind::Str(text) if text == name) {
        return None;
    }
    let text = |e: &Expr| match &e.kind {
        ExprKind::Str(text) => Some(text.clone()),
        _ => None,
    };
    let names: Option<Vec<String>> = match &names.kind {
        ExprKind::Str(names) if collected => {
            let parts = names.split([',', ' ', '\n', '\t']);
            Some(
                parts
                    .filter(|p| !p.is_empty())
                    .map(str::to_string)
                    .collect(),
            )
        }
        ExprKind::List(items) | ExprKind::Tuple(items) => items
            .iter()
            .map(|item| match &item.kind {
                ExprKind::Tuple(pair) if !collected => text(pair.first()?),
                _ if collected => text(item),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    let names = names?;
    let defaults = match keywords.as_slice() {
        [] => Vec::new(),
        [keyword] if keyword.name.as_ref().is_some_and(|n| n.name == "defaults") => {
            match &keyword.value.kind {
                ExprKind::List(items) | ExprKind::Tuple(items) => items.clone(),
                _ => return None,
            }
        }
        _ => return None,
    };
    let without = names.len().checked_sub(defaults.len())?;
    let sound = |n: &String| {
        n.starts_with(|c: char| c.is_alphabetic())
            && n.chars().all(|c| c.is_alphanumeric() || c == '_')
            && names.iter().filter(|other| *other == n).count() == 1
    };
    if names.is_empty() || !names.iter().all(sound) {
        return None;
    }
    let defaults = std::iter::repeat_n(None, without).chain(defaults.into_iter().map(Some));
    Some(names.iter().cloned().zip(defaults).collect())
}

/// Settles what Python makes of a class whose base is `NamedTuple`; its fields.
fn annotated(class: &mut Class, next_id: &mut u32) -> Option<Vec<String>> {
    let [base] = class.bases.as_slice() else {
        return None;
    };
    let known =
        is_named(base, "typing", "NamedTuple") || is_named(base, "collections", "namedtuple");
    if !known || !class.decorators.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    for stmt in &class.body.stmts {
        if let StmtKind::AnnAssign { target, .. } = &stmt.kind
            && let ExprKind::Name(name) = &target.kind
        {
            fields.push(name.clone());
        }
    }
    class.bases.clear();
    let mut build = Build {
        next_id,
        span: class.name.span,
    };
    let made = Made {
        params: fields.iter().map(|f| (f.clone(), false)).collect(),
        fields: fields.clone(),
        equal: method(&class.body, "__eq__").is_none(),
        ordered: method(&class.body, "__lt__").is_none(),
        frozen: true,
        is_tuple: true,
    };
    if method(&class.body, "__repr__").is_none() {
        let shown: Vec<&str> = fields.iter().map(String::as_str).collect();
        let name = class.name.name.clone();
        class.body.stmts.push(repr(&name, &shown, &mut build));
        class.generated.push("__repr__".into());
    }
    class.made = Some(made);
    Some(fields)
}

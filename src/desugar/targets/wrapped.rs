//! Functions that stand where objects do which are called: `[double, Clip(0.0, 5.0)]`.
//!
//! Enters: where functions flow. Leaves: the module, where such a function is an object of a
//! class of its own, whose `__call__` calls it: what holds them all then holds objects alone.
//! This module must not know types.

use super::flow::{Flow, Place, Target};
use super::known::Known;
use super::{camel, gives_value};
use crate::ast::{self, Class, ExprKind, Function, Ident, Keyword, Module, ParamKind, StmtKind};
use crate::desugar::build::Build;
use crate::desugar::callables::module_bound;
use std::collections::{BTreeMap, BTreeSet};

/// The functions that stand where objects do, and where each of them is named so.
#[derive(Default)]
pub(super) struct Wraps {
    functions: BTreeSet<String>,
    places: BTreeMap<Place, String>,
}

/// Looks for them. Where somebody compares what may be called, the function stays.
pub(super) fn places(flow: &Flow, known: &Known<'_>) -> Wraps {
    let mut out = Wraps::default();
    for (place, target) in &flow.values {
        let (Some(group), Target::Function(name)) = (flow.group(place), target) else {
            continue;
        };
        let targets = flow.targets_of(group);
        let objects = targets.iter().any(|t| matches!(t, Target::Object(_)));
        let fits = |t: &Target| match t {
            Target::Function(name) => known.functions.get(name).is_some_and(|f| plain(f)),
            Target::Object(_) => true,
            Target::Method(..) | Target::Bound(..) => false,
        };
        if objects
            && targets.iter().all(fits)
            && !flow.has_identity(group)
            && !flow.is_compared(group)
        {
            out.functions.insert(name.clone());
            out.places.insert(place.clone(), name.clone());
        }
    }
    out
}

/// Whether a function takes parameters by place alone.
fn plain(function: &Function) -> bool {
    let params = &function.params.list;
    params.iter().all(|p| {
        matches!(
            p.kind,
            ParamKind::Normal | ParamKind::PositionalOnly | ParamKind::KeywordOnly
        ) && p
            .default
            .as_ref()
            .is_none_or(super::super::keywords::is_literal)
            && p.name.name != "self"
    })
}

/// Rewrites the module.
pub(super) fn wrap(module: &mut Module, wraps: &Wraps, next_id: &mut u32) {
    if wraps.functions.is_empty() {
        return;
    }
    let mut taken = module_bound(module);
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    let mut stmts = Vec::new();
    for stmt in std::mem::take(&mut module.body.stmts) {
        let class = stmt.function().and_then(|f| {
            let name = &f.name.name;
            wraps.functions.contains(name).then(|| {
                let mut class = camel(name);
                while !taken.insert(class.clone()) {
                    class.push_str("Function");
                }
                classes.insert(name.clone(), class.clone());
                class_of(f, &class, next_id)
            })
        });
        stmts.push(stmt);
        stmts.extend(class);
    }
    module.body.stmts = stmts;
    super::in_functions(module, &mut |key, e| {
        let place = (key.to_string(), e.id);
        if let Some(class) = wraps.places.get(&place).and_then(|f| classes.get(f)) {
            let mut build = Build {
                next_id,
                span: e.span,
            };
            let func = build.name(class);
            e.kind = build.call(func, Vec::new()).kind;
        }
    });
}

/// The class whose objects call the function.
fn class_of(function: &Function, name: &str, next_id: &mut u32) -> ast::Stmt {
    let mut build = Build {
        next_id,
        span: function.name.span,
    };
    let mut params = vec![build.param("self", ParamKind::Normal, None)];
    let mut args = Vec::new();
    let mut keywords = Vec::new();
    for param in &function.params.list {
        let own = &param.name.name;
        let default = param.default.as_ref().map(|d| build.again(d));
        params.push(build.param(own, param.kind, default));
        let value = build.name(own);
        match param.kind {
            ParamKind::KeywordOnly => keywords.push(Keyword {
                name: Some(param.name.clone()),
                value,
            }),
            _ => args.push(value),
        }
    }
    let func = build.name(&function.name.name);
    let mut call = build.call(func, args);
    if let ExprKind::Call { keywords: own, .. } = &mut call.kind {
        *own = keywords;
    }
    let kind = match gives_value(&function.body) {
        true => StmtKind::Return(Some(call)),
        false => StmtKind::Expr(call),
    };
    let body = build.stmt(kind);
    let method = build.function("__call__", params, vec![body]);
    let class = Class::of(
        Ident {
            span: function.name.span,
            name: name.to_string(),
        },
        vec![method],
    );
    build.stmt(StmtKind::Class(class))
}

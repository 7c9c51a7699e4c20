//! What Python makes of functions: decorators, `partial`, objects that are kept with a
//! function, arguments in any number.
//!
//! Enters: the module. Leaves: the same module, where `half = partial(scale, 0.5)` is a
//! function, a decorated function stands inside its decorator's wrapper, a default that is
//! one object for all calls and an attribute of a function are variables of the module, and
//! `*args` is a list. What cannot be rewritten stays, and is refused later. This module must
//! not know types.

use super::arguments::{any_number, spread};
use super::closures::{function_of_lambda, statement};
use super::decorators::decorators;
use super::defaults::defaults;
use super::inherit::name_at;
use super::kept::kept_objects;
use super::names::Names;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Module, NodeId, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the functions of the module.
pub(super) fn callables(module: &mut Module, next_id: &mut u32) {
    let imports = imports(module);
    let bound = times_bound(module);
    let once = |name: &str| bound.get(name) == Some(&1);
    for stmt in &mut module.body.stmts {
        if let Some(function) = function_of_lambda(stmt, next_id)
            && once(&function.name.name)
            && function.params.list.iter().all(|p| p.default.is_none())
        {
            stmt.kind = StmtKind::Function(function);
        }
    }
    let functions: BTreeMap<String, Function> = module
        .body
        .stmts
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Function(f) if once(&f.name.name) => Some((f.name.name.clone(), f.clone())),
            _ => None,
        })
        .collect();
    for stmt in &mut module.body.stmts {
        if let Some(function) = partial(stmt, &functions, &imports, next_id)
            && once(&function.name.name)
        {
            stmt.kind = StmtKind::Function(function);
        }
    }
    decorators(module, &functions, &imports, next_id);
    kept_objects(module, &functions, next_id);
    defaults(module, next_id);
    any_number(module, &functions, next_id);
    spread(module);
}

/// `from functools import partial as p`: `p` to `functools.partial`; `import functools`.
pub(super) fn imports(module: &Module) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::ImportFrom {
                module: Some(from),
                level: 0,
                names,
            } => {
                for alias in names {
                    let name = alias.alias.as_ref().unwrap_or(&alias.name).name.clone();
                    out.insert(name, format!("{from}.{}", alias.name.name));
                }
            }
            StmtKind::Import(names) => {
                for alias in names {
                    let name = alias.alias.as_ref().unwrap_or(&alias.name).name.clone();
                    out.insert(name, alias.name.name.clone());
                }
            }
            _ => {}
        }
    }
    out
}

/// `functools.partial` of what names it.
pub(super) fn full_name(e: &Expr, imports: &BTreeMap<String, String>) -> String {
    match &e.kind {
        ExprKind::Name(name) => imports.get(name).cloned().unwrap_or_else(|| name.clone()),
        ExprKind::Attribute { value, attr } => {
            format!("{}.{}", full_name(value, imports), attr.name)
        }
        _ => String::new(),
    }
}

/// The names that the level of the module binds.
pub(super) fn module_bound(module: &Module) -> BTreeSet<String> {
    times_bound(module).into_keys().collect()
}

/// How often the level of the module binds each name.
pub(super) fn times_bound(module: &Module) -> BTreeMap<String, usize> {
    times_bound_in(&module.body)
}

/// How often the statements of a block bind each name: of a class's body its attributes.
pub(super) fn times_bound_in(block: &Block) -> BTreeMap<String, usize> {
    let mut names = Names::default();
    block.stmts.iter().for_each(|stmt| names.binds_by(stmt));
    names.bound
}

pub(super) fn top_bound(stmt: &Stmt) -> Vec<String> {
    let mut names = Names::default();
    names.binds_by(stmt);
    names
        .bound
        .into_iter()
        .flat_map(|(name, n)| std::iter::repeat_n(name, n))
        .collect()
}

fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_) => true,
        ExprKind::Unary { operand, .. } => is_constant(operand),
        // A module constant is written in capitals.
        ExprKind::Name(name) => name.chars().all(|c| !c.is_lowercase()),
        _ => false,
    }
}

/// `def half(x): return scale(0.5, x)` for `half = partial(scale, 0.5)`.
fn partial(
    stmt: &Stmt,
    functions: &BTreeMap<String, Function>,
    imports: &BTreeMap<String, String>,
    next_id: &mut u32,
) -> Option<Function> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let (
        [target],
        ExprKind::Call {
            func,
            args,
            keywords,
        },
    ) = (targets.as_slice(), &value.kind)
    else {
        return None;
    };
    let ExprKind::Name(name) = &target.kind else {
        return None;
    };
    let [callee, given @ ..] = args.as_slice() else {
        return None;
    };
    let ExprKind::Name(callee_name) = &callee.kind else {
        return None;
    };
    let of = functions.get(callee_name)?;
    let plain = of
        .params
        .list
        .iter()
        .all(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly));
    let constant = given
        .iter()
        .chain(keywords.iter().map(|k| &k.value))
        .all(is_constant);
    if full_name(func, imports) != "functools.partial"
        || !plain
        || !constant
        || given.len() > of.params.list.len()
        || keywords.iter().any(|k| k.name.is_none())
        || !of.decorators.is_empty()
    {
        return None;
    }
    let span = value.span;
    let mut params = Vec::new();
    let mut passed: Vec<Expr> = given.to_vec();
    for param in of.params.list.iter().skip(given.len()) {
        let keyword = keywords
            .iter()
            .find(|k| k.name.as_ref().is_some_and(|n| n.name == param.name.name));
        let mut param = param.clone();
        if let Some(keyword) = keyword {
            // From here on it can only be given by name.
            param.default = Some(keyword.value.clone());
            param.kind = ParamKind::KeywordOnly;
        }
        passed.push(name_at(span, &param.name.name, next_id));
        params.push(param);
    }
    let call = ExprKind::Call {
        func: Box::new(callee.clone()),
        args: passed,
        keywords: Vec::new(),
    };
    let id = NodeId::next(next_id);
    let call = Expr {
        id,
        span,
        kind: call,
    };
    Some(Function {
        name: Ident {
            span: target.span,
            name: name.clone(),
        },
        decorators: Vec::new(),
        params: ast::Params { list: params },
        returns: None,
        doc: None,
        body: Block {
            stmts: vec![statement(StmtKind::Return(Some(call)), span, next_id)],
            trailing: Vec::new(),
        },
        is_async: false,
    })
}

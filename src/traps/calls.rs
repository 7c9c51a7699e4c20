//! Which functions run, and what their parameters are given.
//!
//! PyTask calls `process`, `start` and `stop`; others run where one that runs, or the module
//! level, mentions them.

use super::shapes::{Entry, Func, Functions, Known, Root, Shape, peeled};
use super::walk::{each_expr, exprs_of, is_never_run};
use crate::ast::{Block, ExprKind, Module, Stmt, StmtKind};
use crate::project::{Binding, RustTy, TypeTable};
use crate::ty::Side;
use std::collections::{BTreeMap, BTreeSet};

/// How often calls hand on what they were given.
const ROUNDS: usize = 5;

/// The functions of a module, with what their names stand for.
pub(super) fn functions<'a>(
    module: &'a Module,
    types: &'a TypeTable,
    binding: &'a Binding,
) -> Functions<'a> {
    let mut functions = Functions {
        types,
        binding,
        all: Vec::new(),
    };
    collect(&module.body, None, &mut functions.all);
    let bound = entries(module);
    for f in &mut functions.all {
        let name = f.ast.name.name.as_str();
        f.entry = Entry::ALL.into_iter().find(|entry| {
            f.class.is_none() && bound.get(entry.name()).map_or(entry.name(), |n| n) == name
        });
    }
    reach(module, &mut functions.all);
    for _ in 0..ROUNDS {
        let given = given(&functions);
        for (f, params) in functions.all.iter_mut().zip(given) {
            f.params = params;
        }
        // A name may be bound from another one that is bound below it.
        for _ in 0..3 {
            let names: Vec<_> = functions.all.iter().map(|f| functions.bind(f)).collect();
            for (f, names) in functions.all.iter_mut().zip(names) {
                f.names = names;
            }
        }
    }
    functions
}

/// `process = run` at module level.
fn entries(module: &Module) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && let ([target], ExprKind::Name(value)) = (targets.as_slice(), &value.kind)
            && let ExprKind::Name(name) = &target.kind
        {
            found.insert(name.as_str(), value.as_str());
        }
    }
    found
}

fn collect<'a>(block: &'a Block, class: Option<&'a str>, into: &mut Vec<Func<'a>>) {
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::Function(ast) => into.push(Func {
                ast,
                class,
                entry: None,
                params: Vec::new(),
                names: BTreeMap::new(),
                reached: false,
            }),
            StmtKind::Class(inner) => collect(&inner.body, Some(&inner.name.name), into),
            _ => {}
        }
    }
}

/// Marks the functions that run: PyTask's own, and what those and the module mention.
fn reach(module: &Module, all: &mut [Func<'_>]) {
    let mut mentioned: BTreeSet<&str> = BTreeSet::new();
    for stmt in &module.body.stmts {
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            mentions(stmt, &mut mentioned);
        }
        if let StmtKind::Function(function) = &stmt.kind {
            for decorator in &function.decorators {
                if let Some(name) = super::walk::root_name(decorator) {
                    mentioned.insert(name);
                }
            }
        }
    }
    loop {
        let mut changed = false;
        for f in all.iter_mut().filter(|f| !f.reached) {
            let name = f.ast.name.name.as_str();
            let class_is_used = f.class.is_some_and(|class| mentioned.contains(class));
            let implicit = name.starts_with("__") && class_is_used;
            f.reached = f.entry.is_some() || implicit || mentioned.contains(name);
            if f.reached {
                changed = true;
                f.ast
                    .body
                    .stmts
                    .iter()
                    .for_each(|stmt| mentions(stmt, &mut mentioned));
            }
        }
        if !changed {
            return;
        }
    }
}

fn mentions<'a>(stmt: &'a Stmt, into: &mut BTreeSet<&'a str>) {
    if is_never_run(stmt) {
        return;
    }
    exprs_of(stmt, &mut |e| match &e.kind {
        ExprKind::Name(name) => {
            into.insert(name);
        }
        ExprKind::Attribute { attr, .. } => {
            into.insert(&attr.name);
        }
        _ => {}
    });
}

/// What the parameters of each function are given by PyTask and by all calls.
fn given(functions: &Functions<'_>) -> Vec<Vec<Known>> {
    let mut all: Vec<Vec<Known>> = Vec::new();
    for f in &functions.all {
        let count = f.ast.params.list.len();
        let mut params = vec![Known::Unset; count];
        let own = |side, tys: &[RustTy]| match tys.len() {
            1 => Shape::Message(side, 0),
            _ => Shape::Messages(side),
        };
        let binding = functions.binding;
        let state = Shape::Value {
            ty: peeled(functions.types, binding.state.clone()),
            root: Root::State,
            whole: true,
        };
        let shapes = match f.entry {
            Some(Entry::Process) => vec![
                Shape::Context,
                own(Side::Input, &binding.inputs),
                state,
                own(Side::Output, &binding.outputs),
            ],
            Some(Entry::Start | Entry::Stop) => vec![Shape::Context, state],
            None => Vec::new(),
        };
        for (param, shape) in params.iter_mut().zip(shapes) {
            *param = Known::One(shape);
        }
        all.push(params);
    }
    for f in functions.reached() {
        each_expr(&f.ast.body, &mut |e| {
            let ExprKind::Call {
                func,
                args,
                keywords,
            } = &e.kind
            else {
                return;
            };
            let (name, method) = match &func.kind {
                ExprKind::Name(name) => (name, false),
                ExprKind::Attribute { attr, .. } => (&attr.name, true),
                _ => return,
            };
            for (callee, params) in functions.all.iter().zip(&mut all) {
                let is_init =
                    callee.ast.name.name == "__init__" && callee.class == Some(name.as_str());
                if !is_init && (callee.ast.name.name != *name || callee.class.is_some() != method) {
                    continue;
                }
                let is_static = callee
                    .ast
                    .decorators
                    .iter()
                    .any(|d| matches!(&d.kind, ExprKind::Name(n) if n == "staticmethod"));
                let skip = usize::from(callee.class.is_some() && !is_static);
                let spread = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
                    || keywords.iter().any(|k| k.name.is_none());
                for (i, param) in params.iter_mut().enumerate().skip(skip) {
                    let own = callee.ast.params.list.get(i).map(|p| p.name.name.as_str());
                    let named = keywords
                        .iter()
                        .find(|k| k.name.as_ref().map(|n| n.name.as_str()) == own);
                    let value = args.get(i - skip).or(named.map(|k| &k.value));
                    param.join(match value {
                        _ if spread => Known::Mixed,
                        Some(value) => functions.value_of(f, value),
                        None => Known::Unset,
                    });
                }
            }
        });
    }
    all
}

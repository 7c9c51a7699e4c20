//! Decorators of functions: written out, or left away where they change nothing.
//!
//! Enters: the module. Leaves: the same module, in which a decorated function is the wrapper
//! with the function's name beside the function itself. This module must not know types.

use super::callables::full_name;
use super::closures::statement;
use super::inherit::name_at;
use super::names::Names;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Module, NodeId, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Caches are dropped where they cannot be seen; a decorator of the file is written out.
pub(super) fn decorators(
    module: &mut Module,
    functions: &BTreeMap<String, Function>,
    imports: &BTreeMap<String, String>,
    next_id: &mut u32,
) {
    let mut out = Vec::new();
    let mut used = BTreeSet::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let StmtKind::Function(function) = &mut stmt.kind else {
            out.push(stmt);
            continue;
        };
        let pure = is_pure(function, imports);
        function.decorators.retain(|d| {
            let called = match &d.kind {
                ExprKind::Call { func, .. } => full_name(func, imports),
                _ => full_name(d, imports),
            };
            let cache = matches!(called.as_str(), "functools.lru_cache" | "functools.cache");
            !(cache && pure)
        });
        let [decorator] = function.decorators.as_slice() else {
            out.push(stmt);
            continue;
        };
        let wrapper = match &decorator.kind {
            ExprKind::Name(name) if functions.contains_key(&function.name.name) => functions
                .get(name)
                .and_then(|d| wrapper_of(d, imports).map(|w| (name.clone(), w))),
            _ => None,
        };
        let Some((decorator, (param, wrapper))) = wrapper else {
            out.push(stmt);
            continue;
        };
        let name = function.name.name.clone();
        let inner = format!("{name}_undecorated");
        let Some(mut outer) = written_out(&wrapper, &param, function, &inner, next_id) else {
            out.push(stmt);
            continue;
        };
        used.insert(decorator);
        outer.name = function.name.clone();
        outer.doc = function.doc.take();
        function.decorators.clear();
        function.name.name = inner;
        let mut wrapped = statement(StmtKind::Function(outer), stmt.span, next_id);
        wrapped.comments = std::mem::take(&mut stmt.comments);
        wrapped.blank_before = stmt.blank_before;
        out.push(stmt);
        out.push(wrapped);
    }
    // The decorator itself is no function of values.
    out.retain(|s| !matches!(&s.kind, StmtKind::Function(f) if used.contains(&f.name.name)));
    module.body.stmts = out;
}

/// Whether calling a function twice with the same arguments gives the same and does nothing
/// else, and costs about the same without a cache.
fn is_pure(function: &Function, imports: &BTreeMap<String, String>) -> bool {
    struct Look<'f> {
        own: &'f str,
        names: Names,
        imports: &'f BTreeMap<String, String>,
        calls: usize,
        fine: bool,
    }
    const KNOWN: [&str; 12] = [
        "abs", "min", "max", "range", "len", "int", "float", "round", "bool", "divmod", "sum",
        "pow",
    ];
    impl<'ast> ast::visit::Visitor<'ast> for Look<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            match &stmt.kind {
                StmtKind::Global(_) | StmtKind::Nonlocal(_) => self.fine = false,
                StmtKind::Assign { targets, .. } => {
                    self.fine &= targets.iter().all(|t| {
                        !matches!(
                            t.kind,
                            ExprKind::Attribute { .. } | ExprKind::Subscript { .. }
                        )
                    });
                }
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Call { func, .. } => {
                    let name = full_name(func, self.imports);
                    self.calls += usize::from(name == self.own);
                    self.fine &= name == self.own
                        || KNOWN.contains(&name.as_str())
                        || name.starts_with("math.");
                }
                ExprKind::Name(name) => {
                    let constant = name.chars().all(|c| !c.is_lowercase());
                    self.fine &= constant
                        || self.names.binds(name)
                        || name == self.own
                        || KNOWN.contains(&name.as_str())
                        || self.imports.contains_key(name);
                }
                _ => {}
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut look = Look {
        own: &function.name.name,
        names: Names::of(function),
        imports,
        calls: 0,
        fine: true,
    };
    ast::visit::Visitor::visit_block(&mut look, &function.body);
    // With two calls of itself it takes exponential time without its cache.
    look.fine && look.calls < 2
}

/// The parameter and the inner function of `def d(f): def w(…): …; return w`.
fn wrapper_of(
    decorator: &Function,
    imports: &BTreeMap<String, String>,
) -> Option<(String, Function)> {
    let [param] = decorator.params.list.as_slice() else {
        return None;
    };
    let [inner, back] = decorator.body.stmts.as_slice() else {
        return None;
    };
    let (StmtKind::Function(wrapper), StmtKind::Return(Some(value))) = (&inner.kind, &back.kind)
    else {
        return None;
    };
    let returned = matches!(&value.kind, ExprKind::Name(n) if *n == wrapper.name.name);
    let wraps = wrapper.decorators.iter().all(|d| {
        matches!(&d.kind, ExprKind::Call { func, .. } if full_name(func, imports) == "functools.wraps")
    });
    let own = Names::of(wrapper);
    (returned && wraps && decorator.decorators.is_empty() && !own.binds(&param.name.name))
        .then(|| (param.name.name.clone(), wrapper.clone()))
}

/// The wrapper around one function: `f` named, `*args, **kwargs` as its parameters.
fn written_out(
    wrapper: &Function,
    param: &str,
    function: &Function,
    inner: &str,
    next_id: &mut u32,
) -> Option<Function> {
    let mut out = wrapper.clone();
    out.decorators.clear();
    let star = |kind: ParamKind| {
        wrapper
            .params
            .list
            .iter()
            .find(|p| p.kind == kind)
            .map(|p| p.name.name.clone())
    };
    let (args, kwargs) = (star(ParamKind::VarArgs), star(ParamKind::KwArgs));
    let spread = args.is_some() || kwargs.is_some();
    if spread {
        let all = wrapper.params.list.len()
            == usize::from(args.is_some()) + usize::from(kwargs.is_some());
        let plain = function
            .params
            .list
            .iter()
            .all(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly));
        let taken = Names::of(wrapper);
        let clash = function
            .params
            .list
            .iter()
            .any(|p| taken.bound.contains_key(&p.name.name));
        if !all || !plain || clash {
            return None;
        }
        out.params = function.params.clone();
    }
    let is = |name: &Option<String>, e: &Expr| matches!(&e.kind, ExprKind::Name(n) if Some(n) == name.as_ref());
    let mut fine = true;
    ast::rewrite::block(&mut out.body, &mut |e| {
        e.id = NodeId(*next_id);
        *next_id += 1;
        let span = e.span;
        match &mut e.kind {
            ExprKind::Call {
                func,
                args: given,
                keywords,
            } if matches!(&func.kind, ExprKind::Name(n) if n == param) && spread => {
                given.retain(|a| !matches!(&a.kind, ExprKind::Starred(inner) if is(&args, inner)));
                keywords.retain(|k| !(k.name.is_none() && is(&kwargs, &k.value)));
                fine &= given.is_empty() && keywords.is_empty();
                *given = function
                    .params
                    .list
                    .iter()
                    .map(|p| name_at(span, &p.name.name, next_id))
                    .collect();
            }
            ExprKind::Name(name) if name == param => *name = inner.to_string(),
            ExprKind::Name(name) => {
                fine &= Some(&*name) != args.as_ref() && Some(&*name) != kwargs.as_ref();
            }
            _ => {}
        }
    });
    renumber(&mut out.body, next_id);
    fine.then_some(out)
}

fn renumber(block: &mut Block, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        stmt.id = NodeId(*next_id);
        *next_id += 1;
        match &mut stmt.kind {
            StmtKind::If { body, orelse, .. }
            | StmtKind::While { body, orelse, .. }
            | StmtKind::For { body, orelse, .. } => {
                renumber(body, next_id);
                renumber(orelse, next_id);
            }
            StmtKind::With { body, .. } => renumber(body, next_id),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                renumber(body, next_id);
                for handler in handlers {
                    handler.id = NodeId(*next_id);
                    *next_id += 1;
                    renumber(&mut handler.body, next_id);
                }
                renumber(orelse, next_id);
                renumber(finalbody, next_id);
            }
            StmtKind::Match { cases, .. } => {
                cases
                    .iter_mut()
                    .for_each(|c| renumber(&mut c.body, next_id));
            }
            _ => {}
        }
    }
}

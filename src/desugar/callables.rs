//! What Python makes of functions: decorators, `partial`, objects that are kept with a
//! function, arguments in any number.
//!
//! Enters: the module. Leaves: the same module, where `half = partial(scale, 0.5)` is a
//! function, a decorated function stands inside its decorator's wrapper, a default that is
//! one object for all calls and an attribute of a function are variables of the module, and
//! `*args` is a list. What cannot be rewritten stays, and is refused later. This module must
//! not know types.

use super::closures::{Names, function_of_lambda, statement};
use super::inherit::name_at;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Module, NodeId, ParamKind, Stmt, StmtKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the functions of the module.
pub(super) fn callables(module: &mut Module, next_id: &mut u32) {
    let imports = imports(module);
    let mut bound: BTreeMap<String, usize> = BTreeMap::new();
    for stmt in &module.body.stmts {
        for name in top_bound(stmt) {
            *bound.entry(name).or_default() += 1;
        }
    }
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
    any_number(module, &functions, next_id);
    spread(module);
}

/// `from functools import partial as p`: `p` to `functools.partial`; `import functools`.
fn imports(module: &Module) -> BTreeMap<String, String> {
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
fn full_name(e: &Expr, imports: &BTreeMap<String, String>) -> String {
    match &e.kind {
        ExprKind::Name(name) => imports.get(name).cloned().unwrap_or_else(|| name.clone()),
        ExprKind::Attribute { value, attr } => {
            format!("{}.{}", full_name(value, imports), attr.name)
        }
        _ => String::new(),
    }
}

fn top_bound(stmt: &Stmt) -> Vec<String> {
    let mut names = Names::default();
    ast::visit::Visitor::visit_stmt(&mut names, stmt);
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
    let id = NodeId(*next_id);
    *next_id += 1;
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

/// Caches are dropped where they cannot be seen; a decorator of the file is written out.
fn decorators(
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

/// Mutable defaults and attributes of functions, as variables of the module.
fn kept_objects(module: &mut Module, functions: &BTreeMap<String, Function>, next_id: &mut u32) {
    let mut taken: BTreeSet<String> = module.body.stmts.iter().flat_map(top_bound).collect();
    let mut out: Vec<Stmt> = Vec::new();
    let calls = calls_of(&module.body, functions);
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        if let StmtKind::Function(function) = &mut stmt.kind
            && functions.contains_key(&function.name.name)
        {
            let name = function.name.name.clone();
            let bound = Names::of(function).bound;
            let mut kept = Vec::new();
            for (i, param) in function.params.list.iter().enumerate() {
                let object = matches!(
                    param.default.as_ref().map(|d| &d.kind),
                    Some(ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_))
                );
                let given = calls.get(&name).is_none_or(|calls| {
                    calls
                        .iter()
                        .any(|(args, keywords)| *args > i || keywords.contains(&param.name.name))
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

/// Every call of each function: how many arguments by place, and which by name. A function
/// that is used in another way has no entry.
fn calls_of(
    block: &Block,
    functions: &BTreeMap<String, Function>,
) -> BTreeMap<String, Vec<(usize, BTreeSet<String>)>> {
    struct Calls {
        found: BTreeMap<String, Vec<(usize, BTreeSet<String>)>>,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Calls {
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } if matches!(func.kind, ExprKind::Name(_)) => {
                    let ExprKind::Name(name) = &func.kind else {
                        return;
                    };
                    let open = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
                        || keywords.iter().any(|k| k.name.is_none());
                    if open {
                        self.found.remove(name);
                    } else if let Some(calls) = self.found.get_mut(name) {
                        let names = keywords
                            .iter()
                            .filter_map(|k| Some(k.name.as_ref()?.name.clone()));
                        calls.push((args.len(), names.collect()));
                    }
                    for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
                        self.visit_expr(arg);
                    }
                }
                ExprKind::Attribute { value, .. } if matches!(value.kind, ExprKind::Name(_)) => {}
                ExprKind::Name(name) => {
                    self.found.remove(name);
                }
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let mut calls = Calls {
        found: functions.keys().map(|n| (n.clone(), Vec::new())).collect(),
    };
    ast::visit::Visitor::visit_block(&mut calls, block);
    calls.found
}

/// `*args` as a list, made by each call.
fn any_number(module: &mut Module, functions: &BTreeMap<String, Function>, next_id: &mut u32) {
    // Only functions all of whose uses are calls.
    let calls = calls_of(&module.body, functions);
    let mut packed: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for stmt in &mut module.body.stmts {
        let StmtKind::Function(function) = &mut stmt.kind else {
            continue;
        };
        let name = function.name.name.clone();
        let place = function
            .params
            .list
            .iter()
            .position(|p| p.kind == ParamKind::VarArgs);
        let kwargs = function
            .params
            .list
            .iter()
            .any(|p| p.kind == ParamKind::KwArgs);
        if let (Some(place), true, false) = (place, calls.contains_key(&name), kwargs)
            && let Some(param) = function.params.list.get_mut(place)
        {
            param.kind = ParamKind::KeywordOnly;
            packed.insert(name, (place, param.name.name.clone()));
        }
    }
    if packed.is_empty() {
        return;
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let span = e.span;
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        let ExprKind::Name(name) = &func.kind else {
            return;
        };
        let Some((place, param)) = packed.get(name) else {
            return;
        };
        let rest = args.split_off((*place).min(args.len()));
        let at = rest.first().map_or(span, |first| first.span);
        let id = NodeId(*next_id);
        *next_id += 1;
        keywords.insert(
            0,
            ast::Keyword {
                name: Some(Ident {
                    span: at,
                    name: param.clone(),
                }),
                value: Expr {
                    id,
                    span: at,
                    kind: ExprKind::List(rest),
                },
            },
        );
    });
}

/// `f(a, b)` for `f(*(a, b))`.
fn spread(module: &mut Module) {
    ast::rewrite::block(&mut module.body, &mut |e| {
        if let ExprKind::Call { args, .. } = &mut e.kind {
            let starred = |a: &Expr| matches!(&a.kind, ExprKind::Starred(inner) if matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_)));
            if !args.iter().any(starred) {
                return;
            }
            let mut out = Vec::new();
            for arg in std::mem::take(args) {
                match arg.kind {
                    ExprKind::Starred(inner)
                        if matches!(inner.kind, ExprKind::Tuple(_) | ExprKind::List(_)) =>
                    {
                        if let ExprKind::Tuple(items) | ExprKind::List(items) = inner.kind {
                            out.extend(items);
                        }
                    }
                    _ => out.push(arg),
                }
            }
            *args = out;
        }
    });
}

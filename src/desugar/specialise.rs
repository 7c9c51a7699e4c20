//! Functions that are called with functions: a copy for each function that is given.
//!
//! Enters: the module. Leaves: the same module, where `rk4(motor, x, dt)` is
//! `rk4_motor(x, dt)`, whose body calls `motor` where `rk4` called its parameter. What is
//! given may be a function of the module, a method of `self`, a nested function or a lambda;
//! the copy stands where it can see what it calls. What is given in another way stays. This
//! module must not know types.

use super::closures::statement;
use super::copies;
use super::inherit::name_at;
use super::names::Names;
use crate::ast::{self, Block, Expr, ExprKind, Function, Ident, Module, ParamKind, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// More copies of one function than that are not made.
const MOST_COPIES: usize = 3;

/// The builtins that may be given.
const CALLED: [&str; 7] = ["abs", "float", "int", "len", "max", "min", "sum"];

/// Rewrites the module.
pub(super) fn specialise(module: &mut Module, next_id: &mut u32) {
    let functions = functions(module);
    let takers = takers(&functions);
    if takers.is_empty() {
        return;
    }
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Class(class) = &stmt.kind {
            let mut own = method_names(class);
            for base in &class.bases {
                if let ExprKind::Name(base) = &base.kind {
                    own.extend(methods.get(base).into_iter().flatten().cloned());
                }
            }
            methods.insert(class.name.name.clone(), own);
        }
    }
    let mut work = Work {
        functions: &functions,
        takers: &takers,
        taken: functions.keys().cloned().collect(),
        module: super::callables::module_bound(module),
        copies: BTreeMap::new(),
        made: BTreeMap::new(),
        next_id,
    };
    for stmt in &mut module.body.stmts {
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                work.within(function, None);
            }
            StmtKind::Class(class) => {
                let own = methods.get(&class.name.name).cloned().unwrap_or_default();
                let mut added = Vec::new();
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        let this = method.params.list.first().map(|p| p.name.name.clone());
                        let this = this.filter(|_| method.decorators.is_empty());
                        let seen = this.map(|this| (this, own.clone()));
                        added.extend(work.within(method, seen));
                    }
                }
                for function in added {
                    let known = |s: &Stmt| matches!(&s.kind, StmtKind::Function(f) if f.name.name == function.name.name);
                    if !class.body.stmts.iter().any(known) {
                        let span = function.name.span;
                        let kind = StmtKind::Function(function);
                        class.body.stmts.push(statement(kind, span, work.next_id));
                    }
                }
            }
            _ => work.statement(stmt, &BTreeSet::new(), None, &mut Vec::new()),
        }
    }
    // A copy may itself give a function on.
    let mut done: BTreeSet<String> = BTreeSet::new();
    while let Some(name) = work.copies.keys().find(|n| !done.contains(*n)).cloned() {
        done.insert(name.clone());
        if let Some((after, mut function)) = work.copies.remove(&name) {
            work.within(&mut function, None);
            work.copies.insert(name, (after, function));
        }
    }
    let copies = std::mem::take(&mut work.copies);
    let mut out = Vec::new();
    for stmt in std::mem::take(&mut module.body.stmts) {
        let own: Vec<Stmt> = match &stmt.kind {
            StmtKind::Function(function) => copies
                .values()
                .filter(|(of, _)| *of == function.name.name)
                .map(|(_, copy)| Stmt {
                    kind: StmtKind::Function(copy.clone()),
                    ..stmt.clone()
                })
                .collect(),
            _ => Vec::new(),
        };
        out.push(stmt);
        out.extend(own);
    }
    module.body.stmts = out;
    drop_unused(module, &takers);
}

/// The plain functions of the module that are defined once.
fn functions(module: &Module) -> BTreeMap<String, Function> {
    let mut bound: BTreeMap<String, usize> = BTreeMap::new();
    for stmt in &module.body.stmts {
        for name in super::callables::top_bound(stmt) {
            *bound.entry(name).or_default() += 1;
        }
    }
    let mut out = BTreeMap::new();
    for stmt in &module.body.stmts {
        if let StmtKind::Function(f) = &stmt.kind
            && bound.get(&f.name.name) == Some(&1)
            && f.decorators.is_empty()
            && !f.is_async
        {
            out.insert(f.name.name.clone(), f.clone());
        }
    }
    out
}

fn method_names(class: &ast::Class) -> BTreeSet<String> {
    let stmts = class.body.stmts.iter();
    stmts
        .filter_map(|s| match &s.kind {
            StmtKind::Function(f) if f.decorators.is_empty() => Some(f.name.name.clone()),
            _ => None,
        })
        .collect()
}

/// For each function the parameters that it only calls, or gives on to be called.
fn takers(functions: &BTreeMap<String, Function>) -> BTreeMap<String, BTreeSet<usize>> {
    let mut out: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    loop {
        let before: usize = out.values().map(BTreeSet::len).sum();
        for (name, function) in functions {
            let fits = function.params.list.iter().all(|p| {
                matches!(
                    p.kind,
                    ParamKind::Normal | ParamKind::PositionalOnly | ParamKind::KeywordOnly
                )
            });
            let names = Names::of(function);
            if !fits || names.refuses {
                continue;
            }
            for (i, param) in function.params.list.iter().enumerate() {
                let mut uses = Uses {
                    name: &param.name.name,
                    functions,
                    takers: &out,
                    called: 0,
                    others: 0,
                };
                ast::visit::Visitor::visit_block(&mut uses, &function.body);
                let once = names.bound.get(&param.name.name) == Some(&1);
                let fits = param
                    .default
                    .as_ref()
                    .is_none_or(|d| default(d, functions).is_some());
                if once && uses.called > 0 && uses.others == 0 && fits {
                    out.entry(name.clone()).or_default().insert(i);
                }
            }
        }
        if out.values().map(BTreeSet::len).sum::<usize>() == before {
            return out;
        }
    }
}

/// The function of the module that a default is.
fn default<'d>(default: &'d Expr, functions: &BTreeMap<String, Function>) -> Option<&'d String> {
    match &default.kind {
        ExprKind::Name(name) if functions.contains_key(name) => Some(name),
        _ => None,
    }
}

struct Uses<'n> {
    name: &'n str,
    functions: &'n BTreeMap<String, Function>,
    takers: &'n BTreeMap<String, BTreeSet<usize>>,
    called: usize,
    others: usize,
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        let is_own = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == self.name);
        match &e.kind {
            ExprKind::Name(n) if n == self.name => self.others += 1,
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let mut skipped = Vec::new();
                if is_own(func) {
                    self.called += 1;
                } else if let ExprKind::Name(callee) = &func.kind
                    && let Some(places) = self.takers.get(callee)
                {
                    for (i, arg) in args.iter().enumerate() {
                        if places.contains(&i) && is_own(arg) {
                            self.called += 1;
                            skipped.push(arg.id);
                        }
                    }
                    let params = self.functions.get(callee).map(|f| &f.params.list);
                    let called = |name: &str| {
                        let mut params = params.into_iter().flatten();
                        let at = params.position(|p| p.name.name == name);
                        at.is_some_and(|at| places.contains(&at))
                    };
                    for keyword in keywords {
                        if is_own(&keyword.value)
                            && keyword.name.as_ref().is_some_and(|n| called(&n.name))
                        {
                            self.called += 1;
                            skipped.push(keyword.value.id);
                        }
                    }
                } else {
                    self.visit_expr(func);
                }
                for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
                    if !skipped.contains(&arg.id) {
                        self.visit_expr(arg);
                    }
                }
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

/// What is given for a parameter that is called.
#[derive(Debug, Clone)]
enum Given {
    /// A function of the module.
    Top(String),
    /// A method of the instance.
    Own(String),
    /// A function within the function that calls.
    Nested(String),
    /// A function of a library.
    Library(Box<Expr>, String),
    /// A lambda.
    Lambda(Box<(ast::Params, Expr)>),
}

struct Work<'w> {
    functions: &'w BTreeMap<String, Function>,
    takers: &'w BTreeMap<String, BTreeSet<usize>>,
    taken: BTreeSet<String>,
    /// What the module binds.
    module: BTreeSet<String>,
    /// The copies of the module: which function each is a copy of.
    copies: BTreeMap<String, (String, Function)>,
    /// Which copy there is for which functions given.
    made: BTreeMap<(String, Vec<String>), String>,
    next_id: &'w mut u32,
}

/// What is known in the function around a call.
struct Site<'s> {
    /// Every name that the function, or one within it, binds.
    bound: &'s BTreeSet<String>,
    /// Those that only comprehensions, lambdas and functions within it bind.
    inner: BTreeSet<String>,
    /// The functions nested in it.
    nested: BTreeSet<String>,
    /// The name of the instance, and its methods.
    this: Option<&'s (String, BTreeSet<String>)>,
}

impl Work<'_> {
    /// Rewrites the calls in a function; gives the methods that its class needs.
    fn within(
        &mut self,
        function: &mut Function,
        this: Option<(String, BTreeSet<String>)>,
    ) -> Vec<Function> {
        let mut bound = BTreeSet::new();
        for param in &function.params.list {
            bound.insert(param.name.name.clone());
        }
        deep_bound(&function.body, &mut bound);
        let own = Names::of(function);
        let inner: BTreeSet<String> = bound.iter().filter(|n| !own.binds(n)).cloned().collect();
        let mut methods = Vec::new();
        let mut out = Vec::new();
        let nested: BTreeSet<String> = function
            .body
            .stmts
            .iter()
            .filter_map(|s| match &s.kind {
                StmtKind::Function(f) if f.decorators.is_empty() => Some(f.name.name.clone()),
                _ => None,
            })
            .collect();
        for mut stmt in std::mem::take(&mut function.body.stmts) {
            let mut before = Vec::new();
            let site = Site {
                bound: &bound,
                inner: inner.clone(),
                nested: nested.clone(),
                this: this.as_ref(),
            };
            self.calls(&mut stmt, &site, &mut before, &mut methods);
            let before = self.given_on(before, &site, &mut methods);
            for nested in before {
                let span = stmt.span;
                bound.insert(nested.name.name.clone());
                out.push(statement(StmtKind::Function(nested), span, self.next_id));
            }
            out.push(stmt);
        }
        function.body.stmts = out;
        methods
    }

    /// Rewrites the calls in the functions that were put before a statement: a copy may
    /// give a function on.
    fn given_on(
        &mut self,
        functions: Vec<Function>,
        site: &Site<'_>,
        methods: &mut Vec<Function>,
    ) -> Vec<Function> {
        let mut site = Site {
            bound: site.bound,
            inner: site.inner.clone(),
            nested: site.nested.clone(),
            this: site.this,
        };
        site.nested
            .extend(functions.iter().map(|f| f.name.name.clone()));
        let mut out = Vec::new();
        for mut function in functions {
            let mut before = Vec::new();
            for stmt in &mut function.body.stmts {
                self.calls(stmt, &site, &mut before, methods);
            }
            if !before.is_empty() {
                out.extend(self.given_on(before, &site, methods));
            }
            out.push(function);
        }
        out
    }

    /// Rewrites the calls in a statement of the module.
    fn statement(
        &mut self,
        stmt: &mut Stmt,
        bound: &BTreeSet<String>,
        this: Option<&(String, BTreeSet<String>)>,
        methods: &mut Vec<Function>,
    ) {
        let site = Site {
            bound,
            inner: BTreeSet::new(),
            nested: BTreeSet::new(),
            this,
        };
        let mut before = Vec::new();
        self.calls(stmt, &site, &mut before, methods);
    }

    fn calls(
        &mut self,
        stmt: &mut Stmt,
        site: &Site<'_>,
        before: &mut Vec<Function>,
        methods: &mut Vec<Function>,
    ) {
        ast::rewrite::stmt(stmt, &mut |e| self.call(e, site, before, methods));
    }

    fn call(
        &mut self,
        e: &mut Expr,
        site: &Site<'_>,
        before: &mut Vec<Function>,
        methods: &mut Vec<Function>,
    ) {
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
        let (Some(places), Some(of)) = (self.takers.get(name), self.functions.get(name)) else {
            return;
        };
        let open = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
            || keywords.iter().any(|k| k.name.is_none());
        if site.bound.contains(name) || open {
            return;
        }
        let mut given: Vec<(usize, Given)> = Vec::new();
        for place in places {
            let Some(param) = of.params.list.get(*place) else {
                return;
            };
            let by_name = keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == param.name.name));
            let arg = args
                .get(*place)
                .filter(|_| param.kind != ParamKind::KeywordOnly);
            let what = match (arg.or(by_name.map(|k| &k.value)), &param.default) {
                (Some(arg), _) => self.given(arg, site),
                // It stands for the module's, whatever the caller calls so.
                (None, Some(own)) => default(own, self.functions)
                    .filter(|name| !site.bound.contains(*name))
                    .map(|name| Given::Top(name.clone())),
                (None, None) => None,
            };
            let Some(what) = what else {
                return;
            };
            given.push((*place, what));
        }
        let Some(callee) = self.copy_for(of, &given, site, before, methods) else {
            return;
        };
        let names: Vec<String> = places
            .iter()
            .filter_map(|i| Some(of.params.list.get(*i)?.name.name.clone()))
            .collect();
        let mut place = 0;
        args.retain(|_| {
            place += 1;
            !places.contains(&(place - 1))
        });
        keywords.retain(|k| k.name.as_ref().is_none_or(|n| !names.contains(&n.name)));
        match (callee, site.this) {
            ((name, true), Some((this, _))) => {
                let this = name_at(func.span, this, self.next_id);
                func.kind = ExprKind::Attribute {
                    value: Box::new(this),
                    attr: Ident {
                        span: func.span,
                        name,
                    },
                };
            }
            ((name, _), _) => func.kind = ExprKind::Name(name),
        }
    }

    /// What an argument is, if that is known.
    fn given(&self, arg: &Expr, site: &Site<'_>) -> Option<Given> {
        match &arg.kind {
            ExprKind::Name(name) if site.nested.contains(name) => Some(Given::Nested(name.clone())),
            ExprKind::Name(name) if site.bound.contains(name) => None,
            ExprKind::Name(name)
                if CALLED.contains(&name.as_str()) && !self.module.contains(name) =>
            {
                Some(Given::Library(Box::new(arg.clone()), name.clone()))
            }
            ExprKind::Attribute { value, attr } if matches!(&value.kind, ExprKind::Name(n) if n == "math" && !site.bound.contains(n)) => {
                Some(Given::Library(Box::new(arg.clone()), attr.name.clone()))
            }
            ExprKind::Name(name) => {
                let known = self.functions.contains_key(name) || self.copies.contains_key(name);
                known.then(|| Given::Top(name.clone()))
            }
            ExprKind::Attribute { value, attr } => {
                let (this, methods) = site.this?;
                let own = matches!(&value.kind, ExprKind::Name(n) if n == this);
                (own && methods.contains(&attr.name)).then(|| Given::Own(attr.name.clone()))
            }
            ExprKind::Lambda { params, body } => {
                // What a comprehension around it binds is no variable of the function.
                let mut names = Names::default();
                names.expr(body);
                let plain = params
                    .list
                    .iter()
                    .all(|p| p.kind == ParamKind::Normal && p.default.is_none());
                let inside = names.read.iter().all(|n| {
                    params.list.iter().any(|p| p.name.name == *n) || !site.inner.contains(n)
                });
                (plain && inside && !names.refuses)
                    .then(|| Given::Lambda(Box::new(((**params).clone(), (**body).clone()))))
            }
            _ => None,
        }
    }

    /// The name of the copy for what is given, and whether it is a method.
    fn copy_for(
        &mut self,
        of: &Function,
        given: &[(usize, Given)],
        site: &Site<'_>,
        before: &mut Vec<Function>,
        methods: &mut Vec<Function>,
    ) -> Option<(String, bool)> {
        let name = &of.name.name;
        let inner = Names::of(of);
        let all_top = given
            .iter()
            .all(|(_, g)| matches!(g, Given::Top(_) | Given::Library(..)));
        let any_nested = given
            .iter()
            .any(|(_, g)| matches!(g, Given::Nested(_) | Given::Lambda(_)));
        // A name of the module must not meet a variable of the caller.
        let meets = |n: &String| !inner.binds(n) && site.bound.contains(n);
        if any_nested && inner.read.iter().any(meets) {
            return None;
        }
        let mut targets: BTreeMap<String, ExprKind> = BTreeMap::new();
        let mut suffix = Vec::new();
        for (place, what) in given {
            let param = of.params.list.get(*place)?;
            let own = param.name.name.clone();
            let (kind, word) = match what {
                Given::Top(name) | Given::Nested(name) => {
                    (ExprKind::Name(name.clone()), name.clone())
                }
                Given::Library(named, word) => (named.kind.clone(), word.clone()),
                Given::Own(method) => {
                    let (this, _) = site.this?;
                    let value = name_at(param.name.span, this, self.next_id);
                    let attr = Ident {
                        span: param.name.span,
                        name: method.clone(),
                    };
                    let value = Box::new(value);
                    (ExprKind::Attribute { value, attr }, method.clone())
                }
                Given::Lambda(lambda) => {
                    let (params, body) = &**lambda;
                    let mut unique = own.clone();
                    while site.bound.contains(&unique)
                        || inner.read.contains(&unique) && unique != own
                        || before.iter().any(|f| f.name.name == unique)
                        || self.functions.contains_key(&unique)
                    {
                        unique.push('_');
                    }
                    let span = body.span;
                    let back = StmtKind::Return(Some(body.clone()));
                    before.push(Function {
                        name: Ident {
                            span,
                            name: unique.clone(),
                        },
                        decorators: Vec::new(),
                        params: params.clone(),
                        returns: None,
                        doc: None,
                        body: Block {
                            stmts: vec![statement(back, span, self.next_id)],
                            trailing: Vec::new(),
                        },
                        is_async: false,
                    });
                    (ExprKind::Name(unique.clone()), unique)
                }
            };
            let root = match &kind {
                ExprKind::Name(name) => name.clone(),
                _ if matches!(what, Given::Library(..)) => "math".to_string(),
                _ => site.this.map(|(this, _)| this.clone())?,
            };
            if root != own && inner.binds(&root) {
                return None;
            }
            suffix.push(word.trim_matches('_').to_string());
            targets.insert(own, kind);
        }
        let key = (name.clone(), suffix.clone());
        if all_top {
            if let Some(found) = self.made.get(&key) {
                return Some((found.clone(), false));
            }
            let copies = self.copies.values().filter(|(of, _)| of == name).count();
            if copies >= MOST_COPIES {
                return None;
            }
        }
        let mut wanted = format!("{}_{}", name.trim_matches('_'), suffix.join("_"));
        let is_method = !all_top && !any_nested;
        if !is_method {
            while self.taken.contains(&wanted)
                || site.bound.contains(&wanted)
                || before.iter().any(|f| f.name.name == wanted)
            {
                wanted.push('_');
            }
        }
        let mut copy = of.clone();
        copy.name.name.clone_from(&wanted);
        let mut place = 0;
        copy.params.list.retain(|_| {
            place += 1;
            !given.iter().any(|(i, _)| *i == place - 1)
        });
        ast::rewrite::block(&mut copy.body, &mut |e| {
            if let ExprKind::Name(n) = &e.kind
                && let Some(kind) = targets.get(n)
            {
                e.kind = kind.clone();
            }
        });
        if is_method {
            let (this, _) = site.this?;
            let mut param = of.params.list.first()?.clone();
            param.name.name.clone_from(this);
            param.annotation = None;
            copy.params.list.insert(0, param);
        }
        copies::function(&mut copy, self.next_id);
        if all_top {
            self.taken.insert(wanted.clone());
            self.made.insert(key, wanted.clone());
            self.copies.insert(wanted.clone(), (name.clone(), copy));
        } else if is_method {
            methods.push(copy);
        } else {
            before.push(copy);
        }
        Some((wanted, is_method))
    }
}

/// The names that a block binds, within functions and comprehensions too.
fn deep_bound(block: &Block, out: &mut BTreeSet<String>) {
    struct Deep<'o>(&'o mut BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Deep<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let mut names = Names::default();
            names.stmt(stmt);
            self.0.extend(names.bound.into_keys());
            ast::visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Comprehension { clauses, .. } = &e.kind {
                let mut names = Names::default();
                clauses.iter().for_each(|c| names.target(&c.target));
                self.0.extend(names.bound.into_keys());
            }
            ast::visit::walk_expr(self, e);
        }
        fn visit_param(&mut self, param: &'ast ast::Param) {
            self.0.insert(param.name.name.clone());
            ast::visit::walk_param(self, param);
        }
    }
    ast::visit::Visitor::visit_block(&mut Deep(out), block);
}

/// Drops the functions for all of whose uses there is a copy.
fn drop_unused(module: &mut Module, takers: &BTreeMap<String, BTreeSet<usize>>) {
    loop {
        let mut names = Names::default();
        for stmt in &module.body.stmts {
            names.stmt(stmt);
            if let StmtKind::Class(class) = &stmt.kind {
                class.body.stmts.iter().for_each(|s| names.stmt(s));
            }
        }
        let before = module.body.stmts.len();
        module.body.stmts.retain(|s| match &s.kind {
            StmtKind::Function(f) => {
                !takers.contains_key(&f.name.name) || names.read.contains(&f.name.name)
            }
            _ => true,
        });
        if module.body.stmts.len() == before {
            return;
        }
    }
}

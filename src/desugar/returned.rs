//! Functions that change a parameter and give it back.
//!
//! Enters: the module. Leaves: the same module, where a function that changes a parameter
//! and always ends in `return x` of it gives nothing, and where `x = step(x, dt)` is
//! `step(x, dt)`, `y = step(x, dt)` that and `y = x`, `return step([0.0, 0.0], dt)` a name
//! for the list, the call and `return` of the name. A function that is used in another way
//! stays as it is. This module must not know types.

use super::build::Build;
use super::callables::{module_bound, top_bound};
use super::fluent::{Returns, gives_nothing, gives_on_all_paths};
use super::names::{Names, free};
use super::statements::rewritten;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, Function, Module, ParamKind, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites the functions of the module and their calls.
pub fn returned(module: &mut Module) {
    let mut given = given(module);
    loop {
        let mut uses = Uses {
            given: &given,
            local: BTreeSet::new(),
            refused: BTreeSet::new(),
        };
        uses.visit_block(&module.body);
        let refused = uses.refused;
        if refused.is_empty() {
            break;
        }
        given.retain(|name, _| !refused.contains(name));
    }
    if given.is_empty() {
        return;
    }
    for stmt in &mut module.body.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind
            && given.contains_key(&function.name.name)
        {
            gives_nothing(function);
        }
    }
    let mut next_id = module.node_count;
    let mut taken = module_bound(module);
    let mut calls = Calls {
        given: &given,
        next_id: &mut next_id,
    };
    rewritten(&mut module.body, &mut taken, &mut |stmt, out, taken| {
        calls.stmt(stmt, out, taken)
    });
    module.node_count = next_id;
}

/// A function that gives back a parameter.
struct Given {
    /// Which one.
    at: usize,
    name: String,
    /// What a call may bind: attributes of any object, variables of the module.
    rebinds: BTreeSet<String>,
}

fn given(module: &Module) -> BTreeMap<String, Given> {
    let mut all = Functions::default();
    all.visit_block(&module.body);
    let mut at_top: BTreeMap<String, usize> = BTreeMap::new();
    for name in module.body.stmts.iter().flat_map(top_bound) {
        *at_top.entry(name).or_default() += 1;
    }
    let mut out = BTreeMap::new();
    for stmt in &module.body.stmts {
        let StmtKind::Function(function) = &stmt.kind else {
            continue;
        };
        let name = &function.name.name;
        let alone = at_top.get(name) == Some(&1) && !all.bound.contains(name);
        let Some((at, param)) = changed_param(function).filter(|_| alone) else {
            continue;
        };
        let mut rebinds = all.decorated.clone();
        effects(function, &all.named, &mut BTreeSet::new(), &mut rebinds);
        let given = Given {
            at,
            name: param,
            rebinds,
        };
        out.insert(name.clone(), given);
    }
    out
}

/// All functions of a module.
#[derive(Default)]
struct Functions<'m> {
    named: BTreeMap<&'m str, Vec<&'m Function>>,
    /// Such as properties: what reads like an attribute may make a new object.
    decorated: BTreeSet<String>,
    /// The names that functions bind.
    bound: BTreeSet<String>,
}

impl<'ast> Visitor<'ast> for Functions<'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Function(function) = &stmt.kind {
            let name = &function.name.name;
            self.named.entry(name).or_default().push(function);
            if !function.decorators.is_empty() {
                self.decorated.insert(name.clone());
            }
            self.bound.extend(Names::of(function).bound.into_keys());
        }
        visit::walk_stmt(self, stmt);
    }
}

/// The parameter that a function changes and gives back wherever it ends.
fn changed_param(function: &Function) -> Option<(usize, String)> {
    if !function.decorators.is_empty() || function.is_async || !gives_on_all_paths(&function.body) {
        return None;
    }
    let mut returns = Returns::default();
    returns.visit_block(&function.body);
    if returns.nested {
        return None;
    }
    let mut names = returns.values.iter().map(|value| match value {
        Some(Expr {
            kind: ExprKind::Name(name),
            ..
        }) => Some(name),
        _ => None,
    });
    let name = names.next()??;
    if !names.all(|other| other == Some(name)) {
        return None;
    }
    let params = &function.params.list;
    let plain = |p: &ast::Param| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly);
    let at = params.iter().position(|p| p.name.name == *name)?;
    let own = params.get(at)?;
    let bound = Names::of(function);
    if !plain(own) || own.default.is_some() || bound.refuses || bound.bound.get(name) != Some(&1) {
        return None;
    }
    let mut changes = Changes { name, found: false };
    changes.visit_block(&function.body);
    changes.found.then(|| (at, name.clone()))
}

/// Whether an object is changed through a name.
struct Changes<'n> {
    name: &'n str,
    found: bool,
}

impl Changes<'_> {
    fn within(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                matches!(&value.kind, ExprKind::Name(n) if n == self.name) || self.within(value)
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|i| self.within(i)),
            _ => false,
        }
    }
}

impl<'ast> Visitor<'ast> for Changes<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.found |= match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().any(|t| self.within(t))
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                self.within(target)
            }
            // `x.append(1)`
            StmtKind::Expr(Expr {
                kind: ExprKind::Call { func, .. },
                ..
            }) => self.within(func),
            _ => false,
        };
        visit::walk_stmt(self, stmt);
    }
}

/// What a call of a function may bind, itself or through what it calls.
fn effects<'m>(
    function: &'m Function,
    functions: &BTreeMap<&'m str, Vec<&'m Function>>,
    seen: &mut BTreeSet<&'m str>,
    out: &mut BTreeSet<String>,
) {
    #[derive(Default)]
    struct Effects<'e> {
        called: Vec<&'e str>,
        bound: BTreeSet<String>,
    }
    impl<'ast> Visitor<'ast> for Effects<'ast> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            let targets = match &stmt.kind {
                StmtKind::Global(names) => {
                    self.bound.extend(names.iter().cloned());
                    &[]
                }
                StmtKind::Assign { targets, .. } => targets.as_slice(),
                StmtKind::AugAssign { target, .. }
                | StmtKind::AnnAssign { target, .. }
                | StmtKind::For { target, .. } => std::slice::from_ref(target),
                _ => &[],
            };
            let mut left: Vec<&Expr> = targets.iter().collect();
            while let Some(target) = left.pop() {
                match &target.kind {
                    ExprKind::Attribute { attr, .. } => {
                        self.bound.insert(attr.name.clone());
                    }
                    ExprKind::Tuple(items) | ExprKind::List(items) => left.extend(items),
                    ExprKind::Starred(inner) => left.push(inner),
                    _ => {}
                }
            }
            visit::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, e: &'ast Expr) {
            match &e.kind {
                ExprKind::Name(name) => self.called.push(name),
                ExprKind::Attribute { attr, .. } => self.called.push(&attr.name),
                _ => {}
            }
            visit::walk_expr(self, e);
        }
    }
    if !seen.insert(&function.name.name) {
        return;
    }
    let mut effects_of = Effects::default();
    effects_of.visit_block(&function.body);
    out.append(&mut effects_of.bound);
    for name in effects_of.called {
        for function in functions.get(name).into_iter().flatten() {
            effects(function, functions, seen, out);
        }
    }
}

/// A call of one of the functions: what it is given for the parameter.
fn call_of<'c>(e: &'c Expr, given: &BTreeMap<String, Given>) -> Option<(&'c Expr, usize)> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let ExprKind::Name(name) = &func.kind else {
        return None;
    };
    let given = given.get(name)?;
    let plain = |arg: &Expr| !matches!(arg.kind, ExprKind::Starred(_));
    let named = keywords.iter().all(|k| k.name.is_some());
    if !args.iter().all(plain) || !named {
        return None;
    }
    args.get(given.at).map(|arg| (arg, given.at))
}

/// Finds the functions one of whose uses cannot be rewritten.
struct Uses<'g> {
    given: &'g BTreeMap<String, Given>,
    /// The names of the function around.
    local: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Uses<'_> {
    /// A call in a place where statements can stand before it; false where it stays what
    /// it is.
    fn call(&mut self, e: &Expr) -> bool {
        let Some((arg, at)) = call_of(e, self.given) else {
            return false;
        };
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
        else {
            return false;
        };
        let rest = args.iter().enumerate().filter(|(i, _)| *i != at);
        rest.for_each(|(_, arg)| self.visit_expr(arg));
        keywords.iter().for_each(|k| self.visit_expr(&k.value));
        let stays = match &func.kind {
            ExprKind::Name(name) => self.given.get(name).is_some_and(|g| self.stays(arg, g)),
            _ => false,
        };
        if self.call(arg) {
            // The first of several calls.
            return at == 0;
        }
        self.visit_expr(arg);
        // What has no name is made before the other arguments.
        stays || (at == 0 && !arg.is_path())
    }

    /// Whether a name or attribute still names its object after the call.
    fn stays(&self, arg: &Expr, given: &Given) -> bool {
        match &arg.kind {
            ExprKind::Name(name) => self.local.contains(name) || !given.rebinds.contains(name),
            ExprKind::Attribute { value, attr } => {
                !given.rebinds.contains(&attr.name) && self.stays(value, given)
            }
            _ => false,
        }
    }
}

impl<'ast> Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let names = Names::of(function);
                let mut globals = BTreeSet::new();
                collect_globals(&function.body, &mut globals);
                let local = names.bound.into_keys().filter(|n| !globals.contains(n));
                let outer = std::mem::replace(&mut self.local, local.collect());
                visit::walk_stmt(self, stmt);
                self.local = outer;
            }
            StmtKind::Expr(value) | StmtKind::Return(Some(value)) if self.call(value) => {}
            StmtKind::Assign { targets, value }
                if targets.len() == 1 && call_of(value, self.given).is_some() =>
            {
                if !self.call(value) {
                    self.visit_expr(value);
                }
                targets.iter().for_each(|t| self.visit_expr(t));
            }
            _ => visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind
            && self.given.contains_key(name)
        {
            self.refused.insert(name.clone());
        }
        visit::walk_expr(self, e);
    }
}

fn collect_globals(block: &Block, out: &mut BTreeSet<String>) {
    struct Globals<'g>(&'g mut BTreeSet<String>);
    impl<'ast> Visitor<'ast> for Globals<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
                self.0.extend(names.iter().cloned());
            }
            visit::walk_stmt(self, stmt);
        }
    }
    Globals(out).visit_block(block);
}

/// Rewrites the calls.
struct Calls<'g, 'n> {
    given: &'g BTreeMap<String, Given>,
    next_id: &'n mut u32,
}

impl Calls<'_, '_> {
    fn stmt(&mut self, mut stmt: Stmt, out: &mut Vec<Stmt>, taken: &mut BTreeSet<String>) {
        let target = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.first().cloned(),
            _ => None,
        };
        let alone = matches!(stmt.kind, StmtKind::Expr(_));
        let value = match &mut stmt.kind {
            StmtKind::Expr(value)
            | StmtKind::Return(Some(value))
            | StmtKind::Assign { value, .. }
                if call_of(value, self.given).is_some() =>
            {
                value
            }
            _ => {
                out.push(stmt);
                return;
            }
        };
        let mut before = Vec::new();
        let result = self.call(value.clone(), target.as_ref(), &mut before, taken);
        let same = target.is_some_and(|target| target.same_path(&result));
        *value = result;
        if alone || same {
            // Nothing is left of the statement but its last call.
            if let Some(last) = before.pop() {
                stmt.kind = last.kind;
            }
        }
        if let Some(first) = before.first_mut() {
            first.blank_before = std::mem::take(&mut stmt.blank_before);
            first.comments = std::mem::take(&mut stmt.comments);
        }
        out.extend(before);
        out.push(stmt);
    }

    /// The statements of a call, and the name of what it gives back.
    fn call(
        &mut self,
        mut call: Expr,
        target: Option<&Expr>,
        before: &mut Vec<Stmt>,
        taken: &mut BTreeSet<String>,
    ) -> Expr {
        let span = call.span;
        let Some((arg, at)) = call_of(&call, self.given).map(|(arg, at)| (arg.clone(), at)) else {
            return call;
        };
        let name = match &call.kind {
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Name(f) => self.given.get(f).map(|g| g.name.clone()),
                _ => None,
            },
            _ => None,
        };
        let held = if call_of(&arg, self.given).is_some() {
            self.call(arg, target, before, taken)
        } else if arg.is_path() {
            arg
        } else {
            // The target gets it at once, unless another argument asks for its old value.
            let free_target = target
                .filter(|t| matches!(&t.kind, ExprKind::Name(n) if !call.names(&|name| name == n)));
            let mut build = Build {
                next_id: self.next_id,
                span,
            };
            let held = match free_target.map(|t| &t.kind) {
                Some(ExprKind::Name(n)) => build.name(n),
                _ => build.name(&free(name.as_deref().unwrap_or("value"), taken)),
            };
            before.push(build.assign(held.clone(), arg));
            held
        };
        let mut given = held.clone();
        super::copies::expr(&mut given, self.next_id);
        if let ExprKind::Call { args, .. } = &mut call.kind
            && let Some(slot) = args.get_mut(at)
        {
            *slot = given;
        }
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        before.push(build.stmt(StmtKind::Expr(call)));
        let mut result = held;
        super::copies::expr(&mut result, self.next_id);
        result
    }
}

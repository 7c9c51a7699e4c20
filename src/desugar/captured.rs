//! Lambdas that are kept, and see variables of the function around them.
//!
//! Enters: the module. Leaves: the same, where `self.limit = lambda x: clamp(lo, hi, x)` is
//! `self.limit = make_limit(lo, hi)`, a function that makes the lambda of what it sees: of
//! variables that keep their value from there on, and of those that a default keeps
//! (`lambda x, k=k: k * x`). What is called at once, or sees what changes, stays. This module
//! must not know types.

use super::build::Build;
use super::callables::module_bound;
use super::inherit::snake;
use super::names::{Names, free};
use super::targets::singular;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Module, ParamKind, Params, Stmt, StmtKind,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The methods that keep what they are given.
const KEEPING: [&str; 5] = ["add", "append", "appendleft", "insert", "setdefault"];

/// Rewrites the module.
pub(super) fn captured(module: &mut Module, next_id: &mut u32) {
    let mut taken = module_bound(module);
    let classes = module.body.stmts.iter().filter_map(|s| match &s.kind {
        StmtKind::Class(class) => Some(class.name.name.clone()),
        _ => None,
    });
    let classes: BTreeSet<String> = classes.collect();
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let mut work = Work {
            classes: &classes,
            taken: &mut taken,
            made: Vec::new(),
            steady: BTreeMap::new(),
            order: Vec::new(),
            locals: BTreeSet::new(),
            hidden: BTreeSet::new(),
            this: None,
            returns: 0,
            next_id,
        };
        match &mut stmt.kind {
            StmtKind::Function(function) => work.function(function, None),
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        let this = method.params.list.first().map(|p| p.name.name.clone());
                        work.function(method, this);
                    }
                }
            }
            _ => work.stmt(&mut stmt),
        }
        out.append(&mut work.made);
        out.push(stmt);
    }
    module.body.stmts = out;
}

struct Work<'w> {
    classes: &'w BTreeSet<String>,
    taken: &'w mut BTreeSet<String>,
    /// The functions that make the lambdas.
    made: Vec<Stmt>,
    /// The variables of the function that are bound once, outside of any loop, and where.
    steady: BTreeMap<String, u32>,
    /// Its parameters in order.
    order: Vec<String>,
    /// All its variables.
    locals: BTreeSet<String>,
    /// What comprehensions and lambdas around the place bind.
    hidden: BTreeSet<String>,
    /// What a method calls its object.
    this: Option<String>,
    /// How many `return`s the function has.
    returns: usize,
    next_id: &'w mut u32,
}

impl Work<'_> {
    fn function(&mut self, function: &mut Function, this: Option<String>) {
        let names = Names::of(function);
        if names.refuses {
            return;
        }
        let mut bound = Bound::default();
        ast::visit::Visitor::visit_block(&mut bound, &function.body);
        self.locals = names.bound.keys().cloned().collect();
        self.steady = BTreeMap::new();
        self.order.clear();
        for param in &function.params.list {
            self.steady.insert(param.name.name.clone(), 0);
            self.order.push(param.name.name.clone());
        }
        for (name, at) in &bound.at {
            self.steady.insert(name.clone(), *at);
        }
        self.steady
            .retain(|name, _| names.bound.get(name) == Some(&1) && !bound.odd.contains(name));
        self.this = this;
        self.returns = bound.returns;
        for stmt in &mut function.body.stmts {
            self.stmt(stmt);
        }
        self.steady.clear();
        self.locals.clear();
        self.this = None;
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        match &mut stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => return,
            StmtKind::Assign { targets, value } => {
                let hint = targets.first().and_then(hint_of);
                let kept =
                    !matches!(targets.as_slice(), [t] if matches!(t.kind, ExprKind::Name(_)));
                self.expr(value, kept, hint.as_deref());
                return;
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                let hint = hint_of(target);
                let kept = !matches!(target.kind, ExprKind::Name(_));
                self.expr(value, kept, hint.as_deref());
                return;
            }
            StmtKind::Return(Some(value)) => {
                let several = self.returns > 1;
                self.expr(value, several, None);
            }
            StmtKind::Expr(value) => self.expr(value, false, None),
            StmtKind::For { iter, .. } => self.expr(iter, false, None),
            StmtKind::If { test, .. } | StmtKind::While { test, .. } => {
                self.expr(test, false, None);
            }
            _ => {}
        }
        for block in ast::branches_mut(stmt) {
            block.stmts.iter_mut().for_each(|s| self.stmt(s));
        }
    }

    /// Rewrites the lambdas in an expression, which is kept or not.
    fn expr(&mut self, e: &mut Expr, kept: bool, hint: Option<&str>) {
        match &mut e.kind {
            ExprKind::Lambda { params, body } => {
                if kept && let Some(kind) = self.factory(params, body, e.span, hint) {
                    e.kind = kind;
                }
            }
            ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => {
                items.iter_mut().for_each(|i| self.expr(i, true, hint));
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    let own = key.as_ref().and_then(|k| match &k.kind {
                        ExprKind::Str(text) if is_word(text) => Some(text.to_lowercase()),
                        _ => None,
                    });
                    self.expr(value, true, own.as_deref().or(hint));
                }
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.expr(test, false, None);
                self.expr(body, kept, hint);
                self.expr(orelse, kept, hint);
            }
            ExprKind::Comprehension { clauses, .. } => {
                let before = self.hidden.clone();
                let mut names = Names::default();
                clauses.iter().for_each(|c| names.target(&c.target));
                self.hidden.extend(names.bound.into_keys());
                ast::rewrite::children(e, &mut |child| self.expr(child, true, hint));
                self.hidden = before;
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                let keeps = match &func.kind {
                    ExprKind::Attribute { attr, .. } => KEEPING.contains(&attr.name.as_str()),
                    ExprKind::Name(name) => self.classes.contains(name),
                    _ => false,
                };
                let own = match &func.kind {
                    ExprKind::Attribute { value, .. } => hint_of(value),
                    _ => None,
                };
                self.expr(func, false, None);
                for arg in args {
                    self.expr(arg, keeps, own.as_deref().or(hint));
                }
                for keyword in keywords {
                    let name = keyword.name.as_ref().map(|n| n.name.clone());
                    self.expr(&mut keyword.value, keeps, name.as_deref().or(hint));
                }
            }
            _ => ast::rewrite::children(e, &mut |child| self.expr(child, false, None)),
        }
    }

    /// The call that makes the lambda.
    fn factory(
        &mut self,
        params: &Params,
        body: &Expr,
        span: Span,
        hint: Option<&str>,
    ) -> Option<ExprKind> {
        let mut names = Names::default();
        names.expr(body);
        if names.refuses || params.list.iter().any(|p| p.kind != ParamKind::Normal) {
            return None;
        }
        // `k=k` keeps what `k` is there.
        let (own, given): (Vec<&ast::Param>, Vec<&ast::Param>) =
            params.list.iter().partition(|p| p.default.is_none());
        let itself = |p: &&ast::Param| matches!(&p.default, Some(d) if matches!(&d.kind, ExprKind::Name(n) if *n == p.name.name));
        if !given.iter().all(itself) {
            return None;
        }
        let mut seen: BTreeSet<String> = given.iter().map(|p| p.name.name.clone()).collect();
        for name in &names.read {
            if params.list.iter().any(|p| p.name.name == *name) {
                continue;
            }
            if self.hidden.contains(name) {
                return None;
            }
            if !self.locals.contains(name) {
                continue;
            }
            let before = self.steady.get(name).is_some_and(|at| *at < span.start);
            if !before || self.this.as_ref() == Some(name) {
                return None;
            }
            seen.insert(name.clone());
        }
        if seen.is_empty() || seen.contains("self") {
            return None;
        }
        // As the function binds them.
        let mut seen: Vec<String> = seen.into_iter().collect();
        seen.sort_by_key(|name| self.order.iter().position(|n| n == name));
        let stem = snake(hint.unwrap_or("function"));
        let stem = stem.trim_matches('_');
        let name = free(&format!("make_{stem}"), self.taken);
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        let list = seen
            .iter()
            .map(|n| build.param(n, ParamKind::Normal, None))
            .collect();
        let lambda = build.expr(ExprKind::Lambda {
            params: Box::new(Params {
                list: own.into_iter().cloned().collect(),
            }),
            body: Box::new(body.clone()),
        });
        let back = build.stmt(StmtKind::Return(Some(lambda)));
        let function = build.function(&name, list, vec![back]);
        self.made.push(function);
        let func = build.name(&name);
        let args = seen.iter().map(|n| build.name(n)).collect();
        Some(build.call(func, args).kind)
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// What a target says of the value.
fn hint_of(target: &Expr) -> Option<String> {
    match &target.kind {
        ExprKind::Name(name) => Some(singular(name)),
        ExprKind::Attribute { attr, .. } => Some(singular(&attr.name)),
        _ => None,
    }
}

/// Where a function binds its variables.
#[derive(Default)]
struct Bound {
    /// Behind which place a plain assignment has bound each.
    at: BTreeMap<String, u32>,
    /// What is bound in a loop, or in another way.
    odd: BTreeSet<String>,
    returns: usize,
    loops: usize,
}

impl<'ast> ast::visit::Visitor<'ast> for Bound {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let mut names = Names::default();
        match &stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => {
                names.binds_by(stmt);
                self.odd.extend(names.bound.into_keys());
                let mut inner = Names::default();
                inner.stmt(stmt);
                self.odd.extend(inner.nonlocals);
                return;
            }
            StmtKind::Return(_) => self.returns += 1,
            StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } if self.loops == 0 => {
                stmt.targets().iter().for_each(|t| names.target(t));
                let end = stmt.span.end;
                self.at.extend(names.bound.into_keys().map(|n| (n, end)));
            }
            StmtKind::For { .. } | StmtKind::While { .. } => {
                names.stmt(stmt);
                self.odd.extend(names.bound.into_keys());
                self.loops += 1;
                ast::visit::walk_stmt(self, stmt);
                self.loops -= 1;
                return;
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|t| {
                let mut names = Names::default();
                names.target(t);
                self.odd.extend(names.bound.into_keys());
            }),
            _ => {}
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        block.stmts.iter().for_each(|s| self.visit_stmt(s));
    }
}

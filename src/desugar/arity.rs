//! `*args` that are handed on or kept, where the calls say how many there are.
//!
//! Enters: the module. Leaves: the same module, where `def tick(self, now, *args)` with
//! `self.fn(*args)` in it takes as many parameters as its callers give: one where each gives
//! one, a function for each number where they differ. What runs through its `*args` stays, and
//! takes a list later. This module must not know types.

use super::arguments::{Given, calls_of, is_common};
use super::build::Build;
use super::copies;
use super::names::{Names, free};
use crate::ast::{
    self, Block, Expr, ExprKind, Function, MethodKind, Module, ParamKind, Stmt, StmtKind, UnaryOp,
};
use num_traits::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// The most numbers of arguments for which a function is copied, and the most arguments.
const MOST_COPIES: usize = 4;
const MOST_ARGUMENTS: usize = 8;

/// Rewrites the functions of the module, and their calls.
pub(super) fn arity(module: &mut Module, next_id: &mut u32) {
    let found = candidates(module);
    if found.is_empty() {
        return;
    }
    let calls = calls_of(&module.body, found.keys());
    let mut taken = super::callables::module_bound(module);
    // What a function is called for each number of arguments.
    let mut names: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    for (key, places) in &found {
        let Some(counts) = calls.get(key).and_then(|calls| counts(calls, *places)) else {
            continue;
        };
        let plain = key.trim_start_matches('.');
        let of = counts.into_iter().enumerate().map(|(i, count)| {
            let name = match i {
                0 => plain.to_string(),
                _ => free(&format!("{plain}_{count}"), &mut taken),
            };
            (count, name)
        });
        names.insert(key.clone(), of.collect());
    }
    ast::rewrite::block(&mut module.body, &mut |e| {
        let ExprKind::Call { func, args, .. } = &mut e.kind else {
            return;
        };
        let (key, name) = match &mut func.kind {
            ExprKind::Name(name) => (name.clone(), name),
            ExprKind::Attribute { attr, .. } => (format!(".{}", attr.name), &mut attr.name),
            _ => return,
        };
        let count = found.get(&key).map(|p| args.len().saturating_sub(*p));
        let to = count.and_then(|count| names.get(&key)?.get(&count));
        if let Some(to) = to {
            name.clone_from(to);
        }
    });
    let of_each = |stmts: &mut Vec<Stmt>, method: bool, next_id: &mut u32| {
        for stmt in std::mem::take(stmts) {
            let key = match &stmt.kind {
                StmtKind::Function(f) if method => format!(".{}", f.name.name),
                StmtKind::Function(f) => f.name.name.clone(),
                _ => String::new(),
            };
            let Some(names) = names.get(&key) else {
                stmts.push(stmt);
                continue;
            };
            let mut first = true;
            for (count, name) in names {
                let mut copy = stmt.clone();
                if !std::mem::take(&mut first) {
                    copies::stmt(&mut copy, next_id);
                }
                if let StmtKind::Function(function) = &mut copy.kind {
                    function.name.name.clone_from(name);
                    fixed(function, *count, next_id);
                }
                stmts.push(copy);
            }
        }
    };
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            of_each(&mut class.body.stmts, true, next_id);
        }
    }
    of_each(&mut module.body.stmts, false, next_id);
}

/// The functions and methods whose `*args` are handed on or kept, and how many arguments by
/// place come before.
fn candidates(module: &Module) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(f) => {
                let again = found.contains_key(&f.name.name);
                let places = places(f, 0).filter(|_| !again && f.decorators.is_empty());
                found.insert(f.name.name.clone(), places);
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    let StmtKind::Function(f) = &inner.kind else {
                        continue;
                    };
                    let name = &f.name.name;
                    let key = format!(".{name}");
                    let plain = matches!(f.method_kind(), Ok(MethodKind::Method))
                        && !name.starts_with("__")
                        && !is_common(name)
                        && !found.contains_key(&key);
                    let places = places(f, 1).filter(|_| plain);
                    found.insert(key, places);
                }
            }
            _ => {}
        }
    }
    found
        .into_iter()
        .filter_map(|(key, places)| Some((key, places?)))
        .collect()
}

/// How many arguments by place come before the `*args` that a function hands on or keeps.
fn places(function: &Function, skip: usize) -> Option<usize> {
    let params = &function.params.list;
    let at = params.iter().position(|p| p.kind == ParamKind::VarArgs)?;
    if params.iter().any(|p| p.kind == ParamKind::KwArgs) {
        return None;
    }
    let name = &params.get(at)?.name.name;
    let mut uses = Uses {
        name,
        handed_on: false,
        others: Names::of(function).bound.get(name) != Some(&1),
    };
    ast::visit::Visitor::visit_block(&mut uses, &function.body);
    (uses.handed_on && !uses.others).then(|| at.saturating_sub(skip))
}

/// What a function does with its `*args`.
struct Uses<'n> {
    name: &'n str,
    handed_on: bool,
    others: bool,
}

impl Uses<'_> {
    fn is_own(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Name(n) if n == self.name)
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        // It may have names of its own.
        self.others |= matches!(stmt.kind, StmtKind::Function(_));
        if let StmtKind::If { test, .. } = &stmt.kind
            && self.is_truth(test)
        {
            for block in ast::branches(stmt) {
                self.visit_block(block);
            }
            return;
        }
        ast::visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        self.others |= matches!(e.kind, ExprKind::Lambda { .. });
        match &e.kind {
            ExprKind::Starred(inner) if self.is_own(inner) => self.handed_on = true,
            // Kept beside something else.
            ExprKind::Tuple(items) if items.iter().any(|i| self.is_own(i)) => {
                self.handed_on = true;
                let rest = items.iter().filter(|i| !self.is_own(i)).collect::<Vec<_>>();
                rest.into_iter().for_each(|i| self.visit_expr(i));
            }
            ExprKind::Subscript { value, index }
                if self.is_own(value) && matches!(index.kind, ExprKind::Int(_)) => {}
            ExprKind::Call { func, args, .. }
                if matches!(&func.kind, ExprKind::Name(n) if n == "len")
                    && args.iter().any(|a| self.is_own(a)) => {}
            _ => {
                self.others |= self.is_own(e);
                ast::visit::walk_expr(self, e);
            }
        }
    }
}

impl Uses<'_> {
    /// `args`, `not args`
    fn is_truth(&self, test: &Expr) -> bool {
        match &test.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.is_own(operand),
            _ => self.is_own(test),
        }
    }
}

/// The numbers of arguments that the calls give beyond the places.
fn counts(calls: &[Given], places: usize) -> Option<BTreeSet<usize>> {
    let all: Option<BTreeSet<usize>> = calls
        .iter()
        .map(|given| (given.count != usize::MAX).then(|| given.count.saturating_sub(places)))
        .collect();
    all.filter(|all| {
        (1..=MOST_COPIES).contains(&all.len()) && all.iter().all(|n| *n <= MOST_ARGUMENTS)
    })
}

/// Makes so many parameters of `*args`.
fn fixed(function: &mut Function, count: usize, next_id: &mut u32) {
    let mut taken = Names::of(function).all();
    let list = &mut function.params.list;
    let Some(at) = list.iter().position(|p| p.kind == ParamKind::VarArgs) else {
        return;
    };
    let own = list.remove(at);
    let name = own.name.name.clone();
    let stem = match name.strip_suffix('s') {
        Some(stem) if !stem.is_empty() => stem,
        _ => &name,
    };
    let names: Vec<String> = (1..=count)
        .map(|i| match count {
            1 => free(stem, &mut taken),
            _ => free(&format!("{stem}{i}"), &mut taken),
        })
        .collect();
    let params = names.iter().map(|name| {
        let mut build = Build {
            next_id,
            span: own.name.span,
        };
        build.param(name, ParamKind::Normal, None)
    });
    let params: Vec<_> = params.collect();
    list.splice(at..at, params);
    truths(&mut function.body, &name, count > 0);
    ast::rewrite::block(&mut function.body, &mut |e| {
        let span = e.span;
        let mut build = Build { next_id, span };
        let is_own = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if *n == name);
        if is_own(e) {
            e.kind = ExprKind::Tuple(names.iter().map(|n| build.name(n)).collect());
            return;
        }
        match &mut e.kind {
            ExprKind::Call { func, args, .. } => {
                let of_len = matches!(&func.kind, ExprKind::Name(n) if n == "len");
                if of_len && args.iter().any(is_own) {
                    e.kind = ExprKind::Int(count.into());
                    return;
                }
                let starred =
                    |a: &Expr| matches!(&a.kind, ExprKind::Starred(inner) if is_own(inner));
                if args.iter().any(starred) {
                    for arg in std::mem::take(args) {
                        match starred(&arg) {
                            true => args.extend(names.iter().map(|n| build.name(n))),
                            false => args.push(arg),
                        }
                    }
                }
            }
            ExprKind::Subscript { value, index } if is_own(value) => {
                if let ExprKind::Int(i) = &index.kind
                    && let Some(name) = i.to_usize().and_then(|i| names.get(i))
                {
                    e.kind = ExprKind::Name(name.clone());
                }
            }
            _ => {}
        }
    });
}

/// Says what `if args` and `if not args` find.
fn truths(block: &mut Block, name: &str, given: bool) {
    let is_own = |e: &Expr| matches!(&e.kind, ExprKind::Name(n) if n == name);
    for stmt in &mut block.stmts {
        if let StmtKind::If { test, .. } = &mut stmt.kind {
            match &test.kind {
                ExprKind::Unary {
                    op: UnaryOp::Not,
                    operand,
                } if is_own(operand) => test.kind = ExprKind::Bool(!given),
                _ if is_own(test) => test.kind = ExprKind::Bool(given),
                _ => {}
            }
        }
        for inner in ast::blocks_mut(stmt) {
            truths(inner, name, given);
        }
    }
}

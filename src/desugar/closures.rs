//! Functions within functions, lifted out: what they capture becomes parameters.
//!
//! Enters: the module. Leaves: the same module, in which a nested function that is only
//! called stands beside the function it was in. A captured variable is passed with each
//! call, so the callee sees the value of that moment, as by Python's capture of variables;
//! what it binds by `nonlocal` it returns, and the caller binds it again. A nested function
//! whose calls cannot be rewritten so stays, and is refused later. This module must not know
//! types.

use super::closure_calls::{Rewriting, result, returns};
use super::names::Names;
use crate::ast::{
    self, Block, Expr, ExprKind, Function, Ident, Module, NodeId, Param, ParamKind, Stmt, StmtKind,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Lifts the nested functions of the module.
pub(super) fn lift(module: &mut Module, next_id: &mut u32) {
    let mut names: BTreeSet<String> = module.body.stmts.iter().flat_map(top_names).collect();
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut module.body.stmts) {
        let mut lifted = Vec::new();
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                lift_in(function, &BTreeSet::new(), &mut names, &mut lifted, next_id);
            }
            StmtKind::Class(class) => {
                for inner in &mut class.body.stmts {
                    if let StmtKind::Function(method) = &mut inner.kind {
                        lift_in(method, &BTreeSet::new(), &mut names, &mut lifted, next_id);
                    }
                }
            }
            _ => {}
        }
        out.append(&mut lifted);
        out.push(stmt);
    }
    module.body.stmts = out;
}

/// The names that a statement of the module binds.
fn top_names(stmt: &Stmt) -> Vec<String> {
    let mut names = Names::default();
    names.stmt(stmt);
    names.bound.into_keys().collect()
}

/// A nested function that is to be lifted.
#[derive(Debug, Clone)]
pub(super) struct Nested {
    pub(super) function: Function,
    pub(super) stmt: Stmt,
    pub(super) captures: BTreeSet<String>,
    pub(super) nonlocals: BTreeSet<String>,
    pub(super) top: String,
}

fn lift_in(
    outer: &mut Function,
    around: &BTreeSet<String>,
    names: &mut BTreeSet<String>,
    lifted: &mut Vec<Stmt>,
    next_id: &mut u32,
) {
    lambdas_as_functions(outer, next_id);
    let mut own = Names::of(outer);
    let mut visible: BTreeSet<String> = around.clone();
    visible.extend(own.bound.keys().cloned());
    for stmt in &mut outer.body.stmts {
        if let StmtKind::Function(inner) = &mut stmt.kind {
            lift_in(inner, &visible, names, lifted, next_id);
        }
    }
    own = Names::of(outer);
    let mut found: BTreeMap<String, Nested> = BTreeMap::new();
    for stmt in &outer.body.stmts {
        let StmtKind::Function(inner) = &stmt.kind else {
            continue;
        };
        let name = inner.name.name.clone();
        if own.bound.get(&name) != Some(&1) || !can_be_lifted(inner, &visible) {
            continue;
        }
        let inside = Names::of(inner);
        let captures = inside
            .read
            .iter()
            .chain(&inside.nonlocals)
            .filter(|n| visible.contains(*n) && !inside.binds(n) && **n != name)
            .cloned()
            .collect();
        found.insert(
            name.clone(),
            Nested {
                function: inner.clone(),
                stmt: stmt.clone(),
                captures,
                nonlocals: inside.nonlocals,
                top: String::new(),
            },
        );
    }
    settle(outer, &mut found);
    if found.is_empty() {
        return;
    }
    for (name, nested) in &mut found {
        let mut top = name.clone();
        if names.contains(&top) {
            top = format!("{}_{name}", outer.name.name.trim_matches('_'));
        }
        while names.contains(&top) {
            top.push('_');
        }
        names.insert(top.clone());
        nested.top = top;
    }
    outer
        .body
        .stmts
        .retain(|s| !matches!(&s.kind, StmtKind::Function(f) if found.contains_key(&f.name.name)));
    let mut rewriting = Rewriting {
        found: &found,
        next_id,
        taken: own.bound.keys().cloned().collect(),
    };
    rewriting.block(&mut outer.body);
    for nested in found.values() {
        let mut function = nested.function.clone();
        if !nested.nonlocals.is_empty() {
            returns(&mut function.body, &nested.nonlocals, rewriting.next_id);
            if !function.body.ends_call() {
                let span = Span::new(nested.stmt.span.end.saturating_sub(1), nested.stmt.span.end);
                let value = result(None, &nested.nonlocals, span, rewriting.next_id);
                function.body.stmts.push(statement(
                    StmtKind::Return(Some(value)),
                    span,
                    rewriting.next_id,
                ));
            }
        }
        rewriting.taken = Names::of(&function).bound.into_keys().collect();
        rewriting.block(&mut function.body);
        for capture in &nested.captures {
            let span = function.name.span;
            let id = NodeId::next(rewriting.next_id);
            function.params.list.push(Param {
                id,
                name: Ident {
                    span,
                    name: capture.clone(),
                },
                kind: ParamKind::KeywordOnly,
                annotation: None,
                default: None,
            });
        }
        function.name.name.clone_from(&nested.top);
        let mut stmt = nested.stmt.clone();
        stmt.kind = StmtKind::Function(function);
        lifted.push(stmt);
    }
}

/// `def f(x): return …` for `f = lambda x: …`, where `f` is bound only there.
fn lambdas_as_functions(outer: &mut Function, next_id: &mut u32) {
    let bound = Names::of(outer).bound;
    for stmt in &mut outer.body.stmts {
        if let Some(function) = function_of_lambda(stmt, next_id)
            && bound.get(&function.name.name) == Some(&1)
        {
            stmt.kind = StmtKind::Function(function);
        }
    }
}

/// The function that `f = lambda x: …` defines.
pub(super) fn function_of_lambda(stmt: &Stmt, next_id: &mut u32) -> Option<Function> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let ([target], ExprKind::Lambda { params, body }) = (targets.as_slice(), &value.kind) else {
        return None;
    };
    let ExprKind::Name(name) = &target.kind else {
        return None;
    };
    let back = statement(StmtKind::Return(Some((**body).clone())), body.span, next_id);
    Some(Function {
        name: Ident {
            span: target.span,
            name: name.clone(),
        },
        decorators: Vec::new(),
        params: (**params).clone(),
        returns: None,
        doc: None,
        body: Block {
            stmts: vec![back],
            trailing: Vec::new(),
        },
        is_async: false,
    })
}

/// Whether nothing in a nested function itself speaks against lifting it.
fn can_be_lifted(inner: &Function, visible: &BTreeSet<String>) -> bool {
    let inside = Names::of(inner);
    let plain = inner.params.list.iter().all(|p| {
        // A default is evaluated where the function is defined.
        p.default.as_ref().is_none_or(|d| {
            let mut names = Names::default();
            names.expr(d);
            names.read.is_disjoint(visible)
        })
    });
    plain && inner.decorators.is_empty() && !inner.is_async && !inside.refuses
}

/// Keeps the functions all of whose uses can be rewritten, and completes what they capture
/// by what the functions that they call capture.
fn settle(outer: &Function, found: &mut BTreeMap<String, Nested>) {
    let nested: BTreeSet<String> = outer
        .body
        .functions()
        .map(|f| f.name.name.clone())
        .collect();
    loop {
        let before = found.len();
        let bodies: Vec<(Option<String>, Block)> = std::iter::once((None, outer.body.clone()))
            .chain(
                found
                    .iter()
                    .map(|(n, f)| (Some(n.clone()), f.function.body.clone())),
            )
            .collect();
        // What else is nested may use them in ways that are not seen here.
        let others: BTreeSet<String> = outer
            .body
            .stmts
            .iter()
            .filter_map(|s| match &s.kind {
                StmtKind::Function(f) if !found.contains_key(&f.name.name) => {
                    Some(Names::of(f).read)
                }
                _ => None,
            })
            .flatten()
            .collect();
        let mut grown = true;
        while grown {
            grown = false;
            for (name, body) in bodies.iter().filter_map(|(n, b)| Some((n.as_ref()?, b))) {
                let called = calls(body);
                let (mut captures, mut nonlocals) = (BTreeSet::new(), BTreeSet::new());
                for callee in called.iter().filter(|c| *c != name) {
                    if let Some(callee) = found.get(callee) {
                        captures.extend(callee.captures.iter().cloned());
                        nonlocals.extend(callee.nonlocals.iter().cloned());
                    }
                }
                if let Some(own) = found.get_mut(name) {
                    let (c, n) = (own.captures.len(), own.nonlocals.len());
                    own.captures.extend(captures);
                    own.nonlocals.extend(nonlocals);
                    grown |= own.captures.len() > c || own.nonlocals.len() > n;
                }
            }
        }
        let names: Vec<String> = found.keys().cloned().collect();
        for name in names {
            let Some(own) = found.get(&name) else {
                continue;
            };
            let inside = Names::of(&own.function);
            // A function that stays cannot be passed on.
            let clash = own
                .captures
                .iter()
                .any(|c| inside.binds(c) || (nested.contains(c) && !found.contains_key(c)));
            let position = outer
                .body
                .stmts
                .iter()
                .position(|s| matches!(&s.kind, StmtKind::Function(f) if f.name.name == name));
            let early = outer
                .body
                .stmts
                .iter()
                .take(position.unwrap_or(0))
                .any(|s| !matches!(s.kind, StmtKind::Function(_)) && mentions(s, &name));
            let used = bodies.iter().all(|(of, body)| {
                let skip = of.is_none();
                fine(body, &name, own, skip)
            });
            if clash || early || others.contains(&name) || !used {
                found.remove(&name);
            }
        }
        if found.len() == before {
            break;
        }
    }
    let lifted: BTreeSet<String> = found.keys().cloned().collect();
    for nested in found.values_mut() {
        nested.captures.retain(|c| !lifted.contains(c));
    }
}

/// Whether all uses of a nested function in a block can be rewritten.
fn fine(block: &Block, name: &str, nested: &Nested, skip_functions: bool) -> bool {
    block.stmts.iter().all(|stmt| {
        if let StmtKind::Function(_) = &stmt.kind {
            return skip_functions;
        }
        let mut uses = Uses {
            name,
            called: 0,
            others: 0,
        };
        let children = ast::branches(stmt);
        uses.own(stmt);
        let here = if nested.captures.is_empty() && nested.nonlocals.is_empty() {
            true
        } else if nested.nonlocals.is_empty() {
            uses.others == 0
        } else {
            uses.others == 0 && (uses.called == 0 || (uses.called == 1 && takes_result(stmt, name)))
        };
        here && children
            .iter()
            .all(|b| fine(b, name, nested, skip_functions))
    })
}

/// Whether a statement's one call of `name` is its value: `f()`, `x = f()`, `return f()`,
/// `if f():`.
fn takes_result(stmt: &Stmt, name: &str) -> bool {
    let is_call = |e: &Expr| matches!(&e.kind, ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == name));
    match &stmt.kind {
        StmtKind::Expr(e) | StmtKind::Return(Some(e)) => is_call(e),
        StmtKind::Assign { targets, value } => targets.len() == 1 && is_call(value),
        StmtKind::If { test, .. } => match &test.kind {
            ExprKind::Unary { operand, .. } => is_call(operand),
            _ => is_call(test),
        },
        _ => false,
    }
}

struct Uses<'n> {
    name: &'n str,
    called: usize,
    others: usize,
}

impl Uses<'_> {
    /// Counts in the expressions of a statement, not of the blocks in it.
    fn own(&mut self, stmt: &Stmt) {
        let mut headless = stmt.clone();
        strip(&mut headless);
        ast::visit::Visitor::visit_stmt(self, &headless);
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } if matches!(&func.kind, ExprKind::Name(n) if n == self.name) => {
                self.called += 1;
                for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
                    self.visit_expr(arg);
                }
            }
            ExprKind::Name(n) if n == self.name => self.others += 1,
            // The variables of a lambda are not looked at here.
            ExprKind::Lambda { body, .. } => {
                let mut inner = Uses {
                    name: self.name,
                    called: 0,
                    others: 0,
                };
                ast::visit::Visitor::visit_expr(&mut inner, body);
                self.called += inner.called;
                self.others += inner.others;
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

/// Empties the blocks of a statement.
fn strip(stmt: &mut Stmt) {
    for block in ast::branches_mut(stmt) {
        block.stmts.clear();
    }
}

fn mentions(stmt: &Stmt, name: &str) -> bool {
    let mut names = Names::default();
    names.stmt(stmt);
    names.read.contains(name)
}

/// The names of functions that a block calls.
fn calls(block: &Block) -> BTreeSet<String> {
    struct Calls(BTreeSet<String>);
    impl<'ast> ast::visit::Visitor<'ast> for Calls {
        fn visit_expr(&mut self, e: &'ast Expr) {
            if let ExprKind::Call { func, .. } = &e.kind
                && let ExprKind::Name(name) = &func.kind
            {
                self.0.insert(name.clone());
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut calls = Calls(BTreeSet::new());
    ast::visit::Visitor::visit_block(&mut calls, block);
    calls.0
}

pub(super) fn statement(kind: StmtKind, span: Span, next_id: &mut u32) -> Stmt {
    let id = NodeId::next(next_id);
    Stmt {
        id,
        span,
        blank_before: false,
        comments: Vec::new(),
        line_comment: None,
        kind,
    }
}

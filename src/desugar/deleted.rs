//! `del name` of a variable that nobody reads any more.
//!
//! Enters: the module. Leaves: the same, where such a `del` is nothing: Rust drops a variable
//! at the end of its scope, and when an object goes is not seen. `del a, xs[0]` are two
//! statements. A `del` of a name that is read later, or may not be bound, stays, and is
//! refused later. This module must not know types.

use super::names::Names;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Block, Expr, ExprKind, Module, NodeId, Stmt, StmtKind};
use crate::source::Span;

/// Takes out the statements.
pub(super) fn deleted(module: &mut Module, next_id: &mut u32) {
    split(&mut module.body, next_id);
    scopes(&mut module.body, &[]);
}

/// A statement for each target.
fn split(block: &mut Block, next_id: &mut u32) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        for inner in ast::blocks_mut(&mut stmt) {
            split(inner, next_id);
        }
        match &mut stmt.kind {
            StmtKind::Delete(targets) if targets.len() > 1 => {
                let rest = targets.split_off(1);
                out.push(stmt);
                for target in rest {
                    let id = NodeId::next(next_id);
                    out.push(Stmt {
                        id,
                        span: target.span,
                        blank_before: false,
                        comments: Vec::new(),
                        line_comment: None,
                        kind: StmtKind::Delete(vec![target]),
                    });
                }
            }
            _ => out.push(stmt),
        }
    }
    block.stmts = out;
}

/// Every function, and the module itself.
fn scopes(block: &mut Block, params: &[String]) {
    let places: Vec<(String, Span)> = unread(block, params);
    take_out(block, &places);
    each_function(block, &mut |params, body| scopes(body, params));
}

fn each_function(block: &mut Block, f: &mut dyn FnMut(&[String], &mut Block)) {
    for stmt in &mut block.stmts {
        if let StmtKind::Function(function) = &mut stmt.kind {
            let list = function.params.list.iter();
            let params: Vec<String> = list.map(|p| p.name.name.clone()).collect();
            f(&params, &mut function.body);
        } else {
            for inner in ast::blocks_mut(stmt) {
                each_function(inner, f);
            }
        }
    }
}

fn take_out(block: &mut Block, places: &[(String, Span)]) {
    for stmt in &mut block.stmts {
        if let StmtKind::Delete(targets) = &stmt.kind
            && let [target] = targets.as_slice()
            && let ExprKind::Name(name) = &target.kind
            && places.iter().any(|(n, at)| n == name && *at == target.span)
        {
            stmt.kind = StmtKind::Pass;
        }
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            for inner in ast::blocks_mut(stmt) {
                take_out(inner, places);
            }
        }
    }
}

/// The names that are deleted where they are bound for sure, and not read afterwards.
fn unread(body: &Block, params: &[String]) -> Vec<(String, Span)> {
    let mut mentions = Mentions::default();
    mentions.visit_block(body);
    let mut look = Look {
        mentions: &mentions,
        found: Vec::new(),
    };
    look.block(body, params, &[]);
    look.found
}

struct Look<'m> {
    mentions: &'m Mentions,
    found: Vec<(String, Span)>,
}

impl Look<'_> {
    /// `bound` are the names that are bound where the block begins; `loops` the loops around.
    fn block(&mut self, block: &Block, bound: &[String], loops: &[Span]) {
        let mut bound = bound.to_vec();
        // Where the block itself has bound a name, in this turn of the loop.
        let mut here: Vec<(String, u32)> = Vec::new();
        for stmt in &block.stmts {
            if let StmtKind::Delete(targets) = &stmt.kind
                && let [target] = targets.as_slice()
                && let ExprKind::Name(name) = &target.kind
            {
                let within = loops.last().copied();
                let first = here.iter().find(|(n, _)| n == name).map(|(_, at)| *at);
                let again = within.is_some_and(|around| {
                    self.mentions.names.iter().any(|(n, at)| {
                        n == name && around.contains(*at) && first.is_none_or(|f| at.start < f)
                    })
                });
                let later = self.mentions.names.iter().any(|(n, at)| {
                    n == name && at.start > target.span.start && !self.is_del(n, *at)
                });
                let captured = self.mentions.inner.contains(name);
                if bound.contains(name) && !again && !later && !captured {
                    self.found.push((name.clone(), target.span));
                }
                bound.retain(|n| n != name);
                continue;
            }
            let mut names = Names::default();
            match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| names.target(t)),
                StmtKind::AnnAssign {
                    target,
                    value: Some(_),
                    ..
                } => names.target(target),
                StmtKind::For { target, iter, .. } if runs(iter) => names.target(target),
                StmtKind::Function(_) | StmtKind::Class(_) => continue,
                _ => {}
            }
            for name in names.bound.into_keys() {
                if !here.iter().any(|(n, _)| *n == name) {
                    here.push((name.clone(), stmt.span.start));
                }
                bound.push(name);
            }
            match &stmt.kind {
                StmtKind::For {
                    target,
                    body,
                    orelse,
                    ..
                } => {
                    let mut own = Names::default();
                    own.target(target);
                    let mut inside = bound.clone();
                    inside.extend(own.bound.into_keys());
                    self.block(body, &inside, &[loops, &[stmt.span]].concat());
                    self.block(orelse, &bound, loops);
                }
                StmtKind::While { body, orelse, .. } => {
                    self.block(body, &bound, &[loops, &[stmt.span]].concat());
                    self.block(orelse, &bound, loops);
                }
                _ => {
                    for inner in ast::branches(stmt) {
                        self.block(inner, &bound, loops);
                    }
                }
            }
        }
    }

    /// Whether a mention is a `del` in another branch, which is looked at by itself.
    fn is_del(&self, name: &str, at: Span) -> bool {
        self.mentions
            .deleted
            .iter()
            .any(|(n, d)| n == name && *d == at)
    }
}

/// Whether a loop over an expression runs at least once.
fn runs(iter: &Expr) -> bool {
    match &iter.kind {
        ExprKind::List(items) | ExprKind::Tuple(items) => items
            .iter()
            .any(|i| !matches!(i.kind, ExprKind::Starred(_))),
        ExprKind::Call { func, args, .. } => {
            let is_range = matches!(&func.kind, ExprKind::Name(n) if n == "range");
            let some = matches!(args.as_slice(), [one]
                if matches!(&one.kind, ExprKind::Int(n) if *n > num_bigint::BigInt::ZERO));
            is_range && some
        }
        _ => false,
    }
}

/// The names that a scope mentions, with their places.
#[derive(Default)]
struct Mentions {
    names: Vec<(String, Span)>,
    deleted: Vec<(String, Span)>,
    /// The names that functions and classes within mention.
    inner: std::collections::BTreeSet<String>,
    depth: usize,
}

impl<'ast> Visitor<'ast> for Mentions {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let names = Names::of(function);
                let free = names.read.iter().chain(names.bound.keys());
                let own = |n: &&String| !names.binds(n) || names.refuses;
                self.inner.extend(free.filter(own).cloned());
                return;
            }
            StmtKind::Class(_) | StmtKind::Global(_) | StmtKind::Nonlocal(_) => self.depth += 1,
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Name(name) = &target.kind {
                        self.deleted.push((name.clone(), target.span));
                    }
                }
            }
            _ => {}
        }
        if let StmtKind::Global(names) | StmtKind::Nonlocal(names) = &stmt.kind {
            self.inner.extend(names.iter().cloned());
        }
        visit::walk_stmt(self, stmt);
        if matches!(
            stmt.kind,
            StmtKind::Class(_) | StmtKind::Global(_) | StmtKind::Nonlocal(_)
        ) {
            self.depth -= 1;
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            if self.depth > 0 {
                self.inner.insert(name.clone());
            }
            self.names.push((name.clone(), e.span));
        }
        if let ExprKind::Lambda { .. } | ExprKind::Comprehension { .. } = &e.kind {
            // Only the outermost source of a comprehension is evaluated in the scope itself.
            self.depth += usize::from(matches!(e.kind, ExprKind::Lambda { .. }));
            visit::walk_expr(self, e);
            self.depth -= usize::from(matches!(e.kind, ExprKind::Lambda { .. }));
            return;
        }
        visit::walk_expr(self, e);
    }
}

//! Pieces of the tree that are written as the Python that they are.
//!
//! Enters: a text, what some of its names stand for, and the place that it belongs to.
//! Leaves: its tree, with ids of its own and the span of that place. This module must not know
//! what the text is for.

use super::copies;
use super::names::Names;
use crate::ast::{self, Block, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::parse;
use crate::source::{SourceFile, Span};
use std::collections::BTreeMap;

/// What the names in a text stand for.
pub(super) type Holes<'h> = [(&'h str, &'h Expr)];

/// The statements of a text.
pub(super) fn statements(text: &str, holes: &Holes<'_>, at: Span, next_id: &mut u32) -> Vec<Stmt> {
    let file = SourceFile::new("", "", text);
    let mut body = parse::parse(&file).module.body;
    let hidden = hidden(&body, holes);
    for stmt in &mut body.stmts {
        placed(stmt, at);
        ast::rewrite::roots(stmt, &mut |e| fill(e, holes, &hidden, at));
        copies::stmt(stmt, next_id);
    }
    body.stmts
}

/// The expression that a text is.
pub(super) fn expression(
    text: &str,
    holes: &Holes<'_>,
    at: Span,
    next_id: &mut u32,
) -> Option<Expr> {
    let stmts = statements(text, holes, at, next_id);
    match stmts.into_iter().next()?.kind {
        StmtKind::Expr(e) => Some(e),
        _ => None,
    }
}

/// An expression whose own names are those of what is put into it: a lambda's, in its place.
pub(super) fn as_named(text: &str, holes: &Holes<'_>, at: Span, next_id: &mut u32) -> Option<Expr> {
    let file = SourceFile::new("", "", text);
    let stmt = parse::parse(&file).module.body.stmts.into_iter().next()?;
    let StmtKind::Expr(mut e) = stmt.kind else {
        return None;
    };
    fill(&mut e, holes, &BTreeMap::new(), at);
    copies::expr(&mut e, next_id);
    Some(e)
}

/// The names that the text binds and that what is put into it reads, with others for them.
fn hidden(body: &Block, holes: &Holes<'_>) -> BTreeMap<String, String> {
    let mut own = Names::default();
    body.stmts.iter().for_each(|s| own.stmt(s));
    let mut bound = Bound::default();
    ast::visit::Visitor::visit_block(&mut bound, body);
    let mut given = Names::default();
    holes.iter().for_each(|(_, e)| given.expr(e));
    let names = own.bound.keys().chain(&bound.0);
    let taken = names.filter(|n| given.read.contains(*n));
    taken.map(|n| (n.clone(), format!("{n}_"))).collect()
}

/// The names that comprehensions bind.
#[derive(Default)]
struct Bound(Vec<String>);

impl<'ast> ast::visit::Visitor<'ast> for Bound {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Comprehension { clauses, .. } = &e.kind {
            let mut names = Names::default();
            clauses.iter().for_each(|c| names.target(&c.target));
            self.0.extend(names.bound.into_keys());
        }
        ast::visit::walk_expr(self, e);
    }
}

/// Puts what a name stands for in its place, and everything else at the span.
fn fill(e: &mut Expr, holes: &Holes<'_>, hidden: &BTreeMap<String, String>, at: Span) {
    if let ExprKind::Name(name) = &mut e.kind {
        if let Some((_, value)) = holes.iter().find(|(hole, _)| hole == name) {
            *e = (*value).clone();
            return;
        }
        if let Some(other) = hidden.get(name) {
            name.clone_from(other);
        }
    }
    e.span = at;
    match &mut e.kind {
        ExprKind::Attribute { attr, .. } => attr.span = at,
        ExprKind::Call { keywords, .. } => {
            let names = keywords.iter_mut().filter_map(|k| k.name.as_mut());
            names.for_each(|name| name.span = at);
        }
        _ => {}
    }
    ast::rewrite::children(e, &mut |child| fill(child, holes, hidden, at));
}

/// Puts a statement and those within it at a span.
fn placed(stmt: &mut Stmt, at: Span) {
    stmt.span = at;
    match &mut stmt.kind {
        StmtKind::Function(function) => of_function(function, at),
        StmtKind::Class(class) => class.name.span = at,
        _ => {}
    }
    for block in ast::blocks_mut(stmt) {
        block.stmts.iter_mut().for_each(|s| placed(s, at));
    }
}

fn of_function(function: &mut Function, at: Span) {
    function.name.span = at;
    for param in &mut function.params.list {
        param.name.span = at;
    }
}

//! How far down a block its variables are named, so that nobody looks for one further down:
//! a long block has many, most of them named close by.

use crate::ir::expr::Expr;
use crate::ir::{Block, Stmt, StmtKind};
use std::collections::BTreeMap;

/// For each variable of a block, the number of statements up to the last one that names it.
#[derive(Default)]
pub(super) struct Reach(BTreeMap<String, usize>);

impl Reach {
    /// Of the variables that the statements of a block bind.
    pub(super) fn of(block: &Block) -> Reach {
        let mut reach = Reach::default();
        for stmt in &block.stmts {
            for name in bound(stmt) {
                reach.0.insert(name.clone(), 0);
            }
        }
        if !reach.0.is_empty() {
            for (stmt, end) in block.stmts.iter().zip(1..) {
                bound(stmt).iter().for_each(|name| reach.named(name, end));
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| reach.expr(e, end));
                blocks.into_iter().for_each(|b| reach.block(b, end));
            }
        }
        reach
    }

    /// Of the statements from the one of that index on, those up to where a variable is
    /// named last.
    pub(super) fn within<'s>(
        &self,
        name: &str,
        stmts: &'s mut [Stmt],
        from: usize,
    ) -> &'s mut [Stmt] {
        let end = self
            .0
            .get(name)
            .map_or(stmts.len(), |end| end.saturating_sub(from).min(stmts.len()));
        stmts.split_at_mut(end).0
    }

    fn named(&mut self, name: &str, end: usize) {
        if let Some(known) = self.0.get_mut(name) {
            *known = end;
        }
    }

    fn block(&mut self, block: &Block, end: usize) {
        for stmt in &block.stmts {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().for_each(|e| self.expr(e, end));
            blocks.into_iter().for_each(|b| self.block(b, end));
        }
        if let Some(value) = &block.value {
            self.expr(value, end);
        }
    }

    fn expr(&mut self, e: &Expr, end: usize) {
        match e {
            // A format string names what it shows.
            Expr::Atom(text) if text.starts_with('"') => text
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .for_each(|word| self.named(word, end)),
            Expr::Atom(text) => self.named(text, end),
            _ => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| self.expr(e, end));
                blocks.into_iter().for_each(|b| self.block(b, end));
            }
        }
    }
}

/// The names that a statement binds in its block.
fn bound(stmt: &Stmt) -> &[String] {
    match &stmt.kind {
        StmtKind::Let { name, .. } => std::slice::from_ref(name),
        StmtKind::LetPattern { names, .. } => names,
        StmtKind::Assign { .. }
        | StmtKind::For { .. }
        | StmtKind::Expr(_)
        | StmtKind::Return(_)
        | StmtKind::Break(_)
        | StmtKind::Continue(_)
        | StmtKind::While { .. }
        | StmtKind::Loop { .. }
        | StmtKind::Block { .. }
        | StmtKind::Comment(_)
        | StmtKind::LineComment(_)
        | StmtKind::Blank => &[],
    }
}

//! `finally`: at the end, before every `return` and jump that leaves, and before every
//! exception where what it does can be seen afterwards.

use super::handler::again;
use super::raised;
use super::sites::{Caught, Way};
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt, StmtKind as PyKind};
use crate::infer::Role;
use crate::infer::scope::BlockRef;
use crate::ir::{Block, Expr, Stmt};
use crate::lower::function::FnLower;

/// A `finally` around the statement under construction.
#[derive(Debug, Clone, Copy)]
pub(in crate::lower) struct Final<'a> {
    pub(in crate::lower::attempt) block: &'a ast::Block,
    pub(in crate::lower::attempt) of: BlockRef,
    /// How many loops stand around the `try`.
    pub(in crate::lower::attempt) loops: usize,
}

impl<'a> FnLower<'_, 'a> {
    /// Puts what `finally` does before every exception that leaves.
    pub(in crate::lower) fn raising_through(
        &mut self,
        stmt: &PyStmt,
        part: Vec<Stmt>,
        finalbody: &ast::Block,
        mut copy: Vec<Stmt>,
    ) -> Result<Vec<Stmt>, Expr> {
        let raises = raised::raises(&Block::of(copy.clone()), &self.callees(), true);
        if !raises.classes.is_empty() || raises.unknown.is_some() {
            return Err(self.no_try(stmt, "a `finally` that may raise itself"));
        }
        if !self.final_shows(finalbody) {
            return Ok(part);
        }
        copy.push(again());
        let handler = Caught {
            classes: None,
            body: Block::of(copy),
            name: None,
            silent: false,
            reads: Vec::new(),
            owned: false,
            again: true,
            way: Way::Here,
        };
        let (out, refused) = self.rewritten(part, vec![handler]);
        match refused {
            Some(why) => Err(self.no_try(stmt, &why)),
            None => Ok(out),
        }
    }

    /// The Rust of a `finally` that stands once more elsewhere.
    pub(in crate::lower) fn final_copy(
        &mut self,
        block: &'a ast::Block,
        of: BlockRef,
    ) -> Vec<Stmt> {
        let declared = self.declared.clone();
        let opened = self.shadows.opened();
        let bounds = self.bounds.clone();
        let stmts = self.block(block, of).stmts;
        self.declared = declared;
        self.shadows.reopen(opened);
        self.bounds = bounds;
        stmts
    }

    /// Whether what a `finally` does can be seen where an exception has left through it:
    /// the state of a failed call is not.
    pub(in crate::lower) fn final_shows(&self, block: &ast::Block) -> bool {
        if self.catching.iter().any(Option::is_some) || self.tries > 0 {
            return true;
        }
        if self.model.role == Role::Helper && self.lw.has_handlers() {
            return true;
        }
        struct Acts<'f, 'l, 'a>(&'f FnLower<'l, 'a>, bool);
        impl<'ast> ast::visit::Visitor<'ast> for Acts<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast PyStmt) {
                if let PyKind::Assign { targets, .. } = &stmt.kind {
                    targets.iter().for_each(|t| self.target(t));
                }
                if let PyKind::AugAssign { target, .. } = &stmt.kind {
                    self.target(target);
                }
                ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.1 |= matches!(e.kind, ExprKind::Call { .. });
                ast::visit::walk_expr(self, e);
            }
        }
        impl Acts<'_, '_, '_> {
            fn target(&mut self, target: &PyExpr) {
                let path = self.0.path_of(target);
                let local = path
                    .as_ref()
                    .is_some_and(|p| p.segs.is_empty() && p.global_name().is_none());
                let undone = path
                    .as_ref()
                    .is_some_and(|p| self.0.is_state_path(p) || self.0.is_output_path(p));
                self.1 |= !local && !undone;
            }
        }
        let mut acts = Acts(self, false);
        ast::visit::Visitor::visit_block(&mut acts, block);
        acts.1
    }

    /// What every `finally` does that a `return` leaves, or a jump out of a loop.
    pub(in crate::lower) fn run_finals(&mut self, whole_call: bool) {
        let loops = self.loops.len();
        let finals = self.finals.clone();
        for (i, last) in finals.iter().enumerate().rev() {
            if !whole_call && last.loops < loops {
                break;
            }
            self.finals.truncate(i);
            let mut stmts = self.final_copy(last.block, last.of);
            self.out.append(&mut stmts);
        }
        self.finals = finals;
    }
}

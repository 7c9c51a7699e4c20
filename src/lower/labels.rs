//! Where `break` and `continue` lead, and the `else` of a loop.

use super::function::FnLower;
use crate::ast::{self, Stmt as PyStmt, StmtKind as PyKind};
use crate::infer::scope::BlockRef;
use crate::ir::{Stmt, StmtKind};
use crate::source::Span;

/// The labels of a loop.
#[derive(Debug, Clone, Default)]
pub(super) struct LoopLabels {
    /// The block around the loop and its `else`, which a `break` leaves.
    found: Option<String>,
    /// The loop's own label.
    own: String,
    /// Whether something jumps to the loop by its label.
    used: bool,
    /// How many labelled blocks stand between the loop and the statement under construction:
    /// in those, a jump has to name the loop.
    blocks: usize,
}

impl LoopLabels {
    /// The label that a `break` needs.
    pub(super) fn for_break(&mut self) -> Option<String> {
        match &self.found {
            Some(found) => Some(found.clone()),
            None => self.for_continue(),
        }
    }

    /// The label of the loop, for a jump from a block that is labelled later.
    pub(super) fn for_block(&mut self, leaves: bool) -> String {
        if let (true, Some(found)) = (leaves, &self.found) {
            return found.clone();
        }
        self.used = true;
        self.own.clone()
    }

    /// The label that a `continue` needs.
    pub(super) fn for_continue(&mut self) -> Option<String> {
        (self.blocks > 0).then(|| {
            self.used = true;
            self.own.clone()
        })
    }
}

impl<'a> FnLower<'_, 'a> {
    /// Begins a loop: its `else` is skipped by a `break`.
    pub(super) fn open_loop(&mut self, orelse: &ast::Block, body: &ast::Block) {
        let depth = self.loops.len() + self.open_blocks;
        let numbered = |name: &str| match depth {
            0 => name.to_string(),
            n => format!("{name}_{n}"),
        };
        let found = (!orelse.stmts.is_empty() && has_break(body)).then(|| numbered("found"));
        self.loops.push(LoopLabels {
            found,
            own: numbered("outer"),
            used: false,
            blocks: 0,
        });
    }

    /// Ends a loop: the loop itself, and its `else`.
    pub(super) fn close_loop(
        &mut self,
        stmt: &'a PyStmt,
        kind: StmtKind,
        orelse: &'a ast::Block,
        at: Span,
    ) {
        let labels = self.loops.pop().unwrap_or_default();
        let kind = match (labels.used.then_some(labels.own), kind) {
            (Some(own), StmtKind::While { cond, body, .. }) => StmtKind::While {
                label: Some(own),
                cond,
                body,
            },
            (Some(own), StmtKind::Loop { body, .. }) => StmtKind::Loop {
                label: Some(own),
                body,
            },
            (
                Some(own),
                StmtKind::For {
                    pattern,
                    names,
                    iter,
                    body,
                    ..
                },
            ) => StmtKind::For {
                label: Some(own),
                pattern,
                names,
                iter,
                body,
            },
            (_, kind) => kind,
        };
        let after = BlockRef {
            owner: Some(stmt.id),
            slot: 1,
            is_loop: false,
        };
        let Some(found) = labels.found else {
            self.emit(at, kind);
            if !orelse.stmts.is_empty() {
                let block = self.block(orelse, after);
                self.emit(
                    at,
                    StmtKind::Block {
                        label: None,
                        body: block,
                    },
                );
            }
            return;
        };
        if let Some(outer) = self.loops.last_mut() {
            outer.blocks += 1;
        }
        self.open_blocks += 1;
        let mut block = self.block(orelse, after);
        self.open_blocks -= 1;
        if let Some(outer) = self.loops.last_mut() {
            outer.blocks -= 1;
        }
        block.stmts.insert(0, Stmt::at(at, kind));
        self.emit(
            at,
            StmtKind::Block {
                label: Some(found),
                body: block,
            },
        );
    }
}

/// Whether a `break` in the block leaves the loop that the block belongs to.
fn has_break(block: &ast::Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        PyKind::Break => true,
        PyKind::For { orelse, .. } | PyKind::While { orelse, .. } => has_break(orelse),
        _ => crate::infer::scope::child_blocks(stmt)
            .iter()
            .any(|(b, _, _)| has_break(b)),
    })
}

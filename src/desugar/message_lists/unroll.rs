//! Loops over the messages as their bodies, once for each.

use super::super::names::Names;
use super::Lists;
use crate::ast::{self, ExprKind, Stmt, StmtKind};
use std::collections::BTreeMap;

/// The most messages for which the body of a loop is repeated.
const MOST_TURNS: usize = 8;

impl Lists<'_> {
    /// Loops over the messages as their bodies, once for each.
    pub(super) fn unrolled(&mut self, stmts: Vec<Stmt>, own: &dyn Fn(&str) -> bool) -> Vec<Stmt> {
        let mut out = Vec::new();
        for mut stmt in stmts {
            for block in ast::branches_mut(&mut stmt) {
                block.stmts = self.unrolled(std::mem::take(&mut block.stmts), own);
            }
            match self.bodies(&stmt, own) {
                Some(bodies) => out.extend(bodies),
                None => out.push(stmt),
            }
        }
        out
    }

    fn bodies(&mut self, stmt: &Stmt, own: &dyn Fn(&str) -> bool) -> Option<Vec<Stmt>> {
        let StmtKind::For {
            target,
            iter,
            body,
            orelse,
            is_async: false,
            ..
        } = &stmt.kind
        else {
            return None;
        };
        let turns = self.turns(target, iter)?;
        let mut names = Names::default();
        body.stmts.iter().for_each(|s| names.stmt(s));
        let mut bound = turns.iter().flat_map(BTreeMap::keys);
        let rebinds = bound.any(|n| names.binds(n) || !own(n));
        let plain = body.stmts.iter().all(is_plain) && !leaves(&body.stmts);
        if turns.len() > MOST_TURNS || !orelse.stmts.is_empty() || rebinds || !plain {
            return None;
        }
        let mut out = Vec::new();
        for turn in &turns {
            for inner in &body.stmts {
                let mut copy = inner.clone();
                super::super::copies::stmt(&mut copy, self.next_id);
                let mut found = Vec::new();
                ast::rewrite::stmt(&mut copy, &mut |e| {
                    if matches!(&e.kind, ExprKind::Name(n) if turn.contains_key(n)) {
                        found.push(e.id);
                    }
                });
                for id in found {
                    ast::rewrite::stmt(&mut copy, &mut |e| {
                        if e.id == id {
                            self.replace(e, turn);
                        }
                    });
                }
                self.statement(&mut copy);
                out.push(copy);
            }
        }
        if let Some(first) = out.first_mut() {
            first.comments.splice(0..0, stmt.comments.iter().cloned());
            first.blank_before |= stmt.blank_before;
        }
        Some(out)
    }
}

/// Whether a statement has no blocks but those of `if` and loops.
fn is_plain(stmt: &Stmt) -> bool {
    let own = !matches!(
        &stmt.kind,
        StmtKind::Try { .. }
            | StmtKind::Match { .. }
            | StmtKind::With { .. }
            | StmtKind::Function(_)
            | StmtKind::Class(_)
    );
    own && crate::ast::branches(stmt)
        .into_iter()
        .all(|b| b.stmts.iter().all(is_plain))
}

/// Whether `break` or `continue` of the loop itself stands in its body.
fn leaves(stmts: &[Stmt]) -> bool {
    stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break | StmtKind::Continue => true,
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => leaves(&orelse.stmts),
        _ => crate::ast::branches(stmt)
            .into_iter()
            .any(|b| leaves(&b.stmts)),
    })
}

//! Statements that become several, or none.
//!
//! Enters: a block, and the names that are taken around it. Leaves: the block, where each
//! statement stands as the rewrite of a pass gave it. This module must not know the passes.

use super::names::Names;
use crate::ast::{self, Block, Stmt, StmtKind};
use std::collections::BTreeSet;

/// What a pass makes of a statement: it adds to the list, and knows the names that are taken.
type Rewrite<'r> = dyn FnMut(Stmt, &mut Vec<Stmt>, &mut BTreeSet<String>) + 'r;

/// Hands every statement over, those within others first, with the list that what becomes
/// of it is added to, and the names that the function around it uses.
pub(super) fn rewritten(
    block: &mut Block,
    taken: &mut BTreeSet<String>,
    rewrite: &mut Rewrite<'_>,
) {
    let mut out = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        if let StmtKind::Function(function) = &mut stmt.kind {
            let mut own = Names::of(function).all();
            rewritten(&mut function.body, &mut own, rewrite);
        } else {
            for inner in ast::blocks_mut(&mut stmt) {
                rewritten(inner, taken, rewrite);
            }
        }
        rewrite(stmt, &mut out, taken);
    }
    block.stmts = out;
}

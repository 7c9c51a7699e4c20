//! The blocks of statements.

use crate::ast::{Block, Stmt, StmtKind};

/// The blocks of a compound statement, with their slot and whether they are a loop's body.
pub fn child_blocks(stmt: &Stmt) -> Vec<(&Block, u32, bool)> {
    match &stmt.kind {
        StmtKind::If { body, orelse, .. } => vec![(body, 0, false), (orelse, 1, false)],
        StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => {
            vec![(body, 0, true), (orelse, 1, false)]
        }
        StmtKind::With { body, .. } => vec![(body, 0, false)],
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finalbody,
        } => {
            // In the order in which they may run.
            let mut blocks = vec![(body, 0, false)];
            blocks.extend(
                handlers
                    .iter()
                    .zip(3..)
                    .map(|(h, slot)| (&h.body, slot, false)),
            );
            blocks.extend([(orelse, 1, false), (finalbody, 2, false)]);
            blocks
        }
        StmtKind::Match { cases, .. } => cases
            .iter()
            .zip(0..)
            .map(|(c, slot)| (&c.body, slot, false))
            .collect(),
        StmtKind::Function(_)
        | StmtKind::Class(_)
        | StmtKind::Return(_)
        | StmtKind::Delete(_)
        | StmtKind::Assign { .. }
        | StmtKind::AugAssign { .. }
        | StmtKind::AnnAssign { .. }
        | StmtKind::Raise { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Expr(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Unsupported(_) => Vec::new(),
    }
}

//! The blocks of statements, and which of them always leave.

use crate::ast::{self, Block, Stmt, StmtKind};

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

/// Whether a block always returns or raises.
pub fn ends_call(block: &Block) -> bool {
    match block.stmts.last().map(|s| &s.kind) {
        Some(StmtKind::Return(_) | StmtKind::Raise { .. }) => true,
        Some(StmtKind::If { body, orelse, .. }) => ends_call(body) && ends_call(orelse),
        Some(StmtKind::Match { cases, .. }) => {
            cases.iter().all(|c| ends_call(&c.body)) && cases.last().is_some_and(takes_all)
        }
        _ => false,
    }
}

/// `case _:`, `case name:`
pub fn takes_all(case: &ast::Case) -> bool {
    case.guard.is_none()
        && matches!(
            case.pattern.kind,
            ast::PatternKind::As { pattern: None, .. }
        )
}

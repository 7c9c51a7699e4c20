//! Assignments that leave a variable as it is on one path.
//!
//! Enters: a block. Leaves: the same block, where `best = if x < best { x } else { best };` is
//! `if x < best { best = x; }`. This module must not know Python.

use super::super::expr::Expr;
use super::super::{Block, Stmt, StmtKind};

/// Rewrites the assignments of a block and of the blocks within.
pub(super) fn assign_where_it_changes(block: &mut Block) {
    super::each_block_mut(block, &mut assign_where_it_changes);
    for stmt in &mut block.stmts {
        if let Some(test) = changed_in_one(&stmt.kind) {
            stmt.kind = test;
        }
    }
}

fn changed_in_one(kind: &StmtKind) -> Option<StmtKind> {
    let StmtKind::Assign {
        place,
        op: None,
        value:
            Expr::If {
                cond,
                then,
                otherwise: Some(otherwise),
            },
    } = kind
    else {
        return None;
    };
    let as_it_is = |b: &Block| b.stmts.is_empty() && b.value.as_deref() == Some(place);
    if !as_it_is(otherwise) || !then.stmts.is_empty() {
        return None;
    }
    let changed = StmtKind::Assign {
        place: place.clone(),
        op: None,
        value: (**then.value.as_ref()?).clone(),
    };
    Some(StmtKind::Expr(Expr::If {
        cond: cond.clone(),
        then: Block::of(vec![Stmt::new(changed)]),
        otherwise: None,
    }))
}

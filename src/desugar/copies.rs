//! Copies of parts of the tree, with ids of their own.
//!
//! Enters: a copy. Leaves: the same, where every node has an id that no other node has.
//! This module must not know why anyone copies.

use crate::ast::{
    self, Block, Expr, Function, NodeId, Param, Pattern, PatternKind, Stmt, StmtKind,
};

/// Gives a function's parts ids of their own.
pub(super) fn function(function: &mut Function, next_id: &mut u32) {
    for param in &mut function.params.list {
        self::param(param, next_id);
    }
    block(&mut function.body, next_id);
}

/// Gives a parameter and its default ids of their own.
pub(super) fn param(param: &mut Param, next_id: &mut u32) {
    param.id = NodeId::next(next_id);
    if let Some(default) = &mut param.default {
        expr(default, next_id);
    }
}

/// Gives an expression's parts ids of their own.
pub(super) fn expr(e: &mut Expr, next_id: &mut u32) {
    ast::rewrite::expr(e, &mut |e| e.id = NodeId::next(next_id));
}

/// Gives a block's statements and expressions ids of their own.
pub(super) fn block(block: &mut Block, next_id: &mut u32) {
    block.stmts.iter_mut().for_each(|s| stmt(s, next_id));
}

/// Gives a statement, and what is in it, ids of their own.
pub(super) fn stmt(stmt: &mut Stmt, next_id: &mut u32) {
    ast::rewrite::stmt(stmt, &mut |e| e.id = NodeId::next(next_id));
    numbered(stmt, next_id);
}

fn numbered(stmt: &mut Stmt, next_id: &mut u32) {
    stmt.id = NodeId::next(next_id);
    match &mut stmt.kind {
        StmtKind::Function(function) => {
            for param in &mut function.params.list {
                param.id = NodeId::next(next_id);
            }
        }
        StmtKind::Try { handlers, .. } => {
            handlers
                .iter_mut()
                .for_each(|h| h.id = NodeId::next(next_id));
        }
        StmtKind::Match { cases, .. } => {
            cases
                .iter_mut()
                .for_each(|c| pattern(&mut c.pattern, next_id));
        }
        _ => {}
    }
    for block in ast::blocks_mut(stmt) {
        block.stmts.iter_mut().for_each(|s| numbered(s, next_id));
    }
}

fn pattern(pattern: &mut Pattern, next_id: &mut u32) {
    pattern.id = NodeId::next(next_id);
    match &mut pattern.kind {
        PatternKind::Sequence(parts) | PatternKind::Or(parts) => {
            parts.iter_mut().for_each(|p| self::pattern(p, next_id));
        }
        PatternKind::Mapping { items, .. } => {
            items
                .iter_mut()
                .for_each(|(_, p)| self::pattern(p, next_id));
        }
        PatternKind::Class {
            positional,
            keywords,
            ..
        } => {
            let named = keywords.iter_mut().map(|(_, p)| p);
            positional
                .iter_mut()
                .chain(named)
                .for_each(|p| self::pattern(p, next_id));
        }
        PatternKind::As {
            pattern: Some(inner),
            ..
        } => self::pattern(inner, next_id),
        PatternKind::Value(_)
        | PatternKind::Singleton(_)
        | PatternKind::Star(_)
        | PatternKind::As { pattern: None, .. } => {}
    }
}

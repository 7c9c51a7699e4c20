//! Walking over the statements and expressions of a block, those of functions within it too.

use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{Block, Expr, ExprKind, Stmt, StmtKind};
use crate::desugar::is_main_guard;

/// What is called for each statement or expression.
struct Each<'f, 'ast> {
    stmt: &'f mut dyn FnMut(&'ast Stmt),
    expr: &'f mut dyn FnMut(&'ast Expr),
}

impl<'ast> Visitor<'ast> for Each<'_, 'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if !is_never_run(stmt) {
            (self.stmt)(stmt);
            walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        (self.expr)(expr);
        walk_expr(self, expr);
    }
}

/// Whether PyTask never runs a statement: it loads the script as a module.
pub(super) fn is_never_run(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::If { test, .. } if is_main_guard(test))
}

/// Every statement of a block.
pub(super) fn each_stmt<'ast>(block: &'ast Block, stmt: &mut dyn FnMut(&'ast Stmt)) {
    let expr = &mut |_: &'ast Expr| {};
    Each { stmt, expr }.visit_block(block);
}

/// Every expression of a block.
pub(super) fn each_expr<'ast>(block: &'ast Block, expr: &mut dyn FnMut(&'ast Expr)) {
    let stmt = &mut |_: &'ast Stmt| {};
    Each { stmt, expr }.visit_block(block);
}

/// Every expression of a statement.
pub(super) fn exprs_of<'ast>(stmt: &'ast Stmt, expr: &mut dyn FnMut(&'ast Expr)) {
    let none = &mut |_: &'ast Stmt| {};
    Each { stmt: none, expr }.visit_stmt(stmt);
}

/// `a.b.c` as it is written; none of anything else.
pub(super) fn dotted(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { value, attr } => Some(format!("{}.{}", dotted(value)?, attr.name)),
        _ => None,
    }
}

/// The name that a chain of attributes and items starts from.
pub(super) fn root_name(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => root_name(value),
        _ => None,
    }
}

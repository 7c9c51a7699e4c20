//! How a call ends well: what is stored first, and `Ok` around what is returned.

use super::FnLower;
use crate::ast::{self, StmtKind as PyStmt};
use crate::infer::Role;
use crate::ir::{Block, Expr, Stmt, StmtKind};
use crate::lower::shadow::Shadow;

impl FnLower<'_, '_> {
    /// The statements that a successful return runs first.
    pub(in crate::lower) fn exit_stmts(&mut self, at: Option<ast::NodeId>) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        let (last, first): (Vec<_>, Vec<_>) = self
            .shadows
            .stores_at(at)
            .into_iter()
            .partition(Shadow::is_tov);
        for shadow in first {
            stmts.extend(self.store_shadow(&shadow, at));
        }
        stmts.extend(self.state_stores(at));
        for shadow in last {
            stmts.extend(self.store_shadow(&shadow, at));
        }
        stmts
    }

    /// Puts back the copy of the state that the call has worked on.
    fn state_stores(&mut self, at: Option<ast::NodeId>) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        if let (Some(wide), true, true) = (
            self.lw.input.widened,
            self.model.role != Role::Helper,
            self.writes_state(),
        ) {
            let start = at.and_then(|id| self.return_starts(id)).unwrap_or(u32::MAX);
            if self.state_written_before(start) {
                let stored = Expr::atom("state").method("store", vec![]);
                let value = if wide.fallible { stored.try_() } else { stored };
                stmts.push(Stmt::new(StmtKind::Assign {
                    place: Expr::atom("self.state"),
                    op: None,
                    value,
                }));
            }
            return stmts;
        }
        if self.model.role != Role::Helper
            && self.lw.rollback.of(self.model.role).state
            && self.writes_state()
        {
            let start = at.and_then(|id| self.return_starts(id)).unwrap_or(u32::MAX);
            if self.state_written_before(start) {
                stmts.push(Stmt::new(StmtKind::Assign {
                    place: Expr::atom("self.state"),
                    op: None,
                    value: Expr::atom("state"),
                }));
            }
        }
        stmts
    }

    /// Whether the state may have been written before byte `start`; a callee may write it.
    fn state_written_before(&self, start: u32) -> bool {
        struct Writes<'f, 'l, 'a>(&'f FnLower<'l, 'a>, u32, bool);
        impl Writes<'_, '_, '_> {
            fn look(&mut self, e: &ast::Expr) {
                self.2 |= e.span.start < self.1
                    && self.0.path_of(e).is_some_and(|p| self.0.is_state_path(&p));
            }
        }
        impl<'ast> ast::visit::Visitor<'ast> for Writes<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
                match &stmt.kind {
                    PyStmt::Assign { targets, .. } => targets.iter().for_each(|t| match &t.kind {
                        ast::ExprKind::Tuple(items) | ast::ExprKind::List(items) => {
                            items.iter().for_each(|i| self.look(i))
                        }
                        ast::ExprKind::Subscript { value, .. } => self.look(value),
                        _ => self.look(t),
                    }),
                    PyStmt::AugAssign { target, .. }
                    | PyStmt::AnnAssign { target, .. }
                    | PyStmt::For { target, .. } => match &target.kind {
                        ast::ExprKind::Subscript { value, .. } => self.look(value),
                        _ => self.look(target),
                    },
                    _ => {}
                }
                ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast ast::Expr) {
                if let ast::ExprKind::Call {
                    func,
                    args,
                    keywords,
                } = &e.kind
                {
                    args.iter()
                        .chain(keywords.iter().map(|k| &k.value))
                        .for_each(|a| self.look(a));
                    if let ast::ExprKind::Attribute { value, .. } = &func.kind {
                        self.look(value);
                    }
                }
                ast::visit::walk_expr(self, e);
            }
        }
        let mut writes = Writes(self, start, false);
        ast::visit::Visitor::visit_block(&mut writes, &self.function.body);
        writes.2
    }

    /// Whether this function writes to the state.
    pub(in crate::lower) fn writes_state(&self) -> bool {
        let index = if self.model.role == Role::Process {
            2
        } else {
            1
        };
        self.model.mutated.contains(&index)
    }
}

/// `Ok(value)`; of a call that gives the same kind of result, the call itself.
pub(super) fn ok(value: Expr, same: &dyn Fn(&Expr) -> bool) -> Expr {
    match value {
        Expr::Try(inner)
            if (matches!(&*inner, Expr::Call(..))
                || matches!(&*inner, Expr::Method(_, name, _) if !has_error_of_std(name)))
                && same(&inner) =>
        {
            *inner
        }
        // In a function with an error of its own.
        Expr::Try(inner) if makes_own_error(&inner) => *inner,
        other => Expr::call("Ok", vec![other]),
    }
}

/// Whether the error of a method's result is not a function's own: it is a text, or what a
/// closure gives.
fn has_error_of_std(method: &str) -> bool {
    let name = method.split("::").next().unwrap_or(method);
    matches!(
        name,
        "ok_or" | "ok_or_else" | "map_err" | "collect" | "transpose" | "parse" | "try_into"
    )
}

/// Whether it ends in `ok_or_else(…)`.
fn makes_own_error(e: &Expr) -> bool {
    match e {
        Expr::Method(_, name, _) => name == "ok_or_else",
        Expr::Block(block) => block.value.as_deref().is_some_and(makes_own_error),
        _ => false,
    }
}

/// Puts the values of returns in `Ok`.
pub(super) fn wrap_returns(block: &mut Block, same: &dyn Fn(&Expr) -> bool) {
    for stmt in &mut block.stmts {
        let error = stmt.is_error();
        stmt.for_each_child_mut(&mut |e| wrap_in(e, same), &mut |b| wrap_returns(b, same));
        if let (StmtKind::Return(value), false) = (&mut stmt.kind, error) {
            let inner = value.take().unwrap_or_else(|| Expr::atom("()"));
            *value = Some(ok(inner, same));
        }
    }
    if let Some(value) = &mut block.value {
        wrap_in(value, same);
    }
}

fn wrap_in(e: &mut Expr, same: &dyn Fn(&Expr) -> bool) {
    e.for_each_child_mut(&mut |c| wrap_in(c, same), &mut |b| wrap_returns(b, same));
}

//! `return`, and errors of our own.

use crate::ast::{Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::Role;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `return Err("python/task.py:12: what".into());`
    pub(in crate::lower) fn error_return(&self, what: &str, at: Span) -> Stmt {
        let text = format!("{}: {what}", self.lw.input.source.at(at));
        let value = Expr::Atom(format!("{text:?}")).method("into", vec![]);
        Stmt::at(at, StmtKind::Return(Some(Expr::call("Err", vec![value]))))
    }

    pub(super) fn return_(
        &mut self,
        stmt: &'a PyStmt,
        value: Option<&'a PyExpr>,
    ) -> Result<(), Expr> {
        let at = stmt.span;
        if self.model.role != Role::Helper {
            // What `process` returns is ignored.
            if let Some(value) = value
                && (matches!(value.kind, ExprKind::Call { .. }) || self.changes_within(value))
            {
                self.effect(value, at)?;
            }
            self.run_finals(true);
            let mut exit = self.exit_stmts(Some(stmt.id));
            self.out.append(&mut exit);
            self.emit(at, StmtKind::Return(None));
            return Ok(());
        }
        let ret = self.ret.clone();
        let result = match value {
            None => (ret != RTy::Unit).then(|| Expr::atom("None")),
            Some(value) => {
                let expr = match self.expr_as(value, &ret) {
                    // Nothing comes after it that could look at the variable.
                    Ok(val) if val.rty == ret && self.is_own_variable(value, &ret) => val.expr,
                    Ok(val) => {
                        self.int_beyond_doubles(&val, &ret, value.span, "the return value");
                        self.leaving = matches!(value.kind, ExprKind::Name(_));
                        let coerced = self.coerce(val, &ret, value.span, "the return value");
                        self.leaving = false;
                        coerced.unwrap_or_else(|hole| {
                            self.hole_in_stmt = true;
                            hole
                        })
                    }
                    Err(hole) => {
                        self.hole_in_stmt = true;
                        hole
                    }
                };
                if ret == RTy::Unit {
                    let mut expr = expr;
                    if let Expr::If { otherwise, .. } = &mut expr {
                        let unit = Block::value(Expr::Tuple(Vec::new()));
                        otherwise.take_if(|other| *other == unit);
                    }
                    let nothing = match &expr {
                        Expr::Atom(_) => true,
                        Expr::Tuple(items) => items.is_empty(),
                        _ => false,
                    };
                    if !nothing {
                        self.emit(at, StmtKind::Expr(expr));
                    }
                    None
                } else {
                    Some(expr)
                }
            }
        };
        let result = match result {
            // What `finally` does comes after the value.
            Some(expr) if !self.finals.is_empty() && !matches!(expr, Expr::NegLit(_)) => {
                let val = Val::new(expr, ret, &self.fact(stmt.id));
                Some(self.hoist(val, "result", at).expr)
            }
            other => other,
        };
        let result = result.map(|result| self.given_at_once(result));
        self.run_finals(true);
        let mut exit = self.exit_stmts(Some(stmt.id));
        self.out.append(&mut exit);
        self.emit(at, StmtKind::Return(result));
        Ok(())
    }

    /// The content of a container that was taken from it for nothing but to be returned.
    fn given_at_once(&mut self, result: Expr) -> Expr {
        let content = self.out.pop_if(|last| {
            matches!(&last.kind, StmtKind::Let { name, init: Some(Expr::Call(take, _)), .. }
                if result == Expr::atom(name.clone()) && take == "std::mem::take")
        });
        match content.map(|last| last.kind) {
            Some(StmtKind::Let {
                init: Some(init), ..
            }) => init,
            _ => result,
        }
    }

    /// Whether an expression is a variable of this function that holds its value itself.
    fn is_own_variable(&self, e: &PyExpr, ty: &RTy) -> bool {
        let collection = matches!(
            ty,
            RTy::Vec(_) | RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_) | RTy::String
        );
        let version = self.scope.names.get(&e.id);
        let plain = matches!(&e.kind, ExprKind::Name(_))
            && version
                .and_then(|v| self.model.vars.get(v))
                .is_some_and(|v| v.alias.is_none());
        let held = version.is_some_and(|v| {
            !self.unbound.contains(v) && !self.var_types.get(v).is_some_and(RTy::is_ref)
        });
        collection && plain && held
    }
}

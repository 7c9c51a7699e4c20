//! `while`.

use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::scope::BlockRef;
use crate::ir::{Expr, StmtKind};
use crate::lower::function::FnLower;

impl<'a> FnLower<'_, 'a> {
    pub(super) fn while_(
        &mut self,
        stmt: &'a PyStmt,
        test: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<(), Expr> {
        let at = self.lw.first_line(stmt.span);
        self.forget_changed(body);
        self.open_loop(orelse, body);
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        let forever = matches!(&test.kind, ExprKind::Bool(true))
            || matches!(&test.kind, ExprKind::Int(n) if *n != 0.into());
        let kind = if forever {
            StmtKind::Loop {
                label: None,
                body: self.block(body, inner),
            }
        } else {
            self.conditional += 1;
            let cond = self.condition_value(test);
            self.conditional -= 1;
            StmtKind::While {
                label: None,
                cond: cond?,
                body: self.block(body, inner),
            }
        };
        self.close_loop(stmt, kind, orelse, at);
        self.forget_changed(body);
        Ok(())
    }

    /// Forgets the names for paths that a block may change.
    pub(in crate::lower) fn forget_changed(&mut self, block: &'a ast::Block) {
        let mut changed = Vec::new();
        crate::lower::narrow::changed_paths(self, block, &mut changed);
        for path in changed {
            self.forget_path(&path);
        }
    }
}

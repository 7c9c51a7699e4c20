//! Tests for None: `let … else`, and what follows from it.

use crate::ast::{self, BoolOp, CompareOp, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::scope::BlockRef;
use crate::ir::uses::mentions;
use crate::ir::{BinOp, Block, Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::lower::narrow::{NoneTest, operands};
use crate::ty::Ty;

/// Whether one of the tests looks below what another finds.
pub(super) fn hang_together(tests: &[NoneTest<'_>]) -> bool {
    tests.iter().enumerate().any(|(i, test)| {
        let earlier = tests.get(..i).unwrap_or(&[]);
        earlier.iter().any(|e| test.path.starts_with(&e.path))
    })
}

impl<'a> FnLower<'_, 'a> {
    /// `a is None or b is None`: the tests, where the condition is nothing else.
    pub(super) fn none_tests(&self, test: &'a PyExpr) -> Option<Vec<NoneTest<'a>>> {
        let tests: Option<Vec<NoneTest<'a>>> = operands(test, BoolOp::Or)
            .into_iter()
            .filter(|e| !self.is_message_none(e))
            .map(|e| self.none_test(e).filter(|t| t.is_none))
            .collect();
        tests.filter(|t| !t.is_empty())
    }

    /// `input is None`, which no message is.
    fn is_message_none(&self, e: &PyExpr) -> bool {
        let ExprKind::Compare { left, ops, rest } = &e.kind else {
            return false;
        };
        matches!((ops.as_slice(), rest.as_slice()), ([CompareOp::Is | CompareOp::Eq], [right])
            if matches!(right.kind, ExprKind::None))
            && self.path_of(left).is_some()
            && matches!(self.fact(left.id).ty, Ty::Message { .. })
    }

    /// `let Some(x) = … else { … };` for `if x is None: …; return`.
    pub(super) fn let_else(
        &mut self,
        tests: &[NoneTest<'a>],
        used: &[bool],
        body: &'a ast::Block,
        of: BlockRef,
        at: crate::source::Span,
    ) -> Result<(), Expr> {
        let mut options = Vec::new();
        let mut patterns = Vec::new();
        let mut names = Vec::new();
        let mut bounds = Vec::new();
        for (test, used) in tests.iter().zip(used) {
            let rest: &'a [PyStmt] = self.rest.last().copied().unwrap_or(&[]);
            let Some((option, rty)) = self.option_for(test, rest) else {
                return Err(self.hole(test.operand));
            };
            options.push(option);
            if *used {
                let name = self.bound_name_in(&test.path, rest);
                patterns.push(format!("{}({name})", test.holder));
                names.push(name.clone());
                bounds.push((test.path.clone(), name, rty));
            } else {
                patterns.push(format!("{}(_)", test.holder));
            }
        }
        let otherwise = self.block(body, of);
        let (pattern, init) = match (patterns.as_slice(), options.len()) {
            ([one], 1) => (one.clone(), options.remove(0)),
            _ => (format!("({})", patterns.join(", ")), Expr::Tuple(options)),
        };
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern,
                names,
                init,
                otherwise: Some(otherwise),
            },
        );
        for (path, name, rty) in bounds {
            self.bind_path(&path, &name, rty);
        }
        Ok(())
    }

    /// `if x is None or bad(x): …; return` as `let Some(x) = x.filter(|x| !bad(x)) else { … };`
    pub(super) fn let_filter(
        &mut self,
        test: &'a PyExpr,
        body: &'a ast::Block,
        of: BlockRef,
        at: crate::source::Span,
    ) -> Result<bool, Expr> {
        let parts = operands(test, BoolOp::Or);
        let [first, others @ ..] = parts.as_slice() else {
            return Ok(false);
        };
        let Some(found) = self
            .none_test(first)
            .filter(|t| t.is_none && t.holder == "Some" && !others.is_empty())
        else {
            return Ok(false);
        };
        let rest: &'a [PyStmt] = self.rest.last().copied().unwrap_or(&[]);
        if !self.reads_narrowed(&found.path, rest)
            || others.iter().any(|e| self.none_test(e).is_some())
        {
            return Ok(false);
        }
        let Some((option, rty)) = self.option_at(&found) else {
            return Ok(false);
        };
        let name = self.bound_name_in(&found.path, rest);
        let depth = self.bounds.len();
        // The filter's parameter is a reference to what the option holds.
        let inside = if rty.is_ref() {
            rty.clone()
        } else {
            RTy::Ref(Box::new(rty.clone()))
        };
        if !rty.is_ref() {
            return Ok(false);
        }
        self.bind_path(&found.path, &name, inside);
        self.conditional += 1;
        let mut tests = Vec::new();
        for other in others {
            match self.condition_value(other) {
                Ok(expr) if !expr.can_fail() => tests.push(expr),
                _ => break,
            }
        }
        self.conditional -= 1;
        self.bounds.truncate(depth);
        if tests.len() != others.len() {
            return Ok(false);
        }
        let mut tests = tests.into_iter();
        let first = tests.next().unwrap_or_else(|| Expr::atom("false"));
        let bad = tests.fold(first, |a, b| a.binary(BinOp::Or, b));
        let good = match (others, bad) {
            ([one], bad) => self.negated(bad, one),
            (_, bad) => Expr::Unary(crate::ir::UnOp::Not, Box::new(bad)),
        };
        let test = Block::of(vec![crate::ir::Stmt::new(StmtKind::Expr(good.clone()))]);
        let param = match mentions(&test, &name) {
            true => name.clone(),
            false => "_".to_string(),
        };
        let option = match option {
            Expr::Ref(place) => place.method("as_ref", vec![]),
            option => option,
        };
        let init = option.method("filter", vec![Expr::Closure(param, Box::new(good))]);
        let otherwise = self.block(body, of);
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern: format!("Some({name})"),
                names: vec![name.clone()],
                init,
                otherwise: Some(otherwise),
            },
        );
        self.bind_path(&found.path, &name, rty);
        Ok(true)
    }
}

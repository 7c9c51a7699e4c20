//! Operands of which nothing is needed, and that are computed all the same: what is known of
//! `xs.pop() is None` or of `self.part.LIMIT` does not take away what the operand does.
//!
//! Enters: an operand whose value has been found out without it. Leaves: a statement that
//! computes it, where that can raise or changes something. This module must not know why the
//! value is not needed.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::infer::type_tests::type_test;
use crate::ir::{Expr, RTy, Stmt, StmtKind};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// Computes an operand of `e`, where that can raise or `changes` something.
    pub(super) fn only_computed(
        &mut self,
        e: &PyExpr,
        operand: Expr,
        rty: &RTy,
        changes: bool,
    ) -> Result<(), Expr> {
        // A name or a literal does nothing.
        if operand.is_simple() || !changes && !operand.can_fail() {
            return Ok(());
        }
        if self.conditional > 0 {
            return Err(self.partly(
                e,
                "an operand that can fail, and whose value is not needed, in this place,",
            ));
        }
        let kind = match (bare(operand), rty) {
            (operand, RTy::Unit) => StmtKind::Expr(operand),
            (operand @ Expr::Try(_), _) if !is_computed(&operand) => StmtKind::Expr(operand),
            (operand, _) => StmtKind::LetPattern {
                pattern: "_".into(),
                names: vec![],
                init: operand,
                otherwise: None,
            },
        };
        self.emit(self.current_span(), kind);
        Ok(())
    }

    /// A test of `val`, of which `test` is always the outcome or asks for it.
    pub(super) fn truth_tested(&mut self, e: &PyExpr, val: &Val, test: Expr) -> Result<Expr, Expr> {
        if test == Expr::atom("true") || test == Expr::atom("false") {
            let changes = self.changes_within(e);
            self.only_computed(e, val.expr.clone(), &val.rty, changes)?;
        }
        Ok(test)
    }

    /// Computes the object of an attribute or a method that its class alone answers for.
    pub(super) fn object_alone(&mut self, e: &PyExpr, object: &'a PyExpr) -> Result<(), Expr> {
        if matches!(self.fact(object.id).ty, Ty::Class(_)) || !self.object_may_raise(object) {
            return Ok(());
        }
        let changes = self.changes_within(object);
        let expr = self.receiver(object, false)?;
        self.only_computed(e, expr, &RTy::Never, changes)
    }

    /// Computes what leads to a place that only gets another name: `r = msg.payload.ranges` is
    /// an AttributeError there, not where `r` is read.
    pub(super) fn named_alone(&mut self, value: &'a PyExpr) -> Result<(), Expr> {
        match &value.kind {
            ExprKind::Attribute { value: object, .. } => self.object_alone(value, object),
            ExprKind::Tuple(values) | ExprKind::List(values) => {
                values.iter().try_for_each(|v| self.named_alone(v))
            }
            _ => Ok(()),
        }
    }

    /// Computes the value of a test that its type decides.
    pub(super) fn decided_alone(&mut self, test: &'a PyExpr) -> Result<(), Expr> {
        if let ExprKind::Unary { operand, .. } = &test.kind {
            return self.decided_alone(operand);
        }
        let Some(asked) = type_test(test) else {
            return Ok(());
        };
        match &asked.value.kind {
            ExprKind::Attribute { value, .. } if self.object_may_raise(value) => {
                let val = self.expr(asked.value)?;
                self.only_computed(test, val.expr, &val.rty, false)
            }
            ExprKind::Call { .. } | ExprKind::Subscript { .. } => {
                let val = self.expr(asked.value)?;
                let changes = self.changes_within(asked.value);
                self.only_computed(test, val.expr, &val.rty, changes)
            }
            _ => Ok(()),
        }
    }

    /// Whether an attribute of `object` may raise: it may be None, or computing it may fail.
    fn object_may_raise(&self, object: &PyExpr) -> bool {
        let may_be_none = matches!(self.fact(object.id).ty, Ty::Option(_));
        match &object.kind {
            ExprKind::Name(_) => may_be_none,
            ExprKind::Attribute { value, .. } => {
                may_be_none
                    || self.model.calls.contains_key(&object.id)
                    || self.object_may_raise(value)
            }
            ExprKind::Call { func, .. } => {
                !matches!(&func.kind, ExprKind::Name(name) if name == "super")
            }
            _ => true,
        }
    }
}

/// Whether a statement computes something that nobody needs.
pub(super) fn is_alone(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Expr(operand) => operand.can_fail(),
        StmtKind::LetPattern { pattern, .. } => pattern == "_",
        _ => false,
    }
}

/// Whether what may fail is a helper's: in a `try` a plain operation may take its place.
fn is_computed(operand: &Expr) -> bool {
    match operand {
        Expr::Try(inner) => is_computed(inner),
        Expr::Method(inner, name, _) => name.starts_with("ok_or") && is_computed(inner),
        Expr::Call(..) | Expr::Binary(..) => true,
        _ => false,
    }
}

/// What fails within an expression whose value nobody needs.
fn bare(e: Expr) -> Expr {
    match e {
        Expr::Deref(inner) | Expr::Ref(inner) | Expr::Cast(inner, _) if inner.can_fail() => {
            bare(*inner)
        }
        Expr::Field(inner, _) if inner.can_fail() => bare(*inner),
        Expr::Method(inner, name, args)
            if name == "clone" && args.is_empty() && inner.can_fail() =>
        {
            bare(*inner)
        }
        other => other,
    }
}

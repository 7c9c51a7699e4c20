//! `isinstance(x, T)`: what inference decided, or a test for None.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind, UnaryOp};
use crate::infer::isinstance::{Instance, arguments, instance};
use crate::ir::{Expr, RTy};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    fn answer(&self, e: &PyExpr) -> Option<Instance> {
        let (value, classes) = arguments(e)?;
        // What has to be evaluated is not left out.
        self.path_of(value)?;
        if self.lw.input.model.problems.contains_key(&e.id) {
            return None;
        }
        let names: Vec<String> = classes.iter().map(|c| self.lw.full_name(c)).collect();
        Some(instance(&self.fact(value.id).ty, &names))
    }

    /// Whether it is a test for None.
    pub(super) fn is_present(&self, e: &PyExpr) -> bool {
        self.answer(e) == Some(Instance::Present)
    }

    /// The outcome of a condition that types decide.
    pub(super) fn types_decide(&self, test: &PyExpr) -> Option<bool> {
        match &test.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.types_decide(operand).map(|holds| !holds),
            _ => match self.answer(test)? {
                Instance::Always => Some(true),
                Instance::Never => Some(false),
                Instance::Present | Instance::Open => None,
            },
        }
    }

    /// `isinstance(x, T)`
    pub(super) fn instance_value(&mut self, e: &'a PyExpr) -> Option<Result<Val, Expr>> {
        let (value, _) = arguments(e)?;
        let answer = self.answer(e);
        Some(match answer {
            Some(Instance::Always) => Ok(Val::bool(Expr::atom("true"))),
            Some(Instance::Never) => Ok(Val::bool(Expr::atom("false"))),
            Some(Instance::Present) => self.expr(value).and_then(|val| match val.rty {
                RTy::Option(_) => Ok(Val::bool(val.expr.method("is_some", vec![]))),
                _ => Err(self.hole(e)),
            }),
            Some(Instance::Open) | None => Err(self.hole(e)),
        })
    }
}

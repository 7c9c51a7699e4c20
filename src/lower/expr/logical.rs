//! `and` and `or`.

use crate::ast::{BoolOp, Expr as PyExpr, ExprKind};
use crate::ir::{Block, Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `a and b`, `a or b` as a value: one of the operands.
    pub(super) fn logical(
        &mut self,
        e: &'a PyExpr,
        op: BoolOp,
        values: &'a [PyExpr],
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let all_bool = values.iter().all(|v| self.fact(v.id).ty == Ty::Bool);
        if all_bool {
            return Ok(Val::bool(self.condition_value(e)?));
        }
        let Some(target) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        // None is never what `or` gives, except as the last.
        let values: Vec<&'a PyExpr> = values
            .iter()
            .enumerate()
            .filter(|(i, value)| {
                let none = self.fact(value.id).ty == Ty::None
                    && matches!(value.kind, ExprKind::Name(_) | ExprKind::None);
                !(none && op == BoolOp::Or && i + 1 < values.len())
            })
            .map(|(_, value)| value)
            .collect();
        let Some((last, before)) = values.split_last() else {
            return Err(self.hole(e));
        };
        self.conditional += 1;
        let result = self
            .expr_as(last, &target)
            .and_then(|v| self.coerce(v, &target, last.span, "the value"));
        self.conditional -= 1;
        let mut result = result?;
        for (i, value) in before.iter().enumerate().rev() {
            self.conditional += usize::from(i > 0);
            let val = self.expr(value);
            self.conditional -= usize::from(i > 0);
            let val = val?;
            // Only the first operand is evaluated in any case.
            self.conditional += usize::from(i > 0);
            // A slice is a list of its own, however it is looked at here.
            let sliced = matches!(&value.kind, ExprKind::Subscript { index, .. }
                if matches!(index.kind, ExprKind::Slice { .. }));
            let outer = std::mem::replace(&mut self.copied_by_pytask, sliced);
            let chosen = self.choose(e, op, val, result, &target);
            self.copied_by_pytask = outer;
            self.conditional -= usize::from(i > 0);
            result = chosen?;
        }
        Ok(Val::new(result, target, &fact))
    }

    fn choose(
        &mut self,
        e: &PyExpr,
        op: BoolOp,
        val: Val,
        other: Expr,
        target: &RTy,
    ) -> Result<Expr, Expr> {
        let val = match op {
            BoolOp::Or if !matches!(target, RTy::Option(_)) => val.lent_option(),
            _ => val,
        };
        if let (RTy::Option(inner), BoolOp::Or, false) =
            (&val.rty, op, matches!(target, RTy::Option(_)))
        {
            // `x or d` with an x that may be None: None and zero both give d.
            let own = match &**inner {
                RTy::String | RTy::Vec(_) => true,
                RTy::Named(_) => {
                    let given = |node| self.lw.input.model.moved.contains(&node);
                    !self.lw.is_copy(inner) && !val.node.is_some_and(given)
                }
                _ => false,
            };
            let looked_at = own && val.expr.is_place();
            let (subject, rty) = match looked_at {
                true => (
                    val.expr.clone().method("as_ref", vec![]),
                    RTy::Ref(inner.clone()),
                ),
                false => (val.expr.clone(), (**inner).clone()),
            };
            let x = Val {
                expr: Expr::atom("x"),
                rty,
                ty: val.ty.narrowed(),
                literal: false,
                ..val.clone()
            };
            let guard = match self.is_always_true(&x.ty) {
                true => None,
                false => match x.truth() {
                    Some(guard) => Some(guard),
                    None => return Err(self.partly(e, "`or` of this value")),
                },
            };
            let value = self.coerce(x, target, e.span, "the value")?;
            if guard.is_none() && value == Expr::atom("x") && !other.can_fail() {
                return Ok(match other.is_simple() {
                    true => subject.method("unwrap_or", vec![other]),
                    false => {
                        let made = Expr::Closure(String::new(), Box::new(other));
                        subject.method("unwrap_or_else", vec![made])
                    }
                });
            }
            let arms = vec![
                crate::ir::Arm {
                    pattern: "Some(x)".into(),
                    body: Block::value(value),
                    guard,
                },
                crate::ir::Arm {
                    pattern: "_".into(),
                    guard: None,
                    body: Block::value(other),
                },
            ];
            return Ok(Expr::Match {
                subject: Box::new(subject),
                arms,
            });
        }
        // An element that is not copied is looked at where it lies.
        let val = match &val.expr {
            Expr::Index(..) if !val.rty.is_ref() && !self.lw.is_copy(&val.rty) => Val {
                expr: Expr::Ref(Box::new(val.expr)),
                rty: RTy::Ref(Box::new(val.rty)),
                ..val
            },
            _ => val,
        };
        let val = if val.expr.is_simple() || self.conditional > 0 {
            val
        } else {
            self.hoist(val, "value", e.span)
        };
        if !val.expr.is_simple() {
            // Evaluated where it is needed, in a block of its own.
            let init = Some(val.expr.clone());
            let held = Val {
                expr: Expr::atom("value"),
                literal: false,
                ..val
            };
            let chosen = self.choose(e, op, held, other, target)?;
            let stmt = crate::ir::Stmt::new(crate::ir::StmtKind::Let {
                name: "value".into(),
                mutable: false,
                ty: None,
                init,
            });
            return Ok(Expr::Block(Block {
                stmts: vec![stmt],
                value: Some(Box::new(chosen)),
            }));
        }
        let Some(truth) = val.truth() else {
            return Err(self.partly(e, "`and` or `or` of this value"));
        };
        let value = self.coerce(val, target, e.span, "the value")?;
        let (then, otherwise) = if op == BoolOp::Or {
            (value, other)
        } else {
            (other, value)
        };
        Ok(Expr::If {
            cond: Box::new(truth),
            then: Block::value(then),
            otherwise: Some(Block::value(otherwise)),
        })
    }
}

/// Where nothing says that a `String` is wanted, `.into()` is not enough.
pub(in crate::lower) fn owned_text(e: Expr) -> Expr {
    match e {
        Expr::Method(receiver, name, args) if name == "into" => {
            Expr::Method(receiver, "to_string".into(), args)
        }
        Expr::Macro(name, items) if name == "vec" => {
            Expr::Macro(name, items.into_iter().map(owned_text).collect())
        }
        other => other,
    }
}

//! Runs over the values of a tuple.

use super::{Form, Items, Shape};
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// The values of a tuple.
    pub(super) fn tuple_items(&mut self, iter: &'a PyExpr) -> Result<Items, Expr> {
        if !matches!(iter.kind, ExprKind::Tuple(_)) {
            // A constant tuple of one type is an array.
            let val = self.expr(iter)?;
            let val = match val.expr.is_simple() || !matches!(val.rty, RTy::Tuple(_)) {
                true => val,
                false => self.hoist(val, "values", iter.span),
            };
            if self.tuple_pattern(val.rty.peel()).is_some() {
                return self.field_items(iter, &val);
            }
            if let (RTy::Array(elem, _), Ty::Tuple(tys)) = (val.rty.peel().clone(), val.ty.clone())
            {
                let fact = Fact::of(tys.iter().fold(Ty::Unknown, |a, b| a.join(b)));
                let by_ref = self.lw.is_copy(&elem);
                let rty = if by_ref { *elem } else { RTy::Ref(elem) };
                return Ok(Items {
                    form: Form::Place(val.expr, val.rty.is_ref()),
                    shape: Shape::One { rty, fact, by_ref },
                });
            }
            // A tuple in a variable: its values one after the other.
            if let (RTy::Tuple(tys), true, Ty::Tuple(facts)) =
                (val.rty.peel().clone(), val.expr.is_simple(), val.ty.clone())
            {
                let fact = facts
                    .iter()
                    .map(|t| Fact::of(t.clone()))
                    .reduce(|a, b| a.join(&b))
                    .unwrap_or_else(Fact::unknown);
                if let Some(ty) = self.lw.natural(&fact).filter(|t| self.lw.is_copy(t)) {
                    let mut exprs = Vec::new();
                    for ((i, rty), ty_i) in tys.iter().enumerate().zip(&facts) {
                        let part = Val::new(
                            val.expr.clone().field(i.to_string()),
                            rty.clone(),
                            &Fact::of(ty_i.clone()),
                        );
                        exprs.push(self.coerce(part, &ty, iter.span, "an element")?);
                    }
                    return Ok(Items {
                        form: Form::Array(Expr::Array(exprs)),
                        shape: Shape::One {
                            rty: ty,
                            fact,
                            by_ref: false,
                        },
                    });
                }
            }
        }
        let (ExprKind::Tuple(items), Ty::Tuple(tys)) = (&iter.kind, self.fact(iter.id).ty) else {
            return Err(self.partly(iter, "a loop over a tuple"));
        };
        let elem = tys.iter().fold(Ty::Unknown, |a, b| a.join(b));
        let fact = items
            .iter()
            .map(|i| self.fact(i.id))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_else(|| Fact::of(elem));
        let Some(ty) = self.lw.natural(&fact) else {
            return Err(self.partly(iter, "a loop over values of these types"));
        };
        let ty = if ty == RTy::String { RTy::Str } else { ty };
        let mut exprs = Vec::new();
        for item in items {
            let val = self.expr_as(item, &ty)?;
            exprs.push(self.coerce(val, &ty, item.span, "an element")?);
        }
        Ok(Items {
            form: Form::Array(Expr::Array(exprs)),
            shape: Shape::One {
                rty: ty,
                fact,
                by_ref: false,
            },
        })
    }
}

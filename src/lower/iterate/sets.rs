//! Runs over the elements of a set, where inference found that their order cannot show.

use super::{Form, Items, Shape};
use crate::ast::Expr as PyExpr;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::Fact;

impl<'a> FnLower<'_, 'a> {
    /// The elements of a set.
    pub(super) fn set_items(&mut self, iter: &'a PyExpr) -> Result<Items, Expr> {
        let Ty::Set(elem) = self.fact(iter.id).ty.narrowed() else {
            return Err(self.hole(iter));
        };
        let to = self.lw.natural(&self.fact(iter.id));
        let set = match to {
            Some(to @ RTy::Set(_)) => self.expr_as(iter, &to)?,
            _ => return Err(self.partly(iter, "a loop over this set")),
        };
        let RTy::Set(own) = set.rty.peel().clone() else {
            return Err(self.partly(iter, "a loop over this set"));
        };
        // What is equal is there once: what makes the set is not run through in its place.
        let expr = match set.expr {
            Expr::Method(made, name, args) if name == "collect" => {
                made.method("collect::<BTreeSet<_>>", args)
            }
            Expr::Ref(inner) => *inner,
            other => other,
        };
        let by_ref = self.lw.is_copy(&own);
        let rty = match by_ref {
            true => *own,
            false => RTy::Ref(own),
        };
        Ok(Items {
            form: Form::seen(expr, &set.rty),
            shape: Shape::One {
                rty,
                fact: Fact::of(*elem),
                by_ref,
            },
        })
    }
}

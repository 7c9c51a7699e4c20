//! `xs[a:b]`: a new list of some of a list's elements.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy};
use crate::value::{Val, int_val};

/// One end of a slice.
#[derive(Debug, Clone, Copy)]
struct Bound(Option<i128>);

impl Bound {
    /// The index in a list of `len` elements.
    fn of(self, otherwise: i128, len: i128) -> i128 {
        match self.0 {
            None => otherwise,
            Some(i) if i < 0 => (i + len).max(0),
            Some(i) => i.min(len),
        }
    }

    /// The index in a list of any length; none where the bound is left out.
    fn at(self, list: &Expr) -> Option<Box<Expr>> {
        let len = list.clone().method("len", vec![]);
        match self.0? {
            0 => None,
            i if i < 0 => Some(len.method("saturating_sub", vec![int_val(-i).expr])),
            i => Some(len.method("min", vec![int_val(i).expr])),
        }
        .map(Box::new)
    }
}

impl<'a> FnLower<'_, 'a> {
    /// `value[lower:upper]`, where the bounds are constant.
    pub(super) fn slice(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let ExprKind::Slice { lower, upper, .. } = &index.kind else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        let base = self.expr(value)?;
        // The list is named twice.
        if self.path_of(value).is_none() || base.expr.can_fail() {
            return Err(self.partly(e, "a slice of what has no name"));
        }
        let bound = |e: &Option<Box<PyExpr>>| {
            Bound(
                e.as_ref()
                    .and_then(|e| self.fact(e.id).range.int().constant()),
            )
        };
        let (low, high) = (bound(lower), bound(upper));
        let list = base.expr.clone();
        let part = |low, high| Expr::Range {
            low,
            high,
            inclusive: false,
        };
        let part = match base.rty.peel() {
            RTy::Array(_, len) => {
                let len = *len as i128;
                let (low, high) = (low.of(0, len), high.of(len, len));
                let end = (high < len).then(|| Box::new(int_val(high.max(low)).expr));
                let start = (low > 0).then(|| Box::new(int_val(low).expr));
                Expr::Index(Box::new(list), Box::new(part(start, end)))
            }
            _ => {
                let mixed = match (low.0, high.0) {
                    (Some(low), Some(high)) => low > high || (low < 0) != (high < 0),
                    _ => false,
                };
                let range = part(low.at(&list), high.at(&list).or_else(|| empty(high)));
                if mixed {
                    // The ends may have passed each other.
                    list.method("get", vec![range])
                        .method("unwrap_or_default", vec![])
                } else {
                    Expr::Index(Box::new(list), Box::new(range))
                }
            }
        };
        let Some(elem) = base.element().cloned() else {
            return Err(self.hole(e));
        };
        // The elements lie as they lay; where they are kept wider, storing converts them.
        let list = RTy::Vec(Box::new(elem));
        Ok(Val::new(part.method("to_vec", vec![]), list, &fact))
    }
}

/// `xs[a:0]` ends where it begins.
fn empty(high: Bound) -> Option<Box<Expr>> {
    (high.0 == Some(0)).then(|| Box::new(int_val(0).expr))
}

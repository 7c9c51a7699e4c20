//! Tuples made of tuples: `a + b`, `(0.0,) * 3`, `pose[:2]`.
//!
//! Enters: an expression that inference knows as a tuple. Leaves: its items, one by one.
//! This module must not know lists.

use super::function::FnLower;
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::infer::lengths::slice_places;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// The tuple of an operator or a slice.
    pub(super) fn tuple_of_parts(&mut self, e: &'a PyExpr) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let mut exprs = Vec::new();
        self.tuple_parts(e, &mut exprs)?;
        let (mut items, mut tys, mut facts) = (Vec::new(), Vec::new(), Vec::new());
        for val in exprs {
            let val = self.given(val);
            items.push(val.expr);
            tys.push(val.rty);
            facts.push(val.ty);
        }
        let fact = Fact {
            ty: Ty::Tuple(facts),
            ..fact
        };
        Ok(Val::new(Expr::Tuple(items), RTy::Tuple(tys), &fact))
    }

    /// The items of a tuple, after those that are there.
    fn tuple_parts(&mut self, e: &'a PyExpr, out: &mut Vec<Val>) -> Result<(), Expr> {
        let Ty::Tuple(tys) = self.fact(e.id).ty else {
            return Err(self.hole(e));
        };
        match &e.kind {
            ExprKind::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => {
                self.tuple_parts(left, out)?;
                return self.tuple_parts(right, out);
            }
            ExprKind::Binary {
                op: BinaryOp::Mul,
                left,
                ..
            } => {
                let mut once = Vec::new();
                self.tuple_parts(left, &mut once)?;
                if once.is_empty() {
                    return Ok(());
                }
                for val in &mut once {
                    let plain = val.literal || val.expr.is_simple();
                    if !plain && self.conditional > 0 {
                        return Err(self.partly(e, "a tuple that is repeated in this place"));
                    }
                    if !plain {
                        *val = self.hoist(val.clone(), "item", e.span);
                    }
                }
                out.extend((0..tys.len() / once.len()).flat_map(|_| once.iter().cloned()));
                return Ok(());
            }
            ExprKind::Subscript { value, index }
                if matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                let ExprKind::Slice { lower, upper, step } = &index.kind else {
                    return Err(self.hole(e));
                };
                let bound = |e: &Option<Box<PyExpr>>| {
                    let e = e.as_ref()?;
                    self.fact(e.id).range.int().constant()
                };
                let (lower, upper, step) = (bound(lower), bound(upper), bound(step).unwrap_or(1));
                let mut all = Vec::new();
                self.tuple_parts(value, &mut all)?;
                let places = slice_places(all.len(), lower, upper, step);
                for i in places.unwrap_or_default() {
                    out.extend(all.get(i).cloned());
                }
                return Ok(());
            }
            _ => {}
        }
        let before = self.out.len();
        let earlier: Vec<Expr> = out.iter().map(|val| val.expr.clone()).collect();
        let val = self.expr(e)?;
        self.in_order(e, before, &earlier)?;
        let val = match &val.expr {
            Expr::Tuple(_) => val,
            place if place.is_place() && !place.can_fail() => val,
            _ if self.conditional > 0 => {
                return Err(self.partly(e, "a tuple that is taken apart in this place"));
            }
            _ => self.hoist(val, "items", e.span),
        };
        let owns: Vec<RTy> = match val.rty.peel() {
            RTy::Tuple(owns) => owns.clone(),
            RTy::Array(elem, len) => vec![(**elem).clone(); *len],
            _ => return Err(self.hole(e)),
        };
        for (i, (own, ty)) in owns.into_iter().zip(tys).enumerate() {
            let item = match (&val.expr, val.rty.peel()) {
                (Expr::Tuple(items), _) => items.get(i).cloned().ok_or_else(|| self.hole(e))?,
                (place, RTy::Array(..)) => {
                    let at = Expr::atom(i.to_string());
                    Expr::Index(Box::new(place.clone()), Box::new(at))
                }
                (place, _) => place.clone().field(i.to_string()),
            };
            out.push(Val::new(item, own, &Fact::of(ty)));
        }
        Ok(())
    }

    /// `t[i]` of a tuple of one type, by a computed place.
    pub(super) fn tuple_as_array(&mut self, base: Val) -> Option<Val> {
        let RTy::Tuple(tys) = base.rty.peel().clone() else {
            return None;
        };
        let first = tys.first()?.clone();
        let alike = tys.iter().all(|ty| *ty == first);
        if !alike || !self.lw.is_copy(&first) {
            return None;
        }
        let field = |i: usize| base.expr.clone().field(i.to_string());
        let array = Expr::Array(match &base.expr {
            Expr::Tuple(items) => items.clone(),
            place if place.is_place() => (0..tys.len()).map(field).collect(),
            _ => return None,
        });
        Some(Val {
            expr: array,
            rty: RTy::Array(Box::new(first), tys.len()),
            ..base
        })
    }
}

//! Arithmetic of which only the low bits are kept: `(h * 33 + x) & 0xFFFFFFFF`.
//!
//! Python computes the whole value and masks it. The low 64 bits of a sum, a product, a
//! shift to the left are those of the operands' low 64 bits, so that wrapping `i64`s do.

use super::function::FnLower;
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `left & mask` and `left % power` where `left` may leave 64 bits; none where plain
    /// arithmetic does, or where more than 63 bits are kept.
    pub(super) fn masked(
        &mut self,
        op: BinaryOp,
        left: &'a PyExpr,
        right: &'a PyExpr,
        fact: &Fact,
    ) -> Option<Result<Val, Expr>> {
        let constant = |e: &PyExpr| self.fact(e.id).range.int().constant();
        let (kept, mask, bits) = match (op, constant(left), constant(right)) {
            (BinaryOp::BitAnd, None, Some(bits)) => (left, right, bits),
            (BinaryOp::BitAnd, Some(bits), None) => (right, left, bits),
            (BinaryOp::Mod, _, Some(power)) if power > 0 && power & (power - 1) == 0 => {
                (left, right, power)
            }
            _ => return None,
        };
        if !(0..=i64::MAX as i128).contains(&bits) {
            return None;
        }
        let wide = !self.fact(kept.id).range.int().within(IntRange::I64);
        if self.fact(kept.id).ty != Ty::Int || !wide || !wraps(kept) {
            return None;
        }
        Some(self.low_bits(kept).and_then(|low| {
            let mask = self.expr(mask)?;
            let Some(mask) = mask.to_int(IntTy::I64) else {
                return Err(self.partly(kept, "this mask"));
            };
            let expr = match op {
                BinaryOp::BitAnd => low.binary(BinOp::BitAnd, mask),
                _ => low.method("rem_euclid", vec![mask]),
            };
            let range = fact.range.int().meet(IntRange::new(0, i64::MAX as i128));
            Ok(Val::int(expr, IntTy::I64, range))
        }))
    }

    /// The low 64 bits of an int, as an `i64`.
    fn low_bits(&mut self, e: &'a PyExpr) -> Result<Expr, Expr> {
        let fits = self.fact(e.id).range.int().within(IntRange::I64);
        if let (ExprKind::Binary { op, left, right }, false) = (&e.kind, fits)
            && wraps(e)
            && [left, right].iter().all(|e| self.fact(e.id).ty == Ty::Int)
            && !self.lw.input.model.problems.contains_key(&e.id)
        {
            if *op == BinaryOp::Shl {
                let by = self.fact(right.id).range.int();
                if !by.within(IntRange::new(0, 63)) {
                    return self.low_of(e);
                }
                let x = self.low_bits(left)?;
                let by = self.expr(right)?;
                return match by.to_int(IntTy::U32) {
                    Some(by) => Ok(x.binary(BinOp::Shl, by)),
                    None => self.low_of(e),
                };
            }
            if *op == BinaryOp::Pow {
                let n = self.fact(right.id).range.int().constant();
                let Some(n) = n.and_then(|n| u32::try_from(n).ok()) else {
                    return self.low_of(e);
                };
                let x = typed(self.low_bits(left)?);
                return Ok(x.method("wrapping_pow", vec![Expr::atom(n.to_string())]));
            }
            let (a, b) = (self.low_bits(left)?, self.low_bits(right)?);
            let method = match op {
                BinaryOp::Add => "wrapping_add",
                BinaryOp::Sub => "wrapping_sub",
                BinaryOp::Mul => "wrapping_mul",
                BinaryOp::BitXor => return Ok(a.binary(BinOp::BitXor, b)),
                BinaryOp::BitOr => return Ok(a.binary(BinOp::BitOr, b)),
                _ => return Ok(a.binary(BinOp::BitAnd, b)),
            };
            return Ok(typed(a).method(method, vec![b]));
        }
        self.low_of(e)
    }

    /// A value that is computed as it is; of a wider one the low bits.
    fn low_of(&mut self, e: &'a PyExpr) -> Result<Expr, Expr> {
        let val = self.expr(e)?;
        match (val.to_int(IntTy::I64), &val.rty) {
            (Some(expr), _) => Ok(expr),
            (None, RTy::Int(_)) => Ok(val.expr.cast(RTy::I64)),
            (None, _) => Err(self.partly(e, "this value under a mask")),
        }
    }
}

/// Whether the low bits of a result are told by those of its operands.
fn wraps(e: &PyExpr) -> bool {
    matches!(
        &e.kind,
        ExprKind::Binary {
            op: BinaryOp::Add
                | BinaryOp::Sub
                | BinaryOp::Mul
                | BinaryOp::Pow
                | BinaryOp::Shl
                | BinaryOp::BitXor
                | BinaryOp::BitOr
                | BinaryOp::BitAnd,
            ..
        }
    )
}

/// A literal needs its type before a method is called on it.
fn typed(e: Expr) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_i64"))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_i64")),
        other => other,
    }
}

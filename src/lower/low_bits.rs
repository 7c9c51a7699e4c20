//! Arithmetic of which only the low bits are kept: `(h * 33 + x) & 0xFFFFFFFF`.
//!
//! Python computes the whole value and masks it. The low 64 bits of a sum, a product, a
//! shift to the left are those of the operands' low 64 bits, so that wrapping `i64`s do, or
//! `u64`s where all 64 are kept.

use super::function::FnLower;
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val, int_type_range};

impl<'a> FnLower<'_, 'a> {
    /// `left & mask` and `left % power` where `left` may leave 64 bits; none where plain
    /// arithmetic does, or where more than 64 bits are kept.
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
        // More than 63 bits are kept in an `i128` as long as that holds the value.
        let (int, plain) = match bits {
            0..=0x7FFF_FFFF_FFFF_FFFF => (IntTy::I64, IntRange::I64),
            0x8000_0000_0000_0000..=0xFFFF_FFFF_FFFF_FFFF => {
                (IntTy::U64, int_type_range(IntTy::I128))
            }
            _ => return None,
        };
        let wide = !self.fact(kept.id).range.int().within(plain);
        if self.fact(kept.id).ty != Ty::Int || !wide || !wraps(kept) {
            return None;
        }
        Some(self.low_bits(kept, int).and_then(|low| {
            let mask = self.expr(mask)?;
            let Some(mask) = mask.to_int(int) else {
                return Err(self.partly(kept, "this mask"));
            };
            let expr = match op {
                BinaryOp::BitAnd => low.binary(BinOp::BitAnd, mask),
                _ => low.method("rem_euclid", vec![mask]),
            };
            let range = fact.range.int().meet(IntRange::new(0, bits));
            Ok(Val::int(expr, int, range))
        }))
    }

    /// The low 64 bits of an int, as an `i64` or `u64`.
    fn low_bits(&mut self, e: &'a PyExpr, int: IntTy) -> Result<Expr, Expr> {
        let fits = self.fact(e.id).range.int().within(IntRange::I64);
        if let (ExprKind::Binary { op, left, right }, false) = (&e.kind, fits)
            && wraps(e)
            && [left, right].iter().all(|e| self.fact(e.id).ty == Ty::Int)
            && !self.lw.input.model.problems.contains_key(&e.id)
        {
            if *op == BinaryOp::Shl {
                let by = self.fact(right.id).range.int();
                if !by.within(IntRange::new(0, 63)) {
                    return self.low_of(e, int);
                }
                let x = self.low_bits(left, int)?;
                let by = self.expr(right)?;
                return match by.to_int(IntTy::U32) {
                    Some(by) => Ok(x.binary(BinOp::Shl, by)),
                    None => self.low_of(e, int),
                };
            }
            if *op == BinaryOp::Pow {
                let n = self.fact(right.id).range.int().constant();
                let Some(n) = n.and_then(|n| u32::try_from(n).ok()) else {
                    return self.low_of(e, int);
                };
                let x = typed(self.low_bits(left, int)?, int);
                return Ok(x.method("wrapping_pow", vec![Expr::atom(n.to_string())]));
            }
            let (a, b) = (self.low_bits(left, int)?, self.low_bits(right, int)?);
            let method = match op {
                BinaryOp::Add => "wrapping_add",
                BinaryOp::Sub => "wrapping_sub",
                BinaryOp::Mul => "wrapping_mul",
                BinaryOp::BitXor => return Ok(a.binary(BinOp::BitXor, b)),
                BinaryOp::BitOr => return Ok(a.binary(BinOp::BitOr, b)),
                _ => return Ok(a.binary(BinOp::BitAnd, b)),
            };
            return Ok(typed(a, int).method(method, vec![b]));
        }
        self.low_of(e, int)
    }

    /// A value that is computed as it is; of a wider one the low bits.
    fn low_of(&mut self, e: &'a PyExpr, int: IntTy) -> Result<Expr, Expr> {
        let val = self.expr(e)?;
        match (val.to_int(int), &val.rty) {
            (Some(expr), _) => Ok(expr),
            (None, RTy::Int(_)) if !val.literal => Ok(val.expr.cast(RTy::Int(int))),
            _ => Err(self.partly(e, "this value under a mask")),
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
fn typed(e: Expr, int: IntTy) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_{}", int.name()))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_{}", int.name())),
        other => other,
    }
}

//! Bytes: what the syntax tree tells of them that their values alone do not.
//!
//! Enters: literals, and what `bytes(…)` is given. Leaves: Rust of `u8`. This module must not
//! know the methods of bytes: those are in the catalog.

use super::function::FnLower;
use crate::ast::{BinaryOp, ComprehensionKind, Expr as PyExpr, ExprKind};
use crate::catalog::{BYTES, byte_refusal};
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ty::{ListKind, Ty};
use crate::value::Val;

/// `b"\x55\xaa"`
pub(super) fn literal(bytes: &[u8]) -> Expr {
    Expr::Atom(format!("b\"{}\"", bytes.escape_ascii()))
}

/// `&'static [u8; 2]`
pub(super) fn literal_type(bytes: &[u8]) -> RTy {
    let array = RTy::Array(Box::new(RTy::Int(IntTy::U8)), bytes.len());
    RTy::Ref(Box::new(array))
}

/// `buf[i] ^= mask` of what is a byte in any case: Rust's operator, and its operand.
pub(super) fn bits(op: BinaryOp, value: &Val) -> Option<(BinOp, Expr)> {
    if value.ty != Ty::Int || value.expr.can_fail() {
        return None;
    }
    match op {
        BinaryOp::BitXor => Some((BinOp::BitXor, value.to_int(IntTy::U8)?)),
        BinaryOp::BitOr => Some((BinOp::BitOr, value.to_int(IntTy::U8)?)),
        // The bits above a byte are gone anyway.
        BinaryOp::BitAnd => Some((
            BinOp::BitAnd,
            match value.range.int().constant() {
                Some(mask) => crate::value::int_literal(mask & 0xFF),
                None => match value.to_int(IntTy::U8) {
                    Some(mask) => mask,
                    None => value.expr.clone().cast(RTy::Int(IntTy::U8)),
                },
            },
        )),
        _ => None,
    }
}

impl<'a> FnLower<'_, 'a> {
    /// The items of `bytes([a, b])`, `bytes(x for x in xs)`, `buf.extend((a, b))`, as a `Vec<u8>`
    /// where what is written shows that they are, or may be, bytes; nothing for what is none of
    /// that.
    pub(super) fn written_bytes(
        &mut self,
        e: &'a PyExpr,
        kind: Option<ListKind>,
    ) -> Result<Option<Val>, Expr> {
        let byte = RTy::Int(IntTy::U8);
        let fact = self.fact(e.id);
        let list = RTy::Vec(Box::new(byte.clone()));
        match &e.kind {
            ExprKind::List(items) | ExprKind::Tuple(items)
                if !items.is_empty() && items.iter().all(|item| self.is_plain_int(item)) =>
            {
                let error = self.error(byte_refusal(kind));
                let start = (self.out.len(), self.bounds.len());
                let mut vals = Vec::new();
                let mut exprs = Vec::new();
                for item in items {
                    let before = self.out.len();
                    let val = self.expr(item)?;
                    self.in_order(item, before, &exprs)?;
                    exprs.push(val.expr.clone());
                    vals.push(val);
                }
                // All are computed before one of them is found to be no byte.
                let refuses = |val: &Val| val.to_int(IntTy::U8).is_none();
                let first = vals.iter().position(refuses).unwrap_or(vals.len());
                if vals.iter().skip(first + 1).any(|val| val.expr.can_fail()) {
                    self.out.truncate(start.0);
                    self.bounds.truncate(start.1);
                    return Ok(None);
                }
                let bytes = vals.iter().map(|v| v.to_int_or(IntTy::U8, &error));
                let bytes = Expr::Macro("vec".into(), bytes.collect());
                Ok(Some(Val::new(bytes, list, &fact)))
            }
            ExprKind::Comprehension {
                kind: ComprehensionKind::List | ComprehensionKind::Generator,
                element,
                clauses,
                ..
            } if self.fact(element.id).ty == Ty::Int
                && self.fact(element.id).range.int().within(BYTES) =>
            {
                let made = self.comprehension(e, element, clauses, Some(&byte))?;
                Ok(Some(made))
            }
            _ => Ok(None),
        }
    }

    /// Whether a target has a `Vec<u8>` of its own: what is added to `bytes` makes new ones in
    /// Python, and nobody sees the old.
    pub(super) fn holds_bytes(&self, target: &PyExpr) -> bool {
        self.fact(target.id).ty.octets_kind() == Some(ListKind::Bytes)
            && self.path_of(target).is_some_and(|path| {
                let rty = self.path_type(&path);
                rty == Some(RTy::Vec(Box::new(RTy::Int(IntTy::U8))))
            })
    }

    /// An int that becomes a byte: Python's ValueError where it is none.
    pub(super) fn as_byte(&self, val: Val) -> Val {
        let error = self.error(byte_refusal(Some(ListKind::Bytearray)));
        match val.ty {
            Ty::Int => Val::int(val.to_int_or(IntTy::U8, &error), IntTy::U8, BYTES),
            _ => val,
        }
    }

    /// `x in data`: a byte, or bytes one after the other.
    pub(super) fn in_octets(&mut self, e: &PyExpr, x: Val, data: Val) -> Result<Expr, Expr> {
        if x.ty == Ty::Int {
            let byte = self.as_byte(x);
            let byte = Expr::Ref(Box::new(byte.expr));
            return Ok(data.expr.looked_at().method("contains", vec![byte]));
        }
        let mut site = self.site();
        let found = crate::catalog::bytes_within(&data, &x, &mut site);
        self.absorb(site, e.span);
        found.map_err(|why| self.partly(e, why.trim_end_matches(" is not translated")))
    }

    /// Whether an item of a display is an int.
    fn is_plain_int(&self, item: &PyExpr) -> bool {
        !matches!(item.kind, ExprKind::Starred(_)) && self.fact(item.id).ty == Ty::Int
    }
}

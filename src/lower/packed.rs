//! `struct.pack`, `struct.unpack`: values as the bytes of a literal format, and back.
//!
//! Enters: the call. Leaves: `to_le_bytes` of each value one behind the other, or a tuple of
//! `from_le_bytes`. This module must not know how a format is written: that is
//! `desugar::packed::format`.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::desugar::packed::format::{Item, Kind, Layout, Order};
use crate::desugar::packed::{PACK, UNPACK, UNPACK_FROM};
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::project::{FloatTy, IntTy};
use crate::ty::Ty;
use crate::value::{Fact, Val, int_type_range};

/// What Python says where an int is none of the format: it differs by version and order.
const NO_INT: &str = "StructError (an int that does not fit the format)";

fn byte() -> RTy {
    RTy::Int(IntTy::U8)
}

/// The int of Rust that lies in so many bytes.
fn int_of(bytes: usize, signed: bool) -> IntTy {
    match (bytes, signed) {
        (1, false) => IntTy::U8,
        (1, true) => IntTy::I8,
        (2, false) => IntTy::U16,
        (2, true) => IntTy::I16,
        (4, false) => IntTy::U32,
        (4, true) => IntTy::I32,
        (_, false) => IntTy::U64,
        (_, true) => IntTy::I64,
    }
}

/// `le`, of `to_le_bytes`.
fn ending(order: Order) -> &'static str {
    match order {
        Order::Little => "le",
        Order::Big => "be",
        Order::Native => "ne",
    }
}

impl<'a> FnLower<'_, 'a> {
    /// Lowers such a call; nothing where it is another one.
    pub(super) fn packed_call(
        &mut self,
        e: &'a PyExpr,
        full: &str,
        args: &'a [PyExpr],
    ) -> Option<Result<Val, Expr>> {
        if ![PACK, UNPACK, UNPACK_FROM].contains(&full) {
            return None;
        }
        let (format, given) = args.split_first()?;
        let ExprKind::Str(format) = &format.kind else {
            return None;
        };
        let layout = Layout::of(format)?;
        Some(match (full, given) {
            (PACK, given) => self.pack(e, &layout, given),
            (_, [data]) => self.unpack_fields(e, &layout, data, None, full == UNPACK),
            (_, [data, offset]) => self.unpack_fields(e, &layout, data, Some(offset), false),
            _ => return None,
        })
    }

    /// `struct.pack("<BH", a, b)`
    fn pack(&mut self, e: &'a PyExpr, layout: &Layout, given: &'a [PyExpr]) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let mut exprs = Vec::new();
        let mut vals = Vec::new();
        for arg in given {
            let before = self.out.len();
            let val = self.expr(arg)?;
            let val = self.decayed(val);
            let val = self.present(val);
            self.in_order(arg, before, &exprs)?;
            exprs.push(val.expr.clone());
            vals.push(val);
        }
        let mut parts: Vec<(Expr, usize)> = Vec::new();
        let mut refuses = false;
        let mut at = 0;
        let pad = |parts: &mut Vec<(Expr, usize)>, from: usize, to: usize| {
            if from < to {
                let zeros = Expr::Repeat(
                    Box::new(Expr::atom("0_u8")),
                    Box::new(Expr::atom((to - from).to_string())),
                );
                parts.push((zeros, to - from));
            }
        };
        for (item, val) in layout.items.iter().zip(vals) {
            // All are computed before one of them is found not to fit.
            if refuses && val.expr.can_fail() {
                return Err(self.partly(e, "packing of values that may raise,"));
            }
            let computed = val.expr.can_fail();
            pad(&mut parts, at, item.at);
            at = item.at + item.kind.size();
            let part = self.packed_value(item, layout, val)?;
            refuses |= !computed && part.can_fail();
            match (&part, parts.last_mut()) {
                // Bytes side by side are one array.
                (Expr::Array(one), Some((Expr::Array(all), len))) => {
                    all.extend(one.iter().cloned());
                    *len += one.len();
                }
                _ => parts.push((part, item.kind.size())),
            }
        }
        pad(&mut parts, at, layout.size);
        let array = |len: usize| RTy::Array(Box::new(byte()), len);
        if parts.len() == 1
            && let Some((only, len)) = parts.pop()
        {
            return Ok(Val::new(only, array(len), &fact));
        }
        let slices = parts.into_iter().enumerate().map(|(i, (part, _))| match i {
            0 => part.method("as_slice", vec![]),
            _ => Expr::Ref(Box::new(part)),
        });
        let whole = Expr::Array(slices.collect()).method("concat", vec![]);
        Ok(Val::new(whole, RTy::Vec(Box::new(byte())), &fact))
    }

    /// The bytes of a value.
    fn packed_value(&mut self, item: &Item, layout: &Layout, val: Val) -> Result<Expr, Expr> {
        let method = format!("to_{}_bytes", ending(layout.order));
        Ok(match item.kind {
            Kind::Int { bytes, signed } => {
                let int = int_of(bytes, signed);
                let error = self.error(NO_INT);
                let val = match val.ty {
                    Ty::Bool => Val::int(
                        Expr::call("u8::from", vec![val.expr]),
                        IntTy::U8,
                        crate::ranges::IntRange::new(0, 1),
                    ),
                    _ => val,
                };
                let own = val.to_int_or(int, &error);
                match int {
                    IntTy::U8 => Expr::Array(vec![own]),
                    int => crate::catalog::int_receiver(own, int).method(method, vec![]),
                }
            }
            Kind::Double => crate::catalog::float_receiver(val.to_f64()).method(method, vec![]),
            Kind::Single if val.rty == RTy::Float(FloatTy::F32) => val.expr.method(method, vec![]),
            Kind::Single if layout.native => crate::catalog::float_receiver(val.to_f64())
                .cast(RTy::F32)
                .method(method, vec![]),
            Kind::Single => {
                let error = self.error("OverflowError: float too large to pack with f format");
                let helper = self.helper(Helper::PackedSingle);
                Expr::call(helper, vec![val.to_f64()])
                    .ok_or(&error)
                    .method(method, vec![])
            }
            Kind::Bool => Expr::Array(vec![Expr::call("u8::from", vec![val.expr])]),
            Kind::Bytes(len) => {
                let helper = self.helper(Helper::PackedField);
                let data = match val.rty.is_ref() {
                    true => val.expr,
                    false => val.expr.lent(),
                };
                Expr::call(format!("{helper}::<{len}>"), vec![data])
            }
        })
    }

    /// `struct.unpack("<BH", data)`, `struct.unpack_from("<BH", data, offset)`
    fn unpack_fields(
        &mut self,
        e: &'a PyExpr,
        layout: &Layout,
        data: &'a PyExpr,
        offset: Option<&'a PyExpr>,
        whole: bool,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let size = layout.size;
        let data = self.expr(data)?;
        let lent = match data.rty.peel() {
            RTy::Vec(_) | RTy::Array(..) | RTy::Slice(_) => data.expr.clone().looked_at(),
            _ => return Err(self.partly(e, "unpacking of this")),
        };
        let found = match (whole, offset) {
            (true, _) => {
                let slice = match (&data.rty, lent) {
                    (RTy::Ref(of), lent) if matches!(**of, RTy::Slice(_)) => lent,
                    (_, part) if part.is_part() => Expr::Ref(Box::new(part)),
                    (_, part) if part.is_slice() => part,
                    (_, lent) => lent.method("as_slice", vec![]),
                };
                let error = self.error(&format!(
                    "StructError: unpack requires a buffer of {size} bytes"
                ));
                Expr::call(format!("<[u8; {size}]>::try_from"), vec![slice])
                    .method("ok", vec![])
                    .ok_or(&error)
            }
            (false, offset) => {
                let first = format!("first_chunk::<{size}>");
                let start = match offset {
                    None => Some(0),
                    Some(offset) => self.fact(offset.id).range.int().constant(),
                };
                let found = match (start, offset) {
                    (Some(0), _) | (_, None) => lent.method(first, vec![]),
                    (_, Some(offset)) => {
                        let at = self.expr(offset)?;
                        let error = self.error("an int leaves 64 bits");
                        let at = at.to_int_checked(IntTy::Usize, &error);
                        let rest = Expr::Range {
                            low: Some(Box::new(at)),
                            high: None,
                            inclusive: false,
                        };
                        let chunk = Expr::atom("rest").method(first, vec![]);
                        lent.method("get", vec![rest]).method(
                            "and_then",
                            vec![Expr::Closure("rest".into(), Box::new(chunk))],
                        )
                    }
                };
                let error = self.error("StructError (`unpack_from()` beyond the end)");
                found.ok_or(&error)
            }
        };
        if layout.items.is_empty() {
            return Err(self.partly(e, "unpacking of no values"));
        }
        let array = RTy::Array(Box::new(byte()), size);
        let rty = match whole {
            true => array,
            false => RTy::Ref(Box::new(array)),
        };
        let fields = Val::new(found, rty, &Fact::unknown());
        let held = self.hoist_given_if(fields, "fields", e);
        let name = match &held.expr {
            Expr::Atom(name) => name.clone(),
            _ => "fields".to_string(),
        };
        let mut values = Vec::new();
        let mut tys = Vec::new();
        for item in &layout.items {
            let (value, ty) = unpacked_value(&name, item, layout.order);
            values.push(value);
            tys.push(ty);
        }
        let tuple = Expr::Tuple(values);
        let tuple = match held.expr {
            Expr::Atom(_) => tuple,
            init => Expr::Block(Block {
                stmts: vec![Stmt::new(StmtKind::Let {
                    name,
                    mutable: false,
                    ty: None,
                    init: Some(init),
                })],
                value: Some(Box::new(tuple)),
            }),
        };
        Ok(Val::new(tuple, RTy::Tuple(tys), &fact))
    }

    /// The fields of what is unpacked, in a variable of their own where one can stand before.
    fn hoist_given_if(&mut self, fields: Val, name: &str, e: &PyExpr) -> Val {
        match self.conditional {
            0 => self.hoist_given(fields, name, e.span),
            _ => fields,
        }
    }
}

/// A value of the bytes that are called so.
fn unpacked_value(fields: &str, item: &Item, order: Order) -> (Expr, RTy) {
    let at = |i: usize| {
        let index = Expr::atom((item.at + i).to_string());
        Expr::Index(Box::new(Expr::atom(fields)), Box::new(index))
    };
    let part = |len: usize| Expr::Array((0..len).map(at).collect());
    let from = |ty: &str, len: usize| {
        Expr::call(
            format!("{ty}::from_{}_bytes", ending(order)),
            vec![part(len)],
        )
    };
    match item.kind {
        Kind::Int { bytes, signed } => {
            let int = int_of(bytes, signed);
            let value = match int {
                IntTy::U8 => at(0),
                int => from(int.name(), bytes),
            };
            let val = Val::int(value, int, int_type_range(int));
            let natural = val.natural_int();
            (val.to_int(natural).unwrap_or(val.expr), RTy::Int(natural))
        }
        Kind::Single => (Expr::call("f64::from", vec![from("f32", 4)]), RTy::F64),
        Kind::Double => (from("f64", 8), RTy::F64),
        Kind::Bool => {
            let zero = Expr::atom("0");
            (at(0).binary(crate::ir::BinOp::Ne, zero), RTy::Bool)
        }
        Kind::Bytes(len) => {
            let range = Expr::Range {
                low: Some(Box::new(Expr::atom(item.at.to_string()))),
                high: Some(Box::new(Expr::atom((item.at + len).to_string()))),
                inclusive: false,
            };
            let part = Expr::Index(Box::new(Expr::atom(fields)), Box::new(range));
            (part.method("to_vec", vec![]), RTy::Vec(Box::new(byte())))
        }
    }
}

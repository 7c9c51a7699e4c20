//! Heaps of objects in an order of their own.
//!
//! Enters: a call of `heapq` with the lambda of what the objects are ordered by. Leaves: the
//! closure that the helpers of the catalog take. This module must not know those helpers.

use crate::ast::{Expr as PyExpr, ExprKind, Keyword};
use crate::diagnostic::Code;
use crate::ir::{BinOp, Expr, RTy, rename};
use crate::lower::function::FnLower;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `|job| job.due`; `|a, b| Some(key(a)? < key(b)?)` where a key is looked up.
    pub(in crate::lower) fn heap_key(
        &mut self,
        e: &'a PyExpr,
        heap: &Val,
        key: &'a PyExpr,
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let Some(elem) = heap.element().cloned() else {
            return Err(self.hole(e));
        };
        let falls = keywords
            .iter()
            .any(|k| matches!(k.value.kind, ExprKind::Bool(true)));
        if !self.changed_by_key(e, key).is_empty() {
            return Err(self.partly(key, "the order of these objects in a heap"));
        }
        let out = self.out.len();
        let found = self.sort_key(e, key, &elem)?;
        if self.out.len() != out {
            return Err(self.partly(key, "the order of these objects in a heap"));
        }
        let value = match found.value.ty.is_float() {
            true => found.value.to_f64(),
            false => found.value.expr.clone(),
        };
        if !super::is_total(&found.value.ty) && matches!(found.value.ty, crate::ty::Ty::Tuple(_)) {
            let message = "of two tuples that hold one NaN object Python compares what stands \
                 after it, the Rust takes neither for less";
            let at = self.lw.first_line(e.span);
            self.lw.report(Code::OneNan, at, message, None);
        }
        let fact = Fact::of(found.value.ty.clone());
        let closure = |params: String, body: Expr| {
            Val::new(Expr::Closure(params, Box::new(body)), RTy::Unit, &fact)
        };
        if value.can_fail() {
            let mut value = value;
            if !without_errors(&mut value) {
                return Err(self.partly(key, "the order of these objects in a heap"));
            }
            let of = |name: &str| rename::renamed(&value, &found.name, name);
            let op = if falls { BinOp::Gt } else { BinOp::Lt };
            let less = of("a").binary(op, of("b"));
            let params = match self.lw.is_copy(&elem) {
                true => "&a, &b",
                false => "a, b",
            };
            return Ok(closure(params.into(), Expr::call("Some", vec![less])));
        }
        let value = match &found.value.rty {
            rty if self.lw.is_copy(rty) && !matches!(rty, RTy::Str | RTy::Ref(_)) => value,
            RTy::Str => value.method("to_string", vec![]),
            _ if value.is_simple() => value.method("clone", vec![]),
            _ => value,
        };
        let value = match falls {
            true => Expr::call("std::cmp::Reverse", vec![value]),
            false => value,
        };
        let param = match self.lw.is_copy(&elem) {
            true => format!("&{}", found.name),
            false => found.name,
        };
        Ok(closure(param, value))
    }
}

/// Makes `x?` of `x.ok_or("…")?`, where nothing else can fail.
fn without_errors(e: &mut Expr) -> bool {
    if let Expr::Try(tried) = e {
        let Expr::Method(of, name, _) = &mut **tried else {
            return false;
        };
        if name != "ok_or" {
            return false;
        }
        let of = std::mem::replace(&mut **of, Expr::Tuple(Vec::new()));
        **tried = of;
    }
    let mut fine = true;
    let mut blocks = false;
    e.for_each_child_mut(&mut |inner| fine &= without_errors(inner), &mut |block| {
        blocks |= block.can_fail()
    });
    fine && !blocks
}

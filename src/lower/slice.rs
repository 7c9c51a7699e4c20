//! `xs[a:b:c]`: a new list of some of a list's elements.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::{Val, int_val};

/// One end of a slice.
#[derive(Debug, Clone)]
enum Bound {
    /// It is left out.
    Open,
    /// The same in every call.
    Constant(i128),
    /// Computed; whether it is known not to be negative.
    Computed(Box<Val>, bool),
}

impl Bound {
    /// The index in a list of `len` elements; none where it is computed.
    fn of(&self, otherwise: i128, len: i128) -> Option<i128> {
        match self {
            Bound::Open => Some(otherwise),
            Bound::Constant(i) if *i < 0 => Some((i + len).max(0)),
            Bound::Constant(i) => Some((*i).min(len)),
            Bound::Computed(..) => None,
        }
    }

    /// Whether the two ends are known to be in order, whatever the length.
    fn in_order(&self, high: &Bound) -> bool {
        match (self, high) {
            (Bound::Open, _) | (_, Bound::Open) => true,
            (Bound::Constant(low), Bound::Constant(high)) => {
                low <= high && (*low < 0) == (*high < 0)
            }
            (Bound::Constant(low), Bound::Computed(high, _)) => {
                *low >= 0 && high.range.int().lo.is_some_and(|lo| lo >= *low)
            }
            (Bound::Computed(low, true), Bound::Constant(high)) => {
                low.range.int().hi.is_some_and(|hi| hi <= *high)
            }
            (Bound::Computed(low, true), Bound::Computed(high, true)) => {
                let (low, high) = (low.range.int(), high.range.int());
                low.hi.zip(high.lo).is_some_and(|(a, b)| a <= b)
            }
            (Bound::Computed(..), _) => false,
        }
    }
}

impl<'a> FnLower<'_, 'a> {
    /// The list of which `list(xs)` is a copy: a slice is one anyway.
    pub(super) fn copied_list(&self, e: &'a PyExpr) -> &'a PyExpr {
        match self.builtin_call(e) {
            Some(("list", [list], [])) if matches!(self.fact(list.id).ty, Ty::List { .. }) => list,
            _ => e,
        }
    }

    /// `value[lower:upper:step]`
    pub(super) fn slice(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let ExprKind::Slice { lower, upper, step } = &index.kind else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        let value = self.copied_list(value);
        let base = self.expr(value)?;
        if let Some(array) = base.array_copy(&fact) {
            return Ok(array);
        }
        // The list is named twice; where it cannot stand before the statement, in a block.
        let mut block = Vec::new();
        let base = if base.expr.is_simple() || self.path_of(value).is_some() {
            base
        } else {
            let held = self.hoist(base, "list", e.span);
            match held.expr.is_simple() {
                true => held,
                false if held.expr.can_fail() => {
                    return Err(self.partly(e, "a slice of what has no name, in this place"));
                }
                false => {
                    let name = self.free_name("list");
                    let init = Some(held.expr);
                    let kind = StmtKind::Let {
                        name: name.clone(),
                        mutable: false,
                        ty: is_made(&held.rty).then(|| held.rty.clone()),
                        init,
                    };
                    block.push(Stmt::at(e.span, kind));
                    Val {
                        expr: Expr::atom(name),
                        ..held
                    }
                }
            }
        };
        // What may be None, or in no place, is found once, and lent.
        let base = match base.expr.can_fail() && self.conditional == 0 {
            true => self.hoist(base, "list", e.span),
            false => base,
        };
        if base.expr.can_fail() {
            return Err(self.partly(e, "a slice of what has no name"));
        }
        let low = self.bound(lower)?;
        let before = self.out.len();
        let mut high = self.bound(upper)?;
        let low = match (low, upper) {
            (Bound::Computed(val, counts), Some(upper)) => {
                let val = self.computed_before(*val, upper, before)?;
                Bound::Computed(Box::new(val), counts)
            }
            (low, _) => low,
        };
        let len = base.expr.clone().method("len", vec![]);
        if matches!(&high, Bound::Computed(at, _) if at.expr == len) {
            high = Bound::Open;
        }
        let step = match step {
            Some(step) => self.fact(step.id).range.int().constant(),
            None => Some(1),
        };
        let Some(elem) = base.element().cloned() else {
            return Err(self.hole(e));
        };
        let part = self.part(&base, &low, &high);
        let copied = if self.lw.is_copy(&elem) {
            "copied"
        } else {
            "cloned"
        };
        let expr = match step {
            Some(1) => part.method("to_vec", vec![]),
            Some(step) => {
                let mut iter = part.method("iter", vec![]);
                if step < 0 {
                    iter = iter.method("rev", vec![]);
                }
                if step.abs() > 1 {
                    iter = iter.method("step_by", vec![Expr::atom(step.abs().to_string())]);
                }
                iter.method(copied, vec![]).method("collect", vec![])
            }
            None => return Err(self.hole(e)),
        };
        let expr = match block.is_empty() {
            true => expr,
            false => Expr::Block(Block {
                stmts: block,
                value: Some(Box::new(expr)),
            }),
        };
        // The elements lie as they lay; where they are kept wider, storing converts them.
        Ok(Val::new(expr, RTy::Vec(Box::new(elem)), &fact))
    }

    fn bound(&mut self, e: &'a Option<Box<PyExpr>>) -> Result<Bound, Expr> {
        let Some(e) = e else { return Ok(Bound::Open) };
        if let Some(i) = self.fact(e.id).range.int().constant() {
            return Ok(Bound::Constant(i));
        }
        let val = self.expr(e)?;
        let val = self.decayed(val);
        let val = self.computed_index(val, e)?;
        let counts = val.range.int().lo.is_some_and(|lo| lo >= 0);
        Ok(Bound::Computed(Box::new(val), counts))
    }

    fn part(&mut self, base: &Val, low: &Bound, high: &Bound) -> Expr {
        let list = base.expr.clone();
        let range = |low, high| Expr::Range {
            low,
            high,
            inclusive: false,
        };
        if let RTy::Array(_, len) = base.rty.peel() {
            let len = *len as i128;
            if let (Some(low), Some(high)) = (low.of(0, len), high.of(len, len)) {
                if low == 0 && high == len {
                    return list;
                }
                let end = (high < len).then(|| Box::new(int_val(high.max(low)).expr));
                let start = (low > 0).then(|| Box::new(int_val(low).expr));
                return Expr::Index(Box::new(list), Box::new(range(start, end)));
            }
        }
        if let (Bound::Open, Bound::Open) = (low, high) {
            return list;
        }
        let ends = (self.end(low, base), self.end(high, base));
        // `xs[a:0]` ends where it begins.
        let end = match high {
            Bound::Constant(0) => Some(Box::new(int_val(0).expr)),
            _ => ends.1,
        };
        let between = range(ends.0, end);
        if low.in_order(high) {
            Expr::Index(Box::new(list), Box::new(between))
        } else {
            // The ends may have passed each other.
            list.method("get", vec![between])
                .method("unwrap_or_default", vec![])
        }
    }

    /// The index of a bound in a list of any length; none where it is that of the end.
    fn end(&mut self, bound: &Bound, list: &Val) -> Option<Box<Expr>> {
        let len = match list.rty.peel() {
            RTy::Array(_, len) => Expr::atom(len.to_string()),
            _ => list.expr.clone().method("len", vec![]),
        };
        Some(Box::new(match bound {
            Bound::Open | Bound::Constant(0) => return None,
            Bound::Constant(i) if *i < 0 => len.method("saturating_sub", vec![int_val(-i).expr]),
            Bound::Constant(i) => match len {
                Expr::Atom(len) => Expr::Atom(format!("{len}_usize")),
                len => len,
            }
            .method("min", vec![int_val(*i).expr]),
            Bound::Computed(at, true) if at.to_int(IntTy::Usize).is_some() => {
                let at = at.to_int(IntTy::Usize)?;
                match list.rty.peel() {
                    RTy::Array(_, n) if bound_fits(bound, *n) => at,
                    _ => at.method("min", vec![len]),
                }
            }
            Bound::Computed(at, _) => {
                let error = self.error("an int leaves 64 bits");
                let at = at.to_int_checked(IntTy::I64, &error);
                Expr::call(self.helper(Helper::SliceBound), vec![at, len])
            }
        }))
    }
}

/// Whether a list is a new one, whose type `collect` has to be told.
fn is_made(rty: &RTy) -> bool {
    matches!(rty, RTy::Vec(_))
}

/// Whether a computed bound lies within an array.
fn bound_fits(bound: &Bound, len: usize) -> bool {
    match bound {
        Bound::Computed(at, true) => at.range.int().hi.is_some_and(|hi| hi <= len as i128),
        _ => false,
    }
}

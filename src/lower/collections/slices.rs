//! `xs[a:b] = ys`, `del xs[a:b]`, `del xs[i]` of lists.
//!
//! Enters: a list and the bounds. Leaves: `splice`, `drain` or `remove`. This module must not
//! know how a part of a list is read.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::ir::{Expr, RTy, StmtKind};
use crate::lower::elements::Change;
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::source::Span;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `xs[a:b] = value`
    pub(in crate::lower) fn store_slice(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        let list @ RTy::Vec(_) = rty.peel().clone() else {
            return Err(self.partly(base, "a new part of this"));
        };
        if let Some(path) = self.path_of(base)
            && let Some(hole) = self.rounded_list(value, &path)
        {
            return Err(hole);
        }
        let val = self.expr_as(value, &list)?;
        let new = self.coerce(val, &list, value.span, "the list")?;
        let new = match new {
            Expr::Macro(_, ref items)
                if items
                    .iter()
                    .all(|i| matches!(i, Expr::Atom(_) | Expr::NegLit(_))) =>
            {
                new
            }
            new => self.settled(new, base, "part", at),
        };
        let ExprKind::Slice { lower, upper, step } = &index.kind else {
            return Err(self.hole(base));
        };
        if step.is_some() {
            return Err(self.partly(base, "a new part of a list by a step"));
        }
        let (place, rty) = self.slice_place(base, at)?;
        if lower.is_none() && upper.is_none() {
            let path = self.path_of(base);
            let place = match rty {
                _ if path.is_some_and(|path| self.is_lent_global(&path)) => {
                    Expr::Deref(Box::new(place))
                }
                RTy::RefMut(_) => Expr::Deref(Box::new(place)),
                _ => place,
            };
            self.emit(
                at,
                StmtKind::Assign {
                    place,
                    op: None,
                    value: new,
                },
            );
        } else {
            let range = self.part_range(&place, lower, upper, at)?;
            let new = match new {
                Expr::Macro(name, items)
                    if name == "vec" && !matches!(items.as_slice(), [Expr::Repeat(..)]) =>
                {
                    Expr::Array(items)
                }
                other => other,
            };
            self.emit(at, StmtKind::Expr(place.method("splice", vec![range, new])));
        }
        self.forget_base(base);
        Ok(())
    }

    /// `del xs[a:b]`, `del xs[i]`
    pub(super) fn delete_part(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let (place, _) = self.slice_place(base, at)?;
        let gone = match &index.kind {
            ExprKind::Slice {
                lower,
                upper,
                step: None,
            } => match (lower, upper) {
                (None, None) => place.method("clear", vec![]),
                _ => {
                    let range = self.part_range(&place, lower, upper, at)?;
                    place.method("drain", vec![range])
                }
            },
            ExprKind::Slice { .. } => {
                return Err(self.partly(base, "`del` of elements by a step"));
            }
            _ => {
                let of = self.fact(base.id).ty.narrowed();
                let error = self.error(Change::Assigned.index_error(&of));
                let i = self.expr(index)?;
                let i = self.decayed(i);
                let wide = i.to_int_checked(IntTy::I64, &error);
                let len = place.clone().method("len", vec![]);
                let helper = self.helper(Helper::Index);
                let i = Expr::call(helper, vec![wide, len]).ok_or(&error);
                let i = Val::int(i, IntTy::Usize, crate::value::int_type_range(IntTy::Usize));
                let i = self.hoist(i, "at", at).expr;
                place.method("remove", vec![i])
            }
        };
        self.emit(at, StmtKind::Expr(gone));
        self.forget_base(base);
        Ok(())
    }

    /// The list to change, by a name.
    fn slice_place(&mut self, base: &'a PyExpr, at: Span) -> Result<(Expr, RTy), Expr> {
        if self.conditional > 0 {
            return Err(self.partly(base, "changing a part of a list in this place"));
        }
        let (place, rty) = self.place(base, true)?;
        if !matches!(rty.peel(), RTy::Vec(_)) {
            return Err(self.partly(base, "changing a part of this"));
        }
        if place.can_fail() {
            let held = Val::new(place, rty.clone(), &self.fact(base.id));
            return Ok((
                self.hoist(held, "row", at).expr,
                RTy::RefMut(Box::new(rty.peel().clone())),
            ));
        }
        Ok((place, rty))
    }

    /// The indices between two bounds of a slice.
    fn part_range(
        &mut self,
        place: &Expr,
        lower: &'a Option<Box<PyExpr>>,
        upper: &'a Option<Box<PyExpr>>,
        at: Span,
    ) -> Result<Expr, Expr> {
        let len = place.clone().method("len", vec![]);
        let mut ends = Vec::new();
        for bound in [lower, upper] {
            let Some(bound) = bound else {
                ends.push(None);
                continue;
            };
            let i = self.expr(bound)?;
            if i.range.int().constant() == Some(0) {
                ends.push(Some((Expr::atom("0"), true)));
                continue;
            }
            let end = match i.to_int(IntTy::Usize) {
                Some(end) if i.range.int().lo.is_some_and(|lo| lo >= 0) => {
                    let end = match end {
                        Expr::Atom(text) if i.literal => Expr::Atom(format!("{text}_usize")),
                        other => other,
                    };
                    end.method("min", vec![len.clone()])
                }
                _ => {
                    let error = self.error("an int leaves 64 bits");
                    let wide = i.to_int_checked(IntTy::I64, &error);
                    let helper = self.helper(Helper::SliceBound);
                    Expr::call(helper, vec![wide, len.clone()])
                }
            };
            let usize_range = crate::value::int_type_range(IntTy::Usize);
            let name = if ends.is_empty() { "start" } else { "end" };
            let held = self.hoist(Val::int(end, IntTy::Usize, usize_range), name, at);
            ends.push(Some((held.expr, false)));
        }
        let mut ends = ends.into_iter();
        let (low, high) = (ends.next().flatten(), ends.next().flatten());
        let high = match (&low, high) {
            // An end before the start is the start.
            (Some((low, false)), Some((high, _))) => Some(high.method("max", vec![low.clone()])),
            (_, high) => high.map(|(high, _)| high),
        };
        let low = low.filter(|(_, zero)| !zero).map(|(low, _)| Box::new(low));
        Ok(Expr::Range {
            low,
            high: high.map(Box::new),
            inclusive: false,
        })
    }
}

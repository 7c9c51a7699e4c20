//! What runs over a known number of elements, written out: `tuple(x - y for x, y in
//! zip(a, b))` of two arrays, `tuple(xs[:3])`.
//!
//! Enters: an expression of which inference knows the length. Leaves: one value for each
//! element, in order. This module must not know what becomes of them.

use super::function::{Bound, FnLower};
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::infer::Path;
use crate::infer::lengths::{known_length, slice_places};
use crate::ir::{Expr, RTy};
use crate::lower::iterate::{Form, Shape};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// An element, or the elements of several lists side by side.
#[derive(Debug, Clone)]
enum Part {
    One(Expr, RTy, Box<Fact>),
    Many(Vec<Part>),
}

impl<'a> FnLower<'_, 'a> {
    /// `tuple(of)`; nothing where its elements cannot be named.
    pub(super) fn unrolled_tuple(
        &mut self,
        e: &'a PyExpr,
        of: &'a PyExpr,
    ) -> Result<Option<Val>, Expr> {
        let fact = self.fact(e.id);
        let Ty::Tuple(tys) = &fact.ty else {
            return Ok(None);
        };
        let natural = tys
            .iter()
            .map(|ty| self.lw.natural(&Fact::of(ty.clone())))
            .collect();
        let Some(rtys): Option<Vec<RTy>> = natural else {
            return Ok(None);
        };
        let before = (self.out.len(), self.bounds.len());
        let values = self.unrolled(of, &rtys);
        self.bounds.truncate(before.1);
        let Some(exprs) = values? else {
            self.out.truncate(before.0);
            return Ok(None);
        };
        Ok(Some(Val::new(Expr::Tuple(exprs), RTy::Tuple(rtys), &fact)))
    }

    /// One value of these types for each element.
    fn unrolled(&mut self, of: &'a PyExpr, rtys: &[RTy]) -> Result<Option<Vec<Expr>>, Expr> {
        let ExprKind::Comprehension {
            element, clauses, ..
        } = &of.kind
        else {
            let Some(parts) = self.parts(of)? else {
                return Ok(None);
            };
            let mut exprs = Vec::new();
            for (part, rty) in parts.into_iter().zip(rtys) {
                let Part::One(expr, own, fact) = part else {
                    return Ok(None);
                };
                let val = self.given(Val::new(expr, own, &fact));
                exprs.push(self.coerce(val, rty, of.span, "an element")?);
            }
            return Ok((exprs.len() == rtys.len()).then_some(exprs));
        };
        let [clause] = clauses.as_slice() else {
            return Ok(None);
        };
        if !clause.ifs.is_empty() || super::walrus::binds(element) {
            return Ok(None);
        }
        let Some(parts) = self.parts(&clause.iter)?.filter(|p| p.len() == rtys.len()) else {
            return Ok(None);
        };
        let bounds = self.bounds.len();
        let mut exprs = Vec::new();
        for (part, rty) in parts.into_iter().zip(rtys) {
            if !self.bind_part(&clause.target, part) {
                return Ok(None);
            }
            let before = self.out.len();
            let val = self.expr_as(element, rty)?;
            self.in_order(element, before, &exprs)?;
            let val = self.given(val);
            exprs.push(self.coerce(val, rty, element.span, "an element")?);
            self.bounds.truncate(bounds);
        }
        Ok(Some(exprs))
    }

    /// A target of a comprehension as a name of what it gets.
    fn bind_part(&mut self, target: &'a PyExpr, part: Part) -> bool {
        match (&target.kind, part) {
            (ExprKind::Name(_), Part::One(expr, rty, _)) => {
                let Some(version) = self.scope.names.get(&target.id).cloned() else {
                    return false;
                };
                self.bounds.push(Bound {
                    path: Path::root(version),
                    expr,
                    rty,
                    borrows: false,
                });
                true
            }
            (ExprKind::Tuple(items) | ExprKind::List(items), Part::Many(parts)) => {
                items.len() == parts.len()
                    && items
                        .iter()
                        .zip(parts)
                        .all(|(item, part)| self.bind_part(item, part))
            }
            (ExprKind::Tuple(items) | ExprKind::List(items), Part::One(expr, rty, fact)) => {
                let place = match expr {
                    Expr::Ref(inner) => *inner,
                    other => other,
                };
                let (RTy::Tuple(tys), Ty::Tuple(facts)) = (rty.peel(), &fact.ty) else {
                    return false;
                };
                if tys.len() != items.len() || tys.len() != facts.len() {
                    return false;
                }
                let parts = tys.iter().zip(facts).enumerate().map(|(i, (own, ty))| {
                    let field = place.clone().field(i.to_string());
                    let fact = Fact::of(ty.clone());
                    match self.lw.is_copy(own) {
                        true => Part::One(field, own.clone(), Box::new(fact)),
                        false => {
                            let lent = Expr::Ref(Box::new(field));
                            Part::One(lent, RTy::Ref(Box::new(own.clone())), Box::new(fact))
                        }
                    }
                });
                let parts: Vec<Part> = parts.collect();
                items
                    .iter()
                    .zip(parts)
                    .all(|(item, part)| self.bind_part(item, part))
            }
            _ => false,
        }
    }

    /// The elements of an expression, one by one.
    fn parts(&mut self, of: &'a PyExpr) -> Result<Option<Vec<Part>>, Expr> {
        match self.builtin_call(of) {
            Some(("zip", lists @ [_, ..], [])) => {
                let mut all = Vec::new();
                for list in lists {
                    let Some(parts) = self.parts(list)? else {
                        return Ok(None);
                    };
                    all.push(parts);
                }
                let len = all.iter().map(Vec::len).min().unwrap_or(0);
                let row = |i: usize| all.iter().filter_map(move |parts| parts.get(i).cloned());
                return Ok(Some(
                    (0..len).map(|i| Part::Many(row(i).collect())).collect(),
                ));
            }
            Some(("enumerate", [of], [])) => {
                let parts = self.parts(of)?;
                return Ok(parts.map(|parts| {
                    let counted = parts.into_iter().enumerate();
                    counted
                        .map(|(i, part)| Part::Many(vec![counter(i), part]))
                        .collect()
                }));
            }
            Some(("reversed", [of], [])) => {
                let parts = self.parts(of)?;
                return Ok(parts.map(|parts| parts.into_iter().rev().collect()));
            }
            Some(("range", [count], [])) => {
                let count = self.fact(count.id).range.int().constant();
                let count = count.and_then(|n| usize::try_from(n.max(0)).ok());
                return Ok(count.map(|n| (0..n).map(counter).collect()));
            }
            _ => {}
        }
        if let ExprKind::Subscript { value, index } = &of.kind
            && let ExprKind::Slice { lower, upper, step } = &index.kind
        {
            let constant = |e: &Option<Box<PyExpr>>| match e {
                None => Some(None),
                Some(e) => self.fact(e.id).range.int().constant().map(Some),
            };
            let (Some(lower), Some(upper), Some(step)) =
                (constant(lower), constant(upper), constant(step))
            else {
                return Ok(None);
            };
            let Some(parts) = self.parts(value)? else {
                return Ok(None);
            };
            let places = slice_places(parts.len(), lower, upper, step.unwrap_or(1));
            let taken = |places: Vec<usize>| {
                let taken = places.into_iter().map(|i| parts.get(i).cloned());
                taken.collect::<Option<Vec<Part>>>()
            };
            return Ok(places.and_then(taken));
        }
        let model = &self.lw.input.model;
        let fact = |e: &PyExpr| {
            let fact = self.fact(e.id);
            Fact {
                ty: model.as_tuple(&fact.ty),
                ..fact
            }
        };
        let Some(len) = known_length(of, &fact, &|_| false) else {
            return Ok(None);
        };
        let items = self.items_of(of, None)?;
        let Shape::One { rty, fact, by_ref } = items.shape else {
            return Ok(None);
        };
        Ok(match items.form {
            Form::Array(Expr::Array(exprs)) if exprs.len() == len => {
                let mut parts = Vec::new();
                for expr in exprs {
                    let plain = matches!(expr, Expr::Atom(_) | Expr::NegLit(_)) || expr.is_place();
                    if !plain && self.conditional > 0 {
                        return Ok(None);
                    }
                    let val = Val::new(expr, rty.clone(), &fact);
                    let val = match plain {
                        true => val,
                        false => self.hoist(val, "value", of.span),
                    };
                    parts.push(Part::One(val.expr, rty.clone(), Box::new(fact.clone())));
                }
                Some(parts)
            }
            Form::Place(place, _) => {
                let place = match place {
                    Expr::Deref(inner) => *inner,
                    other => other,
                };
                if !place.is_place() || place.can_fail() {
                    return Ok(None);
                }
                let part = |i: usize| {
                    let at = Box::new(Expr::atom(i.to_string()));
                    let item = Expr::Index(Box::new(place.clone()), at);
                    let item = match by_ref {
                        true => item,
                        false => Expr::Ref(Box::new(item)),
                    };
                    Part::One(item, rty.clone(), Box::new(fact.clone()))
                };
                Some((0..len).map(part).collect())
            }
            Form::Array(_) | Form::Iter(_) | Form::Mut(_) => None,
        })
    }
}

/// The place of an element.
fn counter(i: usize) -> Part {
    let fact = Fact::int(crate::ranges::IntRange::exactly(i as i128));
    Part::One(Expr::atom(i.to_string()), RTy::USIZE, Box::new(fact))
}

//! Runs over the values of a tuple.

use super::{Form, Items, Shape};
use crate::ast::{Block, Expr as PyExpr, ExprKind};
use crate::infer::Path;
use crate::ir::{Expr, RTy};
use crate::lower::elements::mentions;
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `for wheel in (left, right)`: objects that have names, borrowed for the loop.
    pub(super) fn named_objects(
        &mut self,
        target: &'a PyExpr,
        iter: &'a PyExpr,
        body: Option<&'a Block>,
    ) -> Result<Option<Items>, Expr> {
        let (ExprKind::Tuple(items) | ExprKind::List(items), ExprKind::Name(_)) =
            (&iter.kind, &target.kind)
        else {
            return Ok(None);
        };
        let object = |e: &PyExpr| match self.fact(e.id).ty {
            Ty::Instance(class) if !self.lw.is_value_class(&class, 0) => self.path_of(e),
            _ => None,
        };
        let paths: Option<Vec<Path>> = items.iter().map(object).collect();
        let Some(paths) = paths.filter(|paths| !paths.is_empty()) else {
            return Ok(None);
        };
        let changed = match body {
            Some(body) => self.is_touched(target, body),
            None => self.is_clause_touched(target),
        };
        let twice = paths.iter().enumerate().any(|(i, path)| {
            let mut others = paths.iter().skip(i + 1);
            others.any(|other| other.starts_with(path) || path.starts_with(other))
        });
        // What a comprehension names beside its target is not looked for.
        let named = body.is_none_or(|body| paths.iter().any(|path| mentions(self, body, path)));
        if changed && (twice || named) {
            return Err(self.partly(
                iter,
                "a loop that changes objects which its body names otherwise",
            ));
        }
        let mut refs = Vec::new();
        let mut elem = None;
        for path in &paths {
            let Some((place, rty)) = self.path_place(path, changed) else {
                return Err(self.hole(iter));
            };
            if changed {
                self.forget_path(path);
            }
            let own = rty.peel().clone();
            if elem.as_ref().is_some_and(|known| *known != own) {
                return Err(self.partly(iter, "a loop over objects of these types"));
            }
            refs.push(match (&rty, changed) {
                (RTy::Ref(_) | RTy::RefMut(_), _) => place,
                (_, true) => Expr::RefMut(Box::new(place)),
                (_, false) => Expr::Ref(Box::new(place)),
            });
            elem = Some(own);
        }
        let Some(elem) = elem else { return Ok(None) };
        let rty = match changed {
            true => RTy::RefMut(Box::new(elem)),
            false => RTy::Ref(Box::new(elem)),
        };
        Ok(Some(Items {
            form: Form::Array(Expr::Array(refs)),
            shape: Shape::One {
                rty,
                fact: Fact::of(self.fact(target.id).ty),
                by_ref: false,
            },
        }))
    }

    /// The fact of what a loop over a tuple gives: its numbers may have to tell what they are.
    fn run_fact(&self, iter: &PyExpr, fact: Fact) -> Fact {
        match self.lw.input.model.runs_told.contains(&iter.id) {
            true => Fact {
                ty: fact.ty.telling(),
                ..fact
            },
            false => fact,
        }
    }

    /// The values of a tuple.
    pub(super) fn tuple_items(&mut self, iter: &'a PyExpr) -> Result<Items, Expr> {
        if !matches!(iter.kind, ExprKind::Tuple(_)) {
            // A constant tuple of one type is an array.
            let val = self.expr(iter)?;
            let val = match val.expr.is_simple() || !matches!(val.rty, RTy::Tuple(_)) {
                true => val,
                false => self.hoist(val, "values", iter.span),
            };
            if self.tuple_pattern(val.rty.peel()).is_some() {
                return self.field_items(iter, &val);
            }
            if let (RTy::Array(elem, _), Ty::Tuple(tys)) = (val.rty.peel().clone(), val.ty.clone())
            {
                let fact = self.run_fact(
                    iter,
                    Fact::of(tys.iter().fold(Ty::Unknown, |a, b| a.join(b))),
                );
                let ints = tys.contains(&Ty::Int);
                if fact.ty == Ty::IntOrFloat && ints && *elem != RTy::Number {
                    return Err(self.partly(iter, "a loop over ints and floats in this place"));
                }
                let by_ref = self.lw.is_copy(&elem);
                let rty = if by_ref { *elem } else { RTy::Ref(elem) };
                return Ok(Items {
                    form: Form::seen(val.expr, &val.rty),
                    shape: Shape::One { rty, fact, by_ref },
                });
            }
            // A tuple in a variable: its values one after the other.
            if let (RTy::Tuple(tys), true, Ty::Tuple(facts)) =
                (val.rty.peel().clone(), val.expr.is_simple(), val.ty.clone())
            {
                let fact = facts
                    .iter()
                    .map(|t| Fact::of(t.clone()))
                    .reduce(|a, b| a.join(&b))
                    .unwrap_or_else(Fact::unknown);
                let fact = self.run_fact(iter, fact);
                // The texts of a place that the body may change are copied.
                let own = matches!(val.expr, Expr::Atom(_));
                let lent = |ty: RTy| match ty {
                    RTy::String if own => RTy::Str,
                    other => other,
                };
                let plain = |t: &RTy| *t == RTy::String || *t == RTy::Str || self.lw.is_copy(t);
                if let Some(ty) = self.lw.natural(&fact).map(lent).filter(plain) {
                    let mut exprs = Vec::new();
                    for ((i, rty), ty_i) in tys.iter().enumerate().zip(&facts) {
                        let part = Val::new(
                            val.expr.clone().field(i.to_string()),
                            rty.clone(),
                            &Fact::of(ty_i.clone()),
                        );
                        exprs.push(self.coerce(part, &ty, iter.span, "an element")?);
                    }
                    return Ok(Items {
                        form: Form::Array(Expr::Array(exprs)),
                        shape: Shape::One {
                            rty: ty,
                            fact,
                            by_ref: false,
                        },
                    });
                }
            }
        }
        let (ExprKind::Tuple(items), Ty::Tuple(tys)) = (&iter.kind, self.fact(iter.id).ty) else {
            return Err(self.partly(iter, "a loop over a tuple"));
        };
        let elem = tys.iter().fold(Ty::Unknown, |a, b| a.join(b));
        let fact = items
            .iter()
            .map(|i| self.fact(i.id))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_else(|| Fact::of(elem));
        let fact = self.run_fact(iter, fact);
        let Some(ty) = self.lw.natural(&fact) else {
            return Err(self.partly(iter, "a loop over values of these types"));
        };
        let ty = if ty == RTy::String { RTy::Str } else { ty };
        let mut exprs = Vec::new();
        for item in items {
            let val = self.expr_as(item, &ty)?;
            exprs.push(self.coerce(val, &ty, item.span, "an element")?);
        }
        Ok(Items {
            form: Form::Array(Expr::Array(exprs)),
            shape: Shape::One {
                rty: ty,
                fact,
                by_ref: false,
            },
        })
    }
}

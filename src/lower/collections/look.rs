//! What looks at a dict, set or deque as a whole: `in`, `==`, and runs over entries.

use crate::ast::{Block, Expr as PyExpr, ExprKind};
use crate::catalog::{self, dict};
use crate::ir::{BinOp, Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::iterate::{Form, Items, Part, Shape};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `x in container` of a dict, set or deque.
    pub(in crate::lower) fn in_collection(
        &mut self,
        e: &'a PyExpr,
        x: Val,
        container: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        if matches!(x.rty, RTy::Option(_)) {
            return Err(self.partly(e, "`in` of what may be None"));
        }
        let (place, rty) = self.place(container, false)?;
        let x = match rty.peel() {
            RTy::Deque(_) => x,
            _ => self.plain_key(x, e.span)?,
        };
        let mut site = self.site();
        let x = match rty.peel() {
            RTy::Map { key: own, .. } | RTy::Set(own) => dict::within_reach(x, own, &site),
            _ => x,
        };
        let found = match rty.peel() {
            RTy::Map { key, .. } => {
                dict::key_ref(&x, key).map(|key| dict::contains(place, &rty, key, &mut site))
            }
            RTy::Set(elem) => {
                dict::key_ref(&x, elem).map(|key| place.method("contains", vec![key]))
            }
            RTy::Deque(_) => {
                let deque = Val::new(place, rty.clone(), &self.fact(container.id));
                catalog::deque_contains(&deque, &x)
            }
            _ => Err("`in` of this is not translated".into()),
        };
        self.absorb(site, e.span);
        found.map_err(|why| self.not_yet(e, why))
    }

    /// `a == b` of two dicts, sets or deques of one type.
    pub(in crate::lower) fn same_collection(&mut self, a: &Val, b: &Val) -> Option<Expr> {
        let (x, y) = (a.rty.peel(), b.rty.peel());
        if x != y || !matches!(x, RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)) {
            return None;
        }
        if dict::is_ordered(x) {
            let helper = self.helper(catalog::Helper::SameItems);
            let args = vec![
                dict::lent(a.expr.clone(), &a.rty),
                dict::lent(b.expr.clone(), &b.rty),
            ];
            return Some(Expr::call(helper, args));
        }
        let bare = |v: &Val, other: &Val| match (v.rty.is_ref(), other.rty.is_ref()) {
            (true, false) => Expr::Deref(Box::new(v.expr.clone())),
            _ => v.expr.clone(),
        };
        Some(bare(a, b).binary(BinOp::Eq, bare(b, a)))
    }

    /// The dict that `d.keys()`, `d.values()` or `d.items()` runs through, and the part of
    /// its entries that it gives.
    pub(in crate::lower) fn view_of(&self, e: &'a PyExpr) -> Option<(&'a PyExpr, Part)> {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return None;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return None;
        };
        let is_dict = matches!(self.fact(value.id).ty.narrowed(), Ty::Dict { .. });
        let part = match attr.name.as_str() {
            "keys" => Part::Key,
            "values" => Part::Value,
            "items" => Part::Both,
            _ => return None,
        };
        (is_dict && args.is_empty()).then_some((&**value, part))
    }

    /// The entries of a `BTreeMap` of a message or of the state, in the order of its keys.
    fn map_entries(
        &mut self,
        dict: &'a PyExpr,
        place: Expr,
        (key, value): (RTy, RTy),
        part: Part,
        body: Option<&'a Block>,
    ) -> Result<Items, Expr> {
        let mut changed = Vec::new();
        if let Some(body) = body {
            crate::lower::narrow::changed_paths(self, body, &mut changed);
        }
        let path = self.path_of(dict);
        let touched = path.as_ref().is_none_or(|path| {
            let within = |c: &crate::infer::Path| c.starts_with(path) || path.starts_with(c);
            // What a call puts in, Python finds at the end.
            changed.iter().any(within) || !self.is_input_path(path) && self.may_be_written(dict)
        });
        if touched {
            return Err(self.partly(dict, "a loop over a map that this call may have changed"));
        }
        let Ty::Dict {
            key: key_ty,
            value: value_ty,
            ..
        } = self.fact(dict.id).ty.narrowed()
        else {
            return Err(self.hole(dict));
        };
        let one = |this: &Self, rty: RTy, ty: Ty| {
            let by_ref = this.lw.is_copy(&rty);
            Shape::One {
                rty: if by_ref { rty } else { RTy::Ref(Box::new(rty)) },
                fact: Fact::of(ty),
                by_ref,
            }
        };
        let (method, shape) = match part {
            Part::Key => ("keys", one(self, key, *key_ty)),
            Part::Value => ("values", one(self, value, *value_ty)),
            Part::Both => {
                let pair = vec![one(self, key, *key_ty), one(self, value, *value_ty)];
                return Ok(Items {
                    form: Form::Place(place, false),
                    shape: Shape::Pairs(pair),
                });
            }
        };
        Ok(Items {
            form: Form::Iter(place.method(method, vec![])),
            shape,
        })
    }

    /// The entries of a dict, or a part of each.
    pub(in crate::lower) fn entries(
        &mut self,
        dict: &'a PyExpr,
        part: Part,
        body: Option<&'a Block>,
    ) -> Result<Items, Expr> {
        let made = match body {
            Some(_) => self.item_looked_at(dict)?,
            None => None,
        };
        let (place, rty) = match made {
            Some(item) => (item.expr, item.rty),
            None => self.place(dict, false)?,
        };
        if let RTy::Map {
            key,
            value,
            ordered: false,
        } = rty.peel()
        {
            let types = ((**key).clone(), (**value).clone());
            return self.map_entries(dict, place, types, part, body);
        }
        let RTy::Map {
            key,
            value,
            ordered: true,
        } = rty.peel().clone()
        else {
            return Err(self.partly(dict, "a loop over this dict"));
        };
        let mut changed = Vec::new();
        if let Some(body) = body {
            crate::lower::narrow::changed_paths(self, body, &mut changed);
        }
        if let Some(path) = self.root_path(dict)
            && changed
                .iter()
                .any(|c| c.starts_with(&path) || path.starts_with(c))
        {
            return Err(self.partly(dict, "a loop over a dict that its body changes"));
        }
        let Ty::Dict {
            key: key_ty,
            value: value_ty,
            ..
        } = self.fact(dict.id).ty.narrowed()
        else {
            return Err(self.hole(dict));
        };
        let lent = self.path_of(dict).is_some_and(|p| self.is_lent_global(&p));
        let form = match lent {
            true => Form::Place(Expr::Deref(Box::new(place)), false),
            false => Form::seen(place, &rty),
        };
        let (elem, ty) = match part {
            Part::Key => (*key, *key_ty),
            Part::Value => (*value, *value_ty),
            Part::Both => {
                let rty = RTy::Tuple(vec![*key, *value]);
                let ty = Ty::Tuple(vec![*key_ty, *value_ty]);
                let by_ref = self.lw.is_copy(&rty);
                let rty = if by_ref { rty } else { RTy::Ref(Box::new(rty)) };
                let shape = Shape::One {
                    rty,
                    fact: Fact::of(ty),
                    by_ref,
                };
                return Ok(Items { form, shape });
            }
        };
        let by_ref = self.lw.is_copy(&elem);
        let shape = Shape::Entry {
            part,
            rty: if by_ref {
                elem
            } else {
                RTy::Ref(Box::new(elem))
            },
            fact: Fact::of(ty),
            by_ref,
        };
        Ok(Items { form, shape })
    }
}

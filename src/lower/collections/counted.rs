//! Items of dicts that have a word on keys that are not there: `defaultdict`, `Counter`.
//!
//! Enters: an item, or a call of `Counter`. Leaves: the entry that is put in where it is not
//! there, or zero. This module must not know who asks.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::{self, dict};
use crate::ir::{Expr, RTy, StmtKind};
use crate::lower::construct::default_literal;
use crate::lower::function::FnLower;
use crate::lower::iterate::Shape;
use crate::ty::Missing;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// The place of an item; `write`: to change it.
    pub(super) fn counted_place(
        &mut self,
        value: &'a PyExpr,
        index: &'a PyExpr,
        write: bool,
    ) -> Result<(Expr, RTy), Expr> {
        // A key that runs through the dict is there.
        let is_there = self.keys_of.as_ref().is_some_and(|(dict, param)| {
            param.is_some()
                && self.scope.names.get(&index.id) == param.as_ref()
                && self.path_of(value).as_ref() == Some(dict)
        });
        let made = self.fact(value.id).ty.narrowed().missing() == Missing::Made && !is_there;
        let (base, rty) = self.place(value, write || made)?;
        let RTy::Map { key, value: v, .. } = rty.peel().clone() else {
            return Err(self.partly(value, "an item of this"));
        };
        let empty = match *v {
            RTy::Option(_) => None,
            _ => default_literal(&v),
        };
        let Some(empty) = empty else {
            return Err(self.partly(value, "an item of this"));
        };
        if !write && !made {
            let key = self.key_ref(index, &key)?;
            let mut site = self.site();
            let found = dict::get(base, &rty, key, false, &mut site);
            self.absorb(site, index.span);
            if !self.lw.is_copy(&v) {
                return Err(self.partly(value, "an item of this"));
            }
            let found = found.method("copied", vec![]);
            return Ok((found.method("unwrap_or", vec![empty]), *v));
        }
        let key = self.key(index, &key)?;
        let mut site = self.site();
        let found = dict::entry(base, &rty, key, empty, &mut site);
        self.absorb(site, index.span);
        Ok(match (self.lw.is_copy(&v), write) {
            (true, _) => (Expr::Deref(Box::new(found)), *v),
            (false, true) => (found, RTy::RefMut(v)),
            (false, false) => (found, RTy::Ref(v)),
        })
    }

    /// `d[key]` of a dict that puts in what is missing, where a loop runs over it: it is put in
    /// first, so that the dict is only looked at while the loop runs. None for anything else.
    pub(in crate::lower) fn item_looked_at(&mut self, e: &'a PyExpr) -> Result<Option<Val>, Expr> {
        let ExprKind::Subscript { value, index } = &e.kind else {
            return Ok(None);
        };
        let made = self.fact(value.id).ty.narrowed().missing() == Missing::Made;
        let plain = matches!(
            index.kind,
            ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Str(_) | ExprKind::Int(_)
        );
        if !made || !plain || self.conditional > 0 || self.path_of(value).is_none() {
            return Ok(None);
        }
        let (slot, rty) = self.counted_place(value, index, false)?;
        let RTy::Ref(held) = rty else {
            return Ok(None);
        };
        self.emit(e.span, StmtKind::Expr(slot));
        self.forget_base(value);
        let (map, rty) = self.place(value, false)?;
        let RTy::Map { key, ordered, .. } = rty.peel().clone() else {
            return Err(self.hole(e));
        };
        let key = self.key_ref(index, &key)?;
        let item = if ordered {
            let error = self.no_such_key(index);
            let mut site = self.site();
            let found = dict::get(map, &rty, key, false, &mut site).ok_or(&error);
            self.absorb(site, index.span);
            found
        } else {
            Expr::Ref(Box::new(Expr::Index(Box::new(map), Box::new(key))))
        };
        Ok(Some(Val::new(item, RTy::Ref(held), &self.fact(e.id))))
    }

    /// `Counter(xs)`
    pub(super) fn counter_of(
        &mut self,
        e: &'a PyExpr,
        args: &'a [PyExpr],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let (RTy::Map { key, ordered, .. }, [items]) = (to, args) else {
            return Err(self.hole(e));
        };
        let found = self.items_of(items, None)?;
        let found = self.single(found);
        let Shape::One { rty, by_ref, .. } = found.shape else {
            return Err(self.partly(e, "a Counter of these"));
        };
        let iter = found.form.chain();
        let iter = match (rty.clone(), by_ref) {
            (held, true) if held == **key => iter.method("copied", vec![]),
            (held, false) if held == **key => iter,
            (RTy::Ref(held), _) if *held == **key => iter.method("cloned", vec![]),
            (RTy::Str | RTy::Char, false) if **key == RTy::String => {
                let text = Expr::atom("x").method("to_string", vec![]);
                iter.method("map", vec![Expr::Closure("x".into(), Box::new(text))])
            }
            _ => return Err(self.partly(e, "a Counter of elements of another type")),
        };
        let helper = self.helper(catalog::Helper::CountItems);
        let counts = Expr::call(helper, vec![iter]);
        let counts = match ordered {
            true => counts,
            false => counts.method("into_iter", vec![]).method("collect", vec![]),
        };
        Ok(Val::new(counts, to.clone(), &self.fact(e.id)))
    }
}

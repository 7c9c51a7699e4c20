//! Entries that a dict of literal keys may lack: `Option`s of its struct.
//!
//! Enters: the dict, and the key that is asked for. Leaves: the value, its place, or whether
//! it is there, with Python's KeyError where it has to be. This module must not know how such
//! a dict is made.

use super::field;
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// The `Option` that such an entry is.
    fn entry_option(
        &mut self,
        e: &'a PyExpr,
        dict: &'a PyExpr,
        key: &str,
    ) -> Result<(Expr, RTy), Expr> {
        let optional = self.path_of(dict).and_then(|p| self.path_place(&p, false));
        let (base, rty) = match optional {
            Some((place, RTy::Option(inner))) => {
                let rty = RTy::Option(inner.clone());
                (self.not_none(place, &rty, false, "None"), *inner)
            }
            _ => self.place(dict, false)?,
        };
        let class = self.lw.class_of(&rty);
        match class.and_then(|class| self.lw.class_field(&class, key)) {
            Some(RTy::Option(inner)) => Ok((base.field(field(key)), *inner)),
            _ => Err(self.partly(e, "an entry of this")),
        }
    }

    fn key_error(&self, key: &str) -> String {
        self.error(&format!("KeyError: '{key}'"))
    }

    /// `d["key"]`, read.
    pub(in crate::lower) fn entry_there(
        &mut self,
        e: &'a PyExpr,
        dict: &'a PyExpr,
        key: &str,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let (place, inner) = self.entry_option(e, dict, key)?;
        let error = self.key_error(key);
        let (expr, rty) = if self.lw.is_copy(&inner) {
            (place.ok_or(&error), inner)
        } else if inner == RTy::String {
            (place.method("as_deref", vec![]).ok_or(&error), RTy::Str)
        } else {
            let held = place.method("as_ref", vec![]).ok_or(&error);
            (held, RTy::Ref(Box::new(inner)))
        };
        Ok(Val::new(expr, rty, &fact))
    }

    /// The place of an entry that is looked into or changed.
    pub(in crate::lower) fn entry_place(
        &self,
        option: Expr,
        inner: RTy,
        key: &str,
        write: bool,
    ) -> (Expr, RTy) {
        let error = self.key_error(key);
        let (method, rty) = match write {
            true => ("as_mut", RTy::RefMut(Box::new(inner))),
            false => ("as_ref", RTy::Ref(Box::new(inner))),
        };
        (option.method(method, vec![]).ok_or(&error), rty)
    }

    /// `d.get("key")`, `d.get("key", default)`
    pub(in crate::lower) fn entry_or(
        &mut self,
        e: &'a PyExpr,
        dict: &'a PyExpr,
        key: &str,
        default: Option<&'a PyExpr>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let given = default.filter(|d| self.fact(d.id).ty != Ty::None);
        let default = given.map(|d| self.expr(d)).transpose()?;
        let (place, inner) = self.entry_option(e, dict, key)?;
        let copy = self.lw.is_copy(&inner);
        let Some(default) = default else {
            let (expr, held) = match inner {
                inner if copy => (place, inner),
                RTy::String => (place.method("as_deref", vec![]), RTy::Str),
                inner => (place.method("as_ref", vec![]), RTy::Ref(Box::new(inner))),
            };
            return Ok(Val::new(expr, RTy::Option(Box::new(held)), &fact));
        };
        let val = crate::catalog::dict::field_or(place, &inner, default, &fact, copy)
            .map_err(|why| self.not_yet(e, why))?;
        if val.rty == RTy::Number {
            self.helper(crate::catalog::Helper::Number);
        }
        Ok(val)
    }

    /// `"key" in d`, `"key" not in d` of a dict of literal keys.
    pub(in crate::lower) fn has_entry(
        &mut self,
        left: &'a PyExpr,
        ops: &[CompareOp],
        rest: &'a [PyExpr],
    ) -> Option<Result<Val, Expr>> {
        let (ExprKind::Str(key), [op], [dict]) = (&left.kind, ops, rest) else {
            return None;
        };
        let Ty::Record(fields) = self.fact(dict.id).ty else {
            return None;
        };
        let is_there = match op {
            CompareOp::In => true,
            CompareOp::NotIn => false,
            _ => return None,
        };
        if !fields.may_lack(key) {
            let known = fields.entry(key).is_some() == is_there;
            let named = self.path_of(dict).is_some();
            return named.then(|| Ok(Val::bool(Expr::atom(known.to_string()))));
        }
        let found = self.entry_option(left, dict, key).map(|(place, _)| {
            let method = if is_there { "is_some" } else { "is_none" };
            Val::bool(place.method(method, vec![]))
        });
        Some(found)
    }
}

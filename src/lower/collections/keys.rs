//! Keys of dicts and sets, to look for and to put in.

use crate::ast::Expr as PyExpr;
use crate::catalog::dict;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// A key to put into a map or set.
    pub(in crate::lower) fn key(&mut self, key: &'a PyExpr, to: &RTy) -> Result<Expr, Expr> {
        let val = self.key_val(key, to)?;
        if self.lw.class_of(to).is_some() && val.rty.peel() == to {
            return self.coerce(val, to, key.span, "the key");
        }
        dict::key_owned(&val, to).map_err(|why| self.not_yet(key, why))
    }

    /// A key to look for.
    pub(super) fn key_ref(&mut self, key: &'a PyExpr, to: &RTy) -> Result<Expr, Expr> {
        let val = self.key_val(key, to)?;
        dict::key_ref(&val, to).map_err(|why| self.not_yet(key, why))
    }

    /// A key as a value: the variant of an enum of the app as its name.
    pub(super) fn key_val(&mut self, key: &'a PyExpr, to: &RTy) -> Result<Val, Expr> {
        let val = self.expr_as(key, to)?;
        let val = dict::within_reach(val, to, &self.site());
        self.plain_key(val, key.span)
    }

    /// The variant of an enum of the app, where it is a key, as its name.
    pub(in crate::lower) fn plain_key(&mut self, val: Val, at: Span) -> Result<Val, Expr> {
        if !matches!(val.ty, Ty::Enum(_)) {
            return Ok(val);
        }
        let text = self.coerce(val.clone(), &RTy::Str, at, "the key")?;
        Ok(Val {
            expr: text,
            rty: RTy::Str,
            ty: Ty::Str,
            ..val
        })
    }

    /// A key that may be None, where None is no key: Python's KeyError.
    pub(in crate::lower) fn key_found(&self, val: &Val) -> Val {
        let RTy::Option(inner) = val.rty.peel().clone() else {
            return val.clone();
        };
        let error = self.error("KeyError (None is no key)");
        let fact = Fact::of(val.ty.narrowed());
        match *inner {
            RTy::String if val.expr.is_place() => {
                let text = val.expr.clone().method("as_deref", vec![]);
                Val::new(text.ok_or(&error), RTy::Str, &fact)
            }
            inner => Val::new(val.expr.clone().ok_or(&error), inner, &fact),
        }
    }
}

//! Dicts that go to an enum with data: `{"GoTo": {"x": 1.0, "y": 2.0}}`.
//!
//! Enters: a dict literal of Python, and the enum. Leaves: the variant, its data as PyTask
//! converts it. This module must not know the place.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::types::rty_of;
use crate::project::{Variant, VariantKind};
use crate::source::Span;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `{"Name": data}` as a variant.
    pub(super) fn variant_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [(Option<PyExpr>, PyExpr)],
        key: &str,
    ) -> Result<Val, Expr> {
        let types = self.lw.input.types;
        let Some(def) = types.enum_def(key) else {
            return Err(self.hole(e));
        };
        let [(Some(name), value)] = items else {
            let what = "PyTask takes a dict with the variant's name as its one key";
            return Err(self.no_variant(e.span, what));
        };
        let ExprKind::Str(wanted) = &name.kind else {
            return Err(self.partly(e, "a computed name of a variant"));
        };
        let Some(variant) = def.variants.iter().find(|v| v.python_name == *wanted) else {
            let what = format!(
                "`{}` has no variant {wanted:?}: PyTask fails the cycle",
                def.name
            );
            return Err(self.no_variant(name.span, &what));
        };
        let to = RTy::Named(key.to_string());
        let fact = self.fact(e.id);
        let part = format!("{key}::{}", variant.name);
        let made = match &variant.kind {
            VariantKind::Unit => {
                return Err(self.partly(e, "a dict for a variant without data"));
            }
            VariantKind::Newtype(held) => {
                let rty = rty_of(held);
                let val = self.expr_as(value, &rty)?;
                let val = self.int_for_float(val, &rty, wanted);
                let outer = std::mem::replace(&mut self.copied_by_pytask, true);
                let data = self.coerce(val, &rty, value.span, wanted);
                self.copied_by_pytask = outer;
                Expr::call(self.variant_name(key, variant), vec![data?])
            }
            VariantKind::Tuple(_) => match &value.kind {
                ExprKind::List(values) | ExprKind::Tuple(values) => {
                    self.row_literal(value, values, &part)?.expr
                }
                _ => return Err(self.partly(value, "the data of a variant, computed,")),
            },
            VariantKind::Record(_) => match &value.kind {
                ExprKind::Dict(fields) => self.struct_literal(value, fields, &part)?.expr,
                _ => return Err(self.partly(value, "the data of a variant, computed,")),
            },
        };
        Ok(Val::new(made, to, &fact))
    }

    /// `Request::GoTo`
    pub(super) fn variant_name(&mut self, key: &str, variant: &Variant) -> String {
        format!("{}::{}", self.lw.use_type(key), variant.name)
    }

    /// The name by which a struct, or the data of a variant, is written.
    pub(super) fn written_name(&mut self, key: &str) -> String {
        let types = self.lw.input.types;
        match types.variant_of(key) {
            Some((of, variant)) => self.variant_name(of, variant),
            None => self.lw.use_type(key),
        }
    }

    fn no_variant(&mut self, at: Span, what: &str) -> Expr {
        let problem = Problem::new(Code::TypeMismatch, what);
        Expr::Hole(self.lw.hole_text(at, &problem))
    }
}

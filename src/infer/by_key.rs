//! Payloads, messages and metadata are dicts to Python as well, and tuples are lists.
//!
//! Enters: an item that is read or written by a literal key or place. Leaves: the fact of
//! the field of that name, and a note that the item is that attribute, which
//! [`crate::desugar::typed`] writes out. This module must not know how a field lies in Rust.

use super::Inference;
use super::env::Env;
use super::eval::{Scope, is_dict_method};
use super::made::literal_place;
use super::model::Fact;
use crate::ast::{Expr, ExprKind, Ident, Keyword};
use crate::desugar::typed::Sugar;
use crate::ty::Ty;

impl Inference<'_> {
    /// The field that `base[index]` is, by its name.
    fn keyed_field(&self, base: &Fact, index: &Expr) -> Option<String> {
        let ty = base.ty.narrowed();
        match (&ty, &index.kind) {
            (Ty::Struct(key), _) if self.types.is_row(key) => {
                let fields = self.fields(key);
                let at = literal_place(index)?;
                let count = i128::try_from(fields.len()).ok()?;
                let at = if at < 0 { at + count } else { at };
                (0..count).contains(&at).then(|| at.to_string())
            }
            // As an attribute, this would be the dict's method.
            (_, ExprKind::Str(name)) if is_dict_method(name) => None,
            (Ty::Struct(key), ExprKind::Str(name)) => self.field(key, name).map(|_| name.clone()),
            (Ty::Tagged(key), ExprKind::Str(name)) => {
                self.variant_with_data(key, name).map(|_| name.clone())
            }
            (Ty::Message { .. }, ExprKind::Str(name)) => {
                matches!(name.as_str(), "payload" | "tov" | "metadata").then(|| name.clone())
            }
            (Ty::Metadata, ExprKind::Str(name)) => {
                let known = ["status_txt", "process_time", "origin", "start", "end"];
                known.contains(&name.as_str()).then(|| name.clone())
            }
            _ => None,
        }
    }

    /// `value[index]` where that is a field.
    pub(super) fn by_key(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        (value, base): (&Expr, &Fact),
        index: &Expr,
        env: &mut Env,
    ) -> Option<Fact> {
        let name = self.keyed_field(base, index)?;
        let _ = self.eval(scope, index, env);
        let attr = Ident {
            span: index.span,
            name: name.clone(),
        };
        self.note(e, Sugar::Field(name));
        Some(self.attribute_of(scope, e, (value, base), &attr, env))
    }

    /// `base[index] = …` where that is a field.
    pub(super) fn set_by_key(&mut self, target: &Expr, base: &Fact, index: &Expr) -> bool {
        let Some(name) = self.keyed_field(base, index) else {
            return false;
        };
        self.note(target, Sugar::Field(name));
        true
    }

    /// `payload.get("x")`, `payload.get("x", 0.0)` of a field that is always there.
    pub(super) fn got_by_key(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        (value, base): (&Expr, &Fact),
        method: &str,
        (args, keywords): (&[Expr], &[Keyword]),
        env: &mut Env,
    ) -> Option<Fact> {
        let ("get", [key, default @ ..], []) = (method, args, keywords) else {
            return None;
        };
        let tuple = matches!(base.ty.narrowed(), Ty::Struct(key) if self.types.is_row(&key));
        let plain = |e: &Expr| {
            matches!(
                e.kind,
                ExprKind::Name(_)
                    | ExprKind::Int(_)
                    | ExprKind::Float(_)
                    | ExprKind::Str(_)
                    | ExprKind::Bool(_)
                    | ExprKind::None
            )
        };
        let tagged = matches!(base.ty.narrowed(), Ty::Tagged(_));
        if tuple || tagged || default.len() > 1 || !default.iter().all(plain) {
            return None;
        }
        let name = self.keyed_field(base, key)?;
        for arg in args {
            let _ = self.eval(scope, arg, env);
        }
        let attr = Ident {
            span: key.span,
            name: name.clone(),
        };
        self.note(e, Sugar::Field(name));
        Some(self.attribute_of(scope, e, (value, base), &attr, env))
    }

    /// A tuple of Rust that is run through, taken apart or counted: a list of its fields.
    pub(super) fn row(&mut self, e: &Expr, fact: &Fact, list: bool) {
        if let Ty::Struct(key) = &fact.ty
            && self.types.is_row(key)
            && e.is_place()
        {
            let count = self.fields(key).len();
            self.note(e, Sugar::Row(count, list));
        }
    }
}

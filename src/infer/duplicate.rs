//! `copy.copy` and `copy.deepcopy`: an object that shares nothing with the one that it is like.
//!
//! Enters: a call, and the fact of what it copies. Leaves: the fact of the copy; a problem where
//! the copy would share something that can change, or where nobody can tell. This module must
//! not know Rust.

use super::Inference;
use super::made::Copying;
use super::model::{Fact, Model, Problem};
use crate::ast::{Expr, Keyword};
use crate::diagnostic::Code;
use crate::ty::{Ty, shown_class};
use std::collections::BTreeSet;

/// The methods by which a class says itself how it is copied.
const OWN_COPIES: [&str; 7] = [
    "__copy__",
    "__deepcopy__",
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__setstate__",
    "__getnewargs__",
];

impl Inference<'_> {
    /// The fact of `copy.copy(x)` or `copy.deepcopy(x)` of `base`.
    pub(super) fn duplicated(
        &mut self,
        e: &Expr,
        how: Copying,
        base: Fact,
        keywords: &[Keyword],
    ) -> Fact {
        let ty = match base.ty {
            Ty::List { elem, kind, .. } if !kind.is_octets() => Ty::list(*elem),
            other => other,
        };
        let fact = Fact {
            ty,
            unbound: false,
            ..base
        };
        let mut seen = BTreeSet::new();
        let why = match keywords {
            [] => self.why_not_copied(&fact.ty, how, &mut seen),
            _ => Some("a copy by these arguments".to_string()),
        };
        if let Some(why) = why {
            let message = format!("{why} is not translated");
            self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
        }
        fact
    }

    /// Why a copy would not be one of its own; nothing where it is.
    fn why_not_copied(&self, ty: &Ty, how: Copying, seen: &mut BTreeSet<String>) -> Option<String> {
        let shallow = how == Copying::Shallow;
        match ty {
            Ty::Unknown
            | Ty::None
            | Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::IntOrFloat
            | Ty::Str
            | Ty::Enum(_)
            | Ty::Member(_) => None,
            Ty::Option(inner) => self.why_not_copied(inner, how, seen),
            Ty::List { elem, store, .. } => match store {
                // What `list(xs)` makes of it.
                Some(_) if !elem.is_number() => Some(format!("a copy of {}", ty.describe())),
                _ if shallow => None,
                _ => self.why_not_copied(elem, how, seen),
            },
            // Its items are not copied.
            Ty::Tuple(_) if shallow => None,
            Ty::Tuple(_) | Ty::Record(_) | Ty::Dict { .. } | Ty::Set(_) | Ty::Deque { .. } => {
                let mut parts = ty.parts().into_iter();
                parts.find_map(|part| self.why_not_part(part, ty, how, seen))
            }
            Ty::Instance(class) => {
                if !seen.insert(class.clone()) {
                    return None;
                }
                let has = |name: &&str| self.functions.contains_key(&format!("{class}.{name}"));
                if OWN_COPIES.iter().any(has) {
                    let class = shown_class(class);
                    return Some(format!("a copy of `{class}`, which says itself how,"));
                }
                // A function that keeps variables is never copied.
                if has(&"__call__") {
                    let class = shown_class(class);
                    return Some(format!("a copy of `{class}`, which is called,"));
                }
                let model: &Model = &self.model;
                let Some(own) = model.classes.get(class) else {
                    return Some(format!("a copy of {}", ty.describe()));
                };
                let fields = own.fields.iter().map(|(_, fact)| &fact.ty);
                let variants = own.variants.iter().map(|v| Ty::Instance(v.clone()));
                let variants: Vec<Ty> = variants.collect();
                let whole = variants
                    .iter()
                    .find_map(|variant| self.why_not_copied(variant, how, seen));
                whole.or_else(|| {
                    let mut fields = fields;
                    fields.find_map(|field| self.why_not_part(field, ty, how, seen))
                })
            }
            Ty::Mixed(kinds) => kinds
                .iter()
                .find_map(|kind| self.why_not_copied(kind, how, seen)),
            Ty::Range
            | Ty::Position
            | Ty::Struct(_)
            | Ty::Tagged(_)
            | Ty::Message { .. }
            | Ty::Messages { .. }
            | Ty::Context
            | Ty::Tov
            | Ty::Metadata
            | Ty::Module(_)
            | Ty::Function(_)
            | Ty::Class(_)
            | Ty::Exception(_)
            | Ty::Conflict(_) => Some(format!("a copy of {}", ty.describe())),
        }
    }

    /// Of a part of what is copied.
    fn why_not_part(
        &self,
        part: &Ty,
        whole: &Ty,
        how: Copying,
        seen: &mut BTreeSet<String>,
    ) -> Option<String> {
        if how == Copying::Deep {
            return match part {
                Ty::List { store: Some(_), .. } => Some(format!("a copy of {}", whole.describe())),
                _ => self.why_not_copied(part, how, seen),
            };
        }
        // Whether it is changed where the copy shares it, `ownership` knows.
        let is_list = |ty: &Ty| match ty {
            Ty::List {
                elem, store: None, ..
            } => self.model.is_value(elem, 0),
            _ => false,
        };
        let shared = matches!(whole, Ty::Instance(_)) && is_list(part);
        let shares = !shared && !self.model.is_value(part, 0);
        shares.then(|| {
            format!(
                "`copy()` of {}, which shares what it holds with the copy,",
                whole.describe()
            )
        })
    }
}

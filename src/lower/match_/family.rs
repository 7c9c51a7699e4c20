//! `match x: case Cruise() as cruise`: the variants of a family.
//!
//! Enters: a value of a family, and the patterns that ask for its class. Leaves: the place,
//! borrowed as the cases need it, and patterns that name what a variant holds. This module
//! must not know how a `match` is written.

use super::pat::Pat;
use crate::ast::{Case, Expr as PyExpr, ExprKind, Pattern, PatternKind};
use crate::infer::scope::BlockRef;
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `Behaviour::Cruise`
    pub(in crate::lower) fn variant_path(&self, family: &str, variant: &str) -> String {
        format!(
            "{}::{}",
            self.class_path(family),
            self.lw.class_name(variant)
        )
    }

    /// A place that holds a value of a family, borrowed; changed where a case changes it.
    pub(super) fn family_subject(
        &mut self,
        subject: &'a PyExpr,
        cases: &'a [Case],
    ) -> Option<Result<Val, Expr>> {
        let fact = self.fact(subject.id);
        let Ty::Instance(class) = fact.ty.narrowed() else {
            return None;
        };
        let model = self.lw.input.model.classes.get(&class)?;
        if model.variants.is_empty() {
            return None;
        }
        let changes = cases.iter().any(|case| match &case.pattern.kind {
            PatternKind::As { name: Some(_), .. } => self
                .scope
                .names
                .get(&case.pattern.id)
                .is_some_and(|version| self.is_var_changed(version)),
            _ => false,
        });
        let Some(path) = self.path_of(subject) else {
            return Some(match (&subject.kind, changes) {
                (ExprKind::Subscript { .. }, false) => self.lent_subject(subject),
                _ => Err(self.hole(subject)),
            });
        };
        let Some((place, rty)) = self.path_place(&path, changes) else {
            return Some(Err(self.hole(subject)));
        };
        let is_self = path.segs.is_empty() && self.is_self(&path.root);
        let is_ref = rty.is_ref() || is_self;
        let expr = match (is_ref, changes) {
            (true, _) => place,
            (false, true) => Expr::RefMut(Box::new(place)),
            (false, false) => Expr::Ref(Box::new(place)),
        };
        if changes {
            self.forget_path(&path);
        }
        let inner = match rty {
            RTy::Ref(inner) | RTy::RefMut(inner) => *inner,
            other => other,
        };
        let rty = match (inner, changes) {
            (RTy::Option(held), true) => RTy::Option(Box::new(RTy::RefMut(held))),
            (RTy::Option(held), false) => RTy::Option(Box::new(RTy::Ref(held))),
            (held, true) => RTy::RefMut(Box::new(held)),
            (held, false) => RTy::Ref(Box::new(held)),
        };
        Some(Ok(Val::new(expr, rty, &fact)))
    }

    /// An item that the cases only look at.
    fn lent_subject(&mut self, subject: &'a PyExpr) -> Result<Val, Expr> {
        let val = self.expr(subject)?;
        Ok(match &val.rty {
            RTy::Ref(_) => val,
            RTy::Named(_) => {
                let rty = RTy::Ref(Box::new(val.rty.clone()));
                Val {
                    expr: Expr::Ref(Box::new(val.expr)),
                    rty,
                    ..val
                }
            }
            _ => return Err(self.hole(subject)),
        })
    }

    /// Whether a class pattern asks for another class than that of the value.
    pub(super) fn is_other_class(&self, class: &PyExpr, ty: &Ty) -> bool {
        match (&class.kind, ty.narrowed()) {
            (ExprKind::Name(name), Ty::Instance(own)) => {
                *name != own && self.lw.input.model.classes.contains_key(name)
            }
            _ => false,
        }
    }

    /// `Behaviour::Cruise(cruise)`
    pub(super) fn variant_pattern(
        &mut self,
        pattern: &'a Pattern,
        variant: &str,
        val: &Val,
        of: BlockRef,
    ) -> Result<Pat, Expr> {
        let Some(version) = self.scope.names.get(&pattern.id).cloned() else {
            return Err(self.no_pattern(pattern));
        };
        let info = self.scope.vars.get(&version);
        if info.is_none_or(|i| i.home != of || i.bindings > 1) || self.unbound.contains(&version) {
            return Err(self.no_pattern(pattern));
        }
        let read = info.is_some_and(|i| i.reads > 0);
        let held = self.lw.class_type(variant);
        let inner = match &val.rty {
            RTy::Option(inner) => inner,
            other => other,
        };
        let mutable = matches!(inner, RTy::RefMut(_));
        let rty = match mutable {
            true => RTy::RefMut(Box::new(held)),
            false => RTy::Ref(Box::new(held)),
        };
        self.declared.insert(version.clone());
        self.var_types.insert(version.clone(), rty);
        let name = read.then(|| self.var_name(&version));
        Ok(self.held_variant(variant, val, name))
    }

    /// A variant, in the `Some` of what may be None.
    pub(super) fn held_variant(&mut self, variant: &str, val: &Val, name: Option<String>) -> Pat {
        let family = crate::ty::family_of(variant).to_string();
        self.lw.used_classes.insert(family.clone());
        let pat = Pat::Variant(self.variant_path(&family, variant), name);
        match &val.rty {
            RTy::Option(_) => Pat::Some(Box::new(pat)),
            _ => pat,
        }
    }
}

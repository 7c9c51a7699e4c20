//! `sorted`, `list.sort`, `min` and `max` by a key.

use super::Inference;
use super::class_info::{ClassInfo, Mixin};
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{Expr, ExprKind, Keyword};
use crate::diagnostic::Code;
use crate::ty::Ty;

impl Inference<'_> {
    /// The fact of such a call; nothing where it is another one.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn keyed_call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        full: &str,
        receiver: Option<&(&Expr, Fact)>,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Option<Fact> {
        let named = |name: &str| {
            keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == name))
                .map(|k| &k.value)
        };
        let key = named("key");
        let allowed: &[&str] = match full {
            "sorted" | "<list>.sort" => &["key", "reverse"],
            "min" | "max" => &["key", "default"],
            _ => return None,
        };
        let known = keywords.iter().all(|k| {
            k.name
                .as_ref()
                .is_some_and(|n| allowed.contains(&n.name.as_str()))
        });
        if !known {
            return None;
        }
        if matches!(full, "min" | "max") && key.is_none() {
            // Numbers are compared as numbers.
            let [xs] = args else { return None };
            let whole = self.eval(scope, xs, env).ty;
            let elem = match &whole {
                Ty::List { elem, .. } | Ty::Deque { elem, .. } => elem,
                Ty::Set(elem) if has_one_order(elem) => elem,
                _ => return None,
            };
            let compared = matches!(**elem, Ty::Tuple(_) | Ty::Str | Ty::Member(_));
            if !compared || !self.has_order(elem) {
                return None;
            }
        }
        let (list, items) = match (receiver, args) {
            (Some((value, fact)), []) => (*value, fact.clone()),
            (None, [xs]) => (xs, self.eval(scope, xs, env)),
            _ => return None,
        };
        for value in [named("reverse"), named("default")].into_iter().flatten() {
            let _ = self.eval(scope, value, env);
        }
        let elem = match items.ty.narrowed() {
            // Sorted without a key, a set has one order.
            Ty::Set(elem) if key.is_none() => Fact::of(*elem),
            Ty::Dict { .. } | Ty::Record(_) if full == "sorted" && key.is_none() => {
                match items.ty.narrowed().as_dict() {
                    Ty::Dict { key, .. } => {
                        if matches!(items.ty.narrowed(), Ty::Record(_)) {
                            self.look_at_order(scope, list);
                        }
                        Fact::of(*key)
                    }
                    other => Fact::of(other),
                }
            }
            _ => {
                self.look_at_order(scope, list);
                self.element(list, &items, scope)
            }
        };
        if elem.ty.is_unusable() {
            return Some(Fact::of(elem.ty));
        }
        let of = match key.map(|k| (&k.kind, k)) {
            None => elem.clone(),
            Some((ExprKind::Lambda { params, body }, key)) => {
                let [param] = params.list.as_slice() else {
                    return Some(self.unsupported(e, "a key of several parameters"));
                };
                scope.record(key.id, Fact::of(Ty::Function("<lambda>".into())));
                let mut inside = env.clone();
                if let Some(version) = scope.names.names.get(&param.id).cloned() {
                    self.bind(scope, &version, None, &elem, &mut inside);
                }
                let of = self.eval(scope, body, &mut inside);
                // It is only compared.
                Self::hands_on(scope, body);
                of
            }
            Some(_) => return Some(self.unsupported(e, "this key")),
        };
        if of.ty.is_unusable() {
            return Some(Fact::of(of.ty));
        }
        if !self.has_order(&of.ty) {
            let message = format!("sorting by {} is not translated", of.ty.describe());
            self.problem(e.id, e.span, Problem::new(Code::PartlyHandled, message));
            return Some(self.no_fact("an order"));
        }
        Some(match full {
            "sorted" => Fact::of(Ty::list(elem.ty)),
            "<list>.sort" => Fact::of(Ty::None),
            _ => match named("default") {
                Some(default) => elem.join(&scope.fact(default.id)),
                None => elem,
            },
        })
    }

    /// What the key of a heap gives for one of its items.
    pub(super) fn heap_key(
        &mut self,
        scope: &mut Scope<'_>,
        key: &Expr,
        heap: &Fact,
        env: &mut Env,
    ) -> Fact {
        let (Ty::List { elem, .. }, ExprKind::Lambda { params, body }) =
            (heap.ty.narrowed(), &key.kind)
        else {
            return Fact::unknown();
        };
        if elem.is_unusable() {
            return Fact::of(Ty::None);
        }
        scope.record(key.id, Fact::of(Ty::Function("<lambda>".into())));
        let mut inside = env.clone();
        for param in &params.list {
            if let Some(version) = scope.names.names.get(&param.id).cloned() {
                self.bind(
                    scope,
                    &version,
                    None,
                    &Fact::of((*elem).clone()),
                    &mut inside,
                );
            }
        }
        let of = self.eval(scope, body, &mut inside);
        Self::hands_on(scope, body);
        if of.ty.is_unusable() || self.has_order(&of.ty) {
            return of;
        }
        let message = format!("a heap by {} is not translated", of.ty.describe());
        self.problem(key.id, key.span, Problem::new(Code::PartlyHandled, message));
        self.no_fact("an order")
    }

    /// Whether Python can compare two values of a type by `<`.
    pub(super) fn has_order(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat | Ty::Bool | Ty::Str => true,
            Ty::Member(class) => self.has_ordered_members(class),
            Ty::Tuple(items) => items.iter().all(|item| self.has_order(item)),
            Ty::List { elem, .. } if ty.is_long_tuple() => has_one_order(elem),
            _ => false,
        }
    }

    /// Whether the members of an enum are ints, which are in the order of their values.
    pub(super) fn has_ordered_members(&self, class: &str) -> bool {
        const OWN: [&str; 5] = ["__lt__", "__le__", "__gt__", "__ge__", "__eq__"];
        let own = |info: &ClassInfo<'_>| OWN.iter().any(|method| info.find(method).is_some());
        let model = self.model.classes.kind(class);
        model.is_some_and(|model| model.mixin == Mixin::Int)
            && !self.classes.get(class).is_some_and(own)
    }
}

/// Whether values of a type that are equal cannot be told apart.
fn has_one_order(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Bool | Ty::Str | Ty::Member(_) => true,
        Ty::Tuple(items) => items.iter().all(has_one_order),
        Ty::List { elem, .. } if ty.is_long_tuple() => has_one_order(elem),
        _ => false,
    }
}

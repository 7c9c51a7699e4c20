//! Values of several kinds: an int here, a text there.
//!
//! Enters: the facts of expressions whose type is a union, and tests that tell its kinds apart.
//! Leaves: the kinds that are left where a test holds; `taken` knows what operators leave, and
//! `named` what unions are called. Without [`Inference::unite`] there are none: a value of
//! several kinds is a contradiction. This module must not know what a union is in Rust.

mod named;
mod taken;

use super::Inference;
use super::env::{Env, Path};
use super::eval::Scope;
use super::model::Fact;
use super::type_tests::{TypeTest, type_test};
use crate::ast::{CompareOp, Expr};
use crate::ty::{KindSet, Ty};

impl Inference<'_> {
    /// Leaves the kinds that the flow knows of.
    pub(super) fn narrow_kinds(&self, fact: &mut Fact, path: &Path, env: &Env) {
        if let (Some(set), Some(_)) = (env.kinds.get(path), fact.ty.union()) {
            let left = fact.ty.among(*set);
            // No kind is left where a later round finds more.
            if !left.is_unusable() {
                *fact = Fact::of(left);
            }
        }
    }

    /// What holds where a test of a value's kind does, and where it does not.
    pub(super) fn parted_by_kind(
        &self,
        scope: &Scope<'_>,
        e: &Expr,
        (mut yes, mut no): (Env, Env),
    ) -> (Env, Env) {
        let Some(test) = type_test(e).filter(|_| self.unite) else {
            return (yes, no);
        };
        let Some(path) = self.path_of(scope, test.value) else {
            return (yes, no);
        };
        let ty = scope.fact(test.value.id).ty;
        if ty.union().is_none() && yes.kinds.get(&path).is_none() {
            return (yes, no);
        }
        let full_name = |e: &Expr| self.full_name(e);
        let (holds, fails) = self.model.kinds_told(&ty.told_kinds(), &test, &full_name);
        yes.kinds.insert(path.clone(), holds);
        yes.some.insert(path.clone());
        no.kinds.insert(path, fails);
        (yes, no)
    }

    /// `x == "stop"`: then it is a text.
    pub(super) fn kind_by_equality(
        &self,
        scope: &Scope<'_>,
        left: &Expr,
        op: CompareOp,
        right: &Expr,
        env: &mut Env,
    ) {
        if !self.unite || !matches!(op, CompareOp::Eq | CompareOp::Is) {
            return;
        }
        for (value, other) in [(left, right), (right, left)] {
            let (fact, other) = (scope.fact(value.id), scope.fact(other.id));
            if let (Some(kinds), None) = (fact.ty.union(), other.ty.union())
                && !matches!(other.ty, Ty::None | Ty::Option(_) | Ty::Unknown)
                && let Some(path) = self.path_of(scope, value)
            {
                let left = kinds.iter().filter(|kind| may_equal(kind, &other.ty));
                let left: Vec<&Ty> = left.collect();
                if !left.is_empty() {
                    env.kinds.insert(path.clone(), KindSet::of(left));
                    env.some.insert(path);
                }
            }
        }
    }

    /// Whether a value of several kinds is asked for its equality with one of a single kind.
    pub(super) fn compares_kinds(&self, a: &Ty, b: &Ty) -> bool {
        let one = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_)) || is_numeric(ty);
        self.unite && (a.is_mixed() && one(b) || one(a) && b.is_mixed())
    }

    /// Whether `x is True` asks a value of several kinds: there is one `True`.
    pub(super) fn asks_for_bool(&self, a: &Ty, b: &Ty) -> bool {
        self.unite && (a.is_mixed() && *b == Ty::Bool || *a == Ty::Bool && b.is_mixed())
    }

    /// Whether a value of several kinds is looked for among values of a single kind.
    pub(super) fn looks_for_kinds(&self, a: &Ty, b: &Ty) -> bool {
        let items: Vec<&Ty> = match b {
            Ty::Tuple(items) => items.iter().collect(),
            Ty::List { elem, .. } => vec![elem],
            _ => return false,
        };
        let text = |ty: &&Ty| **ty == Ty::Str;
        self.unite
            && a.is_mixed()
            && (items.iter().all(text) || items.iter().all(|ty| **ty == Ty::Int))
    }
}

impl super::Model {
    /// Whether values of several kinds are unions.
    pub fn has_named_unions(&self) -> bool {
        !self.unions.is_empty()
    }

    /// Whether a value is of several kinds.
    pub fn has_unions(&self) -> bool {
        let functions = self.functions.iter().chain([&self.module]);
        let mut facts = functions.flat_map(|function| function.facts.values());
        self.met_unions || facts.any(|fact| fact.ty.any(&|ty| ty.is_mixed()))
    }

    /// The kinds of a union for which a test holds, and those for which it does not.
    pub fn kinds_told(
        &self,
        kinds: &[Ty],
        test: &TypeTest<'_>,
        full_name: &dyn Fn(&Expr) -> String,
    ) -> (KindSet, KindSet) {
        let holds =
            |kind: &&Ty| self.answer(kind, test, full_name) == super::isinstance::Instance::Always;
        let (yes, no): (Vec<&Ty>, Vec<&Ty>) = kinds.iter().partition(holds);
        (KindSet::of(yes), KindSet::of(no))
    }

    /// The union that a type is kept in: its kinds, and what it is called.
    pub fn union_of(&self, ty: &Ty) -> Option<(&[Ty], &str)> {
        let kinds = match ty {
            Ty::Mixed(kinds) => kinds,
            _ => return None,
        };
        let found = self.unions.iter().filter(|(known, _)| holds(known, kinds));
        let found = found.min_by_key(|(known, _)| known.kinds().len());
        found.map(|(known, name)| (known.kinds(), name.as_str()))
    }
}

/// Whether a union has all of some kinds.
fn holds(union: &Ty, kinds: &[Ty]) -> bool {
    let has = |kind: &Ty| union.kinds().iter().any(|own| is_same_kind(own, kind));
    kinds.iter().all(has)
}

/// What the variant of a kind is called.
pub fn variant(kind: &Ty) -> String {
    match kind {
        Ty::Bool => "Flag".into(),
        Ty::Int => "Int".into(),
        Ty::Float => "Float".into(),
        Ty::Str => "Text".into(),
        Ty::List { .. } => "List".into(),
        Ty::Tuple(items) => match items.len() {
            0 => "Empty".into(),
            1 => "Single".into(),
            2 => "Pair".into(),
            3 => "Triple".into(),
            len => format!("Tuple{len}"),
        },
        other => other.describe(),
    }
}

/// Whether a value of several kinds is a union of the Rust.
pub(super) fn is_union(ty: &Ty) -> bool {
    ty.is_mixed() && ty.kinds().iter().all(is_plain)
}

/// Whether a union may have it as a kind.
fn is_plain(kind: &Ty) -> bool {
    let scalar = |ty: &Ty| ty.is_number() || matches!(ty, Ty::Bool | Ty::Str);
    match kind {
        Ty::Tuple(items) => items.iter().all(scalar),
        Ty::List {
            elem, store: None, ..
        } => scalar(elem),
        kind => matches!(kind, Ty::Bool | Ty::Int | Ty::Float | Ty::Str),
    }
}

/// Whether a value holds others, which it gives by their place.
pub fn is_sequence(kind: &Ty) -> bool {
    matches!(kind, Ty::Tuple(_) | Ty::List { .. })
}

/// Whether two types are one kind of a union: all lists are, and all tuples of one length.
pub fn is_same_kind(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::List { .. }, Ty::List { .. }) => true,
        (Ty::Tuple(a), Ty::Tuple(b)) => a.len() == b.len(),
        (a, b) => a == b,
    }
}

/// Whether it is a number to arithmetic.
pub fn is_numeric(kind: &Ty) -> bool {
    kind.is_number() || *kind == Ty::Bool
}

/// Whether a value of one kind may equal one of another, or be compared with it by order.
fn may_equal(a: &Ty, b: &Ty) -> bool {
    let text = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_));
    is_numeric(a) && is_numeric(b)
        || text(a) && text(b)
        || a == b
        || matches!(
            (a, b),
            (Ty::List { .. }, Ty::List { .. }) | (Ty::Tuple(_), Ty::Tuple(_))
        )
}

/// The name of a kind's type in Python.
pub fn type_name(kind: &Ty) -> &'static str {
    match kind {
        Ty::None => "NoneType",
        Ty::Bool => "bool",
        Ty::Int => "int",
        Ty::Float => "float",
        Ty::Str | Ty::Enum(_) => "str",
        Ty::Tuple(_) => "tuple",
        Ty::List { kind, .. } => kind.name(),
        _ => "object",
    }
}

//! Tests for None whose outcome types tell: what is never given, and what always is.
//!
//! Enters: a test and the facts of what it asks. Leaves: its outcome, and a note of it in the
//! model, from which [`crate::given`] leaves out what never runs. A value is None alone where
//! nothing else is assigned to it or passed for it in all of the module. This module must not
//! know what is left out.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::isinstance::Instance;
use super::type_tests::type_test;
use crate::ast::{CompareOp, Expr, ExprKind};
use crate::project::Form;
use crate::ty::Ty;

/// What a test asks of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// `x is None`, `x == None`
    IsNone,
    /// `x is not None`, `x != None`
    IsGiven,
    /// `x` as a condition.
    IsTrue,
    /// `None in x`, of a tuple.
    HasNone,
    /// `None not in x`
    HasNoNone,
}

impl Inference<'_> {
    /// What holds where a test of [`Self::given`] does, and where it does not: one of both is
    /// never reached where the outcome is known.
    pub(super) fn parted_by_given(
        &mut self,
        scope: &Scope<'_>,
        test: &Expr,
        (yes, no): (Env, Env),
    ) -> (Env, Env) {
        match self.given(scope, test, &yes) {
            Some(true) => (yes, Env::unreachable()),
            Some(false) => (Env::unreachable(), no),
            None => (yes, no),
        }
    }

    /// The outcome of a test for None, its parts being evaluated.
    pub(super) fn given(&mut self, scope: &Scope<'_>, test: &Expr, env: &Env) -> Option<bool> {
        let (value, asks) = asked(test)?;
        let has_none = matches!(asks, Asks::HasNone | Asks::HasNoNone);
        let none = match scope.fact(value.id).ty {
            Ty::Tuple(items) if has_none => items.iter().all(never_none).then_some(false),
            _ if has_none => None,
            Ty::None => Some(true),
            Ty::Option(_) if self.is_still_none(scope, value, env) => Some(true),
            ty if asks != Asks::IsTrue && never_none(&ty) => Some(false),
            _ => None,
        };
        let plain = self.binding.form != Form::Library && self.is_plain_read(scope, value);
        let outcome = none.filter(|_| plain).map(|none| match asks {
            Asks::IsNone | Asks::HasNone => none,
            Asks::IsGiven | Asks::IsTrue | Asks::HasNoNone => !none,
        });
        self.note_outcome(test, outcome);
        outcome
    }

    /// Whether a test for None asks an attribute that nothing but None is assigned to, in no
    /// object of its class.
    pub(super) fn is_never_given(&self, scope: &Scope<'_>, test: &Expr) -> bool {
        let Some((value, asks)) = asked(test) else {
            return false;
        };
        let (true, ExprKind::Attribute { value: of, attr }) = (
            !matches!(asks, Asks::HasNone | Asks::HasNoNone),
            &value.kind,
        ) else {
            return false;
        };
        let Ty::Instance(class) = scope.fact(of.id).ty else {
            return false;
        };
        let class = self.model.classes.kind(&class);
        let field = class.and_then(|c| c.field(&attr.name));
        field.is_some_and(|fact| fact.ty == Ty::None) && self.is_plain_read(scope, value)
    }

    /// Notes what a test of a value's type gives.
    pub(super) fn settled_by_type(&mut self, scope: &Scope<'_>, e: &Expr, answer: Instance) {
        let Some(test) = type_test(e) else { return };
        let plain = self.binding.form != Form::Library && self.is_plain_read(scope, test.value);
        let outcome = match answer {
            Instance::Always => Some(true),
            Instance::Never => Some(false),
            Instance::Present
            | Instance::Variant
            | Instance::Int
            | Instance::Float
            | Instance::Kinds
            | Instance::Open => None,
        };
        self.note_outcome(e, outcome.filter(|_| plain));
    }

    fn note_outcome(&mut self, test: &Expr, outcome: Option<bool>) {
        if self.recording {
            let noted = self.model.given.entry(test.id).or_insert(outcome);
            if *noted != outcome {
                *noted = None;
            }
        }
    }

    /// Whether it is a parameter that no call gives, and that nothing else was assigned to yet.
    fn is_still_none(&self, scope: &Scope<'_>, e: &Expr, env: &Env) -> bool {
        let named = matches!(e.kind, ExprKind::Name(_));
        let path = self.path_of(scope, e).filter(|_| named);
        path.is_some_and(|path| env.none.contains(&path))
    }

    /// Whether reading it does nothing else, and never raises.
    fn is_plain_read(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(_) => !scope.fact(e.id).unbound,
            ExprKind::Attribute { value, attr } => {
                let held = match scope.fact(value.id).ty {
                    Ty::Instance(class) => {
                        let class = self.model.classes.kind(&class);
                        class.is_some_and(|c| c.field(&attr.name).is_some())
                    }
                    Ty::Struct(_) => true,
                    _ => false,
                };
                held && self.is_plain_read(scope, value)
            }
            _ => false,
        }
    }
}

/// What a test asks, and of what.
fn asked(test: &Expr) -> Option<(&Expr, Asks)> {
    match &test.kind {
        ExprKind::Compare { left, ops, rest } => {
            let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                return None;
            };
            let value = match (&left.kind, &right.kind) {
                (_, ExprKind::None) => left,
                (ExprKind::None, _) => right,
                _ => return None,
            };
            let left_none = matches!(left.kind, ExprKind::None);
            match op {
                CompareOp::In if left_none => Some((right, Asks::HasNone)),
                CompareOp::NotIn if left_none => Some((right, Asks::HasNoNone)),
                CompareOp::Is | CompareOp::Eq => Some((value, Asks::IsNone)),
                CompareOp::IsNot | CompareOp::NotEq => Some((value, Asks::IsGiven)),
                CompareOp::Lt
                | CompareOp::LtE
                | CompareOp::Gt
                | CompareOp::GtE
                | CompareOp::In
                | CompareOp::NotIn => None,
            }
        }
        ExprKind::Name(_) | ExprKind::Attribute { .. } => Some((test, Asks::IsTrue)),
        _ => None,
    }
}

/// Whether no value of the type is None, nor says that it is equal to it.
fn never_none(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Bool
            | Ty::Int
            | Ty::Float
            | Ty::Number
            | Ty::IntOrFloat
            | Ty::Str
            | Ty::Tuple(_)
            | Ty::List { .. }
    )
}

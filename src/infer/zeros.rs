//! Zeros whose sign Rust does not know.
//!
//! A value that is an int on one path and a float on another is computed as a float. An int's
//! zero has no sign in Python, so `-x` of it stays `0`, while `-x` of a float's zero is `-0.0`:
//! the result is *loose*. That is good enough for whoever only compares it, or adds it to
//! something that is no `-0.0`; variables, parameters, results and attributes hand it on.
//!
//! Enters: which expressions are loose, and who uses them. Leaves: a problem for each that
//! somebody uses who would show the sign.

use super::Inference;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::{BinaryOp, Expr, ExprKind, NodeId};
use crate::diagnostic::Code;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::source::Span;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// The expressions of a function whose zeros may have the wrong sign.
#[derive(Debug, Default)]
pub(super) struct Loose {
    found: BTreeMap<NodeId, Span>,
    settled: BTreeSet<NodeId>,
}

/// What the sign of a zero is, where the zero may be an int's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroSign {
    /// That of the float.
    Exact,
    /// None: a zero is always an int's.
    Never,
    /// Only the value tells.
    Open,
}

impl Fact {
    /// What is known of the sign of `-x`, where it is zero.
    pub fn negated_zero(&self) -> ZeroSign {
        let range = self.range.float();
        match self.int_part() {
            Some(ints) if ints.contains(0) && !range.is_nonzero() => match range.int_zero {
                true => ZeroSign::Never,
                false => ZeroSign::Open,
            },
            _ => ZeroSign::Exact,
        }
    }

    /// What is known of the sign of `a * b`, where it is zero and both may be ints.
    pub fn product_zero(&self, other: &Fact) -> ZeroSign {
        let (Some(a), Some(b)) = (self.int_part(), other.int_part()) else {
            return ZeroSign::Exact;
        };
        let negative = |x: IntRange| x.lo.is_none_or(|lo| lo < 0);
        if !(a.contains(0) && negative(b) || b.contains(0) && negative(a)) {
            return ZeroSign::Exact;
        }
        // The zero of an int by an int that is none.
        let by = |x: &Fact, k: &Fact, n: IntRange| {
            k.ty == Ty::Int && !n.contains(0) && x.range.float().int_zero
        };
        match by(self, other, b) || by(other, self, a) {
            true => ZeroSign::Never,
            false => ZeroSign::Open,
        }
    }

    /// Whether its zeros may have the wrong sign.
    pub fn is_loose(&self) -> bool {
        matches!(self.range, Range::Float(range) if range.loose && !range.is_nonzero())
    }
}

impl FloatRange {
    /// The same where the sign of a zero is that.
    #[must_use]
    pub(super) fn with_zero(self, sign: ZeroSign) -> FloatRange {
        match sign {
            ZeroSign::Exact => self,
            ZeroSign::Never => FloatRange {
                minus_zero: false,
                int_zero: true,
                ..self
            },
            ZeroSign::Open => FloatRange {
                minus_zero: true,
                loose: true,
                ..self
            },
        }
    }
}

impl Inference<'_> {
    /// Notes that the zero of an expression may have the wrong sign.
    pub(super) fn note_loose(scope: &mut Scope<'_>, e: &Expr, fact: &Fact) {
        if fact.is_loose() {
            scope.loose.found.insert(e.id, e.span);
        }
    }

    /// Who uses the expression does not see the sign of a zero, or hands it on.
    pub(super) fn hands_on(scope: &mut Scope<'_>, e: &Expr) {
        scope.loose.settled.insert(e.id);
    }

    /// The operands of an operator that hands on, or does not show, the sign of a zero.
    pub(super) fn operands(scope: &mut Scope<'_>, op: BinaryOp, left: &Expr, right: &Expr) {
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {
                Self::hands_on(scope, left);
                Self::hands_on(scope, right);
            }
            BinaryOp::FloorDiv
            | BinaryOp::Mod
            | BinaryOp::Pow
            | BinaryOp::MatMul
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor => {}
        }
    }

    /// Whether what is stored there keeps that the sign of its zero is not known: variables
    /// and the attributes of the file's own objects.
    pub(super) fn keeps_loose(&self, scope: &Scope<'_>, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Name(_) => true,
            ExprKind::Attribute { value, .. } => {
                matches!(scope.fact(value.id).ty.narrowed(), Ty::Instance(_))
            }
            _ => false,
        }
    }

    /// What an assignment stores.
    pub(super) fn keeps_all(&self, scope: &mut Scope<'_>, targets: &[Expr], value: &Expr) {
        if targets.iter().all(|target| self.keeps_loose(scope, target)) {
            Self::hands_on(scope, value);
        }
        // `a, b = -x, y`
        for target in targets {
            if let (ExprKind::Tuple(items), ExprKind::Tuple(values)) = (&target.kind, &value.kind)
                && items.len() == values.len()
            {
                for (item, value) in items.iter().zip(values) {
                    self.keeps_all(scope, std::slice::from_ref(item), value);
                }
            }
        }
    }

    /// What an augmented assignment stores: only variables and attributes of the file's own
    /// objects hand on that the sign of a zero is not known.
    pub(super) fn stores_loose(&mut self, target: &Expr, fact: &Fact, hands_on: bool) {
        if fact.is_loose() && !hands_on {
            self.sign_shows(target.id, target.span);
        }
    }

    /// The problems of a function that has been looked at.
    pub(super) fn show_signs(&mut self, scope: &Scope<'_>) {
        let loose = &scope.loose;
        for (id, span) in &loose.found {
            if !loose.settled.contains(id) {
                self.sign_shows(*id, *span);
            }
        }
    }

    /// Whether a number is an int shows in what an operator gives.
    pub(super) fn shows_ints(&mut self, e: &Expr, what: &str) {
        let problem = Problem::new(Code::PartlyHandled, what)
            .with_help("write the int as a float: `0.0` for `0`");
        self.mixed(e.id, e.span);
        self.problem(e.id, e.span, problem);
    }

    fn sign_shows(&mut self, id: NodeId, span: Span) {
        let problem = Problem::new(
            Code::PartlyHandled,
            "this is an int on one path and a float on another: the sign of a zero would differ",
        )
        .with_help("write the int as a float: `0.0` for `0`");
        self.mixed(id, span);
        self.problem(id, span, problem);
    }
}

//! Times of validity as Python reads them: `"None"`, `{"Time": ns}` or `{"Range": …}`.
//!
//! Enters: an expression on a message's `tov`. Leaves: its fact. This module must not know
//! how Copper lays a time out.

use super::Inference;
use super::env::Env;
use super::eval::{Scope, nanoseconds};
use super::model::Fact;
use crate::ast::{CompareOp, Expr, ExprKind};
use crate::ty::Ty;

/// What is asked of a time of validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TovItem {
    /// `tov["Time"]`
    Time,
    /// `tov["Range"]["start"]`
    Start,
    /// `tov["Range"]["end"]`
    End,
}

/// The time of validity, if it is one, of which `value[index]` is a part.
pub fn tov_part<'e>(value: &'e Expr, index: &Expr) -> Option<(&'e Expr, TovItem)> {
    let key = |e: &Expr| match &e.kind {
        ExprKind::Str(key) => Some(key.clone()),
        _ => None,
    };
    let end = match key(index)?.as_str() {
        "Time" => return Some((value, TovItem::Time)),
        "start" => TovItem::Start,
        "end" => TovItem::End,
        _ => return None,
    };
    match &value.kind {
        ExprKind::Subscript { value, index } if key(index)? == "Range" => Some((value, end)),
        _ => None,
    }
}

/// `"Time" in tov`, `tov == "None"` and their opposites: the time of validity, if it is one,
/// the name of its variant, and whether it is that one that is asked for.
pub fn tov_test<'e>(
    left: &'e Expr,
    ops: &[CompareOp],
    rest: &'e [Expr],
) -> Option<(&'e Expr, &'e str, bool)> {
    let ([op], [right]) = (ops, rest) else {
        return None;
    };
    let known = |e: &'e Expr, all: &[&str]| match &e.kind {
        ExprKind::Str(name) if all.contains(&name.as_str()) => Some(name.as_str()),
        _ => None,
    };
    let positive = matches!(op, CompareOp::In | CompareOp::Eq);
    match op {
        CompareOp::In | CompareOp::NotIn => {
            let name = known(left, &["Time", "Range", "None"])?;
            Some((right, name, positive))
        }
        CompareOp::Eq | CompareOp::NotEq => match (known(left, &["None"]), known(right, &["None"]))
        {
            (_, Some(name)) => Some((left, name, positive)),
            (Some(name), None) => Some((right, name, positive)),
            (None, None) => None,
        },
        CompareOp::Lt
        | CompareOp::LtE
        | CompareOp::Gt
        | CompareOp::GtE
        | CompareOp::Is
        | CompareOp::IsNot => None,
    }
}

impl Inference<'_> {
    /// The fact of a part of a time of validity; nothing where it is something else.
    pub(super) fn tov_item(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        index: &Expr,
        env: &mut Env,
    ) -> Option<Fact> {
        let (tov, item) = tov_part(value, index)?;
        let fact = self.eval(scope, tov, env);
        if fact.ty != Ty::Tov {
            return None;
        }
        if item != TovItem::Time {
            scope.record(value.id, fact);
        }
        for key in [value, index] {
            if let ExprKind::Subscript { index, .. } = &key.kind {
                scope.record(index.id, Fact::of(Ty::Str));
            }
        }
        scope.record(index.id, Fact::of(Ty::Str));
        Some(Fact::int(nanoseconds()))
    }
}

/// Whether a comparison asks which form a time of validity has.
pub(super) fn asks_tov(scope: &Scope<'_>, left: &Expr, ops: &[CompareOp], rest: &[Expr]) -> bool {
    tov_test(left, ops, rest).is_some_and(|(tov, ..)| scope.fact(tov.id).ty == Ty::Tov)
}

//! `f"{x if test else 'none'}"`: a choice whose sides have nothing in common but that they
//! are printed becomes a choice of texts.
//!
//! Enters: the parts of an f-string. Leaves: the same parts; what is evaluated, and when,
//! stays. This module must not know types: a side that is a text or None is enough.

use super::Desugar;
use crate::ast::{Expr, ExprKind, FStringPart};

impl Desugar {
    /// Gives each side of such a choice the field's own conversion and spec.
    pub(super) fn choice(&mut self, part: &mut FStringPart) {
        let FStringPart::Value {
            value,
            conversion,
            spec,
        } = part
        else {
            return;
        };
        let ExprKind::Conditional { test, body, orelse } = &value.kind else {
            return;
        };
        let is_text = |e: &Expr| matches!(e.kind, ExprKind::Str(_) | ExprKind::FString(_));
        let is_none = |e: &Expr| matches!(e.kind, ExprKind::None);
        let apart = is_text(body) != is_text(orelse) || is_none(body) || is_none(orelse);
        if !apart || !spec.is_empty() {
            return;
        }
        let (test, body, orelse) = (test.clone(), (**body).clone(), (**orelse).clone());
        let conversion = *conversion;
        let mut side = |e: Expr| {
            let span = e.span;
            let field = FStringPart::Value {
                value: Box::new(e),
                conversion,
                spec: Vec::new(),
            };
            Box::new(self.node(span, ExprKind::FString(vec![field])))
        };
        let (body, orelse) = (side(body), side(orelse));
        value.kind = ExprKind::Conditional { test, body, orelse };
        let FStringPart::Value { conversion, .. } = part else {
            return;
        };
        *conversion = None;
    }
}

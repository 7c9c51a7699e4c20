//! `xs[i] += value`, `xs[i].x += value`: an element is looked up once, then read and written.
//!
//! Enters: an augmented assignment to what lies in a list. Leaves: the statement, where the
//! index is checked before the value is computed, as Python does. What calls functions of
//! the file is left to the general way: they may change the list.

use crate::ast::visit::{self, Visitor};
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::infer::FnModel;
use crate::ir::{Expr, RTy, StmtKind};
use crate::lower::elements::Change;
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// Lowers it where the place can be read and written; false where it cannot.
    pub(super) fn change_element(
        &mut self,
        target: &'a PyExpr,
        op: BinaryOp,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<bool, Expr> {
        let fact = self.fact(target.id);
        let plain = self.conditional == 0
            && matches!(fact.ty, Ty::Int | Ty::Float)
            && self.path_of(target).is_none()
            && lies_in_list(self, target)
            && !self.asks(target)
            && !self.asks(value);
        let Some(root) = self.root_path(target).filter(|_| plain) else {
            return Ok(false);
        };
        let looked_into = match &target.kind {
            ExprKind::Subscript { value: base, .. } => self.is_looked_into(base),
            _ => false,
        };
        if looked_into || self.is_output_path(&root) {
            return Ok(false);
        }
        let start = (self.out.len(), self.bounds.len());
        let back = |this: &mut Self| {
            this.out.truncate(start.0);
            this.bounds.truncate(start.1);
        };
        let held = self.expr(target);
        back(self);
        let held = held?;
        // An index that is wrong is told before a value that cannot be computed.
        let change = match self.tries == 0 || !self.may_raise(value) {
            true => Change::Late,
            false => Change::InPlace,
        };
        let (place, rty) = match &target.kind {
            ExprKind::Subscript { value: base, index } => {
                self.item_to_write(base, index, at, change)?
            }
            _ => self.place(target, true)?,
        };
        let octet = match &target.kind {
            ExprKind::Subscript { value: base, .. } => self.fact(base.id).ty.is_octets(),
            _ => false,
        };
        if !octet && !matches!(rty, RTy::Float(_) | RTy::Int(IntTy::I64)) || rty == RTy::F32 {
            back(self);
            return Ok(false);
        }
        let new = self.expr(value)?;
        if octet && let Some((op, bits)) = super::super::octets::bits(op, &new) {
            self.emit(
                at,
                StmtKind::Assign {
                    place,
                    op: Some(op),
                    value: bits,
                },
            );
            self.forget_base(target);
            return Ok(true);
        }
        let old = |place: &Expr| Val {
            expr: place.clone(),
            rty: rty.clone(),
            ..held.clone()
        };
        let computed = self.out.len();
        let result = self.arithmetic(target, op, old(&place), new.clone(), &fact, None)?;
        let place = match &place {
            Expr::Deref(slot) if place.can_fail() && !adds_to(&result.expr, &place) => {
                let own = root.global_name().unwrap_or(&root.root).to_string();
                if value.names(&|name| name == own) {
                    back(self);
                    return Ok(false);
                }
                self.out.truncate(computed);
                let slot = Val::new((**slot).clone(), RTy::Never, &Fact::unknown());
                Expr::Deref(Box::new(self.hoist(slot, "slot", at).expr))
            }
            _ if place.can_fail() && !adds_to(&result.expr, &place) => {
                back(self);
                return Ok(false);
            }
            _ => place.clone(),
        };
        let result = match self.out.len() == computed {
            true => result,
            false => self.arithmetic(target, op, old(&place), new, &fact, None)?,
        };
        let result = match octet {
            true => self.as_byte(result),
            false => result,
        };
        let result = self.coerce(result, &rty, at, "an element")?;
        self.emit_assign(at, place, result);
        self.forget_base(target);
        Ok(true)
    }

    /// Whether an expression calls a function of the file, or what acts as one.
    fn asks(&self, e: &PyExpr) -> bool {
        struct Calls<'m>(&'m FnModel, bool);
        impl<'ast> Visitor<'ast> for Calls<'_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.1 |= self.0.calls.contains_key(&e.id)
                    || matches!(e.kind, ExprKind::Named { .. } | ExprKind::Lambda { .. });
                visit::walk_expr(self, e);
            }
        }
        let mut calls = Calls(self.model, false);
        calls.visit_expr(e);
        calls.1
    }
}

/// Whether a result is what lies at a place, and something to it.
fn adds_to(result: &Expr, place: &Expr) -> bool {
    matches!(result, Expr::Binary(_, left, _) if **left == *place)
}

/// Whether a target is an element of a list, or an attribute of one.
fn lies_in_list(this: &FnLower<'_, '_>, target: &PyExpr) -> bool {
    match &target.kind {
        ExprKind::Subscript { value, index } => {
            !matches!(index.kind, ExprKind::Slice { .. })
                && matches!(this.fact(value.id).ty, Ty::List { .. })
                && (this.path_of(value).is_some() || lies_in_list(this, value))
        }
        ExprKind::Attribute { value, .. } => {
            matches!(this.fact(value.id).ty, Ty::Instance(_)) && lies_in_list(this, value)
        }
        _ => false,
    }
}

//! The object at a position that may be None, lent to a call: `last.map(|last| &ring[last])`.
//!
//! Enters: an argument. Leaves: the reference that it is, where it is written as the positions
//! pass writes it: `ring[last] if last is not None else None`. This module must not know calls.

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy};
use crate::ty::Ty;

impl<'a> FnLower<'_, 'a> {
    /// The object of a list at a position, or None, as `Option<&T>`.
    pub(super) fn object_or_none(&mut self, arg: &'a PyExpr, ty: &RTy) -> Option<Expr> {
        let RTy::Option(wanted) = ty else {
            return None;
        };
        let ExprKind::Conditional { test, body, orelse } = &arg.kind else {
            return None;
        };
        let (ExprKind::Subscript { value, index }, ExprKind::None) = (&body.kind, &orelse.kind)
        else {
            return None;
        };
        let ExprKind::Compare { left, .. } = &test.kind else {
            return None;
        };
        let at = self.path_of(index)?;
        let is_position = self.fact(index.id).ty.narrowed() == Ty::Position;
        if !is_position || self.path_of(left).as_ref() != Some(&at) {
            return None;
        }
        let (position, held) = self.path_place(&at, false)?;
        let path = self.path_of(value)?;
        let (list, rty) = self.path_place(&path, false)?;
        let elem = match rty.peel() {
            RTy::Vec(elem) | RTy::Deque(elem) | RTy::Slice(elem) | RTy::Array(elem, _) => elem,
            _ => return None,
        };
        let fits = matches!(&**wanted, RTy::Ref(inner) if inner == elem);
        let (Expr::Atom(name), RTy::Option(_), true) = (&position, held, fits) else {
            return None;
        };
        let object = Expr::Index(Box::new(list), Box::new(Expr::atom(name.clone())));
        let look = Expr::Closure(name.clone(), Box::new(Expr::Ref(Box::new(object))));
        Some(position.clone().method("map", vec![look]))
    }
}

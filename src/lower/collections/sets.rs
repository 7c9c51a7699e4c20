//! Sets that are changed by operators, and how two of them compare.
//!
//! Enters: `a |= b` and its kin, or two sets that are compared. Leaves: the method of Rust's
//! set that does the same in place. This module must not know how a set is made.

use crate::ast::{BinaryOp, CompareOp, ComprehensionKind, Expr as PyExpr, ExprKind};
use crate::catalog::{dict, made_set};
use crate::ir::uses::closure_name;
use crate::ir::{BinOp, Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `a |= b`, `a -= b`, `a &= b`
    pub(in crate::lower) fn change_set(
        &mut self,
        target: &'a PyExpr,
        op: BinaryOp,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        if self.lw.input.model.problems.contains_key(&target.id) {
            return Err(self.hole(target));
        }
        let (_, rty) = self.place_type(target)?;
        let RTy::Set(elem) = rty.peel().clone() else {
            return Err(self.partly(target, "changing this set"));
        };
        let to = RTy::Set(elem.clone());
        let value = self.same_elements(value);
        if let (BinaryOp::BitOr, ExprKind::Set(items)) = (op, &value.kind) {
            let mut keys = Vec::new();
            for item in items {
                let key = self.key(item, &elem)?;
                keys.push(self.settled(key, target, "key", at));
            }
            let (set, _) = self.place(target, true)?;
            let expr = match keys.len() {
                1 => set.method("insert", keys),
                _ => set.method("extend", vec![Expr::Array(keys)]),
            };
            self.emit(at, StmtKind::Expr(expr));
            self.forget_base(target);
            return Ok(());
        }
        let other = made_set(self.expr_as(value, &to)?);
        if *other.rty.peel() != to {
            return Err(self.partly(value, "a set of another type"));
        }
        // What is made from the set itself is made before it changes.
        let root = self.root_path(target);
        let apart = match (self.root_path(value), &value.kind) {
            (Some(own), ExprKind::Name(_) | ExprKind::Attribute { .. }) => {
                root.is_some_and(|root| !own.starts_with(&root) && !root.starts_with(&own))
            }
            _ => false,
        };
        let other = match apart {
            true => other,
            false => {
                let expr = match other.rty.is_ref() {
                    true => other.expr.clone().method("clone", vec![]),
                    false => self.given(other.clone()).expr,
                };
                self.hoist(Val::new(expr, to, &other.fact()), "other", at)
            }
        };
        let (set, _) = self.place(target, true)?;
        let name = closure_name(&[&other.expr]);
        let is_in = dict::lent(Expr::atom(name), &RTy::Ref(elem.clone()));
        let found = other.expr.clone().method("contains", vec![is_in]);
        let copied = if self.lw.is_copy(&elem) {
            "copied"
        } else {
            "cloned"
        };
        let closure = |test: Expr| vec![Expr::Closure(name.into(), Box::new(test))];
        let expr = match op {
            BinaryOp::BitXor => {
                let other = dict::lent(other.expr, &other.rty);
                let both = set.clone().method("symmetric_difference", vec![other]);
                let made = both.method(copied, vec![]).method("collect", vec![]);
                let place = match rty.is_ref() {
                    true => Expr::Deref(Box::new(set)),
                    false => set,
                };
                self.emit_assign(at, place, made);
                self.forget_base(target);
                return Ok(());
            }
            BinaryOp::BitOr => {
                let all = other.expr.method("iter", vec![]).method(copied, vec![]);
                set.method("extend", vec![all])
            }
            BinaryOp::Sub => set.method("retain", closure(found.negate(true))),
            BinaryOp::BitAnd => set.method("retain", closure(found)),
            _ => return Err(self.partly(target, "this operator on a set")),
        };
        self.emit(at, StmtKind::Expr(expr));
        self.forget_base(target);
        Ok(())
    }

    /// The set of which `{x for x in other}` is a copy, where it is a set already.
    fn same_elements(&self, value: &'a PyExpr) -> &'a PyExpr {
        let ExprKind::Comprehension {
            kind: ComprehensionKind::Set,
            element,
            clauses,
            ..
        } = &value.kind
        else {
            return value;
        };
        let ([clause], ExprKind::Name(element)) = (clauses.as_slice(), &element.kind) else {
            return value;
        };
        let whole = matches!(&clause.target.kind, ExprKind::Name(name) if name == element)
            && clause.ifs.is_empty()
            && matches!(self.fact(clause.iter.id).ty, Ty::Set(_));
        match whole {
            true => &clause.iter,
            false => value,
        }
    }

    /// `a <= b`, `a == b` of two sets.
    pub(in crate::lower) fn set_comparison(
        &mut self,
        e: &'a PyExpr,
        left: &'a PyExpr,
        ops: &[CompareOp],
        rest: &'a [PyExpr],
    ) -> Option<Result<Val, Expr>> {
        let ([op], [right]) = (ops, rest) else {
            return None;
        };
        let fact = self.fact(left.id);
        let same = fact.ty == self.fact(right.id).ty;
        let is_set = |ty: &Ty| matches!(ty, Ty::Set(_)) && same;
        let to = self.lw.natural(&fact).filter(|_| is_set(&fact.ty))?;
        self.looked_at += 1;
        let both = self
            .expr_as(left, &to)
            .and_then(|a| Ok((a, self.expr_as(right, &to)?)));
        self.looked_at -= 1;
        let both = both.map(|(a, b)| (made_set(a), made_set(b)));
        Some(both.and_then(|(a, b)| match self.set_order(&a, *op, &b) {
            Some(holds) => Ok(Val::bool(holds)),
            None => self.comparison(e, a, *op, b).map(Val::bool),
        }))
    }

    /// `a <= b` and its kin: whether one set holds the other.
    fn set_order(&mut self, a: &Val, op: CompareOp, b: &Val) -> Option<Expr> {
        let (x, y) = match (a.rty.peel(), b.rty.peel()) {
            (RTy::Set(x), RTy::Set(y)) if x == y => (a, b),
            _ => return None,
        };
        let (small, large, strict) = match op {
            CompareOp::LtE => (x, y, false),
            CompareOp::Lt => (x, y, true),
            CompareOp::GtE => (y, x, false),
            CompareOp::Gt => (y, x, true),
            CompareOp::Eq
            | CompareOp::NotEq
            | CompareOp::Is
            | CompareOp::IsNot
            | CompareOp::In
            | CompareOp::NotIn => return None,
        };
        if strict && !(small.expr.is_simple() && large.expr.is_simple()) {
            return None;
        }
        let lent = dict::lent(large.expr.clone(), &large.rty);
        let held = small.expr.clone().method("is_subset", vec![lent]);
        let len = |val: &Val| val.expr.clone().method("len", vec![]);
        Some(match strict {
            true => held.binary(BinOp::And, len(small).binary(BinOp::Lt, len(large))),
            false => held,
        })
    }
}

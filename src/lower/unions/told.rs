//! Tests that tell the kinds of a union apart.
//!
//! Enters: a condition such as `isinstance(x, str)`. Leaves: a `matches!`, or the pattern that
//! binds the one kind that is left where the condition holds. This module must not know how a
//! value of one kind is converted.

use crate::ast::{CompareOp, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::Path;
use crate::infer::type_tests::type_test;
use crate::infer::unions::{is_sequence, variant};
use crate::ir::{Expr, RTy};
use crate::lower::function::{Bound, FnLower};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A condition that asks which kind a variable's value is, of which it leaves one.
pub(in crate::lower) struct KindTest {
    pub(in crate::lower) path: Path,
    pub(in crate::lower) kind: Ty,
    /// Whether the condition asks for more.
    pub(in crate::lower) asks_more: bool,
}

impl<'a> FnLower<'_, 'a> {
    /// Whether what lies where an expression reads is of several kinds.
    pub(in crate::lower) fn is_in_union(&mut self, e: &PyExpr) -> bool {
        let place = match self.path_of(e) {
            Some(path) => self.path_place(&path, false),
            None => None,
        };
        place.is_some_and(|(_, rty)| self.lw.union_at(&rty).is_some())
    }

    /// `isinstance(x, (A, B))`: `matches!(x, Reading::Float(_) | Reading::Int(_))`.
    pub(in crate::lower) fn kind_test_value(&mut self, e: &'a PyExpr) -> Result<Val, Expr> {
        let Some(test) = type_test(e) else {
            return Err(self.hole(e));
        };
        let place = match self.path_of(test.value) {
            Some(path) => self.path_place(&path, false),
            None => None,
        };
        let (place, rty) = match place {
            Some(found) => found,
            None => {
                let val = self.expr(test.value)?;
                (val.expr, val.rty)
            }
        };
        let (Some(union), ty) = (self.lw.union_at(&rty), self.fact(test.value.id).ty) else {
            return Err(self.hole(e));
        };
        let kinds = ty.told_kinds();
        let full_name = |e: &PyExpr| self.lw.full_name(e);
        let model = self.lw.input.model;
        let (holds, _) = model.kinds_told(&kinds, &test, &full_name);
        let own = self.lw.class_name(&union.class);
        self.lw.used_classes.insert(union.class.clone());
        let optional = matches!(rty.peel(), RTy::Option(_));
        let patterns = kinds.iter().filter(|kind| holds.has(kind)).map(|kind| {
            let pattern = format!("{own}::{}(_)", variant(kind));
            match optional {
                true => format!("Some({pattern})"),
                false => pattern,
            }
        });
        let patterns: Vec<String> = patterns.collect();
        let args = vec![place, Expr::Atom(patterns.join(" | "))];
        Ok(Val::bool(Expr::Macro("matches".into(), args)))
    }

    /// The kind that a condition leaves to a variable, where it leaves one.
    pub(in crate::lower) fn kind_test(&self, e: &'a PyExpr) -> Option<KindTest> {
        let model = self.lw.input.model;
        if model.unions.is_empty() || model.problems.contains_key(&e.id) {
            return None;
        }
        let local = |value: &'a PyExpr| {
            let path = self.path_of(value)?;
            let local = path.segs.is_empty() && path.global_name().is_none();
            // What is looked at through a name does not change meanwhile.
            let lent = |b: &Bound| b.path == path && b.rty.is_ref() && !b.borrows;
            let local = local && !self.is_self(&path.root) || self.bounds.iter().any(lent);
            local.then_some(path)
        };
        match &e.kind {
            ExprKind::Call { .. } => {
                let test = type_test(e).filter(|t| !self.lw.functions.contains_key(t.builtin))?;
                let kinds = self.fact(test.value.id).ty.told_kinds();
                let full_name = |e: &PyExpr| self.lw.full_name(e);
                let (holds, _) = model.kinds_told(&kinds, &test, &full_name);
                Some(KindTest {
                    path: local(test.value)?,
                    kind: Ty::Mixed(kinds).among(holds),
                    asks_more: false,
                })
            }
            ExprKind::Compare { left, ops, rest } => {
                let ([CompareOp::Eq], [right]) = (ops.as_slice(), rest.as_slice()) else {
                    return None;
                };
                let ty = self.fact(left.id).ty;
                let text = matches!(right.kind, ExprKind::Str(_));
                (text && ty.union()?.contains(&Ty::Str)).then_some(KindTest {
                    path: local(left)?,
                    kind: Ty::Str,
                    asks_more: true,
                })
            }
            _ => None,
        }
    }

    /// The pattern of the kind that a condition leaves to a variable, bound to its name where
    /// the statements and expressions read it as such.
    pub(in crate::lower) fn bind_kind(
        &mut self,
        test: &KindTest,
        stmts: &'a [PyStmt],
        exprs: &[&'a PyExpr],
    ) -> Option<Expr> {
        let bound = self.bounds.iter().rev().find(|b| b.path == test.path);
        let already = bound.is_some_and(|b| self.lw.union_at(&b.rty).is_none());
        let kind = &test.kind;
        if already
            || !(matches!(kind, Ty::Bool | Ty::Int | Ty::Float | Ty::Str) || is_sequence(kind))
            || self.replaces(&test.path, stmts)
        {
            return None;
        }
        let read = self.reads_narrowed(&test.path, stmts)
            || exprs.iter().any(|e| self.reads_narrowed_in(&test.path, e));
        if !read {
            return None;
        }
        let (place, rty) = self.path_place(&test.path, false)?;
        let union = self.lw.union_at(&rty)?;
        self.lw.used_classes.insert(union.class.clone());
        let kind = union.own(kind)?;
        let held = self.lw.natural(&Fact::of(kind.clone()))?;
        let optional = matches!(rty.peel(), RTy::Option(_));
        let (place, held) = match (rty.is_ref(), self.lw.is_copy(&held)) {
            (false, true) => (place, held),
            (false, false) => (Expr::Ref(Box::new(place)), RTy::Ref(Box::new(held))),
            (true, true) => (Expr::Deref(Box::new(place)), held),
            (true, false) => (place, RTy::Ref(Box::new(held))),
        };
        let name = self.bound_name_in(&test.path, stmts);
        let pattern = format!(
            "{}::{}({name})",
            self.lw.class_name(&union.class),
            variant(kind)
        );
        self.bind_path(&test.path, &name, held);
        let pattern = match optional {
            true => format!("Some({pattern})"),
            false => pattern,
        };
        Some(Expr::Let(pattern, Box::new(place)))
    }
}

//! What changes a dict, set, list or deque in place: items that are stored, changed and deleted.

use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::catalog::dict;
use crate::ir::{Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::{Missing, Ty};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `d[key] = value`, `deque[i] = value`.
    pub(in crate::lower) fn store_collection_item(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        match rty.peel().clone() {
            RTy::Map { key, value, .. } => {
                let value = self.coerce(val, &value, at, "a value")?;
                let value = self.settled(value, base, "value", at);
                let key = self.key(index, &key)?;
                let key = self.settled(key, base, "key", at);
                let (map, rty) = self.place(base, true)?;
                let mut site = self.site();
                let expr = dict::insert(map, &rty, key, value, &mut site);
                self.absorb(site, at);
                self.emit(at, StmtKind::Expr(expr));
                self.forget_base(base);
                Ok(())
            }
            RTy::Deque(elem) => {
                let value = self.coerce(val, &elem, at, "an element")?;
                let value = self.settled(value, base, "value", at);
                let (place, _) = self.item_place(base, index, true)?;
                self.emit(
                    at,
                    StmtKind::Assign {
                        place: written(place),
                        op: None,
                        value,
                    },
                );
                self.forget_base(base);
                Ok(())
            }
            _ => Err(self.partly(base, "writing to an item of this")),
        }
    }

    /// `d[key] += value`
    pub(in crate::lower) fn change_item(
        &mut self,
        target: &'a PyExpr,
        op: BinaryOp,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let ExprKind::Subscript { value: base, index } = &target.kind else {
            return Err(self.hole(target));
        };
        let fact = self.fact(target.id);
        let new = self.expr(value)?;
        let new = self.settled_value(new, base, at);
        let (place, rty) = self.item_place(base, index, true)?;
        if op == BinaryOp::Add && *rty.peel() == RTy::String && new.ty == Ty::Str {
            self.emit(
                at,
                StmtKind::Expr(crate::lower::strings::pushed(place, &new)),
            );
            self.forget_base(base);
            return Ok(());
        }
        // A sum that is checked names its place twice.
        let twice = fact.ty == Ty::Int && self.conditional == 0;
        let place = match place {
            // The slot is looked up once, and then read and written.
            Expr::Deref(slot) if slot.can_fail() || (twice && !slot.is_simple()) => {
                if self.conditional > 0 {
                    return Err(self.partly(target, "changing an item in this place"));
                }
                let held = Val::new(*slot, RTy::RefMut(Box::new(rty.clone())), &fact);
                Expr::Deref(Box::new(self.hoist(held, "slot", at).expr))
            }
            other => other,
        };
        let ty = match (&rty, &fact.ty) {
            (RTy::Float(_), _) => Ty::Float,
            (_, ty) => ty.clone(),
        };
        let held = self.held_type(target, ty);
        // What is lent to be changed is read where it lies.
        let (place, rty) = match rty {
            RTy::RefMut(inner) if *inner == RTy::String => (Expr::Deref(Box::new(place)), *inner),
            rty => (place, rty),
        };
        let old = Val::new(place.clone(), rty.clone(), &held);
        let (old, rty) = match self.lw.union_at(&rty) {
            Some(_) => (self.as_one_kind(target, old)?, rty.peel().clone()),
            None => (old, rty),
        };
        let result = self.arithmetic(target, op, old, new, &fact, None)?;
        let result = self.coerce(result, &rty, at, "the value")?;
        self.emit_assign(at, written(place), result);
        self.forget_base(base);
        Ok(())
    }

    /// Whether a target lies in an item of a dict or deque.
    pub(in crate::lower) fn lies_in_item(&self, target: &PyExpr) -> bool {
        match &target.kind {
            ExprKind::Subscript { value, .. } => {
                matches!(
                    self.fact(value.id).ty.narrowed(),
                    Ty::Dict { .. } | Ty::Deque { .. }
                ) || self.lies_in_item(value)
            }
            ExprKind::Attribute { value, .. } => self.lies_in_item(value),
            _ => false,
        }
    }

    /// `d[key].x += value`, `d[key][i] += value`
    pub(in crate::lower) fn change_within(
        &mut self,
        target: &'a PyExpr,
        op: BinaryOp,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let fact = self.fact(target.id);
        let new = self.expr(value)?;
        let new = self.settled_value(new, target, at);
        let (place, rty) = self.place(target, true)?;
        if !self.lw.is_copy(&rty) || (place.can_fail() && self.conditional > 0) {
            return Err(self.partly(target, "changing a part of an item in this form"));
        }
        // What holds it is looked up once, and then read and written.
        let place = match place {
            Expr::Field(base, field) if base.can_fail() => {
                let lent = match *base {
                    Expr::Deref(slot) => *slot,
                    other => other,
                };
                let held = Val::new(lent, RTy::Never, &crate::value::Fact::unknown());
                self.hoist(held, "entry", at).expr.field(field)
            }
            Expr::Deref(slot) if slot.can_fail() => {
                let held = Val::new(*slot, RTy::Never, &crate::value::Fact::unknown());
                Expr::Deref(Box::new(self.hoist(held, "slot", at).expr))
            }
            other => other,
        };
        let ty = match (&rty, &fact.ty) {
            (RTy::Float(_), _) => Ty::Float,
            (_, ty) => ty.clone(),
        };
        let old = Val::new(place.clone(), rty.clone(), &crate::value::Fact::of(ty));
        let result = self.arithmetic(target, op, old, new, &fact, None)?;
        let result = self.coerce(result, &rty, at, "the value")?;
        self.emit_assign(at, written(place), result);
        self.forget_base(target);
        Ok(())
    }

    /// What is known of the item that an augmented assignment reads.
    fn held_type(&self, target: &PyExpr, otherwise: Ty) -> crate::value::Fact {
        let ty = match &target.kind {
            ExprKind::Subscript { value, .. } => match self.fact(value.id).ty.narrowed() {
                Ty::Dict { value, .. } => *value,
                Ty::Deque { elem, .. } => *elem,
                _ => otherwise,
            },
            _ => otherwise,
        };
        crate::value::Fact::of(ty)
    }

    /// `del d[key]`
    pub(in crate::lower) fn delete(&mut self, target: &'a PyExpr, at: Span) -> Result<(), Expr> {
        let ExprKind::Subscript { value: base, index } = &target.kind else {
            return Err(self.hole(target));
        };
        let (_, rty) = self.place_type(base)?;
        if matches!(rty.peel(), RTy::Vec(_)) {
            return self.delete_part(base, index, at);
        }
        let RTy::Map { key, .. } = rty.peel().clone() else {
            return Err(self.partly(target, "`del` of this"));
        };
        let key = self.key_ref(index, &key)?;
        let key = self.settled_ref(key, base, at);
        let (map, rty) = self.place(base, true)?;
        let error = self.no_such_key(index);
        let mut site = self.site();
        let removed = dict::remove(map, &rty, key, &mut site).ok_or(&error);
        self.absorb(site, at);
        self.emit(at, StmtKind::Expr(removed));
        self.forget_base(base);
        Ok(())
    }

    /// A value that is computed before its container is borrowed to be changed.
    pub(in crate::lower) fn settled(
        &mut self,
        value: Expr,
        base: &PyExpr,
        name: &str,
        at: Span,
    ) -> Expr {
        let root = self.root_text(base);
        // A list may be a part of what an item of a `defaultdict` holds, which is borrowed, or
        // of what was looked up and has a name now.
        let made = self.fact(base.id).ty.narrowed().missing() == Missing::Made;
        let part = matches!(&value, Expr::Method(_, name, _) if matches!(name.as_str(), "to_vec" | "collect" | "concat"))
            && (made
                || self
                    .out
                    .iter()
                    .any(|stmt| named_part_of(stmt, &root, &value)));
        if !self.calls_own(&value) && !mentions(&value, &root) && !part {
            return value;
        }
        let fact = crate::value::Fact::unknown();
        self.hoist(Val::new(value, RTy::Never, &fact), name, at)
            .expr
    }

    /// As [`Self::settled`], for the new value of what lies in the container.
    fn settled_value(&mut self, new: Val, base: &PyExpr, at: Span) -> Val {
        Val {
            expr: self.settled(new.expr.clone(), base, "value", at),
            ..new
        }
    }

    /// As [`Self::settled`], for a key that is borrowed.
    pub(super) fn settled_ref(&mut self, key: Expr, base: &PyExpr, at: Span) -> Expr {
        match key {
            Expr::Ref(inner) => Expr::Ref(Box::new(self.settled(*inner, base, "key", at))),
            Expr::Method(text, name, args) if name == "as_str" => {
                Expr::Method(Box::new(self.settled(*text, base, "key", at)), name, args)
            }
            other if self.calls_own(&other) => self.settled(other, base, "key", at),
            other => other,
        }
    }

    /// `d.update(other)`
    pub(in crate::lower) fn update(
        &mut self,
        base: &'a PyExpr,
        other: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        let RTy::Map { key, value, .. } = rty.peel().clone() else {
            return Err(self.partly(base, "`update()` of this"));
        };
        if let ExprKind::Dict(items) = &other.kind {
            let mut entries = Vec::new();
            for (k, v) in items {
                let Some(k) = k else {
                    return Err(self.partly(other, "`**` in a dict"));
                };
                let key = self.key(k, &key)?;
                let val = self.expr_as(v, &value)?;
                let value = self.coerce(val, &value, v.span, "a value")?;
                let key = self.settled(key, base, "key", at);
                let value = self.settled(value, base, "value", at);
                entries.push((key, value));
            }
            if entries.len() > 1 && entries.iter().any(|(k, v)| k.can_fail() || v.can_fail()) {
                return Err(self.partly(other, "`update()` with values that can raise"));
            }
            for (key, value) in entries {
                let (map, rty) = self.place(base, true)?;
                let mut site = self.site();
                let expr = dict::insert(map, &rty, key, value, &mut site);
                self.absorb(site, at);
                self.emit(at, StmtKind::Expr(expr));
            }
            self.forget_base(base);
            return Ok(());
        }
        self.update_by(base, other, at)
    }
}

/// Whether an expression names a variable or field.
fn mentions(e: &Expr, name: &str) -> bool {
    let here = match e {
        Expr::Atom(text) | Expr::Field(_, text) => text == name,
        Expr::Macro(..) => true,
        _ => false,
    };
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    here || !blocks.is_empty() || exprs.into_iter().any(|c| mentions(c, name))
}

/// A slot that is written to: what a `&mut` points at.
fn written(place: Expr) -> Expr {
    match place {
        Expr::Try(_) => Expr::Deref(Box::new(place)),
        other => other,
    }
}

/// Whether a statement names a part of a container that a value mentions.
fn named_part_of(stmt: &Stmt, root: &str, value: &Expr) -> bool {
    match &stmt.kind {
        StmtKind::Let {
            name,
            init: Some(init),
            ..
        } => mentions(init, root) && mentions(value, name),
        _ => false,
    }
}

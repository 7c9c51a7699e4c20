//! Instances that compare by their fields: dataclasses and named tuples.
//!
//! Enters: two instances of one class. Leaves: the Rust operator, and a note of the traits
//! that the class has to derive for it. This module must not know how a class is written.

use super::Lowerer;
use super::function::FnLower;
use crate::ast::{CompareOp, Expr as PyExpr};
use crate::diagnostic::Code;
use crate::ir::{BinOp, Expr, RTy};
use crate::ranges::Range;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// What a class derives to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Derived {
    /// `PartialEq`
    Equal,
    /// `PartialEq, PartialOrd`
    Ordered,
    /// `PartialEq, Eq, PartialOrd, Ord`: a key.
    Key,
}

impl Lowerer<'_> {
    /// Whether all values of a type compare in Rust as in Python; notes what has to be derived.
    pub(super) fn derive(&mut self, ty: &RTy, how: Derived, depth: usize) -> bool {
        if depth > 8 {
            return false;
        }
        match ty {
            RTy::Bool | RTy::Int(_) | RTy::String | RTy::Str | RTy::Char | RTy::Unit => true,
            RTy::Float(_) | RTy::Number => how != Derived::Key,
            RTy::Option(inner) => how != Derived::Ordered && self.derive(inner, how, depth + 1),
            RTy::Vec(inner) | RTy::Array(inner, _) | RTy::Deque(inner) => {
                self.derive(inner, how, depth + 1)
            }
            RTy::Tuple(items) => items.iter().all(|t| self.derive(t, how, depth + 1)),
            RTy::Set(inner) => how == Derived::Equal && self.derive(inner, how, depth + 1),
            // The order of the entries does not count.
            RTy::Map {
                key,
                value,
                ordered,
            } => {
                how == Derived::Equal
                    && !ordered
                    && self.derive(key, how, depth + 1)
                    && self.derive(value, how, depth + 1)
            }
            RTy::Ref(inner) => self.derive(inner, how, depth + 1),
            RTy::Named(key) => match self.class_of(ty) {
                Some(class) => self.derive_class(&class, how, depth + 1),
                None => {
                    how == Derived::Equal
                        && self
                            .input
                            .types
                            .enum_def(key)
                            .is_some_and(|def| def.derives.iter().any(|d| d == "PartialEq"))
                }
            },
            RTy::RefMut(_)
            | RTy::ArrayVec(..)
            | RTy::Slice(_)
            | RTy::Msg(_)
            | RTy::CuTime
            | RTy::CuDuration
            | RTy::Tov
            | RTy::Context
            | RTy::Never => false,
        }
    }

    /// Whether a dict or a set can have such keys: instances only where Rust orders them.
    pub(super) fn is_key(&self, key: &Ty) -> bool {
        match key {
            Ty::Instance(_) => self.input.model.is_key(key, 0),
            Ty::Tuple(items) => items.iter().all(|t| self.is_key(t)),
            Ty::Option(inner) => self.is_key(inner),
            Ty::Mixed(_) => false,
            _ => true,
        }
    }

    /// Derives what the keys of dicts and sets need.
    pub(super) fn derive_keys(&mut self) {
        fn keys(ty: &Ty, out: &mut Vec<Ty>) {
            match ty {
                Ty::Option(inner) | Ty::Deque { elem: inner, .. } => keys(inner, out),
                Ty::List { elem, .. } => keys(elem, out),
                Ty::Tuple(items) => items.iter().for_each(|ty| keys(ty, out)),
                Ty::Set(_) => out.push(ty.clone()),
                Ty::Dict { value, .. } => {
                    out.push(ty.clone());
                    keys(value, out);
                }
                _ => {}
            }
        }
        let model = self.input.model;
        let fields = model.classes.values().flat_map(|c| &c.fields);
        let vars = model.functions.iter().flat_map(|f| f.vars.values());
        let rets = model.functions.iter().map(|f| &f.ret);
        let mut found = Vec::new();
        fields
            .map(|(_, fact)| fact)
            .chain(vars.map(|var| &var.fact))
            .chain(rets)
            .chain(model.variables.values())
            .for_each(|fact| keys(&fact.ty, &mut found));
        let derives = |ty: &Ty| ty.any(&|ty| matches!(ty, Ty::Instance(_) | Ty::Member(_)));
        for ty in found.into_iter().filter(derives) {
            let instance = ty.any(&|ty| matches!(ty, Ty::Instance(_)));
            match self.natural(&Fact::of(ty)) {
                // Entries in a list are only told apart, as members of enums always are.
                Some(RTy::Map { ordered: true, .. }) if !instance => {}
                Some(RTy::Set(key) | RTy::Map { key, .. }) => {
                    self.derive(&key, Derived::Key, 0);
                }
                _ => {}
            }
        }
    }

    fn derive_class(&mut self, class: &str, how: Derived, depth: usize) -> bool {
        let Some(model) = self.input.model.classes.get(class) else {
            return false;
        };
        if !model.members.is_empty() {
            // Members of a plain enum have no order in Python.
            if how == Derived::Key {
                self.enum_uses.insert((class.to_string(), "order".into()));
            }
            return how != Derived::Ordered;
        }
        let Some(made) = &model.made else {
            return false;
        };
        let compares = match how {
            Derived::Equal => made.equal,
            Derived::Ordered => made.ordered,
            Derived::Key => made.equal && (made.frozen || made.is_tuple) && !model.mutated,
        };
        let only = model.fields.len() == made.fields.len();
        let fields: Option<Vec<RTy>> = model.fields.iter().map(|(_, f)| self.natural(f)).collect();
        let Some(fields) = fields.filter(|_| compares && only) else {
            return false;
        };
        if !fields.iter().all(|ty| self.derive(ty, how, depth)) {
            return false;
        }
        let found = self.derived.entry(class.to_string()).or_insert(how);
        *found = (*found).max(how);
        true
    }
}

impl<'a> FnLower<'_, 'a> {
    /// `a == b`, `a < b` of instances that compare by their fields; nothing where they are
    /// something else.
    pub(super) fn same_instance(
        &mut self,
        e: &PyExpr,
        a: &Val,
        op: CompareOp,
        b: &Val,
    ) -> Option<Result<Expr, Expr>> {
        let (Ty::Instance(class), Ty::Instance(other)) = (a.ty.narrowed(), b.ty.narrowed()) else {
            return None;
        };
        let (how, symbol) = match op {
            CompareOp::Eq => (Derived::Equal, BinOp::Eq),
            CompareOp::NotEq => (Derived::Equal, BinOp::Ne),
            CompareOp::Lt => (Derived::Ordered, BinOp::Lt),
            CompareOp::LtE => (Derived::Ordered, BinOp::Le),
            CompareOp::Gt => (Derived::Ordered, BinOp::Gt),
            CompareOp::GtE => (Derived::Ordered, BinOp::Ge),
            CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => return None,
        };
        let optional = |v: &Val| matches!(v.rty, RTy::Option(_));
        let ty = self.lw.class_type(&class);
        if class != other || optional(a) != optional(b) || optional(a) && how != Derived::Equal {
            return Some(Err(self.partly(e, "this comparison of two instances")));
        }
        if !self.lw.derive(&ty, how, 0) {
            let message = format!("comparing two `{class}` by their fields");
            return Some(Err(self.partly(e, &message)));
        }
        self.note_nan(e, &class);
        let held = |v: &Val, other: &Val| match (v.rty.is_ref(), other.rty.is_ref()) {
            (true, false) => Expr::Deref(Box::new(v.expr.clone())),
            _ => v.expr.clone(),
        };
        Some(Ok(held(a, b).binary(symbol, held(b, a))))
    }

    /// Sees to it that the objects of a list are compared by Rust's operator, where one of them
    /// is looked for.
    pub(super) fn compares_items_of(&mut self, e: &PyExpr, list: &PyExpr) -> Result<(), Expr> {
        let Ty::List { elem, .. } = self.fact(list.id).ty.narrowed() else {
            return Ok(());
        };
        let Ty::Instance(class) = &*elem else {
            return Ok(());
        };
        let refuse = format!("looking for a `{class}` in a list");
        let Some(id) = self
            .model
            .calls
            .get(&crate::infer::equals::equal_of(e.id))
            .copied()
        else {
            let ty = self.lw.class_type(class);
            if !self.lw.derive(&ty, Derived::Equal, 0) {
                return Err(self.partly(e, &refuse));
            }
            self.note_nan(e, class);
            return Ok(());
        };
        match self.lw.is_rust_equality(id) {
            true => Ok(()),
            false => Err(self.partly(e, &refuse)),
        }
    }

    /// Python's tuples find one object equal to itself, even a NaN.
    pub(super) fn note_nan(&mut self, e: &PyExpr, class: &str) {
        let Some(model) = self.lw.input.model.classes.get(class) else {
            return;
        };
        let may_be_nan = model.fields.iter().find(|(_, fact)| {
            fact.ty.narrowed().is_float()
                && match fact.range {
                    Range::Float(range) => range.nan,
                    Range::Int(_) => false,
                    Range::Any => true,
                }
        });
        let Some((field, _)) = may_be_nan else {
            return;
        };
        let message = format!(
            "two `{class}` that hold one NaN object in `{field}` are equal in Python, not in the Rust"
        );
        let at = self.lw.first_line(e.span);
        self.lw.report(Code::OneNan, at, &message, None);
    }
}

//! Dicts, sets and deques: literals, items, and what changes them in place.

mod change;
mod counted;
mod keys;
mod look;
mod make;
mod sets;
mod slices;
mod spread;

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::{self, Told, dict};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ty::{Missing, Ty};
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    pub(super) fn not_yet(&mut self, e: &PyExpr, why: String) -> Expr {
        let problem = Problem::new(Code::PartlyHandled, why);
        Expr::Hole(self.lw.hole_text(e.span, &problem))
    }

    /// `d[key]`, `deque[i]` to read.
    pub(super) fn collection_item(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let (expr, rty) = self.item_place(value, index, false)?;
        let val = Val::new(expr, rty, &fact);
        self.as_narrowed(val, &fact)
    }

    /// The place of an item of a dict or deque.
    pub(super) fn item_place(
        &mut self,
        value: &'a PyExpr,
        index: &'a PyExpr,
        write: bool,
    ) -> Result<(Expr, RTy), Expr> {
        if self.fact(value.id).ty.narrowed().missing() != Missing::Raises {
            return self.counted_place(value, index, write);
        }
        // What a call gives is there before the dict is borrowed to be changed.
        let changes = self.changes_within(index);
        let called = match self.place_type(value)?.1.peel() {
            RTy::Map { .. } if changes && self.conditional > 0 && calls(index) => {
                return Err(self.partly(
                    index,
                    "a key that a call gives which changes something, here,",
                ));
            }
            RTy::Map { key, .. } if (write || changes) && self.conditional == 0 && calls(index) => {
                let key = self.key_ref(index, &key.clone())?;
                Some(self.settled_ref(key, value, index.span))
            }
            _ => None,
        };
        let (base, rty) = self.place(value, write)?;
        match rty.peel().clone() {
            RTy::Map { key, value: v, .. } => {
                let key = match called {
                    Some(key) => key,
                    None if !write && matches!(self.fact(index.id).ty, Ty::Option(_)) => {
                        let at = self.expr(index)?;
                        let at = self.key_found(&at);
                        dict::key_ref(&at, &key).map_err(|why| self.not_yet(index, why))?
                    }
                    None => self.key_ref(index, &key)?,
                };
                let error = self.no_such_key(index);
                let mut site = self.site();
                let found = dict::get(base, &rty, key, write, &mut site).ok_or(&error);
                self.absorb(site, index.span);
                Ok(match (self.lw.is_copy(&v), write) {
                    (true, _) => (Expr::Deref(Box::new(found)), *v),
                    (false, true) => (found, RTy::RefMut(v)),
                    (false, false) => (found, RTy::Ref(v)),
                })
            }
            RTy::Deque(elem) => {
                let at = self.expr(index)?;
                let at = self.decayed(at);
                if at.ty.narrowed() == Ty::Position {
                    let error = self.error("AttributeError (None)");
                    self.tell(error.clone(), Told::Unknown);
                    let i = match at.rty {
                        RTy::Option(_) => at.expr.ok_or(&error),
                        _ => at.expr,
                    };
                    let i = match write && i.can_fail() {
                        true if self.conditional > 0 => {
                            return Err(self.partly(index, "changing an item in this place"));
                        }
                        true => {
                            let at = Val::new(i, RTy::USIZE, &Fact::of(Ty::Position));
                            self.hoist(at, "at", index.span).expr
                        }
                        false => i,
                    };
                    return Ok((Expr::Index(Box::new(base), Box::new(i)), *elem));
                }
                let range = at.range.int();
                let error = self.error("IndexError: deque index out of range");
                let suffix = if write { "_mut" } else { "" };
                let found = match range.constant() {
                    Some(0) => base.method(format!("front{suffix}"), vec![]),
                    Some(-1) => base.method(format!("back{suffix}"), vec![]),
                    _ if range.lo.is_some_and(|lo| lo >= 0) => {
                        let Some(i) = at.to_int(IntTy::Usize) else {
                            return Err(self.partly(index, "this index of a deque"));
                        };
                        base.method(format!("get{suffix}"), vec![i])
                    }
                    _ => {
                        let wide = at.to_int_checked(IntTy::I64, &error);
                        let helper = self.helper(catalog::Helper::Index);
                        let len = base.clone().method("len", vec![]);
                        let i = Expr::call(helper, vec![wide, len]).ok_or(&error);
                        let i = if write {
                            let i = Val::int(
                                i,
                                IntTy::Usize,
                                crate::value::int_type_range(IntTy::Usize),
                            );
                            self.hoist(i, "at", index.span).expr
                        } else {
                            i
                        };
                        let item = Expr::Index(Box::new(base), Box::new(i));
                        return Ok(if self.lw.is_copy(&elem) || write {
                            (item, *elem)
                        } else {
                            (Expr::Ref(Box::new(item)), RTy::Ref(elem))
                        });
                    }
                };
                let found = found.ok_or(&error);
                Ok(match (self.lw.is_copy(&elem), write) {
                    (true, _) => (Expr::Deref(Box::new(found)), *elem),
                    (false, true) => (found, RTy::RefMut(elem)),
                    (false, false) => (found, RTy::Ref(elem)),
                })
            }
            _ => Err(self.partly(value, "an item of this")),
        }
    }

    /// The place of what an expression stands for; `write`: to change it.
    pub(super) fn place(&mut self, e: &'a PyExpr, write: bool) -> Result<(Expr, RTy), Expr> {
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
        }
        if let Some(path) = self.path_of(e) {
            let Some((place, rty)) = self.path_place(&path, write) else {
                return Err(match write && self.is_input_path(&path) {
                    true => self.changed_input(e),
                    false => self.hole(e),
                });
            };
            if matches!(rty, RTy::Option(_)) {
                return Err(self.partly(e, "what may be None in this place"));
            }
            if write && matches!(rty, RTy::Ref(_)) {
                return Err(self.partly(e, "changing what is only looked at here"));
            }
            return Ok((place, rty));
        }
        match &e.kind {
            ExprKind::Subscript { value, index }
                if matches!(
                    self.fact(value.id).ty.narrowed(),
                    Ty::Dict { .. } | Ty::Deque { .. }
                ) =>
            {
                self.item_place(value, index, write)
            }
            ExprKind::Subscript { value, index }
                if matches!(self.fact(value.id).ty.narrowed(), Ty::Record(_))
                    && !self.is_table(value) =>
            {
                let ExprKind::Str(key) = &index.kind else {
                    return Err(self.partly(e, "an entry of this"));
                };
                let (base, rty) = self.place(value, write)?;
                let Some(class) = self.lw.class_of(&rty) else {
                    return Err(self.partly(e, "an entry of this"));
                };
                let Some(ty) = self.lw.class_field(&class, key) else {
                    return Err(self.hole(e));
                };
                let place = base.field(super::records::field(key));
                match (self.fact(value.id).ty.narrowed(), ty) {
                    (Ty::Record(fields), RTy::Option(inner)) if fields.may_lack(key) => {
                        Ok(self.entry_place(place, *inner, key, write))
                    }
                    (_, ty) => Ok((place, ty)),
                }
            }
            ExprKind::Subscript { value, index } if write && self.conditional == 0 => {
                self.list_item_place(value, index, e.span)
            }
            ExprKind::Attribute { value, attr } if write => {
                let (base, rty) = self.place(value, write)?;
                let base = self.not_none(base, &rty, write, "None");
                let held = match rty.peel() {
                    RTy::Option(inner) => inner,
                    _ => &rty,
                };
                let Some(class) = self.lw.class_of(held) else {
                    return Err(self.partly(e, "changing this"));
                };
                let Some(ty) = self.lw.class_field(&class, &attr.name) else {
                    return Err(self.hole(e));
                };
                let field = self.lw.attribute_ident(&class, &attr.name);
                Ok((base.field(field), ty))
            }
            // `d.setdefault(key, [])` gives what lies in the dict.
            ExprKind::Call { func, .. }
                if write
                    && matches!(&func.kind, ExprKind::Attribute { attr, .. } if attr.name == "setdefault") =>
            {
                let val = self.expr(e)?;
                match (val.expr, val.rty) {
                    (slot, rty @ RTy::RefMut(_)) => Ok((slot, rty)),
                    // A value that is copied is read where it lies.
                    (Expr::Deref(slot), rty) => Ok((*slot, RTy::RefMut(Box::new(rty)))),
                    _ => Err(self.partly(e, "changing this")),
                }
            }
            _ if write => Err(self.partly(e, "changing this")),
            _ => {
                let val = self.expr(e)?;
                Ok((val.expr, val.rty))
            }
        }
    }

    /// The type of a container, without keeping what its place needs.
    pub(super) fn place_type(&mut self, base: &'a PyExpr) -> Result<(Expr, RTy), Expr> {
        let outer = self.out.len();
        let bounds = self.bounds.len();
        let found = self.place(base, false);
        self.out.truncate(outer);
        self.bounds.truncate(bounds);
        found
    }

    /// The path to what an expression stands for, or to what holds it.
    pub(super) fn root_path(&self, e: &PyExpr) -> Option<crate::infer::Path> {
        if let Some(path) = self.path_of(e) {
            return Some(path);
        }
        match &e.kind {
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                self.root_path(value)
            }
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, attr } if attr.name == "setdefault" => {
                    self.root_path(value)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Forgets the names for what a change of an item may have changed.
    pub(super) fn forget_base(&mut self, base: &PyExpr) {
        if let Some(path) = self.root_path(base) {
            self.forget_path(&path);
        }
    }

    /// How the Rust names what a container lies in, at the least.
    fn root_text(&self, base: &PyExpr) -> String {
        let Some(path) = self.root_path(base) else {
            return String::new();
        };
        match (path.segs.last(), path.global_name()) {
            (Some(crate::infer::Seg::Attr(name)), _) => super::vars::rust_ident(name),
            (_, Some(name)) => self.lw.global_ident(name),
            (_, None) => self.var_name(&path.root),
        }
    }
}

/// Whether an expression calls anything.
fn calls(e: &PyExpr) -> bool {
    matches!(e.kind, ExprKind::Call { .. }) || crate::ast::visit::children(e).into_iter().any(calls)
}

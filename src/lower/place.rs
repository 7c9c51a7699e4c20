//! Paths and fields: where a value lies.
//!
//! Enters: a path. Leaves: the Rust type and the Rust expression of what lies there. This
//! module must not know the Python expression that the path was read from.

mod attribute;
mod names;
mod paths;

use super::Lowerer;
use super::function::{Bound, FnLower};
use super::shadow;
use super::types::rty_of;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::Told;
use crate::infer::{Path, Role, Seg};
use crate::ir::{Expr, RTy, StmtKind};
use crate::project::{FieldDef, RustTy, VariantKind};
use crate::ty::{Side, Ty};
use std::collections::BTreeSet;

impl<'a> Lowerer<'a> {
    /// The named fields of a struct.
    pub(super) fn fields(&self, key: &str) -> &'a [FieldDef] {
        self.input.types.fields(key)
    }

    /// The field of that Python name.
    pub(super) fn field(&self, key: &str, name: &str) -> Option<&'a FieldDef> {
        self.fields(key)
            .iter()
            .find(|f| f.python_name == name && !f.skipped)
    }

    /// The type of the field at a path; none where the path is no field.
    pub(super) fn field_type(&self, this: &FnLower<'_, '_>, path: &Path) -> Option<RustTy> {
        let (last, parent) = split(path)?;
        let Seg::Attr(name) = last else { return None };
        let key = match this.path_type(&parent)? {
            RTy::Named(key) => key,
            RTy::Option(inner) => match inner.peel() {
                RTy::Named(key) => key.clone(),
                _ => return None,
            },
            RTy::Ref(inner) | RTy::RefMut(inner) => match inner.peel() {
                RTy::Named(key) => key.clone(),
                _ => return None,
            },
            _ => return None,
        };
        if let Some(def) = self.input.types.enum_def(&key) {
            let variant = def.variants.iter().find(|v| v.python_name == *name)?;
            return match &variant.kind {
                VariantKind::Unit => None,
                VariantKind::Newtype(held) => Some(held.clone()),
                VariantKind::Tuple(_) | VariantKind::Record(_) => {
                    Some(RustTy::Named(format!("{key}::{}", variant.name)))
                }
            };
        }
        self.field(&key, name).map(|f| f.ty.clone())
    }
}

/// The last step of a path, and the path before it.
fn split(path: &Path) -> Option<(&Seg, Path)> {
    let (last, rest) = path.segs.split_last()?;
    Some((last, Path::new(&path.root, rest.to_vec())))
}

impl<'a> FnLower<'_, 'a> {
    /// The Rust type of what lies at a path.
    pub(super) fn path_type(&self, path: &Path) -> Option<RTy> {
        if let Some((_, payload)) = self.message_at(path) {
            return Some(RTy::Msg(Box::new(rty_of(&payload))));
        }
        let Some((last, parent)) = split(path) else {
            if let Some(name) = path.global_name() {
                return self.lw.natural(self.lw.input.model.variables.get(name)?);
            }
            if self.is_state_path(path) && self.model.role != Role::Helper {
                return Some(rty_of(&self.lw.input.binding.state));
            }
            return self.var_type(&path.root);
        };
        if let (Some((side, payload)), Seg::Attr(name)) = (self.message_at(&parent), last) {
            let payload = rty_of(&payload);
            return match (name.as_str(), side) {
                ("payload", Side::Input) => {
                    Some(RTy::Option(Box::new(RTy::Ref(Box::new(payload)))))
                }
                ("payload", Side::Output) => Some(payload),
                ("tov", _) => Some(RTy::Tov),
                _ => None,
            };
        }
        match last {
            Seg::Attr(name)
                if self
                    .path_type(&parent)
                    .is_some_and(|t| self.lw.class_of(&t).is_some()) =>
            {
                let class = self.lw.class_of(&self.path_type(&parent)?)?;
                self.lw.class_field(&class, name)
            }
            Seg::Attr(_) => self.lw.field_type(self, path).map(|t| rty_of(&t)),
            Seg::Index(i) => match self.path_type(&parent)?.peel() {
                RTy::Array(elem, _) => Some((**elem).clone()),
                RTy::Tuple(items) => items.get(*i).cloned(),
                _ => None,
            },
        }
    }

    /// Whether an expression names what may be None and has to be looked into anew, for want of
    /// a name that stands for what it holds.
    pub(super) fn is_looked_into(&self, e: &PyExpr) -> bool {
        let Some(path) = self.path_of(e) else {
            return false;
        };
        let bound = self.bounds.iter().any(|b| b.borrows && b.path == path);
        !bound && matches!(self.path_type(&path), Some(RTy::Option(_)))
    }

    /// The list, dict or deque that an expression names, at a path, to change it: of one that
    /// may be None, which is found not to be here, the one that is there.
    pub(super) fn place_to_change(&mut self, e: &PyExpr, path: &Path) -> Option<(Expr, RTy)> {
        let (place, rty) = self.path_place(path, true)?;
        let found = !matches!(self.fact(e.id).ty, Ty::Option(_));
        let RTy::Option(inner) = rty.clone() else {
            return Some((place, rty));
        };
        let holds_items = matches!(
            *inner,
            RTy::Vec(_) | RTy::Array(..) | RTy::Deque(_) | RTy::Map { .. } | RTy::Set(_)
        );
        if !holds_items || !found {
            return Some((place, rty));
        }
        let there = self.not_none(place, &rty, true, "None");
        Some((there, RTy::RefMut(inner)))
    }

    /// The Rust expression and type of what lies at a path; `write`: to change it.
    pub(super) fn path_place(&mut self, path: &Path, write: bool) -> Option<(Expr, RTy)> {
        if let Some(bound) = self
            .bounds
            .iter()
            .rev()
            .find(|b| b.path == *path && (!write || b.borrows))
        {
            return Some((bound.expr.clone(), bound.rty.clone()));
        }
        if write && !path.segs.is_empty() {
            // What is changed is not looked at through an older name.
            self.bounds
                .retain(|b| b.path != *path || b.borrows || !b.rty.is_ref());
        }
        if let Some((_, payload)) = self.message_at(path) {
            let name = self.messages.get(path)?.clone();
            return Some((Expr::atom(name), RTy::Msg(Box::new(rty_of(&payload)))));
        }
        let Some((last, parent)) = split(path) else {
            if let Some(name) = path.global_name() {
                return self.global_place(name);
            }
            // There is no object yet that could be named.
            let unbuilt = self.constructor.as_ref().is_some_and(|c| !c.built);
            if unbuilt && self.is_self(&path.root) {
                return None;
            }
            return Some((Expr::atom(self.var_name(&path.root)), self.path_type(path)?));
        };
        if let (Some(constructor), Seg::Attr(name), true) = (
            &self.constructor,
            last,
            parent.segs.is_empty() && self.is_self(&parent.root),
        ) && !constructor.built
        {
            let (_, var) = constructor.bound.iter().find(|(field, _)| field == name)?;
            return Some((var.clone(), self.path_type(path)?));
        }
        if let (Some((side, payload)), Seg::Attr(name)) = (self.message_at(&parent), last) {
            let message = self.messages.get(&parent)?.clone();
            let payload_ty = rty_of(&payload);
            return match (name.as_str(), side) {
                // Nobody but this call would see it, and it is lent.
                ("payload", Side::Input) if write => None,
                ("payload", Side::Input) => {
                    let ty = RTy::Option(Box::new(RTy::Ref(Box::new(payload_ty))));
                    Some((Expr::atom(message).method("payload", vec![]), ty))
                }
                // What a payload is after it was set to None depends on what the slot held.
                ("payload", Side::Output) if self.cleared_before(path) => None,
                ("payload", Side::Output) if write => {
                    Some(self.output_payload(path, &message, &payload))
                }
                ("payload", Side::Output) => {
                    let read = Expr::atom(message)
                        .method("payload", vec![])
                        .method("cloned", vec![])
                        .method("unwrap_or_default", vec![]);
                    Some((read, payload_ty))
                }
                ("tov", _) => Some((Expr::atom(message).field("tov"), RTy::Tov)),
                _ => None,
            };
        }
        if let Some((at, ..)) = self.variant_above(path) {
            let named = |b: &Bound| path.starts_with(&b.path) && b.path.segs.len() >= at;
            if write {
                return None;
            }
            if !self.bounds.iter().any(named) {
                return self.open_variant(path);
            }
        }
        let (base, base_ty) = self.path_place(&parent, write)?;
        match last {
            Seg::Attr(name) => {
                let base = match base_ty.clone() {
                    RTy::Option(inner) => self.required(&parent, base, &inner, write)?,
                    _ => base,
                };
                if let Some(class) = self.lw.class_of(&base_ty) {
                    let field = if self.lw.is_record(&class) {
                        super::records::field(name)
                    } else {
                        self.lw.attribute_ident(&class, name)
                    };
                    return Some((base.field(field), self.lw.class_field(&class, name)?));
                }
                let field = self.lw.field_type(self, path)?;
                let RTy::Named(key) = named_of(&base_ty)? else {
                    return None;
                };
                let def = self.lw.field(&key, name)?;
                Some(lent(base.field(def.place()), rty_of(&field), write))
            }
            Seg::Index(i) => match base_ty.peel() {
                RTy::Array(elem, len) if i < len => Some((
                    Expr::Index(Box::new(base), Box::new(Expr::atom(i.to_string()))),
                    (**elem).clone(),
                )),
                RTy::Tuple(items) => Some((base.field(i.to_string()), items.get(*i)?.clone())),
                _ => None,
            },
        }
    }

    /// What an `Option` holds, or Python's error where it is None; named, so that it is
    /// asked once, where the expression is evaluated in any case.
    fn required(&mut self, path: &Path, option: Expr, inner: &RTy, write: bool) -> Option<Expr> {
        let error = format!(
            "{}: AttributeError (`{}` is None)",
            self.at(),
            self.path_text(path)
        );
        self.tell_attribute(error.clone(), |this, e| {
            matches!(this.fact(e.id).ty, Ty::Option(_) | Ty::None)
                && this.path_of(e).as_ref() == Some(path)
        });
        let option = match (inner.is_ref(), write) {
            (true, _) => option,
            (false, true) => option.method("as_mut", vec![]),
            (false, false) if self.lw.is_copy(inner) => option,
            (false, false) => option.method("as_ref", vec![]),
        };
        let value = option.ok_or(&error);
        // A name for what a variable holds would hide the variable, which is changed.
        let hides = path.segs.is_empty() && self.is_var_changed(&path.root);
        if self.conditional > 0 || write || hides {
            return Some(value);
        }
        let span = self.current_span();
        let body: &'a crate::ast::Block = &self.function.body;
        let name = self.bound_name_from(path, &body.stmts, span.start);
        self.out.push(crate::ir::Stmt::at(
            span,
            StmtKind::LetPattern {
                pattern: name.clone(),
                names: vec![name.clone()],
                init: value,
                otherwise: None,
            },
        ));
        let rty = if inner.is_ref() || self.lw.is_copy(inner) {
            inner.clone()
        } else {
            RTy::Ref(Box::new(inner.clone()))
        };
        self.bounds.push(Bound {
            path: path.clone(),
            expr: Expr::atom(name.clone()),
            rty,
            borrows: false,
        });
        Some(Expr::atom(name))
    }

    /// Takes note of what Python says of the attribute that the statement under construction
    /// asks such a value for, which is None: where it is one.
    pub(super) fn tell_attribute(&mut self, error: String, asked: impl Fn(&Self, &PyExpr) -> bool) {
        struct Find<'s, 'l, 'a, F>(&'s FnLower<'l, 'a>, F, BTreeSet<String>);
        impl<'ast, 'l, 'a, F> crate::ast::visit::Visitor<'ast> for Find<'_, 'l, 'a, F>
        where
            F: Fn(&FnLower<'l, 'a>, &PyExpr) -> bool,
        {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                if let ExprKind::Attribute { value, attr } = &e.kind
                    && (self.1)(self.0, value)
                {
                    self.2.insert(attr.name.clone());
                }
                crate::ast::visit::walk_expr(self, e);
            }
            fn visit_block(&mut self, _: &'ast crate::ast::Block) {}
        }
        let mut find = Find(self, asked, BTreeSet::new());
        if let Some(stmt) = self.stmts.last() {
            crate::ast::visit::Visitor::visit_stmt(&mut find, stmt);
        }
        let mut names = find.2.into_iter();
        let told = match (names.next(), names.next()) {
            (Some(attr), None) => {
                let message = format!("\"'NoneType' object has no attribute '{attr}'\"");
                Told::Text(Expr::Atom(message).method("to_string", vec![]))
            }
            _ => Told::Unknown,
        };
        self.tell(error, told);
    }

    /// As [`Self::required`], for an argument of a call.
    pub(super) fn required_argument(
        &mut self,
        path: &Path,
        option: Expr,
        inner: &RTy,
        write: bool,
    ) -> Option<Expr> {
        let value = self.required(path, option, inner, write)?;
        let by_ref = inner.is_ref() || matches!(value, Expr::Try(_));
        let bound_ref = self
            .bounds
            .iter()
            .rev()
            .find(|b| b.path == *path)
            .is_some_and(|b| b.rty.is_ref());
        Some(if by_ref || bound_ref {
            value
        } else {
            Expr::Ref(Box::new(value))
        })
    }

    /// `python/task.py:12` of the statement under construction.
    pub(super) fn at(&self) -> String {
        self.lw.input.source.at(self.current_span())
    }

    /// The type in which a shadow keeps a field's value.
    pub(super) fn wide_type(&self, field: &RustTy) -> RTy {
        shadow::wide(field)
    }
}

/// A place as it is read: a `CuArrayVec` by its slice.
pub(super) fn lent(place: Expr, rty: RTy, write: bool) -> (Expr, RTy) {
    match rty {
        RTy::ArrayVec(elem, _) if !write => (
            place.field("0").method("as_slice", vec![]),
            RTy::Ref(Box::new(RTy::Slice(elem))),
        ),
        rty => (place, rty),
    }
}

/// The struct behind references and options.
pub(super) fn named_of(ty: &RTy) -> Option<RTy> {
    match ty {
        RTy::Named(_) => Some(ty.clone()),
        RTy::Ref(inner) | RTy::RefMut(inner) | RTy::Option(inner) => named_of(inner),
        _ => None,
    }
}

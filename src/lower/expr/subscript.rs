//! `value[index]`, read.

use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::diagnostic::Code;
use crate::ir::{Expr, RTy};
use crate::lower::elements::Change;
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `value[index]`
    pub(in crate::lower) fn subscript(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if let Some(part) = self.tov_item(e, value, index) {
            return part;
        }
        if let Some(item) = self.tuple_item(e, value, index) {
            return item;
        }
        match self.fact(value.id).ty.narrowed() {
            Ty::Class(class) => self.member_of_name(e, &class, index),
            Ty::Messages { .. } => {
                let Some(path) = self.path_of(e) else {
                    return Err(self.hole(e));
                };
                let Some((expr, rty)) = self.path_place(&path, false) else {
                    return Err(self.hole(e));
                };
                Ok(Val::new(expr, rty, &fact))
            }
            Ty::Tuple(_) if matches!(index.kind, ExprKind::Slice { .. }) => self.tuple_of_parts(e),
            Ty::Tuple(items) => {
                let base = self.expr(value)?;
                let computed = self.fact(index.id).range.int().constant().is_none();
                let base = match computed
                    .then(|| self.tuple_as_array(base.clone()))
                    .flatten()
                {
                    Some(array) => array,
                    None => base,
                };
                if let RTy::Array(..) = base.rty.peel() {
                    let at = self.expr(index)?;
                    let at = self.decayed(at);
                    let at = self.computed_index(at, index)?;
                    let Some((expr, rty)) = self.item(base, at, Change::InPlace) else {
                        return Err(self.hole(e));
                    };
                    return Ok(Val::new(expr, rty, &fact));
                }
                let i = self
                    .fact(index.id)
                    .range
                    .int()
                    .constant()
                    .map(|i| if i < 0 { i + items.len() as i128 } else { i });
                let RTy::Tuple(tys) = base.rty.peel().clone() else {
                    return Err(self.hole(e));
                };
                let Some((i, ty)) = i
                    .and_then(|i| usize::try_from(i).ok())
                    .and_then(|i| tys.get(i).map(|t| (i, t.clone())))
                else {
                    return Err(self.hole(e));
                };
                // The others of a tuple that is written out are not needed.
                if let Expr::Tuple(items) = &base.expr
                    && !items.iter().any(|e| e.can_fail() || self.calls_own(e))
                    && let Some(item) = items.get(i)
                {
                    return Ok(Val::new(item.clone(), ty, &fact));
                }
                Ok(Val::new(base.expr.field(i.to_string()), ty, &fact))
            }
            Ty::Record(_) if self.path_of(e).is_some() => match self.path_of(e) {
                Some(path) => self.read_path(e, &path),
                None => Err(self.hole(e)),
            },
            Ty::Record(fields) if !self.is_table(value) => {
                let ExprKind::Str(key) = &index.kind else {
                    return Err(self.hole(e));
                };
                if fields.may_lack(key) {
                    return self.entry_there(e, value, key);
                }
                let (base, rty) = self.place(value, false)?;
                let Some(class) = self.lw.class_of(&rty) else {
                    return Err(self.hole(e));
                };
                let Some(ty) = self.lw.class_field(&class, key) else {
                    return Err(self.hole(e));
                };
                let place = base.field(crate::lower::records::field(key));
                let val = Val::new(place, ty, &fact);
                self.as_narrowed(val, &fact)
            }
            Ty::Record(_) => match (&value.kind, &index.kind) {
                (ExprKind::Name(name), ExprKind::Str(key)) => {
                    self.constant(e, &format!("{name}[{key}]"))
                }
                (ExprKind::Name(name), _) => self.table_entry(e, name, index),
                _ => Err(self.partly(e, "an entry of this table")),
            },
            Ty::Dict { .. } if self.is_table(value) => match &value.kind {
                ExprKind::Name(name) => self.table_entry(e, name, index),
                _ => Err(self.hole(e)),
            },
            Ty::Dict { .. } | Ty::Deque { .. } => self.collection_item(e, value, index),
            Ty::List { .. } if matches!(index.kind, ExprKind::Slice { .. }) => {
                self.slice(e, value, index)
            }
            Ty::Str | Ty::Enum(_) if matches!(index.kind, ExprKind::Slice { .. }) => {
                self.text_slice(e, value, index)
            }
            Ty::Str | Ty::Enum(_) => self.text_item(e, value, index),
            Ty::List { .. } => {
                if let Some((item, rty)) = self.loop_element(value, index) {
                    return Ok(Val::new(Expr::atom(item), rty, &fact));
                }
                let base = self.expr(value)?;
                if let Some((place, elem)) = self.item_within(&base, value, index, false) {
                    let (place, elem) = match self.lw.is_copy(&elem) {
                        true => (place, elem),
                        false => (Expr::Ref(Box::new(place)), RTy::Ref(Box::new(elem))),
                    };
                    return self.as_narrowed(Val::new(place, elem, &fact), &fact);
                }
                let at = self.expr(index)?;
                let at = self.decayed(at);
                let at = self.computed_index(at, index)?;
                if crate::lower::strings::pieces(&base.expr).is_some() && self.calls_own(&at.expr) {
                    return Err(self.partly(e, "a part of a text by what a call gives"));
                }
                if let Some(part) = self.text_part(&base, &at, &fact) {
                    return Ok(part);
                }
                let base = match crate::lower::strings::pieces(&base.expr) {
                    Some(parts) => {
                        let parts = parts.clone().method("collect::<Vec<_>>", vec![]);
                        let list = RTy::Vec(Box::new(RTy::Str));
                        let base_fact = self.fact(value.id);
                        self.hoist(Val::new(parts, list, &base_fact), "parts", e.span)
                    }
                    None => base,
                };
                let read = self.read_item(&base, &at);
                let Some((expr, rty)) = read.or_else(|| self.item(base, at, Change::InPlace))
                else {
                    return Err(self.hole(e));
                };
                let val = Val::new(expr, rty, &fact);
                self.as_narrowed(val, &fact)
            }
            _ => Err(self.hole(e)),
        }
    }

    /// An index or a bound; where computing it changes something, it is computed before what
    /// it leads into is borrowed.
    pub(in crate::lower) fn computed_index(
        &mut self,
        at: Val,
        index: &PyExpr,
    ) -> Result<Val, Expr> {
        if at.expr.is_simple() || !self.changes_within(index) {
            return Ok(at);
        }
        if self.conditional > 0 {
            return Err(self.partly(index, "an index that changes something, in this place,"));
        }
        Ok(self.hoist(at, "at", index.span))
    }

    /// `xs[i]` in a loop over the elements of `xs`.
    fn loop_element(&self, value: &PyExpr, index: &PyExpr) -> Option<(String, RTy)> {
        let version = self.scope.names.get(&index.id)?;
        let path = self.path_of(value)?;
        let (_, _, item) = self
            .elements
            .iter()
            .find(|(p, v, _)| *p == path && v == version)?;
        match self.path_type(&path)?.peel() {
            RTy::Array(elem, _) => Some((item.clone(), (**elem).clone())),
            _ => None,
        }
    }

    /// An element to read: the first, the last, or one whose index is not negative.
    fn read_item(&mut self, base: &Val, at: &Val) -> Option<(Expr, RTy)> {
        let base = &Val {
            expr: base.expr.clone().collected(),
            ..base.clone()
        };
        let elem = match base.rty.peel() {
            RTy::Vec(elem) | RTy::Slice(elem) => (**elem).clone(),
            _ => return None,
        };
        let range = at.range.int();
        let list = base.expr.clone();
        let found = match range.constant() {
            Some(0) => list.method("first", vec![]),
            Some(-1) => list.method("last", vec![]),
            _ if range.lo.is_some_and(|lo| lo >= 0) => {
                list.method("get", vec![at.to_int(IntTy::Usize)?])
            }
            _ => return None,
        };
        let error = self.error(Change::InPlace.index_error(&base.ty));
        let item = found.ok_or(&error);
        Some(if self.lw.is_copy(&elem) {
            (Expr::Deref(Box::new(item)), elem)
        } else {
            (item, RTy::Ref(Box::new(elem)))
        })
    }

    /// The place of an element, with Python's IndexError where it may be out of range.
    pub(in crate::lower) fn item(
        &mut self,
        base: Val,
        at: Val,
        change: Change,
    ) -> Option<(Expr, RTy)> {
        let (elem, len) = match base.rty.peel() {
            RTy::Array(elem, len) => ((**elem).clone(), Some(*len)),
            RTy::Vec(elem) | RTy::Slice(elem) => ((**elem).clone(), None),
            _ => return None,
        };
        let base = Val {
            expr: base.expr.collected(),
            ..base
        };
        let range = at.range.int();
        let error = self.error(change.index_error(&base.ty));
        if let Some(len) = len {
            let beyond = |i: &i128| *i >= len as i128 || *i < -(len as i128);
            if let Some(i) = range.constant().filter(beyond) {
                let message = format!(
                    "there are {len} elements: index {i} is an IndexError whenever it is reached"
                );
                let at = self.current_span();
                self.lw.report(Code::AlwaysRaises, at, &message, None);
            }
            let from_end = range.constant().filter(|i| *i < 0).map(|i| i + len as i128);
            if let Some(i) = from_end.filter(|i| *i >= 0) {
                return Some((
                    Expr::Index(Box::new(base.expr), Box::new(Expr::atom(i.to_string()))),
                    elem,
                ));
            }
            if range.within(IntRange::new(0, len as i128 - 1)) {
                let i = at.to_int(IntTy::Usize)?;
                return Some((Expr::Index(Box::new(base.expr), Box::new(i)), elem));
            }
        }
        let size = match len {
            Some(len) => Expr::atom(len.to_string()),
            None => base.expr.clone().method("len", vec![]),
        };
        let wide = at.to_int_checked(IntTy::I64, &error);
        let helper = self.helper(Helper::Index);
        let i = Expr::call(helper, vec![wide, size]).ok_or(&error);
        Some((Expr::Index(Box::new(base.expr), Box::new(i)), elem))
    }
}

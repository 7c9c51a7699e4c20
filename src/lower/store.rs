//! What is stored in a variable, field or parameter: literals take the shape of their place.
//!
//! Enters: a Python expression and the Rust type of the place that it goes to. Leaves: a value
//! of Rust, which `coerce` converts as PyTask converts. This module must not know the place.

mod coerce;
mod payload;
mod rows;
mod shapes;
pub(super) use shapes::lends;
mod variants;

use super::function::FnLower;
use crate::ast::{ComprehensionKind, Expr as PyExpr, ExprKind};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::uses::mentions;
use crate::ir::{Block, Expr, RTy};
use crate::project::{FieldDef, FloatTy, Wrapper};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// Lowers an expression that goes to a place of type `to`: literals take its shape.
    pub(super) fn expr_as(&mut self, e: &'a PyExpr, to: &RTy) -> Result<Val, Expr> {
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
        }
        if *to == RTy::Tov
            && let Some(value) = self.tov_literal(e)
        {
            return value;
        }
        // A time that goes to a time of the same type is no int on the way.
        if matches!(to, RTy::CuTime | RTy::CuDuration)
            && self.shadows.read(e.id).is_none()
            && let Some(path) = self.path_of(e)
            && let Some((place, rty)) = self.path_place(&path, false)
            && rty == *to
        {
            return Ok(Val::new(place, rty, &self.fact(e.id)));
        }
        match (&e.kind, to) {
            (ExprKind::Conditional { test, body, orelse }, _) => {
                self.conditional(e, test, body, orelse, Some(to))
            }
            (ExprKind::Comprehension { clauses, .. }, RTy::Map { .. } | RTy::Set(_)) => {
                self.keyed_comprehension(e, clauses, to)
            }
            (
                ExprKind::Comprehension {
                    element, clauses, ..
                },
                RTy::Vec(elem),
            ) if self.lw.natural(&self.fact(e.id)).is_none() => {
                self.comprehension(e, element, clauses, Some(elem))
            }
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::Array(elem, len)) => {
                if items.len() != *len {
                    let problem = Problem::new(
                        Code::TypeMismatch,
                        format!("{} values for {len}: PyTask fails the cycle", items.len()),
                    );
                    return Err(Expr::Hole(self.lw.hole_text(e.span, &problem)));
                }
                let items = self.items_as(items, elem)?;
                Ok(Val::new(Expr::Array(items), to.clone(), &self.fact(e.id)))
            }
            // A list that is empty has the type of where it goes.
            (ExprKind::Tuple(items), RTy::Tuple(tys))
                if items.len() == tys.len()
                    && items.iter().zip(tys).any(|(item, ty)| {
                        let natural = self.lw.natural(&self.fact(item.id));
                        natural.is_none() || is_keyed_display(item) && natural.as_ref() != Some(ty)
                    }) =>
            {
                let mut out = Vec::new();
                for (item, ty) in items.iter().zip(tys) {
                    let before = self.out.len();
                    let val = self.expr_as(item, ty)?;
                    let expr = self.coerce(val, ty, item.span, "an element")?;
                    self.in_order(item, before, &out)?;
                    out.push(super::expr::owned_text(expr));
                }
                self.taken_last(items, &mut out, tys);
                Ok(Val::new(Expr::Tuple(out), to.clone(), &self.fact(e.id)))
            }
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::Vec(elem)) => {
                let items = self.items_as(items, elem)?;
                let expr = if items.is_empty() {
                    Expr::call("Vec::new", vec![])
                } else {
                    Expr::Macro("vec".into(), items)
                };
                Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
            }
            (
                ExprKind::Binary {
                    op: crate::ast::BinaryOp::Mul,
                    left,
                    right,
                },
                RTy::Vec(elem) | RTy::Array(elem, _),
            ) if matches!(&left.kind, ExprKind::List(items) if items.len() == 1) => {
                let ExprKind::List(items) = &left.kind else {
                    return Err(self.hole(e));
                };
                let Some(value) = self.items_as(items, elem)?.pop() else {
                    return Err(self.hole(e));
                };
                if !self.lw.is_copy(elem) && **elem != RTy::String {
                    return Err(self.partly(e, "a list of one object many times"));
                }
                let count = self.expr(right)?;
                if let RTy::Array(_, len) = to {
                    if count.range.int().constant() != Some(*len as i128) {
                        return Err(self.partly(e, "a list of another length than the array"));
                    }
                    let repeat =
                        Expr::Repeat(Box::new(value), Box::new(Expr::atom(len.to_string())));
                    return Ok(Val::new(repeat, to.clone(), &self.fact(e.id)));
                }
                let count = self.repeats(count);
                let repeat = Expr::Repeat(Box::new(value), Box::new(count));
                Ok(Val::new(
                    Expr::Macro("vec".into(), vec![repeat]),
                    to.clone(),
                    &self.fact(e.id),
                ))
            }
            (ExprKind::Binary { op, left, right }, RTy::Vec(_))
                if matches!(self.fact(e.id).ty, Ty::List { .. }) =>
            {
                self.list_operator(e, *op, left, right, Some(to))
            }
            (
                ExprKind::Comprehension {
                    kind: ComprehensionKind::List,
                    element,
                    clauses,
                    ..
                },
                RTy::Vec(elem) | RTy::Array(elem, _),
            ) if matches!(
                **elem,
                RTy::Int(_)
                    | RTy::Named(_)
                    | RTy::Float(FloatTy::F32)
                    | RTy::Vec(_)
                    | RTy::Option(_)
            ) && self.lw.natural(&self.fact(element.id)).as_ref() != Some(elem) =>
            {
                self.comprehension(e, element, clauses, Some(elem))
            }
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::Named(key))
                if self.lw.input.types.is_row(key) =>
            {
                self.row_literal(e, items, key)
            }
            (ExprKind::Name(_) | ExprKind::Attribute { .. }, RTy::ArrayVec(..))
                if let Some(copy) = self.same_array_vec(e, to) =>
            {
                Ok(copy)
            }
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::ArrayVec(elem, len)) => {
                self.array_vec_literal(e, items, elem, *len)
            }
            (ExprKind::Dict(items), RTy::Named(key))
                if self.lw.input.types.enum_def(key).is_some() =>
            {
                self.variant_literal(e, items, key)
            }
            (ExprKind::Dict(items), RTy::Named(key))
                if self.lw.input.types.struct_def(key).is_some() =>
            {
                self.struct_literal(e, items, key)
            }
            (ExprKind::Name(name), _)
                if self.is_table(e)
                    && matches!(to.peel(), RTy::Map { .. } | RTy::Set(_) | RTy::Named(_))
                    && matches!(
                        self.fact(e.id).ty,
                        Ty::Record(_) | Ty::Dict { .. } | Ty::Set(_)
                    ) =>
            {
                let to = to.peel().clone();
                self.table_value(e, name, &to)
            }
            (ExprKind::Dict(_) | ExprKind::Call { .. }, RTy::Named(_))
                if (matches!(self.fact(e.id).ty, Ty::Record(_)) || is_empty_display(e))
                    && self.lw.class_of(to).is_some_and(|c| self.lw.is_record(&c))
                    && self.literal_items(e).is_some() =>
            {
                let items = self.literal_items(e).unwrap_or_default();
                self.record_literal(e, &items, to)
            }
            (ExprKind::Dict(items), RTy::Named(_))
                if matches!(self.fact(e.id).ty, Ty::Record(_))
                    && items.iter().any(|(key, _)| key.is_none())
                    && self.lw.class_of(to).is_some_and(|c| self.lw.is_record(&c)) =>
            {
                let parts: Vec<_> = items.iter().map(|(key, v)| (key.as_ref(), v)).collect();
                self.spread_record(e, &parts, to)
            }
            (
                ExprKind::Binary {
                    op: crate::ast::BinaryOp::BitOr,
                    left,
                    right,
                },
                RTy::Map { .. } | RTy::Named(_),
            ) if matches!(self.fact(e.id).ty, Ty::Record(_) | Ty::Dict { .. }) => {
                let parts = [(None, &**left), (None, &**right)];
                match to {
                    RTy::Map { .. } => self.spread_map(e, &parts, to),
                    _ => self.spread_record(e, &parts, to),
                }
            }
            (ExprKind::Dict(_) | ExprKind::Set(_), RTy::Ref(inner))
                if matches!(**inner, RTy::Map { .. } | RTy::Set(_))
                    || (matches!(self.fact(e.id).ty, Ty::Record(_)) || is_empty_display(e))
                        && self
                            .lw
                            .class_of(inner)
                            .is_some_and(|c| self.lw.is_record(&c)) =>
            {
                self.expr_as(e, inner)
            }
            (ExprKind::Dict(items), RTy::Map { .. }) => self.map_literal(e, items, to),
            (ExprKind::Set(items), RTy::Set(_)) => self.set_literal(e, items, to),
            (ExprKind::Call { .. }, RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)) => {
                match self.collection_call(e, to) {
                    Some(made) => made,
                    None => self.expr(e),
                }
            }
            (
                ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::List(_) | ExprKind::Tuple(_),
                RTy::Option(inner),
            ) => {
                let val = self.expr_as(e, inner)?;
                let held = match &**inner {
                    RTy::Ref(held) if **held == val.rty => Expr::Ref(Box::new(val.expr)),
                    inner => self.coerce(val, inner, e.span, "the value")?,
                };
                let expr = Expr::call("Some", vec![held]);
                Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
            }
            (ExprKind::Comprehension { .. }, RTy::Option(inner))
                if is_keyed_display(e) && matches!(**inner, RTy::Map { .. } | RTy::Set(_)) =>
            {
                let val = self.expr_as(e, inner)?;
                let held = self.coerce(val, inner, e.span, "the value")?;
                let expr = Expr::call("Some", vec![held]);
                Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
            }
            (_, RTy::Int(int)) => self.expr_hinted(e, Some(&(*int, "the value".to_string()))),
            _ => self.expr(e),
        }
    }

    fn items_as(&mut self, items: &'a [PyExpr], elem: &RTy) -> Result<Vec<Expr>, Expr> {
        let mut out = Vec::new();
        for item in items {
            let before = self.out.len();
            let val = self.expr_as(item, elem)?;
            let expr = self.coerce(val, elem, item.span, "an element")?;
            self.in_order(item, before, &out)?;
            out.push(expr);
        }
        let tys = vec![elem.clone(); out.len()];
        self.taken_last(items, &mut out, &tys);
        Ok(out)
    }

    /// What an item takes out of a variable, the items behind it look at before: `(xs, len)`
    /// for `(xs, xs.len())`.
    pub(super) fn taken_last(&mut self, items: &[PyExpr], out: &mut [Expr], tys: &[RTy]) {
        for i in 0..out.len() {
            let taken = match (out.get(i), tys.get(i)) {
                (Some(Expr::Atom(name)), Some(ty))
                    if name != "None" && !ty.is_ref() && !self.lw.is_copy(ty) =>
                {
                    name.clone()
                }
                _ => continue,
            };
            let names = |e: &Expr| mentions(&Block::value(e.clone()), &taken);
            if !out.iter().skip(i + 1).any(names) {
                continue;
            }
            let first = out.iter().take(i + 1).all(Expr::is_simple);
            let mut later = out.iter().zip(tys).skip(i + 1);
            let lent = later.any(|(e, ty)| (ty.is_ref() || *ty == RTy::Str) && names(e));
            if self.conditional > 0 || !first || lent {
                if let Some(item) = out.get_mut(i) {
                    *item = Expr::atom(taken).method("clone", vec![]);
                }
                continue;
            }
            for (j, (item, e)) in items.iter().zip(out.iter_mut()).enumerate().skip(i + 1) {
                let waits = names(e) || e.can_fail() || self.calls_own(e);
                if let (true, Some(ty)) = (waits, tys.get(j)) {
                    let name = match &item.kind {
                        ExprKind::Call { func, .. } if matches!(&func.kind, ExprKind::Name(n) if n == "len") => {
                            "len"
                        }
                        _ => "value",
                    };
                    let val = Val::new(e.clone(), ty.clone(), &self.fact(item.id));
                    *e = self.hoist(val, name, item.span).expr;
                }
            }
        }
    }

    /// Refuses an item whose evaluation put statements, from `before` on, that call functions
    /// of the file before what the items `earlier` read or call.
    pub(super) fn in_order(
        &mut self,
        item: &PyExpr,
        before: usize,
        earlier: &[Expr],
    ) -> Result<(), Expr> {
        let fixed = |e: &Expr| self.is_fixed(e);
        let calls = self.out.iter().skip(before).any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            !blocks.is_empty()
                || exprs.into_iter().any(|e| self.calls_own(e))
                || super::only_computed::is_alone(stmt)
        });
        // What the item reads by itself may be changed by what stands before it.
        let reads = self.out.len() > before && earlier.iter().any(|e| self.calls_to_change(e));
        if reads || calls && !earlier.iter().all(fixed) {
            return Err(self.partly(item, "a call among items that are read before it"));
        }
        Ok(())
    }

    /// An operand that stands before `later`, whose evaluation put the statements from `before`
    /// on: where those call functions of the file, it is computed before them.
    pub(super) fn computed_before(
        &mut self,
        val: Val,
        later: &PyExpr,
        before: usize,
    ) -> Result<Val, Expr> {
        let earlier = [val.expr.clone()];
        let alone = |this: &Self| {
            let added = this.out.get(before..).unwrap_or_default();
            added.iter().any(super::only_computed::is_alone)
        };
        if self.out.len() == before || val.literal {
            return Ok(val);
        }
        let tells = self.changes_within(later)
            || val.expr.can_fail() && alone(self)
            || self.calls_to_change(&val.expr);
        if !tells {
            return Ok(val);
        }
        let plain = self.lw.is_copy(&val.rty) || self.calls_own(&val.expr) && !val.rty.is_ref();
        if !plain || self.is_fixed(&val.expr) {
            self.in_order(later, before, &earlier)?;
            return Ok(val);
        }
        let moved = self.out.split_off(before);
        let held = self.hoist_given(val, "first", later.span);
        self.out.extend(moved);
        Ok(held)
    }

    /// `{"a": 1, "b": x}` as the struct that it becomes.
    fn struct_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [(Option<PyExpr>, PyExpr)],
        key: &str,
    ) -> Result<Val, Expr> {
        let fields: &[FieldDef] = self.lw.fields(key);
        let name = self.written_name(key);
        let mut out: Vec<(String, Expr)> = Vec::new();
        for (item_key, value) in items {
            let Some(ExprKind::Str(wanted)) = item_key.as_ref().map(|k| &k.kind) else {
                return Err(self.hole(e));
            };
            let Some(field) = fields
                .iter()
                .find(|f| f.python_name == *wanted && !f.skipped)
            else {
                let known: Vec<&str> = fields.iter().map(|f| f.python_name.as_str()).collect();
                let message = format!("`{name}` has no field `{wanted}`: PyTask drops it");
                let span = item_key.as_ref().map_or(e.span, |k| k.span);
                self.lw.report(
                    Code::UnknownFieldWritten,
                    span,
                    &message,
                    Some(&format!("it has {}", known.join(", "))),
                );
                continue;
            };
            let rty = super::types::rty_of(&field.ty);
            let before = self.out.len();
            let earlier: Vec<Expr> = out.iter().map(|(_, e)| e.clone()).collect();
            let expr = match self.expr_as(value, &rty).and_then(|val| {
                self.in_order(value, before, &earlier)?;
                let val = self.int_for_float(val, &rty, wanted);
                let outer = std::mem::replace(&mut self.copied_by_pytask, true);
                let expr = self.coerce(val, &rty, value.span, wanted);
                self.copied_by_pytask = outer;
                expr
            }) {
                Ok(expr) => expr,
                Err(hole) => {
                    self.hole_in_stmt = true;
                    hole
                }
            };
            let expr = self.wrapped(expr, field);
            match out.iter_mut().find(|(n, _)| *n == field.name) {
                // A key that is given twice: the last one stands.
                Some(slot) => slot.1 = expr,
                None => out.push((field.name.clone(), expr)),
            }
        }
        let missing: Vec<&FieldDef> = fields
            .iter()
            .filter(|f| !f.skipped && !f.has_default && !out.iter().any(|(n, _)| *n == f.name))
            .collect();
        let optional = |f: &&FieldDef| matches!(f.ty, crate::project::RustTy::Option(_));
        if let Some(field) = missing.iter().find(|f| !optional(f)) {
            let problem = Problem::new(
                Code::TypeMismatch,
                format!(
                    "the field `{}` of `{name}` is missing: PyTask fails the cycle",
                    field.python_name
                ),
            );
            return Err(Expr::Hole(self.lw.hole_text(e.span, &problem)));
        }
        for field in missing {
            out.push((field.name.clone(), Expr::atom("None")));
        }
        let complete = fields.iter().all(|f| out.iter().any(|(n, _)| *n == f.name));
        if !complete && self.lw.input.types.variant_of(key).is_some() {
            return Err(self.partly(e, "the data of a variant with fields left out"));
        }
        let base = (!complete).then(|| Box::new(Expr::call("Default::default", vec![])));
        Ok(Val::new(
            Expr::Struct {
                name,
                fields: out,
                base,
            },
            RTy::Named(key.to_string()),
            &self.fact(e.id),
        ))
    }

    /// The value of a field with the newtype or quantity around it.
    fn wrapped(&mut self, value: Expr, field: &FieldDef) -> Expr {
        match &field.wrapper {
            None => value,
            Some(Wrapper::Newtype(key)) => Expr::call(self.lw.use_type(key), vec![value]),
            Some(wrapper @ Wrapper::Quantity(key)) => Expr::Struct {
                name: self.lw.use_type(key),
                fields: vec![(wrapper.field().to_owned(), value)],
                base: None,
            },
        }
    }
}

/// Whether an expression is `{}`.
fn is_empty_display(e: &PyExpr) -> bool {
    matches!(&e.kind, ExprKind::Dict(items) if items.is_empty())
}

/// Whether an expression writes a dict or a set out.
pub(super) fn is_keyed_display(e: &PyExpr) -> bool {
    match &e.kind {
        ExprKind::Dict(_) | ExprKind::Set(_) => true,
        ExprKind::Comprehension { kind, .. } => {
            matches!(kind, ComprehensionKind::Dict | ComprehensionKind::Set)
        }
        _ => false,
    }
}

//! Expressions.

mod hole;
mod literal;
mod logical;
mod store_item;
mod subscript;

pub(super) use literal::keep_float;
pub(super) use logical::owned_text;

use super::function::FnLower;
use super::text::Style;
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::catalog::{Helper, Site, Told, dict};
use crate::infer::Path;
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};
use num_traits::ToPrimitive;

impl<'a> FnLower<'_, 'a> {
    /// A site for the catalog.
    pub(super) fn site(&self) -> Site {
        Site {
            at: self.at(),
            copied: self.lw.copied.clone(),
            python: self.lw.input.binding.python,
            process_mode: self.lw.input.binding.mode == crate::project::PythonMode::Process,
            ..Site::default()
        }
    }

    /// Takes over what the catalog used and noted.
    pub(super) fn absorb(&mut self, site: Site, span: Span) {
        self.lw.task.helpers.extend(site.helpers);
        self.lw.consts_used.extend(site.consts);
        for (code, note) in site.notes {
            self.lw.report(code, span, &note, None);
        }
        for (text, told) in site.told {
            self.tell(text, told);
        }
    }

    /// Takes note of what Python says where the Rust fails with a text that does not.
    pub(super) fn tell(&mut self, text: String, told: Told) {
        if !self.lw.reads_messages() {
            return;
        }
        let message = match told {
            Told::Text(message) => Some(message),
            Told::Unknown => None,
            Told::Repr(val, rest) => {
                let shown = self.printed(*val, Style::Repr).ok();
                shown.map(|mut shown| {
                    shown.push_literal(&rest);
                    shown.into_string()
                })
            }
        };
        let message = message.filter(|message| !message.can_fail());
        self.lw
            .told
            .entry(text)
            .and_modify(|known| {
                if *known != message {
                    *known = None;
                }
            })
            .or_insert(message);
    }

    /// The text of the KeyError for a key, of which it is known what Python says.
    pub(super) fn no_such_key(&mut self, key: &'a PyExpr) -> String {
        let ty = self.fact(key.id).ty.given().clone();
        let error = self.error(dict::key_error(&ty));
        if !matches!(ty, Ty::Int | Ty::Str | Ty::Option(_)) && is_plain(key) {
            let (before, bounds) = (self.out.len(), self.bounds.len());
            let val = self.expr(key).ok().filter(|val| !val.expr.can_fail());
            match val {
                Some(val) if self.out.len() == before => {
                    self.tell(error.clone(), Told::Repr(Box::new(val), String::new()))
                }
                _ => {
                    self.out.truncate(before);
                    self.bounds.truncate(bounds);
                }
            }
        }
        error
    }

    /// Uses a helper and gives its name.
    pub(super) fn helper(&mut self, helper: Helper) -> &'static str {
        self.lw.task.helpers.insert(helper);
        helper.name()
    }

    /// Lowers an expression.
    pub(super) fn expr(&mut self, e: &'a PyExpr) -> Result<Val, Expr> {
        self.expr_hinted(e, None)
    }

    /// Lowers an expression whose int value goes to a field of that type and name.
    pub(super) fn expr_hinted(
        &mut self,
        e: &'a PyExpr,
        hint: Option<&(IntTy, String)>,
    ) -> Result<Val, Expr> {
        let val = self.for_effect(e, hint)?;
        match (&val.rty, &val.ty) {
            // A function of which nothing is known gives nothing in Rust.
            (RTy::Unit, Ty::Unknown) => Err(self.hole(e)),
            _ => Ok(val),
        }
    }

    /// Lowers an expression whose value nobody may want: a call whose function is a hole has
    /// none.
    pub(super) fn for_effect(
        &mut self,
        e: &'a PyExpr,
        hint: Option<&(IntTy, String)>,
    ) -> Result<Val, Expr> {
        let val = self.value(e, hint)?;
        let val = match self.lw.input.model.has_named_unions() {
            true => self.as_one_kind(e, val)?,
            false => val,
        };
        let val = self.where_given(e, val);
        Ok(Val {
            node: Some(e.id),
            ..val.plain()
        })
    }

    /// Lowers an expression, of whatever kind its value lies there as.
    pub(super) fn operand(&mut self, e: &'a PyExpr) -> Result<Val, Expr> {
        let val = self.value(e, None)?;
        let val = match self.lw.union_at(&val.rty) {
            Some(_) => val,
            None => self.as_one_kind(e, val)?,
        };
        Ok(Val {
            node: Some(e.id),
            ..val.plain()
        })
    }

    fn value(&mut self, e: &'a PyExpr, hint: Option<&(IntTy, String)>) -> Result<Val, Expr> {
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
        }
        if let Some(content) = self.content_taken(e) {
            return Ok(content);
        }
        let fact = self.fact(e.id);
        if let (
            ExprKind::Binary { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Subscript { .. }
            | ExprKind::Compare { .. },
            Some(id),
        ) = (&e.kind, self.model.calls.get(&e.id).copied())
        {
            return self.operator(e, id);
        }
        match &e.kind {
            ExprKind::None => Ok(Val::new(
                Expr::atom("None"),
                RTy::Option(Box::new(RTy::Never)),
                &fact,
            )),
            ExprKind::Bool(value) => Ok(Val::bool(Expr::atom(value.to_string()))),
            ExprKind::Int(value) => match value.to_i128() {
                Some(value) => Ok(self.int_text(e, value)),
                None => Err(self.partly(e, "an int beyond 128 bits")),
            },
            ExprKind::Float(value) => {
                let expr = self.float_text(e, *value);
                Ok(Val {
                    literal: true,
                    ..Val::new(expr, RTy::F64, &fact)
                })
            }
            ExprKind::Str(text) => Ok(Val::new(Expr::Atom(format!("{text:?}")), RTy::Str, &fact)),
            ExprKind::Bytes(bytes) => Ok(Val::new(
                crate::lower::octets::literal(bytes),
                crate::lower::octets::literal_type(bytes),
                &fact,
            )),
            ExprKind::FString(parts) => self.f_string(parts),
            ExprKind::Name(name) => self.name(e, name),
            // It was bound before.
            ExprKind::Named { target, .. } if self.named.contains(&e.id) => {
                self.name(e, &target.name)
            }
            ExprKind::Named { .. } => Err(self.partly(e, "`:=` in this place")),
            ExprKind::Attribute { value, attr } => self.attribute(e, value, &attr.name),
            ExprKind::Subscript { value, index } => match self.union_item(e, value, index) {
                Some(item) => item,
                None => self.subscript(e, value, index),
            },
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(e, func, args, keywords),
            ExprKind::Unary { op, operand } => self.unary(e, *op, operand),
            // The place of an item that a `*` gives.
            ExprKind::Binary {
                op: crate::ast::BinaryOp::Mod,
                left,
                right,
            } if left.span == right.span && matches!(left.kind, ExprKind::Int(_)) => {
                self.expr(left)
            }
            ExprKind::Binary { op, left, right } if matches!(fact.ty, Ty::List { .. }) => {
                let literal = *op == crate::ast::BinaryOp::Mul
                    && matches!(&left.kind, ExprKind::List(items) if items.len() == 1);
                match self.lw.natural(&fact) {
                    Some(ty) if literal => self.expr_as(e, &ty),
                    Some(_) => self.list_operator(e, *op, left, right, None),
                    None => Err(self.hole(e)),
                }
            }
            ExprKind::Binary {
                op: crate::ast::BinaryOp::Mod,
                left,
                right,
            } if fact.ty == Ty::Str => match self.literal_text(left) {
                Some(format) => {
                    let text = self.percent_format(e, format, right, super::text::Show::Printed)?;
                    Ok(text.into_val())
                }
                None => Err(self.partly(e, "the format of a computed string")),
            },
            ExprKind::Binary { .. } if matches!(fact.ty, Ty::Tuple(_)) => self.tuple_of_parts(e),
            ExprKind::Binary { op, left, right } if matches!(fact.ty, Ty::Set(_)) => {
                self.set_operator(e, *op, left, right)
            }
            ExprKind::Binary {
                op: crate::ast::BinaryOp::Add,
                ..
            } if fact.ty == Ty::Str => {
                let text = self.concatenation(e, super::text::Show::Printed)?;
                Ok(text.into_val())
            }
            ExprKind::Binary { op, left, right } => {
                if let Some(masked) = self.masked(*op, left, right, &fact) {
                    return masked;
                }
                let a = self.expr(left)?;
                let before = self.out.len();
                let b = self.expr(right)?;
                let a = self.computed_before(a, right, before)?;
                self.arithmetic(e, *op, a, b, &fact, hint)
            }
            ExprKind::Logical { op, values } => self.logical(e, *op, values),
            ExprKind::Compare { left, ops, rest } => self.compare(e, left, ops, rest),
            ExprKind::Conditional { test, body, orelse } => {
                self.conditional(e, test, body, orelse, None)
            }
            ExprKind::Tuple(items) => {
                let mut exprs = Vec::new();
                let mut tys = Vec::new();
                let mut facts = Vec::new();
                for item in items {
                    let natural = self.lw.natural(&self.fact(item.id));
                    let before = self.out.len();
                    let val = self.expr(item)?;
                    self.in_order(item, before, &exprs)?;
                    let (expr, ty) = match natural {
                        Some(ty) => {
                            facts.push(self.fact(item.id).ty);
                            (
                                owned_text(self.coerce(val, &ty, item.span, "an element")?),
                                ty,
                            )
                        }
                        None => {
                            facts.push(val.ty.clone());
                            (val.expr, val.rty)
                        }
                    };
                    exprs.push(expr);
                    tys.push(ty);
                }
                self.taken_last(items, &mut exprs, &tys);
                Ok(Val::new(
                    Expr::Tuple(exprs),
                    RTy::Tuple(tys),
                    &Fact {
                        ty: Ty::Tuple(facts),
                        ..fact
                    },
                ))
            }
            ExprKind::List(items)
                if items.is_empty() && self.lw.input.model.has_named_unions() && unknown(&fact) =>
            {
                let never = RTy::Vec(Box::new(RTy::Never));
                Ok(Val::new(Expr::call("Vec::new", vec![]), never, &fact))
            }
            ExprKind::List(_) => match self.lw.natural(&fact) {
                Some(ty @ (RTy::Vec(_) | RTy::Array(..))) => self.expr_as(e, &ty),
                _ => Err(self.partly(e, "a list whose elements have no one type")),
            },
            ExprKind::Comprehension {
                element, clauses, ..
            } => self.comprehension(e, element, clauses, None),
            ExprKind::Dict(_) | ExprKind::Set(_) => match self.lw.natural(&fact) {
                Some(ty @ (RTy::Map { .. } | RTy::Set(_) | RTy::Named(_))) => self.expr_as(e, &ty),
                _ => Err(self.partly(e, "a dict or set in this place")),
            },
            ExprKind::Imaginary(_)
            | ExprKind::Ellipsis
            | ExprKind::Slice { .. }
            | ExprKind::Starred(_)
            | ExprKind::Lambda { .. }
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Await(_)
            | ExprKind::Unsupported(_) => Err(self.hole(e)),
        }
    }

    fn name(&mut self, e: &'a PyExpr, name: &str) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(version) = self.scope.names.get(&e.id).cloned() else {
            if self.lw.input.model.variables.contains_key(name) {
                return self.read_path(e, &Path::global(name));
            }
            if self.is_table(e) && matches!(fact.ty, Ty::Record(_) | Ty::Dict { .. } | Ty::Set(_)) {
                return match self.lw.natural(&fact) {
                    Some(ty) => self.table_value(e, name, &ty),
                    None => Err(self.partly(e, "this table as a value")),
                };
            }
            return self.constant(e, name);
        };
        if let Some(path) = self.model.vars.get(&version).and_then(|v| v.alias.clone()) {
            return self.read_path(e, &path);
        }
        let path = Path::root(version.clone());
        if let Some(bound) = self.bounds.iter().rev().find(|b| b.path == path) {
            // A caught exception is its message.
            let fact = match fact.ty {
                Ty::Exception(_) => Fact::of(Ty::Str),
                _ => fact,
            };
            // A counter of what is written out is a number.
            if let (Expr::Atom(text), RTy::Int(_)) = (&bound.expr, &bound.rty)
                && let Ok(value) = text.parse::<i128>()
            {
                return Ok(crate::value::int_val(value));
            }
            let val = Val::new(bound.expr.clone(), bound.rty.clone(), &fact);
            return Ok(val);
        }
        if let Some(name) = self.messages.get(&path).cloned() {
            let ty = self.path_type(&path).unwrap_or(RTy::Unit);
            return Ok(Val::new(Expr::atom(name), ty, &fact));
        }
        let ty = match (&fact.ty, self.var_type(&version)) {
            (Ty::Context, _) => RTy::Context,
            (Ty::Struct(key), None) => RTy::Named(key.clone()),
            (_, Some(ty)) => ty,
            (_, None) => return Err(self.hole(e)),
        };
        if self.is_self(&version) && self.constructor.as_ref().is_some_and(|c| !c.built) {
            return Err(self.partly(e, "the object itself while it is made"));
        }
        let mut expr = Expr::atom(self.var_name(&version));
        if self.is_self(&version)
            && self.constructor.is_none()
            && self.lw.is_copy(&ty)
            && !self.is_enum_method()
        {
            expr = Expr::Deref(Box::new(expr));
        }
        let mut ty = ty;
        let mut fact = fact;
        if ty == RTy::USIZE {
            // Variables of that type count what is in memory.
            fact.range = crate::ranges::Range::Int(
                fact.range.int().meet(IntRange::new(0, i64::MAX as i128)),
            );
        }
        if self.unbound.contains(&version) {
            // Python raises where the variable is not bound yet.
            let RTy::Option(inner) = ty else {
                return Err(self.hole(e));
            };
            let error = self.error(&format!(
                "UnboundLocalError: cannot access local variable '{name}' where it is not associated with a value"
            ));
            expr = if self.lw.is_copy(&inner) {
                expr
            } else {
                expr.method("clone", vec![])
            };
            expr = expr.ok_or(&error);
            ty = *inner;
        }
        // The declared type; the flow may know more.
        let val = Val::declared(expr, ty, &fact);
        self.as_narrowed(val, &fact)
    }

    /// What lies at a path that a name stands for.
    pub(super) fn read_path(&mut self, e: &PyExpr, path: &Path) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some((expr, rty)) = self.path_place(path, false) else {
            return Err(self.hole(e));
        };
        let val = Val::declared(expr, rty, &fact);
        if matches!(fact.ty.narrowed(), Ty::Struct(_) | Ty::Instance(_)) {
            return Ok(val);
        }
        self.as_narrowed(val, &fact)
    }

    /// `python/task.py:12: what`
    pub(super) fn error(&self, what: &str) -> String {
        format!("{}: {what}", self.at())
    }

    /// A number that may be None where it must not: Python's TypeError.
    pub(super) fn present(&self, val: Val) -> Val {
        let RTy::Option(inner) = val.rty.clone() else {
            return val;
        };
        let error = self.error("TypeError (None is no number)");
        // A text stays where it lies.
        let (option, inner) = match (&*inner, val.expr.is_place()) {
            (RTy::String, true) => (val.expr.method("as_deref", vec![]), Box::new(RTy::Str)),
            _ => (val.expr, inner),
        };
        Val {
            expr: option.ok_or(&error),
            rty: *inner,
            ty: val.ty.narrowed(),
            ..val
        }
    }
}

/// Whether it is a list whose elements have no type.
fn unknown(list: &Fact) -> bool {
    matches!(&list.ty, Ty::List { elem, .. } if **elem == Ty::Unknown)
}

/// Whether computing an expression twice is the same as once.
fn is_plain(e: &PyExpr) -> bool {
    match &e.kind {
        ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Bool(_) => true,
        ExprKind::Attribute { value, .. } => is_plain(value),
        ExprKind::Tuple(items) => items.iter().all(is_plain),
        _ => false,
    }
}

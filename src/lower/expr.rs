//! Expressions.

use super::function::FnLower;
use crate::ast::{BoolOp, Expr as PyExpr, ExprKind, UnaryOp};
use crate::catalog::{Helper, Site};
use crate::diagnostic::{Code, Severity};
use crate::infer::{Path, Problem};
use crate::ir::{Block, Expr, RTy, UnOp};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val, float_literal, int_type_range, int_val};
use num_traits::ToPrimitive;

impl<'a> FnLower<'_, 'a> {
    /// The hole of an expression: why, as inference found it.
    pub(super) fn hole(&mut self, e: &PyExpr) -> Expr {
        let found = self
            .lw
            .input
            .model
            .problems
            .get(&e.id)
            .cloned()
            .or_else(|| self.inner_problem(e));
        let (span, problem) = found.unwrap_or_else(|| {
            let ty = self.fact(e.id).ty;
            let problem = match ty {
                Ty::Unknown => {
                    Problem::new(Code::UnknownType, "nothing is known of this value's type")
                }
                // Where another hole made it unusable, that one says why.
                Ty::Conflict(why) => Problem::new(
                    Code::UnknownType,
                    if self.has_unusable_part(e) {
                        String::new()
                    } else {
                        format!("this is {why}")
                    },
                ),
                other => Problem::new(
                    Code::PartlyHandled,
                    format!("this use of {} is not translated", other.describe()),
                ),
            };
            (e.span, problem)
        });
        // A value that is unusable because of another hole needs no diagnostic of its own.
        if problem.message.is_empty() {
            let text = self
                .lw
                .input
                .source
                .slice(span)
                .lines()
                .next()
                .unwrap_or("")
                .to_string();
            // No hole stays without an error that says why.
            let told = |d: &crate::diagnostic::Diagnostic| d.severity() == Severity::Error;
            if !self.lw.diagnostics.iter().any(told) {
                let message = match self.fact(e.id).ty {
                    Ty::Conflict(why) => format!("this is {why}"),
                    _ => "nothing is known of this value's type".to_string(),
                };
                let problem = Problem::new(Code::UnknownType, message);
                return Expr::Hole(self.lw.hole_text(span, &problem));
            }
            return Expr::Hole(format!(
                "{} {}: {text}",
                Code::UnknownType,
                self.lw.input.source.at(span)
            ));
        }
        Expr::Hole(self.lw.hole_text(span, &problem))
    }

    /// The first problem within an expression.
    fn inner_problem(&self, e: &PyExpr) -> Option<(Span, Problem)> {
        struct First<'f, 'l, 'a>(&'f FnLower<'l, 'a>, Option<(Span, Problem)>);
        impl<'ast> crate::ast::visit::Visitor<'ast> for First<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                if self.1.is_none() {
                    self.1 = self.0.lw.input.model.problems.get(&e.id).cloned();
                }
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut first = First(self, None);
        crate::ast::visit::Visitor::visit_expr(&mut first, e);
        first.1
    }

    /// Whether a part of an expression is unusable itself.
    fn has_unusable_part(&self, e: &PyExpr) -> bool {
        struct Parts<'f, 'l, 'a>(&'f FnLower<'l, 'a>, crate::ast::NodeId, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Parts<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 |= e.id != self.1 && self.0.fact(e.id).ty.is_unusable();
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut parts = Parts(self, e.id, matches!(e.kind, ExprKind::Name(_)));
        crate::ast::visit::Visitor::visit_expr(&mut parts, e);
        parts.2
    }

    /// A site for the catalog.
    pub(super) fn site(&self) -> Site {
        Site {
            at: self.at(),
            copied: self.lw.copied.clone(),
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
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
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
            ExprKind::FString(parts) => self.f_string(parts),
            ExprKind::Name(name) => self.name(e, name),
            // It was bound before.
            ExprKind::Named { target, .. } if self.named.contains(&e.id) => {
                self.name(e, &target.name)
            }
            ExprKind::Named { .. } => Err(self.partly(e, "`:=` in this place")),
            ExprKind::Attribute { value, attr } => self.attribute(e, value, &attr.name),
            ExprKind::Subscript { value, index } => self.subscript(e, value, index),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(e, func, args, keywords),
            ExprKind::Unary { op, operand } => self.unary(e, *op, operand),
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
                let b = self.expr(right)?;
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
                Ok(Val::new(
                    Expr::Tuple(exprs),
                    RTy::Tuple(tys),
                    &Fact {
                        ty: Ty::Tuple(facts),
                        ..fact
                    },
                ))
            }
            ExprKind::List(_) => match self.lw.natural(&fact) {
                Some(ty @ (RTy::Vec(_) | RTy::Array(..))) => self.expr_as(e, &ty),
                _ => Err(self.partly(e, "a list whose elements have no one type")),
            },
            ExprKind::Comprehension {
                element, clauses, ..
            } => self.comprehension(e, element, clauses),
            ExprKind::Dict(_) | ExprKind::Set(_) => match self.lw.natural(&fact) {
                Some(ty @ (RTy::Map { .. } | RTy::Set(_) | RTy::Named(_))) => self.expr_as(e, &ty),
                _ => Err(self.partly(e, "a dict or set in this place")),
            },
            ExprKind::Bytes(_)
            | ExprKind::Imaginary(_)
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

    /// An int literal, as the Python writes it where Rust reads the same.
    fn int_text(&self, e: &PyExpr, value: i128) -> Val {
        let text = self.lw.input.source.slice(e.span);
        let keep = text.starts_with("0x") || text.starts_with("0b") || text.contains('_');
        let mut val = int_val(value);
        if keep && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            val.expr = Expr::atom(text);
        }
        val
    }

    /// A float literal, as the Python writes it where Rust reads the same.
    pub(super) fn float_text(&self, e: &PyExpr, value: f64) -> Expr {
        keep_float(self.lw.input.source.slice(e.span), value)
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
        let dies = self.lw.input.model.moved.contains(&e.id);
        self.moving = dies.then(|| version.clone());
        let path = Path::root(version.clone());
        if let Some(bound) = self.bounds.iter().rev().find(|b| b.path == path) {
            // A caught exception is its message.
            let fact = match fact.ty {
                Ty::Exception(_) => Fact::of(Ty::Str),
                _ => fact,
            };
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
        let declared = match &ty {
            RTy::Option(_) => fact.ty.clone().optional(),
            _ => fact.ty.clone(),
        };
        let val = Val::new(
            expr,
            ty,
            &Fact {
                ty: declared,
                ..fact.clone()
            },
        );
        self.as_narrowed(val, &fact)
    }

    /// What lies at a path that a name stands for.
    fn read_path(&mut self, e: &PyExpr, path: &Path) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some((expr, rty)) = self.path_place(path, false) else {
            return Err(self.hole(e));
        };
        let declared = if matches!(rty, RTy::Option(_)) {
            fact.ty.clone().optional()
        } else {
            fact.ty.clone()
        };
        let val = Val::new(
            expr,
            rty,
            &Fact {
                ty: declared,
                ..fact.clone()
            },
        );
        if matches!(fact.ty.narrowed(), Ty::Struct(_) | Ty::Instance(_)) {
            return Ok(val);
        }
        self.as_narrowed(val, &fact)
    }

    fn unary(&mut self, e: &'a PyExpr, op: UnaryOp, operand: &'a PyExpr) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if op == UnaryOp::Not {
            let inner = self.condition_value(operand)?;
            return Ok(Val::bool(self.negated(inner, operand)));
        }
        let val = self.expr(operand)?;
        let val = self.decayed(val);
        let val = self.present(val);
        let range = fact.range.int();
        match (op, &val.ty) {
            (UnaryOp::Pos, Ty::Int | Ty::Float | Ty::Number) => Ok(val),
            (UnaryOp::Neg, Ty::Number) => {
                let problem = Problem::new(
                    Code::PartlyHandled,
                    "`-` of a value that is an int on one path and a float on another: the sign of a zero would differ",
                )
                .with_help("write the int as a float: `0.0` for `0`");
                Err(Expr::Hole(self.lw.hole_text(e.span, &problem)))
            }
            (UnaryOp::Neg, Ty::Float) => {
                let literal = val.literal;
                let expr = negate(val.to_f64());
                Ok(Val {
                    literal,
                    ..Val::new(expr, RTy::F64, &fact)
                })
            }
            (UnaryOp::Neg, Ty::Int) if val.literal => Ok(match range.constant() {
                Some(value) => int_val(value),
                None => val,
            }),
            (UnaryOp::Neg | UnaryOp::Invert, Ty::Int) => {
                let int = crate::value::natural_int(range.join(val.range.int()));
                let error = self.error("an int leaves 64 bits");
                let inner = val.to_int_checked(int, &error);
                let fits = range.within(int_type_range(int));
                let expr = match (op, fits) {
                    (UnaryOp::Invert, _) => Expr::Unary(UnOp::Not, Box::new(inner)),
                    (_, true) => Expr::Unary(UnOp::Neg, Box::new(inner)),
                    (_, false) => inner.method("checked_neg", vec![]).ok_or(&error),
                };
                Ok(Val::int(expr, int, range.meet(int_type_range(int))))
            }
            (UnaryOp::Neg | UnaryOp::Pos | UnaryOp::Invert, Ty::Bool) => {
                let one = Expr::call("i64::from", vec![val.expr]);
                let expr = match op {
                    UnaryOp::Neg => Expr::Unary(UnOp::Neg, Box::new(one)),
                    UnaryOp::Invert => Expr::Unary(UnOp::Not, Box::new(one)),
                    UnaryOp::Pos | UnaryOp::Not => one,
                };
                Ok(Val::int(expr, IntTy::I64, range))
            }
            _ => Err(self.hole(e)),
        }
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
        Val {
            expr: val.expr.ok_or(&error),
            rty: *inner,
            ty: val.ty.narrowed(),
            ..val
        }
    }

    /// `a and b`, `a or b` as a value: one of the operands.
    fn logical(&mut self, e: &'a PyExpr, op: BoolOp, values: &'a [PyExpr]) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let all_bool = values.iter().all(|v| self.fact(v.id).ty == Ty::Bool);
        if all_bool {
            return Ok(Val::bool(self.condition_value(e)?));
        }
        let Some(target) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        let Some((last, before)) = values.split_last() else {
            return Err(self.hole(e));
        };
        self.conditional += 1;
        let result = self
            .expr_as(last, &target)
            .and_then(|v| self.coerce(v, &target, last.span, "the value"));
        self.conditional -= 1;
        let mut result = result?;
        for (i, value) in before.iter().enumerate().rev() {
            self.conditional += usize::from(i > 0);
            let val = self.expr(value);
            self.conditional -= usize::from(i > 0);
            let val = val?;
            // Only the first operand is evaluated in any case.
            self.conditional += usize::from(i > 0);
            let chosen = self.choose(e, op, val, result, &target);
            self.conditional -= usize::from(i > 0);
            result = chosen?;
        }
        Ok(Val::new(result, target, &fact))
    }

    fn choose(
        &mut self,
        e: &PyExpr,
        op: BoolOp,
        val: Val,
        other: Expr,
        target: &RTy,
    ) -> Result<Expr, Expr> {
        if let (RTy::Option(inner), BoolOp::Or, false) =
            (&val.rty, op, matches!(target, RTy::Option(_)))
        {
            // `x or d` with an x that may be None: None and zero both give d.
            let looked_at =
                matches!(**inner, RTy::String | RTy::Vec(_)) && super::store::is_place(&val.expr);
            let (subject, rty) = match looked_at {
                true => (
                    val.expr.clone().method("as_ref", vec![]),
                    RTy::Ref(inner.clone()),
                ),
                false => (val.expr.clone(), (**inner).clone()),
            };
            let x = Val {
                expr: Expr::atom("x"),
                rty,
                ty: val.ty.narrowed(),
                literal: false,
                ..val.clone()
            };
            let Some(guard) = x.truth() else {
                return Err(self.partly(e, "`or` of this value"));
            };
            let value = self.coerce(x, target, e.span, "the value")?;
            let arms = vec![
                crate::ir::Arm {
                    pattern: "Some(x)".into(),
                    guard: Some(guard),
                    body: Block::value(value),
                },
                crate::ir::Arm {
                    pattern: "_".into(),
                    guard: None,
                    body: Block::value(other),
                },
            ];
            return Ok(Expr::Match {
                subject: Box::new(subject),
                arms,
            });
        }
        let val = if val.expr.is_simple() || self.conditional > 0 {
            val
        } else {
            self.hoist(val, "value", e.span)
        };
        if !val.expr.is_simple() {
            // Evaluated where it is needed, in a block of its own.
            let init = Some(val.expr.clone());
            let held = Val {
                expr: Expr::atom("value"),
                literal: false,
                ..val
            };
            let chosen = self.choose(e, op, held, other, target)?;
            let stmt = crate::ir::Stmt::new(crate::ir::StmtKind::Let {
                name: "value".into(),
                mutable: false,
                ty: None,
                init,
            });
            return Ok(Expr::Block(Block {
                stmts: vec![stmt],
                value: Some(Box::new(chosen)),
            }));
        }
        let Some(truth) = val.truth() else {
            return Err(self.partly(e, "`and` or `or` of this value"));
        };
        let value = self.coerce(val, target, e.span, "the value")?;
        let (then, otherwise) = if op == BoolOp::Or {
            (value, other)
        } else {
            (other, value)
        };
        Ok(Expr::If {
            cond: Box::new(truth),
            then: Block::value(then),
            otherwise: Some(Block::value(otherwise)),
        })
    }

    /// `value[index]`
    fn subscript(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if let (ExprKind::Attribute { value: base, .. }, Ty::Str) = (&value.kind, &fact.ty)
            && matches!(self.fact(base.id).ty, Ty::Exception(_))
        {
            // `e.args[0]`
            return self.expr(base);
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
            Ty::Tuple(items) => {
                let base = self.expr(value)?;
                if let RTy::Array(..) = base.rty.peel() {
                    let at = self.expr(index)?;
                    let at = self.decayed(at);
                    let Some((expr, rty)) = self.item(base, at) else {
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
                Ok(Val::new(base.expr.field(i.to_string()), ty, &fact))
            }
            Ty::Record(_) if self.path_of(e).is_some() => match self.path_of(e) {
                Some(path) => self.read_path(e, &path),
                None => Err(self.hole(e)),
            },
            Ty::Record(_) if !self.is_table(value) => {
                let ExprKind::Str(key) = &index.kind else {
                    return Err(self.hole(e));
                };
                let (base, rty) = self.place(value, false)?;
                let Some(class) = self.lw.class_of(&rty) else {
                    return Err(self.hole(e));
                };
                let Some(ty) = self.lw.class_field(&class, key) else {
                    return Err(self.hole(e));
                };
                let place = base.field(super::records::field(key));
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
                if let Some((place, elem)) = self.item_within(&base, value, index) {
                    let (place, elem) = match self.lw.is_copy(&elem) {
                        true => (place, elem),
                        false => (Expr::Ref(Box::new(place)), RTy::Ref(Box::new(elem))),
                    };
                    return self.as_narrowed(Val::new(place, elem, &fact), &fact);
                }
                let at = self.expr(index)?;
                let at = self.decayed(at);
                if super::strings::pieces(&base.expr).is_some() && self.calls_own(&at.expr) {
                    return Err(self.partly(e, "a part of a text by what a call gives"));
                }
                if let Some(part) = self.text_part(&base, &at, &fact) {
                    return Ok(part);
                }
                let base = match super::strings::pieces(&base.expr) {
                    Some(parts) => {
                        let parts = parts.clone().method("collect::<Vec<_>>", vec![]);
                        let list = RTy::Vec(Box::new(RTy::Str));
                        let base_fact = self.fact(value.id);
                        self.hoist(Val::new(parts, list, &base_fact), "parts", e.span)
                    }
                    None => base,
                };
                let read = self.read_item(&base, &at);
                let Some((expr, rty)) = read.or_else(|| self.item(base, at)) else {
                    return Err(self.hole(e));
                };
                let val = Val::new(expr, rty, &fact);
                self.as_narrowed(val, &fact)
            }
            _ => Err(self.hole(e)),
        }
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
        let error = self.error("IndexError: list index out of range");
        let item = found.ok_or(&error);
        Some(if self.lw.is_copy(&elem) {
            (Expr::Deref(Box::new(item)), elem)
        } else {
            (item, RTy::Ref(Box::new(elem)))
        })
    }

    /// The place of an element, with Python's IndexError where it may be out of range.
    pub(super) fn item(&mut self, base: Val, at: Val) -> Option<(Expr, RTy)> {
        let (elem, len) = match base.rty.peel() {
            RTy::Array(elem, len) => ((**elem).clone(), Some(*len)),
            RTy::Vec(elem) | RTy::Slice(elem) => ((**elem).clone(), None),
            _ => return None,
        };
        let range = at.range.int();
        let error = self.error("IndexError: list index out of range");
        if let Some(len) = len {
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

    /// Whether the function reads a list whose items it writes.
    fn reads_items(&self, path: &Path) -> bool {
        struct Reads<'f, 'l, 'a>(
            &'f FnLower<'l, 'a>,
            &'f Path,
            bool,
            Option<crate::ast::NodeId>,
        );
        impl<'ast> crate::ast::visit::Visitor<'ast> for Reads<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast crate::ast::Stmt) {
                if let crate::ast::StmtKind::Assign { targets, value } = &stmt.kind {
                    self.visit_expr(value);
                    for target in targets {
                        match &target.kind {
                            ExprKind::Subscript { value, index } => {
                                self.3 = Some(value.id);
                                self.visit_expr(value);
                                self.3 = None;
                                self.visit_expr(index);
                            }
                            ExprKind::Attribute { .. } => {}
                            _ => self.visit_expr(target),
                        }
                    }
                    return;
                }
                crate::ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.2 |= self.3 != Some(e.id) && self.0.path_of(e).as_ref() == Some(self.1);
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut reads = Reads(self, path, false, None);
        crate::ast::visit::Visitor::visit_block(&mut reads, &self.function.body);
        reads.2
    }

    /// `base[index] = value`
    pub(super) fn store_item(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        if self.lw.input.model.problems.contains_key(&base.id) {
            return Err(self.hole(base));
        }
        if let (Ty::Record(_), ExprKind::Str(key)) = (self.fact(base.id).ty.narrowed(), &index.kind)
        {
            return self.store_entry(base, key, val, at);
        }
        if matches!(
            self.fact(base.id).ty.narrowed(),
            Ty::Dict { .. } | Ty::Deque { .. }
        ) {
            return self.store_collection_item(base, index, val, at);
        }
        if let Some(path) = self.path_of(base).filter(|p| self.is_output_path(p))
            && let Some((_, list_ty)) = self.path_place(&path, true)
            && matches!(list_ty.peel(), RTy::Vec(elem) | RTy::Array(elem, _) if **elem == RTy::F32)
            && self.reads_items(&path)
        {
            let problem = Problem::new(Code::PartlyHandled, format!("`{}` is written and read in one call: its elements are f32, which rounds what Python keeps", self.path_text(&path)))
                .with_help("keep the values in a list of your own, and assign it at the end");
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        // Python has the value before it looks at the place.
        let ordered = self.may_act(index) || self.may_act(base) || self.calls_own(&val.expr);
        let val = match (ordered, val.expr.can_fail() || self.calls_own(&val.expr)) {
            (true, true) => self.hoist(val, "value", at),
            _ => val,
        };
        let (place, elem) = self.list_item_place(base, index, at)?;
        let value = self.coerce(val, &elem, at, "an element")?;
        self.emit_assign(at, place, value);
        Ok(())
    }

    /// Whether evaluating an expression does something that can be seen.
    fn may_act(&self, e: &PyExpr) -> bool {
        struct Calls(bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Calls {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.0 |= matches!(e.kind, ExprKind::Call { .. });
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut calls = Calls(false);
        crate::ast::visit::Visitor::visit_expr(&mut calls, e);
        calls.0
    }
}

/// Where nothing says that a `String` is wanted, `.into()` is not enough.
fn owned_text(e: Expr) -> Expr {
    match e {
        Expr::Method(receiver, name, args) if name == "into" => {
            Expr::Method(receiver, "to_string".into(), args)
        }
        other => other,
    }
}

/// `-e`, folded into a literal.
fn negate(e: Expr) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::NegLit(format!("-{text}"))
        }
        other => Expr::Unary(UnOp::Neg, Box::new(other)),
    }
}

/// The text of a Python float literal where Rust reads the same value, else Rust's own.
pub(super) fn keep_float(text: &str, value: f64) -> Expr {
    let well_formed = value.is_finite()
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+' | '_'))
        && !text.contains(".e")
        && (text.contains('.') || text.contains('e'));
    if well_formed
        && text
            .replace('_', "")
            .parse::<f64>()
            .is_ok_and(|v| v.to_bits() == value.to_bits())
    {
        Expr::Atom(text.to_string())
    } else {
        float_literal(value)
    }
}

//! Module-level constants.

use super::Lowerer;
use super::function::FnLower;
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind, StmtKind as PyKind, UnaryOp};
use crate::infer::fold::{Folded, Names, fold};
use crate::ir::{self, BinOp, Block, Expr, RTy, UnOp};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val, float_literal, int_literal, int_type_range, natural_int};

impl<'a> FnLower<'_, 'a> {
    /// Reads a constant of the module, or of an imported one.
    pub(super) fn constant(&mut self, e: &PyExpr, name: &str) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if let Some(full) = self.lw.input.model.imported.get(name)
            && let Some(path) = crate::catalog::constant_path(full)
        {
            return Ok(Val::f64(Expr::atom(path), fact.range.float()));
        }
        let table = name.split('[').next().unwrap_or(name);
        if !self.lw.input.model.consts.contains_key(table) {
            return Err(self.hole(e));
        }
        let Some(rty) = self.lw.const_type(name) else {
            return Err(self.partly(e, &format!("the constant `{name}`")));
        };
        if self.lw.entry_clashes(name) {
            return Err(self.partly(
                e,
                &format!("the entry `{name}`, whose name is another's too,"),
            ));
        }
        self.lw.consts_used.insert(name.to_string());
        self.lw.use_types(&rty);
        let rust = rust_const(name);
        Ok(match &rty {
            RTy::Int(int) => Val {
                rty: rty.clone(),
                ..Val::int(
                    Expr::ConstInt {
                        name: rust,
                        want: rty.clone(),
                    },
                    *int,
                    fact.range.int(),
                )
            },
            _ => Val::new(Expr::atom(rust), rty, &fact),
        })
    }
}

/// The name of a constant in Rust.
fn rust_const(name: &str) -> String {
    let letters: String = name
        .trim_end_matches(']')
        .replace("][", "_")
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    letters.to_uppercase()
}

impl<'a> Lowerer<'a> {
    /// The expression that a constant is assigned; `TABLE[key]` is an entry of a dict.
    pub(super) fn const_value(&self, name: &str) -> Option<&'a PyExpr> {
        if let Some((table, key)) = name.strip_suffix(']').and_then(|n| n.rsplit_once('[')) {
            let ExprKind::Dict(items) = &self.const_value(table)?.kind else {
                return None;
            };
            // Of a key that is given twice the last one counts.
            return items
                .iter()
                .rev()
                .find_map(|(k, v)| match k.as_ref().map(|k| &k.kind) {
                    Some(ExprKind::Str(text)) if text == key => Some(v),
                    _ => None,
                });
        }
        self.input.module.body.stmts.iter().find_map(|stmt| {
            let (targets, value): (Vec<&PyExpr>, &PyExpr) = match &stmt.kind {
                PyKind::Assign { targets, value } => (targets.iter().collect(), value),
                PyKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => (vec![target], value),
                _ => return None,
            };
            targets
                .into_iter()
                .find_map(|target| find_target(target, value, name))
        })
    }

    /// Whether the constant of an entry would have the name of another entry's.
    fn entry_clashes(&self, name: &str) -> bool {
        let Some((table, _)) = name.split_once('[') else {
            return false;
        };
        let Some(ExprKind::Dict(items)) = self.const_value(table).map(|v| &v.kind) else {
            return false;
        };
        let mut seen: Vec<(String, &str)> = Vec::new();
        items
            .iter()
            .any(|(key, _)| match key.as_ref().map(|k| &k.kind) {
                Some(ExprKind::Str(text)) => {
                    let rust = rust_const(&format!("{table}[{text}]"));
                    let clash = seen.iter().any(|(r, t)| *r == rust && *t != text.as_str());
                    seen.push((rust, text));
                    clash
                }
                _ => false,
            })
    }

    /// The entries of a constant table as constant expressions, and their one type. Of a key
    /// that is given twice the last value counts.
    pub(super) fn table_entries(&mut self, table: &str) -> Option<(Vec<(&'a PyExpr, Expr)>, RTy)> {
        let ExprKind::Dict(items) = &self.const_value(table)?.kind else {
            return None;
        };
        let fact = &self.input.model.consts.get(table)?.fact;
        let value_ty = match fact.ty.as_dict() {
            Ty::Dict { value, .. } => *value,
            _ => return None,
        };
        if value_ty.holds_any(&self.input.model.changed) {
            return None;
        }
        if let Ty::Instance(class) = &value_ty {
            return self.table_of_instances(items, class);
        }
        let ty = match &value_ty {
            Ty::Record(_) => self.record_type(&value_ty)?,
            _ => {
                let tys: Option<Vec<RTy>> = items
                    .iter()
                    .map(|(_, v)| self.type_of_constant(v, &self.input.model.module.fact(v.id)))
                    .collect();
                one_type(tys?)?
            }
        };
        let mut out: Vec<(&'a PyExpr, Expr)> = Vec::new();
        for (key, value) in items {
            let key = key.as_ref()?;
            let (expr, _) = self.const_expr(value, &ty)?;
            names_in(value, &mut |n| {
                let float = |c: &crate::infer::Const| c.fact.ty == Ty::Float;
                if self.input.model.consts.get(n).is_some_and(float) {
                    self.consts_used.insert(n.to_string());
                }
            });
            let text = self.input.source.slice(key.span);
            let same = |k: &PyExpr| self.input.source.slice(k.span) == text;
            match out.iter_mut().find(|(k, _)| same(k)) {
                Some(slot) => slot.1 = expr,
                None => out.push((key, expr)),
            }
        }
        (!out.is_empty()).then_some((out, ty))
    }

    /// The entries of a table of instances that nobody changes: each is made anew.
    fn table_of_instances(
        &mut self,
        items: &'a [(Option<PyExpr>, PyExpr)],
        class: &str,
    ) -> Option<(Vec<(&'a PyExpr, Expr)>, RTy)> {
        if self.input.model.classes.get(class)?.mutated {
            return None;
        }
        let ty = self.class_type(class);
        let mut out = Vec::new();
        for (key, value) in items {
            let expr = super::function::module_value(self, value, &ty);
            if expr.can_fail() || matches!(expr, Expr::Hole(_)) {
                return None;
            }
            out.push((key.as_ref()?, expr));
        }
        let mut texts: Vec<&str> = out
            .iter()
            .map(|(key, _)| self.input.source.slice(key.span))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        (texts.len() == out.len() && !out.is_empty()).then_some((out, ty))
    }

    /// Where the Python makes a table.
    pub(super) fn table_span(&self, table: &str) -> Option<Span> {
        self.const_value(table)
            .map(|value| self.first_line(value.span))
    }

    /// The name of a table's function.
    pub(super) fn table_name(&self, table: &str, suffix: &str) -> String {
        let mut name = format!(
            "{}_{suffix}",
            super::vars::snake_case(&table.to_lowercase())
        );
        let taken = |name: &str| {
            self.functions.contains_key(name)
                || crate::catalog::Helper::ALL.iter().any(|h| h.name() == name)
                || self.input.model.functions.iter().any(|f| {
                    f.vars
                        .keys()
                        .any(|v| crate::infer::scope::plain_name(v) == name)
                })
        };
        while taken(&name) {
            name.push('_');
        }
        name
    }

    /// The Rust type of a constant; none where it has no constant value.
    fn const_type(&self, name: &str) -> Option<RTy> {
        let value = self.const_value(name)?;
        match self.input.model.consts.get(name) {
            Some(constant) => self.type_of_constant(value, &constant.fact),
            None => self.type_of_constant(value, &self.input.model.module.fact(value.id)),
        }
    }

    /// The Rust type and value of a constant expression.
    pub(super) fn constant_of(&self, value: &PyExpr, fact: &Fact) -> Option<(RTy, Expr)> {
        let ty = self.type_of_constant(value, fact)?;
        let (expr, _) = self.const_expr(value, &ty)?;
        Some((ty, expr))
    }

    fn type_of_constant(&self, value: &PyExpr, fact: &Fact) -> Option<RTy> {
        match &fact.ty {
            Ty::Int => {
                self.value(value)?;
                Some(RTy::Int(natural_int(fact.range.int())))
            }
            Ty::Float => self.value(value).map(|_| RTy::F64),
            Ty::Bool => self.value(value).map(|_| RTy::Bool),
            Ty::Str => self.const_text(value).map(|_| RTy::Str),
            Ty::List { .. } => {
                let items = match &value.kind {
                    ExprKind::List(items) | ExprKind::Tuple(items) => items,
                    _ => return type_of_value(&self.value(value)?),
                };
                if let Ty::List { elem, .. } = &fact.ty
                    && let Ty::Record(_) = **elem
                {
                    let elem = self.record_type(elem)?;
                    let constant = items.iter().all(|i| self.const_expr(i, &elem).is_some());
                    return constant.then(|| RTy::Array(Box::new(elem), items.len()));
                }
                let tys: Option<Vec<RTy>> = items
                    .iter()
                    .map(|i| self.type_of_constant(i, &self.input.model.module.fact(i.id)))
                    .collect();
                let elem = one_type(tys?)?;
                Some(RTy::Array(Box::new(elem), items.len()))
            }
            Ty::Tuple(_) => {
                let ExprKind::Tuple(items) = &value.kind else {
                    return type_of_value(&self.value(value)?);
                };
                let tys: Option<Vec<RTy>> = items
                    .iter()
                    .map(|i| self.type_of_constant(i, &self.input.model.module.fact(i.id)))
                    .collect();
                let tys = tys?;
                let alike = tys.iter().all(|t| matches!(t, RTy::Int(_) | RTy::Float(_)))
                    || tys.iter().all(|t| *t == RTy::Str);
                match one_type(tys.clone()).filter(|_| alike && items.len() > 2) {
                    Some(elem) => Some(RTy::Array(Box::new(elem), items.len())),
                    None => Some(RTy::Tuple(tys)),
                }
            }
            Ty::Member(class) => {
                matches!(value.kind, ExprKind::Attribute { .. }).then(|| self.class_type(class))
            }
            Ty::Record(_) => {
                let ty = self.record_type(&fact.ty)?;
                self.const_expr(value, &ty).is_some().then_some(ty)
            }
            _ => None,
        }
    }

    /// The value of a constant expression, computed as Python does.
    fn value(&self, e: &PyExpr) -> Option<Folded> {
        fold(e, self)
    }

    /// The constant's value in Rust: as the Python writes it where that reads the same.
    fn const_expr(&self, e: &PyExpr, ty: &RTy) -> Option<(Expr, bool)> {
        match (&e.kind, ty) {
            (ExprKind::List(items) | ExprKind::Tuple(items), RTy::Array(elem, _)) => {
                let items: Option<Vec<Expr>> = items
                    .iter()
                    .map(|i| self.const_expr(i, elem).map(|(e, _)| e))
                    .collect();
                Some((Expr::Array(items?), true))
            }
            (ExprKind::Tuple(items), RTy::Tuple(tys)) => {
                let items: Option<Vec<Expr>> = items
                    .iter()
                    .zip(tys)
                    .map(|(i, t)| self.const_expr(i, t).map(|(e, _)| e))
                    .collect();
                Some((Expr::Tuple(items?), true))
            }
            (ExprKind::Attribute { value, attr }, RTy::Named(_)) => {
                let class = self.class_of(ty)?;
                let members = &self.input.model.classes.get(&class)?.members;
                let known = matches!(self.input.model.module.fact(value.id).ty, Ty::Class(_))
                    && members.iter().any(|(name, _)| *name == attr.name);
                let variant = super::classes::variant(&attr.name);
                let path = format!("{}::{variant}", self.class_name(&class));
                known.then(|| (Expr::atom(path), true))
            }
            (ExprKind::Dict(items), RTy::Named(_)) => {
                let class = self.class_of(ty).filter(|class| self.is_record(class))?;
                let mut fields: Vec<(String, Expr)> = Vec::new();
                for (key, value) in items {
                    let Some(ExprKind::Str(key)) = key.as_ref().map(|k| &k.kind) else {
                        return None;
                    };
                    let ty = self.class_field(&class, key)?;
                    let (expr, _) = self.const_expr(value, &ty)?;
                    let name = super::records::field(key);
                    match fields.iter_mut().find(|(n, _)| *n == name) {
                        Some(slot) => slot.1 = expr,
                        None => fields.push((name, expr)),
                    }
                }
                let all = self.input.model.classes.get(&class)?.fields.len();
                let literal = Expr::Struct {
                    name: self.class_name(&class),
                    fields,
                    base: None,
                };
                matches!(&literal, Expr::Struct { fields, .. } if fields.len() == all)
                    .then_some((literal, true))
            }
            (ExprKind::Bool(value), RTy::Bool) => Some((Expr::atom(value.to_string()), true)),
            (_, RTy::Bool | RTy::Array(..) | RTy::Tuple(_)) => {
                Some((value_as(&self.value(e)?, ty)?, false))
            }
            (_, RTy::Str) => self.const_text(e).map(|expr| (expr, true)),
            (_, RTy::Float(_)) => {
                if let Some(expr) = self.written_float(e) {
                    return Some((expr, true));
                }
                match self.value(e)? {
                    Folded::Int(v) => Some((float_literal(v as f64), true)),
                    Folded::Float(v) => Some((float_literal(v), false)),
                    Folded::Bool(_) | Folded::Tuple(_) | Folded::List(_) => None,
                }
            }
            (_, RTy::Int(int)) => match self.value(e)? {
                Folded::Int(_) if matches!(e.kind, ExprKind::Binary { .. }) => self
                    .written_int(e, *int)
                    .map(|expr| (expr, true))
                    .or_else(|| Some((value_as(&self.value(e)?, ty)?, false))),
                Folded::Int(value) => {
                    let text = self.input.source.slice(e.span);
                    let keep =
                        (text.starts_with("0x") || text.starts_with("0b") || text.contains('_'))
                            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                    let literal = matches!(e.kind, ExprKind::Int(_) | ExprKind::Unary { .. });
                    Some((
                        if keep {
                            Expr::atom(text)
                        } else {
                            int_literal(value)
                        },
                        literal,
                    ))
                }
                Folded::Float(_) | Folded::Bool(_) | Folded::Tuple(_) | Folded::List(_) => None,
            },
            _ => None,
        }
    }

    /// An int expression of literals, constants and operators, as it is written: where
    /// nothing on the way leaves the type.
    fn written_int(&self, e: &PyExpr, int: IntTy) -> Option<Expr> {
        let Folded::Int(value) = self.value(e)? else {
            return None;
        };
        if !int_type_range(int).contains(value) {
            return None;
        }
        match &e.kind {
            ExprKind::Int(_) => Some(int_literal(value)),
            ExprKind::Name(name) => {
                let RTy::Int(_) = self.const_type(name)? else {
                    return None;
                };
                Some(Expr::ConstInt {
                    name: rust_const(name),
                    want: RTy::Int(int),
                })
            }
            ExprKind::Binary { op, left, right } => {
                let bin = match op {
                    BinaryOp::Add => BinOp::Add,
                    BinaryOp::Sub => BinOp::Sub,
                    BinaryOp::Mul => BinOp::Mul,
                    BinaryOp::FloorDiv if self.are_positive(left, right) => BinOp::Div,
                    BinaryOp::Shl if self.are_positive(left, right) => BinOp::Shl,
                    _ => return None,
                };
                let (left, right) = (self.written_int(left, int)?, self.written_int(right, int)?);
                Some(left.binary(bin, right))
            }
            _ => None,
        }
    }

    /// A text, or the constant that is one.
    fn const_text(&self, e: &PyExpr) -> Option<Expr> {
        match &e.kind {
            ExprKind::Str(text) => Some(Expr::Atom(format!("{text:?}"))),
            ExprKind::Name(name) => {
                let fact = &self.input.model.consts.get(name)?.fact;
                (fact.ty == Ty::Str && self.const_type(name).is_some())
                    .then(|| Expr::atom(rust_const(name)))
            }
            _ => None,
        }
    }

    fn are_positive(&self, a: &PyExpr, b: &PyExpr) -> bool {
        let positive = |e| matches!(self.value(e), Some(Folded::Int(v)) if v > 0);
        positive(a) && positive(b)
    }

    /// A float expression of literals, constants and operators, as it is written.
    fn written_float(&self, e: &PyExpr) -> Option<Expr> {
        match &e.kind {
            ExprKind::Float(value) => Some(super::expr::keep_float(
                self.input.source.slice(e.span),
                *value,
            )),
            ExprKind::Int(_) => match self.value(e)? {
                Folded::Int(v) if v.unsigned_abs() <= 1 << 53 => Some(float_literal(v as f64)),
                _ => None,
            },
            ExprKind::Name(name) => {
                if let Some(path) = self
                    .input
                    .model
                    .imported
                    .get(name)
                    .and_then(|full| crate::catalog::constant_path(full))
                {
                    return Some(Expr::atom(path));
                }
                match self.const_type(name)? {
                    RTy::Float(_) => Some(Expr::atom(rust_const(name))),
                    RTy::Int(_) => match self.value(e)? {
                        Folded::Int(v) if v.unsigned_abs() <= 1 << 53 => Some(Expr::ConstInt {
                            name: rust_const(name),
                            want: RTy::F64,
                        }),
                        _ => None,
                    },
                    _ => None,
                }
            }
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(module) => {
                    let module = self.input.model.modules.get(module)?;
                    crate::catalog::constant_path(&format!("{module}.{}", attr.name))
                        .map(Expr::atom)
                }
                _ => None,
            },
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
            } => match self.written_float(operand)? {
                Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                    Some(Expr::NegLit(format!("-{text}")))
                }
                other => Some(Expr::Unary(UnOp::Neg, Box::new(other))),
            },
            ExprKind::Binary { op, left, right } => {
                let bin = match op {
                    BinaryOp::Add => BinOp::Add,
                    BinaryOp::Sub => BinOp::Sub,
                    BinaryOp::Mul => BinOp::Mul,
                    BinaryOp::Div => BinOp::Div,
                    _ => return None,
                };
                let ints = |e: &PyExpr| matches!(self.value(e), Some(Folded::Int(_)));
                // Two ints are added exactly before they become a float.
                if ints(left)
                    && ints(right)
                    && (*op != BinaryOp::Div || !literal(left) || !literal(right))
                {
                    return None;
                }
                self.value(e)?;
                Some(
                    self.written_float(left)?
                        .binary(bin, self.written_float(right)?),
                )
            }
            _ => None,
        }
    }
}

/// The type that all of them are; ints among floats become floats.
fn one_type(tys: Vec<RTy>) -> Option<RTy> {
    let mut tys = tys.into_iter();
    let first = tys.next()?;
    tys.try_fold(first, |a, b| match (&a, &b) {
        _ if a == b => Some(a),
        (RTy::Int(_), RTy::Float(_)) | (RTy::Float(_), RTy::Int(_)) => Some(RTy::F64),
        (RTy::Int(_), RTy::Int(_)) => Some(RTy::I64),
        (RTy::Tuple(x), RTy::Tuple(y)) if x.len() == y.len() => {
            let items: Option<Vec<RTy>> = x
                .iter()
                .zip(y)
                .map(|(x, y)| one_type(vec![x.clone(), y.clone()]))
                .collect();
            items.map(RTy::Tuple)
        }
        _ => None,
    })
}

fn literal(e: &PyExpr) -> bool {
    matches!(e.kind, ExprKind::Int(_) | ExprKind::Float(_))
}

fn find_target<'a>(target: &PyExpr, value: &'a PyExpr, name: &str) -> Option<&'a PyExpr> {
    match (&target.kind, &value.kind) {
        (ExprKind::Name(n), _) if n == name => Some(value),
        (ExprKind::Tuple(targets), ExprKind::Tuple(values)) if targets.len() == values.len() => {
            targets
                .iter()
                .zip(values)
                .find_map(|(t, v)| find_target(t, v, name))
        }
        _ => None,
    }
}

impl Names for Lowerer<'_> {
    fn value(&self, name: &str) -> Option<Folded> {
        self.input.model.consts.get(name)?.value.clone()
    }

    fn full_name(&self, callee: &PyExpr) -> Option<String> {
        let model = &self.input.model;
        model.full_name(callee, |name| {
            self.functions.contains_key(name) || model.classes.contains_key(name)
        })
    }
}

/// The Rust type of a constant's value.
fn type_of_value(value: &Folded) -> Option<RTy> {
    Some(match value {
        Folded::Bool(_) => RTy::Bool,
        Folded::Int(value) => RTy::Int(natural_int(IntRange::exactly(*value))),
        Folded::Float(_) => RTy::F64,
        Folded::Tuple(items) => {
            let tys: Option<Vec<RTy>> = items.iter().map(type_of_value).collect();
            let tys = tys?;
            let numbers = tys.iter().all(|t| matches!(t, RTy::Int(_) | RTy::Float(_)));
            match one_type(tys.clone()).filter(|_| numbers && items.len() > 2) {
                Some(elem) => RTy::Array(Box::new(elem), items.len()),
                None => RTy::Tuple(tys),
            }
        }
        Folded::List(items) => {
            let tys: Option<Vec<RTy>> = items.iter().map(type_of_value).collect();
            RTy::Array(Box::new(one_type(tys?)?), items.len())
        }
    })
}

/// A constant's value in Rust.
fn value_as(value: &Folded, ty: &RTy) -> Option<Expr> {
    Some(match (value, ty) {
        (Folded::Bool(value), RTy::Bool) => Expr::atom(value.to_string()),
        (Folded::Int(value), RTy::Int(_)) => int_literal(*value),
        (Folded::Int(value), RTy::Float(_)) => float_literal(*value as f64),
        (Folded::Float(value), RTy::Float(_)) => float_literal(*value),
        (Folded::Tuple(items) | Folded::List(items), RTy::Array(elem, _)) => {
            let items: Option<Vec<Expr>> = items.iter().map(|i| value_as(i, elem)).collect();
            let items = items?;
            match items.split_first() {
                Some((first, rest)) if rest.len() > 3 && rest.iter().all(|i| i == first) => {
                    let len = Expr::atom(items.len().to_string());
                    Expr::Repeat(Box::new(first.clone()), Box::new(len))
                }
                _ => Expr::Array(items),
            }
        }
        (Folded::Tuple(items), RTy::Tuple(tys)) => {
            let items = items.iter().zip(tys).map(|(i, t)| value_as(i, t));
            Expr::Tuple(items.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// Emits the constants that are used, each in the type that its uses want.
pub(super) fn settle(lw: &mut Lowerer<'_>) {
    // A constant's value may name others.
    let mut used = lw.consts_used.clone();
    loop {
        let before = used.len();
        for name in used.clone() {
            if let Some(value) = lw.const_value(&name) {
                names_in(value, &mut |n| {
                    if lw
                        .input
                        .model
                        .consts
                        .get(n)
                        .is_some_and(|c| matches!(c.fact.ty, Ty::Float | Ty::Int))
                    {
                        used.insert(n.to_string());
                    }
                });
            }
        }
        if used.len() == before {
            break;
        }
    }
    let mut values = Vec::new();
    let mut consts: Vec<ir::Const> = Vec::new();
    for stmt in &lw.input.module.body.stmts {
        let targets: Vec<&PyExpr> = match &stmt.kind {
            PyKind::Assign { targets, .. } => targets.iter().collect(),
            PyKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => vec![target],
            _ => continue,
        };
        let mut names = Vec::new();
        targets.iter().for_each(|t| target_names(t, &mut names));
        let mut first = true;
        // The entries of a dict that are read are constants of their own.
        let mut all: Vec<String> = Vec::new();
        for name in names {
            let entries = used
                .iter()
                .filter(|u| u.starts_with(&format!("{name}[")))
                .cloned();
            all.push(name.clone());
            all.extend(entries);
        }
        for name in all {
            if !used.contains(&name) {
                continue;
            }
            let (Some(value), Some(ty)) = (lw.const_value(&name), lw.const_type(&name)) else {
                continue;
            };
            let Some((expr, written)) = lw.const_expr(value, &ty) else {
                continue;
            };
            let mut comment = stmt
                .line_comment
                .as_ref()
                .map(|c| c.text.clone())
                .filter(|_| first);
            if !written {
                let python = lw.input.source.slice(value.span).to_string();
                comment = Some(comment.map_or(python.clone(), |c| format!("{python}: {c}")));
            }
            let rust = rust_const(&name);
            values.push((name.clone(), value));
            consts.push(ir::Const {
                span: Span::new(stmt.span.start, stmt.span.end),
                comments: if first {
                    stmt.comments.iter().map(|c| c.text.clone()).collect()
                } else {
                    Vec::new()
                },
                line_comment: comment,
                blank_before: stmt.blank_before && first && !consts.is_empty(),
                name: rust,
                attributes: Vec::new(),
                ty,
                value: expr,
            });
            first = false;
        }
    }
    lw.task.consts = consts;
    finish(lw, &values);
}

/// Gives each constant the type that its uses want, and leaves out those that only stood in
/// what was computed. The last ones first: a constant uses those before it.
fn finish(lw: &mut Lowerer<'_>, values: &[(String, &PyExpr)]) {
    for (at, (name, value)) in values.iter().enumerate().rev() {
        let rust = rust_const(name);
        if !lw.consts_used.contains(name) && !lw.is_mentioned(&rust) {
            let comments = lw.task.consts.remove(at).comments;
            if let Some(next) = lw.task.consts.get_mut(at) {
                next.comments.splice(0..0, comments);
            }
            continue;
        }
        let wants = lw.wanted(&rust);
        let folded = lw.value(value);
        let Some(declared) = lw.task.consts.get_mut(at) else {
            continue;
        };
        if let (RTy::Int(_), [one]) = (&declared.ty, wants.as_slice())
            && *one != RTy::I128
            && *one != declared.ty
        {
            declared.ty = one.clone();
            if !matches!(declared.value, Expr::Atom(_) | Expr::NegLit(_))
                && let Some(literal) = folded.and_then(|v| value_as(&v, one))
            {
                declared.value = literal;
            }
        }
        if declared.ty == RTy::F64 {
            declared.value = to_float(declared.value.clone());
        }
        declared.attributes = attributes(&declared.value);
        let ty = declared.ty.clone();
        lw.retype(&rust, &ty);
    }
}

/// An int literal as a float one.
fn to_float(expr: Expr) -> Expr {
    let whole = |text: &str| text.parse::<i128>().ok();
    match &expr {
        Expr::Atom(text) | Expr::NegLit(text) => {
            whole(text).map_or(expr.clone(), |v| float_literal(v as f64))
        }
        _ => expr,
    }
}

/// Clippy takes `3.14159` for a mistake; the Python says it on purpose.
pub(super) fn attributes(value: &Expr) -> Vec<String> {
    use std::f64::consts as c;
    // With the least length of a literal that Clippy looks at.
    let known = [
        (c::PI, 3),
        (c::TAU, 3),
        (c::E, 4),
        (c::FRAC_1_PI, 4),
        (1.618_033_988_749_895, 4),
        (c::SQRT_2, 5),
        (c::LN_2, 5),
        (c::LN_10, 5),
        (c::FRAC_PI_2, 5),
        (c::FRAC_PI_3, 5),
        (c::FRAC_PI_4, 5),
        (c::FRAC_PI_6, 5),
        (c::FRAC_PI_8, 5),
        (c::FRAC_2_PI, 5),
        (c::FRAC_1_SQRT_2, 5),
        (c::LOG2_E, 5),
        (c::LOG10_E, 5),
        (c::LOG2_10, 5),
        (c::LOG10_2, 5),
        (c::FRAC_2_SQRT_PI, 5),
    ];
    let is_near = |text: &str, constant: f64, least: usize| {
        let digits = text.len().saturating_sub(2);
        text.len() > least
            && (constant.to_string().starts_with(text) || format!("{constant:.digits$}") == text)
    };
    let mut near = false;
    let mut look = |e: &Expr| {
        if let Expr::Atom(text) | Expr::NegLit(text) = e {
            let text = text.trim_start_matches('-');
            near |= known.iter().any(|(k, least)| is_near(text, *k, *least));
        }
    };
    look(value);
    value.for_each_child(&mut look, &mut |_| {});
    if near {
        vec!["#[allow(clippy::approx_constant)]".to_string()]
    } else {
        Vec::new()
    }
}

fn target_names(target: &PyExpr, names: &mut Vec<String>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|i| target_names(i, names))
        }
        _ => {}
    }
}

fn names_in(e: &PyExpr, f: &mut dyn FnMut(&str)) {
    struct Names<'f>(&'f mut dyn FnMut(&str));
    impl<'ast> crate::ast::visit::Visitor<'ast> for Names<'_> {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            if let ExprKind::Name(name) = &e.kind {
                (self.0)(name);
            }
            crate::ast::visit::walk_expr(self, e);
        }
    }
    crate::ast::visit::Visitor::visit_expr(&mut Names(f), e);
}

impl Lowerer<'_> {
    /// Calls `f` on every expression of the file.
    fn each_use(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        let task = &mut self.task;
        let functions = task
            .functions
            .iter_mut()
            .chain(task.classes.iter_mut().flat_map(|c| &mut c.methods))
            .chain(&mut task.start)
            .chain(&mut task.process)
            .chain(&mut task.stop);
        functions.for_each(|function| each_expr(&mut function.body, f));
        let fields = task.fields.iter_mut().map(|field| &mut field.init);
        let consts = task.consts.iter_mut().map(|constant| &mut constant.value);
        fields.chain(consts).for_each(|value| in_expr(value, f));
    }

    /// Whether a constant is used under its name.
    fn is_mentioned(&mut self, name: &str) -> bool {
        let mut found = false;
        self.each_use(&mut |e| match e {
            Expr::Atom(text) => found |= text == name,
            Expr::ConstInt { name: n, .. } => found |= n == name,
            _ => {}
        });
        found
    }

    /// The types that the uses of an int constant want, each once.
    fn wanted(&mut self, name: &str) -> Vec<RTy> {
        let mut wants: Vec<RTy> = Vec::new();
        self.each_use(&mut |e| {
            if let Expr::ConstInt { name: n, want } = e
                && n == name
                && !wants.contains(want)
            {
                wants.push(want.clone());
            }
        });
        wants
    }

    /// Casts the uses of an int constant that want another type than it is declared with.
    fn retype(&mut self, name: &str, declared: &RTy) {
        self.each_use(&mut |e| {
            if let Expr::ConstInt { name: n, want } = e
                && n == name
            {
                let atom = Expr::atom(n.clone());
                *e = match (declared, &want) {
                    (a, b) if *a == **b => atom,
                    (RTy::Int(int), RTy::Float(_)) if int.bits() <= 32 => {
                        Expr::call("f64::from", vec![atom])
                    }
                    (RTy::Int(from), RTy::Int(to)) if lossless(*from, *to) => {
                        Expr::call(format!("{}::from", to.name()), vec![atom])
                    }
                    (_, to) => atom.cast((*to).clone()),
                };
            }
        });
    }
}

fn lossless(from: IntTy, to: IntTy) -> bool {
    let sized = |t: IntTy| !matches!(t, IntTy::Usize | IntTy::Isize);
    sized(from)
        && sized(to)
        && crate::value::int_type_range(from).within(crate::value::int_type_range(to))
}

/// Calls `f` on every expression of a block, inner ones first.
fn each_expr(block: &mut Block, f: &mut dyn FnMut(&mut Expr)) {
    for stmt in &mut block.stmts {
        let mut cell = std::cell::RefCell::new(&mut *f);
        stmt.for_each_child_mut(&mut |e| in_expr(e, *cell.borrow_mut()), &mut |b| {
            each_expr(b, *cell.borrow_mut())
        });
        let _ = cell.get_mut();
    }
    if let Some(value) = &mut block.value {
        in_expr(value, f);
    }
}

fn in_expr(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    {
        let cell = std::cell::RefCell::new(&mut *f);
        e.for_each_child_mut(&mut |c| in_expr(c, *cell.borrow_mut()), &mut |b| {
            each_expr(b, *cell.borrow_mut())
        });
    }
    f(e);
}

//! The value of a constant as the Python writes it, where that reads the same in Rust.
//!
//! Enters: a constant expression and its Rust type. Leaves: Rust that is computed at compile
//! time, of literals, other constants and operators. This module must not know who uses it.

use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind, UnaryOp};
use crate::infer::fold::Folded;
use crate::ir::{BinOp, Expr, RTy, UnOp};
use crate::lower::Lowerer;
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::{float_literal, int_literal, int_type_range};

impl<'a> Lowerer<'a> {
    /// The constant's value in Rust: as the Python writes it where that reads the same.
    pub(super) fn const_expr(&self, e: &PyExpr, ty: &RTy) -> Option<(Expr, bool)> {
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
            (ExprKind::Bytes(bytes), _) => Some((crate::lower::octets::literal(bytes), true)),
            (ExprKind::None, RTy::Option(_)) => Some((Expr::atom("None"), true)),
            (_, RTy::Option(inner)) => {
                let (value, as_written) = self.const_expr(e, inner)?;
                Some((Expr::call("Some", vec![value]), as_written))
            }
            (ExprKind::Attribute { value, attr }, RTy::Named(_)) => {
                let class = self.class_of(ty)?;
                let members = &self.input.model.classes.get(&class)?.members;
                let known = matches!(self.input.model.module.fact(value.id).ty, Ty::Class(_))
                    && members.iter().any(|(name, _)| *name == attr.name);
                let variant = crate::lower::classes::variant(&attr.name);
                let path = format!("{}::{variant}", self.class_name(&class));
                known.then(|| (Expr::atom(path), true))
            }
            (ExprKind::Call { args, keywords, .. }, RTy::Named(_)) => {
                let class = self.class_of(ty)?;
                let model = self.input.model.classes.get(&class)?;
                let made = model.made.as_ref()?;
                let mut fields = Vec::new();
                for (field, _) in &model.fields {
                    let (place, keyword) =
                        crate::infer::construct::argument_of(made, field, keywords);
                    let given = place.and_then(|i| args.get(i)).or(keyword);
                    let value = given.or_else(|| self.class_default(&class, field))?;
                    let ty = self.class_field(&class, field)?;
                    let (expr, _) = self.const_expr(value, &ty)?;
                    fields.push((self.attribute_ident(&class, field), expr));
                }
                let literal = Expr::Struct {
                    name: self.class_name(&class),
                    fields,
                    base: None,
                };
                Some((literal, true))
            }
            (ExprKind::Dict(items), RTy::Named(_)) => {
                let class = self.class_of(ty).filter(|class| self.is_record(class))?;
                let mut fields: Vec<(String, Expr)> = Vec::new();
                for (key, value) in items {
                    let Some(ExprKind::Str(key)) = key.as_ref().map(|k| &k.kind) else {
                        return None;
                    };
                    let expr = match self.class_field(&class, key)? {
                        RTy::Option(ty) => Expr::call("Some", vec![self.const_expr(value, &ty)?.0]),
                        ty => self.const_expr(value, &ty)?.0,
                    };
                    let name = crate::lower::records::field(key);
                    match fields.iter_mut().find(|(n, _)| *n == name) {
                        Some(slot) => slot.1 = expr,
                        None => fields.push((name, expr)),
                    }
                }
                self.missing_entries(&class, &mut fields);
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
            (_, RTy::Number) => Some((value_as(&self.value(e)?, ty)?, true)),
            (_, RTy::Str) => self.const_text(e).map(|expr| (expr, true)),
            (_, RTy::Float(_)) => {
                if let Some(expr) = self.written_float(e) {
                    return Some((expr, true));
                }
                match self.value(e)? {
                    Folded::Int(v) => Some((float_literal(v as f64), true)),
                    Folded::Float(v) => Some((float_literal(v), false)),
                    Folded::Bool(_) | Folded::Str(_) | Folded::Tuple(_) | Folded::List(_) => None,
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
                Folded::Float(_)
                | Folded::Bool(_)
                | Folded::Str(_)
                | Folded::Tuple(_)
                | Folded::List(_) => None,
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
                    name: self.const_ident(name),
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
    pub(super) fn const_text(&self, e: &PyExpr) -> Option<Expr> {
        match &e.kind {
            ExprKind::Str(text) => Some(Expr::Atom(format!("{text:?}"))),
            ExprKind::Name(name) => {
                let fact = &self.input.model.consts.get(name)?.fact;
                (fact.ty == Ty::Str && self.const_type(name).is_some())
                    .then(|| Expr::atom(self.const_ident(name)))
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
            ExprKind::Float(value) => Some(crate::lower::expr::keep_float(
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
                    RTy::Float(_) => Some(Expr::atom(self.const_ident(name))),
                    RTy::Int(_) => match self.value(e)? {
                        Folded::Int(v) if v.unsigned_abs() <= 1 << 53 => Some(Expr::ConstInt {
                            name: self.const_ident(name),
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

fn literal(e: &PyExpr) -> bool {
    matches!(e.kind, ExprKind::Int(_) | ExprKind::Float(_))
}

/// A constant's value in Rust.
pub(super) fn value_as(value: &Folded, ty: &RTy) -> Option<Expr> {
    Some(match (value, ty) {
        (Folded::Str(text), RTy::Str) => Expr::Atom(format!("{text:?}")),
        (Folded::Bool(value), RTy::Bool) => Expr::atom(value.to_string()),
        (Folded::Int(value), RTy::Int(_)) => int_literal(*value),
        (Folded::Int(value), RTy::Float(_)) => float_literal(*value as f64),
        (Folded::Float(value), RTy::Float(_)) => float_literal(*value),
        (Folded::Int(value), RTy::Number) => {
            i64::try_from(*value).ok()?;
            Expr::call("Number::Int", vec![int_literal(*value)])
        }
        (Folded::Float(value), RTy::Number) => {
            Expr::call("Number::Float", vec![float_literal(*value)])
        }
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

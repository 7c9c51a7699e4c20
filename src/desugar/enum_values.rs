//! The values of enum members that are computed of constants: `STOW = math.radians(-15)`.
//!
//! Enters: the value of a member. Leaves: the float that CPython computes, where it is one.
//! This module must not know what an enum is.

use super::callables::full_name;
use crate::ast::{BinaryOp, Expr, ExprKind, NodeId, UnaryOp};
use num_traits::ToPrimitive;
use std::collections::BTreeMap;

/// A constant number.
#[derive(Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// As a float, where that is the same number.
    fn float(self) -> Option<f64> {
        match self {
            Number::Int(n) => (n.unsigned_abs() <= 1 << 53).then_some(n as f64),
            Number::Float(x) => Some(x),
        }
    }
}

/// Writes a value that is a float and no literal as a literal.
pub(super) fn settled(value: &mut Expr, imports: &BTreeMap<String, String>, next_id: &mut u32) {
    if matches!(
        value.kind,
        ExprKind::Float(_) | ExprKind::Int(_) | ExprKind::Str(_)
    ) {
        return;
    }
    if let Some(Number::Float(x)) = number(value, imports)
        && x.is_finite()
    {
        let literal = ExprKind::Float(x.abs());
        value.kind = match x.is_sign_negative() {
            false => literal,
            true => ExprKind::Unary {
                op: UnaryOp::Neg,
                operand: Box::new(Expr {
                    id: NodeId::next(next_id),
                    span: value.span,
                    kind: literal,
                }),
            },
        };
    }
}

fn number(e: &Expr, imports: &BTreeMap<String, String>) -> Option<Number> {
    let of = |e: &Expr| number(e, imports);
    Some(match &e.kind {
        ExprKind::Int(n) => Number::Int(n.to_i64()?),
        ExprKind::Float(x) => Number::Float(*x),
        ExprKind::Unary { op, operand } => match (op, of(operand)?) {
            (UnaryOp::Neg, Number::Int(n)) => Number::Int(n.checked_neg()?),
            (UnaryOp::Neg, Number::Float(x)) => Number::Float(-x),
            (UnaryOp::Pos, number) => number,
            _ => return None,
        },
        ExprKind::Binary { op, left, right } => {
            let (a, b) = (of(left)?, of(right)?);
            if let (Number::Int(a), Number::Int(b)) = (a, b) {
                match op {
                    BinaryOp::Add => return a.checked_add(b).map(Number::Int),
                    BinaryOp::Sub => return a.checked_sub(b).map(Number::Int),
                    BinaryOp::Mul => return a.checked_mul(b).map(Number::Int),
                    _ => {}
                }
            }
            let (a, b) = (a.float()?, b.float()?);
            Number::Float(match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div if b != 0.0 => a / b,
                _ => return None,
            })
        }
        ExprKind::Name(_) | ExprKind::Attribute { .. } => {
            Number::Float(match full_name(e, imports).as_str() {
                "math.pi" => std::f64::consts::PI,
                "math.tau" => std::f64::consts::TAU,
                "math.e" => std::f64::consts::E,
                _ => return None,
            })
        }
        ExprKind::Call {
            func,
            args,
            keywords,
        } if keywords.is_empty() => {
            let [arg] = args.as_slice() else { return None };
            let x = of(arg)?.float()?;
            Number::Float(match full_name(func, imports).as_str() {
                "math.radians" => x * (std::f64::consts::PI / 180.0),
                "math.degrees" => x * (180.0 / std::f64::consts::PI),
                "math.sqrt" if x >= 0.0 => x.sqrt(),
                _ => return None,
            })
        }
        _ => return None,
    })
}

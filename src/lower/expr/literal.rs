//! Literals, and the signs before them.

use crate::ast::{Expr as PyExpr, UnaryOp};
use crate::catalog::telling;
use crate::infer::ZeroSign;
use crate::ir::{BinOp, Expr, RTy, UnOp};
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::{Val, float_literal, int_type_range, int_val};

impl<'a> FnLower<'_, 'a> {
    /// An int literal, as the Python writes it where Rust reads the same.
    pub(super) fn int_text(&self, e: &PyExpr, value: i128) -> Val {
        let text = self.lw.input.source.slice(e.span);
        let keep = text.starts_with("0x") || text.starts_with("0b") || text.contains('_');
        let mut val = int_val(value);
        if keep && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            val.expr = Expr::atom(text);
        }
        val
    }

    /// A float literal, as the Python writes it where Rust reads the same.
    pub(in crate::lower) fn float_text(&self, e: &PyExpr, value: f64) -> Expr {
        keep_float(self.lw.input.source.slice(e.span), value)
    }

    pub(super) fn unary(
        &mut self,
        e: &'a PyExpr,
        op: UnaryOp,
        operand: &'a PyExpr,
    ) -> Result<Val, Expr> {
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
            (UnaryOp::Pos, ty) if ty.is_number() => Ok(val),
            (UnaryOp::Neg, Ty::IntOrFloat) => {
                let mut site = self.site();
                let negated = telling::negated(val, &fact, &mut site);
                self.absorb(site, e.span);
                Ok(negated)
            }
            // A zero is always an int's, which has no sign.
            (UnaryOp::Neg, Ty::Number)
                if self.fact(operand.id).negated_zero() == ZeroSign::Never =>
            {
                let expr = negate(val.to_f64()).binary(BinOp::Add, Expr::atom("0.0"));
                Ok(Val::new(expr, RTy::F64, &fact))
            }
            (UnaryOp::Neg, Ty::Float | Ty::Number) => {
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
pub(in crate::lower) fn keep_float(text: &str, value: f64) -> Expr {
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

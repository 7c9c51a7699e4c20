//! Numbers whose value tells whether they are ints or floats: the helper `Number`.
//!
//! Enters: lowered operands, one of which is such a number. Leaves: the Rust of an operator or
//! a builtin on them. This module must not know the Python expression.

use super::{Helper, Site};
use crate::ast::BinaryOp;
use crate::ir::{BinOp, Expr, RTy, UnOp};
use crate::project::IntTy;
use crate::ranges::{IntRange, Range};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// Whether the ints that it can be fit 64 bits.
fn fits(fact: &Fact) -> bool {
    fact.int_part()
        .is_some_and(|ints| ints.within(IntRange::I64))
}

fn wide(site: &Site) -> String {
    site.error("an int leaves 64 bits")
}

/// The value as a `Number`.
pub fn number(val: &Val, site: &mut Site) -> Result<Expr, String> {
    site.helper(Helper::Number);
    val.to_number(&wide(site))
        .ok_or_else(|| format!("{} as a number that tells what it is", val.ty.describe()))
}

/// The value as what a `Number` computes with: itself, an `i64` or an `f64`.
fn operand(val: &Val, site: &Site) -> Result<Expr, String> {
    match (&val.rty, &val.ty) {
        (RTy::Number, _) => Ok(val.expr.clone()),
        (_, Ty::Int | Ty::Bool) => Ok(val.to_int_checked(IntTy::I64, &wide(site))),
        (_, Ty::Float) => Ok(val.to_f64()),
        _ => Err(format!(
            "{} among numbers that tell what they are",
            val.ty.describe()
        )),
    }
}

/// `a op b`, where one of the two tells. The result's fact says what it is.
pub fn arithmetic(
    op: BinaryOp,
    a: &Val,
    b: &Val,
    fact: &Fact,
    site: &mut Site,
) -> Result<Val, String> {
    // With a float the result is one.
    let float = [a, b].iter().any(|v| v.ty == Ty::Float);
    let (helper, method, plain) = match op {
        BinaryOp::Add => (
            Helper::NumberCheckedAdd,
            "checked_add",
            Some((BinOp::Add, Helper::NumberAdd)),
        ),
        BinaryOp::Sub => (
            Helper::NumberCheckedSub,
            "checked_sub",
            Some((BinOp::Sub, Helper::NumberSub)),
        ),
        BinaryOp::Mul => (
            Helper::NumberCheckedMul,
            "checked_mul",
            Some((BinOp::Mul, Helper::NumberMul)),
        ),
        BinaryOp::Div => (Helper::NumberTrueDiv, "true_div", None),
        BinaryOp::FloorDiv => (Helper::NumberFloorDiv, "floor_div", None),
        BinaryOp::Mod => (Helper::NumberModulo, "modulo", None),
        BinaryOp::Pow => (Helper::NumberPow, "pow", None),
        BinaryOp::MatMul
        | BinaryOp::Shl
        | BinaryOp::Shr
        | BinaryOp::BitAnd
        | BinaryOp::BitOr
        | BinaryOp::BitXor => return Err("this operator on numbers that tell what they are".into()),
    };
    if let (true, Some((op, _))) = (float, plain) {
        return Ok(Val::new(a.to_f64().binary(op, b.to_f64()), RTy::F64, fact));
    }
    if op == BinaryOp::Div && float && b.range.float().is_nonzero() {
        return Ok(Val::new(
            a.to_f64().binary(BinOp::Div, b.to_f64()),
            RTy::F64,
            fact,
        ));
    }
    let small = |v: &Val| {
        v.ty == Ty::Float
            || v.fact()
                .int_part()
                .is_some_and(|r| r.within(IntRange::DOUBLES))
    };
    if op == BinaryOp::Div && b.range.float().is_nonzero() && small(a) && small(b) {
        return Ok(Val::new(
            a.to_f64().binary(BinOp::Div, b.to_f64()),
            RTy::F64,
            fact,
        ));
    }
    let (x, y) = (number(a, site)?, operand(b, site)?);
    if let (Some((op, helper)), true) = (plain, fits(fact)) {
        site.helper(helper);
        return Ok(Val::new(x.binary(op, y), RTy::Number, fact));
    }
    site.helper(helper);
    let (needs, error): (&[Helper], &str) = match op {
        BinaryOp::Div => (&[Helper::IntTrueDiv], "ZeroDivisionError: division by zero"),
        BinaryOp::FloorDiv => (
            &[Helper::FloorDiv, Helper::FloatFloorDiv],
            "ZeroDivisionError: division by zero",
        ),
        BinaryOp::Mod => (
            &[Helper::Modulo, Helper::FloatModulo],
            "ZeroDivisionError: modulo by zero",
        ),
        BinaryOp::Pow => (
            &[Helper::IntPow, Helper::Math2, Helper::Pow],
            "`**`: zero to a negative power, a complex result, or out of range",
        ),
        _ => (&[], "an int leaves 64 bits"),
    };
    for need in needs {
        site.helper(*need);
    }
    let result = x.method(method, vec![y]).ok_or(&site.error(error));
    if op == BinaryOp::Div {
        return Ok(Val::new(result, RTy::F64, fact));
    }
    // `//`, `%` and `**` with a float give one.
    match float {
        true => Ok(Val::new(
            Expr::call("f64::from", vec![result]),
            RTy::F64,
            fact,
        )),
        false => Ok(Val::new(result, RTy::Number, fact)),
    }
}

/// `-x`
pub fn negated(x: Val, fact: &Fact, site: &mut Site) -> Val {
    let expr = if fits(fact) {
        site.helper(Helper::NumberNeg);
        Expr::Unary(UnOp::Neg, Box::new(x.expr))
    } else {
        site.helper(Helper::NumberCheckedNeg);
        x.expr.method("checked_neg", vec![]).ok_or(&wide(site))
    };
    Val::new(expr, RTy::Number, fact)
}

/// `abs(x)`
pub fn abs(x: Val, fact: &Fact, site: &mut Site) -> Val {
    let expr = if fits(fact) {
        site.helper(Helper::NumberAbs);
        x.expr.method("abs", vec![])
    } else {
        site.helper(Helper::NumberCheckedAbs);
        x.expr.method("checked_abs", vec![]).ok_or(&wide(site))
    };
    Val::new(expr, RTy::Number, fact)
}

/// The two operands of a comparison.
pub fn compared(a: &Val, b: &Val, site: &mut Site) -> Result<(Expr, Expr), String> {
    Ok((number(a, site)?, operand(b, site)?))
}

/// Where Python takes ints alone: `error` is what it raises of a float.
pub fn int(x: &Val, error: &str, site: &mut Site) -> Val {
    if x.rty != RTy::Number {
        return x.clone();
    }
    site.helper(Helper::NumberInt);
    let range = x.fact().int_part().unwrap_or(IntRange::ALL);
    let expr = x
        .expr
        .clone()
        .method("int", vec![])
        .ok_or(&site.error(error));
    Val::int(expr, IntTy::I64, range.meet(IntRange::I64))
}

/// `int(x)`, `round(x)` and kin, by a rounding of `f64`.
pub fn whole(x: &Val, rounding: &str, what: &str, range: IntRange, site: &mut Site) -> Val {
    site.helper(Helper::FloatToInt);
    site.helper(Helper::NumberRounded);
    let error = site.error(&format!(
        "ValueError or OverflowError ({what}: no 64-bit int)"
    ));
    let rounding = Expr::atom(format!("f64::{rounding}"));
    let expr = x
        .expr
        .clone()
        .method("rounded", vec![rounding])
        .ok_or(&error);
    Val::int(expr, IntTy::I64, range.meet(IntRange::I64))
}

/// `round(x, n)`
pub fn round_digits(x: &Val, digits: Expr, fact: &Fact, site: &mut Site) -> Val {
    site.helper(Helper::RoundDigits);
    site.helper(Helper::NumberRoundDigits);
    let expr = x.expr.clone().method("round_digits", vec![digits]);
    Val::new(expr, RTy::Number, fact)
}

/// `min(a, b)` and `max(a, b)`.
pub fn extreme(a: &Val, b: &Val, name: &str, fact: &Fact, site: &mut Site) -> Result<Val, String> {
    let (a, b) = (number(a, site)?, operand(b, site)?);
    let method = match name {
        "min" => {
            site.helper(Helper::NumberMin);
            "py_min"
        }
        _ => {
            site.helper(Helper::NumberMax);
            "py_max"
        }
    };
    Ok(Val::new(a.method(method, vec![b]), RTy::Number, fact))
}

/// What is known of it as an int, rounded in any direction.
pub fn whole_range(x: &Fact, floats: IntRange) -> IntRange {
    let ints = x.int_part().unwrap_or(IntRange::ALL);
    ints.join(floats).meet(IntRange::I64)
}

/// The fact of a number that tells, in that interval.
pub fn fact(range: Range) -> Fact {
    Fact {
        range,
        ..Fact::of(Ty::IntOrFloat)
    }
}

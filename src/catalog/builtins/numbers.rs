//! `abs`, `round`, `int`, `float` and `bool`.
//!
//! Enters: the arguments of a call. Leaves: its fact, or its Rust. This module must not know
//! the names under which they are called.

use super::{as_int, float_receiver, is_int, receiver};
use crate::catalog::{Arg, Call, Helper, Site, lowered, math, positional, telling};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;
use crate::value::{Fact, Val, natural_int};

pub(super) fn infer_abs(args: &[Arg]) -> Result<Fact, String> {
    let [x] = positional(args, "abs")?;
    match &x.ty {
        Ty::Int | Ty::Bool => Ok(Fact::int(as_int(&x).abs())),
        Ty::Float | Ty::Number | Ty::IntOrFloat => Ok(Fact {
            ty: x.ty.clone(),
            range: Range::Float(x.range.float().abs()),
            unbound: false,
        }),
        other => Err(format!("`abs()` of {} is not translated", other.describe())),
    }
}

pub(super) fn lower_abs(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [x] = lowered(call)?;
    if x.rty == RTy::Number {
        return Ok(telling::abs(x, &fact, site));
    }
    if x.ty.is_float() {
        return Ok(Val {
            ty: fact.ty.clone(),
            ..Val::f64(
                float_receiver(x.to_f64()).method("abs", vec![]),
                fact.range.float(),
            )
        });
    }
    let int = natural_int(x.range.int().join(fact.range.int()));
    let operand = x.to_int_checked(int, &site.error("an int leaves 64 bits"));
    let result = fact.range.int();
    let expr = if result.within(crate::value::int_type_range(int)) {
        receiver(operand, int).method("abs", vec![])
    } else {
        operand
            .method("checked_abs", vec![])
            .ok_or(&site.error("abs leaves 64 bits"))
    };
    Ok(Val::int(expr, int, result))
}

/// The digits of `round(x, n)`: 0 where there are none below zero, else how many.
fn decimals(digits: &Range) -> Option<i32> {
    let range = digits.int();
    if range.lo.is_some_and(|lo| lo >= 0) {
        return Some(0);
    }
    let digits = range.constant()?;
    (-18..0).contains(&digits).then_some(digits as i32)
}

/// `1000` as `1_000`.
fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('_');
        }
        out.push(c);
    }
    out
}

pub(super) fn infer_round(args: &[Arg]) -> Result<Fact, String> {
    if args.len() == 2 {
        let [x, digits] = positional(args, "round")?;
        if !is_int(&digits.ty) {
            return Err("`round(x, n)` where `n` is not an int is not translated".into());
        }
        return match x.ty {
            Ty::Float if decimals(&digits.range).is_some() => {
                Ok(Fact::float(x.range.float().join(FloatRange::ALL)))
            }
            Ty::Int | Ty::IntOrFloat if digits.range.int().lo.is_some_and(|lo| lo >= 0) => {
                Ok(match x.ty {
                    Ty::Int => x,
                    _ => telling::fact(Range::Float(FloatRange {
                        ints: x.int_part(),
                        ..FloatRange::ALL
                    })),
                })
            }
            Ty::Number if digits.range.int().lo.is_some_and(|lo| lo >= 0) => {
                Ok(Fact::of(Ty::Number))
            }
            Ty::Int if decimals(&digits.range).is_some() => {
                let half = decimals(&digits.range).map_or(0, |n| 10_i128.pow(n.unsigned_abs()));
                let near = IntRange::new(-half, half);
                Ok(Fact::int(x.range.int().add(near).meet(IntRange::I64)))
            }
            Ty::Float | Ty::Int => Err(
                "`round(x, n)` where `n` may be negative and is no constant is not translated"
                    .into(),
            ),
            other => Err(format!(
                "`round()` of {} is not translated",
                other.describe()
            )),
        };
    }
    let [x] = positional(args, "round")?;
    match x.ty {
        Ty::Int => Ok(x),
        Ty::IntOrFloat => Ok(Fact::int(telling::whole_range(
            &x,
            math::whole_range(x.range.float()),
        ))),
        Ty::Float | Ty::Number => Ok(Fact::int(
            math::whole_range(x.range.float()).meet(IntRange::I64),
        )),
        other => Err(format!(
            "`round()` of {} is not translated",
            other.describe()
        )),
    }
}

pub(super) fn lower_round(call: Call, site: &mut Site) -> Result<Val, String> {
    if call.args.len() == 2 {
        let fact = call.fact.clone();
        let [x, digits] = lowered(call)?;
        if let (Ty::Int, Some(below @ ..0)) = (&x.ty, decimals(&digits.range)) {
            let unit = 10_i64.pow(below.unsigned_abs());
            let wide = site.error("an int leaves 64 bits");
            let error = site.error("round() leaves 64 bits");
            let args = vec![
                x.to_int_checked(IntTy::I64, &wide),
                Expr::atom(grouped(unit)),
            ];
            let rounded = Expr::call(site.helper(Helper::RoundInt), args).ok_or(&error);
            return Ok(Val::int(rounded, IntTy::I64, fact.range.int()));
        }
        if x.ty == Ty::Int {
            return Ok(x);
        }
        if let (RTy::Number, Some(count)) = (&x.rty, digits.to_int(IntTy::Usize)) {
            return Ok(telling::round_digits(&x, count, &fact, site));
        }
        if let Some(below @ ..0) = decimals(&digits.range) {
            let tens = below.unsigned_abs();
            let helper = site.helper(Helper::RoundTens);
            let args = vec![x.to_f64(), Expr::atom(tens.to_string())];
            return Ok(Val::f64(Expr::call(helper, args), fact.range.float()));
        }
        let Some(count) = digits.to_int(IntTy::Usize) else {
            return Err("`round(x, n)` with this `n` is not translated".into());
        };
        let helper = site.helper(Helper::RoundDigits);
        return Ok(Val::f64(
            Expr::call(helper, vec![x.to_f64(), count]),
            fact.range.float(),
        ));
    }
    let [x] = lowered(call)?;
    math::whole(&x, "round_ties_even", "round", site)
}

pub(super) fn infer_int(args: &[Arg]) -> Result<Fact, String> {
    if args.first().is_some_and(|a| is_text(&a.fact.ty)) {
        return crate::catalog::text::infer_int(args);
    }
    let [x] = positional(args, "int")?;
    match x.ty {
        Ty::Int | Ty::Bool => Ok(Fact::int(as_int(&x))),
        Ty::IntOrFloat => Ok(Fact::int(telling::whole_range(
            &x,
            math::whole_range(x.range.float()),
        ))),
        Ty::Float | Ty::Number => Ok(Fact::int(
            math::whole_range(x.range.float()).meet(IntRange::I64),
        )),
        other => Err(format!("`int()` of {} is not translated", other.describe())),
    }
}

pub(super) fn lower_int(call: Call, site: &mut Site) -> Result<Val, String> {
    if call.args.first().is_some_and(|a| is_text(&a.ty)) {
        return crate::catalog::text::lower_int(call, site);
    }
    let [x] = lowered(call)?;
    if x.ty == Ty::Bool {
        let expr = Expr::call("i64::from", vec![x.expr]);
        return Ok(Val::int(expr, IntTy::I64, IntRange::new(0, 1)));
    }
    math::whole(&x, "trunc", "int", site)
}

pub(super) fn infer_float(args: &[Arg]) -> Result<Fact, String> {
    let [x] = positional(args, "float")?;
    match x.ty {
        Ty::Bool => Ok(Fact::float(FloatRange {
            lo: 0.0,
            hi: 1.0,
            nan: false,
            finite: 1.0,
            minus_zero: false,
            ..FloatRange::ALL
        })),
        Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat => Ok(Fact::float(x.range.float())),
        Ty::Str => Ok(Fact::of(Ty::Float)),
        other => Err(format!(
            "`float()` of {} is not translated",
            other.describe()
        )),
    }
}

fn is_text(ty: &Ty) -> bool {
    *ty == Ty::Str
}

pub(super) fn lower_float(call: Call, site: &mut Site) -> Result<Val, String> {
    let range = call.fact.range.float();
    let [x] = lowered(call)?;
    if is_text(&x.ty) {
        return Ok(crate::catalog::text::lower_float(x, site));
    }
    Ok(Val::f64(x.to_f64(), range))
}

pub(super) fn infer_bool(args: &[Arg]) -> Result<Fact, String> {
    positional::<1>(args, "bool")?;
    Ok(Fact::of(Ty::Bool))
}

pub(super) fn lower_bool(call: Call, _: &mut Site) -> Result<Val, String> {
    let [x] = lowered(call)?;
    match x.truth() {
        Some(truth) => Ok(Val::bool(truth)),
        None => Err(format!(
            "the truth of {} is not translated",
            x.ty.describe()
        )),
    }
}

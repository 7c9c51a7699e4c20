//! `sum(…)`.

use super::elements::{Elements, any_number, elements, is_narrow, length, unordered_element};
use super::{Arg, Call, Helper, Known, Site, Special, telling};
use crate::diagnostic::Code;
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// The list and the start of `sum(xs)`, `sum(xs, start)`.
fn arguments(args: &[Arg]) -> Result<(&Arg, Option<&Arg>), String> {
    match args {
        [list] if list.keyword.is_none() => Ok((list, None)),
        [list, start]
            if list.keyword.is_none()
                && start.keyword.as_deref().is_none_or(|name| name == "start") =>
        {
            Ok((list, Some(start)))
        }
        _ => Err("`sum()` with these arguments is not translated".into()),
    }
}

fn infer(args: &[Arg]) -> Result<Fact, String> {
    let (list, start) = arguments(args)?;
    let Some(elem) = unordered_element(list) else {
        return Err(format!(
            "`sum()` of {} is not translated",
            list.fact.ty.describe()
        ));
    };
    let start_ty = start.map_or(Ty::Int, |start| match &start.fact.ty {
        Ty::Bool => Ty::Int,
        other => other.clone(),
    });
    if !start_ty.is_number() {
        return Err(format!(
            "`sum()` from {} on is not translated",
            start_ty.describe()
        ));
    }
    match (&elem.ty, &start_ty) {
        (Ty::Unknown, _) => Ok(Fact::unknown()),
        (Ty::Bool, Ty::Int) if start.is_none() => Ok(Fact::int(IntRange::new(0, i64::MAX as i128))),
        (Ty::Int | Ty::Bool, Ty::Int) => {
            let each = match length(&list.fact) {
                Some(len) if elem.ty == Ty::Int => elem
                    .range
                    .int()
                    .mul(IntRange::exactly(len as i128))
                    .add(start.map_or(IntRange::exactly(0), |s| s.fact.range.int())),
                _ => IntRange::I64,
            };
            Ok(Fact::int(each.meet(IntRange::I64)))
        }
        (Ty::Int | Ty::Bool | Ty::Float | Ty::Number | Ty::IntOrFloat, _) => {
            // An empty list gives the start, an int; adding a float makes it one.
            let float = start_ty == Ty::Float
                || (elem.ty == Ty::Float && length(&list.fact).is_some_and(|len| len > 0));
            if float {
                return Ok(Fact::of(Ty::Float));
            }
            let from = start.map_or(Fact::int(IntRange::exactly(0)), |start| start.fact.clone());
            let ints = match elem.ty {
                Ty::Float => from.int_part(),
                _ => Some(IntRange::ALL),
            };
            Ok(Fact {
                // Only what starts with a negative zero can be one.
                range: Range::Float(FloatRange {
                    ints,
                    minus_zero: from.range.float().minus_zero,
                    ..FloatRange::ALL
                }),
                ..Fact::of(
                    match elem.ty == Ty::IntOrFloat || start_ty == Ty::IntOrFloat {
                        true => Ty::IntOrFloat,
                        false => Ty::Number,
                    },
                )
            })
        }
        (other, _) => Err(format!(
            "`sum()` of {} is not translated",
            Ty::list((*other).clone()).describe()
        )),
    }
}

/// The type of the elements of a lowered list.
fn lowered_element(list: &Val) -> Option<Ty> {
    match &list.ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } | Ty::Set(elem) => Some((**elem).clone()),
        Ty::Tuple(items) => Some(items.iter().fold(Ty::Unknown, |a, b| a.join(b))),
        Ty::Range => Some(Ty::Int),
        _ => None,
    }
}

fn lower(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let list = args.next().ok_or("`sum()` without arguments")?;
    let start = args
        .next()
        .or(call.keywords.into_iter().next().map(|k| k.1));
    let refuse = || format!("`sum()` of {} is not translated", list.ty.describe());
    let elem = lowered_element(&list).ok_or_else(refuse)?;
    let of = elements(&list, &any_number(elem.clone())).ok_or_else(refuse)?;
    match (&elem, &fact.ty) {
        (Ty::Bool, Ty::Int) if start.is_none() => Ok(Val::int(
            count(of),
            IntTy::Usize,
            IntRange::new(0, i64::MAX as i128),
        )),
        (Ty::Int, Ty::Int) => Ok(of_ints(of, start, &fact, site)),
        (Ty::Float, Ty::IntOrFloat) if !site.python.compensates_sums() => {
            of_numbers(of, start, &fact, site)
        }
        (Ty::IntOrFloat, Ty::IntOrFloat) if !site.python.compensates_sums() => {
            of_numbers(of, start, &fact, site)
        }
        (Ty::Int | Ty::Number | Ty::IntOrFloat, _) if site.python.compensates_sums() => {
            Err("`sum()` of ints and floats is not translated for Python 3.12 and later".into())
        }
        (_, Ty::Float | Ty::Number) => Ok(of_floats(of, start, &fact, site)),
        _ => Err(refuse()),
    }
}

/// From the left, as numbers that tell whether they are ints.
fn of_numbers(
    of: Elements,
    start: Option<Val>,
    fact: &Fact,
    site: &mut Site,
) -> Result<Val, String> {
    site.notes.push((
        Code::LibmUlp,
        "`sum` of floats adds from the left, as up to Python 3.11; from 3.12 on Python compensates: `--python 3.12` does as well"
            .into(),
    ));
    let zero = Val::int(Expr::atom("0"), IntTy::I64, IntRange::exactly(0));
    let first = telling::number(&start.unwrap_or(zero), site)?;
    let x = match &of.x.rty {
        RTy::Number => of.x.expr.clone(),
        _ => of.x.to_f64(),
    };
    let closure = format!("sum, {}", of.item);
    let sum = Expr::atom("sum");
    // An int and a float give a float.
    let total = if of.x.rty == RTy::Number {
        site.helper(Helper::NumberCheckedAdd);
        let add = sum.method("checked_add", vec![x]);
        let fold = of.iter.method(
            "try_fold",
            vec![first, Expr::Closure(closure, Box::new(add))],
        );
        fold.ok_or(&site.error("an int leaves 64 bits"))
    } else {
        site.helper(Helper::NumberAdd);
        let add = sum.binary(BinOp::Add, x);
        of.iter
            .method("fold", vec![first, Expr::Closure(closure, Box::new(add))])
    };
    Ok(Val::new(total, RTy::Number, fact))
}

/// How many of the elements are true.
fn count(of: Elements) -> Expr {
    if let Expr::Method(inner, name, args) = &of.iter
        && let ("map", [Expr::Closure(params, body)]) = (name.as_str(), args.as_slice())
    {
        let test = Expr::Closure(format!("&{params}"), body.clone());
        return inner
            .clone()
            .method("filter", vec![test])
            .method("count", vec![]);
    }
    let pattern = format!("&{}", of.item);
    let test = Expr::Closure(pattern, Box::new(Expr::atom("x")));
    of.iter.method("filter", vec![test]).method("count", vec![])
}

fn of_ints(of: Elements, start: Option<Val>, fact: &Fact, site: &mut Site) -> Val {
    let start = start.filter(|s| s.range.int().constant() != Some(0));
    if start.is_none()
        && let Expr::Method(inner, name, args) = &of.iter
        && let ("map", [Expr::Closure(_, body)]) = (name.as_str(), args.as_slice())
        && **body == Expr::atom("1")
    {
        // `sum(1 for x in xs if …)` counts.
        let range = IntRange::new(0, i64::MAX as i128);
        let expr = inner.clone().method("count", vec![]);
        return Val::int(expr, IntTy::Usize, range);
    }
    let error = site.error("an int leaves 64 bits");
    let fits = start.is_none() && (is_narrow(&of.x.rty) || fact.range.int() != IntRange::I64);
    if fits {
        let wide = match (&of.x.rty, of.item) {
            (RTy::Int(IntTy::I64), "x") => of.iter,
            (RTy::Int(IntTy::I64), _) => of.iter,
            (_, "x") => of.iter.method("map", vec![Expr::atom("i64::from")]),
            _ => {
                let x = Expr::call("i64::from", vec![Expr::atom("x")]);
                of.iter
                    .method("map", vec![Expr::Closure("&x".into(), Box::new(x))])
            }
        };
        let sum = wide.method("sum::<i64>", vec![]);
        return Val::int(sum, IntTy::I64, fact.range.int());
    }
    if !is_narrow(&of.x.rty) {
        let message =
            "`sum` of these may leave 64 bits: an error in the Rust, where Python goes on";
        site.notes.push((Code::WideInt, message.into()));
    }
    let x = match of.x.to_int(IntTy::I64) {
        Some(x) => x,
        None => of.x.to_int_checked(IntTy::I64, &error),
    };
    let add = if x.can_fail() {
        let x = Expr::call("i64::try_from", vec![Expr::atom("x")]).method("ok", vec![]);
        Expr::atom("sum").method("checked_add", vec![x.try_()])
    } else {
        Expr::atom("sum").method("checked_add", vec![x])
    };
    let first = match start {
        Some(start) => start.to_int_checked(IntTy::I64, &error),
        None => Expr::atom("0_i64"),
    };
    let total = of
        .iter
        .method(
            "try_fold",
            vec![
                first,
                Expr::Closure(format!("sum: i64, {}", of.item), Box::new(add)),
            ],
        )
        .ok_or(&error);
    Val::int(total, IntTy::I64, IntRange::I64)
}

fn of_floats(of: Elements, start: Option<Val>, fact: &Fact, site: &mut Site) -> Val {
    if site.python.compensates_sums() {
        let start = start.map_or_else(|| Expr::atom("0.0"), |start| start.to_f64());
        let xs = if of.x.rty == RTy::F64 {
            of.copied()
        } else {
            let float = Expr::Closure(of.item.into(), Box::new(of.x.to_f64()));
            of.iter.method("map", vec![float])
        };
        let xs = match xs {
            Expr::Method(array, name, _) if name == "into_iter" => *array,
            iter => iter,
        };
        let total = Expr::call(site.helper(Helper::SumFloats), vec![start, xs]);
        return Val {
            ty: fact.ty.clone(),
            ..Val::f64(total, FloatRange::ALL)
        };
    }
    site.notes.push((
        Code::LibmUlp,
        "`sum` of floats adds from the left, as up to Python 3.11; from 3.12 on Python compensates: `--python 3.12` does as well"
            .into(),
    ));
    let add = Expr::atom("sum").binary(BinOp::Add, of.x.to_f64());
    let first = start.map_or_else(|| Expr::atom("0.0"), |start| start.to_f64());
    let closure = Expr::Closure(format!("sum, {}", of.item), Box::new(add));
    let total = of.iter.method("fold", vec![first, closure]);
    Val {
        ty: fact.ty.clone(),
        ..Val::f64(total, FloatRange::ALL)
    }
}

pub(super) const ALL: &[Known] = &[Known {
    name: "sum",
    doc: "`sum(xs[, start])` of numbers and bools, from the left as up to Python 3.11, compensated as from 3.12",
    infer,
    lower,
    special: Special::NONE,
}];

//! `min(…)` and `max(…)`: the first of equals, and a NaN as CPython has it.

use super::builtins::{common_int, float_receiver, receiver};
use super::elements::{elements, length, unordered_element};
use super::{Arg, Call, Helper, Known, Site, Special};
use crate::ir::{BinOp, Block, Expr, RTy};
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// `min(xs)`, `min(xs, default=d)`.
fn extreme_of_list(list: &Arg, default: Option<&Arg>, name: &str) -> Result<Fact, String> {
    let Some(elem) = unordered_element(list) else {
        return Err(format!(
            "`{name}()` of {} is not translated",
            list.fact.ty.describe()
        ));
    };
    if elem.ty == Ty::Unknown {
        return Ok(Fact::unknown());
    }
    if !elem.ty.is_number() {
        return Err(format!(
            "`{name}()` of {} is not translated",
            Ty::list(elem.ty).describe()
        ));
    }
    let result = match default {
        None => elem,
        Some(default) if default.fact.ty.is_number() => elem.join(&default.fact),
        Some(default) if default.fact.ty == Ty::None => Fact::of(elem.ty.optional()),
        Some(default) => {
            return Err(format!(
                "`{name}(…, default=…)` of {} is not translated",
                default.fact.ty.describe()
            ));
        }
    };
    Ok(Fact {
        unbound: false,
        ..result
    })
}

/// `min` and `max` of two or more numbers.
fn infer_extreme(
    args: &[Arg],
    name: &str,
    ints: fn(IntRange, IntRange) -> IntRange,
    floats: fn(FloatRange, FloatRange) -> FloatRange,
) -> Result<Fact, String> {
    if let [list, default] = args
        && default.keyword.as_deref() == Some("default")
    {
        return extreme_of_list(list, Some(default), name);
    }
    if let Some(keyword) = args.iter().find_map(|a| a.keyword.as_ref()) {
        return Err(format!("`{name}(… {keyword}=…)` is not translated yet"));
    }
    if let [list] = args {
        return extreme_of_list(list, None, name);
    }
    if args.len() < 2 {
        return Err(format!("`{name}()` of this is not translated"));
    }
    let mut facts = args.iter().map(|a| a.fact.clone());
    let Some(mut result) = facts.next() else {
        return Err(format!("`{name}()` without arguments"));
    };
    for next in facts {
        let ty = result.ty.join(&next.ty);
        let range = match (&result.ty, &next.ty) {
            (Ty::Int, Ty::Int) => Range::Int(ints(result.range.int(), next.range.int())),
            (a, b) if a.is_number() && b.is_number() => {
                Range::Float(floats(result.range.float(), next.range.float()))
            }
            // Equal texts cannot be told apart.
            (Ty::Str, Ty::Str) => Range::Any,
            // Inference leaves those that have an order.
            (Ty::Member(a), Ty::Member(b)) if a == b => Range::Any,
            (a, b) => {
                return Err(format!(
                    "`{name}()` of {} and {} is not translated",
                    a.describe(),
                    b.describe()
                ));
            }
        };
        result = Fact {
            ty,
            range,
            unbound: false,
        };
    }
    Ok(result)
}

fn infer_min(args: &[Arg]) -> Result<Fact, String> {
    infer_extreme(args, "min", IntRange::min, FloatRange::py_min)
}

fn infer_max(args: &[Arg]) -> Result<Fact, String> {
    infer_extreme(args, "max", IntRange::max, FloatRange::py_max)
}

/// Whether Rust's `a.min(b)` (and `max`) is Python's: it ignores a NaN on either side and
/// may give either of two zeros, while Python keeps `a` unless `b` is strictly beyond it.
fn plain_extreme(a: FloatRange, b: FloatRange) -> bool {
    a.is_ordered_nonzero() || (!a.nan && b.is_ordered_nonzero())
}

/// The least or greatest of texts: of such as lie somewhere a part of it, else a new one.
fn extreme_text(texts: Vec<Val>, name: &str, fact: &Fact) -> Result<Val, String> {
    let lies = |val: &Val| matches!(val.rty, RTy::Str) || val.expr.is_simple();
    let lent = texts.iter().all(lies);
    let rty = if lent { RTy::Str } else { RTy::String };
    let texts = texts.into_iter().map(|val| match (&val.rty, lent) {
        (RTy::Str, true) | (RTy::String, false) => Ok(val.expr),
        (RTy::String, true) => Ok(val.expr.method("as_str", vec![])),
        (RTy::Ref(held), true) if **held == RTy::String => Ok(val.expr.method("as_str", vec![])),
        (RTy::Str | RTy::Ref(_), false) => Ok(val.expr.method("to_string", vec![])),
        _ => Err(format!("`{name}()` of this text")),
    });
    let texts = texts.collect::<Result<Vec<Expr>, String>>()?.into_iter();
    let extreme = texts.reduce(|best, text| best.method(name, vec![text]));
    let extreme = extreme.ok_or("no arguments")?;
    Ok(Val::new(extreme, rty, fact))
}

fn lower_extreme(
    call: Call,
    site: &mut Site,
    name: &str,
    beyond: BinOp,
    helper: Helper,
    floats: fn(FloatRange, FloatRange) -> FloatRange,
    ints: fn(IntRange, IntRange) -> IntRange,
) -> Result<Val, String> {
    let fact = call.fact.clone();
    if let [list] = call.args.as_slice() {
        let default = call.keywords.first().map(|(_, default)| default);
        return lower_extreme_of_list(list, default, &fact, site, name, beyond);
    }
    if fact.ty == Ty::Str {
        return extreme_text(call.args, name, &fact);
    }
    if let (Ty::Member(_), Some(first)) = (&fact.ty, call.args.first()) {
        let rty = first.rty.clone();
        let members = call.args.into_iter().map(|member| member.expr);
        let best = members.reduce(|best, member| best.method(name, vec![member]));
        return Ok(Val::new(best.ok_or("no arguments")?, rty, &fact));
    }
    let mut args = call.args.into_iter();
    let Some(mut result) = args.next() else {
        return Err("no arguments".into());
    };
    for next in args {
        result = if fact.ty == Ty::IntOrFloat {
            super::telling::extreme(&result, &next, name, &fact, site)?
        } else if fact.ty == Ty::Int {
            let (ra, rb) = (result.range.int(), next.range.int());
            let int = common_int(&result, &next);
            let error = site.error("an int leaves 64 bits");
            let (a, b) = (
                result.to_int_checked(int, &error),
                next.to_int_checked(int, &error),
            );
            Val::int(receiver(a, int).method(name, vec![b]), int, ints(ra, rb))
        } else {
            let (ra, rb) = (result.range.float(), next.range.float());
            let (a, b) = (result.to_f64(), next.to_f64());
            let expr = if plain_extreme(ra, rb) {
                float_receiver(a).method(name, vec![b])
            } else if a.is_simple() && b.is_simple() {
                Expr::If {
                    cond: Box::new(b.clone().binary(beyond, a.clone())),
                    then: Block::value(b),
                    otherwise: Some(Block::value(a)),
                }
            } else {
                Expr::call(site.helper(helper), vec![a, b])
            };
            Val {
                ty: fact.ty.clone(),
                ..Val::f64(expr, floats(ra, rb))
            }
        };
    }
    Ok(result)
}

/// `min(xs)`, `max(xs)`: Python's ValueError where there is none, or the default.
fn lower_extreme_of_list(
    list: &Val,
    default: Option<&Val>,
    fact: &Fact,
    site: &mut Site,
    name: &str,
    beyond: BinOp,
) -> Result<Val, String> {
    let refuse = || format!("`{name}()` of {} is not translated", list.ty.describe());
    if let (Expr::Tuple(items), RTy::Tuple(tys), Ty::Tuple(facts), true) =
        (&list.expr, &list.rty, &list.ty, default.is_none())
        && length(&list.fact()).is_some_and(|len| len > 1)
    {
        // As if the values were the arguments.
        let args =
            items.iter().zip(tys).zip(facts).map(|((item, rty), ty)| {
                Val::new(item.clone(), rty.clone(), &Fact::of(ty.clone()))
            });
        let call = Call {
            args: args.collect(),
            keywords: Vec::new(),
            fact: fact.clone(),
        };
        return match name {
            "min" => lower_min(call, site),
            _ => lower_max(call, site),
        };
    }
    let elem = Fact {
        range: Range::Any,
        ..Fact::of(fact.ty.narrowed())
    };
    let of = elements(list, &elem).ok_or_else(refuse)?;
    let rty = of.x.rty.clone();
    let found = if matches!(rty, RTy::Int(_)) {
        of.copied().method(name, vec![])
    } else {
        let test = Expr::atom("x").binary(beyond, Expr::atom("best"));
        let choice = Expr::If {
            cond: Box::new(test),
            then: Block::value(Expr::atom("x")),
            otherwise: Some(Block::value(Expr::atom("best"))),
        };
        let closure = Expr::Closure("best, x".into(), Box::new(choice));
        of.copied().method("reduce", vec![closure])
    };
    let Some(default) = default else {
        let error = site.error(&format!("ValueError: {name}() arg is an empty sequence"));
        return Ok(Val::new(found.ok_or(&error), rty, fact));
    };
    if default.ty == Ty::None {
        let (found, rty) = match &rty {
            RTy::Float(_) if rty != RTy::F64 => {
                (found.method("map", vec![Expr::atom("f64::from")]), RTy::F64)
            }
            _ => (found, rty),
        };
        return Ok(Val::new(found, RTy::Option(Box::new(rty)), fact));
    }
    let (found, default, rty) = match &rty {
        RTy::Int(int) if fact.ty == Ty::Int => {
            let default = default.to_int(*int).ok_or_else(refuse)?;
            (found, default, rty)
        }
        RTy::Number => (found, super::telling::number(default, site)?, rty),
        RTy::Float(_) if rty == RTy::F64 && fact.ty == Ty::IntOrFloat => {
            let number = found.method("map", vec![Expr::atom("Number::Float")]);
            (number, super::telling::number(default, site)?, RTy::Number)
        }
        RTy::Float(_) if rty == RTy::F64 => (found, default.to_f64(), rty),
        RTy::Float(_) => {
            let wide = found.method("map", vec![Expr::atom("f64::from")]);
            (wide, default.to_f64(), RTy::F64)
        }
        _ => return Err(refuse()),
    };
    Ok(Val::new(
        found.method("unwrap_or", vec![default]),
        rty,
        fact,
    ))
}

fn lower_min(call: Call, site: &mut Site) -> Result<Val, String> {
    lower_extreme(
        call,
        site,
        "min",
        BinOp::Lt,
        Helper::PyMin,
        FloatRange::py_min,
        IntRange::min,
    )
}

fn lower_max(call: Call, site: &mut Site) -> Result<Val, String> {
    lower_extreme(
        call,
        site,
        "max",
        BinOp::Gt,
        Helper::PyMax,
        FloatRange::py_max,
        IntRange::max,
    )
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "min",
        doc: "`min(a, b, …)`, `min(xs[, default=…])` of numbers, the first of equals, NaN as CPython; of texts and members of an `IntEnum`",
        infer: infer_min,
        lower: lower_min,
        special: Special::SIGNLESS,
    },
    Known {
        name: "max",
        doc: "`max(a, b, …)`, `max(xs[, default=…])` of numbers, the first of equals, NaN as CPython; of texts and members of an `IntEnum`",
        infer: infer_max,
        lower: lower_max,
        special: Special::SIGNLESS,
    },
];

//! `len`, `range`, and what runs through a sequence.
//!
//! Enters: the arguments of a call. Leaves: its fact, or its Rust. This module must not know
//! the loop that runs over the result.

use super::{as_int, is_const, is_int, receiver};
use crate::catalog::elements::{elements, made_set, unordered_element};
use crate::catalog::{Arg, Call, Site, lowered, positional};
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{IntRange, LENGTHS, Range};
use crate::ty::{Maxlen, Ty};
use crate::value::{Fact, Val, natural_int};

pub(super) fn infer_len(args: &[Arg]) -> Result<Fact, String> {
    let [x] = positional(args, "len")?;
    match &x.ty {
        Ty::List { len: Some(len), .. } => Ok(Fact::int(IntRange::exactly(*len as i128))),
        Ty::List { .. } | Ty::Str | Ty::Enum(_) | Ty::Dict { .. } | Ty::Set(_) => {
            Ok(Fact::int(LENGTHS))
        }
        Ty::Deque {
            maxlen: Maxlen::Fixed(n, _),
            ..
        } => Ok(Fact::int(IntRange::new(0, *n as i128))),
        Ty::Deque { .. } => Ok(Fact::int(LENGTHS)),
        Ty::Record(fields) if fields.is_partial() => {
            Err("`len()` of a dict that may lack some of its keys is not translated".into())
        }
        Ty::Record(fields) => Ok(Fact::int(IntRange::exactly(fields.len() as i128))),
        Ty::Tuple(items) => Ok(Fact::int(IntRange::exactly(items.len() as i128))),
        Ty::Mixed(kinds) if kinds.iter().all(has_len) => Ok(Fact::int(LENGTHS)),
        other => Err(format!("`len()` of {} is not translated", other.describe())),
    }
}

/// Whether a kind of a union has a length.
fn has_len(kind: &Ty) -> bool {
    matches!(kind, Ty::Tuple(_) | Ty::List { .. } | Ty::Str)
}

pub(super) fn lower_len(call: Call, _: &mut Site) -> Result<Val, String> {
    let range = call.fact.range.int();
    let [x] = lowered(call)?;
    let x = made_set(x);
    // What fails is asked for all the same.
    if let Some(len) = range.constant().filter(|_| !x.expr.can_fail()) {
        return Ok(crate::value::int_val(len));
    }
    let expr = match x.ty {
        Ty::Str if x.rty == RTy::Char && !x.expr.can_fail() => return Ok(crate::value::int_val(1)),
        Ty::Str => {
            let text = match x.rty {
                RTy::Char => x.expr.method("to_string", vec![]),
                _ => x.expr,
            };
            text.method("chars", vec![]).method("count", vec![])
        }
        _ if !is_container(&x.rty) => {
            return Err(format!("`len()` of {} is not translated", x.ty.describe()));
        }
        _ => match without_copies(x.expr.clone()).items() {
            (iter, "x") => iter.method("count", vec![]),
            _ => x.expr.looked_at().method("len", vec![]),
        },
    };
    Ok(Val::int(expr, IntTy::Usize, range))
}

/// Whether a Rust type has a `len`.
fn is_container(rty: &RTy) -> bool {
    matches!(
        rty.peel(),
        RTy::Vec(_)
            | RTy::Slice(_)
            | RTy::Array(..)
            | RTy::Map { .. }
            | RTy::Set(_)
            | RTy::Deque(_)
    )
}

/// Parts of a text that are only counted.
fn without_copies(list: Expr) -> Expr {
    match list {
        Expr::Method(mapped, collect, args) if collect == "collect" => match *mapped {
            Expr::Method(pieces, _, to) if to == [Expr::atom("str::to_string")] => {
                Expr::Method(pieces, collect, args)
            }
            other => Expr::Method(Box::new(other), collect, args),
        },
        other => other,
    }
}

/// `range(…)`: the fact is that of its elements.
pub(super) fn infer_range(args: &[Arg]) -> Result<Fact, String> {
    let facts: Vec<Fact> = args.iter().map(|a| a.fact.clone()).collect();
    if args.iter().any(|a| a.keyword.is_some()) || facts.iter().any(|f| !is_int(&f.ty)) {
        return Err("`range()` of anything but ints is not translated".into());
    }
    let (start, stop, step) = match facts.as_slice() {
        [stop] => (IntRange::exactly(0), as_int(stop), IntRange::exactly(1)),
        [start, stop] => (as_int(start), as_int(stop), IntRange::exactly(1)),
        [start, stop, step] => (as_int(start), as_int(stop), as_int(step)),
        _ => return Err("`range()` with these arguments is not translated".into()),
    };
    let forwards = match (step.lo, step.hi) {
        (Some(1..), _) => true,
        (_, Some(..0)) => false,
        _ => {
            return Err(
                "`range()` with a step that may be of either sign, or zero, is not translated"
                    .into(),
            );
        }
    };
    let elements = if forwards {
        IntRange {
            lo: start.lo,
            hi: stop.hi.map(|hi| hi - 1),
        }
    } else {
        IntRange {
            lo: stop.lo.map(|lo| lo + 1),
            hi: start.hi,
        }
    };
    Ok(Fact {
        ty: Ty::Range,
        range: Range::Int(elements),
        unbound: false,
    })
}

/// A Rust iterator of the type that holds all its elements and its bounds.
pub(super) fn lower_range(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args;
    let step = match args.len() {
        3 => args.pop(),
        _ => None,
    }
    .unwrap_or_else(|| crate::value::int_val(1));
    let stop = args.pop();
    let start = args.pop().unwrap_or_else(|| crate::value::int_val(0));
    let Some(stop) = stop else {
        return Err("`range()` without arguments".into());
    };
    let int = match (&start.rty, &stop.rty) {
        (_, RTy::Int(b))
            if start.literal && !stop.literal && start.to_int(*b).is_some() && !is_const(&stop) =>
        {
            *b
        }
        (RTy::Int(a), RTy::Int(b)) if a == b && !start.literal && !stop.literal => *a,
        _ => natural_int(start.range.int().join(stop.range.int())),
    };
    let error = site.error("an int leaves 64 bits");
    let (low, high) = (
        start.to_int_checked(int, &error),
        stop.to_int_checked(int, &error),
    );
    let boxed = |e: Expr| Some(Box::new(e));
    let forwards = step.range.int().lo.is_some_and(|lo| lo > 0);
    let expr = if forwards {
        let range = Expr::Range {
            low: boxed(low),
            high: boxed(high),
            inclusive: false,
        };
        step_by(range, &step, site)?
    } else {
        // From `start` down to just above `stop`: reversed, and the first element is `start`.
        let above = plus_one(high, &stop);
        let range = Expr::Range {
            low: boxed(above),
            high: boxed(low),
            inclusive: true,
        };
        step_by(range.method("rev", vec![]), &step, site)?
    };
    Ok(Val {
        expr,
        rty: RTy::Int(int),
        ty: Ty::Range,
        range: fact.range,
        literal: false,
        node: None,
    })
}

fn step_by(range: Expr, step: &Val, site: &mut Site) -> Result<Expr, String> {
    let steps = step.range.int();
    let by = match steps.constant() {
        Some(1 | -1) => return Ok(range),
        Some(step) => Expr::atom(step.abs().to_string()),
        None if steps.lo.is_some_and(|lo| lo > 0) => {
            let error = site.error("the step leaves 64 bits");
            step.to_int_checked(IntTy::Usize, &error)
        }
        None => {
            let error = site.error("an int leaves 64 bits");
            let size = step.to_int_checked(IntTy::I64, &error);
            receiver(size, IntTy::I64)
                .method("unsigned_abs", vec![])
                .cast(RTy::USIZE)
        }
    };
    Ok(range.method("step_by", vec![by]))
}

fn plus_one(e: Expr, value: &Val) -> Expr {
    match value.range.int().constant() {
        Some(n) if value.literal => crate::value::int_literal(n + 1),
        _ => e.binary(BinOp::Add, Expr::atom("1")),
    }
}

fn list_elem(fact: &Fact) -> Option<Ty> {
    match &fact.ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } => Some((**elem).clone()),
        Ty::Tuple(items) => Some(items.iter().fold(Ty::Unknown, |a, b| a.join(b))),
        Ty::Range => Some(Ty::Int),
        Ty::Str | Ty::Enum(_) => Some(Ty::Str),
        _ => None,
    }
}

/// `enumerate(xs)`: lowered by the loop that runs over it.
pub(super) fn infer_enumerate(args: &[Arg]) -> Result<Fact, String> {
    let (Some(list), true) = (
        args.first(),
        args.len() <= 2
            && args
                .iter()
                .all(|a| a.keyword.as_ref().is_none_or(|k| k == "start")),
    ) else {
        return Err("these arguments of `enumerate()` are not translated".into());
    };
    let elem = list_elem(&list.fact).ok_or_else(|| {
        format!(
            "`enumerate()` of {} is not translated",
            list.fact.ty.describe()
        )
    })?;
    Ok(Fact::of(Ty::list(Ty::Tuple(vec![Ty::Int, elem]))))
}

/// `zip(xs, ys)`: lowered by the loop that runs over it.
pub(super) fn infer_zip(args: &[Arg]) -> Result<Fact, String> {
    if args.len() < 2 || args.iter().any(|a| a.keyword.is_some()) {
        return Err("these arguments of `zip()` are not translated".into());
    }
    let elems: Result<Vec<Ty>, String> = args
        .iter()
        .map(|a| {
            list_elem(&a.fact)
                .ok_or_else(|| format!("`zip()` of {} is not translated", a.fact.ty.describe()))
        })
        .collect();
    Ok(Fact::of(Ty::list(Ty::Tuple(elems?))))
}

/// `reversed(xs)`: lowered by the loop that runs over it.
pub(super) fn infer_reversed(args: &[Arg]) -> Result<Fact, String> {
    let [list] = positional(args, "reversed")?;
    match &list.ty {
        Ty::Range => Ok(list),
        _ => list_elem(&list)
            .map(|elem| Fact::of(Ty::list(elem)))
            .ok_or_else(|| format!("`reversed()` of {} is not translated", list.ty.describe())),
    }
}

/// `next(generator)`, `next(generator, default)`.
pub(super) fn infer_next(args: &[Arg]) -> Result<Fact, String> {
    let (list, default) = match args {
        [list] => (list, None),
        [list, default] => (list, Some(default)),
        _ => return Err("these arguments of `next()` are not translated".into()),
    };
    let elem = list_elem(&list.fact)
        .map(Fact::of)
        .ok_or_else(|| format!("`next()` of {} is not translated", list.fact.ty.describe()))?;
    Ok(default.map_or(elem.clone(), |d| elem.join(&d.fact)))
}

pub(super) fn infer_quantifier(args: &[Arg]) -> Result<Fact, String> {
    let [list] = positional(args, "any")?;
    match unordered_element(&Arg::of(list.clone())).map(|elem| elem.ty) {
        None | Some(Ty::Conflict(_)) => Err(format!(
            "`any()` or `all()` of {} is not translated",
            list.ty.describe()
        )),
        Some(_) => Ok(Fact::of(Ty::Bool)),
    }
}

pub(super) fn lower_quantifier(call: Call, site: &Site, method: &str) -> Result<Val, String> {
    let [list] = lowered(call)?;
    let refused = format!("`{method}()` of {} is not translated", list.ty.describe());
    let elem = unordered_element(&Arg::of(list.fact())).ok_or(&refused)?;
    if matches!(elem.ty.narrowed(), Ty::Instance(_) | Ty::Member(_)) {
        return Err(refused);
    }
    let of = elements(&list, &elem).ok_or(&refused)?;
    let looked_at = of.item == "&x" && !site.is_copy(&of.x.rty);
    let item = if looked_at { "x" } else { of.item };
    let truth = of.x.truth().ok_or(&refused)?;
    let answer = match of.iter {
        // The values themselves are the answers.
        Expr::Method(inner, name, mut args)
            if name == "map" && args.len() == 1 && of.x.rty == RTy::Bool =>
        {
            return Ok(Val::bool(inner.method(method, vec![args.remove(0)])));
        }
        iter => iter.method(method, vec![Expr::Closure(item.into(), Box::new(truth))]),
    };
    Ok(Val::bool(answer))
}

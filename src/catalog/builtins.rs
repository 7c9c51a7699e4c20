//! Python's builtin functions.

use super::{Arg, Call, Helper, Known, Site, Special, lowered, math, positional};
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::{Maxlen, Ty};
use crate::value::{Fact, Val, natural_int};

/// The names of Python's builtins, known to us or not.
pub(super) const PYTHON: [&str; 70] = [
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

fn as_int(fact: &Fact) -> IntRange {
    if fact.ty == Ty::Bool {
        IntRange::new(0, 1)
    } else {
        fact.range.int()
    }
}

fn is_int(ty: &Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Bool)
}

fn infer_abs(args: &[Arg]) -> Result<Fact, String> {
    let [x] = positional(args, "abs")?;
    match &x.ty {
        Ty::Int | Ty::Bool => Ok(Fact::int(as_int(&x).abs())),
        Ty::Float | Ty::Number => Ok(Fact {
            ty: x.ty.clone(),
            range: Range::Float(x.range.float().abs()),
            unbound: false,
        }),
        other => Err(format!("`abs()` of {} is not translated", other.describe())),
    }
}

fn lower_abs(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [x] = lowered(call)?;
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

/// A float literal needs its type before a method is called on it.
pub(crate) fn float_receiver(e: Expr) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_f64"))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_f64")),
        other => other,
    }
}

/// An int literal needs its type before a method is called on it.
pub(super) fn receiver(e: Expr, int: IntTy) -> Expr {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Expr::Atom(format!("{text}_{}", int.name()))
        }
        Expr::NegLit(text) => Expr::NegLit(format!("{text}_{}", int.name())),
        other => other,
    }
}

/// The type in which two ints meet: that of both, if it is one, else the natural one.
pub(super) fn common_int(a: &Val, b: &Val) -> IntTy {
    match (&a.rty, &b.rty) {
        (RTy::Int(x), RTy::Int(y)) if x == y && !a.literal && !b.literal => *x,
        (RTy::Int(x), _) if !a.literal && b.to_int(*x).is_some() && (b.literal || is_const(b)) => {
            *x
        }
        (_, RTy::Int(y)) if !b.literal && a.to_int(*y).is_some() && (a.literal || is_const(a)) => {
            *y
        }
        _ => natural_int(a.range.int().join(b.range.int())),
    }
}

fn is_const(v: &Val) -> bool {
    matches!(v.expr, Expr::ConstInt { .. })
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

fn infer_round(args: &[Arg]) -> Result<Fact, String> {
    if args.len() == 2 {
        let [x, digits] = positional(args, "round")?;
        if !is_int(&digits.ty) {
            return Err("`round(x, n)` where `n` is not an int is not translated".into());
        }
        return match x.ty {
            Ty::Float if decimals(&digits.range).is_some() => {
                Ok(Fact::float(x.range.float().join(FloatRange::ALL)))
            }
            Ty::Int if digits.range.int().lo.is_some_and(|lo| lo >= 0) => Ok(x),
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
        Ty::Float | Ty::Number => Ok(Fact::int(
            math::whole_range(x.range.float()).meet(IntRange::I64),
        )),
        other => Err(format!(
            "`round()` of {} is not translated",
            other.describe()
        )),
    }
}

fn lower_round(call: Call, site: &mut Site) -> Result<Val, String> {
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

fn infer_int(args: &[Arg]) -> Result<Fact, String> {
    if args.first().is_some_and(|a| is_text(&a.fact.ty)) {
        return super::text::infer_int(args);
    }
    let [x] = positional(args, "int")?;
    match x.ty {
        Ty::Int | Ty::Bool => Ok(Fact::int(as_int(&x))),
        Ty::Float | Ty::Number => Ok(Fact::int(
            math::whole_range(x.range.float()).meet(IntRange::I64),
        )),
        other => Err(format!("`int()` of {} is not translated", other.describe())),
    }
}

fn lower_int(call: Call, site: &mut Site) -> Result<Val, String> {
    if call.args.first().is_some_and(|a| is_text(&a.ty)) {
        return super::text::lower_int(call, site);
    }
    let [x] = lowered(call)?;
    if x.ty == Ty::Bool {
        let expr = Expr::call("i64::from", vec![x.expr]);
        return Ok(Val::int(expr, IntTy::I64, IntRange::new(0, 1)));
    }
    math::whole(&x, "trunc", "int", site)
}

fn infer_float(args: &[Arg]) -> Result<Fact, String> {
    let [x] = positional(args, "float")?;
    match x.ty {
        Ty::Bool => Ok(Fact::float(FloatRange {
            lo: 0.0,
            hi: 1.0,
            nan: false,
            nonzero: false,
            finite: 1.0,
        })),
        Ty::Int | Ty::Float | Ty::Number => Ok(Fact::float(x.range.float())),
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

fn lower_float(call: Call, site: &mut Site) -> Result<Val, String> {
    let range = call.fact.range.float();
    let [x] = lowered(call)?;
    if is_text(&x.ty) {
        return Ok(super::text::lower_float(x, site));
    }
    Ok(Val::f64(x.to_f64(), range))
}

fn infer_bool(args: &[Arg]) -> Result<Fact, String> {
    positional::<1>(args, "bool")?;
    Ok(Fact::of(Ty::Bool))
}

fn lower_bool(call: Call, _: &mut Site) -> Result<Val, String> {
    let [x] = lowered(call)?;
    match x.truth() {
        Some(truth) => Ok(Val::bool(truth)),
        None => Err(format!(
            "the truth of {} is not translated",
            x.ty.describe()
        )),
    }
}

fn infer_len(args: &[Arg]) -> Result<Fact, String> {
    let [x] = positional(args, "len")?;
    let most = i64::MAX as i128;
    match &x.ty {
        Ty::List { len: Some(len), .. } => Ok(Fact::int(IntRange::exactly(*len as i128))),
        Ty::List { .. } | Ty::Str | Ty::Enum(_) | Ty::Dict { .. } | Ty::Set(_) => {
            Ok(Fact::int(IntRange::new(0, most)))
        }
        Ty::Deque {
            maxlen: Maxlen::Fixed(n, _),
            ..
        } => Ok(Fact::int(IntRange::new(0, *n as i128))),
        Ty::Deque { .. } => Ok(Fact::int(IntRange::new(0, most))),
        Ty::Record(fields) => Ok(Fact::int(IntRange::exactly(fields.len() as i128))),
        Ty::Tuple(items) => Ok(Fact::int(IntRange::exactly(items.len() as i128))),
        other => Err(format!("`len()` of {} is not translated", other.describe())),
    }
}

fn lower_len(call: Call, _: &mut Site) -> Result<Val, String> {
    let range = call.fact.range.int();
    let [x] = lowered(call)?;
    if let Some(len) = range.constant() {
        return Ok(crate::value::int_val(len));
    }
    let expr = match x.ty {
        Ty::Str if x.rty == RTy::Char => return Ok(crate::value::int_val(1)),
        Ty::Str => x.expr.method("chars", vec![]).method("count", vec![]),
        _ => match without_copies(x.expr.clone()).items() {
            (iter, "x") => iter.method("count", vec![]),
            _ => x.expr.looked_at().method("len", vec![]),
        },
    };
    Ok(Val::int(expr, IntTy::Usize, range))
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
fn infer_range(args: &[Arg]) -> Result<Fact, String> {
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
fn lower_range(call: Call, site: &mut Site) -> Result<Val, String> {
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
fn infer_enumerate(args: &[Arg]) -> Result<Fact, String> {
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
fn infer_zip(args: &[Arg]) -> Result<Fact, String> {
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
fn infer_reversed(args: &[Arg]) -> Result<Fact, String> {
    let [list] = positional(args, "reversed")?;
    match &list.ty {
        Ty::Range => Ok(list),
        _ => list_elem(&list)
            .map(|elem| Fact::of(Ty::list(elem)))
            .ok_or_else(|| format!("`reversed()` of {} is not translated", list.ty.describe())),
    }
}

fn refuse(_: &[Arg]) -> Result<Fact, String> {
    Err("this form of the call is not translated".into())
}

/// `next(generator)`, `next(generator, default)`.
fn infer_next(args: &[Arg]) -> Result<Fact, String> {
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

fn only_in_loops(_: Call, _: &mut Site) -> Result<Val, String> {
    Err("this is translated in a `for` only".into())
}

fn infer_quantifier(args: &[Arg]) -> Result<Fact, String> {
    let [list] = positional(args, "any")?;
    match list_elem(&list) {
        Some(Ty::Bool | Ty::Unknown) => Ok(Fact::of(Ty::Bool)),
        _ => Err(format!(
            "`any()` or `all()` of {} is not translated",
            list.ty.describe()
        )),
    }
}

fn lower_quantifier(call: Call, method: &str) -> Result<Val, String> {
    let [list] = lowered(call)?;
    let iter = match list.expr {
        // A comprehension that was to be collected is only run through.
        Expr::Method(inner, name, _) if name == "collect" => *inner,
        other => other.method("iter", vec![]).method("copied", vec![]),
    };
    match iter {
        Expr::Method(inner, name, mut args) if name == "map" && args.len() == 1 => {
            Ok(Val::bool(inner.method(method, vec![args.remove(0)])))
        }
        other => Ok(Val::bool(other.method(
            method,
            vec![Expr::Closure("x".into(), Box::new(Expr::atom("x")))],
        ))),
    }
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "enumerate",
        doc: "`enumerate(xs[, start])` in a `for` or a comprehension; a constant start",
        infer: infer_enumerate,
        lower: only_in_loops,
        special: Special::NONE,
    },
    Known {
        name: "zip",
        doc: "`zip(xs, ys, …)` in a `for` or a comprehension",
        infer: infer_zip,
        lower: only_in_loops,
        special: Special::NONE,
    },
    Known {
        name: "reversed",
        doc: "`reversed(xs)` in a `for` or a comprehension",
        infer: infer_reversed,
        lower: only_in_loops,
        special: Special::NONE,
    },
    Known {
        name: "sorted",
        doc: "`sorted(xs[, key=…][, reverse=…])`: stable, NaN as CPython; a key that cannot raise",
        infer: refuse,
        lower: |_, _| Err("this form of `sorted()` is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: "next",
        doc: "`next((… for …)[, default])`",
        infer: infer_next,
        lower: |_, _| Err("`next()` of anything but a generator is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: "any",
        doc: "`any(…)` of bools",
        infer: infer_quantifier,
        lower: |call, _| lower_quantifier(call, "any"),
        special: Special::NONE,
    },
    Known {
        name: "all",
        doc: "`all(…)` of bools",
        infer: infer_quantifier,
        lower: |call, _| lower_quantifier(call, "all"),
        special: Special::NONE,
    },
    Known {
        name: "abs",
        doc: "`abs(x)` of numbers",
        infer: infer_abs,
        lower: lower_abs,
        special: Special::NONE,
    },
    Known {
        name: "round",
        doc: "`round(x)`, `round(x, n)`: ties to even; `n` not negative, or a constant from -18",
        infer: infer_round,
        lower: lower_round,
        special: Special::NONE,
    },
    Known {
        name: "len",
        doc: "`len(x)` of lists, tuples, dicts, sets, deques and strings",
        infer: infer_len,
        lower: lower_len,
        special: Special::NONE,
    },
    Known {
        name: "int",
        doc: "`int(x)` of numbers, `int(text[, base])`; at most 64 bits",
        infer: infer_int,
        lower: lower_int,
        special: Special::NONE,
    },
    Known {
        name: "float",
        doc: "`float(x)` of numbers and texts",
        infer: infer_float,
        lower: lower_float,
        special: Special::NONE,
    },
    Known {
        name: "bool",
        doc: "`bool(x)`",
        infer: infer_bool,
        lower: lower_bool,
        special: Special {
            condition: true,
            ..Special::NONE
        },
    },
    Known {
        name: "range",
        doc: "`range(stop)`, `range(start, stop[, step])`; a step whose sign is known",
        infer: infer_range,
        lower: lower_range,
        special: Special::NONE,
    },
];

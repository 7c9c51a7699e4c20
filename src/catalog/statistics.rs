//! `statistics`: means, medians and spreads.

use super::elements::{Elements, element, elements};
use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::project::PythonVersion;
use crate::ranges::{FloatRange, IntRange};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// The elements of the data, which must be floats: of ints the result may be an int.
fn floats(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [data] = positional(args, name)?;
    match args.first().and_then(element).map(|f| f.ty) {
        Some(Ty::Float) => Ok(Fact::float(FloatRange::ALL)),
        Some(Ty::Unknown) => Ok(Fact::unknown()),
        Some(Ty::Int | Ty::Number) => Err(format!(
            "`{name}()` of ints is not translated: the result is an int where it is whole"
        )),
        _ => Err(format!(
            "`{name}()` of {} is not translated",
            data.ty.describe()
        )),
    }
}

/// The same, where a whole result of ints that doubles hold is the double that equals it.
fn numbers(args: &[Arg], name: &str) -> Result<Fact, String> {
    match args.first().and_then(element) {
        Some(e) if e.ty == Ty::Int => {
            let [_] = positional(args, name)?;
            let ints = Fact::int(e.range.int().meet(IntRange::DOUBLES));
            Ok(Fact {
                ty: Ty::Number,
                ..ints.join(&Fact::float(ints.range.float()))
            })
        }
        _ => floats(args, name),
    }
}

/// A mean or median in Rust.
fn middle_of(expr: Expr, fact: &Fact) -> Result<Val, String> {
    match fact.ty {
        Ty::Number => Ok(Val::new(expr, RTy::F64, fact)),
        Ty::IntOrFloat => {
            Err("a mean or median of ints that shows whether it is an int is not translated".into())
        }
        _ => Ok(Val::f64(expr, FloatRange::ALL)),
    }
}

/// The data as an iterator over floats.
fn run(data: &Val, name: &str) -> Result<Elements, String> {
    let elem = Fact::float(FloatRange::ALL);
    elements(data, &elem).ok_or_else(|| format!("`{name}()` of this is not translated"))
}

/// Whether the data has a name and lies as a slice of floats.
fn is_slice(data: &Val) -> bool {
    data.element() == Some(&RTy::F64)
        && matches!(
            data.rty.peel(),
            RTy::Vec(_) | RTy::Slice(_) | RTy::Array(..)
        )
        && data.expr.is_simple()
}

/// The data as a new list of floats.
fn collected(data: &Val, name: &str, site: &mut Site) -> Result<Expr, String> {
    if is_slice(data) {
        return Ok(data.expr.clone().looked_at().method("to_vec", vec![]));
    }
    let of = run(data, name)?;
    if of.x.ty == Ty::Int && !of.x.range.int().within(IntRange::DOUBLES) {
        let error = site.error("an int beyond 2**53 among the data");
        let size = of.x.expr.clone().method("unsigned_abs", vec![]);
        let exact = size
            .binary(BinOp::Le, Expr::atom("1 << 53"))
            .method("then_some", vec![of.x.expr.clone().cast(RTy::F64)]);
        let each = Expr::Closure(of.item.into(), Box::new(exact));
        let all = of.iter.method("map", vec![each]);
        return Ok(all.method("collect::<Option<_>>", vec![]).ok_or(&error));
    }
    let plain = of.x.rty == RTy::F64;
    let value = of.x.to_f64();
    let iter = match (plain, of.item) {
        (true, "x") => of.iter,
        (true, _) => of.iter.method("copied", vec![]),
        (false, item) => of
            .iter
            .method("map", vec![Expr::Closure(item.into(), Box::new(value))]),
    };
    // A display is the list itself.
    if let Expr::Method(lent, copied, _) = &iter
        && copied == "copied"
        && let Expr::Method(display, iter, _) = &**lent
        && iter == "iter"
        && let Expr::Array(items) = &**display
    {
        return Ok(Expr::Macro("vec".into(), items.clone()));
    }
    Ok(iter.method("collect", vec![]))
}

/// `let mut data: Vec<f64> = …;` and what is made of it.
fn with_data(data: Expr, mutable: bool, more: Vec<Stmt>, value: Expr) -> Expr {
    let kept = StmtKind::Let {
        name: "data".into(),
        mutable,
        ty: Some(RTy::Vec(Box::new(RTy::F64))),
        init: Some(data),
    };
    let mut stmts = vec![Stmt::new(kept)];
    stmts.extend(more);
    let value = Some(Box::new(value));
    Expr::Block(Block { stmts, value })
}

fn mean(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [data] = lowered(call)?;
    let error = site.error("StatisticsError: mean requires at least one data point");
    let helper = site.helper(Helper::ExactMean);
    let mean = |lent: Expr| Expr::call(helper, vec![lent]).ok_or(&error);
    let expr = match is_slice(&data) {
        true => mean(super::dict::lent(data.expr, &data.rty)),
        false => {
            let list = collected(&data, "statistics.mean", site)?;
            let lent = Expr::Ref(Box::new(Expr::atom("data")));
            with_data(list, false, Vec::new(), mean(lent))
        }
    };
    middle_of(expr, &fact)
}

fn fmean(call: Call, site: &mut Site) -> Result<Val, String> {
    let [data] = lowered(call)?;
    let error = site.error("StatisticsError: fmean requires at least one data point");
    let range = site.error("ValueError or OverflowError (not finite, or out of range)");
    let (fsum, divided) = (site.helper(Helper::Fsum), site.helper(Helper::TrueDiv));
    let mean = |data: Expr| {
        let values = data.clone().method("iter", vec![]);
        let sum = Expr::call(fsum, vec![values.method("copied", vec![])]).ok_or(&range);
        let count = data.method("len", vec![]).cast(RTy::F64);
        Expr::call(divided, vec![sum, count]).ok_or(&error)
    };
    let expr = match is_slice(&data) {
        true => mean(data.expr),
        false => {
            let list = collected(&data, "statistics.fmean", site)?;
            with_data(list, false, Vec::new(), mean(Expr::atom("data")))
        }
    };
    Ok(Val::f64(expr, FloatRange::ALL))
}

fn median(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [data] = lowered(call)?;
    let list = collected(&data, "statistics.median", site)?;
    let error = site.error("StatisticsError: no median for empty data");
    let sort = sorted(site);
    let helper = site.helper(Helper::MedianOf);
    let middle = Expr::call(helper, vec![Expr::Ref(Box::new(Expr::atom("data")))]);
    let stmts = vec![Stmt::new(StmtKind::Expr(sort))];
    middle_of(with_data(list, true, stmts, middle.ok_or(&error)), &fact)
}

/// `median_low` and `median_high`: the one that is there.
fn middle(call: Call, site: &mut Site, name: &str, index: Expr) -> Result<Val, String> {
    let [data] = lowered(call)?;
    let list = collected(&data, name, site)?;
    let error = site.error("StatisticsError: no median for empty data");
    let stmts = vec![Stmt::new(StmtKind::Expr(sorted(site)))];
    let found = Expr::atom("data")
        .method("get", vec![index])
        .method("copied", vec![])
        .ok_or(&error);
    Ok(Val::f64(
        with_data(list, true, stmts, found),
        FloatRange::ALL,
    ))
}

/// `data.len()`
fn length() -> Expr {
    Expr::atom("data").method("len", vec![])
}

/// Sorts `data`.
fn sorted(site: &mut Site) -> Expr {
    let nan = site.error("a NaN among 64 or more values to sort");
    let by_value = Expr::Closure("&x".into(), Box::new(Expr::atom("x")));
    let lent = Expr::RefMut(Box::new(Expr::atom("data")));
    Expr::call(site.helper(Helper::PySort), vec![lent, by_value]).ok_or(&nan)
}

/// A spread is a float of ints as well where it is a root.
fn spread_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    let root = name.ends_with("stdev");
    let elem = args.first().and_then(element);
    let exact = elem.is_some_and(|e| matches!(e.ty, Ty::Number | Ty::Int));
    match root && exact {
        true => positional::<1>(args, name).map(|_| Fact::float(FloatRange::ALL)),
        false => floats(args, name),
    }
    .map(|fact| match fact.ty {
        Ty::Float => Fact::float(FloatRange {
            lo: 0.0,
            minus_zero: false,
            ..FloatRange::ALL
        }),
        _ => fact,
    })
}

/// The spread of values with as many degrees of freedom as there are values, `less` so many.
fn spread(call: Call, site: &mut Site, name: &str) -> Result<Val, String> {
    if site.python < PythonVersion(11) {
        return Err(format!("`{name}()` before Python 3.11 is not translated"));
    }
    let (least, less) = match name.starts_with('p') {
        true => ("one data point", "0"),
        false => ("two data points", "1"),
    };
    let fact = call.fact.clone();
    let root = name.ends_with("stdev");
    let [data] = lowered(call)?;
    let few = site.error(&format!(
        "StatisticsError: {name} requires at least {least}"
    ));
    let error = site.error(match root {
        true => "AttributeError or OverflowError (not finite, or out of range)",
        false => "OverflowError: integer division result too large for a float",
    });
    let helper = site.helper(Helper::SpreadOf);
    let spread = |lent: Expr| {
        let count = Expr::atom("xs").method("len", vec![]);
        let enough = match less {
            "0" => Expr::atom("xs").method("is_empty", vec![]).negate(true),
            _ => count.binary(BinOp::Gt, Expr::atom(less)),
        };
        let checked = Expr::call("Some", vec![lent])
            .method("filter", vec![Expr::Closure("xs".into(), Box::new(enough))])
            .ok_or(&few);
        let root = Expr::atom(root.to_string());
        Expr::call(helper, vec![checked, Expr::atom(less), root]).ok_or(&error)
    };
    let expr = match is_slice(&data) {
        true => spread(super::dict::lent(data.expr, &data.rty)),
        false => {
            let list = collected(&data, name, site)?;
            let lent = Expr::Ref(Box::new(Expr::atom("data")));
            with_data(list, false, Vec::new(), spread(lent))
        }
    };
    Ok(Val::f64(expr, fact.range.float()))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "statistics.mean",
        doc: "`statistics.mean(xs)` of floats, or of ints that doubles hold: the exact sum over the count, rounded once",
        infer: |a| numbers(a, "statistics.mean"),
        lower: mean,
        special: Special::NONE,
    },
    Known {
        name: "statistics.fmean",
        doc: "`statistics.fmean(xs)` of floats: `fsum` over the count",
        infer: |a| floats(a, "statistics.fmean"),
        lower: fmean,
        special: Special::NONE,
    },
    Known {
        name: "statistics.median",
        doc: "`statistics.median(xs)` of floats, or of ints that doubles hold",
        infer: |a| numbers(a, "statistics.median"),
        lower: median,
        special: Special::NONE,
    },
    Known {
        name: "statistics.median_low",
        doc: "`statistics.median_low(xs)` of floats: the lower of the middle ones",
        infer: |a| floats(a, "statistics.median_low"),
        lower: |call, site| {
            let index = length()
                .method("saturating_sub", vec![Expr::atom("1")])
                .binary(BinOp::Div, Expr::atom("2"));
            middle(call, site, "statistics.median_low", index)
        },
        special: Special::NONE,
    },
    Known {
        name: "statistics.median_high",
        doc: "`statistics.median_high(xs)` of floats: the upper of the middle ones",
        infer: |a| floats(a, "statistics.median_high"),
        lower: |call, site| {
            let index = length().binary(BinOp::Div, Expr::atom("2"));
            middle(call, site, "statistics.median_high", index)
        },
        special: Special::NONE,
    },
    Known {
        name: "statistics.variance",
        doc: "`statistics.variance(xs)` of floats: the exact fraction, rounded once",
        infer: |a| spread_fact(a, "variance"),
        lower: |call, site| spread(call, site, "variance"),
        special: Special::NONE,
    },
    Known {
        name: "statistics.pvariance",
        doc: "`statistics.pvariance(xs)` of floats: the exact fraction, rounded once",
        infer: |a| spread_fact(a, "pvariance"),
        lower: |call, site| spread(call, site, "pvariance"),
        special: Special::NONE,
    },
    Known {
        name: "statistics.stdev",
        doc: "`statistics.stdev(xs)` of floats, or of ints that doubles hold: the exact fraction, rounded once",
        infer: |a| spread_fact(a, "stdev"),
        lower: |call, site| spread(call, site, "stdev"),
        special: Special::NONE,
    },
    Known {
        name: "statistics.pstdev",
        doc: "`statistics.pstdev(xs)` of floats, or of ints that doubles hold: the exact fraction, rounded once",
        infer: |a| spread_fact(a, "pstdev"),
        lower: |call, site| spread(call, site, "pstdev"),
        special: Special::NONE,
    },
];

//! `statistics`: means and medians. The spreads (`stdev`, `variance`) are exact fractions in
//! Python, and not translated.

use super::elements::{Elements, element, elements};
use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::ranges::FloatRange;
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
fn collected(data: &Val, name: &str) -> Result<Expr, String> {
    if is_slice(data) {
        return Ok(data.expr.clone().looked_at().method("to_vec", vec![]));
    }
    let of = run(data, name)?;
    let plain = of.x.rty == RTy::F64;
    let value = of.x.to_f64();
    let iter = match (plain, of.item) {
        (true, "x") => of.iter,
        (true, _) => of.iter.method("copied", vec![]),
        (false, item) => of
            .iter
            .method("map", vec![Expr::Closure(item.into(), Box::new(value))]),
    };
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
    let [data] = lowered(call)?;
    let error = site.error("ValueError: mean requires at least one data point");
    let helper = site.helper(Helper::ExactMean);
    let mean = |lent: Expr| Expr::call(helper, vec![lent]).ok_or(&error);
    let expr = match is_slice(&data) {
        true => mean(super::dict::lent(data.expr, &data.rty)),
        false => {
            let list = collected(&data, "statistics.mean")?;
            let lent = Expr::Ref(Box::new(Expr::atom("data")));
            with_data(list, false, Vec::new(), mean(lent))
        }
    };
    Ok(Val::f64(expr, FloatRange::ALL))
}

fn fmean(call: Call, site: &mut Site) -> Result<Val, String> {
    let [data] = lowered(call)?;
    let error = site.error("ValueError: fmean requires at least one data point");
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
            let list = collected(&data, "statistics.fmean")?;
            with_data(list, false, Vec::new(), mean(Expr::atom("data")))
        }
    };
    Ok(Val::f64(expr, FloatRange::ALL))
}

fn median(call: Call, site: &mut Site) -> Result<Val, String> {
    let [data] = lowered(call)?;
    let list = collected(&data, "statistics.median")?;
    let error = site.error("ValueError: no median for empty data");
    let nan = site.error("a NaN among 64 or more values to sort");
    let by_value = Expr::Closure("&x".into(), Box::new(Expr::atom("x")));
    let lent = Expr::RefMut(Box::new(Expr::atom("data")));
    let sort = Expr::call(site.helper(Helper::PySort), vec![lent, by_value]).ok_or(&nan);
    let helper = site.helper(Helper::MedianOf);
    let middle = Expr::call(helper, vec![Expr::Ref(Box::new(Expr::atom("data")))]);
    let stmts = vec![Stmt::new(StmtKind::Expr(sort))];
    Ok(Val::f64(
        with_data(list, true, stmts, middle.ok_or(&error)),
        FloatRange::ALL,
    ))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "statistics.mean",
        doc: "`statistics.mean(xs)` of floats: the exact sum over the count, rounded once",
        infer: |a| floats(a, "statistics.mean"),
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
        doc: "`statistics.median(xs)` of floats",
        infer: |a| floats(a, "statistics.median"),
        lower: median,
        special: Special::NONE,
    },
];

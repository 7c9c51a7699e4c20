//! `math.hypot` and `math.dist`: CPython has code of its own for them, and so has a helper.

use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{BinOp, Expr, RTy};
use crate::ranges::FloatRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// What this module knows.
pub(super) static ALL: &[Known] = &[
    Known {
        name: "math.hypot",
        doc: "`math.hypot(x, y, …)`, as CPython 3.10 and 3.11 compute it",
        infer: |args| {
            if let Some(keyword) = args.iter().find_map(|a| a.keyword.as_ref()) {
                return Err(format!("`math.hypot(… {keyword}=…)` is not translated"));
            }
            sides(args.iter().map(|a| a.fact.clone()), "math.hypot")
        },
        lower: |call, site| {
            let range = call.fact.range.float();
            let sides = call.args.iter().map(Val::to_f64).collect();
            Ok(norm(sides, range, site))
        },
        special: Special::SIGNLESS,
    },
    Known {
        name: "math.dist",
        doc: "`math.dist(p, q)` of two tuples of numbers",
        infer: |args: &[Arg]| {
            let points = positional::<2>(args, "math.dist")?;
            let [Ty::Tuple(p), Ty::Tuple(q)] = points.map(|p| p.ty) else {
                return Err("`math.dist()` of anything but tuples is not translated".into());
            };
            if p.len() != q.len() {
                return Err("`math.dist()` of points with different dimensions".into());
            }
            sides(p.into_iter().chain(q).map(Fact::of), "math.dist")
        },
        lower: |call: Call, site| {
            let range = call.fact.range.float();
            let [p, q] = lowered(call)?;
            let (Some(p), Some(q)) = (coordinates(&p), coordinates(&q)) else {
                return Err("`math.dist()` of a computed point is not translated".into());
            };
            let sides = p
                .into_iter()
                .zip(q)
                .map(|(p, q)| p.binary(BinOp::Sub, q))
                .collect();
            Ok(norm(sides, range, site))
        },
        special: Special::NONE,
    },
];

/// The length of what has these sides.
fn sides(facts: impl Iterator<Item = Fact>, name: &str) -> Result<Fact, String> {
    let mut nan = false;
    for fact in facts {
        nan |= super::math::number(&fact, name)?.nan;
    }
    Ok(Fact::float(FloatRange {
        lo: 0.0,
        nan,
        ..FloatRange::ALL
    }))
}

fn norm(sides: Vec<Expr>, range: FloatRange, site: &mut Site) -> Val {
    let helper = site.helper(Helper::Hypot);
    Val::f64(Expr::call(helper, vec![Expr::Array(sides)]), range)
}

/// The coordinates of a point, where looking at them twice does nothing.
fn coordinates(point: &Val) -> Option<Vec<Expr>> {
    let (RTy::Tuple(tys), Ty::Tuple(items)) = (point.rty.peel(), &point.ty) else {
        return None;
    };
    let parts: Vec<Expr> = match &point.expr {
        Expr::Tuple(parts) => parts.clone(),
        place if place.is_simple() => (0..tys.len())
            .map(|i| place.clone().field(i.to_string()))
            .collect(),
        _ => return None,
    };
    let coordinate = |((part, rty), ty): ((Expr, &RTy), &Ty)| {
        Val::new(part, rty.clone(), &Fact::of(ty.clone())).to_f64()
    };
    Some(
        parts
            .into_iter()
            .zip(tys)
            .zip(items)
            .map(coordinate)
            .collect(),
    )
}

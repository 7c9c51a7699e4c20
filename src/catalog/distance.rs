//! `math.hypot` and `math.dist`: CPython has code of its own for them, and so has a helper.

use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
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
        doc: "`math.dist(p, q)` of two tuples, named tuples, or lists of a fixed length, of numbers",
        infer: |args: &[Arg]| {
            let facts = match positional::<2>(args, "math.dist")?.map(|p| p.ty) {
                [Ty::Tuple(p), Ty::Tuple(q)] if p.len() != q.len() => {
                    return Err("`math.dist()` of points with different dimensions".into());
                }
                [Ty::Tuple(p), Ty::Tuple(q)] => p.into_iter().chain(q).collect(),
                [Ty::List { elem: p, .. }, Ty::List { elem: q, .. }] => vec![*p, *q],
                [Ty::Tuple(mut p), Ty::List { elem, .. }]
                | [Ty::List { elem, .. }, Ty::Tuple(mut p)] => {
                    p.push(*elem);
                    p
                }
                _ => return Err("`math.dist()` of anything but tuples is not translated".into()),
            };
            sides(facts.into_iter().map(Fact::of), "math.dist")
        },
        lower: |call: Call, site| {
            let range = call.fact.range.float();
            let [mut p, mut q] = lowered(call)?;
            // Points that are computed are so once.
            let mut stmts = Vec::new();
            if !is_at_hand(&p) || !is_at_hand(&q) {
                stmts.extend([named(&mut p, "p"), named(&mut q, "q")]);
            }
            let (Some(p), Some(q)) = (coordinates(&p), coordinates(&q)) else {
                return Err("`math.dist()` of these points is not translated".into());
            };
            if p.len() != q.len() {
                return Err("`math.dist()` of points with different dimensions".into());
            }
            let sides = p
                .into_iter()
                .zip(q)
                .map(|(p, q)| p.binary(BinOp::Sub, q))
                .collect();
            let norm = norm(sides, range, site);
            Ok(match stmts.is_empty() {
                true => norm,
                false => Val {
                    expr: Expr::Block(Block {
                        stmts,
                        value: Some(Box::new(norm.expr)),
                    }),
                    ..norm
                },
            })
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

/// Whether a point is written out, or a variable.
fn is_at_hand(point: &Val) -> bool {
    point.expr.is_simple() || matches!(point.expr, Expr::Tuple(_) | Expr::Array(_))
}

/// `let p = …;`, by which a point is looked at from then on.
fn named(point: &mut Val, name: &str) -> Stmt {
    let init = std::mem::replace(&mut point.expr, Expr::atom(name));
    Stmt::new(StmtKind::Let {
        name: name.into(),
        mutable: false,
        ty: None,
        init: Some(init),
    })
}

/// The coordinates of a point, where looking at them twice does nothing.
fn coordinates(point: &Val) -> Option<Vec<Expr>> {
    let (tys, items): (Vec<RTy>, Vec<Ty>) = match (point.rty.peel(), &point.ty) {
        (RTy::Tuple(tys), Ty::Tuple(items)) => (tys.clone(), items.clone()),
        (RTy::Array(elem, len), Ty::List { elem: ty, .. }) => {
            (vec![(**elem).clone(); *len], vec![(**ty).clone(); *len])
        }
        (RTy::Array(elem, len), Ty::Tuple(items)) => (vec![(**elem).clone(); *len], items.clone()),
        _ => return None,
    };
    let is_array = matches!(point.rty.peel(), RTy::Array(..));
    let part = |place: &Expr, i: usize| match is_array {
        true => Expr::Index(Box::new(place.clone()), Box::new(Expr::atom(i.to_string()))),
        false => place.clone().field(i.to_string()),
    };
    let parts: Vec<Expr> = match &point.expr {
        Expr::Tuple(parts) | Expr::Array(parts) => parts.clone(),
        place if place.is_simple() => (0..tys.len()).map(|i| part(place, i)).collect(),
        _ => return None,
    };
    let coordinate = |((part, rty), ty): ((Expr, &RTy), &Ty)| {
        Val::new(part, rty.clone(), &Fact::of(ty.clone())).to_f64()
    };
    let parts = parts.into_iter().zip(&tys).zip(&items);
    Some(parts.map(coordinate).collect())
}

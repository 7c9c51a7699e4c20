//! Methods of tuples, which are those of lists that nobody changes.

use super::list;
use super::str_::lent_text;
use super::{Arg, Call, Helper, Known, Site, Special, heap};
use crate::ir::{Expr, RTy};
use crate::ranges::{IntRange, LONGEST};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// The arguments with the tuple as a list of its items, and how many it has at most.
fn as_list(args: &[Arg]) -> (Vec<Arg>, i128) {
    let mut args = args.to_vec();
    let mut len = LONGEST;
    if let Some(tuple) = args.first_mut()
        && let Ty::Tuple(items) = &tuple.fact.ty
    {
        len = items.len() as i128;
        let elem = items.iter().fold(Ty::Unknown, |all, item| all.join(item));
        tuple.fact = Fact::of(Ty::list(elem));
    }
    (args, len)
}

/// A tuple whose items are of one Rust type, as an array.
fn as_array(call: Call) -> Result<Call, String> {
    let mut call = call;
    if call
        .args
        .first()
        .is_some_and(|tuple| tuple.ty.is_long_tuple())
    {
        return Ok(call);
    }
    let Some(tuple) = call.args.first_mut() else {
        return Err("a method of nothing".into());
    };
    let elem = match &tuple.ty {
        Ty::Tuple(items) => items.iter().fold(Ty::Unknown, |all, item| all.join(item)),
        _ => Ty::Unknown,
    };
    let made = match (&tuple.expr, tuple.rty.peel()) {
        (_, RTy::Array(..)) => None,
        (Expr::Tuple(items), RTy::Tuple(tys)) => Some((items.clone(), tys.clone())),
        (place, RTy::Tuple(tys)) if place.is_simple() => {
            let field = |i: usize| place.clone().field(i.to_string());
            Some(((0..tys.len()).map(field).collect(), tys.clone()))
        }
        _ => return Err("this method of a tuple in this place is not translated".into()),
    };
    let fact = Fact::of(Ty::list(elem));
    if let Some((items, tys)) = made {
        // Texts are only looked at.
        let texts = tys.iter().all(|ty| matches!(ty, RTy::String | RTy::Str));
        let (items, tys) = match texts {
            true => {
                let lent = items.into_iter().zip(&tys).map(lent_text);
                (lent.collect(), vec![RTy::Str; tys.len()])
            }
            false => (items, tys),
        };
        let plain = |ty: &RTy| matches!(ty, RTy::Int(_) | RTy::Float(_) | RTy::Bool | RTy::Str);
        let first = tys.first().filter(|first| plain(first)).cloned();
        let Some(first) = first.filter(|first| tys.iter().all(|ty| ty == first)) else {
            return Err("this method of a tuple of several types is not translated".into());
        };
        let rty = RTy::Array(Box::new(first), items.len());
        *tuple = Val::new(Expr::Array(items), rty, &fact);
    }
    tuple.ty = fact.ty;
    Ok(call)
}

fn place_fact(args: &[Arg]) -> Result<Fact, String> {
    let (args, len) = as_list(args);
    heap::place_fact(&args).map(|_| Fact::int(IntRange::new(0, len)))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<tuple>.count",
        doc: "`tuple.count(x)` of numbers and texts",
        infer: |args| {
            let (args, len) = as_list(args);
            list::looked_for(&args, "count")?;
            Ok(Fact::int(IntRange::new(0, len)))
        },
        lower: |call, site: &mut Site| list::count(as_array(call)?, site),
        special: Special::NONE,
    },
    Known {
        name: "<tuple>.index",
        doc: "`tuple.index(x)` of numbers and texts",
        infer: |args| {
            let (args, len) = as_list(args);
            list::looked_for(&args, "index")?;
            Ok(Fact::int(IntRange::new(0, (len - 1).max(0))))
        },
        lower: |call, site: &mut Site| {
            let fact = call.fact.clone();
            let at = list::index_of(as_array(call)?, site)?;
            Ok(Val {
                range: fact.range,
                ..at
            })
        },
        special: Special::NONE,
    },
    Known {
        name: "<tuple>.bisect.bisect_left",
        doc: "`bisect.bisect_left(xs, x)` of a tuple of numbers",
        infer: place_fact,
        lower: |call, site| heap::place(as_array(call)?, site, Helper::BisectLeft),
        special: Special::NONE,
    },
    Known {
        name: "<tuple>.bisect.bisect_right",
        doc: "`bisect.bisect_right(xs, x)`, `bisect.bisect(xs, x)` of a tuple of numbers",
        infer: place_fact,
        lower: |call, site| heap::place(as_array(call)?, site, Helper::BisectRight),
        special: Special::NONE,
    },
];

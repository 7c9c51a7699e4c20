//! `list(…)` and `tuple(…)`: what makes a new one of elements.

use super::elements::{any_number, element, elements};
use super::{Call, Known, Site, Special, let_in, lowered, positional};
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn list(call: Call, _: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    if call.args.is_empty() {
        // It takes the type of where it goes.
        return Ok(Val::new(Expr::call("Vec::new", vec![]), RTy::Never, &fact));
    }
    let [items] = lowered(call)?;
    if let Some(array) = items.array_copy(&fact) {
        return Ok(array);
    }
    if items.ty == Ty::Str {
        let each = items.as_str().method("chars", vec![]);
        let text = each.method("map", vec![Expr::atom("String::from")]);
        let rty = RTy::Vec(Box::new(RTy::String));
        return Ok(Val::new(text.method("collect", vec![]), rty, &fact));
    }
    let name = if fact.ty.is_long_tuple() {
        "tuple"
    } else {
        "list"
    };
    let refuse = || format!("`{name}()` of {} is not translated", items.ty.describe());
    let Ty::List { elem, .. } = &fact.ty else {
        return Err(refuse());
    };
    let of = elements(&items, &any_number((**elem).clone())).ok_or_else(refuse)?;
    let rty = RTy::Vec(Box::new(of.x.rty.clone()));
    let expr = match (&items.expr, of.item) {
        // A list that is new already.
        (Expr::Macro(name, _), _) if name == "vec" => items.expr.clone(),
        (call, _) if is_call(call) && items.rty == rty => items.expr.clone(),
        (Expr::Method(_, name, _), _) if matches!(name.as_str(), "collect" | "to_vec") => {
            items.expr.clone()
        }
        (_, "x") => of.iter.method("collect", vec![]),
        _ if matches!(items.rty.peel(), RTy::Deque(_)) => {
            let plain = matches!(of.x.rty, RTy::Int(_) | RTy::Float(_) | RTy::Bool);
            let owned = if plain { "copied" } else { "cloned" };
            of.iter.method(owned, vec![]).method("collect", vec![])
        }
        _ => items.expr.clone().method("to_vec", vec![]),
    };
    Ok(Val::new(expr, rty, &fact))
}

/// Whether an expression is the call of a function, whose list nobody else has.
fn is_call(e: &Expr) -> bool {
    match e {
        Expr::Call(..) => true,
        Expr::Try(inner) => is_call(inner),
        _ => false,
    }
}

fn tuple(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    if fact.ty.is_long_tuple() {
        return list(call, site);
    }
    let [items] = lowered(call)?;
    match &items.expr {
        Expr::Tuple(_) => Ok(items),
        Expr::Macro(name, values) if name == "vec" => {
            let elem = items
                .element()
                .cloned()
                .ok_or("`tuple()` of this is not translated")?;
            let tys = vec![elem; values.len()];
            Ok(Val::new(
                Expr::Tuple(values.clone()),
                RTy::Tuple(tys),
                &fact,
            ))
        }
        place if place.is_simple() => {
            let (Some(elem), Ty::Tuple(tys)) = (items.element().cloned(), &fact.ty) else {
                return Err("`tuple()` of this is not translated".into());
            };
            let values = (0..tys.len()).map(|i| {
                let at = Expr::atom(i.to_string());
                Expr::Index(Box::new(place.clone()), Box::new(at))
            });
            let values = Expr::Tuple(values.collect());
            Ok(Val::new(values, RTy::Tuple(vec![elem; tys.len()]), &fact))
        }
        _ => {
            let (Some(elem), Ty::Tuple(tys)) = (items.element().cloned(), &fact.ty) else {
                return Err("`tuple()` of this is not translated".into());
            };
            let len = tys.len();
            let item = |i: usize| {
                let at = Expr::atom(i.to_string());
                let item = Expr::Index(Box::new(Expr::atom("items")), Box::new(at));
                match site.is_copy(&elem) {
                    true => item,
                    false => item.method("clone", vec![]),
                }
            };
            let values = Expr::Tuple((0..len).map(item).collect());
            let kept = Val {
                expr: made(items.expr.clone(), &items.rty),
                ..items.clone()
            };
            let rty = RTy::Tuple(vec![elem; len]);
            Ok(Val::new(let_in("items", &kept, values), rty, &fact))
        }
    }
}

/// What is collected, with the type that it is collected into.
fn made(e: Expr, rty: &RTy) -> Expr {
    match (e, rty) {
        (Expr::Method(iter, name, args), RTy::Vec(_)) if name == "collect" => {
            iter.method("collect::<Vec<_>>", args)
        }
        (e, _) => e,
    }
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "list",
        doc: "`list(xs)` of lists, tuples, ranges and texts",
        infer: |args| {
            if args.is_empty() {
                return Ok(Fact::of(Ty::list(Ty::Unknown)));
            }
            let [items] = positional(args, "list")?;
            if items.ty == Ty::Str {
                return Ok(Fact::of(Ty::list(Ty::Str)));
            }
            match args.first().and_then(element) {
                Some(elem) => Ok(Fact::of(Ty::list(elem.ty))),
                None => Err(format!(
                    "`list()` of {} is not translated",
                    items.ty.describe()
                )),
            }
        },
        lower: list,
        special: Special::NONE,
    },
    Known {
        name: "tuple",
        doc: "`tuple(xs)`, of any length",
        infer: |args| {
            let [items] = positional(args, "tuple")?;
            if items.ty.is_unusable() {
                return Ok(items);
            }
            let len = args.first().and_then(|arg| arg.length);
            match (args.first().and_then(element), len, &items.ty) {
                (_, _, Ty::Tuple(_)) => Ok(items),
                (Some(elem), Some(len), _) if len <= 12 => {
                    Ok(Fact::of(Ty::Tuple(vec![elem.ty; len])))
                }
                (Some(elem), ..) => Ok(Fact::of(Ty::tuple_of(elem.ty))),
                (None, ..) => Err(format!(
                    "`tuple()` of {} is not translated",
                    items.ty.describe()
                )),
            }
        },
        lower: tuple,
        special: Special::NONE,
    },
];

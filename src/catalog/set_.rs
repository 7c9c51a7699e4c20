//! Sets: the constructor and the methods. The order of a set's elements is not translated.

use super::dict::{key_owned, key_ref, within_reach};
use super::elements::{element, elements};
use super::{Arg, Call, Known, Site, Special, Told, lowered, positional};
use crate::ast::BinaryOp;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn set_fact(args: &[Arg]) -> Result<Fact, String> {
    match args {
        [] => Ok(Fact::of(Ty::set(Ty::Unknown))),
        [items] if items.keyword.is_none() => match &items.fact.ty {
            Ty::List { elem, .. } => Ok(Fact::of(Ty::set((**elem).clone()))),
            other => Err(format!("`set()` of {} is not translated", other.describe())),
        },
        _ => Err("`set()` with these arguments is not translated".into()),
    }
}

fn elem_of(set: &Val) -> Result<RTy, String> {
    match set.rty.peel() {
        RTy::Set(elem) => Ok((**elem).clone()),
        _ => Err(format!(
            "{} in this place is not translated",
            set.ty.describe()
        )),
    }
}

fn one_element(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [set, item] = positional(args, name)?;
    let Ty::Set(elem) = &set.ty else {
        return Err(format!("`{name}()` of this is not translated"));
    };
    let at = match &item.ty {
        Ty::Enum(_) => &Ty::Str,
        other => other,
    };
    if elem.is_unusable() || **elem == *at || at.is_tuple_among(elem) {
        return Ok(Fact::of(Ty::None));
    }
    Err(format!(
        "{} in {} is not translated",
        item.ty.describe(),
        set.ty.describe()
    ))
}

fn with_element(args: &[Arg]) -> Ty {
    match args {
        [set, item] => set.fact.ty.narrowed().with_key(&item.fact.ty),
        [set, ..] => set.fact.ty.narrowed(),
        [] => Ty::Unknown,
    }
}

fn effect(expr: Expr) -> Val {
    Val::new(expr, RTy::Unit, &Fact::of(Ty::None))
}

/// A statement whose Rust gives a `bool` that nobody asks for.
fn unasked(expr: Expr) -> Val {
    Val::new(expr, RTy::Bool, &Fact::of(Ty::None))
}

fn add(call: Call, site: &mut Site) -> Result<Val, String> {
    let [set, item] = lowered(call)?;
    let elem = elem_of(&set)?;
    let item = key_owned(&within_reach(item, &elem, site), &elem)?;
    Ok(unasked(set.expr.method("insert", vec![item])))
}

fn discard(call: Call, site: &mut Site) -> Result<Val, String> {
    let [set, item] = lowered(call)?;
    let elem = elem_of(&set)?;
    let item = key_ref(&within_reach(item, &elem, site), &elem)?;
    Ok(unasked(set.expr.method("remove", vec![item])))
}

fn remove(call: Call, site: &mut Site) -> Result<Val, String> {
    let [set, item] = lowered(call)?;
    let elem = elem_of(&set)?;
    let error = site.error("KeyError (there is no such element to remove)");
    if item.expr.is_simple() {
        site.told.push((
            error.clone(),
            Told::Repr(Box::new(item.clone()), String::new()),
        ));
    }
    let item = key_ref(&within_reach(item, &elem, site), &elem)?;
    let found = set.expr.method("take", vec![item]).ok_or(&error);
    Ok(Val::new(found, elem, &Fact::of(Ty::None)))
}

/// `a.union(b)` and its kin, of two sets of one type.
fn both(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [a, b] = positional(args, name)?;
    match (&a.ty, &b.ty) {
        (Ty::Set(_), Ty::Set(_)) => match a.ty.join(&b.ty) {
            Ty::Conflict(why) => Err(why),
            ty => Ok(Fact::of(ty)),
        },
        _ => Err(format!(
            "`{name}()` with {} is not translated",
            b.ty.describe()
        )),
    }
}

fn lower_both(call: Call, name: &str) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [a, b] = lowered(call)?;
    let rty = a.rty.peel().clone();
    if rty != *b.rty.peel() {
        return Err("sets of several types are not translated".into());
    }
    let other = if b.rty.is_ref() {
        b.expr
    } else {
        Expr::Ref(Box::new(b.expr))
    };
    let joined = a
        .expr
        .method(name, vec![other])
        .method("cloned", vec![])
        .method("collect", vec![]);
    Ok(Val::new(joined, rty, &fact))
}

fn test(args: &[Arg], name: &str) -> Result<Fact, String> {
    both(args, name).map(|_| Fact::of(Ty::Bool))
}

fn lower_test(call: Call, name: &str) -> Result<Val, String> {
    let [a, b] = lowered(call)?;
    if *a.rty.peel() != *b.rty.peel() {
        return Err("sets of several types are not translated".into());
    }
    let other = if b.rty.is_ref() {
        b.expr
    } else {
        Expr::Ref(Box::new(b.expr))
    };
    Ok(Val::bool(a.expr.method(name, vec![other])))
}

/// What `set.update(items)` puts in, one by one.
fn taken(args: &[Arg]) -> Option<Fact> {
    let items = args.get(1)?;
    match &items.fact.ty {
        Ty::Set(elem) => Some(Fact::of((**elem).clone())),
        _ => element(items),
    }
}

fn update_fact(args: &[Arg]) -> Result<Fact, String> {
    let [set, items] = positional(args, "update")?;
    let refuse = || format!("`update()` by {} is not translated", items.ty.describe());
    let (Ty::Set(elem), Some(taken)) = (&set.ty, taken(args)) else {
        return Err(refuse());
    };
    if elem.is_unusable() || taken.ty.is_unusable() || **elem == taken.ty {
        return Ok(Fact::of(Ty::None));
    }
    Err(refuse())
}

/// The operator of a method that changes a set by another.
pub(crate) fn operator(method: &str) -> Option<BinaryOp> {
    match method {
        "difference_update" => Some(BinaryOp::Sub),
        "intersection_update" => Some(BinaryOp::BitAnd),
        "symmetric_difference_update" => Some(BinaryOp::BitXor),
        _ => None,
    }
}

/// A set that another changes.
fn changed(args: &[Arg], name: &str) -> Result<Fact, String> {
    both(args, name).map(|_| Fact::of(Ty::None))
}

fn with_elements(args: &[Arg]) -> Ty {
    match (args, taken(args)) {
        ([set, ..], Some(taken)) => set.fact.ty.narrowed().with_key(&taken.ty),
        ([set, ..], None) => set.fact.ty.narrowed(),
        ([], _) => Ty::Unknown,
    }
}

/// `set.update(items)`
fn update(call: Call, site: &mut Site) -> Result<Val, String> {
    let [set, items] = lowered(call)?;
    let elem = elem_of(&set)?;
    let refuse = || format!("`update()` by {} is not translated", items.ty.describe());
    if let (RTy::Set(own), expr) = (items.rty.peel(), &items.expr) {
        if **own != elem {
            return Err(refuse());
        }
        let copied = match site.is_copy(&elem) {
            true => "copied",
            false => "cloned",
        };
        let all = match expr {
            Expr::Call(made, parts) if made == "BTreeSet::from" && parts.len() == 1 => {
                parts.first().cloned().ok_or_else(refuse)?
            }
            Expr::Method(iter, name, _) if name == "collect" => (**iter).clone(),
            place => place.clone().method("iter", vec![]).method(copied, vec![]),
        };
        return Ok(effect(set.expr.method("extend", vec![all])));
    }
    let fact = Fact::of(match &items.ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } => (**elem).clone(),
        Ty::Tuple(tys) => tys.iter().fold(Ty::Unknown, |a, b| a.join(b)),
        _ => Ty::Int,
    });
    if let (Expr::Macro(name, values), Some(own)) = (&items.expr, items.element())
        && name == "vec"
        && *own == elem
        && !matches!(values.as_slice(), [Expr::Repeat(..)])
    {
        let all = Expr::Array(values.clone());
        return Ok(effect(set.expr.method("extend", vec![all])));
    }
    let of = elements(&items, &fact).ok_or_else(refuse)?;
    let iter = match of.iter {
        Expr::Method(array, name, _) if name == "into_iter" => *array,
        other => other,
    };
    // What cannot be copied is lent.
    let lent = of.item == "&x" && !site.is_copy(&of.x.rty);
    let all = if of.x.rty == elem {
        match (of.item, lent) {
            ("x", _) => iter,
            (_, true) => iter.method("cloned", vec![]),
            (_, false) => iter.method("copied", vec![]),
        }
    } else {
        let (item, x) = match lent {
            true => {
                let rty = RTy::Ref(Box::new(of.x.rty.clone()));
                ("x", Val { rty, ..of.x })
            }
            false => (of.item, of.x),
        };
        let value = key_owned(&x, &elem)?;
        if value.can_fail() {
            return Err(refuse());
        }
        iter.method("map", vec![Expr::Closure(item.into(), Box::new(value))])
    };
    Ok(effect(set.expr.method("extend", vec![all])))
}

/// Changes its receiver, which takes the argument in.
const GROWS: Special = Special {
    mutates: true,
    grows: Some(with_element),
    ..Special::NONE
};

/// Changes its receiver.
const MUTATES: Special = Special {
    mutates: true,
    ..Special::NONE
};

pub(super) const ALL: &[Known] = &[
    Known {
        name: "set",
        doc: "`set()`, `set(xs)` of a list",
        infer: set_fact,
        lower: |call, _| {
            let fact = call.fact.clone();
            match call.args.into_iter().next() {
                None => Ok(Val::new(
                    Expr::call("BTreeSet::new", vec![]),
                    RTy::Never,
                    &fact,
                )),
                Some(_) => Err("`set()` of this in this place is not translated".into()),
            }
        },
        special: Special::NONE,
    },
    Known {
        name: "<set>.add",
        doc: "`set.add(x)`",
        infer: |a| one_element(a, "add"),
        lower: add,
        special: GROWS,
    },
    Known {
        name: "<set>.discard",
        doc: "`set.discard(x)`",
        infer: |a| one_element(a, "discard"),
        lower: discard,
        special: MUTATES,
    },
    Known {
        name: "<set>.remove",
        doc: "`set.remove(x)`",
        infer: |a| one_element(a, "remove"),
        lower: remove,
        special: MUTATES,
    },
    Known {
        name: "<set>.clear",
        doc: "`set.clear()`",
        infer: |a| positional::<1>(a, "clear").map(|_| Fact::of(Ty::None)),
        lower: |call, _| {
            let [set] = lowered(call)?;
            Ok(effect(set.expr.method("clear", vec![])))
        },
        special: MUTATES,
    },
    Known {
        name: "<set>.update",
        doc: "`set.update(xs)`",
        infer: update_fact,
        lower: update,
        special: Special {
            mutates: true,
            grows: Some(with_elements),
            ..Special::NONE
        },
    },
    Known {
        name: "<set>.difference_update",
        doc: "`set.difference_update(xs)`, `a -= b`",
        infer: |a| changed(a, "difference_update"),
        lower: |_, _| Err("`difference_update()` in this place is not translated".into()),
        special: MUTATES,
    },
    Known {
        name: "<set>.intersection_update",
        doc: "`set.intersection_update(xs)`, `a &= b`",
        infer: |a| changed(a, "intersection_update"),
        lower: |_, _| Err("`intersection_update()` in this place is not translated".into()),
        special: MUTATES,
    },
    Known {
        name: "<set>.symmetric_difference_update",
        doc: "`set.symmetric_difference_update(xs)`, `a ^= b`",
        infer: |a| changed(a, "symmetric_difference_update"),
        lower: |_, _| Err("`symmetric_difference_update()` in this place is not translated".into()),
        special: Special {
            mutates: true,
            grows: Some(with_elements),
            ..Special::NONE
        },
    },
    Known {
        name: "<set>.union",
        doc: "`set.union(other)`, `a | b`",
        infer: |a| both(a, "union"),
        lower: |call, _| lower_both(call, "union"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.intersection",
        doc: "`set.intersection(other)`, `a & b`",
        infer: |a| both(a, "intersection"),
        lower: |call, _| lower_both(call, "intersection"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.difference",
        doc: "`set.difference(other)`, `a - b`",
        infer: |a| both(a, "difference"),
        lower: |call, _| lower_both(call, "difference"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.symmetric_difference",
        doc: "`set.symmetric_difference(other)`, `a ^ b`",
        infer: |a| both(a, "symmetric_difference"),
        lower: |call, _| lower_both(call, "symmetric_difference"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.issubset",
        doc: "`set.issubset(other)`",
        infer: |a| test(a, "issubset"),
        lower: |call, _| lower_test(call, "is_subset"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.issuperset",
        doc: "`set.issuperset(other)`",
        infer: |a| test(a, "issuperset"),
        lower: |call, _| lower_test(call, "is_superset"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.isdisjoint",
        doc: "`set.isdisjoint(other)`",
        infer: |a| test(a, "isdisjoint"),
        lower: |call, _| lower_test(call, "is_disjoint"),
        special: Special::NONE,
    },
    Known {
        name: "<set>.copy",
        doc: "`set.copy()`",
        infer: |a| positional::<1>(a, "copy").map(|[set]| Fact::of(set.ty)),
        lower: |call, _| {
            let fact = call.fact.clone();
            let [set] = lowered(call)?;
            let rty = set.rty.peel().clone();
            Ok(Val::new(set.expr.method("clone", vec![]), rty, &fact))
        },
        special: Special::NONE,
    },
];

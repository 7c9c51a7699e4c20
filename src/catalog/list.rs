//! Methods of lists.

use super::{Arg, Call, Known, Site, Special, lowered, positional};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{IntRange, Range};
use crate::ty::Ty;
use crate::value::{Fact, Val, int_literal};

fn elem_of(fact: &Fact) -> Fact {
    match &fact.ty {
        Ty::List { elem, store, .. } => {
            let range = store.as_ref().map_or_else(
                || Fact::of((**elem).clone()).range,
                crate::value::stored_range,
            );
            Fact {
                ty: (**elem).clone(),
                range,
                unbound: false,
            }
        }
        _ => Fact::unknown(),
    }
}

fn fixed(fact: &Fact) -> Result<(), String> {
    match fact.ty {
        Ty::List { len: Some(_), .. } => {
            Err("this changes the length of a fixed array: PyTask fails the cycle".into())
        }
        _ => Ok(()),
    }
}

fn none<const N: usize>(args: &[Arg], name: &str) -> Result<Fact, String> {
    let facts: [Fact; N] = positional(args, name)?;
    facts.first().map_or(Ok(()), fixed)?;
    Ok(Fact::of(Ty::None))
}

/// The list with the type of the last argument joined into its elements.
fn with_element(args: &[Arg]) -> Ty {
    match (
        args.first().map(|a| &a.fact.ty),
        args.last().map(|a| &a.fact.ty),
    ) {
        (Some(Ty::List { elem, store, len }), Some(item)) => {
            let joined = if store.is_some() {
                (**elem).clone()
            } else {
                elem.join(item)
            };
            Ty::List {
                elem: Box::new(joined),
                store: store.clone(),
                len: *len,
            }
        }
        (Some(other), _) => other.clone(),
        (None, _) => Ty::Unknown,
    }
}

fn effect(expr: Expr) -> Val {
    Val::new(expr, RTy::Unit, &Fact::of(Ty::None))
}

fn append(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    let error = site.error("an element leaves its type");
    let Some(value) = list
        .element()
        .and_then(|elem| item.to_element(elem, &error))
    else {
        return Err(format!(
            "appending {} to this list is not translated",
            item.ty.describe()
        ));
    };
    Ok(effect(list.expr.method("push", vec![value])))
}

fn pop_fact(args: &[Arg]) -> Result<Fact, String> {
    let Some(list) = args.first() else {
        return Err("`pop()` is not translated".into());
    };
    fixed(&list.fact)?;
    match args.get(1).map(|i| i.fact.range.int().constant()) {
        None | Some(Some(0 | -1)) => Ok(elem_of(&list.fact)),
        Some(_) => Err("`pop(i)` of anything but 0 and -1 is not translated yet".into()),
    }
}

fn pop(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let first = call
        .args
        .get(1)
        .is_some_and(|i| i.range.int().constant() == Some(0));
    let Some(list) = call.args.into_iter().next() else {
        return Err("`pop()` is not translated".into());
    };
    let Some(elem) = list.element().cloned() else {
        return Err("`pop()` of this is not translated".into());
    };
    let error = site.error("pop from an empty list");
    let expr = if first {
        // The drained element, if there is one.
        let range = Expr::Range {
            low: None,
            high: Some(Box::new(
                list.expr
                    .clone()
                    .method("len", vec![])
                    .method("min", vec![Expr::atom("1")]),
            )),
            inclusive: false,
        };
        list.expr
            .method("drain", vec![range])
            .method("next", vec![])
            .ok_or(&error)
    } else {
        list.expr.method("pop", vec![]).ok_or(&error)
    };
    Ok(Val::new(expr, elem, &fact))
}

fn insert(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, index, item] = lowered(call)?;
    if index.range.int().constant() != Some(0) {
        return Err("`insert(i, x)` of anything but 0 is not translated yet".into());
    }
    let error = site.error("an element leaves its type");
    let Some(value) = list
        .element()
        .and_then(|elem| item.to_element(elem, &error))
    else {
        return Err(format!(
            "inserting {} into this list is not translated",
            item.ty.describe()
        ));
    };
    Ok(effect(
        list.expr.method("insert", vec![int_literal(0), value]),
    ))
}

fn clear(call: Call, _: &mut Site) -> Result<Val, String> {
    let [list] = lowered(call)?;
    Ok(effect(list.expr.method("clear", vec![])))
}

fn count_fact(args: &[Arg]) -> Result<Fact, String> {
    let [list, item] = positional(args, "count")?;
    match (&list.ty, &item.ty) {
        (Ty::List { elem, .. }, item) if elem.is_number() && item.is_number() => {
            Ok(Fact::int(IntRange::new(0, i64::MAX as i128)))
        }
        (Ty::List { .. }, other) => Err(format!(
            "`count()` of {} is not translated",
            other.describe()
        )),
        (other, _) => Err(format!(
            "`count()` of {} is not translated",
            other.describe()
        )),
    }
}

fn count(call: Call, _: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    let Some(elem) = list.element().cloned() else {
        return Err("`count()` of this is not translated".into());
    };
    let x = Val {
        rty: elem,
        ty: if item.ty == Ty::Int {
            Ty::Int
        } else {
            Ty::Float
        },
        range: Range::Any,
        ..item.clone()
    };
    let same = Val {
        expr: Expr::atom("x"),
        literal: false,
        ..x
    }
    .to_f64()
    .binary(crate::ir::BinOp::Eq, item.to_f64());
    let filter = list
        .expr
        .method("iter", vec![])
        .method("filter", vec![Expr::Closure("&&x".into(), Box::new(same))]);
    Ok(Val::int(
        filter.method("count", vec![]),
        IntTy::Usize,
        IntRange::new(0, i64::MAX as i128),
    ))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<list>.append",
        doc: "`list.append(x)`",
        infer: |a| none::<2>(a, "append"),
        lower: append,
        special: Special {
            mutates: true,
            grows: Some(with_element),
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.pop",
        doc: "`list.pop()`, `list.pop(0)`",
        infer: pop_fact,
        lower: pop,
        special: Special {
            mutates: true,
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.insert",
        doc: "`list.insert(0, x)`",
        infer: |a| none::<3>(a, "insert"),
        lower: insert,
        special: Special {
            mutates: true,
            grows: Some(with_element),
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.clear",
        doc: "`list.clear()`",
        infer: |a| none::<1>(a, "clear"),
        lower: clear,
        special: Special {
            mutates: true,
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.count",
        doc: "`list.count(x)` of numbers",
        infer: count_fact,
        lower: count,
        special: Special::NONE,
    },
];

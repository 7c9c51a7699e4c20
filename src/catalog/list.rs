//! Methods of lists.

use super::{Arg, Call, Helper, Known, Site, Special, Told, let_in, lowered, positional};
use crate::diagnostic::Code;
use crate::ir::uses::{closure_name, mentions};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::project::IntTy;
use crate::ranges::{IntRange, LENGTHS};
use crate::ty::{ListKind, Ty};
use crate::value::{Fact, Val, int_literal};

pub(super) fn elem_of(fact: &Fact) -> Fact {
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

pub(super) fn fixed(fact: &Fact) -> Result<(), String> {
    match fact.ty {
        Ty::List { len: Some(_), .. } => {
            Err("this changes the length of a fixed array: PyTask fails the cycle".into())
        }
        _ => Ok(()),
    }
}

pub(super) fn none<const N: usize>(args: &[Arg], name: &str) -> Result<Fact, String> {
    let facts: [Fact; N] = positional(args, name)?;
    facts.first().map_or(Ok(()), fixed)?;
    Ok(Fact::of(Ty::None))
}

/// The list with the type of the last argument joined into its elements.
pub(super) fn with_element(args: &[Arg]) -> Ty {
    match (
        args.first().map(|a| &a.fact.ty),
        args.last().map(|a| &a.fact.ty),
    ) {
        (
            Some(Ty::List {
                elem,
                store,
                len,
                kind,
            }),
            Some(item),
        ) => {
            let joined = if store.is_some() {
                (**elem).clone()
            } else {
                elem.join(item)
            };
            Ty::List {
                elem: Box::new(joined),
                store: store.clone(),
                len: *len,
                kind: *kind,
            }
        }
        (Some(other), _) => other.clone(),
        (None, _) => Ty::Unknown,
    }
}

fn effect(expr: Expr) -> Val {
    Val::new(expr, RTy::Unit, &Fact::of(Ty::None))
}

pub(super) fn append(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    let value = as_element(&list, &item, site)?;
    Ok(effect(list.expr.method("push", vec![value])))
}

pub(super) fn pop_fact(args: &[Arg]) -> Result<Fact, String> {
    let Some(list) = args.first() else {
        return Err("`pop()` is not translated".into());
    };
    fixed(&list.fact)?;
    match args {
        [_] => Ok(elem_of(&list.fact)),
        [_, at] if matches!(at.fact.ty, Ty::Int | Ty::Unknown) => Ok(elem_of(&list.fact)),
        _ => Err("`pop()` with these arguments is not translated".into()),
    }
}

/// The first element of a list, taken from it, if there is one.
pub(super) fn take_first(list: Expr) -> Expr {
    let count = list.clone().method("len", vec![]);
    if list.can_fail() {
        let first = Expr::Range {
            low: None,
            high: Some(Box::new(count.method("min", vec![Expr::atom("1")]))),
            inclusive: false,
        };
        return list.method("drain", vec![first]).method("next", vec![]);
    }
    let some = list.clone().method("is_empty", vec![]).negate(true);
    let first = list.method("remove", vec![Expr::atom("0")]);
    some.method("then", vec![Expr::Closure(String::new(), Box::new(first))])
}

pub(super) fn pop(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(list), at) = (args.next(), args.next()) else {
        return Err("`pop()` is not translated".into());
    };
    let Some(elem) = list.element().cloned() else {
        return Err("`pop()` of this is not translated".into());
    };
    let kind = list.ty.octets_kind().map_or("list", ListKind::name);
    let empty = format!("pop from empty {kind}");
    let none = format!("{empty:?}");
    let empty = site.error(&format!("IndexError: {empty}"));
    let expr = match &at {
        None => list.expr.method("pop", vec![]).ok_or(&empty),
        Some(at) => match at.range.int().constant() {
            Some(-1) => list.expr.method("pop", vec![]).ok_or(&empty),
            Some(0) => take_first(list.expr).ok_or(&empty),
            _ => {
                let error = site.error("IndexError (pop index out of range)");
                if list.expr.is_simple() {
                    let empty = list.expr.clone().method("is_empty", vec![]);
                    let message = Expr::If {
                        cond: Box::new(empty),
                        then: Block::value(Expr::Atom(none)),
                        otherwise: Some(Block::value(Expr::atom("\"pop index out of range\""))),
                    };
                    let message = Told::Text(message.method("to_string", vec![]));
                    site.told.push((error.clone(), message));
                }
                let wide = at.to_int_checked(IntTy::I64, &error);
                let len = list.expr.clone().method("len", vec![]);
                let at = Expr::call(site.helper(Helper::Index), vec![wide, len]).ok_or(&error);
                list.expr.method("remove", vec![at])
            }
        },
    };
    Ok(Val::new(expr, elem, &fact))
}

/// A value as an element of a list, or why it is none.
pub(super) fn as_element(list: &Val, item: &Val, site: &Site) -> Result<Expr, String> {
    let error = site.error("an element leaves its type");
    list.element()
        .and_then(|elem| item.to_element(elem, &error))
        .ok_or_else(|| {
            format!(
                "{} as an element of a {} is not translated",
                item.ty.describe(),
                list.ty.describe()
            )
        })
}

pub(super) fn insert(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, at, item] = lowered(call)?;
    let value = as_element(&list, &item, site)?;
    let len = || list.expr.clone().method("len", vec![]);
    let range = at.range.int();
    let at = if range.constant() == Some(0) {
        int_literal(0)
    } else if let (true, Some(at)) = (range.lo.is_some_and(|lo| lo >= 0), at.to_int(IntTy::Usize)) {
        match range.constant() {
            Some(_) => len().method("min", vec![at]),
            None => at.method("min", vec![len()]),
        }
    } else {
        let error = site.error("an int leaves 64 bits");
        let at = at.to_int_checked(IntTy::I64, &error);
        Expr::call(site.helper(Helper::SliceBound), vec![at, len()])
    };
    Ok(effect(list.expr.clone().method("insert", vec![at, value])))
}

/// The closure that tells whether an element is `item`; `pattern` is how it gets one.
fn is_item(list: &Val, item: &Val, pattern: &str, identical: bool) -> Result<Expr, String> {
    let refuse = || {
        format!(
            "looking for {} in a {} is not translated",
            item.ty.describe(),
            list.ty.describe()
        )
    };
    let elem = list.element().cloned().ok_or_else(refuse)?;
    let elem_ty = match &list.ty {
        Ty::List { elem, .. } => (**elem).clone(),
        _ => return Err(refuse()),
    };
    // What is looked for may itself be called so.
    let name = closure_name(&[&item.expr]);
    let pattern = pattern.replace('x', name);
    let x = Val::new(Expr::atom(name), elem.clone(), &Fact::of(elem_ty.clone()));
    let number = |ty: &Ty| ty.is_number() || *ty == Ty::Bool;
    let test = if number(&elem_ty) && number(&item.ty) {
        let float = elem_ty.is_float() || item.ty.is_float();
        let wide = |v: &Val| {
            v.ty == Ty::Int
                && !v.range.int().within(IntRange::DOUBLES)
                && !crate::catalog::elements::is_narrow(&v.rty)
        };
        if float && (wide(&x) || wide(item)) {
            return Err(refuse());
        }
        let tells = [&x, item].iter().any(|v| v.rty == RTy::Number);
        let (left, right) = if tells {
            let number = |v: &Val| v.to_number("an int leaves 64 bits").ok_or_else(refuse);
            (number(&x)?, number(item)?)
        } else if float {
            (x.to_f64(), item.to_f64())
        } else if elem == item.rty && !item.literal {
            (x.expr.clone(), item.expr.clone())
        } else {
            let int = |v: &Val| match v.to_int(IntTy::I64) {
                Some(e) => Some(e),
                None if crate::catalog::elements::is_narrow(&v.rty) => {
                    Some(Expr::call("i64::from", vec![v.expr.clone()]))
                }
                None => None,
            };
            match item.literal {
                true => (x.expr.clone(), item.expr.clone()),
                false => (int(&x).ok_or_else(refuse)?, int(item).ok_or_else(refuse)?),
            }
        };
        let same = left.clone().binary(BinOp::Eq, right.clone());
        let may_be_nan = float && item.range.float().nan && !item.literal;
        if identical && may_be_nan {
            // Python finds the very object, be it NaN.
            let nans = left
                .method("is_nan", vec![])
                .binary(BinOp::And, right.method("is_nan", vec![]));
            same.binary(BinOp::Or, nans)
        } else {
            same
        }
    } else if matches!(item.ty, Ty::Member(_) | Ty::Position) && elem == item.rty {
        x.expr.clone().binary(BinOp::Eq, item.expr.clone())
    } else if matches!(item.ty.narrowed(), Ty::Member(_) | Ty::Position)
        && item.rty == RTy::Option(Box::new(elem.clone()))
    {
        let some = Expr::call("Some", vec![x.expr.clone()]);
        some.binary(BinOp::Eq, item.expr.clone())
    } else if matches!(item.ty, Ty::Tuple(_)) && elem == *item.rty.peel() {
        let held = |e: &Expr| Expr::Deref(Box::new(e.clone()));
        let of_list = match by_value(list) {
            true => x.expr.clone(),
            false => held(&x.expr),
        };
        match item.rty.is_ref() {
            true => of_list.binary(BinOp::Eq, held(&item.expr)),
            false => of_list.binary(BinOp::Eq, item.expr.clone()),
        }
    } else if matches!(item.ty, Ty::Instance(_)) && elem == *item.rty.peel() {
        let held = |e: &Expr| Expr::Deref(Box::new(e.clone()));
        match item.rty.is_ref() {
            true => held(&x.expr).binary(BinOp::Eq, held(&item.expr)),
            false => held(&x.expr).binary(BinOp::Eq, item.expr.clone()),
        }
    } else if matches!(elem, RTy::String | RTy::Str) && item.ty == Ty::Str && item.rty != RTy::Char
    {
        x.expr.clone().binary(BinOp::Eq, item.clone().as_str())
    } else {
        return Err(refuse());
    };
    Ok(Expr::Closure(pattern, Box::new(test)))
}

/// Whether an element's pattern in a closure takes it by value.
fn by_value(list: &Val) -> bool {
    fn copied(ty: &RTy) -> bool {
        match ty {
            RTy::String => false,
            RTy::Tuple(items) => items.iter().all(copied),
            RTy::Option(inner) => copied(inner),
            _ => true,
        }
    }
    let objects =
        matches!(list.ty.narrowed(), Ty::List { elem, .. } if matches!(*elem, Ty::Instance(_)));
    !objects && list.element().is_none_or(copied)
}

/// Whether two tuples of such types are compared item by item in the Rust as in the Python.
fn same_tuples(held: &Ty, wanted: &Ty) -> bool {
    match (held, wanted) {
        (Ty::Tuple(held), Ty::Tuple(wanted)) => {
            held.len() == wanted.len() && held.iter().zip(wanted).all(|(a, b)| same_tuples(a, b))
        }
        (Ty::Option(held), Ty::Option(wanted)) => same_tuples(held, wanted),
        (Ty::Bool | Ty::Str | Ty::Member(_), _) => held == wanted,
        (held, _) => held.is_number() && held == wanted,
    }
}

/// What is told of floats that are looked for, and of tuples that hold them: Python asks first
/// whether it is the same object.
pub(crate) fn note_nan(item: &Val, site: &mut Site) {
    let what = match &item.ty {
        Ty::Tuple(_) if item.ty.any(&|ty| ty.is_number() && *ty != Ty::Int) => {
            "a tuple that holds a NaN"
        }
        Ty::Float if item.range.float().nan => "a NaN",
        _ => return,
    };
    let message = format!("{what} is found by its identity in Python, not in the Rust");
    site.notes.push((Code::OneNan, message));
}

/// Where the first element is that equals `item`.
fn position(list: &Val, item: &Val, error: &str) -> Result<Expr, String> {
    let pattern = if by_value(list) { "&x" } else { "x" };
    look_for(list, item, |item| {
        let test = is_item(list, item, pattern, true)?;
        let found = list.expr.clone().method("iter", vec![]);
        Ok(found.method("position", vec![test]).ok_or(error))
    })
}

/// What a test of each element gives, where the item is computed once and before.
fn look_for(
    list: &Val,
    item: &Val,
    found: impl Fn(&Val) -> Result<Expr, String>,
) -> Result<Expr, String> {
    // What is only looked at is not copied.
    let item = &match &item.expr {
        Expr::Method(place, name, _) if name == "clone" && place.is_simple() => Val {
            expr: (**place).clone(),
            ..item.clone()
        },
        _ => item.clone(),
    };
    let plain = |e: &Expr| e.is_simple() && !e.can_fail();
    let inline = match (&item.expr, item.rty.peel()) {
        (Expr::Tuple(items), RTy::Tuple(tys)) => {
            items.iter().all(plain) && tys.iter().all(|ty| *ty != RTy::String)
        }
        (single, _) => single.is_simple(),
    };
    if inline {
        return found(item);
    }
    let of_list = Block::of(vec![Stmt::new(StmtKind::Expr(list.expr.clone()))]);
    let name = ["wanted", "looked_for", "item_to_find"]
        .into_iter()
        .find(|name| !mentions(&of_list, name))
        .ok_or("this search is not translated")?;
    let kept = Val {
        expr: Expr::atom(name),
        ..item.clone()
    };
    // What lies somewhere stays there.
    let stays = *item.rty.peel() == RTy::String && !item.rty.is_ref() && item.expr.is_place();
    let (item, kept) = match stays {
        true => {
            let lent = RTy::Ref(Box::new(item.rty.clone()));
            let bound = Val {
                expr: Expr::Ref(Box::new(item.expr.clone())),
                rty: lent.clone(),
                ..item.clone()
            };
            (bound, Val { rty: lent, ..kept })
        }
        false => (item.clone(), kept),
    };
    Ok(let_in(name, &item, found(&kept)?))
}

/// Whether `x` may be looked for among the elements.
pub(super) fn looked_for(args: &[Arg], name: &str) -> Result<(), String> {
    let [list, item] = positional(args, name)?;
    let number = |ty: &Ty| ty.is_number() || matches!(ty, Ty::Bool | Ty::Unknown);
    match (&list.ty, &item.ty) {
        (Ty::List { elem, .. }, item) if number(elem) && number(item) => Ok(()),
        (Ty::List { elem, .. }, Ty::Str) if **elem == Ty::Str => Ok(()),
        (Ty::List { elem, .. }, Ty::Member(_) | Ty::Position) if **elem == item.ty => Ok(()),
        // None is not among them.
        (Ty::List { elem, .. }, Ty::Option(item))
            if matches!(**item, Ty::Member(_) | Ty::Position) && elem == item =>
        {
            Ok(())
        }
        (Ty::List { elem, .. }, Ty::Tuple(_)) if same_tuples(elem, &item.ty) => Ok(()),
        // That they can be compared is seen to.
        (Ty::List { elem, .. }, Ty::Instance(_)) if **elem == item.ty => Ok(()),
        (_, other) => Err(format!(
            "`{name}()` of {} is not translated",
            other.describe()
        )),
    }
}

pub(super) fn index_of(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    note_nan(&item, site);
    let error = site.error("ValueError (the value is not in the list)");
    let at = position(&list, &item, &error)?;
    if item.expr.is_simple() {
        let message = match list.ty.narrowed() {
            Ty::List {
                kind: ListKind::Tuple,
                ..
            }
            | Ty::Tuple(_) => Told::Text(
                Expr::atom("\"tuple.index(x): x not in tuple\"").method("to_string", vec![]),
            ),
            _ => Told::Repr(Box::new(item), " is not in list".into()),
        };
        site.told.push((error, message));
    }
    Ok(Val::int(at, IntTy::Usize, LENGTHS))
}

fn remove(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    note_nan(&item, site);
    let at = position(
        &list,
        &item,
        &site.error("ValueError: list.remove(x): x not in list"),
    )?;
    let (mut stmts, at) = match at {
        Expr::Block(Block {
            stmts,
            value: Some(at),
        }) => (stmts, *at),
        at => (Vec::new(), at),
    };
    let removed = list.expr.method("remove", vec![at]);
    if stmts.is_empty() {
        return Ok(effect(removed));
    }
    stmts.push(Stmt::new(StmtKind::Expr(removed)));
    Ok(effect(Expr::Block(Block::of(stmts))))
}

/// The list with the type of the elements of the last argument joined into its own.
fn with_elements(args: &[Arg]) -> Ty {
    match args {
        [list, items] => {
            let elem = crate::catalog::elements::element(items).map_or(Ty::Unknown, |f| f.ty);
            let item = Arg {
                fact: Fact::of(elem),
                ..items.clone()
            };
            with_element(&[list.clone(), item])
        }
        _ => Ty::Unknown,
    }
}

fn extend_fact(args: &[Arg]) -> Result<Fact, String> {
    let [list, items] = positional(args, "extend")?;
    fixed(&list)?;
    let known = args
        .get(1)
        .is_some_and(|items| crate::catalog::elements::element(items).is_some());
    match items.ty {
        _ if known => Ok(Fact::of(Ty::None)),
        other => Err(format!(
            "`extend()` by {} is not translated",
            other.describe()
        )),
    }
}

/// The type of a list that was extended.
///
/// # Errors
/// Why that is not translated.
pub(crate) fn extended(list: &Fact, items: &Fact) -> Result<Ty, String> {
    let args = [list, items].map(|fact| {
        Arg::of(Fact {
            ty: fact.ty.narrowed(),
            ..fact.clone()
        })
    });
    if items.ty.is_unusable() {
        return Ok(list.ty.narrowed());
    }
    extend_fact(&args).map(|_| with_elements(&args))
}

/// `xs.extend(ys)`, `xs += ys`.
pub(crate) fn extend(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, items] = lowered(call)?;
    if list.expr == items.expr {
        let all = Expr::Range {
            low: None,
            high: None,
            inclusive: false,
        };
        return Ok(effect(list.expr.method("extend_from_within", vec![all])));
    }
    let refuse = || {
        format!(
            "extending a {} by {} is not translated",
            list.ty.describe(),
            items.ty.describe()
        )
    };
    let elem = list.element().cloned().ok_or_else(refuse)?;
    let elem_ty = match &items.ty {
        Ty::List { elem, .. } => (**elem).clone(),
        Ty::Tuple(tys) => tys.iter().fold(Ty::Unknown, |a, b| a.join(b)),
        _ => Ty::Int,
    };
    // A literal's values, in the list's own type.
    let literal = match &items.expr {
        Expr::Macro(name, values)
            if name == "vec" && !matches!(values.as_slice(), [Expr::Repeat(..)]) =>
        {
            Some(values)
        }
        _ => None,
    };
    if let (Some([_]), Some(own)) = (literal.map(Vec::as_slice), items.element()) {
        let value = literal
            .and_then(|v| v.first())
            .cloned()
            .ok_or_else(refuse)?;
        let one = Val::new(value, own.clone(), &Fact::of(elem_ty.clone()));
        let error = site.error("an element leaves its type");
        let value = one.to_element(&elem, &error).ok_or_else(refuse)?;
        return Ok(effect(list.expr.method("push", vec![value])));
    }
    let same = items.element() == Some(&elem);
    if same && !matches!(items.expr.clone().items(), (_, "x")) && literal.is_none() {
        let part = items.expr.lent();
        return Ok(effect(list.expr.method("extend_from_slice", vec![part])));
    }
    let of = crate::catalog::elements::elements(&items, &Fact::of(elem_ty)).ok_or_else(refuse)?;
    let error = site.error("an element leaves its type");
    let value = of.x.to_element(&elem, &error).ok_or_else(refuse)?;
    if value.can_fail() {
        return Err(refuse());
    }
    let iter = match &of.iter {
        Expr::Method(array, name, _) if name == "into_iter" => (**array).clone(),
        other => other.clone(),
    };
    let values = match value == of.x.expr {
        true if of.item == "x" => iter,
        true => of.iter.method("copied", vec![]),
        false => of
            .iter
            .method("map", vec![Expr::Closure(of.item.into(), Box::new(value))]),
    };
    Ok(effect(list.expr.method("extend", vec![values])))
}

pub(super) fn copy(call: Call, _: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [list] = lowered(call)?;
    if let Some(array) = list.array_copy(&fact) {
        return Ok(array);
    }
    let Some(elem) = list.element().cloned() else {
        return Err("`copy()` of this is not translated".into());
    };
    let expr = list.expr.method("to_vec", vec![]);
    Ok(Val::new(expr, RTy::Vec(Box::new(elem)), &fact))
}

pub(super) fn clear(call: Call, _: &mut Site) -> Result<Val, String> {
    let [list] = lowered(call)?;
    Ok(effect(list.expr.method("clear", vec![])))
}

pub(super) fn count(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    note_nan(&item, site);
    let pattern = if by_value(&list) { "&&x" } else { "&x" };
    let counted = look_for(&list, &item, |item| {
        let test = is_item(&list, item, pattern, false)?;
        let items = list.expr.clone().method("iter", vec![]);
        Ok(items.method("filter", vec![test]).method("count", vec![]))
    })?;
    Ok(Val::int(counted, IntTy::Usize, LENGTHS))
}

/// `x in list` of objects.
fn contains(call: Call, _: &mut Site) -> Result<Val, String> {
    let [list, item] = lowered(call)?;
    let found = look_for(&list, &item, |item| {
        let wanted = match item.rty.is_ref() {
            true => item.expr.clone(),
            false => Expr::Ref(Box::new(item.expr.clone())),
        };
        Ok(list.expr.clone().method("contains", vec![wanted]))
    })?;
    Ok(Val::bool(found))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<list>.append",
        doc: "`list.append(x)`",
        infer: |a| none::<2>(a, "append"),
        lower: append,
        special: Special {
            mutates: true,
            only_adds: true,
            grows: Some(with_element),
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.pop",
        doc: "`list.pop()`, `list.pop(i)`",
        infer: pop_fact,
        lower: pop,
        special: Special {
            mutates: true,
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.insert",
        doc: "`list.insert(i, x)`",
        infer: |a| none::<3>(a, "insert"),
        lower: insert,
        special: Special {
            mutates: true,
            only_adds: true,
            grows: Some(with_element),
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.sort",
        doc: "`list.sort([key=…][, reverse=…])`: stable, NaN as CPython; a key that cannot raise",
        infer: |_| Err("this form of `sort()` is not translated".into()),
        lower: |_, _| Err("this form of `sort()` is not translated".into()),
        special: Special {
            mutates: true,
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
        doc: "`list.count(x)` of numbers, texts and tuples of those",
        infer: |args| {
            looked_for(args, "count")?;
            Ok(Fact::int(LENGTHS))
        },
        lower: count,
        special: Special::NONE,
    },
    Known {
        name: "<list>.__contains__",
        doc: "`x in list` of objects that say what they are equal to",
        infer: |args| {
            looked_for(args, "in")?;
            Ok(Fact::of(Ty::Bool))
        },
        lower: contains,
        special: Special::NONE,
    },
    Known {
        name: "<list>.index",
        doc: "`list.index(x)` of numbers, texts and tuples of those",
        infer: |args| {
            looked_for(args, "index")?;
            Ok(Fact::int(LENGTHS))
        },
        lower: index_of,
        special: Special::NONE,
    },
    Known {
        name: "<list>.remove",
        doc: "`list.remove(x)` of numbers, texts and tuples of those",
        infer: |args| {
            looked_for(args, "remove")?;
            none::<2>(args, "remove")
        },
        lower: remove,
        special: CHANGES,
    },
    Known {
        name: "<list>.extend",
        doc: "`list.extend(xs)`, `list += xs`",
        infer: extend_fact,
        lower: extend,
        special: Special {
            mutates: true,
            only_adds: true,
            grows: Some(with_elements),
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.reverse",
        doc: "`list.reverse()`",
        infer: |args| {
            positional::<1>(args, "reverse")?;
            Ok(Fact::of(Ty::None))
        },
        lower: |call, _| {
            let [list] = lowered(call)?;
            Ok(effect(list.expr.method("reverse", vec![])))
        },
        special: CHANGES,
    },
    Known {
        name: "<list>.copy",
        doc: "`list.copy()`",
        infer: |args| {
            let [list] = positional(args, "copy")?;
            match list.ty {
                Ty::List { elem, .. } => Ok(Fact::of(Ty::list(*elem))),
                other => Ok(Fact::of(other)),
            }
        },
        lower: copy,
        special: Special::NONE,
    },
];

/// It changes its receiver, and nothing else.
const CHANGES: Special = Special {
    mutates: true,
    ..Special::NONE
};

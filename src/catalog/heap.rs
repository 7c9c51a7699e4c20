//! `heapq` and `bisect`: lists that are kept in order. The list is the receiver: desugaring
//! makes `q.heappush(x)` of `heapq.heappush(q, x)`.

use super::list::{as_element, elem_of, fixed, none, with_element};
use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// Whether values of a type have an order in both languages: of members of enums, inference
/// knows which have.
fn has_order(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Float | Ty::Bool | Ty::Str | Ty::Member(_) | Ty::Unknown => true,
        Ty::Tuple(items) => items.iter().all(has_order),
        _ => false,
    }
}

/// Whether a tuple holds floats: with a NaN in it there is no order.
fn may_be_unordered(ty: &Ty) -> bool {
    match ty {
        Ty::Tuple(items) => items.iter().any(|i| *i == Ty::Float || may_be_unordered(i)),
        _ => false,
    }
}

/// How tuples with objects in them, which have no order, compare: by what stands before those.
/// `None` where that is the same.
fn up_to_objects(elem: &Ty) -> Option<Expr> {
    let Ty::Tuple(items) = elem else {
        return None;
    };
    let at = items.iter().position(|ty| *ty == Ty::Position)?;
    let (before, after) = items.split_at(at);
    if !before.iter().all(has_order) || before.is_empty() || after.len() != 1 {
        return None;
    }
    let item = |of: &str, i: usize| Expr::atom(format!("{of}.{i}"));
    let differ = (0..at)
        .map(|i| item("a", i).binary(BinOp::Ne, item("b", i)))
        .reduce(|all, one| all.binary(BinOp::Or, one))?;
    let same = item("a", at).binary(BinOp::Eq, item("b", at));
    let less = Expr::Closure(
        String::new(),
        Box::new(Expr::atom("a").binary(BinOp::Lt, Expr::atom("b"))),
    );
    let known = differ.binary(BinOp::Or, same).method("then", vec![less]);
    Some(Expr::Closure("a, b".into(), Box::new(known)))
}

/// Whether values of a type may have an order in Python: objects may, by their class or behind
/// what differs.
fn may_have_order(ty: &Ty) -> bool {
    match ty {
        Ty::Instance(_) | Ty::Position => true,
        Ty::Tuple(items) => items.iter().all(may_have_order),
        other => has_order(other),
    }
}

fn ordered(list: &Fact, what: &str) -> Result<(), String> {
    fixed(list)?;
    match &list.ty {
        Ty::List {
            elem, store: None, ..
        } if may_have_order(elem) => Ok(()),
        other => Err(format!(
            "`{what}()` of {} is not translated",
            other.describe()
        )),
    }
}

/// The arguments without the key by which objects are ordered, which types know nothing of.
fn unkeyed(args: &[Arg]) -> &[Arg] {
    let keyed = |arg: &Arg| matches!(arg.keyword.as_deref(), Some("key" | "reverse"));
    let end = args.iter().position(keyed).unwrap_or(args.len());
    args.get(..end).unwrap_or(args)
}

fn push_fact(args: &[Arg]) -> Result<Fact, String> {
    let args = unkeyed(args);
    let [list, item] = positional(args, "heappush")?;
    ordered(&list, "heappush")?;
    if !may_have_order(&item.ty) {
        return Err(format!(
            "{} in a heap is not translated",
            item.ty.describe()
        ));
    }
    none::<2>(args, "heappush")
}

fn lent(list: &Val) -> Expr {
    match &list.rty {
        RTy::RefMut(_) => list.expr.clone(),
        _ => match &list.expr {
            Expr::Deref(inner) => (**inner).clone(),
            other => Expr::RefMut(Box::new(other.clone())),
        },
    }
}

fn looked(list: &Val) -> Expr {
    match list.rty.is_ref() {
        true => list.expr.clone(),
        false => Expr::Ref(Box::new(list.expr.clone())),
    }
}

fn whole(call: &Call) -> Result<(), String> {
    let list = call.args.first().map(|l| l.rty.peel().clone());
    match list {
        Some(RTy::Vec(_)) => Ok(()),
        _ => Err("a heap that is no list of its own is not translated".into()),
    }
}

/// What the objects of a heap are ordered by.
enum Key {
    /// `|job| job.due`
    Plain(Expr),
    /// `|a, b| Some(key(a)? < key(b)?)`, where a key may not be found.
    Less(Expr),
}

/// The key that a call is given.
fn key_of(call: &Call) -> Option<Key> {
    let (_, key) = call.keywords.iter().find(|(name, _)| name == "key")?;
    let two = matches!(&key.expr, Expr::Closure(params, _) if params.contains(','));
    Some(match two {
        true => Key::Less(key.expr.clone()),
        false => Key::Plain(key.expr.clone()),
    })
}

/// What is said where the key of an object is not found.
fn no_key(site: &Site) -> String {
    site.error("an object of the heap has no key")
}

fn push(call: Call, site: &mut Site) -> Result<Val, String> {
    whole(&call)?;
    let key = key_of(&call);
    let [list, item] = lowered(call)?;
    let mut value = as_element(&list, &item, site)?;
    if let Some(key) = key {
        let list = lent(&list);
        let done = match key {
            Key::Plain(key) => {
                Expr::call(site.helper(Helper::HeapPushByKey), vec![list, value, key])
            }
            Key::Less(less) => {
                let helper = site.helper(Helper::HeapPushBy);
                Expr::call(helper, vec![list, value, less]).ok_or(&no_key(site))
            }
        };
        return Ok(Val::new(done, RTy::Unit, &Fact::of(Ty::None)));
    }
    let elem = match list.ty.narrowed() {
        Ty::List { elem, .. } => *elem,
        other => other,
    };
    if may_be_unordered(&elem) || may_be_unordered(&item.ty) {
        let error = site.error("a NaN in a heap of tuples");
        value = Expr::call(site.helper(Helper::WithoutNan), vec![value]).ok_or(&error);
    }
    let done = match (has_order(&elem), up_to_objects(&elem)) {
        (true, _) => Expr::call(site.helper(Helper::HeapPush), vec![lent(&list), value]),
        (false, Some(less)) => {
            let args = vec![lent(&list), value, less];
            Expr::call(site.helper(Helper::HeapPushBy), args).ok_or(&no_order(site))
        }
        (false, None) => return Err(format!("a heap of {} is not translated", elem.describe())),
    };
    Ok(Val::new(done, RTy::Unit, &Fact::of(Ty::None)))
}

/// What Python raises where only the objects differ.
fn no_order(site: &Site) -> String {
    site.error("TypeError: '<' not supported between instances of one class")
}

fn pop_fact(args: &[Arg]) -> Result<Fact, String> {
    let [list] = positional(unkeyed(args), "heappop")?;
    ordered(&list, "heappop")?;
    Ok(elem_of(&list))
}

fn pop(call: Call, site: &mut Site) -> Result<Val, String> {
    whole(&call)?;
    let fact = call.fact.clone();
    let key = key_of(&call);
    let [list] = lowered(call)?;
    let elem = list
        .element()
        .cloned()
        .ok_or("a heap of unknown elements")?;
    let error = site.error("IndexError: index out of range");
    if let Some(key) = key {
        let list = lent(&list);
        let popped = match key {
            Key::Plain(key) => Expr::call(site.helper(Helper::HeapPopByKey), vec![list, key]),
            Key::Less(less) => {
                let popped = Expr::call(site.helper(Helper::HeapPopBy), vec![list, less]);
                popped.ok_or(&no_key(site))
            }
        };
        return Ok(Val::new(popped.ok_or(&error), elem, &fact));
    }
    let of = list.ty.narrowed();
    let popped = match of.parts().as_slice() {
        [of] if !has_order(of) => {
            let less = up_to_objects(of)
                .ok_or_else(|| format!("a heap of {} is not translated", of.describe()))?;
            let popped = Expr::call(site.helper(Helper::HeapPopBy), vec![lent(&list), less]);
            popped.ok_or(&no_order(site)).ok_or(&error)
        }
        _ => Expr::call(site.helper(Helper::HeapPop), vec![lent(&list)]).ok_or(&error),
    };
    Ok(Val::new(popped, elem, &fact))
}

fn heapify(call: Call, site: &mut Site) -> Result<Val, String> {
    whole(&call)?;
    let key = key_of(&call);
    let [list] = lowered(call)?;
    match key {
        Some(Key::Plain(key)) => {
            let helper = site.helper(Helper::HeapifyByKey);
            let done = Expr::call(helper, vec![lent(&list), key]);
            return Ok(Val::new(done, RTy::Unit, &Fact::of(Ty::None)));
        }
        Some(Key::Less(_)) => {
            return Err("`heapify()` of objects with several names is not translated".into());
        }
        None => {}
    }
    if matches!(list.ty.narrowed(), Ty::List { elem, .. } if may_be_unordered(&elem)) {
        return Err("`heapify()` of tuples with floats is not translated".into());
    }
    if matches!(list.ty.narrowed(), Ty::List { elem, .. } if !has_order(&elem)) {
        return Err("`heapify()` of objects is not translated".into());
    }
    let done = Expr::call(site.helper(Helper::Heapify), vec![lent(&list)]);
    Ok(Val::new(done, RTy::Unit, &Fact::of(Ty::None)))
}

pub(super) fn place_fact(args: &[Arg]) -> Result<Fact, String> {
    let [list, item] = positional(args, "bisect")?;
    let Ty::List { elem, .. } = &list.ty else {
        return Err(format!(
            "`bisect()` in {} is not translated",
            list.ty.describe()
        ));
    };
    let numbers = elem.is_number() && item.ty.is_number();
    let fits = **elem == item.ty || numbers || *elem == Box::new(Ty::Unknown);
    // Ints beside floats are floats here: they are only compared.
    let ordered = has_order(elem) || **elem == Ty::Number;
    if !ordered || !fits || may_be_unordered(elem) {
        return Err(format!(
            "`bisect()` for {} in {} is not translated",
            item.ty.describe(),
            list.ty.describe()
        ));
    }
    Ok(Fact::int(IntRange::new(0, i64::MAX as i128)))
}

pub(super) fn place(call: Call, site: &mut Site, helper: Helper) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [list, item] = lowered(call)?;
    let elem = list
        .element()
        .cloned()
        .ok_or("a list of unknown elements")?;
    if let (RTy::Int(int), Ty::Float) = (&elem, item.ty.narrowed()) {
        let wanted = item.to_f64();
        let simple = wanted.is_simple();
        let x = match simple {
            true => wanted.clone(),
            false => Expr::atom("x"),
        };
        let before = comes_before(*int, x, site, helper == Helper::BisectRight)?;
        let args = vec![looked(&list), before];
        let mut found = Expr::call(site.helper(Helper::BisectBy), args);
        if !simple {
            let init = Stmt::new(StmtKind::Let {
                name: "x".into(),
                mutable: false,
                ty: None,
                init: Some(wanted),
            });
            found = Expr::Block(Block {
                stmts: vec![init],
                value: Some(Box::new(found)),
            });
        }
        return Ok(Val::int(found, IntTy::Usize, fact.range.int()));
    }
    let wanted = match (&elem, item.ty.is_number()) {
        (RTy::Float(crate::project::FloatTy::F64), true)
            if item.ty != Ty::Int || item.range.int().within(IntRange::DOUBLES) =>
        {
            item.to_f64()
        }
        (RTy::Int(int), _) if item.ty == Ty::Int => item
            .to_int(*int)
            .ok_or("`bisect()` for an int beyond the elements' type is not translated")?,
        (own, _) if *own == item.rty => item.expr.clone(),
        _ => return Err("`bisect()` for this is not translated".into()),
    };
    let args = vec![looked(&list), Expr::Ref(Box::new(wanted))];
    let found = Expr::call(site.helper(helper), args);
    Ok(Val::int(found, IntTy::Usize, fact.range.int()))
}

/// Whether an int of the list comes before a float that is looked for: exact, and as CPython
/// has it for NaN.
fn comes_before(int: IntTy, item: Expr, site: &mut Site, right: bool) -> Result<Expr, String> {
    let v = Val::int(Expr::atom("v"), int, crate::value::int_type_range(int));
    let v = v
        .to_int(IntTy::I64)
        .ok_or("`bisect()` in ints of more than 64 bits is not translated")?;
    let compared = Expr::call(site.helper(Helper::CompareIntFloat), vec![v, item]);
    let (asked, test) = match right {
        true => ("is_none_or", "std::cmp::Ordering::is_le"),
        false => ("is_some_and", "std::cmp::Ordering::is_lt"),
    };
    let test = compared.method(asked, vec![Expr::atom(test)]);
    Ok(Expr::Closure("&v".into(), Box::new(test)))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<list>.heapq.heappush",
        doc: "`heapq.heappush(heap, x)` of numbers, texts, tuples of them, and objects with an order",
        infer: push_fact,
        lower: push,
        special: Special {
            mutates: true,
            grows: Some(with_element),
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.heapq.heappop",
        doc: "`heapq.heappop(heap)`",
        infer: pop_fact,
        lower: pop,
        special: Special {
            mutates: true,
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.heapq.heapify",
        doc: "`heapq.heapify(heap)`",
        infer: |args| {
            let [list] = positional(unkeyed(args), "heapify")?;
            ordered(&list, "heapify")?;
            Ok(Fact::of(Ty::None))
        },
        lower: heapify,
        special: Special {
            mutates: true,
            ..Special::NONE
        },
    },
    Known {
        name: "<list>.bisect.bisect_left",
        doc: "`bisect.bisect_left(xs, x)`",
        infer: place_fact,
        lower: |call, site| place(call, site, Helper::BisectLeft),
        special: Special::NONE,
    },
    Known {
        name: "<list>.bisect.bisect_right",
        doc: "`bisect.bisect_right(xs, x)`, `bisect.bisect(xs, x)`",
        infer: place_fact,
        lower: |call, site| place(call, site, Helper::BisectRight),
        special: Special::NONE,
    },
];

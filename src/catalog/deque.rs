//! `collections.deque`: the constructor and the methods.

use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ast::limited_by;
use crate::ir::uses::closure_name;
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::project::IntTy;
use crate::ranges::LENGTHS;
use crate::ty::{Maxlen, Ty};
use crate::value::{Fact, Val, int_literal};

const VARYING: &str =
    "`deque(maxlen=n)` where `n` is not always one number from 1 is not translated yet";

fn deque_fact(args: &[Arg]) -> Result<Fact, String> {
    let mut elem = Ty::Unknown;
    let mut maxlen = Maxlen::Unbounded;
    for (i, arg) in args.iter().enumerate() {
        match (i, arg.keyword.as_deref()) {
            (0, None) | (_, Some("iterable")) => match &arg.fact.ty {
                Ty::List { elem: e, .. } | Ty::Deque { elem: e, .. } => elem = (**e).clone(),
                Ty::Tuple(items) => elem = items.iter().fold(Ty::Unknown, |a, b| a.join(b)),
                other => {
                    return Err(format!(
                        "`deque()` of {} is not translated",
                        other.describe()
                    ));
                }
            },
            (1, None) | (_, Some("maxlen")) => {
                maxlen = match (&arg.fact.ty, arg.fact.range.int().constant()) {
                    (Ty::None, _) => Maxlen::Unbounded,
                    (Ty::Int, Some(n)) => match usize::try_from(n) {
                        Ok(n) if n > 0 => Maxlen::Fixed(n, arg.constant.clone()),
                        _ => return Err(format!("a deque of length {n} is not translated")),
                    },
                    (Ty::Unknown, _) => return Ok(Fact::unknown()),
                    (Ty::Int, None) if arg.fact.range.int().lo.is_some_and(|lo| lo >= 1) => {
                        match &arg.attribute {
                            Some(name) if limited_by(name).is_some() => Maxlen::Kept(name.clone()),
                            _ => return Err(VARYING.into()),
                        }
                    }
                    _ => {
                        return Err(VARYING.into());
                    }
                }
            }
            (_, other) => {
                return Err(format!(
                    "`deque()` with {} is not translated",
                    other.unwrap_or("these arguments")
                ));
            }
        }
    }
    if let Ty::Conflict(why) = elem {
        return Err(why);
    }
    Ok(Fact::of(Ty::Deque {
        elem: Box::new(elem),
        maxlen,
    }))
}

fn effect(expr: Expr) -> Val {
    Val::new(expr, RTy::Unit, &Fact::of(Ty::None))
}

/// The limit of a deque, where it has one.
fn maxlen(deque: &Val, site: &mut Site) -> Result<Option<Expr>, String> {
    match &deque.ty {
        Ty::Deque {
            maxlen: Maxlen::Fixed(n, name),
            ..
        } => Ok(Some(limit(*n, name.as_deref(), site))),
        Ty::Deque {
            maxlen: Maxlen::Kept(name),
            ..
        } => beside(&deque.expr, name).map(Some),
        _ => Ok(None),
    }
}

/// The limit that lies beside a deque.
fn beside(deque: &Expr, name: &str) -> Result<Expr, String> {
    let window = limited_by(name).unwrap_or_default();
    match deque {
        Expr::Field(base, own) if own.trim_start_matches('_') == window && base.is_simple() => {
            Ok(kept(base, name))
        }
        _ => Err("a deque whose limit lies beside it, in this place, is not translated".into()),
    }
}

/// The limit that an object keeps for a deque.
fn kept(object: &Expr, name: &str) -> Expr {
    let field = name.trim_start_matches('_');
    object.clone().field(field).cast(RTy::USIZE)
}

/// The longest that a deque gets: the constant that the Python names, else the number.
pub(crate) fn limit(n: usize, name: Option<&str>, site: &mut Site) -> Expr {
    match name {
        Some(name) => {
            site.consts.insert(name.to_string());
            Expr::ConstInt {
                name: name.to_uppercase(),
                want: RTy::USIZE,
            }
        }
        None => int_literal(n as i128),
    }
}

/// A deque as a helper takes it to change it.
fn lent(deque: Expr, rty: &RTy) -> Expr {
    super::dict::lent_mut(deque, rty)
}

fn append_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    positional::<2>(args, name).map(|_| Fact::of(Ty::None))
}

fn with_element(args: &[Arg]) -> Ty {
    match args {
        [deque, item] => match deque.fact.ty.narrowed() {
            Ty::Deque { elem, maxlen } => Ty::Deque {
                elem: Box::new(elem.join(&item.fact.ty)),
                maxlen,
            },
            other => other,
        },
        [deque, ..] => deque.fact.ty.narrowed(),
        [] => Ty::Unknown,
    }
}

/// The deque with the elements of a list among its own.
fn with_elements(args: &[Arg]) -> Ty {
    let (Some(deque), Some(items)) = (args.first(), args.get(1)) else {
        return args.first().map_or(Ty::Unknown, |d| d.fact.ty.narrowed());
    };
    match (deque.fact.ty.narrowed(), items.fact.ty.sequence()) {
        (Ty::Deque { elem, maxlen }, Some(item)) => Ty::Deque {
            elem: Box::new(elem.join(item)),
            maxlen,
        },
        (other, _) => other,
    }
}

fn append(call: Call, site: &mut Site, front: bool) -> Result<Val, String> {
    let [deque, item] = lowered(call)?;
    let error = site.error("an element leaves its type");
    let Some(value) = deque
        .element()
        .and_then(|elem| item.to_element(elem, &error))
    else {
        return Err(format!(
            "appending {} to {} is not translated",
            item.ty.describe(),
            deque.ty.describe()
        ));
    };
    let expr = match maxlen(&deque, site)? {
        Some(limit) => {
            let helper = site.helper(if front {
                Helper::PushWindowFront
            } else {
                Helper::PushWindow
            });
            Expr::call(helper, vec![lent(deque.expr, &deque.rty), limit, value])
        }
        None => deque
            .expr
            .method(if front { "push_front" } else { "push_back" }, vec![value]),
    };
    Ok(effect(expr))
}

fn pop_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [deque] = positional(args, name)?;
    match deque.ty {
        Ty::Deque { elem, .. } => Ok(Fact::of(*elem)),
        other => Err(format!(
            "`{name}()` of {} is not translated",
            other.describe()
        )),
    }
}

fn pop(call: Call, site: &mut Site, front: bool) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [deque] = lowered(call)?;
    let Some(elem) = deque.element().cloned() else {
        return Err("`pop()` of this is not translated".into());
    };
    let error = site.error("IndexError: pop from an empty deque");
    let found = deque
        .expr
        .method(if front { "pop_front" } else { "pop_back" }, vec![])
        .ok_or(&error);
    Ok(Val::new(found, elem, &fact))
}

fn number_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [deque, item] = positional(args, name)?;
    match &deque.ty {
        Ty::Deque { elem, .. } if elem.is_number() && item.ty.is_number() => Ok(Fact::int(LENGTHS)),
        Ty::Deque { elem, .. } if **elem == Ty::Str && item.ty == Ty::Str => Ok(Fact::int(LENGTHS)),
        _ => Err(format!(
            "`{name}()` of {} is not translated",
            item.ty.describe()
        )),
    }
}

/// `x == item` in a closure that runs over the elements.
fn same(deque: &Val, item: &Val) -> Result<(String, Expr), String> {
    let elem = deque
        .element()
        .ok_or("this deque is not translated in this place")?;
    // What is looked for may itself be called so.
    let name = closure_name(&[&item.expr]);
    let is = |item: Expr| Expr::atom(name).binary(BinOp::Eq, item);
    let by_value = format!("&{name}");
    match (elem, &item.rty) {
        (RTy::Number, _) if item.ty.is_number() => {
            let item = item.to_number("an int leaves 64 bits");
            let item = item.ok_or("looking for such a number is not translated")?;
            Ok((by_value, is(item)))
        }
        (RTy::Float(_), _) if item.ty.is_number() && item.rty != RTy::Number => {
            Ok((by_value, is(item.to_f64())))
        }
        (RTy::Int(int), RTy::Int(_)) => {
            let item = item
                .to_int(*int)
                .ok_or("an int that may leave 64 bits is not translated here")?;
            Ok((by_value, is(item)))
        }
        (RTy::Bool, RTy::Bool) => Ok((by_value, is(item.expr.clone()))),
        (RTy::String, RTy::Str | RTy::String) => Ok((name.to_string(), is(item.expr.clone()))),
        _ => Err(format!(
            "{} among these elements is not translated",
            item.ty.describe()
        )),
    }
}

/// `x in d`
pub(crate) fn contains(deque: &Val, item: &Val) -> Result<Expr, String> {
    let (pattern, same) = same(deque, item)?;
    Ok(deque
        .expr
        .clone()
        .method("iter", vec![])
        .method("any", vec![Expr::Closure(pattern, Box::new(same))]))
}

fn count(call: Call, _: &mut Site) -> Result<Val, String> {
    let [deque, item] = lowered(call)?;
    let (pattern, same) = same(&deque, &item)?;
    let count = deque
        .expr
        .method("iter", vec![])
        .method(
            "filter",
            vec![Expr::Closure(format!("&{pattern}"), Box::new(same))],
        )
        .method("count", vec![]);
    Ok(Val::int(count, IntTy::Usize, LENGTHS))
}

fn index(call: Call, site: &mut Site) -> Result<Val, String> {
    let [deque, item] = lowered(call)?;
    let (pattern, same) = same(&deque, &item)?;
    let error = site.error("ValueError (the element is not in the deque)");
    let found = deque
        .expr
        .method("iter", vec![])
        .method("position", vec![Expr::Closure(pattern, Box::new(same))])
        .ok_or(&error);
    Ok(Val::int(found, IntTy::Usize, LENGTHS))
}

fn remove(call: Call, site: &mut Site) -> Result<Val, String> {
    let [deque, item] = lowered(call)?;
    let (pattern, same) = same(&deque, &item)?;
    let error = site.error("ValueError: deque.remove(x): x not in deque");
    let closure = Expr::Closure(pattern, Box::new(same));
    let at = deque
        .expr
        .clone()
        .method("iter", vec![])
        .method("position", vec![closure])
        .ok_or(&error);
    Ok(effect(deque.expr.method("remove", vec![at])))
}

fn insert(call: Call, site: &mut Site) -> Result<Val, String> {
    let [deque, at, item] = lowered(call)?;
    if maxlen(&deque, site)?.is_some() {
        return Err("`insert()` into a deque with a limit is not translated".into());
    }
    let error = site.error("an element leaves its type");
    let value = deque
        .element()
        .and_then(|elem| item.to_element(elem, &error))
        .ok_or("inserting this into a deque is not translated")?;
    let len = deque.expr.clone().method("len", vec![]);
    let at = match at.range.int().constant() {
        Some(0) => int_literal(0),
        _ => {
            let error = site.error("an int leaves 64 bits");
            let at = at.to_int_checked(IntTy::I64, &error);
            Expr::call(site.helper(Helper::SliceBound), vec![at, len])
        }
    };
    Ok(effect(deque.expr.method("insert", vec![at, value])))
}

/// The deque with the inserted element among its own.
fn with_inserted(args: &[Arg]) -> Ty {
    match args {
        [deque, _, item] => with_element(&[deque.clone(), item.clone()]),
        [deque, ..] => deque.fact.ty.narrowed(),
        [] => Ty::Unknown,
    }
}

fn extend_fact(args: &[Arg], name: &str) -> Result<Fact, String> {
    let [deque, items] = positional(args, name)?;
    match (&deque.ty, items.ty.sequence()) {
        (Ty::Deque { elem, .. }, Some(item)) if elem.is_unusable() || **elem == *item => {
            Ok(Fact::of(Ty::None))
        }
        _ => Err(format!(
            "`{name}()` by {} is not translated",
            items.ty.describe()
        )),
    }
}

fn extend(call: Call, site: &mut Site, front: bool) -> Result<Val, String> {
    let [deque, items] = lowered(call)?;
    let (Some(to), Some(from)) = (deque.element(), items.element()) else {
        return Err("`extend()` by this is not translated".into());
    };
    if to != from || !site.is_copy(to) {
        return Err("`extend()` by elements of another type is not translated".into());
    }
    let limit = maxlen(&deque, site)?;
    let iter = match items.expr.items() {
        (iter, "x") => iter,
        (iter, _) => iter.method("copied", vec![]),
    };
    if limit.is_none() && !front {
        return Ok(effect(deque.expr.method("extend", vec![iter])));
    }
    let name = closure_name(&[&deque.expr, limit.as_ref().unwrap_or(&deque.expr)]);
    let push = match limit {
        Some(limit) => {
            let helper = match front {
                true => Helper::PushWindowFront,
                false => Helper::PushWindow,
            };
            let window = lent(deque.expr, &deque.rty);
            Expr::call(site.helper(helper), vec![window, limit, Expr::atom(name)])
        }
        None => deque.expr.method("push_front", vec![Expr::atom(name)]),
    };
    let each = StmtKind::For {
        label: None,
        pattern: name.into(),
        names: vec![name.into()],
        iter,
        body: Block::of(vec![Stmt::new(StmtKind::Expr(push))]),
    };
    Ok(effect(Expr::Block(Block::of(vec![Stmt::new(each)]))))
}

fn rotate(call: Call, site: &mut Site) -> Result<Val, String> {
    let [deque, by] = match <[Val; 2]>::try_from(call.args) {
        Ok(both) => both,
        Err(args) => match <[Val; 1]>::try_from(args) {
            Ok([deque]) => [deque, crate::value::int_val(1)],
            Err(_) => return Err("`rotate()` with these arguments is not translated".into()),
        },
    };
    match by.range.int().constant() {
        Some(n @ (1 | -1)) => {
            let method = if n == 1 {
                "rotate_right"
            } else {
                "rotate_left"
            };
            // An empty deque has nothing to turn.
            let turn = deque
                .expr
                .clone()
                .method("len", vec![])
                .method("min", vec![Expr::atom("1")]);
            Ok(effect(deque.expr.method(method, vec![turn])))
        }
        _ => {
            let error = site.error("OverflowError (rotate by an int beyond 64 bits)");
            let by = by.to_int_checked(IntTy::I64, &error);
            let helper = site.helper(Helper::Rotate);
            Ok(effect(Expr::call(
                helper,
                vec![lent(deque.expr, &deque.rty), by],
            )))
        }
    }
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
        name: "collections.deque",
        doc: "`deque()`, `deque(xs)`, `deque(maxlen=n)`, `deque(xs, maxlen=n)`; `n` a constant, or an int from 1 that an instance keeps",
        infer: deque_fact,
        lower: |_, _| Err("a deque in this place is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: "<deque>.append",
        doc: "`deque.append(x)`",
        infer: |a| append_fact(a, "append"),
        lower: |call, site| append(call, site, false),
        special: GROWS,
    },
    Known {
        name: "<deque>.appendleft",
        doc: "`deque.appendleft(x)`",
        infer: |a| append_fact(a, "appendleft"),
        lower: |call, site| append(call, site, true),
        special: GROWS,
    },
    Known {
        name: "<deque>.pop",
        doc: "`deque.pop()`",
        infer: |a| pop_fact(a, "pop"),
        lower: |call, site| pop(call, site, false),
        special: MUTATES,
    },
    Known {
        name: "<deque>.popleft",
        doc: "`deque.popleft()`",
        infer: |a| pop_fact(a, "popleft"),
        lower: |call, site| pop(call, site, true),
        special: MUTATES,
    },
    Known {
        name: "<deque>.clear",
        doc: "`deque.clear()`",
        infer: |a| positional::<1>(a, "clear").map(|_| Fact::of(Ty::None)),
        lower: |call, _| {
            let [deque] = lowered(call)?;
            Ok(effect(deque.expr.method("clear", vec![])))
        },
        special: MUTATES,
    },
    Known {
        name: "<deque>.extend",
        doc: "`deque.extend(xs)`",
        infer: |a| extend_fact(a, "extend"),
        lower: |call, site| extend(call, site, false),
        special: Special {
            mutates: true,
            grows: Some(with_elements),
            ..Special::NONE
        },
    },
    Known {
        name: "<deque>.extendleft",
        doc: "`deque.extendleft(xs)`",
        infer: |a| extend_fact(a, "extendleft"),
        lower: |call, site| extend(call, site, true),
        special: Special {
            mutates: true,
            grows: Some(with_elements),
            ..Special::NONE
        },
    },
    Known {
        name: "<deque>.copy",
        doc: "`deque.copy()` where the elements are no objects",
        infer: |a| {
            let [deque] = positional(a, "copy")?;
            match &deque.ty {
                Ty::Deque { elem, maxlen }
                    if !elem.is_shared() && !matches!(maxlen, Maxlen::Kept(_)) =>
                {
                    Ok(deque)
                }
                _ => Err("`copy()` of this deque is not translated".into()),
            }
        },
        lower: |call, _| {
            let fact = call.fact.clone();
            let [deque] = lowered(call)?;
            let rty = deque.rty.peel().clone();
            Ok(Val::new(deque.expr.method("clone", vec![]), rty, &fact))
        },
        special: Special::NONE,
    },
    Known {
        name: "<deque>.count",
        doc: "`deque.count(x)` of numbers and strings",
        infer: |a| number_fact(a, "count"),
        lower: count,
        special: Special::NONE,
    },
    Known {
        name: "<deque>.index",
        doc: "`deque.index(x)` of numbers and strings",
        infer: |a| number_fact(a, "index"),
        lower: index,
        special: Special::NONE,
    },
    Known {
        name: "<deque>.remove",
        doc: "`deque.remove(x)` of numbers and strings",
        infer: |a| number_fact(a, "remove").map(|_| Fact::of(Ty::None)),
        lower: remove,
        special: MUTATES,
    },
    Known {
        name: "<deque>.insert",
        doc: "`deque.insert(i, x)` without a `maxlen`",
        infer: |a| positional::<3>(a, "insert").map(|_| Fact::of(Ty::None)),
        lower: insert,
        special: Special {
            mutates: true,
            grows: Some(with_inserted),
            ..Special::NONE
        },
    },
    Known {
        name: "<deque>.reverse",
        doc: "`deque.reverse()`",
        infer: |a| positional::<1>(a, "reverse").map(|_| Fact::of(Ty::None)),
        lower: |call, _| {
            let [deque] = lowered(call)?;
            let slice = deque.expr.method("make_contiguous", vec![]);
            Ok(effect(slice.method("reverse", vec![])))
        },
        special: MUTATES,
    },
    Known {
        name: "<deque>.rotate",
        doc: "`deque.rotate([n])`",
        infer: |a| match a {
            [_] | [_, _] => Ok(Fact::of(Ty::None)),
            _ => Err("`rotate()` with these arguments is not translated".into()),
        },
        lower: rotate,
        special: MUTATES,
    },
];

//! Dicts: the constructor and the methods.
//!
//! A dict whose order nobody looks at is a `BTreeMap`, any other a `Vec` of entries in
//! Python's order, which a few helpers look up and change.

use super::{Arg, Call, Helper, Known, Site, Special, Told};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::{Missing, Ty};
use crate::value::{Fact, Val, int_type_range};

/// The value of a key, behind an `Option<&V>`; `&mut V` to change it.
pub(crate) fn get(map: Expr, rty: &RTy, key: Expr, write: bool, site: &mut Site) -> Expr {
    match (is_ordered(rty), write) {
        (false, false) => as_map(map).method("get", vec![key]),
        (false, true) => map.method("get_mut", vec![key]),
        (true, false) => Expr::call(site.helper(Helper::Lookup), vec![lent(map, rty), key]),
        (true, true) => Expr::call(
            site.helper(Helper::LookupMut),
            vec![lent_mut(map, rty), key],
        ),
    }
}

/// What is collected where nothing else says that it is a map.
fn as_map(map: Expr) -> Expr {
    match map {
        Expr::Method(iter, name, args) if name == "collect" => {
            iter.method("collect::<BTreeMap<_, _>>", args)
        }
        other => other,
    }
}

/// Whether a key is there.
pub(crate) fn contains(map: Expr, rty: &RTy, key: Expr, site: &mut Site) -> Expr {
    if is_ordered(rty) {
        get(map, rty, key, false, site).method("is_some", vec![])
    } else {
        as_map(map).method("contains_key", vec![key])
    }
}

/// `d[key] = value`
pub(crate) fn insert(map: Expr, rty: &RTy, key: Expr, value: Expr, site: &mut Site) -> Expr {
    if is_ordered(rty) {
        let map = lent_mut(map, rty);
        Expr::call(site.helper(Helper::SetItem), vec![map, key, value])
    } else {
        map.method("insert", vec![key, value])
    }
}

/// Takes a key out, behind an `Option<V>`.
pub(crate) fn remove(map: Expr, rty: &RTy, key: Expr, site: &mut Site) -> Expr {
    if is_ordered(rty) {
        Expr::call(site.helper(Helper::PopItem), vec![lent_mut(map, rty), key])
    } else {
        map.method("remove", vec![key])
    }
}

/// A `&mut V` of a key that is put in with a default where it is not there.
pub(crate) fn entry(map: Expr, rty: &RTy, key: Expr, value: Expr, site: &mut Site) -> Expr {
    if is_ordered(rty) {
        let map = lent_mut(map, rty);
        Expr::call(site.helper(Helper::SetDefault), vec![map, key, value])
    } else {
        let entry = map.method("entry", vec![key]);
        match value {
            Expr::Call(path, args) if path.ends_with("::new") && args.is_empty() => {
                entry.method("or_default", vec![])
            }
            value => entry.method("or_insert", vec![value]),
        }
    }
}

/// Whether a map keeps its entries in Python's order.
pub(crate) fn is_ordered(rty: &RTy) -> bool {
    matches!(rty.peel(), RTy::Map { ordered: true, .. })
}

/// A map as the helpers take it.
pub(crate) fn lent(map: Expr, rty: &RTy) -> Expr {
    if rty.is_ref() {
        map
    } else {
        Expr::Ref(Box::new(map))
    }
}

/// A map as the helpers take it to change it.
pub(crate) fn lent_mut(map: Expr, rty: &RTy) -> Expr {
    match map {
        // `&mut *map` of a parameter that is `&mut` is the parameter.
        Expr::Deref(inner) => *inner,
        map if rty.is_ref() => map,
        map => Expr::RefMut(Box::new(map)),
    }
}

/// A key, checked where an int in it may leave the type of the keys.
pub(crate) fn within_reach(key: Val, to: &RTy, site: &Site) -> Val {
    let error = site.error("an int leaves 64 bits");
    match (&key.rty, to) {
        (RTy::Int(_), RTy::Int(int)) if key.to_int(*int).is_none() => {
            let expr = key.to_int_checked(*int, &error);
            Val::int(expr, *int, int_type_range(*int))
        }
        (RTy::Tuple(held), RTy::Tuple(tys)) if held.len() == tys.len() => {
            let (Expr::Tuple(items), Ty::Tuple(facts)) = (&key.expr, &key.ty) else {
                return key;
            };
            let items = items.iter().zip(held).zip(facts);
            let items = items.zip(tys).map(|(((item, held), ty), to)| {
                let item = Val::new(item.clone(), held.clone(), &Fact::of(ty.clone()));
                match (held, to) {
                    (RTy::Int(from), RTy::Int(int)) if from != int => Val::int(
                        item.to_int_checked(*int, &error),
                        *int,
                        int_type_range(*int),
                    ),
                    _ => item,
                }
            });
            let items: Vec<Val> = items.collect();
            Val {
                rty: RTy::Tuple(items.iter().map(|item| item.rty.clone()).collect()),
                expr: Expr::Tuple(items.into_iter().map(|item| item.expr).collect()),
                ..key
            }
        }
        _ => key,
    }
}

/// A key to look for: borrowed, a text as `&str`.
pub(crate) fn key_ref(key: &Val, to: &RTy) -> Result<Expr, String> {
    match (&key.rty, to) {
        (RTy::Never, _) => Ok(key.expr.clone()),
        (RTy::Str, RTy::String) => Ok(key.expr.clone()),
        (RTy::String, RTy::String) => Ok(match key.clone().as_str() {
            // `&name` reads better than `name.as_str()`.
            Expr::Method(inner, name, _) if name == "as_str" && inner.is_simple() => {
                Expr::Ref(inner)
            }
            other => other,
        }),
        (RTy::Ref(held), to) if **held == *to => Ok(key.expr.clone()),
        (_, RTy::Vec(_)) => Ok(match key_owned(key, to)? {
            // An array is no list to a map.
            Expr::Macro(name, items) if name == "vec" => {
                Expr::Array(items).method("as_slice", vec![])
            }
            other => Expr::Ref(Box::new(match other {
                Expr::Method(place, name, _) if name == "clone" => *place,
                other => other,
            })),
        }),
        _ => Ok(match key_owned(key, to)? {
            // What was found is lent already.
            Expr::Deref(found) if matches!(*found, Expr::Try(_)) => *found,
            owned => Expr::Ref(Box::new(owned)),
        }),
    }
}

/// A key to put in.
pub(crate) fn key_owned(key: &Val, to: &RTy) -> Result<Expr, String> {
    match (&key.rty, to) {
        (RTy::Never, _) => Ok(key.expr.clone()),
        // None is a key among others.
        (RTy::Option(from), RTy::Option(_)) if **from == RTy::Never => Ok(Expr::atom("None")),
        (from, RTy::Option(inner)) if !matches!(from.peel(), RTy::Option(_)) => {
            Ok(Expr::call("Some", vec![key_owned(key, inner)?]))
        }
        (RTy::Tuple(_) | RTy::Ref(_), RTy::Vec(elem)) if matches!(key.ty, Ty::Tuple(_)) => {
            long_key(key, elem)
        }
        (RTy::Ref(held), to @ RTy::Vec(elem))
            if **held == *to || **held == RTy::Slice(elem.clone()) =>
        {
            Ok(key.expr.clone().method("to_vec", vec![]))
        }
        (RTy::Str | RTy::Char, RTy::String) => Ok(key.expr.clone().method("to_string", vec![])),
        (RTy::Ref(held), RTy::String) if **held == RTy::String => {
            Ok(key.expr.clone().method("clone", vec![]))
        }
        (RTy::String, RTy::String) => Ok(owned(key.expr.clone())),
        (RTy::Int(_), RTy::Int(int)) => key
            .to_int(*int)
            .ok_or_else(|| "a key that may leave 64 bits".into()),
        (from, to) if from == to => Ok(match to {
            RTy::Int(_) | RTy::Float(_) | RTy::Bool | RTy::Named(_) => key.expr.clone(),
            RTy::Tuple(parts) if parts.iter().all(|p| p.is_copy(&|_| false)) => key.expr.clone(),
            RTy::Option(inner) if inner.is_copy(&|_| false) => key.expr.clone(),
            _ => owned(key.expr.clone()),
        }),
        _ => Err(format!(
            "{} as a key of {to} is not translated",
            key.ty.describe()
        )),
    }
}

/// The items of a tuple as a key among tuples of any length.
fn long_key(key: &Val, elem: &RTy) -> Result<Expr, String> {
    let refuse = || format!("{} as a key in this place", key.ty.describe());
    let (Ty::Tuple(facts), RTy::Tuple(held)) = (&key.ty, key.rty.peel()) else {
        return Err(refuse());
    };
    let items: Vec<Expr> = match &key.expr {
        Expr::Tuple(items) => items.clone(),
        place if place.is_simple() => (0..held.len())
            .map(|i| place.clone().field(i.to_string()))
            .collect(),
        _ => return Err(refuse()),
    };
    let items = items.into_iter().zip(held).zip(facts);
    let items = items.map(|((item, rty), ty)| {
        key_owned(&Val::new(item, rty.clone(), &Fact::of(ty.clone())), elem)
    });
    Ok(Expr::Macro("vec".into(), items.collect::<Result<_, _>>()?))
}

/// A value that is kept; what names a place is cloned.
fn owned(e: Expr) -> Expr {
    match &e {
        Expr::Atom(text) if text.starts_with(|c: char| c == '"' || c.is_ascii_digit()) => e,
        // What lies in something else may be lent only.
        Expr::Field(..) | Expr::Index(..) | Expr::Deref(_) => e.method("clone", vec![]),
        place if place.is_simple() => e.method("clone", vec![]),
        _ => e,
    }
}

fn run(map: &Val, pattern: &str, value: Expr) -> Expr {
    map.expr
        .clone()
        .method("iter", vec![])
        .method("map", vec![Expr::Closure(pattern.into(), Box::new(value))])
        .method("collect", vec![])
}

fn parts(fact: &Fact) -> Result<(Ty, Ty), String> {
    match fact.ty.as_dict() {
        Ty::Dict { key, value, .. } => Ok((*key, *value)),
        other => Err(format!("this of {} is not translated", other.describe())),
    }
}

fn map_parts(map: &Val) -> Result<(RTy, RTy), String> {
    match map.rty.peel() {
        RTy::Map { key, value, .. } => Ok(((**key).clone(), (**value).clone())),
        _ => Err(format!(
            "a method of {} in this place is not translated",
            map.ty.describe()
        )),
    }
}

/// A receiver and one or two arguments by position.
fn one_or_two(args: &[Arg], name: &str) -> Result<(Fact, Fact, Option<Fact>), String> {
    if let Some(keyword) = args.iter().find_map(|a| a.keyword.as_ref()) {
        return Err(format!("`{name}(… {keyword}=…)` is not translated"));
    }
    match args {
        [dict, key] => Ok((dict.fact.clone(), key.fact.clone(), None)),
        [dict, key, default] => Ok((
            dict.fact.clone(),
            key.fact.clone(),
            Some(default.fact.clone()),
        )),
        _ => Err(format!(
            "`{name}()` with {} arguments is not translated",
            args.len().saturating_sub(1)
        )),
    }
}

/// What a value is as a key: the variant of an enum of the app is its name.
pub(crate) fn as_key(at: &Ty) -> &Ty {
    match at {
        Ty::Enum(_) => &Ty::Str,
        other => other,
    }
}

/// Whether something can be looked for, or put, among keys of a type.
pub(crate) fn is_among(at: &Ty, key: &Ty) -> bool {
    let at = as_key(at);
    // None is a key among others.
    let optional = matches!(key, Ty::Option(inner) if **inner == *at || *at == Ty::None);
    key == at || key.is_unusable() || at.is_tuple_among(key) || optional
}

fn fits(key: &Ty, at: &Ty) -> Result<(), String> {
    if is_among(at, key) {
        return Ok(());
    }
    let at = as_key(at);
    Err(format!(
        "{} as a key among {} is not translated",
        at.describe(),
        key.describe()
    ))
}

fn get_fact(args: &[Arg]) -> Result<Fact, String> {
    let (dict, at, default) = one_or_two(args, "get")?;
    let (key, value) = parts(&dict)?;
    // None is no key of such a dict.
    fits(&key, if key == *at.ty.given() { &key } else { &at.ty })?;
    let joined = match &default {
        None => value.optional(),
        Some(default) => value.join(&default.ty),
    };
    match joined {
        Ty::Conflict(why) => Err(format!("`get()` gives {why}: not translated")),
        ty => Ok(Fact::of(ty)),
    }
}

fn lower_get(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(map), Some(key)) = (args.next(), args.next()) else {
        return Err("`get()` of this is not translated".into());
    };
    let (key_ty, value_ty) = map_parts(&map)?;
    let found = match &key.rty {
        RTy::Option(asked) if !matches!(key_ty, RTy::Option(_)) => {
            let present = Val::new(
                Expr::atom("key"),
                match &**asked {
                    RTy::String => RTy::Str,
                    asked => asked.clone(),
                },
                &Fact::of(key.ty.narrowed()),
            );
            let present = key_ref(&within_reach(present, &key_ty, site), &key_ty)?;
            if present.can_fail() || map.expr.can_fail() {
                return Err("`get()` of a key that may be None, here,".into());
            }
            let found = get(map.expr, &map.rty, present, false, site);
            let given = match **asked {
                RTy::String => key.expr.method("as_deref", vec![]),
                _ => key.expr,
            };
            given.method(
                "and_then",
                vec![Expr::Closure("key".into(), Box::new(found))],
            )
        }
        _ => {
            let key = within_reach(key, &key_ty, site);
            let key = key_ref(&key, &key_ty)?;
            get(map.expr, &map.rty, key, false, site)
        }
    };
    let default = args.next().filter(|d| d.ty != Ty::None);
    let copy = site.is_copy(&value_ty);
    let Some(default) = default else {
        // What is kept may be None itself.
        if let RTy::Option(inner) = &value_ty {
            let (expr, rty) = match copy {
                true => {
                    let found = found.method("copied", vec![]);
                    (found.method("flatten", vec![]), value_ty.clone())
                }
                false => {
                    let kept = Expr::atom("kept").method("as_ref", vec![]);
                    let kept = Expr::Closure("kept".into(), Box::new(kept));
                    let held = RTy::Option(Box::new(RTy::Ref(inner.clone())));
                    (found.method("and_then", vec![kept]), held)
                }
            };
            return Ok(Val::new(expr, rty, &fact));
        }
        return Ok(if copy {
            Val::new(
                found.method("copied", vec![]),
                RTy::Option(Box::new(value_ty)),
                &fact,
            )
        } else {
            let held = RTy::Option(Box::new(RTy::Ref(Box::new(value_ty))));
            Val::new(found, held, &fact)
        });
    };
    let val = or_default(found, &value_ty, default, &fact, copy)?;
    if val.rty == RTy::Number {
        site.helper(Helper::Number);
    }
    Ok(val)
}

/// `option`, an `Option<V>`, or a default.
pub(crate) fn field_or(
    option: Expr,
    value_ty: &RTy,
    default: Val,
    fact: &Fact,
    copy: bool,
) -> Result<Val, String> {
    if let (Ty::Str, RTy::String, RTy::Str) = (&fact.ty, value_ty, &default.rty) {
        let text = option.method("as_deref", vec![]);
        let expr = text.method("unwrap_or", vec![default.expr]);
        return Ok(Val::new(expr, RTy::Str, fact));
    }
    let found = option.clone().method("as_ref", vec![]);
    let val = or_default(found, value_ty, default, fact, copy)?;
    // What is copied needs no reference.
    let expr = match val.expr {
        Expr::Method(chain, or, args) if copy => match *chain {
            Expr::Method(_, copied, _) if copied == "copied" => option.method(or, args),
            chain => Expr::Method(Box::new(chain), or, args),
        },
        expr => expr,
    };
    Ok(Val { expr, ..val })
}

/// `found`, an `Option<&V>`, or a default.
fn or_default(
    found: Expr,
    value_ty: &RTy,
    default: Val,
    fact: &Fact,
    copy: bool,
) -> Result<Val, String> {
    let plain = |rty: RTy, expr: Expr| Val::new(expr, rty, fact);
    match (&fact.ty, value_ty) {
        (Ty::Float | Ty::Number, RTy::Float(_)) => Ok(plain(
            RTy::F64,
            found
                .method("copied", vec![])
                .method("unwrap_or", vec![default.to_f64()]),
        )),
        (Ty::IntOrFloat, RTy::Number | RTy::Float(_) | RTy::Int(IntTy::I64)) => {
            let default = default.to_number("an int leaves 64 bits");
            let default = default.ok_or("a default of another kind is not translated")?;
            let kind = match value_ty {
                RTy::Number => {
                    let copied = found.method("copied", vec![]);
                    return Ok(plain(
                        RTy::Number,
                        copied.method("unwrap_or", vec![default]),
                    ));
                }
                RTy::Int(_) => "Number::Int",
                _ => "Number::Float",
            };
            let number = Expr::call(kind, vec![Expr::atom("value")]);
            let closure = Expr::Closure("&value".into(), Box::new(number));
            Ok(plain(
                RTy::Number,
                found.method("map_or", vec![default, closure]),
            ))
        }
        (Ty::Number, RTy::Int(_)) => {
            let value = Expr::atom("value").cast(RTy::F64);
            let closure = Expr::Closure("&value".into(), Box::new(value));
            Ok(plain(
                RTy::F64,
                found.method("map_or", vec![default.to_f64(), closure]),
            ))
        }
        (Ty::Int, RTy::Int(int)) => {
            let default = default
                .to_int(*int)
                .ok_or("a default that may leave 64 bits is not translated")?;
            Ok(plain(
                value_ty.clone(),
                found
                    .method("copied", vec![])
                    .method("unwrap_or", vec![default]),
            ))
        }
        (Ty::Str, RTy::String) if default.rty == RTy::Str => Ok(plain(
            RTy::Str,
            found.method("map_or", vec![default.expr, Expr::atom("String::as_str")]),
        )),
        // A new list that nobody keeps is as good as none.
        (_, RTy::Vec(elem)) if matches!(&default.expr, Expr::Call(name, args) if name == "Vec::new" && args.is_empty()) =>
        {
            let slice = RTy::Ref(Box::new(RTy::Slice(elem.clone())));
            Ok(plain(
                slice,
                found.method(
                    "map_or",
                    vec![Expr::atom("&[][..]"), Expr::atom("Vec::as_slice")],
                ),
            ))
        }
        // Bytes are lent, those of the default as well.
        (bytes, RTy::Vec(elem)) if bytes.is_octets() && default.ty == *bytes => {
            let slice = RTy::Ref(Box::new(RTy::Slice(elem.clone())));
            let lent = match (default.rty.peel(), default.rty.is_ref()) {
                (RTy::Array(_, 0), _) => Expr::atom("&[][..]"),
                (RTy::Slice(_), true) => default.expr,
                _ if default.expr.can_fail() => {
                    return Err("a default that may raise is not translated".into());
                }
                (_, true) => default.expr.method("as_slice", vec![]),
                (_, false) if default.expr.is_simple() => default.expr.method("as_slice", vec![]),
                _ => return Err("a default that is made here is not translated".into()),
            };
            Ok(plain(
                slice,
                found.method("map_or", vec![lent, Expr::atom("Vec::as_slice")]),
            ))
        }
        (_, rty @ (RTy::Map { .. } | RTy::Set(_))) if is_new(&default.expr) => Ok(plain(
            rty.clone(),
            found
                .method("cloned", vec![])
                .method("unwrap_or_default", vec![]),
        )),
        (_, rty) if matches!(&default.rty, RTy::Option(inner) if **inner == *rty) => {
            let option = default.rty.clone();
            let found = found.method("cloned", vec![]);
            Ok(plain(option, found.method("or", vec![default.expr])))
        }
        (ty, rty) if ty.union().is_some() && default.rty == *rty => Ok(plain(
            rty.clone(),
            found
                .method("cloned", vec![])
                .method("unwrap_or", vec![default.expr]),
        )),
        (_, rty) if copy && default.rty == *rty => Ok(plain(
            rty.clone(),
            found
                .method("copied", vec![])
                .method("unwrap_or", vec![default.expr]),
        )),
        // What is kept may be None, the default is not.
        (Ty::Option(held), RTy::Option(inner)) if held.is_number() || **held == Ty::Bool => {
            let default = match &**inner {
                RTy::Float(_) if default.ty.is_number() => Some(default.to_f64()),
                RTy::Int(int) if default.ty == Ty::Int => default.to_int(*int),
                RTy::Bool if default.rty == RTy::Bool => Some(default.expr),
                _ => None,
            };
            let default = default.ok_or("`get()` with this default is not translated")?;
            let copied = found.method("copied", vec![]);
            let given = Expr::call("Some", vec![default]);
            Ok(plain(
                value_ty.clone(),
                copied.method("unwrap_or", vec![given]),
            ))
        }
        (Ty::Option(held), RTy::Option(inner))
            if **held == Ty::Str && **inner == RTy::String && default.rty == RTy::Str =>
        {
            let given = Expr::call("Some", vec![default.expr]);
            let kept = Expr::atom("Option::<String>::as_deref");
            let option = RTy::Option(Box::new(RTy::Str));
            Ok(plain(option, found.method("map_or", vec![given, kept])))
        }
        // None is the value of some keys.
        (_, RTy::Option(inner)) => {
            let default = default.to_element(inner, "the default leaves its type");
            let default = default.filter(|default| !default.can_fail());
            let default = default.ok_or("a default of another kind is not translated")?;
            let copied = if copy { "copied" } else { "cloned" };
            Ok(plain(
                value_ty.clone(),
                found
                    .method(copied, vec![])
                    .method("unwrap_or", vec![Expr::call("Some", vec![default])]),
            ))
        }
        (ty, _) => Err(format!(
            "`get()` of {} with this default is not translated",
            ty.describe()
        )),
    }
}

/// Whether an expression makes an empty container.
fn is_new(e: &Expr) -> bool {
    matches!(e, Expr::Call(name, args) if args.is_empty() && name.ends_with("::new"))
}

/// What is said where a dict has no such key: the message of Python shows the key.
pub fn key_error(key: &Ty) -> &'static str {
    match key {
        Ty::Int => "KeyError (no such key, an int)",
        Ty::Str => "KeyError (no such key, a str)",
        _ => "KeyError (no such key)",
    }
}

fn pop_fact(args: &[Arg]) -> Result<Fact, String> {
    let (dict, at, default) = one_or_two(args, "pop")?;
    let (key, value) = parts(&dict)?;
    fits(&key, &at.ty)?;
    match default {
        None => Ok(Fact::of(value)),
        Some(default) => match value.join(&default.ty) {
            Ty::Conflict(why) => Err(format!("`pop()` gives {why}: not translated")),
            ty => Ok(Fact::of(ty)),
        },
    }
}

fn lower_pop(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(map), Some(key)) = (args.next(), args.next()) else {
        return Err("`pop()` of this is not translated".into());
    };
    let (key_ty, value_ty) = map_parts(&map)?;
    let missing = site.error(key_error(&key.ty));
    if key.expr.is_simple() && !matches!(key.ty, Ty::Int | Ty::Str) {
        site.told.push((
            missing.clone(),
            Told::Repr(Box::new(key.clone()), String::new()),
        ));
    }
    let key = within_reach(key, &key_ty, site);
    let key = key_ref(&key, &key_ty)?;
    let found = remove(map.expr, &map.rty, key, site);
    match args.next() {
        None => Ok(Val::new(found.ok_or(&missing), value_ty, &fact)),
        Some(default) if default.ty == Ty::None => {
            Ok(Val::new(found, RTy::Option(Box::new(value_ty)), &fact))
        }
        Some(default) => {
            let default = default
                .to_element(&value_ty, &site.error("the default leaves its type"))
                .ok_or("`pop()` with this default is not translated")?;
            Ok(Val::new(
                found.method("unwrap_or", vec![default]),
                value_ty,
                &fact,
            ))
        }
    }
}

fn set_default_fact(args: &[Arg]) -> Result<Fact, String> {
    let (dict, at, default) = one_or_two(args, "setdefault")?;
    let (key, value) = parts(&dict)?;
    fits(&key, &at.ty)?;
    let Some(default) = default else {
        return Err("`setdefault(key)` without a default is not translated".into());
    };
    match value.join(&default.ty) {
        Ty::Conflict(why) => Err(format!("`setdefault()` gives {why}: not translated")),
        ty => Ok(Fact::of(ty)),
    }
}

fn lower_set_default(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(map), Some(key), Some(default)) = (args.next(), args.next(), args.next()) else {
        return Err("`setdefault()` of this is not translated".into());
    };
    let (key_ty, value_ty) = map_parts(&map)?;
    let key = within_reach(key, &key_ty, site);
    let key = key_owned(&key, &key_ty)?;
    let default = default
        .to_element(&value_ty, &site.error("the default leaves its type"))
        .ok_or("`setdefault()` with this default is not translated")?;
    let found = entry(map.expr, &map.rty, key, default, site);
    Ok(if site.is_copy(&value_ty) {
        Val::new(Expr::Deref(Box::new(found)), value_ty, &fact)
    } else {
        Val::new(found, RTy::RefMut(Box::new(value_ty)), &fact)
    })
}

fn nothing(args: &[Arg], name: &str) -> Result<Fact, String> {
    match args {
        [_] => Ok(Fact::of(Ty::None)),
        _ => Err(format!("`{name}()` with arguments is not translated")),
    }
}

fn view(args: &[Arg], of: fn(Ty, Ty) -> Ty) -> Result<Fact, String> {
    let [dict] = args else {
        return Err("this takes no arguments".into());
    };
    let (key, value) = parts(&dict.fact)?;
    Ok(Fact::of(Ty::list(of(key, value))))
}

fn lower_view(call: Call, which: &str, site: &Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [map]: [Val; 1] = super::lowered(call)?;
    let (key, value) = map_parts(&map)?;
    if !is_ordered(&map.rty) {
        return lower_map_view(map, which, (key, value), &fact, site);
    }
    let (expr, elem) = match which {
        "keys" => {
            let (pattern, item) = if site.is_copy(&key) {
                ("&(key, _)", Expr::atom("key"))
            } else {
                ("(key, _)", Expr::atom("key").method("clone", vec![]))
            };
            (run(&map, pattern, item), key)
        }
        "values" => {
            let (pattern, item) = if site.is_copy(&value) {
                ("&(_, value)", Expr::atom("value"))
            } else {
                ("(_, value)", Expr::atom("value").method("clone", vec![]))
            };
            (run(&map, pattern, item), value)
        }
        _ => (
            map.expr.clone().method("to_vec", vec![]),
            RTy::Tuple(vec![key, value]),
        ),
    };
    Ok(Val::new(expr, RTy::Vec(Box::new(elem)), &fact))
}

/// The keys, values or entries of a `BTreeMap` as a list.
fn lower_map_view(
    map: Val,
    which: &str,
    (key, value): (RTy, RTy),
    fact: &Fact,
    site: &Site,
) -> Result<Val, String> {
    let owned = |iter: Expr, rty: &RTy| match site.is_copy(rty) {
        true => iter.method("copied", vec![]),
        false => iter.method("cloned", vec![]),
    };
    let (iter, elem) = match which {
        "keys" => (owned(map.expr.method("keys", vec![]), &key), key),
        "values" => (owned(map.expr.method("values", vec![]), &value), value),
        _ => return Err("the entries of a map as a list are not translated".into()),
    };
    let list = RTy::Vec(Box::new(elem));
    Ok(Val::new(iter.method("collect", vec![]), list, fact))
}

/// The dict with the entry that `setdefault(key, value)` may put in.
fn with_default(args: &[Arg]) -> Ty {
    match args {
        [dict, key, default, ..] => dict
            .fact
            .ty
            .narrowed()
            .with_entry(&key.fact.ty, &default.fact.ty),
        [dict, ..] => dict.fact.ty.narrowed().as_dict(),
        [] => Ty::Unknown,
    }
}

fn as_dict(args: &[Arg]) -> Ty {
    args.first()
        .map_or(Ty::Unknown, |d| d.fact.ty.narrowed().as_dict())
}

fn in_order(args: &[Arg]) -> Ty {
    args.first()
        .map_or(Ty::Unknown, |d| d.fact.ty.narrowed().in_order())
}

/// A dict that took in all entries of another.
fn updated(args: &[Arg]) -> Ty {
    match args {
        [dict, other] => match other.fact.ty.as_dict() {
            Ty::Dict { key, value, .. } => dict.fact.ty.narrowed().with_entry(&key, &value),
            _ => dict.fact.ty.narrowed().as_dict(),
        },
        _ => as_dict(args),
    }
}

fn update_fact(args: &[Arg]) -> Result<Fact, String> {
    match args {
        [counter, ..] if counter.fact.ty.missing() == Missing::Zero => {
            Err("`update()` of a Counter is not translated".into())
        }
        [_, other] if other.keyword.is_none() => match other.fact.ty {
            Ty::Record(_) | Ty::Dict { .. } => Ok(Fact::of(Ty::None)),
            ref other => Err(format!(
                "`update()` with {} is not translated",
                other.describe()
            )),
        },
        _ => Err("`update()` with these arguments is not translated".into()),
    }
}

fn copy_fact(args: &[Arg]) -> Result<Fact, String> {
    match args {
        [dict] => Ok(Fact::of(dict.fact.ty.as_dict())),
        _ => Err("`copy()` takes no arguments".into()),
    }
}

fn lower_copy(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [map]: [Val; 1] = super::lowered(call)?;
    let (_, value) = map_parts(&map)?;
    if !site.is_copy(&value) && value != RTy::String {
        return Err("`copy()` of a dict whose values are objects is not translated".into());
    }
    let rty = map.rty.peel().clone();
    Ok(Val::new(map.expr.method("clone", vec![]), rty, &fact))
}

fn counter_fact(args: &[Arg], name: &str) -> Result<(Ty, Option<Fact>), String> {
    let (dict, count) = match args {
        [dict] => (dict, None),
        [dict, count] if count.keyword.is_none() => (dict, Some(count.fact.clone())),
        _ => return Err(format!("`{name}()` with these arguments is not translated")),
    };
    match &dict.fact.ty {
        Ty::Dict {
            key,
            missing: Missing::Zero,
            ..
        } => Ok(((**key).clone(), count)),
        other => Err(format!(
            "`{name}()` of {} is not translated",
            other.describe()
        )),
    }
}

fn most_common_fact(args: &[Arg]) -> Result<Fact, String> {
    let (key, count) = counter_fact(args, "most_common")?;
    match count.map(|c| (c.ty.clone(), c.range.int().lo)) {
        None | Some((Ty::None, _)) => {}
        Some((Ty::Int, Some(lo))) if lo >= 0 => {}
        Some(_) => {
            return Err("`most_common(n)` where `n` may be negative is not translated".into());
        }
    }
    Ok(Fact::of(Ty::list(Ty::Tuple(vec![key, Ty::Int]))))
}

fn lower_most_common(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let Some(map) = args.next() else {
        return Err("`most_common()` of this is not translated".into());
    };
    let (key, value) = map_parts(&map)?;
    if value != RTy::I64 || !is_ordered(&map.rty) {
        return Err("`most_common()` of this is not translated".into());
    }
    let sorted = Expr::call(
        site.helper(Helper::MostCommon),
        vec![lent(map.expr, &map.rty)],
    );
    let elem = RTy::Tuple(vec![key, value]);
    let expr = match args.next().filter(|n| n.ty != Ty::None) {
        None => sorted,
        Some(n) => {
            let n = n
                .to_int(IntTy::Usize)
                .ok_or("this count is not translated")?;
            sorted
                .method("into_iter", vec![])
                .method("take", vec![n])
                .method("collect", vec![])
        }
    };
    Ok(Val::new(expr, RTy::Vec(Box::new(elem)), &fact))
}

fn lower_total(call: Call, _: &mut Site) -> Result<Val, String> {
    let [map]: [Val; 1] = super::lowered(call)?;
    let values = match is_ordered(&map.rty) {
        true => map
            .expr
            .method("iter", vec![])
            .method("map", vec![Expr::atom("|&(_, count)| count")]),
        false => map.expr.method("values", vec![]),
    };
    Ok(Val::int(
        values.method("sum::<i64>", vec![]),
        IntTy::I64,
        IntRange::I64,
    ))
}

/// The end that `popitem` and `move_to_end` work at: the last one, or the first.
fn at_end(last: Option<&Arg>) -> Result<(), String> {
    match last.map(|l| (l.keyword.as_deref(), &l.fact.ty)) {
        None | Some((None | Some("last"), Ty::Bool)) => Ok(()),
        Some(_) => Err("this end of a dict is not translated".into()),
    }
}

/// Whether the end is the last one; nothing where only the value tells.
fn is_last(call: &Call, place: usize) -> Option<bool> {
    let keyword = call.keywords.iter().find(|(name, _)| name == "last");
    let last = keyword.map(|(_, val)| val).or(call.args.get(place));
    match last.map(|val| &val.expr) {
        None => Some(true),
        Some(Expr::Atom(text)) => text.parse().ok(),
        Some(_) => None,
    }
}

fn pop_item_fact(args: &[Arg]) -> Result<Fact, String> {
    let [dict, last @ ..] = args else {
        return Err("`popitem()` of this is not translated".into());
    };
    at_end(last.first())?;
    let (key, value) = parts(&dict.fact)?;
    Ok(Fact::of(Ty::Tuple(vec![key, value])))
}

fn lower_pop_item(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let last = is_last(&call, 1).ok_or("`popitem()` from a computed end is not translated")?;
    let Some(map) = call.args.into_iter().next() else {
        return Err("`popitem()` of this is not translated".into());
    };
    let (key, value) = map_parts(&map)?;
    if !is_ordered(&map.rty) {
        return Err("`popitem()` of this dict is not translated".into());
    }
    let error = site.error("KeyError: 'dictionary is empty'");
    let found = match last {
        true => map.expr.method("pop", vec![]),
        false => super::list::take_first(map.expr),
    };
    let entry = RTy::Tuple(vec![key, value]);
    Ok(Val::new(found.ok_or(&error), entry, &fact))
}

fn move_fact(args: &[Arg]) -> Result<Fact, String> {
    let [dict, key, last @ ..] = args else {
        return Err("`move_to_end()` with these arguments is not translated".into());
    };
    at_end(last.first())?;
    let (own, _) = parts(&dict.fact)?;
    fits(&own, &key.fact.ty)?;
    Ok(Fact::of(Ty::None))
}

fn lower_move(call: Call, site: &mut Site) -> Result<Val, String> {
    let last = is_last(&call, 2).ok_or("a computed end of a dict is not translated")?;
    let mut args = call.args.into_iter();
    let (Some(map), Some(key)) = (args.next(), args.next()) else {
        return Err("`move_to_end()` of this is not translated".into());
    };
    let (key_ty, _) = map_parts(&map)?;
    if !is_ordered(&map.rty) {
        return Err("`move_to_end()` of this dict is not translated".into());
    }
    let key = within_reach(key, &key_ty, site);
    let key = key_ref(&key, &key_ty)?;
    let args = vec![
        lent_mut(map.expr, &map.rty),
        key,
        Expr::atom(last.to_string()),
    ];
    let error = site.error("KeyError (there is no such key to move)");
    let moved = Expr::call(site.helper(Helper::MoveToEnd), args).ok_or(&error);
    Ok(Val::new(moved, RTy::Unit, &Fact::of(Ty::None)))
}

/// What is written where it stands: by the lowering of calls of dicts.
fn elsewhere(_: Call, _: &mut Site) -> Result<Val, String> {
    Err("this form of the call is not translated".into())
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<dict>.get",
        doc: "`dict.get(key)`, `dict.get(key, default)`",
        infer: get_fact,
        lower: lower_get,
        special: Special {
            grows: Some(as_dict),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.pop",
        doc: "`dict.pop(key)`, `dict.pop(key, default)`",
        infer: pop_fact,
        lower: lower_pop,
        special: Special {
            mutates: true,
            grows: Some(as_dict),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.setdefault",
        doc: "`dict.setdefault(key, default)`",
        infer: set_default_fact,
        lower: lower_set_default,
        special: Special {
            mutates: true,
            grows: Some(with_default),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.clear",
        doc: "`dict.clear()`",
        infer: |a| nothing(a, "clear"),
        lower: |call, _| {
            let [map]: [Val; 1] = super::lowered(call)?;
            Ok(Val::new(
                map.expr.method("clear", vec![]),
                RTy::Unit,
                &Fact::of(Ty::None),
            ))
        },
        special: Special {
            mutates: true,
            grows: Some(as_dict),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.update",
        doc: "`dict.update(other)`",
        infer: update_fact,
        lower: elsewhere,
        special: Special {
            mutates: true,
            grows: Some(updated),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.copy",
        doc: "`dict.copy()` where the values are no objects",
        infer: copy_fact,
        lower: lower_copy,
        special: Special {
            grows: Some(as_dict),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.most_common",
        doc: "`counter.most_common([n])`",
        infer: most_common_fact,
        lower: lower_most_common,
        special: Special {
            grows: Some(in_order),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.total",
        doc: "`counter.total()`",
        infer: |a| counter_fact(a, "total").map(|_| Fact::int(IntRange::ALL)),
        lower: lower_total,
        special: Special::NONE,
    },
    Known {
        name: "<dict>.popitem",
        doc: "`dict.popitem()`, `popitem(last=False)` of an `OrderedDict`",
        infer: pop_item_fact,
        lower: lower_pop_item,
        special: Special {
            mutates: true,
            grows: Some(in_order),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.move_to_end",
        doc: "`move_to_end(key[, last])` of an `OrderedDict`",
        infer: move_fact,
        lower: lower_move,
        special: Special {
            mutates: true,
            grows: Some(in_order),
            ..Special::NONE
        },
    },
    Known {
        name: "collections.defaultdict",
        doc: "`defaultdict(factory)` of an empty value: `int`, `float`, `list`, `lambda: 0`",
        infer: |_| Err("a `defaultdict` of this is not translated".into()),
        lower: elsewhere,
        special: Special::NONE,
    },
    Known {
        name: "collections.Counter",
        doc: "`Counter()`, `Counter(xs)`",
        infer: |_| Err("a `Counter` of this is not translated".into()),
        lower: elsewhere,
        special: Special::NONE,
    },
    Known {
        name: "collections.OrderedDict",
        doc: "`OrderedDict(…)`: as a dict",
        infer: |_| Err("an `OrderedDict` of this is not translated".into()),
        lower: elsewhere,
        special: Special::NONE,
    },
    Known {
        name: "<dict>.keys",
        doc: "`dict.keys()` where it is run through at once",
        infer: |a| view(a, |key, _| key),
        lower: |call, site| lower_view(call, "keys", site),
        special: Special {
            grows: Some(in_order),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.values",
        doc: "`dict.values()` where it is run through at once",
        infer: |a| view(a, |_, value| value),
        lower: |call, site| lower_view(call, "values", site),
        special: Special {
            grows: Some(in_order),
            ..Special::NONE
        },
    },
    Known {
        name: "<dict>.items",
        doc: "`dict.items()` where it is run through at once",
        infer: |a| view(a, |key, value| Ty::Tuple(vec![key, value])),
        lower: |call, site| lower_view(call, "items", site),
        special: Special {
            grows: Some(in_order),
            ..Special::NONE
        },
    },
];

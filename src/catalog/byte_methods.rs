//! Methods of `bytes` and `bytearray`.
//!
//! Enters: bytes as a `Vec<u8>`, an array or a slice. Leaves: Rust on `[u8]`. What changes its
//! receiver is a method of a `bytearray` alone. This module must not know who calls.

use super::bytes::{NO_BYTE, byte, fact, refusal, values, vec_of_bytes};
use super::{Arg, Call, Helper, Known, Site, Special, list, lowered, positional};
use crate::ir::uses::closure_name;
use crate::ir::{BinOp, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{IntRange, LENGTHS, LONGEST};
use crate::ty::{ListKind, Ty};
use crate::value::{Fact, Val};

/// What Python takes for white space in bytes.
const SPACE: &str = "b\" \\t\\n\\r\\x0b\\x0c\"";

/// The kind of the receiver, which is changed.
fn changed(args: &[Arg], name: &str) -> Result<(), String> {
    match args.first().and_then(|a| a.fact.ty.octets_kind()) {
        Some(ListKind::Bytearray) => Ok(()),
        _ => Err(format!(
            "`{name}()` of what may be `bytes` is not translated: `bytes` have no such method"
        )),
    }
}

/// The facts of a method that changes a `bytearray`.
fn change<const N: usize>(args: &[Arg], name: &str) -> Result<[Fact; N], String> {
    changed(args, name)?;
    positional(args, name)
}

fn whole(ty: &Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Unknown)
}

fn octets(ty: &Ty) -> bool {
    ty.is_octets() || *ty == Ty::Unknown
}

fn refuse(name: &str, ty: &Ty) -> String {
    format!("`{name}()` by {} is not translated", ty.describe())
}

/// Bytes of the receiver's own kind.
fn own(args: &[Arg]) -> Fact {
    let kind = args.first().and_then(|a| a.fact.ty.octets_kind());
    fact(kind.unwrap_or(ListKind::Bytes))
}

/// An int that is put into a `bytearray`, as a byte.
fn as_byte(item: &Val, site: &Site) -> Val {
    let error = site.error(NO_BYTE);
    let expr = item.to_int_or(IntTy::U8, &error);
    Val::int(expr, IntTy::U8, super::bytes::BYTES)
}

/// `append`, `insert`: the last argument becomes a byte.
fn put(
    mut call: Call,
    site: &mut Site,
    lower: fn(Call, &mut Site) -> Result<Val, String>,
) -> Result<Val, String> {
    if let Some(item) = call.args.last_mut() {
        *item = as_byte(item, site);
    }
    lower(call, site)
}

fn extend(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, items] = lowered(call)?;
    if items.element() == Some(&byte()) {
        let call = Call {
            args: vec![list, items],
            keywords: Vec::new(),
            fact: Fact::of(Ty::None),
        };
        return list::extend(call, site);
    }
    let values = values(&items, &site.error(refusal(list.ty.octets_kind())))?;
    let values = match values {
        Expr::Method(iter, name, _) if name == "collect" => *iter,
        values => values,
    };
    let done = list.expr.method("extend", vec![values]);
    Ok(Val::new(done, RTy::Unit, &Fact::of(Ty::None)))
}

/// The only byte of a literal, as Rust writes it: `b','`.
fn only_byte(val: &Val) -> Option<Expr> {
    let Expr::Atom(text) = &val.expr else {
        return None;
    };
    let inner = text.strip_prefix("b\"")?.strip_suffix('"')?;
    match val.rty.peel() {
        RTy::Array(_, 1) => Some(Expr::Atom(match inner {
            "'" => "b'\\''".into(),
            "\\\"" => "b'\"'".into(),
            inner => format!("b'{inner}'"),
        })),
        _ => None,
    }
}

/// How many bytes a value always has.
fn length(val: &Val) -> Option<usize> {
    match val.rty.peel() {
        RTy::Array(_, len) => Some(*len),
        _ => None,
    }
}

/// `&data`, where a `&[u8]` is lent.
fn lent(val: &Val) -> Expr {
    match val.rty.is_ref() {
        true => val.expr.clone(),
        false => val.expr.clone().lent(),
    }
}

/// What is looked for, as a condition on an item that is called `name`.
fn is_byte(item: &Val, site: &Site) -> Result<Expr, String> {
    let wanted = match only_byte(item) {
        Some(byte) => byte,
        None => item.to_int_or(IntTy::U8, &site.error(NO_BYTE)),
    };
    if wanted.can_fail() || !wanted.is_simple() && !matches!(wanted, Expr::Cast(..)) {
        return Err("looking for a computed byte is not translated".into());
    }
    let name = closure_name(&[&wanted]);
    let same = Expr::atom(name).binary(BinOp::Eq, wanted);
    Ok(Expr::Closure(format!("&{name}"), Box::new(same)))
}

/// Where something is in the bytes: an `Option<usize>`.
fn place(data: &Val, item: &Val, site: &mut Site, from_end: bool) -> Result<Expr, String> {
    let method = if from_end { "rposition" } else { "position" };
    if item.ty == Ty::Int || length(item) == Some(1) && only_byte(item).is_some() {
        let test = is_byte(item, site)?;
        let items = data.expr.clone().method("iter", vec![]);
        return Ok(items.method(method, vec![test]));
    }
    if let (Expr::Atom(_), Some(len @ 2..)) = (&item.expr, length(item)) {
        let name = closure_name(&[&item.expr]);
        let same = Expr::atom(name).binary(BinOp::Eq, item.expr.clone());
        let windows = data
            .expr
            .clone()
            .method("windows", vec![Expr::atom(len.to_string())]);
        let test = Expr::Closure(name.into(), Box::new(same));
        return Ok(windows.method(method, vec![test]));
    }
    if from_end {
        return Err("`rfind()` of what is no literal is not translated".into());
    }
    let helper = site.helper(Helper::FindBytes);
    Ok(Expr::call(
        helper,
        vec![lent(data), lent(item), Expr::atom("0")],
    ))
}

/// `part in data`
pub(crate) fn within(data: &Val, part: &Val, site: &mut Site) -> Result<Expr, String> {
    if let Some(byte) = only_byte(part) {
        let byte = Expr::Ref(Box::new(byte));
        return Ok(data.expr.clone().method("contains", vec![byte]));
    }
    match place(data, part, site, false)? {
        Expr::Method(items, name, test) if name == "position" => Ok(items.method("any", test)),
        found => Ok(found.method("is_some", vec![])),
    }
}

/// As [`place`], from a start on.
fn place_from(data: &Val, item: &Val, start: &Val, site: &mut Site) -> Result<Expr, String> {
    if !data.expr.is_simple() {
        return Err("`find()` from a place on, in what has no name, is not translated".into());
    }
    let len = data.expr.clone().method("len", vec![]);
    let start = match (start.range.int().lo, start.to_int(IntTy::Usize)) {
        (Some(0..), Some(start)) => start,
        _ => {
            let error = site.error("an int leaves 64 bits");
            let wide = start.to_int_checked(IntTy::I64, &error);
            Expr::call(site.helper(Helper::SliceBound), vec![wide, len])
        }
    };
    let item = match item.ty {
        Ty::Int => {
            let byte = item.to_int_or(IntTy::U8, &site.error(NO_BYTE));
            Expr::Ref(Box::new(Expr::Array(vec![byte])))
        }
        _ => lent(item),
    };
    let helper = site.helper(Helper::FindBytes);
    Ok(Expr::call(helper, vec![lent(data), item, start]))
}

fn infer_find(args: &[Arg], name: &str, range: IntRange) -> Result<Fact, String> {
    let (item, start) = match args {
        [_, item] => (item, None),
        [_, item, start] if name != "rfind" => (item, Some(start)),
        _ => return Err(format!("`{name}()` with these arguments is not translated")),
    };
    if args.iter().any(|a| a.keyword.is_some()) {
        return Err(format!("`{name}()` with these arguments is not translated"));
    }
    match (&item.fact.ty, start.map(|s| &s.fact.ty)) {
        (_, Some(start)) if !whole(start) => Err(refuse(name, start)),
        (item, _) if whole(item) || octets(item) => Ok(Fact::int(range)),
        (item, _) => Err(refuse(name, item)),
    }
}

fn find(call: Call, site: &mut Site, from_end: bool, raises: bool) -> Result<Val, String> {
    let found = match call.args.as_slice() {
        [data, item] => place(data, item, site, from_end)?,
        [data, item, start] => place_from(data, item, start, site)?,
        _ => return Err("`find()` with these arguments is not translated".into()),
    };
    if raises {
        let at = found.ok_or(&site.error("ValueError: subsection not found"));
        return Ok(Val::int(at, IntTy::Usize, LENGTHS));
    }
    let at = Expr::Closure(
        "at".into(),
        Box::new(Expr::atom("at").cast(RTy::Int(IntTy::I64))),
    );
    let at = found.method("map_or", vec![Expr::NegLit("-1".into()), at]);
    Ok(Val::int(at, IntTy::I64, IntRange::new(-1, LONGEST)))
}

fn count(call: Call, site: &mut Site) -> Result<Val, String> {
    let [data, item] = lowered(call)?;
    if item.ty != Ty::Int && only_byte(&item).is_none() {
        return Err("`count()` of more than one byte is not translated".into());
    }
    let Expr::Closure(pattern, test) = is_byte(&item, site)? else {
        return Err("`count()` of this is not translated".into());
    };
    let test = Expr::Closure(format!("&{pattern}"), test);
    let counted = data
        .expr
        .method("iter", vec![])
        .method("filter", vec![test])
        .method("count", vec![]);
    Ok(Val::int(counted, IntTy::Usize, LENGTHS))
}

fn affix(call: Call, method: &str) -> Result<Val, String> {
    let [data, part] = lowered(call)?;
    Ok(Val::bool(data.expr.method(method, vec![lent(&part)])))
}

/// `data.hex([sep])`
fn hex(call: Call, _: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(data), separator) = (args.next(), args.next()) else {
        return Err("`hex()` of nothing".into());
    };
    let text = Expr::Macro("format".into(), vec![Expr::atom("\"{byte:02x}\"")]);
    let each = Expr::Closure("byte".into(), Box::new(text));
    let texts = data.expr.method("iter", vec![]).method("map", vec![each]);
    let text = match separator {
        None => texts.method("collect::<String>", vec![]),
        Some(by) => {
            let literal = super::str_::char_literal(&by.expr).is_some();
            if !literal || !by.expr.is_simple() {
                return Err(
                    "`hex()` with a separator that is no single character is not translated".into(),
                );
            }
            texts
                .method("collect::<Vec<_>>", vec![])
                .method("join", vec![by.expr])
        }
    };
    Ok(Val::new(text, RTy::String, &fact))
}

/// `data.decode([encoding[, errors]])`
fn decode(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args;
    let literal = |at: usize, keyword: &str, default: &str| -> Result<String, String> {
        let by_name = call.keywords.iter().find(|(name, _)| name == keyword);
        match args
            .get(at)
            .or(by_name.map(|(_, val)| val))
            .map(|v| &v.expr)
        {
            None => Ok(default.to_string()),
            Some(Expr::Atom(text)) if text.starts_with('"') => {
                Ok(text.trim_matches('"').to_lowercase())
            }
            Some(_) => Err("`decode()` by what is computed is not translated".into()),
        }
    };
    let encoding = literal(1, "encoding", "utf-8")?;
    let errors = literal(2, "errors", "strict")?;
    if args.is_empty() {
        return Err("`decode()` of nothing".into());
    }
    let data = args.remove(0);
    let text = |expr: Expr| Ok(Val::new(expr, RTy::String, &fact));
    let error = site.error("UnicodeDecodeError (bytes that are no text)");
    let chars = |bytes: Expr| {
        bytes
            .method("map", vec![Expr::atom("char::from")])
            .method("collect::<String>", vec![])
    };
    let bytes = |data: &Val| {
        data.expr
            .clone()
            .method("iter", vec![])
            .method("copied", vec![])
    };
    match (encoding.as_str(), errors.as_str()) {
        ("utf-8" | "utf8" | "utf_8", "strict") => {
            let whole = match &data.rty {
                owned if *owned == vec_of_bytes() && !data.expr.is_simple() => {
                    Expr::call("String::from_utf8", vec![data.expr])
                        .method("ok", vec![])
                        .ok_or(&error)
                }
                _ => Expr::call("std::str::from_utf8", vec![lent(&data)])
                    .method("ok", vec![])
                    .ok_or(&error)
                    .method("to_string", vec![]),
            };
            text(whole)
        }
        ("utf-8" | "utf8" | "utf_8", "replace") => {
            let lossy = Expr::call("String::from_utf8_lossy", vec![lent(&data)]);
            text(lossy.method("into_owned", vec![]))
        }
        ("ascii" | "us-ascii", "strict") if data.expr.is_simple() => {
            let whole = data.expr.clone().method("is_ascii", vec![]);
            let closure = Expr::Closure(String::new(), Box::new(chars(bytes(&data))));
            text(whole.method("then", vec![closure]).ok_or(&error))
        }
        ("ascii" | "us-ascii", "ignore") => {
            let ascii = bytes(&data).method("filter", vec![Expr::atom("u8::is_ascii")]);
            text(chars(ascii))
        }
        ("latin-1" | "latin1" | "iso-8859-1", "strict" | "ignore" | "replace") => {
            text(chars(bytes(&data)))
        }
        _ => Err("`decode()` in this way is not translated".into()),
    }
}

/// `strip`, `lstrip`, `rstrip`
fn strip(call: Call, site: &mut Site, start: bool, end: bool) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(data), chars) = (args.next(), args.next()) else {
        return Err("`strip()` of nothing".into());
    };
    let chars = match chars {
        None => Expr::atom(SPACE),
        Some(chars) => lent(&chars),
    };
    let args = vec![
        lent(&data),
        chars,
        Expr::atom(start.to_string()),
        Expr::atom(end.to_string()),
    ];
    let part = Expr::call(site.helper(Helper::StripBytes), args);
    Ok(Val::new(
        part.method("to_vec", vec![]),
        vec_of_bytes(),
        &fact,
    ))
}

fn split(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [data, by] = lowered(call)?;
    let rty = RTy::Vec(Box::new(vec_of_bytes()));
    if let Some(byte) = only_byte(&by) {
        let test = Expr::Closure(
            "&x".into(),
            Box::new(Expr::atom("x").binary(BinOp::Eq, byte)),
        );
        let parts = data
            .expr
            .method("split", vec![test])
            .method("map", vec![Expr::atom("<[u8]>::to_vec")])
            .method("collect", vec![]);
        return Ok(Val::new(parts, rty, &fact));
    }
    if !matches!((&by.expr, length(&by)), (Expr::Atom(_), Some(1..))) {
        return Err("`split()` by what is no literal is not translated".into());
    }
    let parts = Expr::call(site.helper(Helper::SplitBytes), vec![lent(&data), by.expr]);
    Ok(Val::new(parts, rty, &fact))
}

fn partition(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [data, by] = lowered(call)?;
    if !matches!(length(&by), Some(1..)) {
        return Err("`partition()` by what is no literal is not translated".into());
    }
    let helper = site.helper(Helper::PartitionBytes);
    let parts = Expr::call(helper, vec![lent(&data), lent(&by)]);
    Ok(Val::new(parts, RTy::Tuple(vec![vec_of_bytes(); 3]), &fact))
}

fn replace(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [data, old, new] = lowered(call)?;
    if !matches!(length(&old), Some(1..)) {
        return Err("`replace()` of what is no literal is not translated".into());
    }
    let args = vec![lent(&data), lent(&old), lent(&new)];
    let whole = Expr::call(site.helper(Helper::ReplaceBytes), args);
    Ok(Val::new(whole, vec_of_bytes(), &fact))
}

/// `ljust`, `rjust`
fn fill(call: Call, site: &mut Site, before: bool) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(data), Some(width), fill) = (args.next(), args.next(), args.next()) else {
        return Err("`ljust()` without a width is not translated".into());
    };
    let fill = match fill {
        None => Expr::atom("b' '"),
        Some(fill) => {
            only_byte(&fill).ok_or("`ljust()` by what is no literal is not translated")?
        }
    };
    let width = width
        .to_int(IntTy::Usize)
        .ok_or("`ljust()` to a width that may be negative is not translated")?;
    let args = vec![lent(&data), width, fill, Expr::atom(before.to_string())];
    let whole = Expr::call(site.helper(Helper::FillBytes), args);
    Ok(Val::new(whole, vec_of_bytes(), &fact))
}

fn join(call: Call) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [by, parts] = lowered(call)?;
    if parts.element() != Some(&vec_of_bytes()) {
        return Err(refuse("join", &parts.ty));
    }
    if let RTy::Deque(_) = parts.rty.peel() {
        if length(&by) != Some(0) {
            return Err("`join()` of a deque is not translated".into());
        }
        let bytes = parts.expr.method("iter", vec![]).method("flatten", vec![]);
        let whole = bytes
            .method("copied", vec![])
            .method("collect::<Vec<_>>", vec![]);
        return Ok(Val::new(whole, vec_of_bytes(), &fact));
    }
    let parts = parts.expr.collected();
    let whole = match length(&by) {
        Some(0) => parts.method("concat", vec![]),
        _ => {
            let all = Expr::Range {
                low: None,
                high: None,
                inclusive: false,
            };
            let by = Expr::Ref(Box::new(Expr::Index(Box::new(by.expr), Box::new(all))));
            parts.method("join", vec![by])
        }
    };
    Ok(Val::new(whole, vec_of_bytes(), &fact))
}

/// `upper`, `lower`
fn cased(call: Call, method: &str) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [data] = lowered(call)?;
    let expr = data.expr.method(method, vec![]);
    Ok(Val::new(expr, vec_of_bytes(), &fact))
}

/// The fact of a method that takes bytes and gives some of its own kind.
fn of_bytes(
    args: &[Arg],
    name: &str,
    counts: std::ops::RangeInclusive<usize>,
) -> Result<Fact, String> {
    let others = args.get(1..).unwrap_or_default();
    if !counts.contains(&others.len()) || others.iter().any(|a| a.keyword.is_some()) {
        return Err(format!("`{name}()` with these arguments is not translated"));
    }
    match others.iter().find(|a| !octets(&a.fact.ty)) {
        Some(other) => Err(refuse(name, &other.fact.ty)),
        None => Ok(own(args)),
    }
}

/// It changes its receiver, and nothing else.
const CHANGES: Special = Special {
    mutates: true,
    ..Special::NONE
};

/// It adds to its receiver.
const ADDS: Special = Special {
    mutates: true,
    only_adds: true,
    ..Special::NONE
};

macro_rules! methods {
    ($($name:literal, $doc:literal, $special:expr, $infer:expr, $lower:expr;)*) => {
        &[$(Known {
            name: concat!("<bytes>.", $name),
            doc: $doc,
            infer: $infer,
            lower: $lower,
            special: $special,
        },)*]
    };
}

pub(super) const ALL: &[Known] = methods! {
    "append", "`bytearray.append(x)`: `push`", ADDS,
        |args| match change::<2>(args, "append")? {
            [_, item] if whole(&item.ty) => Ok(Fact::of(Ty::None)),
            [_, item] => Err(refuse("append", &item.ty)),
        },
        |call, site| put(call, site, list::append);
    "insert", "`bytearray.insert(i, x)`: `insert`", ADDS,
        |args| match change::<3>(args, "insert")? {
            [_, at, item] if whole(&at.ty) && whole(&item.ty) => Ok(Fact::of(Ty::None)),
            [_, _, item] => Err(refuse("insert", &item.ty)),
        },
        |call, site| put(call, site, list::insert);
    "extend", "`bytearray.extend(xs)`, `bytearray += xs`: `extend_from_slice`", ADDS,
        |args| {
            let [_, items] = change::<2>(args, "extend")?;
            match args.get(1).and_then(super::elements::element) {
                _ if octets(&items.ty) => Ok(Fact::of(Ty::None)),
                Some(elem) if whole(&elem.ty) => Ok(Fact::of(Ty::None)),
                _ => Err(refuse("extend", &items.ty)),
            }
        },
        extend;
    "pop", "`bytearray.pop([i])`", CHANGES,
        |args| {
            changed(args, "pop")?;
            list::pop_fact(args)
        },
        list::pop;
    "clear", "`bytearray.clear()`", CHANGES,
        |args| change::<1>(args, "clear").map(|_| Fact::of(Ty::None)), list::clear;
    "reverse", "`bytearray.reverse()`", CHANGES,
        |args| change::<1>(args, "reverse").map(|_| Fact::of(Ty::None)),
        |call, _| {
            let [data] = lowered(call)?;
            let done = data.expr.method("reverse", vec![]);
            Ok(Val::new(done, RTy::Unit, &Fact::of(Ty::None)))
        };
    "copy", "`bytearray.copy()`: `to_vec`", Special::NONE,
        |args| change::<1>(args, "copy").map(|_| own(args)), list::copy;
    "find", "`data.find(x[, start])`, of bytes or an int", Special::NONE,
        |args| infer_find(args, "find", IntRange::new(-1, LONGEST)),
        |call, site| find(call, site, false, false);
    "index", "`data.index(x[, start])`, of bytes or an int", Special::NONE,
        |args| infer_find(args, "index", LENGTHS), |call, site| find(call, site, false, true);
    "rfind", "`data.rfind(x)`, of a literal or an int", Special::NONE,
        |args| infer_find(args, "rfind", IntRange::new(-1, LONGEST)),
        |call, site| find(call, site, true, false);
    "count", "`data.count(x)`, of an int or a byte", Special::NONE,
        |args| {
            let [_, item] = positional(args, "count")?;
            match whole(&item.ty) || octets(&item.ty) {
                true => Ok(Fact::int(LENGTHS)),
                false => Err(refuse("count", &item.ty)),
            }
        },
        count;
    "startswith", "`data.startswith(x)`: `starts_with`", Special::NONE,
        |args| of_bytes(args, "startswith", 1..=1).map(|_| Fact::of(Ty::Bool)),
        |call, _| affix(call, "starts_with");
    "endswith", "`data.endswith(x)`: `ends_with`", Special::NONE,
        |args| of_bytes(args, "endswith", 1..=1).map(|_| Fact::of(Ty::Bool)),
        |call, _| affix(call, "ends_with");
    "hex", "`data.hex([sep])`, by a single character", Special::NONE,
        |args| match args {
            [_] => Ok(Fact::of(Ty::Str)),
            [_, by] if by.fact.ty == Ty::Str && by.keyword.is_none() => Ok(Fact::of(Ty::Str)),
            _ => Err("`hex()` with these arguments is not translated".into()),
        },
        hex;
    "decode", "`data.decode([encoding[, errors]])`, of UTF-8, ASCII or Latin-1", Special::NONE,
        |args| {
            let known = |a: &Arg| {
                let name = a.keyword.as_deref();
                a.fact.ty == Ty::Str && matches!(name, None | Some("encoding" | "errors"))
            };
            match args.get(1..).is_none_or(|others| others.iter().all(known)) {
                true => Ok(Fact::of(Ty::Str)),
                false => Err("`decode()` with these arguments is not translated".into()),
            }
        },
        decode;
    "strip", "`data.strip([chars])`", Special::NONE,
        |args| of_bytes(args, "strip", 0..=1), |call, site| strip(call, site, true, true);
    "lstrip", "`data.lstrip([chars])`", Special::NONE,
        |args| of_bytes(args, "lstrip", 0..=1), |call, site| strip(call, site, true, false);
    "rstrip", "`data.rstrip([chars])`", Special::NONE,
        |args| of_bytes(args, "rstrip", 0..=1), |call, site| strip(call, site, false, true);
    "split", "`data.split(sep)` by a literal", Special::NONE,
        |args| of_bytes(args, "split", 1..=1).map(|own| Fact::of(Ty::list(own.ty))), split;
    "partition", "`data.partition(sep)` by a literal", Special::NONE,
        |args| of_bytes(args, "partition", 1..=1).map(|own| Fact::of(Ty::Tuple(vec![own.ty; 3]))),
        partition;
    "replace", "`data.replace(a, b)` of a literal", Special::NONE,
        |args| of_bytes(args, "replace", 2..=2), replace;
    "ljust", "`data.ljust(width[, fill])`", Special::NONE,
        infer_fill, |call, site| fill(call, site, false);
    "rjust", "`data.rjust(width[, fill])`", Special::NONE,
        infer_fill, |call, site| fill(call, site, true);
    "join", "`sep.join(parts)` of lists of bytes: `join`", Special::NONE,
        |args| {
            let [_, parts] = positional(args, "join")?;
            match &parts.ty {
                Ty::List { elem, .. } | Ty::Deque { elem, .. } if octets(elem) => Ok(own(args)),
                other => Err(refuse("join", other)),
            }
        },
        |call, _| join(call);
    "upper", "`data.upper()`: `to_ascii_uppercase`", Special::NONE,
        |args| of_bytes(args, "upper", 0..=0), |call, _| cased(call, "to_ascii_uppercase");
    "lower", "`data.lower()`: `to_ascii_lowercase`", Special::NONE,
        |args| of_bytes(args, "lower", 0..=0), |call, _| cased(call, "to_ascii_lowercase");
};

fn infer_fill(args: &[Arg]) -> Result<Fact, String> {
    let fits = match args {
        [_, width] => whole(&width.fact.ty),
        [_, width, fill] => whole(&width.fact.ty) && octets(&fill.fact.ty),
        _ => false,
    };
    match fits && args.iter().all(|a| a.keyword.is_none()) {
        true => Ok(own(args)),
        false => Err("`ljust()` with these arguments is not translated".into()),
    }
}

//! Methods of strings.
//!
//! What comes out of a part of a text (`strip`, `removeprefix`) is lent as a `&str` where
//! the text has a place of its own, else made a `String`.

use super::{Arg, Call, Helper, Known, Site, Special, Textual};
use crate::diagnostic::Code;
use crate::ir::uses::{closure_name, mentions};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::project::IntTy;
use crate::ranges::{IntRange, LENGTHS, LONGEST};
use crate::ty::Ty;
use crate::value::{Fact, Val, int_val};

/// The only character of a literal, as Rust writes it: `'x'`.
pub(crate) fn char_literal(e: &Expr) -> Option<String> {
    let Expr::Atom(literal) = e else { return None };
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut chars = inner.chars();
    match (chars.next()?, chars.next(), chars.next()) {
        ('\\', Some('"'), None) => Some("'\"'".into()),
        ('\\', Some(_), None) => Some(format!("'{inner}'")),
        ('\'', None, None) => Some("'\\''".into()),
        ('\\', ..) => None,
        (_, None, None) => Some(format!("'{inner}'")),
        _ => None,
    }
}

fn is_literal(val: &Val) -> bool {
    matches!(&val.expr, Expr::Atom(text) if text.starts_with('"'))
}

fn is_empty_literal(val: &Val) -> bool {
    matches!(&val.expr, Expr::Atom(text) if text == "\"\"")
}

/// What a `&str`'s method looks for.
fn pattern(val: Val) -> Expr {
    match char_literal(&val.expr) {
        Some(c) => Expr::Atom(c),
        None if val.rty == RTy::Char => val.expr,
        None => val.lent_str(),
    }
}

/// The text whose method is called.
fn receiver(val: &Val) -> Expr {
    match val.rty {
        RTy::Char => val.expr.clone().method("to_string", vec![]),
        _ => val.expr.clone(),
    }
}

/// Whether a part of it can be lent.
pub(super) fn lends(val: &Val) -> bool {
    match val.rty.peel() {
        RTy::Str => true,
        RTy::String => {
            val.rty.is_ref()
                || matches!(
                    &val.expr,
                    Expr::Atom(_) | Expr::Field(..) | Expr::Index(..) | Expr::Deref(_)
                )
        }
        _ => false,
    }
}

/// A part of `of`.
fn part(expr: Expr, of: &Val, fact: &Fact) -> Val {
    match lends(of) {
        true => Val::new(expr, RTy::Str, fact),
        false => Val::new(expr.method("to_string", vec![]), RTy::String, fact),
    }
}

fn string(expr: Expr, fact: &Fact) -> Val {
    Val::new(expr, RTy::String, fact)
}

/// `pieces.map(str::to_string).collect()`
fn collected(pieces: Expr, fact: &Fact) -> Val {
    let expr = pieces
        .method("map", vec![Expr::atom("str::to_string")])
        .method("collect", vec![]);
    Val::new(expr, RTy::Vec(Box::new(RTy::String)), fact)
}

/// The receiver, and the other arguments.
fn apart(call: Call) -> Result<(Val, Vec<Val>, Fact), String> {
    let mut args = call.args;
    args.extend(call.keywords.into_iter().map(|(_, val)| val));
    if args.is_empty() {
        return Err("a method without its text".into());
    }
    let text = args.remove(0);
    Ok((text, args, call.fact))
}

/// A constant int among the arguments.
fn constant(val: Option<&Val>) -> Option<i128> {
    val.and_then(|v| v.range.int().constant())
}

fn strip(call: Call, site: &mut Site, method: &str) -> Result<Val, String> {
    let (text, mut args, fact) = apart(call)?;
    let set = match args.pop() {
        None => Expr::atom(site.helper(Helper::IsSpace)),
        Some(chars) if chars.ty == Ty::None => Expr::atom(site.helper(Helper::IsSpace)),
        Some(chars) if is_empty_literal(&chars) => return Ok(text),
        Some(chars) if is_literal(&chars) => match char_literal(&chars.expr) {
            Some(one) => Expr::Atom(one),
            None => {
                let Expr::Atom(literal) = &chars.expr else {
                    return Err("this form of `strip()` is not translated".into());
                };
                let inner = literal.trim_matches('"');
                if inner.contains('\\') {
                    return Err("`strip()` of characters with escapes is not translated".into());
                }
                let set = inner.chars().map(|c| Expr::Atom(format!("{c:?}")));
                Expr::Array(set.collect())
            }
        },
        Some(chars) if chars.expr.is_simple() => {
            let name = free_or("c", &chars.expr);
            let within = receiver(&chars).method("contains", vec![Expr::atom(name)]);
            Expr::Closure(name.into(), Box::new(within))
        }
        Some(_) => return Err("`strip()` of computed characters is not translated".into()),
    };
    let rest = receiver(&text).method(method, vec![set]);
    Ok(part(rest, &text, &fact))
}

/// What a closure calls its parameter: the name, where the user's value is not called so.
fn free_or(name: &'static str, used: &Expr) -> &'static str {
    match mentions(&Block::value(used.clone()), name) {
        true => closure_name(&[used]),
        false => name,
    }
}

fn affix(call: Call, method: &str) -> Result<Val, String> {
    let (text, mut args, _) = apart(call)?;
    let Some(affix) = args.pop().filter(|_| args.is_empty()) else {
        return Err(format!(
            "`{}()` with a start or end is not translated",
            if method == "starts_with" {
                "startswith"
            } else {
                "endswith"
            }
        ));
    };
    let test = |pattern: Expr| receiver(&text).method(method, vec![pattern]);
    if affix.ty == Ty::Str {
        return Ok(Val::bool(test(pattern(affix))));
    }
    if !text.expr.is_simple() {
        return Err(
            "several prefixes of a computed text are not translated: give it a name".into(),
        );
    }
    match (&affix.expr, &affix.rty) {
        (Expr::Tuple(items), RTy::Tuple(tys)) => {
            let one = |(expr, rty): (&Expr, &RTy)| {
                let expr = match expr {
                    Expr::Method(literal, name, _) if name == "to_string" => (**literal).clone(),
                    Expr::Method(place, name, _) if name == "clone" => Expr::Ref(place.clone()),
                    other => other.clone(),
                };
                let rty = if matches!(expr, Expr::Atom(_) | Expr::Ref(_)) {
                    RTy::Str
                } else {
                    rty.clone()
                };
                test(pattern(Val::new(expr, rty, &Fact::of(Ty::Str))))
            };
            let tests = items.iter().zip(tys).map(one);
            let any = tests.reduce(|a, b| a.binary(BinOp::Or, b));
            Ok(Val::bool(any.unwrap_or_else(|| Expr::atom("false"))))
        }
        (_, rty) if matches!(rty.peel(), RTy::Array(elem, _) if matches!(elem.peel(), RTy::Str)) => {
            let name = free_or("affix", &text.expr);
            let test = test(Expr::Deref(Box::new(Expr::atom(name))));
            Ok(Val::bool(affix.expr.clone().method("iter", vec![]).method(
                "any",
                vec![Expr::Closure(name.into(), Box::new(test))],
            )))
        }
        _ => Err(format!(
            "a prefix that is {} is not translated",
            affix.ty.describe()
        )),
    }
}

/// `removeprefix`, `removesuffix`
fn without(call: Call, method: &str) -> Result<Val, String> {
    let (text, mut args, fact) = apart(call)?;
    let Some(affix) = args.pop() else {
        return Err("this form of the call is not translated".into());
    };
    if !text.expr.is_simple() || text.rty == RTy::Char {
        return Err("a part of a computed text is not translated: give it a name".into());
    }
    let whole = text.clone().lent_str();
    let rest = receiver(&text)
        .method(method, vec![pattern(affix)])
        .method("unwrap_or", vec![whole]);
    Ok(part(rest, &text, &fact))
}

fn split(call: Call, site: &mut Site, from_right: bool) -> Result<Val, String> {
    let keywords: Vec<String> = call.keywords.iter().map(|(k, _)| k.clone()).collect();
    let (text, args, fact) = apart(call)?;
    let (mut separator, mut most) = (None, None);
    let places = args.len() - keywords.len();
    for (i, arg) in args.into_iter().enumerate() {
        let name = i
            .checked_sub(places)
            .and_then(|k| keywords.get(k))
            .map(String::as_str);
        match name {
            None if i == 0 => separator = Some(arg),
            Some("sep") => separator = Some(arg),
            _ => most = Some(arg),
        }
    }
    let most = match &most {
        None => None,
        Some(most) => match constant(Some(most)) {
            Some(n) if n < 0 => None,
            Some(n) => Some(n),
            None => return Err("`split()` with a computed `maxsplit` is not translated".into()),
        },
    };
    let base = receiver(&text);
    let Some(separator) = separator.filter(|s| s.ty != Ty::None) else {
        if let Some(most) = most {
            if from_right {
                return Err("`rsplit(maxsplit=…)` without a separator is not translated".into());
            }
            let is_space = Expr::atom(site.helper(Helper::IsSpace));
            let args = vec![text.clone().lent_str(), int_val(most).expr, is_space];
            let words = Expr::call(site.helper(Helper::SplitWords), args);
            return Ok(collected(words.method("into_iter", vec![]), &fact));
        }
        let is_space = Expr::atom(site.helper(Helper::IsSpace));
        let words = base.method("split", vec![is_space]).method(
            "filter",
            vec![Expr::Closure(
                "word".into(),
                Box::new(Expr::atom("word").method("is_empty", vec![]).negate(true)),
            )],
        );
        return Ok(collected(words, &fact));
    };
    if is_empty_literal(&separator) || !(is_literal(&separator) || separator.rty == RTy::Char) {
        return Err("`split()` by a computed or an empty separator is not translated".into());
    }
    let separator = pattern(separator);
    let pieces = match (most, from_right) {
        (None, _) => base.method("split", vec![separator]),
        (Some(n), false) => base.method("splitn", vec![int_val(n + 1).expr, separator]),
        (Some(n), true) => base
            .method("rsplitn", vec![int_val(n + 1).expr, separator])
            .method("collect::<Vec<_>>", vec![])
            .method("into_iter", vec![])
            .method("rev", vec![]),
    };
    Ok(collected(pieces, &fact))
}

/// `partition`, `rpartition`
fn partition(call: Call, from_right: bool) -> Result<Val, String> {
    let (text, mut args, fact) = apart(call)?;
    let Some(separator) = args.pop().filter(|s| is_literal(s) && !is_empty_literal(s)) else {
        return Err("`partition()` by a computed or an empty separator is not translated".into());
    };
    if !text.expr.is_simple() || text.rty == RTy::Char {
        return Err("`partition()` of a computed text is not translated: give it a name".into());
    }
    let whole = receiver(&text).method("to_string", vec![]);
    let empty = || Expr::call("String::new", vec![]);
    let literal = separator.expr.clone().method("to_string", vec![]);
    let owned = |name: &str| Expr::atom(name).method("to_string", vec![]);
    let (method, missing) = match from_right {
        false => ("split_once", vec![whole, empty(), empty()]),
        true => ("rsplit_once", vec![empty(), empty(), whole]),
    };
    let found = Expr::Tuple(vec![owned("head"), literal, owned("tail")]);
    let parts = receiver(&text)
        .method(method, vec![pattern(separator)])
        .method(
            "map_or_else",
            vec![
                Expr::Closure(String::new(), Box::new(Expr::Tuple(missing))),
                Expr::Closure("(head, tail)".into(), Box::new(found)),
            ],
        );
    Ok(Val::new(parts, RTy::Tuple(vec![RTy::String; 3]), &fact))
}

/// A text in a list that lends its texts.
pub(super) fn lent_text((item, ty): (Expr, &RTy)) -> Expr {
    match (ty, item) {
        (RTy::String, Expr::Method(text, name, _))
            if name == "to_string" && matches!(*text, Expr::Atom(_)) =>
        {
            *text
        }
        (RTy::String, Expr::Method(text, name, _)) if name == "clone" => {
            text.method("as_str", vec![])
        }
        (RTy::String, item) => item.method("as_str", vec![]),
        (_, item) => Val::new(item, ty.clone(), &Fact::of(Ty::Str)).lent_str(),
    }
}

/// The texts of a tuple as an array that lends them; a tuple that is computed is computed
/// once, by the statement.
fn tuple_pieces(tuple: &Expr, tys: &[RTy]) -> (Expr, Option<Stmt>) {
    let array = |items: Vec<Expr>| Expr::Array(items.into_iter().zip(tys).map(lent_text).collect());
    let fields = |place: &Expr| {
        let field = |i: usize| place.clone().field(i.to_string());
        array((0..tys.len()).map(field).collect())
    };
    match tuple {
        Expr::Tuple(items) => (array(items.clone()), None),
        place if place.is_simple() => (fields(place), None),
        computed if tys.iter().all(|ty| *ty == RTy::Str) && tys.len() <= 12 => {
            let from = format!("<[{}; {}]>::from", RTy::Str, tys.len());
            (Expr::call(from, vec![computed.clone()]), None)
        }
        computed => {
            let init = match computed {
                Expr::Method(item, name, _)
                    if name == "clone" && matches!(**item, Expr::Try(_)) =>
                {
                    (**item).clone()
                }
                Expr::Method(place, name, _) if name == "clone" => {
                    Expr::Ref(Box::new((**place).clone()))
                }
                other => Expr::Ref(Box::new(other.clone())),
            };
            let kept = Stmt::new(StmtKind::Let {
                name: "parts".into(),
                mutable: false,
                ty: None,
                init: Some(init),
            });
            (fields(&Expr::atom("parts")), Some(kept))
        }
    }
}

fn join(call: Call) -> Result<Val, String> {
    let (separator, mut args, fact) = apart(call)?;
    let Some(list) = args.pop() else {
        return Err("this form of `join()` is not translated".into());
    };
    let separator_text = separator.clone().lent_str();
    if let RTy::Tuple(tys) = list.rty.peel() {
        let (pieces, kept) = tuple_pieces(&list.expr, tys);
        let joined = match is_empty_literal(&separator) {
            true => pieces.method("concat", vec![]),
            false => pieces.method("join", vec![separator_text]),
        };
        let joined = match kept {
            Some(kept) => Expr::Block(Block {
                stmts: vec![kept],
                value: Some(Box::new(joined)),
            }),
            None => joined,
        };
        return Ok(string(joined, &fact));
    }
    if list.element().is_none() {
        return Err(format!(
            "`join()` of {} is not translated",
            list.ty.describe()
        ));
    }
    let joined = match list.expr.looked_at() {
        Expr::Method(pieces, name, _) if name == "collect" && is_empty_literal(&separator) => {
            pieces.method("collect::<String>", vec![])
        }
        Expr::Method(pieces, name, _) if name == "collect" => pieces
            .method("collect::<Vec<_>>", vec![])
            .method("join", vec![separator_text]),
        Expr::Macro(name, items) if name == "vec" => {
            Expr::Array(items).method("join", vec![separator_text])
        }
        place if is_empty_literal(&separator) => place.method("concat", vec![]),
        place => place.method("join", vec![separator_text]),
    };
    Ok(string(joined, &fact))
}

fn replace(call: Call) -> Result<Val, String> {
    let (text, args, fact) = apart(call)?;
    let mut args = args.into_iter();
    let (Some(from), Some(to), most) = (args.next(), args.next(), args.next()) else {
        return Err("this form of `replace()` is not translated".into());
    };
    let args = vec![pattern(from), to.lent_str()];
    let base = receiver(&text);
    let expr = match most {
        None => base.method("replace", args),
        Some(most) => match constant(Some(&most)) {
            Some(n) if n < 0 => base.method("replace", args),
            Some(n) => base.method("replacen", [args, vec![int_val(n).expr]].concat()),
            None => return Err("`replace()` with a computed count is not translated".into()),
        },
    };
    Ok(string(expr, &fact))
}

fn find(call: Call, site: &mut Site, helper: Helper, raises: bool) -> Result<Val, String> {
    let range = call.fact.range.int();
    let (text, args, _) = apart(call)?;
    let found = match (args.as_slice(), helper) {
        ([part], _) => Expr::call(
            site.helper(helper),
            vec![text.lent_str(), part.clone().lent_str()],
        ),
        ([part, low, rest @ ..], Helper::StrFind) => {
            let bound = |end: &Val| {
                let wide = || "`find()` from or to beyond 64 bits is not translated".to_string();
                end.to_int(IntTy::I64).ok_or_else(wide)
            };
            let high = match rest.first() {
                Some(high) => Expr::call("Some", vec![bound(high)?]),
                None => Expr::atom("None"),
            };
            let args = vec![text.lent_str(), part.clone().lent_str(), bound(low)?, high];
            Expr::call(site.helper(Helper::StrFindIn), args)
        }
        _ => return Err("`rfind()` with a start or end is not translated".into()),
    };
    if raises {
        let error = site.error("ValueError: substring not found");
        return Ok(Val::int(found.ok_or(&error), IntTy::Usize, range));
    }
    let as_int = Expr::Closure("i".into(), Box::new(Expr::atom("i").cast(RTy::I64)));
    let found = found.method("map_or", vec![Expr::NegLit("-1".into()), as_int]);
    Ok(Val::int(found, IntTy::I64, range))
}

fn count(call: Call) -> Result<Val, String> {
    let range = call.fact.range.int();
    let (text, mut args, _) = apart(call)?;
    let Some(part) = args.pop().filter(|_| args.is_empty()) else {
        return Err("`count()` with a start or end is not translated".into());
    };
    let found = receiver(&text)
        .method("matches", vec![pattern(part)])
        .method("count", vec![]);
    Ok(Val::int(found, IntTy::Usize, range))
}

/// `ljust`, `rjust`, `center`, `zfill`
fn pad(call: Call, site: &mut Site, how: char) -> Result<Val, String> {
    let (text, args, fact) = apart(call)?;
    let fill = match args.get(1).map(|fill| char_literal(&fill.expr)) {
        None => "' '".to_string(),
        Some(Some(fill)) => fill,
        Some(None) => return Err("a computed character to fill with is not translated".into()),
    };
    let Some(width) = args.first() else {
        return Err("this form of the call is not translated".into());
    };
    let constant = constant(Some(width)).map(|n| n.max(0));
    let most = IntRange::new(0, i128::from(u16::MAX));
    let computed = match constant {
        None if width.range.int().within(most) => width.to_int(IntTy::Usize),
        _ => None,
    };
    if let ('<' | '>', true) = (how, constant.is_some() || computed.is_some()) {
        let width = match (constant, &computed) {
            (Some(width), _) => width.to_string(),
            _ => "1$".to_string(),
        };
        let fill = match fill.trim_matches('\'') {
            " " => String::new(),
            "{" | "}" => return Err("filling with a brace is not translated".into()),
            fill => fill.replace("\\'", "'"),
        };
        let align = if how == '<' && fill.is_empty() {
            ""
        } else if how == '<' {
            "<"
        } else {
            ">"
        };
        let format = Expr::Atom(format!("\"{{:{fill}{align}{width}}}\""));
        let mut args = vec![format, text.expr];
        args.extend(computed);
        return Ok(string(Expr::Macro("format".into(), args), &fact));
    }
    let width = match constant {
        Some(width) => int_val(width).expr,
        None if width.range.int().lo.is_some_and(|lo| lo >= 0) => width
            .to_int(IntTy::Usize)
            .ok_or("a width beyond 64 bits is not translated")?,
        None => return Err("a width that may be negative is not translated".into()),
    };
    let args = vec![text.lent_str(), width];
    match how {
        '0' => Ok(string(
            Expr::call(site.helper(Helper::ZeroFilled), args),
            &fact,
        )),
        '^' => {
            let args = [args, vec![Expr::Atom(fill)]].concat();
            Ok(string(
                Expr::call(site.helper(Helper::Centered), args),
                &fact,
            ))
        }
        _ => Err("a computed width is not translated".into()),
    }
}

/// `isdigit`, `isalpha`, …: all characters are, and there is one.
fn all_are(call: Call, site: &mut Site, test: &str, name: &str) -> Result<Val, String> {
    let (text, _, _) = apart(call)?;
    let test = match test {
        "is_space" => site.helper(Helper::IsSpace).to_string(),
        other => {
            let what =
                format!("`{name}()` of characters beyond ASCII goes by another table in Rust");
            site.notes.push((Code::BeyondAscii, what));
            other.to_string()
        }
    };
    let method = test.strip_prefix("char::");
    let of = |c: Expr, by_ref: bool| match method {
        Some(method) => c.method(method, vec![]),
        None if by_ref => Expr::call(test.clone(), vec![Expr::Deref(Box::new(c))]),
        None => Expr::call(test.clone(), vec![c]),
    };
    if text.rty == RTy::Char {
        return Ok(Val::bool(of(text.expr, false)));
    }
    if !may_repeat(&text.expr) {
        return Err(format!(
            "`{name}()` of a computed text is not translated: give it a name"
        ));
    }
    let some = receiver(&text).method("is_empty", vec![]).negate(true);
    let test = match method {
        Some(method) if method.starts_with("is_ascii") => {
            Expr::Closure("c".into(), Box::new(Expr::atom("c").method(method, vec![])))
        }
        _ => Expr::atom(test.clone()),
    };
    let all = receiver(&text)
        .method("chars", vec![])
        .method("all", vec![test]);
    Ok(Val::bool(some.binary(BinOp::And, all)))
}

/// Whether a text may as well be named twice.
fn may_repeat(text: &Expr) -> bool {
    match text {
        Expr::Method(inner, name, args) if name == "as_str" && args.is_empty() => may_repeat(inner),
        Expr::Index(list, at) => list.is_simple() && at.is_simple(),
        other => other.is_simple(),
    }
}

/// `isupper`, `islower`: no letter is of the other case, and one is of this.
fn cased(call: Call, site: &mut Site, is: &str, other: &str, name: &str) -> Result<Val, String> {
    let (text, _, _) = apart(call)?;
    let what = format!("`{name}()` of characters beyond ASCII goes by another table in Rust");
    site.notes.push((Code::BeyondAscii, what));
    if text.rty == RTy::Char {
        return Ok(Val::bool(text.expr.method(is, vec![])));
    }
    if !may_repeat(&text.expr) {
        return Err(format!(
            "`{name}()` of a computed text is not translated: give it a name"
        ));
    }
    let any = |method: &str| {
        let test = Expr::atom(format!("char::{method}"));
        receiver(&text)
            .method("chars", vec![])
            .method("any", vec![test])
    };
    Ok(Val::bool(
        any(is).binary(BinOp::And, any(other).negate(true)),
    ))
}

fn helped(call: Call, site: &mut Site, helper: Helper) -> Result<Val, String> {
    let (text, _, fact) = apart(call)?;
    Ok(string(
        Expr::call(site.helper(helper), vec![text.lent_str()]),
        &fact,
    ))
}

fn split_lines(call: Call, site: &mut Site) -> Result<Val, String> {
    let (text, args, fact) = apart(call)?;
    if !args.is_empty() {
        return Err("`splitlines(keepends)` is not translated".into());
    }
    let lines = Expr::call(site.helper(Helper::SplitLines), vec![text.lent_str()]);
    Ok(Val::new(lines, RTy::Vec(Box::new(RTy::String)), &fact))
}

fn plain(call: Call, method: &str) -> Result<Val, String> {
    let (text, _, fact) = apart(call)?;
    Ok(string(receiver(&text).method(method, vec![]), &fact))
}

/// What a parameter of a method may be.
#[derive(Clone, Copy)]
enum Takes {
    Text,
    Texts,
    TextOrNone,
    List,
    Int,
}

/// The fact of a method that takes `takes`, of which `least` must be given.
fn method(args: &[Arg], takes: &[Takes], least: usize, result: Fact) -> Result<Fact, String> {
    let given = args.get(1..).unwrap_or_default();
    if given.len() < least || given.len() > takes.len() {
        return Err(format!(
            "this method with {} arguments is not translated",
            given.len()
        ));
    }
    for (arg, takes) in given.iter().zip(takes) {
        // By keyword they may stand in another order.
        let takes = match arg.keyword.as_deref() {
            None => *takes,
            Some("sep") => Takes::TextOrNone,
            Some("maxsplit") => Takes::Int,
            Some(keyword) => return Err(format!("`{keyword}=` of this method is not translated")),
        };
        let ty = &arg.fact.ty;
        let text = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_) | Ty::Unknown);
        let fits = match (takes, ty) {
            (_, Ty::Unknown) => true,
            (Takes::Text, ty) => text(ty),
            (Takes::Texts, Ty::Tuple(items)) => items.iter().all(text),
            (Takes::Texts, ty) => text(ty),
            (Takes::TextOrNone, ty) => text(ty) || *ty == Ty::None,
            (Takes::List, Ty::List { elem, .. }) => text(elem),
            (Takes::List, Ty::Tuple(items)) => items.iter().all(text),
            (Takes::List, ty) => text(ty),
            (Takes::Int, ty) => *ty == Ty::Int,
        };
        if !fits {
            return Err(format!(
                "this method with {} is not translated",
                ty.describe()
            ));
        }
    }
    Ok(result)
}

fn strings() -> Fact {
    Fact::of(Ty::list(Ty::Str))
}

fn text() -> Fact {
    Fact::of(Ty::Str)
}

fn position() -> Fact {
    Fact::int(LENGTHS)
}

macro_rules! methods {
    ($($name:literal, [$($takes:ident)*] $least:literal => $fact:expr, $doc:literal, $lower:expr;)*) => {
        &[
            Known {
                name: "<str>.format",
                doc: "`\"…\".format(…)` of a literal: as an f-string",
                infer: |_| Ok(text()),
                lower: |_, _| Err("the format of a computed string is not translated".into()),
                special: Special { textual: Some(Textual::Format), ..Special::NONE },
            },
            $(Known {
                name: concat!("<str>.", $name),
                doc: $doc,
                infer: |args| method(args, &[$(Takes::$takes),*], $least, $fact),
                lower: $lower,
                special: Special::NONE,
            },)*
        ]
    };
}

pub(super) const ALL: &[Known] = methods! {
    "startswith", [Texts] 1 => Fact::of(Ty::Bool), "`text.startswith(x)`, of a tuple too: `starts_with`",
        |call, _| affix(call, "starts_with");
    "endswith", [Texts] 1 => Fact::of(Ty::Bool), "`text.endswith(x)`, of a tuple too: `ends_with`",
        |call, _| affix(call, "ends_with");
    "upper", [] 0 => text(), "`text.upper()`: `to_uppercase`", |call, _| plain(call, "to_uppercase");
    "lower", [] 0 => text(), "`text.lower()`: `to_lowercase`", |call, _| plain(call, "to_lowercase");
    "title", [] 0 => text(), "`text.title()`", |call, site| helped(call, site, Helper::Titled);
    "capitalize", [] 0 => text(), "`text.capitalize()`", |call, site| helped(call, site, Helper::Capitalized);
    "strip", [TextOrNone] 0 => text(), "`text.strip([chars])`: `trim_matches`",
        |call, site| strip(call, site, "trim_matches");
    "lstrip", [TextOrNone] 0 => text(), "`text.lstrip([chars])`: `trim_start_matches`",
        |call, site| strip(call, site, "trim_start_matches");
    "rstrip", [TextOrNone] 0 => text(), "`text.rstrip([chars])`: `trim_end_matches`",
        |call, site| strip(call, site, "trim_end_matches");
    "removeprefix", [Text] 1 => text(), "`text.removeprefix(x)`: `strip_prefix`",
        |call, _| without(call, "strip_prefix");
    "removesuffix", [Text] 1 => text(), "`text.removesuffix(x)`: `strip_suffix`",
        |call, _| without(call, "strip_suffix");
    "split", [TextOrNone Int] 0 => strings(), "`text.split([sep[, maxsplit]])` by a literal: `split`",
        |call, site| split(call, site, false);
    "rsplit", [TextOrNone Int] 0 => strings(), "`text.rsplit([sep[, maxsplit]])` by a literal: `rsplitn`",
        |call, site| split(call, site, true);
    "splitlines", [] 0 => strings(), "`text.splitlines()`", split_lines;
    "partition", [Text] 1 => Fact::of(Ty::Tuple(vec![Ty::Str; 3])), "`text.partition(sep)` by a literal: `split_once`",
        |call, _| partition(call, false);
    "rpartition", [Text] 1 => Fact::of(Ty::Tuple(vec![Ty::Str; 3])), "`text.rpartition(sep)` by a literal: `rsplit_once`",
        |call, _| partition(call, true);
    "join", [List] 1 => text(), "`sep.join(texts)`: `join`", |call, _| join(call);
    "replace", [Text Text Int] 2 => text(), "`text.replace(a, b[, count])`: `replace`", |call, _| replace(call);
    "find", [Text Int Int] 1 => Fact::int(IntRange::new(-1, LONGEST)), "`text.find(x[, start[, end]])`",
        |call, site| find(call, site, Helper::StrFind, false);
    "rfind", [Text] 1 => Fact::int(IntRange::new(-1, LONGEST)), "`text.rfind(x)`",
        |call, site| find(call, site, Helper::StrRfind, false);
    "index", [Text Int Int] 1 => position(), "`text.index(x[, start[, end]])`", |call, site| find(call, site, Helper::StrFind, true);
    "rindex", [Text] 1 => position(), "`text.rindex(x)`", |call, site| find(call, site, Helper::StrRfind, true);
    "count", [Text] 1 => position(), "`text.count(x)`: `matches`", |call, _| count(call);
    "zfill", [Int] 1 => text(), "`text.zfill(width)`", |call, site| pad(call, site, '0');
    "ljust", [Int Text] 1 => text(), "`text.ljust(width[, fill])` of a constant width",
        |call, site| pad(call, site, '<');
    "rjust", [Int Text] 1 => text(), "`text.rjust(width[, fill])` of a constant width",
        |call, site| pad(call, site, '>');
    "center", [Int Text] 1 => text(), "`text.center(width[, fill])`", |call, site| pad(call, site, '^');
    "isdigit", [] 0 => Fact::of(Ty::Bool), "`text.isdigit()`: `is_ascii_digit`",
        |call, site| all_are(call, site, "char::is_ascii_digit", "isdigit");
    "isalpha", [] 0 => Fact::of(Ty::Bool), "`text.isalpha()`: `is_alphabetic`",
        |call, site| all_are(call, site, "char::is_alphabetic", "isalpha");
    "isalnum", [] 0 => Fact::of(Ty::Bool), "`text.isalnum()`: `is_alphanumeric`",
        |call, site| all_are(call, site, "char::is_alphanumeric", "isalnum");
    "isspace", [] 0 => Fact::of(Ty::Bool), "`text.isspace()`", |call, site| all_are(call, site, "is_space", "isspace");
    "isupper", [] 0 => Fact::of(Ty::Bool), "`text.isupper()`: `is_uppercase`",
        |call, site| cased(call, site, "is_uppercase", "is_lowercase", "isupper");
    "islower", [] 0 => Fact::of(Ty::Bool), "`text.islower()`: `is_lowercase`",
        |call, site| cased(call, site, "is_lowercase", "is_uppercase", "islower");
};

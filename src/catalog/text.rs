//! Builtins that make a text of a value, or a number of a text.

use super::{Arg, Call, Helper, Known, Site, Special, Textual, let_in, lowered, positional};
use crate::ir::{BinOp, Block, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::{FloatRange, IntRange};
use crate::ty::Ty;
use crate::value::{Fact, Val, int_val};

/// The code points.
const POINTS: IntRange = IntRange {
    lo: Some(0),
    hi: Some(0x10_ffff),
};

fn text(_: &[Arg]) -> Result<Fact, String> {
    Ok(Fact::of(Ty::Str))
}

fn only_as_text(_: Call, _: &mut Site) -> Result<Val, String> {
    Err("this form of the call is not translated".into())
}

fn infer_ord(args: &[Arg]) -> Result<Fact, String> {
    let [c] = positional(args, "ord")?;
    match c.ty {
        Ty::Str => Ok(Fact::int(POINTS)),
        other => Err(format!("`ord()` of {} is not translated", other.describe())),
    }
}

fn lower_ord(call: Call, site: &mut Site) -> Result<Val, String> {
    let range = call.fact.range.int();
    let [c] = lowered(call)?;
    let expr = match (&c.rty, &c.expr) {
        (RTy::Char, _) => c.expr,
        (_, Expr::Atom(literal)) if literal.starts_with('"') => {
            let one = super::str_::char_literal(&c.expr).ok_or(
                "`ord()` of a text that is no single character: Python raises a TypeError",
            )?;
            Expr::Atom(one)
        }
        _ => {
            let error = site.error("ord() expected a character");
            let helper = site.helper(Helper::SingleChar);
            Expr::call(helper, vec![c.lent_str()]).ok_or(&error)
        }
    };
    let code = Expr::call("u32::from", vec![expr]);
    Ok(Val::int(code, IntTy::U32, range))
}

fn infer_chr(args: &[Arg]) -> Result<Fact, String> {
    let [code] = positional(args, "chr")?;
    match code.ty {
        Ty::Int => Ok(Fact::of(Ty::Str)),
        other => Err(format!("`chr()` of {} is not translated", other.describe())),
    }
}

fn lower_chr(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [code] = lowered(call)?;
    let range = code.range.int();
    if range.within(IntRange::new(0, 255))
        && let Some(byte) = code.to_int(IntTy::U8)
    {
        return Ok(Val::new(
            Expr::call("char::from", vec![byte]),
            RTy::Char,
            &fact,
        ));
    }
    // A lone surrogate is a str in Python: no text of Rust's holds one.
    let error = site.error("chr() arg not in range(0x110000), or a surrogate");
    let code = code.to_int_checked(IntTy::U32, &error);
    let found = Expr::call("char::from_u32", vec![code]).ok_or(&error);
    Ok(Val::new(found, RTy::Char, &fact))
}

fn infer_digits(args: &[Arg]) -> Result<Fact, String> {
    let [n] = positional(args, "hex")?;
    match n.ty {
        Ty::Int | Ty::Bool => Ok(Fact::of(Ty::Str)),
        other => Err(format!(
            "the digits of {} are not translated",
            other.describe()
        )),
    }
}

/// `hex(n)`: with a prefix, and behind it the digits; a minus comes first.
fn lower_digits(call: Call, radix: &str) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [n] = lowered(call)?;
    let format = |text: &str, args: Vec<Expr>| {
        let mut all = vec![Expr::Atom(format!("\"{text}\""))];
        all.extend(args);
        Val::new(Expr::Macro("format".into(), all), RTy::String, &fact)
    };
    if n.rty == RTy::Bool {
        let int = Expr::call("u8::from", vec![n.expr]);
        return Ok(format(&format!("{{:#{radix}}}"), vec![int]));
    }
    let unsigned = matches!(n.rty, RTy::Int(int) if !int.is_signed());
    if unsigned || n.range.int().lo.is_some_and(|lo| lo >= 0) {
        return Ok(format(&format!("{{:#{radix}}}"), vec![n.expr]));
    }
    // What is computed is so once.
    let named = n.expr.is_simple() && !n.literal;
    let int = match named {
        true => n.expr.clone(),
        false => Expr::atom("n"),
    };
    let minus = Expr::If {
        cond: Box::new(int.clone().binary(BinOp::Lt, Expr::atom("0"))),
        then: Block::value(Expr::atom("\"-\"")),
        otherwise: Some(Block::value(Expr::atom("\"\""))),
    };
    let digits = int.method("unsigned_abs", vec![]);
    let text = format(&format!("{{}}{{:#{radix}}}"), vec![minus, digits]);
    Ok(match named {
        true => text,
        false => Val {
            expr: let_in("n", &n, text.expr),
            ..text
        },
    })
}

/// `int(text)`, `int(text, base)`
pub(super) fn infer_int(args: &[Arg]) -> Result<Fact, String> {
    let base = args.get(1).map(|base| base.fact.range.int().constant());
    match base {
        None => {}
        Some(Some(base)) if base == 0 || (2..=36).contains(&base) => {}
        Some(None)
            if args
                .get(1)
                .is_some_and(|base| matches!(base.fact.ty, Ty::Int | Ty::Unknown)) => {}
        Some(_) => return Err("`int(text, base)` of a base that is not constant".into()),
    }
    if args
        .iter()
        .any(|a| a.keyword.as_deref().is_some_and(|k| k != "base"))
        || args.len() > 2
    {
        return Err("this form of `int()` is not translated".into());
    }
    Ok(Fact::int(IntRange::I64))
}

/// `int(text)`, `int(text, base)`
pub(super) fn lower_int(call: Call, site: &mut Site) -> Result<Val, String> {
    let mut args = call.args;
    args.extend(call.keywords.into_iter().map(|(_, base)| base));
    let base = match args.len() {
        2 => args.pop(),
        _ => Some(int_val(10)),
    };
    let (Some(base), Some(text)) = (base, args.pop()) else {
        return Err("this form of `int()` is not translated".into());
    };
    let (named, base) = match base.range.int().constant() {
        Some(base) => (format!("base {base}"), Expr::atom(base.to_string())),
        None => ("this base".into(), computed_base(&base, site)),
    };
    let error = site.error(&format!(
        "ValueError (invalid literal for int() with {named})"
    ));
    let limit = site.error("an int leaves 64 bits");
    let helper = site.helper(Helper::ParseInt);
    let args = vec![text.lent_str(), base];
    let value = Expr::call(helper, args).ok_or(&error);
    let wide = Val::int(value, IntTy::I128, IntRange::ALL);
    let value = wide.to_int_checked(IntTy::I64, &limit);
    Ok(Val::int(value, IntTy::I64, IntRange::I64))
}

/// A base that is not constant: checked where it may be none.
fn computed_base(base: &Val, site: &Site) -> Expr {
    let fits = base.range.int().within(IntRange::new(2, 36));
    if let (true, Some(base)) = (fits, base.to_int(IntTy::U32)) {
        return base;
    }
    let known = Expr::atom("*base == 0 || (2..=36).contains(base)");
    let error = site.error("ValueError: int() base must be >= 2 and <= 36, or 0");
    Expr::call("u32::try_from", vec![base.expr.clone()])
        .method("ok", vec![])
        .method(
            "filter",
            vec![Expr::Closure("base".into(), Box::new(known))],
        )
        .ok_or(&error)
}

/// `float(text)`
pub(super) fn lower_float(text: Val, site: &mut Site) -> Val {
    let error = site.error("ValueError (could not convert string to float)");
    let helper = site.helper(Helper::ParseFloat);
    let value = Expr::call(helper, vec![text.lent_str()]).ok_or(&error);
    Val::f64(value, FloatRange::ALL)
}

macro_rules! texts {
    ($($name:literal, $textual:ident, $doc:literal;)*) => {
        &[
            $(Known {
                name: $name,
                doc: $doc,
                infer: text,
                lower: only_as_text,
                special: Special { textual: Some(Textual::$textual), ..Special::NONE },
            },)*
            Known {
                name: "ord",
                doc: "`ord(c)`: `u32::from`",
                infer: infer_ord,
                lower: lower_ord,
                special: Special::NONE,
            },
            Known {
                name: "chr",
                doc: "`chr(n)`: `char::from_u32`",
                infer: infer_chr,
                lower: lower_chr,
                special: Special::NONE,
            },
            Known {
                name: "hex",
                doc: "`hex(n)`: `{n:#x}`",
                infer: infer_digits,
                lower: |call, _| lower_digits(call, "x"),
                special: Special::NONE,
            },
            Known {
                name: "oct",
                doc: "`oct(n)`: `{n:#o}`",
                infer: infer_digits,
                lower: |call, _| lower_digits(call, "o"),
                special: Special::NONE,
            },
            Known {
                name: "bin",
                doc: "`bin(n)`: `{n:#b}`",
                infer: infer_digits,
                lower: |call, _| lower_digits(call, "b"),
                special: Special::NONE,
            },
        ]
    };
}

pub(super) const ALL: &[Known] = texts! {
    "str", Str, "`str(x)` of bools, numbers, texts, None, lists, tuples and enum members";
    "repr", Repr, "`repr(x)`, as `str(x)`";
    "ascii", Ascii, "`ascii(x)`, as `str(x)`";
    "format", Value, "`format(x, spec)` with a constant spec: as an f-string";
};

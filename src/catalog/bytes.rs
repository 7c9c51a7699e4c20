//! `bytes(…)`, `bytearray(…)` and `text.encode()`: what makes bytes.
//!
//! Enters: ints, what is run through, or a text. Leaves: a `Vec<u8>`, or the bytes of the text
//! where they lie. Both types of Python are a `Vec<u8>` in Rust: that one of them cannot be
//! changed, inference sees to. This module must not know the call.

use super::elements::{any_number, element, elements};
use super::{Arg, Call, Known, Site, Special, lowered, positional};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::{ListKind, Ty};
use crate::value::{Fact, Val};

/// What a byte can be.
pub(crate) const BYTES: IntRange = IntRange {
    lo: Some(0),
    hi: Some(255),
};

/// What Python says of an int that is no byte, where it makes `bytes` of it.
pub(crate) const NO_BYTES: &str = "ValueError: bytes must be in range(0, 256)";

/// What it says everywhere else.
pub(crate) const NO_BYTE: &str = "ValueError: byte must be in range(0, 256)";

/// A byte.
pub(crate) fn byte() -> RTy {
    RTy::Int(IntTy::U8)
}

/// `Vec<u8>`
pub(crate) fn vec_of_bytes() -> RTy {
    RTy::Vec(Box::new(byte()))
}

/// What Python says where an int is no byte of such a value.
pub(crate) fn refusal(kind: Option<ListKind>) -> &'static str {
    match kind {
        Some(ListKind::Bytes) => NO_BYTES,
        _ => NO_BYTE,
    }
}

/// The fact of bytes of that kind.
pub(super) fn fact(kind: ListKind) -> Fact {
    Fact::of(Ty::octets(kind))
}

/// `bytes(…)`, `bytearray(…)`
fn made(args: &[Arg], kind: ListKind) -> Result<Fact, String> {
    let name = kind.name();
    match args {
        [] => return Ok(fact(kind)),
        [text, encoding] if text.fact.ty == Ty::Str && encoding.fact.ty == Ty::Str => {
            return Ok(fact(kind));
        }
        _ => {}
    }
    let [of] = positional(args, name)?;
    let whole = |ty: &Ty| matches!(ty, Ty::Int | Ty::Unknown);
    match args.first().and_then(element) {
        _ if whole(&of.ty) || of.ty.is_octets() => Ok(fact(kind)),
        Some(elem) if whole(&elem.ty) => Ok(fact(kind)),
        _ => Err(format!(
            "`{name}()` of {} is not translated",
            of.ty.describe()
        )),
    }
}

fn lower_made(call: Call, site: &mut Site) -> Result<Val, String> {
    if call.args.len() == 2 {
        return encode(call, site);
    }
    let fact = call.fact.clone();
    let vec = |expr: Expr| Val::new(expr, vec_of_bytes(), &fact);
    if call.args.is_empty() {
        return Ok(vec(Expr::call("Vec::new", vec![])));
    }
    let [of] = lowered(call)?;
    if of.ty == Ty::Int {
        let error = site.error("ValueError: negative count");
        let count = of.to_int_or(IntTy::Usize, &error);
        let zeros = Expr::Repeat(Box::new(Expr::atom("0_u8")), Box::new(count));
        return Ok(vec(Expr::Macro("vec".into(), vec![zeros])));
    }
    let error = site.error(refusal(fact.ty.octets_kind()));
    values(&of, &error).map(vec)
}

/// What is run through, as a `Vec<u8>` of its own.
///
/// # Errors
/// Why it is none.
pub(super) fn values(of: &Val, error: &str) -> Result<Expr, String> {
    let refuse = || format!("bytes of {} are not translated", of.ty.describe());
    let is_bytes = of.element() == Some(&byte());
    if is_bytes && of.rty == vec_of_bytes() && is_new(&of.expr) {
        return Ok(of.expr.clone());
    }
    if is_bytes && !matches!(of.rty.peel(), RTy::Deque(_)) && !is_chain(&of.expr) {
        return Ok(of.expr.clone().method("to_vec", vec![]));
    }
    let range = match of.ty == Ty::Range {
        true => of.fact(),
        false => any_number(Ty::Int),
    };
    let of = elements(of, &range).ok_or_else(refuse)?;
    if of.x.rty == byte() {
        return Ok(of.copied().method("collect", vec![]));
    }
    if !matches!(of.x.rty, RTy::Int(_)) {
        return Err(refuse());
    }
    if let Some(byte) = of.x.to_int(IntTy::U8) {
        let each = Expr::Closure(of.item.into(), Box::new(byte));
        return Ok(of.iter.method("map", vec![each]).method("collect", vec![]));
    }
    let each = match of.item {
        "x" => Expr::atom("u8::try_from"),
        item => {
            let byte = Expr::call("u8::try_from", vec![of.x.expr]);
            Expr::Closure(item.into(), Box::new(byte))
        }
    };
    Ok(of
        .iter
        .method("map", vec![each])
        .method("collect::<Result<Vec<_>, _>>", vec![])
        .method("ok", vec![])
        .ok_or(error))
}

/// Whether an iterator is collected.
fn is_chain(e: &Expr) -> bool {
    matches!(e, Expr::Method(_, name, _) if name == "collect")
}

/// Whether nobody else has what an expression gives.
fn is_new(e: &Expr) -> bool {
    match e {
        Expr::Macro(..) | Expr::Call(..) | Expr::Block(_) => true,
        Expr::Method(_, name, _) => matches!(name.as_str(), "to_vec" | "concat" | "repeat"),
        Expr::Try(inner) => is_new(inner),
        _ => false,
    }
}

/// The bytes of `text.encode("ascii")`, `bytes(text, "utf-8")`.
fn encode(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let mut args = call.args.into_iter();
    let (Some(text), encoding) = (args.next(), args.next()) else {
        return Err("`encode()` of nothing".into());
    };
    let ascii = match encoding.as_ref().map(|e| &e.expr) {
        None => false,
        Some(Expr::Atom(name)) => match name.to_lowercase().as_str() {
            "\"ascii\"" | "\"us-ascii\"" => true,
            "\"utf-8\"" | "\"utf8\"" | "\"utf_8\"" => false,
            _ => return Err("this encoding is not translated".into()),
        },
        Some(_) => return Err("an encoding that is computed is not translated".into()),
    };
    let error = site.error("UnicodeEncodeError (a character that is not of ASCII)");
    let lent = text.rty == RTy::Str || super::str_::lends(&text);
    let own = fact.ty.octets_kind() == Some(ListKind::Bytearray);
    if lent && text.expr.is_simple() {
        let bytes = text.expr.clone().method("as_bytes", vec![]);
        let bytes = match ascii {
            true => {
                let fits = text.expr.method("is_ascii", vec![]);
                fits.method("then_some", vec![bytes]).ok_or(&error)
            }
            false => bytes,
        };
        if own {
            let bytes = bytes.method("to_vec", vec![]);
            return Ok(Val::new(bytes, vec_of_bytes(), &fact));
        }
        let slice = RTy::Ref(Box::new(RTy::Slice(Box::new(byte()))));
        return Ok(Val::new(bytes, slice, &fact));
    }
    let whole = match text.rty {
        RTy::String => text.expr,
        RTy::Str | RTy::Char => text.expr.method("to_string", vec![]),
        _ => return Err("`encode()` of this text is not translated".into()),
    };
    let bytes = match ascii {
        true => {
            let fits = Expr::atom("text").method("is_ascii", vec![]);
            let text = Expr::call("Some", vec![whole]);
            text.method("filter", vec![Expr::Closure("text".into(), Box::new(fits))])
                .ok_or(&error)
                .method("into_bytes", vec![])
        }
        false => whole.method("into_bytes", vec![]),
    };
    Ok(Val::new(bytes, vec_of_bytes(), &fact))
}

/// What this module knows.
pub(super) const ALL: &[Known] = &[
    Known {
        name: "bytes",
        doc: "`bytes(xs)`, `bytes(n)`, `bytes(text, encoding)`: a `Vec<u8>`",
        infer: |args| made(args, ListKind::Bytes),
        lower: lower_made,
        special: Special::NONE,
    },
    Known {
        name: "bytearray",
        doc: "`bytearray(xs)`, `bytearray(n)`, `bytearray(text, encoding)`: a `Vec<u8>`",
        infer: |args| made(args, ListKind::Bytearray),
        lower: lower_made,
        special: Special::NONE,
    },
    Known {
        name: "<str>.encode",
        doc: "`text.encode([encoding])`, of ASCII or UTF-8: `as_bytes`",
        infer: |args| match args {
            [_] => Ok(fact(ListKind::Bytes)),
            [_, encoding] if encoding.fact.ty == Ty::Str => Ok(fact(ListKind::Bytes)),
            _ => Err("`encode()` with these arguments is not translated".into()),
        },
        lower: encode,
        special: Special::NONE,
    },
];

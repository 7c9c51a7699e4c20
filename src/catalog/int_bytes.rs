//! Ints as bytes and back: `int.from_bytes`, `n.to_bytes`, `bytes.fromhex`.
//!
//! Enters: the arguments of a call. Leaves: its fact, or Rust. This module must not know what
//! a protocol makes of it.

use super::builtins::receiver;
use super::bytes::{byte, fact, vec_of_bytes};
use super::{Arg, Call, Helper, Known, Literal, Site, Special, Told, positional};
use crate::ir::{BinOp, Block, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::{ListKind, Ty};
use crate::value::{Fact, Val};

/// The most bytes of which Rust has an int of its own to compute with.
const MOST: usize = 15;

/// An argument by its place or its name.
fn given<'a>(args: &'a [Arg], at: usize, name: &str) -> Option<&'a Arg> {
    let placed = args.get(at).filter(|a| a.keyword.is_none());
    placed.or_else(|| args.iter().find(|a| a.keyword.as_deref() == Some(name)))
}

/// Whether `signed=True` stands there.
fn is_signed(args: &[Arg]) -> Result<bool, String> {
    match given(args, usize::MAX, "signed") {
        None => Ok(false),
        Some(arg) => match arg.literal {
            Some(Literal::Bool(signed)) => Ok(signed),
            _ => Err("`signed=` by what is computed is not translated".into()),
        },
    }
}

/// The ints of so many bytes.
fn range_of(bytes: Option<usize>, signed: bool) -> IntRange {
    match (bytes.filter(|n| *n <= MOST), signed) {
        (Some(0), _) => IntRange::exactly(0),
        (Some(n), false) => IntRange::new(0, (1 << (8 * n)) - 1),
        (Some(n), true) => IntRange::new(-(1 << (8 * n - 1)), (1 << (8 * n - 1)) - 1),
        (None, false) => IntRange {
            lo: Some(0),
            hi: None,
        },
        (None, true) => IntRange::ALL,
    }
}

fn infer_from(args: &[Arg]) -> Result<Fact, String> {
    let places = args.iter().filter(|a| a.keyword.is_none()).count();
    let Some(data) = args.first().filter(|_| (1..=2).contains(&places)) else {
        return Err("`int.from_bytes()` with these arguments is not translated".into());
    };
    if data.fact.ty == Ty::Unknown {
        return Ok(Fact::unknown());
    }
    if !data.fact.ty.is_octets() {
        return Err(format!(
            "`int.from_bytes()` of {} is not translated",
            data.fact.ty.describe()
        ));
    }
    Ok(Fact::int(range_of(data.most, is_signed(args)?)))
}

/// A keyword, or a place, of a lowered call.
fn lowered_arg<'c>(call: &'c Call, at: usize, name: &str) -> Option<&'c Val> {
    let by_name = || {
        call.keywords
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v)
    };
    call.args.get(at).or_else(by_name)
}

/// Whether the least byte comes first.
fn is_little(call: &Call, at: usize) -> Result<bool, String> {
    match lowered_arg(call, at, "byteorder").map(|v| &v.expr) {
        None => Ok(false),
        Some(Expr::Atom(order)) if order == "\"big\"" => Ok(false),
        Some(Expr::Atom(order)) if order == "\"little\"" => Ok(true),
        Some(_) => Err("a byte order that is computed is not translated".into()),
    }
}

/// Whether `signed=True` stands in a lowered call.
fn says_signed(call: &Call) -> bool {
    let signed = lowered_arg(call, usize::MAX, "signed");
    matches!(signed.map(|v| &v.expr), Some(Expr::Atom(yes)) if yes == "true")
}

fn lower_from(call: Call, site: &mut Site) -> Result<Val, String> {
    let (little, signed) = (is_little(&call, 1)?, says_signed(&call));
    let range = call.fact.range.int();
    let Some(data) = call.args.first() else {
        return Err("`int.from_bytes()` of nothing".into());
    };
    if data.element() != Some(&byte()) {
        return Err(format!(
            "bytes of {} are not translated",
            data.ty.describe()
        ));
    }
    let mut items = data.expr.clone().looked_at().method("iter", vec![]);
    if little {
        items = items.method("rev", vec![]);
    }
    if !signed && range.hi.is_some() {
        let int = crate::value::natural_int(range);
        let zero = Expr::atom(format!("0_{}", int.name()));
        let byte = Expr::call(format!("{}::from", int.name()), vec![Expr::atom("byte")]);
        let shifted = Expr::atom("int").binary(BinOp::Shl, Expr::atom("8"));
        let next = Expr::Closure(
            "int, &byte".into(),
            Box::new(shifted.binary(BinOp::BitOr, byte)),
        );
        return Ok(Val::int(items.method("fold", vec![zero, next]), int, range));
    }
    let helper = site.helper(match signed {
        true => Helper::IntFromBytes,
        false => Helper::UintFromBytes,
    });
    let error = site.error("an int leaves 64 bits");
    let int = Expr::call(helper, vec![items.method("copied", vec![])]).ok_or(&error);
    let range = match signed {
        true => range.meet(IntRange::I64),
        false => range.meet(IntRange::new(0, i64::MAX as i128)),
    };
    Ok(Val::int(int, IntTy::I64, range))
}

fn infer_to(args: &[Arg]) -> Result<Fact, String> {
    let length = given(args, 1, "length");
    if length.is_some_and(|l| l.fact.range.int().lo.is_none_or(|lo| lo < 0)) {
        return Err("`to_bytes()` of a length that may be negative is not translated".into());
    }
    is_signed(args)?;
    Ok(fact(ListKind::Bytes))
}

/// The int of Rust that has so many bytes.
fn int_of(length: usize, signed: bool) -> Option<IntTy> {
    Some(match (length, signed) {
        (1, false) => IntTy::U8,
        (1, true) => IntTy::I8,
        (2, false) => IntTy::U16,
        (2, true) => IntTy::I16,
        (4, false) => IntTy::U32,
        (4, true) => IntTy::I32,
        (8, false) => IntTy::U64,
        (8, true) => IntTy::I64,
        _ => return None,
    })
}

/// Python's error where an int does not fit.
fn too_big(n: &Val, signed: bool, site: &mut Site) -> String {
    const TOO_BIG: &str = "int too big to convert";
    const NEGATIVE: &str = "can't convert negative int to unsigned";
    let range = n.range.int();
    if signed || range.lo.is_some_and(|lo| lo >= 0) {
        return site.error(&format!("OverflowError: {TOO_BIG}"));
    }
    let error = site.error("OverflowError (`to_bytes()` of an int that does not fit)");
    if n.expr.is_simple() {
        let text = |text: &str| Block::value(Expr::Atom(format!("{text:?}")));
        let message = Expr::If {
            cond: Box::new(n.expr.clone().binary(BinOp::Lt, Expr::atom("0"))),
            then: text(NEGATIVE),
            otherwise: Some(text(TOO_BIG)),
        };
        let message = Told::Text(message.method("to_string", vec![]));
        site.told.push((error.clone(), message));
    }
    error
}

fn lower_to(call: Call, site: &mut Site) -> Result<Val, String> {
    let (little, signed) = (is_little(&call, 2)?, says_signed(&call));
    let fact = call.fact.clone();
    let Some(n) = call.args.first() else {
        return Err("`to_bytes()` of nothing".into());
    };
    let error = too_big(n, signed, site);
    let length = lowered_arg(&call, 1, "length");
    let constant = match length {
        None => Some(1),
        Some(length) => length.range.int().constant(),
    };
    let constant = constant.and_then(|n| usize::try_from(n).ok());
    if let Some((int, len)) = constant.and_then(|len| Some((int_of(len, signed)?, len))) {
        let own = receiver(n.to_int_or(int, &error), int);
        let array = RTy::Array(Box::new(byte()), len);
        let bytes = match (int, little) {
            (IntTy::U8, _) => Expr::Array(vec![n.to_int_or(int, &error)]),
            (_, true) => own.method("to_le_bytes", vec![]),
            (_, false) => own.method("to_be_bytes", vec![]),
        };
        return Ok(Val::new(bytes, array, &fact));
    }
    let wide = site.error("an int leaves 128 bits");
    let length = match (constant, length) {
        (Some(len), _) => Expr::atom(len.to_string()),
        (None, Some(length)) => length
            .to_int(IntTy::Usize)
            .ok_or("`to_bytes()` of such a length is not translated")?,
        (None, None) => Expr::atom("1"),
    };
    let args = vec![
        n.to_int_checked(IntTy::I128, &wide),
        length,
        Expr::atom(signed.to_string()),
    ];
    let bytes = Expr::call(site.helper(Helper::IntToBytes), args).ok_or(&error);
    let bytes = match little {
        true => bytes
            .method("into_iter", vec![])
            .method("rev", vec![])
            .method("collect", vec![]),
        false => bytes,
    };
    Ok(Val::new(bytes, vec_of_bytes(), &fact))
}

fn infer_hex(args: &[Arg], kind: ListKind) -> Result<Fact, String> {
    let [text] = positional(args, "fromhex")?;
    match text.ty {
        Ty::Str | Ty::Unknown => Ok(fact(kind)),
        other => Err(format!(
            "`fromhex()` of {} is not translated",
            other.describe()
        )),
    }
}

fn lower_hex(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [text] = super::lowered(call)?;
    if let Expr::Atom(literal) = &text.expr
        && let Some(bytes) = from_hex(literal)
    {
        let array = RTy::Array(Box::new(byte()), bytes.len());
        let literal = Expr::Atom(format!("b\"{}\"", bytes.escape_ascii()));
        return Ok(Val::new(literal, RTy::Ref(Box::new(array)), &fact));
    }
    let error = site.error("ValueError (`fromhex()` of a text that is not hexadecimal)");
    let bytes = Expr::call(site.helper(Helper::BytesFromHex), vec![text.lent_str()]);
    Ok(Val::new(bytes.ok_or(&error), vec_of_bytes(), &fact))
}

/// The bytes of a literal that is hexadecimal.
fn from_hex(literal: &str) -> Option<Vec<u8>> {
    let digits = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    for pairs in digits.split(' ') {
        let digits: Vec<u8> = pairs
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        for pair in digits.chunks(2) {
            let [high, low] = pair else { return None };
            bytes.push(high << 4 | low);
        }
    }
    Some(bytes)
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "int.from_bytes",
        doc: "`int.from_bytes(data[, byteorder][, signed=…])`; at most 64 bits where the length is not known",
        infer: infer_from,
        lower: lower_from,
        special: Special::NONE,
    },
    Known {
        name: "<int>.to_bytes",
        doc: "`n.to_bytes([length[, byteorder]][, signed=…])`: `to_be_bytes`, `to_le_bytes`",
        infer: infer_to,
        lower: lower_to,
        special: Special::NONE,
    },
    Known {
        name: "bytes.fromhex",
        doc: "`bytes.fromhex(text)`",
        infer: |args| infer_hex(args, ListKind::Bytes),
        lower: lower_hex,
        special: Special::NONE,
    },
    Known {
        name: "bytearray.fromhex",
        doc: "`bytearray.fromhex(text)`",
        infer: |args| infer_hex(args, ListKind::Bytearray),
        lower: lower_hex,
        special: Special::NONE,
    },
];

//! The bytes of a text. No Python can name this function: the rewrites write it where nothing
//! but the numbers in a `bytes` object counts.
//!
//! Enters: a text, and an encoding. Leaves: its bytes, as numbers. This module must not know
//! the call.

use super::{Arg, Call, Known, Site, Special, lowered, positional};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::project::schema::RustTy;
use crate::ty::{ListKind, Ty};
use crate::value::{Fact, Val};

/// `of(text, "ascii")`
fn bytes(args: &[Arg]) -> Result<Fact, String> {
    let [text, _] = positional(args, "encode")?;
    match text.ty.narrowed() {
        Ty::Str => Ok(Fact::of(Ty::List {
            elem: Box::new(Ty::Int),
            store: Some(RustTy::Int(IntTy::U8)),
            len: None,
            kind: ListKind::Tuple,
        })),
        Ty::Unknown => Ok(Fact::unknown()),
        ty => Err(format!("`encode()` of {} is not translated", ty.describe())),
    }
}

fn lower_bytes(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [text, encoding] = lowered(call)?;
    let ascii = matches!(&encoding.expr, Expr::Atom(name) if name == "\"ascii\"");
    let error = site.error("UnicodeEncodeError: a character that is not of ASCII");
    let byte = Box::new(RTy::Int(IntTy::U8));
    let slice = RTy::Ref(Box::new(RTy::Slice(byte.clone())));
    let lent = text.rty == RTy::Str || super::str_::lends(&text);
    if lent && text.expr.is_simple() {
        let bytes = text.expr.clone().method("as_bytes", vec![]);
        let bytes = match ascii {
            true => {
                let fits = text.expr.method("is_ascii", vec![]);
                fits.method("then_some", vec![bytes]).ok_or(&error)
            }
            false => bytes,
        };
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
    Ok(Val::new(bytes, RTy::Vec(byte), &fact))
}

/// What this module knows.
pub(super) static ALL: &[Known] = &[Known {
    name: crate::desugar::BYTES,
    doc: "",
    infer: bytes,
    lower: lower_bytes,
    special: Special::NONE,
}];

//! `struct.pack`, `struct.unpack`, `struct.unpack_from` of a literal format.
//!
//! Enters: the format, and the facts of what is packed. Leaves: bytes, or a tuple of the values.
//! How they are read and written in Rust is in `lower`. This module must not know the call.

use super::bytes::fact;
use super::{Arg, Known, Literal, Special};
use crate::desugar::packed::format::{Item, Kind, Layout};
use crate::desugar::packed::{PACK, UNPACK, UNPACK_FROM};
use crate::ranges::IntRange;
use crate::ty::{ListKind, Ty};
use crate::value::Fact;

/// The format of a call, and its other arguments.
fn parts<'a>(args: &'a [Arg], name: &str) -> Result<(Layout, &'a [Arg]), String> {
    let refuse = || format!("`{name}()` with these arguments is not translated");
    let (format, rest) = args.split_first().ok_or_else(refuse)?;
    if rest.iter().any(|arg| arg.keyword.is_some()) {
        return Err(refuse());
    }
    let Some(Literal::Text(format)) = &format.literal else {
        return Err(refuse());
    };
    match Layout::of(format) {
        Some(layout) => Ok((layout, rest)),
        None => Err(format!("the format {format:?} is not translated")),
    }
}

/// The type of a value of a format.
fn type_of(item: &Item) -> Ty {
    match item.kind {
        Kind::Int { .. } => Ty::Int,
        Kind::Single | Kind::Double => Ty::Float,
        Kind::Bool => Ty::Bool,
        Kind::Bytes(_) => Ty::octets(ListKind::Bytes),
    }
}

fn infer_pack(args: &[Arg]) -> Result<Fact, String> {
    let (layout, given) = parts(args, PACK)?;
    if given.len() != layout.items.len() {
        return Err(format!(
            "`{PACK}()` of {} values by a format of {}: Python raises a struct.error",
            given.len(),
            layout.items.len()
        ));
    }
    for (item, arg) in layout.items.iter().zip(given) {
        let ty = &arg.fact.ty;
        let fits = match item.kind {
            _ if *ty == Ty::Unknown => true,
            Kind::Int { .. } => matches!(ty, Ty::Int | Ty::Bool),
            Kind::Single | Kind::Double => matches!(ty, Ty::Int | Ty::Float | Ty::Number),
            Kind::Bool => *ty == Ty::Bool,
            Kind::Bytes(_) => ty.is_octets(),
        };
        if !fits {
            return Err(format!(
                "{} as a value of this format is not translated",
                ty.describe()
            ));
        }
    }
    Ok(fact(ListKind::Bytes))
}

fn infer_unpack(args: &[Arg], from: bool) -> Result<Fact, String> {
    let name = if from { UNPACK_FROM } else { UNPACK };
    let (layout, given) = parts(args, name)?;
    let refuse = || format!("`{name}()` with these arguments is not translated");
    let (data, offset) = match given {
        [data] => (data, None),
        [data, offset] if from => (data, Some(offset)),
        _ => return Err(refuse()),
    };
    if data.fact.ty != Ty::Unknown && !data.fact.ty.is_octets() {
        return Err(format!(
            "`{name}()` of {} is not translated",
            data.fact.ty.describe()
        ));
    }
    if let Some(offset) = offset {
        let from_start = offset.fact.range.int().lo.is_some_and(|lo| lo >= 0);
        match offset.fact.ty {
            Ty::Unknown => {}
            Ty::Int if from_start => {}
            _ => {
                return Err(format!(
                    "`{name}()` from what may be negative is not translated"
                ));
            }
        }
    }
    Ok(Fact::of(Ty::Tuple(
        layout.items.iter().map(type_of).collect(),
    )))
}

/// What is known of the values of a format.
pub fn unpacked(format: &str) -> Option<Vec<Fact>> {
    let fact_of = |item: &Item| match item.kind {
        Kind::Int { bytes, signed } => {
            let bits = 8 * bytes as u32;
            Fact::int(match signed {
                true => IntRange::new(-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
                false => IntRange::new(0, (1 << bits) - 1),
            })
        }
        _ => Fact::of(type_of(item)),
    };
    Some(Layout::of(format)?.items.iter().map(fact_of).collect())
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: PACK,
        doc: "`struct.pack(format, …)`, `Struct(format).pack(…)` of a literal format: `to_le_bytes`",
        infer: infer_pack,
        lower: |_, _| Err("`struct.pack()` in this place is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: UNPACK,
        doc: "`struct.unpack(format, data)` of a literal format: `from_le_bytes`",
        infer: |args| infer_unpack(args, false),
        lower: |_, _| Err("`struct.unpack()` in this place is not translated".into()),
        special: Special::NONE,
    },
    Known {
        name: UNPACK_FROM,
        doc: "`struct.unpack_from(format, data[, offset])`, from what is not negative",
        infer: |args| infer_unpack(args, true),
        lower: |_, _| Err("`struct.unpack_from()` in this place is not translated".into()),
        special: Special::NONE,
    },
];

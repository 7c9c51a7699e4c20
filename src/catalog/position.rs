//! Where an object lies in the list that keeps it. No Python can name these methods: the
//! `positions` pass writes them for names of objects that are changed through the name.

use super::{Arg, Call, Helper, Known, Site, Special, Told, lowered, positional};
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn of_list(list: &Fact) -> Result<(), String> {
    match list.ty {
        Ty::List { .. } | Ty::Deque { .. } | Ty::Unknown => Ok(()),
        _ => Err(format!("a position in {}", list.ty.describe())),
    }
}

fn fact(args: &[Arg]) -> Result<Fact, String> {
    let [list, index] = positional(args, "position")?;
    of_list(&list)?;
    match index.ty {
        Ty::Int | Ty::Position | Ty::Unknown => Ok(Fact::of(Ty::Position)),
        _ => Err(format!("{} as an index", index.ty.describe())),
    }
}

fn length(list: &Val) -> Expr {
    match list.rty.peel() {
        RTy::Array(_, len) => Expr::atom(len.to_string()),
        _ => list.expr.clone().method("len", vec![]),
    }
}

fn position(expr: Expr) -> Val {
    Val::new(expr, RTy::USIZE, &Fact::of(Ty::Position))
}

/// `xs[i]`: found once, an IndexError where there is none.
fn checked(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, index] = lowered(call)?;
    let error = site.error(match list.ty {
        Ty::Deque { .. } => "IndexError: deque index out of range",
        _ => "IndexError: list index out of range",
    });
    let wide = index.to_int_checked(IntTy::I64, &error);
    let args = vec![wide, length(&list)];
    let found = Expr::call(site.helper(Helper::Index), args);
    Ok(position(found.ok_or(&error)))
}

/// An index that a loop over the list gives.
fn known(call: Call, _site: &mut Site) -> Result<Val, String> {
    let [index] = lowered(call)?;
    // It is in the list, whatever its interval says.
    let found = index.to_int(IntTy::Usize);
    Ok(position(
        found.unwrap_or_else(|| index.expr.cast(RTy::USIZE)),
    ))
}

/// What may be None, where Python would raise an AttributeError.
fn some(call: Call, site: &mut Site) -> Result<Val, String> {
    let [found] = lowered(call)?;
    let error = site.error("AttributeError (None)");
    site.told.push((error.clone(), Told::Unknown));
    Ok(match found.rty {
        RTy::Option(inner) if *inner == RTy::String => {
            let key = found.expr.method("as_deref", vec![]).ok_or(&error);
            Val::new(key, RTy::Str, &narrowed(&found.ty))
        }
        RTy::Option(inner) => Val::new(found.expr.ok_or(&error), *inner, &narrowed(&found.ty)),
        _ => found,
    })
}

fn narrowed(ty: &Ty) -> Fact {
    Fact::of(ty.narrowed())
}

/// The positions of all objects of a list, in order.
pub(crate) fn each(list: &Val) -> Expr {
    Expr::Range {
        low: Some(Box::new(Expr::atom("0"))),
        high: Some(Box::new(length(list))),
        inclusive: false,
    }
}

/// The function that makes a position of the index that a loop gives.
pub(crate) const KNOWN: &str = "position.known";

/// The function that gives the position that may be None.
pub(crate) const SOME: &str = "position.some";

/// The method that gives the position of an item of a list.
pub(crate) const OF: &str = "position.of";

/// The method that gives [`each`].
pub(crate) const EACH: &str = "position.all";

fn all(call: Call, _site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [list] = lowered(call)?;
    let all = each(&list).method("collect::<Vec<_>>", vec![]);
    Ok(Val::new(all, RTy::Vec(Box::new(RTy::USIZE)), &fact))
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "<list>.position.of",
        doc: "",
        infer: fact,
        lower: checked,
        special: Special::NONE,
    },
    Known {
        name: "<deque>.position.of",
        doc: "",
        infer: fact,
        lower: checked,
        special: Special::NONE,
    },
    Known {
        name: KNOWN,
        doc: "",
        infer: |args| {
            let [_] = positional(args, "position")?;
            Ok(Fact::of(Ty::Position))
        },
        lower: known,
        special: Special::NONE,
    },
    Known {
        name: SOME,
        doc: "",
        infer: |args| {
            let [found] = positional(args, "position")?;
            Ok(narrowed(&found.ty))
        },
        lower: some,
        special: Special::NONE,
    },
    Known {
        name: "<list>.position.all",
        doc: "",
        infer: |args| {
            let [list] = positional(args, "position")?;
            of_list(&list)?;
            Ok(Fact::of(Ty::list(Ty::Position)))
        },
        lower: all,
        special: Special::NONE,
    },
    Known {
        name: "<deque>.position.all",
        doc: "",
        infer: |args| {
            let [list] = positional(args, "position")?;
            of_list(&list)?;
            Ok(Fact::of(Ty::list(Ty::Position)))
        },
        lower: all,
        special: Special::NONE,
    },
];

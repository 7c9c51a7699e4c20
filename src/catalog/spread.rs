//! `f(*xs)` of a list of any length: what asks for its length. No Python can name these
//! functions: inference writes them where a `*` gives such a list.
//!
//! Enters: the list, and how many elements a call takes of it. Leaves: the list with that
//! known, or the error that Python raises. This module must not know the call.

use super::{Arg, Call, Known, Site, Special, lowered, positional};
use crate::ir::{BinOp, Expr, RTy, UnOp};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// `exactly(xs, 3)`: an array of the elements.
fn array(args: &[Arg]) -> Result<Fact, String> {
    let [list, count] = positional(args, "*")?;
    let count = count.range.int().constant();
    match (list.ty, count.and_then(|n| usize::try_from(n).ok())) {
        (Ty::List { elem, .. }, _) if elem.is_shared() => {
            Err("`*` of a list of objects is not translated".into())
        }
        (
            Ty::List {
                elem, store, kind, ..
            },
            Some(count),
        ) => Ok(Fact::of(Ty::List {
            elem,
            store,
            kind,
            len: Some(count),
        })),
        (Ty::Unknown, _) => Ok(Fact::unknown()),
        (ty, _) => Err(format!("`*` of {} is not translated", ty.describe())),
    }
}

fn lower_array(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [list, _] = lowered(call)?;
    let (Some(elem), Ty::List { len: Some(len), .. }) = (list.element().cloned(), &fact.ty) else {
        return Err(format!("`*` of {} is not translated", list.ty.describe()));
    };
    let error = site.error(&format!("TypeError (not {len} arguments by `*`)"));
    let of = match (list.rty.peel(), list.rty.is_ref(), site.is_copy(&elem)) {
        (RTy::Vec(_), false, true) if is_place(&list.expr) => list.expr.method("as_slice", vec![]),
        (RTy::Vec(_), false, _) if !is_place(&list.expr) => list.expr.collected(),
        (RTy::Slice(_), true, true) => list.expr,
        (RTy::Vec(_), true, true) => list.expr.method("as_slice", vec![]),
        (RTy::Vec(_), _, false) => list.expr.method("clone", vec![]),
        (RTy::Slice(_), _, false) => list.expr.method("to_vec", vec![]),
        _ => return Err(format!("`*` of {} is not translated", list.ty.describe())),
    };
    let all = Expr::call(format!("<[{elem}; {len}]>::try_from"), vec![of]);
    let rty = RTy::Array(Box::new(elem), *len);
    let found = all.method("ok", vec![]).ok_or(&error);
    Ok(Val::new(found, rty, &fact))
}

/// Whether an expression is what somebody keeps.
fn is_place(e: &Expr) -> bool {
    match e {
        Expr::Atom(_) => true,
        Expr::Field(base, _) | Expr::Index(base, _) => is_place(base),
        Expr::Deref(inner) => is_place(inner),
        _ => false,
    }
}

/// `at_least(xs, 2)`: the list itself.
fn same(args: &[Arg]) -> Result<Fact, String> {
    let [list, _] = positional(args, "*")?;
    match &list.ty {
        Ty::List { .. } | Ty::Deque { .. } => Ok(list),
        Ty::Unknown => Ok(Fact::unknown()),
        ty => Err(format!("`*` of {} is not translated", ty.describe())),
    }
}

fn lower_same(call: Call, site: &mut Site) -> Result<Val, String> {
    let [list, least] = lowered(call)?;
    let error = site.error("TypeError (not enough arguments by `*`)");
    let wanted = match least.ty {
        Ty::Int => least.expr,
        _ => return Err("a computed number of arguments is not translated".into()),
    };
    if !is_place(&list.expr) {
        return Err("`*` of what is computed in this call is not translated".into());
    }
    let elem = list.element().cloned();
    let Some(elem) = elem else {
        return Err(format!("`*` of {} is not translated", list.ty.describe()));
    };
    let slice = match list.rty.peel() {
        RTy::Vec(_) => list.expr.clone().method("as_slice", vec![]),
        RTy::Slice(_) if list.rty.is_ref() => list.expr.clone(),
        _ => return Err(format!("`*` of {} is not translated", list.ty.describe())),
    };
    let enough = match least.range.int().constant() {
        Some(1) => Expr::Unary(UnOp::Not, Box::new(list.expr.method("is_empty", vec![]))),
        _ => list.expr.method("len", vec![]).binary(BinOp::Ge, wanted),
    };
    let found = enough.method("then_some", vec![slice]).ok_or(&error);
    let rty = RTy::Ref(Box::new(RTy::Slice(Box::new(elem))));
    Ok(Val::new(found, rty, &Fact::of(list.ty)))
}

/// What this module knows.
pub(super) static ALL: &[Known] = &[
    Known {
        name: crate::desugar::typed::EXACTLY,
        doc: "",
        infer: array,
        lower: lower_array,
        special: Special::NONE,
    },
    Known {
        name: crate::desugar::typed::AT_LEAST,
        doc: "",
        infer: same,
        lower: lower_same,
        special: Special::NONE,
    },
];

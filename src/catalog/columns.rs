//! `zip(*rows)` of any number of rows. No Python can name these functions: inference writes
//! them where nothing shows that the columns are tuples.
//!
//! Enters: the rows. Leaves: the columns as lists. This module must not know the call.

use super::{Arg, Call, Helper, Known, Site, Special, lowered, positional};
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// Whether a copy of a value is the value.
fn is_plain(ty: &Ty) -> bool {
    match ty {
        Ty::Option(inner) => is_plain(inner),
        Ty::Tuple(items) => items.iter().all(is_plain),
        ty => matches!(
            ty,
            Ty::Bool | Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat | Ty::Str | Ty::Unknown
        ),
    }
}

fn refused(ty: &Ty) -> String {
    format!("`zip(*…)` of {} is not translated", ty.describe())
}

/// `columns(rows)`: a list of lists.
fn columns(args: &[Arg]) -> Result<Fact, String> {
    let [rows] = positional(args, "zip")?;
    of_lists(&rows.ty)
}

fn of_lists(rows: &Ty) -> Result<Fact, String> {
    match rows {
        Ty::List { elem: row, .. } => match &**row {
            Ty::List {
                elem, store: None, ..
            } if is_plain(elem) => Ok(Fact::of(Ty::list(Ty::list((**elem).clone())))),
            Ty::Unknown => Ok(Fact::unknown()),
            row => Err(refused(row)),
        },
        Ty::Unknown => Ok(Fact::unknown()),
        ty => Err(refused(ty)),
    }
}

fn lower_columns(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let rows = call.args.into_iter().next().ok_or("no rows")?;
    lists(rows, &fact, site)
}

fn lists(rows: Val, fact: &Fact, site: &mut Site) -> Result<Val, String> {
    let Some(elem) = rows.element().and_then(|row| match row.peel() {
        RTy::Vec(elem) | RTy::Array(elem, _) => Some((**elem).clone()),
        _ => None,
    }) else {
        return Err(refused(&rows.ty));
    };
    let helper = site.helper(Helper::Columns);
    let lent = match rows.rty.is_ref() {
        true => rows.expr,
        false => Expr::Ref(Box::new(rows.expr)),
    };
    let rty = RTy::Vec(Box::new(RTy::Vec(Box::new(elem))));
    Ok(Val::new(Expr::call(helper, vec![lent]), rty, fact))
}

/// `parts(rows, 3)`: of rows that are tuples a tuple of lists, else as `columns(rows)`.
fn parts(args: &[Arg]) -> Result<Fact, String> {
    let [rows, count] = positional(args, "zip")?;
    let count = count.range.int().constant();
    let row = match &rows.ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } => &**elem,
        ty => return of_lists(ty),
    };
    match row {
        Ty::Tuple(items) if count == Some(items.len() as i128) && items.iter().all(is_plain) => Ok(
            Fact::of(Ty::Tuple(items.iter().cloned().map(Ty::list).collect())),
        ),
        _ => of_lists(&rows.ty),
    }
}

fn lower_parts(call: Call, site: &mut Site) -> Result<Val, String> {
    let fact = call.fact.clone();
    let [rows, _] = lowered(call)?;
    let tys = match rows.element().map(RTy::peel) {
        Some(RTy::Tuple(tys)) => tys.clone(),
        _ => return lists(rows, &fact, site),
    };
    if !is_place(&rows.expr) {
        return Err("`zip(*…)` of what is computed there is not translated".into());
    }
    let error = site.error(&format!(
        "ValueError: not enough values to unpack (expected {}, got 0)",
        tys.len()
    ));
    let all = tys.iter().enumerate().map(|(i, ty)| {
        let field = Expr::atom("row").field(i.to_string());
        let field = match site.is_copy(ty) {
            true => field,
            false => field.method("clone", vec![]),
        };
        let each = Expr::Closure("row".into(), Box::new(field));
        let iter = rows.expr.clone().method("iter", vec![]);
        iter.method("map", vec![each])
            .method("collect::<Vec<_>>", vec![])
    });
    let lists: Vec<Expr> = all.collect();
    let lists = Expr::Tuple(lists);
    let tys = tys.into_iter().map(|ty| RTy::Vec(Box::new(ty))).collect();
    let rty = RTy::Tuple(tys);
    let some = Expr::Unary(
        crate::ir::UnOp::Not,
        Box::new(rows.expr.method("is_empty", vec![])),
    );
    let found = some.method("then", vec![Expr::Closure(String::new(), Box::new(lists))]);
    Ok(Val::new(found.ok_or(&error), rty, &fact))
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

/// What this module knows.
pub(super) static ALL: &[Known] = &[
    Known {
        name: crate::desugar::COLUMNS,
        doc: "",
        infer: columns,
        lower: lower_columns,
        special: Special::NONE,
    },
    Known {
        name: crate::desugar::PARTS,
        doc: "",
        infer: parts,
        lower: lower_parts,
        special: Special::NONE,
    },
];

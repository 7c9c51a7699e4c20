//! The elements of what a builtin runs through: a list, a tuple, a range, a generator.
//!
//! Enters: an argument. Leaves: the type of its elements, and the Rust iterator over them.
//! This module must not know what is done with them.

use super::Arg;
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::Range;
use crate::ty::Ty;
use crate::value::{Fact, Val, stored_range};

/// The longest tuple that Rust makes an array of.
const MOST_ITEMS: usize = 12;

/// What is known of the elements of an argument; none where it has none that are known.
pub(super) fn element(arg: &Arg) -> Option<Fact> {
    match &arg.fact.ty {
        Ty::List { elem, store, .. } => Some(Fact {
            range: store
                .as_ref()
                .map_or_else(|| Fact::of((**elem).clone()).range, stored_range),
            ..Fact::of((**elem).clone())
        }),
        Ty::Deque { elem, .. } => Some(Fact::of((**elem).clone())),
        Ty::Tuple(items) => {
            let all = items.iter().fold(Ty::Unknown, |a, b| a.join(b));
            Some(Fact::of(all))
        }
        Ty::Range => Some(Fact {
            range: arg.fact.range,
            ..Fact::of(Ty::Int)
        }),
        Ty::Unknown
        | Ty::None
        | Ty::Bool
        | Ty::Int
        | Ty::Float
        | Ty::Number
        | Ty::IntOrFloat
        | Ty::Position
        | Ty::Str
        | Ty::Option(_)
        | Ty::Exception(_)
        | Ty::Record(_)
        | Ty::Dict { .. }
        | Ty::Set(_)
        | Ty::Struct(_)
        | Ty::Tagged(_)
        | Ty::Enum(_)
        | Ty::Message { .. }
        | Ty::Messages { .. }
        | Ty::Context
        | Ty::Tov
        | Ty::Metadata
        | Ty::Module(_)
        | Ty::Function(_)
        | Ty::Class(_)
        | Ty::Instance(_)
        | Ty::Member(_)
        | Ty::Mixed(_)
        | Ty::Conflict(_) => None,
    }
}

/// As [`element`], of what may come in any order as well.
pub(super) fn unordered_element(arg: &Arg) -> Option<Fact> {
    match &arg.fact.ty {
        Ty::Set(elem) => Some(Fact::of((**elem).clone())),
        _ => element(arg),
    }
}

/// A set that is made here: what is equal is in it once, so it is not run through as what
/// it is made of.
pub(crate) fn made_set(val: Val) -> Val {
    match (val.rty.peel(), val.expr) {
        (RTy::Set(_), Expr::Method(iter, name, args)) if name == "collect" => Val {
            expr: iter.method("collect::<BTreeSet<_>>", args),
            ..val
        },
        (_, expr) => Val { expr, ..val },
    }
}

/// The length of an argument, where it is fixed.
pub(super) fn length(fact: &Fact) -> Option<usize> {
    match &fact.ty {
        Ty::List { len, .. } => *len,
        Ty::Tuple(items) => Some(items.len()),
        _ => None,
    }
}

/// A Rust iterator with what its closures take.
pub(super) struct Elements {
    /// The iterator.
    pub(super) iter: Expr,
    /// The pattern of one element in a closure: `x` or `&x`.
    pub(super) item: &'static str,
    /// One element, as `x`.
    pub(super) x: Val,
}

impl Elements {
    /// The iterator over the values themselves.
    pub(super) fn copied(self) -> Expr {
        match self.item {
            "x" => self.iter,
            _ => self.iter.method("copied", vec![]),
        }
    }
}

/// An iterator over the elements of a lowered argument; `elem` is what is known of them.
pub(super) fn elements(val: &Val, elem: &Fact) -> Option<Elements> {
    let of = |iter: Expr, item: &'static str, rty: RTy| Elements {
        iter,
        item,
        x: Val::new(Expr::atom("x"), rty, elem),
    };
    if val.ty == Ty::Range {
        let RTy::Int(_) = val.rty else { return None };
        return Some(of(val.expr.clone(), "x", val.rty.clone()));
    }
    if let RTy::Tuple(tys) = val.rty.peel()
        && !matches!(val.expr, Expr::Tuple(_))
    {
        if !val.expr.is_simple() {
            let first = tys.first()?;
            if tys.iter().any(|ty| ty != first) || tys.len() > MOST_ITEMS {
                return None;
            }
            let from = format!("<[{first}; {}]>::from", tys.len());
            let array = Expr::call(from, vec![val.expr.clone()]);
            return Some(of(array.method("into_iter", vec![]), "x", first.clone()));
        }
        let field = |i: usize| val.expr.clone().field(i.to_string());
        let items = Expr::Tuple((0..tys.len()).map(field).collect());
        let spread = Val {
            expr: items,
            rty: val.rty.peel().clone(),
            ..val.clone()
        };
        return elements(&spread, elem);
    }
    if let Expr::Tuple(items) = &val.expr {
        let RTy::Tuple(tys) = &val.rty else {
            return None;
        };
        let first = tys.first()?;
        if tys.iter().all(|ty| ty == first) {
            let array = Expr::Array(items.clone());
            return Some(of(array.method("into_iter", vec![]), "x", first.clone()));
        }
        let Ty::Tuple(facts) = &val.ty else {
            return None;
        };
        if elem.ty == Ty::IntOrFloat {
            let numbers = items.iter().zip(tys).zip(facts).map(|((item, rty), ty)| {
                let item = Val::new(item.clone(), rty.clone(), &Fact::of(ty.clone()));
                item.to_number("an int leaves 64 bits")
            });
            let array = Expr::Array(numbers.collect::<Option<_>>()?);
            return Some(of(array.method("into_iter", vec![]), "x", RTy::Number));
        }
        if !elem.ty.is_float() {
            return None;
        }
        let floats = items.iter().zip(tys).zip(facts).map(|((item, rty), ty)| {
            Val::new(item.clone(), rty.clone(), &Fact::of(ty.clone())).to_f64()
        });
        let array = Expr::Array(floats.collect());
        return Some(of(array.method("into_iter", vec![]), "x", RTy::F64));
    }
    let rty = val.element()?.clone();
    let val = &made_set(val.clone());
    if let Expr::Macro(name, items) = &val.expr
        && name == "vec"
        && !matches!(items.as_slice(), [Expr::Repeat(..)])
    {
        let array = Expr::Array(items.clone());
        return Some(of(array.method("into_iter", vec![]), "x", rty));
    }
    let (iter, item) = val.expr.clone().items();
    Some(of(iter, item, rty))
}

/// Whether ints of that Rust type are so small that no list of them in memory has a sum
/// beyond 64 bits.
pub(super) fn is_narrow(rty: &RTy) -> bool {
    matches!(rty, RTy::Int(int) if int.bits() <= 32 && !matches!(int, IntTy::Usize | IntTy::Isize))
}

/// Nothing known of a number.
pub(super) fn any_number(ty: Ty) -> Fact {
    Fact {
        range: Range::Any,
        ..Fact::of(ty)
    }
}

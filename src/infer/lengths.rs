//! How many elements an expression gives, where that is known before it runs: `xs[:3]` of an
//! array, `zip()` of such, comprehensions over them without conditions.
//!
//! Enters: an expression whose parts have their facts. Leaves: the number, which makes a
//! `tuple()` of it a tuple. This module must not know Rust.

use super::Inference;
use super::eval::Scope;
use super::model::Fact;
use crate::ast::{BinaryOp, Expr, ExprKind};
use crate::ty::Ty;

/// The elements that `[lower:upper:step]` takes of so many: their places, in order.
pub fn slice_places(
    len: usize,
    lower: Option<i128>,
    upper: Option<i128>,
    step: i128,
) -> Option<Vec<usize>> {
    let len = i128::try_from(len).ok()?;
    let bound = |b: i128| if b < 0 { (b + len).max(0) } else { b.min(len) };
    let places: Vec<i128> = match step {
        1.. => {
            let upper = upper.map_or(len, bound);
            let step = usize::try_from(step).ok()?;
            (lower.map_or(0, bound)..upper).step_by(step).collect()
        }
        -1 if lower.is_none() && upper.is_none() => (0..len).rev().collect(),
        _ => return None,
    };
    places
        .into_iter()
        .map(|i| usize::try_from(i).ok())
        .collect()
}

impl Inference<'_> {
    /// The number of elements; nothing where it is not always the same.
    pub(super) fn length_of(&self, scope: &Scope<'_>, e: &Expr) -> Option<usize> {
        let fact = |e: &Expr| {
            let fact = scope.fact(e.id);
            Fact {
                ty: self.model.as_tuple(&fact.ty),
                ..fact
            }
        };
        known_length(e, &fact, &|name| self.is_free(scope, name))
    }

    /// How many bytes an expression has at most, where what is written says so:
    /// `data[2:4]`, `data[i:i + 4]`, `b"\x00\x01"`.
    pub(super) fn most_bytes(&self, scope: &Scope<'_>, e: &Expr) -> Option<usize> {
        if !scope.fact(e.id).ty.is_octets() {
            return None;
        }
        let constant = |e: &Expr| scope.fact(e.id).range.int().constant();
        match &e.kind {
            ExprKind::Bytes(bytes) => Some(bytes.len()),
            ExprKind::Subscript { value, index } => {
                let ExprKind::Slice {
                    lower,
                    upper,
                    step: None,
                } = &index.kind
                else {
                    return None;
                };
                let within = self.most_bytes(scope, value);
                let most = match (lower.as_deref(), upper.as_deref()) {
                    (None, Some(upper)) => constant(upper).filter(|n| *n >= 0),
                    (Some(lower), None) => constant(lower).filter(|n| *n < 0).map(|n| -n),
                    (Some(lower), Some(upper)) => match (constant(lower), constant(upper)) {
                        (Some(lower), Some(upper)) if (lower < 0) == (upper < 0) => {
                            Some((upper - lower).max(0))
                        }
                        _ => constant(beyond(lower, upper)?)
                            .filter(|_| scope.fact(lower.id).range.int().lo >= Some(0)),
                    },
                    (None, None) => None,
                };
                let most = most.and_then(|n| usize::try_from(n).ok());
                most.into_iter().chain(within).min()
            }
            ExprKind::Call { func, args, .. } => match (args.as_slice(), self.is_free(scope, func))
            {
                ([of], true) => match &of.kind {
                    ExprKind::List(_) | ExprKind::Tuple(_) => self.length_of(scope, of),
                    _ => self.most_bytes(scope, of),
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a function is Python's own.
    pub(super) fn is_free(&self, scope: &Scope<'_>, func: &Expr) -> bool {
        let ExprKind::Name(name) = &func.kind else {
            return false;
        };
        !scope.names.names.contains_key(&func.id)
            && !self.functions.contains_key(name)
            && !self.classes.contains_key(name)
            && !self.model.variables.contains_key(name)
            && !self.model.imported.contains_key(name)
    }
}

/// What is added to `lower` in `upper`: the `4` of `data[i:i + 4]`.
fn beyond<'e>(lower: &Expr, upper: &'e Expr) -> Option<&'e Expr> {
    let ExprKind::Binary {
        op: BinaryOp::Add,
        left,
        right,
    } = &upper.kind
    else {
        return None;
    };
    is_same_place(lower, left).then_some(&**right)
}

/// Whether two expressions are one name or attribute.
fn is_same_place(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Attribute { value: a, attr: x }, ExprKind::Attribute { value: b, attr: y }) => {
            x.name == y.name && is_same_place(a, b)
        }
        _ => false,
    }
}

/// The number of elements of an expression, from the facts of its parts; `free` says whether
/// a name is Python's own.
pub fn known_length(
    e: &Expr,
    fact: &dyn Fn(&Expr) -> Fact,
    free: &dyn Fn(&Expr) -> bool,
) -> Option<usize> {
    let again = |e: &Expr| known_length(e, fact, free);
    match fact(e).ty {
        Ty::List { len: Some(len), .. } => return Some(len),
        Ty::Tuple(items) => return Some(items.len()),
        _ => {}
    }
    match &e.kind {
        ExprKind::List(items) => {
            let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred(_));
            (!items.iter().any(starred)).then_some(items.len())
        }
        ExprKind::Comprehension {
            value: None,
            clauses,
            kind: crate::ast::ComprehensionKind::List | crate::ast::ComprehensionKind::Generator,
            ..
        } => match clauses.as_slice() {
            [clause] if clause.ifs.is_empty() && !clause.is_async => again(&clause.iter),
            _ => None,
        },
        ExprKind::Subscript { value, index } => {
            let ExprKind::Slice { lower, upper, step } = &index.kind else {
                return None;
            };
            let constant = |e: &Option<Box<Expr>>| match e {
                None => Some(None),
                Some(e) => fact(e).range.int().constant().map(Some),
            };
            let (lower, upper, step) = (constant(lower)?, constant(upper)?, constant(step)?);
            let places = slice_places(again(value)?, lower, upper, step.unwrap_or(1))?;
            Some(places.len())
        }
        ExprKind::Binary {
            op: BinaryOp::Add,
            left,
            right,
        } if matches!(fact(e).ty, Ty::List { .. }) => Some(again(left)? + again(right)?),
        ExprKind::Call {
            func,
            args,
            keywords,
        } if free(func) => {
            let ExprKind::Name(name) = &func.kind else {
                return None;
            };
            match (name.as_str(), args.as_slice(), keywords.as_slice()) {
                ("zip", [_, ..], []) => {
                    let all: Option<Vec<usize>> = args.iter().map(again).collect();
                    all?.into_iter().min()
                }
                ("enumerate", [of, ..], _) | ("sorted", [of], _) => again(of),
                ("reversed" | "list" | "tuple" | "iter", [of], []) => again(of),
                ("range", [count], []) => {
                    let count = fact(count).range.int().constant()?;
                    usize::try_from(count.max(0)).ok()
                }
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_take_what_python_takes() {
        assert_eq!(slice_places(4, None, Some(3), 1), Some(vec![0, 1, 2]));
        assert_eq!(slice_places(4, Some(-2), None, 1), Some(vec![2, 3]));
        assert_eq!(slice_places(4, Some(1), None, 2), Some(vec![1, 3]));
        assert_eq!(slice_places(2, None, None, -1), Some(vec![1, 0]));
        assert_eq!(slice_places(2, Some(5), Some(9), 1), Some(vec![]));
    }
}

//! Elements that are not None: `for n in xs if n is not None` runs through `xs.iter().flatten()`.
//!
//! Enters: a clause of a comprehension, and what it runs through. Leaves: the elements that
//! hold something, and the tests that are left. This module must not know what is done with
//! them.

use super::{Form, Items, Part, Shape};
use crate::ast::{BoolOp, Clause, Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::narrow::operands;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// What a clause runs through, and what it asks of each item.
pub(in crate::lower) struct Asked<'a> {
    pub(in crate::lower) items: Items,
    pub(in crate::lower) tests: Vec<Test<'a>>,
}

/// A condition of a clause.
pub(in crate::lower) enum Test<'a> {
    /// One that is written there.
    Written(&'a PyExpr),
    /// That a variable, which is known not to be None, is true.
    Truth(&'a PyExpr),
}

impl<'a> FnLower<'_, 'a> {
    /// The items of a clause and its tests; where the first of these asks whether an item is
    /// not None, the items that are not.
    pub(in crate::lower) fn asked_items(&mut self, clause: &'a Clause) -> Result<Asked<'a>, Expr> {
        let items = self.clause_items(clause)?;
        let all = |tests: &'a [PyExpr]| tests.iter().map(Test::Written).collect::<Vec<_>>();
        let found = clause.ifs.split_first().and_then(|(first, rest)| {
            let parts = operands(first, BoolOp::And);
            let (asked, others) = parts.split_first()?;
            let present = self.asks_for_item(&clause.target, asked)?;
            let held = held_items(&clause.target, &items, &|rty| self.lw.is_copy(rty))?;
            let mut tests = Vec::new();
            tests.extend(present.then_some(Test::Truth(asked)));
            tests.extend(others.iter().copied().map(Test::Written));
            tests.extend(all(rest));
            Some(Asked { items: held, tests })
        });
        Ok(found.unwrap_or_else(|| Asked {
            items,
            tests: all(&clause.ifs),
        }))
    }

    /// Whether a test asks that the item is not None, and, true there, that it is true.
    fn asks_for_item(&self, target: &PyExpr, test: &'a PyExpr) -> Option<bool> {
        let of_target = |e: &PyExpr| matches!((&e.kind, &target.kind), (ExprKind::Name(a), ExprKind::Name(b)) if a == b);
        if let Some(none) = self.none_test(test) {
            let fits = of_target(none.operand) && !none.is_none && none.holder == "Some";
            return fits.then_some(false);
        }
        (of_target(test) && matches!(self.fact(test.id).ty, Ty::Option(_))).then_some(true)
    }

    /// A test as a Rust condition.
    pub(in crate::lower) fn test_of_clause(&mut self, test: &Test<'a>) -> Result<Expr, Expr> {
        let of = match test {
            Test::Written(test) => return self.condition_value(test),
            Test::Truth(of) => of,
        };
        let known = self.scope.names.get(&of.id).cloned();
        let held = known.and_then(|version| {
            let rty = self.var_type(&version)?;
            let fact = Fact::of(self.fact(of.id).ty.narrowed());
            Val::new(Expr::atom(self.var_name(&version)), rty, &fact).truth()
        });
        held.ok_or_else(|| self.partly(of, "the truth of what may be None, here,"))
    }
}

/// The items that hold something, of those that are a value or None.
fn held_items(target: &PyExpr, items: &Items, is_copy: &dyn Fn(&RTy) -> bool) -> Option<Items> {
    let ExprKind::Name(name) = &target.kind else {
        return None;
    };
    if items.form.is_changed() {
        return None;
    }
    let chain = items.form.clone().chain();
    let (rty, fact) = match &items.shape {
        Shape::One { rty, fact, .. } | Shape::Entry { rty, fact, .. } => (rty, fact),
        Shape::Pairs(_) => return None,
    };
    let RTy::Option(inner) = rty.peel() else {
        return None;
    };
    let lent = rty.is_ref();
    let one = |rty: RTy, by_ref: bool| Shape::One {
        rty,
        fact: Fact {
            ty: fact.ty.narrowed(),
            ..fact.clone()
        },
        by_ref,
    };
    let (held, shape) = match &items.shape {
        Shape::One { by_ref, .. } => {
            let shape = match lent && !is_copy(inner) {
                true => one(RTy::Ref(inner.clone()), false),
                false => one((**inner).clone(), *by_ref || lent),
            };
            (chain.method("flatten", vec![]), shape)
        }
        Shape::Entry { part, by_ref, .. } => {
            let var = crate::lower::vars::rust_ident(name);
            let borrow = if *by_ref { "&" } else { "" };
            let pattern = match part {
                Part::Key => format!("{borrow}({var}, _)"),
                Part::Value | Part::Both => format!("{borrow}(_, {var})"),
            };
            let (value, shape) = match lent {
                true => {
                    let held = Expr::atom(var).method("as_ref", vec![]);
                    (held, one(RTy::Ref(inner.clone()), false))
                }
                false => (Expr::atom(var), one((**inner).clone(), false)),
            };
            let taken = Expr::Closure(pattern, Box::new(value));
            (chain.method("filter_map", vec![taken]), shape)
        }
        Shape::Pairs(_) => return None,
    };
    Some(Items {
        form: Form::Iter(held),
        shape,
    })
}

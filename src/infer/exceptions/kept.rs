//! What the exceptions of the file keep beside their message.
//!
//! Enters: the arguments of each `raise`. Leaves: the facts of the attributes, joined over
//! all classes that one handler may catch together. This module must not know how they got
//! to be arguments of the `raise`.

use crate::ast::{ExprKind, Stmt, StmtKind};
use crate::catalog::exceptions;
use crate::infer::model::{Fact, Model};
use crate::infer::{Inference, absorb};
use crate::ty::Ty;

/// What stands between the classes of one handler.
pub(crate) const OR: &str = " or ";

/// The attributes that `__attributes__ = (…)` names.
pub(super) fn kept_attributes(stmt: &Stmt) -> Option<Vec<String>> {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return None;
    };
    let [target] = targets.as_slice() else {
        return None;
    };
    let ExprKind::Tuple(items) = &value.kind else {
        return None;
    };
    if !matches!(&target.kind, ExprKind::Name(n) if n == crate::desugar::ATTRIBUTES) {
        return None;
    }
    let names = items.iter().map(|e| match &e.kind {
        ExprKind::Str(name) => Some(name.clone()),
        _ => None,
    });
    names.collect()
}

impl Model {
    /// The class of the file that an exception class derives from, and no other above it.
    fn first_own<'s>(&'s self, class: &'s str) -> &'s str {
        let mut class = class;
        // No chain is longer than all classes.
        for _ in 0..self.exceptions.len() {
            match self.exceptions.get(class) {
                Some(base) if self.exceptions.contains_key(base) => class = base,
                _ => break,
            }
        }
        class
    }

    /// An attribute of a caught exception: every class that may be caught has it, and all of
    /// them are of one family.
    pub(crate) fn kept_attribute(&self, class: &str, name: &str) -> Option<Fact> {
        if let Some((first, others)) = class.split_once(OR) {
            let one = self.first_own(first);
            let related = others.split(OR).all(|other| self.first_own(other) == one);
            let fact = self.kept_attribute(first, name)?;
            let others = self.kept_attribute(others, name)?;
            return related.then(|| fact.join(&others));
        }
        if !self.exceptions.contains_key(class) {
            return None;
        }
        let below = self
            .exceptions
            .keys()
            .filter(|c| exceptions::derives(c, class, &self.exceptions));
        let mut out: Option<Fact> = None;
        for one in below {
            let kept = self.exception_attributes.get(one)?;
            let (_, fact) = kept.iter().find(|(attr, _)| attr == name)?;
            out = Some(match out {
                Some(known) => known.join(fact),
                None => fact.clone(),
            });
        }
        out
    }
}

impl Inference<'_> {
    /// `raise Class(message, …)`: what its attributes are.
    pub(super) fn keep_attributes(&mut self, class: &str, given: &[Fact]) {
        let Some(kept) = self.model.exception_attributes.get(class) else {
            return;
        };
        let facts = given.iter().skip(1);
        let facts: Vec<(String, Fact)> = kept
            .iter()
            .zip(facts)
            .map(|((attr, _), fact)| (attr.clone(), self.kept_fact(fact)))
            .collect();
        let family = self.model.first_own(class).to_string();
        let classes: Vec<String> = self.model.exception_attributes.keys().cloned().collect();
        let (mut changed, mut asks) = (false, false);
        for one in classes {
            if self.model.first_own(&one) != family {
                continue;
            }
            let slots = self.model.exception_attributes.get_mut(&one);
            for (attr, slot) in slots.into_iter().flatten() {
                for (_, fact) in facts.iter().filter(|(name, _)| name == attr) {
                    changed |= absorb(slot, fact, self.round, &mut asks);
                }
            }
        }
        self.all_changed(changed);
        self.asks_round(asks);
    }

    /// What an exception can keep of a value.
    fn kept_fact(&self, fact: &Fact) -> Fact {
        if !self.model.is_value(&fact.ty, 0) {
            let what = format!("{} in an exception", fact.ty.describe());
            return Fact::of(Ty::Conflict(what));
        }
        fact.clone()
    }
}

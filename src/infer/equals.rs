//! Objects that are looked for in a list by what they say is equal: `tasks.remove(task)`.
//!
//! Enters: a call of a method of lists, with the facts of its arguments. Leaves: the call of
//! `__eq__` that it stands for, under a key of its own. This module must not know how two
//! objects compare.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::Fact;
use crate::ast::{CompareOp, Expr, NodeId};
use crate::catalog::Arg;
use crate::ty::Ty;

/// The methods of lists that look for a value.
const LOOKING: [&str; 4] = ["index", "remove", "count", "__contains__"];

/// The key of the comparison that a call makes of each item, beside that of the call.
pub fn equal_of(e: NodeId) -> NodeId {
    NodeId(u32::MAX / 4 * 3 - e.0)
}

/// Whether a method looks for its argument in a list.
pub fn looks_for(full: &str) -> bool {
    full.strip_prefix("<list>.")
        .is_some_and(|method| LOOKING.contains(&method))
}

impl Inference<'_> {
    /// Whether objects that nothing says to be equal are looked for: they are told apart by who
    /// they are.
    pub(super) fn looks_for_the_very_object(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        full: &str,
        facts: &[Arg],
        args: &[Expr],
        env: &mut Env,
    ) -> bool {
        let ([list, _], [arg], true) = (facts, args, looks_for(full)) else {
            return false;
        };
        let Ty::List { elem, .. } = list.fact.ty.narrowed() else {
            return false;
        };
        let Ty::Instance(class) = &*elem else {
            return false;
        };
        let item = Fact::of((*elem).clone());
        if self.compares_by_fields(CompareOp::Eq, &item, &item) {
            return false;
        }
        let equal = self.classes.get(class).and_then(|info| info.find("__eq__"));
        if equal.is_none() {
            return true;
        }
        let asked = Expr {
            id: equal_of(e.id),
            ..e.clone()
        };
        let args = std::slice::from_ref(arg);
        let _ = self.operator(scope, &asked, "__eq__", (arg, &item), args, env);
        false
    }
}

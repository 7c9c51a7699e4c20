//! The ways in which a function is called: with a vector here and a number there.
//!
//! Enters: the arguments' facts of a call. Leaves: the number of the way, so that each has facts
//! of its own and none spoils what the others give. [`super::two_types`] makes functions of
//! them. This module must not know what a function does.

use super::Inference;
use super::model::{Fact, FnModel, Role};

/// Where the number of the way stands in that of a variant.
pub(super) const SHIFT: u32 = 3;

/// The most ways that are told apart.
const MOST: u32 = 6;

/// The way of calls whose arguments contradict themselves.
const UNCLEAR: u32 = MOST;

/// The number of the way that a variant is of.
pub(super) fn of_variant(variant: u32) -> u32 {
    variant >> SHIFT
}

impl Inference<'_> {
    /// The way of a call: the first whose calls were given values of like kinds.
    pub(super) fn way(&self, name: &str, facts: &[Fact]) -> u32 {
        if is_made(name) {
            return 0;
        }
        if facts.iter().any(|f| self.contradicts(&f.ty)) {
            return UNCLEAR;
        }
        let fits = |way: &u32| {
            let mut known = self.model.functions.named(name);
            known.all(|(_, f)| {
                f.role != Role::Helper || of_variant(f.variant) != *way || self.takes(f, facts)
            })
        };
        (0..MOST).find(fits).unwrap_or(0)
    }

    /// Whether a call adds no contradiction to what a function was given.
    fn takes(&self, function: &FnModel, facts: &[Fact]) -> bool {
        let mut params = function.params.iter().zip(facts);
        !params.any(|(param, fact)| self.contradicts(&param.ty.join(&fact.ty)))
    }
}

/// Whether a function makes an object: what it is given are the attributes of all of them.
fn is_made(name: &str) -> bool {
    let own = name.rsplit('.').next().unwrap_or(name);
    matches!(own, "__init__" | "__post_init__" | "__new__")
}

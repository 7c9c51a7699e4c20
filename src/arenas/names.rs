//! What the list of the objects of a class is called, and the functions that add to it.
//!
//! Enters: a class. Leaves: names that nothing in the module has. This module must not know
//! where the list lies.

use super::known::Known;
use crate::desugar::snake;
use crate::ty::shown_class;
use std::collections::BTreeMap;

/// The name of the list.
pub(super) fn list(known: &Known<'_>, class: &str) -> Option<String> {
    let one = snake(class);
    let names = [
        format!("{one}s"),
        format!("all_{one}s"),
        format!("{one}_objects"),
    ];
    first(known, names)
}

/// For each class of a family, `add_motor`: the function that adds an object to the list.
pub(super) fn makers(
    known: &Known<'_>,
    class: &str,
    verb: &str,
) -> Option<BTreeMap<String, String>> {
    let variants = known.variants(class).into_iter();
    let named = variants.map(|variant| {
        let one = snake(shown_class(&variant));
        let names = [format!("{verb}_{one}"), format!("{verb}_one_{one}")];
        Some((variant, first(known, names)?))
    });
    named.collect()
}

/// The first of those names that is free.
pub(super) fn first(known: &Known<'_>, names: impl IntoIterator<Item = String>) -> Option<String> {
    names.into_iter().find(|name| !known.is_taken(name))
}

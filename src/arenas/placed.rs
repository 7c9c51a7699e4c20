//! Methods that give their own object away.
//!
//! Enters: the module, a class, and the list that its objects lie in. Leaves: the module with
//! the names of the objects rewritten, where a method that needs to know where its object lies
//! is a function that gets the position. This module must not know where the list lies.

use super::known::Known;
use super::names;
use super::rewrite::{self, Form, Rewritten};
use crate::ast::Module;
use crate::desugar::snake;
use crate::ty::family_of;
use std::collections::BTreeMap;

/// Methods, as `Class.method`, with the functions that they are now.
pub(super) type Placed = BTreeMap<String, String>;

/// Rewrites all names of objects of a class; nothing where a use cannot be followed. `form`
/// is the form with such methods.
pub(super) fn placed(
    module: &Module,
    known: &Known<'_>,
    class: &str,
    form: &dyn Fn(&Placed) -> Form,
) -> Option<(Rewritten, Placed)> {
    let definition = known.class(class)?;
    let one = snake(class);
    let mut placed = Placed::new();
    loop {
        let more: Vec<String> = match rewrite::module(module, known, class, &form(&placed)) {
            Ok((rewritten, users)) => {
                let own = users.iter().filter(|key| is_own(known, key, class));
                let more: Vec<_> = own
                    .filter(|key| !placed.contains_key(*key) && !key.ends_with(".__init__"))
                    .cloned()
                    .collect();
                if more.is_empty() {
                    return Some(((rewritten, users), placed));
                }
                more
            }
            Err(given_away) => given_away.into_iter().collect(),
        };
        if more.is_empty() || !definition.variants.is_empty() {
            return None;
        }
        for key in more {
            let (_, method) = key.split_once('.')?;
            let plain = format!("{method}_{one}");
            let name = names::first(known, [format!("{one}_{method}"), plain])?;
            if placed.insert(key.clone(), name).is_some() || method.starts_with("__") {
                return None;
            }
        }
    }
}

/// Whether a key is that of a method of a class.
fn is_own(known: &Known<'_>, key: &str, class: &str) -> bool {
    let own = known.functions.get(key).and_then(|own| own.receiver);
    own.is_some_and(|(of, _)| family_of(of) == class)
}

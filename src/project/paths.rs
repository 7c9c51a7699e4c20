//! The path by which the rest of a crate names a type.
//!
//! Enters: [`Names`] and where a type is declared. Leaves: a path through modules and
//! re-exports that are visible from everywhere in the app's crate, where there is one. This
//! module must not know what the type is for.

use super::modules::{ItemKind, ModPath, Vis};
use super::names::{Found, Names, Space};
use std::collections::{BTreeSet, VecDeque};

/// The shortest such path: `messages::Scan` for a struct of the private module
/// `messages::scan` that `messages` re-exports; the path of its declaration where that is
/// visible.
pub(super) fn visible_path(names: &Names<'_>, home: &ModPath, name: &str) -> Option<String> {
    let target = Found::Item(home.clone(), name.to_owned());
    let mut best: Option<Vec<String>> = None;
    let mut seen = BTreeSet::new();
    let root = ModPath::root(&home.krate);
    let own = home.krate.is_empty();
    let start = if own { "crate" } else { &home.krate };
    let mut queue = VecDeque::from([(root.clone(), vec![start.to_owned()])]);
    while let Some((module_path, spelled)) = queue.pop_front() {
        if best
            .as_ref()
            .is_some_and(|best| best.len() <= spelled.len())
        {
            break;
        }
        if !seen.insert(module_path.clone()) {
            continue;
        }
        let Some(module) = names.crates.get(&module_path) else {
            continue;
        };
        // What is private in the root is visible in all that the root holds.
        let visible = |vis: Vis| match vis {
            Vis::Public => true,
            Vis::Crate => own,
            Vis::Private => own && module_path == root,
        };
        let under = |name: &str| [spelled.as_slice(), &[name.to_owned()]].concat();
        for (item_name, item) in &module.items {
            if !visible(item.vis) {
                continue;
            }
            if matches!(item.kind, ItemKind::Module) {
                queue.push_back((module_path.child(item_name), under(item_name)));
            } else if module_path == *home && item_name == name {
                // The declaration itself: no re-export reads better.
                return Some(under(item_name).join("::"));
            }
        }
        for (import_name, import) in &module.imports {
            if !visible(import.vis) {
                continue;
            }
            match names.resolve(&module_path, import, Space::Types) {
                Ok(Found::Module(module)) => queue.push_back((module, under(import_name))),
                Ok(found) if found == target => {
                    best.get_or_insert_with(|| under(import_name));
                }
                Ok(_) | Err(_) => {}
            }
        }
        for glob in &module.globs {
            if visible(glob.vis)
                && let Ok(Found::Module(module)) = names.resolve(&module_path, glob, Space::Types)
            {
                queue.push_front((module, spelled.clone()));
            }
        }
    }
    best.map(|best| best.join("::"))
}

//! What a path in Rust source means.
//!
//! Enters: [`Crates`], a module and a path in it. Leaves: [`Found`]: imports, re-exports,
//! globs and renames are followed, type aliases are not. This module must not know what
//! Copper is.

use super::modules::{Crates, Import, ItemKind, ModPath};
use super::problem::Problem;
use std::collections::BTreeSet;

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A struct, enum, alias or trait: the module that declares it and its name.
    Item(ModPath, String),
    /// A constant.
    Const(ModPath, String),
    /// A module.
    Module(ModPath),
    /// An item of a crate that has not been read, the crate's name first.
    External(Vec<String>),
    /// Not declared in what has been read; one of these it may be, through a glob import
    /// of a crate that has not been read.
    Missing(Vec<Vec<String>>),
}

/// Which names are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    /// Types and modules.
    Types,
    /// Constants.
    Consts,
}

/// The crates and the names under which the app's own manifest knows the others.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub crates: &'a Crates,
    /// The name in `use` → the crate's own name.
    pub extern_names: &'a std::collections::BTreeMap<String, String>,
}

type Visited = BTreeSet<(ModPath, String, Space)>;

impl Names<'_> {
    /// What `path` means in module `from`.
    pub fn resolve(&self, from: &ModPath, import: &Import, space: Space) -> Result<Found, Problem> {
        self.path(from, import, space, &mut Visited::new())
    }

    fn path(
        &self,
        from: &ModPath,
        import: &Import,
        space: Space,
        visited: &mut Visited,
    ) -> Result<Found, Problem> {
        let mut segments = import.path.iter();
        let Some(first) = segments.next() else {
            // `use ::*`, `use *`: the 2015 edition's.
            return Ok(Found::Missing(Vec::new()));
        };
        let last_is_first = import.path.len() == 1;
        let mut found = match first.as_str() {
            _ if import.absolute => self.extern_crate(from, first),
            "crate" | "$crate" => Found::Module(ModPath::root(&from.krate)),
            "self" => Found::Module(from.clone()),
            "super" => match from.parent() {
                Some(parent) => Found::Module(parent),
                None => Found::Missing(Vec::new()),
            },
            name => {
                let space = if last_is_first { space } else { Space::Types };
                match self.in_scope(from, name, space, visited)? {
                    // A glob import does not shadow a crate's name.
                    Found::Missing(_) if self.extern_names.contains_key(name) => {
                        self.extern_crate(from, name)
                    }
                    found => found,
                }
            }
        };
        let rest: Vec<&String> = segments.collect();
        for (index, name) in rest.iter().enumerate() {
            let space = if index + 1 == rest.len() {
                space
            } else {
                Space::Types
            };
            found = match found {
                Found::Module(module) if *name == "super" => match module.parent() {
                    Some(parent) => Found::Module(parent),
                    None => Found::Missing(Vec::new()),
                },
                Found::Module(module) if *name == "self" => Found::Module(module),
                Found::Module(module) => self.in_module(&module, name, space, visited)?,
                Found::External(mut path) => {
                    path.push((*name).clone());
                    Found::External(path)
                }
                Found::Missing(mut candidates) => {
                    for candidate in &mut candidates {
                        candidate.push((*name).clone());
                    }
                    Found::Missing(candidates)
                }
                // `Enum::Variant`, `Struct::CONST`.
                Found::Item(..) | Found::Const(..) => Found::Missing(Vec::new()),
            };
        }
        Ok(found)
    }

    fn extern_crate(&self, from: &ModPath, name: &str) -> Found {
        if name == "self" {
            return Found::Module(ModPath::root(&from.krate));
        }
        let krate = self.extern_names.get(name).map_or(name, String::as_str);
        if self.crates.has(krate) && krate != from.krate {
            Found::Module(ModPath::root(krate))
        } else {
            Found::External(vec![krate.to_owned()])
        }
    }

    /// A bare name in a module: what it declares or imports, then the standard crates.
    fn in_scope(
        &self,
        from: &ModPath,
        name: &str,
        space: Space,
        visited: &mut Visited,
    ) -> Result<Found, Problem> {
        match self.in_module(from, name, space, visited)? {
            Found::Missing(_) if matches!(name, "std" | "core" | "alloc") => {
                Ok(Found::External(vec![name.to_owned()]))
            }
            found => Ok(found),
        }
    }

    /// What a module declares, imports or re-exports under a name.
    pub fn in_module(
        &self,
        path: &ModPath,
        name: &str,
        space: Space,
        visited: &mut Visited,
    ) -> Result<Found, Problem> {
        let missing = Ok(Found::Missing(Vec::new()));
        if !visited.insert((path.clone(), name.to_owned(), space)) {
            return missing;
        }
        let Some(module) = self.crates.get(path) else {
            return missing;
        };
        if let Some(problem) = &module.broken {
            return Err(problem.clone());
        }
        match space {
            Space::Types => match module.items.get(name).map(|item| &item.kind) {
                Some(ItemKind::Module) => return Ok(Found::Module(path.child(name))),
                Some(_) => return Ok(Found::Item(path.clone(), name.to_owned())),
                None => {}
            },
            Space::Consts => {
                if module.consts.contains_key(name) {
                    return Ok(Found::Const(path.clone(), name.to_owned()));
                }
            }
        }
        if let Some(import) = module.imports.get(name) {
            return self.path(path, import, space, visited);
        }
        let mut candidates = Vec::new();
        for glob in &module.globs {
            match self.path(path, glob, Space::Types, visited)? {
                Found::Module(target) => match self.in_module(&target, name, space, visited)? {
                    Found::Missing(more) => candidates.extend(more),
                    found => return Ok(found),
                },
                Found::External(mut target) => {
                    target.push(name.to_owned());
                    candidates.push(target);
                }
                // An enum's variants, or a glob that leads nowhere.
                Found::Item(..) | Found::Const(..) | Found::Missing(_) => {}
            }
        }
        Ok(Found::Missing(candidates))
    }
}

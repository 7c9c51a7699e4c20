//! The Rust source around an app: its own crate, and on demand those it depends on.
//!
//! Enters: the app's manifest. Leaves: [`Sources`], which resolves paths and reads further
//! crates when a path leads into them. This module must not know what a type looks like.

use super::modules::{Crates, Import, ItemKind, ModPath, Vis};
use super::names::{Found, Names, Space};
use super::package::{Manifest, library, locked_packages, unpacked};
use super::paths::visible_path;
use super::problem::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Crates whose types we know by name; their source is not read.
const KNOWN: [&str; 8] = [
    "std",
    "core",
    "alloc",
    "serde",
    "cu29",
    "cu_python_task",
    "cu_bincode",
    "bevy_reflect",
];

/// The Rust source around an app.
#[derive(Debug)]
pub(super) struct Sources {
    pub crates: Crates,
    root: PathBuf,
    workspace: PathBuf,
    extern_names: BTreeMap<String, String>,
    path_dependencies: BTreeMap<String, PathBuf>,
    /// From the lock file, read when first needed.
    locked: Option<BTreeMap<String, PathBuf>>,
    /// Crates that were looked for, found or not.
    tried: BTreeSet<String>,
}

impl Sources {
    /// Reads the crate of `root_file`; the app's library, where that is another crate, is
    /// known under its name.
    pub fn load(root: &Path, manifest: &Manifest, root_file: &Path) -> Self {
        let mut crates = Crates::default();
        crates.load("", root_file);
        let mut extern_names: BTreeMap<String, String> = manifest
            .dependencies
            .iter()
            .map(|(name, dependency)| (name.clone(), dependency.krate.clone()))
            .collect();
        if let Some((name, file)) = &manifest.lib
            && file != root_file
        {
            crates.load(name, file);
            extern_names.insert(name.clone(), name.clone());
        }
        let path_dependencies = manifest
            .dependencies
            .values()
            .filter_map(|dependency| Some((dependency.krate.clone(), dependency.path.clone()?)))
            .collect();
        Self {
            crates,
            root: root.to_path_buf(),
            workspace: manifest.workspace.clone(),
            extern_names,
            path_dependencies,
            locked: None,
            tried: BTreeSet::new(),
        }
    }

    /// What `import` means in `from`; crates that it leads into are read.
    pub fn resolve(
        &mut self,
        from: &ModPath,
        import: &Import,
        space: Space,
    ) -> Result<Found, Problem> {
        loop {
            let names = Names {
                crates: &self.crates,
                extern_names: &self.extern_names,
            };
            let found = names.resolve(from, import, space)?;
            let wanted: Vec<String> = match &found {
                Found::External(path) => path.first().cloned().into_iter().collect(),
                Found::Missing(candidates) => candidates
                    .iter()
                    .filter_map(|path| path.first().cloned())
                    .collect(),
                Found::Item(..) | Found::Const(..) | Found::Module(_) => return Ok(found),
            };
            let mut grown = false;
            for krate in wanted {
                grown |= self.read_crate(&krate);
            }
            if !grown {
                return Ok(found);
            }
        }
    }

    /// The path by which the app's crate names an item: see [`visible_path`].
    pub fn visible_path(&self, module: &ModPath, name: &str) -> Option<String> {
        let names = Names {
            crates: &self.crates,
            extern_names: &self.extern_names,
        };
        visible_path(&names, module, name)
    }

    /// A module's file, and the directory of its children.
    pub fn files_of(&self, module: &ModPath) -> (PathBuf, PathBuf) {
        self.crates
            .get(module)
            .map(|found| (found.file.clone(), found.child_dir.clone()))
            .unwrap_or_default()
    }

    /// Whether the app's own crate has a type of that path.
    pub fn declares(&mut self, type_path: &str) -> bool {
        syn::parse_str::<syn::TypePath>(type_path).is_ok_and(|ty| {
            let import = Import::from_path(&ty.path);
            matches!(
                self.resolve(&ModPath::root(""), &import, Space::Types),
                Ok(Found::Item(..))
            )
        })
    }

    /// The item that [`Found::Item`] names.
    pub fn item(&self, module: &ModPath, name: &str) -> Option<(&super::modules::Item, &Path)> {
        let module = self.crates.get(module)?;
        Some((module.items.get(name)?, &module.file))
    }

    /// The traits that are implemented by hand for a type, by their last name, sorted.
    pub fn hand_written_impls(&mut self, module: &ModPath, name: &str) -> Vec<String> {
        let target = Found::Item(module.clone(), name.to_owned());
        let mut impls = Vec::new();
        for (path, candidate) in self.crates.modules_of(&module.krate) {
            for item in &candidate.impls {
                let (Some((None, trait_path, _)), syn::Type::Path(ty)) =
                    (&item.trait_, item.self_ty.as_ref())
                else {
                    continue;
                };
                // Most `impl`s are for other types: look at the name before resolving it.
                let import = Import::from_path(&ty.path);
                let imported_as = candidate
                    .imports
                    .contains_key(import.path.first().map_or("", String::as_str));
                if import.path.last().is_none_or(|last| last != name) && !imported_as {
                    continue;
                }
                let names = Names {
                    crates: &self.crates,
                    extern_names: &self.extern_names,
                };
                if names.resolve(path, &import, Space::Types) == Ok(target.clone())
                    && let Some(last) = trait_path.segments.last()
                {
                    impls.push(last.ident.to_string());
                }
            }
        }
        impls.sort();
        impls.dedup();
        impls
    }

    /// The names of the structs, enums and aliases of the app's own crate, sorted.
    pub fn own_types(&self) -> Vec<String> {
        self.crates
            .modules_of("")
            .flat_map(|(path, module)| {
                module
                    .items
                    .iter()
                    .filter(|(_, item)| !matches!(item.kind, ItemKind::Module | ItemKind::Other))
                    .map(|(name, _)| path.join(name))
            })
            .collect()
    }

    /// Reads a crate that was not read before; false where there is nothing new.
    fn read_crate(&mut self, krate: &str) -> bool {
        if is_known(krate) || self.crates.has(krate) || !self.tried.insert(krate.to_owned()) {
            return false;
        }
        let dir = match self.path_dependencies.get(krate) {
            Some(dir) => Some(dir.clone()),
            None => unpacked(&self.workspace, krate).or_else(|| {
                let root = &self.root;
                let locked = self.locked.get_or_insert_with(|| locked_packages(root));
                locked.get(krate).cloned()
            }),
        };
        let Some(file) = dir.and_then(|dir| library(&dir)) else {
            return false;
        };
        self.crates.load(krate, &file);
        true
    }
}

fn is_known(krate: &str) -> bool {
    KNOWN.contains(&krate) || krate.starts_with("cu29_")
}

/// Whether a name may come from a glob import of a crate that we could not read: the
/// prelude of Copper and the like do not hold message types.
pub(super) fn may_be_elsewhere(candidates: &[Vec<String>]) -> bool {
    candidates
        .iter()
        .any(|path| path.first().is_some_and(|krate| !is_known(krate)))
}

impl Import {
    /// The path as an import would name it, generic arguments dropped.
    pub fn from_path(path: &syn::Path) -> Self {
        Self {
            path: path
                .segments
                .iter()
                .map(|segment| super::modules::ident_name(&segment.ident))
                .collect(),
            absolute: path.leading_colon.is_some(),
            vis: Vis::Private,
        }
    }
}

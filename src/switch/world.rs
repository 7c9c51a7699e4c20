//! What of an app bears on its switched tasks and is edited by nobody.
//!
//! Enters: the [`Project`], and the files that are edited. Leaves: [`World`]: the Python
//! tasks, and the names that other Rust files need. This module must not write.

use super::rust::{self, Globs};
use super::state::{Switched, original};
use crate::header::Header;
use crate::project::Project;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What of an app bears on its switched tasks.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// The nodes that run Python, or would if they were not switched, with their types.
    pub python: BTreeMap<String, String>,
    /// Whether a file that is not edited names Copper's Python.
    pub names_python: bool,
    /// The names that the glob imports of the files that are edited bring.
    pub globs: Globs,
    /// By file that is edited, the names that files below it may have from it.
    pub below: BTreeMap<String, BTreeMap<String, usize>>,
}

impl World {
    /// Looks at the app; `crate_name` is Copper's Python in Rust code.
    pub fn of(project: &Project, switched: &[Switched], crate_name: &str) -> World {
        let python = project.nodes.iter().filter_map(|node| {
            let id = node.id.0.clone();
            if let Some(task) = switched.iter().find(|task| task.task == id) {
                return Some((id, task.old_type.clone()));
            }
            // What could not be bound may be Python, where it has a script.
            let unbound = node.binding.is_none() && node.script.is_some() && node.problem.is_some();
            let runs = node.binding.as_ref().is_some_and(|b| b.wired.is_none());
            (unbound || runs).then(|| (id, node.type_path.clone()))
        });
        let mut world = World {
            python: python.collect(),
            ..World::default()
        };
        let edited: Vec<PathBuf> = switched
            .iter()
            .map(|task| project.root.join(&task.file))
            .collect();
        let mut files = Vec::new();
        rust_files(&project.root, &mut files);
        for file in &edited {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let kept = project.root.join(original(&inside(&project.root, file)));
            let kept = std::fs::read_to_string(kept).unwrap_or_default();
            for path in rust::globs(&text).into_iter().chain(rust::globs(&kept)) {
                let text = module_text(&project.package.root_file, &path);
                if let Some(names) = text.and_then(|text| rust::names_given(&text)) {
                    world.globs.insert(path, names);
                }
            }
        }
        for task in switched {
            world.below.entry(task.file.clone()).or_default();
        }
        for file in files {
            if edited.contains(&file) {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let names = rust::names(&text);
            world.names_python |= names.contains_key(crate_name);
            for (parent, below) in &mut world.below {
                let parent = project.root.join(parent);
                let (dir, is_root) = children(&parent);
                let reaches = names.contains_key("super") || is_root;
                if reaches && file.starts_with(dir) {
                    below.extend(names.clone());
                }
            }
        }
        world
    }

    /// A file that names an alias, other than the one that declares it.
    pub fn named_by(project: &Project, declared_in: &Path, alias: &str) -> Option<PathBuf> {
        let mut files = Vec::new();
        rust_files(&project.root, &mut files);
        let names_it = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            // A generated task may have the same name, in its own module.
            let is_other = text.contains(alias) && Header::parse(&text).is_none();
            is_other && rust::names(&text).contains_key(alias)
        };
        files
            .into_iter()
            .find(|file| file != declared_in && names_it(file))
    }
}

/// A path from the app's root, with `/`.
fn inside(root: &Path, file: &Path) -> String {
    let own = file.strip_prefix(root).unwrap_or(file);
    own.to_string_lossy().replace('\\', "/")
}

/// The text of the file of a module `crate::a::b`, where it has one.
fn module_text(root_file: &Path, path: &str) -> Option<String> {
    let mut file = root_file.parent()?.to_owned();
    file.extend(path.split("::").skip(1));
    let text = std::fs::read_to_string(file.with_extension("rs"));
    text.or_else(|_| std::fs::read_to_string(file.join("mod.rs")))
        .ok()
}

/// Where the modules of a file lie, and whether it is a crate's root.
fn children(file: &Path) -> (PathBuf, bool) {
    let stem = file.file_stem().unwrap_or_default();
    let is_root = stem == "main" || stem == "lib";
    if is_root || stem == "mod" {
        (file.parent().unwrap_or(file).to_owned(), is_root)
    } else {
        (file.with_extension(""), false)
    }
}

/// Every Rust file of a package, in order; not what is built or hidden.
fn rust_files(dir: &Path, files: &mut Vec<PathBuf>) {
    let found = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
    found.sort();
    for path in found {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') && !path.is_symlink() {
                rust_files(&path, files);
            }
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
}

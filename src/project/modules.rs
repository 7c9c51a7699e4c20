//! Reads the module tree of a crate from its Rust source.
//!
//! Enters: a crate's root file. Leaves: [`Crates`], each module with what it declares and
//! imports. A module that cannot be read is noted in its place, not an error: it matters
//! only to those who look into it. This module must not know what a name means.

use super::problem::Problem;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;

/// A module: the crate (empty for the app's own) and the path from its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ModPath {
    pub krate: String,
    pub path: Vec<String>,
}

impl ModPath {
    /// The root of a crate.
    pub fn root(krate: &str) -> Self {
        Self {
            krate: krate.to_owned(),
            path: Vec::new(),
        }
    }

    /// The module `name` in this one.
    pub fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.path.push(name.to_owned());
        child
    }

    /// The module around this one.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.path.pop().map(|_| parent)
    }

    /// `tasks::pid`, or `my_crate::tasks` in another crate.
    pub fn join(&self, name: &str) -> String {
        let krate = (!self.krate.is_empty()).then_some(self.krate.as_str());
        let path = self.path.iter().map(String::as_str);
        let parts: Vec<&str> = krate.into_iter().chain(path).chain([name]).collect();
        parts.join("::")
    }
}

impl std::fmt::Display for ModPath {
    /// How error texts call it: `crate::tasks`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.krate.is_empty() {
            "crate"
        } else {
            &self.krate
        })?;
        self.path.iter().try_for_each(|name| write!(f, "::{name}"))
    }
}

/// The crates that have been read.
#[derive(Debug, Default)]
pub(super) struct Crates {
    modules: BTreeMap<ModPath, Module>,
}

/// What one module declares.
#[derive(Debug)]
pub(super) struct Module {
    /// Its file; of an inline module that of the module around it.
    pub file: PathBuf,
    /// Where `mod x;` in it looks for `x.rs`.
    pub child_dir: PathBuf,
    /// Types and modules, by name.
    pub items: BTreeMap<String, Item>,
    /// Constants, by name.
    pub consts: BTreeMap<String, syn::ItemConst>,
    /// `use a::b as c`, by the name it gives.
    pub imports: BTreeMap<String, Import>,
    /// `use a::*`.
    pub globs: Vec<Import>,
    /// `impl Trait for Type`.
    pub impls: Vec<syn::ItemImpl>,
    /// Why it could not be read.
    pub broken: Option<Problem>,
}

/// A type or module.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub line: usize,
    pub vis: Vis,
    pub kind: ItemKind,
}

/// From where an item or import is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vis {
    /// `pub`
    Public,
    /// `pub(crate)`
    Crate,
    /// The module, or some module around it.
    Private,
}

impl Vis {
    fn of(vis: &syn::Visibility) -> Self {
        match vis {
            syn::Visibility::Public(_) => Vis::Public,
            syn::Visibility::Restricted(within) if within.path.is_ident("crate") => Vis::Crate,
            syn::Visibility::Restricted(_) | syn::Visibility::Inherited => Vis::Private,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum ItemKind {
    Struct(Box<syn::ItemStruct>),
    Enum(Box<syn::ItemEnum>),
    Alias(Box<syn::ItemType>),
    Module,
    /// A trait, a union: nothing that a message can be.
    Other,
}

/// What a `use` names.
#[derive(Debug, Clone)]
pub(super) struct Import {
    /// The path, `crate`, `self` and `super` as they stand.
    pub path: Vec<String>,
    /// Whether it starts with `::`.
    pub absolute: bool,
    pub vis: Vis,
}

impl Crates {
    /// Reads the crate whose root is `file`; `krate` is empty for the app's own.
    pub fn load(&mut self, krate: &str, file: &Path) {
        let child_dir = file.parent().unwrap_or(Path::new("")).to_path_buf();
        self.read_file(ModPath::root(krate), file.to_path_buf(), child_dir);
    }

    /// The module of that path.
    pub fn get(&self, path: &ModPath) -> Option<&Module> {
        self.modules.get(path)
    }

    /// Whether that crate has been read.
    pub fn has(&self, krate: &str) -> bool {
        self.modules.contains_key(&ModPath::root(krate))
    }

    /// All modules of a crate.
    pub fn modules_of<'a>(
        &'a self,
        krate: &'a str,
    ) -> impl Iterator<Item = (&'a ModPath, &'a Module)> {
        self.modules
            .iter()
            .filter(move |(path, _)| path.krate == krate)
    }

    fn read_file(&mut self, path: ModPath, file: PathBuf, child_dir: PathBuf) {
        let parsed = std::fs::read_to_string(&file)
            .map_err(|error| {
                Problem::new(
                    &file,
                    None,
                    format!("cannot be read: {error}"),
                    "make the file readable",
                )
            })
            .and_then(|text| {
                syn::parse_file(&text).map_err(|error| {
                    Problem::new(
                        &file,
                        error.span().start().line,
                        format!("is not valid Rust: {error}"),
                        "make `cargo check` pass first",
                    )
                })
            });
        match parsed {
            Ok(parsed) => self.read_items(path, file, child_dir, parsed.items),
            Err(problem) => self.add_broken(path, file, child_dir, problem),
        }
    }

    fn add_broken(&mut self, path: ModPath, file: PathBuf, child_dir: PathBuf, problem: Problem) {
        let mut module = Module::new(file, child_dir);
        module.broken = Some(problem);
        self.modules.insert(path, module);
    }

    fn read_items(
        &mut self,
        path: ModPath,
        file: PathBuf,
        child_dir: PathBuf,
        items: Vec<syn::Item>,
    ) {
        let mut module = Module::new(file, child_dir);
        let mut children = Vec::new();
        for item in items {
            if is_test_only(item_attrs(&item)) {
                continue;
            }
            match item {
                syn::Item::Mod(child) => {
                    module.add(&child.ident, &child.vis, ItemKind::Module);
                    children.push(child);
                }
                other => module.read_item(other),
            }
        }
        let (file, child_dir) = (module.file.clone(), module.child_dir.clone());
        self.modules.insert(path.clone(), module);
        for child in children {
            self.read_child(&path, &file, &child_dir, child);
        }
    }

    fn read_child(&mut self, parent: &ModPath, file: &Path, child_dir: &Path, child: syn::ItemMod) {
        let name = ident_name(&child.ident);
        let path = parent.child(&name);
        if self.modules.contains_key(&path) {
            // The other half of a `#[cfg]` pair.
            return;
        }
        let attr_path = path_attribute(&child.attrs);
        if let Some((_, items)) = child.content {
            let dir = child_dir.join(attr_path.as_deref().unwrap_or(&name));
            return self.read_items(path, file.to_path_buf(), dir, items);
        }
        if let Some(attr_path) = attr_path {
            // `#[path]` is relative to the directory of the file, and the module's own
            // children lie beside it, as with `mod.rs`.
            let target = file.parent().unwrap_or(Path::new("")).join(attr_path);
            let dir = target.parent().unwrap_or(Path::new("")).to_path_buf();
            return self.read_file(path, target, dir);
        }
        let dir = child_dir.join(&name);
        let candidates = [child_dir.join(format!("{name}.rs")), dir.join("mod.rs")];
        match candidates.iter().find(|file| file.is_file()) {
            Some(found) => self.read_file(path, found.clone(), dir),
            None => {
                let [plain, nested] = &candidates;
                let problem = Problem::new(
                    file,
                    child.ident.span().start().line,
                    format!(
                        "`mod {name};` has no file: looked for {} and {}",
                        plain.display(),
                        nested.display()
                    ),
                    "make `cargo check` pass first",
                );
                self.add_broken(path, plain.clone(), dir, problem);
            }
        }
    }
}

impl Module {
    fn new(file: PathBuf, child_dir: PathBuf) -> Self {
        Self {
            file,
            child_dir,
            items: BTreeMap::new(),
            consts: BTreeMap::new(),
            imports: BTreeMap::new(),
            globs: Vec::new(),
            impls: Vec::new(),
            broken: None,
        }
    }

    fn add(&mut self, ident: &syn::Ident, vis: &syn::Visibility, kind: ItemKind) {
        let vis = Vis::of(vis);
        let line = ident.span().start().line;
        self.items
            .entry(ident_name(ident))
            .or_insert(Item { line, vis, kind });
    }

    fn read_item(&mut self, item: syn::Item) {
        match item {
            syn::Item::Struct(item) => {
                let (ident, vis) = (item.ident.clone(), item.vis.clone());
                self.add(&ident, &vis, ItemKind::Struct(Box::new(item)));
            }
            syn::Item::Enum(item) => {
                let (ident, vis) = (item.ident.clone(), item.vis.clone());
                self.add(&ident, &vis, ItemKind::Enum(Box::new(item)));
            }
            syn::Item::Type(item) => {
                let (ident, vis) = (item.ident.clone(), item.vis.clone());
                self.add(&ident, &vis, ItemKind::Alias(Box::new(item)));
            }
            syn::Item::Trait(item) => self.add(&item.ident, &item.vis, ItemKind::Other),
            syn::Item::Union(item) => self.add(&item.ident, &item.vis, ItemKind::Other),
            syn::Item::Const(item) => {
                self.consts.entry(ident_name(&item.ident)).or_insert(item);
            }
            syn::Item::Impl(item) if item.trait_.is_some() => self.impls.push(item),
            syn::Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
                self.imports.insert(
                    ident_name(name),
                    Import {
                        path: vec![ident_name(&item.ident)],
                        absolute: item.ident != "self",
                        vis: Vis::of(&item.vis),
                    },
                );
            }
            syn::Item::Use(item) => {
                let start = Import {
                    path: Vec::new(),
                    absolute: item.leading_colon.is_some(),
                    vis: Vis::of(&item.vis),
                };
                self.read_use(&item.tree, &start);
            }
            // Functions, macros, statics: nothing that a message type is made of.
            _ => {}
        }
    }

    /// Reads a `use` tree below the path of `prefix`.
    fn read_use(&mut self, tree: &syn::UseTree, prefix: &Import) {
        let below = |name: &syn::Ident| {
            let mut import = prefix.clone();
            // `use a::{self}` is `use a`.
            if name != "self" || import.path.is_empty() {
                import.path.push(ident_name(name));
            }
            import
        };
        match tree {
            syn::UseTree::Path(tree) => {
                let mut prefix = prefix.clone();
                prefix.path.push(ident_name(&tree.ident));
                self.read_use(&tree.tree, &prefix);
            }
            syn::UseTree::Name(tree) => {
                let import = below(&tree.ident);
                if let Some(name) = import.path.last().cloned() {
                    self.imports.insert(name, import);
                }
            }
            syn::UseTree::Rename(tree) => {
                let import = below(&tree.ident);
                self.imports.insert(ident_name(&tree.rename), import);
            }
            syn::UseTree::Glob(_) => self.globs.push(prefix.clone()),
            syn::UseTree::Group(tree) => {
                for item in &tree.items {
                    self.read_use(item, prefix);
                }
            }
        }
    }
}

/// The name without `r#`.
pub(super) fn ident_name(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// The line of a piece of syntax.
pub(super) fn line_of(node: &impl Spanned) -> usize {
    node.span().start().line
}

/// `#[cfg(test)]`
fn is_test_only(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        attr.path().is_ident("cfg")
            && attr
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

/// The value of `#[path = "…"]`.
fn path_attribute(attrs: &[syn::Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

fn item_attrs(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

//! Reads message and state types from Rust source.
//!
//! Enters: a type as it stands in a module. Leaves: its [`RustTy`], and in the
//! [`TypeTable`] each struct and enum that it is made of. This module must not know which
//! task the type belongs to.

use super::lengths::length;
use super::modules::{Import, ItemKind, ModPath, ident_name, line_of};
use super::names::{Found, Space};
use super::problem::Problem;
use super::schema::{FloatTy, IntTy, RustTy, TypeTable};
use super::shapes;
use super::sources::{Sources, may_be_elsewhere};
use quote::ToTokens;
use std::collections::BTreeMap;
use syn::{GenericArgument, PathArguments};

/// Aliases of aliases of aliases…, types in types in types….
const MAX_DEPTH: usize = 64;

/// Where a type stands: the module, and what the generic parameters in scope stand for.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub module: ModPath,
    pub generics: BTreeMap<String, (syn::Type, Box<Scope>)>,
    /// Whether it stands in `copperconfig.ron` or a header: its lines are not those of the
    /// module's file.
    pub foreign: bool,
}

impl Scope {
    /// A scope without generic parameters.
    pub fn new(module: ModPath) -> Self {
        Self {
            module,
            generics: BTreeMap::new(),
            foreign: false,
        }
    }

    /// The crate root, for a type that is spelled outside of the crate.
    pub fn foreign() -> Self {
        Self {
            foreign: true,
            ..Self::new(ModPath::root(""))
        }
    }
}

/// A type path, aliases followed to their end.
#[derive(Debug)]
pub(super) enum Target {
    /// A struct or enum, where it is declared.
    Item {
        module: ModPath,
        name: String,
        kind: ItemKind,
        line: usize,
        args: Vec<GenericArgument>,
        scope: Box<Scope>,
    },
    /// An item of a crate whose source was not read, with its generic arguments.
    External(Vec<String>, Vec<GenericArgument>, Scope),
    /// A name of Rust's own, with its generic arguments.
    BuiltIn(String, Vec<GenericArgument>, Scope),
    /// Not a path: a tuple, an array, ….
    Other(Box<syn::Type>, Scope),
}

/// Reads types into a table.
#[derive(Debug)]
pub(super) struct TypeReader {
    pub sources: Sources,
    pub table: TypeTable,
    depth: usize,
}

impl TypeReader {
    pub fn new(sources: Sources) -> Self {
        Self {
            sources,
            table: TypeTable::default(),
            depth: 0,
        }
    }

    /// The type `ty` in `scope`, with all that it is made of in the table.
    pub fn read(&mut self, ty: &syn::Type, scope: &Scope) -> Result<RustTy, Problem> {
        if self.depth >= MAX_DEPTH {
            return Ok(RustTy::Opaque(spell(ty)));
        }
        self.depth += 1;
        let result = self.read_nested(ty, scope);
        self.depth -= 1;
        result
    }

    fn read_nested(&mut self, ty: &syn::Type, scope: &Scope) -> Result<RustTy, Problem> {
        match self.target(ty, scope)? {
            Target::Item {
                module,
                name,
                kind,
                line,
                args,
                scope,
            } => Ok(self.named(&module, &name, &kind, line, &args, &scope)),
            Target::BuiltIn(name, args, scope) => {
                let path = vec!["std".to_owned(), name];
                self.known(&path, &args, &scope)
            }
            Target::External(path, args, scope) => self.known(&path, &args, &scope),
            Target::Other(ty, scope) => match ty.as_ref() {
                syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(RustTy::Unit),
                syn::Type::Tuple(tuple) => {
                    let items = tuple.elems.iter().map(|ty| self.read(ty, &scope));
                    let items = items.collect::<Result<Vec<_>, _>>()?;
                    self.table.add_tuple(&items);
                    Ok(RustTy::Tuple(items))
                }
                syn::Type::Array(array) => {
                    match length(&mut self.sources, &scope.module, &array.len) {
                        Some(len) => Ok(RustTy::Array(
                            Box::new(self.read(&array.elem, &scope)?),
                            len,
                        )),
                        None => Ok(RustTy::Opaque(spell(&*ty))),
                    }
                }
                _ => Ok(RustTy::Opaque(spell(&*ty))),
            },
        }
    }

    /// Follows `ty` through parentheses, generic parameters and aliases to its end.
    pub fn target(&mut self, ty: &syn::Type, scope: &Scope) -> Result<Target, Problem> {
        let (mut ty, mut scope) = (ty.clone(), scope.clone());
        for _ in 0..MAX_DEPTH {
            let path = match ty {
                syn::Type::Paren(inner) => {
                    ty = *inner.elem;
                    continue;
                }
                syn::Type::Group(inner) => {
                    ty = *inner.elem;
                    continue;
                }
                syn::Type::Path(ref path) if path.qself.is_none() => path.path.clone(),
                other => return Ok(Target::Other(Box::new(other), scope)),
            };
            let args = generic_args(&path);
            if let Some(name) = path.get_ident().map(ident_name)
                && let Some((bound, outer)) = scope.generics.get(&name).cloned()
            {
                (ty, scope) = (bound, *outer);
                continue;
            }
            let import = Import::from_path(&path);
            let found = self.sources.resolve(&scope.module, &import, Space::Types)?;
            let (module, name) = match found {
                Found::Item(module, name) => (module, name),
                Found::External(path) => return Ok(Target::External(path, args, scope)),
                Found::Missing(candidates) => {
                    return self.missing(&path, args, scope, candidates);
                }
                Found::Module(module) => {
                    return Err(self.problem(
                        &scope,
                        line_of(&path),
                        format!("`{}` is the module {module}, not a type", spell(&path)),
                    ));
                }
                Found::Const(..) => return Ok(Target::Other(Box::new(ty), scope)),
            };
            let Some((item, _)) = self.sources.item(&module, &name) else {
                return Ok(Target::Other(Box::new(ty), scope));
            };
            match item.kind.clone() {
                ItemKind::Alias(alias) => {
                    let params = alias.generics.type_params().map(|param| {
                        let default = param
                            .default
                            .clone()
                            .map(|ty| (ty, Box::new(Scope::new(module.clone()))));
                        (ident_name(&param.ident), default)
                    });
                    let mut args = types(&args).into_iter();
                    let generics = params
                        .filter_map(|(name, default)| {
                            let arg = args.next().map(|arg| (arg, Box::new(scope.clone())));
                            Some((name, arg.or(default)?))
                        })
                        .collect();
                    scope = Scope {
                        module,
                        generics,
                        foreign: false,
                    };
                    ty = *alias.ty;
                }
                kind => {
                    let line = item.line;
                    return Ok(Target::Item {
                        module,
                        name,
                        kind,
                        line,
                        args,
                        scope: Box::new(scope),
                    });
                }
            }
        }
        Err(self.problem(
            &scope,
            line_of(&ty),
            format!("the type aliases behind `{}` do not end", spell(&ty)),
        ))
    }

    /// The module that declares the alias, struct or enum that the configuration's `ty`
    /// names; none where it spells out a type of another kind.
    pub fn declaring_module(&mut self, ty: &syn::Type) -> Option<ModPath> {
        let syn::Type::Path(path) = ty else {
            return None;
        };
        let import = Import::from_path(&path.path);
        match self
            .sources
            .resolve(&ModPath::root(""), &import, Space::Types)
        {
            Ok(Found::Item(module, _)) => Some(module),
            Ok(Found::Const(..) | Found::Module(_) | Found::External(_) | Found::Missing(_))
            | Err(_) => None,
        }
    }

    /// A name that is declared nowhere: Rust's own, a glob's, or an error.
    fn missing(
        &self,
        path: &syn::Path,
        args: Vec<GenericArgument>,
        scope: Scope,
        candidates: Vec<Vec<String>>,
    ) -> Result<Target, Problem> {
        if let Some(name) = path.segments.last().map(|last| ident_name(&last.ident))
            && path.segments.len() == 1
            && is_built_in(&name)
        {
            return Ok(Target::BuiltIn(name, args, scope));
        }
        let known = candidates
            .iter()
            .find(|path| known_type(path).is_some() || is_python_task(path));
        if let Some(path) = known {
            return Ok(Target::External(path.clone(), args, scope));
        }
        if may_be_elsewhere(&candidates)
            && let Some(path) = candidates.first()
        {
            return Ok(Target::External(path.clone(), args, scope));
        }
        Err(self.not_found(&scope, path))
    }

    fn not_found(&self, scope: &Scope, path: &syn::Path) -> Problem {
        let spelled = Import::from_path(path).path.join("::");
        let last = path
            .segments
            .last()
            .map_or_else(String::new, |last| ident_name(&last.ident));
        let elsewhere: Vec<String> = self
            .sources
            .own_types()
            .into_iter()
            .filter(|key| key.rsplit("::").next() == Some(last.as_str()))
            .map(|key| format!("`crate::{key}`"))
            .collect();
        let help = if elsewhere.is_empty() {
            "migrate reads declarations, `use` and `mod` as they stand: a type that a macro, \
             `include!` or a build script makes must be written out as a struct"
                .to_owned()
        } else {
            format!("there is {}: add a `use` for it", elsewhere.join(" and "))
        };
        let problem = self.problem(
            scope,
            line_of(path),
            format!(
                "no type `{spelled}` is declared or imported in module {}",
                scope.module
            ),
        );
        problem.with_help(help)
    }

    /// A problem with what stands in `scope`.
    pub fn problem(&self, scope: &Scope, line: usize, message: String) -> Problem {
        let (file, _) = self.sources.files_of(&scope.module);
        let line = (!scope.foreign).then_some(line);
        Problem::new(file, line, message, "make `cargo check` pass first")
    }

    fn named(
        &mut self,
        module: &ModPath,
        name: &str,
        kind: &ItemKind,
        line: usize,
        args: &[GenericArgument],
        scope: &Scope,
    ) -> RustTy {
        let key = module.join(name);
        let known = args.is_empty()
            && (self.table.defs.contains_key(&key) || shapes::read(self, module, name, kind, line));
        if known {
            return RustTy::Named(key);
        }
        let path = self.sources.visible_path(module, name);
        self.opaque(
            &path.unwrap_or_else(|| format!("{module}::{name}")),
            args,
            scope,
        )
    }

    /// A type that we cannot see into, with full paths.
    fn opaque(&mut self, path: &str, args: &[GenericArgument], scope: &Scope) -> RustTy {
        let args: Vec<String> = args
            .iter()
            .map(|arg| match arg {
                GenericArgument::Type(ty) => match self.read(ty, scope) {
                    Ok(ty) => self.table.spell(&ty),
                    Err(_) => spell(ty),
                },
                other => spell(other),
            })
            .collect();
        RustTy::Opaque(match args.as_slice() {
            [] => path.to_owned(),
            args => format!("{path}<{}>", args.join(", ")),
        })
    }

    /// The value of a generic argument that is a number: `8`, `{ 2 * N }`, `LEN`.
    fn const_argument(&mut self, arg: &GenericArgument, scope: &Scope) -> Option<usize> {
        let expr = match arg {
            GenericArgument::Const(expr) => expr.clone(),
            // A constant's name looks like a type.
            GenericArgument::Type(syn::Type::Path(path)) if path.qself.is_none() => {
                syn::Expr::Path(syn::ExprPath {
                    attrs: Vec::new(),
                    qself: None,
                    path: path.path.clone(),
                })
            }
            _ => return None,
        };
        length(&mut self.sources, &scope.module, &expr)
    }

    /// A type that we know by name, or an opaque one.
    fn known(
        &mut self,
        path: &[String],
        args: &[GenericArgument],
        scope: &Scope,
    ) -> Result<RustTy, Problem> {
        if let (Some(Known::Bounded { array }), [GenericArgument::Type(elem), len]) =
            (known_type(path), args)
            && let Some(len) = self.const_argument(len, scope)
        {
            let elem = self.read(elem, scope)?;
            let spelled = self.table.spell(&elem);
            return Ok(match array {
                // It shows itself by a private field.
                true => RustTy::Opaque(format!("cu29::prelude::CuArray<{spelled}, {len}>")),
                false => RustTy::ArrayVec(Box::new(elem), len),
            });
        }
        if let Some(known) = known_type(path).filter(|k| !matches!(k, Known::Bounded { .. })) {
            let mut read = Vec::new();
            for arg in types(args) {
                read.push(Box::new(self.read(&arg, scope)?));
            }
            let mut read = read.into_iter();
            let ty = match known {
                Known::Plain(ty) => Some(ty),
                Known::Option => read.next().map(RustTy::Option),
                Known::Vec => read.next().map(RustTy::Vec),
                Known::Boxed => read.next().map(RustTy::Boxed),
                Known::Map { sorted } => match (read.next(), read.next()) {
                    (Some(key), Some(value)) => Some(RustTy::Map { key, value, sorted }),
                    _ => None,
                },
                Known::Bounded { .. } => None,
            };
            if let Some(ty) = ty {
                return Ok(ty);
            }
        }
        let path = match path {
            // A name of Rust's own.
            [krate, name] if krate == "std" => name.clone(),
            path => path.join("::"),
        };
        Ok(self.opaque(&path, args, scope))
    }
}

/// A type that is known by name.
enum Known {
    Plain(RustTy),
    Option,
    Vec,
    Boxed,
    Map {
        sorted: bool,
    },
    /// `CuArray`, `CuArrayVec`
    Bounded {
        array: bool,
    },
}

/// `PyTask` itself: no message, but known by name too.
pub(super) fn is_python_task(path: &[String]) -> bool {
    matches!(path, [krate, .., name] if krate == "cu_python_task"
        && matches!(name.as_str(), "PyTask" | "PyUnaryTask"))
}

fn known_type(path: &[String]) -> Option<Known> {
    let krate = path.first()?.as_str();
    let name = path.last()?.as_str();
    let standard = matches!(krate, "std" | "core" | "alloc");
    let copper = is_copper(krate);
    Some(match name {
        "Option" if standard => Known::Option,
        "Vec" if standard => Known::Vec,
        "Box" if standard => Known::Boxed,
        "String" if standard => Known::Plain(RustTy::String),
        "BTreeMap" if standard => Known::Map { sorted: true },
        "HashMap" if standard => Known::Map { sorted: false },
        "CuArray" if copper => Known::Bounded { array: true },
        "CuArrayVec" if copper => Known::Bounded { array: false },
        "CuTime" if copper => Known::Plain(RustTy::CuTime),
        "CuDuration" if copper => Known::Plain(RustTy::CuDuration),
        _ if standard => Known::Plain(primitive(name)?),
        _ => return None,
    })
}

/// Whether it is one of Copper's crates.
fn is_copper(krate: &str) -> bool {
    krate == "cu29" || krate.starts_with("cu29_")
}

fn primitive(name: &str) -> Option<RustTy> {
    Some(match name {
        "bool" => RustTy::Bool,
        "char" => RustTy::Char,
        "f32" => RustTy::Float(FloatTy::F32),
        "f64" => RustTy::Float(FloatTy::F64),
        _ => RustTy::Int(IntTy::from_name(name)?),
    })
}

/// Names that need no `use`.
fn is_built_in(name: &str) -> bool {
    matches!(name, "Option" | "Vec" | "Box" | "String" | "str") || primitive(name).is_some()
}

fn generic_args(path: &syn::Path) -> Vec<GenericArgument> {
    match path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(args)) => args.args.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The types among generic arguments.
pub(super) fn types(args: &[GenericArgument]) -> Vec<syn::Type> {
    args.iter()
        .filter_map(|arg| match arg {
            GenericArgument::Type(ty) => Some(ty.clone()),
            _ => None,
        })
        .collect()
}

/// A type as the source spells it.
pub(super) fn spell(node: &impl ToTokens) -> String {
    let mut text = node.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" ;", ";"),
        ("& ", "&"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

//! `struct`: formats that are written out, in the calls that use them.
//!
//! Enters: the module. Leaves: the same, where `struct.pack(FORMAT, …)` and `HEADER.pack(…)` of a
//! `struct.Struct` are [`PACK`] of a literal format, `unpack` and `unpack_from` are [`UNPACK`] and
//! [`UNPACK_FROM`], sizes are numbers, and `struct.error` is [`ERROR`]. What uses a format that
//! is computed stays a call of a module that is not known. This module must not know types.

pub mod format;

use super::build::Build;
use crate::ast::visit::{self, Visitor};
use crate::ast::{self, Expr, ExprKind, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// The function that packs by a literal format; no Python can name it, nor those below.
pub const PACK: &str = "struct.pack";
/// That which takes bytes of exactly the format's size apart.
pub const UNPACK: &str = "struct.unpack";
/// That which takes a part of longer bytes apart.
pub const UNPACK_FROM: &str = "struct.unpack_from";
/// The class of `struct.error`.
pub const ERROR: &str = "StructError";

/// What is known of the module.
#[derive(Default)]
struct Known {
    /// The names of the module `struct`.
    modules: BTreeSet<String>,
    /// The names of its functions and classes.
    items: BTreeMap<String, String>,
    /// The texts that names of this module stand for.
    texts: BTreeMap<String, String>,
    /// The formats of the `Struct`s that names of this module stand for.
    structs: BTreeMap<String, String>,
    /// The texts, and the formats of `Struct`s, that attributes of classes stand for, whatever
    /// object is asked.
    attributes: BTreeMap<String, Constant>,
    /// `self`, and the classes.
    owners: BTreeSet<String>,
}

/// What an attribute of a class always is.
enum Constant {
    Text(String),
    Struct(String),
}

/// Rewrites the formats.
pub(super) fn packed(module: &mut Module, next_id: &mut u32) {
    let mut known = Known::default();
    let bound = super::callables::times_bound(module);
    for stmt in &module.body.stmts {
        known.imported(stmt);
    }
    let mut rebound = Rebound::default();
    rebound.visit_block(&module.body);
    let once = |name: &String| bound.get(name) == Some(&1) && !rebound.0.contains(name);
    known.modules.retain(once);
    known.items.retain(|name, _| once(name));
    if known.modules.is_empty() && known.items.is_empty() || bound.contains_key(ERROR) {
        return;
    }
    for stmt in &module.body.stmts {
        if let Some((target, value)) = stmt.assigned()
            && let ExprKind::Name(name) = &target.kind
            && once(name)
        {
            known.constant(name, value);
        }
    }
    known.class_attributes(module);
    ast::rewrite::block(&mut module.body, &mut |e| known.rewrite(e, next_id));
    // A `Struct` that nobody names any more is gone.
    let mut mentions = Mentions::default();
    mentions.visit_block(&module.body);
    let unread = |name: &String| mentions.0.get(name) == Some(&1);
    for stmt in &mut module.body.stmts {
        if let StmtKind::Class(class) = &mut stmt.kind {
            class.body.stmts.retain(|stmt| {
                let own =
                    attribute(stmt).and_then(|(name, _)| known.attributes.get_key_value(name));
                match own {
                    Some((name, Constant::Struct(_))) => mentions.1.contains(name) || !unread(name),
                    _ => true,
                }
            });
        }
    }
    module.body.stmts.retain(|stmt| {
        !matches!(stmt.assigned(), Some((target, _)) if matches!(&target.kind,
            ExprKind::Name(name) if known.structs.contains_key(name) && unread(name)))
    });
}

impl Known {
    fn imported(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Import(names) => {
                for alias in names {
                    if alias.name.name == "struct" {
                        let bound = alias.alias.as_ref().unwrap_or(&alias.name);
                        self.modules.insert(bound.name.clone());
                    }
                }
            }
            StmtKind::ImportFrom { module, names, .. } if module.as_deref() == Some("struct") => {
                for alias in names {
                    let bound = alias.alias.as_ref().unwrap_or(&alias.name);
                    self.items
                        .insert(bound.name.clone(), alias.name.name.clone());
                }
            }
            _ => {}
        }
    }

    /// `FORMAT = "<BH"`, `HEADER = struct.Struct("<BH")`
    fn constant(&mut self, name: &str, value: &Expr) {
        if let ExprKind::Str(text) = &value.kind {
            self.texts.insert(name.to_string(), text.clone());
        }
        if let Some(format) = self.made(value) {
            self.structs.insert(name.to_string(), format);
        }
    }

    /// Attributes of classes that derive from nothing, which only their classes bind.
    fn class_attributes(&mut self, module: &Module) {
        self.owners.extend(["self", "cls"].map(String::from));
        let mut assigned = Assigned::default();
        assigned.visit_block(&module.body);
        for stmt in &module.body.stmts {
            let StmtKind::Class(class) = &stmt.kind else {
                continue;
            };
            self.owners.insert(class.name.name.clone());
            let plain = class.bases.is_empty() && class.decorators.is_empty();
            for stmt in class.body.stmts.iter().filter(|_| plain) {
                let Some((name, value)) = attribute(stmt) else {
                    continue;
                };
                if assigned.0.get(name) != Some(&1) {
                    continue;
                }
                let constant = match (self.text(value), self.made(value)) {
                    (Some(text), _) => Constant::Text(text),
                    (_, Some(format)) => Constant::Struct(format),
                    _ => continue,
                };
                self.attributes.insert(name.to_string(), constant);
            }
        }
    }

    /// What an attribute of an object or a class always is.
    fn of_attribute(&self, e: &Expr) -> Option<&Constant> {
        match &e.kind {
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(name) if self.owners.contains(name) => {
                    self.attributes.get(&attr.name)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The format of the `Struct` that an expression is.
    fn format_of(&self, e: &Expr) -> Option<&String> {
        match (&e.kind, self.of_attribute(e)) {
            (ExprKind::Name(name), _) => self.structs.get(name),
            (_, Some(Constant::Struct(format))) => Some(format),
            _ => None,
        }
    }

    /// The format of `struct.Struct("<BH")`.
    fn made(&self, value: &Expr) -> Option<String> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
        else {
            return None;
        };
        let ([format], true) = (args.as_slice(), keywords.is_empty()) else {
            return None;
        };
        let format = (self.item(func) == Some("Struct"))
            .then(|| self.text(format))
            .flatten();
        format.filter(|format| format::Layout::of(format).is_some())
    }

    /// What of the module `struct` an expression names.
    fn item<'s>(&'s self, e: &'s Expr) -> Option<&'s str> {
        match &e.kind {
            ExprKind::Name(name) => self.items.get(name).map(String::as_str),
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(module) if self.modules.contains(module) => Some(&attr.name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text that an expression is.
    fn text(&self, e: &Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Str(text) => Some(text.clone()),
            ExprKind::Name(name) => self.texts.get(name).cloned(),
            _ => match self.of_attribute(e) {
                Some(Constant::Text(text)) => Some(text.clone()),
                _ => None,
            },
        }
    }

    fn rewrite(&self, e: &mut Expr, next_id: &mut u32) {
        let mut build = Build {
            next_id,
            span: e.span,
        };
        if self.item(e) == Some("error") {
            e.kind = ExprKind::Name(ERROR.to_string());
            return;
        }
        // `HEADER.size`
        if let ExprKind::Attribute { value, attr } = &e.kind
            && attr.name == "size"
            && let Some(size) = self.format_of(value).and_then(|f| format::Layout::of(f))
        {
            e.kind = ExprKind::Int(size.size.into());
            return;
        }
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return;
        };
        let own = match &func.kind {
            ExprKind::Attribute { value, attr } => self
                .format_of(value)
                .map(|format| (attr.name.clone(), format.clone())),
            _ => None,
        };
        let (function, format) = match own {
            Some(own) => own,
            None => {
                let Some(function) = self.item(func).map(str::to_string) else {
                    return;
                };
                let format = args.first().and_then(|format| self.text(format));
                let Some(format) = format else { return };
                args.remove(0);
                (function, format)
            }
        };
        let layout = format::Layout::of(&format);
        if let ("calcsize", Some(layout), []) = (function.as_str(), &layout, args.as_slice()) {
            e.kind = ExprKind::Int(layout.size.into());
            return;
        }
        let name = match function.as_str() {
            "pack" => PACK,
            "unpack" => UNPACK,
            "unpack_from" => UNPACK_FROM,
            _ => {
                // It stays a call of what is not known.
                if self.item(func).is_some() {
                    args.insert(0, build.expr(ExprKind::Str(format)));
                }
                return;
            }
        };
        if name == UNPACK_FROM
            && let [offset] = keywords.as_slice()
            && offset.name.as_ref().is_some_and(|n| n.name == "offset")
            && args.len() == 1
        {
            args.push(offset.value.clone());
            keywords.clear();
        }
        args.insert(0, build.expr(ExprKind::Str(format)));
        **func = build.name(name);
    }
}

/// The names that functions and classes of the module bind, or declare `global`.
#[derive(Default)]
struct Rebound(BTreeSet<String>);

impl<'ast> Visitor<'ast> for Rebound {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let names = super::names::Names::of(function);
                self.0.extend(names.bound.into_keys());
            }
            StmtKind::Global(names) => self.0.extend(names.iter().cloned()),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }
}

/// The attribute that a statement of a class binds, and its value.
fn attribute(stmt: &Stmt) -> Option<(&String, &Expr)> {
    let (target, value) = stmt.assigned()?;
    match &target.kind {
        ExprKind::Name(name) => Some((name, value)),
        _ => None,
    }
}

/// How often each attribute is bound: in the bodies of classes, as an attribute of what it may
/// be, and as a name that any code calls so.
#[derive(Default)]
struct Assigned(BTreeMap<String, usize>);

impl<'ast> Visitor<'ast> for Assigned {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        for target in stmt.targets() {
            if let ExprKind::Name(name) = &target.kind {
                *self.0.entry(name.clone()).or_default() += 1;
            }
            if let ExprKind::Attribute { attr, .. } = &target.kind {
                *self.0.entry(attr.name.clone()).or_default() += 1;
            }
        }
        if let StmtKind::Function(function) = &stmt.kind {
            *self.0.entry(function.name.name.clone()).or_default() += 1;
        }
        visit::walk_stmt(self, stmt);
    }
}

/// How often each name stands in the module, and the attributes that do.
#[derive(Default)]
struct Mentions(BTreeMap<String, usize>, BTreeSet<String>);

impl<'ast> Visitor<'ast> for Mentions {
    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Name(name) = &e.kind {
            *self.0.entry(name.clone()).or_default() += 1;
        }
        if let ExprKind::Attribute { attr, .. } = &e.kind {
            self.1.insert(attr.name.clone());
        }
        visit::walk_expr(self, e);
    }
}

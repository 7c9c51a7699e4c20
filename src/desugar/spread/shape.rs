//! The keys of dicts that nobody gives others.
//!
//! Enters: the module, and the function that is looked at. Leaves: the keys of what is
//! written as a dict with literal keys, bound once, and used in no way that could add a key
//! or take one away. This module must not know types.

use crate::ast::{self, CompareOp, Expr, ExprKind, Function, Module, Stmt, StmtKind};
use crate::desugar::keywords::signature::Within;
use crate::desugar::names::Names;
use std::collections::{BTreeMap, BTreeSet};

/// The keys of a dict in order, and those of the dicts that are its values.
#[derive(Clone)]
pub(super) struct Keys(pub(super) Vec<(String, Option<Keys>)>);

impl Keys {
    /// Of a dict literal, or of `dict(a=…)`.
    fn of(value: &Expr) -> Option<Keys> {
        match &value.kind {
            ExprKind::Dict(items) => {
                let mut keys: Vec<(String, Option<Keys>)> = Vec::new();
                for (key, value) in items {
                    let Some(ExprKind::Str(key)) = key.as_ref().map(|k| &k.kind) else {
                        return None;
                    };
                    if keys.iter().any(|(k, _)| k == key) {
                        return None;
                    }
                    keys.push((key.clone(), Keys::of(value)));
                }
                Some(Keys(keys))
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } if args.is_empty() && matches!(&func.kind, ExprKind::Name(n) if n == "dict") => {
                let keys = keywords.iter().map(|k| {
                    let name = k.name.as_ref()?.name.clone();
                    Some((name, Keys::of(&k.value)))
                });
                keys.collect::<Option<Vec<_>>>().map(Keys)
            }
            _ => None,
        }
    }

    /// Whether no value is a dict itself, which may have other names.
    fn is_flat(&self) -> bool {
        self.0.iter().all(|(_, inner)| inner.is_none())
    }

    fn inner(&self, key: &str) -> Option<&Keys> {
        let found = self.0.iter().find(|(k, _)| k == key)?;
        found.1.as_ref()
    }
}

/// What is known where a call stands.
pub(super) struct Shapes {
    names: BTreeMap<String, Keys>,
    /// The attributes that are assigned in one place of the module.
    attributes: BTreeMap<String, Keys>,
}

impl Shapes {
    /// Of the names and attributes of a module.
    pub(super) fn of_module(module: &Module) -> Shapes {
        let mut found = Found::default();
        for stmt in &module.body.stmts {
            found.assigned(stmt);
            for name in crate::desugar::callables::top_bound(stmt) {
                *found.bound.entry(name).or_default() += 1;
            }
        }
        ast::visit::Visitor::visit_block(&mut found, &module.body);
        let changed = std::mem::take(&mut found.changed_attributes);
        let attributes = std::mem::take(&mut found.attributes);
        let fixed = attributes
            .into_iter()
            .filter(|(name, _)| !changed.contains(name))
            .filter_map(|(name, keys)| Some((name, keys.filter(Keys::is_flat)?)));
        Shapes {
            attributes: fixed.collect(),
            names: found.fixed(),
        }
    }

    /// Goes into a function, whose own names hide the others; gives what was known before.
    pub(super) fn enter(&mut self, function: &Function) -> BTreeMap<String, Keys> {
        let before = self.names.clone();
        let mut found = Found {
            bound: Names::of(function).bound,
            ..Found::default()
        };
        function.body.stmts.iter().for_each(|s| found.assigned(s));
        ast::visit::Visitor::visit_block(&mut found, &function.body);
        for name in found.bound.keys() {
            self.names.remove(name);
        }
        self.names.extend(found.fixed());
        before
    }

    /// Leaves a function again.
    pub(super) fn leave(&mut self, before: BTreeMap<String, Keys>) {
        self.names = before;
    }

    /// The keys of a dict that is named.
    pub(super) fn keys(&self, e: &Expr, within: &Within) -> Option<&Keys> {
        match &e.kind {
            ExprKind::Name(name) => self.names.get(name),
            ExprKind::Subscript { value, index } => {
                let ExprKind::Str(key) = &index.kind else {
                    return None;
                };
                self.keys(value, within)?.inner(key)
            }
            ExprKind::Attribute { value, attr } => match &value.kind {
                ExprKind::Name(own) if Some(own) == within.this.as_ref() => {
                    self.attributes.get(&attr.name)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The dicts of one scope, and what is done with them.
#[derive(Default)]
struct Found {
    bound: BTreeMap<String, usize>,
    dicts: BTreeMap<String, Keys>,
    changed: BTreeSet<String>,
    /// None where another value is assigned too.
    attributes: BTreeMap<String, Option<Keys>>,
    changed_attributes: BTreeSet<String>,
}

impl Found {
    fn fixed(self) -> BTreeMap<String, Keys> {
        let (bound, changed) = (self.bound, self.changed);
        let mut dicts = self.dicts;
        dicts.retain(|name, _| bound.get(name) == Some(&1) && !changed.contains(name));
        dicts
    }

    /// What a statement of the scope itself binds.
    fn assigned(&mut self, stmt: &Stmt) {
        let (target, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => return,
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (target, value),
            _ => return,
        };
        if let (ExprKind::Name(name), Some(keys)) = (&target.kind, Keys::of(value)) {
            self.dicts.insert(name.clone(), keys);
        }
    }

    /// A use that may change the keys, or make another name for the dict.
    fn change(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(name) => {
                self.changed.insert(name.clone());
            }
            ExprKind::Attribute { attr, .. } => {
                self.changed_attributes.insert(attr.name.clone());
            }
            ExprKind::Subscript { value, .. } => self.change(value),
            _ => {}
        }
    }

    /// A use that only reads: the dict itself is named, or a dict within it.
    fn read(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Name(_) => {}
            ExprKind::Attribute { value, .. } => self.base(value),
            ExprKind::Subscript { value, index } => {
                self.read(value);
                ast::visit::Visitor::visit_expr(self, index);
            }
            _ => ast::visit::Visitor::visit_expr(self, e),
        }
    }

    /// The object whose attribute is named.
    fn base(&mut self, value: &Expr) {
        if !matches!(value.kind, ExprKind::Name(_)) {
            ast::visit::Visitor::visit_expr(self, value);
        }
    }

    /// The keys of the dict that a chain of subscripts names.
    fn dict_at(&self, e: &Expr) -> Option<&Keys> {
        match &e.kind {
            ExprKind::Name(name) => self.dicts.get(name),
            ExprKind::Subscript { value, index } => {
                let outer = self.dict_at(value)?;
                match &index.kind {
                    ExprKind::Str(key) => outer.inner(key),
                    _ => outer.0.iter().find_map(|(_, inner)| inner.as_ref()),
                }
            }
            _ => None,
        }
    }

    fn has_key(&self, value: &Expr, index: &Expr) -> bool {
        let ExprKind::Name(name) = &value.kind else {
            return false;
        };
        let ExprKind::Str(key) = &index.kind else {
            return false;
        };
        let keys = self.dicts.get(name);
        keys.is_some_and(|keys| keys.0.iter().any(|(k, inner)| k == key && inner.is_none()))
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Subscript { value, index } => {
                if !self.has_key(value, index) {
                    self.change(value);
                }
                ast::visit::Visitor::visit_expr(self, index);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.target(i));
            }
            ExprKind::Starred(inner) => self.target(inner),
            ExprKind::Attribute { value, .. } => self.base(value),
            _ => {}
        }
    }

    /// What an attribute is assigned.
    fn attribute(&mut self, target: &Expr, keys: Option<Keys>) {
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                let twice = self.attributes.contains_key(&attr.name);
                let keys = keys.filter(|_| !twice);
                self.attributes.insert(attr.name.clone(), keys);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|i| self.attribute(i, None));
            }
            _ => {}
        }
    }
}

impl<'ast> ast::visit::Visitor<'ast> for Found {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let keys = Keys::of(value).filter(|_| targets.len() == 1);
                for target in targets {
                    self.attribute(target, keys.clone());
                    self.target(target);
                }
                self.visit_expr(value);
            }
            StmtKind::AnnAssign { target, value, .. } => {
                self.attribute(target, value.as_ref().and_then(Keys::of));
                self.target(target);
                value.iter().for_each(|v| self.visit_expr(v));
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.attribute(target, None);
                if !matches!(target.kind, ExprKind::Subscript { .. }) {
                    self.change(target);
                }
                self.target(target);
                self.visit_expr(value);
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.change(t)),
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                self.changed.extend(names.iter().cloned());
            }
            StmtKind::For { target, .. } => {
                self.attribute(target, None);
                ast::visit::walk_stmt(self, stmt);
            }
            _ => ast::visit::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        match &e.kind {
            ExprKind::Subscript { .. } => {
                // Another name for a dict within.
                if self.dict_at(e).is_some() {
                    self.change(e);
                }
                self.read(e);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                match &func.kind {
                    ExprKind::Attribute { value, attr } => match attr.name.as_str() {
                        "get" | "items" | "keys" | "values" | "copy" => self.read(value),
                        "update" | "pop" | "popitem" | "clear" | "setdefault" => {
                            self.change(value);
                        }
                        _ => self.base(value),
                    },
                    ExprKind::Name(name) if name == "len" => {
                        args.iter().for_each(|a| self.read(a));
                        return;
                    }
                    _ => self.visit_expr(func),
                }
                args.iter().for_each(|a| self.visit_expr(a));
                for keyword in keywords {
                    match keyword.name {
                        None => self.read(&keyword.value),
                        Some(_) => self.visit_expr(&keyword.value),
                    }
                }
            }
            ExprKind::Compare { left, ops, rest } => {
                self.visit_expr(left);
                for (op, right) in ops.iter().zip(rest) {
                    match op {
                        CompareOp::In | CompareOp::NotIn => self.read(right),
                        _ => self.visit_expr(right),
                    }
                }
            }
            // Anything else may be another name for it.
            ExprKind::Name(_) => self.change(e),
            ExprKind::Attribute { value, .. } => {
                self.change(e);
                self.base(value);
            }
            _ => ast::visit::walk_expr(self, e),
        }
    }
}

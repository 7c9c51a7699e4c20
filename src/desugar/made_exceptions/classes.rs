//! The exception classes of a module, and how they derive from each other.
//!
//! Enters: the module. Leaves: which class of the file stands above which, and which has a
//! method. This module must not know types.

use super::is_exception;
use crate::ast::{Class, ExprKind, Function, MethodKind, Module, StmtKind};
use crate::desugar::build::method;
use std::collections::BTreeMap;

/// Whether it is a method or property that a handler may ask for.
pub(super) fn is_lifted(function: &Function) -> bool {
    let name = &function.name.name;
    let kind = function.method_kind();
    let special = name.starts_with("__") && name.ends_with("__");
    !special && !function.is_async && matches!(kind, Ok(MethodKind::Method | MethodKind::Property))
}

pub(super) fn is_property(function: &Function) -> bool {
    matches!(function.method_kind(), Ok(MethodKind::Property))
}

/// The exception classes of the file, in its order, with their bases in the file.
fn classes(module: &Module) -> Vec<(&Class, Option<&str>)> {
    let mut found: Vec<(&Class, Option<&str>)> = Vec::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        let [base] = class.bases.as_slice() else {
            continue;
        };
        let ExprKind::Name(base) = &base.kind else {
            continue;
        };
        let own = found.iter().any(|(c, _)| c.name.name == *base);
        if own || is_exception(base) {
            found.push((class, own.then_some(base.as_str())));
        }
    }
    found
}

/// The exception classes of a module, by name.
pub(super) struct Family {
    pub(super) classes: BTreeMap<String, Class>,
    /// The base of each, where it is one of them.
    pub(super) bases: BTreeMap<String, String>,
}

impl Family {
    pub(super) fn of(module: &Module) -> Family {
        let found = classes(module);
        let mut family = Family {
            classes: BTreeMap::new(),
            bases: BTreeMap::new(),
        };
        for (class, base) in found {
            let name = &class.name.name;
            family.classes.insert(name.clone(), class.clone());
            if let Some(base) = base {
                family.bases.insert(name.clone(), base.to_string());
            }
        }
        family
    }

    /// A class and those above it, the nearest first.
    pub(super) fn lineage(&self, class: &str) -> Vec<&str> {
        let mut out = Vec::new();
        let mut at = self.classes.get_key_value(class).map(|(name, _)| name);
        while let Some(name) = at {
            out.push(name.as_str());
            at = self
                .bases
                .get(name)
                .filter(|base| !out.contains(&base.as_str()));
        }
        out
    }

    /// The class that has the method which an exception of a class is asked for.
    pub(super) fn definer(&self, class: &str, name: &str) -> Option<&str> {
        let has = |c: &&str| self.method(c, name).is_some();
        self.lineage(class).into_iter().find(has)
    }

    pub(super) fn method(&self, class: &str, name: &str) -> Option<&Function> {
        let class = self.classes.get(class)?;
        method(&class.body, name).filter(|f| is_lifted(f))
    }

    /// The classes at and below one.
    pub(super) fn below<'s>(&'s self, class: &'s str) -> impl Iterator<Item = &'s str> {
        let names = self.classes.keys().map(String::as_str);
        names.filter(move |c| self.lineage(c).contains(&class))
    }

    /// Whether each class has a method of that name at most in one place above it.
    pub(super) fn is_alone(&self, name: &str) -> bool {
        let has = |c: &&String| self.method(c, name).is_some();
        self.classes.keys().filter(has).count() == 1
    }
}

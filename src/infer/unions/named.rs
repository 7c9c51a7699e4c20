//! What the unions of a module are called.
//!
//! Enters: the types of all variables, attributes, parameters and results. Leaves: for each
//! union the name of the class that stands for it. This module must not know what a union is
//! in Rust.

use super::{holds, is_union, variant};
use crate::infer::Inference;
use crate::infer::model::{Class, Fact};
use crate::ty::Ty;
use std::collections::BTreeSet;

/// What a union is called that has no better name.
const NAMELESS: &str = "Value";

/// The most kinds that a union is called after.
const MOST_NAMED: usize = 2;

impl Inference<'_> {
    /// Names every union that a variable, an attribute, a parameter or a result holds.
    pub(in crate::infer) fn name_unions(&mut self) {
        if !self.unite {
            return;
        }
        // What attributes and the module keep, and what only passes through functions.
        let mut kept: Vec<(String, Ty)> = Vec::new();
        for class in self.model.classes.values() {
            for (name, fact) in &class.fields {
                collect(name, &fact.ty, &mut kept);
            }
        }
        for (name, fact) in &self.model.variables {
            collect(name, &fact.ty, &mut kept);
        }
        for (name, constant) in &self.model.consts {
            collect(name, &constant.fact.ty, &mut kept);
        }
        let mut other: Vec<(String, Ty)> = Vec::new();
        for function in self.model.functions.iter().chain([&self.model.module]) {
            for (name, var) in &function.vars {
                collect(
                    crate::infer::scope::plain_name(name),
                    &var.fact.ty,
                    &mut other,
                );
            }
        }
        for function in &self.model.functions {
            let own = function.python_name.rsplit('.').next().unwrap_or_default();
            collect(own, &function.ret.ty, &mut other);
            let named = self.functions.get(&function.python_name);
            let named = named.into_iter().flat_map(|f| &f.params.list);
            for (param, fact) in named.zip(&function.params) {
                collect(&param.name.name, &fact.ty, &mut other);
            }
        }
        let all = || kept.iter().chain(&other);
        let places: BTreeSet<&Ty> = all().map(|(_, ty)| ty).collect();
        for ty in places {
            let within = |known: &Ty| known != ty && is_union(known) && holds(known, ty.kinds());
            let own = kept.iter().any(|(_, known)| known == ty);
            // What goes to a place of more kinds is of those.
            if !own && kept.iter().any(|(_, known)| within(known)) {
                continue;
            }
            let names = all().filter(|(_, known)| known == ty);
            let names = names.map(|(name, _)| name.to_lowercase());
            let names: BTreeSet<String> = names.filter(|n| !says_nothing(n)).collect();
            self.name_union(ty, &names);
        }
        // What nothing keeps.
        let mut passing: BTreeSet<Ty> = BTreeSet::new();
        for function in self.model.functions.iter().chain([&self.model.module]) {
            for fact in function.facts.values() {
                let mut unions = Vec::new();
                collect("", &fact.ty, &mut unions);
                passing.extend(unions.into_iter().map(|(_, ty)| ty));
            }
        }
        let mut passing: Vec<Ty> = passing.into_iter().collect();
        passing.sort_by_key(|ty| std::cmp::Reverse(ty.kinds().len()));
        for ty in passing {
            if self.model.union_of(&ty).is_none() {
                self.name_union(&ty, &BTreeSet::new());
            }
        }
    }

    /// Names a union after the one place that has it, or else after its kinds.
    fn name_union(&mut self, ty: &Ty, names: &BTreeSet<String>) {
        if !is_union(ty) {
            return;
        }
        let kinds = ty.kinds();
        let mut names = names.iter();
        let name = match (names.next(), names.next()) {
            (Some(name), None) => match name.as_str() {
                "result" | "option" | "error" | "string" | "number" => format!("{name}_value"),
                name => name.to_string(),
            },
            _ if kinds.len() <= MOST_NAMED => {
                let kinds: Vec<String> = kinds.iter().map(variant).collect();
                kinds.join("_or_")
            }
            _ => NAMELESS.to_string(),
        };
        let name = self.free_name(&name);
        let fields = kinds.iter().map(|k| (variant(k), Fact::of(k.clone())));
        let class = Class {
            fields: fields.collect(),
            ..Class::default()
        };
        self.model.classes.insert(name.clone(), class);
        self.model.unions.push((ty.clone(), name));
    }
}

/// Whether a name fits every value.
fn says_nothing(name: &str) -> bool {
    const COMMON: [&str; 13] = [
        "value", "val", "data", "item", "entry", "arg", "default", "other", "current", "get",
        "read", "load", "fetch",
    ];
    name.len() < 3
        || COMMON
            .iter()
            .any(|c| name == *c || name.strip_suffix('s') == Some(c))
}

/// The unions within a type.
fn collect(name: &str, ty: &Ty, out: &mut Vec<(String, Ty)>) {
    let one = match ty {
        Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. } | Ty::Set(_) => one_of(name),
        _ => name.to_string(),
    };
    for part in ty.parts() {
        collect(&one, part, out);
    }
    if ty.is_mixed() {
        out.push((one, ty.clone()));
    }
}

/// `token` of `tokens`.
fn one_of(name: &str) -> String {
    match name.strip_suffix('s') {
        Some(one) if one.len() > 2 && !one.ends_with('s') => one.to_string(),
        _ => name.to_string(),
    }
}

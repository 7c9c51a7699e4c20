//! Which dicts are of one class.
//!
//! Enters: the module and what is known of it. Leaves: [`Groups`]: displays whose dicts may
//! meet in one variable are one class. This module must not know how the dicts are used.

use super::{Known, entries, spread};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Expr, Module, NodeId};
use crate::infer::{Model, scope};
use crate::source::Span;
use crate::ty::{Fields, Ty};
use crate::value::field_name;
use std::collections::{BTreeMap, BTreeSet};

type Keys = BTreeSet<String>;

/// Dicts of one class.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    /// The name of the class.
    pub(super) name: String,
    /// The keys, and the attributes that they are.
    pub(super) fields: Vec<(String, String)>,
    /// The keys that some of the dicts lack, or lack for a while.
    pub(super) lacks: BTreeSet<String>,
    /// Whether all dicts have the keys in one order, and all of them.
    pub(super) fixed: bool,
    /// The first display.
    pub(super) span: Span,
    /// The keys whose entries may be None, and are no floats.
    pub(super) optional: BTreeSet<String>,
    /// Whether somebody asks whether two of them are equal.
    pub(super) compared: bool,
}

impl Group {
    /// The attribute that a key is.
    pub(super) fn attribute(&self, key: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == key);
        found.map(|(_, attr)| attr.as_str())
    }
}

/// All of them.
pub(super) struct Groups {
    by_keys: BTreeMap<Keys, usize>,
    groups: BTreeMap<usize, Group>,
}

impl Groups {
    pub(super) fn of(module: &Module, model: &Model, known: &Known<'_>) -> Self {
        let mut displays = Displays::default();
        displays.visit_block(&module.body);
        displays.spreads(known);
        let mut seen: BTreeSet<&Fields> = BTreeSet::new();
        let spreads = &displays.spreads;
        let literal = displays.found.iter().map(|(id, ..)| *id);
        let literal: BTreeSet<NodeId> = literal
            .filter(|id| spreads.iter().all(|(spread, _)| spread != id))
            .collect();
        for (id, types) in &known.types {
            if !literal.contains(id) {
                types.iter().for_each(|ty| collect(ty, &mut seen));
            }
        }
        for function in model.functions.iter().chain([&model.module]) {
            let vars = function.vars.values().map(|var| &var.fact);
            for fact in vars.chain(&function.params).chain([&function.ret]) {
                collect(&fact.ty, &mut seen);
            }
        }
        let classes = model.classes.values().flat_map(|class| &class.fields);
        let attributes = classes.map(|(_, fact)| fact);
        for fact in attributes.chain(model.variables.values()) {
            collect(&fact.ty, &mut seen);
        }
        for constant in model.consts.values() {
            collect(&constant.fact.ty, &mut seen);
        }
        let mut this = Self {
            by_keys: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        this.join(&displays, &seen);
        this.describe(&displays, &seen, model);
        this
    }

    /// Puts the kinds of dicts together that may meet.
    fn join(&mut self, displays: &Displays<'_>, seen: &BTreeSet<&Fields>) {
        let whole = |fields: &Fields| -> Keys { fields.iter().map(|(k, _)| k.clone()).collect() };
        for fields in seen {
            let next = self.by_keys.len();
            self.by_keys.entry(whole(fields)).or_insert(next);
        }
        let made: BTreeSet<Keys> = displays
            .found
            .iter()
            .map(|(_, _, keys)| owned(keys))
            .collect();
        for keys in &made {
            let next = self.by_keys.len();
            let known = seen.iter().any(|fields| {
                let fits = |(key, _): &(String, Ty)| fields.may_lack(key) || keys.contains(key);
                fields.iter().all(fits) && keys.iter().all(|key| fields.entry(key).is_some())
            });
            if known {
                self.by_keys.entry(keys.clone()).or_insert(next);
            }
        }
        for fields in seen.iter().filter(|fields| fields.is_partial()) {
            let all = whole(fields);
            let own = self.by_keys.get(&all).copied();
            let met: Vec<usize> = self
                .by_keys
                .iter()
                .filter(|(keys, _)| {
                    let fits = |key: &String| fields.may_lack(key) || keys.contains(key);
                    keys.is_subset(&all) && all.iter().all(fits)
                })
                .map(|(_, group)| *group)
                .collect();
            for group in self.by_keys.values_mut() {
                if let (true, Some(own)) = (met.contains(group), own) {
                    *group = own;
                }
            }
        }
    }

    /// The keys of each class, and its name.
    fn describe(&mut self, displays: &Displays<'_>, seen: &BTreeSet<&Fields>, model: &Model) {
        for (_, span, keys) in &displays.found {
            let Some(id) = self.by_keys.get(&owned(keys)) else {
                continue;
            };
            let group = self.groups.entry(*id).or_insert_with(|| Group {
                span: *span,
                fixed: true,
                ..Group::default()
            });
            let first = group.fields.is_empty();
            let before = group.fields.iter().map(|(key, _)| key.as_str());
            group.fixed &= first || before.eq(keys.iter().copied());
            for key in keys {
                if group.attribute(key).is_none() {
                    if !first {
                        group.lacks.insert((*key).to_string());
                    }
                    group.fields.push(((*key).to_string(), attribute(key)));
                }
            }
            let lacks = group.fields.iter().map(|(key, _)| key);
            let lacks = lacks.filter(|key| !keys.contains(&key.as_str()));
            group.lacks.extend(lacks.cloned());
        }
        for fields in seen {
            let keys: Keys = fields.iter().map(|(key, _)| key.clone()).collect();
            let id = self.by_keys.get(&keys);
            let Some(group) = id.and_then(|id| self.groups.get_mut(id)) else {
                continue;
            };
            for (key, _) in *fields {
                if group.attribute(key).is_none() {
                    group.fields.push((key.clone(), attribute(key)));
                    group.lacks.insert(key.clone());
                }
                if fields.may_lack(key) {
                    group.lacks.insert(key.clone());
                }
                if let Some(Ty::Option(inner)) = fields.entry(key)
                    && !inner.any(&|ty| matches!(ty, Ty::Float | Ty::Number | Ty::IntOrFloat))
                {
                    group.optional.insert(key.clone());
                }
            }
        }
        self.name(model);
        self.groups.retain(|_, group| {
            let mut attributes: Vec<&str> = group.fields.iter().map(|(_, a)| a.as_str()).collect();
            attributes.sort_unstable();
            attributes.dedup();
            let apart = attributes.len() == group.fields.len();
            let fine =
                |a: &&str| !a.is_empty() && !a.starts_with("__") && *a != "self" && *a != "equals";
            let shown = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
            let plain = group.fields.iter().all(|(key, _)| key.chars().all(shown));
            group.fixed &= group.lacks.is_empty() && plain;
            apart && attributes.iter().all(fine) && !group.name.is_empty()
        });
        // What is None while it is missing cannot be None when it is there.
        let mut torn = BTreeSet::new();
        for fields in seen {
            let Some(id) = self.group(fields) else {
                continue;
            };
            let Some(group) = self.groups.get(&id) else {
                continue;
            };
            let none = |ty: &Ty| matches!(ty, Ty::Option(_) | Ty::None | Ty::Unknown);
            if fields
                .iter()
                .any(|(key, ty)| group.lacks.contains(key) && none(ty))
            {
                torn.insert(id);
            }
        }
        self.groups.retain(|id, _| !torn.contains(id));
    }

    /// Names the classes: `Part` where a list of them is called `parts`.
    fn name(&mut self, model: &Model) {
        let mut names: Vec<(String, &Ty)> = Vec::new();
        let variables = model.variables.iter();
        names.extend(variables.filter_map(|(name, fact)| Some((one_of(name)?, &fact.ty))));
        let fields = model.classes.values().flat_map(|class| &class.fields);
        names.extend(fields.filter_map(|(name, fact)| Some((one_of(name)?, &fact.ty))));
        for function in model.functions.iter().chain([&model.module]) {
            for (name, var) in &function.vars {
                let own = scope::plain_name(name);
                names.extend(one_of(own).map(|name| (name, &var.fact.ty)));
            }
        }
        let names = names.into_iter().filter_map(|(name, ty)| match ty {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } | Ty::Dict { value: elem, .. } => {
                Some((name, &**elem))
            }
            _ => None,
        });
        let known = model.records.iter().map(|(ty, name)| (name.clone(), ty));
        let mut taken: BTreeSet<String> = model.classes.keys().cloned().collect();
        for (_, name) in &model.records {
            taken.remove(name);
        }
        for (name, ty) in names.chain(known) {
            if let Ty::Record(fields) = ty
                && let Some(id) = self.group(fields)
                && let Some(group) = self.groups.get_mut(&id)
                && group.name.is_empty()
                && taken.insert(name.clone())
            {
                group.name = name;
            }
        }
    }

    /// The class of a kind of dicts.
    pub(super) fn group(&self, fields: &Fields) -> Option<usize> {
        let keys: Keys = fields.iter().map(|(key, _)| key.clone()).collect();
        let id = self.by_keys.get(&keys)?;
        self.groups.contains_key(id).then_some(*id)
    }

    /// The class of a display with those keys.
    pub(super) fn display(&self, entries: &[(&str, &Expr)]) -> Option<usize> {
        let keys: Keys = entries.iter().map(|(key, _)| (*key).to_string()).collect();
        let id = self.by_keys.get(&keys)?;
        self.groups.contains_key(id).then_some(*id)
    }

    pub(super) fn get(&self, id: usize) -> Option<&Group> {
        self.groups.get(&id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = usize> + '_ {
        self.groups.keys().copied()
    }

    /// The classes of the dicts in a value.
    pub(super) fn within(&self, ty: &Ty, found: &mut BTreeSet<usize>) {
        let mut all = BTreeSet::new();
        collect(ty, &mut all);
        found.extend(all.into_iter().filter_map(|fields| self.group(fields)));
    }
}

fn owned(keys: &[&str]) -> Keys {
    keys.iter().map(|key| (*key).to_string()).collect()
}

/// `FreeSlot` of `free_slots`.
fn one_of(plural: &str) -> Option<String> {
    let one = plural.trim_matches('_').to_lowercase();
    let one = match one.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => one.strip_suffix('s')?.to_string(),
    };
    if one.len() < 2 || one.ends_with(['s', 'u', 'i']) {
        return None;
    }
    let words = one.split('_').filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        let mut chars = word.chars();
        name.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(chars.as_str());
    }
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(name)
}

/// The attribute that a key is.
fn attribute(key: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let plain = key.chars().all(word) && !key.starts_with(|c: char| c.is_ascii_digit());
    match plain {
        true => key.to_string(),
        false => field_name(key),
    }
}

/// The kinds of dicts within a type.
fn collect<'t>(ty: &'t Ty, found: &mut BTreeSet<&'t Fields>) {
    if let Ty::Record(fields) = ty {
        found.insert(fields);
    }
    ty.parts().into_iter().for_each(|part| collect(part, found));
}

/// The displays of a module, with their keys.
#[derive(Default)]
struct Displays<'m> {
    found: Vec<(NodeId, Span, Vec<&'m str>)>,
    /// Those with `**`, whose keys are those of their types.
    spreads: Vec<(NodeId, Span)>,
}

impl<'m> Displays<'m> {
    fn spreads(&mut self, known: &Known<'m>) {
        for (id, span) in &self.spreads {
            for fields in known.records(*id).filter(|fields| !fields.is_partial()) {
                let keys = fields.iter().map(|(key, _)| key.as_str()).collect();
                self.found.push((*id, *span, keys));
            }
        }
    }
}

impl<'m> Visitor<'m> for Displays<'m> {
    fn visit_expr(&mut self, e: &'m Expr) {
        if let Some(entries) = entries(e) {
            let keys = entries.into_iter().map(|(key, _)| key).collect();
            self.found.push((e.id, e.span, keys));
        } else if spread(e).is_some() {
            self.spreads.push((e.id, e.span));
        }
        visit::walk_expr(self, e);
    }
}

//! Classes that nothing relates, but whose objects stand in one place: `[Motor(), Servo()]`.
//!
//! Enters: the [`Model`] of a module. Leaves: which classes are to be one family, and what the
//! family is called after. This module must not know how a family is written.

use crate::desugar::Relatives;
use crate::infer::Model;
use crate::infer::scope::plain_name;
use crate::ty::{Ty, shown_class};
use std::collections::BTreeSet;

/// The shortest name that says what a place keeps.
const SHORTEST_NAME: usize = 3;

/// What a family's name starts with that has no better one.
const NAMELESS: &str = "Any";

/// Adds the classes that a value is of here and there; whether there are new ones.
pub fn relatives(model: &Model, known: &mut Vec<Relatives>) -> bool {
    let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut look = |name: &str, ty: &Ty| collect(model, name, ty, &mut found);
    for (name, fact) in &model.variables {
        look(name, &fact.ty);
    }
    for (name, constant) in &model.consts {
        look(name, &constant.fact.ty);
    }
    for class in model.classes.values() {
        for (name, fact) in &class.fields {
            look(name, &fact.ty);
        }
    }
    let mut functions: Vec<_> = model.functions.iter().chain([&model.module]).collect();
    for function in &functions {
        for (name, var) in &function.vars {
            look(plain_name(name), &var.fact.ty);
        }
    }
    functions.sort_by_key(|f| (&f.python_name, f.variant));
    for function in functions {
        let name = function.python_name.rsplit('.').next().unwrap_or_default();
        look(name, &function.ret.ty);
        let mut facts: Vec<_> = function.facts.iter().collect();
        facts.sort_by_key(|(id, _)| **id);
        for (_, fact) in facts {
            look("", &fact.ty);
        }
    }
    let before = known.clone();
    for (name, classes) in found {
        // Groups that share a class are one.
        let (joined, others): (Vec<_>, Vec<_>) = std::mem::take(known)
            .into_iter()
            .partition(|g| classes.contains(&g.name) || !g.classes.is_disjoint(&classes));
        *known = others;
        let own = classes
            .into_iter()
            .filter(|class| !joined.iter().any(|group| group.name == *class));
        let all: BTreeSet<String> = joined
            .iter()
            .flat_map(|group| group.classes.clone())
            .chain(own)
            .collect();
        let mut names = joined.into_iter().map(|group| group.name);
        let name = names
            .find(|name| !name.starts_with(NAMELESS))
            .unwrap_or_else(|| family_name(model, &name, &all));
        known.push(Relatives { name, classes: all });
    }
    known.sort();
    *known != before
}

/// The unrelated classes within a type.
fn collect(model: &Model, name: &str, ty: &Ty, found: &mut Vec<(String, BTreeSet<String>)>) {
    let one = match ty {
        Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. } | Ty::Record(_) => one_of(name),
        _ => name.to_lowercase(),
    };
    if let Ty::Mixed(kinds) = ty {
        // Of a family that has a base, all that belong to it.
        let of = |class: &String| match model.classes.get(class) {
            Some(family) if !family.variants.is_empty() => family.variants.clone(),
            _ => vec![class.clone()],
        };
        let shown = |class: String| shown_class(&class).to_string();
        let classes: BTreeSet<String> = kinds
            .iter()
            .filter_map(|kind| match kind {
                Ty::Instance(class) => Some(of(class)),
                _ => None,
            })
            .flatten()
            .map(shown)
            .collect();
        if classes.len() > 1 {
            found.push((one.clone(), classes));
        }
    }
    for part in ty.parts() {
        collect(model, &one, part, found);
    }
}

/// `device` of `devices`.
fn one_of(name: &str) -> String {
    let lower = name.to_lowercase();
    match lower.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None if lower.ends_with("ss") => lower,
        None => lower.strip_suffix('s').unwrap_or(&lower).to_string(),
    }
}

/// `Device` for what `devices` keeps, or else the end that the classes' names share.
fn family_name(model: &Model, place: &str, classes: &BTreeSet<String>) -> String {
    let taken = |name: &str| {
        model.classes.keys().any(|class| shown_class(class) == name)
            || model.globals.contains_key(name)
            || model.scopes.contains_key(name)
    };
    let mut of_place = String::new();
    for word in place.split('_').filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        of_place.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        of_place.push_str(chars.as_str());
    }
    let mut shared: Option<&str> = None;
    for class in classes {
        shared = Some(match shared {
            Some(known) => {
                let alike = known.chars().rev().zip(class.chars().rev());
                let len: usize = alike
                    .take_while(|(a, b)| a == b)
                    .map(|(a, _)| a.len_utf8())
                    .sum();
                known.get(known.len() - len..).unwrap_or_default()
            }
            None => class,
        });
    }
    // `ed` of `Fixed` and `Timed` is no word.
    let shared = shared.and_then(|end| end.find(char::is_uppercase).and_then(|at| end.get(at..)));
    let first = classes.first().map_or("", String::as_str);
    [shared.unwrap_or_default(), &of_place]
        .into_iter()
        .find(|name| name.len() >= SHORTEST_NAME && name.is_ascii() && !taken(name))
        .map_or_else(|| format!("{NAMELESS}{first}"), str::to_string)
}

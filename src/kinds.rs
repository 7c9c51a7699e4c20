//! Classes whose instances hold values of types that have nothing in common.
//!
//! Enters: the module, its [`Model`], and how a module is inferred. Leaves: the same module,
//! where `Ring(8)` for numbers and `Ring(3)` for points are instances of two classes; nothing
//! where no class comes apart so. This module must not know Rust syntax.
//!
//! Every place that makes instances is tried with a copy of the class of its own; places whose
//! copies hold the same types then share one.

use crate::ast::{Module, NodeId, StmtKind};
use crate::desugar::class_copies::{copied, sites};
use crate::infer::Model;
use crate::infer::two_types::{contradicts, kind};
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// The most places for which a class is copied.
const MOST_SITES: usize = 12;

/// How often a class is parted whose instances other instances hold.
const MOST_LAYERS: usize = 4;

/// What an instance holds and takes, by name.
type Shape = BTreeMap<String, Ty>;

/// Parts the classes that hold several kinds of values; nothing where there are none.
pub fn classes(module: &Module, model: &Model, infer: &dyn Fn(&Module) -> Model) -> Option<Module> {
    let mut parted: Option<(Module, Model)> = None;
    let mut given_up = BTreeSet::new();
    for _ in 0..MOST_LAYERS {
        let (now, model) = match &parted {
            Some((module, model)) => (module, model),
            None => (module, model),
        };
        let torn = torn(now, model)
            .into_iter()
            .find(|(class, _)| !given_up.contains(class));
        let Some((class, sites)) = torn else { break };
        match part(now, &class, &sites, infer) {
            Some(next) => parted = Some(next),
            None => {
                given_up.insert(class);
            }
        }
    }
    parted.map(|(module, _)| module)
}

/// The classes that hold contradictory values, with the places that make their instances.
fn torn(module: &Module, model: &Model) -> Vec<(String, Vec<NodeId>)> {
    let mut torn = Vec::new();
    for stmt in &module.body.stmts {
        let StmtKind::Class(class) = &stmt.kind else {
            continue;
        };
        let name = &class.name.name;
        if !shape(model, name).values().any(contradicts) {
            continue;
        }
        if let Some(sites) = sites(module, class)
            && (2..=MOST_SITES).contains(&sites.len())
        {
            torn.push((name.clone(), sites));
        }
    }
    torn
}

/// The types of a class's attributes, of its methods' parameters, and of what they give.
fn shape(model: &Model, class: &str) -> Shape {
    let mut shape: Shape = BTreeMap::new();
    let mut put = |name: String, ty: &Ty| {
        let joined = shape.get(&name).map_or_else(|| ty.clone(), |t| t.join(ty));
        shape.insert(name, joined);
    };
    if let Some(class) = model.classes.get(class) {
        for (name, fact) in &class.fields {
            put(name.clone(), &fact.ty);
        }
    }
    for function in &model.functions {
        let Some((of, method)) = function.python_name.split_once('.') else {
            continue;
        };
        if of == class {
            for (i, param) in function.params.iter().enumerate().skip(1) {
                put(format!("{method}.{i}"), &param.ty);
            }
        }
    }
    shape
}

/// The module with the class once for each kind of values.
fn part(
    module: &Module,
    class: &str,
    sites: &[NodeId],
    infer: &dyn Fn(&Module) -> Model,
) -> Option<(Module, Model)> {
    let one = |name: String, site: &NodeId| (name, BTreeSet::from([*site]));
    let tried: Vec<_> = sites
        .iter()
        .zip(1..)
        .skip(1)
        .map(|(site, i)| one(format!("{class}{i}"), site))
        .collect();
    let mut trial = module.clone();
    let names = copied(&mut trial, class, &tried);
    let model = infer(&trial);
    let mut groups: Vec<(Shape, BTreeSet<NodeId>)> = Vec::new();
    for (site, name) in sites
        .iter()
        .zip(std::iter::once(class.to_string()).chain(names))
    {
        let own = shape(&model, &name);
        let fits = groups.iter_mut().find_map(|(shape, group)| {
            let joined = join(shape, &own);
            (!joined.values().any(contradicts)).then_some((shape, group, joined))
        });
        match fits {
            Some((shape, group, joined)) => {
                *shape = joined;
                group.insert(*site);
            }
            None => groups.push((own, BTreeSet::from([*site]))),
        }
    }
    let whole = |(shape, _): &(Shape, _)| !shape.values().any(contradicts);
    if groups.len() < 2 || !groups.iter().any(whole) {
        return None;
    }
    let mut wanted = Vec::new();
    let first = groups.first().map(|(shape, _)| shape.clone())?;
    for (shape, group) in groups.into_iter().skip(1) {
        wanted.push((named(class, &first, &shape), group));
    }
    let mut parted = module.clone();
    copied(&mut parted, class, &wanted);
    let model = infer(&parted);
    Some((parted, model))
}

fn join(a: &Shape, b: &Shape) -> Shape {
    let mut joined = a.clone();
    for (name, ty) in b {
        let both = joined
            .get(name)
            .map_or_else(|| ty.clone(), |known| known.join(ty));
        joined.insert(name.clone(), both);
    }
    joined
}

/// `TextStack` for a `Stack` of texts: by the first that is not as in the class itself.
fn named(class: &str, first: &Shape, own: &Shape) -> String {
    let differs = |(name, ty): (&String, &Ty)| {
        let other = first.get(name)?;
        contradicts(&other.join(ty)).then(|| ty.clone())
    };
    let ty = own.iter().find_map(differs).unwrap_or(Ty::Unknown);
    let ty = match ty {
        Ty::List { elem, .. } | Ty::Deque { elem, .. } if *elem != Ty::Unknown => *elem,
        ty => ty,
    };
    let kind = match &ty {
        Ty::Tuple(items) if items.len() == 2 => "pair".to_string(),
        Ty::Tuple(items) if items.len() == 3 => "triple".to_string(),
        ty => kind(ty),
    };
    let mut out = String::new();
    for word in kind.split('_').filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    format!("{out}{class}")
}

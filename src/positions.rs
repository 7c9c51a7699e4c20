//! Names of objects that a list or a dict keeps, as the places of the objects in it.
//!
//! Enters: the module and its [`Model`], with the objects that ownership found under two
//! names. Leaves: the same module, where such a name holds the position of its object and
//! `best.x` is `tracks[best].x`; nothing where no object can be followed so. What is not
//! sure is left as it was, and stays a hole. This module must not know Rust syntax.
//!
//! A name can be a position where all that is ever bound to it are elements of one
//! container, which is reached by the same path wherever the name is used, and which keeps
//! its elements where they are for as long as the name is in use.

mod flows;
mod homes;
mod rewrite;
mod stable;
mod stored;

use crate::ast::{Function, Module, NodeId, StmtKind};
use crate::infer::Model;
use crate::infer::scope::{self, FnScope};
use crate::ty::Ty;
use homes::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Rewrites names of objects under two names as positions, and those of loops over lists that
/// are changed meanwhile (`looped`); nothing where there are none.
pub fn positions(module: &Module, model: &Model, looped: &BTreeSet<NodeId>) -> Option<Module> {
    if model.two_names.is_empty() && looped.is_empty() {
        return None;
    }
    let names = Names::of(module, model, looped);
    if let Some(rewritten) = stored::stored(module, &names) {
        return Some(rewritten);
    }
    let flows = flows::flows(&names);
    let looped: BTreeSet<&Place> = flows
        .iter()
        .filter(|flow| matches!(flow.from, flows::From::Each(_)))
        .map(|flow| &flow.to)
        .collect();
    let mut dropped = BTreeSet::new();
    // Each turn drops at least one group of places.
    loop {
        let homes = homes::homes(&names, &flows, &dropped);
        if homes.is_empty() {
            return None;
        }
        let effects = stable::Effects::of(&names, &homes);
        let unsure: BTreeSet<Place> = homes
            .iter()
            .filter(|(place, home)| {
                homes.values().any(|home| home.is_at(place))
                    || !effects.keeps(place, home, looped.contains(place))
            })
            .map(|(place, _)| place.clone())
            .collect();
        if !unsure.is_empty() {
            let before = dropped.len();
            dropped.extend(unsure);
            if dropped.len() == before {
                return None;
            }
            continue;
        }
        match rewrite::module(module, &names, &homes) {
            Ok(rewritten) => return Some(rewritten),
            Err(place) => {
                if !dropped.insert(place) {
                    return None;
                }
            }
        }
    }
}

/// What is known of the functions of a module.
struct Names<'m> {
    model: &'m Model,
    /// Expressions whose objects have a second name.
    two_names: BTreeSet<NodeId>,
    /// By `f`, `Class.method`.
    functions: BTreeMap<String, Own<'m>>,
}

/// A function and its names.
struct Own<'m> {
    function: &'m Function,
    scope: FnScope,
    /// The instance, in a method.
    receiver: Option<(&'m str, &'m str)>,
}

impl<'m> Names<'m> {
    fn of(module: &'m Module, model: &'m Model, looped: &BTreeSet<NodeId>) -> Self {
        let two_names = model.two_names.union(looped).copied().collect();
        let mut functions = BTreeMap::new();
        for stmt in &module.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => {
                    let own = Own {
                        function,
                        scope: scope::resolve(function),
                        receiver: None,
                    };
                    functions.insert(function.name.name.clone(), own);
                }
                StmtKind::Class(class) => {
                    for inner in &class.body.stmts {
                        let StmtKind::Function(method) = &inner.kind else {
                            continue;
                        };
                        let bound = matches!(
                            method.method_kind(),
                            Ok(crate::ast::MethodKind::Method
                                | crate::ast::MethodKind::Property
                                | crate::ast::MethodKind::Setter)
                        );
                        let first = method.params.list.first().filter(|_| bound);
                        let own = Own {
                            function: method,
                            scope: scope::resolve(method),
                            receiver: first
                                .map(|p| (class.name.name.as_str(), p.name.name.as_str())),
                        };
                        functions.insert(format!("{}.{}", class.name.name, method.name.name), own);
                    }
                }
                _ => {}
            }
        }
        Self {
            model,
            two_names,
            functions,
        }
    }

    /// The type of an expression, over all ways in which its function is called.
    fn ty(&self, function: &str, node: NodeId) -> Ty {
        let instances = self.model.functions.iter();
        let instances = instances.filter(|f| f.python_name == function);
        let tys = instances.filter_map(|f| f.facts.get(&node));
        tys.fold(Ty::Unknown, |ty, fact| ty.join(&fact.ty))
    }

    /// The function that a call goes to.
    fn callee(&self, function: &str, call: NodeId) -> Option<&str> {
        let mut instances = self.model.functions.iter();
        let id = instances
            .by_ref()
            .filter(|f| f.python_name == function)
            .find_map(|f| f.calls.get(&call))?;
        let callee = self.model.functions.get(id.0)?;
        Some(callee.python_name.as_str())
    }
}

/// The class of the objects that a value is, or is a list of; whether it is a list.
fn objects(ty: &Ty, model: &Model) -> Option<(String, bool)> {
    match ty.narrowed() {
        Ty::Instance(class) if !model.is_value(&Ty::Instance(class.clone()), 0) => {
            Some((class, false))
        }
        Ty::List { elem, .. } => match *elem {
            Ty::Instance(class) if !model.is_value(&Ty::Instance(class.clone()), 0) => {
                Some((class, true))
            }
            _ => None,
        },
        _ => None,
    }
}

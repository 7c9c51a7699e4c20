//! Objects with two owners: two names for one list mean one list.
//!
//! Enters: the module and its [`Model`]. Leaves: a problem in the model for every value that
//! is stored a second time and changed afterwards, so that a copy of it would not be the
//! same. What is not changed may be copied, what nobody uses any more is moved. This module
//! must not know Rust syntax.
//!
//! Every variable, attribute, return value and the elements of each of them is a *place*.
//! Values flow from place to place; what is changed through one place is changed in all
//! places that its object may have come from. The order of statements counts only where a
//! local variable looks at an object that something else holds.

mod at_once;
mod graph;
mod level;
mod walk;

use crate::ast::{Function, Module, NodeId, StmtKind};
use crate::diagnostic::Code;
use crate::infer::scope::{self, FnScope};
use crate::infer::{Model, Problem};
use crate::ty::Ty;
use graph::Graph;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use walk::Walk;

/// Finds the objects with two owners; `level` is the function that the module's own code
/// counts as.
pub fn ownership(module: &Module, level: &Function, model: &mut Model) {
    let mut functions = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(function) => {
                functions.insert(function.name.name.clone(), function);
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(method) = &inner.kind {
                        let key = format!("{}.{}", class.name.name, method.name.name);
                        functions.insert(key, method);
                    }
                }
            }
            _ => {}
        }
    }
    let scopes: Scopes<'_> = functions
        .iter()
        .map(|(key, function)| (key.as_str(), Rc::new(scope::resolve(function))))
        .collect();
    let mut owned = BTreeSet::new();
    for (key, function) in &functions {
        if let Some(scope) = scopes.get(key.as_str()) {
            walk::reads::rebound_params(function, scope, &mut owned);
        }
    }
    let at_once = at_once::used_at_once(module, model);
    let ends = level::last_names(module);
    let of_module = Level {
        module,
        function: level,
        ends: &ends,
        at_once: &at_once,
    };
    let mut graph = flows(model, (&functions, &scopes), &of_module, &owned);
    // The lists that are taken apart, with the parameters that they are; those that callers
    // need afterwards.
    let mut taken: Vec<Vec<NodeId>> = Vec::new();
    let mut needed = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        // What a function keeps or gives back, and changes, it takes by value; whose elements
        // it keeps, and nobody needs any more, it takes apart.
        let conflicts = graph.conflicts();
        let before = owned.clone();
        let into = conflicts.iter().filter_map(|c| graph.given.get(&c.to));
        let into: BTreeSet<NodeId> = into.copied().collect();
        for group in taken.extract_if(.., |group| group.iter().any(|id| into.contains(id))) {
            needed.extend(group);
        }
        owned.retain(|id| !needed.contains(id));
        owned.extend(conflicts.iter().filter_map(|c| c.param));
        owned.extend(conflicts.iter().filter(|c| c.lends).map(|c| c.node));
        for copy in &conflicts {
            if !copy.run_out.iter().any(|id| needed.contains(id)) {
                owned.extend(&copy.run_out);
                taken.push(copy.run_out.clone());
            }
        }
        if owned == before {
            break;
        }
        drop(graph);
        graph = flows(model, (&functions, &scopes), &of_module, &owned);
    }
    model.owned = owned;
    model.stored = graph.stored();
    model.moved = std::mem::take(&mut graph.moves);
    model.taken = std::mem::take(&mut graph.taken);
    model.replaced = std::mem::take(&mut graph.replaced);
    model.named = std::mem::take(&mut graph.named);
    for (node, span, message) in &graph.refused {
        let problem = Problem::new(Code::PartlyHandled, message.clone())
            .with_help("pass a copy where one will do, or do both in one function");
        model.problems.entry(*node).or_insert((*span, problem));
    }
    model.lent_twice = std::mem::take(&mut graph.lent_twice);
    model.lent_parts = std::mem::take(&mut graph.lent_parts);
    let conflicts = graph.conflicts();
    model.looks = graph.looks(&conflicts);
    for copy in conflicts {
        model.two_names.insert(copy.node);
        let what = match &copy.ty {
            Ty::Instance(class) => format!("one `{}` here", crate::ty::shown_class(class)),
            Ty::Option(_) | Ty::Tuple(_) => "one object here".to_string(),
            other => format!(
                "one {} here",
                other.describe().split(' ').next().unwrap_or("object")
            ),
        };
        let text = match copy.target.as_str() {
            "" => format!(
                "`{}` has two owners, is {what}, and is changed",
                copy.source
            ),
            target => format!(
                "`{}` and {target} are {what}, and it is changed: a copy would not be",
                copy.source
            ),
        };
        let help = match &copy.ty {
            Ty::List { .. } => format!("where a copy will do, write `{}[:]`", copy.source),
            _ => "make the object where it is kept, or use it there".to_string(),
        };
        let problem = Problem::new(Code::PartlyHandled, text).with_help(help);
        model
            .problems
            .entry(copy.node)
            .or_insert((copy.span, problem));
    }
}

/// The names of the functions, by their keys.
type Scopes<'s> = BTreeMap<&'s str, Rc<FnScope>>;

/// How often what is given away may give away something else.
const MOST_ROUNDS: usize = 6;

/// The code of the module outside of functions.
struct Level<'w> {
    module: &'w Module,
    /// What it counts as.
    function: &'w Function,
    /// The expressions that name a variable of the module for the last time.
    ends: &'w BTreeSet<NodeId>,
    /// The functions whose callers use up at once what they give.
    at_once: &'w BTreeSet<String>,
}

/// What flows where in all functions, and at the level of the module.
fn flows<'w>(
    model: &'w Model,
    (functions, scopes): (&'w BTreeMap<String, &'w Function>, &Scopes<'_>),
    level: &Level<'w>,
    owned: &'w BTreeSet<NodeId>,
) -> Graph {
    let mut graph = Graph::default();
    graph.at_once.clone_from(level.at_once);
    Walk::of_module(model, functions, &mut graph, level, owned).module(level.module);
    for (key, function) in functions {
        let scope = scopes.get(key.as_str()).cloned().unwrap_or_default();
        let named = (key.as_str(), *function, scope);
        Walk::of(model, functions, &mut graph, named, owned).function();
    }
    graph.solve();
    graph
}

/// Whether a value of that type is, or holds, an object that can be changed.
fn holds_objects(ty: &Ty, model: &Model) -> bool {
    match ty {
        Ty::Option(inner) => holds_objects(inner, model),
        Ty::Tuple(items) => items.iter().any(|ty| holds_objects(ty, model)),
        Ty::Instance(_) if model.is_value(ty, 0) => false,
        other => other.is_shared(),
    }
}

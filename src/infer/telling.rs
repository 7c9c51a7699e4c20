//! Numbers whose value tells whether they are ints or floats.
//!
//! What is an int on one path and a float on another is an `f64`, as long as nobody can tell
//! the difference. Where somebody does (its text, an int field, a product beyond 2**53), all
//! that the value comes from and goes to keeps which of them it is: [`Ty::IntOrFloat`].
//!
//! Enters: the module with its facts, and the expressions that show the difference. Leaves:
//! the places and expressions whose numbers tell, the nodes of a unification. This module
//! must not know what a number that tells is in Rust.

mod walk;

use super::Inference;
use super::eval::Scope;
use super::fixed::Place;
use super::model::{Fact, Model};
use crate::ast::{Expr, Module, NodeId};
use crate::source::Span;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// What holds numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Expr(NodeId),
    Place(Place),
}

/// The places and expressions whose numbers tell what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Telling {
    places: BTreeSet<Place>,
    nodes: BTreeSet<NodeId>,
}

impl Telling {
    /// All that the numbers of some expressions come from and go to, beside what is known; and
    /// of those that hang together, the first.
    pub(super) fn with(&self, module: &Module, model: &Model) -> (Self, BTreeMap<NodeId, Span>) {
        let seeds = &model.tells;
        let mut together = Together::default();
        walk::walk(module, model, &mut together);
        let mut roots: BTreeSet<usize> = BTreeSet::new();
        let mut by_place: Vec<(NodeId, Span)> = seeds.iter().map(|(id, at)| (*id, *at)).collect();
        by_place.sort_by_key(|(_, span)| span.start);
        // A field of the app's types has a type that nobody changes: the hole stays.
        let fixed: BTreeSet<usize> = together
            .fixed
            .difference(&together.written)
            .filter_map(|id| together.root_of(&Node::Expr(*id)))
            .collect();
        let is_first = |(id, _): &(NodeId, Span)| match together.root_of(&Node::Expr(*id)) {
            Some(root) => !fixed.contains(&root) && roots.insert(root),
            None => false,
        };
        let first = by_place.into_iter().filter(is_first).collect();
        let mut all = self.clone();
        let free = |id: &&NodeId| {
            let root = together.root_of(&Node::Expr(**id));
            root.is_none_or(|root| !fixed.contains(&root))
        };
        all.nodes.extend(seeds.keys().filter(free));
        for (node, at) in together.nodes.clone() {
            if !roots.contains(&together.root(at)) {
                continue;
            }
            match node {
                Node::Expr(id) => {
                    all.nodes.insert(id);
                }
                Node::Place(place) => {
                    all.places.insert(place);
                }
            }
        }
        (all, first)
    }

    /// The fact of an expression.
    pub(super) fn fact(&self, id: NodeId, fact: Fact) -> Fact {
        match self.nodes.contains(&id) {
            true => Fact {
                ty: fact.ty.telling(),
                ..fact
            },
            false => fact,
        }
    }
}

impl Inference<'_> {
    /// What the places hold whose numbers tell.
    pub(super) fn tell_places(&mut self) {
        let mut changed = false;
        let places = &self.telling.places;
        if places.is_empty() {
            return;
        }
        let mut tell = |place: Place, fact: &mut Fact| {
            if places.contains(&place) && fact.ty.any(&|ty| *ty == Ty::Number) {
                fact.ty = fact.ty.telling();
                changed = true;
            }
        };
        let functions = &self.functions;
        self.model.functions.each(|function| {
            let key = &function.python_name;
            for (version, var) in &mut function.vars {
                tell(Place::Local(key.clone(), version.clone()), &mut var.fact);
            }
            let named = functions.get(key).map(|f| &f.params.list);
            for (fact, param) in function.params.iter_mut().zip(named.into_iter().flatten()) {
                tell(Place::Local(key.clone(), param.name.name.clone()), fact);
            }
            tell(Place::Ret(key.clone()), &mut function.ret);
        });
        for (name, fact) in &mut self.model.variables {
            tell(Place::Global(name.clone()), fact);
        }
        for (name, constant) in &mut self.model.consts {
            tell(Place::Global(name.clone()), &mut constant.fact);
        }
        self.model.classes.each(|class| {
            for (name, fact) in &mut class.fields {
                tell(Place::Attr(name.clone()), fact);
            }
        });
        self.changed |= changed;
        self.model.telling = places
            .iter()
            .filter_map(|place| match place {
                Place::Global(name) => Some(name.clone()),
                Place::Attr(_) | Place::Local(..) | Place::Ret(_) => None,
            })
            .collect();
    }

    /// Notes that an expression shows whether a number is an int or a float.
    pub(super) fn tells(&mut self, id: NodeId, span: Span) {
        if self.recording {
            self.model.tells.insert(id, span);
        }
    }

    /// As [`Inference::tells`], where its type does not say which it is.
    pub(super) fn tells_of(&mut self, scope: &Scope<'_>, e: &Expr) {
        if scope.fact(e.id).ty.any(&|ty| *ty == Ty::Number) {
            self.tells(e.id, e.span);
        }
    }
}

/// Whether a type holds numbers that are ints on one path and floats on another.
fn is_mixed(ty: &Ty) -> bool {
    ty.any(&|ty| matches!(ty, Ty::Number | Ty::IntOrFloat))
}

/// What numbers pass between, as a unification.
#[derive(Debug, Default)]
struct Together {
    nodes: BTreeMap<Node, usize>,
    parents: Vec<usize>,
    /// Fields of the app's types.
    fixed: BTreeSet<NodeId>,
    /// What is only written.
    written: BTreeSet<NodeId>,
}

impl Together {
    fn at(&mut self, node: Node) -> usize {
        let next = self.parents.len();
        let at = *self.nodes.entry(node).or_insert(next);
        if at == next {
            self.parents.push(next);
        }
        at
    }

    fn root(&self, mut at: usize) -> usize {
        while let Some(parent) = self.parents.get(at).copied().filter(|p| *p != at) {
            at = parent;
        }
        at
    }

    fn root_of(&self, node: &Node) -> Option<usize> {
        self.nodes.get(node).map(|at| self.root(*at))
    }

    fn join(&mut self, a: Node, b: Node) {
        let (a, b) = (self.at(a), self.at(b));
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.parents.get_mut(a) {
            *parent = b;
        }
    }
}

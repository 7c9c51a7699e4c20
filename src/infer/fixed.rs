//! Lists that keep their length: poses, state vectors, rows of a matrix. Where every list
//! that can get to a place is a display of one length, and nothing makes it longer,
//! shorter, or hands it to code that we do not know, it is an array.
//!
//! Enters: the module, and the names that messages use for their fields. Leaves: for each
//! expression that makes such a list, and for each place that holds one, its lengths. This
//! module must not know types.
//!
//! Lists are followed as in a unification: variables, attributes (by name, over all
//! classes), parameters, what functions return and the elements of each of them are nodes,
//! and what is assigned is one with what it is assigned to. A copy only takes over the
//! length of what it is a copy of.

mod graph;
mod rows;
mod walk;

pub use rows::rows;

use crate::ast::{Module, NodeId};
use crate::project::{StructKind, TypeDef, TypeTable};
use crate::ty::Ty;
use graph::Graph;
use std::collections::{BTreeMap, BTreeSet};
use walk::{Scopes, Walk};

/// Longer lists stay lists: of numbers, and of lists.
const LONGEST: usize = 32;
const MOST_ROWS: usize = 16;

/// What can hold a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// An attribute of that name.
    Attr(String),
    /// A variable of the module.
    Global(String),
    /// A variable of a function (`f`, `Class.method`), by its version.
    Local(String, String),
    /// What a function returns.
    Ret(String),
}

/// The length of a list, and of the lists in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    len: Option<usize>,
    elem: Option<Box<Shape>>,
    items: Vec<Option<Shape>>,
}

/// The lists that keep their lengths.
#[derive(Debug, Default)]
pub(super) struct Fixed {
    places: BTreeMap<Place, Shape>,
    made: BTreeMap<NodeId, Shape>,
    copies: BTreeSet<NodeId>,
}

impl Fixed {
    /// Those of a module; `open` says that others call its functions, and `known` gives the
    /// names of those whose names are known.
    pub(super) fn of(module: &Module, types: &TypeTable, open: bool, known: Scopes<'_>) -> Self {
        let mut graph = Graph::default();
        Walk::of(module, &mut graph, field_names(types), open, known).module();
        graph.solve();
        Self {
            places: graph.places().collect(),
            made: graph.made().collect(),
            copies: graph.copies().collect(),
        }
    }

    /// The type of what a place gets, with the lengths of the lists in it.
    pub(super) fn ty(&self, place: &Place, ty: &Ty) -> Ty {
        match self.places.get(place) {
            Some(shape) => shaped(ty, shape),
            None => ty.clone(),
        }
    }

    /// The expressions that copy a list: what they give is another object.
    pub(super) fn copies(self) -> BTreeSet<NodeId> {
        self.copies
    }

    /// The type of an expression that makes a list.
    pub(super) fn made(&self, node: NodeId, ty: Ty) -> Ty {
        match self.made.get(&node) {
            Some(shape) => shaped(&ty, shape),
            None => ty,
        }
    }
}

/// The fields of messages by name: what an attribute of one gets comes from elsewhere.
fn field_names(types: &TypeTable) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for def in types.defs.values() {
        if let TypeDef::Struct(def) = def
            && let StructKind::Record(fields) = &def.kind
        {
            names.extend(fields.iter().map(|field| field.python_name.clone()));
        }
    }
    names
}

/// The type with the lengths of its lists, as far as their elements are numbers.
fn shaped(ty: &Ty, shape: &Shape) -> Ty {
    let inner = |ty: &Ty| match &shape.elem {
        Some(elem) => Box::new(shaped(ty, elem)),
        None => Box::new(ty.clone()),
    };
    match ty {
        Ty::List {
            elem,
            store: None,
            len: None,
            kind,
        } => {
            let elem = inner(elem);
            let most = match &*elem {
                Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat | Ty::Bool | Ty::Unknown => {
                    LONGEST
                }
                Ty::List { len: Some(_), .. } => MOST_ROWS,
                _ => 0,
            };
            Ty::List {
                elem,
                store: None,
                len: shape.len.filter(|len| (1..=most).contains(len)),
                kind: *kind,
            }
        }
        Ty::Option(of) => Ty::Option(Box::new(shaped(of, shape))),
        Ty::Tuple(items) if items.len() == shape.items.len() => {
            let items = items.iter().zip(&shape.items);
            Ty::Tuple(
                items
                    .map(|(ty, shape)| match shape {
                        Some(shape) => shaped(ty, shape),
                        None => ty.clone(),
                    })
                    .collect(),
            )
        }
        Ty::Dict {
            key,
            value,
            ordered,
            missing,
        } => Ty::Dict {
            key: key.clone(),
            value: inner(value),
            ordered: *ordered,
            missing: *missing,
        },
        Ty::Deque { elem, maxlen } => Ty::Deque {
            elem: inner(elem),
            maxlen: maxlen.clone(),
        },
        other => other.clone(),
    }
}

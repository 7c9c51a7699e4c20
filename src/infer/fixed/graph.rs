//! Nodes for lists, made one where they may be one list, and the lengths that follow.

use super::{Place, Shape};
use crate::ast::NodeId;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// A list, or several that may be one.
pub(super) type Node = usize;

/// How deep lists within lists are told.
const DEPTH: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Len {
    /// Nothing is known yet.
    Unknown,
    Known(usize),
    /// It changes, or differs.
    Varies,
}

impl Len {
    fn join(self, other: Len) -> Len {
        match (self, other) {
            (Len::Unknown, len) | (len, Len::Unknown) => len,
            (Len::Known(a), Len::Known(b)) if a == b => self,
            _ => Len::Varies,
        }
    }
}

#[derive(Debug)]
struct Data {
    /// The node that it is one with; itself if there is none.
    of: Cell<Node>,
    len: Len,
    elem: Option<Node>,
    /// The items of a tuple.
    items: Option<Vec<Node>>,
    /// Code that we do not know may have it.
    escapes: bool,
    /// Something shows whether it is a list or a tuple.
    told: bool,
    /// An index of it is computed.
    indexed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Data>,
    places: BTreeMap<Place, Node>,
    /// The expressions that make a list.
    made: BTreeMap<NodeId, Node>,
    /// Copies: the expression, the new list and the old one.
    copies: Vec<(NodeId, Node, Node)>,
    /// The node of each expression, where somebody asks for it.
    pub(super) seen: Option<BTreeMap<NodeId, Node>>,
}

impl Graph {
    pub(super) fn fresh(&mut self) -> Node {
        let of = self.nodes.len();
        self.nodes.push(Data {
            of: Cell::new(of),
            len: Len::Unknown,
            elem: None,
            items: None,
            escapes: false,
            told: false,
            indexed: false,
        });
        of
    }

    /// A list of which nobody knows the length.
    pub(super) fn any(&mut self) -> Node {
        let node = self.fresh();
        self.varies(node);
        node
    }

    pub(super) fn place(&mut self, place: Place) -> Node {
        if let Some(node) = self.places.get(&place) {
            return *node;
        }
        let node = self.fresh();
        self.places.insert(place, node);
        node
    }

    /// The list that an expression makes, with its length if it has one.
    pub(super) fn make(&mut self, at: NodeId, len: Option<usize>) -> Node {
        let node = self.fresh();
        if let Some(data) = self.nodes.get_mut(node) {
            data.len = len.map_or(Len::Varies, Len::Known);
        }
        self.made.insert(at, node);
        node
    }

    /// The list that an expression makes as long as another.
    pub(super) fn copy(&mut self, at: NodeId, from: Node) -> Node {
        let node = self.fresh();
        self.made.insert(at, node);
        self.copies.push((at, node, from));
        let elem = self.elem(from);
        self.set_elem(node, elem);
        node
    }

    pub(super) fn tuple(&mut self, items: Vec<Node>) -> Node {
        let node = self.fresh();
        if let Some(data) = self.nodes.get_mut(node) {
            data.items = Some(items);
        }
        node
    }

    /// The node that stands for all that it is one with. The way there is made shorter.
    fn root(&self, node: Node) -> Node {
        let mut at = node;
        while let Some(data) = self.nodes.get(at).filter(|data| data.of.get() != at) {
            let next = data.of.get();
            if let Some(after) = self.nodes.get(next) {
                data.of.set(after.of.get());
            }
            at = next;
        }
        at
    }

    fn data(&mut self, node: Node) -> Option<&mut Data> {
        let root = self.root(node);
        self.nodes.get_mut(root)
    }

    /// The elements of a list, the values of a dict, all items of a tuple.
    pub(super) fn elem(&mut self, node: Node) -> Node {
        let root = self.root(node);
        if let Some(elem) = self.nodes.get(root).and_then(|data| data.elem) {
            return elem;
        }
        let elem = self.fresh();
        let items = self.data(root).map(|data| {
            data.elem = Some(elem);
            data.items.clone().unwrap_or_default()
        });
        for item in items.into_iter().flatten() {
            self.unify(elem, item);
        }
        elem
    }

    pub(super) fn set_elem(&mut self, node: Node, elem: Node) {
        let own = self.elem(node);
        self.unify(own, elem);
    }

    /// The item of a tuple of so many.
    pub(super) fn item(&mut self, node: Node, i: usize, count: usize) -> Node {
        let items = self.data(node).and_then(|data| data.items.clone());
        match items {
            Some(items) if items.len() == count => match items.get(i) {
                Some(item) => *item,
                None => self.any(),
            },
            Some(_) => self.elem(node),
            None if self.data(node).is_some_and(|data| data.elem.is_some()) => self.elem(node),
            None => {
                let items: Vec<Node> = (0..count).map(|_| self.fresh()).collect();
                if let Some(data) = self.data(node) {
                    data.items = Some(items.clone());
                }
                items.get(i).copied().unwrap_or(node)
            }
        }
    }

    /// Two nodes that may be one list.
    pub(super) fn unify(&mut self, a: Node, b: Node) {
        let mut left = vec![(a, b)];
        while let Some((a, b)) = left.pop() {
            let (a, b) = (self.root(a), self.root(b));
            if a == b {
                continue;
            }
            let Some(gone) = self.nodes.get_mut(b).map(|data| {
                data.of.set(a);
                let flags = (data.escapes, data.told, data.indexed);
                (data.len, data.elem, data.items.take(), flags)
            }) else {
                continue;
            };
            let (len, elem, items, (escapes, told, indexed)) = gone;
            let Some(kept) = self.nodes.get_mut(a) else {
                continue;
            };
            kept.len = kept.len.join(len);
            kept.escapes |= escapes;
            kept.told |= told;
            kept.indexed |= indexed;
            match (kept.elem, elem) {
                (Some(x), Some(y)) => left.push((x, y)),
                (None, Some(y)) => kept.elem = Some(y),
                _ => {}
            }
            let own = kept.items.clone();
            match (own, items) {
                (Some(x), Some(y)) if x.len() == y.len() => {
                    left.extend(x.into_iter().zip(y));
                }
                (Some(x), Some(y)) => {
                    let elem = self.elem(a);
                    left.extend(x.into_iter().chain(y).map(|item| (elem, item)));
                }
                (None, Some(y)) => {
                    if let Some(kept) = self.nodes.get_mut(a) {
                        kept.items = Some(y);
                    }
                }
                _ => {}
            }
            // Items and elements of one thing are one.
            let both = self
                .nodes
                .get(a)
                .map(|data| (data.elem, data.items.clone()));
            if let Some((Some(elem), Some(items))) = both {
                left.extend(items.into_iter().map(|item| (elem, item)));
            }
        }
    }

    pub(super) fn varies(&mut self, node: Node) {
        if let Some(data) = self.data(node) {
            data.len = Len::Varies;
        }
    }

    /// Code that we do not know gets it, and may change it and what it holds.
    pub(super) fn escapes(&mut self, node: Node) {
        if let Some(data) = self.data(node) {
            data.escapes = true;
        }
    }

    /// The list that an expression is, where it was seen.
    fn of(&mut self, at: NodeId) -> Option<&mut Data> {
        let node = self.seen.as_ref()?.get(&at).copied()?;
        self.data(node)
    }

    /// Something shows whether what an expression is, or what that holds, is a list.
    pub(super) fn told(&mut self, at: NodeId) {
        if let Some(data) = self.of(at) {
            data.told = true;
        }
    }

    /// An index of what an expression is is computed.
    pub(super) fn indexed(&mut self, at: NodeId) {
        if let Some(data) = self.of(at) {
            data.indexed = true;
        }
    }

    /// The expressions that make lists which may be one, for each of which nothing shows that
    /// it is no tuple.
    pub(super) fn alike(mut self) -> BTreeMap<Node, Vec<NodeId>> {
        self.solve();
        let copies: Vec<Node> = self.copies.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
        for copy in copies {
            if let Some(data) = self.data(copy) {
                data.told = true;
            }
        }
        let told = |(at, data): (Node, &Data)| {
            let told = data.told || data.escapes;
            (data.of.get() == at && told).then_some(at)
        };
        let mut left: Vec<Node> = self.nodes.iter().enumerate().filter_map(told).collect();
        let mut shown = BTreeSet::new();
        while let Some(at) = left.pop() {
            if shown.insert(at)
                && let Some(data) = self.nodes.get(at)
            {
                let held = data.elem.iter().chain(data.items.iter().flatten());
                left.extend(held.map(|inner| self.root(*inner)));
            }
        }
        let mut groups: BTreeMap<Node, Vec<NodeId>> = BTreeMap::new();
        for (id, node) in &self.made {
            let root = self.root(*node);
            let data = self.nodes.get(root);
            let fits = data.is_some_and(|d| matches!(d.len, Len::Known(_)) && !d.indexed);
            if fits && !shown.contains(&root) {
                groups.entry(root).or_default().push(*id);
            }
        }
        groups
    }

    /// Carries lengths to copies, and escapes to what a list holds.
    pub(super) fn solve(&mut self) {
        let escaped =
            |(at, data): (Node, &Data)| (data.of.get() == at && data.escapes).then_some(at);
        let mut left: Vec<Node> = self.nodes.iter().enumerate().filter_map(escaped).collect();
        while let Some(at) = left.pop() {
            let Some(data) = self.nodes.get_mut(at) else {
                continue;
            };
            data.len = data.len.join(Len::Varies);
            let held = data
                .elem
                .into_iter()
                .chain(data.items.clone().into_iter().flatten());
            for inner in held.collect::<Vec<_>>() {
                let inner = self.root(inner);
                if let Some(data) = self.nodes.get_mut(inner).filter(|data| !data.escapes) {
                    data.escapes = true;
                    left.push(inner);
                }
            }
        }
        let mut copied: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
        for (_, to, from) in &self.copies {
            let (to, from) = (self.root(*to), self.root(*from));
            copied.entry(from).or_default().push(to);
        }
        let mut left: Vec<Node> = copied.keys().copied().collect();
        while let Some(from) = left.pop() {
            let len = self.nodes.get(from).map_or(Len::Unknown, |data| data.len);
            for to in copied.get(&from).into_iter().flatten() {
                if self.set_len(*to, len) {
                    left.push(*to);
                }
            }
        }
    }

    /// Joins a length into a node; true where that changed it.
    fn set_len(&mut self, node: Node, len: Len) -> bool {
        self.data(node).is_some_and(|data| {
            let before = data.len;
            data.len = before.join(len);
            data.len != before
        })
    }

    pub(super) fn places(&self) -> impl Iterator<Item = (Place, Shape)> {
        let shaped = |(place, node): (&Place, &Node)| {
            let shape = self.shape(*node, 0)?;
            Some((place.clone(), shape))
        };
        self.places.iter().filter_map(shaped)
    }

    pub(super) fn made(&self) -> impl Iterator<Item = (NodeId, Shape)> {
        let shaped = |(at, node): (&NodeId, &Node)| Some((*at, self.shape(*node, 0)?));
        self.made.iter().filter_map(shaped)
    }

    /// The expressions that copy a list.
    pub(super) fn copies(&self) -> impl Iterator<Item = NodeId> {
        self.copies.iter().map(|(at, ..)| *at)
    }

    /// What is known of a list, if it is anything.
    fn shape(&self, node: Node, depth: usize) -> Option<Shape> {
        if depth > DEPTH {
            return None;
        }
        let data = self.nodes.get(self.root(node))?;
        let len = match data.len {
            Len::Known(len) => Some(len),
            Len::Unknown | Len::Varies => None,
        };
        let elem = data.elem.and_then(|elem| self.shape(elem, depth + 1));
        let items = data.items.as_ref().map_or_else(Vec::new, |items| {
            let items = items.iter().map(|item| self.shape(*item, depth + 1));
            items.collect()
        });
        let told = len.is_some() || elem.is_some() || items.iter().any(Option::is_some);
        told.then(|| Shape {
            len,
            elem: elem.map(Box::new),
            items,
        })
    }
}

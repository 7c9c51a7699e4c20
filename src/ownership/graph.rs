//! Places, what flows between them, and what is changed through them.

use crate::ast::NodeId;
use crate::source::Span;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// What can hold an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A variable of a function, by its version.
    Var(String, String),
    /// What a function returns.
    Ret(String),
    /// An attribute, of all instances of a class.
    Field(String, String),
    /// A variable of the module.
    Global(String),
    /// The elements of what another place holds.
    Elem(usize),
    /// Nothing that has a name.
    Temp(NodeId),
}

/// A value that is stored while its first owner keeps it.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The expression that is stored.
    pub(super) node: NodeId,
    pub(super) span: Span,
    pub(super) ty: Ty,
    /// The first owner, as the Python calls it.
    pub(super) source: String,
    /// The second owner.
    pub(super) target: String,
    /// Where the two owners exist side by side only for a while.
    pub(super) look: Option<Look>,
    /// The parameter that is the first owner.
    pub(super) param: Option<NodeId>,
    /// What a loop runs over whose elements the first owner names one by one, where nobody
    /// needs them afterwards: given away, they have no other owner.
    pub(super) run_out: Vec<NodeId>,
    /// Whether the second owner can be lent what the first holds.
    pub(super) lends: bool,
    /// Where the first owner is a variable that was made in the same turn of the same loops:
    /// the function, and the point from which the object has the second.
    pub(super) made: Option<(String, u32)>,
}

/// A while in which an object has two owners.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) function: String,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The second owner is a message or the state, of which PyTask takes a copy in the end;
    /// else a local variable.
    pub(super) sent: bool,
}

/// A change, or a call that may change things, at one point of a function.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) function: String,
    pub(super) at: u32,
    /// The place; none where it may be any.
    pub(super) place: Option<usize>,
}

/// An attribute of an object gets a value after the object was made.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) class: String,
    pub(super) function: String,
    pub(super) at: u32,
    /// Where the object lies.
    pub(super) place: usize,
    /// The variable of the function that the way to the object starts at.
    pub(super) root: Option<usize>,
    /// The attributes on the way to it.
    pub(super) through: Vec<usize>,
}

/// What is changed: the places, and the classes of instances.
#[derive(Debug, Default)]
struct Later {
    places: Vec<bool>,
    classes: BTreeSet<String>,
}

/// How deep elements of elements are told apart.
const DEPTH: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Graph {
    ids: BTreeMap<Place, usize>,
    depth: Vec<usize>,
    /// What is changed, through whatever name.
    changed: Vec<bool>,
    /// What is changed through this very place, or through what it goes on to.
    through: Vec<bool>,
    elem: Vec<Option<usize>>,
    /// The class of the instances that a place holds.
    class: Vec<Option<String>>,
    /// From, to, and whether both are the same object for as long as both exist.
    flows: BTreeSet<(usize, usize, bool)>,
    copies: Vec<Copy>,
    events: Vec<Event>,
    /// What becomes of what each function returns: the variable that gets it, and how long
    /// it is in use there, where that is known.
    results: Vec<(usize, usize, Option<Look>)>,
    /// The places that are what a function returns.
    returned: BTreeSet<usize>,
    /// Arguments that a function only looks at.
    pub(super) lent: BTreeSet<NodeId>,
    /// Names that give their object away.
    pub(super) moves: BTreeSet<NodeId>,
    /// What cannot be, whatever flows where.
    pub(super) refused: Vec<(NodeId, Span, String)>,
    /// The functions whose callers use up at once what they give.
    pub(super) at_once: BTreeSet<String>,
    /// What those give: copies that nobody tells from it.
    pub(super) used_up: BTreeSet<NodeId>,
    /// The classes of objects that one call gets twice, and changes.
    pub(super) lent_twice: BTreeSet<String>,
    /// The methods that are called on an object with a part of it, and change one of the two.
    pub(super) lent_parts: BTreeMap<String, BTreeSet<usize>>,
    /// The parameters that are taken by value, by the place that they are.
    pub(super) given: BTreeMap<usize, NodeId>,
    /// Containers that get another in their place.
    pub(super) replaced: BTreeSet<NodeId>,
    /// What lies in a container and is lent to a variable.
    pub(super) named: BTreeSet<NodeId>,
    /// Lists that a loop takes apart.
    pub(super) taken: BTreeSet<NodeId>,
    /// Classes one of whose instances is changed after it was made.
    changed_classes: BTreeSet<String>,
    /// What is changed while it has, or had, more than one owner.
    later: Later,
    /// What changes instances after they were made.
    written: Vec<Written>,
    /// The object that is being made, in the constructor of each class.
    made: BTreeMap<String, usize>,
    /// The attributes of each class that were seen.
    fields: BTreeMap<String, BTreeSet<usize>>,
}

impl Graph {
    pub(super) fn id(&mut self, place: Place) -> usize {
        if let Some(id) = self.ids.get(&place) {
            return *id;
        }
        let id = self.ids.len();
        if matches!(place, Place::Ret(_)) {
            self.returned.insert(id);
        }
        let depth = match &place {
            Place::Elem(of) => self.depth.get(*of).map_or(0, |d| d + 1),
            Place::Field(class, _) => {
                self.fields.entry(class.clone()).or_default().insert(id);
                0
            }
            Place::Var(..) | Place::Ret(_) | Place::Global(_) | Place::Temp(_) => 0,
        };
        self.ids.insert(place, id);
        self.depth.push(depth);
        self.changed.push(false);
        self.through.push(false);
        self.elem.push(None);
        self.class.push(None);
        id
    }

    /// The elements of a place; beyond a certain depth they are one with it.
    pub(super) fn elem(&mut self, of: usize) -> usize {
        if let Some(Some(elem)) = self.elem.get(of) {
            return *elem;
        }
        if self.depth.get(of).is_some_and(|d| *d >= DEPTH) {
            return of;
        }
        let id = self.id(Place::Elem(of));
        if let Some(slot) = self.elem.get_mut(of) {
            *slot = Some(id);
        }
        id
    }

    /// What a place holds is an instance of a class.
    pub(super) fn holds(&mut self, place: usize, ty: &Ty) {
        if let (Ty::Instance(class), Some(slot)) = (ty.narrowed(), self.class.get_mut(place)) {
            *slot = Some(class);
        }
    }

    pub(super) fn change(&mut self, place: usize, function: &str, at: u32) {
        self.set_through(place);
        self.events.push(Event {
            function: function.to_string(),
            at,
            place: Some(place),
        });
    }

    pub(super) fn refuse(&mut self, node: NodeId, span: Span, message: String) {
        self.refused.push((node, span, message));
    }

    pub(super) fn change_class(&mut self, written: Written) {
        // Its family may hold the object.
        let family = crate::ty::family_of(&written.class).to_string();
        self.changed_classes.insert(written.class.clone());
        self.changed_classes.insert(family);
        self.written.push(written);
    }

    /// A call at that point may change anything that is changed anywhere.
    pub(super) fn call(&mut self, function: &str, at: u32) {
        self.events.push(Event {
            function: function.to_string(),
            at,
            place: None,
        });
    }

    /// The object of a class that its constructor makes.
    pub(super) fn makes(&mut self, class: &str, own: usize) {
        self.made.insert(class.to_string(), own);
    }

    /// One object under two names, of which one ends before the other.
    pub(super) fn same(&mut self, a: usize, b: usize) {
        self.flows.insert((a, b, true));
    }

    /// An object goes from one place to another and leaves the first.
    pub(super) fn moved(&mut self, from: usize, to: usize) {
        self.flows.insert((from, to, false));
    }

    /// What a function returns goes to a place.
    pub(super) fn result(&mut self, ret: usize, to: usize, look: Option<Look>) {
        self.moved(ret, to);
        self.results.push((ret, to, look));
    }

    pub(super) fn copied(&mut self, copy: Copy) {
        self.copies.push(copy);
    }

    /// Carries changes back to the places that objects came from, and on to their other
    /// names: what another caller hands to a function is not changed for that.
    pub(super) fn solve(&mut self) {
        loop {
            let mut more = Vec::new();
            let mut any = false;
            for (from, to, same) in self.flows.clone() {
                if self.is_through(to) && !self.is_through(from) {
                    self.set_through(from);
                    any = true;
                }
                if same && self.is_changed(from) && !self.is_changed(to) {
                    self.set_changed(to);
                    any = true;
                }
                let elems = (self.elem.get(from).copied(), self.elem.get(to).copied());
                if let (Some(x), Some(y)) = elems
                    && (x.is_some() || y.is_some())
                {
                    more.push((from, to, same));
                }
                let class = self
                    .class
                    .get(from)
                    .or(self.class.get(to))
                    .cloned()
                    .flatten();
                for place in [from, to] {
                    if let (Some(class), Some(slot @ None)) = (&class, self.class.get_mut(place)) {
                        *slot = Some(class.clone());
                    }
                }
            }
            for (from, to, same) in more {
                let flow = (self.elem(from), self.elem(to), same);
                any |= flow.0 != flow.1 && self.flows.insert(flow);
            }
            let holders = self.holders(&self.changed, &self.changed_classes);
            any |= !holders.is_empty();
            self.changed_classes.extend(holders);
            if !any {
                break;
            }
        }
        self.later = self.changed_later();
    }

    /// What is changed after it got a second owner.
    fn changed_later(&self) -> Later {
        let classes: BTreeSet<&str> = self.written.iter().map(|w| w.class.as_str()).collect();
        let known = classes.into_iter().filter(|c| self.is_known_at_once(c));
        let known: BTreeSet<&str> = known.collect();
        let is_later = |w: &&Written| known.contains(w.class.as_str()) || !self.is_built(w);
        let (later, built): (Vec<&Written>, Vec<&Written>) =
            self.written.iter().partition(is_later);
        let built: BTreeSet<(&str, u32, usize)> = built
            .into_iter()
            .map(|w| (w.function.as_str(), w.at, w.place))
            .collect();
        let is_built = |event: &Event| {
            let place = event.place;
            place.is_some_and(|place| built.contains(&(event.function.as_str(), event.at, place)))
        };
        let mut through = vec![false; self.changed.len()];
        let changes = self.events.iter().filter(|event| !is_built(event));
        for place in changes.filter_map(|event| event.place) {
            set(&mut through, place);
        }
        let is = |places: &[bool], place: usize| places.get(place).copied().unwrap_or(false);
        let mut any = true;
        while std::mem::take(&mut any) {
            for (from, to, _) in &self.flows {
                if is(&through, *to) && !is(&through, *from) {
                    set(&mut through, *from);
                    any = true;
                }
            }
        }
        let mut places = through;
        any = true;
        while std::mem::take(&mut any) {
            for (from, to, _) in self.flows.iter().filter(|(_, _, same)| *same) {
                if is(&places, *from) && !is(&places, *to) {
                    set(&mut places, *to);
                    any = true;
                }
            }
        }
        let classes = later.into_iter();
        let mut classes: BTreeSet<String> = classes
            .flat_map(|w| [w.class.clone(), crate::ty::family_of(&w.class).to_string()])
            .collect();
        loop {
            let holders = self.holders(&places, &classes);
            if holders.is_empty() {
                return Later { places, classes };
            }
            classes.extend(holders);
        }
    }

    /// The further classes that hold what is changed: they are changed with it.
    fn holders(&self, places: &[bool], classes: &BTreeSet<String>) -> Vec<String> {
        let others = self.fields.iter().filter(|(c, _)| !classes.contains(*c));
        let holds = |fields: &BTreeSet<usize>| {
            let mut fields = fields.iter();
            fields.any(|field| self.deep_in(*field, 0, (places, classes)))
        };
        let holders = others.filter(|(_, fields)| holds(fields));
        holders.map(|(class, _)| class.clone()).collect()
    }

    /// Whether the constructor of a class gives the object that it makes to somebody else.
    fn is_known_at_once(&self, class: &str) -> bool {
        let Some(own) = self.made.get(class) else {
            return false;
        };
        let mut reached = BTreeSet::from([*own]);
        let mut open = vec![*own];
        while let Some(place) = open.pop() {
            if self.copies.iter().any(|copy| copy.from == place) {
                return true;
            }
            for (from, to, same) in &self.flows {
                if *from == place && !same {
                    return true;
                }
                if *from == place && reached.insert(*to) {
                    open.push(*to);
                }
            }
        }
        false
    }

    /// Whether the object that is changed has no other owner yet: the variable that it is
    /// reached through was made in this function and is given to others afterwards, and the
    /// attributes on the way hold what was made for them.
    fn is_built(&self, written: &Written) -> bool {
        let Some(root) = written.root else {
            return false;
        };
        let given = self.flows.iter().map(|(_, to, _)| *to);
        let mut given = given.chain(self.copies.iter().map(|c| c.to));
        let is_made_here = given.all(|to| to != root && !written.through.contains(&to));
        let mut copies = self.copies.iter().filter(|c| c.from == root);
        let same = |(from, _, same): &(usize, usize, bool)| *from == root && *same;
        is_made_here
            && !self.flows.iter().any(same)
            && copies.all(|copy| {
                copy.made
                    .as_ref()
                    .is_some_and(|(f, at)| *f == written.function && written.at < *at)
            })
    }

    /// The expressions whose value was followed into a place of its own, by moving or
    /// copying it, or that a function looks at while nothing changes it.
    pub(super) fn stored(&self) -> BTreeSet<NodeId> {
        let copies = self.copies.iter().map(|c| c.node);
        let moves = self.moves.iter().chain(&self.lent).chain(&self.taken);
        let moves = moves.chain(&self.replaced).chain(&self.named);
        let moves = moves.chain(&self.used_up).copied();
        copies.chain(moves).collect()
    }

    fn is_changed(&self, place: usize) -> bool {
        self.changed.get(place).copied().unwrap_or(false)
    }

    fn is_through(&self, place: usize) -> bool {
        self.through.get(place).copied().unwrap_or(false)
    }

    fn set_through(&mut self, place: usize) {
        if let Some(slot) = self.through.get_mut(place) {
            *slot = true;
        }
        self.set_changed(place);
    }

    fn set_changed(&mut self, place: usize) {
        if let Some(slot) = self.changed.get_mut(place) {
            *slot = true;
        }
    }

    /// Whether what a place holds is changed, or what that holds.
    fn deep(&self, place: usize, depth: usize) -> bool {
        self.deep_in(place, depth, (&self.changed, &self.changed_classes))
    }

    /// The same, with the places and the classes that are changed.
    fn deep_in(
        &self,
        place: usize,
        depth: usize,
        (places, classes): (&[bool], &BTreeSet<String>),
    ) -> bool {
        if depth > DEPTH {
            return false;
        }
        let class = self.class.get(place).and_then(Option::as_ref);
        let elem = || self.elem.get(place).copied().flatten();
        places.get(place).copied().unwrap_or(false)
            || class.is_some_and(|c| classes.contains(c))
            || elem().is_some_and(|elem| {
                elem != place && self.deep_in(elem, depth + 1, (places, classes))
            })
    }

    /// Whether what a place holds is changed while it has more than one owner.
    fn deep_later(&self, place: usize) -> bool {
        self.deep_in(place, 0, (&self.later.places, &self.later.classes))
    }

    /// The copies that could be told from the object itself.
    pub(super) fn conflicts(&self) -> Vec<Copy> {
        let components = self.components();
        let conflict = |copy: &&Copy| {
            if !self.deep_later(copy.from) && !self.deep_later(copy.to) {
                return false;
            }
            if self.is_settled(copy) {
                return false;
            }
            if let Some(look) = &copy.look {
                return self.shows(copy.from, copy.to, look, &components);
            }
            // A copy that is returned: whoever gets it must not be able to tell. A parameter
            // is taken by value instead.
            let returned = copy.param.is_none() && self.returned.contains(&copy.to);
            let mut results = self.results.iter().filter(|(ret, ..)| *ret == copy.to);
            !returned
                || results.any(|(_, to, look)| {
                    look.as_ref()
                        .is_none_or(|look| self.shows(copy.from, *to, look, &components))
                })
        };
        self.copies.iter().filter(conflict).cloned().collect()
    }

    /// Whether an object that a function made is as it will stay when it gets a second owner:
    /// all that changes it stands before, and nobody who gets it does so.
    fn is_settled(&self, copy: &Copy) -> bool {
        let Some((function, at)) = &copy.made else {
            return false;
        };
        let own = copy.from;
        let elem = self.elem.get(own).copied().flatten();
        let given = self.flows.iter().map(|(_, to, _)| *to);
        let given = given.chain(self.copies.iter().map(|c| c.to));
        let is_made_here = given.into_iter().all(|to| to != own);
        if !is_made_here || elem.is_some_and(|elem| elem == own || self.deep_later(elem)) {
            return false;
        }
        let before = |event: &Event| event.function == *function && event.at < *at;
        let changes = self.events.iter().filter(|e| e.place == Some(own));
        let mut reached = BTreeSet::from([own]);
        let mut open = vec![own];
        while let Some(place) = open.pop() {
            let flows = self.flows.iter().map(|(a, b, _)| (*a, *b));
            let copies = self.copies.iter().map(|c| (c.from, c.to));
            let next = flows.chain(copies).filter(|(from, _)| *from == place);
            open.extend(next.map(|(_, to)| to).filter(|to| reached.insert(*to)));
        }
        reached.remove(&own);
        changes.into_iter().all(before) && !reached.iter().any(|place| self.deep_later(*place))
    }

    /// Whether a copy from one place to another could be told from the object itself while
    /// it is in use.
    fn shows(&self, from: usize, to: usize, look: &Look, components: &[usize]) -> bool {
        let named = self.named_below(to);
        let leaves = (self.flows.iter()).any(|(a, _, same)| named.contains(a) && !same)
            || self.copies.iter().any(|c| named.contains(&c.from));
        if !look.sent && (leaves || self.deep(to, 0)) {
            return true;
        }
        let mut family = self.family(from, components);
        family.extend(self.family(to, components));
        self.events.iter().any(|event| {
            event.function == look.function
                && event.at > look.start
                && event.at <= look.end
                && event.place.is_none_or(|p| {
                    components.get(p).is_some_and(|c| family.contains(c))
                        || self.class.get(p).is_some_and(Option::is_some)
                })
        })
    }

    /// A place, and of what has no name of its own what lies below it, with all names for it.
    fn named_below(&self, place: usize) -> BTreeSet<usize> {
        let mut named = BTreeSet::from([place]);
        let temp = |id: &usize| *id == place;
        if !self
            .ids
            .iter()
            .any(|(p, id)| temp(id) && matches!(p, Place::Temp(_)))
        {
            return named;
        }
        let mut open = vec![place];
        while let Some(at) = open.pop() {
            let names = self.flows.iter().filter(|(a, _, same)| *a == at && *same);
            let below = self.elem.get(at).copied().flatten();
            let next: Vec<usize> = names.map(|(_, b, _)| *b).chain(below).collect();
            open.extend(next.into_iter().filter(|b| named.insert(*b)));
        }
        named
    }

    /// The values that a variable only looks at, and that are not among the conflicts.
    pub(super) fn looks(&self, conflicts: &[Copy]) -> BTreeSet<NodeId> {
        let refused: BTreeSet<NodeId> = conflicts.iter().map(|c| c.node).collect();
        let looks = self.copies.iter();
        let looks = looks.filter(|c| c.look.as_ref().is_some_and(|look| !look.sent));
        looks
            .map(|c| c.node)
            .filter(|node| !refused.contains(node))
            .collect()
    }

    /// The components of a place and all below it.
    fn family(&self, place: usize, components: &[usize]) -> BTreeSet<usize> {
        let mut family = BTreeSet::new();
        let mut next = Some(place);
        for _ in 0..=DEPTH {
            let Some(place) = next else { break };
            family.extend(components.get(place));
            next = self.elem.get(place).copied().flatten();
        }
        family
    }

    /// For each place the least place that it is connected with.
    fn components(&self) -> Vec<usize> {
        let mut of: Vec<usize> = (0..self.ids.len()).collect();
        loop {
            let mut any = false;
            let flows = self.flows.iter().map(|(a, b, _)| (*a, *b));
            let copies = self.copies.iter().map(|c| (c.from, c.to));
            for (a, b) in flows.chain(copies) {
                let (x, y) = (of.get(a).copied(), of.get(b).copied());
                if let (Some(x), Some(y)) = (x, y)
                    && x != y
                {
                    let least = x.min(y);
                    for place in [a, b] {
                        if let Some(slot) = of.get_mut(place) {
                            *slot = least;
                        }
                    }
                    any = true;
                }
            }
            if !any {
                return of;
            }
        }
    }
}

fn set(places: &mut [bool], place: usize) {
    if let Some(slot) = places.get_mut(place) {
        *slot = true;
    }
}

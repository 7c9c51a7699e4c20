//! Which container keeps the objects that a place names.
//!
//! Enters: the functions and their bindings. Leaves: the places that can hold positions,
//! each with the container that they are positions in.

use super::flows::{self, Flow, From};
use super::{Names, objects};
use crate::ast::visit::{self, Visitor};
use crate::ast::{BinaryOp, ComprehensionKind, Expr, ExprKind, Keyword, NodeId, Stmt, StmtKind};
use crate::infer::{Bound, bind_arguments};
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// What can hold a position, or a list of positions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A variable of a function, by its version.
    Var(String, String),
    /// What a function returns.
    Ret(String),
    /// An attribute of the instances of a class.
    Attr(String, String),
}

/// Where the path to a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    /// A variable of the module.
    Global(String),
    /// The instance whose method runs.
    Own(String),
    /// A variable of a function, by its version.
    Local(String, String),
}

/// A container that keeps objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) root: Root,
    pub(super) attrs: Vec<String>,
    /// The class of its objects.
    pub(super) class: String,
    /// Whether it is a dict, whose positions are keys.
    pub(super) dict: bool,
    /// Whether it is a deque.
    pub(super) deque: bool,
}

impl Home {
    /// Whether a place is the container, which keeps the objects themselves.
    pub(super) fn is_at(&self, place: &Place) -> bool {
        match (place, self.attrs.last(), &self.root) {
            (Place::Attr(_, name), Some(last), _) => name == last,
            (Place::Var(key, version), None, Root::Local(function, root)) => {
                (key, version) == (function, root)
            }
            (Place::Attr(..) | Place::Var(..) | Place::Ret(_), _, _) => false,
        }
    }
}

/// Where an object comes from.
#[derive(Debug, Clone)]
enum Source<'m> {
    Home(Home),
    /// A place that is a position itself; the expression that names it says whose it is.
    Place(Place, &'m Expr),
}

type Sources<'m> = Result<Vec<Source<'m>>, ()>;

/// The places that can be positions.
pub(super) fn homes<'m>(
    names: &Names<'m>,
    flows: &[Flow<'m>],
    dropped: &BTreeSet<Place>,
) -> BTreeMap<Place, Home> {
    let find = Find {
        names,
        flows,
        dropped,
    };
    let mut places: BTreeSet<Place> = BTreeSet::new();
    let mut open: Vec<Place> = flows
        .iter()
        .filter(|flow| match flow.from {
            From::Value(e) | From::Each(e) => mentions(e, &names.two_names),
            From::Joined(_, item) => names.two_names.contains(&item),
            From::Other => false,
        })
        .map(|flow| flow.to.clone())
        .collect();
    loop {
        while let Some(place) = open.pop() {
            if places.contains(&place) {
                continue;
            }
            let Some(sources) = find.follow(&place, &mut Vec::new()) else {
                continue;
            };
            places.insert(place);
            for source in sources {
                if let Source::Place(from, _) = source {
                    open.push(from);
                }
            }
        }
        // What gets its object from one of them.
        for flow in flows {
            let (From::Value(e) | From::Each(e)) = flow.from else {
                continue;
            };
            if places.contains(&flow.to) {
                continue;
            }
            let sources = find.sources(flow.function, e, &mut Vec::new());
            let from_one = |s: &Source<'_>| matches!(s, Source::Place(p, _) if places.contains(p));
            if sources.is_ok_and(|s| s.iter().any(from_one))
                && find.follow(&flow.to, &mut Vec::new()).is_some()
            {
                open.push(flow.to.clone());
            }
        }
        if open.is_empty() {
            break;
        }
    }
    let mut settled = find.settled(&places);
    let forced = find.counted(&settled);
    settled.extend(forced);
    settled
}

/// Whether one of some nodes lies in an expression.
fn mentions(e: &Expr, nodes: &BTreeSet<NodeId>) -> bool {
    struct Search<'s>(&'s BTreeSet<NodeId>, bool);
    impl<'ast> Visitor<'ast> for Search<'_> {
        fn visit_expr(&mut self, e: &'ast Expr) {
            self.1 |= self.0.contains(&e.id);
            visit::walk_expr(self, e);
        }
    }
    let mut search = Search(nodes, false);
    search.visit_expr(e);
    search.1
}

struct Find<'f, 'm> {
    names: &'f Names<'m>,
    flows: &'f [Flow<'m>],
    dropped: &'f BTreeSet<Place>,
}

impl<'m> Find<'_, 'm> {
    /// All that is ever bound to a place: none where something is that is no element of a
    /// container, or nothing is.
    fn follow(&self, place: &Place, under: &mut Vec<Place>) -> Option<Vec<Source<'m>>> {
        if self.dropped.contains(place) {
            return None;
        }
        if let Place::Var(key, version) = place {
            let own = self.names.functions.get(key)?;
            let info = own.scope.vars.get(version);
            let plain = crate::infer::scope::plain_name(version).to_string();
            if info.is_some_and(|i| i.is_param) || own.scope.captured.contains(&plain) {
                return None;
            }
        }
        under.push(place.clone());
        let mut found = Vec::new();
        let mut known = true;
        for flow in self.flows.iter().filter(|f| f.to == *place) {
            match flow.from {
                From::Value(e) | From::Each(e) => match self.sources(flow.function, e, under) {
                    Ok(sources) => found.extend(sources),
                    Err(()) => known = false,
                },
                // An element of what it joins, where that is not a position itself.
                From::Joined(container, _) => match home(self.names, flow.function, container) {
                    // A full deque gives another up for it.
                    Some(home) if home.deque => known = false,
                    Some(home) => found.push(Source::Home(home)),
                    None => known = false,
                },
                From::Other => known = false,
            }
        }
        under.pop();
        let named = |s: &Source<'_>| !matches!(s, Source::Home(home) if !is_named(place, home));
        (known && !found.is_empty() && found.iter().all(named)).then_some(found)
    }

    /// Where the object that an expression gives, or the objects of the list, come from.
    fn sources(&self, key: &'m str, e: &'m Expr, under: &mut Vec<Place>) -> Sources<'m> {
        match &e.kind {
            ExprKind::None => Ok(Vec::new()),
            ExprKind::Name(_) | ExprKind::Attribute { .. } => self.named(key, e, under),
            ExprKind::Subscript { value, index } => match &index.kind {
                ExprKind::Str(_) if !self.is_dict(key, value) => Err(()),
                _ => self.sources(key, value, under),
            },
            ExprKind::Conditional { body, orelse, .. } => {
                let mut found = self.sources(key, body, under)?;
                found.extend(self.sources(key, orelse, under)?);
                Ok(found)
            }
            ExprKind::List(items) => {
                let mut found = Vec::new();
                for item in items {
                    found.extend(self.sources(key, item, under)?);
                }
                Ok(found)
            }
            ExprKind::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => {
                let mut found = self.sources(key, left, under)?;
                found.extend(self.sources(key, right, under)?);
                Ok(found)
            }
            ExprKind::Comprehension {
                kind: ComprehensionKind::List | ComprehensionKind::Generator,
                element,
                ..
            } => self.sources(key, element, under),
            ExprKind::Named { value, .. } => self.sources(key, value, under),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.called(key, e, func, args, keywords, under),
            _ => Err(()),
        }
    }

    fn is_dict(&self, key: &str, e: &Expr) -> bool {
        matches!(
            self.names.ty(key, e.id).narrowed(),
            Ty::Dict { .. } | Ty::Record(_)
        )
    }

    /// A name or an attribute: an element of a loop over a container, a place that may hold
    /// a position, or the container itself.
    fn named(&self, key: &'m str, e: &'m Expr, under: &mut Vec<Place>) -> Sources<'m> {
        let place = flows::place(self.names, key, e);
        if let Some(place) = &place {
            if under.contains(place) {
                return Ok(Vec::new());
            }
            if let Some(home) = self.element(place, under) {
                return Ok(vec![Source::Home(home)]);
            }
            if self.follow(place, under).is_some() {
                return Ok(vec![Source::Place(place.clone(), e)]);
            }
        }
        match home(self.names, key, e) {
            Some(home) => Ok(vec![Source::Home(home)]),
            None => Err(()),
        }
    }

    /// The container that a loop runs over, where the place is its target and nothing else.
    fn element(&self, place: &Place, under: &mut Vec<Place>) -> Option<Home> {
        let mut into = self.flows.iter().filter(|f| f.to == *place);
        let (Some(flow), None) = (into.next(), into.next()) else {
            return None;
        };
        let From::Each(iter) = flow.from else {
            return None;
        };
        let list = values_of(iter).unwrap_or(iter);
        let held = flows::place(self.names, flow.function, list);
        if let Some(held) = held
            && !under.contains(&held)
            && self.follow(&held, under).is_some()
        {
            return None;
        }
        home(self.names, flow.function, list)
    }

    /// The targets of loops over a container whose body changes its objects through other
    /// names: the loop counts.
    fn counted(&self, settled: &BTreeMap<Place, Home>) -> Vec<(Place, Home)> {
        let mut found = Vec::new();
        for (key, own) in &self.names.functions {
            let mut search = Loops {
                find: self,
                settled,
                key,
                found: &mut found,
            };
            search.visit_block(&own.function.body);
        }
        found
    }

    fn called(
        &self,
        key: &'m str,
        e: &'m Expr,
        func: &'m Expr,
        args: &'m [Expr],
        keywords: &'m [Keyword],
        under: &mut Vec<Place>,
    ) -> Sources<'m> {
        if let Some(callee) = self.names.callee(key, e.id) {
            let place = Place::Ret(callee.to_string());
            if under.contains(&place) {
                return Ok(Vec::new());
            }
            self.follow(&place, under).ok_or(())?;
            return Ok(vec![Source::Place(place, e)]);
        }
        match (&func.kind, args) {
            (ExprKind::Name(name), [list]) if matches!(name.as_str(), "max" | "min") => {
                let keyed = keywords.iter().all(|k| {
                    let name = k.name.as_ref().map(|n| n.name.as_str());
                    match name {
                        Some("key") => matches!(k.value.kind, ExprKind::Lambda { .. }),
                        Some("default") => matches!(k.value.kind, ExprKind::None),
                        _ => false,
                    }
                });
                let key_given = keywords
                    .iter()
                    .any(|k| k.name.as_ref().is_some_and(|n| n.name == "key"));
                match keyed && key_given {
                    true => self.sources(key, list, under),
                    false => Err(()),
                }
            }
            (ExprKind::Name(name), [list]) if name == "sorted" => {
                let keyed = keywords.iter().all(|k| {
                    let name = k.name.as_ref().map(|n| n.name.as_str());
                    name == Some("reverse") || matches!(k.value.kind, ExprKind::Lambda { .. })
                });
                match keyed && !keywords.is_empty() {
                    true => self.sources(key, list, under),
                    false => Err(()),
                }
            }
            (ExprKind::Name(name), [list])
                if matches!(name.as_str(), "list" | "reversed") && keywords.is_empty() =>
            {
                self.sources(key, list, under)
            }
            (ExprKind::Name(name), [each, rest @ ..])
                if name == "next"
                    && rest.len() <= 1
                    && rest.iter().all(|d| matches!(d.kind, ExprKind::None))
                    && matches!(each.kind, ExprKind::Comprehension { .. }) =>
            {
                self.sources(key, each, under)
            }
            (ExprKind::Attribute { value, attr }, [_])
                if attr.name == "get" && self.is_dict(key, value) =>
            {
                self.sources(key, value, under)
            }
            (ExprKind::Attribute { value, attr }, [])
                if attr.name == "values" && self.is_dict(key, value) =>
            {
                self.sources(key, value, under)
            }
            _ => Err(()),
        }
    }

    /// The home of each place, where it has exactly one.
    fn settled(&self, places: &BTreeSet<Place>) -> BTreeMap<Place, Home> {
        let mut homes: BTreeMap<Place, Option<Home>> = BTreeMap::new();
        let mut more = true;
        while more {
            more = false;
            for flow in self.flows.iter().filter(|f| places.contains(&f.to)) {
                let sources = match flow.from {
                    From::Value(e) | From::Each(e) => {
                        let sources = self.sources(flow.function, e, &mut Vec::new());
                        sources.unwrap_or_default()
                    }
                    From::Joined(container, _) => {
                        let home = home(self.names, flow.function, container);
                        home.into_iter().map(Source::Home).collect()
                    }
                    From::Other => Vec::new(),
                };
                for source in sources {
                    let home = match source {
                        Source::Home(home) => Some(home),
                        Source::Place(place, named) => match homes.get(&place) {
                            None => continue,
                            Some(None) => None,
                            Some(Some(home)) if matches!(place, Place::Var(..)) => {
                                Some(home.clone())
                            }
                            Some(Some(home)) => home_at(self.names, flow.function, named, home),
                        },
                    };
                    // As who returns or keeps it names it.
                    let home = home.filter(|h| is_named(&flow.to, h));
                    match homes.get(&flow.to) {
                        None => {
                            homes.insert(flow.to.clone(), home);
                            more = true;
                        }
                        Some(Some(known)) if home.as_ref() != Some(known) => {
                            homes.insert(flow.to.clone(), None);
                            more = true;
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        let settled = homes.into_iter().filter_map(|(p, h)| Some((p, h?)));
        settled.collect()
    }
}

/// Whether a place outlives what its home is named by: an attribute is a position in a
/// container of the same object, or of the module.
fn is_named(place: &Place, home: &Home) -> bool {
    match (place, &home.root) {
        (Place::Attr(class, _), Root::Own(own)) => class == own,
        (Place::Attr(..), Root::Local(..)) => false,
        (Place::Ret(key), Root::Local(function, _)) => key == function,
        _ => true,
    }
}

/// `d.values()`: the dict.
pub(super) fn values_of(iter: &Expr) -> Option<&Expr> {
    match &iter.kind {
        ExprKind::Call { func, args, .. } if args.is_empty() => match &func.kind {
            ExprKind::Attribute { value, attr } if attr.name == "values" => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// The container that an expression names.
pub(super) fn home(names: &Names<'_>, key: &str, e: &Expr) -> Option<Home> {
    let ty = names.ty(key, e.id);
    let (class, dict) = match &ty {
        Ty::Dict { value, .. } => (objects(value, names.model).filter(|o| !o.1)?.0, true),
        Ty::Deque { elem, .. } => (objects(elem, names.model).filter(|o| !o.1)?.0, false),
        list => (objects(list, names.model).filter(|o| o.1)?.0, false),
    };
    let (root, attrs) = path(names, key, e)?;
    Some(Home {
        root,
        attrs,
        class,
        dict,
        deque: matches!(ty, Ty::Deque { .. }),
    })
}

/// The variable and attributes that lead to an object.
pub(super) fn path(names: &Names<'_>, key: &str, e: &Expr) -> Option<(Root, Vec<String>)> {
    match &e.kind {
        ExprKind::Name(name) => {
            let own = names.functions.get(key)?;
            let Some(version) = own.scope.names.get(&e.id) else {
                let global = names.model.variables.contains_key(name);
                return global.then(|| (Root::Global(name.clone()), Vec::new()));
            };
            let plain = |v: &&String| crate::infer::scope::plain_name(v) == name;
            if own.scope.vars.keys().filter(plain).count() != 1 {
                return None;
            }
            Some(match own.receiver {
                Some((class, first)) if first == name => (Root::Own(class.to_string()), Vec::new()),
                _ => (Root::Local(key.to_string(), version.clone()), Vec::new()),
            })
        }
        ExprKind::Attribute { value, attr } => {
            let (root, mut attrs) = path(names, key, value)?;
            attrs.push(attr.name.clone());
            Some((root, attrs))
        }
        _ => None,
    }
}

/// The home of what a call returns or an attribute holds, as the function names it that
/// calls or reads.
pub(super) fn home_at(names: &Names<'_>, key: &str, named: &Expr, home: &Home) -> Option<Home> {
    let through = |e: &Expr| {
        let (root, mut attrs) = path(names, key, e)?;
        attrs.extend(home.attrs.iter().cloned());
        Some(Home {
            root,
            attrs,
            ..home.clone()
        })
    };
    match (&home.root, &named.kind) {
        (Root::Global(name), _) => {
            let own = names.functions.get(key)?;
            let hides = own.scope.has(name);
            (!hides).then(|| home.clone())
        }
        (Root::Own(_), ExprKind::Attribute { value, .. }) => through(value),
        (Root::Own(_), ExprKind::Call { func, .. }) => match &func.kind {
            ExprKind::Attribute { value, .. } => through(value),
            _ => None,
        },
        (
            Root::Local(callee, version),
            ExprKind::Call {
                func,
                args,
                keywords,
            },
        ) => {
            let own = names.functions.get(callee)?;
            let skip = usize::from(own.receiver.is_some());
            if skip == 1 && !matches!(func.kind, ExprKind::Attribute { .. }) {
                return None;
            }
            let bound = bind_arguments(own.function, skip, args, keywords).ok()?;
            let params = own.function.params.list.iter().skip(skip);
            let (slot, _) = bound
                .iter()
                .zip(params)
                .find(|(_, p)| p.name.name == *version)?;
            match slot {
                Bound::Given(arg) => through(arg),
                _ => None,
            }
        }
        (Root::Local(function, _), _) if function == key => Some(home.clone()),
        _ => None,
    }
}

struct Loops<'l, 'f, 'm> {
    find: &'l Find<'f, 'm>,
    settled: &'l BTreeMap<Place, Home>,
    key: &'l str,
    found: &'l mut Vec<(Place, Home)>,
}

impl<'ast> Visitor<'ast> for Loops<'_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::For { target, body, .. } = &stmt.kind {
            let mut leaves = Vec::new();
            names_of(target, &mut leaves);
            for name in leaves {
                let Some(place) = flows::place(self.find.names, self.key, name) else {
                    continue;
                };
                let home = self.find.element(&place, &mut Vec::new());
                let Some(home) = home.filter(|h| !h.dict) else {
                    continue;
                };
                let mut changes = Changes {
                    loops: self,
                    home: &home,
                    target: &place,
                    found: false,
                    reads: false,
                    own: false,
                };
                changes.visit_block(body);
                let known = self.settled.contains_key(&place) || self.find.dropped.contains(&place);
                if (changes.found || changes.reads && changes.own) && !known {
                    self.found.push((place, home));
                }
            }
        }
        visit::walk_stmt(self, stmt);
    }
}

/// Whether objects of a container are changed through positions, or may be.
struct Changes<'c, 'l, 'f, 'm> {
    loops: &'c Loops<'l, 'f, 'm>,
    home: &'c Home,
    /// The target of the loop.
    target: &'c Place,
    found: bool,
    /// Whether objects are read through positions.
    reads: bool,
    /// Whether the object of the turn is changed.
    own: bool,
}

impl Changes<'_, '_, '_, '_> {
    /// Whether a path starts at the target of the loop.
    fn is_own(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                self.is_own(value)
            }
            _ => {
                flows::place(self.loops.find.names, self.loops.key, e).as_ref() == Some(self.target)
            }
        }
    }

    /// Whether a call may change what it is called on, or given.
    fn may_change(&self, call: &Expr) -> bool {
        let names = self.loops.find.names;
        let Some(callee) = names.callee(self.loops.key, call.id) else {
            return true;
        };
        let mut ways = names.model.functions.iter();
        ways.any(|f| f.python_name == callee && !f.mutated.is_empty())
    }

    fn is_position(&self, e: &Expr) -> bool {
        let place = match &e.kind {
            ExprKind::Call { .. } => {
                let callee = self.loops.find.names.callee(self.loops.key, e.id);
                callee.map(|callee| Place::Ret(callee.to_string()))
            }
            ExprKind::Subscript { value, .. } => return self.is_position(value),
            _ => flows::place(self.loops.find.names, self.loops.key, e),
        };
        let home = place.and_then(|place| self.loops.settled.get(&place));
        home.is_some_and(|home| home.class == self.home.class)
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t));
            }
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                self.found |= self.is_position(value);
                self.own |= self.is_own(value);
                self.target(value);
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Changes<'_, '_, '_, '_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
            StmtKind::AugAssign { target, .. } => self.target(target),
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        if let ExprKind::Call { func, args, .. } = &e.kind {
            if let ExprKind::Attribute { value, .. } = &func.kind {
                self.found |= self.is_position(value);
                self.own |= self.is_own(value) && self.may_change(e);
            }
            self.found |= args.iter().any(|arg| self.is_position(arg));
            self.own |= args.iter().any(|arg| self.is_own(arg)) && self.may_change(e);
        }
        if let ExprKind::Attribute { value, .. } = &e.kind {
            self.reads |= self.is_position(value);
        }
        visit::walk_expr(self, e);
    }
}

/// The names in a target.
pub(super) fn names_of<'e>(target: &'e Expr, out: &mut Vec<&'e Expr>) {
    match &target.kind {
        ExprKind::Name(_) => out.push(target),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|t| names_of(t, out));
        }
        _ => {}
    }
}

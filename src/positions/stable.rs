//! Whether objects stay where they are while a name for one of them is in use.
//!
//! Enters: a place and its container. Leaves: whether nothing moves the container's objects,
//! or puts another container in its place, between the first and the last time that the
//! place is named. To add an object at the end of a list moves none.

use super::flows;
use super::homes::{self, Home, Place, Root};
use super::{Names, Own, objects};
use crate::ast::visit::{self, Visitor};
use crate::ast::{Block, CompareOp, Expr, ExprKind, Stmt, StmtKind};
use crate::infer::rebinds::{called_as, spread};
use crate::infer::scope::{FnScope, in_use};
use crate::source::Span;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};

/// What may end a position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// Objects of a class move within a container, or leave it.
    Moves(String),
    /// Objects of a class are added to a container.
    Grows(String),
    /// An attribute or a variable of the module gets another value.
    Binds(String),
}

/// Builtins that leave the lists that they are given as they are.
const READERS: [&str; 18] = [
    "len",
    "enumerate",
    "zip",
    "sorted",
    "min",
    "max",
    "sum",
    "any",
    "all",
    "list",
    "tuple",
    "reversed",
    "print",
    "str",
    "iter",
    "next",
    "set",
    "bool",
];

/// Methods that leave each object where it is.
const KEEPERS: [&str; 8] = [
    "get",
    "keys",
    "values",
    "items",
    "index",
    "count",
    "copy",
    "setdefault",
];

/// Methods that add objects at the end.
const GROWERS: [&str; 2] = ["append", "extend"];

/// What the functions of a module do to containers.
pub(super) struct Effects<'s, 'm> {
    names: &'s Names<'m>,
    /// By each function itself, and where.
    own: BTreeMap<&'s str, Search<'s, 'm>>,
    /// With what it calls, by the name under which it is called.
    called: BTreeMap<String, BTreeSet<Effect>>,
}

impl<'s, 'm> Effects<'s, 'm> {
    pub(super) fn of(names: &'s Names<'m>, homes: &'s BTreeMap<Place, Home>) -> Self {
        let mut searched = BTreeMap::new();
        let mut called: BTreeMap<String, BTreeSet<Effect>> = BTreeMap::new();
        let mut mentions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (key, own) in &names.functions {
            let mut search = Search::of(names, homes, key, own);
            search.visit_block(&own.function.body);
            let name = called_as(key);
            if let Some(class) = key.strip_suffix(".__init__") {
                let made = mentions.entry(class.to_string()).or_default();
                made.insert("__init__".to_string());
                called.entry(class.to_string()).or_default();
            }
            let effects = search.effects.iter().map(|(_, e)| e.clone());
            called.entry(name.clone()).or_default().extend(effects);
            let mentioned = search.mentioned.iter().map(|(_, n)| n.clone());
            mentions.entry(name).or_default().extend(mentioned);
            searched.insert(key.as_str(), search);
        }
        spread(&mut called, &mentions);
        Self {
            names,
            own: searched,
            called,
        }
    }

    /// Whether the objects of a container stay where they are while a place names one of them.
    pub(super) fn keeps(&self, place: &Place, home: &Home, looped: bool) -> bool {
        let (key, region) = match place {
            Place::Ret(_) => return true,
            Place::Attr(..) => (
                None,
                Span {
                    start: 0,
                    end: u32::MAX,
                },
            ),
            Place::Var(key, version) => {
                let Some(own) = self.names.functions.get(key) else {
                    return false;
                };
                if let Root::Local(_, root) = &home.root
                    && own
                        .scope
                        .vars
                        .get(root)
                        .is_none_or(|info| info.bindings > 1)
                {
                    return false;
                }
                let region = in_use(&own.function.body, &own.scope, version);
                (Some(key), in_loops(own, version, region))
            }
        };
        let mut ends: BTreeSet<Effect> = home.attrs.iter().cloned().map(Effect::Binds).collect();
        ends.insert(Effect::Moves(home.class.clone()));
        // A loop over the container sees what is added to it.
        if looped {
            ends.insert(Effect::Grows(home.class.clone()));
        }
        if let Root::Global(name) = &home.root {
            ends.insert(Effect::Binds(name.clone()));
        }
        let within = |at: &u32| region.start <= *at && *at < region.end;
        let called = |name: &String| {
            let effects = self.called.get(name);
            effects.is_some_and(|e| e.iter().any(|e| ends.contains(e)))
        };
        let functions = self.own.iter();
        let mut searched = functions.filter(|(k, _)| key.is_none_or(|key| key == **k));
        searched.all(|(_, search)| {
            // What puts the object into its container.
            let own = |at: &u32| match place {
                Place::Var(_, version) => search.joined.get(at) == Some(version),
                Place::Ret(_) | Place::Attr(..) => false,
            };
            let mut direct = search.effects.iter().filter(|(at, _)| !own(at));
            let mut mentioned = search.mentioned.iter();
            !direct.any(|(at, e)| within(at) && ends.contains(e))
                && !mentioned.any(|(at, name)| within(at) && called(name))
        })
    }
}

/// The stretch with the whole of the loops whose target the variable is.
fn in_loops(own: &Own<'_>, version: &str, region: Span) -> Span {
    struct Loops<'s> {
        own: &'s Own<'s>,
        version: &'s str,
        region: Span,
    }
    impl<'ast> Visitor<'ast> for Loops<'_> {
        fn visit_stmt(&mut self, stmt: &'ast Stmt) {
            if let StmtKind::For { target, .. } = &stmt.kind {
                let mut leaves = Vec::new();
                homes::names_of(target, &mut leaves);
                let names = &self.own.scope.names;
                if leaves
                    .iter()
                    .any(|n| names.get(&n.id).is_some_and(|v| v == self.version))
                {
                    self.region.start = self.region.start.min(stmt.span.start);
                    self.region.end = self.region.end.max(stmt.span.end);
                }
            }
            visit::walk_stmt(self, stmt);
        }
    }
    let mut loops = Loops {
        own,
        version,
        region,
    };
    loops.visit_block(&own.function.body);
    loops.region
}

/// What one function does, and where.
struct Search<'s, 'm> {
    names: &'s Names<'m>,
    /// The places that are positions.
    homes: &'s BTreeMap<Place, Home>,
    key: &'s str,
    /// The object that is under construction.
    made: Option<&'s str>,
    /// Where an object is added under a key that is not there yet.
    added: BTreeSet<u32>,
    /// Where a new object joins its container, with the variable that names it.
    joined: BTreeMap<u32, String>,
    effects: Vec<(u32, Effect)>,
    mentioned: Vec<(u32, String)>,
}

impl<'s, 'm> Search<'s, 'm> {
    fn of(
        names: &'s Names<'m>,
        homes: &'s BTreeMap<Place, Home>,
        key: &'s str,
        own: &'s Own<'m>,
    ) -> Self {
        let made = own.receiver.map(|(_, first)| first);
        Self {
            names,
            homes,
            key,
            made: made.filter(|_| key.ends_with(".__init__")),
            added: BTreeSet::new(),
            joined: BTreeMap::new(),
            effects: Vec::new(),
            mentioned: Vec::new(),
        }
    }

    /// The classes of the objects that a container keeps.
    fn kept(&self, e: &Expr) -> Vec<String> {
        let mut found = Vec::new();
        let ty = self.names.ty(self.key, e.id);
        if let Ty::Dict { value, .. } = ty.narrowed()
            && let Some((class, _)) = objects(&value, self.names.model)
        {
            found.push(class);
        }
        if let Some((class, true)) = objects(&ty, self.names.model) {
            found.push(class);
        }
        if let Ty::Deque { elem, .. } = ty.narrowed()
            && let Some((class, false)) = objects(&elem, self.names.model)
        {
            found.push(class);
        }
        found
    }

    fn moves(&mut self, container: &Expr, at: u32) {
        // A list of positions keeps no objects.
        let place = super::flows::place(self.names, self.key, container);
        if place.is_some_and(|place| self.homes.contains_key(&place)) {
            return;
        }
        for class in self.kept(container) {
            self.effects.push((at, Effect::Moves(class)));
        }
    }

    /// `if key not in d: d[key] = …`, or `if x is None` after `x = d.get(key)`: what is
    /// written under a key that is not there.
    fn adds<'a>(&self, test: &Expr, body: &'a Block) -> Option<&'a Expr> {
        let stores = body.stmts.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Assign { targets, .. } => match targets.as_slice() {
                [target] if matches!(target.kind, ExprKind::Subscript { .. }) => Some(target),
                _ => None,
            },
            _ => None,
        });
        let target = stores?;
        let ExprKind::Subscript { value: dict, index } = &target.kind else {
            return None;
        };
        let ExprKind::Compare { left, ops, rest } = &test.kind else {
            return None;
        };
        let own = self.names.functions.get(self.key)?;
        let version = |e: &Expr| own.scope.names.get(&e.id).cloned();
        let key = version(index)?;
        if own.scope.vars.get(&key)?.bindings > 1 {
            return None;
        }
        let container = homes::home(self.names, self.key, dict).filter(|h| h.dict)?;
        let same = |e: &Expr| homes::home(self.names, self.key, e).as_ref() == Some(&container);
        match (ops.as_slice(), rest.as_slice()) {
            ([CompareOp::NotIn], [right]) => {
                (same(right) && version(left).as_ref() == Some(&key)).then_some(target)
            }
            ([CompareOp::Is], [right]) if matches!(right.kind, ExprKind::None) => {
                let found = version(left)?;
                let asked = Asked {
                    scope: &own.scope,
                    found: &found,
                    before: test.span.start,
                    last: None,
                };
                let (asked, from) = asked.within(&own.function.body)?;
                (same(from) && version(asked).as_ref() == Some(&key)).then_some(target)
            }
            _ => None,
        }
    }

    fn target(&mut self, target: &Expr, value: Option<&Expr>) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|t| self.target(t, None));
            }
            ExprKind::Starred(inner) => self.target(inner, None),
            ExprKind::Name(name) => {
                let own = self.names.functions.get(self.key);
                if own.is_some_and(|own| own.scope.globals.contains(name)) {
                    let effect = Effect::Binds(name.clone());
                    self.effects.push((target.span.start, effect));
                }
            }
            ExprKind::Subscript { value: base, .. } => {
                let at = target.span.start;
                let added = self.added.contains(&at);
                if !added {
                    self.moves(base, at);
                }
            }
            ExprKind::Attribute { value: base, attr } => {
                let made = matches!(&base.kind, ExprKind::Name(n) if Some(n.as_str()) == self.made);
                if !made {
                    let at = target.span.start;
                    self.effects.push((at, Effect::Binds(attr.name.clone())));
                    self.moves(target, at);
                    if let Some(value) = value {
                        self.moves(value, at);
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visitor<'ast> for Search<'_, '_> {
    fn visit_block(&mut self, block: &'ast Block) {
        let scope = self.names.functions.get(self.key).map(|own| &own.scope);
        for (i, stmt) in block.stmts.iter().enumerate() {
            let rest = block.stmts.get(i + 1..).unwrap_or(&[]);
            if let Some(joins) = flows::joins(self.names, stmt, rest)
                && let Some(version) = scope.and_then(|s| s.names.get(&joins.item))
            {
                let at = joins.container.span.start;
                self.joined.insert(at, version.clone());
            }
        }
        visit::walk_block(self, block);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.target(t, Some(value)));
            }
            StmtKind::If { test, body, .. } => {
                if let Some(target) = self.adds(test, body) {
                    self.added.insert(target.span.start);
                }
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|t| self.target(t, None)),
            StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                self.target(target, None);
            }
            StmtKind::AugAssign { target, .. } => {
                if matches!(target.kind, ExprKind::Subscript { .. }) {
                    self.target(target, None);
                }
                // `tracks += […]`
                for class in self.kept(target) {
                    self.effects.push((target.span.start, Effect::Grows(class)));
                }
            }
            _ => {}
        }
        visit::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, e: &'ast Expr) {
        let at = e.span.start;
        match &e.kind {
            ExprKind::Name(name) => {
                // A variable that is no function hides one of that name.
                let own = self.names.functions.get(self.key);
                let local = own.is_some_and(|own| own.scope.names.contains_key(&e.id));
                let ty = self.names.ty(self.key, e.id).narrowed();
                let data = matches!(
                    ty,
                    Ty::Instance(_) | Ty::Int | Ty::Float | Ty::Str | Ty::Bool
                );
                if !(local && data) {
                    self.mentioned.push((at, name.clone()));
                }
            }
            ExprKind::Attribute { attr, .. } => self.mentioned.push((at, attr.name.clone())),
            ExprKind::Call { func, args, .. } => {
                match &func.kind {
                    ExprKind::Attribute { value, attr }
                        if GROWERS.contains(&attr.name.as_str()) =>
                    {
                        for class in self.kept(value) {
                            self.effects.push((at, Effect::Grows(class)));
                        }
                        // A full deque gives up the first.
                        if matches!(
                            self.names.ty(self.key, value.id).narrowed(),
                            Ty::Deque { .. }
                        ) {
                            self.moves(value, at);
                        }
                    }
                    ExprKind::Attribute { value, attr } => {
                        if !KEEPERS.contains(&attr.name.as_str()) {
                            self.moves(value, at);
                        }
                    }
                    ExprKind::Name(_) => {}
                    _ => self.mentioned.push((at, "__call__".to_string())),
                }
                // Who knows what a function does to a list that is not of this file.
                let own = self.names.callee(self.key, e.id).is_some();
                let reads =
                    matches!(&func.kind, ExprKind::Name(n) if READERS.contains(&n.as_str()));
                if !own && !reads && !matches!(func.kind, ExprKind::Attribute { .. }) {
                    args.iter().for_each(|arg| self.moves(arg, at));
                }
            }
            _ => {}
        }
        visit::walk_expr(self, e);
    }
}

/// The last `x = d.get(key)` before a place in the source, of a variable.
struct Asked<'s, 'ast> {
    scope: &'s FnScope,
    found: &'s str,
    before: u32,
    last: Option<&'ast Expr>,
}

impl<'ast> Asked<'_, 'ast> {
    /// The key and the dict.
    fn within(mut self, body: &'ast Block) -> Option<(&'ast Expr, &'ast Expr)> {
        self.visit_block(body);
        let ExprKind::Call { func, args, .. } = &self.last?.kind else {
            return None;
        };
        match (&func.kind, args.as_slice()) {
            (ExprKind::Attribute { value, attr }, [key]) if attr.name == "get" => {
                Some((key, value))
            }
            _ => None,
        }
    }
}

impl<'ast> Visitor<'ast> for Asked<'_, 'ast> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && stmt.span.start < self.before
            && targets
                .iter()
                .any(|t| self.scope.names.get(&t.id).is_some_and(|v| v == self.found))
        {
            self.last = Some(value);
        }
        visit::walk_stmt(self, stmt);
    }
}

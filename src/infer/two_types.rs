//! Functions that are called with values of types that have nothing in common, or with ints
//! here and floats there where they show the difference.
//!
//! Enters: the calls of the file's functions, in the last round. Leaves: notes in the model
//! of which calls go to a copy of the function, and what the copy is called after; the
//! problems of the function that takes both are gone with the next look. This module must
//! not know how a copy is made.

use super::Inference;
use super::eval::Scope;
use super::model::{Fact, Role};
use super::unions::is_union;
use super::ways::of_variant;
use crate::ast::{self, Expr, ExprKind, NodeId};
use crate::desugar::typed::Sugar;
use crate::ty::{Ty, shown_class};
use std::collections::{BTreeMap, BTreeSet};

/// The most kinds of arguments for which a function is copied.
const MOST_KINDS: usize = 5;

/// The calls of each function.
#[derive(Debug, Default)]
pub(crate) struct Calls(BTreeMap<String, Vec<Call>>);

/// A call, as it is made from one way of running the function that it stands in.
#[derive(Debug)]
struct Call {
    at: NodeId,
    /// That function, and the way.
    from: Option<(String, u32)>,
    /// The types of the arguments.
    types: Vec<Ty>,
}

/// Calls that one function can take.
struct Group {
    kinds: Vec<Ty>,
    calls: Vec<(NodeId, Option<(String, u32)>)>,
}

impl Inference<'_> {
    /// Takes down a call, in the last round.
    pub(super) fn called_with(&mut self, scope: &Scope<'_>, e: &Expr, key: &str, facts: &[Fact]) {
        let method = key.rsplit('.').next().unwrap_or(key);
        let written = match &e.kind {
            ExprKind::Call { .. } => !method.starts_with("__"),
            ExprKind::Binary { .. } => !method.starts_with("__r"),
            _ => false,
        };
        if !self.recording || !written {
            return;
        }
        let types: Vec<Ty> = facts.iter().map(|f| f.ty.clone()).collect();
        let caller = scope.id.and_then(|id| self.model.functions.get(id.0));
        let from = caller.map(|f| (f.python_name.clone(), of_variant(f.variant)));
        let calls = self.calls.0.entry(key.to_string()).or_default();
        match calls.iter_mut().find(|c| c.at == e.id && c.from == from) {
            Some(call) => {
                for (known, ty) in call.types.iter_mut().zip(&types) {
                    *known = known.join(ty);
                }
            }
            None => calls.push(Call {
                at: e.id,
                from,
                types,
            }),
        }
    }

    /// Whether a type is, or has in it, a contradiction: what is no union either.
    pub(super) fn contradicts(&self, ty: &Ty) -> bool {
        let torn = |ty: &Ty| match ty {
            Ty::Mixed(_) => !self.unite || !is_union(ty),
            ty => matches!(ty, Ty::Conflict(_)),
        };
        ty.any(&torn)
    }

    /// Whether a function shows which of its numbers are ints.
    fn mixes(&self, key: &str) -> bool {
        let Some(function) = self.functions.get(key) else {
            return false;
        };
        self.mixed.iter().any(|span| {
            let mut stmts = function.body.stmts.iter();
            stmts.any(|stmt| stmt.span.start <= span.start && span.end <= stmt.span.end)
        })
    }

    /// Notes which calls go to a copy.
    pub(super) fn by_kinds(&mut self) {
        let several = self.with_several_ways();
        // What stands there is another thing for each kind: the copies say which.
        for name in &several {
            if let Some(function) = self.functions.get(name) {
                let mut nodes = Nodes(BTreeSet::new());
                ast::visit::Visitor::visit_block(&mut nodes, &function.body);
                self.model.sugar.retain(|at, _| !nodes.0.contains(at));
            }
        }
        for (key, calls) in std::mem::take(&mut self.calls).0 {
            let mut params: Vec<Ty> = Vec::new();
            for model in &self.model.functions {
                if model.python_name == key {
                    let tys = model.params.iter().map(|p| p.ty.clone());
                    match params.is_empty() {
                        true => params = tys.collect(),
                        false => params
                            .iter_mut()
                            .zip(tys)
                            .for_each(|(a, b)| *a = a.join(&b)),
                    }
                }
            }
            let places = |wanted: &dyn Fn(&Ty) -> bool| -> Vec<usize> {
                let found = params.iter().enumerate().filter(|(_, ty)| wanted(ty));
                found.map(|(i, _)| i).collect()
            };
            let of_kinds = places(&|ty| self.contradicts(ty));
            let by_numbers = of_kinds.is_empty();
            let places = match by_numbers {
                true if self.mixes(&key) => places(&|ty| numbers(ty).is_some()),
                _ => of_kinds,
            };
            if places.is_empty() {
                continue;
            }
            let join = match by_numbers {
                true => of_like_numbers,
                false => of_one_kind,
            };
            let mut groups: Vec<Group> = Vec::new();
            for call in calls {
                let own: Vec<Ty> = places
                    .iter()
                    .filter_map(|i| call.types.get(*i).cloned())
                    .collect();
                if own.len() != places.len() || own.iter().any(|t| contradicts(t) || open(t)) {
                    continue;
                }
                let fits = groups
                    .iter_mut()
                    .find_map(|group| Some((join(&group.kinds, &own)?, group)));
                match fits {
                    Some((joined, group)) => {
                        group.kinds = joined;
                        group.calls.push((call.at, call.from));
                    }
                    None => groups.push(Group {
                        kinds: own,
                        calls: vec![(call.at, call.from)],
                    }),
                }
            }
            if !(2..=MOST_KINDS).contains(&groups.len()) {
                continue;
            }
            // Ints go to a copy, so that the function stays the one for floats.
            if by_numbers {
                groups.sort_by_key(|group| only_ints(&group.kinds));
            }
            let mut suffixes: Vec<String> = vec![String::new()];
            // The first kind keeps the function itself.
            for group in groups.iter().skip(1) {
                let mut suffix: Vec<String> = group.kinds.iter().map(kind).collect();
                suffix.dedup();
                let mut suffix = match (by_numbers, only_ints(&group.kinds)) {
                    (true, true) => "int".into(),
                    (true, false) => "mixed".into(),
                    (false, _) => suffix.join("_"),
                };
                while suffixes.contains(&suffix) {
                    suffix.push('_');
                }
                suffixes.push(suffix);
            }
            if !by_numbers {
                self.recursions(&key, &places, &groups, &suffixes);
            }
            let mut goes: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
            for (i, group) in groups.iter().enumerate() {
                for (at, from) in &group.calls {
                    // A call in a function that is called with several kinds itself comes next.
                    if from
                        .as_ref()
                        .is_none_or(|(name, _)| !several.contains(name))
                    {
                        goes.entry(*at).or_default().insert(i);
                    }
                }
            }
            for (at, to) in goes {
                let to: Vec<usize> = to.into_iter().collect();
                if let [i] = to.as_slice()
                    && let Some(suffix) = suffixes.get(*i).filter(|_| *i > 0)
                {
                    let copy = Sugar::Copy(key.clone(), suffix.clone());
                    self.model.sugar.insert(at, copy);
                }
            }
        }
    }

    /// The functions that are called with values of several kinds.
    fn with_several_ways(&self) -> BTreeSet<String> {
        let mut ways: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for model in &self.model.functions {
            if model.role == Role::Helper && model.called_in == self.round {
                let own = ways.entry(&model.python_name).or_default();
                own.insert(of_variant(model.variant));
            }
        }
        let several = ways.into_iter().filter(|(_, ways)| ways.len() > 1);
        several.map(|(name, _)| name.to_string()).collect()
    }

    /// Notes where the calls of a function by itself go, in each of its copies.
    fn recursions(&mut self, key: &str, places: &[usize], groups: &[Group], suffixes: &[String]) {
        // The group that a way of running the function is.
        let group_of = |way: u32| {
            let mut own: Option<Vec<Ty>> = None;
            for model in &self.model.functions {
                if model.python_name == key && of_variant(model.variant) == way {
                    let tys = places.iter().filter_map(|i| model.params.get(*i));
                    let tys: Vec<Ty> = tys.map(|p| p.ty.clone()).collect();
                    own = Some(match own {
                        None => tys,
                        Some(own) => own.iter().zip(&tys).map(|(a, b)| a.join(b)).collect(),
                    });
                }
            }
            let own = own?;
            groups
                .iter()
                .position(|g| of_one_kind(&g.kinds, &own).is_some())
        };
        let mut found: Vec<(NodeId, usize, usize)> = Vec::new();
        for (to, group) in groups.iter().enumerate() {
            for (at, from) in &group.calls {
                if let Some((name, way)) = from
                    && name == key
                    && let Some(from) = group_of(*way)
                {
                    found.push((*at, from, to));
                }
            }
        }
        for (at, from, to) in found {
            let (Some(own), Some(suffix)) = (suffixes.get(from), suffixes.get(to)) else {
                continue;
            };
            if from == 0 && to > 0 {
                let copy = Sugar::Copy(key.to_string(), suffix.clone());
                self.model.sugar.insert(at, copy);
            }
            let of = (key.to_string(), own.clone());
            let calls = self.model.recursions.entry(of).or_default();
            calls.insert(at, suffix.clone());
        }
    }
}

/// Every expression of a block.
struct Nodes(BTreeSet<NodeId>);

impl<'ast> ast::visit::Visitor<'ast> for Nodes {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.0.insert(e.id);
        ast::visit::walk_expr(self, e);
    }
}

/// Two calls that one function can take: what its parameters are then.
fn of_one_kind(a: &[Ty], b: &[Ty]) -> Option<Vec<Ty>> {
    let joined: Vec<Ty> = a.iter().zip(b).map(|(a, b)| a.join(b)).collect();
    (!joined.iter().any(contradicts)).then_some(joined)
}

/// Two calls that one function can take which shows whether a number is an int: both with
/// ints alone, or neither, and with ints beside floats at the same places.
fn of_like_numbers(a: &[Ty], b: &[Ty]) -> Option<Vec<Ty>> {
    let joined = of_one_kind(a, b)?;
    let mixed = |tys: &[Ty]| -> Vec<bool> {
        let is_mixed = |ty: &Ty| numbers(ty).is_some_and(|n| n != Ty::Float);
        tys.iter().map(is_mixed).collect()
    };
    let whole = mixed(&joined);
    let like = only_ints(a) == only_ints(b) && (whole == mixed(a) || whole == mixed(b));
    like.then_some(joined)
}

fn only_ints(tys: &[Ty]) -> bool {
    tys.iter()
        .filter_map(numbers)
        .all(|number| number == Ty::Int)
}

/// The numbers that a type is, or has in its lists.
fn numbers(ty: &Ty) -> Option<Ty> {
    match ty {
        Ty::Int | Ty::Float | Ty::Number => Some(ty.clone()),
        Ty::IntOrFloat => None,
        Ty::List { elem, .. } | Ty::Deque { elem, .. } | Ty::Option(elem) => numbers(elem),
        Ty::Tuple(items) => items.iter().filter_map(numbers).reduce(|a, b| a.join(&b)),
        Ty::Unknown
        | Ty::None
        | Ty::Bool
        | Ty::Str
        | Ty::Range
        | Ty::Position
        | Ty::Record(_)
        | Ty::Dict { .. }
        | Ty::Set(_)
        | Ty::Struct(_)
        | Ty::Enum(_)
        | Ty::Tagged(_)
        | Ty::Message { .. }
        | Ty::Messages { .. }
        | Ty::Context
        | Ty::Tov
        | Ty::Metadata
        | Ty::Module(_)
        | Ty::Function(_)
        | Ty::Class(_)
        | Ty::Instance(_)
        | Ty::Member(_)
        | Ty::Exception(_)
        | Ty::Mixed(_)
        | Ty::Conflict(_) => None,
    }
}

/// Whether a type is, or has in it, a contradiction.
pub fn contradicts(ty: &Ty) -> bool {
    ty.any(&|ty| matches!(ty, Ty::Conflict(_) | Ty::Mixed(_)))
}

/// Whether too little is known of a type to tell calls apart by it.
fn open(ty: &Ty) -> bool {
    matches!(ty, Ty::Unknown | Ty::None)
}

/// What a function is called after that takes values of that type.
pub fn kind(ty: &Ty) -> String {
    let snake = |name: &str| crate::desugar::snake(name);
    match ty {
        Ty::Bool => "bool".into(),
        Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat => "number".into(),
        Ty::Str | Ty::Enum(_) => "text".into(),
        Ty::Tagged(name) => snake(name.rsplit(':').next().unwrap_or(name)),
        Ty::Option(inner) => format!("optional_{}", kind(inner)),
        Ty::Tuple(items) => format!("tuple{}", items.len()),
        Ty::List { elem, .. } => match &**elem {
            Ty::Int | Ty::Float | Ty::Number | Ty::IntOrFloat | Ty::Unknown => "list".into(),
            elem => format!("list_of_{}", kind(elem)),
        },
        Ty::Range => "range".into(),
        Ty::Record(_) | Ty::Dict { .. } => "dict".into(),
        Ty::Set(_) => "set".into(),
        Ty::Deque { .. } => "deque".into(),
        Ty::Struct(name) => snake(name.rsplit(':').next().unwrap_or(name)),
        Ty::Class(name) | Ty::Instance(name) | Ty::Member(name) => snake(shown_class(name)),
        Ty::Unknown
        | Ty::None
        | Ty::Position
        | Ty::Message { .. }
        | Ty::Messages { .. }
        | Ty::Context
        | Ty::Tov
        | Ty::Metadata
        | Ty::Module(_)
        | Ty::Function(_)
        | Ty::Exception(_)
        | Ty::Mixed(_)
        | Ty::Conflict(_) => "other".into(),
    }
}

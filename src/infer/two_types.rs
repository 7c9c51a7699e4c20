//! Functions that are called with values of types that have nothing in common, or with ints
//! here and floats there where they show the difference.
//!
//! Enters: the calls of the file's functions, in the last round. Leaves: notes in the model
//! of which calls go to a copy of the function, and what the copy is called after; the
//! problems of the function that takes both are gone with the next look. This module must
//! not know how a copy is made.

use super::Inference;
use super::model::Fact;
use crate::ast::{Expr, ExprKind, NodeId};
use crate::desugar::typed::Sugar;
use crate::ty::{Ty, shown_class};
use std::collections::BTreeMap;

/// The most kinds of arguments for which a function is copied.
const MOST_KINDS: usize = 5;

/// The calls of each function, by the node, with the types of the arguments.
#[derive(Debug, Default)]
pub(crate) struct Calls(BTreeMap<String, Vec<(NodeId, Vec<Ty>)>>);

impl Inference<'_> {
    /// Takes down a call, in the last round.
    pub(super) fn called_with(&mut self, e: &Expr, key: &str, facts: &[Fact]) {
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
        let calls = self.calls.0.entry(key.to_string()).or_default();
        match calls.iter_mut().find(|(id, _)| *id == e.id) {
            Some((_, known)) => {
                for (known, ty) in known.iter_mut().zip(&types) {
                    *known = known.join(ty);
                }
            }
            None => calls.push((e.id, types)),
        }
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
            let places = |wanted: fn(&Ty) -> bool| -> Vec<usize> {
                let found = params.iter().enumerate().filter(|(_, ty)| wanted(ty));
                found.map(|(i, _)| i).collect()
            };
            let of_kinds = places(contradicts);
            let by_numbers = of_kinds.is_empty();
            let places = match by_numbers {
                true if self.mixes(&key) => places(|ty| numbers(ty).is_some()),
                _ => of_kinds,
            };
            if places.is_empty() {
                continue;
            }
            let join = match by_numbers {
                true => of_like_numbers,
                false => of_one_kind,
            };
            let mut groups: Vec<(Vec<Ty>, Vec<NodeId>)> = Vec::new();
            for (id, types) in calls {
                let own: Vec<Ty> = places
                    .iter()
                    .filter_map(|i| types.get(*i).cloned())
                    .collect();
                if own.len() != places.len() || own.iter().any(|t| contradicts(t) || open(t)) {
                    continue;
                }
                let fits = groups
                    .iter_mut()
                    .find_map(|(kinds, ids)| Some((join(kinds, &own)?, kinds, ids)));
                match fits {
                    Some((joined, kinds, ids)) => {
                        *kinds = joined;
                        ids.push(id);
                    }
                    None => groups.push((own, vec![id])),
                }
            }
            if !(2..=MOST_KINDS).contains(&groups.len()) {
                continue;
            }
            // Ints go to a copy, so that the function stays the one for floats.
            if by_numbers {
                groups.sort_by_key(|(kinds, _)| only_ints(kinds));
            }
            let mut suffixes: Vec<String> = Vec::new();
            // The first kind keeps the function itself.
            for (kinds, _) in groups.iter().skip(1) {
                let mut suffix: Vec<String> = kinds.iter().map(kind).collect();
                suffix.dedup();
                let mut suffix = match (by_numbers, only_ints(kinds)) {
                    (true, true) => "int".into(),
                    (true, false) => "mixed".into(),
                    (false, _) => suffix.join("_"),
                };
                while suffixes.contains(&suffix) {
                    suffix.push('_');
                }
                suffixes.push(suffix);
            }
            for ((_, ids), suffix) in groups.into_iter().skip(1).zip(suffixes) {
                for id in ids {
                    let copy = Sugar::Copy(key.clone(), suffix.clone());
                    self.model.sugar.insert(id, copy);
                }
            }
        }
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
        Ty::Int | Ty::Float | Ty::Number => "number".into(),
        Ty::Str | Ty::Enum(_) => "text".into(),
        Ty::Tagged(name) => snake(name.rsplit(':').next().unwrap_or(name)),
        Ty::Option(inner) => format!("optional_{}", kind(inner)),
        Ty::Tuple(items) => format!("tuple{}", items.len()),
        Ty::List { elem, .. } => match &**elem {
            Ty::Int | Ty::Float | Ty::Number | Ty::Unknown => "list".into(),
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

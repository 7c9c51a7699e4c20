//! Functions that are called with values of types that have nothing in common.
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
            let places: Vec<usize> = params
                .iter()
                .enumerate()
                .filter(|(_, ty)| contradicts(ty))
                .map(|(i, _)| i)
                .collect();
            if places.is_empty() {
                continue;
            }
            let mut groups: Vec<(Vec<Ty>, Vec<NodeId>)> = Vec::new();
            for (id, types) in calls {
                let own: Vec<Ty> = places
                    .iter()
                    .filter_map(|i| types.get(*i).cloned())
                    .collect();
                if own.len() != places.len() || own.iter().any(|t| contradicts(t) || open(t)) {
                    continue;
                }
                let fits = groups.iter_mut().find_map(|(kinds, ids)| {
                    let joined: Vec<Ty> = kinds.iter().zip(&own).map(|(a, b)| a.join(b)).collect();
                    (!joined.iter().any(contradicts)).then_some((kinds, ids, joined))
                });
                match fits {
                    Some((kinds, ids, joined)) => {
                        *kinds = joined;
                        ids.push(id);
                    }
                    None => groups.push((own, vec![id])),
                }
            }
            if !(2..=MOST_KINDS).contains(&groups.len()) {
                continue;
            }
            let mut suffixes: Vec<String> = Vec::new();
            for (kinds, _) in &groups {
                let mut suffix: Vec<String> = kinds.iter().map(kind).collect();
                suffix.dedup();
                let mut suffix = suffix.join("_");
                while suffixes.contains(&suffix) {
                    suffix.push('_');
                }
                suffixes.push(suffix);
            }
            // The first kind keeps the function itself.
            for ((_, ids), suffix) in groups.into_iter().zip(suffixes).skip(1) {
                for id in ids {
                    let copy = Sugar::Copy(key.clone(), suffix.clone());
                    self.model.sugar.insert(id, copy);
                }
            }
        }
    }
}

/// Whether a type is, or has in it, a contradiction.
pub fn contradicts(ty: &Ty) -> bool {
    ty.any(&|ty| matches!(ty, Ty::Conflict(_)))
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
        | Ty::Conflict(_) => "other".into(),
    }
}

//! What is never given, and what always is: code that a test for None keeps from running.
//!
//! Enters: the module and its [`Model`]. Leaves: the same module without the branches that
//! never run, and then without the attributes and parameters that are None for ever and that
//! nobody asks any more; a note for each test that was settled so. It is a proof over the
//! whole module, as all assignments and all calls are known there. This module must not know
//! Rust syntax.

mod tests;
mod unread;

use crate::ast::Module;
use crate::diagnostic::{Code, Diagnostic};
use crate::infer::Model;
use crate::source::{SourceFile, Span};
use std::collections::BTreeSet;

/// A module from which something was left out.
pub struct Pruned {
    /// The module.
    pub module: Module,
    /// What is said of it.
    pub notes: Vec<Diagnostic>,
}

/// Leaves out what never runs; nothing where there is none.
pub fn pruned(source: &SourceFile, module: &Module, model: &Model) -> Option<Pruned> {
    if !model.links.is_empty() {
        // What some attributes hold is not known.
        return None;
    }
    let mut pruned = module.clone();
    let mut settled = tests::settle(&mut pruned, model);
    let dropped = unread::drop_unread(&mut pruned, model);
    if !settled.any && !dropped {
        return None;
    }
    let mut said = BTreeSet::new();
    settled
        .tests
        .retain(|(span, _)| said.insert(source.slice(*span).to_string()));
    let notes = settled
        .tests
        .into_iter()
        .map(|(span, holds)| note(source, span, holds))
        .collect();
    Some(Pruned {
        module: pruned,
        notes,
    })
}

/// Whether the types of all that is reached are known: then what is never reached is certain.
pub fn is_certain(model: &Model) -> bool {
    let known = |f: &crate::infer::FnModel| f.facts.values().all(|fact| !fact.ty.is_unusable());
    known(&model.module) && model.functions.iter().all(known)
}

fn note(source: &SourceFile, span: Span, holds: bool) -> Diagnostic {
    let text = source.slice(span).lines().next().unwrap_or("").trim();
    let answer = if holds { "always" } else { "never" };
    Diagnostic::new(
        Code::SettledTest,
        span,
        format!("`{text}` {answer} holds: what runs otherwise is left out"),
    )
}

//! A state with the widths that Python computes in.
//!
//! Enters: the module and its [`Model`]. Leaves: where several functions share narrow
//! fields of the state in one call, a state type of `f64` and `i64` to infer and lower
//! with, and the Rust that loads and stores it; nothing where shadows suffice. PyTask
//! converts the state when the call has succeeded: until then every function sees what
//! Python wrote, unrounded and of any size. This module must not know how statements are
//! lowered.

mod builder;
mod shared;

use crate::ast::Module;
use crate::infer::Model;
use crate::project::{Binding, RustTy, TypeTable};
use crate::ty::last_segment;
use builder::Builder;
use shared::is_shared;
use std::collections::{BTreeMap, BTreeSet};

/// What the keys of wide types start with.
pub const WIDE: &str = "<wide>::";

/// The wide state.
#[derive(Debug, Clone)]
pub struct Widened {
    /// The app's types and the wide ones.
    pub types: TypeTable,
    /// The binding, with the wide state.
    pub binding: Binding,
    /// The Rust of the wide types.
    pub items: Vec<String>,
    /// The keys of the app's types that this Rust names.
    pub uses: BTreeSet<String>,
    /// Whether storing can fail.
    pub fallible: bool,
}

/// Widens the state where functions share its narrow fields.
pub fn widen(
    module: &Module,
    model: &Model,
    types: &TypeTable,
    binding: &Binding,
) -> Option<Widened> {
    let RustTy::Named(key) = &binding.state else {
        return None;
    };
    types.struct_def(key)?;
    if !is_shared(module, model, types, key) {
        return None;
    }
    let mut builder = Builder {
        types: types.clone(),
        items: Vec::new(),
        uses: BTreeSet::new(),
        script: binding.script_name.clone(),
        fallible: BTreeMap::new(),
    };
    let wide = builder.record(key)?;
    let fallible = builder.fallible.get(key).copied().unwrap_or(false);
    Some(Widened {
        types: builder.types,
        binding: Binding {
            state: RustTy::Named(wide),
            ..binding.clone()
        },
        items: builder.items,
        uses: builder.uses,
        fallible,
    })
}

/// The fields of outputs that functions share as [`widen`] asks of the state: outputs have
/// no wide version.
pub fn shared_outputs(
    module: &Module,
    model: &Model,
    types: &TypeTable,
    binding: &Binding,
) -> Vec<String> {
    let mut out = Vec::new();
    for ty in &binding.outputs {
        if let RustTy::Named(key) = ty
            && is_shared(module, model, types, key)
        {
            out.push(last_segment(key).to_string());
        }
    }
    out
}

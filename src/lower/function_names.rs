//! The Rust names of a file's functions.
//!
//! Enters: the functions of the model, the classes' names, and the helpers that the file
//! carries beside them. Leaves: [`FunctionNames`], one name for each function, and the
//! functions of each name. This module must not lower anything.

use super::{Lowerer, dunder, vars};
use crate::infer::{FnId, FnModel, Role, variant_suffix};
use std::collections::{BTreeMap, BTreeSet};

/// What the functions and methods of a file are called in Rust.
#[derive(Debug, Default)]
pub(super) struct FunctionNames {
    /// By the places of the functions in the model.
    names: Vec<String>,
    all: BTreeSet<String>,
    /// The methods of each name.
    methods: BTreeMap<String, Vec<FnId>>,
    /// The functions that may be called by each name, by the last part of it.
    callable: BTreeMap<String, Vec<FnId>>,
}

impl FunctionNames {
    /// The names, where `lowerer` knows its classes and helpers.
    pub(super) fn of(lowerer: &Lowerer<'_>) -> Self {
        let functions = &lowerer.input.model.functions;
        let named = lowerer.functions.keys().flat_map(|f| names_in_rust(f));
        let mut names = Self {
            callable: named.map(|name| (name, Vec::new())).collect(),
            ..Self::default()
        };
        for (index, model) in functions.iter().enumerate() {
            let id = FnId(index);
            let name = lowerer.made_name(model);
            if model.python_name.contains('.') {
                names.methods.entry(name.clone()).or_default().push(id);
            }
            for own in names_in_rust(&model.python_name) {
                if let Some(all) = names.callable.get_mut(&own) {
                    all.push(id);
                }
            }
            names.all.insert(name.clone());
            names.names.push(name);
        }
        names
    }

    /// Whether a function may be called by that name.
    pub(super) fn is_callable(&self, name: &str) -> bool {
        self.callable.contains_key(name)
    }

    /// The functions that may be called by that name.
    pub(super) fn callable(&self, name: &str) -> &[FnId] {
        self.callable.get(name).map_or(&[], Vec::as_slice)
    }

    /// The methods of that name.
    pub(super) fn methods(&self, name: &str) -> &[FnId] {
        self.methods.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Lowerer<'_> {
    /// Whether that is the Rust name of a function or method of the file, by its last part.
    pub(crate) fn is_own_function(&self, name: &str) -> bool {
        let last = name.rsplit("::").next().unwrap_or(name);
        self.function_names.all.contains(last)
    }

    /// The name that a function has in the Rust.
    pub(crate) fn function_name(&self, id: FnId) -> String {
        self.function_names
            .names
            .get(id.0)
            .cloned()
            .unwrap_or_default()
    }

    fn made_name(&self, model: &FnModel) -> String {
        let own = model
            .python_name
            .rsplit('.')
            .next()
            .unwrap_or(&model.python_name);
        let name = if model.python_name.contains('.') {
            self.made_method_name(model, own)
        } else {
            let name = self.plain_name(own);
            let clashes = self.reserved.iter().any(|h| h.name() == name);
            match (clashes, self.class_names.is_type(&name)) {
                (_, true) => format!("{}_", vars::snake_case(&name)),
                (true, false) => format!("{name}_"),
                (false, false) => name,
            }
        };
        if self.has_twin(model) {
            format!("{name}{}", variant_suffix(model.variant))
        } else {
            name
        }
    }

    fn made_method_name(&self, model: &FnModel, own: &str) -> String {
        let setter = own.strip_suffix('=').map(|name| format!("set_{name}"));
        let special = setter.or_else(|| dunder::method_name(own).map(str::to_string));
        match special {
            // What the generated code calls on values of its own.
            None if vars::OF_VALUES.contains(&own) => format!("{own}_"),
            None => vars::rust_ident(own),
            Some(name) => {
                let class = model.python_name.trim_end_matches(own);
                let taken = self.functions.contains_key(&format!("{class}{name}"));
                if taken { format!("{name}_") } else { name }
            }
        }
    }

    /// Whether a function is there more than once: for ints and for floats, say.
    fn has_twin(&self, model: &FnModel) -> bool {
        let named = self.input.model.functions.named(&model.python_name);
        let twins = named.filter(|(_, f)| f.role == Role::Helper && f.called_in == model.called_in);
        twins.count() > 1
    }
}

/// What a function of the file may be called in Rust, by the last part of its name.
fn names_in_rust(python: &str) -> impl Iterator<Item = String> {
    let name = python.rsplit('.').next().unwrap_or(python);
    let called = (name == "__call__").then(|| "call".to_string());
    std::iter::once(vars::rust_ident(name)).chain(called)
}

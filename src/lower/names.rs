//! The Rust names of a file's classes.
//!
//! Enters: the classes and the types of the app. Leaves: [`ClassNames`], one Rust name for
//! each class, with no acronym in capitals; none is there twice, and none is the name of a
//! type of the app, of Copper, or of the standard library that generated code writes.

use super::Input;
use crate::ty::last_segment;
use std::collections::{BTreeMap, BTreeSet};

/// Names that generated code writes without a path.
const TAKEN: [&str; 32] = [
    "BTreeMap",
    "BTreeSet",
    "Clone",
    "Copy",
    "CuContext",
    "CuDuration",
    "CuError",
    "CuMsg",
    "CuResult",
    "CuStatelessTask",
    "CuTask",
    "CuTime",
    "Self",
    "Debug",
    "Decode",
    "DecodeError",
    "Default",
    "Encode",
    "EncodeError",
    "Fn",
    "FnMut",
    "Freezable",
    "Iterator",
    "Number",
    "Option",
    "Raised",
    "Reflect",
    "Result",
    "String",
    "Tov",
    "Vec",
    "VecDeque",
];

/// The Rust name of every class of a file, and the way back.
pub(super) struct ClassNames {
    rust: BTreeMap<String, String>,
    python: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl ClassNames {
    /// The names of the classes of a module.
    pub(super) fn of(input: Input<'_>) -> Self {
        let mut taken: BTreeSet<String> = TAKEN.iter().map(ToString::to_string).collect();
        taken.insert(input.task_type.to_string());
        let app = input.types.defs.keys();
        taken.extend(app.map(|key| last_segment(key).to_string()));
        let mut names = Self {
            rust: BTreeMap::new(),
            python: BTreeMap::new(),
            taken,
        };
        for class in input.model.classes.keys() {
            let plain = names.plain(class);
            let numbered = (2..).map(|n| format!("{plain}{n}"));
            let free = |name: &String| !names.python.contains_key(name);
            let mut all = std::iter::once(plain.clone()).chain(numbered);
            let Some(name) = all.find(free) else { continue };
            names.rust.insert(class.clone(), name.clone());
            names.python.insert(name, class.clone());
        }
        names
    }

    /// The Rust name of a class.
    pub(super) fn rust(&self, class: &str) -> String {
        let known = self.rust.get(class).cloned();
        known.unwrap_or_else(|| self.plain(class))
    }

    /// The class that has a Rust name.
    pub(super) fn python(&self, name: &str) -> Option<&String> {
        self.python.get(name)
    }

    /// Whether the generated code has a type of that name.
    pub(super) fn is_type(&self, name: &str) -> bool {
        self.python.contains_key(name) || self.taken.contains(name)
    }

    /// The name of a class with no thought of the other classes.
    fn plain(&self, class: &str) -> String {
        let class = crate::ty::shown_class(class);
        let name = camel(class.trim_start_matches('_'));
        if self.taken.contains(&name) {
            format!("{name}Object")
        } else {
            name
        }
    }
}

/// `PIDController` as `PidController`, `pid_state` as `PidState`.
fn camel(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    let mut start = true;
    for (i, c) in chars.iter().enumerate() {
        if *c == '_' {
            start = true;
            continue;
        }
        let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        let previous_lower = i > 0
            && chars
                .get(i - 1)
                .is_some_and(|p| p.is_lowercase() || p.is_ascii_digit());
        if start || (c.is_uppercase() && (next_lower || previous_lower)) {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = false;
    }
    out
}

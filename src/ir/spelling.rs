//! Rust's spelling of names: `lastError` of the Python is `last_error`.
//!
//! Enters: all that a file of Rust defines, tidied, under the names of the Python, and what the
//! app's own types have for fields. Leaves: the same under names as rustc wants them; two names
//! that differ in Python differ here. Texts, comments and messages stay as Python says them.
//! This module must not know Python.

mod words;

use super::expr::Expr;
use super::{Class, Const, Function, TaskField};
use convert_case::{Boundary, Case, Casing};
use std::collections::{BTreeMap, BTreeSet};
use words::Role;

/// What a file defines, as far as names of it may change.
#[derive(Debug)]
pub struct Items<'a> {
    /// Module variables.
    pub fields: &'a mut Vec<TaskField>,
    /// Structs and enums.
    pub classes: &'a mut Vec<Class>,
    /// Constants.
    pub consts: &'a mut Vec<Const>,
    /// Functions of the module.
    pub functions: Vec<&'a mut Function>,
    /// The methods that Copper calls: their names are Copper's.
    pub methods: Vec<&'a mut Function>,
}

/// `lastError` as `last_error`, `PIDOutput` as `pid_output`; underscores before it stay.
pub fn snake_case(name: &str) -> String {
    let plain = name.trim_start_matches('_');
    if plain.is_empty() && name.len() > 1 {
        return "_unused".to_string();
    }
    let (before, _) = name.split_at(name.len() - plain.len());
    let letters = plain
        .set_boundaries(&[
            Boundary::Underscore,
            Boundary::LowerUpper,
            Boundary::DigitUpper,
            Boundary::Acronym,
        ])
        .to_case(Case::Snake);
    let words: Vec<&str> = letters.split('_').filter(|word| !word.is_empty()).collect();
    format!("{before}{}", words.join("_"))
}

/// Whether rustc would have another name for a variable, a field or a function.
fn is_foreign(name: &str) -> bool {
    name.chars().any(char::is_uppercase)
        || name.trim_matches('_').contains("__")
        || name.len() > 1 && name.chars().all(|c| c == '_')
}

/// Names and what they become.
type Names = BTreeMap<String, String>;

/// Spells the names of a file; `foreign` are fields of types that are defined elsewhere, and
/// `reserved` tells what no name may become.
pub fn spell(mut items: Items<'_>, foreign: &BTreeSet<&str>, reserved: &dyn Fn(&str) -> bool) {
    let mut declared = Declared::of(&mut items);
    declared
        .fields
        .retain(|name| !foreign.contains(name.as_str()));
    let mut file = Spelling {
        fields: Names::new(),
        methods: Names::new(),
        functions: Names::new(),
        consts: items.consts.iter().map(|c| c.name.clone()).collect(),
        reserved,
    };
    let mut used = declared.used;
    used.fields
        .extend(foreign.iter().map(|name| (*name).to_owned()));
    file.fields = named(declared.fields, &mut used.fields, reserved);
    file.methods = named(declared.methods, &mut used.methods, reserved);
    // A function is hidden by a variable of its name.
    file.functions = named(declared.functions, &mut used.names, reserved);
    let own: BTreeSet<String> = items.fields.iter().map(|f| f.name.clone()).collect();
    for field in items.fields.iter_mut() {
        // What the initial values say of other module variables.
        words::in_expr(&mut field.init, &mut |role, word| match role {
            Role::Name if own.contains(word) => file.fields.get(word).cloned(),
            Role::Name | Role::Bound | Role::Field | Role::Method => {
                file.word(&Names::new(), role, word)
            }
        });
        replace(&mut field.name, &file.fields);
    }
    for constant in items.consts.iter_mut() {
        file.expr(&mut constant.value);
    }
    for class in items.classes.iter_mut() {
        for (name, _) in &mut class.fields {
            replace(name, &file.fields);
        }
        for constant in &mut class.consts {
            file.expr(&mut constant.value);
        }
        for method in &mut class.methods {
            replace(&mut method.name, &file.methods);
            file.function(method);
        }
        for (_, method) in &mut class.traits {
            file.function(method);
        }
    }
    for function in items.functions {
        replace(&mut function.name, &file.functions);
        file.function(function);
    }
    for method in items.methods {
        file.function(method);
    }
}

/// What stands before a parameter that is assigned.
const MUT: &str = "mut ";

/// The name of a parameter.
fn plain(param: &str) -> &str {
    param.strip_prefix(MUT).unwrap_or(param)
}

fn replace(name: &mut String, names: &Names) {
    if let Some(new) = names.get(name) {
        name.clone_from(new);
    }
}

/// New names for `old`, none of them in `used`, to which they are added.
fn named(
    old: BTreeSet<String>,
    used: &mut BTreeSet<String>,
    reserved: &dyn Fn(&str) -> bool,
) -> Names {
    let mut names = Names::new();
    for name in old {
        let mut new = snake_case(&name);
        while new.is_empty() || used.contains(&new) || reserved(&new) {
            new.push('_');
        }
        used.insert(new.clone());
        names.insert(name, new);
    }
    names
}

/// The words of a piece of Rust, by what they name.
#[derive(Default)]
struct Used {
    fields: BTreeSet<String>,
    methods: BTreeSet<String>,
    names: BTreeSet<String>,
    /// Those of the names that are bound in it.
    bound: BTreeSet<String>,
}

impl Used {
    fn add(&mut self, role: Role, word: &str) -> Option<String> {
        let set = match role {
            Role::Field => &mut self.fields,
            Role::Method => &mut self.methods,
            Role::Bound => &mut self.bound,
            Role::Name => &mut self.names,
        };
        if !set.contains(word) {
            set.insert(word.to_owned());
        }
        None
    }

    fn expr(&mut self, e: &mut Expr) {
        words::in_expr(e, &mut |role, word| self.add(role, word));
    }

    fn function(&mut self, function: &mut Function) {
        for (name, _) in &function.params {
            self.bound.insert(plain(name).to_owned());
        }
        words::in_block(&mut function.body, &mut |role, word| self.add(role, word));
    }
}

/// What a file defines under names that rustc would have otherwise, and all words in it.
#[derive(Default)]
struct Declared {
    fields: BTreeSet<String>,
    methods: BTreeSet<String>,
    functions: BTreeSet<String>,
    used: Used,
}

impl Declared {
    fn of(items: &mut Items<'_>) -> Self {
        let mut found = Declared::default();
        for field in items.fields.iter_mut() {
            declare(&field.name, &mut found.fields, &mut found.used.fields);
            found.used.expr(&mut field.init);
        }
        for constant in items.consts.iter_mut() {
            found.used.names.insert(constant.name.clone());
            found.used.expr(&mut constant.value);
        }
        for class in items.classes.iter_mut() {
            for (name, _) in &class.fields {
                declare(name, &mut found.fields, &mut found.used.fields);
            }
            for constant in &mut class.consts {
                found.used.expr(&mut constant.value);
            }
            for method in &mut class.methods {
                declare(&method.name, &mut found.methods, &mut found.used.methods);
                found.used.function(method);
            }
            for (_, method) in &mut class.traits {
                found.used.function(method);
            }
        }
        for function in &mut items.functions {
            declare(&function.name, &mut found.functions, &mut found.used.names);
            found.used.function(function);
        }
        for method in &mut items.methods {
            found.used.function(method);
        }
        let bound = std::mem::take(&mut found.used.bound);
        found.used.names.extend(bound);
        found
    }
}

fn declare(name: &str, foreign: &mut BTreeSet<String>, used: &mut BTreeSet<String>) {
    used.insert(name.to_owned());
    if is_foreign(name) {
        foreign.insert(name.to_owned());
    }
}

/// What the names of a file become.
struct Spelling<'r> {
    fields: Names,
    methods: Names,
    functions: Names,
    /// The constants of the module: patterns ask for them by name.
    consts: BTreeSet<String>,
    reserved: &'r dyn Fn(&str) -> bool,
}

impl Spelling<'_> {
    fn word(&self, locals: &Names, role: Role, word: &str) -> Option<String> {
        match role {
            Role::Field => self.fields.get(word),
            Role::Method => self.methods.get(word),
            Role::Bound => locals.get(word),
            Role::Name => locals.get(word).or_else(|| self.functions.get(word)),
        }
        .cloned()
    }

    fn expr(&self, e: &mut Expr) {
        words::in_expr(e, &mut |role, word| self.word(&Names::new(), role, word));
    }

    /// The variables of a function, and what it says of others.
    fn function(&self, function: &mut Function) {
        let mut used = Used::default();
        used.function(function);
        let bound = std::mem::take(&mut used.bound);
        let (old, kept): (BTreeSet<_>, BTreeSet<_>) = bound
            .into_iter()
            .filter(|name| !self.consts.contains(name))
            .partition(|name| is_foreign(name));
        used.names.extend(kept);
        used.names.extend(self.functions.values().cloned());
        let locals = named(old, &mut used.names, self.reserved);
        if locals.is_empty() && self.is_empty() {
            return;
        }
        for (name, _) in &mut function.params {
            if let Some(new) = locals.get(plain(name)) {
                *name = match name.strip_prefix(MUT) {
                    Some(_) => format!("{MUT}{new}"),
                    None => new.clone(),
                };
            }
        }
        words::in_block(&mut function.body, &mut |role, word| {
            self.word(&locals, role, word)
        });
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.methods.is_empty() && self.functions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_rustc_wants_them() {
        for (python, rust) in [
            ("lastError", "last_error"),
            ("_lastError", "_last_error"),
            ("Kp", "kp"),
            ("KP", "kp"),
            ("dT", "d_t"),
            ("getPIDOutput", "get_pid_output"),
            ("qDot1", "q_dot1"),
            ("q1Dot", "q1_dot"),
            ("x2_Max", "x2_max"),
            ("a__b", "a_b"),
            ("S", "s"),
            ("größterWert", "größter_wert"),
        ] {
            assert_eq!(snake_case(python), rust);
            assert!(!is_foreign(rust));
        }
    }
}

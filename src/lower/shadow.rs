//! Fields that Rust keeps narrower than Python computes.
//!
//! PyTask converts a call's state and outputs when the call has succeeded: until then a
//! field holds what Python wrote, an unrounded double for an `f32`, an int of any size for
//! a `u8`. Where that could be seen, the Python value lives in a variable beside the field:
//! - a *let* shadow: `let integral = …; state.integral = integral as f32;`, read afterwards;
//! - a *deferred* shadow: a variable from the first use on, stored where the call succeeds.
//!
//! Which reads see which write is the question that variables pose as well: `scope`
//! answers it for the fields' paths.

mod accesses;
mod rollback;
mod stores;

pub(super) use rollback::needed_rollback;
pub(super) use stores::wide;

use super::function::FnLower;
use super::vars::rust_ident;
use crate::ast::{Expr as PyExpr, NodeId};
use crate::infer::scope::{self, FnScope};
use crate::infer::{Path, Seg};
use crate::ir::RTy;
use accesses::{Access, collect, is_deferred, is_optional_float, text_of};
use std::collections::{BTreeMap, BTreeSet};

/// A variable that stands for a field.
#[derive(Debug, Clone)]
pub(super) struct Shadow {
    /// The field.
    pub(super) path: Path,
    /// Its version; of a deferred shadow the path's text.
    pub(super) version: String,
    /// The variable's name.
    pub(super) name: String,
}

impl Shadow {
    /// Whether it is a message's `tov`, which no error takes back.
    pub(super) fn is_tov(&self) -> bool {
        matches!(self.path.segs.last(), Some(Seg::Attr(name)) if name == "tov")
    }
}

/// The plan for all narrow fields of a function.
#[derive(Debug, Default)]
pub(super) struct Shadows {
    scope: FnScope,
    paths: BTreeMap<String, Path>,
    deferred: BTreeSet<String>,
    /// Where the first access of each deferred path stands in the body.
    first: BTreeMap<String, NodeId>,
    /// Where the first write of each path starts.
    first_write: BTreeMap<String, u32>,
    opened: BTreeSet<String>,
    names: BTreeMap<String, String>,
}

/// What a write does with its value.
pub(super) enum Plan {
    /// Into the field.
    Direct,
    /// Into a variable, and rounded into the field; `fresh` opens the variable.
    Let { shadow: Shadow, fresh: bool },
    /// Into a variable that is stored later; `fresh` opens it.
    Deferred { shadow: Shadow, fresh: bool },
}

impl Shadows {
    /// Finds the fields of a function that need shadows.
    pub(super) fn of(this: &FnLower<'_, '_>) -> Shadows {
        let accesses = collect(this);
        if accesses.is_empty() {
            return Shadows::default();
        }
        let mut paths = BTreeMap::new();
        for access in &accesses {
            paths.insert(access.text.clone(), access.path.clone());
        }
        let texts: Vec<String> = paths.keys().cloned().collect();
        let hook = |e: &PyExpr| text_of(this, e).map(|(text, _)| text);
        let resolved = scope::resolve_paths(this.function, &hook, &texts);
        let mut shadows = Shadows {
            scope: resolved,
            paths,
            ..Shadows::default()
        };
        for (text, path) in &shadows.paths {
            let of_path: Vec<&Access> = accesses.iter().filter(|a| a.text == *text).collect();
            if let Some(first) = of_path.iter().min_by_key(|a| a.start) {
                shadows.first.insert(text.clone(), first.top);
            }
            if let Some(start) = of_path
                .iter()
                .filter(|a| a.write.is_some())
                .map(|a| a.start)
                .min()
            {
                shadows.first_write.insert(text.clone(), start);
            }
            if is_deferred(this, path, &of_path) {
                shadows.deferred.insert(text.clone());
            }
            let float = this
                .lw
                .field_type(this, path)
                .is_some_and(|ty| matches!(wide(&ty), RTy::Float(_)) || is_optional_float(&ty));
            if float || shadows.deferred.contains(text) {
                let mut name = shadow_name(this, path);
                while shadows.names.values().any(|n| *n == name) {
                    name.push('_');
                }
                shadows.names.insert(text.clone(), name);
            }
        }
        shadows
    }

    fn shadow(&self, text: &str, version: &str) -> Option<Shadow> {
        Some(Shadow {
            path: self.paths.get(text)?.clone(),
            version: version.to_string(),
            name: self.names.get(text)?.clone(),
        })
    }

    /// The variable that a read at `node` sees instead of the field.
    pub(super) fn read(&self, node: NodeId) -> Option<Shadow> {
        let version = self.scope.names.get(&node)?;
        let text = base_text(version);
        if self.deferred.contains(text) {
            return self
                .opened
                .contains(text)
                .then(|| self.shadow(text, text))
                .flatten();
        }
        self.opened
            .contains(version.as_str())
            .then(|| self.shadow(text, version))
            .flatten()
    }

    /// What the write at `node` does.
    pub(super) fn write(&mut self, node: NodeId) -> Plan {
        let Some(version) = self.scope.written.get(&node).cloned() else {
            return Plan::Direct;
        };
        let text = base_text(&version).to_string();
        if self.deferred.contains(&text) {
            let fresh = self.opened.insert(text.clone());
            return self
                .shadow(&text, &text)
                .map_or(Plan::Direct, |shadow| Plan::Deferred { shadow, fresh });
        }
        if !self.wants_let(&version) {
            return Plan::Direct;
        }
        let fresh = self.opened.insert(version.clone());
        self.shadow(&text, &version)
            .map_or(Plan::Direct, |shadow| Plan::Let { shadow, fresh })
    }

    /// The shadows that are open.
    pub(super) fn opened(&self) -> BTreeSet<String> {
        self.opened.clone()
    }

    /// Puts back what [`Shadows::opened`] gave.
    pub(super) fn reopen(&mut self, opened: BTreeSet<String>) {
        self.opened = opened;
    }

    /// The names of all shadows.
    pub(super) fn all_names(&self) -> impl Iterator<Item = String> + '_ {
        self.names.values().cloned()
    }

    /// Whether a shadow has that name.
    pub(super) fn is_name(&self, name: &str) -> bool {
        self.names.values().any(|n| n == name)
    }

    /// Whether the write at `node` goes to a deferred shadow.
    pub(super) fn is_deferred(&self, node: NodeId) -> bool {
        self.scope
            .written
            .get(&node)
            .is_some_and(|version| self.deferred.contains(base_text(version)))
    }

    /// Whether a version is read after it was bound to a value that its field rounds.
    fn wants_let(&self, version: &str) -> bool {
        let Some(info) = self.scope.vars.get(version) else {
            return false;
        };
        let reads_bound = if info.is_param {
            info.bindings > 1 && info.reads > 0
        } else {
            info.reads > 0
        };
        reads_bound && self.names.contains_key(base_text(version))
    }

    /// The shadows that must hold the field's value from the start: some path reads either
    /// the old value or a new one.
    pub(super) fn at_entry(&self) -> Vec<Shadow> {
        self.scope
            .vars
            .iter()
            .filter(|(version, info)| {
                info.is_param
                    && self.paths.contains_key(*version)
                    && self.wants_let(version)
                    && !self.deferred.contains(*version)
            })
            .filter_map(|(version, _)| self.shadow(version, version))
            .collect()
    }

    /// The deferred shadows to open before a statement of the body.
    pub(super) fn to_open(&self, stmt: NodeId) -> Vec<Shadow> {
        self.deferred
            .iter()
            .filter(|text| !self.opened.contains(*text) && self.first.get(*text) == Some(&stmt))
            .filter_map(|text| self.shadow(text, text))
            .collect()
    }

    /// The deferred shadows to store at a return, or at the end of the body.
    pub(super) fn stores_at(&self, _at: Option<NodeId>) -> Vec<Shadow> {
        self.deferred
            .iter()
            .filter(|text| self.opened.contains(*text))
            .filter_map(|text| self.shadow(text, text))
            .collect()
    }

    pub(super) fn mark_open(&mut self, shadow: &Shadow) {
        self.opened.insert(shadow.version.clone());
    }

    /// Whether the path was written before byte `start`.
    pub(super) fn written_before(&self, shadow: &Shadow, start: u32) -> bool {
        self.first_write
            .get(base_text(&shadow.version))
            .is_some_and(|first| *first < start)
    }
}

/// `state.x` of `state.x#2`.
fn base_text(version: &str) -> &str {
    version.split('#').next().unwrap_or(version)
}

fn shadow_name(this: &FnLower<'_, '_>, path: &Path) -> String {
    let last = match path.segs.last() {
        Some(crate::infer::Seg::Attr(name)) => name.clone(),
        _ => "value".to_string(),
    };
    // A place of a tuple.
    let last = match path.segs.iter().rev().nth(1) {
        Some(Seg::Attr(of)) if last.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{of}_{last}")
        }
        _ => last,
    };
    let base = if last == "tov" {
        let message = Path::new(
            &path.root,
            path.segs
                .iter()
                .take(path.segs.len() - 1)
                .cloned()
                .collect(),
        );
        this.messages
            .get(&message)
            .map_or_else(|| last.clone(), |m| format!("{m}_tov"))
    } else {
        last
    };
    let mut name = rust_ident(&base);
    let clashes = |name: &str| {
        matches!(name, "ctx" | "input" | "output" | "state")
            || this
                .model
                .vars
                .keys()
                .any(|v| rust_ident(scope::plain_name(v)) == name)
            || this.messages.values().any(|m| m == name)
    };
    while clashes(&name) {
        name = if this.is_output_path(path) {
            format!("{name}_out")
        } else {
            format!("{name}_now")
        };
    }
    name
}

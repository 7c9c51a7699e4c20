//! How a variable is used in a piece of Rust.
//!
//! Enters: a block or an expression, and a name. Leaves: [`Uses`], how often it is read,
//! assigned and changed in place, as far as it is not bound anew. This module must not know
//! Python, nor what is done with the answer.

use super::expr::Expr;
use super::{Block, Stmt, StmtKind};
use std::collections::BTreeSet;

/// Whether `name` is read or written anywhere in `block`.
pub fn mentions(block: &Block, name: &str) -> bool {
    mentioned_in(&block.stmts, block.value.as_deref(), name)
}

/// As [`mentions`], of a part of a block.
pub(super) fn mentioned_in(stmts: &[Stmt], value: Option<&Expr>, name: &str) -> bool {
    uses_within(stmts, value, name) != Uses::default()
}

/// What a closure calls its parameter whose body has these parts.
pub fn closure_name(parts: &[&Expr]) -> &'static str {
    let free = |name: &&str| parts.iter().all(|e| !mentioned_in(&[], Some(e), name));
    ["x", "part", "value", "item", "element"]
        .into_iter()
        .find(free)
        .unwrap_or("given_value")
}

/// How a variable is used in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uses {
    /// Its value is read (or borrowed).
    pub reads: usize,
    /// It is assigned as a whole.
    pub assigns: usize,
    /// It is changed in place: a field, an element, `&mut`, a mutating method.
    pub mutations: usize,
}

impl Uses {
    fn add(&mut self, other: Uses) {
        self.reads += other.reads;
        self.assigns += other.assigns;
        self.mutations += other.mutations;
    }
}

/// Methods that change their receiver.
const MUTATING: [&str; 41] = [
    "as_mut",
    "push",
    "push_back",
    "push_front",
    "pop_back",
    "pop_front",
    "rotate_left",
    "rotate_right",
    "get_mut",
    "first_mut",
    "last_mut",
    "front_mut",
    "back_mut",
    "push_str",
    "pop",
    "insert",
    "remove",
    "clear",
    "extend",
    "extend_from_slice",
    "truncate",
    "reverse",
    "sort",
    "sort_by",
    "sort_by_key",
    "swap",
    "retain",
    "drain",
    "get_or_insert",
    "get_or_insert_default",
    "get_or_insert_with",
    "take",
    "replace",
    "payload_mut",
    "set_payload",
    "clear_payload",
    "iter_mut",
    "entry",
    "append",
    "splice",
    "resize",
];

/// The uses of `name` in `block`, as far as it is not bound anew.
pub fn uses_in(block: &Block, name: &str) -> Uses {
    uses_within(&block.stmts, block.value.as_deref(), name)
}

fn uses_within(stmts: &[Stmt], value: Option<&Expr>, name: &str) -> Uses {
    let mut uses = Uses::default();
    let shadowed = stmts_uses(stmts, name, &mut uses);
    if let (Some(value), false) = (value, shadowed) {
        expr_uses(value, name, &mut uses);
    }
    uses
}

/// Adds the uses in `stmts`; true where the name was bound anew.
pub(super) fn stmts_uses(stmts: &[Stmt], name: &str, uses: &mut Uses) -> bool {
    for stmt in stmts {
        match &stmt.kind {
            StmtKind::Let {
                name: bound, init, ..
            } => {
                init.iter().for_each(|init| expr_uses(init, name, uses));
                if bound == name {
                    return true;
                }
            }
            StmtKind::LetPattern {
                names,
                init,
                otherwise,
                ..
            } => {
                expr_uses(init, name, uses);
                if let Some(otherwise) = otherwise {
                    uses.add(uses_in(otherwise, name));
                }
                if names.iter().any(|n| n == name) {
                    return true;
                }
            }
            StmtKind::Assign { place, op, value } => {
                expr_uses(value, name, uses);
                for place in places(place) {
                    match place {
                        Expr::Atom(text) if text == name => {
                            uses.assigns += 1;
                            uses.reads += usize::from(op.is_some());
                        }
                        _ => place_uses(place, name, uses),
                    }
                }
            }
            StmtKind::For {
                names, iter, body, ..
            } => {
                expr_uses(iter, name, uses);
                if !names.iter().any(|n| n == name) {
                    uses.add(uses_in(body, name));
                }
            }
            StmtKind::Expr(_)
            | StmtKind::Return(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::While { .. }
            | StmtKind::Loop { .. }
            | StmtKind::Block { .. }
            | StmtKind::Comment(_)
            | StmtKind::LineComment(_)
            | StmtKind::Blank => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| expr_uses(e, name, uses));
                blocks.into_iter().for_each(|b| uses.add(uses_in(b, name)));
            }
        }
    }
    false
}

/// The places that an assignment writes: several in `(a, b) = …`.
pub fn places(place: &Expr) -> &[Expr] {
    match place {
        Expr::Tuple(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// The uses in a place that is written to: its root is changed in place, indices are read.
fn place_uses(place: &Expr, name: &str, uses: &mut Uses) {
    match place {
        Expr::Atom(text) if text == name => uses.mutations += 1,
        Expr::Field(base, _) => place_uses(base, name, uses),
        Expr::Index(base, index) => {
            place_uses(base, name, uses);
            expr_uses(index, name, uses);
        }
        // `*r = v` changes what `r` points to, not `r`.
        Expr::Deref(base) => expr_uses(base, name, uses),
        other => expr_uses(other, name, uses),
    }
}

pub(super) fn expr_uses(e: &Expr, name: &str, uses: &mut Uses) {
    match e {
        Expr::Atom(text) => uses.reads += usize::from(text == name),
        Expr::RefMut(inner) => {
            let mut place = Uses::default();
            place_uses(inner, name, &mut place);
            uses.reads += place.mutations;
            uses.add(place);
        }
        Expr::Method(receiver, method, args) => {
            if MUTATING.contains(&method.as_str()) {
                let mut place = Uses::default();
                place_uses(receiver, name, &mut place);
                uses.reads += place.mutations;
                uses.add(place);
            } else {
                expr_uses(receiver, name, uses);
            }
            args.iter().for_each(|arg| expr_uses(arg, name, uses));
        }
        Expr::If {
            cond,
            then,
            otherwise,
        } => {
            expr_uses(cond, name, uses);
            if !binds_in_condition(cond, name) {
                uses.add(uses_in(then, name));
            }
            if let Some(otherwise) = otherwise {
                uses.add(uses_in(otherwise, name));
            }
        }
        Expr::Macro(_, args) => {
            for arg in args {
                match arg {
                    Expr::Atom(text) if text.starts_with('"') => {
                        let captured = text.contains(&format!("{{{name}}}"))
                            || text.contains(&format!("{{{name}:"));
                        uses.reads += usize::from(captured);
                    }
                    other => expr_uses(other, name, uses),
                }
            }
        }
        other => {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            other.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().for_each(|e| expr_uses(e, name, uses));
            blocks.into_iter().for_each(|b| uses.add(uses_in(b, name)));
        }
    }
}

/// Whether a chain of `let`s in a condition binds `name`.
fn binds_in_condition(cond: &Expr, name: &str) -> bool {
    match cond {
        Expr::Let(pattern, _) => pattern_names(pattern).any(|n| n == name),
        Expr::Binary(_, a, b) => binds_in_condition(a, name) || binds_in_condition(b, name),
        _ => false,
    }
}

/// The lower-case identifiers of a pattern.
pub fn pattern_names(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| {
            word.chars()
                .next()
                .is_some_and(|c| c.is_lowercase() || c == '_')
                && *word != "mut"
                && *word != "ref"
        })
}

/// The variables that an expression names, but for those that its own closures bind.
pub fn variables(e: &Expr) -> BTreeSet<&str> {
    fn within<'e>(e: &'e Expr, found: &mut BTreeSet<&'e str>) {
        match e {
            Expr::Atom(name) => {
                let is_name = name.starts_with(|c: char| c.is_lowercase() || c == '_');
                if is_name && !matches!(name.as_str(), "true" | "false") {
                    found.insert(name);
                }
            }
            Expr::Closure(pattern, body) => {
                let mut inner = variables(body);
                for own in pattern_names(pattern) {
                    inner.remove(own);
                }
                found.append(&mut inner);
            }
            other => {
                let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
                other.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
                exprs.into_iter().for_each(|e| within(e, found));
                blocks.into_iter().for_each(|b| in_block(b, found));
            }
        }
    }
    fn in_block<'e>(block: &'e Block, found: &mut BTreeSet<&'e str>) {
        for stmt in &block.stmts {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().for_each(|e| within(e, found));
            blocks.into_iter().for_each(|b| in_block(b, found));
        }
        block.value.iter().for_each(|e| within(e, found));
    }
    let mut found = BTreeSet::new();
    within(e, &mut found);
    found
}

pub(super) fn expr_mentions(e: &Expr, name: &str) -> bool {
    let mut uses = Uses::default();
    expr_uses(e, name, &mut uses);
    uses != Uses::default()
}

/// Whether an expression reads or changes a variable.
pub fn reads(e: &Expr, name: &str) -> bool {
    expr_mentions(e, name)
}

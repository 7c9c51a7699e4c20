//! Copies of functions for the kinds of values that they are called with.
//!
//! Enters: the module, and the functions to copy, each with what the copy is called after.
//! Leaves: the module with the copies behind the originals, and what they are called. This
//! module must not know types.

use super::copies;
use super::typed::Recursions;
use crate::ast::{self, ExprKind, Function, Module, NodeId, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// The copies that others call as well.
pub(super) fn reached(
    mut wanted: BTreeSet<(String, String)>,
    recursions: &Recursions,
) -> BTreeSet<(String, String)> {
    let mut open: Vec<(String, String)> = wanted.iter().cloned().collect();
    while let Some(copy) = open.pop() {
        for suffix in recursions.get(&copy).into_iter().flat_map(|r| r.values()) {
            let next = (copy.0.clone(), suffix.clone());
            if !suffix.is_empty() && wanted.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    wanted
}

/// Copies each function (`name`, `Class.name`); gives the names of the copies.
pub(super) fn copied(
    module: &mut Module,
    wanted: &BTreeSet<(String, String)>,
    recursions: &Recursions,
    taken: &mut BTreeSet<String>,
    next_id: &mut u32,
) -> BTreeMap<(String, String), String> {
    let mut names = BTreeMap::new();
    for (key, suffix) in wanted {
        let own = own_name(key);
        let mut name = format!("{}_{suffix}", own.trim_matches('_'));
        if own.starts_with('_') && !own.starts_with("__") {
            name.insert(0, '_');
        }
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        names.insert((key.clone(), suffix.clone()), name);
    }
    let mut done = BTreeMap::new();
    for ((key, suffix), name) in &names {
        let own = own_name(key);
        let class = key.rsplit_once('.').map(|(class, _)| class);
        let block = match class {
            None => Some(&mut module.body),
            Some(class) => module
                .body
                .stmts
                .iter_mut()
                .find_map(|s| match &mut s.kind {
                    StmtKind::Class(c) if c.name.name == class => Some(&mut c.body),
                    _ => None,
                }),
        };
        let Some(block) = block else { continue };
        let place = block
            .stmts
            .iter()
            .position(|s| matches!(&s.kind, StmtKind::Function(f) if f.name.name == own));
        let Some(place) = place else { continue };
        // What calls itself for another kind goes to the copy for that.
        let calls = recursions.get(&(key.clone(), suffix.clone()));
        let goes = |at: NodeId| match calls.and_then(|calls| calls.get(&at)) {
            Some(to) if to.is_empty() => own.to_string(),
            Some(to) => {
                let to = names.get(&(key.clone(), to.clone()));
                to.unwrap_or(name).clone()
            }
            None => name.clone(),
        };
        let copy = Copy {
            own,
            name,
            is_method: class.is_some(),
        };
        if let Some(stmt) = block.stmts.get(place)
            && let Some(stmt) = copy.of(stmt, &goes, next_id)
        {
            block.stmts.insert(place + 1, stmt);
            done.insert((key.clone(), suffix.clone()), name.clone());
        }
    }
    done
}

fn own_name(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// A copy of a function that is to be made.
struct Copy<'n> {
    own: &'n str,
    name: &'n str,
    is_method: bool,
}

impl Copy<'_> {
    /// The copy; its calls of the function itself go where `goes` says.
    fn of(&self, stmt: &Stmt, goes: &dyn Fn(NodeId) -> String, next_id: &mut u32) -> Option<Stmt> {
        let StmtKind::Function(function) = &stmt.kind else {
            return None;
        };
        let mut function: Function = function.clone();
        function.name.name = self.name.to_string();
        let this = function.params.list.first().map(|p| p.name.name.clone());
        ast::rewrite::block(&mut function.body, &mut |e| {
            let at = e.id;
            let ExprKind::Call { func, .. } = &mut e.kind else {
                return;
            };
            match &mut func.kind {
                ExprKind::Name(n) if !self.is_method && n == self.own => *n = goes(at),
                ExprKind::Attribute { value, attr }
                    if self.is_method
                        && attr.name == self.own
                        && matches!(&value.kind, ExprKind::Name(n) if Some(n) == this.as_ref()) =>
                {
                    attr.name = goes(at);
                }
                _ => {}
            }
        });
        copies::function(&mut function, next_id);
        let mut stmt = Stmt {
            kind: StmtKind::Function(function),
            ..stmt.clone()
        };
        stmt.id = ast::NodeId::next(next_id);
        Some(stmt)
    }
}

//! Copies of functions for the kinds of values that they are called with.
//!
//! Enters: the module, and the functions to copy, each with what the copy is called after.
//! Leaves: the module with the copies behind the originals, and what they are called. This
//! module must not know types.

use super::copies;
use crate::ast::{self, ExprKind, Function, Module, Stmt, StmtKind};
use std::collections::{BTreeMap, BTreeSet};

/// Copies each function (`name`, `Class.name`); gives the names of the copies.
pub(super) fn copied(
    module: &mut Module,
    wanted: &BTreeSet<(String, String)>,
    taken: &mut BTreeSet<String>,
    next_id: &mut u32,
) -> BTreeMap<(String, String), String> {
    let mut names = BTreeMap::new();
    for (key, suffix) in wanted {
        let (class, own) = match key.rsplit_once('.') {
            Some((class, own)) => (Some(class), own),
            None => (None, key.as_str()),
        };
        let mut name = format!("{}_{suffix}", own.trim_matches('_'));
        if own.starts_with('_') && !own.starts_with("__") {
            name.insert(0, '_');
        }
        while !taken.insert(name.clone()) {
            name.push('_');
        }
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
        if let Some(stmt) = block
            .stmts
            .get(place)
            .and_then(|s| copy(s, own, &name, class.is_some(), next_id))
        {
            block.stmts.insert(place + 1, stmt);
            names.insert((key.clone(), suffix.clone()), name);
        }
    }
    names
}

/// A copy that calls itself where the function does.
fn copy(stmt: &Stmt, own: &str, name: &str, is_method: bool, next_id: &mut u32) -> Option<Stmt> {
    let StmtKind::Function(function) = &stmt.kind else {
        return None;
    };
    let mut function: Function = function.clone();
    copies::function(&mut function, next_id);
    function.name.name = name.to_string();
    let this = function.params.list.first().map(|p| p.name.name.clone());
    ast::rewrite::block(&mut function.body, &mut |e| {
        let ExprKind::Call { func, .. } = &mut e.kind else {
            return;
        };
        match &mut func.kind {
            ExprKind::Name(n) if !is_method && n == own => *n = name.to_string(),
            ExprKind::Attribute { value, attr }
                if is_method
                    && attr.name == own
                    && matches!(&value.kind, ExprKind::Name(n) if Some(n) == this.as_ref()) =>
            {
                attr.name = name.to_string();
            }
            _ => {}
        }
    });
    let mut stmt = Stmt {
        kind: StmtKind::Function(function),
        ..stmt.clone()
    };
    stmt.id = ast::NodeId::next(next_id);
    Some(stmt)
}

//! Lists that are tuples in Rust.
//!
//! Enters: the module, and the displays of lists that nobody can tell from tuples. Leaves: the
//! module with tuples in their places. This module must not know how nobody can.

use crate::ast::{ExprKind, Module, NodeId, rewrite};
use std::collections::BTreeSet;

/// Rewrites the displays.
pub fn as_tuples(module: &mut Module, displays: &BTreeSet<NodeId>) {
    rewrite::block(&mut module.body, &mut |e| {
        if let (ExprKind::List(items), true) = (&mut e.kind, displays.contains(&e.id)) {
            e.kind = ExprKind::Tuple(std::mem::take(items));
        }
    });
}

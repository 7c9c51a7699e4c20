//! Names: which variable each occurrence means, and where Rust would declare it.
//!
//! A Python variable that is assigned anew in a straight line becomes several versions:
//! Rust shadows it with another `let`, and each version has a type of its own. A version
//! is written `name` or `name#2`.

mod blocks;
mod liveness;
mod module_names;
mod region;
mod versions;
mod walk;

pub use blocks::child_blocks;
pub use liveness::{LastReads, last_reads, run_over};
pub use module_names::{Global, module_names};
pub use region::in_use;

pub use walk::resolve_level;
use walk::resolve_with;

use crate::ast::{self, Expr, NodeId, NodeMap};
use std::collections::BTreeMap;
use std::ops::Bound;

/// A block of a function: the statement that owns it and which of its blocks it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    /// The owner; none for the function's body.
    pub owner: Option<NodeId>,
    /// 0 the body, 1 the `else`, 2 and up handlers, cases, `finally`.
    pub slot: u32,
    /// Whether it is a loop's body.
    pub is_loop: bool,
}

/// A block around an occurrence, and the statement in it that holds the occurrence.
type Frame = (BlockRef, Option<NodeId>);

const BODY: BlockRef = BlockRef {
    owner: None,
    slot: 0,
    is_loop: false,
};

/// A version of a variable.
#[derive(Debug, Clone)]
pub struct VarInfo {
    /// Its name in Python.
    pub name: String,
    /// The innermost block that holds all its occurrences.
    pub home: BlockRef,
    /// The statement directly in `home` in or at which it occurs first.
    pub first_stmt: Option<NodeId>,
    /// Whether that statement itself binds it.
    pub first_is_binding: bool,
    /// How often it is bound.
    pub bindings: usize,
    /// How often it is read.
    pub reads: usize,
    /// Whether it is a parameter.
    pub is_param: bool,
}

/// The names of a function.
#[derive(Debug, Clone, Default)]
pub struct FnScope {
    /// The version that each `Name` (or walrus) node means; of an attribute, the version
    /// that is read there.
    pub names: NodeMap<String>,
    /// The version that each attribute node binds (see [`resolve_paths`]).
    pub written: NodeMap<String>,
    /// The versions.
    pub vars: BTreeMap<String, VarInfo>,
    /// `global` names.
    pub globals: Vec<String>,
    /// Names that a nested function or lambda uses or binds.
    pub captured: Vec<String>,
}

impl FnScope {
    /// Whether it has a variable of that name.
    pub fn has(&self, name: &str) -> bool {
        // The versions of a name follow it: nothing that a name may go on with is below `#`.
        let mut from = self
            .vars
            .range::<str, _>((Bound::Included(name), Bound::Unbounded));
        from.next().is_some_and(|(_, info)| info.name == name)
    }
}

/// `x` of `x#2`.
pub fn plain_name(version: &str) -> &str {
    version.split('#').next().unwrap_or(version)
}

/// Gives the stable path that an attribute expression reads or writes, as text.
pub type PathHook<'h> = &'h dyn Fn(&Expr) -> Option<String>;

/// Resolves the names of a function.
pub fn resolve(function: &ast::Function) -> FnScope {
    resolve_with(function, None, &[])
}

/// Resolves the attributes that `hook` names, as if each were a variable that is bound
/// when the function is entered: its versions tell which reads see which write.
pub fn resolve_paths(function: &ast::Function, hook: PathHook<'_>, paths: &[String]) -> FnScope {
    resolve_with(function, Some(hook), paths)
}

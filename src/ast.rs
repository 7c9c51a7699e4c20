//! Our own Python syntax tree.
//!
//! Enters: nothing, these are data types (built by `parse`). Leaves: [`Module`], in
//! which every node has a [`NodeId`] and a [`Span`], and every statement the comments
//! and the blank line that stood before it. Syntax that we do not read is a node
//! (`Unsupported`), never a failure. This module must not know any parser crate.

pub mod dump;
mod expr;
mod node_map;
pub mod rewrite;
mod shape;
mod stmt;
pub mod visit;

pub use expr::*;
pub use node_map::NodeMap;
pub use shape::{attributes, leaves};
pub use stmt::*;

use crate::source::Span;

/// The key of a node in the side tables of the later stages: dense, unique in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The first key that no node has yet, by the module's count of them.
    pub fn next(count: &mut u32) -> NodeId {
        let id = NodeId(*count);
        *count += 1;
        id
    }
}

/// A comment, without its `#` and the one space after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, `#` included.
    pub span: Span,
    /// Its text.
    pub text: String,
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ident {
    /// Where it stands.
    pub span: Span,
    /// The name.
    pub name: String,
}

/// A docstring: the cleaned text (`inspect.cleandoc`) and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Docstring {
    /// Where the string literal stands.
    pub span: Span,
    /// The text, with the common indentation removed.
    pub text: String,
}

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Module {
    /// The module's docstring; it is not in `body`.
    pub doc: Option<Docstring>,
    /// The statements.
    pub body: Block,
    /// One past the largest [`NodeId`] in use.
    pub node_count: u32,
}

/// A suite of statements, and the comments after its last one.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The statements in order.
    pub stmts: Vec<Stmt>,
    /// Comments that stand after the last statement, at the block's indentation.
    pub trailing: Vec<Comment>,
}

//! Whether a text that the parser crate refuses is Python all the same.
//!
//! Enters: the text, and where it was refused. Leaves: whether tree-sitter's grammar, which
//! follows newer versions of Python, reads it. That grammar is lenient, so what it
//! lets pass of Python 2 is counted out here. This module must not know our tree.

use crate::source::Span;
use tree_sitter::{Node, Parser, Tree};

/// Whether tree-sitter read `text` without an error.
pub(super) fn is_read_by_tree_sitter(text: &str, refused: Span) -> bool {
    let Some(tree) = tree(text) else { return false };
    let root = tree.root_node();
    if root.has_error() {
        return false;
    }
    let mut cursor = root.walk();
    let refused = refused.start as usize;
    let statement = root
        .children(&mut cursor)
        .find(|child| child.start_byte() <= refused && refused <= child.end_byte());
    match statement {
        Some(statement) => !has_python_2(statement, text),
        None => false,
    }
}

/// tree-sitter's tree of a text; none where the library fails.
fn tree(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    let language = tree_sitter_python::LANGUAGE.into();
    parser.set_language(&language).ok()?;
    parser.parse(text, None)
}

/// Whether a node of that statement is Python 2, or no Python at all.
fn has_python_2(statement: Node<'_>, text: &str) -> bool {
    let mut stack = vec![statement];
    while let Some(node) = stack.pop() {
        let source = text.get(node.byte_range()).unwrap_or("");
        let parent = node.parent().map_or("", |parent| parent.kind());
        let old = match node.kind() {
            "print_statement" | "exec_statement" | "<>" => true,
            "integer" => source.ends_with(['l', 'L']),
            "tuple_pattern" => matches!(parent, "parameters" | "lambda_parameters"),
            "expression_list" => parent == "raise_statement",
            "block" => source.trim().is_empty(),
            _ => false,
        };
        if old {
            return true;
        }
        let mut cursor = node.walk();
        stack.extend(node.children(&mut cursor));
    }
    false
}

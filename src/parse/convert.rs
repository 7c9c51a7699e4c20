//! From the parser crate's tree to ours.
//!
//! Enters: the statements as rustpython-parser read them from the masked text, and the
//! [`Trivia`] with what was masked. Leaves: a [`Module`] without comments (`comments` adds
//! them). Every node gets its id in the order of the source. This module must not know
//! what any later stage does with the nodes.

mod docstring;
mod expr;
mod function;
mod operator;
mod pattern;
mod stmt;
mod string;

use super::trivia::{StringToken, Trivia};
use crate::ast::{Block, Expr, ExprKind, Ident, Module, NodeId};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use rustpython_parser::ast::{self as py, Ranged};
use rustpython_parser::text_size::TextRange;

/// How deep our tree may nest, statements and expressions together; what lies deeper is
/// an `Unsupported` node, so that every later stage may recurse.
const MAX_DEPTH: usize = 200;

/// What the text of an `Unsupported` node says about such code.
const TOO_DEEP: &str = "code that nests too deeply";

/// Converts a whole file; the diagnostics are about string literals and newer syntax.
pub(super) fn convert(
    text: &str,
    masked: &str,
    trivia: &Trivia,
    mut body: Vec<py::Stmt>,
) -> (Module, Vec<Diagnostic>) {
    let mut converter = Converter {
        text,
        masked,
        trivia,
        strings: &trivia.strings,
        next_id: 0,
        depth: 0,
        diagnostics: Vec::new(),
    };
    let doc = converter.docstring(&mut body);
    let body = converter.block(body);
    let module = Module {
        doc,
        body,
        node_count: converter.next_id,
    };
    (module, converter.diagnostics)
}

struct Converter<'a> {
    text: &'a str,
    /// The text without comments and f-strings; only whole-file positions.
    masked: &'a str,
    trivia: &'a Trivia,
    /// The string literals around the expression at hand: those of the file, or of the
    /// f-string field that it stands in.
    strings: &'a [StringToken],
    next_id: u32,
    depth: usize,
    diagnostics: Vec<Diagnostic>,
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().into(), range.end().into())
}

impl Converter<'_> {
    fn id(&mut self) -> NodeId {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        id
    }

    fn block(&mut self, stmts: Vec<py::Stmt>) -> Block {
        Block {
            stmts: stmts.into_iter().map(|stmt| self.stmt(stmt)).collect(),
            trailing: Vec::new(),
        }
    }

    fn expr(&mut self, expr: py::Expr) -> Expr {
        let id = self.id();
        let span = span(expr.range());
        if self.depth >= MAX_DEPTH {
            let kind = ExprKind::Unsupported(TOO_DEEP.to_owned());
            return Expr { id, span, kind };
        }
        self.depth += 1;
        let kind = self.expr_kind(expr, span);
        self.depth -= 1;
        Expr { id, span, kind }
    }

    fn boxed(&mut self, expr: py::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn exprs(&mut self, exprs: Vec<py::Expr>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn opt(&mut self, expr: Option<Box<py::Expr>>) -> Option<Expr> {
        expr.map(|expr| self.expr(*expr))
    }

    fn opt_boxed(&mut self, expr: Option<Box<py::Expr>>) -> Option<Box<Expr>> {
        expr.map(|expr| self.boxed(*expr))
    }

    /// The name that starts at `start`.
    fn ident_from(start: u32, name: impl Into<String>) -> Ident {
        let name = name.into();
        let span = Span::new(start, start + name.len() as u32);
        Ident { span, name }
    }

    /// The name that ends at `end`.
    fn ident_to(end: u32, name: impl Into<String>) -> Ident {
        let name = name.into();
        let span = Span::new(end.saturating_sub(name.len() as u32), end);
        Ident { span, name }
    }

    /// The name that stands after `words`, the first of which stands at `start`.
    fn ident_after(&self, start: u32, words: &[&str], name: impl Into<String>) -> Ident {
        let mut pos = self.skip(start, "");
        for word in words {
            if self.rest(pos).starts_with(word) {
                pos += word.len() as u32;
            }
            pos = self.skip(pos, "");
        }
        Self::ident_from(pos, name)
    }

    /// The first position from `pos` on that holds neither white space nor a character
    /// of `also`.
    fn skip(&self, pos: u32, also: &str) -> u32 {
        let rest = self.rest(pos);
        let other = rest.find(|c: char| !c.is_ascii_whitespace() && c != '\\' && !also.contains(c));
        pos + other.unwrap_or(rest.len()) as u32
    }

    fn rest(&self, pos: u32) -> &str {
        self.masked.get(pos as usize..).unwrap_or("")
    }
}

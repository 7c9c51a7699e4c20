//! Parsing: structure, f-strings, comments, errors, and CPython as the judge.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "parse/comments.rs"]
mod comments;
#[path = "parse/cpython.rs"]
mod cpython;
#[path = "parse/errors.rs"]
mod errors;
#[path = "parse/fstrings.rs"]
mod fstrings;
#[path = "parse/robust.rs"]
mod robust;
#[path = "parse/syntax.rs"]
mod syntax;

use copper_migrate::ast::dump::{DumpOptions, dump_with};
use copper_migrate::ast::visit::{
    Visitor, walk_block, walk_expr, walk_param, walk_pattern, walk_stmt,
};
use copper_migrate::ast::{Block, Comment, Expr, ExprKind, Module, Param, Pattern, Stmt, StmtKind};
use copper_migrate::parse::{Parsed, parse};
use copper_migrate::source::SourceFile;
use std::path::PathBuf;

fn file(text: &str) -> SourceFile {
    SourceFile::new("t.py", "t.py", text)
}

fn parsed(text: &str) -> Parsed {
    parse(&file(text))
}

/// The module of a text that parses without a diagnostic.
fn module(text: &str) -> Module {
    let parsed = parsed(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.module
}

/// The tree without comments and spans, without the lines for the module.
fn tree(text: &str) -> String {
    plain(&module(text))
}

fn plain(module: &Module) -> String {
    dump_with(module, DumpOptions::default())
}

/// The expression that a text consists of.
fn expr(text: &str) -> Expr {
    let mut stmts = module(&format!("x = {text}\n")).body.stmts;
    assert_eq!(stmts.len(), 1, "{text}");
    match stmts.pop().unwrap().kind {
        StmtKind::Assign { value, .. } => value,
        other => panic!("{text}: {other:?}"),
    }
}

/// `line:column message [source]` of each diagnostic.
fn messages(text: &str) -> Vec<String> {
    let file = file(text);
    parse(&file)
        .diagnostics
        .iter()
        .map(|d| {
            let at = file.position(d.span.start);
            format!(
                "{} {}:{} {} [{}]",
                d.code.name(),
                at.line,
                at.column,
                d.message,
                file.slice(d.span)
            )
        })
        .collect()
}

/// The files of `tests/parse/corpus`.
fn corpus() -> Vec<(PathBuf, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parse/corpus");
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() > 4);
    files
}

/// Everything in a tree that a test may want to count.
#[derive(Default)]
struct Census<'a> {
    ids: Vec<u32>,
    comments: Vec<&'a Comment>,
    stmts: Vec<&'a Stmt>,
    exprs: Vec<&'a Expr>,
    depth: usize,
    deepest: usize,
}

impl<'a> Census<'a> {
    fn of(module: &'a Module) -> Self {
        let mut census = Self::default();
        census.visit_block(&module.body);
        census.comments.sort_by_key(|c| c.span);
        census
    }

    fn unsupported(&self) -> Vec<&str> {
        let stmts = self.stmts.iter().filter_map(|s| match &s.kind {
            StmtKind::Unsupported(what) => Some(what.as_str()),
            _ => None,
        });
        let exprs = self.exprs.iter().filter_map(|e| match &e.kind {
            ExprKind::Unsupported(what) => Some(what.as_str()),
            _ => None,
        });
        stmts.chain(exprs).collect()
    }

    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        walk(self);
        self.depth -= 1;
    }
}

impl<'a> Visitor<'a> for Census<'a> {
    fn visit_block(&mut self, block: &'a Block) {
        self.comments.extend(&block.trailing);
        walk_block(self, block);
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.ids.push(stmt.id.0);
        self.stmts.push(stmt);
        self.comments.extend(&stmt.comments);
        self.comments.extend(&stmt.line_comment);
        if let StmtKind::Try { handlers, .. } = &stmt.kind {
            self.ids.extend(handlers.iter().map(|handler| handler.id.0));
        }
        self.deeper(|c| walk_stmt(c, stmt));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.ids.push(expr.id.0);
        self.exprs.push(expr);
        self.deeper(|c| walk_expr(c, expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.ids.push(pattern.id.0);
        self.deeper(|c| walk_pattern(c, pattern));
    }

    fn visit_param(&mut self, param: &'a Param) {
        self.ids.push(param.id.0);
        walk_param(self, param);
    }
}

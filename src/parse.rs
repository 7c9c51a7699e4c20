//! From Python source to our tree.
//!
//! Enters: a [`SourceFile`]. Leaves: [`Parsed`], the [`Module`] with every comment of
//! the file in it, and the diagnostics. Where the file is not Python, one
//! [`Code::SyntaxError`] says where and why, and the module is empty; syntax that is
//! Python but not read is an `Unsupported` node, or an `UnsupportedSyntax` diagnostic
//! where the tree has no place for one.
//!
//! The way: `scan` refuses what no parser should be given, and finds comments, strings and
//! the structure of f-strings (`trivia`), rustpython-parser reads the text without them, `convert` builds our tree, `comments` puts the comments in, `check` applies
//! the rules that CPython's compiler adds to its grammar. This module must not know types,
//! Copper or Rust; nothing outside it names a parser crate.

mod check;
mod comments;
mod convert;
mod errors;
mod literal;
mod newer;
mod scan;
mod trivia;

use crate::ast::{Block, Module};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{SourceFile, Span};
use rustpython_parser::{Parse, ast as py};
use scan::Scan;

/// What a file parses to.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; empty where the file is not Python.
    pub module: Module,
    /// What is wrong with the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// The largest file that is read.
const MAX_BYTES: usize = 8 << 20;
/// Stack of the parser's thread: so much, and so much a level of nesting.
const STACK_BASE: usize = 8 << 20;
const STACK_LEVEL: usize = 2 << 10;

/// Parses a file. Any text gives a module or a diagnostic, in bounded stack.
pub fn parse(file: &SourceFile) -> Parsed {
    let text = file.text();
    if text.len() > MAX_BYTES {
        let message = "the file is too large to be read";
        return failed(Diagnostic::new(Code::SyntaxError, Span::default(), message));
    }
    if let Some(at) = text.find('\0') {
        let span = Span::new(at as u32, at as u32 + 1);
        let message = "source code cannot contain null bytes";
        return failed(Diagnostic::new(Code::SyntaxError, span, message));
    }
    let scan = match scan::scan(text) {
        Ok(scan) => scan,
        Err(fault) => return failed(*fault),
    };
    // The parser crate's tree is dropped by recursion: on a stack that we choose.
    std::thread::scope(|scope| {
        let stack = STACK_BASE + scan.depth * STACK_LEVEL;
        let thread = std::thread::Builder::new()
            .name("parse".to_owned())
            .stack_size(stack)
            .spawn_scoped(scope, || read(text, &scan));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(parsed)) => parsed,
            Ok(Err(_)) => {
                let message = "the parser failed on this file; this is a defect of `migrate`";
                failed(Diagnostic::new(Code::SyntaxError, Span::default(), message))
            }
            Err(error) => {
                let message = format!("no thread to parse on: {error}");
                failed(Diagnostic::new(Code::SyntaxError, Span::default(), message))
            }
        }
    })
}

fn read(text: &str, scan: &Scan) -> Parsed {
    let trivia = &scan.trivia;
    let masked = trivia.masked(text, scan);
    let body = match py::Suite::parse(&masked, "<file>") {
        Ok(body) => body,
        Err(error) => return failed(errors::of_file(text, &masked, error)),
    };
    let (mut module, mut diagnostics) = convert::convert(text, &masked, trivia, body);
    comments::attach(text, &masked, &trivia.comments, &mut module);
    diagnostics.extend(check::check(&module));
    diagnostics.sort_by_key(|d| d.span);
    diagnostics.dedup_by_key(|d| (d.code, d.span));
    let fatal = |d: &Diagnostic| d.code == Code::SyntaxError && d.severity() == Severity::Error;
    if diagnostics.iter().any(fatal) {
        module = empty();
    }
    Parsed {
        module,
        diagnostics,
    }
}

fn empty() -> Module {
    Module {
        doc: None,
        body: Block::default(),
        node_count: 0,
    }
}

fn failed(diagnostic: Diagnostic) -> Parsed {
    Parsed {
        module: empty(),
        diagnostics: vec![diagnostic],
    }
}

//! The lexical check: whether brackets, strings and indentation can be Python's.
//!
//! Enters: the text of a file. Leaves: [`Scan`], what the parser needs to know of it
//! beforehand: its comments, its string literals and the structure of its f-strings; or the
//! one diagnostic that says why the text cannot be Python: an open bracket, an open string,
//! nesting too deep to parse on a bounded stack. This module must not know grammar.

mod fstring;

use super::trivia::{RawComment, StringKind, StringToken, Trivia};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Open brackets at one place: CPython's limit.
const MAX_BRACKETS: usize = 200;
/// Levels of indentation: CPython's limit.
const MAX_INDENTS: usize = 100;
/// Operators in one expression, over which the parser's own recursion would run deep.
const MAX_LOAD: usize = 50_000;
/// Digits of a decimal integer literal: CPython's limit.
const MAX_DIGITS: usize = 4300;

pub(super) type Fault = Box<Diagnostic>;

/// What the check finds in a file that passes it.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Indentation with tabs on lines without code.
    pub blanks: Vec<Span>,
    /// Indentation of code in which a tab follows a space.
    pub mixed: Vec<Span>,
    /// An upper bound of how deep its expressions nest.
    pub depth: usize,
    /// Its comments and string literals.
    pub trivia: Trivia,
}

/// Scans a whole file.
pub(super) fn scan(text: &str) -> Result<Scan, Fault> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        pos: if text.starts_with('\u{feff}') { 3 } else { 0 },
        levels: vec![Level::new(0, 0)],
        load: 0,
        peak: 0,
        elifs: 0,
        fstring_depth: 0,
        indents: vec![0],
        comments: Vec::new(),
        strings: Vec::new(),
        blanks: Vec::new(),
        mixed: Vec::new(),
    };
    scanner.logical_line_start()?;
    while scanner.pos < scanner.bytes.len() {
        scanner.token()?;
    }
    if let Some(open) = scanner.levels.get(1..).and_then(<[_]>::last) {
        let bracket = char::from(open.bracket);
        return Err(fault(
            Span::new(open.at, open.at + 1),
            format!("`{bracket}` was never closed"),
        ));
    }
    Ok(Scan {
        blanks: scanner.blanks,
        mixed: scanner.mixed,
        depth: scanner.peak.max(scanner.elifs),
        trivia: Trivia {
            comments: scanner.comments,
            strings: scanner.strings,
        },
    })
}

fn fault(span: Span, message: impl Into<String>) -> Fault {
    Box::new(Diagnostic::new(Code::SyntaxError, span, message))
}

/// An open bracket (the first level is the file itself), and what stands in it.
struct Level {
    bracket: u8,
    at: u32,
    /// Operators since the last comma.
    chain: usize,
    /// Lambdas: a comma does not end them.
    lambdas: usize,
}

impl Level {
    fn new(bracket: u8, at: u32) -> Self {
        Self {
            bracket,
            at,
            chain: 0,
            lambdas: 0,
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    levels: Vec<Level>,
    /// An upper bound of how deep the expression at `pos` nests.
    load: usize,
    peak: usize,
    elifs: usize,
    fstring_depth: usize,
    indents: Vec<usize>,
    comments: Vec<RawComment>,
    /// The string literals so far: of the file, or of the f-string field at hand.
    strings: Vec<StringToken>,
    blanks: Vec<Span>,
    mixed: Vec<Span>,
}

impl<'a> Scanner<'a> {
    /// The byte `ahead` of the position; 0 past the end (the text holds no 0).
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn at(&self) -> u32 {
        self.pos as u32
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start as u32, self.at())
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    /// Steps over one token, comment, line break or piece of white space.
    fn token(&mut self) -> Result<(), Fault> {
        let byte = self.peek(0);
        match byte {
            b'\n' | b'\r' => {
                self.line_break();
                if self.levels.len() == 1 {
                    self.reset_chain(true);
                    self.logical_line_start()?;
                }
                return Ok(());
            }
            b' ' | b'\t' | 0x0c => {
                self.pos += 1;
                return Ok(());
            }
            b'#' => {
                self.comment();
                return Ok(());
            }
            _ => {}
        }
        match byte {
            b'\\' => {
                self.pos += 1;
                if matches!(self.peek(0), b'\n' | b'\r') {
                    self.line_break();
                }
            }
            b'"' | b'\'' => self.string(self.pos)?,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => self.word()?,
            b'(' | b'[' | b'{' => {
                self.bump()?;
                self.open(byte)?;
                self.pos += 1;
            }
            b')' | b']' | b'}' => {
                self.close(byte)?;
                self.pos += 1;
            }
            b',' | b';' => {
                self.reset_chain(byte == b';');
                self.pos += 1;
            }
            _ => {
                self.bump()?;
                self.pos += 1;
            }
        }
        Ok(())
    }

    fn line_break(&mut self) {
        let two = self.peek(0) == b'\r' && self.peek(1) == b'\n';
        self.pos += if two { 2 } else { 1 };
    }

    fn comment(&mut self) {
        let start = self.pos;
        while !matches!(self.peek(0), b'\n' | b'\r' | 0) {
            self.pos += 1;
        }
        let before = self.slice(0, start);
        let line = before.rsplit(['\n', '\r']).next().unwrap_or("");
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        self.comments.push(RawComment {
            span: self.span_from(start),
            own_line: line.trim().is_empty(),
            in_brackets: self.levels.len() > 1,
        });
    }

    /// A name, keyword or number, or the prefix of a string.
    fn word(&mut self) -> Result<(), Fault> {
        let start = self.pos;
        while matches!(self.peek(0), b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80..) {
            self.pos += 1;
        }
        let word = self.slice(start, self.pos);
        if matches!(self.peek(0), b'"' | b'\'') && StringKind::of_prefix(word).is_some() {
            return self.string(start);
        }
        self.bump()?;
        match word {
            "lambda" => {
                self.load += 1;
                if let Some(level) = self.levels.last_mut() {
                    level.lambdas += 1;
                }
            }
            "elif" => {
                self.elifs += 1;
                if self.elifs > MAX_LOAD {
                    return Err(self.too_deep(start));
                }
            }
            _ if word.len() > MAX_DIGITS
                && word.bytes().all(|b| b.is_ascii_digit() || b == b'_')
                && word.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS
                && self.peek(0) != b'.' =>
            {
                let message =
                    format!("an integer literal of more than {MAX_DIGITS} decimal digits");
                return Err(Box::new(
                    Diagnostic::new(Code::SyntaxError, self.span_from(start), message)
                        .with_help("write large integers in hexadecimal"),
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn bump(&mut self) -> Result<(), Fault> {
        self.load += 1;
        if let Some(level) = self.levels.last_mut() {
            level.chain += 1;
        }
        self.peak = self.peak.max(self.load);
        if self.load > MAX_LOAD {
            return Err(self.too_deep(self.pos));
        }
        Ok(())
    }

    fn too_deep(&self, start: usize) -> Fault {
        let span = Span::new(start as u32, start as u32 + 1);
        Box::new(Diagnostic::new(
            Code::UnsupportedSyntax,
            span,
            "the code nests too deeply to be read",
        ))
    }

    fn reset_chain(&mut self, with_lambdas: bool) {
        if let Some(level) = self.levels.last_mut() {
            self.load -= level.chain;
            level.chain = 0;
            if with_lambdas {
                self.load -= level.lambdas;
                level.lambdas = 0;
            }
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), Fault> {
        if self.levels.len() > MAX_BRACKETS {
            let span = Span::new(self.at(), self.at() + 1);
            return Err(fault(span, "too many nested parentheses"));
        }
        self.levels.push(Level::new(bracket, self.at()));
        Ok(())
    }

    fn close(&mut self, bracket: u8) -> Result<(), Fault> {
        let span = Span::new(self.at(), self.at() + 1);
        let closing = char::from(bracket);
        let opening = match self.levels.get(1..).and_then(<[_]>::last) {
            Some(level) => level.bracket,
            None => return Err(fault(span, format!("unmatched `{closing}`"))),
        };
        let expected = match opening {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        if bracket != expected {
            let opening = char::from(opening);
            let message = format!("closing `{closing}` does not match opening `{opening}`");
            return Err(fault(span, message));
        }
        self.drop_level();
        Ok(())
    }

    fn drop_level(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.load -= level.chain + level.lambdas;
        }
    }

    /// Steps over white space and blank lines, up to the first token of the next logical
    /// line, and counts its level of indentation.
    fn logical_line_start(&mut self) -> Result<(), Fault> {
        loop {
            let mut start = self.pos;
            let mut column = 0;
            let (mut spaces, mut tabs, mut tab_after_space) = (false, false, false);
            loop {
                match self.peek(0) {
                    b' ' => {
                        column += 1;
                        spaces = true;
                    }
                    b'\t' => {
                        column = (column / 8 + 1) * 8;
                        tabs = true;
                        tab_after_space |= spaces;
                    }
                    0x0c => {
                        (column, spaces, tab_after_space) = (0, false, false);
                        start = self.pos + 1;
                    }
                    _ => break,
                }
                self.pos += 1;
            }
            let byte = self.peek(0);
            let blank = matches!(byte, b'#' | b'\n' | b'\r' | 0);
            if tabs && blank {
                self.blanks.push(self.span_from(start));
            } else if tab_after_space {
                self.mixed.push(self.span_from(start));
            }
            match byte {
                b'#' => self.comment(),
                b'\n' | b'\r' => self.line_break(),
                0 => return Ok(()),
                _ => return self.indentation(column),
            }
        }
    }

    fn indentation(&mut self, column: usize) -> Result<(), Fault> {
        while self.indents.last().is_some_and(|top| *top > column) {
            self.indents.pop();
        }
        if self.indents.last().is_some_and(|top| *top < column) {
            self.indents.push(column);
            if self.indents.len() > MAX_INDENTS {
                let span = Span::new(self.at(), self.at() + 1);
                return Err(fault(span, "too many levels of indentation"));
            }
        }
        Ok(())
    }
}

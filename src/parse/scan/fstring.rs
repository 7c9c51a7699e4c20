//! String literals and f-strings.
//!
//! Enters: a scanner at the start of a string. Leaves: the scanner after it, with its token,
//! or its fault; the fields of an f-string are found as Python 3.12 does (PEP 701), which reads all that
//! older versions read. This module must not know what an expression looks like inside.

use super::{Fault, Scanner, fault};
use crate::parse::trivia::{Field, Part, StringKind, StringToken};
use crate::source::Span;

/// F-strings within f-strings.
const MAX_FSTRINGS: usize = 50;
/// Fields within format specs.
const MAX_SPECS: usize = 3;

/// How the string at hand ends, and how it reads backslashes.
#[derive(Clone, Copy)]
struct Quoting {
    start: usize,
    quote: u8,
    triple: bool,
    raw: bool,
}

impl Scanner<'_> {
    /// Reads the string whose prefix starts at `start`; the position is at its quote.
    pub(super) fn string(&mut self, start: usize) -> Result<(), Fault> {
        let prefix = self.slice(start, self.pos);
        let kind = StringKind::of_prefix(prefix).unwrap_or(StringKind::Plain);
        let quote = self.peek(0);
        let quoting = Quoting {
            start,
            quote,
            triple: self.peek(1) == quote && self.peek(2) == quote,
            raw: prefix.contains(['r', 'R']),
        };
        let quotes = if quoting.triple { 3 } else { 1 };
        self.pos += quotes;
        let (body, mut parts) = (self.pos, Vec::new());
        if kind.has_fields() {
            self.fstring_depth += 1;
            if self.fstring_depth > MAX_FSTRINGS {
                return Err(fault(self.span_from(start), "too many nested f-strings"));
            }
            parts = self.parts(quoting, 0)?;
            self.fstring_depth -= 1;
        } else {
            while !self.at_end_quote(quoting) {
                self.literal_char(quoting)?;
            }
        }
        let body = self.span_from(body);
        self.pos += quotes;
        self.strings.push(StringToken {
            span: self.span_from(start),
            body,
            raw: quoting.raw,
            kind,
            parts,
        });
        Ok(())
    }

    fn at_end_quote(&self, quoting: Quoting) -> bool {
        let quote = quoting.quote;
        self.peek(0) == quote
            && (!quoting.triple || (self.peek(1) == quote && self.peek(2) == quote))
    }

    /// Steps over one character of literal text, or an escape.
    fn literal_char(&mut self, quoting: Quoting) -> Result<(), Fault> {
        match self.peek(0) {
            0 => return Err(self.unterminated(quoting)),
            b'\n' | b'\r' if !quoting.triple => return Err(self.unterminated(quoting)),
            b'\\' => {
                self.pos += 1;
                match self.peek(0) {
                    0 => return Err(self.unterminated(quoting)),
                    b'\r' if self.peek(1) == b'\n' => self.pos += 2,
                    _ => self.pos += 1,
                }
            }
            _ => self.pos += 1,
        }
        Ok(())
    }

    fn unterminated(&self, quoting: Quoting) -> Fault {
        let length = if quoting.triple { 3 } else { 1 };
        let mut open = quoting.start;
        while self.bytes.get(open).is_some_and(|b| *b != quoting.quote) {
            open += 1;
        }
        let message = if quoting.triple {
            "unterminated triple-quoted string literal"
        } else {
            "unterminated string literal"
        };
        let span = Span::new(quoting.start as u32, (open + length) as u32);
        fault(span, message)
    }

    /// Reads literal text and fields, up to the closing quote, in a format spec
    /// (`spec > 0`) up to the closing brace; neither is stepped over.
    fn parts(&mut self, quoting: Quoting, spec: usize) -> Result<Vec<Part>, Fault> {
        let mut parts = Vec::new();
        let mut literal = self.pos;
        loop {
            let ends = self.at_end_quote(quoting);
            if ends && spec > 0 {
                return Err(self.fstring_fault("expecting `}`"));
            }
            let ends = ends || spec > 0 && self.peek(0) == b'}';
            let field = self.peek(0) == b'{' && (spec > 0 || self.peek(1) != b'{');
            if (ends || field) && self.pos > literal {
                parts.push(Part::Literal(self.span_from(literal)));
            }
            if ends {
                return Ok(parts);
            }
            if field {
                if spec >= MAX_SPECS {
                    return Err(self.fstring_fault("expressions nested too deeply"));
                }
                parts.push(Part::Field(self.field(quoting, spec)?));
                literal = self.pos;
                continue;
            }
            match self.peek(0) {
                b'{' => self.pos += 2,
                b'}' if self.peek(1) == b'}' => self.pos += 2,
                b'}' => return Err(self.fstring_fault("single `}` is not allowed")),
                b'\\' if matches!(self.peek(1), b'{' | b'}') => self.pos += 1,
                b'\\' if !quoting.raw && self.peek(1) == b'N' && self.peek(2) == b'{' => {
                    self.character_name();
                }
                _ => self.literal_char(quoting)?,
            }
        }
    }

    /// Steps over `\N{NAME}`.
    fn character_name(&mut self) {
        self.pos += 3;
        while matches!(self.peek(0), b' ' | b'-' | b'_') || self.peek(0).is_ascii_alphanumeric() {
            self.pos += 1;
        }
        if self.peek(0) == b'}' {
            self.pos += 1;
        }
    }

    fn fstring_fault(&self, message: &str) -> Fault {
        let span = Span::new(self.at(), self.at() + 1);
        fault(span, format!("f-string: {message}"))
    }

    /// Reads `{…}`.
    fn field(&mut self, quoting: Quoting, spec: usize) -> Result<Field, Fault> {
        self.bump()?;
        self.open(b'{')?;
        let level = self.levels.len();
        self.pos += 1;
        let expr = self.pos;
        let around = std::mem::take(&mut self.strings);
        while self.levels.len() > level || !self.at_field_end() {
            if self.pos >= self.bytes.len() {
                return Err(self.unclosed_field());
            }
            if matches!(self.peek(0), b'=' | b'!' | b'<' | b'>') && self.peek(1) == b'=' {
                self.pos += 1;
            }
            self.token()?;
        }
        if self.slice(expr, self.pos).trim().is_empty() {
            return Err(self.fstring_fault("an expression is required here"));
        }
        let mut field = Field {
            expr: self.span_from(expr),
            strings: std::mem::replace(&mut self.strings, around),
            debug: None,
            conversion: None,
            spec: None,
        };
        if self.peek(0) == b'=' {
            self.pos += 1;
            self.field_space();
            // White space after the sign is shown as well.
            field.debug = Some(self.span_from(expr));
        }
        if self.peek(0) == b'!' {
            self.pos += 1;
            if !matches!(self.peek(0), b's' | b'r' | b'a') {
                let message = "the conversion after `!` must be `s`, `r` or `a`";
                return Err(self.fstring_fault(message));
            }
            field.conversion = Some(self.peek(0));
            self.pos += 1;
            self.field_space();
        }
        if self.peek(0) == b':' {
            self.pos += 1;
            field.spec = Some(self.parts(quoting, spec + 1)?);
        }
        if self.peek(0) != b'}' {
            return Err(self.fstring_fault("expecting `}`"));
        }
        self.pos += 1;
        self.drop_level();
        Ok(field)
    }

    fn unclosed_field(&self) -> Fault {
        let (at, bracket) = match self.levels.last() {
            Some(level) => (level.at, char::from(level.bracket)),
            None => (self.at(), '{'),
        };
        let message = format!("f-string: `{bracket}` was never closed");
        fault(Span::new(at, at + 1), message)
    }

    fn field_space(&mut self) {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | 0x0c => self.pos += 1,
                b'\n' | b'\r' => self.line_break(),
                b'#' => self.comment(),
                _ => return,
            }
        }
    }

    fn at_field_end(&self) -> bool {
        match self.peek(0) {
            b'}' | b':' => true,
            b'!' | b'=' => self.peek(1) != b'=',
            _ => false,
        }
    }
}

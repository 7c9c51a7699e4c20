//! String literals and f-strings.
//!
//! Enters: the value that the parser crate found for a string expression, in which
//! f-strings are placeholders. Leaves: the string, or the f-string built from the pieces
//! that `trivia` found, each field's expression parsed by itself.

use super::{Converter, span};
use crate::ast::{Conversion, Expr, ExprKind, FStringPart};
use crate::diagnostic::{Code, Diagnostic};
use crate::parse::errors;
use crate::parse::literal::{Reading, decode};
use crate::parse::trivia::{Field, Part, StringKind, StringToken};
use crate::source::Span;
use rustpython_parser::text_size::TextSize;
use rustpython_parser::{Parse, ast as py, ast::Ranged};

impl<'a> Converter<'a> {
    /// A string expression: one literal or several side by side.
    pub(super) fn string(&mut self, text: String, at: Span) -> ExprKind {
        let tokens = self.tokens(at);
        if tokens.iter().any(|t| t.kind == StringKind::Template) {
            return ExprKind::Unsupported("a template string (Python 3.14)".to_owned());
        }
        if !tokens.iter().any(|t| t.kind.has_fields()) {
            if text.contains(char::REPLACEMENT_CHARACTER) && self.has_lone_surrogate(tokens) {
                return lone_surrogate();
            }
            return ExprKind::Str(text);
        }
        let first_id = self.next_id;
        let mut parts = Vec::new();
        for token in tokens {
            let reading = Reading {
                raw: token.raw,
                braces: false,
            };
            let fine = if token.kind.has_fields() {
                self.parts(&token.parts, token.raw, true, &mut parts)
            } else {
                self.literal(token.body, reading, &mut parts)
            };
            if !fine {
                self.next_id = first_id;
                return lone_surrogate();
            }
        }
        ExprKind::FString(parts)
    }

    /// Whether an f-string stands within `at`.
    pub(super) fn has_fields(&self, at: Span) -> bool {
        self.tokens(at).iter().any(|t| t.kind.has_fields())
    }

    fn tokens(&self, at: Span) -> &'a [StringToken] {
        let strings = self.strings;
        let first = strings.partition_point(|t| t.span.start < at.start);
        let end = strings.partition_point(|t| t.span.start < at.end);
        strings.get(first..end).unwrap_or(&[])
    }

    fn has_lone_surrogate(&self, tokens: &[StringToken]) -> bool {
        tokens.iter().any(|token| {
            let reading = Reading {
                raw: token.raw,
                braces: false,
            };
            decode(self.slice(token.body), reading).is_ok_and(|d| d.lone_surrogate)
        })
    }

    fn slice(&self, at: Span) -> &'a str {
        self.text
            .get(at.start as usize..at.end as usize)
            .unwrap_or("")
    }

    /// Adds literal text; false if it holds a lone surrogate.
    fn literal(&mut self, at: Span, reading: Reading, out: &mut Vec<FStringPart>) -> bool {
        match decode(self.slice(at), reading) {
            Ok(decoded) => {
                push_literal(out, &decoded.text);
                !decoded.lone_surrogate
            }
            Err((offset, message)) => {
                let start = at.start + offset as u32;
                let at = Span::new(start, start + 2);
                self.diagnostics
                    .push(Diagnostic::new(Code::SyntaxError, at, message));
                true
            }
        }
    }

    fn parts(
        &mut self,
        parts: &'a [Part],
        raw: bool,
        braces: bool,
        out: &mut Vec<FStringPart>,
    ) -> bool {
        for part in parts {
            let fine = match part {
                Part::Literal(at) => self.literal(*at, Reading { raw, braces }, out),
                Part::Field(field) => self.field(field, raw, out),
            };
            if !fine {
                return false;
            }
        }
        true
    }

    fn field(&mut self, field: &'a Field, raw: bool, out: &mut Vec<FStringPart>) -> bool {
        if let Some(debug) = field.debug {
            let reading = Reading {
                raw: true,
                braces: false,
            };
            // Comments are not part of the text that `=` shows.
            let mut start = debug.start;
            for comment in self.trivia.comments_in(debug) {
                self.literal(Span::new(start, comment.span.start), reading, out);
                start = comment.span.end;
            }
            self.literal(Span::new(start, debug.end), reading, out);
        }
        let Some(value) = self.field_value(field) else {
            return true;
        };
        let conversion = match field.conversion {
            Some(b's') => Some(Conversion::Str),
            Some(b'a') => Some(Conversion::Ascii),
            Some(_) => Some(Conversion::Repr),
            None if field.debug.is_some() && field.spec.is_none() => Some(Conversion::Repr),
            None => None,
        };
        let mut spec = Vec::new();
        let fine = match &field.spec {
            Some(parts) => self.parts(parts, raw, false, &mut spec),
            None => true,
        };
        out.push(FStringPart::Value {
            value: Box::new(value),
            conversion,
            spec,
        });
        fine
    }

    /// The expression of a field; none, with a diagnostic, where it does not parse.
    fn field_value(&mut self, field: &'a Field) -> Option<Expr> {
        let masked = self.trivia.masked_field(self.text, field);
        let trimmed = masked.trim_end();
        let start = field.expr.start + (masked.len() - masked.trim_start().len()) as u32;
        let inside = Span::new(start, field.expr.start + trimmed.len() as u32);
        if trimmed.trim_start().is_empty() {
            let message = "f-string: an expression is required here";
            self.diagnostics
                .push(Diagnostic::new(Code::SyntaxError, field.expr, message));
            return None;
        }
        // Parentheses, so that line breaks and `yield` are read as Python reads them.
        let wrapped = format!("({masked})");
        let offset = TextSize::from(field.expr.start.saturating_sub(1));
        let expr = match py::Expr::parse_starts_at(&wrapped, "<f-string>", offset) {
            Ok(expr) => expr,
            Err(error) => {
                let mut found = errors::diagnostic(self.text, self.masked, error);
                found.message = format!("f-string: {}", found.message);
                if !field.expr.contains(found.span) {
                    found.span = inside;
                }
                self.diagnostics.push(found);
                return None;
            }
        };
        let outer = std::mem::replace(&mut self.strings, &field.strings);
        let clip = !inside.contains(span(expr.range()));
        let mut value = self.expr(expr);
        if clip {
            value.span = inside;
        }
        self.strings = outer;
        Some(value)
    }
}

fn push_literal(out: &mut Vec<FStringPart>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(FStringPart::Literal(last)) = out.last_mut() {
        last.push_str(text);
    } else {
        out.push(FStringPart::Literal(text.to_owned()));
    }
}

fn lone_surrogate() -> ExprKind {
    ExprKind::Unsupported("a string with a lone surrogate".to_owned())
}

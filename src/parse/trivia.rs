//! Comments and string literals.
//!
//! Enters: nothing, these are data types. Leaves: [`Trivia`], and [`Trivia::masked`], the
//! text in which only what the parser crate reads well is left. This module must not know
//! how they are found.

use super::scan::Scan;
use crate::source::Span;

/// The comments and string literals of a file.
#[derive(Debug, Default)]
pub(super) struct Trivia {
    /// Every comment, in order, those within f-strings too.
    pub comments: Vec<RawComment>,
    /// Every string literal outside of f-strings, in order.
    pub strings: Vec<StringToken>,
}

/// A comment and how it stands on its line.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawComment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Nothing but white space stands before it.
    pub own_line: bool,
    /// A bracket or an f-string field is open around it.
    pub in_brackets: bool,
}

/// A string literal.
#[derive(Debug)]
pub(super) struct StringToken {
    /// With prefix and quotes.
    pub span: Span,
    /// Between the quotes.
    pub body: Span,
    /// `r` in the prefix.
    pub raw: bool,
    /// What the prefix makes of it.
    pub kind: StringKind,
    /// The pieces of an f-string; empty for all others.
    pub parts: Vec<Part>,
}

/// What a string prefix says, beside `r`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringKind {
    /// `""`, `u""`
    Plain,
    /// `b""`
    Bytes,
    /// `f""`
    Format,
    /// `t""`, Python 3.14
    Template,
}

impl StringKind {
    /// What a prefix means, in any case; none where it is no prefix.
    pub fn of_prefix(prefix: &str) -> Option<StringKind> {
        if prefix.len() > 2 {
            return None;
        }
        match prefix.to_ascii_lowercase().as_str() {
            "" | "r" | "u" => Some(StringKind::Plain),
            "b" | "br" | "rb" => Some(StringKind::Bytes),
            "f" | "fr" | "rf" => Some(StringKind::Format),
            "t" | "tr" | "rt" => Some(StringKind::Template),
            _ => None,
        }
    }

    /// Whether it has fields in braces.
    pub fn has_fields(self) -> bool {
        match self {
            StringKind::Format | StringKind::Template => true,
            StringKind::Plain | StringKind::Bytes => false,
        }
    }
}

/// A piece of an f-string or of a format spec.
#[derive(Debug)]
pub(super) enum Part {
    /// Text as it stands in the source.
    Literal(Span),
    /// `{…}`
    Field(Field),
}

/// A replacement field.
#[derive(Debug)]
pub(super) struct Field {
    /// The expression's source, with the white space around it.
    pub expr: Span,
    /// String literals in the expression.
    pub strings: Vec<StringToken>,
    /// With `=`: the source from after the brace up to `!`, `:` or the closing brace.
    pub debug: Option<Span>,
    /// The letter after `!`.
    pub conversion: Option<u8>,
    /// The format spec, where there is a `:`.
    pub spec: Option<Vec<Part>>,
}

impl Trivia {
    /// The text with comments as spaces and f-strings as plain strings, byte for byte
    /// as long as the original, so that every position holds.
    pub fn masked(&self, text: &str, scan: &Scan) -> String {
        let whole = Span::new(0, text.len() as u32);
        let mut bytes = mask(text, whole, &self.comments, &self.strings);
        for blank in &scan.blanks {
            fill(&mut bytes, whole, *blank, b' ');
        }
        for mixed in &scan.mixed {
            // The crate wants tabs first; lines that Python finds equal stay equal.
            if let Some(indent) = bytes.get_mut(mixed.start as usize..mixed.end as usize) {
                indent.sort_unstable_by_key(|byte| match byte {
                    b'\t' => 1,
                    b' ' => 2,
                    _ => 0,
                });
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The expression of a field, masked like the file.
    pub fn masked_field(&self, text: &str, field: &Field) -> String {
        let comments = self.comments_in(field.expr);
        let bytes = mask(text, field.expr, comments, &field.strings);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The comments within `span`.
    pub fn comments_in(&self, span: Span) -> &[RawComment] {
        let first = self.comments.partition_point(|c| c.span.start < span.start);
        let end = self.comments.partition_point(|c| c.span.start < span.end);
        self.comments.get(first..end).unwrap_or(&[])
    }
}

fn mask(text: &str, span: Span, comments: &[RawComment], strings: &[StringToken]) -> Vec<u8> {
    let mut bytes = text
        .get(span.start as usize..span.end as usize)
        .unwrap_or("")
        .as_bytes()
        .to_vec();
    for comment in comments {
        fill(&mut bytes, span, comment.span, b' ');
    }
    for string in strings.iter().filter(|s| s.kind.has_fields()) {
        fill(&mut bytes, span, string.span, b'_');
        for quote in [string.span.start, string.span.end.saturating_sub(1)] {
            fill(&mut bytes, span, Span::new(quote, quote + 1), b'"');
        }
    }
    bytes
}

fn fill(bytes: &mut [u8], base: Span, span: Span, with: u8) {
    let start = span.start.saturating_sub(base.start) as usize;
    let end = (span.end.min(base.end)).saturating_sub(base.start) as usize;
    if let Some(piece) = bytes.get_mut(start..end) {
        piece.fill(with);
    }
}

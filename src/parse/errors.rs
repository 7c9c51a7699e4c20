//! The parser crate's errors in our words.
//!
//! Enters: an error and the text. Leaves: a diagnostic with the span of the token that
//! does not fit. This module must not know our tree.

use super::newer;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use rustpython_parser::lexer::LexicalErrorType;
use rustpython_parser::{ParseError, ParseErrorType, Tok};

/// The diagnostic of an error in the file itself; it may be that the file is Python, but
/// newer than the parser crate.
pub(super) fn of_file(text: &str, masked: &str, error: ParseError) -> Diagnostic {
    let grammatical = match &error.error {
        ParseErrorType::ExtraToken(_) => true,
        ParseErrorType::UnrecognizedToken(token, expected) => {
            *token != Tok::Indent && expected.as_deref() != Some("Indent")
        }
        ParseErrorType::Eof | ParseErrorType::InvalidToken | ParseErrorType::Lexical(_) => false,
    };
    let found = diagnostic(text, masked, error);
    if grammatical && newer::is_read_by_tree_sitter(text, found.span) {
        let message = "this syntax is not read: it is newer than Python 3.12";
        return Diagnostic::new(Code::UnsupportedSyntax, found.span, message)
            .with_help("write it as Python 3.11 would have it; nothing of the file was read");
    }
    found
}

/// The diagnostic of an error, in the file or in an f-string's field.
pub(super) fn diagnostic(text: &str, masked: &str, error: ParseError) -> Diagnostic {
    let mut offset = u32::from(error.offset);
    if let ParseErrorType::UnrecognizedToken(Tok::Indent, _) = &error.error {
        let rest = masked.get(offset as usize..).unwrap_or("");
        let token = rest.find(|c: char| !c.is_ascii_whitespace());
        offset += token.unwrap_or(0) as u32;
    }
    let at = token_at(text, offset);
    let (span, message) = match error.error {
        ParseErrorType::Eof => (at, "the file ends in the middle of a statement".to_owned()),
        ParseErrorType::InvalidToken => (at, "invalid syntax".to_owned()),
        ParseErrorType::ExtraToken(token) => (at, unexpected(text, masked, at, &token, None)),
        ParseErrorType::UnrecognizedToken(token, expected) => (
            at,
            unexpected(text, masked, at, &token, expected.as_deref()),
        ),
        ParseErrorType::Lexical(error) => lexical(text, masked, offset, error),
    };
    Diagnostic::new(Code::SyntaxError, span, message)
}

/// The word or character at `offset`; at the end of a line or of the file the last
/// character before it.
fn token_at(text: &str, offset: u32) -> Span {
    let rest = text.get(offset as usize..).unwrap_or("");
    match rest.chars().next() {
        Some(c) if c.is_alphanumeric() || c == '_' => {
            let other = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            Span::new(offset, offset + other.unwrap_or(rest.len()) as u32)
        }
        Some(c) if !c.is_whitespace() => Span::new(offset, offset + c.len_utf8() as u32),
        _ => {
            let before = text.get(..offset as usize).unwrap_or(text).trim_end();
            let last = before.chars().next_back().map_or(0, char::len_utf8);
            Span::new((before.len() - last) as u32, before.len() as u32)
        }
    }
}

fn unexpected(text: &str, masked: &str, at: Span, token: &Tok, expected: Option<&str>) -> String {
    let before = masked.get(..at.start as usize).unwrap_or("");
    if *token == Tok::Indent {
        return "unexpected indent".to_owned();
    }
    if expected == Some("Indent") {
        return missing_block(before);
    }
    let up_to = masked.get(..at.end as usize).unwrap_or("");
    let line = up_to.rsplit(['\n', '\r']).next().unwrap_or("").trim();
    if *token == Tok::Newline {
        let opens = line
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .is_some_and(|word| BLOCK_WORDS.contains(&word));
        return if opens && !line.ends_with(':') {
            "expected `:` at the end of the line".to_owned()
        } else {
            "the statement ends too early".to_owned()
        };
    }
    if before.trim_end_matches([' ', '\t']).ends_with("print") {
        return "`print` is a function in Python 3: write `print(…)`".to_owned();
    }
    if *token == Tok::Equal {
        return "`=` cannot stand here; to compare, write `==`".to_owned();
    }
    match text.get(at.start as usize..at.end as usize) {
        Some(source) if !source.is_empty() => format!("invalid syntax: unexpected `{source}`"),
        _ => "invalid syntax".to_owned(),
    }
}

/// Words that open a line which ends with a colon.
const BLOCK_WORDS: &[&str] = &[
    "if", "elif", "else", "for", "while", "def", "class", "try", "except", "finally", "with",
    "async", "match", "case",
];

fn missing_block(before: &str) -> String {
    let line = before.trim_end().rsplit(['\n', '\r']).next().unwrap_or("");
    let word = line
        .trim_start()
        .split(|c: char| !c.is_alphanumeric())
        .next();
    match word {
        Some(word) if BLOCK_WORDS.contains(&word) => {
            format!("expected an indented block after `{word}`")
        }
        _ => "expected an indented block".to_owned(),
    }
}

fn lexical(text: &str, masked: &str, offset: u32, error: LexicalErrorType) -> (Span, String) {
    let at = token_at(text, offset);
    let message = match error {
        LexicalErrorType::StringError => "a string literal is not well formed".to_owned(),
        LexicalErrorType::UnicodeError => "an escape in this string names no character".to_owned(),
        LexicalErrorType::NestingError => "unmatched closing bracket".to_owned(),
        LexicalErrorType::IndentationError if offset as usize >= masked.trim_end().len() => {
            missing_block(masked)
        }
        LexicalErrorType::IndentationError => "this indentation matches no outer level".to_owned(),
        LexicalErrorType::TabError => {
            "tabs and spaces are mixed so that the indentation is not clear".to_owned()
        }
        LexicalErrorType::TabsAfterSpaces => {
            "indentation with a tab after spaces is not read; use spaces only".to_owned()
        }
        LexicalErrorType::DefaultArgumentError => {
            "a parameter without a default follows one with a default".to_owned()
        }
        LexicalErrorType::DuplicateArgumentError(name) => {
            format!("duplicate parameter `{name}`")
        }
        LexicalErrorType::PositionalArgumentError => {
            "a positional argument follows a keyword argument".to_owned()
        }
        LexicalErrorType::UnpackedArgumentError => {
            "an argument unpacked with `*` follows one unpacked with `**`".to_owned()
        }
        LexicalErrorType::DuplicateKeywordArgumentError(name) => {
            format!("keyword argument `{name}` is repeated")
        }
        LexicalErrorType::UnrecognizedToken { tok } => {
            // The crate is already past the character, except for `!`.
            let length = tok.len_utf8() as u32;
            let start = if tok == '!' {
                offset
            } else {
                offset.saturating_sub(length)
            };
            let span = Span::new(start, start + length);
            return (span, format!("invalid character `{tok}`"));
        }
        LexicalErrorType::FStringError(error) => format!("f-string: {error}"),
        LexicalErrorType::LineContinuationError => {
            "unexpected character after a line continuation".to_owned()
        }
        LexicalErrorType::Eof => "the file ends in the middle of a statement".to_owned(),
        LexicalErrorType::OtherError(message) => match message.as_str() {
            "Invalid Token" => "leading zeros are not allowed in an integer; \
                                use `0o` for octal numbers"
                .to_owned(),
            _ if message.starts_with("ParseBigIntError") => {
                "digits are missing in this number".to_owned()
            }
            _ => message.to_lowercase(),
        },
    };
    (at, message)
}

//! Python and Rust as coloured words.
//!
//! Enters: a text. Leaves: its lines as [`Token`]s that hold every character of it. What does
//! not scan is plain text: nothing is ever lost. This module must not know HTML.

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Anything else.
    Plain,
    /// A word of the language.
    Keyword,
    /// A string, or a character.
    Text,
    /// A comment.
    Comment,
    /// A number.
    Number,
    /// A name that is defined here, or called.
    Name,
    /// A type.
    Type,
}

impl Class {
    /// The name of the class in the page's style sheet.
    pub fn css(self) -> &'static str {
        match self {
            Class::Plain => "",
            Class::Keyword => "k",
            Class::Text => "s",
            Class::Comment => "c",
            Class::Number => "d",
            Class::Name => "f",
            Class::Type => "t",
        }
    }
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub class: Class,
    /// Its text, without line breaks.
    pub text: String,
}

/// A language that can be scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// Rust.
    Rust,
}

const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return",
    "try", "while", "with", "yield",
];

const RUST: &[&str] = &[
    "Self", "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum",
    "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move",
    "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

const RUST_TYPES: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16",
    "u32", "u64", "u8", "usize",
];

/// The lines of a text.
pub fn highlight(text: &str, language: Language) -> Vec<Vec<Token>> {
    let mut lines = Vec::new();
    let mut line: Vec<Token> = Vec::new();
    let mut rest = text;
    let mut before = "";
    while !rest.is_empty() {
        let (class, len) = next(rest, before, language);
        // A scanner that stands still would never end.
        let len = len.max(rest.chars().next().map_or(1, char::len_utf8));
        let (piece, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
        for (i, part) in piece.split('\n').enumerate() {
            if i > 0 {
                lines.push(std::mem::take(&mut line));
            }
            push(&mut line, class, part.trim_end_matches('\r'));
        }
        if !piece.trim().is_empty() {
            before = piece;
        }
        rest = after;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn push(line: &mut Vec<Token>, class: Class, text: &str) {
    match line.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.class == class => last.text.push_str(text),
        _ => line.push(Token {
            class,
            text: text.to_owned(),
        }),
    }
}

/// The class and length of what a text starts with; `before` is the word before it.
fn next(text: &str, before: &str, language: Language) -> (Class, usize) {
    let special = match language {
        Language::Python => python(text),
        Language::Rust => rust(text),
    };
    if let Some(found) = special {
        return found;
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(c) if c.is_ascii_digit() => (Class::Number, number(text)),
        Some(c) if is_word(c) => {
            let len = run(text, is_word);
            let (word, after) = text.split_at_checked(len).unwrap_or((text, ""));
            (class_of(word, after, before, language), len)
        }
        Some(c) => (Class::Plain, c.len_utf8()),
        None => (Class::Plain, 0),
    }
}

fn class_of(word: &str, after: &str, before: &str, language: Language) -> Class {
    let (keywords, defines): (_, &[&str]) = match language {
        Language::Python => (PYTHON, &["def", "class"]),
        Language::Rust => (RUST, &["fn", "struct", "enum", "impl"]),
    };
    if keywords.binary_search(&word).is_ok() && before != "." {
        return Class::Keyword;
    }
    if defines.contains(&before) {
        return Class::Name;
    }
    if language == Language::Rust && RUST_TYPES.binary_search(&word).is_ok() {
        return Class::Type;
    }
    let is_macro = language == Language::Rust && after.starts_with('!') && !after.starts_with("!=");
    if after.starts_with('(') || is_macro {
        return Class::Name;
    }
    let has_lower = word.chars().any(char::is_lowercase);
    match word.starts_with(char::is_uppercase) && has_lower {
        true => Class::Type,
        false => Class::Plain,
    }
}

fn python(text: &str) -> Option<(Class, usize)> {
    if text.starts_with('#') {
        return Some((Class::Comment, run(text, |c| c != '\n')));
    }
    if text.starts_with('@') {
        let len = 1 + text
            .get(1..)
            .map_or(0, |rest| run(rest, |c| is_word(c) || c == '.'));
        return Some((Class::Name, len)).filter(|_| len > 1);
    }
    let prefix = run(text, |c| c.is_ascii_alphabetic());
    let (letters, rest) = text.split_at_checked(prefix)?;
    let is_prefix = prefix <= 2 && letters.chars().all(|c| "rbufRBUF".contains(c));
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if !is_prefix {
        return None;
    }
    let triple = quote.to_string().repeat(3);
    let len = match rest.starts_with(&triple) {
        true => quoted(rest, &triple, true),
        // In a raw string too a backslash keeps the quote after it from ending it.
        false => quoted(rest, &quote.to_string(), false),
    };
    Some((Class::Text, prefix + len))
}

fn rust(text: &str) -> Option<(Class, usize)> {
    if text.starts_with("//") {
        return Some((Class::Comment, run(text, |c| c != '\n')));
    }
    if text.starts_with("/*") {
        let len = text.find("*/").map_or(text.len(), |at| at + 2);
        return Some((Class::Comment, len));
    }
    if text.starts_with("#[") || text.starts_with("#![") {
        return Some((Class::Name, text.find(']').map_or(1, |at| at + 1)));
    }
    let prefix = run(text, |c| matches!(c, 'b' | 'r'));
    let rest = text.get(prefix..)?;
    if prefix <= 2 {
        let hashes = run(rest, |c| c == '#');
        let is_raw = text.get(..prefix).is_some_and(|p| p.ends_with('r'));
        if rest.get(hashes..)?.starts_with('"') && (hashes == 0 || is_raw) {
            if is_raw {
                let end = format!("\"{}", "#".repeat(hashes));
                let body = rest.get(hashes + 1..)?;
                let len = body.find(&end).map_or(body.len(), |at| at + end.len());
                return Some((Class::Text, prefix + hashes + 1 + len));
            }
            return Some((Class::Text, prefix + quoted(rest, "\"", true)));
        }
    }
    if let Some(rest) = text.strip_prefix('\'') {
        let mut chars = rest.chars();
        let first = chars.next()?;
        if first == '\\' {
            return Some((Class::Text, quoted(text, "'", false)));
        }
        if chars.next() == Some('\'') {
            return Some((Class::Text, 2 + first.len_utf8()));
        }
        // A lifetime.
        return Some((Class::Type, 1 + run(rest, is_word)));
    }
    None
}

/// The length of what starts with a quote and ends with the next of its kind.
fn quoted(text: &str, quote: &str, multiline: bool) -> usize {
    let mut at = quote.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        let mut chars = rest.chars();
        let first = chars.next();
        if first == Some('\n') && !multiline {
            return at;
        }
        at += first.map_or(1, char::len_utf8);
        if first == Some('\\') {
            at += chars.next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a number: `0x1f`, `1_000.5e-3`, `2.0f32`; a range `0..n` is none.
fn number(text: &str) -> usize {
    let mut len = 0;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E') && !text.starts_with("0x");
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        let point = c == '.'
            && next.is_none_or(|next| !is_word(next) && next != '.' || next.is_ascii_digit());
        if !(c.is_ascii_alphanumeric() || c == '_' || sign || point) {
            break;
        }
        last = c;
        len = at + c.len_utf8();
    }
    len
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of the longest start of which every character is such.
fn run(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, language: Language) -> String {
        let lines = highlight(text, language);
        let line = |tokens: &Vec<Token>| -> String {
            let tokens = tokens.iter().map(|token| match token.class.css() {
                "" => token.text.clone(),
                css => format!("{css}<{}>", token.text),
            });
            tokens.collect()
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn keywords_can_be_looked_up() {
        for words in [PYTHON, RUST, RUST_TYPES] {
            assert!(words.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn python_is_told_apart() {
        let text = "@wraps\ndef f(x):  # why\n    return rb'a\\'#' + f\"{x}\" - 1.5e-3 // 0x1F";
        assert_eq!(
            marked(text, Language::Python),
            "f<@wraps>\nk<def> f<f>(x):  c<# why>\n    k<return> s<rb'a\\'#'> + s<f\"{x}\"> - \
             d<1.5e-3> // d<0x1F>"
        );
        assert_eq!(
            marked("\"\"\"a\n'b'\n\"\"\"\nx = Foo(None)", Language::Python),
            "s<\"\"\"a>\ns<'b'>\ns<\"\"\">\nx = f<Foo>(k<None>)"
        );
        assert_eq!(
            marked("x = 'open\ny = 1", Language::Python),
            "x = s<'open>\ny = d<1>"
        );
    }

    #[test]
    fn rust_is_told_apart() {
        let text = "fn f<'a>(x: &'a str) -> f64 { // why\n    todo!(\"MIG\\\"\"); 'x' != '\\n'; 0..2; 1.0f32.abs() }";
        assert_eq!(
            marked(text, Language::Rust),
            "k<fn> f<f><t<'a>>(x: &t<'a> t<str>) -> t<f64> { c<// why>\n    \
             f<todo>!(s<\"MIG\\\"\">); s<'x'> != s<'\\n'>; d<0>..d<2>; d<1.0f32>.f<abs>() }"
        );
        assert_eq!(marked("r#\"a\"b\"# x", Language::Rust), "s<r#\"a\"b\"#> x");
    }

    #[test]
    fn nothing_is_lost() {
        let texts = [
            "a\n\n  'x\n\"\"\"é",
            "\\\n'",
            "#[",
            "/*",
            "''''",
            "r#\"",
            "@",
            "0x",
            "ß€'",
        ];
        for text in texts {
            for language in [Language::Python, Language::Rust] {
                let lines = highlight(text, language);
                let back: Vec<String> = lines
                    .iter()
                    .map(|line| line.iter().map(|token| token.text.as_str()).collect())
                    .collect();
                assert_eq!(back.join("\n"), text.trim_end_matches('\n'), "{text:?}");
            }
        }
    }
}

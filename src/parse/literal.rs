//! The value of string literals.
//!
//! Enters: the source between the quotes. Leaves: the text it stands for, escapes
//! resolved. This module must not know where the literal stands.

use rustpython_parser::{Parse, ast as py};

/// What a literal stands for.
pub(super) struct Decoded {
    /// The text; a lone surrogate is U+FFFD in it.
    pub text: String,
    /// Whether the Python string holds a lone surrogate, which no Rust string can.
    pub lone_surrogate: bool,
}

/// How a literal is to be read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// Backslashes are just backslashes.
    pub raw: bool,
    /// `{{` and `}}` stand for one brace.
    pub braces: bool,
}

/// Resolves line breaks, escapes and doubled braces; an error is an offset in `source`
/// and what is wrong there.
pub(super) fn decode(source: &str, reading: Reading) -> Result<Decoded, (usize, String)> {
    let mut out = Decoded {
        text: String::with_capacity(source.len()),
        lone_surrogate: false,
    };
    let mut chars = source.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\r' => {
                chars.next_if(|(_, c)| *c == '\n');
                out.text.push('\n');
            }
            '{' | '}' if reading.braces => {
                chars.next_if(|(_, next)| *next == c);
                out.text.push(c);
            }
            '\\' if !reading.raw => escape(source, at, &mut chars, &mut out)?,
            _ => out.text.push(c),
        }
    }
    Ok(out)
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

fn escape(
    source: &str,
    at: usize,
    chars: &mut Chars<'_>,
    out: &mut Decoded,
) -> Result<(), (usize, String)> {
    // An unknown escape stands for itself, and what follows it is read as usual.
    let Some(&(_, c)) = chars.peek() else {
        out.text.push('\\');
        return Ok(());
    };
    let simple = match c {
        '\\' | '\'' | '"' => Some(c),
        'a' => Some('\x07'),
        'b' => Some('\x08'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        _ => None,
    };
    if let Some(simple) = simple {
        chars.next();
        out.text.push(simple);
        return Ok(());
    }
    match c {
        '\n' => {
            chars.next();
        }
        '\r' => {
            chars.next();
            chars.next_if(|(_, c)| *c == '\n');
        }
        '0'..='7' => {
            let mut value = 0;
            for _ in 0..3 {
                let digit = chars.next_if(|(_, c)| c.is_digit(8));
                let Some(digit) = digit.and_then(|(_, c)| c.to_digit(8)) else {
                    break;
                };
                value = value * 8 + digit;
            }
            out.text.extend(char::from_u32(value));
        }
        'x' => code_point(at, chars, 2, out)?,
        'u' => code_point(at, chars, 4, out)?,
        'U' => code_point(at, chars, 8, out)?,
        'N' => {
            let rest = source.get(at..).unwrap_or("");
            let end = rest.find('}').map_or(rest.len(), |end| end + 1);
            let name = rest.get(..end).unwrap_or("");
            match named(name) {
                Some(text) => out.text.push_str(&text),
                None => return Err((at, format!("unknown Unicode character name in `{name}`"))),
            }
            while chars.next_if(|(i, _)| *i < at + end).is_some() {}
        }
        _ => out.text.push('\\'),
    }
    Ok(())
}

fn code_point(
    at: usize,
    chars: &mut Chars<'_>,
    digits: usize,
    out: &mut Decoded,
) -> Result<(), (usize, String)> {
    let letter = chars.next().map_or('x', |(_, c)| c);
    let mut value: u32 = 0;
    for _ in 0..digits {
        let digit = chars.next_if(|(_, c)| c.is_ascii_hexdigit());
        let Some(digit) = digit.and_then(|(_, c)| c.to_digit(16)) else {
            let message = format!("truncated escape: `\\{letter}` needs {digits} hex digits");
            return Err((at, message));
        };
        value = value.wrapping_mul(16).wrapping_add(digit);
    }
    match char::from_u32(value) {
        Some(c) => out.text.push(c),
        None if (0xd800..=0xdfff).contains(&value) => {
            out.lone_surrogate = true;
            out.text.push(char::REPLACEMENT_CHARACTER);
        }
        None => return Err((at, "illegal Unicode character in an escape".to_owned())),
    }
    Ok(())
}

/// The character of `\N{NAME}`, by the table of the parser crate.
fn named(escape: &str) -> Option<String> {
    let inner = escape.strip_prefix("\\N{")?.strip_suffix('}')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    if !inner.chars().all(plain) {
        return None;
    }
    match py::Expr::parse(&format!("\"{escape}\""), "<name>").ok()? {
        py::Expr::Constant(py::ExprConstant {
            value: py::Constant::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, raw: bool, braces: bool) -> String {
        decode(source, Reading { raw, braces })
            .map(|d| d.text)
            .unwrap()
    }

    #[test]
    fn escapes_are_resolved_as_python_does() {
        assert_eq!(text(r"a\n\t\\\'\x41\101\0", false, false), "a\n\t\\'AA\0");
        assert_eq!(text(r"\u00e9\U0001F600\N{EM DASH}", false, false), "é😀—");
        assert_eq!(text(r"\d\ü", false, false), r"\d\ü");
        assert_eq!(text("a\\\nb\\\r\nc", false, false), "abc");
        assert_eq!(text(r"\n{{", true, true), r"\n{");
        assert_eq!(text("a\r\nb\rc", true, false), "a\nb\nc");
    }

    #[test]
    fn bad_escapes_and_lone_surrogates_are_told() {
        let reading = Reading {
            raw: false,
            braces: false,
        };
        assert!(decode(r"\x4", reading).is_err());
        assert!(decode(r"\N{NO SUCH NAME}", reading).is_err());
        assert!(decode(r"\ud800", reading).unwrap().lone_surrogate);
    }
}

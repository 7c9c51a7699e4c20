//! Which line of the formatted file stands for which Python.
//!
//! rustfmt moves text but keeps its letters: a place is found again by counting the
//! characters before it that formatting neither adds nor drops.

use crate::source::Span;

/// Whether rustfmt keeps a character as it is, and in order.
fn is_kept(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(
            c,
            '_' | '"' | '.' | '=' | '+' | '-' | '*' | '%' | '<' | '>' | '&' | '!' | '?'
        )
}

/// Takes the marks out of a text: the text, and for each mark the kept characters before it.
pub(super) fn unmark(text: &str, mark: char, spans: &[Span]) -> (String, Vec<(usize, Span)>) {
    let mut out = String::with_capacity(text.len());
    let mut marks = Vec::new();
    let mut kept = 0;
    for (i, part) in text.split(mark).enumerate() {
        if i % 2 == 1 {
            if let Some(span) = part.parse::<usize>().ok().and_then(|n| spans.get(n)) {
                marks.push((kept, *span));
            }
            continue;
        }
        kept += part.chars().filter(|c| is_kept(*c)).count();
        out.push_str(part);
    }
    (out, marks)
}

/// For each mark the line, from 1, of the formatted text; nothing where the texts do not
/// hold the same characters.
pub(super) fn map(text: &str, formatted: &str, marks: &[(usize, Span)]) -> Vec<(usize, Span)> {
    let count = |text: &str| text.chars().filter(|c| is_kept(*c)).count();
    if count(text) != count(formatted) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut marks = marks.iter().peekable();
    let mut kept = 0;
    for (number, line) in formatted.lines().enumerate() {
        let here = count(line);
        while let Some((at, span)) = marks.peek() {
            if *at >= kept + here {
                break;
            }
            lines.push((number + 1, *span));
            marks.next();
        }
        kept += here;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_after_formatting() {
        let spans = [Span::new(3, 4), Span::new(7, 9)];
        let (text, marks) = unmark(
            "fn f(){ \u{1}0\u{1}let a=1; \u{1}1\u{1}b(a) }",
            '\u{1}',
            &spans,
        );
        assert_eq!(text, "fn f(){ let a=1; b(a) }");
        let formatted = "fn f() {\n    let a = 1;\n    b(a)\n}\n";
        assert_eq!(
            map(&text, formatted, &marks),
            [(2, spans[0]), (3, spans[1])]
        );
    }
}

//! Diagnostics with their source lines, as rustc shows them.
//!
//! An error that follows from another is a line of that one.

mod followers;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceFile;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::collections::BTreeSet;
use std::ops::Range;

/// The diagnostics in order, a blank line after each, with ANSI styles.
pub fn render(source: &SourceFile, diagnostics: &[Diagnostic]) -> String {
    let renderer = Renderer::styled();
    let follows = followers::followers(diagnostics);
    diagnostics
        .iter()
        .enumerate()
        .filter(|(i, _)| follows.get(*i).is_some_and(Option::is_none))
        .map(|(i, diagnostic)| {
            let followers = diagnostics.iter().zip(&follows);
            let lines = followers
                .filter(|(_, root)| **root == Some(i))
                .map(|(follower, _)| source.line(follower.span.start))
                .collect();
            format!("{}\n\n", one(&renderer, source, diagnostic, &lines))
        })
        .collect()
}

/// One diagnostic, and the lines with what follows from it.
fn one(
    renderer: &Renderer,
    source: &SourceFile,
    diagnostic: &Diagnostic,
    followers: &BTreeSet<usize>,
) -> String {
    let level = match diagnostic.severity() {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.name())
        .element(
            Snippet::source(source.text())
                .path(source.name())
                .annotation(AnnotationKind::Primary.span(range(source, diagnostic))),
        );
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    if !followers.is_empty() {
        let lines: Vec<String> = followers.iter().map(usize::to_string).collect();
        let (s, lines) = (if lines.len() == 1 { "" } else { "s" }, lines.join(", "));
        group =
            group.element(Level::NOTE.message(format!("what follows from it: line{s} {lines}")));
    }
    renderer.render(&[group])
}

/// The bytes to underline: of a statement over several lines the first one; always on
/// character boundaries within the text.
fn range(source: &SourceFile, diagnostic: &Diagnostic) -> Range<usize> {
    let text = source.text();
    let start = text.floor_char_boundary(diagnostic.span.start as usize);
    let end = text.ceil_char_boundary(diagnostic.span.end as usize);
    let first_line = text
        .get(start..end)
        .and_then(|marked| marked.lines().next())
        .map_or(0, str::len);
    start..start + first_line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    fn plain(text: &str, span: Span, help: Option<&str>) -> String {
        let source = SourceFile::new("t.py", "python/t.py", text);
        let mut diagnostic =
            Diagnostic::new(Code::UnsupportedCall, span, "`eval` is not translated");
        diagnostic.help = help.map(str::to_owned);
        anstream::adapter::strip_str(&render(&source, &[diagnostic])).to_string()
    }

    #[test]
    fn a_diagnostic_shows_code_place_line_and_help() {
        let shown = plain(
            "a = 1\nb = eval('2')\n",
            Span::new(10, 19),
            Some("write it out"),
        );
        let expected = "\
error[MIG0203]: `eval` is not translated
 --> python/t.py:2:5
  |
2 | b = eval('2')
  |     ^^^^^^^^^
  |
  = help: write it out

";
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_follows_from_an_error_is_a_line_of_it() {
        let source = SourceFile::new("t.py", "python/t.py", "a = eval('2')\nb = a\nc = a\n");
        let of = |start, end, message: &str| {
            Diagnostic::new(Code::UnsupportedCall, Span::new(start, end), message)
        };
        let found = [
            of(4, 13, "`eval` is not translated"),
            of(18, 19, "this is `eval` is not translated"),
            of(24, 25, "this is `eval` is not translated"),
        ];
        let shown = anstream::adapter::strip_str(&render(&source, &found)).to_string();
        let expected = "\
error[MIG0203]: `eval` is not translated
 --> python/t.py:1:5
  |
1 | a = eval('2')
  |     ^^^^^^^^^
  |
  = note: what follows from it: lines 2, 3

";
        assert_eq!(shown, expected);
    }

    #[test]
    fn any_span_can_be_shown() {
        for span in [
            Span::new(0, 0),
            Span::new(5, 6),
            Span::new(8, 200),
            Span::new(0, 7),
            Span::new(500, 900),
        ] {
            assert!(plain("a = 'é'\n\nb\n", span, None).contains("MIG0203"));
            assert!(plain("", span, None).contains("MIG0203"));
        }
    }
}

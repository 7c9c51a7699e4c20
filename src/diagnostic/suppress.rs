//! `# migrate: allow(MIG0203) reason`: the user knows.
//!
//! Enters: diagnostics and the text they are about. Leaves: those to show. A comment on a
//! line of its own speaks for the next line with code, one after code for its own line. A
//! hole that is not shown is still a hole: the exit code is for the caller to take from
//! the diagnostics before this.

use super::{Code, Diagnostic};
use crate::source::{SourceFile, Span};

/// An `allow` in the source.
struct Allow {
    /// The line it speaks for.
    line: usize,
    /// Where the code's name stands.
    span: Span,
    /// The code, or the name that is none.
    code: Result<Code, String>,
    used: bool,
}

/// The diagnostics without those that the source allows, and with a warning for each
/// `allow` that allows nothing; in the order of the source. A syntax error cannot be
/// allowed: nothing is translated behind it.
pub fn suppress(diagnostics: Vec<Diagnostic>, source: &SourceFile) -> Vec<Diagnostic> {
    let mut allows = allows(source);
    let mut shown: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|diagnostic| {
            let line = source.line(diagnostic.span.start);
            let mut suppressed = false;
            for allow in &mut allows {
                if allow.line == line
                    && allow.code == Ok(diagnostic.code)
                    && diagnostic.code != Code::SyntaxError
                {
                    allow.used = true;
                    suppressed = true;
                }
            }
            !suppressed
        })
        .collect();
    for allow in allows.iter().filter(|allow| !allow.used) {
        shown.push(unused(allow));
    }
    shown.sort_by_key(|diagnostic| diagnostic.span.start);
    shown
}

fn unused(allow: &Allow) -> Diagnostic {
    let (message, help) = match &allow.code {
        Ok(Code::SyntaxError) => (
            "a syntax error cannot be allowed".to_owned(),
            "correct the syntax",
        ),
        Ok(code) => (
            format!("line {} has no {code} to allow", allow.line),
            "remove the comment",
        ),
        Err(name) => (
            format!("`{name}` is not a diagnostic code"),
            "`migrate explain` lists the codes",
        ),
    };
    Diagnostic::new(Code::UnusedSuppression, allow.span, message).with_help(help)
}

/// The `allow` comments of a file.
fn allows(source: &SourceFile) -> Vec<Allow> {
    let mut allows = Vec::new();
    for line in 1..=source.line_count() {
        let text = source.line_text(line);
        let Some((comment, codes, codes_at)) = allow_comment(text) else {
            continue;
        };
        let stands_alone = text
            .get(..comment)
            .is_some_and(|code| code.trim().is_empty());
        let target = if stands_alone {
            next_code_line(source, line)
        } else {
            line
        };
        let mut offset = codes_at;
        for part in codes.split(',') {
            let name = part.trim();
            let start = offset + (part.len() - part.trim_start().len());
            offset += part.len() + 1;
            let start = source.line_start(line) + start as u32;
            allows.push(Allow {
                line: target,
                span: Span::new(start, start + name.len() as u32),
                code: Code::from_name(name).ok_or_else(|| name.to_owned()),
                used: false,
            });
        }
    }
    allows
}

/// Where the comment starts in a line, the text in its parentheses, and where that starts.
fn allow_comment(line: &str) -> Option<(usize, &str, usize)> {
    for (hash, _) in line.match_indices('#') {
        let comment = line.get(hash + 1..)?;
        let Some(rest) = comment.trim_start().strip_prefix("migrate:") else {
            continue;
        };
        let Some(rest) = rest.trim_start().strip_prefix("allow") else {
            continue;
        };
        let Some(inner) = rest.trim_start().strip_prefix('(') else {
            continue;
        };
        let codes = inner.split(')').next()?;
        return Some((hash, codes, line.len() - inner.len()));
    }
    None
}

/// The next line after `line` that is neither blank nor a comment.
fn next_code_line(source: &SourceFile, line: usize) -> usize {
    (line + 1..=source.line_count())
        .find(|next| {
            let text = source.line_text(*next).trim();
            !text.is_empty() && !text.starts_with('#')
        })
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suppressed(text: &str, findings: &[(Code, &str)]) -> Vec<(Code, String)> {
        let source = SourceFile::new("t.py", "t.py", text);
        let diagnostics = findings
            .iter()
            .map(|(code, at)| {
                let start = text.find(at).unwrap() as u32;
                Diagnostic::new(*code, Span::new(start, start + 1), "found")
            })
            .collect();
        suppress(diagnostics, &source)
            .into_iter()
            .map(|diagnostic| (diagnostic.code, diagnostic.message))
            .collect()
    }

    #[test]
    fn the_own_line_and_the_line_before_suppress() {
        let text = "\
x = eval(a)  # migrate: allow(MIG0203) our own input
# migrate: allow(MIG0203, MIG0202)
# why: see above
y = eval(b)
";
        let findings = [
            (Code::UnsupportedCall, "eval(a"),
            (Code::UnsupportedCall, "eval(b"),
            (Code::UnknownType, "y ="),
        ];
        assert_eq!(suppressed(text, &findings), []);
    }

    #[test]
    fn other_codes_and_other_lines_stay_and_unused_allows_warn() {
        let text = "x = eval(a)  # migrate: allow(MIG0202)\ny = eval(b)  # migrate: allow(MIG9)\n";
        let findings = [(Code::UnsupportedCall, "eval(a")];
        let shown = suppressed(text, &findings);
        assert_eq!(shown.len(), 3);
        assert_eq!(shown[0].0, Code::UnsupportedCall);
        assert_eq!(shown[1].1, "line 1 has no MIG0202 to allow");
        assert_eq!(shown[2].1, "`MIG9` is not a diagnostic code");
    }

    #[test]
    fn a_syntax_error_is_shown_in_any_case() {
        let text = "x = (  # migrate: allow(MIG0001)\n";
        let shown = suppressed(text, &[(Code::SyntaxError, "(")]);
        assert_eq!(shown[0].0, Code::SyntaxError);
        assert_eq!(shown[1].0, Code::UnusedSuppression);
    }
}

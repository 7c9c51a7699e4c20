//! Docstrings.
//!
//! Enters: the statements of a module, class or function. Leaves: its docstring, taken
//! out of them and cleaned as `inspect.cleandoc` does.

use super::{Converter, span};
use crate::ast::Docstring;
use rustpython_parser::ast as py;

impl Converter<'_> {
    /// Takes the docstring out of `body`.
    pub(super) fn docstring(&self, body: &mut Vec<py::Stmt>) -> Option<Docstring> {
        let py::Stmt::Expr(first) = body.first()? else {
            return None;
        };
        let py::Expr::Constant(constant) = &*first.value else {
            return None;
        };
        let py::Constant::Str(text) = &constant.value else {
            return None;
        };
        let span = span(constant.range);
        if self.has_fields(span) {
            return None;
        }
        let text = clean(text);
        body.remove(0);
        Some(Docstring { span, text })
    }
}

/// `inspect.cleandoc`
fn clean(text: &str) -> String {
    let text = expand_tabs(text);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let margin = lines
        .iter()
        .skip(1)
        .filter(|line| !line.trim_start().is_empty())
        .map(|line| line.chars().take_while(|c| c.is_whitespace()).count())
        .min();
    for (index, line) in lines.iter_mut().enumerate() {
        if index == 0 {
            *line = line.trim_start();
        } else if let Some(margin) = margin {
            let cut = line
                .char_indices()
                .nth(margin)
                .map_or(line.len(), |(i, _)| i);
            *line = line.get(cut..).unwrap_or("");
        }
    }
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|line| line.is_empty()).count();
    lines.get(blank..).unwrap_or(&[]).join("\n")
}

fn expand_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let width = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\n' | '\r' => {
                column = 0;
                out.push(c);
            }
            _ => {
                column += 1;
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docstring_is_cleaned_as_inspect_does() {
        assert_eq!(
            clean("  One.\n\n    Two.\n\tThree.\n    "),
            "One.\n\nTwo.\n    Three."
        );
        assert_eq!(clean("\n    a\n      b\n"), "a\n  b");
        assert_eq!(clean(""), "");
    }
}

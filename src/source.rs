//! Source text and positions in it.
//!
//! Enters: the text of one file. Leaves: [`SourceFile`] with a line index, and
//! [`Span`], the byte range that every later node points back with. This module
//! must not know any syntax.

use std::path::{Path, PathBuf};

/// A half-open byte range in one [`SourceFile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `start..end`; an inverted range becomes empty at `start`.
    pub fn new(start: u32, end: u32) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Whether `other` lies within this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A line and a column, both counted from 1; the column counts code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
}

/// The text of a file, the name it is shown under, and where its lines start.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: PathBuf,
    name: String,
    text: String,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// Wraps `text`; `name` is how diagnostics and generated comments call it
    /// (relative to the app, with `/`).
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        Self {
            path: path.into(),
            name: name.into(),
            text,
            line_starts,
        }
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name it is shown under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of `span`; empty where the span does not lie on character boundaries.
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// The line, from 1, that holds byte `offset`.
    pub fn line(&self, offset: u32) -> usize {
        self.line_starts
            .partition_point(|start| *start <= offset)
            .max(1)
    }

    /// The line and column of byte `offset`.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.line_start(line);
        let before = self.slice(Span::new(start, offset));
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// The byte at which `line` (from 1) starts; the end of the text past the last line.
    pub fn line_start(&self, line: usize) -> u32 {
        self.line_starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(self.text.len() as u32)
    }

    /// The text of `line` (from 1) without its line break.
    pub fn line_text(&self, line: usize) -> &str {
        self.slice(Span::new(self.line_start(line), self.line_start(line + 1)))
            .trim_end_matches(['\n', '\r'])
    }

    /// The number of lines; a final line break does not open another line.
    pub fn line_count(&self) -> usize {
        let last_is_empty = self.line_starts.last() == Some(&(self.text.len() as u32));
        self.line_starts.len() - usize::from(last_is_empty && self.line_starts.len() > 1)
    }

    /// `name:line` of a span, as diagnostics and error texts show it.
    pub fn at(&self, span: Span) -> String {
        format!("{}:{}", self.name, self.line(span.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_code_points() {
        let file = SourceFile::new("t.py", "t.py", "a = 1\nß = é\n");
        assert_eq!(file.line_count(), 2);
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        let e = file.text().find('é').unwrap() as u32;
        assert_eq!(file.position(e), Position { line: 2, column: 5 });
        assert_eq!(file.line_text(2), "ß = é");
        assert_eq!(file.line_text(3), "");
    }
}

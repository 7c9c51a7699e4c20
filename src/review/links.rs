//! Which lines of the Python and of the Rust stand for each other.
//!
//! Enters: the Python, the Rust, and the map that `emit` made: Rust lines with their Python
//! spans. Leaves: [`Links`], both ways. This module must not know either language beyond its
//! indentation.

use crate::source::{SourceFile, Span};
use similar::{DiffOp, TextDiff};
use std::collections::{BTreeMap, BTreeSet};

/// Lines that stand for each other, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// For a line of the Python those of the Rust.
    pub python: BTreeMap<usize, BTreeSet<usize>>,
    /// For a line of the Rust those of the Python.
    pub rust: BTreeMap<usize, BTreeSet<usize>>,
}

impl Links {
    /// The first line of the Rust that stands for a line of the Python.
    pub fn to_rust(&self, python: usize) -> Option<usize> {
        self.python.get(&python)?.first().copied()
    }
}

/// Links the lines of a script with those of its Rust. A compound statement is linked by its
/// head: what it holds has links of its own.
pub fn links(source: &SourceFile, rust: &str, map: &[(usize, Span)]) -> Links {
    let mut links = Links::default();
    let spans: BTreeSet<Span> = map.iter().map(|(_, span)| *span).collect();
    let mapped: BTreeMap<usize, Vec<Span>> = map.iter().fold(BTreeMap::new(), |mut all, entry| {
        all.entry(entry.0).or_insert_with(Vec::new).push(entry.1);
        all
    });
    let mut open: Option<(usize, BTreeSet<usize>)> = None;
    for (line, text) in (1..).zip(rust.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let indent = indent(text);
        let python = match (mapped.get(&line), &open) {
            (Some(own), _) => {
                let lines = own.iter().flat_map(|span| head(source, *span, &spans));
                let lines: BTreeSet<usize> = lines.collect();
                open = Some((indent, lines.clone()));
                lines
            }
            // What rustfmt broke off the line before.
            (None, Some((start, lines))) if indent > *start || closes(text, indent, *start) => {
                lines.clone()
            }
            (None, _) => {
                open = None;
                continue;
            }
        };
        for p in &python {
            links.python.entry(*p).or_default().insert(line);
        }
        links.rust.insert(line, python);
    }
    links
}

/// The map for a text that was made from the mapped one by edits.
pub fn carried(map: &[(usize, Span)], from: &str, to: &str) -> Vec<(usize, Span)> {
    if from == to {
        return map.to_vec();
    }
    let diff = TextDiff::from_lines(from, to);
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for op in diff.ops() {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            places.extend((0..*len).map(|i| (old_index + i + 1, new_index + i + 1)));
        }
    }
    let moved = map.iter();
    moved
        .filter_map(|(line, span)| Some((*places.get(line)?, *span)))
        .collect()
}

/// The lines of a span, up to the first statement within it.
fn head(source: &SourceFile, span: Span, all: &BTreeSet<Span>) -> impl Iterator<Item = usize> {
    let first = source.line(span.start);
    let mut last = source.line(span.end.saturating_sub(1).max(span.start));
    let inner = all.range(Span::new(span.start, span.start)..Span::new(span.end, span.end));
    for other in inner.filter(|other| span.contains(**other) && **other != span) {
        let line = source.line(other.start);
        if line > first {
            last = last.min(line - 1);
        }
    }
    let is_code = |line: &usize| {
        let text = source.line_text(*line).trim();
        !text.is_empty() && !text.starts_with('#')
    };
    (first..=last)
        .filter(move |line| *line == first || is_code(line))
        .collect::<Vec<_>>()
        .into_iter()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether the line ends what was opened at that indentation.
fn closes(line: &str, indent: usize, start: usize) -> bool {
    indent == start && line.trim_start().starts_with([')', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "if a:\n    # why\n    b = f(\n        1,\n    )\n    c = 2\n";
    const RUST: &str = "if a {\n    let b = f(\n        1,\n    );\n    c = 2;\n}\nother();\n";

    fn sample() -> (SourceFile, Vec<(usize, Span)>) {
        let source = SourceFile::new("t.py", "t.py", PYTHON);
        let span = |text: &str| {
            let start = PYTHON.find(text).unwrap() as u32;
            Span::new(start, start + text.len() as u32)
        };
        let map = vec![
            (1, Span::new(0, PYTHON.len() as u32 - 1)),
            (2, span("b = f(\n        1,\n    )")),
            (5, span("c = 2")),
        ];
        (source, map)
    }

    #[test]
    fn a_statement_is_linked_with_all_of_its_lines_and_a_block_with_its_head() {
        let (source, map) = sample();
        let links = links(&source, RUST, &map);
        let python = |line| links.python[&line].iter().copied().collect::<Vec<_>>();
        assert_eq!(python(1), [1]);
        assert_eq!(python(3), [2, 3, 4]);
        assert_eq!(python(6), [5]);
        assert_eq!(links.rust[&2], BTreeSet::from([3, 4, 5]));
        assert!(!links.rust.contains_key(&6) && !links.rust.contains_key(&7));
        assert_eq!(links.to_rust(4), Some(2));
    }

    #[test]
    fn an_edited_file_keeps_the_links_of_what_was_not_edited() {
        let (_, map) = sample();
        let edited = RUST.replace("if a {", "// mine\nif a.is_some() {");
        let carried = carried(&map, RUST, &edited);
        let lines: Vec<usize> = carried.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 6]);
    }
}

//! Comments, string literals and the structure of f-strings, as tree-sitter finds them.
//!
//! Enters: a text that passed `scan`, and tree-sitter's tree of it. Leaves: [`Trivia`].
//! tree-sitter's grammar follows newer versions of Python than the parser crate, and finds
//! comments and strings also where it does not understand what stands around them. This
//! module must not know what an expression means.

mod fstring;
mod token;

pub(super) use token::{Field, Part, RawComment, StringKind, StringToken, Trivia};

use super::scan::Counts;
use crate::source::Span;
use tree_sitter::{Node, Parser, Tree};

/// tree-sitter's tree of a text; none where the library fails.
pub(super) fn tree(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    let language = tree_sitter_python::LANGUAGE.into();
    parser.set_language(&language).ok()?;
    parser.parse(text, None)
}

/// Collects the comments and strings of a file.
pub(super) fn trivia(text: &str, tree: &Tree) -> Trivia {
    let mut collector = Collector {
        text,
        comments: Vec::new(),
        counts: Counts::default(),
    };
    let mut strings = Vec::new();
    collector.below(tree.root_node(), &mut strings);
    let mut comments = collector.comments;
    comments.sort_unstable();
    let mut counts = collector.counts;
    counts.comments = comments.len();
    Trivia {
        comments: placed(text, &comments, &strings),
        strings,
        counts,
    }
}

struct Collector<'t> {
    text: &'t str,
    comments: Vec<Span>,
    counts: Counts,
}

impl Collector<'_> {
    /// Finds the comments and the strings below a node, however deep it is.
    fn below(&mut self, root: Node<'_>, strings: &mut Vec<StringToken>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            let token = match node.kind() {
                "string" => self.string(node),
                "comment" => {
                    self.comment(node);
                    None
                }
                _ => None,
            };
            let inside = token.is_none();
            strings.extend(token);
            if inside && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    fn comment(&mut self, node: Node<'_>) {
        let text = self.text.get(node.byte_range()).unwrap_or("");
        let text = text.trim_end_matches(['\r', '\n']);
        let start = node.start_byte() as u32;
        self.comments
            .push(Span::new(start, start + text.len() as u32));
    }

    /// A string literal; none where the node is not a whole one.
    fn string(&mut self, node: Node<'_>) -> Option<StringToken> {
        let children = children(node);
        let open = *children.first().filter(|n| n.kind() == "string_start")?;
        children.last().filter(|n| n.kind() == "string_end")?;
        let opening = self.text.get(open.byte_range())?;
        let prefix = opening.trim_end_matches(['"', '\'']);
        let kind = StringKind::of_prefix(prefix)?;
        // Where the closing quote starts, the grammar finds after a backslash too late.
        let quotes = opening.len() - prefix.len();
        let body = Span::new(open.end_byte() as u32, (node.end_byte() - quotes) as u32);
        self.counts.strings += 1;
        Some(StringToken {
            span: span(node),
            body,
            raw: prefix.contains(['r', 'R']),
            kind,
            parts: match kind.has_fields() {
                true => self.parts(&children, body),
                false => Vec::new(),
            },
        })
    }
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// How each comment stands on its line and in brackets.
fn placed(text: &str, comments: &[Span], strings: &[StringToken]) -> Vec<RawComment> {
    let bytes = text.as_bytes();
    let mut strings = strings.iter().peekable();
    let (mut at, mut open) = (0, 0_i32);
    let mut out = Vec::with_capacity(comments.len());
    for comment in comments {
        let start = comment.start as usize;
        let mut in_string = false;
        while at < start {
            while strings.next_if(|s| s.span.end as usize <= at).is_some() {}
            if let Some(string) = strings.peek().filter(|s| s.span.start as usize == at) {
                at = string.span.end as usize;
                in_string = at > start;
                continue;
            }
            match bytes.get(at) {
                Some(b'(' | b'[' | b'{') => open += 1,
                Some(b')' | b']' | b'}') => open -= 1,
                _ => {}
            }
            at += 1;
        }
        let in_string = in_string || at > start;
        let before = text.get(..start).unwrap_or("");
        let line = before.rsplit(['\n', '\r']).next().unwrap_or("");
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        out.push(RawComment {
            span: *comment,
            own_line: line.trim().is_empty(),
            in_brackets: in_string || open > 0,
        });
        at = at.max(comment.end as usize);
    }
    out
}

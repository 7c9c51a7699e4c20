//! The fields of f-strings.
//!
//! Enters: the children of an f-string's node. Leaves: its literal text and fields.
//! This module must not know how the text of an expression is parsed.

use super::{Collector, Field, Part, StringToken, children, span};
use crate::source::Span;
use tree_sitter::Node;

impl Collector<'_> {
    /// The pieces of an f-string or of a format spec that takes up `body`.
    pub(super) fn parts(&mut self, nodes: &[Node<'_>], body: Span) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut literal = body.start;
        for node in nodes {
            if !matches!(node.kind(), "interpolation" | "format_expression") {
                continue;
            }
            let Some(field) = self.field(*node) else {
                continue;
            };
            let at = span(*node);
            if at.start > literal {
                parts.push(Part::Literal(Span::new(literal, at.start)));
            }
            parts.push(Part::Field(field));
            literal = at.end;
        }
        if body.end > literal {
            parts.push(Part::Literal(Span::new(literal, body.end)));
        }
        parts
    }

    /// `{expr=!r:spec}`
    fn field(&mut self, node: Node<'_>) -> Option<Field> {
        let nodes = children(node);
        let open = nodes.first()?.end_byte() as u32;
        let mut field = Field {
            expr: Span::new(open, open),
            strings: Vec::new(),
            debug: None,
            conversion: None,
            spec: None,
        };
        let mut end = None;
        for (index, child) in nodes.iter().enumerate().skip(1) {
            let start = child.start_byte() as u32;
            if child.kind() == "comment" {
                self.comment(*child);
                continue;
            }
            match child.kind() {
                "=" => {
                    // White space after the sign is shown as well.
                    let mut after = nodes.iter().skip(index + 1);
                    let next = after.find(|n| n.kind() != "comment")?;
                    field.debug = Some(Span::new(open, next.start_byte() as u32));
                }
                "type_conversion" => {
                    field.conversion = self.text.as_bytes().get(start as usize + 1).copied();
                }
                "format_specifier" => {
                    let body = Span::new(start + 1, child.end_byte() as u32);
                    field.spec = Some(self.parts(&children(*child), body));
                }
                "}" => {}
                "named_expression" => {
                    end = end.or(self.walrus(*child, &mut field));
                    continue;
                }
                _ => {
                    self.below(*child, &mut field.strings);
                    continue;
                }
            }
            end = end.or(Some(start));
        }
        field.expr.end = end?;
        self.counts.fields += 1;
        Some(field)
    }

    /// `{x:=5}` is no named expression without parentheses: the spec is `=5`. Gives the end
    /// of the field's expression.
    fn walrus(&mut self, node: Node<'_>, field: &mut Field) -> Option<u32> {
        let nodes = children(node);
        let operator = nodes.iter().find(|n| n.kind() == ":=")?;
        let colon = operator.start_byte() as u32;
        let mut ignored: Vec<StringToken> = Vec::new();
        for child in &nodes {
            let inside = child.end_byte() as u32 <= colon;
            self.below(
                *child,
                if inside {
                    &mut field.strings
                } else {
                    &mut ignored
                },
            );
        }
        let body = Span::new(colon + 1, node.end_byte() as u32);
        field.spec = Some(vec![Part::Literal(body)]);
        Some(colon)
    }
}

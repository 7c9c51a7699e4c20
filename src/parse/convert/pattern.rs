//! Patterns of `match`.

use super::{Converter, TOO_DEEP, span};
use crate::ast::{Expr, ExprKind, Pattern, PatternKind};
use rustpython_parser::ast::{self as py, Ranged};

impl Converter<'_> {
    pub(super) fn pattern(&mut self, pattern: py::Pattern) -> Pattern {
        let id = self.id();
        let at = span(pattern.range());
        if self.depth >= super::MAX_DEPTH {
            let value = Expr {
                id: self.id(),
                span: at,
                kind: ExprKind::Unsupported(TOO_DEEP.to_owned()),
            };
            let kind = PatternKind::Value(value);
            return Pattern { id, span: at, kind };
        }
        self.depth += 1;
        let kind = self.pattern_kind(pattern);
        self.depth -= 1;
        Pattern { id, span: at, kind }
    }

    fn pattern_kind(&mut self, pattern: py::Pattern) -> PatternKind {
        match pattern {
            py::Pattern::MatchValue(p) => PatternKind::Value(self.expr(*p.value)),
            py::Pattern::MatchSingleton(p) => {
                PatternKind::Singleton(self.expr(py::Expr::Constant(py::ExprConstant {
                    range: p.range,
                    value: p.value,
                    kind: None,
                })))
            }
            py::Pattern::MatchSequence(p) => PatternKind::Sequence(self.patterns(p.patterns)),
            py::Pattern::MatchMapping(p) => PatternKind::Mapping {
                items: p
                    .keys
                    .into_iter()
                    .zip(p.patterns)
                    .map(|(key, pattern)| (self.expr(key), self.pattern(pattern)))
                    .collect(),
                rest: p.rest.map(String::from),
            },
            py::Pattern::MatchClass(p) => PatternKind::Class {
                class: self.expr(*p.cls),
                positional: self.patterns(p.patterns),
                keywords: p
                    .kwd_attrs
                    .into_iter()
                    .zip(p.kwd_patterns)
                    .map(|(name, pattern)| (name.into(), self.pattern(pattern)))
                    .collect(),
            },
            py::Pattern::MatchStar(p) => PatternKind::Star(p.name.map(String::from)),
            py::Pattern::MatchAs(p) => PatternKind::As {
                pattern: p.pattern.map(|pattern| Box::new(self.pattern(*pattern))),
                name: p.name.map(String::from),
            },
            py::Pattern::MatchOr(p) => PatternKind::Or(self.patterns(p.patterns)),
        }
    }

    fn patterns(&mut self, patterns: Vec<py::Pattern>) -> Vec<Pattern> {
        patterns.into_iter().map(|p| self.pattern(p)).collect()
    }
}

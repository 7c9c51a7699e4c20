//! f-strings and `"…".format(…)`, with the specs that they compute.

use super::late::Made;
use super::parts::Text;
use super::pieces::{Field, Piece, Take};
use super::printed::Style;
use super::spec::{Count, Spec};
use super::{Show, style};
use crate::ast::{Expr as PyExpr, ExprKind, FStringPart, Keyword};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::Expr;
use crate::lower::function::FnLower;
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `f"…"`
    pub(in crate::lower) fn f_string(&mut self, parts: &'a [FStringPart]) -> Result<Val, Expr> {
        Ok(self.f_string_text(parts, Show::Printed)?.into_val())
    }

    /// The text of an f-string.
    pub(in crate::lower) fn f_string_text(
        &mut self,
        parts: &'a [FStringPart],
        show: Show,
    ) -> Result<Text, Expr> {
        let mut pieces = Vec::new();
        for part in parts {
            pieces.push(match part {
                FStringPart::Literal(text) => Piece::Literal(text.clone()),
                FStringPart::Value {
                    value,
                    conversion,
                    spec,
                } => {
                    let mut counts = Vec::new();
                    let text = self.spec_text(value, spec, &mut counts)?;
                    let spec = Spec::parse(&text).ok_or_else(|| self.bad_spec(value, &text))?;
                    Piece::Field(Field {
                        value,
                        conversion: conversion.map(style),
                        spec,
                        counts,
                        take: Take::AsIs,
                    })
                }
            });
        }
        self.pieces(pieces, Made::AtOnce, show)
    }

    /// `"…{}…{name:>8}".format(…)`
    pub(in crate::lower) fn brace_format(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
        show: Show,
    ) -> Result<Text, Expr> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut next = 0;
        let mut used = Vec::new();
        let mut rest = format;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(at);
            text.push_str(before);
            if after.starts_with("{{") || after.starts_with("}}") {
                text.push_str(after.get(..1).unwrap_or(""));
                rest = after.get(2..).unwrap_or("");
                continue;
            }
            let Some(end) = after.find('}').filter(|_| after.starts_with('{')) else {
                return Err(self.partly(e, "this format"));
            };
            let field = after.get(1..end).unwrap_or("");
            let (place, spec) = field.split_once(':').unwrap_or((field, ""));
            let (place, conversion) = place.split_once('!').unwrap_or((place, ""));
            let arg = match place {
                "" => {
                    next += 1;
                    args.get(next - 1)
                }
                place => match place.parse::<usize>() {
                    Ok(i) => args.get(i),
                    Err(_) => keywords
                        .iter()
                        .find(|k| k.name.as_ref().is_some_and(|n| n.name == place))
                        .map(|k| &k.value),
                },
            };
            let conversion = match conversion {
                "" => None,
                "r" => Some(Style::Repr),
                "s" => Some(Style::Str),
                "a" => Some(Style::Ascii),
                _ => return Err(self.partly(e, "this conversion in a format")),
            };
            let Some(value) = arg else {
                return Err(self.partly(e, "this field of a format"));
            };
            let spec = Spec::parse(spec).ok_or_else(|| self.bad_spec(e, spec))?;
            used.push(value.span.start);
            pieces.push(Piece::Literal(std::mem::take(&mut text)));
            pieces.push(Piece::Field(Field {
                value,
                conversion,
                spec,
                counts: Vec::new(),
                take: Take::AsIs,
            }));
            rest = after.get(end + 1..).unwrap_or("");
        }
        text.push_str(rest);
        pieces.push(Piece::Literal(text));
        // Python evaluates all arguments, once, in their own order.
        let all = args.iter().chain(keywords.iter().map(|k| &k.value));
        let order: Vec<u32> = all.clone().map(|a| a.span.start).collect();
        if used != order && all.clone().any(|a| self.acts(a)) {
            return Err(self.partly(
                e,
                "arguments with effects in another order than the format's",
            ));
        }
        self.pieces(pieces, Made::AfterAll, show)
    }

    /// A format spec; what is computed in it is constant, or a width or precision.
    fn spec_text(
        &mut self,
        value: &'a PyExpr,
        spec: &'a [FStringPart],
        counts: &mut Vec<Expr>,
    ) -> Result<String, Expr> {
        let mut out = String::new();
        for part in spec {
            match part {
                FStringPart::Literal(text) => out.push_str(text),
                FStringPart::Value {
                    value: nested,
                    conversion: None,
                    spec,
                } if spec.is_empty() => {
                    let fact = self.fact(nested.id);
                    let number = fact.range.int().constant();
                    match (&fact.ty, number, self.literal_text(nested)) {
                        (Ty::Int, Some(number), _) => out.push_str(&number.to_string()),
                        (Ty::Str, _, Some(text)) => out.push_str(text),
                        (Ty::Int, None, _) if !has_call(nested) => {
                            let most = IntRange::new(0, i128::from(u16::MAX));
                            let count = self.expr(nested)?;
                            let count = count
                                .to_int(IntTy::Usize)
                                .filter(|_| count.range.int().within(most) && counts.len() < 2)
                                .filter(|count| !count.can_fail());
                            let Some(count) = count else {
                                return Err(self.partly(
                                    value,
                                    "a width or precision that may leave 0 to 65535",
                                ));
                            };
                            out.push(Count::mark(counts.len() as u32));
                            counts.push(count);
                        }
                        _ => return Err(self.partly(value, "a computed format spec")),
                    }
                }
                FStringPart::Value { .. } => {
                    return Err(self.partly(value, "a computed format spec"));
                }
            }
        }
        Ok(out)
    }

    pub(super) fn bad_spec(&mut self, e: &PyExpr, spec: &str) -> Expr {
        let problem = Problem::new(
            Code::PartlyHandled,
            format!("the format spec `{spec}` is not translated: Python may raise a ValueError"),
        );
        Expr::Hole(self.lw.hole_text(e.span, &problem))
    }
}

/// Whether there is a call in an expression.
fn has_call(e: &PyExpr) -> bool {
    struct Calls(bool);
    impl<'ast> crate::ast::visit::Visitor<'ast> for Calls {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            self.0 |= matches!(e.kind, ExprKind::Call { .. });
            crate::ast::visit::walk_expr(self, e);
        }
    }
    let mut calls = Calls(false);
    crate::ast::visit::Visitor::visit_expr(&mut calls, e);
    calls.0
}

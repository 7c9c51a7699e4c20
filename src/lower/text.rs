//! Texts that are put together: f-strings, `str.format`, `%`, and the builtins that give
//! the text of a value.
//!
//! Enters: the Python with its replacement fields. Leaves: a text of Rust. This module must
//! not know how a value of a type is printed: that is `printed`, and under a format spec
//! `field`.

mod braces;
mod field;
mod keyed;
pub(super) mod late;
pub(super) mod parts;
mod percent;
mod pieces;
pub(super) mod printed;
mod spec;

use super::function::FnLower;
use crate::ast::{BinaryOp, Conversion, Expr as PyExpr, ExprKind, Keyword};
use crate::catalog::Textual;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};
use late::Made;
pub(in crate::lower) use parts::Text;
use pieces::{Field, Piece, Take};
pub(in crate::lower) use printed::Style;
use spec::Spec;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// To be read: as Python prints it.
    Printed,
    /// To be logged, where values go in as they are; `true` where Python makes the text even
    /// if nobody reads it.
    Logged(bool),
}

impl<'a> FnLower<'_, 'a> {
    /// A call that makes a text.
    pub(super) fn textual(
        &mut self,
        e: &'a PyExpr,
        how: Textual,
        receiver: Option<&'a PyExpr>,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let text = |this: &mut Self, value, style| {
            let field = Field {
                value,
                conversion: Some(style),
                spec: Spec::default(),
                counts: Vec::new(),
                take: Take::AsIs,
            };
            Ok(this
                .pieces(vec![Piece::Field(field)], Made::AtOnce, Show::Printed)?
                .into_val())
        };
        match (how, args) {
            (Textual::Format, _) => {
                let Some(format) = receiver.and_then(|r| self.literal_text(r)) else {
                    return Err(self.partly(e, "the format of a computed string"));
                };
                Ok(self
                    .brace_format(e, format, args, keywords, Show::Printed)?
                    .into_val())
            }
            (Textual::Print, _) if self.lw.input.binding.form.is_plain() => {
                self.print(e, args, keywords)
            }
            (Textual::Print, _) => self.log_print(e, args, keywords),
            (Textual::Log(level), _) => self.log(e, level, args, keywords),
            (Textual::LogAt, [level, args @ ..]) => {
                match crate::catalog::log_macro(self.fact(level.id).range.int()) {
                    Some(level) => self.log(e, level, args, keywords),
                    None => Err(self.partly(e, "a computed log level")),
                }
            }
            (Textual::LogSetup, _) => Ok(Val::new(
                Expr::Tuple(Vec::new()),
                RTy::Unit,
                &Fact::of(Ty::None),
            )),
            (Textual::Str, []) => Ok(Text::default().into_val()),
            (Textual::Str, [value]) => text(self, value, Style::Str),
            (Textual::Repr, [value]) => text(self, value, Style::Repr),
            (Textual::Ascii, [value]) => text(self, value, Style::Ascii),
            (Textual::Value, [value]) => text(self, value, Style::Str),
            (Textual::Value, [value, spec]) => {
                let Some(spec) = self.literal_text(spec) else {
                    return Err(self.partly(e, "a computed format spec"));
                };
                let spec = Spec::parse(spec).ok_or_else(|| self.bad_spec(e, spec))?;
                let field = Field {
                    value,
                    conversion: None,
                    spec,
                    counts: Vec::new(),
                    take: Take::AsIs,
                };
                Ok(self
                    .pieces(vec![Piece::Field(field)], Made::AtOnce, Show::Printed)?
                    .into_val())
            }
            (
                Textual::Str | Textual::Repr | Textual::Ascii | Textual::Value | Textual::LogAt,
                _,
            ) => Err(self.partly(e, "this form of the call")),
        }
    }

    /// `a + b + c` of texts.
    pub(super) fn concatenation(&mut self, e: &'a PyExpr, show: Show) -> Result<Text, Expr> {
        let mut operands = Vec::new();
        let mut left = e;
        while let ExprKind::Binary {
            op: BinaryOp::Add,
            left: inner,
            right,
        } = &left.kind
        {
            operands.push(&**right);
            left = inner;
        }
        operands.push(left);
        let pieces = operands.into_iter().rev().map(|value| {
            Piece::Field(Field {
                value,
                conversion: Some(Style::Str),
                spec: Spec::default(),
                counts: Vec::new(),
                take: Take::Str,
            })
        });
        let pieces = pieces.collect();
        self.pieces(pieces, Made::AtOnce, show)
    }

    /// Several values with `sep` between.
    pub(super) fn texts(
        &mut self,
        values: &'a [PyExpr],
        sep: &str,
        show: Show,
    ) -> Result<Text, Expr> {
        let mut pieces = Vec::new();
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                pieces.push(Piece::Literal(sep.to_string()));
            }
            pieces.push(Piece::Field(Field {
                value,
                conversion: Some(Style::Str),
                spec: Spec::default(),
                counts: Vec::new(),
                take: Take::AsIs,
            }));
        }
        self.pieces(pieces, Made::AfterAll, show)
    }

    /// The text of a string literal, or of a constant that is one.
    pub(super) fn literal_text(&self, e: &'a PyExpr) -> Option<&'a str> {
        match &e.kind {
            ExprKind::Str(text) => Some(text),
            ExprKind::Name(name)
                if !self.scope.names.contains_key(&e.id)
                    && self.lw.input.model.consts.contains_key(name) =>
            {
                match &self.lw.const_value(name)?.kind {
                    ExprKind::Str(text) => Some(text),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn style(conversion: Conversion) -> Style {
    match conversion {
        Conversion::Str => Style::Str,
        Conversion::Repr => Style::Repr,
        Conversion::Ascii => Style::Ascii,
    }
}

/// A word for a value: the last name in it.
fn plain_word(e: &PyExpr) -> String {
    match &e.kind {
        ExprKind::Name(name) => super::vars::rust_ident(&name.to_lowercase()),
        ExprKind::Attribute { attr, .. } => super::vars::rust_ident(&attr.name),
        ExprKind::Subscript { value, .. } => plain_word(value),
        _ => "text".into(),
    }
}

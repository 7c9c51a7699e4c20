//! Texts that are put together: f-strings, `str.format`, `%`, and the builtins that give
//! the text of a value.
//!
//! Enters: the Python with its replacement fields. Leaves: a text of Rust. This module must
//! not know how a value of a type is printed: that is `printed`, and under a format spec
//! `field`.

mod field;
pub(super) mod parts;
pub(super) mod printed;
mod spec;

use super::function::FnLower;
use crate::ast::{BinaryOp, Conversion, Expr as PyExpr, ExprKind, FStringPart, Keyword};
use crate::catalog::Textual;
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};
use parts::Text;
use printed::Style;
use spec::{Count, Spec};

/// A replacement field: a value, and how it is shown.
struct Field<'a> {
    value: &'a PyExpr,
    conversion: Option<Style>,
    spec: Spec,
    /// The widths and precisions that are computed.
    counts: Vec<Expr>,
    take: Take,
}

/// What is done to a value before it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// Nothing.
    AsIs,
    /// `%d` of a float takes its whole part.
    Whole,
    /// An operand of `+` must be a str.
    Str,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// To be read: as Python prints it.
    Printed,
    /// To be logged, where values go in as they are; `true` where Python makes the text even
    /// if nobody reads it.
    Logged(bool),
}

/// A piece of a format: text as it is, or a field.
enum Piece<'a> {
    Literal(String),
    Field(Field<'a>),
}

impl<'a> FnLower<'_, 'a> {
    /// `f"…"`
    pub(super) fn f_string(&mut self, parts: &'a [FStringPart]) -> Result<Val, Expr> {
        Ok(self.f_string_text(parts, Show::Printed)?.into_val())
    }

    /// The text of an f-string.
    pub(super) fn f_string_text(
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
        self.pieces(pieces, show)
    }

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
                .pieces(vec![Piece::Field(field)], Show::Printed)?
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
                    .pieces(vec![Piece::Field(field)], Show::Printed)?
                    .into_val())
            }
            (Textual::Str | Textual::Repr | Textual::Ascii | Textual::Value, _) => {
                Err(self.partly(e, "this form of the call"))
            }
        }
    }

    /// `"…{}…{name:>8}".format(…)`
    pub(super) fn brace_format(
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
        self.pieces(pieces, show)
    }

    /// `"…%d…" % values`
    pub(super) fn percent_format(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        values: &'a PyExpr,
        show: Show,
    ) -> Result<Text, Expr> {
        let args: Vec<&'a PyExpr> = match &values.kind {
            ExprKind::Tuple(items) => items.iter().collect(),
            _ if matches!(self.fact(values.id).ty, Ty::Tuple(_)) => {
                return Err(self.partly(e, "`%` with a computed tuple"));
            }
            _ => vec![values],
        };
        self.percent(e, format, &args, show)
    }

    /// The text of a `%` format.
    pub(super) fn percent(
        &mut self,
        e: &'a PyExpr,
        format: &str,
        args: &[&'a PyExpr],
        show: Show,
    ) -> Result<Text, Expr> {
        let mut args = args.iter();
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            let (before, after) = rest.split_at(at);
            text.push_str(before);
            let end = after.char_indices().skip(1).find(|(_, c)| {
                !matches!(c, '-' | '+' | ' ' | '#' | '.' | '0'..='9' | 'h' | 'l' | 'L')
            });
            let Some((end, kind)) = end else {
                return Err(self.partly(e, "this format"));
            };
            let flags = after.get(1..end).unwrap_or("");
            rest = after.get(end + kind.len_utf8()..).unwrap_or("");
            if kind == '%' && flags.is_empty() {
                text.push('%');
                continue;
            }
            let Some(&value) = args.next() else {
                return Err(self.partly(e, "this format, with too few values,"));
            };
            let whole = matches!(kind, 'd' | 'i' | 'u') && self.fact(value.id).ty.is_float();
            let found = match show {
                // A log takes the value as it is.
                Show::Logged(_) => Some((None, Spec::default())),
                Show::Printed => self.percent_spec(flags, kind, value, whole),
            };
            let Some((conversion, spec)) = found else {
                let what = format!("`%{flags}{kind}` of {}", self.fact(value.id).ty.describe());
                return Err(self.partly(e, &what));
            };
            pieces.push(Piece::Literal(std::mem::take(&mut text)));
            pieces.push(Piece::Field(Field {
                value,
                conversion,
                spec,
                counts: Vec::new(),
                take: if whole { Take::Whole } else { Take::AsIs },
            }));
        }
        text.push_str(rest);
        pieces.push(Piece::Literal(text));
        if args.next().is_some() {
            return Err(self.partly(e, "this format, with too many values,"));
        }
        self.pieces(pieces, show)
    }

    /// A `%` placeholder as the format spec that prints the same.
    fn percent_spec(
        &self,
        flags: &str,
        kind: char,
        value: &PyExpr,
        truncated: bool,
    ) -> Option<(Option<Style>, Spec)> {
        let mut spec = Spec::percent(flags, kind)?;
        let ty = self.fact(value.id).ty;
        let whole = truncated || matches!(ty, Ty::Int | Ty::Bool);
        match kind {
            's' | 'r' | 'a' => {
                if spec.alternate || spec.sign.is_some() || spec.zero {
                    return None;
                }
                spec.kind = None;
                // A text stands at the right where nothing else is said.
                if spec.width.is_some() {
                    spec.align = spec.align.or(Some('>'));
                }
                let style = match kind {
                    's' => Style::Str,
                    'r' => Style::Repr,
                    _ => Style::Ascii,
                };
                Some((Some(style), spec))
            }
            'd' | 'i' | 'u' if whole && spec.precision.is_none() && !spec.alternate => {
                spec.kind = Some('d');
                Some((None, spec))
            }
            'x' | 'X' | 'o' if whole && spec.precision.is_none() => Some((None, spec)),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' if whole || ty.is_float() => Some((None, spec)),
            _ => None,
        }
    }

    /// The pieces as one text.
    fn pieces(&mut self, pieces: Vec<Piece<'a>>, show: Show) -> Result<Text, Expr> {
        // A value that a later call may change is read before it.
        let fields = pieces
            .iter()
            .enumerate()
            .filter_map(|(i, piece)| match piece {
                Piece::Field(field) => Some((i, field.value)),
                Piece::Literal(_) => None,
            });
        let last_call = fields
            .filter(|(_, value)| self.changes_within(value))
            .map(|(i, _)| i)
            .max();
        let mut text = Text::default();
        for (i, piece) in pieces.into_iter().enumerate() {
            let field = match piece {
                Piece::Literal(literal) => {
                    text.push_literal(&literal);
                    continue;
                }
                Piece::Field(field) => field,
            };
            if field.spec == Spec::default()
                && matches!(field.conversion, None | Some(Style::Str))
                && field.take != Take::Whole
                && (last_call.is_none_or(|last| i >= last)
                    || matches!(field.value.kind, ExprKind::Str(_)))
                && let Some(inner) = self.text_within(field.value, show)
            {
                text.push(inner?);
                continue;
            }
            let at = field.value.span;
            let mut val = match self.instance_text(field.value) {
                Some(text) => text?,
                None => self.expr(field.value)?,
            };
            if !matches!(field.conversion, Some(Style::Repr | Style::Ascii)) {
                val = self.shown_member(val);
            }
            if last_call.is_some_and(|last| i < last) && !val.literal && !is_text_literal(&val) {
                if self.conditional > 0 {
                    return Err(self.partly(
                        field.value,
                        "a value beside a call in one text, in this place,",
                    ));
                }
                val = self.kept(val, &plain_word(field.value), at)?;
            }
            match field.take {
                Take::AsIs => {}
                Take::Str => val = self.as_text(field.value, val)?,
                Take::Whole => {
                    let whole = self.whole_part(val);
                    val = whole.map_err(|what| self.partly(field.value, &what))?;
                }
            }
            if matches!(show, Show::Logged(_))
                && (val.expr.can_fail() || self.changes_within(field.value))
            {
                // A log whose level is off leaves its values unevaluated.
                if self.conditional > 0 {
                    return Err(self.partly(field.value, "a call within a log in this place"));
                }
                val = self.hoist(val, &plain_word(field.value), at);
            }
            let shown = match (show, field.conversion) {
                (Show::Logged(eager), conversion) => {
                    let plain = field.spec == Spec::default() || conversion.is_some();
                    self.logged(val, eager && !plain)
                }
                (Show::Printed, Some(style)) => {
                    self.printed(val, style)
                        .and_then(|text| match field.spec == Spec::default() {
                            true => Ok(text),
                            false => self.formatted(text.into_val(), field.spec),
                        })
                }
                (Show::Printed, None) => self.formatted(val, field.spec),
            };
            match shown {
                Ok(shown) => text.push(shown.counted(&field.counts)),
                Err(what) => return Err(self.partly(field.value, &what)),
            }
        }
        Ok(text)
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
        self.pieces(pieces, show)
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
        self.pieces(pieces, show)
    }

    /// The text of an expression that is itself put together.
    fn text_within(&mut self, e: &'a PyExpr, show: Show) -> Option<Result<Text, Expr>> {
        if self.lw.input.model.problems.contains_key(&e.id) {
            return None;
        }
        match &e.kind {
            ExprKind::Str(text) => Some(Ok(Text::literal(text.as_str()))),
            ExprKind::FString(parts) => Some(self.f_string_text(parts, show)),
            ExprKind::Binary {
                op: BinaryOp::Mod,
                left,
                right,
            } => {
                let format = self.literal_text(left)?;
                Some(self.percent_format(e, format, right, show))
            }
            ExprKind::Binary {
                op: BinaryOp::Add, ..
            } if self.fact(e.id).ty == Ty::Str => Some(self.concatenation(e, show)),
            ExprKind::Call { .. } if matches!(self.builtin_call(e), Some(("str", [_], []))) => {
                let (_, values, _) = self.builtin_call(e)?;
                let value = values.first()?;
                let field = Field {
                    value,
                    conversion: Some(Style::Str),
                    spec: Spec::default(),
                    counts: Vec::new(),
                    take: Take::AsIs,
                };
                Some(self.pieces(vec![Piece::Field(field)], show))
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match &func.kind {
                ExprKind::Attribute { value, attr } if attr.name == "format" => {
                    let format = self.literal_text(value)?;
                    Some(self.brace_format(e, format, args, keywords, show))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `%d` of a float: its whole part.
    fn whole_part(&mut self, val: Val) -> Result<Val, String> {
        let Some(int) = crate::catalog::lookup("int") else {
            return Ok(val);
        };
        let arg = crate::catalog::Arg {
            fact: val.fact(),
            keyword: None,
            constant: None,
        };
        let call = crate::catalog::Call {
            fact: int.infer(&[arg])?,
            args: vec![val],
            keywords: Vec::new(),
        };
        let mut site = self.site();
        let whole = (int.lower)(call, &mut site);
        let at = self.current_span();
        self.absorb(site, at);
        whole
    }

    /// A value in a variable of its own, as it is now.
    pub(super) fn kept(&mut self, val: Val, name: &str, at: Span) -> Result<Val, Expr> {
        let owned = match &val.rty {
            RTy::Str => RTy::String,
            RTy::Ref(inner) => (**inner).clone(),
            other => other.clone(),
        };
        let fact = val.fact();
        let expr = self.coerce(val, &owned, at, "the value")?;
        let expr = match expr {
            Expr::Method(text, name, args) if name == "into" => {
                Expr::Method(text, "to_string".into(), args)
            }
            other => other,
        };
        Ok(self.hoist(Val::new(expr, owned, &fact), name, at))
    }

    /// Whether evaluating an expression changes something.
    fn changes_within(&self, e: &PyExpr) -> bool {
        struct Changes<'f, 'l, 'a>(&'f FnLower<'l, 'a>, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Changes<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                let lower = self.0;
                let callee = lower.model.calls.get(&e.id);
                let own = callee.and_then(|id| lower.lw.input.model.functions.get(id.0));
                self.1 |=
                    own.is_some_and(|f| !f.mutated.is_empty() || !f.globals_changed.is_empty());
                if let ExprKind::Call { func, .. } = &e.kind
                    && let ExprKind::Attribute { value, attr } = &func.kind
                    && let Some(class) =
                        crate::catalog::class_of(&lower.fact(value.id).ty.narrowed())
                {
                    self.1 |= crate::catalog::mutates(&format!("{class}.{}", attr.name));
                }
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut changes = Changes(self, false);
        crate::ast::visit::Visitor::visit_expr(&mut changes, e);
        changes.1
    }

    /// Whether evaluating an expression may do more than give its value.
    pub(super) fn acts(&self, e: &PyExpr) -> bool {
        struct Acts(bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Acts {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.0 |= !matches!(
                    e.kind,
                    ExprKind::Name(_)
                        | ExprKind::Attribute { .. }
                        | ExprKind::Str(_)
                        | ExprKind::Int(_)
                        | ExprKind::Float(_)
                        | ExprKind::Bool(_)
                        | ExprKind::None
                );
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let mut acts = Acts(false);
        crate::ast::visit::Visitor::visit_expr(&mut acts, e);
        acts.0
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

    fn bad_spec(&mut self, e: &PyExpr, spec: &str) -> Expr {
        let problem = Problem::new(
            Code::PartlyHandled,
            format!("the format spec `{spec}` is not translated: Python may raise a ValueError"),
        );
        Expr::Hole(self.lw.hole_text(e.span, &problem))
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

fn is_text_literal(val: &Val) -> bool {
    matches!(&val.expr, Expr::Atom(text) if text.starts_with('"'))
}

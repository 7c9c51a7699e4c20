//! The pieces of a text in the order in which Python evaluates them.

use super::late::{Made, Seen};
use super::parts::Text;
use super::printed::Style;
use super::spec::Spec;
use super::{Show, plain_word};
use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind};
use crate::ir::{Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;

/// A piece of a format: text as it is, or a field.
pub(super) enum Piece<'a> {
    Literal(String),
    Field(Field<'a>),
}

/// A replacement field: a value, and how it is shown.
pub(super) struct Field<'a> {
    pub(super) value: &'a PyExpr,
    pub(super) conversion: Option<Style>,
    pub(super) spec: Spec,
    /// The widths and precisions that are computed.
    pub(super) counts: Vec<Expr>,
    pub(super) take: Take,
}

/// What is done to a value before it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// Nothing.
    AsIs,
    /// `%d` of a float takes its whole part.
    Whole,
    /// `%c` takes one character.
    Char,
    /// An operand of `+` must be a str.
    Str,
}

impl<'a> FnLower<'_, 'a> {
    /// The pieces as one text.
    pub(super) fn pieces(
        &mut self,
        pieces: Vec<Piece<'a>>,
        made: Made,
        show: Show,
    ) -> Result<Text, Expr> {
        let values: Vec<&'a PyExpr> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Field(field) => Some(field.value),
                Piece::Literal(_) => None,
            })
            .collect();
        // A value that a later call may change is read before it.
        let last_call = values.iter().rposition(|value| self.changes_within(value));
        let mut seen = Vec::new();
        for (i, value) in values.iter().enumerate() {
            let end = last_call.map_or(0, |last| last + 1);
            let known = self.seen(value, values.get(i + 1..end).unwrap_or_default());
            seen.push(match (made, known) {
                (Made::AtOnce, Seen::AsItBecomes | Seen::Unknown) => Seen::AsItIs,
                (Made::AfterAll, Seen::Unknown)
                | (Made::ByVersion, Seen::AsItBecomes | Seen::Unknown) => {
                    let what = "a value that a later argument changes, before its text is made,";
                    return Err(self.partly(value, what));
                }
                (Made::AtOnce | Made::AfterAll | Made::ByVersion, known) => known,
            });
        }
        // The text of what is changed is made behind all changes.
        let before = match seen.contains(&Seen::AsItBecomes) {
            true => last_call.map(|last| last + 1),
            false => last_call,
        };
        let mut texts: Vec<Text> = Vec::new();
        let mut waiting = Vec::new();
        // The last text that something is done in, and how many statements stand before it.
        let mut done: Option<(usize, usize)> = None;
        let mut at = 0;
        let mut seen = seen.into_iter();
        for piece in pieces {
            let field = match piece {
                Piece::Literal(literal) => {
                    texts.push(Text::literal(literal));
                    continue;
                }
                Piece::Field(field) => field,
            };
            let how = seen.next().unwrap_or(Seen::AsItIs);
            if how == Seen::AsItBecomes {
                waiting.push((texts.len(), field));
                texts.push(Text::default());
            } else {
                let first = before.is_some_and(|before| at < before);
                let read_before = first && how != Seen::Untouched;
                let (value, span) = (field.value, field.value.span);
                let text = self.field_text(field, read_before, !first, show)?;
                self.done_before(&mut texts, done, span);
                if self.conditional == 0 && self.changes_within(value) {
                    done = Some((texts.len(), self.out.len()));
                }
                texts.push(text);
            }
            at += 1;
        }
        for (place, field) in waiting {
            let span = field.value.span;
            let text = self.field_text(field, false, true, show)?;
            self.done_before(&mut texts, done, span);
            if let Some(slot) = texts.get_mut(place) {
                *slot = text;
            }
        }
        let mut whole = Text::default();
        texts.into_iter().for_each(|text| whole.push(text));
        Ok(whole)
    }

    /// Computes what stands in a text before the statements that were written since: what they
    /// read may be changed there.
    fn done_before(&mut self, texts: &mut [Text], done: Option<(usize, usize)>, at: Span) {
        let Some((place, before)) = done.filter(|(_, before)| self.out.len() > *before) else {
            return;
        };
        let Some(text) = texts.get_mut(place) else {
            return;
        };
        let mut stmts = Vec::new();
        for (arg, rty) in text.computed() {
            let name = self.free_name("text");
            let mut init = std::mem::replace(arg, Expr::atom(&name));
            if *rty == RTy::Str {
                init = init.method("to_string", vec![]);
                *rty = RTy::String;
            }
            stmts.push(Stmt::at(
                at,
                StmtKind::Let {
                    name,
                    mutable: false,
                    ty: None,
                    init: Some(init),
                },
            ));
        }
        self.out.splice(before..before, stmts);
    }

    /// The text of a field; `read_before`: its value is in a variable before what follows,
    /// `within`: what it is put together of may stand among the other pieces.
    fn field_text(
        &mut self,
        field: Field<'a>,
        read_before: bool,
        within: bool,
        show: Show,
    ) -> Result<Text, Expr> {
        if field.spec == Spec::default()
            && matches!(field.conversion, None | Some(Style::Str))
            && !matches!(field.take, Take::Whole | Take::Char)
            && (within || matches!(field.value.kind, ExprKind::Str(_)))
            && let Some(inner) = self.text_within(field.value, show)
        {
            return inner;
        }
        let at = field.value.span;
        let text_of = self.instance_text(field.value);
        let conversion = match (&text_of, field.conversion) {
            // What is shown is a text already.
            (Some(_), Some(_)) => Some(Style::Str),
            (_, conversion) => conversion,
        };
        let mut val = match text_of {
            Some(text) => text?,
            None => self.expr(field.value)?,
        };
        if !matches!(field.conversion, Some(Style::Repr | Style::Ascii)) {
            val = self.shown_member(val);
        }
        // The text of what can change is all that is needed of it.
        let whole = matches!(show, Show::Printed) && self.can_become(&val.ty);
        let read_before = read_before && !val.literal && !is_text_literal(&val);
        if read_before {
            if self.conditional > 0 {
                return Err(self.partly(
                    field.value,
                    "a value beside a call in one text, in this place,",
                ));
            }
            if !whole {
                val = self.kept(val, &plain_word(field.value), at)?;
            }
        }
        // What is lent to be changed is read before the others are looked at.
        if matches!(&val.expr, Expr::Deref(lent) if matches!(&**lent, Expr::Call(_, args) if args.iter().any(|a| matches!(a, Expr::RefMut(_)))))
            && self.conditional == 0
        {
            val = self.kept(val, &plain_word(field.value), at)?;
        }
        // `f"{x:.2f}"` of None is a TypeError.
        let given = matches!(&val.ty, Ty::Option(inner) if inner.is_number());
        if given
            && field.conversion.is_none()
            && field.spec != Spec::default()
            && matches!(show, Show::Printed)
        {
            val = self.present(val);
        }
        match field.take {
            Take::AsIs => {}
            Take::Str => val = self.as_text(field.value, val)?,
            // A log takes the value as it is.
            Take::Char if matches!(show, Show::Logged(_)) => {}
            Take::Char => {
                let one = self.one_character(field.value, val);
                val = one.map_err(|what| self.partly(field.value, &what))?;
            }
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
        let shown = match (show, conversion) {
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
            Ok(shown) => {
                let text = shown.counted(&field.counts);
                if !(read_before && whole) {
                    return Ok(text);
                }
                let name = plain_word(field.value);
                let text = self.hoist(text.into_val(), &name, at);
                Ok(Text::value(text.expr, text.rty))
            }
            Err(what) => Err(self.partly(field.value, &what)),
        }
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
                Some(self.pieces(vec![Piece::Field(field)], Made::AtOnce, show))
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
        let val = self.present(val);
        let Some(int) = crate::catalog::lookup("int") else {
            return Ok(val);
        };
        let arg = crate::catalog::Arg::of(val.fact());
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
    pub(in crate::lower) fn kept(&mut self, val: Val, name: &str, at: Span) -> Result<Val, Expr> {
        let owned = match &val.rty {
            RTy::Str => RTy::String,
            RTy::Ref(inner) | RTy::RefMut(inner) => (**inner).clone(),
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
    pub(in crate::lower) fn changes_within(&self, e: &PyExpr) -> bool {
        struct Changes<'f, 'l, 'a>(&'f FnLower<'l, 'a>, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Changes<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                let lower = self.0;
                let callee = lower.model.calls.get(&e.id);
                let own = callee.and_then(|id| lower.lw.input.model.functions.get(id.0));
                // A constructor changes the object that it makes.
                let made = |f: &crate::infer::FnModel| f.python_name.ends_with(".__init__");
                let changes =
                    |f: &crate::infer::FnModel| f.mutated.iter().any(|i| *i > 0 || !made(f));
                self.1 |= own.is_some_and(|f| changes(f) || !f.globals_changed.is_empty());
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
    pub(in crate::lower) fn acts(&self, e: &PyExpr) -> bool {
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
}

fn is_text_literal(val: &Val) -> bool {
    matches!(&val.expr, Expr::Atom(text) if text.starts_with('"'))
}

//! `raise` and `assert`: an `Err` with the place, the class and the message.

use super::attempt;
use super::function::FnLower;
use super::text::{Style, Text};
use crate::ast::{Expr as PyExpr, ExprKind};
use crate::ir::{Block, Expr, Stmt, StmtKind};
use crate::source::Span;
use crate::ty::Ty;

impl<'a> FnLower<'_, 'a> {
    /// `raise exc`
    pub(super) fn raise(&mut self, exc: Option<&'a PyExpr>, at: Span) -> Result<(), Expr> {
        if self.raises_again(exc) {
            self.out.push(Stmt {
                span: Some(at),
                ..attempt::again()
            });
            return Ok(());
        }
        let (class, args) = match exc.map(|e| (&e.kind, e)) {
            None => {
                let stmt = self.error_return("RuntimeError: No active exception to reraise", at);
                self.out.push(stmt);
                return Ok(());
            }
            Some((ExprKind::Call { func, args, .. }, _)) => (&**func, args.as_slice()),
            Some((_, e)) => (e, [].as_slice()),
        };
        if self.scope.names.contains_key(&class.id) {
            return Err(self.partly(class, "an exception in a variable"));
        }
        let name = self.lw.full_name(class);
        let stmt = self.raised(&name, args, at)?;
        self.out.push(stmt);
        Ok(())
    }

    /// `assert test, message`
    pub(super) fn assert(
        &mut self,
        test: &'a PyExpr,
        message: Option<&'a PyExpr>,
        at: Span,
    ) -> Result<(), Expr> {
        let cond = self.condition_value(test)?;
        let outer = std::mem::take(&mut self.out);
        let args = message.map_or([].as_slice(), std::slice::from_ref);
        let raised = self.raised("AssertionError", args, at);
        let mut then = std::mem::replace(&mut self.out, outer);
        then.push(raised?);
        let cond = Box::new(self.negated(cond, test));
        self.emit(
            at,
            StmtKind::Expr(Expr::If {
                cond,
                then: Block::of(then),
                otherwise: None,
            }),
        );
        Ok(())
    }

    /// `return Err("python/task.py:12: ValueError: message".into());`
    fn raised(&mut self, class: &str, args: &'a [PyExpr], at: Span) -> Result<Stmt, Expr> {
        let place = format!("{}: {class}", self.lw.input.source.at(at));
        let (args, kept) = match self.lw.kept_types(class).is_empty() {
            true => (args, [].as_slice()),
            false => args.split_at(args.len().min(1)),
        };
        let own = &self.lw.input.model.exceptions;
        let shows_key = crate::catalog::exceptions::derives(class, "KeyError", own);
        let error = match args {
            [] => Expr::Atom(format!("{place:?}")),
            [
                PyExpr {
                    kind: ExprKind::Str(text),
                    ..
                },
            ] if !shows_key => Expr::Atom(format!("{:?}", format!("{place}: {text}"))),
            [arg] if !shows_key && self.fact(arg.id).ty == Ty::Str => {
                let val = self.expr(arg)?;
                formatted(&place, val.expr)
            }
            // `str(e)` is that of its one argument, of a KeyError its `repr`.
            [arg] if let Some(text) = self.shown_argument(arg, shows_key)? => {
                formatted(&place, text)
            }
            [_, _, ..] if let Some(text) = self.shown_arguments(args)? => formatted(&place, text),
            _ => {
                // Python shows these in a way of its own.
                let mut shown = None;
                for arg in args {
                    if let ExprKind::Str(text) = &arg.kind {
                        shown.get_or_insert(text.clone());
                        continue;
                    }
                    let val = self.expr(arg)?;
                    if val.expr.can_fail() || self.calls_own(&val.expr) {
                        self.emit(
                            at,
                            StmtKind::LetPattern {
                                pattern: "_".into(),
                                names: Vec::new(),
                                init: val.expr,
                                otherwise: None,
                            },
                        );
                    }
                }
                let shown = shown.unwrap_or_else(|| "with arguments".into());
                Expr::Atom(format!("{:?}", format!("{place} ({shown})")))
            }
        };
        // The error of a plain module is a `String` already.
        let whole = self.lw.input.binding.form != crate::project::Form::Task
            && matches!(error, Expr::Macro(..));
        let error = match whole {
            true => error,
            false => error.method("into", vec![]),
        };
        let mut given = vec![error];
        given.append(&mut self.kept_by_exception(class, kept, at)?);
        Ok(Stmt::at(
            at,
            StmtKind::Return(Some(Expr::call("Err", given))),
        ))
    }

    /// The text of the one argument of an exception, where a handler may read it and it has one
    /// that is translated.
    fn shown_argument(&mut self, arg: &'a PyExpr, repr: bool) -> Result<Option<Expr>, Expr> {
        if !self.lw.reads_messages() {
            return Ok(None);
        }
        let style = if repr { Style::Repr } else { Style::Str };
        let (before, bounds) = (self.out.len(), self.bounds.len());
        let helpers = self.lw.task.helpers.clone();
        let val = self.expr(arg)?;
        match self.printed(val, style) {
            Ok(text) => Ok(Some(text.into_string())),
            Err(_) => {
                self.out.truncate(before);
                self.bounds.truncate(bounds);
                self.lw.task.helpers = helpers;
                Ok(None)
            }
        }
    }

    /// The text of several arguments, as [`Self::shown_argument`]: that of their tuple.
    fn shown_arguments(&mut self, args: &'a [PyExpr]) -> Result<Option<Expr>, Expr> {
        if !self.lw.reads_messages() {
            return Ok(None);
        }
        let (before, bounds) = (self.out.len(), self.bounds.len());
        let helpers = self.lw.task.helpers.clone();
        let mut whole = Text::literal("(");
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                whole.push_literal(", ");
            }
            let val = self.expr(arg)?;
            let text = self.printed(val, Style::Repr).ok();
            match text.filter(|_| self.out.len() == before) {
                Some(text) => whole.push(text),
                None => {
                    self.out.truncate(before);
                    self.bounds.truncate(bounds);
                    self.lw.task.helpers = helpers;
                    return Ok(None);
                }
            }
        }
        whole.push_literal(")");
        Ok(Some(whole.into_string()))
    }

    /// What an exception keeps beside its message.
    fn kept_by_exception(
        &mut self,
        class: &str,
        given: &'a [PyExpr],
        at: Span,
    ) -> Result<Vec<Expr>, Expr> {
        let types = self.lw.kept_types(class);
        let mut out = Vec::new();
        for ((attr, ty), value) in types.into_iter().zip(given) {
            let Some(ty) = ty else {
                return Err(self.partly(value, "an attribute of an exception of these values"));
            };
            let val = self.expr_as(value, &ty)?;
            let kept = self.coerce(val, &ty, value.span, &attr)?;
            if kept.can_fail() || self.calls_own(&kept) {
                let name = self.free_name(&attr);
                self.emit(
                    at,
                    StmtKind::Let {
                        name: name.clone(),
                        mutable: false,
                        ty: None,
                        init: Some(kept),
                    },
                );
                out.push(Expr::atom(name));
            } else {
                out.push(kept);
            }
        }
        Ok(out)
    }
}

/// `format!("place: message", …)`
fn formatted(place: &str, message: Expr) -> Expr {
    match message {
        Expr::Macro(name, mut args) if name == "format" => {
            if let Some(Expr::Atom(text)) = args.first_mut() {
                let inner = text.strip_prefix('"').unwrap_or(text);
                *text = format!("\"{place}: {inner}");
            }
            Expr::Macro(name, args)
        }
        Expr::Ref(inner) => formatted(place, *inner),
        other => Expr::Macro(
            "format".into(),
            vec![Expr::Atom(format!("\"{place}: {{}}\"")), other],
        ),
    }
}

//! `print` and `logging`, which become Copper's log macros.
//!
//! Enters: the call. Leaves: the macro. Copper's logs are structured: numbers, bools and
//! texts go in as they are, without Python's format. What a call does beside logging, it
//! does before.

use super::Lowerer;
use super::function::FnLower;
use super::text::Show;
use super::text::late::Made;
use super::text::parts::{Part, Text};
use super::text::printed::Style;
use crate::ast::{Expr as PyExpr, ExprKind, Keyword};
use crate::catalog::Textual;
use crate::diagnostic::Code;
use crate::infer;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `print(…)`: each value's text, with `sep` between.
    pub(super) fn log_print(
        &mut self,
        e: &'a PyExpr,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let mut level = "info";
        if self.site().process_mode && !keywords.iter().any(|k| self.is_stderr(&k.value)) {
            let note = "`print` in process mode corrupts PyTask's protocol: the Python fails here, the Rust logs";
            self.lw.report(Code::PrintInProcessMode, e.span, note, None);
        }
        let mut separator = " ".to_string();
        for keyword in keywords {
            let name = keyword.name.as_ref().map_or("", |n| n.name.as_str());
            let plain = matches!(keyword.value.kind, ExprKind::Bool(_) | ExprKind::None);
            match (name, self.literal_text(&keyword.value)) {
                ("sep", Some(text)) => separator = text.to_string(),
                ("end", Some(_)) => {}
                ("sep" | "end" | "flush", _) if plain => {}
                ("file", _) if plain => {}
                ("file", _) if self.is_stderr(&keyword.value) => level = "error",
                _ => return Err(self.partly(e, &format!("`{name}=` of `print()`"))),
            }
        }
        let text = self.texts(args, &separator, Show::Logged(true))?;
        self.log_macro(level, text)
    }

    /// `sys.stderr`
    fn is_stderr(&self, e: &PyExpr) -> bool {
        let own = |name: &str| self.lw.functions.contains_key(name);
        let full = self.lw.input.model.full_name(e, own);
        full.as_deref() == Some("sys.stderr")
    }

    /// `logger.info("x %d", x)`
    pub(super) fn log(
        &mut self,
        e: &'a PyExpr,
        level: &str,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        for keyword in keywords {
            let name = keyword.name.as_ref().map_or("", |n| n.name.as_str());
            if !matches!(name, "exc_info" | "stack_info" | "stacklevel") {
                return Err(self.partly(e, &format!("`{name}=` of a log call")));
            }
        }
        let text = match args {
            [] => Text::default(),
            [_] => self.texts(args, "", Show::Logged(true))?,
            [format, values @ ..] => {
                let Some(format) = self.literal_text(format) else {
                    return Err(self.partly(e, "a computed log format"));
                };
                let values: Vec<&'a PyExpr> = values.iter().collect();
                self.percent(e, format, &values, Made::AfterAll, Show::Logged(false))?
            }
        };
        self.log_macro(level, text)
    }

    /// A value as a log takes it. `checked`: Python formats it under a spec, which None and
    /// containers do not have.
    pub(super) fn logged(&mut self, val: Val, checked: bool) -> Result<Text, String> {
        let plain = |rty: &RTy| matches!(rty, RTy::Bool | RTy::Int(_) | RTy::Float(_));
        let val = if checked { self.present(val) } else { val };
        match val.rty.peel() {
            rty if plain(rty) => Ok(Text::value(val.expr, val.rty)),
            RTy::String | RTy::Str => Ok(Text::value(val.expr, val.rty)),
            RTy::Option(inner) if plain(inner) && !checked => Ok(Text::value(val.expr, val.rty)),
            _ if checked && !matches!(val.ty, Ty::Enum(_) | Ty::Member(_) | Ty::Str) => {
                Err(format!("a format spec for {}", val.ty.describe()))
            }
            _ => self.printed(val, Style::Str),
        }
    }

    /// The macro.
    fn log_macro(&mut self, level: &str, text: Text) -> Result<Val, Expr> {
        let mut kept = Text::default();
        let mut numbers = Vec::new();
        for part in text.parts() {
            let Part::Value { arg, rty, .. } = part else {
                if let Part::Literal(text) = part {
                    kept.push_literal(&text);
                }
                continue;
            };
            numbers.push(*rty.peel() == RTy::Number);
            // The macros take their values.
            let borrowed = !self.lw.is_copy(&rty) && arg.is_place();
            let arg = match borrowed && !rty.is_ref() {
                true => Expr::Ref(Box::new(arg)),
                false => arg,
            };
            kept.push(Text::value(arg, rty));
        }
        let (format, values) = kept.format();
        let mut args = vec![Expr::Atom(format)];
        // A log keeps values of Rust's own types.
        args.extend(values.into_iter().zip(numbers).map(|(value, number)| {
            if number {
                value.method("to_string", vec![])
            } else {
                value
            }
        }));
        if self.model.role != infer::Role::Helper {
            args.insert(0, Expr::atom("ctx"));
        }
        Ok(Val::new(
            Expr::Macro(level.into(), args),
            RTy::Unit,
            &Fact::of(Ty::None),
        ))
    }
}

impl Lowerer<'_> {
    /// Whether a statement of the module sets up Python's own logging.
    pub(super) fn sets_up_logging(&self, e: &PyExpr) -> bool {
        let ExprKind::Call { func, .. } = &e.kind else {
            return false;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return false;
        };
        let ExprKind::Name(name) = &value.kind else {
            return false;
        };
        let model = self.input.model;
        let logger = model
            .consts
            .get(name)
            .is_some_and(|c| c.fact.ty == Ty::Module("logging".into()));
        let module = model.modules.get(name).is_some_and(|m| m == "logging");
        let known = crate::catalog::lookup(&format!("logging.{}", attr.name));
        (logger || module) && known.is_some_and(|k| k.special.textual == Some(Textual::LogSetup))
    }
}

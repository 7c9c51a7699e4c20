//! `print` of a plain module, which writes what Python writes.

use super::function::FnLower;
use super::text::Show;
use super::text::parts::Text;
use crate::ast::{Expr as PyExpr, ExprKind, Keyword};
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `print(a, b, sep=…, end=…)` as `println!` or `print!`.
    pub(super) fn print(
        &mut self,
        e: &'a PyExpr,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let mut sep = " ".to_string();
        let mut end = "\n".to_string();
        for keyword in keywords {
            let name = keyword.name.as_ref().map_or("", |n| n.name.as_str());
            match (name, &keyword.value.kind) {
                ("sep", ExprKind::Str(text)) => sep.clone_from(text),
                ("end", ExprKind::Str(text)) => end.clone_from(text),
                ("sep" | "end", ExprKind::None) | ("flush", ExprKind::Bool(_)) => {}
                _ => return Err(self.partly(e, &format!("`{name}=` of `print()`"))),
            }
        }
        let mut text = self.texts(args, &sep, Show::Printed)?;
        let name = match end.strip_suffix('\n') {
            Some(rest) => {
                text.push(Text::literal(rest));
                "println"
            }
            None => {
                text.push(Text::literal(end));
                "print"
            }
        };
        let (format, values) = text.format();
        let mut parts = Vec::new();
        if format != "\"\"" || name == "print" {
            parts.push(Expr::Atom(format));
        }
        parts.extend(values);
        Ok(Val::new(
            Expr::Macro(name.into(), parts),
            RTy::Unit,
            &Fact::of(Ty::None),
        ))
    }
}

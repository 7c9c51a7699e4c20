//! `print` of a plain module, which writes what Python writes.

use super::function::FnLower;
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
        let mut format = String::new();
        let mut values = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                format.push_str(&super::text::escape(&sep));
            }
            let val = self.expr(arg)?;
            self.printed(arg, val, &mut format, &mut values)?;
        }
        let name = match end.strip_suffix('\n') {
            Some(rest) => {
                format.push_str(&super::text::escape(rest));
                "println"
            }
            None => {
                format.push_str(&super::text::escape(&end));
                "print"
            }
        };
        let mut parts = Vec::new();
        if !format.is_empty() || name == "print" {
            parts.push(Expr::Atom(format!("\"{format}\"")));
        }
        parts.extend(values);
        Ok(Val::new(
            Expr::Macro(name.into(), parts),
            RTy::Unit,
            &Fact::of(Ty::None),
        ))
    }

    /// What `print` writes for one value.
    fn printed(
        &mut self,
        arg: &'a PyExpr,
        val: Val,
        format: &mut String,
        values: &mut Vec<Expr>,
    ) -> Result<(), Expr> {
        match val.expr {
            Expr::Macro(ref name, ref parts) if name == "format" => {
                if let Some((Expr::Atom(text), rest)) = parts.split_first() {
                    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
                    format.push_str(inner.unwrap_or(text));
                    values.extend(rest.iter().cloned());
                    return Ok(());
                }
            }
            Expr::Atom(ref literal) if literal.starts_with('"') => {
                if let ExprKind::Str(text) = &arg.kind {
                    format.push_str(&super::text::escape(text));
                    return Ok(());
                }
            }
            _ => {}
        }
        match &arg.kind {
            ExprKind::Bool(true) => format.push_str("True"),
            ExprKind::Bool(false) => format.push_str("False"),
            ExprKind::None => format.push_str("None"),
            ExprKind::Int(value) => format.push_str(&value.to_string()),
            _ => return self.formatted(arg, val, format, values),
        }
        Ok(())
    }

    fn formatted(
        &mut self,
        arg: &'a PyExpr,
        val: Val,
        format: &mut String,
        values: &mut Vec<Expr>,
    ) -> Result<(), Expr> {
        let (placeholder, value) = self.field(arg, val, None, "")?;
        format.push_str(&placeholder);
        // The macro borrows by itself.
        values.push(match value {
            Expr::Ref(inner) => *inner,
            other => other,
        });
        Ok(())
    }
}

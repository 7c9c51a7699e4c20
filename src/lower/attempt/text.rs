//! The texts of errors, as the Rust under construction holds them.

use crate::ir::Expr;

/// The text of a string literal.
pub(in crate::lower) fn literal(e: &Expr) -> Option<String> {
    match e {
        Expr::Atom(text) => {
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            Some(
                inner
                    .replace("\\\"", "\"")
                    .replace("\\'", "'")
                    .replace("\\\\", "\\"),
            )
        }
        _ => None,
    }
}

/// The text of `text.into()` or `format!(…).into()`, and the latter's expression.
pub(in crate::lower) fn error_text(error: &Expr) -> Option<(String, Option<Expr>)> {
    match error {
        Expr::Method(inner, name, _) if name == "into" => match &**inner {
            Expr::Macro(_, args) => Some((literal(args.first()?)?, Some((**inner).clone()))),
            other => Some((literal(other)?, None)),
        },
        Expr::Macro(name, args) if name == "format" => {
            Some((literal(args.first()?)?, Some(error.clone())))
        }
        _ => None,
    }
}

/// The arguments of `format!("place: Class: message", …)`, for the message alone.
pub(in crate::lower) fn without_place(args: &[Expr]) -> Vec<Expr> {
    let mut args = args.to_vec();
    if let Some(Expr::Atom(text)) = args.first_mut() {
        let message: Vec<&str> = text.splitn(3, ": ").collect();
        if let [_, _, message] = message.as_slice() {
            *text = format!("\"{message}");
        }
    }
    args
}

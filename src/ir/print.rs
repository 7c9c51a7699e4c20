//! From the tree to text: parentheses where precedence asks for them; layout is rustfmt's.
//!
//! Enters: blocks and functions. Leaves: [`Printed`] text and, for each piece of it, the
//! Python span it stands for.

mod deep;
mod expr;
mod item;
mod stmt;

pub use deep::{UNFORMATTED, is_deep};
pub use expr::write_expr;
pub use item::{write_class, write_const, write_function};
pub use stmt::{write_block, write_stmts};

use super::expr::Expr;
use crate::source::Span;

/// Text under construction, with the spans of its statements.
#[derive(Debug, Default, Clone)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// Byte offset in `text` at which the Rust for a span starts.
    pub marks: Vec<(usize, Span)>,
    /// How items are written.
    pub style: Style,
}

/// How items are written: what a function that can fail returns, and who sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// `CuResult<T>`, else `Result<T, String>`.
    pub copper: bool,
    /// Whether what Python calls public is `pub`.
    pub public: bool,
}

impl Style {
    /// A task's.
    pub const COPPER: Style = Style {
        copper: true,
        public: false,
    };

    fn visibility(self, name: &str) -> &'static str {
        if self.public && !name.starts_with('_') {
            "pub "
        } else {
            ""
        }
    }

    fn result(self, ret: &str) -> String {
        if self.copper {
            format!("CuResult<{ret}>")
        } else {
            format!("Result<{ret}, String>")
        }
    }
}

impl Default for Style {
    fn default() -> Self {
        Style::COPPER
    }
}

impl Printed {
    /// No text yet.
    pub fn of(style: Style) -> Self {
        Self {
            style,
            ..Self::default()
        }
    }

    /// Puts a line before what starts at an offset.
    fn insert_line(&mut self, at: usize, text: &str) {
        let line = format!("{text}\n");
        self.text.insert_str(at, &line);
        let later = self.marks.iter_mut().filter(|(mark, _)| *mark >= at);
        later.for_each(|(mark, _)| *mark += line.len());
    }

    /// Appends one line.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn mark(&mut self, span: Option<Span>) {
        if let Some(span) = span {
            self.marks.push((self.text.len(), span));
        }
    }
}

/// Prints an expression.
pub fn expr(e: &Expr) -> String {
    let mut out = Printed::default();
    write_expr(&mut out, e);
    out.text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::RTy;
    use crate::ir::expr::{BinOp, UnOp};

    fn a(name: &str) -> Expr {
        Expr::atom(name)
    }

    #[test]
    fn parentheses_stand_where_precedence_asks() {
        let sum = a("x").binary(BinOp::Add, a("y"));
        assert_eq!(expr(&sum.clone().binary(BinOp::Mul, a("z"))), "(x + y) * z");
        assert_eq!(expr(&a("z").binary(BinOp::Sub, sum.clone())), "z - (x + y)");
        assert_eq!(expr(&sum.clone().method("abs", vec![])), "(x + y).abs()");
        assert_eq!(expr(&sum.clone().cast(RTy::F32)), "(x + y) as f32");
        assert_eq!(
            expr(&a("i").cast(RTy::I64).binary(BinOp::Lt, a("n"))),
            "(i as i64) < n"
        );
        assert_eq!(
            expr(&Expr::Unary(UnOp::Neg, Box::new(a("limit"))).method("max", vec![a("x")])),
            "(-limit).max(x)"
        );
        assert_eq!(
            expr(&Expr::NegLit("-1.0".into()).method("abs", vec![])),
            "(-1.0).abs()"
        );
    }
}

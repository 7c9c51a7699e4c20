//! Statements and blocks.

use super::expr::write_condition;
use super::{Printed, write_expr};
use crate::ir::expr::Expr;
use crate::ir::{Block, Stmt, StmtKind};

/// Appends a block with its braces.
pub fn write_block(out: &mut Printed, block: &Block) {
    out.text.push('{');
    out.text.push('\n');
    write_stmts(out, &block.stmts);
    if let Some(value) = &block.value {
        write_expr(out, value);
        out.text.push('\n');
    }
    out.text.push('}');
}

/// Appends statements, one or more lines each.
pub fn write_stmts(out: &mut Printed, stmts: &[Stmt]) {
    for stmt in stmts {
        write_stmt(out, stmt);
    }
}

fn label_text(label: &Option<String>) -> String {
    label.as_ref().map_or(String::new(), |l| format!("'{l}: "))
}

fn write_stmt(out: &mut Printed, stmt: &Stmt) {
    out.mark(stmt.span);
    match &stmt.kind {
        StmtKind::Let {
            name,
            mutable,
            ty,
            init,
        } => {
            out.text
                .push_str(if *mutable { "let mut " } else { "let " });
            out.text.push_str(name);
            if let Some(ty) = ty {
                out.text.push_str(&format!(": {ty}"));
            }
            if let Some(init) = init {
                out.text.push_str(" = ");
                write_expr(out, init);
            }
            out.text.push(';');
        }
        StmtKind::LetPattern {
            pattern,
            init,
            otherwise,
            ..
        } => {
            out.text.push_str(&format!("let {pattern} = "));
            write_expr(out, init);
            if let Some(otherwise) = otherwise {
                out.text.push_str(" else ");
                write_block(out, otherwise);
            }
            out.text.push(';');
        }
        StmtKind::Assign { place, op, value } => {
            write_expr(out, place);
            out.text.push(' ');
            if let Some(op) = op {
                out.text.push_str(op.symbol());
            }
            out.text.push_str("= ");
            write_expr(out, value);
            out.text.push(';');
        }
        StmtKind::Expr(e) => {
            write_expr(out, e);
            if !matches!(e, Expr::If { .. } | Expr::Match { .. } | Expr::Block(_)) {
                out.text.push(';');
            }
        }
        StmtKind::Return(value) => {
            out.text.push_str("return");
            if let Some(value) = value {
                out.text.push(' ');
                write_expr(out, value);
            }
            out.text.push(';');
        }
        StmtKind::Break(label) => {
            out.text.push_str("break");
            if let Some(label) = label {
                out.text.push_str(&format!(" '{label}"));
            }
            out.text.push(';');
        }
        StmtKind::Continue(label) => {
            out.text.push_str("continue");
            if let Some(label) = label {
                out.text.push_str(&format!(" '{label}"));
            }
            out.text.push(';');
        }
        StmtKind::While { label, cond, body } => {
            out.text.push_str(&label_text(label));
            out.text.push_str("while ");
            write_condition(out, cond);
            out.text.push(' ');
            write_block(out, body);
        }
        StmtKind::Loop { label, body } => {
            out.text.push_str(&label_text(label));
            out.text.push_str("loop ");
            write_block(out, body);
        }
        StmtKind::For {
            label,
            pattern,
            iter,
            body,
            ..
        } => {
            out.text.push_str(&label_text(label));
            out.text.push_str(&format!("for {pattern} in "));
            write_condition(out, iter);
            out.text.push(' ');
            write_block(out, body);
        }
        StmtKind::Block { label, body } => {
            out.text.push_str(&label_text(label));
            write_block(out, body);
        }
        StmtKind::Comment(text) => {
            for (i, line) in text.lines().enumerate() {
                if i > 0 {
                    out.text.push('\n');
                }
                out.text.push_str(format!("// {line}").trim_end());
            }
            if text.is_empty() {
                out.text.push_str("//");
            }
        }
        StmtKind::LineComment(text) => {
            if out.text.ends_with('\n') {
                out.text.pop();
            }
            out.text.push_str(format!(" // {text}").trim_end());
        }
        StmtKind::Blank => {}
    }
    out.text.push('\n');
}

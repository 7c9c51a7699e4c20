//! `b"%02X" % x`: bytes that are formatted.
//!
//! Enters: the module. Leaves: the same, where the format shows ints alone: the bytes of the text
//! that the same format makes. This module must not know types.

use super::build::Build;
use crate::ast::{self, BinaryOp, Expr, ExprKind, Module};

/// Rewrites the formats.
pub(super) fn formatted_bytes(module: &mut Module, next_id: &mut u32) {
    ast::rewrite::block(&mut module.body, &mut |e| rewrite(e, next_id));
}

fn rewrite(e: &mut Expr, next_id: &mut u32) {
    let ExprKind::Binary {
        op: BinaryOp::Mod,
        left,
        ..
    } = &mut e.kind
    else {
        return;
    };
    let ExprKind::Bytes(format) = &left.kind else {
        return;
    };
    let Some(text) = of_ints(format) else { return };
    left.kind = ExprKind::Str(text);
    let mut build = Build {
        next_id,
        span: e.span,
    };
    let formatted = build.expr(std::mem::replace(&mut e.kind, ExprKind::None));
    let encode = build.attr(formatted, "encode");
    e.kind = build.call(encode, Vec::new()).kind;
}

/// The text of a format of ASCII that shows nothing but ints.
fn of_ints(format: &[u8]) -> Option<String> {
    let text = format
        .is_ascii()
        .then(|| String::from_utf8(format.to_vec()).ok())??;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        let flags = |c: &char| matches!(c, '0'..='9' | '+' | '-' | '#' | ' ');
        match chars.by_ref().find(|c| !flags(c))? {
            'd' | 'i' | 'x' | 'X' | 'o' | '%' => {}
            _ => return None,
        }
    }
    Some(text)
}

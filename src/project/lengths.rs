//! The length of an array type.
//!
//! Enters: the expression in `[T; N]`. Leaves: its value, where it is made of literals,
//! constants and plain arithmetic. This module must not know what the array holds.

use super::modules::{Import, ModPath};
use super::names::{Found, Space};
use super::sources::Sources;

/// Constants that name constants that name constants…
const MAX_DEPTH: usize = 32;

/// The value of `expr` in `module`.
pub(super) fn length(sources: &mut Sources, module: &ModPath, expr: &syn::Expr) -> Option<usize> {
    usize::try_from(value(sources, module, expr, 0)?).ok()
}

fn value(sources: &mut Sources, module: &ModPath, expr: &syn::Expr, depth: usize) -> Option<i128> {
    if depth > MAX_DEPTH {
        return None;
    }
    let depth = depth + 1;
    match expr {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(int),
            ..
        }) => int.base10_parse().ok(),
        syn::Expr::Paren(inner) => value(sources, module, &inner.expr, depth),
        syn::Expr::Group(inner) => value(sources, module, &inner.expr, depth),
        syn::Expr::Block(block) => match block.block.stmts.as_slice() {
            [syn::Stmt::Expr(inner, None)] => value(sources, module, inner, depth),
            _ => None,
        },
        syn::Expr::Cast(inner) => value(sources, module, &inner.expr, depth),
        syn::Expr::Binary(binary) => {
            let left = value(sources, module, &binary.left, depth)?;
            let right = value(sources, module, &binary.right, depth)?;
            match binary.op {
                syn::BinOp::Add(_) => left.checked_add(right),
                syn::BinOp::Sub(_) => left.checked_sub(right),
                syn::BinOp::Mul(_) => left.checked_mul(right),
                syn::BinOp::Div(_) => left.checked_div(right),
                syn::BinOp::Rem(_) => left.checked_rem(right),
                syn::BinOp::Shl(_) => left.checked_shl(u32::try_from(right).ok()?),
                _ => None,
            }
        }
        syn::Expr::Path(path) if path.qself.is_none() => {
            let import = Import::from_path(&path.path);
            let Found::Const(home, name) = sources.resolve(module, &import, Space::Consts).ok()?
            else {
                return None;
            };
            let expr = sources.crates.get(&home)?.consts.get(&name)?.expr.clone();
            value(sources, &home, &expr, depth)
        }
        _ => None,
    }
}

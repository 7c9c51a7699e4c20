//! Forms that say best what the Python says, and that clippy is told to allow.

use crate::ir::{self, Block, Expr, StmtKind};

/// Clippy would rather have a `type` for a type of many parts.
pub(in crate::lower) const COMPLEX: &str = "#[allow(clippy::type_complexity)]";

/// A method's name promises another receiver than it has.
pub(in crate::lower) const UNCONVENTIONAL: &str = "#[allow(clippy::wrong_self_convention)]";

/// Whether a method is such as `to_x(&mut self)`; `copied`: of a type that is `Copy`.
pub(in crate::lower) fn is_unconventional(function: &ir::Function, copied: bool) -> bool {
    let Some(receiver) = function.receiver.as_deref() else {
        return false;
    };
    match ir::spelling::snake_case(&function.name).split_once('_') {
        Some(("from", _)) => true,
        Some(("into", _)) => receiver != "self",
        Some(("to", rest)) if rest.ends_with("_mut") => receiver != "&mut self",
        Some(("to", _)) => receiver != if copied { "self" } else { "&self" },
        Some(("as", _)) => receiver == "self",
        _ => false,
    }
}

/// Whether `!(a < b)` stands for a comparison that NaN fails.
pub(super) fn negates_order(block: &Block) -> bool {
    fn in_expr(e: &Expr) -> bool {
        use ir::BinOp as B;
        let own = matches!(
            e,
            Expr::Unary(ir::UnOp::Not, inner)
                if matches!(&**inner, Expr::Binary(B::Lt | B::Le | B::Gt | B::Ge, ..))
        );
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        own || exprs.into_iter().any(in_expr) || blocks.into_iter().any(negates_order)
    }
    block.value.as_ref().is_some_and(|v| in_expr(v))
        || block.stmts.iter().any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().any(in_expr) || blocks.into_iter().any(negates_order)
        })
}

/// Whether two comparisons say what clippy would rather have as `(low..high).contains(&x)`,
/// which NaN answers in another way.
pub(super) fn ranges_by_hand(block: &Block) -> bool {
    fn is_constant(e: &Expr) -> bool {
        match e {
            Expr::Atom(text) => !text.starts_with(char::is_lowercase),
            Expr::NegLit(_) | Expr::ConstInt { .. } => true,
            Expr::Unary(ir::UnOp::Neg, inner) => is_constant(inner),
            _ => false,
        }
    }
    /// `x`, whether it lies above, and whether the bound is excluded.
    fn side(e: &Expr) -> Option<(&Expr, bool, bool)> {
        use ir::BinOp as B;
        let Expr::Binary(op @ (B::Lt | B::Le | B::Gt | B::Ge), a, b) = e else {
            return None;
        };
        let above = matches!(op, B::Gt | B::Ge);
        let strict = matches!(op, B::Lt | B::Gt);
        match (is_constant(a), is_constant(b)) {
            (false, true) => Some((a, above, strict)),
            (true, false) => Some((b, !above, strict)),
            _ => None,
        }
    }
    fn in_expr(e: &Expr) -> bool {
        use ir::BinOp as B;
        let own = match e {
            Expr::Binary(op @ (B::And | B::Or), left, right) => {
                let left = match &**left {
                    Expr::Binary(inner, _, last) if inner == op => last,
                    other => other,
                };
                match (side(left), side(right)) {
                    (Some((x, x_above, x_strict)), Some((y, y_above, y_strict))) => {
                        // The lower bound of a range is always a part of it.
                        let low = if x_above { x_strict } else { y_strict };
                        let outside = if x_above { y_strict } else { x_strict };
                        x == y && x_above != y_above && if *op == B::And { !low } else { outside }
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        own || exprs.into_iter().any(in_expr) || blocks.into_iter().any(ranges_by_hand)
    }
    block.value.as_ref().is_some_and(|v| in_expr(v))
        || block.stmts.iter().any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().any(in_expr) || blocks.into_iter().any(ranges_by_hand)
        })
}

/// Whether a loop counts an index that clippy would rather have as an iterator.
pub(super) fn indexes_by_variable(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| {
        let own = match &stmt.kind {
            StmtKind::For {
                names,
                iter: Expr::Range { .. },
                body,
                ..
            } => names.iter().any(|n| indexes(body, n)),
            _ => false,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        own || blocks.into_iter().any(indexes_by_variable)
            || exprs
                .into_iter()
                .any(|e| in_branches(e, &|b| indexes_by_variable(b)))
    })
}

/// Whether a block has `xs[name]`.
fn indexes(block: &Block, name: &str) -> bool {
    fn in_expr(e: &Expr, name: &str) -> bool {
        if matches!(e, Expr::Index(_, i) if matches!(&**i, Expr::Atom(text) if text == name)) {
            return true;
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| in_expr(e, name)) || blocks.into_iter().any(|b| indexes(b, name))
    }
    block.value.as_ref().is_some_and(|v| in_expr(v, name))
        || block.stmts.iter().any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().any(|e| in_expr(e, name))
                || blocks.into_iter().any(|b| indexes(b, name))
        })
}

/// Whether a block within an expression passes a test.
fn in_branches(e: &Expr, test: &dyn Fn(&Block) -> bool) -> bool {
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    blocks.into_iter().any(test) || exprs.into_iter().any(|e| in_branches(e, test))
}

/// Clippy takes `3.14159` for a mistake; the Python says it on purpose.
pub(in crate::lower) const APPROXIMATE: &str = "#[allow(clippy::approx_constant)]";

/// Whether an expression says a constant of mathematics in digits: `3.14159`.
pub(in crate::lower) fn says_constants(e: &Expr) -> bool {
    let own = match e {
        Expr::Atom(text) | Expr::NegLit(text) => is_near_constant(text.trim_start_matches('-')),
        _ => false,
    };
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    own || exprs.into_iter().any(says_constants) || blocks.into_iter().any(names_constants)
}

/// The same for a block.
pub(super) fn names_constants(block: &Block) -> bool {
    block.value.as_ref().is_some_and(|v| says_constants(v))
        || block.stmts.iter().any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().any(says_constants) || blocks.into_iter().any(names_constants)
        })
}

/// Whether clippy takes a literal for a constant that the standard library has.
fn is_near_constant(text: &str) -> bool {
    use std::f64::consts as c;
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    // With the least length of a literal that Clippy looks at.
    let known = [
        (c::PI, 3),
        (c::TAU, 3),
        (c::E, 4),
        (c::FRAC_1_PI, 4),
        (1.618_033_988_749_895, 4),
        (c::SQRT_2, 5),
        (c::LN_2, 5),
        (c::LN_10, 5),
        (c::FRAC_PI_2, 5),
        (c::FRAC_PI_3, 5),
        (c::FRAC_PI_4, 5),
        (c::FRAC_PI_6, 5),
        (c::FRAC_PI_8, 5),
        (c::FRAC_2_PI, 5),
        (c::FRAC_1_SQRT_2, 5),
        (c::LOG2_E, 5),
        (c::LOG10_E, 5),
        (c::LOG2_10, 5),
        (c::LOG10_2, 5),
        (c::FRAC_2_SQRT_PI, 5),
    ];
    let is_near = |text: &str, constant: f64, least: usize| {
        let digits = text.len().saturating_sub(2);
        text.len() > least
            && (constant.to_string().starts_with(text) || format!("{constant:.digits$}") == text)
    };
    known.iter().any(|(k, least)| is_near(text, *k, *least))
}

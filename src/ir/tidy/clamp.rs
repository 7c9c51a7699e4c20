//! Values that are kept between two bounds: `clamp`.
//!
//! Enters: a block. Leaves: the same block, where `if x > HIGH { x = HIGH } else if x < LOW
//! { x = LOW }` is `x = x.clamp(LOW, HIGH)`; so are two such statements in a row, two that
//! return, and an expression with the three values. The bounds are literals and constants of
//! which the lower one is known to be less, so that `clamp` does not panic; NaN stays NaN in
//! both forms. This module must not know Python.

use super::super::expr::{BinOp, Expr, UnOp};
use super::super::{Block, Stmt, StmtKind};
use super::branches::{else_if, only_assignment};
use super::{Known, each_block_mut, only_literals};

/// Rewrites a block and those within.
pub(super) fn bound(block: &mut Block, known: &Known<'_>) {
    each_block_mut(block, &mut |b| bound(b, known));
    each_value_mut(block, &mut |e| {
        if let Some(clamped) = chosen(e, known) {
            *e = clamped;
        }
    });
    let mut at = 0;
    while at < block.stmts.len() {
        one(block, at, known);
        two(block, at, known);
        at += 1;
    }
    returned(block, known);
    at_once(block);
}

/// `let x = y.clamp(LOW, HIGH);` for `let x = y; x = x.clamp(LOW, HIGH);`
fn at_once(block: &mut Block) {
    let mut at = 0;
    while let [first, second] = block.stmts.get_mut(at..at + 2).unwrap_or_default() {
        if let StmtKind::Let {
            name,
            init: Some(init),
            ..
        } = &mut first.kind
            && let StmtKind::Assign {
                place: Expr::Atom(place),
                op: None,
                value: Expr::Method(receiver, clamp, bounds),
            } = &second.kind
            && place == name
            && clamp == "clamp"
            && **receiver == Expr::Atom(name.clone())
            && !only_literals(init)
            && !matches!(init, Expr::Block(_) | Expr::If { .. } | Expr::Match { .. })
        {
            *init = init.clone().method("clamp", bounds.clone());
            block.stmts.remove(at + 1);
        }
        at += 1;
    }
}

/// Calls `f` on every expression of a block that is not in a block within.
fn each_value_mut(block: &mut Block, f: &mut dyn FnMut(&mut Expr)) {
    fn within(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
        e.for_each_child_mut(&mut |e| within(e, f), &mut |_| {});
        f(e);
    }
    for stmt in &mut block.stmts {
        stmt.for_each_child_mut(&mut |e| within(e, f), &mut |_| {});
    }
    if let Some(value) = &mut block.value {
        within(value, f);
    }
}

/// A value, and the bound that it is beyond.
struct Beyond<'e> {
    value: &'e Expr,
    bound: &'e Expr,
    /// Whether it is the upper one.
    upper: bool,
    /// Whether the bound itself is not beyond it.
    strict: bool,
}

/// `x > HIGH` and the like.
fn beyond<'e>(cond: &'e Expr, known: &Known<'_>) -> Option<Beyond<'e>> {
    let Expr::Binary(op, left, right) = cond else {
        return None;
    };
    let (upper, strict) = match op {
        BinOp::Gt => (true, true),
        BinOp::Ge => (true, false),
        BinOp::Lt => (false, true),
        BinOp::Le => (false, false),
        _ => return None,
    };
    let (value, bound, upper) = match (number(left, known), number(right, known)) {
        (None, Some(_)) => (left, right, upper),
        (Some(_), None) => (right, left, !upper),
        _ => return None,
    };
    value.is_simple().then_some(Beyond {
        value,
        bound,
        upper,
        strict,
    })
}

/// The number that a literal or a constant is.
fn number(e: &Expr, known: &Known<'_>) -> Option<f64> {
    match e {
        Expr::Atom(text) | Expr::NegLit(text)
            if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') =>
        {
            text.replace('_', "").parse().ok()
        }
        Expr::Atom(name) | Expr::ConstInt { name, .. } => (known.constant)(name),
        Expr::Unary(UnOp::Neg, inner) => number(inner, known).map(|x| -x),
        _ => None,
    }
}

/// `x.clamp(low, high)` of two tests of one value.
fn clamped(a: &Beyond<'_>, b: &Beyond<'_>, known: &Known<'_>) -> Option<Expr> {
    let (low, high) = match (a.upper, b.upper) {
        (true, false) => (b, a),
        (false, true) => (a, b),
        _ => return None,
    };
    let (least, most) = (number(low.bound, known)?, number(high.bound, known)?);
    // At a bound of zero the sign of the zero would tell the forms apart.
    let signs = |side: &Beyond<'_>, bound: f64| side.strict || bound != 0.0;
    if a.value != b.value || least >= most || least.is_nan() || most.is_nan() {
        return None;
    }
    let same = signs(low, least) && signs(high, most);
    if !same {
        known.clamps_by_hand.set(true);
    }
    same.then(|| {
        let bounds = vec![low.bound.clone(), high.bound.clone()];
        a.value.clone().method("clamp", bounds)
    })
}

/// `if x > HIGH { HIGH } else if x < LOW { LOW } else { x }`
fn chosen(e: &Expr, known: &Known<'_>) -> Option<Expr> {
    let (cond, then, otherwise) = parts(e)?;
    let first = beyond(cond, known)?;
    let (next, second_then, rest) = parts(only_value(otherwise)?)?;
    let second = beyond(next, known)?;
    let fits = only_value(then)? == first.bound
        && only_value(second_then)? == second.bound
        && only_value(rest)? == first.value;
    fits.then(|| clamped(&first, &second, known)).flatten()
}

fn parts(e: &Expr) -> Option<(&Expr, &Block, &Block)> {
    match e {
        Expr::If {
            cond,
            then,
            otherwise: Some(otherwise),
        } => Some((cond, then, otherwise)),
        _ => None,
    }
}

fn only_value(block: &Block) -> Option<&Expr> {
    block.value.as_deref().filter(|_| block.stmts.is_empty())
}

/// `if x > HIGH { x = HIGH } else if x < LOW { x = LOW }`
fn one(block: &mut Block, at: usize, known: &Known<'_>) -> Option<()> {
    let stmt = block.stmts.get_mut(at)?;
    let StmtKind::Expr(Expr::If {
        cond,
        then,
        otherwise: Some(otherwise),
    }) = &mut stmt.kind
    else {
        return None;
    };
    let Expr::If {
        cond: next,
        then: second,
        otherwise: None,
    } = else_if(otherwise)?
    else {
        return None;
    };
    let (a, b) = (beyond(cond, known)?, beyond(next, known)?);
    let sets = sets(then, &a) && sets(second, &b);
    let value = sets.then(|| clamped(&a, &b, known)).flatten()?;
    stmt.kind = StmtKind::Assign {
        place: a.value.clone(),
        op: None,
        value,
    };
    Some(())
}

/// Whether a block does nothing but to set the value to the bound.
fn sets(block: &Block, test: &Beyond<'_>) -> bool {
    only_assignment(block) == Some((test.value, test.bound))
}

/// `if x > HIGH { x = HIGH }`, and after it `if x < LOW { x = LOW }`
fn two(block: &mut Block, at: usize, known: &Known<'_>) -> Option<()> {
    let (first, second) = (block.stmts.get(at)?, block.stmts.get(at + 1)?);
    let (a, then) = test_of(first, known)?;
    let (b, again) = test_of(second, known)?;
    let sets = sets(then, &a) && sets(again, &b);
    let value = sets.then(|| clamped(&a, &b, known)).flatten()?;
    let place = a.value.clone();
    block.stmts.remove(at + 1);
    block.stmts.get_mut(at)?.kind = StmtKind::Assign {
        place,
        op: None,
        value,
    };
    Some(())
}

/// The test and the block of an `if` without `else`.
fn test_of<'s>(stmt: &'s Stmt, known: &Known<'_>) -> Option<(Beyond<'s>, &'s Block)> {
    match &stmt.kind {
        StmtKind::Expr(Expr::If {
            cond,
            then,
            otherwise: None,
        }) => Some((beyond(cond, known)?, then)),
        _ => None,
    }
}

/// `if x > HIGH { return HIGH; } if x < LOW { return LOW; } return x;`
fn returned(block: &mut Block, known: &Known<'_>) -> Option<()> {
    let at = block.stmts.len().checked_sub(3)?;
    let [first, second, last] = block.stmts.get(at..)? else {
        return None;
    };
    let (a, then) = test_of(first, known)?;
    let (b, again) = test_of(second, known)?;
    let StmtKind::Return(Some(value)) = &last.kind else {
        return None;
    };
    let ok = |e: &Expr, of: &Expr| match e {
        Expr::Call(name, args) if name == "Ok" => matches!(args.as_slice(), [x] if x == of),
        _ => false,
    };
    let returns = |block: &Block, of: &Expr, wrapped: bool| match block.stmts.as_slice() {
        [
            Stmt {
                kind: StmtKind::Return(Some(value)),
                ..
            },
        ] if block.value.is_none() => match wrapped {
            true => ok(value, of),
            false => value == of,
        },
        _ => false,
    };
    let wrapped = ok(value, a.value);
    if !(wrapped || value == a.value)
        || !returns(then, a.bound, wrapped)
        || !returns(again, b.bound, wrapped)
    {
        return None;
    }
    let kept = clamped(&a, &b, known)?;
    let kept = match wrapped {
        true => Expr::call("Ok", vec![kept]),
        false => kept,
    };
    block.stmts.truncate(at + 1);
    block.stmts.get_mut(at)?.kind = StmtKind::Return(Some(kept));
    Some(())
}

//! Ints beyond 32 bits of which nothing says the type: Rust would take them for `i32`.
//!
//! Enters: a function's block, or an expression of literals. Leaves: the same with a suffix at
//! the first literal of what leaves 32 bits, or of what a loop runs over whose elements leave
//! them in what is computed. What holds a value of a known type is left alone: it says the type
//! of the rest. This module must not know Python.

use super::{only_literals, type_elements, type_first};
use crate::ir::expr::Expr;
use crate::ir::uses::pattern_names;
use crate::ir::{BinOp, Block, Stmt, StmtKind, UnOp};

/// Says the type of literals beyond 32 bits, where nothing else does.
pub(super) fn type_wide(e: &mut Expr) {
    if only_literals(e) {
        if value_of(e).is_none() {
            type_first(e);
        }
        return;
    }
    match e {
        Expr::Ref(inner) | Expr::Method(inner, _, _) => type_wide(inner),
        Expr::Tuple(items) => items.iter_mut().for_each(type_wide),
        Expr::Array(items) => type_wide_items(items),
        Expr::Macro(name, items) if name == "vec" => type_wide_items(items),
        Expr::Repeat(item, _) => type_wide(item),
        _ => {}
    }
}

/// The first item of a list of literals, one of which is beyond 32 bits.
fn type_wide_items(items: &mut [Expr]) {
    let wide = |item: &Expr| only_literals(item) && value_of(item).is_none();
    match items.iter().all(only_literals) {
        true if items.iter().any(wide) => items.iter_mut().take(1).for_each(type_first),
        true => {}
        false => items.iter_mut().for_each(type_wide),
    }
}

/// The value of an expression of int literals: none where it, or what it is made of, is beyond
/// 32 bits.
fn value_of(e: &Expr) -> Option<i64> {
    let value = match e {
        Expr::Atom(text) => literal(text)?,
        Expr::NegLit(text) => -literal(text.trim_start_matches('-'))?,
        Expr::Unary(UnOp::Neg, inner) => -value_of(inner)?,
        Expr::Unary(UnOp::Not, inner) => !value_of(inner)?,
        Expr::Binary(op, a, b) => {
            let (a, b) = (value_of(a)?, value_of(b)?);
            match op {
                BinOp::Mul => a * b,
                BinOp::Div => a.checked_div(b)?,
                BinOp::Rem => a.checked_rem(b)?,
                BinOp::Add => a + b,
                BinOp::Sub => a - b,
                BinOp::Shl => a.checked_shl(u32::try_from(b).ok().filter(|b| *b < 32)?)?,
                BinOp::Shr => a >> u32::try_from(b).ok().filter(|b| *b < 32)?,
                BinOp::BitAnd => a & b,
                BinOp::BitXor => a ^ b,
                BinOp::BitOr => a | b,
                _ => 0,
            }
        }
        _ => 0,
    };
    i32::try_from(value).ok().map(i64::from)
}

/// The value of a literal; of one that says its type, or is a float, any that fits.
fn literal(text: &str) -> Option<i64> {
    let digits = text.replace('_', "");
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, digits.get(2..)?),
        Some("0b") => (2, digits.get(2..)?),
        Some("0o") => (8, digits.get(2..)?),
        _ => (10, digits.as_str()),
    };
    match digits.chars().all(|c| c.is_digit(radix)) {
        true => i64::from_str_radix(digits, radix).ok(),
        false => Some(0),
    }
}

/// The least and the greatest value that an untyped variable may have.
type Bounds = Vec<(String, i128, i128)>;

/// Says the type of what loops and closures run over, where an element leaves 32 bits in what
/// is computed from untyped values alone.
pub(super) fn type_sources(block: &mut Block) {
    in_block(block, &mut Vec::new());
}

fn in_block(block: &mut Block, bounds: &mut Bounds) {
    let outer = bounds.len();
    for stmt in &mut block.stmts {
        in_stmt(stmt, bounds);
    }
    if let Some(value) = &mut block.value {
        in_expr(value, bounds);
    }
    bounds.truncate(outer);
}

fn in_stmt(stmt: &mut Stmt, bounds: &mut Bounds) {
    match &mut stmt.kind {
        StmtKind::For {
            names, iter, body, ..
        } => {
            in_expr(iter, bounds);
            let outer = bounds.len();
            bounds.extend(elements(iter, names));
            if leaves_in_block(body, &mut bounds.clone()) {
                type_elements(iter, &vec![true; names.len()]);
                bounds.truncate(outer);
            }
            in_block(body, bounds);
            bounds.truncate(outer);
        }
        StmtKind::Let {
            name,
            mutable: false,
            ty: None,
            init: Some(init),
        } => {
            in_expr(init, bounds);
            if let (Some((low, high)), false) = (range_of(init, bounds), only_literals(init)) {
                bounds.push((name.clone(), low, high));
            }
        }
        _ => {
            let shared = std::cell::RefCell::new(bounds);
            stmt.for_each_child_mut(&mut |e| in_expr(e, &mut shared.borrow_mut()), &mut |b| {
                in_block(b, &mut shared.borrow_mut())
            });
        }
    }
}

fn in_expr(e: &mut Expr, bounds: &mut Bounds) {
    if let Expr::Method(source, _, args) = e {
        for arg in args.iter() {
            let Expr::Closure(pattern, body) = arg else {
                continue;
            };
            let names: Vec<String> = pattern_names(pattern).map(str::to_string).collect();
            let mut within = bounds.clone();
            within.extend(elements(source, &names));
            if leaves(body, &mut within) {
                type_elements(source, &vec![true; names.len()]);
            }
        }
    }
    let shared = std::cell::RefCell::new(bounds);
    e.for_each_child_mut(&mut |e| in_expr(e, &mut shared.borrow_mut()), &mut |b| {
        in_block(b, &mut shared.borrow_mut())
    });
}

/// What the names are bound to, one by one, where a loop runs over literals.
fn elements(source: &Expr, names: &[String]) -> Bounds {
    let of = |name: &String, (low, high): (i128, i128)| (name.clone(), low, high);
    match source {
        Expr::Ref(inner) => elements(inner, names),
        Expr::Method(inner, method, _) => match method.as_str() {
            "iter" | "into_iter" | "rev" | "step_by" | "copied" | "cloned" | "filter"
            | "to_vec" | "take" | "skip" | "skip_while" | "take_while" => elements(inner, names),
            _ => Vec::new(),
        },
        Expr::Range { low, high, .. } => {
            let ends = [low, high].map(|end| end.as_deref().and_then(|e| range_of(e, &[])));
            match (ends, names) {
                ([Some(low), Some(high)], [name]) => vec![of(name, hull(low, high))],
                _ => Vec::new(),
            }
        }
        Expr::Array(items) => of_items(items, names),
        Expr::Macro(name, items) if name == "vec" => of_items(items, names),
        _ => Vec::new(),
    }
}

fn of_items(items: &[Expr], names: &[String]) -> Bounds {
    let part = |item: &Expr, i: usize| match item {
        Expr::Tuple(parts) if names.len() > 1 => parts.get(i).and_then(|p| range_of(p, &[])),
        Expr::Tuple(_) => None,
        item => range_of(item, &[]).filter(|_| names.len() == 1),
    };
    let all = |(i, name): (usize, &String)| {
        let parts: Option<Vec<(i128, i128)>> = items.iter().map(|item| part(item, i)).collect();
        let (low, high) = parts?.into_iter().reduce(hull)?;
        Some((name.clone(), low, high))
    };
    names.iter().enumerate().filter_map(all).collect()
}

fn hull(a: (i128, i128), b: (i128, i128)) -> (i128, i128) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// The values of an expression of literals and untyped variables; none of another.
fn range_of(e: &Expr, bounds: &[(String, i128, i128)]) -> Option<(i128, i128)> {
    match e {
        Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            let typed = text.contains(['i', 'u', 'f', '.']) && !text.starts_with("0x");
            let value = literal(text).filter(|_| !typed)?;
            Some((value.into(), value.into()))
        }
        Expr::NegLit(text) => {
            let value = literal(text.trim_start_matches('-'))?;
            Some((-i128::from(value), -i128::from(value)))
        }
        Expr::Atom(name) => {
            let mut known = bounds.iter().rev();
            let (_, low, high) = known.find(|(n, ..)| n == name)?;
            Some((*low, *high))
        }
        Expr::Deref(inner) | Expr::Ref(inner) => range_of(inner, bounds),
        Expr::Unary(UnOp::Neg, inner) => {
            let (low, high) = range_of(inner, bounds)?;
            Some((high.checked_neg()?, low.checked_neg()?))
        }
        Expr::Binary(op, a, b) => {
            let (a, b) = (range_of(a, bounds)?, range_of(b, bounds)?);
            let ends = |f: &dyn Fn(i128, i128) -> Option<i128>| {
                let all = [f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)];
                let all: Option<Vec<i128>> = all.into_iter().collect();
                let all = all?;
                Some((*all.iter().min()?, *all.iter().max()?))
            };
            match op {
                BinOp::Add => ends(&|x, y| x.checked_add(y)),
                BinOp::Sub => ends(&|x, y| x.checked_sub(y)),
                BinOp::Mul => ends(&|x, y| x.checked_mul(y)),
                BinOp::Shl => ends(&|x, y| {
                    let factor = 1_i128.checked_shl(u32::try_from(y).ok().filter(|y| *y < 64)?)?;
                    x.checked_mul(factor)
                }),
                BinOp::Div | BinOp::Rem | BinOp::Shr => Some(hull(a, (0, 0))),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a part of an expression is made of untyped values alone, and leaves 32 bits.
fn leaves(e: &Expr, bounds: &mut Bounds) -> bool {
    if let Expr::Binary(..) = e
        && let Some((low, high)) = range_of(e, bounds)
        && !only_literals(e)
        && (low < i32::MIN.into() || high > i32::MAX.into())
    {
        return true;
    }
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    exprs.into_iter().any(|e| leaves(e, bounds))
        || blocks.into_iter().any(|b| leaves_in_block(b, bounds))
}

fn leaves_in_block(block: &Block, bounds: &mut Bounds) -> bool {
    let outer = bounds.len();
    let mut found = false;
    for stmt in &block.stmts {
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        found |= exprs.into_iter().any(|e| leaves(e, bounds));
        found |= blocks.into_iter().any(|b| leaves_in_block(b, bounds));
        if let StmtKind::Let {
            name,
            mutable: false,
            ty: None,
            init: Some(init),
        } = &stmt.kind
            && let (Some((low, high)), false) = (range_of(init, bounds), only_literals(init))
        {
            bounds.push((name.clone(), low, high));
        }
    }
    found |= block.value.iter().any(|value| leaves(value, bounds));
    bounds.truncate(outer);
    found
}

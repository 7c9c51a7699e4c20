//! Expressions that Rust has a shorter form for: `x == true`, `s == ""`, `.filter(f).next()`,
//! `|x| f(x)`, `-1.0 * x`, texts formatted only to stand in a text.
//!
//! Enters: a block. Leaves: the same block, where each such expression has the form that
//! clippy asks for. Nothing here changes what is computed. This module must not know Python.

use super::super::expr::{BinOp, Expr, UnOp};
use super::super::uses::{Uses, expr_uses, reads};
use super::super::{Block, Stmt};
use super::Known;

/// Rewrites the expressions of a block.
pub(super) fn shorten(block: &mut Block, known: &Known<'_>) {
    for stmt in &mut block.stmts {
        in_stmt(stmt, known);
    }
    if let Some(value) = &mut block.value {
        in_expr(value, known);
    }
}

fn in_stmt(stmt: &mut Stmt, known: &Known<'_>) {
    stmt.for_each_child_mut(&mut |e| in_expr(e, known), &mut |b| shorten(b, known));
}

fn in_expr(e: &mut Expr, known: &Known<'_>) {
    e.for_each_child_mut(&mut |e| in_expr(e, known), &mut |b| shorten(b, known));
    match e {
        Expr::Binary(..) => {
            if let Some(short) = compared(e).or_else(|| negated(e)) {
                *e = short;
            }
        }
        Expr::Method(..) => {
            found_at_once(e);
            error_at_once(e);
            cloned_each(e);
            by_name(e);
            plain_receiver(e);
            in_place_of_parts(e);
            lend_parts(e, known);
            lend_arrays(e, known);
        }
        Expr::Call(..) => {
            lend_parts(e, known);
            lend_arrays(e, known);
        }
        Expr::Macro(name, args) => {
            if name == "matches" {
                args.iter_mut().skip(1).for_each(|pattern| {
                    if let Expr::Atom(text) = pattern {
                        join_range(text);
                    }
                });
            } else if matches!(name.as_str(), "format" | "println" | "print" | "eprintln") {
                format_at_once(args);
            }
        }
        Expr::Match { arms, .. } => arms.iter_mut().for_each(|arm| join_range(&mut arm.pattern)),
        _ => {}
    }
}

/// `result.map_err(|_| error)` for `result.ok().ok_or(error)`.
fn error_at_once(e: &mut Expr) {
    let Expr::Method(option, name, args) = e else {
        return;
    };
    if !matches!(name.as_str(), "ok_or" | "ok_or_else") || args.len() != 1 {
        return;
    }
    if let Expr::Method(result, ok, none) = &**option
        && ok == "ok"
        && none.is_empty()
        && let Some(error) = args.pop()
    {
        let error = match error {
            Expr::Closure(_, error) => *error,
            error => error,
        };
        let told = Expr::Closure("_".into(), Box::new(error));
        *e = (**result).clone().method("map_err", vec![told]);
    }
}

/// `x` for `x == true`, `s.is_empty()` for `s == ""`, `a < b` for `a + 1 <= b`.
fn compared(e: &Expr) -> Option<Expr> {
    let Expr::Binary(op, left, right) = e else {
        return None;
    };
    let literal = |e: &Expr, text: &str| matches!(e, Expr::Atom(own) if own == text);
    match op {
        BinOp::Eq | BinOp::Ne => {
            let sides = [(left, right), (right, left)];
            sides.into_iter().find_map(|(x, other)| {
                let (x, equal) = (&**x, *op == BinOp::Eq);
                if literal(other, "\"\"") && !matches!(x, Expr::Atom(own) if own.starts_with('"')) {
                    let text = match x {
                        Expr::Deref(inner) => &**inner,
                        text => text,
                    };
                    let empty = text.clone().method("is_empty", vec![]);
                    return Some(if equal { empty } else { empty.negate(false) });
                }
                match (literal(other, "true"), literal(other, "false")) {
                    (false, false) => None,
                    (holds, _) if holds == equal => Some(x.clone()),
                    _ => Some(x.clone().negate(false)),
                }
            })
        }
        // Of ints: a float's one is `1.0`.
        BinOp::Le | BinOp::Ge => {
            let (less, more) = match op {
                BinOp::Le => (left, right),
                _ => (right, left),
            };
            let (less, more) = match (&**less, &**more) {
                (Expr::Binary(BinOp::Add, a, one), b) if literal(one, "1") => (&**a, b),
                (a, Expr::Binary(BinOp::Sub, b, one)) if literal(one, "1") => (a, &**b),
                _ => return None,
            };
            Some(match op {
                BinOp::Le => less.clone().binary(BinOp::Lt, more.clone()),
                _ => more.clone().binary(BinOp::Gt, less.clone()),
            })
        }
        _ => None,
    }
}

/// `-x` for `-1.0 * x`.
fn negated(e: &Expr) -> Option<Expr> {
    let Expr::Binary(BinOp::Mul, left, right) = e else {
        return None;
    };
    let one = |e: &Expr| matches!(e, Expr::NegLit(text) if text == "-1.0");
    let number = |e: &Expr| matches!(e, Expr::NegLit(_)) || super::only_literals(e);
    let x = match (one(left), one(right)) {
        (true, false) => right,
        (false, true) => left,
        _ => return None,
    };
    (!number(x)).then(|| Expr::Unary(UnOp::Neg, x.clone()))
}

/// `.find(test)` for `.filter(test).next()`.
fn found_at_once(e: &mut Expr) {
    if let Expr::Method(filtered, next, none) = e
        && next == "next"
        && none.is_empty()
        && let Expr::Method(items, filter, test) = &**filtered
        && filter == "filter"
    {
        *e = (**items).clone().method("find", test.clone());
    }
}

/// `.cloned()` for `.map(|x| x.clone())` of references.
fn cloned_each(e: &mut Expr) {
    let Expr::Method(items, map, args) = e else {
        return;
    };
    if map != "map" || !gives_references(items) {
        return;
    }
    if let [Expr::Closure(param, body)] = args.as_slice()
        && let Expr::Method(value, clone, _) = &**body
        && clone == "clone"
        && matches!(&**value, Expr::Atom(name) if name == param)
    {
        *e = (**items).clone().method("cloned", vec![]);
    }
}

/// Whether an iterator gives references to what a list holds.
fn gives_references(e: &Expr) -> bool {
    let Expr::Method(inner, name, _) = e else {
        return false;
    };
    match name.as_str() {
        "iter" => true,
        "filter" | "skip" | "take" | "rev" | "step_by" | "skip_while" => gives_references(inner),
        _ => false,
    }
}

/// `.map(f)` for `.map(|x| f(x))`, where no reference is looked through on the way.
fn by_name(e: &mut Expr) {
    let Expr::Method(items, map, args) = e else {
        return;
    };
    if map != "map" || !gives_values(items) {
        return;
    }
    if let [Expr::Closure(param, body)] = args.as_slice()
        && let Expr::Call(callee, given) = &**body
        && matches!(given.as_slice(), [Expr::Atom(name)] if name == param)
        && param.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        *args = vec![Expr::Atom(callee.clone())];
    }
}

/// Whether an iterator gives values that are computed or copied.
fn gives_values(e: &Expr) -> bool {
    match e {
        Expr::Range { .. } => true,
        Expr::Method(inner, name, args) => match name.as_str() {
            "into_iter" => matches!(**inner, Expr::Array(_) | Expr::Macro(..)),
            "copied" | "cloned" | "chars" | "bytes" => true,
            "filter" | "skip" | "take" | "rev" | "step_by" | "skip_while" => gives_values(inner),
            "map" => match args.as_slice() {
                [Expr::Closure(_, body)] => matches!(
                    **body,
                    Expr::Call(..) | Expr::Binary(..) | Expr::Cast(..) | Expr::Unary(..)
                ),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// `f().m()` for `(&f()).m()`: a call borrows by itself.
fn plain_receiver(e: &mut Expr) {
    if let Expr::Method(receiver, name, _) = e
        && let Expr::Ref(inner) = &**receiver
        && matches!(**inner, Expr::Call(..) | Expr::Method(..))
        && matches!(
            name.as_str(),
            "repeat" | "len" | "is_empty" | "chars" | "starts_with" | "ends_with" | "contains"
        )
    {
        **receiver = (**inner).clone();
    }
}

/// `|&(k, _)|` for `|&&(ref k, _)|`: a pattern looks through references by itself.
fn in_place_of_parts(e: &mut Expr) {
    let Expr::Method(_, _, args) = e else {
        return;
    };
    for arg in args {
        let Expr::Closure(param, _) = arg else {
            continue;
        };
        let Some(parts) = param
            .trim_start_matches('&')
            .strip_prefix('(')
            .and_then(|p| p.strip_suffix(')'))
        else {
            continue;
        };
        let refs = param.len() - param.trim_start_matches('&').len();
        let lent: Option<Vec<&str>> = parts
            .split(", ")
            .map(|part| match part {
                "_" => Some("_"),
                part => part
                    .strip_prefix("ref ")
                    .filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')),
            })
            .collect();
        if let (Some(lent), Some(refs)) = (lent, refs.checked_sub(1))
            && lent.iter().any(|name| *name != "_")
        {
            *param = format!("{}({})", "&".repeat(refs), lent.join(", "));
        }
    }
}

/// `f(&xs[1..])` for `f(&xs[1..].to_vec())`, where nothing else that the call gets can change
/// the list.
fn lend_parts(e: &mut Expr, known: &Known<'_>) {
    let (args, receiver) = match e {
        Expr::Call(_, args) => (args, None),
        Expr::Method(receiver, name, args) if name == "call" || (known.is_own)(name) => {
            (args, Some(&**receiver))
        }
        _ => return,
    };
    for i in 0..args.len() {
        let (before, rest) = args.split_at_mut(i);
        let Some((arg, after)) = rest.split_first_mut() else {
            continue;
        };
        let Expr::Ref(copy) = &*arg else { continue };
        let Expr::Method(part, to_vec, _) = &**copy else {
            continue;
        };
        let Some(root) = root(part) else { continue };
        let mut others = before.iter().chain(after.iter());
        if to_vec != "to_vec"
            || root == "self"
            || receiver.is_some_and(|receiver| reads(receiver, root))
            || others.any(|other| changes(other, root))
        {
            continue;
        }
        if part.is_part() {
            *arg = Expr::Ref(part.clone());
        } else if part.is_slice() {
            *arg = (**part).clone();
        }
    }
}

/// Whether an expression changes a variable, or lends it to be changed.
fn changes(e: &Expr, name: &str) -> bool {
    let mut uses = Uses::default();
    expr_uses(e, name, &mut uses);
    uses.mutations > 0 || uses.assigns > 0
}

/// The variable of `xs[1..]` and `xs.get(1..2).unwrap_or_default()`.
fn root(e: &Expr) -> Option<&str> {
    match e {
        Expr::Atom(name) => Some(name),
        Expr::Field(base, _) | Expr::Index(base, _) | Expr::Deref(base) => root(base),
        Expr::Method(base, name, _) if matches!(name.as_str(), "get" | "unwrap_or_default") => {
            root(base)
        }
        _ => None,
    }
}

/// `f(&[a, b])` for `f(&vec![a, b])`, of a function of the file.
fn lend_arrays(e: &mut Expr, known: &Known<'_>) {
    let (Expr::Call(name, args) | Expr::Method(_, name, args)) = e else {
        return;
    };
    for arg in args {
        if let Expr::Ref(list) = arg
            && let Expr::Macro(vec, items) = &mut **list
            && vec == "vec"
            && !items.is_empty()
            && !matches!(items.as_slice(), [Expr::Repeat(..)])
            && ((known.is_own)(name) || (known.is_helper)(name))
        {
            **list = Expr::Array(std::mem::take(items));
        }
    }
}

/// `0..=3` for `0 | 1 | 2 | 3`.
fn join_range(pattern: &mut String) {
    let ints: Option<Vec<i64>> = pattern.split(" | ").map(|part| part.parse().ok()).collect();
    let Some(ints) = ints.filter(|ints| ints.len() > 2) else {
        return;
    };
    let in_order = ints.windows(2).all(|w| match w {
        [a, b] => a.checked_add(1) == Some(*b),
        _ => false,
    });
    if let (true, Some(first), Some(last)) = (in_order, ints.first(), ints.last()) {
        *pattern = format!("{first}..={last}");
    }
}

/// `format!("a {x:#b}")` for `format!("a {}", format!("{x:#b}"))`, and no `to_string` of what
/// is formatted.
fn format_at_once(args: &mut Vec<Expr>) {
    let Some((Expr::Atom(format), values)) = args.split_first() else {
        return;
    };
    let Some(pieces) = pieces(format) else {
        return;
    };
    if pieces.iter().filter(|p| p.positional()).count() != values.len() {
        return;
    }
    let mut values = values.iter();
    let (mut text, mut given, mut changed) = (String::new(), Vec::new(), false);
    for piece in pieces {
        let value = match piece.positional() {
            true => values.next(),
            false => None,
        };
        match (piece, value) {
            (Piece::Argument("{}"), Some(value)) => match value {
                Expr::Macro(name, inner) if name == "format" => {
                    let Some((Expr::Atom(own), inner)) = inner.split_first() else {
                        return;
                    };
                    let own = own.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
                    let Some(own) = own else { return };
                    text.push_str(own);
                    given.extend(inner.iter().cloned());
                    changed = true;
                }
                Expr::Method(shown, to_string, none)
                    if to_string == "to_string"
                        && none.is_empty()
                        && !matches!(**shown, Expr::Deref(_)) =>
                {
                    text.push_str("{}");
                    given.push((**shown).clone());
                    changed = true;
                }
                value => {
                    text.push_str("{}");
                    given.push(value.clone());
                }
            },
            (Piece::Text(own) | Piece::Argument(own), value) => {
                text.push_str(own);
                given.extend(value.cloned());
            }
        }
    }
    if changed {
        *args = vec![Expr::Atom(format!("\"{text}\""))];
        args.extend(given);
    }
}

/// A piece of a format string.
enum Piece<'f> {
    /// What is written as it stands.
    Text(&'f str),
    /// `{…}`
    Argument(&'f str),
}

impl Piece<'_> {
    /// Whether it takes the next argument.
    fn positional(&self) -> bool {
        matches!(self, Piece::Argument(text) if text.starts_with("{}") || text.starts_with("{:"))
    }
}

/// The pieces of a format string; none where a width or precision is an argument.
fn pieces(literal: &str) -> Option<Vec<Piece<'_>>> {
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut found = Vec::new();
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        if from.starts_with("{{") {
            let (text, later) = rest.split_at(open + 2);
            found.push(Piece::Text(text));
            rest = later;
            continue;
        }
        if before.ends_with('\\') || before.ends_with("\\u") {
            return None;
        }
        let (argument, later) = from.split_at(from.find('}')? + 1);
        if argument.contains(['$', '*']) {
            return None;
        }
        found.push(Piece::Text(before));
        found.push(Piece::Argument(argument));
        rest = later;
    }
    found.push(Piece::Text(rest));
    Some(found)
}

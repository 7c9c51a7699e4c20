//! Options that are looked into again and again, to change what they hold: once.
//!
//! Enters: a block. Leaves: the same block, where the first `place.as_mut().ok_or(…)?` gets a
//! name that stands for the others, and what lies at `place` is lent to be changed where a
//! name for it was there already. The name is used no more once anything else may touch the
//! place. This module must not know Python.

mod flow;

use super::super::expr::Expr;
use super::super::uses::{Uses, mentions, stmts_uses};
use super::super::{Block, Stmt, StmtKind};
use flow::Flow;

/// Names what is looked into more than once.
pub(super) fn lend_once(body: &mut Block) {
    if flow::changes_any(body) {
        let whole = body.clone();
        in_block(body, &whole);
    }
}

/// A block; `whole` is the function's.
fn in_block(block: &mut Block, whole: &Block) {
    let mut at = 0;
    while at < block.stmts.len() {
        bound_before(block, at);
        named_from(block, at, whole);
        at += 1;
    }
    for stmt in &mut block.stmts {
        stmt.for_each_child_mut(&mut |e| in_expr(e, whole), &mut |b| in_block(b, whole));
    }
    if let Some(value) = &mut block.value {
        in_expr(value, whole);
    }
}

fn in_expr(e: &mut Expr, whole: &Block) {
    if let Expr::If { cond, then, .. } = e
        && let Expr::Let(pattern, init) = &mut **cond
        && let (Some(name), Expr::Ref(place)) = (some_name(pattern), &**init)
        && is_path(place)
        && replace(&mut then.stmts, then.value.as_deref_mut(), place, name)
    {
        **init = Expr::RefMut(place.clone());
    }
    e.for_each_child_mut(&mut |e| in_expr(e, whole), &mut |b| in_block(b, whole));
    if let Expr::If { cond, then, .. } = e {
        tested(cond, then);
    }
}

/// `x` of `Some(x)`.
fn some_name(pattern: &str) -> Option<&str> {
    let name = pattern.strip_prefix("Some(")?.strip_suffix(')')?;
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    name.chars().all(plain).then_some(name)
}

/// `if let Some(x) = &mut place` for `if place.is_some() { let x = place.as_mut().ok_or(…)?; … }`.
fn tested(cond: &mut Expr, then: &mut Block) {
    let Expr::Method(place, is_some, _) = &*cond else {
        return;
    };
    let Some(Stmt {
        kind:
            StmtKind::LetPattern {
                pattern,
                init,
                otherwise: None,
                ..
            },
        ..
    }) = then.stmts.first()
    else {
        return;
    };
    if is_some != "is_some" || lookup_of(init, place) != Some(true) {
        return;
    }
    *cond = Expr::Let(
        format!("Some({pattern})"),
        Box::new(Expr::RefMut(place.clone())),
    );
    then.stmts.remove(0);
}

/// The place of `place.as_ref().ok_or(…)?`, and whether it is `as_mut`.
fn lookup(e: &Expr) -> Option<(&Expr, bool)> {
    let Expr::Try(inner) = e else { return None };
    let Expr::Method(option, ok_or, _) = &**inner else {
        return None;
    };
    let Expr::Method(place, as_, none) = &**option else {
        return None;
    };
    let known = ok_or == "ok_or" && none.is_empty() && is_path(place);
    match as_.as_str() {
        "as_ref" if known => Some((place, false)),
        "as_mut" if known => Some((place, true)),
        _ => None,
    }
}

/// Whether it looks into what lies at `place`, and if so whether to change it.
fn lookup_of(e: &Expr, place: &Expr) -> Option<bool> {
    lookup(e)
        .filter(|(of, _)| *of == place)
        .map(|(_, mutable)| mutable)
}

/// `a.b.c`
fn is_path(e: &Expr) -> bool {
    match e {
        Expr::Atom(name) => name.chars().all(|c| c.is_alphanumeric() || c == '_'),
        Expr::Field(base, _) => is_path(base),
        _ => false,
    }
}

/// A name that is there for what lies at a place is lent to be changed, where what follows
/// changes it.
fn bound_before(block: &mut Block, at: usize) {
    let (before, after) = block.stmts.split_at_mut(at + 1);
    let Some(Stmt {
        kind:
            StmtKind::LetPattern {
                pattern,
                init,
                otherwise,
                ..
            },
        ..
    }) = before.last_mut()
    else {
        return;
    };
    let value = block.value.as_deref_mut();
    match (&mut *init, otherwise) {
        (Expr::Ref(place), Some(_)) if is_path(place) => {
            if let Some(name) = some_name(pattern)
                && replace_in(after, value, place, name)
            {
                *init = Expr::RefMut(place.clone());
            }
        }
        (init, None) => {
            let Some((place, false)) = lookup(init) else {
                return;
            };
            let place = place.clone();
            if is_path(&Expr::atom(pattern.as_str())) && replace_in(after, value, &place, pattern) {
                to_change(init);
            }
        }
        _ => {}
    }
    block.stmts.retain(|stmt| !is_gone(stmt));
}

/// `place.as_mut().ok_or(…)?` for `place.as_ref().ok_or(…)?`.
fn to_change(init: &mut Expr) {
    if let Expr::Try(inner) = init
        && let Expr::Method(option, _, _) = &mut **inner
        && let Expr::Method(_, as_, _) = &mut **option
    {
        *as_ = "as_mut".into();
    }
}

/// A statement that begins with such a look, of which more follow, gives it a name.
fn named_from(block: &mut Block, at: usize, whole: &Block) {
    let Some(first) = block.stmts.get(at).and_then(flow::first_lookup) else {
        return;
    };
    let Some((place, _)) = lookup(first) else {
        return;
    };
    let (place, mut init) = (place.clone(), first.clone());
    let Some(name) = free_name(&place, whole) else {
        return;
    };
    let span = block.stmts.get(at).and_then(|stmt| stmt.span);
    let Some(rest) = block.stmts.get_mut(at..) else {
        return;
    };
    let value = block.value.as_deref_mut();
    if flow::lookups(rest, value.as_deref(), &place) < 2 || !replace_in(rest, value, &place, &name)
    {
        return;
    }
    to_change(&mut init);
    block.stmts.retain(|stmt| !is_gone(stmt));
    let kind = StmtKind::LetPattern {
        pattern: name.clone(),
        names: vec![name],
        init,
        otherwise: None,
    };
    block.stmts.insert(at, Stmt { span, kind });
}

/// What the place is called, if nothing else is called so.
fn free_name(place: &Expr, whole: &Block) -> Option<String> {
    let (Expr::Field(_, last) | Expr::Atom(last)) = place else {
        return None;
    };
    let candidates = [last.clone(), format!("{last}_value")];
    let free = |name: &String| {
        !matches!(name.as_str(), "self" | "state" | "input" | "output" | "ctx")
            && name.starts_with(|c: char| c.is_lowercase())
            && !mentions(whole, name)
            && !flow::binds(&whole.stmts, whole.value.as_deref(), name)
    };
    candidates.into_iter().find(free)
}

/// As [`replace_in`], of a whole block.
fn replace(stmts: &mut Vec<Stmt>, value: Option<&mut Expr>, place: &Expr, name: &str) -> bool {
    let done = replace_in(stmts, value, place, name);
    stmts.retain(|stmt| !is_gone(stmt));
    done
}

/// Replaces the looks into `place` by `name`, from the first statement on as far as that is
/// sound; whether there was one that changes what is there. Statements that only named it
/// again are gone.
fn replace_in(stmts: &mut [Stmt], mut value: Option<&mut Expr>, place: &Expr, name: &str) -> bool {
    let Some(until) = reach(stmts, value.as_deref(), place, name) else {
        return false;
    };
    let with_value = until > stmts.len();
    for stmt in stmts.iter_mut().take(until) {
        in_stmt(stmt, place, name);
    }
    if let (Some(value), true) = (&mut value, with_value) {
        in_place(value, place, name);
    }
    true
}

/// How many of the statements may use the name, the value at the end being one more.
fn reach(stmts: &[Stmt], value: Option<&Expr>, place: &Expr, name: &str) -> Option<usize> {
    let all = stmts.len() + usize::from(value.is_some());
    (1..=all).rev().find(|until| {
        let part = stmts.get(..(*until).min(stmts.len())).unwrap_or(stmts);
        let last = value.filter(|_| *until > stmts.len());
        let rest = stmts.get(part.len()..).unwrap_or(&[]);
        let later = value.filter(|_| last.is_none());
        flow::changes(part, last, place)
            && !is_used(rest, later, name)
            && Flow::of(place, name).allows(part, last)
    })
}

fn is_used(stmts: &[Stmt], value: Option<&Expr>, name: &str) -> bool {
    let mut uses = Uses::default();
    let shadowed = stmts_uses(stmts, name, &mut uses);
    let at_end = !shadowed && value.is_some_and(|v| super::super::uses::reads(v, name));
    uses != Uses::default() || at_end
}

fn in_stmt(stmt: &mut Stmt, place: &Expr, name: &str) {
    if renames(stmt, place, name) {
        stmt.kind = GONE;
        return;
    }
    stmt.for_each_child_mut(&mut |e| in_place(e, place, name), &mut |b| {
        within(b, place, name);
    });
    if let StmtKind::Assign {
        place: target,
        op: op @ None,
        value,
    } = &mut stmt.kind
        && let Expr::Binary(with, left, right) = value
        && *left == Box::new(target.clone())
        && with.is_compound()
        && is_path(target)
        && !super::super::uses::reads(right, name)
    {
        *op = Some(*with);
        *value = (**right).clone();
    }
}

/// `let name = place.as_ref().ok_or(…)?;`
fn renames(stmt: &Stmt, place: &Expr, name: &str) -> bool {
    matches!(&stmt.kind, StmtKind::LetPattern { pattern, init, otherwise: None, .. }
        if pattern == name && lookup_of(init, place).is_some())
}

/// What stands in the place of a statement that is not needed any more.
const GONE: StmtKind = StmtKind::Comment(String::new());

fn is_gone(stmt: &Stmt) -> bool {
    stmt.kind == GONE
}

fn in_place(e: &mut Expr, place: &Expr, name: &str) {
    if lookup_of(e, place).is_some() {
        *e = Expr::atom(name);
        return;
    }
    e.for_each_child_mut(&mut |e| in_place(e, place, name), &mut |b| {
        within(b, place, name);
    });
}

fn within(block: &mut Block, place: &Expr, name: &str) {
    block.stmts.iter_mut().for_each(|s| in_stmt(s, place, name));
    block.stmts.retain(|stmt| !is_gone(stmt));
    if let Some(value) = &mut block.value {
        in_place(value, place, name);
    }
}

//! Branches and assignments that Rust has a shorter form for: `x = cond`, `x += y`,
//! `if a || b`, `xs.retain(…)`.
//!
//! Enters: a block. Leaves: the same block, where `if c { x = true } else { x = false }` is
//! `x = c`, where two branches in a row that do the same are one, and where a list that is
//! filtered into itself keeps what it is to. This module must not know Python.

use super::super::expr::{BinOp, Expr};
use super::super::print::{Printed, write_block};
use super::super::uses::reads;
use super::super::{Block, Stmt, StmtKind};
use super::each_block_mut;

/// Joins the branches of a block and of those within.
pub(super) fn join(block: &mut Block) {
    each_block_mut(block, &mut join);
    for stmt in &mut block.stmts {
        match &mut stmt.kind {
            StmtKind::Expr(e @ Expr::If { .. }) => {
                same_branches(e);
                if let Some((place, value)) = as_assignment(e) {
                    stmt.kind = StmtKind::Assign {
                        place,
                        op: None,
                        value,
                    };
                }
            }
            StmtKind::Assign { .. } => {
                compound(stmt);
                retain(stmt);
            }
            _ => {}
        }
    }
}

/// The value for `x = value;` before a `return x`, and at the end of a function.
pub(super) fn given_back(body: &mut Block) {
    fn returned(block: &mut Block) {
        each_block_mut(block, &mut returned);
        let Some([.., assign, last]) = block.stmts.get_mut(..) else {
            return;
        };
        if let StmtKind::Return(Some(given)) = &mut last.kind
            && put_in_place(assign, given)
        {
            let at = block.stmts.len() - 2;
            block.stmts.remove(at);
        }
    }
    returned(body);
    if let (Some(last), Some(value)) = (body.stmts.last(), &mut body.value)
        && put_in_place(last, value)
    {
        body.stmts.pop();
    }
}

/// Whether an assignment's value stands now where its variable was given.
fn put_in_place(stmt: &Stmt, given: &mut Expr) -> bool {
    let StmtKind::Assign {
        place: Expr::Atom(name),
        op: None,
        value,
    } = &stmt.kind
    else {
        return false;
    };
    let given = match given {
        Expr::Call(ok, args) if ok == "Ok" => args.first_mut(),
        plain => Some(plain),
    };
    match given {
        Some(given) if *given == Expr::Atom(name.clone()) => {
            *given = value.clone();
            true
        }
        _ => false,
    }
}

/// `if a || b { … }` for `if a { … } else if b { … }` with the same block twice.
fn same_branches(e: &mut Expr) {
    if let Expr::If {
        otherwise: Some(otherwise),
        ..
    } = e
        && let Some(next) = else_if(otherwise)
    {
        same_branches(next);
    }
    let Expr::If {
        cond,
        then,
        otherwise: Some(otherwise),
    } = e
    else {
        return;
    };
    let Some(Expr::If {
        cond: second,
        then: again,
        otherwise: rest,
    }) = else_if(otherwise)
    else {
        return;
    };
    if cond.has_let() || second.has_let() || text(then) != text(again) {
        return;
    }
    let joined = (**cond).clone().binary(BinOp::Or, (**second).clone());
    *e = Expr::If {
        cond: Box::new(joined),
        then: then.clone(),
        otherwise: rest.take(),
    };
}

/// The `if` that is all that an `else` has.
pub(super) fn else_if(block: &mut Block) -> Option<&mut Expr> {
    match (block.stmts.as_mut_slice(), &mut block.value) {
        ([], Some(value)) => Some(&mut **value).filter(|e| matches!(e, Expr::If { .. })),
        ([stmt], None) => match &mut stmt.kind {
            StmtKind::Expr(e @ Expr::If { .. }) => Some(e),
            _ => None,
        },
        _ => None,
    }
}

fn text(block: &Block) -> String {
    let mut out = Printed::default();
    write_block(&mut out, block);
    out.text
}

/// `x` and `cond` of `if cond { x = true } else { x = false }`.
fn as_assignment(e: &Expr) -> Option<(Expr, Expr)> {
    let Expr::If {
        cond,
        then,
        otherwise: Some(otherwise),
    } = e
    else {
        return None;
    };
    let (place, yes) = only_assignment(then)?;
    let (other, no) = only_assignment(otherwise)?;
    let literal = |e: &Expr| match e {
        Expr::Atom(text) if text == "true" => Some(true),
        Expr::Atom(text) if text == "false" => Some(false),
        _ => None,
    };
    if place != other || cond.has_let() {
        return None;
    }
    match (literal(yes)?, literal(no)?) {
        (true, false) => Some((place.clone(), (**cond).clone())),
        (false, true) => Some((place.clone(), (**cond).clone().negate(false))),
        _ => None,
    }
}

/// The place and value of `{ place = value; }`, of a place that nothing computes.
pub(super) fn only_assignment(block: &Block) -> Option<(&Expr, &Expr)> {
    match (block.stmts.as_slice(), &block.value) {
        (
            [
                Stmt {
                    kind:
                        StmtKind::Assign {
                            place,
                            op: None,
                            value,
                        },
                    ..
                },
            ],
            None,
        ) if place.is_simple() => Some((place, value)),
        _ => None,
    }
}

/// `x += y` for `x = x + y`.
fn compound(stmt: &mut Stmt) {
    if let StmtKind::Assign {
        place,
        op: op @ None,
        value,
    } = &mut stmt.kind
        && let Expr::Binary(with, left, right) = value
        && with.is_compound()
        && **left == *place
        && place.is_simple()
        && right.is_simple()
    {
        *op = Some(*with);
        *value = (**right).clone();
    }
}

/// `xs.retain(|&x| …)` for `xs = xs.iter().filter(|&&x| …).copied().collect()`.
fn retain(stmt: &mut Stmt) {
    let StmtKind::Assign {
        place,
        op: None,
        value,
    } = &stmt.kind
    else {
        return;
    };
    let mut chain = value;
    let mut args_of = |wanted: &str| match chain {
        Expr::Method(inner, name, args) if name == wanted => {
            chain = inner;
            Some(args)
        }
        _ => None,
    };
    let steps = ["collect", "copied", "filter", "iter"].map(&mut args_of);
    let [Some(_), Some(_), Some(test), Some(_)] = steps else {
        return;
    };
    if chain != place || !place.is_simple() {
        return;
    }
    let Some(root) = root(place) else { return };
    if let [Expr::Closure(param, body)] = test.as_slice()
        && let Some(param) = param.strip_prefix("&&")
        && !reads(body, root)
        && !body.can_fail()
    {
        let keep = Expr::Closure(format!("&{param}"), body.clone());
        stmt.kind = StmtKind::Expr(place.clone().method("retain", vec![keep]));
    }
}

/// The variable that a place begins with.
fn root(e: &Expr) -> Option<&str> {
    match e {
        Expr::Atom(name) => Some(name),
        Expr::Field(base, _) | Expr::Deref(base) => root(base),
        _ => None,
    }
}

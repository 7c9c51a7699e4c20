//! Blocks within expressions, opened: what they do first stands before the statement.
//!
//! Enters: a function's block. Leaves: the same block, in which the first thing that a
//! statement evaluates is no block. Nothing here changes what the code does. This module
//! must not know Python.

use super::expr::Expr;
use super::rename::rename;
use super::uses::mentioned_in;
use super::{Block, Stmt, StmtKind};

/// Opens the blocks that are evaluated first in a statement.
pub fn open_blocks(block: &mut Block) {
    super::tidy::each_block_mut(block, &mut open_blocks);
    let mut i = 0;
    while i < block.stmts.len() {
        let (before, after) = block.stmts.split_at_mut(i + 1);
        let after = (&*after, block.value.as_deref());
        let opened = before.last_mut().and_then(|stmt| open(stmt, after));
        match opened {
            Some(replacement) => {
                block.stmts.splice(i..=i, replacement);
            }
            None => i += 1,
        }
    }
}

/// The statements that a statement becomes.
fn open(stmt: &mut Stmt, after: (&[Stmt], Option<&Expr>)) -> Option<Vec<Stmt>> {
    if let StmtKind::Let {
        name,
        mutable,
        ty,
        init: Some(Expr::Block(inner)),
    } = &mut stmt.kind
        && let Some(held) = held_name(inner)
        && !mentioned_in(&inner.stmts, None, name)
    {
        // `let x = { let mut v = …; …; v };`: `x` from the start.
        let mut inner = inner.clone();
        rename(&mut inner, &held, name);
        if let Some(Stmt {
            kind: StmtKind::Let {
                mutable: m, ty: t, ..
            },
            ..
        }) = inner.stmts.first_mut()
        {
            *m |= *mutable;
            *t = t.take().or(ty.take());
        }
        return Some(inner.stmts);
    }
    first_block_slot(slot_of(stmt)?)?;
    let mut beside = stmt.clone();
    let place = first_block_slot(slot_of(&mut beside)?)?;
    let Expr::Block(block) = std::mem::replace(place, Expr::Tuple(Vec::new())) else {
        return None;
    };
    // What stands beside the block, and behind it, has names of its own.
    let beside = [beside];
    let hides =
        |name: &str| mentioned_in(after.0, after.1, name) || mentioned_in(&beside, None, name);
    if block.stmts.iter().filter_map(bound_name).any(hides) {
        return None;
    }
    *first_block_slot(slot_of(stmt)?)? = *block.value?;
    let mut stmts = block.stmts;
    stmts.push(stmt.clone());
    Some(stmts)
}

/// What a statement evaluates first.
fn slot_of(stmt: &mut Stmt) -> Option<&mut Expr> {
    match &mut stmt.kind {
        StmtKind::Let { init, .. } => init.as_mut(),
        StmtKind::LetPattern { init, .. } => Some(init),
        StmtKind::Assign { value, .. } => Some(value),
        StmtKind::Expr(e) => Some(e),
        StmtKind::Return(value) => value.as_mut(),
        StmtKind::For { iter, .. } => Some(iter),
        StmtKind::Break(_)
        | StmtKind::Continue(_)
        | StmtKind::While { .. }
        | StmtKind::Loop { .. }
        | StmtKind::Block { .. }
        | StmtKind::Comment(_)
        | StmtKind::LineComment(_)
        | StmtKind::Blank => None,
    }
}

/// The variable that a block declares first and gives at its end.
fn held_name(block: &Block) -> Option<String> {
    let Expr::Atom(value) = block.value.as_deref()? else {
        return None;
    };
    let declared = block.stmts.first().and_then(bound_name)? == value;
    declared.then(|| value.clone())
}

fn bound_name(stmt: &Stmt) -> Option<&str> {
    match &stmt.kind {
        StmtKind::Let { name, .. } => Some(name),
        _ => None,
    }
}

/// The block that is evaluated before everything else in an expression.
fn first_block_slot(e: &mut Expr) -> Option<&mut Expr> {
    let plain = |e: &Expr| {
        matches!(e, Expr::NegLit(_) | Expr::ConstInt { .. })
            || matches!(e, Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit() || c == '"'))
    };
    match e {
        Expr::Block(block) if block.value.is_some() && !block.stmts.is_empty() => Some(e),
        Expr::Field(inner, _)
        | Expr::Unary(_, inner)
        | Expr::Cast(inner, _)
        | Expr::Ref(inner)
        | Expr::Deref(inner)
        | Expr::Try(inner)
        | Expr::Method(inner, _, _)
        | Expr::Index(inner, _)
        | Expr::Binary(_, inner, _) => first_block_slot(inner),
        Expr::If { cond, .. } if !cond.has_let() => first_block_slot(cond),
        Expr::Match { subject, .. } => first_block_slot(subject),
        Expr::Call(_, args) | Expr::Macro(_, args) | Expr::Tuple(args) | Expr::Array(args) => {
            let at = args.iter().position(|a| !plain(a))?;
            first_block_slot(args.get_mut(at)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `({ let n = 1; n }, other)`
    fn pair(other: &str) -> Block {
        let n = Stmt::new(StmtKind::Let {
            name: "n".into(),
            mutable: false,
            ty: None,
            init: Some(Expr::atom("1")),
        });
        let inner = Expr::Block(Block {
            stmts: vec![n],
            value: Some(Box::new(Expr::atom("n"))),
        });
        let both = Expr::Tuple(vec![inner, Expr::atom(other)]);
        Block::of(vec![Stmt::new(StmtKind::Expr(both))])
    }

    #[test]
    fn a_name_beside_a_block_is_not_hidden_by_it() {
        let mut opened = pair("m");
        open_blocks(&mut opened);
        assert_eq!(opened.stmts.len(), 2);
        let mut kept = pair("n");
        open_blocks(&mut kept);
        assert_eq!(kept, pair("n"));
    }
}

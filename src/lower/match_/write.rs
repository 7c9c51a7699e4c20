//! The `match`, `if let` or chain of tests that cases become.

use super::pat::{Pat, text_of};
use super::scrutinee;
use crate::ir::uses::mentions;
use crate::ir::{Arm, Block, Expr, StmtKind};
use crate::lower::function::FnLower;
use crate::source::Span;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// Writes the cases: as `match`, or as what reads better.
    pub(super) fn emit_match(
        &mut self,
        vals: &[Val],
        mut arms: Vec<(Pat, Option<Expr>, Block)>,
        mut exhaustive: bool,
        at: Span,
    ) {
        for (pat, guard, body) in &mut arms {
            let unread = |name: &str| {
                !mentions(body, name)
                    && guard
                        .as_ref()
                        .is_none_or(|guard| !mentions(&Block::value(guard.clone()), name))
            };
            forget_unread(pat, &unread);
        }
        // `case _: pass` says nothing.
        if matches!(arms.last(), Some((Pat::Any(None), None, body)) if body.stmts.is_empty()) {
            arms.pop();
            exhaustive = false;
        }
        if arms.iter().all(|(pat, _, _)| *pat == Pat::Any(None)) {
            // Nothing but conditions.
            let mut chain: Option<Block> = None;
            for (_, guard, body) in arms.into_iter().rev() {
                chain = Some(match guard {
                    None => body,
                    Some(cond) => Block::of(vec![crate::ir::Stmt::at(
                        at,
                        StmtKind::Expr(Expr::If {
                            cond: Box::new(cond),
                            then: body,
                            otherwise: chain.filter(|b| !b.stmts.is_empty()),
                        }),
                    )]),
                });
            }
            let mut stmts = chain.unwrap_or_default().stmts;
            if let ([one], true) = (stmts.as_slice(), stmts.len() == 1)
                && matches!(one.kind, StmtKind::Expr(_))
            {
                self.out.append(&mut stmts);
            } else if !stmts.is_empty() {
                self.emit(
                    at,
                    StmtKind::Block {
                        label: None,
                        body: Block::of(stmts),
                    },
                );
            }
            return;
        }
        let mut subjects: Vec<Expr> = vals.iter().map(scrutinee).collect();
        let subject = match subjects.len() {
            1 => subjects.remove(0),
            _ => Expr::Tuple(subjects),
        };
        if let ([(pat, None, body)], false) = (arms.as_slice(), exhaustive) {
            let cond = match (&subject, pat) {
                (_, Pat::Lit(text)) if text == "true" => subject,
                (_, Pat::Lit(text)) if text == "false" => {
                    Expr::Unary(crate::ir::UnOp::Not, Box::new(subject))
                }
                _ => Expr::Let(text_of(pat), Box::new(subject)),
            };
            self.emit(
                at,
                StmtKind::Expr(Expr::If {
                    cond: Box::new(cond),
                    then: body.clone(),
                    otherwise: None,
                }),
            );
            return;
        }
        let mut out: Vec<Arm> = arms
            .into_iter()
            .map(|(pat, guard, body)| Arm {
                pattern: text_of(&pat),
                guard,
                body,
            })
            .collect();
        if !exhaustive {
            out.push(Arm::of("_", Block::default()));
        }
        self.emit(
            at,
            StmtKind::Expr(Expr::Match {
                subject: Box::new(subject),
                arms: out,
            }),
        );
    }
}

/// Leaves a variant without a name that nobody reads: of a class, its constants may be all that
/// is asked.
fn forget_unread(pat: &mut Pat, unread: &dyn Fn(&str) -> bool) {
    match pat {
        Pat::Variant(_, name) => {
            name.take_if(|name| unread(name));
        }
        Pat::Some(inner) => forget_unread(inner, unread),
        _ => {}
    }
}

/// Drops the names at the start of a case's body that only its guard reads.
pub(super) fn drop_unread(body: &mut Block, bound: usize) {
    for i in (0..bound.min(body.stmts.len())).rev() {
        let Some(StmtKind::Let { name, .. }) = body.stmts.get(i).map(|s| &s.kind) else {
            continue;
        };
        let rest = Block {
            stmts: body.stmts.get(i + 1..).unwrap_or(&[]).to_vec(),
            value: None,
        };
        if !crate::ir::uses::mentions(&rest, name) {
            body.stmts.remove(i);
        }
    }
}

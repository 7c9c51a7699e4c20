//! The calls of a nested function that is lifted out, rewritten.
//!
//! Enters: a function with calls of nested ones. Leaves: the same function, whose calls pass
//! on what is captured and bind again what comes back. This module must not know types.

use super::closures::{Nested, statement};
use super::inherit::name_at;
use crate::ast::{self, Block, Expr, ExprKind, Ident, Keyword, NodeId, Stmt, StmtKind};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// `(value, a, b)`: what a function returns that binds `a` and `b` of its caller.
pub(super) fn result(
    value: Option<Expr>,
    nonlocals: &BTreeSet<String>,
    span: Span,
    next_id: &mut u32,
) -> Expr {
    let mut items: Vec<Expr> = value.into_iter().collect();
    items.extend(nonlocals.iter().map(|n| name_at(span, n, next_id)));
    if items.len() == 1
        && let Some(one) = items.pop()
    {
        return one;
    }
    let id = NodeId::next(next_id);
    Expr {
        id,
        span,
        kind: ExprKind::Tuple(items),
    }
}

/// Makes every return of a function give what it binds of its caller.
pub(super) fn returns(block: &mut Block, nonlocals: &BTreeSet<String>, next_id: &mut u32) {
    for stmt in &mut block.stmts {
        let span = stmt.span;
        if let StmtKind::Return(value) = &mut stmt.kind {
            let held = value.take().filter(|v| !matches!(v.kind, ExprKind::None));
            *value = Some(result(held, nonlocals, span, next_id));
        }
        for inner in ast::branches_mut(stmt) {
            returns(inner, nonlocals, next_id);
        }
    }
    block
        .stmts
        .retain(|s| !matches!(s.kind, StmtKind::Nonlocal(_)));
}

/// Whether a function returns a value somewhere.
fn gives_value(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(Some(value)) => !matches!(value.kind, ExprKind::None),
        _ => ast::branches(stmt).into_iter().any(gives_value),
    })
}

/// The calls of lifted functions, rewritten.
pub(super) struct Rewriting<'f> {
    pub(super) found: &'f BTreeMap<String, Nested>,
    pub(super) next_id: &'f mut u32,
    /// The names that the function around has.
    pub(super) taken: BTreeSet<String>,
}

impl Rewriting<'_> {
    pub(super) fn block(&mut self, block: &mut Block) {
        let mut out = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            for inner in ast::branches_mut(&mut stmt) {
                self.block(inner);
            }
            if let Some(before) = self.bind_results(&mut stmt) {
                out.push(before);
            }
            self.calls(&mut stmt);
            out.push(stmt);
        }
        block.stmts = out;
    }

    /// `(x, total) = f()` for `x = f()`, where `f` binds `total`.
    fn bind_results(&mut self, stmt: &mut Stmt) -> Option<Stmt> {
        let callee = |e: &Expr| match &e.kind {
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Name(name) => self
                    .found
                    .get(name)
                    .filter(|n| !n.nonlocals.is_empty())
                    .cloned(),
                _ => None,
            },
            _ => None,
        };
        let span = stmt.span;
        match &mut stmt.kind {
            StmtKind::Expr(e) => {
                let nested = callee(e)?;
                let value = gives_value(&nested.function.body);
                let unused = value.then(|| name_at(span, "_", self.next_id));
                let target = result(unused, &nested.nonlocals, span, self.next_id);
                let value = e.clone();
                stmt.kind = StmtKind::Assign {
                    targets: vec![target],
                    value,
                };
                None
            }
            StmtKind::Assign { targets, value } => {
                let nested = callee(value)?;
                let given = targets.pop()?;
                let value = gives_value(&nested.function.body);
                let first = value.then_some(given);
                targets.push(result(first, &nested.nonlocals, span, self.next_id));
                None
            }
            StmtKind::Return(value) => {
                let call = value.clone()?;
                let nested = callee(&call)?;
                let name = self.fresh("result");
                let first =
                    gives_value(&nested.function.body).then(|| name_at(span, &name, self.next_id));
                *value = first.is_some().then(|| name_at(span, &name, self.next_id));
                let target = result(first, &nested.nonlocals, span, self.next_id);
                let mut before = statement(
                    StmtKind::Assign {
                        targets: vec![target],
                        value: call,
                    },
                    span,
                    self.next_id,
                );
                self.calls(&mut before);
                Some(before)
            }
            StmtKind::If { test, .. } => {
                let slot = match &mut test.kind {
                    ExprKind::Unary { operand, .. } => &mut **operand,
                    _ => test,
                };
                let nested = callee(slot)?;
                let name = self.fresh("result");
                let read = name_at(slot.span, &name, self.next_id);
                let call = std::mem::replace(slot, read);
                let first = Some(name_at(span, &name, self.next_id));
                let target = result(first, &nested.nonlocals, call.span, self.next_id);
                let mut before = statement(
                    StmtKind::Assign {
                        targets: vec![target],
                        value: call,
                    },
                    test.span,
                    self.next_id,
                );
                before.comments = std::mem::take(&mut stmt.comments);
                before.blank_before = std::mem::take(&mut stmt.blank_before);
                self.calls(&mut before);
                Some(before)
            }
            _ => None,
        }
    }

    fn fresh(&mut self, name: &str) -> String {
        let mut name = name.to_string();
        while self.taken.contains(&name) {
            name.push('_');
        }
        self.taken.insert(name.clone());
        name
    }

    /// Passes what is captured.
    fn calls(&mut self, stmt: &mut Stmt) {
        let blocks: Vec<Block> = ast::branches_mut(stmt)
            .into_iter()
            .map(std::mem::take)
            .collect();
        let (found, next_id) = (self.found, &mut *self.next_id);
        ast::rewrite::stmt(stmt, &mut |e| {
            let span = e.span;
            match &mut e.kind {
                ExprKind::Call { func, keywords, .. } => {
                    let ExprKind::Name(name) = &mut func.kind else {
                        return;
                    };
                    let Some(nested) = found.get(name) else {
                        return;
                    };
                    name.clone_from(&nested.top);
                    // They are read after the arguments.
                    let at = Span::new(span.end.saturating_sub(1), span.end);
                    for capture in &nested.captures {
                        if keywords
                            .iter()
                            .any(|k| k.name.as_ref().is_some_and(|n| n.name == *capture))
                        {
                            continue;
                        }
                        keywords.push(Keyword {
                            name: Some(Ident {
                                span: at,
                                name: capture.clone(),
                            }),
                            value: name_at(at, capture, next_id),
                        });
                    }
                }
                ExprKind::Name(name) => {
                    if let Some(nested) = found.get(name) {
                        name.clone_from(&nested.top);
                    }
                }
                _ => {}
            }
        });
        for (slot, block) in ast::branches_mut(stmt).into_iter().zip(blocks) {
            *slot = block;
        }
    }
}

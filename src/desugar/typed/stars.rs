//! `*` in calls and displays, written out.
//!
//! Enters: an expression, and how many items each `*` in it gives. Leaves: `f(p[0], p[1])`
//! for `f(*p)`, `xs + [x]` for `[*xs, x]`. This module must not know how that was found out.

use super::super::build::Build;
use super::{Sugar, Work, acts, copies, free};
use crate::ast::{BinaryOp, Expr, ExprKind, Ident};

impl Work<'_, '_> {
    /// The items of each `*` whose number is known.
    pub(super) fn stars(&mut self, e: &mut Expr) {
        if let Some(Sugar::Concat(lists)) = self.found.get(&e.id) {
            let lists = lists.clone();
            self.concatenated(e, &lists);
            return;
        }
        let items = match &mut e.kind {
            ExprKind::Call { args, .. } => args,
            ExprKind::List(items) | ExprKind::Tuple(items) => items,
            _ => return,
        };
        if !items.iter().any(|i| matches!(i.kind, ExprKind::Starred(_))) {
            return;
        }
        let mut out = Vec::new();
        for item in std::mem::take(items) {
            match (item.kind, self.found.get(&item.id)) {
                (ExprKind::Starred(inner), Some(Sugar::Spread(from, count))) => {
                    let of = match inner.kind {
                        // What of it is taken is known.
                        ExprKind::Subscript { value, index }
                            if matches!(index.kind, ExprKind::Slice { .. }) =>
                        {
                            *value
                        }
                        kind => Expr { kind, ..*inner },
                    };
                    self.spread(of, *from, *count, &mut out);
                }
                (kind, _) => out.push(Expr { kind, ..item }),
            }
        }
        *items = out;
    }

    /// `p[0], p[1]`, where what is computed gets a name: `(p := f())[0], p[1]`.
    fn spread(&mut self, inner: Expr, from: usize, count: usize, out: &mut Vec<Expr>) {
        if let ExprKind::Tuple(items) | ExprKind::List(items) = inner.kind {
            out.extend(items.into_iter().skip(from).take(count));
            return;
        }
        if !acts(&inner) {
            out.extend((from..from + count).map(|i| self.item_at(inner.clone(), i)));
            return;
        }
        let name = free("items", &mut self.names);
        let named = self.build(&inner).name(&name);
        let target = Ident {
            span: inner.span,
            name: name.clone(),
        };
        let mut first = Some(self.build(&inner).expr(ExprKind::Named {
            target,
            value: Box::new(inner.clone()),
        }));
        for i in from..from + count {
            let of = first.take().unwrap_or_else(|| named.clone());
            out.push(self.item_at(of, i));
        }
    }

    /// `of[i]`
    fn item_at(&mut self, mut of: Expr, i: usize) -> Expr {
        copies::expr(&mut of, self.next_id);
        let mut build = self.build(&of);
        let index = Box::new(build.expr(ExprKind::Int(i.into())));
        let value = Box::new(of);
        build.expr(ExprKind::Subscript { value, index })
    }

    /// `xs + [x]` for `[*xs, x]`.
    fn concatenated(&mut self, e: &mut Expr, lists: &[bool]) {
        let ExprKind::List(items) = &mut e.kind else {
            return;
        };
        let mut lists = lists.iter();
        let mut parts: Vec<Expr> = Vec::new();
        let mut own = Vec::new();
        let span = e.span;
        let mut build = Build {
            next_id: self.next_id,
            span,
        };
        let alone = items.len() == 1;
        for item in std::mem::take(items) {
            let ExprKind::Starred(inner) = item.kind else {
                own.push(item);
                continue;
            };
            if !own.is_empty() {
                parts.push(build.expr(ExprKind::List(std::mem::take(&mut own))));
            }
            let list = lists.next().is_some_and(|list| *list) && !alone;
            parts.push(match list {
                true => *inner,
                false => {
                    let list = build.name("list");
                    build.call(list, vec![*inner])
                }
            });
        }
        if !own.is_empty() {
            parts.push(build.expr(ExprKind::List(own)));
        }
        let sum = parts.into_iter().reduce(|left, right| {
            build.expr(ExprKind::Binary {
                left: Box::new(left),
                op: BinaryOp::Add,
                right: Box::new(right),
            })
        });
        if let Some(sum) = sum {
            e.kind = sum.kind;
        }
    }
}

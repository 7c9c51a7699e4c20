//! Sorting by a key that can raise: all keys first, as Python does.
//!
//! Enters: a list and the key's lambda. Leaves: statements that compute the keys in order,
//! sort by them, and put the elements back. This module must not know how keys without errors
//! are sorted by.

use crate::ast::Expr as PyExpr;
use crate::catalog::Helper;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// The statements that sort a list where it lies.
    pub(super) fn sorted_by_raising_key(
        &mut self,
        e: &'a PyExpr,
        list: &Val,
        key: &'a PyExpr,
        reverse: bool,
    ) -> Result<Vec<Stmt>, Expr> {
        let Some(elem) = list.element().cloned() else {
            return Err(self.hole(e));
        };
        let at = self.current_span();
        let outer = std::mem::take(&mut self.out);
        let conditional = std::mem::take(&mut self.conditional);
        self.blocks.push(crate::infer::scope::BlockRef {
            owner: Some(e.id),
            slot: 0,
            is_loop: true,
        });
        let found = self.sort_key(e, key, &elem);
        self.blocks.pop();
        self.conditional = conditional;
        let mut body = std::mem::replace(&mut self.out, outer);
        let found = found?;
        let (value, rty) = match found.value.ty.is_float() {
            true => (found.value.to_f64(), RTy::F64),
            false => (found.value.expr.clone(), found.value.rty.clone()),
        };
        if rty.is_ref() || rty == RTy::Str {
            return Err(self.partly(e, "sorting by a text that can raise"));
        }
        let keyed = self.free_name("keyed");
        let copied = self.lw.is_copy(&elem);
        let item = Expr::atom(found.name.clone());
        let item = if copied {
            item
        } else {
            item.method("clone", vec![])
        };
        body.push(Stmt::at(
            at,
            StmtKind::Expr(
                Expr::atom(keyed.clone()).method("push", vec![Expr::Tuple(vec![value, item])]),
            ),
        ));
        let place = list.expr.clone();
        let run = match (&list.rty, &place) {
            (RTy::RefMut(_) | RTy::Ref(_), _) => place.clone().method("iter", vec![]),
            _ => Expr::Ref(Box::new(place.clone())),
        };
        let borrow = if copied { "&" } else { "" };
        let mut stmts = vec![
            Stmt::new(StmtKind::Let {
                name: keyed.clone(),
                mutable: true,
                ty: None,
                init: Some(Expr::call("Vec::new", vec![])),
            }),
            Stmt::at(
                at,
                StmtKind::For {
                    label: None,
                    pattern: format!("{borrow}{}", found.name),
                    names: vec![found.name],
                    iter: run,
                    body: Block::of(body),
                },
            ),
        ];
        let all = Expr::atom(keyed.clone());
        let does = |e: Expr| Stmt::at(at, StmtKind::Expr(e));
        let lent = || Expr::RefMut(Box::new(Expr::atom(keyed.clone())));
        if found.value.ty.is_float() || !super::is_total(&found.value.ty) {
            let float = found.value.ty.is_float();
            let helper = self.helper(if float {
                Helper::PySort
            } else {
                Helper::SortByParts
            });
            let of = Expr::Closure(
                "(key, _)".into(),
                Box::new(if self.lw.is_copy(&rty) {
                    Expr::Deref(Box::new(Expr::atom("key")))
                } else {
                    Expr::atom("key").method("clone", vec![])
                }),
            );
            let error = match float {
                true => self.error("a NaN among 64 or more values to sort"),
                false => self.no_order(at),
            };
            let sort = does(Expr::call(helper, vec![lent(), of]).ok_or(&error));
            let turn = || does(all.clone().method("reverse", vec![]));
            match reverse {
                true => stmts.extend([turn(), sort, turn()]),
                false => stmts.push(sort),
            }
        } else if self.lw.is_copy(&rty) {
            let key = Expr::Deref(Box::new(Expr::atom("key")));
            let key = match reverse {
                true => Expr::call("std::cmp::Reverse", vec![key]),
                false => key,
            };
            let closure = Expr::Closure("(key, _)".into(), Box::new(key));
            stmts.push(does(all.clone().method("sort_by_key", vec![closure])));
        } else {
            let pair = if reverse {
                "(b, _), (a, _)"
            } else {
                "(a, _), (b, _)"
            };
            let compared = Expr::atom("a").method("cmp", vec![Expr::atom("b")]);
            let closure = Expr::Closure(pair.into(), Box::new(compared));
            stmts.push(does(all.clone().method("sort_by", vec![closure])));
        }
        if let RTy::Array(..) = list.rty.peel() {
            let slots = place.method("iter_mut", vec![]).method("zip", vec![all]);
            let back = Stmt::new(StmtKind::Assign {
                place: Expr::Deref(Box::new(Expr::atom("slot"))),
                op: None,
                value: Expr::atom("item"),
            });
            stmts.push(Stmt::at(
                at,
                StmtKind::For {
                    label: None,
                    pattern: "(slot, (_, item))".into(),
                    names: vec!["slot".into(), "item".into()],
                    iter: slots,
                    body: Block::of(vec![back]),
                },
            ));
            return Ok(stmts);
        }
        let back = all
            .method("into_iter", vec![])
            .method(
                "map",
                vec![Expr::Closure(
                    "(_, item)".into(),
                    Box::new(Expr::atom("item")),
                )],
            )
            .method("collect", vec![]);
        let place = match &list.rty {
            RTy::RefMut(_) => Expr::Deref(Box::new(place)),
            _ => place,
        };
        stmts.push(Stmt::at(
            at,
            StmtKind::Assign {
                place,
                op: None,
                value: back,
            },
        ));
        Ok(stmts)
    }
}

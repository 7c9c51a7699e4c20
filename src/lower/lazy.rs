//! `any`, `all` and `next` of generators: they stop where Python stops.

use super::function::FnLower;
use crate::ast::{Clause, ComprehensionKind, Expr as PyExpr, ExprKind};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind, UnOp};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// Lowers such a call; nothing where it is another one.
    pub(super) fn lazy_call(&mut self, e: &'a PyExpr) -> Option<Result<Val, Expr>> {
        let (name, args, keywords) = self.builtin_call(e)?;
        let (generator, default) = match args {
            [one] => (one, None),
            [one, default] if name == "next" => (one, Some(default)),
            _ => return None,
        };
        if !keywords.is_empty() {
            return None;
        }
        if let ("any" | "all", ExprKind::Tuple(items) | ExprKind::List(items)) =
            (name, &generator.kind)
        {
            return self.truths_joined(name == "any", items);
        }
        let ExprKind::Comprehension {
            kind,
            element,
            clauses,
            ..
        } = &generator.kind
        else {
            return None;
        };
        match (name, kind) {
            ("any" | "all", ComprehensionKind::Generator) => {
                Some(self.quantified(name == "any", element, clauses))
            }
            ("next", ComprehensionKind::Generator) => {
                Some(self.first(e, element, clauses, default))
            }
            _ => None,
        }
    }

    /// `a || b` for `any((a, b))`, of items that may as well not be looked at; nothing where
    /// one of them raises or does something.
    fn truths_joined(&mut self, any: bool, items: &'a [PyExpr]) -> Option<Result<Val, Expr>> {
        let starred =
            |e: &PyExpr| matches!(e.kind, ExprKind::Starred(_)) || super::walrus::binds(e);
        if items.iter().any(starred) {
            return None;
        }
        let before = self.out.len();
        let truths = items.iter().map(|item| self.condition_value(item));
        let truths: Vec<Expr> = match truths.collect() {
            Ok(truths) => truths,
            Err(hole) => return Some(Err(hole)),
        };
        if truths.iter().any(|e| e.can_fail() || self.calls_own(e)) {
            self.out.truncate(before);
            return None;
        }
        let (op, none) = match any {
            true => (BinOp::Or, "false"),
            false => (BinOp::And, "true"),
        };
        let joined = truths.into_iter().reduce(|a, b| a.binary(op, b));
        Some(Ok(Val::bool(joined.unwrap_or_else(|| Expr::atom(none)))))
    }

    fn quantified(
        &mut self,
        any: bool,
        element: &'a PyExpr,
        clauses: &'a [Clause],
    ) -> Result<Val, Expr> {
        let method = if any { "any" } else { "all" };
        let bool_value = self.fact(element.id).ty == Ty::Bool;
        if !super::walrus::binds(element) {
            let saved = self.var_types.clone();
            let chain = self.chained_with(clauses, &mut |this| match bool_value {
                true => {
                    let value = this.expr_as(element, &RTy::Bool)?;
                    this.coerce(value, &RTy::Bool, element.span, "an element")
                }
                false => this.condition_value(element),
            })?;
            if let Some(iter) = chain {
                let asked = match iter {
                    Expr::Method(inner, name, mut args) if name == "map" && args.len() == 1 => {
                        inner.method(method, vec![args.remove(0)])
                    }
                    other => other.method(
                        method,
                        vec![Expr::Closure("x".into(), Box::new(Expr::atom("x")))],
                    ),
                };
                return Ok(Val::bool(asked));
            }
            self.var_types = saved;
        }
        let name = self.free_name(if any { "found" } else { "holds" });
        let label = (clauses.len() > 1).then(|| "search".to_string());
        let mut stmts = vec![Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: true,
            ty: None,
            init: Some(Expr::atom((!any).to_string())),
        })];
        let var = Expr::atom(name.clone());
        let jump = label.clone();
        let mut leaf = |this: &mut Self| {
            let cond = this.condition_value(element)?;
            let cond = if any {
                cond
            } else {
                match cond {
                    Expr::Unary(UnOp::Not, inner) => *inner,
                    other => this.negated(other, element),
                }
            };
            let span = this.current_span();
            let then = Block::of(vec![
                Stmt::at(
                    span,
                    StmtKind::Assign {
                        place: var.clone(),
                        op: None,
                        value: Expr::atom(any.to_string()),
                    },
                ),
                Stmt::at(span, StmtKind::Break(jump.clone())),
            ]);
            this.emit(
                span,
                StmtKind::Expr(Expr::If {
                    cond: Box::new(cond),
                    then,
                    otherwise: None,
                }),
            );
            Ok(())
        };
        let mut run = self.clause_loops(clauses, &mut leaf)?;
        if let StmtKind::For { label: slot, .. } = &mut run.kind {
            *slot = label;
        }
        stmts.push(run);
        Ok(Val::bool(Expr::Block(Block {
            stmts,
            value: Some(Box::new(Expr::atom(name))),
        })))
    }

    /// `next((… for …), default)`
    fn first(
        &mut self,
        e: &'a PyExpr,
        element: &'a PyExpr,
        clauses: &'a [Clause],
        default: Option<&'a PyExpr>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(rty) = self.lw.natural(&self.fact(element.id)) else {
            return Err(self.hole(e));
        };
        let Some(iter) = self.chained(element, &rty, clauses)? else {
            return Err(self.partly(e, "`next()` of a generator whose elements can raise"));
        };
        let found = match iter {
            Expr::Method(inner, name, args) if name == "copied" || name == "cloned" => {
                match *inner {
                    // The first that passes the test.
                    Expr::Method(source, filter, mut tests)
                        if filter == "filter" && tests.len() == 1 =>
                    {
                        match tests.remove(0) {
                            Expr::Closure(pattern, test) if pattern.starts_with("&&") => {
                                let pattern = pattern.trim_start_matches("&&");
                                source.method(name, args).method(
                                    "find",
                                    vec![Expr::Closure(format!("&{pattern}"), test)],
                                )
                            }
                            test => source
                                .method("filter", vec![test])
                                .method(name, args)
                                .method("next", vec![]),
                        }
                    }
                    inner => inner.method(name, args).method("next", vec![]),
                }
            }
            Expr::Method(source, filter, tests) if filter == "filter" => {
                source.method("find", tests)
            }
            other => other.method("next", vec![]),
        };
        let option = RTy::Option(Box::new(rty.clone()));
        match default {
            None => {
                let error = self.error("StopIteration");
                Ok(Val::new(found.ok_or(&error), rty, &fact))
            }
            Some(_) if matches!(fact.ty, Ty::Option(_)) => Ok(Val::new(found, option, &fact)),
            Some(default) => {
                let Some(target) = self.lw.natural(&fact).filter(|t| *t == rty) else {
                    return Err(self.partly(e, "`next()` with a default of another type"));
                };
                let val = self.expr_as(default, &target)?;
                let value = self.coerce(val, &target, default.span, "the default")?;
                Ok(Val::new(found.method("unwrap_or", vec![value]), rty, &fact))
            }
        }
    }
}

/// Whether an iterator computes its elements one by one: it has a closure.
pub(super) fn is_chain(e: &Expr) -> bool {
    match e {
        Expr::Method(of, _, args) => {
            args.iter()
                .any(|a| matches!(a, Expr::Closure(..)) || is_chain(a))
                || is_chain(of)
        }
        _ => false,
    }
}

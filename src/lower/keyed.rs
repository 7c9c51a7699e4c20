//! `sorted`, `list.sort`, `min` and `max` by a key.

mod decorated;
mod heaps;

use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind, Keyword};
use crate::catalog::{self, Helper};
use crate::diagnostic::Code;
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A key in Rust: the element's name, and the key's value for it.
struct Key {
    name: String,
    value: Val,
}

/// What `sorted(xs, …)`, `max(xs, …)` and `xs.sort(…)` run over.
fn asked_about(e: &PyExpr) -> Option<&PyExpr> {
    let ExprKind::Call { func, args, .. } = &e.kind else {
        return None;
    };
    match &func.kind {
        ExprKind::Attribute { value, .. } if args.is_empty() => Some(value),
        _ => args.first(),
    }
}

impl<'a> FnLower<'_, 'a> {
    /// Lowers such a call; nothing where it is another one.
    pub(super) fn keyed_call(
        &mut self,
        e: &'a PyExpr,
        full: &str,
        receiver: Option<&'a PyExpr>,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Option<Result<Val, Expr>> {
        let named = |name: &str| {
            keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == name))
                .map(|k| &k.value)
        };
        let key = named("key");
        self.keys_of = match args {
            [xs] if matches!(self.fact(xs.id).ty.narrowed(), Ty::Dict { .. }) => {
                self.path_of(xs).map(|path| (path, None))
            }
            _ => None,
        };
        let done = match (full, receiver, args) {
            ("sorted", None, [xs]) => Some(self.sorted(e, xs, key, named("reverse"))),
            ("<list>.sort", Some(list), []) => {
                Some(self.sort_in_place(e, list, key, named("reverse")))
            }
            ("min" | "max", None, [xs]) if key.is_some() || self.compares_items(xs) => {
                Some(self.extreme_by(e, full, xs, key, named("default")))
            }
            _ => None,
        };
        self.keys_of = None;
        done
    }

    /// Whether what a list holds is compared item by item.
    fn compares_items(&self, xs: &PyExpr) -> bool {
        match self.fact(xs.id).ty {
            Ty::List { elem, .. } | Ty::Deque { elem, .. } | Ty::Set(elem) => {
                matches!(*elem, Ty::Tuple(_) | Ty::Str | Ty::Member(_))
            }
            _ => false,
        }
    }

    /// Whether it is a list, or the entries of a dict that lie as they came in.
    fn lies_as_slice(&self, xs: &'a PyExpr) -> bool {
        let of = match self.view_of(xs) {
            Some((dict, _)) => dict,
            None => xs,
        };
        let fact = self.fact(of.id);
        match self.lw.natural(&Fact::of(fact.ty.narrowed())) {
            Some(RTy::Map { ordered, .. }) => ordered,
            Some(RTy::Vec(_) | RTy::Array(..)) => true,
            _ => false,
        }
    }

    fn sorted(
        &mut self,
        e: &'a PyExpr,
        xs: &'a PyExpr,
        key: Option<&'a PyExpr>,
        reverse: Option<&'a PyExpr>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(list_ty @ RTy::Vec(_)) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        if key.is_none()
            && let Some(done) = self.sorted_keys(e, xs, &list_ty, reverse)
        {
            return done;
        }
        let name = self.free_name("ordered");
        let items = self.items_of(xs, None)?;
        let items = self.single(items);
        let (rty, by_ref, ty) = match items.shape {
            super::iterate::Shape::One { rty, by_ref, fact } => (rty, by_ref, fact.ty),
            super::iterate::Shape::Pairs(_) | super::iterate::Shape::Entry { .. } => {
                return Err(self.partly(xs, "sorting these"));
            }
        };
        let chain = items.form.chain();
        let is_deque = matches!(self.fact(xs.id).ty.narrowed(), Ty::Deque { .. });
        let whole = Val::new(
            match (by_ref, &rty) {
                (true, _) => chain.method("copied", vec![]).method("collect", vec![]),
                (false, RTy::Ref(_)) => chain.method("cloned", vec![]).method("collect", vec![]),
                (false, _) => chain.method("collect", vec![]),
            },
            RTy::Vec(Box::new(rty.peel().clone())),
            &Fact::of(Ty::list(ty)),
        );
        let whole = match whole.expr {
            // All of a list at once.
            Expr::Method(inner, _, _) if by_ref => match *inner {
                Expr::Method(list, copied, _) if copied == "copied" => match *list {
                    Expr::Method(place, iter, _) if iter == "iter" && !is_deque => Val {
                        expr: match *place {
                            // It is new already.
                            Expr::Macro(name, items) if name == "vec" => Expr::Macro(name, items),
                            place => place.method("to_vec", vec![]),
                        },
                        ..whole
                    },
                    list => Val {
                        expr: list.method("copied", vec![]).method("collect", vec![]),
                        ..whole
                    },
                },
                inner => Val {
                    expr: inner.method("collect", vec![]),
                    ..whole
                },
            },
            expr => Val {
                expr: match self.lies_as_slice(xs) {
                    true => all_cloned(expr),
                    false => expr,
                },
                ..whole
            },
        };
        let whole = match whole.expr {
            // Nobody needs the list that is taken apart.
            Expr::Method(all, collect, _) if collect == "collect" => match *all {
                Expr::Method(list, all, _)
                    if all == "into_iter" && matches!(*list, Expr::Atom(_)) =>
                {
                    Val {
                        expr: *list,
                        ..whole
                    }
                }
                all => Val {
                    expr: all.method("collect", vec![]),
                    ..whole
                },
            },
            expr => Val { expr, ..whole },
        };
        let init = self.coerce(whole, &list_ty, e.span, "the list")?;
        let list = Val::new(Expr::atom(name.clone()), list_ty.clone(), &fact);
        let mut stmts = vec![Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: true,
            ty: Some(list_ty.clone()),
            init: Some(init),
        })];
        stmts.extend(self.sorting(e, &list, key, reverse)?);
        let block = Block {
            stmts,
            value: Some(Box::new(Expr::atom(name))),
        };
        Ok(Val::new(Expr::Block(block), list_ty, &fact))
    }

    /// `sorted(xs)` of a set, or of a dict whose order nobody looks at: it lies in order.
    fn sorted_keys(
        &mut self,
        e: &'a PyExpr,
        xs: &'a PyExpr,
        to: &RTy,
        reverse: Option<&'a PyExpr>,
    ) -> Option<Result<Val, Expr>> {
        let ty = self.fact(xs.id).ty.narrowed();
        if !matches!(ty, Ty::Set(_) | Ty::Dict { .. }) || self.is_table(xs) {
            return None;
        }
        let reverse = match reverse.map(|r| &r.kind) {
            None | Some(ExprKind::Bool(false)) => false,
            Some(ExprKind::Bool(true)) => true,
            Some(_) => return None,
        };
        let (place, rty) = match self.place(xs, false) {
            Ok((expr, rty)) => {
                // What is equal is there once: a set that is made here is one first.
                let made = catalog::made_set(Val::new(expr, rty, &self.fact(xs.id)));
                (made.expr, made.rty)
            }
            Err(hole) => return Some(Err(hole)),
        };
        let (iter, elem) = match rty.peel() {
            RTy::Set(elem) => (place.method("iter", vec![]), elem),
            RTy::Map {
                key,
                ordered: false,
                ..
            } => (place.method("keys", vec![]), key),
            _ => return None,
        };
        let iter = match reverse {
            true => iter.method("rev", vec![]),
            false => iter,
        };
        let copied = if self.lw.is_copy(elem) {
            "copied"
        } else {
            "cloned"
        };
        let list = iter.method(copied, vec![]).method("collect", vec![]);
        Some(Ok(Val::new(list, to.clone(), &self.fact(e.id))))
    }

    fn sort_in_place(
        &mut self,
        e: &'a PyExpr,
        list: &'a PyExpr,
        key: Option<&'a PyExpr>,
        reverse: Option<&'a PyExpr>,
    ) -> Result<Val, Expr> {
        let Some(path) = self.path_of(list) else {
            return Err(self.partly(list, "sorting what has no name"));
        };
        if let Some(hole) = self.rounded_list(e, &path) {
            return Err(hole);
        }
        let Some((place, rty)) = self.place_to_change(list, &path) else {
            return Err(self.hole(list));
        };
        if self.conditional > 0 || !matches!(rty.peel(), RTy::Vec(_) | RTy::Array(..)) {
            return Err(self.partly(list, "sorting this"));
        }
        self.forget_path(&path);
        // A module's list that is lent is a `&mut` already.
        let rty = match self.is_lent_global(&path) && !rty.is_ref() {
            true => RTy::RefMut(Box::new(rty)),
            false => rty,
        };
        let val = Val::new(place, rty, &self.fact(list.id));
        let stmts = self.sorting(e, &val, key, reverse)?;
        self.out.extend(stmts);
        Ok(Val::new(
            Expr::Tuple(Vec::new()),
            RTy::Unit,
            &Fact::of(Ty::None),
        ))
    }

    /// The statements that sort a list where it lies.
    fn sorting(
        &mut self,
        e: &'a PyExpr,
        list: &Val,
        key: Option<&'a PyExpr>,
        reverse: Option<&'a PyExpr>,
    ) -> Result<Vec<Stmt>, Expr> {
        let Some(elem) = list.element().cloned() else {
            return Err(self.hole(e));
        };
        let reverse = match reverse.map(|r| &r.kind) {
            None | Some(ExprKind::Bool(false)) => false,
            Some(ExprKind::Bool(true)) => true,
            Some(_) => return Err(self.partly(e, "a `reverse` that is no constant")),
        };
        let at = self.current_span();
        let does = |e: Expr| Stmt::at(at, StmtKind::Expr(e));
        let place = list.expr.clone();
        let backwards = || does(place.clone().method("reverse", vec![]));
        let elem_fact = match list.ty.narrowed() {
            Ty::List { elem, .. } => Fact::of(*elem),
            _ => Fact::unknown(),
        };
        let copied = self.lw.is_copy(&elem);
        let lent = |name: &str| {
            if copied {
                format!("&{name}")
            } else {
                name.to_string()
            }
        };
        let found = match key {
            Some(key) => Some(self.sort_key(e, key, &elem)?),
            None => None,
        };
        // Python asks for each key once.
        let has_effects = key.is_some_and(|key| !self.changed_by_key(e, key).is_empty());
        if (has_effects || found.as_ref().is_some_and(|k| k.value.expr.can_fail()))
            && let Some(key) = key
        {
            return self.sorted_by_raising_key(e, list, key, reverse);
        }
        let sorted_by = |helper: &str, closure: Expr, error: &str| {
            let lent = match &list.rty {
                RTy::RefMut(_) => place.clone(),
                _ => Expr::RefMut(Box::new(place.clone())),
            };
            let sort = does(Expr::call(helper, vec![lent, closure]).ok_or(error));
            if reverse {
                vec![backwards(), sort, backwards()]
            } else {
                vec![sort]
            }
        };
        let value = found.as_ref().map_or_else(
            || Val::new(Expr::atom("x"), elem.clone(), &elem_fact),
            |k| k.value.clone(),
        );
        let name = found.as_ref().map_or("x", |k| k.name.as_str()).to_string();
        self.ordered_within(&value.ty);
        if value.ty.is_float() || value.rty == RTy::Number {
            let helper = self.helper(Helper::PySort);
            let of = match value.rty == RTy::Number {
                true => value.expr.clone(),
                false => value.to_f64(),
            };
            let closure = Expr::Closure(lent(&name), Box::new(of));
            let error = self.error("a NaN among 64 or more values to sort");
            return Ok(sorted_by(helper, closure, &error));
        }
        if !is_total(&value.ty) {
            let helper = self.helper(Helper::SortByParts);
            let of = match &found {
                // A tuple of what is copied is copied.
                None if copied => value.expr.clone(),
                None => value.expr.clone().method("clone", vec![]),
                Some(_) if matches!(value.rty, RTy::Vec(_)) => {
                    value.expr.clone().method("clone", vec![])
                }
                Some(_) => value.expr.clone(),
            };
            let closure = Expr::Closure(lent(&name), Box::new(of));
            let error = self.no_order(at);
            return Ok(sorted_by(helper, closure, &error));
        }
        Ok(match (found, reverse) {
            (None, false) => vec![does(place.method("sort", vec![]))],
            // Equals that cannot be told apart have no order.
            (None, true) => vec![does(place.clone().method("sort", vec![])), backwards()],
            (Some(key), reverse)
                if self.lw.is_copy(&key.value.rty) && key.value.rty != RTy::Str =>
            {
                let by = if reverse {
                    Expr::call("std::cmp::Reverse", vec![key.value.expr])
                } else {
                    key.value.expr
                };
                vec![does(place.method(
                    "sort_by_key",
                    vec![Expr::Closure(lent(&key.name), Box::new(by))],
                ))]
            }
            (Some(key), reverse) => {
                let of =
                    |other: &str| crate::ir::rename::renamed(&key.value.expr, &key.name, other);
                let (a, b) = if reverse { ("b", "a") } else { ("a", "b") };
                let compared = of(a).method("cmp", vec![Expr::Ref(Box::new(of(b)))]);
                vec![does(place.method(
                    "sort_by",
                    vec![Expr::Closure(
                        format!("{}, {}", lent("a"), lent("b")),
                        Box::new(compared),
                    )],
                ))]
            }
        })
    }

    /// What a key changes where it is asked for.
    fn changed_by_key(&self, e: &'a PyExpr, key: &'a PyExpr) -> Vec<crate::infer::Path> {
        let ExprKind::Lambda { params, body } = &key.kind else {
            return Vec::new();
        };
        // The entry of a key of the same dict is there.
        if let (ExprKind::Subscript { value, index }, [param]) =
            (&body.kind, params.list.as_slice())
            && matches!(&index.kind, ExprKind::Name(name) if *name == param.name.name)
            && asked_about(e).is_some_and(|xs| xs.same_path(value))
        {
            return Vec::new();
        }
        super::narrow::changed_in(self, body)
    }

    /// The key of an element; it must not fail.
    fn sort_key(&mut self, e: &'a PyExpr, key: &'a PyExpr, elem: &RTy) -> Result<Key, Expr> {
        let ExprKind::Lambda { params, body } = &key.kind else {
            return Err(self.hole(e));
        };
        let [param] = params.list.as_slice() else {
            return Err(self.hole(e));
        };
        let changed = self.changed_by_key(e, key);
        let runs_over = asked_about(e);
        let gets = |path: &crate::infer::Path| {
            let own = self.scope.names.get(&param.id);
            own == Some(&path.root) || runs_over.is_some_and(|xs| self.reads_path(xs, path))
        };
        if changed.iter().any(gets) {
            return Err(self.partly(key, "a key that changes what it is asked about"));
        }
        let Some(version) = self.scope.names.get(&param.id).cloned() else {
            return Err(self.hole(e));
        };
        let rty = if self.lw.is_copy(elem) || elem.is_ref() {
            elem.clone()
        } else {
            RTy::Ref(Box::new(elem.clone()))
        };
        self.var_types.insert(version.clone(), rty);
        self.declared.insert(version.clone());
        let name = self.var_name(&version);
        if let Some((_, param)) = &mut self.keys_of {
            *param = Some(version.clone());
        }
        self.conditional += 1;
        let value = self.expr(body);
        self.conditional -= 1;
        Ok(Key {
            name,
            value: value?,
        })
    }

    /// The best as an option, found by a loop: a key that raises ends it.
    fn best_of_loop(
        &mut self,
        e: &'a PyExpr,
        name: &str,
        key: &'a PyExpr,
        rty: &RTy,
        by_ref: bool,
        source: Expr,
    ) -> Result<Expr, Expr> {
        let at = self.current_span();
        let (best, held) = (self.free_name("best"), self.free_name("held"));
        let score = self.free_name("score");
        let outer = std::mem::take(&mut self.out);
        let conditional = std::mem::take(&mut self.conditional);
        self.blocks.push(crate::infer::scope::BlockRef {
            owner: Some(e.id),
            slot: 0,
            is_loop: true,
        });
        let found = self.sort_key(e, key, rty);
        self.blocks.pop();
        self.conditional = conditional;
        let mut body = std::mem::replace(&mut self.out, outer);
        let found = found?;
        let value = if found.value.ty.is_float() {
            found.value.to_f64()
        } else {
            found.value.expr.clone()
        };
        let constant = |name: &str, init: Expr| {
            let (name, init) = (name.to_string(), Some(init));
            Stmt::at(
                at,
                StmtKind::Let {
                    name,
                    mutable: false,
                    ty: None,
                    init,
                },
            )
        };
        body.push(constant(&score, value));
        // What the loop takes is its own, and the key looks at it.
        let taken = match self.lw.is_copy(rty) || rty.is_ref() {
            true => found.name.clone(),
            false => {
                let item = self.free_name("item");
                let lent = Expr::Ref(Box::new(Expr::atom(item.clone())));
                body.insert(0, constant(&found.name, lent));
                item
            }
        };
        let beyond = if name == "min" { BinOp::Lt } else { BinOp::Gt };
        let copied = self.lw.is_copy(rty) && self.lw.is_copy(&found.value.rty);
        let (held_best, other) = match copied {
            true => (Expr::atom(best.clone()), Expr::atom(held.clone())),
            false => (
                Expr::atom(best.clone()).method("as_ref", vec![]),
                Expr::Deref(Box::new(Expr::atom(held.clone()))),
            ),
        };
        let test = Expr::atom(score.clone()).binary(beyond, other);
        let first = held_best.method(
            "is_none_or",
            vec![Expr::Closure(format!("({held}, _)"), Box::new(test))],
        );
        let pair = Expr::Tuple(vec![Expr::atom(score), Expr::atom(taken.clone())]);
        body.push(Stmt::at(
            at,
            StmtKind::Expr(Expr::If {
                cond: Box::new(first),
                then: Block::of(vec![Stmt::at(
                    at,
                    StmtKind::Assign {
                        place: Expr::atom(best.clone()),
                        op: None,
                        value: Expr::call("Some", vec![pair]),
                    },
                )]),
                otherwise: None,
            }),
        ));
        let run = Stmt::at(
            at,
            StmtKind::For {
                label: None,
                pattern: format!("{}{taken}", if by_ref { "&" } else { "" }),
                names: vec![taken],
                iter: source,
                body: Block::of(body),
            },
        );
        let start = Stmt::new(StmtKind::Let {
            name: best.clone(),
            mutable: true,
            ty: None,
            init: Some(Expr::atom("None")),
        });
        let item = Expr::Closure(
            format!("(_, {})", found.name),
            Box::new(Expr::atom(found.name)),
        );
        Ok(Expr::Block(Block {
            stmts: vec![start, run],
            value: Some(Box::new(Expr::atom(best).method("map", vec![item]))),
        }))
    }

    /// `min(xs, key=f)`: the first whose key no other is beyond.
    fn extreme_by(
        &mut self,
        e: &'a PyExpr,
        name: &str,
        xs: &'a PyExpr,
        key: Option<&'a PyExpr>,
        default: Option<&'a PyExpr>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let items = self.items_of(xs, None)?;
        let items = self.single(items);
        let super::iterate::Shape::One {
            rty,
            by_ref,
            fact: item,
        } = items.shape
        else {
            return Err(self.partly(xs, "the least or greatest of these"));
        };
        let found = match key {
            Some(key) => self.sort_key(e, key, &rty)?,
            None => {
                let name = "x".to_string();
                let value = Val::new(Expr::atom(name.clone()), rty.clone(), &item);
                Key { name, value }
            }
        };
        let total = is_total(&found.value.ty) && !found.value.ty.is_float();
        self.ordered_within(&found.value.ty);
        if key.is_none() && !total {
            let message = "of two tuples that hold one NaN object Python compares what stands \
                 after it, the Rust takes neither for less";
            let at = self.lw.first_line(e.span);
            self.lw
                .report(crate::diagnostic::Code::OneNan, at, message, None);
        }
        let source = items.form.clone().in_for();
        let chain = items.form.chain();
        let chain = if by_ref {
            chain.method("copied", vec![])
        } else {
            chain
        };
        let plain = self.lw.is_copy(&found.value.rty) && found.value.rty != RTy::Str;
        // Python asks for each key once.
        let asks = key.is_some_and(|key| self.changes_within(key));
        let best = if let (None, true) = (key, total) {
            chain.method(name, vec![])
        } else if let (Some(key), true) = (key, asks || found.value.expr.can_fail()) {
            self.best_of_loop(e, name, key, &rty, by_ref, source)?
        } else if total && name == "min" && plain {
            let lent = if self.lw.is_copy(&rty) {
                format!("&{}", found.name)
            } else {
                found.name.clone()
            };
            chain.method(
                "min_by_key",
                vec![Expr::Closure(lent, Box::new(found.value.expr))],
            )
        } else {
            // The first of equals stays.
            let beyond = if name == "min" { BinOp::Lt } else { BinOp::Gt };
            let held = match key {
                Some(_) => self.free_name("best"),
                None => "best".into(),
            };
            let of_best = crate::ir::rename::renamed(&found.value.expr, &found.name, &held);
            let choice = Expr::If {
                cond: Box::new(found.value.expr.binary(beyond, of_best)),
                then: Block::value(Expr::atom(found.name.clone())),
                otherwise: Some(Block::value(Expr::atom(held.clone()))),
            };
            chain.method(
                "reduce",
                vec![Expr::Closure(
                    format!("{held}, {}", found.name),
                    Box::new(choice),
                )],
            )
        };
        match default {
            None => {
                let error = self.error(&format!("ValueError: {name}() arg is an empty sequence"));
                Ok(Val::new(best.ok_or(&error), rty, &fact))
            }
            Some(default) => {
                if matches!(fact.ty, Ty::Option(_)) {
                    let ty = RTy::Option(Box::new(rty));
                    return Ok(Val::new(best, ty, &fact));
                }
                let val = self.expr_as(default, &rty)?;
                let value = self.coerce(val, &rty, default.span, "the default")?;
                Ok(Val::new(best.method("unwrap_or", vec![value]), rty, &fact))
            }
        }
    }
}

impl FnLower<'_, '_> {
    /// The error of keys that hold a NaN, which is told.
    fn no_order(&mut self, at: Span) -> String {
        let message = "a NaN in what this sorts by is an error in the Rust, where Python goes on";
        self.lw.report(Code::NanKey, at, message, None);
        self.error("a NaN among the keys to sort by")
    }
}

/// Whether any two values of a type are in order.
fn is_total(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Bool | Ty::Str | Ty::Member(_) => true,
        Ty::Tuple(items) => items.iter().all(is_total),
        Ty::List { elem, .. } if ty.is_long_tuple() => is_total(elem),
        _ => false,
    }
}

/// `xs.to_vec()` for `xs.iter().cloned().collect()` of a slice.
fn all_cloned(expr: Expr) -> Expr {
    if let Expr::Method(cloned, collect, _) = &expr
        && let Expr::Method(run, copied, _) = &**cloned
        && let Expr::Method(place, iter, _) = &**run
        && (collect.as_str(), copied.as_str(), iter.as_str()) == ("collect", "cloned", "iter")
    {
        return place.clone().method("to_vec", vec![]);
    }
    expr
}

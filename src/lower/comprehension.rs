//! Comprehensions: chains of iterators, or loops where an element can raise.

mod keyed;

use super::elements::root_of;
use super::function::FnLower;
use super::iterate::bind::Binding;
use super::iterate::present::Test;
use crate::ast::{self, Expr as PyExpr};
use crate::infer::scope::BlockRef;
use crate::ir::rename::without_unread;
use crate::ir::uses::{mentions, reads, variables};
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `[element for target in iter if … for …]`, and of a set or dict.
    pub(super) fn comprehension(
        &mut self,
        e: &'a PyExpr,
        element: &'a PyExpr,
        clauses: &'a [ast::Clause],
        to: Option<&RTy>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let list_ty = match to {
            // The elements take the shape of the place that they go to.
            Some(to) => Some(RTy::Vec(Box::new(to.clone()))),
            None => self.lw.natural(&fact),
        };
        let Some(list_ty) = list_ty else {
            return Err(self.hole(e));
        };
        let elem_ty = match &list_ty {
            RTy::Vec(elem) => elem.clone(),
            RTy::Map { .. } | RTy::Set(_) => {
                return self.keyed_comprehension(e, clauses, &list_ty);
            }
            _ => return Err(self.hole(e)),
        };
        let saved = self.var_types.clone();
        let before = self.out.len();
        match self.chain_of(element, &elem_ty, clauses)? {
            Some((iter, false)) => {
                return Ok(Val::new(iter.method("collect", vec![]), list_ty, &fact));
            }
            Some((iter, true)) if to.is_some() && self.tries == 0 => {
                let list = iter.method("collect::<Result<Vec<_>, _>>", vec![]).try_();
                return Ok(Val::new(list, list_ty, &fact));
            }
            Some((_, true)) | None => self.out.truncate(before),
        }
        self.var_types = saved;
        let name = self.free_name("values");
        let mut stmts = vec![Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: true,
            ty: Some(list_ty.clone()),
            init: Some(Expr::call("Vec::new", vec![])),
        })];
        let list = Expr::atom(name.clone());
        let mut push = |this: &mut Self| {
            let value = this
                .expr_as(element, &elem_ty)
                .and_then(|v| this.coerce(v, &elem_ty, element.span, "an element"))?;
            let span = this.current_span();
            this.emit(
                span,
                StmtKind::Expr(list.clone().method("push", vec![value])),
            );
            Ok(())
        };
        stmts.push(self.clause_loops(clauses, &mut push)?);
        let block = Block {
            stmts,
            value: Some(Box::new(Expr::atom(name))),
        };
        Ok(Val::new(Expr::Block(block), list_ty, &fact))
    }

    /// The comprehension as a chain of iterators; nothing where that cannot be.
    pub(super) fn chained(
        &mut self,
        element: &'a PyExpr,
        elem_ty: &RTy,
        clauses: &'a [ast::Clause],
    ) -> Result<Option<Expr>, Expr> {
        if super::walrus::binds(element) {
            return Ok(None);
        }
        self.chained_with(clauses, &mut |this| {
            let value = this.expr_as(element, elem_ty)?;
            this.coerce(value, elem_ty, element.span, "an element")
        })
    }

    /// As [`Self::chained`], with what `leaf` makes of each turn.
    pub(super) fn chained_with(
        &mut self,
        clauses: &'a [ast::Clause],
        leaf: &mut dyn FnMut(&mut Self) -> Result<Expr, Expr>,
    ) -> Result<Option<Expr>, Expr> {
        let before = self.out.len();
        let chain = self.chain_with(clauses, leaf)?;
        let chain = chain.and_then(|(iter, fails)| (!fails).then_some(iter));
        if chain.is_none() {
            self.out.truncate(before);
        }
        Ok(chain)
    }

    /// As [`Self::chained`]; true where its items are `Result`s.
    fn chain_of(
        &mut self,
        element: &'a PyExpr,
        elem_ty: &RTy,
        clauses: &'a [ast::Clause],
    ) -> Result<Option<(Expr, bool)>, Expr> {
        if super::walrus::binds(element) {
            return Ok(None);
        }
        self.chain_with(clauses, &mut |this| {
            let value = this.expr_as(element, elem_ty)?;
            this.coerce(value, elem_ty, element.span, "an element")
        })
    }

    /// As [`Self::chained_with`]; true where its items are `Result`s. What was to stand before
    /// a chain that cannot be does not.
    fn chain_with(
        &mut self,
        clauses: &'a [ast::Clause],
        leaf: &mut dyn FnMut(&mut Self) -> Result<Expr, Expr>,
    ) -> Result<Option<(Expr, bool)>, Expr> {
        let before = self.out.len();
        let chain = self.one_chain(clauses, leaf)?;
        if chain.is_none() {
            self.out.truncate(before);
        }
        Ok(chain)
    }

    fn one_chain(
        &mut self,
        clauses: &'a [ast::Clause],
        leaf: &mut dyn FnMut(&mut Self) -> Result<Expr, Expr>,
    ) -> Result<Option<(Expr, bool)>, Expr> {
        let [clause] = clauses else {
            return Ok(None);
        };
        // What `filter` sees of an item cannot be changed.
        let changes =
            |this: &Self| !clause.ifs.is_empty() && this.is_clause_touched(&clause.target);
        if clause.ifs.iter().any(super::walrus::binds) || changes(self) {
            return Ok(None);
        }
        let asked = self.asked_items(clause)?;
        let items = asked.items;
        let source = items.form.chain();
        let mut binding = Binding::default();
        let pattern = self.bind_items(&clause.target, &items.shape, None, &mut binding)?;
        if !binding.later.is_empty() {
            return Ok(None);
        }
        self.conditional += 1;
        let mut tests = Vec::new();
        for test in &asked.tests {
            tests.push(self.test_of_clause(test));
        }
        let value = leaf(self);
        self.conditional -= 1;
        let value = value?;
        let tests = tests.into_iter().collect::<Result<Vec<Expr>, Expr>>()?;
        if super::lazy::is_chain(&source)
            && self.calls_to_change(&source)
            && (self.calls_to_change(&value) || tests.iter().any(|t| self.calls_to_change(t)))
        {
            let what =
                "a comprehension over what is computed, turn by turn, by what changes something,";
            return Err(self.partly(&clause.iter, what));
        }
        let held = run_through(&source);
        let changed = |e: &Expr| {
            held.as_ref()
                .is_some_and(|root| self.changes(e, root, false))
        };
        if changed(&value) || tests.iter().any(changed) {
            let what = "a comprehension over a part of what its elements change";
            return Err(self.partly(&clause.iter, what));
        }
        let (value, fails) = match value {
            Expr::Try(inner) if !inner.can_fail() => (*inner, true),
            value => (value, false),
        };
        if value.can_fail() || tests.iter().any(Expr::can_fail) {
            return Ok(None);
        }
        let mut iter = source;
        if let Some(test) = tests.into_iter().reduce(|a, b| a.binary(BinOp::And, b)) {
            // Two closures cannot hold one place to change it.
            let others = |e: &Expr| {
                let own = |name: &str| binding.names.iter().any(|own| own == name);
                variables(e).into_iter().any(|name| !own(name))
            };
            let (in_test, in_value) = (self.calls_to_change(&test), self.calls_to_change(&value));
            if (in_test && others(&value)) || (in_value && others(&test)) {
                return Ok(None);
            }
            // `filter` sees a reference to what `map` gets.
            let seen = without_unread(&pattern, &binding.names, &|n| reads(&test, n));
            let copied = items.shape.is_copied(&|rty| self.lw.is_copy(rty));
            if !copied && pattern.starts_with('(') {
                return Ok(None);
            }
            let seen = match copied {
                true => format!("&{seen}"),
                false => seen,
            };
            iter = iter.method("filter", vec![Expr::Closure(seen, Box::new(test))]);
        }
        let identity = match &value {
            Expr::Atom(v) => pattern.trim_start_matches('&') == v,
            // `(k, v)` of what is `(k, v)` already.
            Expr::Tuple(_) => crate::ir::print::expr(&value) == pattern,
            _ => false,
        };
        let iter = match (identity, pattern.starts_with('&')) {
            (true, true) => iter.method("copied", vec![]),
            (true, false) => iter,
            _ if is_cloned(&value, &pattern) => iter.method("cloned", vec![]),
            _ => {
                let pattern = without_unread(&pattern, &binding.names, &|n| reads(&value, n));
                iter.method("map", vec![Expr::Closure(pattern, Box::new(value))])
            }
        };
        Ok(Some((iter, fails)))
    }

    /// The loops of a comprehension's clauses around what `leaf` emits.
    pub(super) fn clause_loops(
        &mut self,
        clauses: &'a [ast::Clause],
        leaf: &mut dyn FnMut(&mut Self) -> Result<(), Expr>,
    ) -> Result<Stmt, Expr> {
        let Some((clause, rest)) = clauses.split_first() else {
            return Err(Expr::Hole("a comprehension without clauses".into()));
        };
        let asked = self.asked_items(clause)?;
        let items = asked.items;
        let mut binding = Binding::default();
        let pattern = self.bind_items(&clause.target, &items.shape, None, &mut binding)?;
        let at = self.current_span();
        let outer = std::mem::take(&mut self.out);
        let bounds = self.bounds.len();
        let conditional = std::mem::take(&mut self.conditional);
        self.blocks.push(BlockRef {
            owner: Some(clause.target.id),
            slot: 0,
            is_loop: true,
        });
        let inside = self.clause_body(&binding, &asked.tests, rest, leaf);
        self.blocks.pop();
        self.bounds.truncate(bounds);
        self.conditional = conditional;
        let body = std::mem::replace(&mut self.out, outer);
        inside?;
        let body = Block::of(body);
        let pattern = without_unread(&pattern, &binding.names, &|n| mentions(&body, n));
        Ok(Stmt::at(
            at,
            StmtKind::For {
                label: None,
                pattern,
                names: binding.names,
                iter: items.form.in_for(),
                body,
            },
        ))
    }

    fn clause_body(
        &mut self,
        binding: &Binding<'a>,
        tests: &[Test<'a>],
        rest: &'a [ast::Clause],
        leaf: &mut dyn FnMut(&mut Self) -> Result<(), Expr>,
    ) -> Result<(), Expr> {
        let at = self.current_span();
        for (target, val) in &binding.later {
            self.store(target, val.clone(), at)?;
        }
        let mut conds = Vec::new();
        for test in tests {
            // What a later condition needs first stands inside the earlier ones.
            let before = self.out.len();
            if let Test::Written(test) = test
                && super::walrus::binds(test)
            {
                self.bind_named_in(test)?;
            }
            let cond = self.test_of_clause(test)?;
            conds.push((cond, self.out.split_off(before)));
        }
        let before = self.out.len();
        if rest.is_empty() {
            // What the tests bind is bound for the element.
            leaf(self)?;
        } else {
            let stmt = self.clause_loops(rest, leaf)?;
            self.out.push(stmt);
        }
        let mut body = self.out.split_off(before);
        for (cond, needed) in conds.into_iter().rev() {
            let mut stmts = needed;
            stmts.push(Stmt::at(
                at,
                StmtKind::Expr(Expr::If {
                    cond: Box::new(cond),
                    then: Block::of(body),
                    otherwise: None,
                }),
            ));
            body = stmts;
        }
        self.out.append(&mut body);
        Ok(())
    }

    /// A name that no variable has.
    pub(super) fn free_name(&mut self, name: &str) -> String {
        let mut unique = name.to_string();
        let mut n = 1;
        while self.taken.contains(&unique)
            || self.lw.functions.contains_key(&unique)
            || self.is_global_param(&unique)
            || self
                .model
                .vars
                .keys()
                .any(|v| crate::infer::scope::plain_name(v) == unique)
        {
            n += 1;
            unique = format!("{name}_{n}");
        }
        self.taken.insert(unique.clone());
        unique
    }
}

/// Whether a value is the clone of what a pattern names, which is lent.
fn is_cloned(value: &Expr, pattern: &str) -> bool {
    matches!(value, Expr::Method(of, name, _)
        if name == "clone" && matches!(&**of, Expr::Atom(v) if v == pattern))
}

/// The place of the list that an iterator runs through.
fn run_through(source: &Expr) -> Option<String> {
    match source {
        Expr::Method(of, _, _) => run_through(of),
        place => root_of(place),
    }
}

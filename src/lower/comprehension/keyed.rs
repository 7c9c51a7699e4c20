//! Comprehensions that make a dict or a set.
//!
//! Enters: the clauses, and the type of the map or set. Leaves: a chain of iterators that is
//! collected, or a loop that puts the entries in. This module must not know what a loop runs
//! over.

use crate::ast::{self, Expr as PyExpr, ExprKind};
use crate::catalog::dict;
use crate::ir::{Block, Expr, RTy, Stmt, StmtKind};
use crate::lower::function::FnLower;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `{key: value for …}`, `{element for …}`
    pub(in crate::lower) fn keyed_comprehension(
        &mut self,
        e: &'a PyExpr,
        clauses: &'a [ast::Clause],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let ExprKind::Comprehension { element, value, .. } = &e.kind else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        let binds = [Some(element), value.as_ref()]
            .into_iter()
            .flatten()
            .any(|part| crate::lower::walrus::binds(part));
        if binds {
            return Err(self.partly(e, "`:=` in a comprehension of a dict or set"));
        }
        let value = value.as_deref();
        // In a `Vec` of entries a key stands once, so it must be known to come once.
        let collects = !dict::is_ordered(to) || comes_once(element, clauses);
        let saved = self.var_types.clone();
        if collects {
            let mut leaf = |this: &mut Self| {
                let (key, value) = this.entry_of(element, value, to)?;
                Ok(match value {
                    Some(value) => Expr::Tuple(vec![key, value]),
                    None => key,
                })
            };
            if let Some(iter) = self.chained_with(clauses, &mut leaf)? {
                return Ok(Val::new(iter.method("collect", vec![]), to.clone(), &fact));
            }
        }
        self.var_types = saved;
        let name = self.free_name(if value.is_some() { "entries" } else { "values" });
        let init = match to {
            RTy::Map { ordered: true, .. } => Expr::call("Vec::new", vec![]),
            RTy::Map { .. } => Expr::call("BTreeMap::new", vec![]),
            _ => Expr::call("BTreeSet::new", vec![]),
        };
        let mut stmts = vec![Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: true,
            ty: Some(to.clone()),
            init: Some(init),
        })];
        let made = Expr::atom(name.clone());
        let mut put = |this: &mut Self| {
            let (key, value) = this.entry_of(element, value, to)?;
            let span = this.current_span();
            let put = match value {
                Some(value) => {
                    let mut site = this.site();
                    let put = dict::insert(made.clone(), to, key, value, &mut site);
                    this.absorb(site, span);
                    put
                }
                None => made.clone().method("insert", vec![key]),
            };
            this.emit(span, StmtKind::Expr(put));
            Ok(())
        };
        stmts.push(self.clause_loops(clauses, &mut put)?);
        let block = Block {
            stmts,
            value: Some(Box::new(Expr::atom(name))),
        };
        Ok(Val::new(Expr::Block(block), to.clone(), &fact))
    }

    /// One key, and its value in a dict.
    fn entry_of(
        &mut self,
        element: &'a PyExpr,
        value: Option<&'a PyExpr>,
        to: &RTy,
    ) -> Result<(Expr, Option<Expr>), Expr> {
        match (to, value) {
            (RTy::Map { key, value: v, .. }, Some(value)) => {
                let key = self.key(element, key)?;
                let val = self.expr_as(value, v)?;
                let val = self.given(val);
                let value = self.coerce(val, v, value.span, "a value")?;
                Ok((key, Some(value)))
            }
            (RTy::Set(elem), None) => Ok((self.key(element, elem)?, None)),
            _ => Err(self.hole(element)),
        }
    }
}

/// Whether a key is what a loop takes once each: a number of a range, a key of a dict, an
/// index of `enumerate`.
fn comes_once(key: &PyExpr, clauses: &[ast::Clause]) -> bool {
    let (ExprKind::Name(key), [clause]) = (&key.kind, clauses) else {
        return false;
    };
    let is_key = |e: &PyExpr| matches!(&e.kind, ExprKind::Name(name) if name == key);
    let ExprKind::Call { func, args, .. } = &clause.iter.kind else {
        return false;
    };
    let method = match &func.kind {
        ExprKind::Name(name) => name.as_str(),
        ExprKind::Attribute { attr, .. } if args.is_empty() => attr.name.as_str(),
        _ => return false,
    };
    match (&clause.target.kind, method) {
        (ExprKind::Name(_), "range" | "keys") => is_key(&clause.target),
        (ExprKind::Tuple(items), "items" | "enumerate") => items.first().is_some_and(is_key),
        _ => false,
    }
}

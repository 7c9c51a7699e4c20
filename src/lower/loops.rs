//! `for`.

use super::function::FnLower;
use super::iterate::{Form, Items, Shape};
use super::within::Within;
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::scope::BlockRef;
use crate::ir::uses::{mentions, variables};
use crate::ir::{Block, Expr, RTy, StmtKind};
use crate::project::IntTy;
use crate::ty::Ty;
use crate::value::Fact;

impl<'a> FnLower<'_, 'a> {
    /// Lowers a `for` loop.
    pub(super) fn for_(
        &mut self,
        stmt: &'a PyStmt,
        target: &'a PyExpr,
        iter: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<(), Expr> {
        let at = self.lw.first_line(stmt.span);
        if self.indexed(stmt, target, iter, body, orelse) {
            return Ok(());
        }
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        let mut within = None;
        let mut stepped = None;
        let items = match self.fact(iter.id).ty {
            Ty::Range if self.is_range_call(iter) => {
                within = self.loop_bound(stmt, target, iter, body);
                self.range(iter, target, body, within.as_ref())?
            }
            _ => match self.stepped(iter, body) {
                Some((items, found)) => {
                    stepped = Some(found);
                    items
                }
                None => self.in_turn(iter, |this| this.items_for(target, iter, body))?,
            },
        };
        let items = self.computed_at_once(iter, items);
        self.forget_changed(body);
        let mut binding = super::iterate::bind::Binding::default();
        let pattern = self.bind_items(target, &items.shape, Some(inner), &mut binding)?;
        self.open_loop(orelse, body);
        let bounded = within.is_some();
        self.withins.extend(within);
        let mut failed = None;
        let later = std::mem::take(&mut binding.later);
        let mut block = self.block_in(body, inner, &mut |this| {
            for (target, val) in &later {
                if let Err(hole) = this.store(target, val.clone(), at) {
                    failed = Some(hole);
                }
            }
        });
        if bounded {
            self.withins.pop();
        }
        if self.interferes(&items.form.clone().in_for(), &block) {
            let what =
                "a loop over what is computed, turn by turn, by what changes what its body uses,";
            failed = Some(self.partly(iter, what));
        }
        if let Some(hole) = failed {
            self.hole_in_stmt = true;
            block
                .stmts
                .insert(0, crate::ir::Stmt::new(StmtKind::Expr(hole)));
        }
        let kind = match stepped {
            Some(stepped) => self.stepped_loop(stepped, &pattern, block),
            None => StmtKind::For {
                label: None,
                pattern,
                names: binding.names,
                iter: items.form.in_for(),
                body: block,
            },
        };
        self.close_loop(stmt, kind, orelse, at);
        self.forget_changed(body);
        Ok(())
    }

    /// The elements of a list that is made for the loop are all there before its first turn:
    /// where they are computed by what changes something, that shows.
    fn computed_at_once(&mut self, iter: &PyExpr, items: Items) -> Items {
        let listed = match &iter.kind {
            ExprKind::Comprehension { kind, .. } => *kind == ast::ComprehensionKind::List,
            _ => false,
        };
        match items.form {
            Form::Iter(chain) if listed && self.calls_to_change(&chain) => {
                let list = chain.method("collect::<Vec<_>>", vec![]);
                let val = crate::value::Val::new(list, RTy::Never, &Fact::unknown());
                let values = self.hoist_given(val, "values", iter.span);
                Items {
                    form: Form::Iter(values.expr),
                    ..items
                }
            }
            form => Items { form, ..items },
        }
    }

    /// Whether the elements of a loop are computed turn by turn, by calls that change what the
    /// body names.
    fn interferes(&self, iter: &Expr, body: &Block) -> bool {
        if !self.calls_to_change(iter) || !super::lazy::is_chain(iter) {
            return false;
        }
        variables(iter).into_iter().any(|name| mentions(body, name))
    }

    /// `for i in range(n)` that only reads `xs[i]`, where `n` is the length of `xs`, runs over
    /// the elements themselves; false where it is another loop.
    fn indexed(
        &mut self,
        stmt: &'a PyStmt,
        target: &'a PyExpr,
        iter: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> bool {
        let (ExprKind::Name(name), ExprKind::Call { func, args, .. }) = (&target.kind, &iter.kind)
        else {
            return false;
        };
        let (ExprKind::Name(function), [stop]) = (&func.kind, args.as_slice()) else {
            return false;
        };
        if self.fact(iter.id).ty != Ty::Range
            || function != "range"
            || !orelse.stmts.is_empty()
            || !only_indexes(body, name)
        {
            return false;
        }
        let Some(version) = self.scope.names.get(&target.id).cloned() else {
            return false;
        };
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        if self
            .scope
            .vars
            .get(&version)
            .is_none_or(|info| info.home != inner || info.bindings > 1)
        {
            return false;
        }
        let bases = indexed_bases(body, name);
        let Some(path) = bases.first().and_then(|b| self.path_of(b)) else {
            return false;
        };
        // What a comprehension within binds is not there before.
        let bound_within = path.root.contains("#c");
        if bound_within
            || bases
                .iter()
                .any(|b| self.path_of(b).as_ref() != Some(&path))
        {
            return false;
        }
        let mut changed = Vec::new();
        super::narrow::changed_paths(self, body, &mut changed);
        if changed
            .iter()
            .any(|c| c.starts_with(&path) || path.starts_with(c))
        {
            return false;
        }
        let Some((place, rty)) = self.path_place(&path, false) else {
            return false;
        };
        let RTy::Array(elem, len) = rty.peel().clone() else {
            return false;
        };
        if self.fact(stop.id).range.int().constant() != Some(len as i128) || !self.lw.is_copy(&elem)
        {
            return false;
        }
        let at = self.lw.first_line(stmt.span);
        let item = self.element_name(&path);
        self.open_loop(orelse, body);
        self.elements.push((path.clone(), version, item.clone()));
        let block = self.block(body, inner);
        self.elements.pop();
        let place = if rty.is_ref() {
            place
        } else {
            Expr::Ref(Box::new(place))
        };
        let kind = StmtKind::For {
            label: None,
            pattern: format!("&{item}"),
            names: vec![item],
            iter: place,
            body: block,
        };
        self.close_loop(stmt, kind, orelse, at);
        self.forget_changed(body);
        true
    }

    /// A name for one of what lies at a path: `gain` of `gains`.
    pub(super) fn element_name(&self, path: &crate::infer::Path) -> String {
        let whole = match path.segs.last() {
            Some(crate::infer::Seg::Attr(name)) => name.clone(),
            _ => crate::infer::scope::plain_name(&path.root).to_string(),
        };
        let one = match whole.strip_suffix('s') {
            Some(one) if !one.is_empty() && !one.ends_with('s') => super::vars::rust_ident(one),
            _ => format!("{whole}_value"),
        };
        let taken = |name: &str| {
            self.model
                .vars
                .keys()
                .any(|v| crate::infer::scope::plain_name(v) == name)
        };
        if taken(&one) {
            format!("{one}_value")
        } else {
            one
        }
    }

    /// `range(…)`: an index loop counts in `usize` where its variable does nothing else.
    fn range(
        &mut self,
        iter: &'a PyExpr,
        target: &'a PyExpr,
        body: &'a ast::Block,
        within: Option<&Within>,
    ) -> Result<Items, Expr> {
        let mut range = self.expr(iter)?;
        let bounds_fit = range.range.int().lo.is_some_and(|lo| lo >= 0);
        if let ExprKind::Name(name) = &target.kind
            && bounds_fit
            && (only_indexes(body, name) || within.is_some_and(|w| self.only_within(body, w)))
            && let Some(expr) = self.usize_range(iter)
        {
            range.expr = expr;
            range.rty = RTy::USIZE;
        }
        Ok(Items {
            form: Form::Iter(range.expr),
            shape: Shape::One {
                rty: range.rty,
                fact: Fact {
                    ty: Ty::Int,
                    range: range.range,
                    unbound: false,
                },
                by_ref: false,
            },
        })
    }

    fn is_range_call(&self, iter: &'a PyExpr) -> bool {
        matches!(self.builtin_call(iter), Some(("range", _, _)))
    }

    /// The range with `usize` bounds, where both are constant or lengths.
    fn usize_range(&mut self, iter: &'a PyExpr) -> Option<Expr> {
        let ExprKind::Call { args, .. } = &iter.kind else {
            return None;
        };
        let bound = |this: &mut Self, e: &'a PyExpr| {
            let val = this.expr(e).ok()?;
            val.to_int(IntTy::Usize)
                .or_else(|| this.length_less_expr(e))
        };
        let (low, high) = match args.as_slice() {
            [stop] => (Expr::atom("0"), bound(self, stop)?),
            [start, stop] => (bound(self, start)?, bound(self, stop)?),
            _ => return None,
        };
        Some(Expr::Range {
            low: Some(Box::new(low)),
            high: Some(Box::new(high)),
            inclusive: false,
        })
    }
}

/// What a name indexes in a block.
fn indexed_bases<'a>(body: &'a ast::Block, name: &str) -> Vec<&'a PyExpr> {
    struct Bases<'n, 'a>(&'n str, Vec<&'a PyExpr>);
    impl<'ast> ast::visit::Visitor<'ast> for Bases<'_, 'ast> {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            if let ExprKind::Subscript { value, index } = &e.kind
                && matches!(&index.kind, ExprKind::Name(n) if n == self.0)
            {
                self.1.push(value);
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut bases = Bases(name, Vec::new());
    ast::visit::Visitor::visit_block(&mut bases, body);
    bases.1
}

/// Whether a name is used in a block as an index, and for nothing else.
fn only_indexes(body: &ast::Block, name: &str) -> bool {
    struct Uses<'n> {
        name: &'n str,
        indexes: usize,
        others: usize,
    }
    impl<'ast> ast::visit::Visitor<'ast> for Uses<'_> {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            match &e.kind {
                ExprKind::Subscript { value, index } if matches!(&index.kind, ExprKind::Name(n) if n == self.name) =>
                {
                    self.indexes += 1;
                    self.visit_expr(value);
                }
                ExprKind::Name(n) if n == self.name => self.others += 1,
                _ => ast::visit::walk_expr(self, e),
            }
        }
    }
    let mut uses = Uses {
        name,
        indexes: 0,
        others: 0,
    };
    ast::visit::Visitor::visit_block(&mut uses, body);
    uses.indexes > 0 && uses.others == 0
}

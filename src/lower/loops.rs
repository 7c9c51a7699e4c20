//! `for`.

use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::infer::scope::BlockRef;
use crate::ir::{Expr, RTy, StmtKind};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

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
        if let ExprKind::Tuple(names) | ExprKind::List(names) = &target.kind {
            return self.for_tuple(stmt, names, iter, body, orelse);
        }
        let fact = self.fact(iter.id);
        let (source, elem) = match fact.ty.narrowed() {
            Ty::Range => self.range(iter, target, body)?,
            Ty::List { .. } => self.list(iter, body)?,
            Ty::Tuple(_) => self.tuple(iter)?,
            _ => return Err(self.hole(iter)),
        };
        self.forget_changed(body);
        let label = self.open_loop(orelse, body);
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        let ExprKind::Name(_) = &target.kind else {
            self.loop_labels.pop();
            return Err(self.partly(target, "unpacking the elements of a loop"));
        };
        let Some(version) = self.scope.names.get(&target.id).cloned() else {
            self.loop_labels.pop();
            return Err(self.hole(target));
        };
        let own = self
            .scope
            .vars
            .get(&version)
            .is_some_and(|info| info.home == inner);
        let name = self.var_name(&version);
        let (pattern, names, block) = if own {
            self.declared.insert(version.clone());
            let rebound = self
                .scope
                .vars
                .get(&version)
                .is_some_and(|info| info.bindings > 1);
            let read = self
                .scope
                .vars
                .get(&version)
                .is_some_and(|info| info.reads > 0);
            // A variable that is bound by the loop alone has the type of the elements.
            if !rebound {
                self.var_types.insert(version.clone(), elem.rty.clone());
            }
            let block = match (rebound, self.var_type(&version)) {
                (true, Some(ty)) if ty != elem.rty => {
                    let item = Val {
                        expr: Expr::atom(name.clone()),
                        ..elem.clone()
                    };
                    let value = self.coerce(item, &ty, at, &name)?;
                    let mut block = self.block(body, inner);
                    block.stmts.insert(
                        0,
                        crate::ir::Stmt::new(StmtKind::Let {
                            name: name.clone(),
                            mutable: true,
                            ty: Some(ty),
                            init: Some(value),
                        }),
                    );
                    block
                }
                _ => self.block(body, inner),
            };
            let widened = rebound && self.var_type(&version).is_some_and(|ty| ty != elem.rty);
            let pattern = match (rebound && !widened, read) {
                (true, _) => format!("mut {name}"),
                (false, true) => name.clone(),
                (false, false) => format!("_{}", name.trim_start_matches('_')),
            };
            (pattern, vec![name], block)
        } else {
            // The variable is used after the loop, or before: it is assigned on each turn.
            let item = format!("next_{name}");
            let Some(ty) = self.var_type(&version) else {
                self.loop_labels.pop();
                return Err(self.hole(target));
            };
            let val = Val {
                expr: Expr::atom(item.clone()),
                ..elem.clone()
            };
            let ty_inner = match &ty {
                RTy::Option(inner) if self.unbound.contains(&version) => (**inner).clone(),
                other => other.clone(),
            };
            let mut value = self.coerce(val, &ty_inner, at, &name)?;
            if self.unbound.contains(&version) {
                value = Expr::call("Some", vec![value]);
            }
            let mut block = self.block(body, inner);
            block.stmts.insert(
                0,
                crate::ir::Stmt::at(
                    at,
                    StmtKind::Assign {
                        place: Expr::atom(name),
                        op: None,
                        value,
                    },
                ),
            );
            (item.clone(), vec![item], block)
        };
        let pattern = if source.by_ref {
            format!("&{pattern}")
        } else {
            pattern
        };
        let kind = StmtKind::For {
            label: None,
            pattern,
            names,
            iter: source.iter,
            body: block,
        };
        self.close_loop(stmt, label, kind, orelse, at);
        self.forget_changed(body);
        Ok(())
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
        if bases
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
        let label = self.open_loop(orelse, body);
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
        self.close_loop(stmt, label, kind, orelse, at);
        self.forget_changed(body);
        true
    }

    /// A name for one of what lies at a path: `gain` of `gains`.
    fn element_name(&self, path: &crate::infer::Path) -> String {
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

    /// A loop that unpacks: over `enumerate`, `zip`, or a list of tuples.
    fn for_tuple(
        &mut self,
        stmt: &'a PyStmt,
        names: &'a [PyExpr],
        iter: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<(), Expr> {
        let at = self.lw.first_line(stmt.span);
        let inner = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: true,
        };
        let (source, parts, by_ref) = self.tuples(iter, body)?;
        if parts.len() != names.len() {
            return Err(self.partly(iter, "unpacking the elements of this loop"));
        }
        let mut patterns = Vec::new();
        let mut bound = Vec::new();
        let mut assigns: Vec<(String, RTy, Expr)> = Vec::new();
        for (name, (rty, part_by_ref)) in names.iter().zip(parts) {
            let version = match &name.kind {
                ExprKind::Name(_) => self.scope.names.get(&name.id).cloned(),
                _ => None,
            };
            let Some(version) = version else {
                return Err(self.partly(name, "this target of a loop"));
            };
            let own = self
                .scope
                .vars
                .get(&version)
                .is_some_and(|i| i.home == inner && i.bindings == 1);
            if !own {
                // Used after the loop, or changed in it: assigned on each turn.
                let Some(ty) = self.var_type(&version) else {
                    return Err(self.hole(name));
                };
                let rust = self.var_name(&version);
                let next = format!("next_{rust}");
                let mut fact = self.fact(name.id);
                if rty == RTy::USIZE {
                    let most = IntRange::new(0, i64::MAX as i128);
                    fact = Fact::int(fact.range.int().meet(most));
                }
                let unbound = self.unbound.contains(&version);
                let inner_ty = match &ty {
                    RTy::Option(held) if unbound => (**held).clone(),
                    other => other.clone(),
                };
                let item = Val::new(Expr::atom(next.clone()), rty, &fact);
                let mut value = self.coerce(item, &inner_ty, at, &rust)?;
                if unbound {
                    value = Expr::call("Some", vec![value]);
                }
                assigns.push((rust, ty, value));
                patterns.push(if part_by_ref {
                    format!("&{next}")
                } else {
                    next.clone()
                });
                bound.push(next);
                continue;
            }
            let read = self.scope.vars.get(&version).is_some_and(|i| i.reads > 0);
            let rust = self.var_name(&version);
            let rust = if read {
                rust
            } else {
                format!("_{}", rust.trim_start_matches('_'))
            };
            self.declared.insert(version.clone());
            self.var_types.insert(version, rty);
            patterns.push(if part_by_ref {
                format!("&{rust}")
            } else {
                rust.clone()
            });
            bound.push(rust);
        }
        let pattern = format!("{}({})", if by_ref { "&" } else { "" }, patterns.join(", "));
        self.forget_changed(body);
        let label = self.open_loop(orelse, body);
        let declared: Vec<bool> = assigns
            .iter()
            .map(|(rust, ..)| self.declared.iter().any(|v| self.var_name(v) == *rust))
            .collect();
        for name in names {
            if let Some(version) = self.scope.names.get(&name.id).cloned() {
                self.declared.insert(version);
            }
        }
        let mut block = self.block(body, inner);
        for ((rust, ty, value), declared) in assigns.into_iter().zip(declared).rev() {
            let kind = if declared {
                StmtKind::Assign {
                    place: Expr::atom(rust),
                    op: None,
                    value,
                }
            } else {
                StmtKind::Let {
                    name: rust,
                    mutable: true,
                    ty: Some(ty),
                    init: Some(value),
                }
            };
            block.stmts.insert(0, crate::ir::Stmt::at(at, kind));
        }
        let kind = StmtKind::For {
            label: None,
            pattern,
            names: bound,
            iter: source,
            body: block,
        };
        self.close_loop(stmt, label, kind, orelse, at);
        self.forget_changed(body);
        Ok(())
    }

    /// The Rust iterator over tuples, the type of each part and whether it is a reference,
    /// and whether the tuples are.
    #[allow(clippy::type_complexity)]
    pub(super) fn tuples(
        &mut self,
        iter: &'a PyExpr,
        body: &'a ast::Block,
    ) -> Result<(Expr, Vec<(RTy, bool)>, bool), Expr> {
        if let ExprKind::Call { func, args, .. } = &iter.kind
            && let ExprKind::Name(name) = &func.kind
        {
            match (name.as_str(), args.as_slice()) {
                ("enumerate", [xs]) => {
                    let (xs, elem, by_ref) = self.elements_of(xs, body)?;
                    return Ok((
                        xs.method("enumerate", vec![]),
                        vec![(RTy::USIZE, false), (elem, by_ref)],
                        false,
                    ));
                }
                ("zip", [xs, ys]) => {
                    let (xs, a, a_ref) = self.elements_of(xs, body)?;
                    let (ys, b, b_ref) = self.elements_of(ys, body)?;
                    return Ok((
                        xs.method("zip", vec![ys]),
                        vec![(a, a_ref), (b, b_ref)],
                        false,
                    ));
                }
                _ => {}
            }
        }
        let (source, elem) = self.list(iter, body)?;
        match elem.rty.peel() {
            RTy::Tuple(tys) if tys.iter().all(|t| self.lw.is_copy(t)) => {
                let parts = tys.iter().map(|t| (t.clone(), false)).collect();
                Ok((source.iter, parts, source.by_ref || elem.rty.is_ref()))
            }
            _ => Err(self.partly(iter, "unpacking the elements of this loop")),
        }
    }

    /// An iterator over a list's elements, for a chain of methods.
    fn elements_of(
        &mut self,
        xs: &'a PyExpr,
        body: &'a ast::Block,
    ) -> Result<(Expr, RTy, bool), Expr> {
        match self.fact(xs.id).ty.narrowed() {
            Ty::Range => {
                let range = self.expr(xs)?;
                Ok((range.expr, range.rty, false))
            }
            Ty::Tuple(_) => {
                let (source, elem) = self.tuple(xs)?;
                match source.iter {
                    Expr::Ref(inner) if source.by_ref => {
                        Ok((inner.method("iter", vec![]), elem.rty, true))
                    }
                    other => Ok((other.method("into_iter", vec![]), elem.rty, false)),
                }
            }
            _ => {
                let (source, elem) = self.list(xs, body)?;
                let place = match source.iter {
                    Expr::Ref(inner) => *inner,
                    other => other,
                };
                Ok((place.method("iter", vec![]), elem.rty, source.by_ref))
            }
        }
    }

    /// `[element for target in iter if …]`
    pub(super) fn comprehension(
        &mut self,
        e: &'a PyExpr,
        element: &'a PyExpr,
        clause: &'a ast::Clause,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(list_ty @ RTy::Vec(_)) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        let RTy::Vec(elem_ty) = list_ty.clone() else {
            return Err(self.hole(e));
        };
        let empty: &'a ast::Block = self.empty;
        let (source, pattern) = match &clause.target.kind {
            ExprKind::Name(_) => {
                let (source, elem, by_ref) = self.elements_of(&clause.iter, empty)?;
                let Some(version) = self.scope.names.get(&clause.target.id).cloned() else {
                    return Err(self.hole(e));
                };
                self.var_types.insert(version.clone(), elem);
                let name = self.var_name(&version);
                (source, if by_ref { format!("&{name}") } else { name })
            }
            ExprKind::Tuple(names) => {
                let (source, parts, by_ref) = self.tuples(&clause.iter, empty)?;
                let source = match source {
                    Expr::Ref(inner) => inner.method("iter", vec![]),
                    other => other,
                };
                let mut patterns = Vec::new();
                for (name, (rty, part_by_ref)) in names.iter().zip(parts) {
                    let Some(version) = self.scope.names.get(&name.id).cloned() else {
                        return Err(self.hole(e));
                    };
                    self.var_types.insert(version.clone(), rty);
                    let rust = self.var_name(&version);
                    patterns.push(if part_by_ref {
                        format!("&{rust}")
                    } else {
                        rust
                    });
                }
                (
                    source,
                    format!("{}({})", if by_ref { "&" } else { "" }, patterns.join(", ")),
                )
            }
            _ => return Err(self.hole(e)),
        };
        self.conditional += 1;
        let mut tests = Vec::new();
        for test in &clause.ifs {
            tests.push(self.condition_value(test));
        }
        let value = self
            .expr_as(element, &elem_ty)
            .and_then(|v| self.coerce(v, &elem_ty, element.span, "an element"));
        self.conditional -= 1;
        let value = value?;
        let tests: Result<Vec<Expr>, Expr> = tests.into_iter().collect();
        let tests = tests?;
        if value.can_fail() || tests.iter().any(Expr::can_fail) {
            return Err(self.partly(e, "a comprehension whose element can raise"));
        }
        let mut iter = source;
        if let Some(test) = tests
            .into_iter()
            .reduce(|a, b| a.binary(crate::ir::BinOp::And, b))
        {
            // `filter` sees a reference to what `map` gets.
            iter = iter.method(
                "filter",
                vec![Expr::Closure(format!("&{pattern}"), Box::new(test))],
            );
        }
        let identity = matches!(&value, Expr::Atom(v) if pattern.trim_start_matches('&') == v);
        let iter = match (identity, pattern.starts_with('&')) {
            (true, true) => iter.method("copied", vec![]),
            (true, false) => iter,
            _ => iter.method("map", vec![Expr::Closure(pattern, Box::new(value))]),
        };
        Ok(Val::new(iter.method("collect", vec![]), list_ty, &fact))
    }

    /// `range(…)`: an index loop counts in `usize` where its variable does nothing else.
    fn range(
        &mut self,
        iter: &'a PyExpr,
        target: &'a PyExpr,
        body: &'a ast::Block,
    ) -> Result<(Source, Val), Expr> {
        let mut range = self.expr(iter)?;
        let bounds_fit = range.range.int().lo.is_some_and(|lo| lo >= 0);
        if let ExprKind::Name(name) = &target.kind
            && bounds_fit
            && only_indexes(body, name)
            && let Some(expr) = self.usize_range(iter)
        {
            range.expr = expr;
            range.rty = RTy::USIZE;
        }
        let elem = Val::new(
            Expr::atom("i"),
            range.rty.clone(),
            &Fact {
                ty: Ty::Int,
                range: range.range,
                unbound: false,
            },
        );
        Ok((
            Source {
                iter: range.expr,
                by_ref: false,
            },
            elem,
        ))
    }

    /// The range with `usize` bounds, where both are constant or lengths.
    fn usize_range(&mut self, iter: &'a PyExpr) -> Option<Expr> {
        let ExprKind::Call { args, .. } = &iter.kind else {
            return None;
        };
        let bound = |this: &mut Self, e: &'a PyExpr| {
            let val = this.expr(e).ok()?;
            val.to_int(IntTy::Usize)
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

    fn list(&mut self, iter: &'a PyExpr, body: &'a ast::Block) -> Result<(Source, Val), Expr> {
        let mut list = self.expr(iter)?;
        let mut changed = Vec::new();
        super::narrow::changed_paths(self, body, &mut changed);
        let is_changed = |path: &crate::infer::Path| {
            changed
                .iter()
                .any(|c| c.starts_with(path) || path.starts_with(c))
        };
        // A part of a list need not be copied where the loop leaves the list alone.
        if let ExprKind::Subscript { value, index } = &iter.kind
            && matches!(index.kind, ExprKind::Slice { .. })
            && let Some(path) = self.path_of(value)
            && !is_changed(&path)
        {
            list.expr = list.expr.lent();
            list.rty = RTy::Ref(Box::new(list.rty));
        }
        if let Some(path) = self.path_of(iter)
            && is_changed(&path)
        {
            return Err(self.partly(iter, "a loop over a list that its body changes"));
        }
        let elem = match list.rty.peel() {
            RTy::Array(elem, _) | RTy::Vec(elem) | RTy::Slice(elem) => (**elem).clone(),
            _ => return Err(self.hole(iter)),
        };
        let fact = match self.fact(iter.id).ty.narrowed() {
            Ty::List { elem, store, .. } => {
                let range = store.as_ref().map_or_else(
                    || Fact::of((*elem).clone()).range,
                    crate::value::stored_range,
                );
                Fact {
                    ty: *elem,
                    range,
                    unbound: false,
                }
            }
            _ => Fact::unknown(),
        };
        let by_ref = self.lw.is_copy(&elem);
        let place = if list.rty.is_ref() {
            list.expr
        } else {
            Expr::Ref(Box::new(list.expr))
        };
        let rty = if by_ref {
            elem
        } else {
            RTy::Ref(Box::new(elem))
        };
        Ok((
            Source {
                iter: place,
                by_ref,
            },
            Val::new(Expr::atom("x"), rty, &fact),
        ))
    }

    /// A loop over the values of a tuple.
    fn tuple(&mut self, iter: &'a PyExpr) -> Result<(Source, Val), Expr> {
        if !matches!(iter.kind, ExprKind::Tuple(_)) {
            // A constant tuple of one type is an array.
            let val = self.expr(iter)?;
            if let (RTy::Array(elem, _), Ty::Tuple(tys)) = (val.rty.clone(), val.ty.clone()) {
                let fact = Fact::of(tys.iter().fold(Ty::Unknown, |a, b| a.join(b)));
                let source = Source {
                    iter: Expr::Ref(Box::new(val.expr)),
                    by_ref: true,
                };
                return Ok((source, Val::new(Expr::atom("x"), *elem, &fact)));
            }
        }
        let (ExprKind::Tuple(items), Ty::Tuple(tys)) = (&iter.kind, self.fact(iter.id).ty) else {
            return Err(self.partly(iter, "a loop over a tuple"));
        };
        let elem = tys.iter().fold(Ty::Unknown, |a, b| a.join(b));
        let fact = items
            .iter()
            .map(|i| self.fact(i.id))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_else(|| Fact::of(elem));
        let Some(ty) = self.lw.natural(&fact) else {
            return Err(self.partly(iter, "a loop over values of these types"));
        };
        let ty = if ty == RTy::String { RTy::Str } else { ty };
        let mut exprs = Vec::new();
        for item in items {
            let val = self.expr_as(item, &ty)?;
            exprs.push(self.coerce(val, &ty, item.span, "an element")?);
        }
        Ok((
            Source {
                iter: Expr::Array(exprs),
                by_ref: false,
            },
            Val::new(Expr::atom("x"), ty, &fact),
        ))
    }
}

/// What a loop runs over.
struct Source {
    iter: Expr,
    /// Its items are references to what is copied.
    by_ref: bool,
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

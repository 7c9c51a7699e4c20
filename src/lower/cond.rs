//! `if`, conditional expressions, and conditions.

mod conditional;
mod let_else;
mod variants;

use super::function::FnLower;
use super::narrow::{NoneTest, operands};
use super::tagged::VariantTest;
use crate::ast::{self, BoolOp, Expr as PyExpr, ExprKind, Stmt as PyStmt, UnaryOp};
use crate::infer::scope::BlockRef;
use crate::ir::uses::mentions;
use crate::ir::{BinOp, Expr, RTy, StmtKind};

impl<'a> FnLower<'_, 'a> {
    /// Lowers an `if` statement.
    pub(super) fn if_(
        &mut self,
        stmt: &'a PyStmt,
        test: &'a PyExpr,
        body: &'a ast::Block,
        orelse: &'a ast::Block,
    ) -> Result<(), Expr> {
        if let Some(holds) = self.types_decide(test) {
            // Types decide: the other branch never runs.
            self.decided_alone(test)?;
            let taken = if holds { body } else { orelse };
            let of = BlockRef {
                owner: Some(stmt.id),
                slot: u32::from(!holds),
                is_loop: false,
            };
            let mut block = self.block(taken, of);
            self.out.append(&mut block.stmts);
            return Ok(());
        }
        if self.match_variants(stmt, test, body, orelse)? {
            return Ok(());
        }
        let at = self.lw.first_line(stmt.span);
        let then_ref = BlockRef {
            owner: Some(stmt.id),
            slot: 0,
            is_loop: false,
        };
        let else_ref = BlockRef {
            owner: Some(stmt.id),
            slot: 1,
            is_loop: false,
        };
        let missing = self.none_tests(test);
        if let Some(tests) = &missing {
            let rest: &'a [PyStmt] = self.rest.last().copied().unwrap_or(&[]);
            let used: Vec<bool> = tests
                .iter()
                .map(|t| self.reads_narrowed(&t.path, rest))
                .collect();
            let changed = |t: &NoneTest<'a>| {
                (!t.path.segs.is_empty() || t.path.global_name().is_some())
                    && self.changes_what_lies_at(&t.path, rest)
                    && !self.can_be_lent(&t.path, rest)
            };
            if orelse.stmts.is_empty()
                && body.leaves()
                && used.contains(&true)
                && !tests.iter().any(changed)
            {
                if !let_else::hang_together(tests) {
                    return self.let_else(tests, &used, body, then_ref, at);
                }
                // `x is None or x.y is None`: the second is asked of what the first found.
                if body.stmts.len() == 1 {
                    let all: Vec<bool> = tests
                        .iter()
                        .enumerate()
                        .map(|(i, t)| {
                            let inside = |u: &NoneTest<'a>| u.path.starts_with(&t.path);
                            let later = tests.get(i + 1..).unwrap_or(&[]);
                            used.get(i) == Some(&true) || later.iter().any(inside)
                        })
                        .collect();
                    for (test, used) in tests.iter().zip(&all) {
                        let test = std::slice::from_ref(test);
                        self.let_else(test, &[*used], body, then_ref, at)?;
                    }
                    return Ok(());
                }
            }
            if let ([one], false) = (tests.as_slice(), orelse.stmts.is_empty())
                && self.reads_narrowed(&one.path, &orelse.stmts)
                && let Some((option, rty)) = self.option_for(one, &orelse.stmts)
            {
                // `if x is None: A else: B`, where B uses x.
                let name = self.bound_name_in(&one.path, &orelse.stmts);
                let otherwise = self.block(body, then_ref);
                let depth = self.bounds.len();
                self.bind_path(&one.path, &name, rty);
                let then = self.block(orelse, else_ref);
                self.bounds.truncate(depth);
                self.forget_changed(body);
                self.forget_changed(orelse);
                let cond = Box::new(Expr::Let(
                    format!("{}({name})", one.holder),
                    Box::new(option),
                ));
                self.emit(
                    at,
                    StmtKind::Expr(Expr::If {
                        cond,
                        then,
                        otherwise: Some(otherwise),
                    }),
                );
                return Ok(());
            }
        }
        if orelse.stmts.is_empty()
            && body.leaves()
            && let Some(test) = self.tag_test(test).and_then(|t| self.opposite(t))
        {
            let rest: &'a [PyStmt] = self.rest.last().copied().unwrap_or(&[]);
            if let Some(data) = self.data_of(&test, rest, &[]) {
                let (place, _) = self.tagged_place(test.value)?;
                let otherwise = self.block(body, then_ref);
                self.emit(
                    at,
                    StmtKind::LetPattern {
                        pattern: data.pattern.clone(),
                        names: data.bound.iter().map(|(_, name, _)| name.clone()).collect(),
                        init: place,
                        otherwise: Some(otherwise),
                    },
                );
                self.bind_data(&data);
                return Ok(());
            }
        }
        if orelse.stmts.is_empty() && body.leaves() && self.let_filter(test, body, then_ref, at)? {
            return Ok(());
        }
        let depth = self.bounds.len();
        let cond = match self.chain(test, Some(&body.stmts), None) {
            Ok(cond) => cond,
            Err(hole) => {
                self.hole_in_stmt = true;
                hole
            }
        };
        let hole = self.hole_in_stmt;
        let then = self.block(body, then_ref);
        self.bounds.truncate(depth);
        let otherwise = if orelse.stmts.is_empty() {
            None
        } else {
            Some(self.block(orelse, else_ref))
        };
        self.hole_in_stmt = hole;
        self.forget_changed(body);
        self.forget_changed(orelse);
        // An empty `else` says nothing; an empty `then` with an `else` is turned round.
        let otherwise = otherwise.filter(|b| !b.stmts.is_empty());
        match (then.stmts.is_empty(), otherwise) {
            (true, Some(otherwise)) if !cond.has_let() => {
                let cond = Box::new(self.negated(cond, test));
                self.emit(
                    at,
                    StmtKind::Expr(Expr::If {
                        cond,
                        then: otherwise,
                        otherwise: None,
                    }),
                );
            }
            (true, None) => {
                if cond.can_fail() {
                    self.emit(
                        at,
                        StmtKind::LetPattern {
                            pattern: "_".into(),
                            names: vec![],
                            init: cond,
                            otherwise: None,
                        },
                    );
                }
            }
            (_, None) if cond == Expr::atom("false") => {}
            (_, None) if cond == Expr::atom("true") => self.emit(
                at,
                StmtKind::Block {
                    label: None,
                    body: then,
                },
            ),
            (_, otherwise) => {
                self.emit(
                    at,
                    StmtKind::Expr(Expr::If {
                        cond: Box::new(cond),
                        then,
                        otherwise,
                    }),
                );
            }
        }
        Ok(())
    }

    /// A condition of `if`, in which `x is not None` becomes `let Some(x) = x` where `x` is
    /// used in what follows; its names stay bound until the caller drops them.
    fn chain(
        &mut self,
        test: &'a PyExpr,
        body: Option<&'a [PyStmt]>,
        value: Option<&'a PyExpr>,
    ) -> Result<Expr, Expr> {
        let parts = operands(test, BoolOp::And);
        let mut cond: Option<Expr> = None;
        let mut ranges: Vec<Expr> = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let later = parts.get(i + 1..).unwrap_or(&[]);
            match self.none_decides(part) {
                Some(true) => continue,
                Some(false) => {
                    ranges.push(Expr::atom("false"));
                    break;
                }
                None => {}
            }
            if let Some(test) = self.tag_test(part) {
                let implied = |other: &VariantTest<'a>| {
                    self.path_of(other.value) == self.path_of(test.value)
                        && other.holds.is_subset(&test.holds)
                        && !other.optional
                };
                if later
                    .iter()
                    .filter_map(|e| self.tag_test(e))
                    .any(|t| implied(&t))
                {
                    continue;
                }
                let mut exprs: Vec<&PyExpr> = later.to_vec();
                exprs.extend(value);
                if let Some(data) = self.data_of(&test, body.unwrap_or(&[]), &exprs) {
                    let (place, rty) = self.tagged_place(test.value)?;
                    let pattern = match rty {
                        RTy::Option(_) => format!("Some({})", data.pattern),
                        _ => data.pattern.clone(),
                    };
                    self.bind_data(&data);
                    ranges.push(Expr::Let(pattern, Box::new(place)));
                    continue;
                }
            }
            if let Some(test) = self.kind_test(part) {
                let mut exprs: Vec<&'a PyExpr> = later.to_vec();
                exprs.extend(value);
                if let Some(pattern) = self.bind_kind(&test, body.unwrap_or(&[]), &exprs) {
                    ranges.push(pattern);
                    if !test.asks_more {
                        continue;
                    }
                }
            }
            let bound = match self.none_test(part) {
                // A test of its variant says as much.
                Some(found)
                    if !found.is_none
                        && later
                            .iter()
                            .filter_map(|e| self.tag_test(e))
                            .any(|t| self.path_of(t.value).as_ref() == Some(&found.path)) =>
                {
                    continue;
                }
                Some(found) if !found.is_none => {
                    let used = later.iter().any(|e| self.reads_narrowed_in(&found.path, e))
                        || body.is_some_and(|b| self.reads_narrowed(&found.path, b))
                        || value.is_some_and(|v| self.reads_narrowed_in(&found.path, v));
                    let already = self.bounds.iter().any(|b| b.path == found.path);
                    if used && !already {
                        let after: Vec<&'a PyExpr> = later.iter().copied().chain(value).collect();
                        let lent = value.and_then(|value| self.lent_to_value(&found, value));
                        match lent {
                            None if self.changes_within_any(&found.path, &after) => None,
                            None => self.option_for(&found, body.unwrap_or(&[])),
                            lent => lent,
                        }
                        .map(|o| (found, o))
                    } else {
                        None
                    }
                }
                _ => None,
            };
            let expr = match bound {
                Some((found, (option, rty))) => {
                    let name = self.bound_name_in(&found.path, body.unwrap_or(&[]));
                    self.bind_path(&found.path, &name, rty);
                    Expr::Let(format!("{}({name})", found.holder), Box::new(option))
                }
                None => {
                    self.conditional += usize::from(i > 0);
                    let expr = self.condition_value(part);
                    self.conditional -= usize::from(i > 0);
                    // What was found before it is still named in what follows.
                    expr.unwrap_or_else(|hole| {
                        self.hole_in_stmt = true;
                        hole
                    })
                }
            };
            ranges.push(expr);
        }
        if ranges.contains(&Expr::atom("false")) && !ranges.iter().any(Expr::can_fail) {
            return Ok(Expr::atom("false"));
        }
        ranges.retain(|e| *e != Expr::atom("true"));
        for expr in join_ranges(ranges, BinOp::And) {
            cond = Some(match cond {
                Some(left) => left.binary(BinOp::And, expr),
                None => expr,
            });
        }
        Ok(cond.unwrap_or_else(|| Expr::atom("true")))
    }

    /// A condition as a plain `bool`.
    pub(super) fn condition_value(&mut self, test: &'a PyExpr) -> Result<Expr, Expr> {
        if self.lw.input.model.problems.contains_key(&test.id) {
            return Err(self.hole(test));
        }
        if let Some(found) = self.tag_test(test) {
            return self.variant_is(&found);
        }
        if let Some(found) = self.none_test(test).filter(|t| t.holder == "Some") {
            let option = match self.shadows.read(found.operand.id) {
                Some(shadow) => Expr::atom(shadow.name),
                None => match self.path_place(&found.path, false) {
                    Some((option, rty)) if matches!(rty.peel(), RTy::Option(_)) => option,
                    // What is wrong with it shows elsewhere.
                    Some(_) | None => return Err(self.hole(test)),
                },
            };
            return Ok(option.method(if found.is_none { "is_none" } else { "is_some" }, vec![]));
        }
        match &test.kind {
            ExprKind::Logical { op, values } => {
                if let (BoolOp::And, [first, second]) = (op, values.as_slice())
                    && let Some(expr) = self.is_some_and(first, second)
                {
                    return Ok(expr);
                }
                let bin = if *op == BoolOp::And {
                    BinOp::And
                } else {
                    BinOp::Or
                };
                let mut parts = Vec::new();
                for (i, value) in values.iter().enumerate() {
                    if let Some(holds) = self.none_decides(value) {
                        parts.push(Expr::atom(if holds { "true" } else { "false" }));
                        if holds == (*op == BoolOp::Or) {
                            break;
                        }
                        continue;
                    }
                    self.conditional += usize::from(i > 0);
                    let rest = values.get(i + 1..).unwrap_or(&[]);
                    if *op == BoolOp::Or
                        && let Some(expr) = self.is_none_or(value, rest)
                    {
                        self.conditional -= usize::from(i > 0);
                        parts.push(expr);
                        break;
                    }
                    let part = self.condition_value(value);
                    self.conditional -= usize::from(i > 0);
                    parts.push(part?);
                }
                let neutral = if *op == BoolOp::And { "true" } else { "false" };
                let settled = if *op == BoolOp::And { "false" } else { "true" };
                if parts.contains(&Expr::atom(settled)) && !parts.iter().any(Expr::can_fail) {
                    return Ok(Expr::atom(settled));
                }
                parts.retain(|e| *e != Expr::atom(neutral));
                if parts.is_empty() {
                    return Ok(Expr::atom(neutral));
                }
                let mut parts = join_ranges(parts, bin).into_iter();
                let first = parts.next().unwrap_or_else(|| Expr::atom("true"));
                Ok(parts.fold(first, |left, right| left.binary(bin, right)))
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => {
                let inner = self.condition_value(operand)?;
                Ok(self.negated(inner, operand))
            }
            ExprKind::List(items) if items.is_empty() => Ok(Expr::atom("false")),
            ExprKind::Dict(items) if items.is_empty() => Ok(Expr::atom("false")),
            _ => {
                if let Some(truth) = self.instance_truth(test) {
                    return truth;
                }
                let val = self.expr(test)?;
                if let Some(truth) = self.union_truth(&val) {
                    return Ok(truth);
                }
                let truth = match val.ty {
                    crate::ty::Ty::None => Some(Expr::atom("false")),
                    _ => self.member_truth(&val).or_else(|| val.truth()),
                };
                match truth {
                    Some(truth) => self.truth_tested(test, &val, truth),
                    None => {
                        let what = format!("the truth of {}", val.ty.describe());
                        Err(self.partly(test, &what))
                    }
                }
            }
        }
    }

    /// `x is not None and f(x)` outside an `if`: `x.is_some_and(|x| f(x))`.
    fn is_some_and(&mut self, first: &'a PyExpr, second: &'a PyExpr) -> Option<Expr> {
        let found = self
            .none_test(first)
            .filter(|t| t.holder == "Some")
            .filter(|t| !t.is_none && self.reads_narrowed_in(&t.path, second))?;
        if self.bounds.iter().any(|b| b.path == found.path)
            || self.changes_within_any(&found.path, &[second])
        {
            return None;
        }
        let (option, rty) = self.option_at(&found)?;
        let depth = self.bounds.len();
        let name = self.bound_name(&found.path);
        self.bind_path(&found.path, &name, rty);
        self.conditional += 1;
        let inner = self.condition_value(second);
        self.conditional -= 1;
        self.bounds.truncate(depth);
        let inner = inner.ok().filter(|e| !e.can_fail())?;
        Some(asked("is_some_and", option, name, inner))
    }

    /// `x is None or f(x)` outside an `if`: `x.is_none_or(|x| f(x))`.
    fn is_none_or(&mut self, first: &'a PyExpr, rest: &'a [PyExpr]) -> Option<Expr> {
        let found = self
            .none_test(first)
            .filter(|t| t.holder == "Some")
            .filter(|t| t.is_none && rest.iter().any(|e| self.reads_narrowed_in(&t.path, e)))?;
        let after: Vec<&'a PyExpr> = rest.iter().collect();
        if self.bounds.iter().any(|b| b.path == found.path)
            || self.changes_within_any(&found.path, &after)
        {
            return None;
        }
        let (option, rty) = self.option_at(&found)?;
        let depth = self.bounds.len();
        let name = self.bound_name(&found.path);
        self.bind_path(&found.path, &name, rty);
        self.conditional += 1;
        let inner = match rest {
            [second, others @ ..] if !others.is_empty() => self.is_none_or(second, others),
            _ => None,
        };
        let inner = inner.or_else(|| {
            let parts = rest.iter().map(|e| self.condition_value(e).ok());
            let mut parts = parts.collect::<Option<Vec<Expr>>>()?;
            parts.retain(|part| *part != Expr::atom("false"));
            parts.into_iter().reduce(|a, b| a.binary(BinOp::Or, b))
        });
        self.conditional -= 1;
        self.bounds.truncate(depth);
        let inner = inner.filter(|e| !e.can_fail() && *e != Expr::atom("true"))?;
        Some(asked("is_none_or", option, name, inner))
    }

    /// A list or dict of an input, where it is changed: Rust lends it to be looked at only.
    pub(super) fn changed_input(&mut self, e: &PyExpr) -> Expr {
        let problem = crate::infer::Problem::new(
            crate::diagnostic::Code::PartlyHandled,
            "changing what an input holds is not translated",
        )
        .with_help("PyTask works on a copy of the inputs: change a copy of your own");
        Expr::Hole(self.lw.hole_text(e.span, &problem))
    }

    /// A hole for something that is known, but not in this form.
    pub(super) fn partly(&mut self, e: &PyExpr, what: &str) -> Expr {
        let problem = crate::infer::Problem::new(
            crate::diagnostic::Code::PartlyHandled,
            format!("{what} is not translated"),
        );
        Expr::Hole(self.lw.hole_text(e.span, &problem))
    }
}

/// The operator with its operands swapped.
pub(super) fn mirrored(op: ast::CompareOp) -> ast::CompareOp {
    use ast::CompareOp as C;
    match op {
        C::Lt => C::Gt,
        C::LtE => C::GtE,
        C::Gt => C::Lt,
        C::GtE => C::LtE,
        C::Eq | C::NotEq | C::Is | C::IsNot | C::In | C::NotIn => op,
    }
}

/// A question about what an option holds.
fn asked(method: &str, option: Expr, name: String, inner: Expr) -> Expr {
    let option = match option {
        Expr::Ref(place) => place.method("as_ref", vec![]),
        option => option,
    };
    let block = crate::ir::Block::value(inner.clone());
    let name = match mentions(&block, &name) {
        true => name,
        false => "_".to_string(),
    };
    option.method(method, vec![Expr::Closure(name, Box::new(inner))])
}

/// `lo <= x && x < hi` as `(lo..hi).contains(&x)`, pairwise.
fn join_ranges(parts: Vec<Expr>, op: BinOp) -> Vec<Expr> {
    let mut out: Vec<Expr> = Vec::new();
    for part in parts {
        let joined = match out.last() {
            Some(previous) if op == BinOp::And => super::compare::range_contains(previous, &part),
            _ => None,
        };
        match joined {
            Some(joined) => {
                out.pop();
                out.push(joined);
            }
            None => out.push(part),
        }
    }
    out
}

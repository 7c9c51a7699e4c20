//! `if`, conditional expressions, and conditions.

use super::function::FnLower;
use super::narrow::{NoneTest, operands};
use crate::ast::{self, BoolOp, Expr as PyExpr, ExprKind, Stmt as PyStmt, UnaryOp};
use crate::infer::scope::BlockRef;
use crate::ir::{BinOp, Block, Expr, RTy, StmtKind};
use crate::value::Val;

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
            if orelse.stmts.is_empty() && ends(body) && used.contains(&true) {
                return self.let_else(tests, &used, body, then_ref, at);
            }
            if let ([one], false) = (tests.as_slice(), orelse.stmts.is_empty())
                && self.reads_narrowed(&one.path, &orelse.stmts)
                && let Some((option, rty)) = self.option_at(one)
            {
                // `if x is None: A else: B`, where B uses x.
                let name = self.bound_name(&one.path);
                let otherwise = self.block(body, then_ref);
                let depth = self.bounds.len();
                self.bind_path(&one.path, &name, rty);
                let then = self.block(orelse, else_ref);
                self.bounds.truncate(depth);
                self.forget_changed(body);
                self.forget_changed(orelse);
                let cond = Box::new(Expr::Let(format!("Some({name})"), Box::new(option)));
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
        if orelse.stmts.is_empty() && ends(body) && self.let_filter(test, body, then_ref, at)? {
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

    /// `a is None or b is None`: the tests, where the condition is nothing else.
    fn none_tests(&self, test: &'a PyExpr) -> Option<Vec<NoneTest<'a>>> {
        let tests: Option<Vec<NoneTest<'a>>> = operands(test, BoolOp::Or)
            .into_iter()
            .map(|e| self.none_test(e).filter(|t| t.is_none))
            .collect();
        tests.filter(|t| !t.is_empty())
    }

    /// `let Some(x) = … else { … };` for `if x is None: …; return`.
    fn let_else(
        &mut self,
        tests: &[NoneTest<'a>],
        used: &[bool],
        body: &'a ast::Block,
        of: BlockRef,
        at: crate::source::Span,
    ) -> Result<(), Expr> {
        let mut options = Vec::new();
        let mut patterns = Vec::new();
        let mut names = Vec::new();
        let mut bounds = Vec::new();
        for (test, used) in tests.iter().zip(used) {
            let Some((option, rty)) = self.option_at(test) else {
                return Err(self.hole(test.operand));
            };
            options.push(option);
            if *used {
                let name = self.bound_name(&test.path);
                patterns.push(format!("Some({name})"));
                names.push(name.clone());
                bounds.push((test.path.clone(), name, rty));
            } else {
                patterns.push("Some(_)".to_string());
            }
        }
        let otherwise = self.block(body, of);
        let (pattern, init) = match (patterns.as_slice(), options.len()) {
            ([one], 1) => (one.clone(), options.remove(0)),
            _ => (format!("({})", patterns.join(", ")), Expr::Tuple(options)),
        };
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern,
                names,
                init,
                otherwise: Some(otherwise),
            },
        );
        for (path, name, rty) in bounds {
            self.bind_path(&path, &name, rty);
        }
        Ok(())
    }

    /// `if x is None or bad(x): …; return` as `let Some(x) = x.filter(|x| !bad(x)) else { … };`
    fn let_filter(
        &mut self,
        test: &'a PyExpr,
        body: &'a ast::Block,
        of: BlockRef,
        at: crate::source::Span,
    ) -> Result<bool, Expr> {
        let parts = operands(test, BoolOp::Or);
        let [first, others @ ..] = parts.as_slice() else {
            return Ok(false);
        };
        let Some(found) = self
            .none_test(first)
            .filter(|t| t.is_none && !others.is_empty())
        else {
            return Ok(false);
        };
        let rest: &'a [PyStmt] = self.rest.last().copied().unwrap_or(&[]);
        if !self.reads_narrowed(&found.path, rest)
            || others.iter().any(|e| self.none_test(e).is_some())
        {
            return Ok(false);
        }
        let Some((option, rty)) = self.option_at(&found) else {
            return Ok(false);
        };
        let name = self.bound_name(&found.path);
        let depth = self.bounds.len();
        // The filter's parameter is a reference to what the option holds.
        let inside = if rty.is_ref() {
            rty.clone()
        } else {
            RTy::Ref(Box::new(rty.clone()))
        };
        if !rty.is_ref() {
            return Ok(false);
        }
        self.bind_path(&found.path, &name, inside);
        self.conditional += 1;
        let mut tests = Vec::new();
        for other in others {
            match self.condition_value(other) {
                Ok(expr) if !expr.can_fail() => tests.push(expr),
                _ => break,
            }
        }
        self.conditional -= 1;
        self.bounds.truncate(depth);
        if tests.len() != others.len() {
            return Ok(false);
        }
        let mut tests = tests.into_iter();
        let first = tests.next().unwrap_or_else(|| Expr::atom("false"));
        let bad = tests.fold(first, |a, b| a.binary(BinOp::Or, b));
        let good = match (others, bad) {
            ([one], bad) => self.negated(bad, one),
            (_, bad) => Expr::Unary(crate::ir::UnOp::Not, Box::new(bad)),
        };
        let init = option.method("filter", vec![Expr::Closure(name.clone(), Box::new(good))]);
        let otherwise = self.block(body, of);
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern: format!("Some({name})"),
                names: vec![name.clone()],
                init,
                otherwise: Some(otherwise),
            },
        );
        self.bind_path(&found.path, &name, rty);
        Ok(true)
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
            let bound = match self.none_test(part) {
                Some(found) if !found.is_none => {
                    let used = later.iter().any(|e| self.reads_narrowed_in(&found.path, e))
                        || body.is_some_and(|b| self.reads_narrowed(&found.path, b))
                        || value.is_some_and(|v| self.reads_narrowed_in(&found.path, v));
                    let already = self.bounds.iter().any(|b| b.path == found.path);
                    if used && !already {
                        self.option_at(&found).map(|o| (found, o))
                    } else {
                        None
                    }
                }
                _ => None,
            };
            let expr = match bound {
                Some((found, (option, rty))) => {
                    let name = self.bound_name(&found.path);
                    self.bind_path(&found.path, &name, rty);
                    Expr::Let(format!("Some({name})"), Box::new(option))
                }
                None => {
                    self.conditional += usize::from(i > 0);
                    let expr = self.condition_value(part);
                    self.conditional -= usize::from(i > 0);
                    expr?
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
        if let Some(found) = self.none_test(test) {
            let (option, _) = match self.shadows.read(found.operand.id) {
                Some(shadow) => (Expr::atom(shadow.name), RTy::Unit),
                None => match self.path_place(&found.path, false) {
                    Some(place) => place,
                    None => return Err(self.hole(test)),
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
                    self.conditional += usize::from(i > 0);
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
            _ => {
                if let Some(truth) = self.instance_truth(test) {
                    return truth;
                }
                let val = self.expr(test)?;
                if let Some(truth) = self.member_truth(&val) {
                    return Ok(truth);
                }
                match val.truth() {
                    Some(truth) => Ok(truth),
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
            .filter(|t| !t.is_none && self.reads_narrowed_in(&t.path, second))?;
        if self.bounds.iter().any(|b| b.path == found.path) {
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
        Some(option.method("is_some_and", vec![Expr::Closure(name, Box::new(inner))]))
    }

    /// `body if test else orelse`, towards type `to` where that is known.
    pub(super) fn conditional(
        &mut self,
        e: &'a PyExpr,
        test: &'a PyExpr,
        body: &'a PyExpr,
        orelse: &'a PyExpr,
        to: Option<&RTy>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let target = match to {
            Some(ty) => Some(ty.clone()),
            None => self.lw.natural(&fact),
        };
        let Some(target) = target else {
            return Err(self.partly(
                e,
                &format!("a choice between values of {}", fact.ty.describe()),
            ));
        };
        let target = if target == RTy::String && super::function::is_literal_text(e) {
            RTy::Str
        } else {
            target
        };
        // `A if x is None else B`: the other way round.
        let (test, body, orelse, turned) = match self.none_test(test) {
            Some(found) if found.is_none && self.reads_narrowed_in(&found.path, orelse) => {
                (test, orelse, body, true)
            }
            _ => (test, body, orelse, false),
        };
        let depth = self.bounds.len();
        let cond = if turned {
            let Some(found) = self.none_test(test) else {
                return Err(self.hole(e));
            };
            let Some((option, rty)) = self.option_at(&found) else {
                return Err(self.hole(e));
            };
            let name = self.bound_name(&found.path);
            self.bind_path(&found.path, &name, rty);
            Expr::Let(format!("Some({name})"), Box::new(option))
        } else {
            self.chain(test, None, Some(body))?
        };
        self.conditional += 1;
        let then = self
            .expr_as(body, &target)
            .and_then(|v| self.branch(v, &target, body));
        self.bounds.truncate(depth);
        let otherwise = self
            .expr_as(orelse, &target)
            .and_then(|v| self.branch(v, &target, orelse));
        self.conditional -= 1;
        let (then, otherwise) = (then?, otherwise?);
        let expr = short_option(&cond, &then, &otherwise).unwrap_or_else(|| Expr::If {
            cond: Box::new(cond),
            then: Block::value(then),
            otherwise: Some(Block::value(otherwise)),
        });
        Ok(Val::new(expr, target, &fact))
    }

    fn branch(&mut self, val: Val, target: &RTy, e: &PyExpr) -> Result<Expr, Expr> {
        self.coerce(val, target, e.span, "the value")
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

/// Whether a block always leaves the block around it.
fn ends(block: &ast::Block) -> bool {
    use ast::StmtKind as K;
    match block.stmts.last().map(|s| &s.kind) {
        Some(K::Return(_) | K::Raise { .. } | K::Break | K::Continue) => true,
        Some(K::If { body, orelse, .. }) => ends(body) && ends(orelse),
        Some(K::Match { cases, .. }) => {
            cases.iter().all(|c| ends(&c.body))
                && cases.last().is_some_and(crate::infer::scope::takes_all)
        }
        _ => false,
    }
}

/// `if let Some(x) = o { x } else { d }` as `o.unwrap_or(d)`, and with a use of `x` as
/// `o.map_or(d, |x| …)`; both evaluate `d` in any case, so it must be simple.
fn short_option(cond: &Expr, then: &Expr, otherwise: &Expr) -> Option<Expr> {
    let Expr::Let(pattern, option) = cond else {
        return None;
    };
    let name = pattern.strip_prefix("Some(")?.strip_suffix(')')?;
    if !otherwise.is_simple() || then.can_fail() || !is_expression(then) {
        return None;
    }
    if matches!(&**option, Expr::Ref(_)) {
        return None;
    }
    if *otherwise == Expr::atom("None") {
        // `map`, where the other branch has nothing.
        let Expr::Call(some, args) = then else {
            return None;
        };
        let ([inner], "Some") = (args.as_slice(), some.as_str()) else {
            return None;
        };
        if *inner == Expr::atom(name) {
            return Some((**option).clone());
        }
        return Some((**option).clone().method(
            "map",
            vec![Expr::Closure(name.to_string(), Box::new(inner.clone()))],
        ));
    }
    if *then == Expr::atom(name) {
        return Some(
            (**option)
                .clone()
                .method("unwrap_or", vec![otherwise.clone()]),
        );
    }
    let closure = Expr::Closure(name.to_string(), Box::new(then.clone()));
    if let Expr::Call(path, args) = then
        && matches!(args.as_slice(), [Expr::Atom(x)] if x == name)
        && path.contains("::")
    {
        return Some(
            (**option)
                .clone()
                .method("map_or", vec![otherwise.clone(), Expr::atom(path.clone())]),
        );
    }
    Some(
        (**option)
            .clone()
            .method("map_or", vec![otherwise.clone(), closure]),
    )
}

/// Whether it reads well in a closure: no blocks inside.
fn is_expression(e: &Expr) -> bool {
    let mut blocks = 0;
    let mut nested = true;
    e.for_each_child(&mut |child| nested &= is_expression(child), &mut |_| {
        blocks += 1
    });
    nested && blocks == 0
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

//! `match`

use super::function::{Bound, FnLower};
use crate::ast::{self, Case, CompareOp, Expr as PyExpr, ExprKind, Pattern, PatternKind};
use crate::infer::scope::BlockRef;
use crate::infer::{Path, is_builtin_class};
use crate::ir::{Arm, BinOp, Block, Expr, RTy, StmtKind};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val, int_type_range};
use num_traits::ToPrimitive;

/// A Rust pattern.
#[derive(Debug, Clone, PartialEq)]
enum Pat {
    /// `_`, or a name.
    Any(Option<String>),
    /// A literal or path.
    Lit(String),
    /// `None`
    None,
    /// `Some(…)`
    Some(Box<Pat>),
    /// `(a, b)`
    Tuple(Vec<Pat>),
    /// `a | b`
    Or(Vec<Pat>),
    /// What no value of the type is.
    Never,
}

/// A value of a type that has few of them, and one that stands for all others.
#[derive(Debug, Clone)]
enum Sample {
    Lit(String),
    None,
    Some(Box<Sample>),
    Tuple(Vec<Sample>),
    Other,
}

/// What a case needs beside its pattern.
#[derive(Debug, Default)]
struct Needs {
    /// Conditions in its guard.
    tests: Vec<Expr>,
    /// Variables that are bound at the start of its body.
    later: Vec<(String, Val)>,
}

/// The most samples that are looked at to see whether the cases are exhaustive.
const MOST_SAMPLES: usize = 512;

impl<'a> FnLower<'_, 'a> {
    /// Lowers a `match` statement.
    pub(super) fn match_(
        &mut self,
        stmt: &'a ast::Stmt,
        subject: &'a PyExpr,
        cases: &'a [Case],
    ) -> Result<(), Expr> {
        let at = self.lw.first_line(stmt.span);
        let vals = self.subjects(subject, cases, at)?;
        let mut arms: Vec<(Pat, Option<Expr>, Block)> = Vec::new();
        let mut open = samples(self, &vals);
        for (case, slot) in cases.iter().zip(0..) {
            if open.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
            let of = BlockRef {
                owner: Some(stmt.id),
                slot,
                is_loop: false,
            };
            let bounds = self.bounds.len();
            let mut needs = Needs::default();
            let pat = self.case_pattern(case, &vals, of, &mut needs)?;
            if pat == Pat::Never {
                self.bounds.truncate(bounds);
                continue;
            }
            if let Some(guard) = &case.guard {
                self.conditional += 1;
                let test = self.condition_value(guard);
                self.conditional -= 1;
                needs.tests.push(test?);
            }
            self.bounds.truncate(bounds);
            let later = std::mem::take(&mut needs.later);
            let mut body = self.block_in(&case.body, of, &mut |this| {
                for (version, val) in &later {
                    this.bind_var(version, val.clone(), at);
                }
            });
            drop_unread(&mut body, later.len());
            needs.tests.retain(|t| *t != Expr::atom("true"));
            let guard = needs
                .tests
                .into_iter()
                .reduce(|a, b| a.binary(BinOp::And, b));
            if let (Some(left), None) = (&mut open, &guard) {
                left.retain(|sample| !matches(&pat, sample));
            }
            let whole = guard.is_none() && is_whole(&pat);
            arms.push((pat, guard, body));
            if whole {
                open = Some(Vec::new());
            }
        }
        for case in cases {
            self.forget_changed(&case.body);
        }
        let exhaustive = open.is_some_and(|left| left.is_empty());
        self.emit_match(&vals, arms, exhaustive, at);
        Ok(())
    }

    /// The values that are matched, each cheap to write more than once.
    fn subjects(
        &mut self,
        subject: &'a PyExpr,
        cases: &'a [Case],
        at: Span,
    ) -> Result<Vec<Val>, Expr> {
        let parts: Vec<&'a PyExpr> = match &subject.kind {
            ExprKind::Tuple(items) if all_take_apart(cases, items.len()) => items.iter().collect(),
            _ => vec![subject],
        };
        let mut vals = Vec::new();
        for part in parts {
            let val = self.expr(part)?;
            let scalar = matches!(val.ty, Ty::Bool | Ty::Int | Ty::Member(_) | Ty::Enum(_));
            // What is only compared with literals is evaluated by the `match` itself.
            let alone = scalar && !cases.iter().any(|c| takes_place(&c.pattern));
            let effects = val.expr.can_fail() || self.calls_own(&val.expr);
            vals.push(if val.expr.is_simple() || (alone && !effects) {
                val
            } else {
                self.hoist(val, "subject", at)
            });
        }
        Ok(vals)
    }

    fn case_pattern(
        &mut self,
        case: &'a Case,
        vals: &[Val],
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        if let [val] = vals {
            return self.arm_pattern(&case.pattern, val, of, needs);
        }
        match &case.pattern.kind {
            PatternKind::Sequence(items) => {
                let mut parts = Vec::new();
                for (item, val) in items.iter().zip(vals) {
                    parts.push(self.arm_pattern(item, val, of, needs)?);
                }
                Ok(tuple(parts))
            }
            PatternKind::Or(alternatives) => {
                let mut out = Vec::new();
                for alternative in alternatives {
                    let PatternKind::Sequence(items) = &alternative.kind else {
                        return Err(self.no_pattern(alternative));
                    };
                    let mut own = Needs::default();
                    let mut parts = Vec::new();
                    for (item, val) in items.iter().zip(vals) {
                        parts.push(self.arm_pattern(item, val, of, &mut own)?);
                    }
                    if !own.tests.is_empty() || !own.later.is_empty() {
                        return Err(self.no_pattern(alternative));
                    }
                    out.push(tuple(parts));
                }
                Ok(either(out))
            }
            _ => Ok(Pat::Any(None)),
        }
    }

    fn no_pattern(&mut self, pattern: &Pattern) -> Expr {
        let found = self.lw.input.model.problems.get(&pattern.id).cloned();
        let (span, problem) = found.unwrap_or_else(|| {
            let problem = crate::infer::Problem::new(
                crate::diagnostic::Code::PartlyHandled,
                "this pattern is not translated yet",
            );
            (pattern.span, problem)
        });
        Expr::Hole(self.lw.hole_text(span, &problem))
    }

    /// The Rust pattern of a pattern, for a value at a place.
    fn arm_pattern(
        &mut self,
        pattern: &'a Pattern,
        val: &Val,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        if self.lw.input.model.problems.contains_key(&pattern.id) {
            return Err(self.no_pattern(pattern));
        }
        match &pattern.kind {
            PatternKind::Value(wanted) => self.value_pattern(wanted, val, needs),
            PatternKind::Singleton(wanted) => Ok(match (&wanted.kind, &val.rty) {
                (ExprKind::None, RTy::Option(_)) => Pat::None,
                (ExprKind::None, RTy::Unit) => Pat::Any(None),
                (ExprKind::Bool(value), RTy::Bool) => Pat::Lit(value.to_string()),
                (ExprKind::Bool(value), RTy::Option(inner)) if **inner == RTy::Bool => {
                    Pat::Some(Box::new(Pat::Lit(value.to_string())))
                }
                _ => Pat::Never,
            }),
            PatternKind::As {
                pattern: None,
                name: None,
            } => Ok(Pat::Any(None)),
            PatternKind::As {
                pattern: inner,
                name,
            } => {
                let sub = match inner {
                    Some(inner) => Some(self.arm_pattern(inner, val, of, needs)?),
                    None => None,
                };
                if name.is_none() {
                    return Ok(sub.unwrap_or(Pat::Any(None)));
                }
                self.capture(pattern, sub, val, of, needs)
            }
            PatternKind::Or(alternatives) => {
                let mut out = Vec::new();
                for alternative in alternatives {
                    let mut own = Needs::default();
                    out.push(self.arm_pattern(alternative, val, of, &mut own)?);
                    if !own.later.is_empty() {
                        return Err(self.no_pattern(alternative));
                    }
                    needs.tests.extend(own.tests);
                }
                if !needs.tests.is_empty() {
                    // `1.0 | 2.0`: one of the conditions.
                    let simple = out.iter().all(|p| matches!(p, Pat::Any(None) | Pat::Never));
                    let tests = std::mem::take(&mut needs.tests);
                    if !simple || tests.len() > out.len() {
                        return Err(self.no_pattern(pattern));
                    }
                    needs
                        .tests
                        .extend(tests.into_iter().reduce(|a, b| a.binary(BinOp::Or, b)));
                    return Ok(Pat::Any(None));
                }
                Ok(either(out))
            }
            PatternKind::Sequence(items) => self.sequence(pattern, items, val, of, needs),
            PatternKind::Class {
                class,
                positional,
                keywords,
            } => self.class_pattern(pattern, class, positional, keywords, val, of, needs),
            PatternKind::Mapping { .. } | PatternKind::Star(_) => Err(self.no_pattern(pattern)),
        }
    }

    fn value_pattern(
        &mut self,
        wanted: &'a PyExpr,
        val: &Val,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let value = self.expr(wanted)?;
        if let RTy::Option(inner) = &val.rty {
            let held = Val {
                expr: val.expr.clone(),
                rty: (**inner).clone(),
                ty: val.ty.narrowed(),
                ..val.clone()
            };
            if let Some(pat) = self.literal_pattern(&value, &held) {
                return Ok(match pat {
                    Pat::Never => Pat::Never,
                    pat => Pat::Some(Box::new(pat)),
                });
            }
        } else if let Some(pat) = self.literal_pattern(&value, val) {
            return Ok(pat);
        }
        let test = self.comparison(wanted, val.clone(), CompareOp::Eq, value)?;
        needs.tests.push(test);
        Ok(Pat::Any(None))
    }

    /// The pattern of a literal, where Rust has one that compares as Python.
    fn literal_pattern(&mut self, value: &Val, val: &Val) -> Option<Pat> {
        match (&val.ty.narrowed(), &value.ty, &value.expr) {
            (Ty::Int, Ty::Int, Expr::Atom(_) | Expr::NegLit(_)) if value.literal => {
                let RTy::Int(int) = val.rty else { return None };
                let constant = value.range.int().constant()?;
                let fits = crate::ranges::IntRange::exactly(constant).within(int_type_range(int));
                Some(if fits {
                    Pat::Lit(crate::ir::print::expr(&value.expr))
                } else {
                    Pat::Never
                })
            }
            (Ty::Str, Ty::Str, Expr::Atom(text)) if text.starts_with('"') => {
                Some(Pat::Lit(text.clone()))
            }
            (Ty::Enum(key), Ty::Str, Expr::Atom(text)) if text.starts_with('"') => {
                let wanted = text.trim_matches('"');
                let def = self.lw.input.types.enum_def(key)?;
                let variant = def.variants.iter().find(|v| v.python_name == wanted);
                let type_name = self.lw.use_type(key);
                Some(variant.map_or(Pat::Never, |v| Pat::Lit(format!("{type_name}::{}", v.name))))
            }
            (Ty::Member(a), Ty::Member(b), Expr::Atom(path)) if a == b => {
                Some(Pat::Lit(path.clone()))
            }
            _ => None,
        }
    }

    /// `case name`, `case pattern as name`
    fn capture(
        &mut self,
        pattern: &'a Pattern,
        sub: Option<Pat>,
        val: &Val,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let Some(version) = self.scope.names.get(&pattern.id).cloned() else {
            return Err(self.no_pattern(pattern));
        };
        let fact = self.fact(pattern.id);
        // What the cases before have left out is no None here.
        let narrowed = matches!(val.rty, RTy::Option(_)) && !matches!(fact.ty, Ty::Option(_));
        let held = match (&val.rty, narrowed) {
            (RTy::Option(inner), true) => (**inner).clone(),
            (other, _) => other.clone(),
        };
        let info = self.scope.vars.get(&version);
        let own = info.is_some_and(|i| i.home == of && i.bindings == 1)
            && !self.unbound.contains(&version)
            && !self
                .scope
                .captured
                .contains(&info.map_or_else(String::new, |i| i.name.clone()));
        let plain = sub.is_none();
        if own && plain && self.lw.is_copy(&held) && !matches!(held, RTy::Named(_)) {
            let read = info.is_some_and(|i| i.reads > 0);
            self.declared.insert(version.clone());
            self.var_types.insert(version.clone(), held);
            let name = read.then(|| self.var_name(&version));
            let inner = Pat::Any(name);
            return Ok(if narrowed {
                Pat::Some(Box::new(inner))
            } else {
                inner
            });
        }
        if narrowed {
            return Err(self.no_pattern(pattern));
        }
        if !own && !needs.tests.is_empty() {
            return Err(self.no_pattern(pattern));
        }
        let val = Val {
            ty: fact.ty.clone(),
            ..val.clone()
        };
        self.bounds.push(Bound {
            path: Path::root(version.clone()),
            expr: val.expr.clone(),
            rty: val.rty.clone(),
            borrows: false,
        });
        needs.later.push((version, val));
        Ok(sub.unwrap_or(Pat::Any(None)))
    }

    fn sequence(
        &mut self,
        pattern: &'a Pattern,
        items: &'a [Pattern],
        val: &Val,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let star = items
            .iter()
            .position(|p| matches!(p.kind, PatternKind::Star(_)));
        if let (RTy::Tuple(tys), Ty::Tuple(facts), None) = (&val.rty, &val.ty, star) {
            if tys.len() != items.len() {
                return Ok(Pat::Never);
            }
            let mut parts = Vec::new();
            for (i, ((item, rty), ty)) in
                items.iter().zip(tys.clone()).zip(facts.clone()).enumerate()
            {
                let part = Val::new(val.expr.clone().field(i.to_string()), rty, &Fact::of(ty));
                parts.push(self.arm_pattern(item, &part, of, needs)?);
            }
            return Ok(tuple(parts));
        }
        let (elem, len) = match val.rty.peel() {
            RTy::Array(elem, len) => ((**elem).clone(), Some(*len)),
            RTy::Vec(elem) | RTy::Slice(elem) => ((**elem).clone(), None),
            _ => return Err(self.no_pattern(pattern)),
        };
        let Ty::List { elem: ty, .. } = val.ty.narrowed() else {
            return Err(self.no_pattern(pattern));
        };
        if matches!(val.rty, RTy::Option(_)) || !self.lw.is_copy(&elem) {
            return Err(self.no_pattern(pattern));
        }
        let fixed = items.len() - usize::from(star.is_some());
        match (len, star) {
            (Some(len), None) if len != fixed => return Ok(Pat::Never),
            (Some(len), Some(_)) if len < fixed => return Ok(Pat::Never),
            (Some(_), _) => {}
            (None, star) => {
                let op = if star.is_some() { BinOp::Ge } else { BinOp::Eq };
                let count = val.expr.clone().method("len", vec![]);
                needs.tests.push(match (op, fixed) {
                    (BinOp::Eq, 0) => val.expr.clone().method("is_empty", vec![]),
                    (_, 0) => Expr::atom("true"),
                    (BinOp::Ge, 1) => Expr::Unary(
                        crate::ir::UnOp::Not,
                        Box::new(val.expr.clone().method("is_empty", vec![])),
                    ),
                    _ => count.binary(op, Expr::atom(fixed.to_string())),
                });
            }
        }
        for (i, item) in items.iter().enumerate() {
            if let PatternKind::Star(name) = &item.kind {
                let after = items.len() - 1 - i;
                if name.is_none() {
                    continue;
                }
                let high = match (after, len) {
                    (0, _) => None,
                    (n, Some(len)) => Some(Box::new(Expr::atom((len - n).to_string()))),
                    (n, None) => Some(Box::new(
                        val.expr
                            .clone()
                            .method("len", vec![])
                            .binary(BinOp::Sub, Expr::atom(n.to_string())),
                    )),
                };
                let range = Expr::Range {
                    low: (i > 0).then(|| Box::new(Expr::atom(i.to_string()))),
                    high,
                    inclusive: false,
                };
                let rest = Expr::Index(Box::new(val.expr.clone()), Box::new(range));
                let Some(version) = self.scope.names.get(&item.id).cloned() else {
                    return Err(self.no_pattern(item));
                };
                let list = Val::new(
                    rest.method("to_vec", vec![]),
                    RTy::Vec(Box::new(elem.clone())),
                    &Fact::of(Ty::list((*ty).clone())),
                );
                needs.later.push((version, list));
                continue;
            }
            let at = match star {
                Some(star) if i > star => {
                    let from_end = items.len() - i;
                    match len {
                        Some(len) => Expr::atom((len - from_end).to_string()),
                        None => val
                            .expr
                            .clone()
                            .method("len", vec![])
                            .binary(BinOp::Sub, Expr::atom(from_end.to_string())),
                    }
                }
                _ => Expr::atom(i.to_string()),
            };
            let place = Expr::Index(Box::new(val.expr.clone()), Box::new(at));
            let part = Val::new(place, elem.clone(), &Fact::of((*ty).clone()));
            self.tested(item, part, needs)?;
        }
        Ok(Pat::Any(None))
    }

    /// A sub-pattern as conditions on a place.
    fn tested(&mut self, pattern: &'a Pattern, part: Val, needs: &mut Needs) -> Result<(), Expr> {
        match &pattern.kind {
            PatternKind::Value(wanted) => {
                let value = self.expr(wanted)?;
                let test = self.comparison(wanted, part, CompareOp::Eq, value)?;
                needs.tests.push(test);
                Ok(())
            }
            PatternKind::As {
                pattern: inner,
                name,
            } => {
                if let Some(inner) = inner {
                    self.tested(inner, part.clone(), needs)?;
                }
                if name.is_some() {
                    let Some(version) = self.scope.names.get(&pattern.id).cloned() else {
                        return Err(self.no_pattern(pattern));
                    };
                    self.bounds.push(Bound {
                        path: Path::root(version.clone()),
                        expr: part.expr.clone(),
                        rty: part.rty.clone(),
                        borrows: false,
                    });
                    needs.later.push((version, part));
                }
                Ok(())
            }
            PatternKind::Or(alternatives) => {
                let mut tests = Vec::new();
                for alternative in alternatives {
                    let mut own = Needs::default();
                    self.tested(alternative, part.clone(), &mut own)?;
                    if !own.later.is_empty() {
                        return Err(self.no_pattern(alternative));
                    }
                    tests.push(
                        own.tests
                            .into_iter()
                            .reduce(|a, b| a.binary(BinOp::And, b))
                            .unwrap_or_else(|| Expr::atom("true")),
                    );
                }
                needs
                    .tests
                    .extend(tests.into_iter().reduce(|a, b| a.binary(BinOp::Or, b)));
                Ok(())
            }
            PatternKind::Singleton(wanted) => match (&wanted.kind, &part.rty) {
                (ExprKind::Bool(true), RTy::Bool) => {
                    needs.tests.push(part.expr);
                    Ok(())
                }
                (ExprKind::Bool(false), RTy::Bool) => {
                    needs
                        .tests
                        .push(Expr::Unary(crate::ir::UnOp::Not, Box::new(part.expr)));
                    Ok(())
                }
                (ExprKind::None, RTy::Option(_)) => {
                    needs.tests.push(part.expr.method("is_none", vec![]));
                    Ok(())
                }
                _ => Err(self.no_pattern(pattern)),
            },
            PatternKind::Sequence(_)
            | PatternKind::Mapping { .. }
            | PatternKind::Class { .. }
            | PatternKind::Star(_) => Err(self.no_pattern(pattern)),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn class_pattern(
        &mut self,
        pattern: &'a Pattern,
        class: &'a PyExpr,
        positional: &'a [Pattern],
        keywords: &'a [(String, Pattern)],
        val: &Val,
        of: BlockRef,
        needs: &mut Needs,
    ) -> Result<Pat, Expr> {
        let ExprKind::Name(name) = &class.kind else {
            return Err(self.no_pattern(pattern));
        };
        let optional = matches!(val.rty, RTy::Option(_));
        if is_builtin_class(name, &val.ty.narrowed()) {
            if optional {
                return match positional {
                    [] => Ok(Pat::Some(Box::new(Pat::Any(None)))),
                    [one] => {
                        let RTy::Option(inner) = &val.rty else {
                            return Err(self.no_pattern(pattern));
                        };
                        let held = Val {
                            rty: (**inner).clone(),
                            ty: val.ty.narrowed(),
                            ..val.clone()
                        };
                        let sub = self.arm_pattern(one, &held, of, needs)?;
                        if !needs.later.is_empty() || !needs.tests.is_empty() {
                            return Err(self.no_pattern(pattern));
                        }
                        Ok(Pat::Some(Box::new(sub)))
                    }
                    _ => Err(self.no_pattern(pattern)),
                };
            }
            return match positional {
                [] => Ok(Pat::Any(None)),
                [one] => self.arm_pattern(one, val, of, needs),
                _ => Err(self.no_pattern(pattern)),
            };
        }
        let is_instance = val.ty == Ty::Instance(name.clone());
        let Some(info) = self
            .lw
            .input
            .model
            .classes
            .get(name)
            .filter(|_| is_instance)
        else {
            return Err(self.no_pattern(pattern));
        };
        if !positional.is_empty() && !info.dataclass {
            return Err(self.no_pattern(pattern));
        }
        let order: Vec<String> = info.fields.iter().map(|(n, _)| n.clone()).collect();
        let by_place = order.iter().cloned().zip(positional);
        let by_name = keywords.iter().map(|(n, p)| (n.clone(), p));
        for (attr, sub) in by_place.chain(by_name) {
            let (Some(rty), Some(fact)) = (self.lw.class_field(name, &attr), info.field(&attr))
            else {
                return Err(self.no_pattern(sub));
            };
            let place = val.expr.clone().field(super::vars::rust_ident(&attr));
            let part = Val::new(place, rty, fact);
            self.tested(sub, part, needs)?;
        }
        Ok(Pat::Any(None))
    }

    /// Writes the cases: as `match`, or as what reads better.
    fn emit_match(
        &mut self,
        vals: &[Val],
        mut arms: Vec<(Pat, Option<Expr>, Block)>,
        mut exhaustive: bool,
        at: Span,
    ) {
        // `case _: pass` says nothing.
        if matches!(arms.last(), Some((Pat::Any(None), None, body)) if body.stmts.is_empty()) {
            arms.pop();
            exhaustive = false;
        }
        if arms.iter().all(|(pat, _, _)| *pat == Pat::Any(None)) {
            // Nothing but conditions.
            let mut chain: Option<Block> = None;
            for (_, guard, body) in arms.into_iter().rev() {
                chain = Some(match guard {
                    None => body,
                    Some(cond) => Block::of(vec![crate::ir::Stmt::at(
                        at,
                        StmtKind::Expr(Expr::If {
                            cond: Box::new(cond),
                            then: body,
                            otherwise: chain.filter(|b| !b.stmts.is_empty()),
                        }),
                    )]),
                });
            }
            let mut stmts = chain.unwrap_or_default().stmts;
            if let ([one], true) = (stmts.as_slice(), stmts.len() == 1)
                && matches!(one.kind, StmtKind::Expr(_))
            {
                self.out.append(&mut stmts);
            } else if !stmts.is_empty() {
                self.emit(
                    at,
                    StmtKind::Block {
                        label: None,
                        body: Block::of(stmts),
                    },
                );
            }
            return;
        }
        let mut subjects: Vec<Expr> = vals.iter().map(scrutinee).collect();
        let subject = match subjects.len() {
            1 => subjects.remove(0),
            _ => Expr::Tuple(subjects),
        };
        if let ([(pat, None, body)], false) = (arms.as_slice(), exhaustive) {
            let cond = match (&subject, pat) {
                (_, Pat::Lit(text)) if text == "true" => subject,
                (_, Pat::Lit(text)) if text == "false" => {
                    Expr::Unary(crate::ir::UnOp::Not, Box::new(subject))
                }
                _ => Expr::Let(text_of(pat), Box::new(subject)),
            };
            self.emit(
                at,
                StmtKind::Expr(Expr::If {
                    cond: Box::new(cond),
                    then: body.clone(),
                    otherwise: None,
                }),
            );
            return;
        }
        let mut out: Vec<Arm> = arms
            .into_iter()
            .map(|(pat, guard, body)| Arm {
                pattern: text_of(&pat),
                guard,
                body,
            })
            .collect();
        if !exhaustive {
            out.push(Arm::of("_", Block::default()));
        }
        self.emit(
            at,
            StmtKind::Expr(Expr::Match {
                subject: Box::new(subject),
                arms: out,
            }),
        );
    }
}

/// Drops the names at the start of a case's body that only its guard reads.
fn drop_unread(body: &mut Block, bound: usize) {
    for i in (0..bound.min(body.stmts.len())).rev() {
        let Some(StmtKind::Let { name, .. }) = body.stmts.get(i).map(|s| &s.kind) else {
            continue;
        };
        let rest = Block {
            stmts: body.stmts.get(i + 1..).unwrap_or(&[]).to_vec(),
            value: None,
        };
        if !crate::ir::uses::mentions(&rest, name) {
            body.stmts.remove(i);
        }
    }
}

/// What stands after `match`.
fn scrutinee(val: &Val) -> Expr {
    match &val.rty {
        RTy::String => val.expr.clone().method("as_str", vec![]),
        RTy::Ref(inner) if **inner == RTy::String => val.expr.clone().method("as_str", vec![]),
        RTy::Option(inner) if **inner == RTy::String => val.expr.clone().method("as_deref", vec![]),
        RTy::Ref(_) => Expr::Deref(Box::new(val.expr.clone())),
        _ => val.expr.clone(),
    }
}

/// Whether every case takes a tuple of that many values apart, or takes anything.
fn all_take_apart(cases: &[Case], len: usize) -> bool {
    fn fits(pattern: &Pattern, len: usize) -> bool {
        match &pattern.kind {
            PatternKind::Sequence(items) => {
                items.len() == len && !items.iter().any(|p| matches!(p.kind, PatternKind::Star(_)))
            }
            PatternKind::Or(alternatives) => alternatives
                .iter()
                .all(|p| matches!(p.kind, PatternKind::Sequence(_)) && fits(p, len)),
            PatternKind::As {
                pattern: None,
                name: None,
            } => true,
            _ => false,
        }
    }
    cases.iter().all(|case| fits(&case.pattern, len))
}

/// Whether a pattern looks at a value in another way than as a literal or a name.
fn takes_place(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Value(e) => !matches!(
            e.kind,
            ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::Attribute { .. }
        ),
        PatternKind::Singleton(_) => false,
        PatternKind::Sequence(items) | PatternKind::Or(items) => items.iter().any(takes_place),
        PatternKind::As { pattern, .. } => pattern.is_some(),
        PatternKind::Mapping { .. } | PatternKind::Class { .. } | PatternKind::Star(_) => true,
    }
}

/// `(a, b)`; what no value is where a part is that.
fn tuple(parts: Vec<Pat>) -> Pat {
    if parts.contains(&Pat::Never) {
        return Pat::Never;
    }
    Pat::Tuple(parts)
}

/// `a | b`, without what no value is; everything where a part is that.
fn either(parts: Vec<Pat>) -> Pat {
    if parts.contains(&Pat::Any(None)) {
        return Pat::Any(None);
    }
    let mut parts: Vec<Pat> = parts.into_iter().filter(|p| *p != Pat::Never).collect();
    match parts.len() {
        0 => Pat::Never,
        1 => parts.remove(0),
        _ => Pat::Or(parts),
    }
}

fn is_whole(pat: &Pat) -> bool {
    match pat {
        Pat::Any(_) => true,
        Pat::Tuple(parts) => parts.iter().all(is_whole),
        Pat::Or(parts) => parts.iter().any(is_whole),
        Pat::Lit(_) | Pat::None | Pat::Some(_) | Pat::Never => false,
    }
}

fn matches(pat: &Pat, sample: &Sample) -> bool {
    match (pat, sample) {
        (Pat::Any(_), _) => true,
        (Pat::Lit(a), Sample::Lit(b)) => a == b,
        (Pat::None, Sample::None) => true,
        (Pat::Some(a), Sample::Some(b)) => matches(a, b),
        (Pat::Tuple(a), Sample::Tuple(b)) => a.iter().zip(b).all(|(a, b)| matches(a, b)),
        (Pat::Or(parts), sample) => parts.iter().any(|p| matches(p, sample)),
        _ => false,
    }
}

/// The values that the subjects can have, as far as a pattern can tell.
fn samples(this: &FnLower<'_, '_>, vals: &[Val]) -> Option<Vec<Sample>> {
    fn of(this: &FnLower<'_, '_>, rty: &RTy, ty: &Ty) -> Vec<Sample> {
        match (rty, ty) {
            (RTy::Bool, _) => ["true", "false"]
                .map(|t| Sample::Lit(t.to_string()))
                .to_vec(),
            (RTy::Option(inner), ty) => of(this, inner, &ty.narrowed())
                .into_iter()
                .map(|s| Sample::Some(Box::new(s)))
                .chain([Sample::None])
                .collect(),
            (RTy::Tuple(tys), Ty::Tuple(facts)) => {
                let parts: Vec<Vec<Sample>> =
                    tys.iter().zip(facts).map(|(r, t)| of(this, r, t)).collect();
                product(parts)
            }
            (_, Ty::Member(class)) => this
                .lw
                .input
                .model
                .classes
                .get(class)
                .map(|c| {
                    let name = this.lw.class_name(class);
                    c.members
                        .iter()
                        .map(|(m, _)| {
                            Sample::Lit(format!("{name}::{}", super::classes::variant(m)))
                        })
                        .collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            (_, Ty::Enum(key)) => this
                .lw
                .input
                .types
                .enum_def(key)
                .map(|def| {
                    let name = crate::ty::last_segment(key);
                    def.variants
                        .iter()
                        .map(|v| Sample::Lit(format!("{name}::{}", v.name)))
                        .collect()
                })
                .unwrap_or_else(|| vec![Sample::Other]),
            _ => vec![Sample::Other],
        }
    }
    let mut parts: Vec<Vec<Sample>> = vals.iter().map(|v| of(this, v.rty.peel(), &v.ty)).collect();
    let all = match parts.len() {
        1 => parts.remove(0),
        _ => product(parts),
    };
    (all.len() <= MOST_SAMPLES).then_some(all)
}

fn product(parts: Vec<Vec<Sample>>) -> Vec<Sample> {
    let mut out: Vec<Vec<Sample>> = vec![Vec::new()];
    for part in parts {
        if out.len() * part.len() > MOST_SAMPLES {
            return vec![Sample::Other; MOST_SAMPLES + 1];
        }
        out = out
            .iter()
            .flat_map(|before| {
                part.iter().map(|s| {
                    let mut next = before.clone();
                    next.push(s.clone());
                    next
                })
            })
            .collect();
    }
    out.into_iter().map(Sample::Tuple).collect()
}

/// The text of a pattern; numbers in a row as a range.
fn text_of(pat: &Pat) -> String {
    match pat {
        Pat::Any(None) | Pat::Never => "_".into(),
        Pat::Any(Some(name)) => name.clone(),
        Pat::Lit(text) => text.clone(),
        Pat::None => "None".into(),
        Pat::Some(inner) => format!("Some({})", text_of(inner)),
        Pat::Tuple(parts) => {
            let parts: Vec<String> = parts.iter().map(text_of).collect();
            format!("({})", parts.join(", "))
        }
        Pat::Or(parts) => {
            let numbers: Option<Vec<i128>> = parts
                .iter()
                .map(|p| match p {
                    Pat::Lit(text) => text.parse().ok(),
                    _ => None,
                })
                .collect();
            if let Some(mut numbers) = numbers {
                numbers.sort_unstable();
                numbers.dedup();
                if let (Some(first), Some(last), true) =
                    (numbers.first(), numbers.last(), numbers.len() > 2)
                    && last.to_usize().zip(first.to_usize()).is_some()
                    && last - first + 1 == numbers.len() as i128
                {
                    return format!("{first}..={last}");
                }
            }
            let parts: Vec<String> = parts.iter().map(text_of).collect();
            parts.join(" | ")
        }
    }
}

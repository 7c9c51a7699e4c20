//! `match`

mod family;
mod pat;
mod sequence;
mod tagged;
mod values;
mod write;

use super::function::FnLower;
use crate::ast::{self, Case, Expr as PyExpr, ExprKind, Pattern, PatternKind};
use crate::infer::scope::BlockRef;
use crate::ir::{BinOp, Block, Expr, RTy};
use crate::project::Variant;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::Val;
use pat::{Pat, either, is_whole, matches, reachable, samples, tuple};
use write::drop_unread;

/// What a case needs beside its pattern.
#[derive(Debug, Default)]
struct Needs {
    /// Conditions in its guard.
    tests: Vec<Expr>,
    /// Variables that are bound at the start of its body.
    later: Vec<(String, Val)>,
    /// Those of them that are a rest of a list, which its guard cannot name.
    rests: Vec<String>,
    /// A variable that stands for the data of a variant.
    data: Option<(crate::infer::Path, Variant, String)>,
}

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
            let mut pat = self.case_pattern(case, &vals, of, &mut needs)?;
            if let (Some(open), [val]) = (&open, vals.as_slice())
                && matches!(val.ty.narrowed(), Ty::Tagged(_))
            {
                pat = reachable(pat, open);
            }
            let data = self.case_data(subject, case, needs.data.take());
            let shape = pat.clone();
            if let Some(data) = &data {
                self.bind_data(data);
                pat = match pat {
                    Pat::Some(_) => Pat::Some(Box::new(Pat::Lit(data.pattern.clone()))),
                    _ => Pat::Lit(data.pattern.clone()),
                };
            }
            if pat == Pat::Never {
                self.bounds.truncate(bounds);
                continue;
            }
            if let Some(guard) = &case.guard {
                // What is only bound behind the guard.
                let late = |version: &String| {
                    let name = crate::infer::scope::plain_name(version);
                    guard.names(&|n| n == name)
                };
                if needs.rests.iter().any(late) {
                    self.bounds.truncate(bounds);
                    return Err(self.no_pattern(&case.pattern));
                }
                self.conditional += 1;
                let test = self.condition_value(guard);
                self.conditional -= 1;
                needs.tests.push(test?);
            }
            self.bounds.truncate(bounds);
            let later = std::mem::take(&mut needs.later);
            let mut body = self.block_in(&case.body, of, &mut |this| {
                if let Some(data) = &data {
                    this.bind_data(data);
                }
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
                left.retain(|sample| !matches(&shape, sample));
            }
            let whole = guard.is_none() && is_whole(&shape);
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
            if let Some(val) = self.tagged_subject(part) {
                vals.push(val?);
                continue;
            }
            if let Some(val) = self.family_subject(part, cases) {
                vals.push(val?);
                continue;
            }
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
        if let Some(pat) = self.tagged_pattern(pattern, val, of, needs) {
            return pat;
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
                if let Some(inner) = inner
                    && let Some(variant) = crate::infer::variant_of(inner, &val.ty)
                {
                    return self.variant_pattern(pattern, &variant, val, of);
                }
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
                // What each alternative asks beside its pattern.
                let mut asked: Vec<Option<Expr>> = Vec::new();
                for alternative in alternatives {
                    let mut own = Needs::default();
                    let pat = self.arm_pattern(alternative, val, of, &mut own)?;
                    if !own.later.is_empty() {
                        return Err(self.no_pattern(alternative));
                    }
                    if pat == Pat::Never {
                        continue;
                    }
                    out.push(pat);
                    let tests = own.tests.into_iter();
                    asked.push(tests.reduce(|a, b| a.binary(BinOp::And, b)));
                }
                if asked.iter().all(Option::is_none) {
                    return Ok(either(out));
                }
                // `1.0 | 2.0`: one of the conditions; `1.0 | _`: none.
                if !out.iter().all(|p| *p == Pat::Any(None)) {
                    return Err(self.no_pattern(pattern));
                }
                if let Some(asked) = asked.into_iter().collect::<Option<Vec<_>>>() {
                    let asked = asked.into_iter();
                    needs
                        .tests
                        .extend(asked.reduce(|a, b| a.binary(BinOp::Or, b)));
                }
                Ok(Pat::Any(None))
            }
            PatternKind::Sequence(items) => self.sequence(pattern, items, val, of, needs),
            PatternKind::Class { class, .. } if self.is_other_class(class, &val.ty) => {
                Ok(match crate::infer::variant_of(pattern, &val.ty) {
                    Some(variant) => self.held_variant(&variant, val, None),
                    None => Pat::Never,
                })
            }
            PatternKind::Class {
                class,
                positional,
                keywords,
            } => self.class_pattern(pattern, class, positional, keywords, val, of, needs),
            PatternKind::Mapping { .. } | PatternKind::Star(_) => Err(self.no_pattern(pattern)),
        }
    }
}

/// What stands after `match`.
fn scrutinee(val: &Val) -> Expr {
    match &val.rty {
        RTy::String => val.expr.clone().method("as_str", vec![]),
        RTy::Ref(inner) if **inner == RTy::String => val.expr.clone().method("as_str", vec![]),
        RTy::Option(inner) if **inner == RTy::String => val.expr.clone().method("as_deref", vec![]),
        RTy::Ref(_) | RTy::RefMut(_) | RTy::Named(_)
            if matches!(val.ty.narrowed(), Ty::Instance(_)) =>
        {
            val.expr.clone()
        }
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

//! Patterns that take apart sequences and instances.

use super::Needs;
use super::pat::{Pat, tuple};
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind, Pattern, PatternKind};
use crate::infer::scope::BlockRef;
use crate::infer::{Path, is_builtin_class};
use crate::ir::{BinOp, Expr, RTy};
use crate::lower::function::{Bound, FnLower};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    pub(super) fn sequence(
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
        let texts = elem == RTy::String;
        if matches!(val.rty, RTy::Option(_)) || !(self.lw.is_copy(&elem) || texts) {
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
                needs.rests.push(version.clone());
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
                    let own = match part.rty {
                        RTy::String => part.expr.clone().method("clone", vec![]),
                        _ => part.expr.clone(),
                    };
                    needs.later.push((version, Val { expr: own, ..part }));
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
    pub(super) fn class_pattern(
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
        if !positional.is_empty() && info.made.is_none() {
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
            let place = val
                .expr
                .clone()
                .field(crate::lower::vars::rust_ident(&attr));
            let part = Val::new(place, rty, fact);
            self.tested(sub, part, needs)?;
        }
        Ok(Pat::Any(None))
    }
}

//! `x in xs`, where `xs` is a tuple, a list, a text or a table, and `x` or an item may be None.
//!
//! Enters: the value and the container. Leaves: a test. None is in a container only where an
//! item is None; it is no error to ask. This module must not know how two values compare.

use super::compare::matchable;
use super::function::FnLower;
use super::lists::after;
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind};
use crate::catalog;
use crate::ir::uses::closure_name;
use crate::ir::{BinOp, Expr, RTy, UnOp};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `x in xs`, `x not in xs`
    pub(super) fn membership(
        &mut self,
        e: &'a PyExpr,
        x: Val,
        op: CompareOp,
        container: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        let ty = self.fact(container.id).ty.narrowed();
        let x = self.kind_among(x, &ty);
        let RTy::Option(inner) = x.rty.peel().clone() else {
            return self.found_in(e, x, op, container);
        };
        // None in a text is a TypeError.
        if matches!(ty, Ty::Str | Ty::Enum(_)) || *inner == RTy::Never {
            return self.found_in(e, x, op, container);
        }
        if self.holds_none(container, &ty) {
            return match ty {
                Ty::Tuple(_) => self.found_in(e, x, op, container),
                _ => Err(self.partly(e, "`in` of what may be None, among what may be None,")),
            };
        }
        let (subject, rty) = match *inner {
            RTy::String => (x.expr.clone().method("as_deref", vec![]), RTy::Str),
            RTy::Str => (x.expr.clone(), RTy::Str),
            ref plain if self.lw.is_copy(plain) => (x.expr.clone(), plain.clone()),
            _ => return Err(self.partly(e, "`in` of what may be None")),
        };
        let names = ["x", "y", "value", "item"];
        let free = |name: &&str| !container.names(&|n| n == *name);
        let name = names.into_iter().find(free).unwrap_or("wanted_value");
        let present = Val {
            expr: Expr::atom(name),
            rty,
            ty: x.ty.narrowed(),
            literal: false,
            ..x
        };
        let before = self.out.len();
        self.conditional += 1;
        let found = self.found_in(e, present, CompareOp::In, container);
        self.conditional -= 1;
        let found = found?;
        if self.out.len() != before || found.can_fail() {
            return Err(self.partly(e, "`in` of what may be None, in what is computed,"));
        }
        let found = match found {
            Expr::Macro(macro_, args) if macro_ == "matches" => match args.as_slice() {
                [Expr::Atom(of), Expr::Atom(pattern)] if *of == name => {
                    let pattern = Expr::Atom(format!("Some({pattern})"));
                    Expr::Macro(macro_, vec![subject, pattern])
                }
                _ => of_present(subject, name, Expr::Macro(macro_, args)),
            },
            found => of_present(subject, name, found),
        };
        Ok(match op {
            CompareOp::NotIn => Expr::Unary(UnOp::Not, Box::new(found)),
            _ => found,
        })
    }

    /// `x in limits`: a tuple in a variable or a constant, value by value.
    fn in_tuple(
        &mut self,
        e: &PyExpr,
        x: &Val,
        container: &'a PyExpr,
        tys: Vec<Ty>,
    ) -> Result<Option<Expr>, Expr> {
        let held = self.expr(container)?;
        let RTy::Tuple(rtys) = held.rty.peel().clone() else {
            return Ok(None);
        };
        let (first, held) = self.computed_first(held, "choices", e.span);
        let mut any: Option<Expr> = None;
        for (i, (rty, ty)) in rtys.into_iter().zip(tys).enumerate() {
            let item = held.expr.clone().field(i.to_string());
            let item = Val::new(item, rty, &crate::value::Fact::of(ty));
            let same = self.comparison(e, x.clone(), CompareOp::Eq, item)?;
            if matches!(&same, Expr::Atom(never) if never == "false") {
                continue;
            }
            any = Some(match any {
                Some(any) => any.binary(BinOp::Or, same),
                None => same,
            });
        }
        let any = any.unwrap_or_else(|| Expr::atom("false"));
        Ok(Some(after(first, any)))
    }

    /// Whether an item of a container may be None.
    fn holds_none(&self, container: &PyExpr, ty: &Ty) -> bool {
        let none = |ty: &Ty| matches!(ty, Ty::None | Ty::Option(_));
        match (&container.kind, ty) {
            (ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items), _) => {
                items.iter().any(|item| none(&self.fact(item.id).ty))
            }
            (_, Ty::Tuple(tys)) => tys.iter().any(none),
            (_, Ty::List { elem, .. } | Ty::Deque { elem, .. } | Ty::Set(elem)) => none(elem),
            _ => false,
        }
    }

    /// `x in (a, b)`
    fn found_in(
        &mut self,
        e: &'a PyExpr,
        x: Val,
        op: CompareOp,
        container: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        let positive = op == CompareOp::In;
        // What is looked for may change the container: it is there before.
        let x = match &e.kind {
            ExprKind::Compare { left, .. } if !x.expr.is_simple() && self.changes_within(left) => {
                if self.conditional > 0 {
                    return Err(self.partly(e, "`in` of a computed value in this place"));
                }
                self.hoist(x, "wanted", e.span)
            }
            _ => x,
        };
        if matches!(self.fact(container.id).ty.narrowed(), Ty::Str | Ty::Enum(_)) {
            let found = self.text_contains(e, x, container)?;
            return Ok(match positive {
                true => found,
                false => Expr::Unary(UnOp::Not, Box::new(found)),
            });
        }
        if matches!(
            self.fact(container.id).ty.narrowed(),
            Ty::Dict { .. } | Ty::Set(_) | Ty::Deque { .. }
        ) && !matches!(container.kind, ExprKind::Set(_) | ExprKind::Dict(_))
        {
            let found = self.in_collection(e, x, container)?;
            return Ok(if positive { found } else { found.negate(true) });
        }
        if let ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) =
            &container.kind
        {
            // Among literals, a computed value is looked at once.
            let literal = |item: &PyExpr| match &item.kind {
                ExprKind::Int(_) | ExprKind::Str(_) => true,
                ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Int(_)),
                _ => false,
            };
            let plain = !x.ty.is_float() && x.rty != RTy::Bool;
            let once = plain && items.iter().all(literal) && !items.is_empty();
            let x = if once || x.expr.is_simple() {
                x
            } else if self.conditional > 0 {
                return Err(self.partly(e, "`in` of a computed value in this place"));
            } else {
                self.hoist(x, "wanted", e.span)
            };
            // What an item changes is read before.
            let changed = items.iter().any(|item| self.changes_within(item));
            let x = match changed && !x.literal && !self.is_fixed(&x.expr) {
                true if self.conditional > 0 || !self.lw.is_copy(&x.rty) => {
                    return Err(self.partly(e, "`in` of a tuple whose items change something"));
                }
                true => self.hoist(x, "wanted", e.span),
                false => x,
            };
            let mut vals: Vec<Val> = Vec::new();
            for item in items {
                let before = self.out.len();
                let val = self.expr(item)?;
                let mut earlier = Vec::new();
                for val in vals {
                    earlier.push(self.computed_before(val, item, before)?);
                }
                vals = earlier;
                vals.push(val);
            }
            // Python computes all of them, whichever is found.
            let acts =
                |(item, val): (&'a PyExpr, &Val)| val.expr.can_fail() || self.changes_within(item);
            if items.iter().zip(&vals).skip(1).any(acts) {
                if self.conditional > 0 {
                    return Err(self.partly(e, "`in` of a tuple of such values, in this place"));
                }
                let hoist = |val: Val| match val.literal {
                    true => val,
                    false => self.hoist(val, "choice", e.span),
                };
                vals = vals.into_iter().map(hoist).collect();
            }
            let mut parts = Vec::new();
            for item in vals {
                parts.push(self.comparison(e, x.clone(), CompareOp::Eq, item)?);
            }
            let plain = |part: &Expr| match part {
                Expr::Binary(_, left, _) if matches!(x.rty, RTy::Char | RTy::Bool) => {
                    **left == x.expr
                }
                _ => true,
            };
            let literals: Option<Vec<String>> = parts
                .iter()
                .map(|part| matchable(part).filter(|_| plain(part)))
                .collect();
            let matched = match literals {
                Some(patterns) if !patterns.is_empty() => {
                    let subject = x.as_str();
                    Expr::Macro(
                        "matches".into(),
                        vec![subject, Expr::Atom(patterns.join(" | "))],
                    )
                }
                _ if once && !x.expr.is_simple() && parts.len() > 1 => {
                    return Err(self.partly(e, "`in` of this computed value"));
                }
                _ => parts
                    .into_iter()
                    .reduce(|a, b| a.binary(BinOp::Or, b))
                    .unwrap_or_else(|| Expr::atom("false")),
            };
            return Ok(if positive {
                matched
            } else {
                Expr::Unary(UnOp::Not, Box::new(matched))
            });
        }
        if let Ty::Tuple(tys) = self.fact(container.id).ty
            && x.expr.is_simple()
            && let Some(any) = self.in_tuple(e, &x, container, tys)?
        {
            return Ok(if positive { any } else { any.negate(true) });
        }
        if matches!(container.kind, ExprKind::Call { .. }) && x.ty == Ty::Str {
            let list = self.expr(container)?;
            if let Some(parts) = super::strings::pieces(&list.expr) {
                if !x.expr.is_simple() {
                    return Err(self.partly(e, "`in` of a computed value"));
                }
                let name = closure_name(&[&x.expr]);
                let part = Val::new(Expr::atom(name), RTy::Str, &crate::value::Fact::of(Ty::Str));
                let test = self.comparison(e, part, CompareOp::Eq, x)?;
                let test = Expr::Closure(name.into(), Box::new(test));
                let found = parts.clone().method("any", vec![test]);
                return Ok(if positive { found } else { found.negate(true) });
            }
        }
        if matches!(
            self.fact(container.id).ty.narrowed(),
            Ty::List { .. } | Ty::Deque { .. }
        ) {
            let mut site = self.site();
            catalog::note_nan(&x, &mut site);
            self.absorb(site, e.span);
        }
        let found = self.in_sequence(e, x, container)?;
        Ok(if positive { found } else { found.negate(true) })
    }
}

fn of_present(subject: Expr, name: &str, found: Expr) -> Expr {
    let test = Expr::Closure(name.into(), Box::new(found));
    subject.method("is_some_and", vec![test])
}

//! `isinstance(x, T)`: what inference decided, or a test for None.

use super::function::FnLower;
use crate::ast::{BoolOp, CompareOp, Expr as PyExpr, ExprKind, UnaryOp};
use crate::infer::isinstance::Instance;
use crate::infer::type_tests::{Asks, type_test};
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    fn answer(&self, e: &PyExpr) -> Option<Instance> {
        let test = type_test(e).filter(|t| !self.lw.functions.contains_key(t.builtin))?;
        // What has to be evaluated is not left out.
        self.path_of(test.value)?;
        if self.lw.input.model.problems.contains_key(&e.id) {
            return None;
        }
        let ty = self.fact(test.value.id).ty;
        let full_name = |e: &PyExpr| self.lw.full_name(e);
        let answer = self.lw.input.model.answer(&ty, &test, &full_name);
        let (Ty::Instance(own), Asks::Of(classes)) = (ty.narrowed(), &test.asks) else {
            return Some(answer);
        };
        let names: Vec<String> = classes.iter().map(|c| self.lw.full_name(c)).collect();
        if answer != Instance::Open {
            return Some(answer);
        }
        if !self.lw.family_variants(&own).is_empty() {
            return Some(Instance::Variant);
        }
        let (_, class) = self.lw.class_stmt(&own)?;
        Some(match class.ancestors.iter().any(|a| names.contains(a)) {
            true => Instance::Always,
            false => Instance::Never,
        })
    }

    /// Whether it is a test for None.
    pub(super) fn is_present(&self, e: &PyExpr) -> bool {
        self.answer(e) == Some(Instance::Present)
    }

    /// The outcome of a condition that types decide.
    pub(super) fn types_decide(&self, test: &PyExpr) -> Option<bool> {
        match &test.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.types_decide(operand).map(|holds| !holds),
            _ if let Some(holds) = self.none_decides(test) => Some(holds),
            _ => match self.answer(test)? {
                Instance::Always => Some(true),
                Instance::Never => Some(false),
                Instance::Present
                | Instance::Variant
                | Instance::Int
                | Instance::Float
                | Instance::Kinds
                | Instance::Open => None,
            },
        }
    }

    /// The outcome of a test of an attribute that is None in every object of its class: one
    /// of a family, whose other classes may have a value there.
    pub(super) fn none_decides(&self, test: &PyExpr) -> Option<bool> {
        match &test.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.none_decides(operand).map(|holds| !holds),
            ExprKind::Logical { op, values } => {
                let stop = *op == BoolOp::Or;
                for value in values {
                    if self.none_decides(value)? == stop {
                        return Some(stop);
                    }
                }
                Some(!stop)
            }
            ExprKind::Compare { left, ops, rest } => {
                let ([op], [right]) = (ops.as_slice(), rest.as_slice()) else {
                    return None;
                };
                let is_none = match op {
                    CompareOp::Is | CompareOp::Eq => true,
                    CompareOp::IsNot | CompareOp::NotEq => false,
                    CompareOp::Lt
                    | CompareOp::LtE
                    | CompareOp::Gt
                    | CompareOp::GtE
                    | CompareOp::In
                    | CompareOp::NotIn => return None,
                };
                let none = matches!(right.kind, ExprKind::None) && self.is_none_alone(left);
                none.then_some(is_none)
            }
            ExprKind::Attribute { .. } => self.is_none_alone(test).then_some(false),
            _ => None,
        }
    }

    /// Whether it is an attribute that nothing but None is assigned to.
    fn is_none_alone(&self, e: &PyExpr) -> bool {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return false;
        };
        let Ty::Instance(class) = self.fact(value.id).ty else {
            return false;
        };
        let field = |class: &crate::infer::Class| {
            let mut fields = class.fields.iter();
            fields.any(|(name, fact)| *name == attr.name && fact.ty == Ty::None)
        };
        let class = self.lw.input.model.classes.get(&class);
        self.path_of(e).is_some() && class.is_some_and(field)
    }

    /// `isinstance(x, T)`
    pub(super) fn instance_value(&mut self, e: &'a PyExpr) -> Option<Result<Val, Expr>> {
        let test = type_test(e).filter(|t| !self.lw.functions.contains_key(t.builtin))?;
        let (value, classes) = match test.asks {
            Asks::Of(classes) | Asks::Exactly(classes) => (test.value, classes),
            Asks::Has(_) | Asks::Callable => (test.value, Vec::new()),
        };
        let answer = self.answer(e);
        Some(match answer {
            Some(decided @ (Instance::Always | Instance::Never)) => {
                let holds = decided == Instance::Always;
                self.decided_alone(e)
                    .map(|()| Val::bool(Expr::atom(holds.to_string())))
            }
            Some(Instance::Present) => self.expr(value).and_then(|val| match val.rty.peel() {
                RTy::Option(_) => Ok(Val::bool(val.expr.method("is_some", vec![]))),
                _ => Err(self.hole(e)),
            }),
            Some(Instance::Variant) => self.variant_test(e, value, &classes),
            Some(Instance::Int | Instance::Float) if self.is_in_union(value) => {
                self.kind_test_value(e)
            }
            Some(kind @ (Instance::Int | Instance::Float)) => self.expr(value).map(|val| {
                let kind = match kind {
                    Instance::Int => "Number::Int(_)",
                    _ => "Number::Float(_)",
                };
                let pattern = match val.rty {
                    RTy::Option(_) => format!("Some({kind})"),
                    _ => kind.to_string(),
                };
                let test = Expr::Macro("matches".into(), vec![val.expr, Expr::Atom(pattern)]);
                Val::bool(test)
            }),
            Some(Instance::Kinds) => self.kind_test_value(e),
            Some(Instance::Open) if self.fact(value.id).ty == Ty::Tov => {
                let asked = classes.iter().map(|c| self.lw.full_name(c));
                let is_dict = asked.into_iter().any(|c| c == "dict");
                self.expr(value).map(|tov| {
                    let test = super::tov::is(tov.expr, "None");
                    Val::bool(if is_dict { test.negate(true) } else { test })
                })
            }
            Some(Instance::Open) if let Some(test) = self.tag_test(e) => {
                self.variant_is(&test).map(Val::bool)
            }
            Some(Instance::Open) | None => Err(self.hole(e)),
        })
    }

    /// `matches!(x, Behaviour::Cruise(_) | Behaviour::Avoid(_))`
    fn variant_test(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        classes: &[&'a PyExpr],
    ) -> Result<Val, Expr> {
        let ty = self.fact(value.id).ty;
        let Ty::Instance(family) = ty.narrowed() else {
            return Err(self.hole(e));
        };
        let place = self.path_of(value).and_then(|p| self.path_place(&p, false));
        let Some((place, rty)) = place else {
            return Err(self.hole(e));
        };
        let optional = matches!(rty.peel(), RTy::Option(_));
        let variants = self.lw.family_variants(&family).to_vec();
        let mut patterns = Vec::new();
        for class in classes {
            let name = self.lw.full_name(class);
            if variants.contains(&name) {
                let path = self.variant_path(&family, &name);
                patterns.push(match optional {
                    true => format!("Some({path}(_))"),
                    false => format!("{path}(_)"),
                });
            } else if name == family {
                return Err(self.hole(e));
            }
        }
        if patterns.is_empty() {
            return Ok(Val::bool(Expr::atom("false")));
        }
        let args = vec![place, Expr::atom(patterns.join(" | "))];
        Ok(Val::bool(Expr::Macro("matches".into(), args)))
    }
}

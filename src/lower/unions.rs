//! Values of several kinds: an enum with a variant for each.
//!
//! Enters: a value whose type is a union, and the kind that it is read as; or a value of one
//! kind that goes to a union. Leaves: `Reading::Float(x)`, `reading.as_float()`. What is no
//! value of that kind is the error that Python raises. `built` writes the enums, and `told` the
//! tests that tell kinds apart.

mod built;
mod told;

use super::Lowerer;
use super::function::FnLower;
use super::text::printed::Style;
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind};
use crate::catalog::Helper;
use crate::infer::unions::{is_numeric, is_same_kind, is_sequence, type_name, variant};
use crate::ir::{Arm, Block, Expr, RTy};
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A union: its kinds, and the class that stands for it.
pub(super) struct Union {
    pub(super) kinds: Vec<Ty>,
    pub(super) class: String,
}

impl Union {
    /// The kind of it that a value of some type is of.
    fn own(&self, ty: &Ty) -> Option<&Ty> {
        self.kinds.iter().find(|kind| is_same_kind(kind, ty))
    }

    fn list(&self) -> Option<&Ty> {
        let mut kinds = self.kinds.iter();
        kinds.find(|kind| matches!(kind, Ty::List { .. }))
    }
}

/// The method of a union that gives a list or a tuple.
fn reader(kind: &Ty) -> String {
    format!("as_{}", variant(kind).to_lowercase())
}

impl Lowerer<'_> {
    /// The union that a type stands for, behind references and where it is not None.
    pub(super) fn union_at(&self, rty: &RTy) -> Option<Union> {
        let rty = match rty.peel() {
            RTy::Option(inner) => inner.peel(),
            rty => rty,
        };
        let class = self.class_of(rty)?;
        let (ty, _) = self.input.model.unions.iter().find(|(_, n)| *n == class)?;
        Some(Union {
            kinds: ty.kinds().to_vec(),
            class,
        })
    }

    /// How a list or a tuple of a union is lent.
    fn lent_kind(&self, kind: &Ty) -> Option<RTy> {
        let rty = self.natural(&Fact::of(kind.clone()))?;
        Some(match rty {
            RTy::Vec(elem) => RTy::Ref(Box::new(RTy::Slice(elem))),
            rty if self.is_copy(&rty) => rty,
            rty => RTy::Ref(Box::new(rty)),
        })
    }

    /// Whether a type is or has in it a union.
    pub(super) fn holds_union(&self, rty: &RTy) -> bool {
        match rty {
            RTy::Tuple(items) => items.iter().any(|item| self.holds_union(item)),
            rty => self.union_at(rty).is_some(),
        }
    }
}

impl<'a> FnLower<'_, 'a> {
    /// Uses a method of a union.
    fn union_method(&mut self, union: &Union, name: &str) {
        self.lw.used_classes.insert(union.class.clone());
        let used = (union.class.clone(), name.to_string());
        self.lw.enum_uses.insert(used);
    }

    /// The value where it is of a kind: an `Option`; nothing where no value of its union is.
    /// `lenient`: a bool is an int.
    fn of_kind(&mut self, val: &Val, kind: &Ty, lenient: bool) -> Option<Val> {
        let union = self.lw.union_at(&val.rty)?;
        let bools = lenient && union.kinds.contains(&Ty::Bool);
        let (name, rty) = match kind {
            Ty::Bool => ("as_flag", RTy::Bool),
            Ty::Int if bools => ("to_int", RTy::I64),
            Ty::IntOrFloat if bools => {
                self.helper(Helper::Number);
                ("to_number", RTy::Number)
            }
            Ty::Int => ("as_int", RTy::I64),
            Ty::Float => ("as_float", RTy::F64),
            Ty::IntOrFloat => {
                self.helper(Helper::Number);
                ("as_number", RTy::Number)
            }
            Ty::Str => ("as_text", RTy::Str),
            kind if is_sequence(kind) => {
                return self.sequence_of(val, &union, union.own(kind)?);
            }
            _ => return None,
        };
        Some(self.read_kind(val, &union, name, rty, kind))
    }

    /// The list or tuple where the value is one.
    fn sequence_of(&mut self, val: &Val, union: &Union, kind: &Ty) -> Option<Val> {
        let rty = self.lw.lent_kind(kind)?;
        self.lw.use_types(&rty);
        Some(self.read_kind(val, union, &reader(kind), rty, kind))
    }

    /// Calls the method of a union that gives the value where it is of a kind.
    fn read_kind(&mut self, val: &Val, union: &Union, name: &str, rty: RTy, kind: &Ty) -> Val {
        self.union_method(union, name);
        let expr = match val.rty.peel() {
            RTy::Option(inner) => {
                let held = match inner.is_ref() {
                    true => val.expr.clone(),
                    false => val.expr.clone().method("as_ref", vec![]),
                };
                let path = format!("{}::{name}", self.lw.class_name(&union.class));
                held.method("and_then", vec![Expr::Atom(path)])
            }
            _ => match val.expr.clone() {
                // What is only looked at is not copied.
                Expr::Method(held, clone, args) if clone == "clone" && args.is_empty() => *held,
                held => held,
            }
            .method(name, vec![]),
        };
        Val {
            expr,
            rty: RTy::Option(Box::new(rty)),
            ty: kind.clone().optional(),
            range: Fact::of(kind.clone()).range,
            literal: false,
            node: None,
        }
    }

    /// A value of a union as the one kind that an expression has.
    pub(super) fn as_one_kind(&mut self, e: &PyExpr, val: Val) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if self.lw.union_at(&val.rty).is_none() {
            return Ok(match (fact.ty.union().is_some(), val.rty.peel()) {
                // A pattern has told its kind.
                (true, RTy::String | RTy::Str) => val.with_ty(Ty::Str),
                (true, RTy::Float(_)) => val.with_ty(Ty::Float),
                (true, RTy::Int(_)) => val.with_ty(Ty::Int),
                (true, RTy::Bool) => val.with_ty(Ty::Bool),
                _ => val,
            });
        }
        if matches!(e.kind, ExprKind::None)
            || matches!(fact.ty, Ty::Option(_) | Ty::None)
            || fact.ty.is_unusable()
        {
            return Ok(val);
        }
        // What is changed in place is another type afterwards.
        let refusal = self.lw.input.model.refusals.get(&e.id);
        let fact = match refusal {
            Some(refusal) if refusal.taken != fact.ty => Fact::of(refusal.taken.clone()),
            _ => fact,
        };
        if fact.ty.is_mixed() {
            return Ok(val);
        }
        let lenient = refusal.is_some();
        let Some(found) = self.of_kind(&val, &fact.ty, lenient) else {
            return Err(self.hole(e));
        };
        let RTy::Option(rty) = found.rty else {
            return Err(self.hole(e));
        };
        let error = match refusal {
            Some(refusal) => self.error(&refusal.error),
            None => self.error(&format!("TypeError (this is no {})", type_name(&fact.ty))),
        };
        let ty = match is_sequence(&fact.ty) {
            true => found.ty.narrowed(),
            false => fact.ty,
        };
        Ok(Val {
            expr: found.expr.ok_or(&error),
            rty: *rty,
            ty,
            range: fact.range,
            ..val
        })
    }

    /// The list, tuple, text or key that a value has to be here, where it may be None.
    pub(super) fn where_given(&self, e: &PyExpr, val: Val) -> Val {
        let Some(refusal) = self.lw.input.model.refusals.get(&e.id) else {
            return val;
        };
        let RTy::Option(inner) = val.rty.peel().clone() else {
            return val;
        };
        let plain = matches!(refusal.taken, Ty::Str | Ty::Int | Ty::Bool | Ty::Member(_));
        if !is_sequence(&refusal.taken) && !plain {
            return val;
        }
        let error = self.error(&refusal.error);
        let lent = val.rty.is_ref() || val.expr.is_place();
        let (expr, rty) = match inner.is_ref() || self.lw.is_copy(&inner) || !lent {
            true => (val.expr, *inner),
            false if *inner == RTy::String => (val.expr.method("as_deref", vec![]), RTy::Str),
            false => (val.expr.method("as_ref", vec![]), RTy::Ref(inner)),
        };
        Val {
            expr: expr.ok_or(&error),
            rty,
            ty: refusal.taken.clone(),
            ..val
        }
    }

    /// A value that goes into a container of values of several kinds.
    pub(super) fn in_union(&mut self, val: Val, to: &RTy, at: Span) -> Result<Val, Expr> {
        if let (RTy::Tuple(tos), Expr::Tuple(items), RTy::Tuple(tys), Ty::Tuple(facts)) =
            (to, &val.expr, &val.rty, &val.ty)
            && tos.len() == items.len()
            && val.rty != *to
        {
            let parts = items.iter().zip(tys).zip(facts).zip(tos);
            let mut exprs = Vec::new();
            for (((item, rty), ty), to) in parts {
                let item = Val::new(item.clone(), rty.clone(), &Fact::of(ty.clone()));
                exprs.push(self.coerce(item, to, at, "the value")?);
            }
            return Ok(Val {
                expr: Expr::Tuple(exprs),
                rty: to.clone(),
                ..val
            });
        }
        let Some(union) = self.lw.union_at(to).filter(|_| val.ty != Ty::None) else {
            return Ok(val);
        };
        let held = Ty::Mixed(union.kinds);
        let to = match (&val.rty, to) {
            (RTy::Option(_), RTy::Option(_)) => to.clone(),
            (RTy::Option(_), to) => RTy::Option(Box::new(to.clone())),
            _ => to.clone(),
        };
        let ty = match to {
            RTy::Option(_) => held.optional(),
            _ => held,
        };
        let expr = self.coerce(val, &to, at, "the value")?;
        Ok(Val::new(expr, to, &Fact::of(ty)))
    }

    /// An operand of a test for equality: of no kind yet.
    pub(super) fn compared_operand(
        &mut self,
        e: &'a PyExpr,
        ops: &[CompareOp],
    ) -> Result<Val, Expr> {
        let equality = |op: &CompareOp| {
            matches!(
                op,
                CompareOp::Eq | CompareOp::NotEq | CompareOp::Is | CompareOp::IsNot
            )
        };
        match ops.iter().all(equality) && self.lw.input.model.has_named_unions() {
            true => self.operand(e),
            false => self.expr(e),
        }
    }

    /// A value of one kind where one of several is wanted, or the other way round.
    pub(super) fn as_union(
        &mut self,
        val: &Val,
        to: &RTy,
        at: Span,
        name: &str,
    ) -> Option<Result<Expr, Expr>> {
        if self.lw.union_at(to).is_some() {
            let copied = |method: &str| Some(Ok(val.expr.clone().method(method, vec![])));
            match (&val.rty, to) {
                (RTy::Ref(held), to) if **held == *to => return copied("clone"),
                (RTy::Option(held), RTy::Option(to)) if matches!(&**held, RTy::Ref(held) if held == to) =>
                {
                    return copied("cloned");
                }
                _ => {}
            }
        }
        if matches!(to.peel(), RTy::Option(_)) || matches!(val.rty.peel(), RTy::Option(_)) {
            return None;
        }
        match (self.lw.union_at(to), self.lw.union_at(&val.rty)) {
            (Some(union), None) => {
                let wrapped = self.in_variant(&union, val, at, name)?;
                Some(wrapped.map(|wrapped| match to {
                    RTy::Ref(_) => Expr::Ref(Box::new(wrapped)),
                    _ => wrapped,
                }))
            }
            (None, Some(union)) => {
                let has = |kind: &Ty| union.kinds.contains(kind);
                let kind = match to.peel() {
                    RTy::Float(_) if has(&Ty::Int) && has(&Ty::Float) => Ty::IntOrFloat,
                    RTy::Float(_) if has(&Ty::Int) => Ty::Int,
                    RTy::Float(_) => Ty::Float,
                    RTy::Int(_) => Ty::Int,
                    RTy::String | RTy::Str => Ty::Str,
                    RTy::Bool => Ty::Bool,
                    RTy::Vec(_) | RTy::Array(..) | RTy::ArrayVec(..) => union.list()?.clone(),
                    _ => return None,
                };
                if !has(&kind) && kind != Ty::IntOrFloat {
                    return None;
                }
                let found = self.of_kind(val, &kind, false)?;
                let RTy::Option(rty) = found.rty else {
                    return None;
                };
                let others = union.kinds.iter().filter(|k| **k != kind);
                let others: Vec<&str> = match kind {
                    Ty::IntOrFloat => others.filter(|k| !k.is_number()).map(type_name).collect(),
                    _ => others.map(type_name).collect(),
                };
                let error = format!(
                    "{}: a {} does not fit `{name}`",
                    self.lw.input.source.at(at),
                    others.join(" or ")
                );
                let held = Val {
                    expr: found.expr.ok_or(&error),
                    rty: *rty,
                    ty: kind,
                    ..found
                };
                let held = match held.rty.peel().clone() {
                    RTy::Slice(elem) => Val {
                        expr: held.expr.method("to_vec", vec![]),
                        rty: RTy::Vec(elem),
                        ..held
                    },
                    _ => held,
                };
                Some(self.coerce(held, to, at, name))
            }
            (Some(union), Some(held)) if union.class != held.class => {
                let fits = held.kinds.iter().all(|kind| union.kinds.contains(kind));
                fits.then(|| Ok(self.as_wider(val, &held, &union)))
            }
            _ => None,
        }
    }

    /// A value of a union as one of more kinds.
    fn as_wider(&mut self, val: &Val, held: &Union, union: &Union) -> Expr {
        let (from, own) = (
            self.lw.class_name(&held.class),
            self.lw.class_name(&union.class),
        );
        self.lw.used_classes.insert(union.class.clone());
        let arm = |kind: &Ty| {
            let of = variant(kind);
            let body = Expr::call(format!("{own}::{of}"), vec![Expr::atom("x")]);
            Arm::of(format!("{from}::{of}(x)"), Block::value(body))
        };
        let kept = val.rty.is_ref() || val.expr.is_place();
        let subject = match kept && !self.moves(val) {
            true => val.expr.clone().method("clone", vec![]),
            false => val.expr.clone(),
        };
        Expr::Match {
            subject: Box::new(subject),
            arms: held.kinds.iter().map(arm).collect(),
        }
    }

    /// `Reading::Float(x)`
    fn in_variant(
        &mut self,
        union: &Union,
        val: &Val,
        at: Span,
        name: &str,
    ) -> Option<Result<Expr, Expr>> {
        let kind = match &val.ty {
            Ty::Enum(_) => Ty::Str,
            ty => ty.clone(),
        };
        let own = self.lw.class_name(&union.class);
        if kind == Ty::IntOrFloat && val.rty == RTy::Number {
            let arm = |of: &str| {
                let body = Expr::call(format!("{own}::{of}"), vec![Expr::atom("x")]);
                Arm::of(format!("Number::{of}(x)"), Block::value(body))
            };
            self.lw.used_classes.insert(union.class.clone());
            return Some(Ok(Expr::Match {
                subject: Box::new(val.expr.clone()),
                arms: vec![arm("Int"), arm("Float")],
            }));
        }
        let kind = union.own(&kind)?.clone();
        let rty = self.lw.natural(&Fact::of(kind.clone()))?;
        self.lw.used_classes.insert(union.class.clone());
        if val.rty == RTy::Vec(Box::new(RTy::Never)) {
            // Any empty list.
            let held = vec![val.expr.clone()];
            return Some(Ok(Expr::call(format!("{own}::{}", variant(&kind)), held)));
        }
        let held = self.coerce(val.clone(), &rty, at, name);
        Some(held.map(|held| Expr::call(format!("{own}::{}", variant(&kind)), vec![held])))
    }

    /// Python's truth of a value of several kinds.
    pub(super) fn union_truth(&mut self, val: &Val) -> Option<Expr> {
        let union = self.lw.union_at(&val.rty)?;
        self.union_method(&union, "is_true");
        Some(match val.rty.peel() {
            RTy::Option(inner) => {
                let held = match inner.is_ref() || self.lw.is_copy(inner) {
                    true => val.expr.clone(),
                    false => val.expr.clone().method("as_ref", vec![]),
                };
                let test = Expr::atom("x").method("is_true", vec![]);
                held.method(
                    "is_some_and",
                    vec![Expr::Closure("x".into(), Box::new(test))],
                )
            }
            _ => val.expr.clone().method("is_true", vec![]),
        })
    }

    /// Python's text of a value of several kinds.
    pub(super) fn union_text(&mut self, val: &Val, style: Style) -> Option<Result<Expr, String>> {
        let union = self.lw.union_at(&val.rty)?;
        let quoted = style == Style::Repr && union.kinds.contains(&Ty::Str);
        let name = if quoted { "to_repr" } else { "to_text" };
        for kind in union.kinds.iter().filter(|kind| is_sequence(kind)) {
            let key = (union.class.clone(), variant(kind));
            if self.lw.union_texts.contains_key(&key) {
                continue;
            }
            let refuse = format!("the text of {}", kind.describe());
            let Some(rty) = self.lw.natural(&Fact::of(kind.clone())) else {
                return Some(Err(refuse));
            };
            // It is the same wherever the value is.
            let x = Val::new(
                Expr::atom("x"),
                RTy::Ref(Box::new(rty)),
                &Fact::of(kind.clone()),
            );
            self.conditional += 1;
            let text = self.printed(x, Style::Repr);
            self.conditional -= 1;
            match text {
                Ok(text) if !text.can_fail() => {
                    self.lw.union_texts.insert(key, text.into_string());
                }
                Ok(_) => return Some(Err(refuse)),
                Err(why) => return Some(Err(why)),
            }
        }
        self.union_method(&union, name);
        Some(Ok(val.expr.clone().method(name, vec![])))
    }

    /// A value of several kinds as it is compared for equality with another: of the kind of
    /// that, or None, which is equal to none.
    pub(super) fn compared_kind(&mut self, val: &Val, other: &Val) -> Option<Val> {
        let union = self.lw.union_at(&val.rty)?;
        let has = |kind: &Ty| union.kinds.contains(kind);
        let kind = match &other.ty {
            Ty::Str | Ty::Enum(_) => Ty::Str,
            ty if is_numeric(ty) => match (has(&Ty::Float), has(&Ty::Int), has(&Ty::Bool)) {
                (true, false, false) => Ty::Float,
                (false, true, _) => Ty::Int,
                (false, false, true) if *ty == Ty::Bool => Ty::Bool,
                (true, _, _) => Ty::IntOrFloat,
                _ => return None,
            },
            _ => return None,
        };
        if !has(&kind) && kind != Ty::IntOrFloat {
            return None;
        }
        self.of_kind(val, &kind, true)
    }

    /// `len(x)` of what is a list or a text, or a tuple.
    pub(super) fn union_len(&mut self, arg: &'a PyExpr) -> Option<Result<Val, Expr>> {
        let fact = self.fact(arg.id);
        fact.ty
            .union()
            .filter(|_| !matches!(fact.ty, Ty::Option(_)))?;
        let val = match self.expr(arg) {
            Ok(val) => val,
            Err(hole) => return Some(Err(hole)),
        };
        let Some(union) = self.lw.union_at(&val.rty) else {
            return Some(Err(self.hole(arg)));
        };
        let size = self.read_kind(&val, &union, "size", RTy::USIZE, &Ty::Int);
        let error = self.kind_error(arg, "object has no len()");
        let size = size.expr.ok_or(&error);
        let range = IntRange::new(0, i64::MAX as i128);
        Some(Ok(Val::int(size, IntTy::Usize, range)))
    }

    /// `x[1]` of what is a tuple of two, or of three.
    pub(super) fn union_item(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Option<Result<Val, Expr>> {
        let base = self.fact(value.id);
        base.ty
            .union()
            .filter(|_| !matches!(base.ty, Ty::Option(_)))?;
        let at = self.fact(index.id).range.int().constant()?;
        let at = usize::try_from(at).ok()?;
        let val = match self.expr(value) {
            Ok(val) => val,
            Err(hole) => return Some(Err(hole)),
        };
        let union = self.lw.union_at(&val.rty)?;
        Some(self.item_of_kinds(e, (value, val), &union, at))
    }

    fn item_of_kinds(
        &mut self,
        e: &PyExpr,
        (value, val): (&PyExpr, Val),
        union: &Union,
        at: usize,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(rty) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        let rty = if rty == RTy::String { RTy::Str } else { rty };
        let own = self.lw.class_name(&union.class);
        self.lw.used_classes.insert(union.class.clone());
        let mut arms = Vec::new();
        for kind in &union.kinds {
            let (held, ty) = match (self.lw.natural(&Fact::of(kind.clone())), kind) {
                (Some(RTy::Tuple(tys)), Ty::Tuple(items)) => match (tys.get(at), items.get(at)) {
                    (Some(held), Some(ty)) => (held.clone(), ty.clone()),
                    _ => continue,
                },
                // A list may be shorter.
                (_, Ty::List { .. }) => return Err(self.partly(e, "an item of a list or a tuple")),
                _ => continue,
            };
            if ty == Ty::Number && fact.ty == Ty::IntOrFloat {
                // What lies there as a float has been an int.
                return Err(self.partly(e, "an item that is an int or a float"));
            }
            let place = Expr::atom("x").field(at.to_string());
            let item = Val::new(place, held, &Fact::of(ty));
            let item = self.coerce(item, &rty, e.span, "the item")?;
            let pattern = match is_option(&val) {
                true => format!("Some({own}::{}(x))", variant(kind)),
                false => format!("{own}::{}(x)", variant(kind)),
            };
            arms.push(Arm::of(
                pattern,
                Block::value(Expr::call("Some", vec![item])),
            ));
        }
        if arms.len() < union.kinds.len() || is_option(&val) {
            arms.push(Arm::of("_", Block::value(Expr::atom("None"))));
        }
        let subject = match val.expr {
            Expr::Method(held, clone, args) if clone == "clone" && args.is_empty() => {
                Expr::Ref(held)
            }
            held if val.rty.is_ref() || matches!(&val.rty, RTy::Option(of) if of.is_ref()) => held,
            held => Expr::Ref(Box::new(held)),
        };
        let found = Expr::Match {
            subject: Box::new(subject),
            arms,
        };
        let error = self.kind_error(value, "object is not subscriptable");
        Ok(Val::new(found.ok_or(&error), rty, &fact))
    }

    /// Python's error where a value is of a kind that is not taken.
    fn kind_error(&self, e: &PyExpr, what: &str) -> String {
        match self.lw.input.model.refusals.get(&e.id) {
            Some(refusal) => self.error(&refusal.error),
            None => self.error(&format!("TypeError: {what}")),
        }
    }

    /// The bool that a value of several kinds is, where another is asked to be the same.
    pub(super) fn flag_of(&mut self, a: &Val, b: &Val) -> Option<Val> {
        let (asked, other) = match self.lw.union_at(&a.rty) {
            Some(_) => (a, b),
            None => (b, a),
        };
        let union = self.lw.union_at(&asked.rty)?;
        let is_bool = other.rty == RTy::Bool && union.kinds.contains(&Ty::Bool);
        is_bool.then(|| self.of_kind(asked, &Ty::Bool, false))?
    }

    /// A value of several kinds as it is looked for among values of one kind.
    pub(super) fn kind_among(&mut self, val: Val, container: &Ty) -> Val {
        let item = match container {
            Ty::Tuple(items) => items.first().cloned(),
            Ty::List { elem, .. } => Some((**elem).clone()),
            _ => None,
        };
        let found = item.and_then(|item| {
            let item = Val::new(Expr::atom("item"), RTy::Never, &Fact::of(item));
            self.compared_kind(&val, &item)
        });
        found.unwrap_or(val)
    }
}

/// Whether a value may be None.
fn is_option(val: &Val) -> bool {
    matches!(val.rty.peel(), RTy::Option(_))
}

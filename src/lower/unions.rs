//! Values of several kinds: an enum with a variant for each.
//!
//! Enters: a value whose type is a union, and the kind that it is read as; or a value of one
//! kind that goes to a union. Leaves: `Reading::Float(x)`, `reading.as_float()`, and the enums
//! with the methods that are used. What is no value of that kind is the error that Python
//! raises. This module must not know which tests tell kinds apart.

use super::Lowerer;
use super::function::{Bound, FnLower};
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind, Stmt as PyStmt};
use crate::catalog::Helper;
use crate::infer::Path;
use crate::infer::type_tests::type_test;
use crate::infer::unions::{is_numeric, type_name, variant};
use crate::ir::{self, Arm, Block, Expr, Function, RTy};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A union: its kinds, and the class that stands for it.
pub(super) struct Union {
    pub(super) kinds: Vec<Ty>,
    pub(super) class: String,
}

/// A condition that asks which kind a variable's value is, of which it leaves one.
pub(super) struct KindTest {
    pub(super) path: Path,
    pub(super) kind: Ty,
    /// Whether the condition asks for more.
    pub(super) asks_more: bool,
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

    /// Whether a type is or has in it a union.
    pub(super) fn holds_union(&self, rty: &RTy) -> bool {
        match rty {
            RTy::Tuple(items) => items.iter().any(|item| self.holds_union(item)),
            rty => self.union_at(rty).is_some(),
        }
    }

    /// The enums of the unions that the Rust uses.
    pub(super) fn build_unions(&mut self) {
        for (ty, class) in &self.input.model.unions {
            if !self.used_classes.contains(class) {
                continue;
            }
            let kinds = ty.kinds();
            let mut variants = Vec::new();
            for kind in kinds {
                let Some(rty) = self.natural(&Fact::of(kind.clone())) else {
                    continue;
                };
                self.use_types(&rty);
                variants.push(format!("{}({rty})", variant(kind)));
            }
            let methods = self.union_methods(class, kinds);
            let attributes = self.class_attributes(class, false);
            self.task.classes.push(ir::Class {
                attributes,
                name: self.class_name(class),
                variants,
                methods,
                ..ir::Class::default()
            });
        }
    }

    /// The methods of a union that are used.
    fn union_methods(&mut self, class: &str, kinds: &[Ty]) -> Vec<Function> {
        let used = |what: &str| {
            let uses = (class.to_string(), what.to_string());
            self.enum_uses.contains(&uses)
        };
        // An arm for each kind; `None` where there is no value for it.
        let matched = |of: &dyn Fn(&Ty) -> Option<(&'static str, Expr)>, rest: &str| {
            let mut arms = Vec::new();
            for kind in kinds {
                if let Some((bound, body)) = of(kind) {
                    let pattern = format!("Self::{}({bound})", variant(kind));
                    arms.push(Arm::of(pattern, Block::value(body)));
                }
            }
            if arms.len() < kinds.len() {
                arms.push(Arm::of("_", Block::value(Expr::atom(rest))));
            }
            Expr::Match {
                subject: Box::new(Expr::atom("self")),
                arms,
            }
        };
        let some = |e: Expr| Expr::call("Some", vec![e]);
        let mut methods = Vec::new();
        let readers: [(&str, &str, Ty, RTy); 7] = [
            ("as_flag", "a bool", Ty::Bool, RTy::Bool),
            ("as_int", "an int", Ty::Int, RTy::I64),
            ("to_int", "an int or a bool", Ty::Int, RTy::I64),
            ("as_float", "a float", Ty::Float, RTy::F64),
            ("as_number", "a number", Ty::IntOrFloat, RTy::Number),
            (
                "to_number",
                "a number or a bool",
                Ty::IntOrFloat,
                RTy::Number,
            ),
            ("as_text", "a text", Ty::Str, RTy::Str),
        ];
        for (name, what, wanted, rty) in readers {
            if !used(name) {
                continue;
            }
            let body = matched(
                &|kind| match (&wanted, kind) {
                    (Ty::Int | Ty::IntOrFloat, Ty::Bool) if name.starts_with("as") => None,
                    (Ty::Str, Ty::Str) => Some(("text", some(Expr::atom("text")))),
                    (Ty::Bool, Ty::Bool) => Some(("flag", some(Expr::atom("*flag")))),
                    (Ty::Int, Ty::Int) | (Ty::Float, Ty::Float) => {
                        Some(("x", some(Expr::atom("*x"))))
                    }
                    (Ty::Int, Ty::Bool) => Some(("flag", some(Expr::atom("i64::from(*flag)")))),
                    (Ty::IntOrFloat, Ty::Bool) => {
                        Some(("flag", some(Expr::atom("Number::Int(i64::from(*flag))"))))
                    }
                    (Ty::IntOrFloat, Ty::Int) => Some(("x", some(Expr::atom("Number::Int(*x)")))),
                    (Ty::IntOrFloat, Ty::Float) => {
                        Some(("x", some(Expr::atom("Number::Float(*x)"))))
                    }
                    _ => None,
                },
                "None",
            );
            let doc = format!("The value where it is {what}.");
            methods.push(method(name, &doc, RTy::Option(Box::new(rty)), body));
        }
        if used("is_true") {
            let body = matched(
                &|kind| match kind {
                    Ty::Bool => Some(("flag", Expr::atom("*flag"))),
                    Ty::Int => Some(("x", Expr::atom("*x != 0"))),
                    Ty::Float => Some(("x", Expr::atom("*x != 0.0"))),
                    _ => Some(("text", Expr::atom("!text.is_empty()"))),
                },
                "true",
            );
            methods.push(method("is_true", "Python's `bool(x)`.", RTy::Bool, body));
        }
        if used("to_text") {
            let body = matched(
                &|kind| match kind {
                    Ty::Bool => Some((
                        "flag",
                        Expr::atom("if *flag { \"True\" } else { \"False\" }.to_string()"),
                    )),
                    Ty::Int => Some(("x", Expr::atom("x.to_string()"))),
                    Ty::Float => Some(("x", Expr::atom("float_text(*x)"))),
                    _ => Some(("text", Expr::atom("text.clone()"))),
                },
                "String::new()",
            );
            methods.push(method("to_text", "Python's `str(x)`.", RTy::String, body));
        }
        let names: Vec<&str> = methods.iter().map(|m| m.name.as_str()).collect();
        if names.contains(&"as_number") || names.contains(&"to_number") {
            self.task.helpers.insert(Helper::Number);
        }
        if names.contains(&"to_text") && kinds.contains(&Ty::Float) {
            self.task.helpers.insert(Helper::FloatText);
        }
        methods
    }
}

fn method(name: &str, doc: &str, ret: RTy, body: Expr) -> Function {
    Function {
        span: None,
        doc: vec![doc.to_string()],
        comments: Vec::new(),
        attributes: Vec::new(),
        name: name.into(),
        receiver: Some("&self".into()),
        params: Vec::new(),
        ret,
        fallible: false,
        error: "",
        body: Block::value(body),
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
            _ => return None,
        };
        self.union_method(&union, name);
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
        Some(Val {
            expr,
            rty: RTy::Option(Box::new(rty)),
            ty: kind.clone().optional(),
            range: Fact::of(kind.clone()).range,
            literal: false,
            node: None,
        })
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
        if fact.ty.is_mixed() {
            return Ok(val);
        }
        let lenient = self.lw.input.model.refusals.contains_key(&e.id);
        let Some(found) = self.of_kind(&val, &fact.ty, lenient) else {
            return Err(self.hole(e));
        };
        let RTy::Option(rty) = found.rty else {
            return Err(self.hole(e));
        };
        let refusals = &self.lw.input.model.refusals;
        let error = match refusals.get(&e.id) {
            Some(text) => self.error(text),
            None => self.error(&format!("TypeError (this is no {})", type_name(&fact.ty))),
        };
        Ok(Val {
            expr: found.expr.ok_or(&error),
            rty: *rty,
            ty: fact.ty,
            range: fact.range,
            ..val
        })
    }

    /// A value that goes into a container of values of several kinds.
    pub(super) fn in_union(&mut self, val: Val, to: &RTy, at: Span) -> Result<Val, Expr> {
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
        let equality = |op: &CompareOp| matches!(op, CompareOp::Eq | CompareOp::NotEq);
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
        let kept = val.rty.is_ref() || super::store::is_place(&val.expr);
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
        if !union.kinds.contains(&kind) {
            return None;
        }
        let rty = self.lw.natural(&Fact::of(kind.clone()))?;
        self.lw.used_classes.insert(union.class.clone());
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
    pub(super) fn union_text(&mut self, val: &Val) -> Option<Expr> {
        let union = self.lw.union_at(&val.rty)?;
        self.union_method(&union, "to_text");
        Some(val.expr.clone().method("to_text", vec![]))
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

    /// Whether what lies where an expression reads is of several kinds.
    pub(super) fn is_in_union(&mut self, e: &PyExpr) -> bool {
        let place = match self.path_of(e) {
            Some(path) => self.path_place(&path, false),
            None => None,
        };
        place.is_some_and(|(_, rty)| self.lw.union_at(&rty).is_some())
    }

    /// `isinstance(x, (A, B))`: `matches!(x, Reading::Float(_) | Reading::Int(_))`.
    pub(super) fn kind_test_value(&mut self, e: &'a PyExpr) -> Result<Val, Expr> {
        let Some(test) = type_test(e) else {
            return Err(self.hole(e));
        };
        let place = match self.path_of(test.value) {
            Some(path) => self.path_place(&path, false),
            None => None,
        };
        let (place, rty) = match place {
            Some(found) => found,
            None => {
                let val = self.expr(test.value)?;
                (val.expr, val.rty)
            }
        };
        let (Some(union), ty) = (self.lw.union_at(&rty), self.fact(test.value.id).ty) else {
            return Err(self.hole(e));
        };
        let kinds = ty.told_kinds();
        let full_name = |e: &PyExpr| self.lw.full_name(e);
        let model = self.lw.input.model;
        let (holds, _) = model.kinds_told(&kinds, &test, &full_name);
        let own = self.lw.class_name(&union.class);
        self.lw.used_classes.insert(union.class.clone());
        let optional = matches!(rty.peel(), RTy::Option(_));
        let patterns = kinds.iter().filter(|kind| holds.has(kind)).map(|kind| {
            let pattern = format!("{own}::{}(_)", variant(kind));
            match optional {
                true => format!("Some({pattern})"),
                false => pattern,
            }
        });
        let patterns: Vec<String> = patterns.collect();
        let args = vec![place, Expr::Atom(patterns.join(" | "))];
        Ok(Val::bool(Expr::Macro("matches".into(), args)))
    }

    /// The kind that a condition leaves to a variable, where it leaves one.
    pub(super) fn kind_test(&self, e: &'a PyExpr) -> Option<KindTest> {
        let model = self.lw.input.model;
        if model.unions.is_empty() || model.problems.contains_key(&e.id) {
            return None;
        }
        let local = |value: &'a PyExpr| {
            let path = self.path_of(value)?;
            let local = path.segs.is_empty() && path.global_name().is_none();
            // What is looked at through a name does not change meanwhile.
            let lent = |b: &Bound| b.path == path && b.rty.is_ref() && !b.borrows;
            let local = local && !self.is_self(&path.root) || self.bounds.iter().any(lent);
            local.then_some(path)
        };
        match &e.kind {
            ExprKind::Call { .. } => {
                let test = type_test(e).filter(|t| !self.lw.functions.contains_key(t.builtin))?;
                let kinds = self.fact(test.value.id).ty.told_kinds();
                let full_name = |e: &PyExpr| self.lw.full_name(e);
                let (holds, _) = model.kinds_told(&kinds, &test, &full_name);
                Some(KindTest {
                    path: local(test.value)?,
                    kind: Ty::Mixed(kinds).among(holds),
                    asks_more: false,
                })
            }
            ExprKind::Compare { left, ops, rest } => {
                let ([CompareOp::Eq], [right]) = (ops.as_slice(), rest.as_slice()) else {
                    return None;
                };
                let ty = self.fact(left.id).ty;
                let text = matches!(right.kind, ExprKind::Str(_));
                (text && ty.union()?.contains(&Ty::Str)).then_some(KindTest {
                    path: local(left)?,
                    kind: Ty::Str,
                    asks_more: true,
                })
            }
            _ => None,
        }
    }

    /// The pattern of the kind that a condition leaves to a variable, bound to its name where
    /// the statements and expressions read it as such.
    pub(super) fn bind_kind(
        &mut self,
        test: &KindTest,
        stmts: &'a [PyStmt],
        exprs: &[&'a PyExpr],
    ) -> Option<Expr> {
        let bound = self.bounds.iter().rev().find(|b| b.path == test.path);
        let already = bound.is_some_and(|b| self.lw.union_at(&b.rty).is_none());
        let kind = &test.kind;
        if already
            || !matches!(kind, Ty::Bool | Ty::Int | Ty::Float | Ty::Str)
            || self.replaces(&test.path, stmts)
        {
            return None;
        }
        let read = self.reads_narrowed(&test.path, stmts)
            || exprs.iter().any(|e| self.reads_narrowed_in(&test.path, e));
        if !read {
            return None;
        }
        let (place, rty) = self.path_place(&test.path, false)?;
        let union = self.lw.union_at(&rty)?;
        self.lw.used_classes.insert(union.class.clone());
        let held = self.lw.natural(&Fact::of(kind.clone()))?;
        let optional = matches!(rty.peel(), RTy::Option(_));
        let (place, held) = match (rty.is_ref(), self.lw.is_copy(&held)) {
            (false, true) => (place, held),
            (false, false) => (Expr::Ref(Box::new(place)), RTy::Ref(Box::new(held))),
            (true, true) => (Expr::Deref(Box::new(place)), held),
            (true, false) => (place, RTy::Ref(Box::new(held))),
        };
        let name = self.bound_name_in(&test.path, stmts);
        let pattern = format!(
            "{}::{}({name})",
            self.lw.class_name(&union.class),
            variant(kind)
        );
        self.bind_path(&test.path, &name, held);
        let pattern = match optional {
            true => format!("Some({pattern})"),
            false => pattern,
        };
        Some(Expr::Let(pattern, Box::new(place)))
    }
}

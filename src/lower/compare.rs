//! Comparisons.

use super::arith::own_type;
use super::function::FnLower;
use crate::ast::{CompareOp, Expr as PyExpr, ExprKind};
use crate::ir::uses::closure_name;
use crate::ir::{Arm, BinOp, Block, Expr, RTy, Stmt, StmtKind, UnOp};
use crate::project::{FloatTy, IntTy};
use crate::ranges::IntRange;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val, natural_int};

impl<'a> FnLower<'_, 'a> {
    /// A tuple to compare with one of any length.
    fn as_long_tuple(&mut self, val: Val, long: &Val, at: Span) -> Result<Val, Expr> {
        let Some(elem) = long.element().cloned() else {
            return Ok(val);
        };
        let ty = long.ty.clone();
        let expr = self.tuple_as_list(val, &elem, at, "the tuple")?;
        Ok(Val::new(expr, RTy::Vec(Box::new(elem)), &Fact::of(ty)))
    }

    /// `a < b <= c`
    pub(super) fn compare(
        &mut self,
        e: &'a PyExpr,
        left: &'a PyExpr,
        ops: &[CompareOp],
        rest: &'a [PyExpr],
    ) -> Result<Val, Expr> {
        if let ([op @ (CompareOp::In | CompareOp::NotIn)], [container]) = (ops, rest)
            && let ExprKind::Name(name) = &container.kind
            && self.is_table(container)
            && matches!(self.fact(container.id).ty, Ty::Record(_) | Ty::Dict { .. })
        {
            let found = self.in_table(e, name, left)?;
            return Ok(Val::bool(match op {
                CompareOp::In => found,
                _ => found.negate(true),
            }));
        }
        if let Some(found) = self.has_entry(left, ops, rest) {
            return found;
        }
        if let Some((tov, form, positive)) = self.tov_test(left, ops, rest) {
            let tov = self.expr(tov)?;
            let test = super::tov::is(tov.expr, form);
            return Ok(Val::bool(if positive { test } else { test.negate(true) }));
        }
        if let Some(test) = self.tag_test(e) {
            return Ok(Val::bool(self.variant_is(&test)?));
        }
        if let Some(equal) = self.variants_equal(e, left, ops, rest) {
            return equal.map(Val::bool);
        }
        if let Some(sets) = self.set_comparison(e, left, ops, rest) {
            return sets;
        }
        let mut a = self.value_or_none(left, ops)?;
        let mut parts: Vec<Expr> = Vec::new();
        let mut tells = false;
        // What has a name within the expression.
        let mut named: Vec<Stmt> = Vec::new();
        for (i, (op, right)) in ops.iter().zip(rest).enumerate() {
            if matches!(op, CompareOp::In | CompareOp::NotIn) {
                parts.push(self.membership(e, a.clone(), *op, right)?);
                continue;
            }
            self.conditional += usize::from(i > 0);
            let before = self.out.len();
            let b = self.value_or_none(right, ops);
            self.conditional -= usize::from(i > 0);
            let mut b = b?;
            a = self.computed_before(a, right, before)?;
            tells |= a.rty == RTy::Number || b.rty == RTy::Number;
            let middle = i + 1 < ops.len();
            // A sum may be computed twice, and so may what lies in a list.
            let plain = matches!(b.ty, Ty::Str | Ty::Bool | Ty::Enum(_) | Ty::Member(_));
            let pure = (b.ty.is_number() || plain) && !super::unpack::contains_call(right);
            if middle && !b.expr.is_simple() && !(pure && self.conditional > 0) {
                let read_before = self.calls_own(&b.expr) && !a.literal;
                if self.conditional > 0 {
                    if let Some(test) = self.computed_middle(e, &a, ops, &b, rest)? {
                        return Ok(test);
                    }
                    let numbers = a.ty.is_number() && b.ty.is_number();
                    if !numbers || ops.len() != 2 || !named.is_empty() {
                        return Err(self
                            .partly(e, "a chain of comparisons of computed values in this place"));
                    }
                    // What a callee may change is read before.
                    if !a.literal {
                        a = self.named_first(a, "first", &mut named);
                    }
                    b = self.named_first(b, "middle", &mut named);
                } else {
                    if read_before {
                        // What a callee may change is read before.
                        a = self.hoist(a, "first", e.span);
                    }
                    b = self.hoist(b, "middle", e.span);
                }
            }
            if a.ty.narrowed() == Ty::Str && !a.literal && self.calls_to_change(&b.expr) {
                // What a callee may change is read before.
                let literal = matches!(&a.expr, Expr::Atom(text) if text.starts_with('"'));
                if self.conditional > 0 && !literal {
                    return Err(self.partly(e, "comparing a text with what a call gives, here,"));
                }
                if !literal {
                    a = self.kept(a, "first", e.span)?;
                }
            }
            parts.push(self.comparison(e, a, *op, b.clone())?);
            a = b;
        }
        let mut parts = parts.into_iter();
        let first = parts.next().unwrap_or_else(|| Expr::atom("true"));
        let expr = parts.fold(first, |left, right| match range_contains(&left, &right) {
            Some(joined) if !tells => joined,
            _ => left.binary(BinOp::And, right),
        });
        Ok(Val::bool(match named.is_empty() {
            true => expr,
            false => Expr::Block(Block {
                stmts: named,
                value: Some(Box::new(expr)),
            }),
        }))
    }

    /// Gives a value a name that a block around the expression binds.
    fn named_first(&mut self, val: Val, name: &str, named: &mut Vec<Stmt>) -> Val {
        let name = self.free_name(name);
        named.push(Stmt::new(StmtKind::Let {
            name: name.clone(),
            mutable: false,
            ty: None,
            init: Some(val.expr),
        }));
        Val {
            expr: Expr::atom(name),
            ..val
        }
    }

    /// `low <= f(x) < high` where nothing can be computed before: the middle is given a name
    /// by a pattern.
    fn computed_middle(
        &mut self,
        e: &PyExpr,
        low: &Val,
        ops: &[CompareOp],
        middle: &Val,
        rest: &'a [PyExpr],
    ) -> Result<Option<Val>, Expr> {
        let (&[first, second], [_, last]) = (ops, rest) else {
            return Ok(None);
        };
        let before = self.out.len();
        let high = self.value_or_none(last, ops)?;
        let simple = |e: &Expr| e.is_simple();
        let number = |v: &Val| matches!(v.rty, RTy::Int(_) | RTy::Float(_));
        // What the middle may change is looked at before it and after it.
        let changes = self.calls_to_change(&middle.expr);
        if self.out.len() != before
            || !number(middle)
            || !(simple(&low.expr) && simple(&high.expr))
            || changes && !self.is_fixed(&low.expr)
        {
            return Ok(None);
        }
        let name = crate::ir::uses::closure_name(&[&low.expr, &high.expr]);
        let named = Val {
            expr: Expr::atom(name),
            ..middle.clone()
        };
        let ranged = !changes || self.is_fixed(&high.expr);
        let low = self.comparison(e, low.clone(), first, named.clone())?;
        let high = self.comparison(e, named, second, high)?;
        if ranged && let Some(Expr::Method(range, contains, _)) = range_contains(&low, &high) {
            let looked_for = Expr::Ref(Box::new(middle.expr.clone()));
            let found = range.method(contains, vec![looked_for]);
            return Ok(Some(Val::bool(found)));
        }
        let tested = Arm {
            pattern: name.to_string(),
            guard: Some(low.binary(BinOp::And, high)),
            body: Block::value(Expr::atom("true")),
        };
        let otherwise = Arm::of("_", Block::value(Expr::atom("false")));
        Ok(Some(Val::bool(Expr::Match {
            subject: Box::new(middle.expr.clone()),
            arms: vec![tested, otherwise],
        })))
    }

    /// An operand; None as such.
    fn value_or_none(&mut self, e: &'a PyExpr, ops: &[CompareOp]) -> Result<Val, Expr> {
        self.compared_operand(e, ops)
    }

    pub(super) fn comparison(
        &mut self,
        e: &PyExpr,
        a: Val,
        op: CompareOp,
        b: Val,
    ) -> Result<Expr, Expr> {
        if let Some(holds) = same_literal(&a, op, &b) {
            return Ok(Expr::atom(holds.to_string()));
        }
        let is_none = |v: &Val| v.ty == Ty::None;
        if is_none(&a) || is_none(&b) {
            return self.against_none(e, a, op, b);
        }
        if let (CompareOp::Is | CompareOp::IsNot, Some(flag)) = (op, self.flag_of(&a, &b)) {
            let other = if self.lw.union_at(&a.rty).is_some() {
                b
            } else {
                a
            };
            let some = Expr::call("Some", vec![other.expr]);
            return Ok(equality(flag.expr, op == CompareOp::Is, some));
        }
        if matches!(op, CompareOp::Eq | CompareOp::NotEq) {
            let alone = |v: &Val| v.rty.peel() == &v.rty || !matches!(v.rty, RTy::Option(_));
            if let Some(kind) = self.compared_kind(&a, &b).filter(|_| alone(&b)) {
                if let (RTy::Option(held), Some(n)) = (&kind.rty, literal_int(&b))
                    && **held == RTy::I64
                {
                    let some = Expr::call("Some", vec![crate::value::int_literal(n)]);
                    return Ok(equality(kind.expr, op == CompareOp::Eq, some));
                }
                return self.comparison(e, kind, op, b);
            }
            if let Some(kind) = self.compared_kind(&b, &a).filter(|_| alone(&a)) {
                return self.comparison(e, a, op, kind);
            }
        }
        if let Some(multiple) = multiple_of(&a, op, &b) {
            return Ok(multiple);
        }
        if let (Ty::Member(x), Ty::Member(y)) = (a.ty.narrowed(), b.ty.narrowed())
            && x == y
            && !matches!(a.rty, RTy::Option(_))
            && !matches!(b.rty, RTy::Option(_))
            && matches!(
                op,
                CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE
            )
        {
            self.ordered(&x);
            return Ok(a.expr.binary(symbol(op), b.expr));
        }
        let alike = match (a.ty.narrowed(), b.ty.narrowed()) {
            (Ty::Member(x), Ty::Member(y)) => x == y,
            (Ty::Position, Ty::Position) => true,
            _ => false,
        };
        if alike {
            let same = matches!(op, CompareOp::Eq | CompareOp::Is);
            let (a, b) = match (
                matches!(a.rty, RTy::Option(_)),
                matches!(b.rty, RTy::Option(_)),
            ) {
                (true, false) => (a.expr, Expr::call("Some", vec![b.expr])),
                (false, true) => (Expr::call("Some", vec![a.expr]), b.expr),
                _ => (a.expr, b.expr),
            };
            return Ok(equality(a, same, b));
        }
        if let Some(same) = self.same_instance(e, &a, op, &b) {
            return same;
        }
        let (a, b) = match op {
            CompareOp::Is | CompareOp::IsNot => (a, b),
            _ => (self.decayed(a), self.decayed(b)),
        };
        if matches!(op, CompareOp::Is | CompareOp::IsNot) {
            if a.ty == Ty::Bool && b.ty == Ty::Bool {
                let is = op == CompareOp::Is;
                // `hard is True`
                return Ok(match &b.expr {
                    Expr::Atom(text) if text == "true" && is => a.expr,
                    Expr::Atom(text) if text == "true" || (text == "false" && is) => {
                        a.expr.negate(true)
                    }
                    Expr::Atom(text) if text == "false" => a.expr,
                    _ => equality(a.expr, is, b.expr),
                });
            }
            return Err(self.hole(e));
        }
        let equal = matches!(op, CompareOp::Eq | CompareOp::NotEq);
        if let (true, Some(same)) = (equal, self.same_collection(&a, &b)) {
            return Ok(if op == CompareOp::Eq {
                same
            } else {
                same.negate(true)
            });
        }
        let (a, b) = match equal {
            true => (a.lent_option(), b.lent_option()),
            false => (a, b),
        };
        if equal && (matches!(a.rty, RTy::Option(_)) || matches!(b.rty, RTy::Option(_))) {
            return self.optional_equality(e, a, op == CompareOp::Eq, b);
        }
        let (a, b) = (self.present(a), self.present(b));
        let (a, b) = match (a.ty.is_long_tuple(), b.ty.is_long_tuple()) {
            (true, false) => {
                let b = self.as_long_tuple(b, &a, e.span)?;
                (a, b)
            }
            (false, true) => (self.as_long_tuple(a, &b, e.span)?, b),
            _ => (a, b),
        };
        let is_list = |v: &Val| matches!(v.ty, Ty::List { .. });
        if is_list(&a) && is_list(&b) {
            return self.list_comparison(e, a, op, b);
        }
        if let (Expr::Tuple(x), Expr::Tuple(y)) = (&a.expr, &b.expr)
            && x.len() == y.len()
        {
            return self.tuple_comparison(e, &a, op, &b);
        }
        if matches!(a.rty.peel(), RTy::Tuple(_)) && a.rty.peel() == b.rty.peel() && a.ty == b.ty {
            // What one of them lends, the other has to be lent as well.
            let lends = a.rty.is_ref() && b.rty.is_ref();
            let held = |v: Val| match v.rty.is_ref() && !lends {
                true => Expr::Deref(Box::new(v.expr)),
                false => v.expr,
            };
            return Ok(held(a).binary(symbol(op), held(b)));
        }
        let text = |v: &Val| matches!(v.ty, Ty::Str | Ty::Enum(_));
        if text(&a) && text(&b) {
            return self.text_comparison(e, a, op, b);
        }
        let number = |v: &Val| v.ty.is_number() || v.ty == Ty::Bool;
        if !number(&a) || !number(&b) {
            return Err(self.hole(e));
        }
        if a.ty == Ty::Bool && b.ty == Ty::Bool && a.rty == RTy::Bool && b.rty == RTy::Bool {
            let fold = |flag: &Expr, other: &Expr| match flag {
                Expr::Atom(text) if text == "true" => Some((other.clone(), true)),
                Expr::Atom(text) if text == "false" => Some((other.clone(), false)),
                _ => None,
            };
            if let (true, Some((other, truth))) = (
                equal,
                fold(&b.expr, &a.expr).or_else(|| fold(&a.expr, &b.expr)),
            ) {
                let same = truth == (op == CompareOp::Eq);
                return Ok(if same {
                    other
                } else {
                    Expr::Unary(UnOp::Not, Box::new(other))
                });
            }
            return Ok(a.expr.binary(symbol(op), b.expr));
        }
        if a.rty == RTy::Number || b.rty == RTy::Number {
            let mut site = self.site();
            // `3 < x` is `x > 3`.
            let alone = matches!(&e.kind, ExprKind::Compare { ops, .. } if ops.len() == 1);
            let turned = b.rty == RTy::Number && a.rty != RTy::Number && alone;
            let (a, op, b) = match turned && a.expr.is_simple() {
                true => (b, super::cond::mirrored(op), a),
                false => (a, op, b),
            };
            let operands = crate::catalog::telling::compared(&a, &b, &mut site);
            self.absorb(site, e.span);
            let (a, b) = operands.map_err(|why| self.partly(e, &why))?;
            return Ok(a.binary(symbol(op), b));
        }
        if a.ty.is_float() || b.ty.is_float() {
            return self.float_comparison(a, op, b);
        }
        let own =
            own_type(&a, &b).filter(|int| a.to_int(*int).is_some() && b.to_int(*int).is_some());
        let int = own.unwrap_or_else(|| natural_int(a.range.int().join(b.range.int())));
        let error = self.error("an int leaves 64 bits");
        let (x, y) = (a.to_int_checked(int, &error), b.to_int_checked(int, &error));
        if let (Expr::Method(list, name, _), Expr::Atom(zero)) = (&x, &y)
            && name == "len"
            && zero == "0"
            && !self.lw.functions.keys().any(|f| f.ends_with(".__len__"))
        {
            // `len(xs) == 0` asks for emptiness.
            let empty = (**list).clone().method("is_empty", vec![]);
            match op {
                CompareOp::Eq => return Ok(empty),
                CompareOp::NotEq | CompareOp::Gt => {
                    return Ok(Expr::Unary(UnOp::Not, Box::new(empty)));
                }
                _ => {}
            }
        }
        Ok(x.binary(symbol(op), y))
    }

    /// `(a, b) < (c, d)` of tuples written out.
    fn tuple_comparison(
        &mut self,
        e: &PyExpr,
        a: &Val,
        op: CompareOp,
        b: &Val,
    ) -> Result<Expr, Expr> {
        let (Expr::Tuple(x), Expr::Tuple(y), Ty::Tuple(tx), Ty::Tuple(ty)) =
            (&a.expr, &b.expr, &a.ty, &b.ty)
        else {
            return Err(self.hole(e));
        };
        let (RTy::Tuple(rx), RTy::Tuple(ry)) = (&a.rty, &b.rty) else {
            return Err(self.hole(e));
        };
        if rx != ry || tx != ty {
            return Err(self.partly(e, "comparing tuples of different types"));
        }
        let left = Expr::Tuple(x.clone());
        Ok(left.binary(symbol(op), Expr::Tuple(y.clone())))
    }

    fn float_comparison(&mut self, a: Val, op: CompareOp, b: Val) -> Result<Expr, Expr> {
        let fits = |v: &Val| v.ty != Ty::Int || v.range.int().within(IntRange::DOUBLES);
        if !fits(&a) || !fits(&b) {
            let (int, float, op) = if fits(&a) {
                (&b, &a, super::cond::mirrored(op))
            } else {
                (&a, &b, op)
            };
            let ordering = if let Some(int) = int.to_int(IntTy::I64) {
                let helper = self.helper(crate::catalog::Helper::CompareIntFloat);
                Expr::call(helper, vec![int, float.to_f64()])
            } else {
                let error = self.error("an int leaves 128 bits");
                let int = int.to_int_checked(IntTy::I128, &error);
                let helper = self.helper(crate::catalog::Helper::CompareWideFloat);
                Expr::call(helper, vec![int, float.to_f64()])
            };
            let test = match op {
                CompareOp::Lt => "is_lt",
                CompareOp::LtE => "is_le",
                CompareOp::Gt => "is_gt",
                CompareOp::GtE => "is_ge",
                CompareOp::Eq
                | CompareOp::NotEq
                | CompareOp::Is
                | CompareOp::IsNot
                | CompareOp::In
                | CompareOp::NotIn => "is_eq",
            };
            let holds = ordering.method(
                "is_some_and",
                vec![Expr::atom(format!("std::cmp::Ordering::{test}"))],
            );
            return Ok(if op == CompareOp::NotEq {
                Expr::Unary(UnOp::Not, Box::new(holds))
            } else {
                holds
            });
        }
        // `x != x` asks for NaN.
        if a.expr == b.expr && a.expr.is_simple() && matches!(op, CompareOp::Eq | CompareOp::NotEq)
        {
            let nan = a.expr.method("is_nan", vec![]);
            return Ok(if op == CompareOp::NotEq {
                nan
            } else {
                Expr::Unary(UnOp::Not, Box::new(nan))
            });
        }
        // An f32 against a number that an f32 holds exactly: no need to widen.
        let narrow = RTy::Float(FloatTy::F32);
        if a.rty == narrow && b.rty == narrow {
            return Ok(a.expr.binary(symbol(op), b.expr));
        }
        if let (true, Some(text)) = (a.rty == narrow, exact_f32(&b)) {
            return Ok(a.expr.binary(symbol(op), text));
        }
        if let (true, Some(text)) = (b.rty == narrow, exact_f32(&a)) {
            return Ok(text.binary(symbol(op), b.expr));
        }
        let plain = |v: &Val| super::arith::any_zero(v.to_f64(), true);
        Ok(plain(&a).binary(symbol(op), plain(&b)))
    }

    fn against_none(&mut self, e: &PyExpr, a: Val, op: CompareOp, b: Val) -> Result<Expr, Expr> {
        let other = if a.ty == Ty::None { &b } else { &a };
        let is = match op {
            CompareOp::Is | CompareOp::Eq => true,
            CompareOp::IsNot | CompareOp::NotEq => false,
            CompareOp::Lt
            | CompareOp::LtE
            | CompareOp::Gt
            | CompareOp::GtE
            | CompareOp::In
            | CompareOp::NotIn => return Err(self.hole(e)),
        };
        Ok(match other.rty.peel() {
            RTy::Option(inner) if **inner != RTy::Never => other
                .expr
                .clone()
                .method(if is { "is_none" } else { "is_some" }, vec![]),
            found => {
                // It was found to be None, or not to be.
                let none = matches!(found, RTy::Option(_)) || other.ty == Ty::None;
                let operand_of = |right: bool| match &e.kind {
                    ExprKind::Compare { left, rest, .. } => match rest.as_slice() {
                        [one] => Some(if right { one } else { &**left }),
                        _ => None,
                    },
                    _ => None,
                };
                for (operand, right) in [(&a, false), (&b, true)] {
                    let written = operand_of(right);
                    // What the flow knows not to be None is there.
                    let is_there = written.is_some_and(|o| {
                        o.is_path()
                            && !self.model.calls.contains_key(&o.id)
                            && !matches!(self.fact(o.id).ty, Ty::Option(_))
                    });
                    if is_there {
                        continue;
                    }
                    let chain = matches!(e.kind, ExprKind::Compare { .. });
                    let changes = match written {
                        Some(written) => self.changes_within(written),
                        None => chain && self.changes_within(e),
                    };
                    self.only_computed(e, operand.expr.clone(), &operand.rty, changes)?;
                }
                Expr::atom((is == none).to_string())
            }
        })
    }

    fn optional_equality(&mut self, e: &PyExpr, a: Val, equal: bool, b: Val) -> Result<Expr, Expr> {
        let (option, other) = if matches!(a.rty, RTy::Option(_)) {
            (a, b)
        } else {
            (b, a)
        };
        if matches!(other.rty, RTy::Option(_)) {
            let (option, other) = (lent_text(option), lent_text(other));
            return match option.rty == other.rty {
                true => Ok(equality(option.expr, equal, other.expr)),
                false => self.optional_numbers(e, option, equal, other),
            };
        }
        let RTy::Option(inner) = option.rty.clone() else {
            return Err(self.hole(e));
        };
        if matches!(inner.peel(), RTy::String | RTy::Str) && other.ty == Ty::Str {
            let held = match &*inner {
                RTy::String => option.expr.method("as_deref", vec![]),
                RTy::Str => option.expr,
                _ => option
                    .expr
                    .method("map", vec![Expr::atom("String::as_str")]),
            };
            let other = match other.rty {
                RTy::Char => other
                    .expr
                    .method("to_string", vec![])
                    .method("as_str", vec![]),
                _ => other.as_str(),
            };
            return Ok(equality(held, equal, Expr::call("Some", vec![other])));
        }
        if option.ty.given().is_octets() && other.ty.is_octets() {
            let lent = match other.rty.is_ref() {
                true => other.expr,
                false => other.expr.lent(),
            };
            let held = match inner.is_ref() {
                true => option.expr,
                false => option.expr.method("as_deref", vec![]),
            };
            let name = closure_name(&[&lent]);
            let same = Expr::atom(name).binary(if equal { BinOp::Eq } else { BinOp::Ne }, lent);
            let method = if equal { "is_some_and" } else { "is_none_or" };
            let test = Expr::Closure(name.into(), Box::new(same));
            return Ok(held.method(method, vec![test]));
        }
        let number = matches!(
            *inner,
            RTy::Float(_) | RTy::Int(_) | RTy::Bool | RTy::Number
        );
        if (!number || !other.expr.is_simple())
            && inner.peel() == other.rty.peel()
            && is_compared(inner.peel())
        {
            return Ok(self.held_equality(option, (*inner).clone(), equal, other));
        }
        if !other.expr.is_simple() || !number {
            return Err(self.partly(e, "this comparison of an optional value"));
        }
        let name = closure_name(&[&other.expr]);
        let x = Val {
            expr: Expr::atom(name),
            rty: *inner,
            ty: option.ty.narrowed(),
            literal: false,
            ..option.clone()
        };
        let test = self.comparison(
            e,
            x,
            if equal {
                CompareOp::Eq
            } else {
                CompareOp::NotEq
            },
            other,
        )?;
        let method = if equal { "is_some_and" } else { "is_none_or" };
        Ok(option
            .expr
            .method(method, vec![Expr::Closure(name.into(), Box::new(test))]))
    }

    /// `Some(a) == b` of a value that may be None and another of the same type.
    fn held_equality(&mut self, option: Val, inner: RTy, equal: bool, other: Val) -> Expr {
        let copied = self.lw.is_copy(inner.peel());
        let bare = |v: Expr, rty: &RTy| match rty.is_ref() {
            true => Expr::Deref(Box::new(v)),
            false => v,
        };
        let (held, other) = match (inner.is_ref(), copied) {
            (true, true) => {
                let held = option.expr.method("copied", vec![]);
                (held, bare(other.expr, &other.rty))
            }
            (false, true) => (option.expr, bare(other.expr, &other.rty)),
            (lent, false) => {
                let held = match lent {
                    true => option.expr,
                    false => option.expr.method("as_ref", vec![]),
                };
                let other = match other.rty.is_ref() {
                    true => other.expr,
                    false => Expr::Ref(Box::new(other.expr)),
                };
                (held, other)
            }
        };
        equality(held, equal, Expr::call("Some", vec![other]))
    }

    /// `a == b` of two numbers of several types, each of which may be None.
    fn optional_numbers(&mut self, e: &PyExpr, a: Val, equal: bool, b: Val) -> Result<Expr, Expr> {
        let number = |v: &Val| match &v.rty {
            RTy::Option(inner) => matches!(**inner, RTy::Int(_) | RTy::Float(_)),
            _ => false,
        };
        if !number(&a) || !number(&b) || !a.expr.is_simple() || !b.expr.is_simple() {
            return Err(self.partly(e, "this comparison of two optional values"));
        }
        let held = |v: &Val, name: &str| {
            let rty = match &v.rty {
                RTy::Option(inner) => (**inner).clone(),
                other => other.clone(),
            };
            Val {
                expr: Expr::atom(name),
                rty,
                ty: v.ty.narrowed(),
                ..v.clone()
            }
        };
        let outer = closure_name(&[&a.expr, &b.expr]);
        let inner = closure_name(&[&a.expr, &b.expr, &Expr::atom(outer)]);
        let same = self.comparison(e, held(&a, outer), CompareOp::Eq, held(&b, inner))?;
        let some = Expr::Closure(inner.into(), Box::new(same));
        let some = b.expr.clone().method("is_some_and", vec![some]);
        let some = Expr::Closure(outer.into(), Box::new(some));
        let none = b.expr.method("is_none", vec![]);
        let found = a.expr.method("map_or", vec![none, some]);
        Ok(if equal { found } else { found.negate(true) })
    }

    fn text_comparison(&mut self, e: &PyExpr, a: Val, op: CompareOp, b: Val) -> Result<Expr, Expr> {
        let text = |v: &Val| matches!(v.ty, Ty::Str | Ty::Enum(_));
        let equal = match op {
            CompareOp::Eq => true,
            CompareOp::NotEq => false,
            _ => {
                if text(&a) && text(&b) {
                    // Code point order is byte order in UTF-8.
                    let (a, b) = (self.as_text(e, a)?, self.as_text(e, b)?);
                    if a.rty == RTy::Char || b.rty == RTy::Char {
                        return Ok(char_comparison(a, op, b));
                    }
                    return Ok(a.as_str().binary(symbol(op), b.as_str()));
                }
                return Err(self.hole(e));
            }
        };
        if a.rty == RTy::Char || b.rty == RTy::Char {
            return Ok(char_comparison(a, op, b));
        }
        match (a.ty.clone(), b.ty.clone()) {
            (Ty::Enum(key), Ty::Str) => self.enum_equality(e, a, &key, equal, b),
            (Ty::Str, Ty::Enum(key)) => self.enum_equality(e, b, &key, equal, a),
            (Ty::Enum(x), Ty::Enum(y)) if x == y && self.derives(&x, "PartialEq") => {
                Ok(equality(a.expr, equal, b.expr))
            }
            (Ty::Str, Ty::Str) => Ok(match (&a.rty, &b.rty) {
                // A `String` is not compared with a `&String`.
                (RTy::Ref(held), RTy::Str | RTy::String) if **held == RTy::String => {
                    equality(Expr::Deref(Box::new(a.expr)), equal, b.expr)
                }
                (RTy::String | RTy::Str, RTy::Ref(held)) if **held == RTy::String => {
                    equality(a.expr, equal, Expr::Deref(Box::new(b.expr)))
                }
                (RTy::String, _) | (RTy::Str, RTy::Str) => equality(a.expr, equal, b.expr),
                (_, RTy::String) => equality(b.expr, equal, a.expr),
                _ => equality(a.as_str(), equal, b.as_str()),
            }),
            _ => Err(self.hole(e)),
        }
    }

    fn derives(&self, key: &str, name: &str) -> bool {
        self.lw
            .input
            .types
            .enum_def(key)
            .is_some_and(|def| def.derives.iter().any(|d| d == name))
    }

    /// An enum field against a name: `e == Direction::Reverse`.
    fn enum_equality(
        &mut self,
        e: &PyExpr,
        value: Val,
        key: &str,
        equal: bool,
        name: Val,
    ) -> Result<Expr, Expr> {
        let literal = match &name.expr {
            Expr::Atom(text) if text.starts_with('"') => Some(text.trim_matches('"').to_string()),
            _ => None,
        };
        let Some(wanted) = literal else {
            let text = self.as_text(e, value)?;
            return Ok(equality(text.as_str(), equal, name.as_str()));
        };
        let variant = self
            .lw
            .input
            .types
            .enum_def(key)
            .and_then(|def| def.variants.iter().find(|v| v.python_name == wanted));
        let Some(variant) = variant.map(|v| v.name.clone()) else {
            let type_name = crate::ty::last_segment(key);
            let message = format!(
                "`{type_name}` has no variant {wanted:?}: this is always {}",
                if equal { "false" } else { "true" }
            );
            self.lw
                .report(crate::diagnostic::Code::NeverEqual, e.span, &message, None);
            self.only_computed(e, value.expr, &value.rty, false)?;
            return Ok(Expr::atom((!equal).to_string()));
        };
        let path = format!("{}::{variant}", self.lw.use_type(key));
        if self.derives(key, "PartialEq") {
            let value = if value.rty.is_ref() {
                Expr::Deref(Box::new(value.expr))
            } else {
                value.expr
            };
            return Ok(equality(value, equal, Expr::atom(path)));
        }
        let matched = Expr::Macro("matches".into(), vec![value.expr, Expr::atom(path)]);
        Ok(if equal {
            matched
        } else {
            Expr::Unary(UnOp::Not, Box::new(matched))
        })
    }
}

/// A character against a text.
fn char_comparison(a: Val, op: CompareOp, b: Val) -> Expr {
    let as_char = |v: &Val| match v.rty {
        RTy::Char => Some(v.expr.clone()),
        _ => crate::catalog::char_literal(&v.expr).map(Expr::Atom),
    };
    if let (Some(x), Some(y)) = (as_char(&a), as_char(&b)) {
        return x.binary(symbol(op), y);
    }
    let text = |v: Val| match v.rty {
        RTy::Char => v.expr.method("to_string", vec![]).method("as_str", vec![]),
        _ => v.as_str(),
    };
    text(a).binary(symbol(op), text(b))
}

/// The pattern that a comparison with a literal or a path is: `x == 3` gives `3`.
pub(super) fn matchable(e: &Expr) -> Option<String> {
    match e {
        Expr::Binary(BinOp::Eq, _, right) => match &**right {
            Expr::Atom(text)
                if !text.contains('.')
                    && (text
                        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '\''))
                        || text.contains("::")) =>
            {
                Some(text.clone())
            }
            Expr::NegLit(text) if !text.contains('.') => Some(text.clone()),
            _ => None,
        },
        Expr::Macro(name, args) if name == "matches" => match args.get(1) {
            Some(Expr::Atom(text)) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The int that a literal is, of 64 bits.
fn literal_int(val: &Val) -> Option<i128> {
    let constant = val.range.int().constant()?;
    (val.literal && val.ty == Ty::Int && IntRange::exactly(constant).within(IntRange::I64))
        .then_some(constant)
}

/// `Option<&str>` of a text that may be None and lies somewhere.
fn lent_text(val: Val) -> Val {
    let text = |rty: &RTy| matches!(rty, RTy::Option(inner) if **inner == RTy::String);
    match text(&val.rty) && val.expr.is_place() {
        true => Val {
            rty: RTy::Option(Box::new(RTy::Str)),
            expr: val.expr.method("as_deref", vec![]),
            ..val
        },
        false => val,
    }
}

/// Whether Rust compares values of a type as Python compares what they stand for.
fn is_compared(rty: &RTy) -> bool {
    match rty {
        RTy::Bool | RTy::Int(_) | RTy::Float(_) | RTy::String => true,
        RTy::Tuple(items) => items.iter().all(is_compared),
        RTy::Vec(elem) | RTy::Array(elem, _) | RTy::Option(elem) => is_compared(elem),
        _ => false,
    }
}

fn equality(a: Expr, equal: bool, b: Expr) -> Expr {
    a.binary(if equal { BinOp::Eq } else { BinOp::Ne }, b)
}

fn symbol(op: CompareOp) -> BinOp {
    match op {
        CompareOp::Eq | CompareOp::Is | CompareOp::In => BinOp::Eq,
        CompareOp::NotEq | CompareOp::IsNot | CompareOp::NotIn => BinOp::Ne,
        CompareOp::Lt => BinOp::Lt,
        CompareOp::LtE => BinOp::Le,
        CompareOp::Gt => BinOp::Gt,
        CompareOp::GtE => BinOp::Ge,
    }
}

/// A number literal that an `f32` holds exactly.
fn exact_f32(v: &Val) -> Option<Expr> {
    if !v.literal {
        return None;
    }
    let range = v.range.float();
    let value = (range.lo == range.hi).then_some(range.lo)?;
    (f64::from(value as f32) == value).then(|| v.to_f64())
}

/// `lo <= x` and `x < hi` as `(lo..hi).contains(&x)`, where both speak of one simple `x`.
pub(super) fn range_contains(a: &Expr, b: &Expr) -> Option<Expr> {
    let (Expr::Binary(op_a, a1, a2), Expr::Binary(op_b, b1, b2)) = (a, b) else {
        return None;
    };
    // The lower bound: `lo <= x` or `x >= lo`; an exclusive one has no range.
    let (lo, x) = match op_a {
        BinOp::Le => (a1, a2),
        BinOp::Ge => (a2, a1),
        _ => return None,
    };
    let (y, hi, inclusive) = match op_b {
        BinOp::Lt => (b1, b2, false),
        BinOp::Le => (b1, b2, true),
        BinOp::Gt => (b2, b1, false),
        BinOp::Ge => (b2, b1, true),
        _ => return None,
    };
    let place = |e: &Expr| matches!(e, Expr::Atom(_) | Expr::Field(..)) && e.is_simple();
    if x != y || !place(x) || !lo.is_simple() || !hi.is_simple() || is_number(x) {
        return None;
    }
    let range = Expr::Range {
        low: Some(lo.clone()),
        high: Some(hi.clone()),
        inclusive,
    };
    Some(range.method("contains", vec![Expr::Ref(x.clone())]))
}

fn is_number(e: &Expr) -> bool {
    matches!(e, Expr::Atom(text) if text.starts_with(|c: char| c.is_ascii_digit()))
}

/// `n.is_multiple_of(3)` for `n % 3 == 0` of what has no sign.
fn multiple_of(a: &Val, op: CompareOp, b: &Val) -> Option<Expr> {
    let unsigned = matches!(a.rty, RTy::Int(int) if !int.is_signed());
    let Expr::Binary(BinOp::Rem, n, of) = &a.expr else {
        return None;
    };
    let asks = matches!(op, CompareOp::Eq | CompareOp::NotEq);
    if !unsigned || !asks || b.expr != Expr::atom("0") || !of.is_simple() {
        return None;
    }
    let test = (**n).clone().method("is_multiple_of", vec![(**of).clone()]);
    Some(match op == CompareOp::Eq {
        true => test,
        false => Expr::Unary(crate::ir::UnOp::Not, Box::new(test)),
    })
}

/// Whether a comparison of an int with itself holds, both written out: `3 == 3`.
fn same_literal(a: &Val, op: CompareOp, b: &Val) -> Option<bool> {
    let digits = |v: &Val| match &v.expr {
        Expr::Atom(text) if v.ty == Ty::Int => text.chars().all(|c| c.is_ascii_digit()),
        _ => false,
    };
    let same = digits(a) && digits(b) && a.expr == b.expr;
    match op {
        CompareOp::Eq | CompareOp::LtE | CompareOp::GtE => same.then_some(true),
        CompareOp::NotEq | CompareOp::Lt | CompareOp::Gt => same.then_some(false),
        CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => None,
    }
}

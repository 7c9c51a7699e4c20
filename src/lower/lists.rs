//! Operators on lists: `a + b`, `a * n`, `a += b`, `a == b`, `x in a`.

use super::function::FnLower;
use crate::ast::{BinaryOp, CompareOp, Expr as PyExpr, ExprKind};
use crate::catalog;
use crate::ir::uses::closure_name;
use crate::ir::{BinOp, Block, Expr, RTy, Stmt, StmtKind};
use crate::project::{FloatTy, IntTy};
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// Up to here every int is a float of its own.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

impl<'a> FnLower<'_, 'a> {
    /// `a + b`, `a * n`: a new list.
    pub(super) fn list_operator(
        &mut self,
        e: &'a PyExpr,
        op: BinaryOp,
        left: &'a PyExpr,
        right: &'a PyExpr,
        to: Option<&RTy>,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let natural = self.lw.natural(&fact);
        let wanted = match to {
            Some(to @ RTy::Vec(_)) => Some(to.clone()),
            _ => natural,
        };
        let Some(RTy::Vec(elem)) = wanted else {
            return Err(self.hole(e));
        };
        let list = RTy::Vec(elem.clone());
        match op {
            BinaryOp::Add => {
                let a = self.joined_part(left, &list)?;
                let b = self.joined_part(right, &list)?;
                let place = match &a {
                    Expr::Method(list, name, _) if name == "as_slice" => list,
                    other => other,
                };
                let changes = self.calls_to_change(&b) || self.changes_within(right);
                if changes && super::elements::root_of(place).is_some() {
                    return Err(self.partly(e, "`+` of a list and what a call gives, here,"));
                }
                let mut parts = match joined_parts(a) {
                    Ok(mut parts) => {
                        parts.push(b);
                        parts
                    }
                    Err(a) => vec![a, b],
                };
                let first = parts.len().min(1);
                parts.iter_mut().skip(first).for_each(lend_part);
                let both = Expr::Array(parts).method("concat", vec![]);
                Ok(Val::new(both, list, &fact))
            }
            BinaryOp::Mul => {
                let (items, count) = match self.fact(left.id).ty.narrowed() {
                    Ty::List { .. } => (left, right),
                    _ => (right, left),
                };
                if !self.lw.is_copy(&elem) {
                    return Err(self.partly(e, "a list of one object many times"));
                }
                let part = match self.joined_part(items, &list)? {
                    Expr::Method(list, name, _) if name == "as_slice" => *list,
                    Expr::Ref(part) if part.is_part() => *part,
                    other => other,
                };
                let count = self.expr(count)?;
                let count = self.repeats(count);
                let expr = bare(part).method("repeat", vec![count]);
                Ok(Val::new(expr, list, &fact))
            }
            _ => Err(self.hole(e)),
        }
    }

    /// How often: none where Python's count is negative.
    pub(super) fn repeats(&self, count: Val) -> Expr {
        match count.to_int(IntTy::Usize) {
            Some(count) => count,
            None => Expr::call("usize::try_from", vec![count.expr])
                .method("unwrap_or", vec![Expr::atom("0")]),
        }
    }

    /// An operand of `+` as a slice.
    fn joined_part(&mut self, e: &'a PyExpr, list: &RTy) -> Result<Expr, Expr> {
        let RTy::Vec(elem) = list else {
            return Err(self.hole(e));
        };
        // What is joined is copied in any case: `a + list(b)`.
        if let ExprKind::Call {
            func,
            args,
            keywords,
        } = &e.kind
            && let ([of], []) = (args.as_slice(), keywords.as_slice())
            && matches!(&func.kind, ExprKind::Name(name) if name == "list")
            && self.fact(e.id).ty == self.fact(of.id).ty
            && self.path_of(of).is_some()
        {
            return self.joined_part(of, list);
        }
        // So does `xs[:]`.
        if let ExprKind::Subscript { value, index } = &e.kind
            && let ExprKind::Slice {
                lower: None,
                upper: None,
                step: None,
            } = &index.kind
            && self.fact(e.id).ty == self.fact(value.id).ty
            && self.path_of(value).is_some()
        {
            return self.joined_part(value, list);
        }
        let val = self.expr_as(e, list)?;
        if matches!(&val.rty, RTy::Ref(inner) if matches!(**inner, RTy::Slice(_))) {
            return Ok(val.expr);
        }
        if val.element() == Some(elem) {
            return Ok(slice_of(val.expr));
        }
        // The new list has copies of the elements anyway.
        let before = self.copied_by_pytask;
        self.copied_by_pytask |= self.lw.is_copy(elem);
        let owned = self.coerce(val, list, e.span, "the list");
        self.copied_by_pytask = before;
        Ok(slice_of(owned?))
    }

    /// `xs += ys`: in place, so that every name for the list shows it.
    pub(super) fn extend_in_place(
        &mut self,
        target: &'a PyExpr,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let Some(path) = self.path_of(target) else {
            return Err(self.partly(target, "`+=` of this list"));
        };
        let Some((place, rty)) = self.place_to_change(target, &path) else {
            return Err(self.hole(target));
        };
        let items = self.expr(value)?;
        // The list is borrowed before its new elements are computed.
        let items = match self.calls_to_change(&items.expr) {
            true => self.hoist(items, "items", at),
            false => self.of_itself(target, &place, items)?,
        };
        let list = Val::new(place, rty, &self.fact(target.id));
        self.forget_path(&path);
        let mut site = self.site();
        let call = catalog::Call {
            args: vec![list, items],
            keywords: Vec::new(),
            fact: Fact::of(Ty::None),
        };
        let done = catalog::extend(call, &mut site);
        self.absorb(site, target.span);
        match done {
            Ok(val) => {
                self.emit(at, crate::ir::StmtKind::Expr(val.expr));
                Ok(())
            }
            Err(why) => {
                let problem =
                    crate::infer::Problem::new(crate::diagnostic::Code::PartlyHandled, why);
                Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)))
            }
        }
    }

    /// `a == b`, `a < b` of lists, by their elements.
    pub(super) fn list_comparison(
        &mut self,
        e: &PyExpr,
        a: Val,
        op: CompareOp,
        b: Val,
    ) -> Result<Expr, Expr> {
        let symbol = match op {
            CompareOp::Eq => BinOp::Eq,
            CompareOp::NotEq => BinOp::Ne,
            CompareOp::Lt => BinOp::Lt,
            CompareOp::LtE => BinOp::Le,
            CompareOp::Gt => BinOp::Gt,
            CompareOp::GtE => BinOp::Ge,
            CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => {
                return Err(self.hole(e));
            }
        };
        let (Some(x), Some(y)) = (a.element().cloned(), b.element().cloned()) else {
            return Err(self.hole(e));
        };
        let empty = |v: &Val| matches!(&v.expr, Expr::Call(name, args) if name == "Vec::new" && args.is_empty());
        if matches!(op, CompareOp::Eq | CompareOp::NotEq) && (empty(&a) || empty(&b)) {
            let other = if empty(&a) { b } else { a };
            let none = other.expr.looked_at().method("is_empty", vec![]);
            return Ok(match op {
                CompareOp::Eq => none,
                _ => none.negate(true),
            });
        }
        let floats = holds_float(&x);
        let (a, b) = match in_one_type(a, x, symbol, b, y) {
            Some(found) => found,
            None => {
                return Err(self.partly(e, "comparing lists whose elements lie in different types"));
            }
        };
        if floats {
            let message =
                "lists that hold one NaN object are equal there in Python, not in the Rust";
            let at = self.lw.first_line(e.span);
            self.lw
                .report(crate::diagnostic::Code::OneNan, at, message, None);
        }
        let array = |e: Expr| match e {
            Expr::Macro(name, items)
                if name == "vec" && !matches!(items.as_slice(), [Expr::Repeat(..)]) =>
            {
                Expr::Array(items)
            }
            other => other.looked_at().collected(),
        };
        let is_array = |v: &Val| matches!(v.rty, RTy::Array(..));
        let ordered = !matches!(op, CompareOp::Eq | CompareOp::NotEq);
        if let (false, Some((a, b))) = (ordered, with_literal(&a, &b)) {
            return Ok(a.binary(symbol, b));
        }
        let (left, right) = (array(a.expr.clone()), array(b.expr.clone()));
        if ordered || is_array(&a) != is_array(&b) || a.rty.is_ref() || b.rty.is_ref() {
            let part = |rty: &RTy, e: Expr| match rty {
                RTy::Ref(inner) if matches!(**inner, RTy::Slice(_)) => e,
                _ => slice_of(e),
            };
            return Ok(part(&a.rty, left).binary(symbol, part(&b.rty, right)));
        }
        Ok(left.binary(symbol, right))
    }

    /// `x in xs`, `x in range(…)`.
    pub(super) fn in_sequence(
        &mut self,
        e: &'a PyExpr,
        x: Val,
        container: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        let list = self.expr(container)?;
        if list.ty == Ty::Range {
            return self.in_range(e, x, container, list);
        }
        if list.ty.is_octets() {
            return self.in_octets(e, x, list);
        }
        let refuse = "`in` of anything but a tuple, a list or a range of values";
        let Some(elem) = list.element().cloned() else {
            return Err(self.partly(e, refuse));
        };
        let elem_ty = match &list.ty {
            Ty::List { elem, .. } => (**elem).clone(),
            Ty::Tuple(items) => items.iter().fold(Ty::Unknown, |a, b| a.join(b)),
            _ => return Err(self.partly(e, refuse)),
        };
        let text = |ty: &Ty| *ty == Ty::Str;
        if text(&elem_ty) && text(&x.ty) {
            if elem == RTy::Str {
                return Ok(list
                    .expr
                    .method("contains", vec![Expr::Ref(Box::new(x.as_str()))]));
            }
            let (first, wanted) = self.computed_first(x, "wanted", e.span);
            let wanted = wanted.as_str();
            let name = closure_name(&[&wanted]);
            let same = Expr::atom(name).binary(BinOp::Eq, wanted);
            let test = Expr::Closure(name.into(), Box::new(same));
            let found = list.expr.method("iter", vec![]).method("any", vec![test]);
            return Ok(after(first, found));
        }
        if elem_ty.is_octets() && x.ty.is_octets() {
            let (first, wanted) = self.computed_first(x, "wanted", e.span);
            let wanted = match wanted.rty.is_ref() {
                true => wanted.expr,
                false => wanted.expr.lent(),
            };
            let name = closure_name(&[&wanted]);
            let same = Expr::atom(name).binary(BinOp::Eq, wanted);
            let test = Expr::Closure(name.into(), Box::new(same));
            let list = list.expr.looked_at().method("iter", vec![]);
            return Ok(after(first, list.method("any", vec![test])));
        }
        // A value of the elements' own type is looked up as it is.
        let plain = x.rty == elem && !x.literal && !matches!(x.expr, Expr::ConstInt { .. });
        let as_is = match (&elem, x.literal) {
            _ if plain => Some(x.expr.clone()),
            (RTy::Int(int), _) if x.ty == Ty::Int => x.to_int(*int),
            (RTy::Float(crate::project::FloatTy::F64), _)
                if x.ty.is_number()
                    && (x.ty != Ty::Int
                        || x.range.int().within(crate::ranges::IntRange::DOUBLES)) =>
            {
                Some(x.to_f64())
            }
            _ => None,
        };
        let of = list.expr.clone().looked_at();
        if let Some(value) = as_is {
            return Ok(of.method("contains", vec![Expr::Ref(Box::new(value))]));
        }
        let (first, x) = self.computed_first(x, "wanted", e.span);
        let name = closure_name(&[&x.expr]);
        let item = Val::new(Expr::atom(name), elem, &Fact::of(elem_ty));
        let same = self.comparison(e, item, CompareOp::Eq, x)?;
        let test = Expr::Closure(format!("&{name}"), Box::new(same));
        Ok(after(
            first,
            of.method("iter", vec![]).method("any", vec![test]),
        ))
    }

    /// A value that a test of each element needs: computed once. Where no statement can stand
    /// before the expression, the statement is given back, to stand in a block with the test.
    pub(super) fn computed_first(
        &mut self,
        x: Val,
        name: &'static str,
        at: Span,
    ) -> (Option<Stmt>, Val) {
        if x.expr.is_simple() {
            return (None, x);
        }
        if self.conditional == 0 {
            return (None, self.hoist(x, name, at));
        }
        let name = self.free_name(name);
        let kept = Val {
            expr: Expr::atom(name.clone()),
            literal: false,
            ..x.clone()
        };
        let first = Stmt::new(StmtKind::Let {
            name,
            mutable: false,
            ty: None,
            init: Some(x.expr),
        });
        (Some(first), kept)
    }

    fn in_range(
        &mut self,
        e: &'a PyExpr,
        x: Val,
        container: &'a PyExpr,
        range: Val,
    ) -> Result<Expr, Expr> {
        let ExprKind::Call { args, .. } = &container.kind else {
            return Err(self.partly(e, "`in` of this range"));
        };
        let RTy::Int(int) = &range.rty else {
            return Err(self.partly(e, "`in` of this range"));
        };
        let args = args.as_slice();
        let step = match args {
            [_, _, step] => self.fact(step.id).range.int().constant(),
            _ => Some(1),
        };
        if x.ty != Ty::Int || step.is_none_or(|step| step < 1) {
            return Err(self.partly(e, "`in` of this range"));
        }
        if let (Some(step @ 2..), [start, stop, _]) = (step, args) {
            // Between the ends, and a whole number of steps from the first.
            let x = if x.expr.is_simple() || self.conditional > 0 {
                x
            } else {
                self.hoist(x, "wanted", e.span)
            };
            let (start, stop) = (self.expr(start)?, self.expr(stop)?);
            let whole = IntTy::I64;
            let parts = [&x, &start, &stop].map(|v| v.to_int(whole));
            let [Some(value), Some(low), Some(high)] = parts else {
                return Err(self.partly(e, "`in` of this range"));
            };
            if !value.is_simple()
                && !matches!(&value, Expr::Call(_, args) if args.iter().all(Expr::is_simple))
            {
                return Err(self.partly(e, "`in` of this range, of a computed value"));
            }
            let zero = start.range.int().constant() == Some(0);
            let range = Expr::Range {
                low: Some(Box::new(low.clone())),
                high: Some(Box::new(high)),
                inclusive: false,
            };
            let within = range.method("contains", vec![Expr::Ref(Box::new(value.clone()))]);
            let distance = if zero {
                value
            } else {
                value.binary(BinOp::Sub, low)
            };
            let even = distance
                .binary(BinOp::Rem, Expr::atom(step.to_string()))
                .binary(BinOp::Eq, Expr::atom("0"));
            return Ok(within.binary(BinOp::And, even));
        }
        if !matches!(range.expr, Expr::Range { .. }) {
            return Err(self.partly(e, "`in` of this range"));
        }
        // The range takes the type of what is looked for.
        if let (RTy::Int(own), false) = (&x.rty, x.literal) {
            let mut bounds = Vec::new();
            for arg in args {
                bounds.push(self.expr(arg)?.to_int(*own));
            }
            let bounds: Option<Vec<Expr>> = bounds.into_iter().collect();
            if let Some(mut bounds) = bounds {
                let high = bounds.pop().map(Box::new);
                let low = bounds.pop().or_else(|| Some(Expr::atom("0"))).map(Box::new);
                let range = Expr::Range {
                    low,
                    high,
                    inclusive: false,
                };
                return Ok(range.method("contains", vec![Expr::Ref(Box::new(x.expr))]));
            }
        }
        let Some(value) = x.to_int(*int) else {
            return Err(self.partly(e, "`in` of this range"));
        };
        Ok(range
            .expr
            .method("contains", vec![Expr::Ref(Box::new(value))]))
    }
}

/// Two lists whose elements Rust compares: literals become of the other's type, and a number
/// that tells is on the left.
fn in_one_type(a: Val, x: RTy, symbol: BinOp, b: Val, y: RTy) -> Option<(Val, Val)> {
    if x == y {
        return Some((a, b));
    }
    if let Some(b) = literals_of(&b, &x) {
        return Some((a, b));
    }
    if let Some(a) = literals_of(&a, &y) {
        return Some((a, b));
    }
    let equality = matches!(symbol, BinOp::Eq | BinOp::Ne);
    let number = |rty: &RTy| matches!(*rty, RTy::I64 | RTy::F64);
    match (&x, &y) {
        (RTy::Number, other) if equality && number(other) => Some((a, b)),
        (other, RTy::Number) if equality && number(other) => Some((b, a)),
        _ => None,
    }
}

/// A list of number literals as one of floats, where those are the same numbers.
fn literals_of(list: &Val, to: &RTy) -> Option<Val> {
    let RTy::Float(float) = to else { return None };
    let exact = |text: &str| {
        let value: f64 = text.parse().ok()?;
        let whole = !text.contains('.') && text.bytes().all(|c| c.is_ascii_digit());
        let fits = match float {
            FloatTy::F64 => !whole || value <= MOST_EXACT,
            FloatTy::F32 => f64::from(value as f32) == value && value <= MOST_EXACT,
        };
        let text = match whole {
            true => format!("{text}.0"),
            false => text.to_string(),
        };
        fits.then_some(text)
    };
    let literal = |item: &Expr| match item {
        Expr::Atom(text) => Some(Expr::Atom(exact(text)?)),
        Expr::NegLit(text) => {
            let text = exact(text.strip_prefix('-').unwrap_or(text))?;
            Some(Expr::NegLit(format!("-{text}")))
        }
        _ => None,
    };
    let each = |items: &[Expr]| items.iter().map(literal).collect::<Option<Vec<Expr>>>();
    let expr = match &list.expr {
        Expr::Macro(name, items) if name == "vec" => match items.as_slice() {
            [Expr::Repeat(item, count)] => {
                let repeat = Expr::Repeat(Box::new(literal(item)?), count.clone());
                Expr::Macro(name.clone(), vec![repeat])
            }
            items => Expr::Macro(name.clone(), each(items)?),
        },
        Expr::Array(items) => Expr::Array(each(items)?),
        Expr::Repeat(item, count) => Expr::Repeat(Box::new(literal(item)?), count.clone()),
        _ => return None,
    };
    let elem = Box::new(to.clone());
    let rty = match &list.rty {
        RTy::Array(_, len) => RTy::Array(elem, *len),
        _ => RTy::Vec(elem),
    };
    Some(Val {
        expr,
        rty,
        ..list.clone()
    })
}

/// Bytes that Rust compares with a literal as they are: the literal stands behind.
fn with_literal(a: &Val, b: &Val) -> Option<(Expr, Expr)> {
    let literal = |v: &Val| v.expr.is_bytes();
    let (held, wanted) = match (literal(a), literal(b)) {
        (false, true) => (a, b),
        (true, false) => (b, a),
        _ => return None,
    };
    match &held.rty {
        RTy::Vec(_) => Some(match held.expr.clone().looked_at() {
            part if part.is_part() => (part, Expr::Deref(Box::new(wanted.expr.clone()))),
            whole => (whole.collected(), wanted.expr.clone()),
        }),
        RTy::Ref(of) if matches!(**of, RTy::Slice(_)) => {
            Some((held.expr.clone(), wanted.expr.clone()))
        }
        _ => None,
    }
}

/// An expression behind what has to be computed before it.
pub(super) fn after(first: Option<Stmt>, e: Expr) -> Expr {
    match first {
        Some(first) => Expr::Block(Block {
            stmts: vec![first],
            value: Some(Box::new(e)),
        }),
        None => e,
    }
}

/// A part behind the first, which says that all of them are slices: `&[x]`, `b"\x55"`.
fn lend_part(part: &mut Expr) {
    let Expr::Method(of, name, _) = part else {
        return;
    };
    let literal = of.is_bytes();
    if name == "as_slice" && (literal || matches!(**of, Expr::Array(_))) {
        *part = match literal {
            true => (**of).clone(),
            false => Expr::Ref(of.clone()),
        };
    }
}

/// The parts that a list is put together from, as slices.
fn joined_parts(e: Expr) -> Result<Vec<Expr>, Expr> {
    let Expr::Method(whole, name, args) = e else {
        return Err(e);
    };
    match *whole {
        Expr::Method(parts, concat, none) if name == "as_slice" && concat == "concat" => {
            match *parts {
                Expr::Array(parts) => Ok(parts),
                other => Err(other.method(concat, none).method(name, args)),
            }
        }
        other => Err(other.method(name, args)),
    }
}

/// A list as a slice.
fn slice_of(e: Expr) -> Expr {
    match bare(e) {
        Expr::Index(list, part) if matches!(*part, Expr::Range { .. }) => {
            Expr::Ref(Box::new(Expr::Index(list, part)))
        }
        part @ Expr::Method(..) if matches!(&part, Expr::Method(_, name, _) if name == "unwrap_or_default") => {
            part
        }
        Expr::Method(items, name, args) if name == "collect" => {
            Expr::Method(items, "collect::<Vec<_>>".into(), args).method("as_slice", vec![])
        }
        other => other.method("as_slice", vec![]),
    }
}

/// A list without what makes it a new one.
fn bare(e: Expr) -> Expr {
    match e {
        Expr::Macro(name, items)
            if name == "vec" && !matches!(items.as_slice(), [Expr::Repeat(..)]) =>
        {
            Expr::Array(items)
        }
        Expr::Method(inner, name, args) if name == "clone" && args.is_empty() => *inner,
        other => other.looked_at(),
    }
}

/// Whether there is a float in what an element is.
fn holds_float(ty: &RTy) -> bool {
    match ty {
        RTy::Float(_) => true,
        RTy::Option(inner) | RTy::Vec(inner) | RTy::Array(inner, _) | RTy::Ref(inner) => {
            holds_float(inner)
        }
        RTy::Tuple(items) => items.iter().any(holds_float),
        _ => false,
    }
}

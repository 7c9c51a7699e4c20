//! Dicts, sets and deques that are made: displays, constructors and operators of sets.

use crate::ast::{BinaryOp, Expr as PyExpr, ExprKind, Keyword};
use crate::catalog::{self, dict};
use crate::ir::{BinOp, Expr, RTy};
use crate::lower::function::FnLower;
use crate::lower::iterate::Shape;
use crate::lower::same::Derived;
use crate::ty::{Maxlen, Ty};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `{key: value, …}` as a map.
    pub(in crate::lower) fn map_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [(Option<PyExpr>, PyExpr)],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let RTy::Map {
            key: key_ty,
            value: value_ty,
            ordered,
        } = to
        else {
            return Err(self.hole(e));
        };
        if items.iter().any(|(key, _)| key.is_none()) {
            let parts: Vec<_> = items.iter().map(|(key, v)| (key.as_ref(), v)).collect();
            return self.spread_map(e, &parts, to);
        }
        // Keys that are computed may be equal: one after the other.
        let literal = |(key, _): &(Option<PyExpr>, PyExpr)| {
            key.as_ref()
                .is_some_and(|key| self.literal_key(key).is_some())
        };
        if *ordered && items.len() > 1 && !items.iter().all(literal) {
            let parts: Vec<_> = items.iter().map(|(key, v)| (key.as_ref(), v)).collect();
            return self.spread_map(e, &parts, to);
        }
        let mut entries: Vec<(Option<String>, Expr, Expr)> = Vec::new();
        for (key, value) in items {
            let Some(key) = key else {
                return Err(self.partly(e, "`**` in a dict"));
            };
            let key_val = self.key(key, key_ty)?;
            let val = self.expr_as(value, value_ty)?;
            let value = self.coerce(val, value_ty, value.span, "a value")?;
            let value = match value {
                Expr::Method(text, name, args) if name == "into" => {
                    Expr::Method(text, "to_string".into(), args)
                }
                other => other,
            };
            let text = self.literal_key(key);
            let known = text
                .is_some()
                .then(|| entries.iter_mut().find(|(t, ..)| *t == text))
                .flatten();
            match known {
                // The last value counts, at the first place.
                Some(_) if value.can_fail() => {
                    return Err(self.partly(e, "a dict that gives a key twice"));
                }
                Some(slot) => slot.2 = value,
                None => entries.push((text, key_val, value)),
            }
        }
        let pairs: Vec<Expr> = entries
            .into_iter()
            .map(|(_, key, value)| Expr::Tuple(vec![key, value]))
            .collect();
        let expr = match (pairs.is_empty(), ordered) {
            (true, true) => Expr::call("Vec::new", vec![]),
            (true, false) => Expr::call("BTreeMap::new", vec![]),
            (false, true) => Expr::Macro("vec".into(), pairs),
            (false, false) => Expr::call("BTreeMap::from", vec![Expr::Array(pairs)]),
        };
        Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
    }

    /// `{a, b}` as a set.
    pub(in crate::lower) fn set_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [PyExpr],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let RTy::Set(elem) = to else {
            return Err(self.hole(e));
        };
        self.lw.derive(elem, Derived::Key, 0);
        let mut out = Vec::new();
        for item in items {
            out.push(self.key(item, elem)?);
        }
        let expr = Expr::call("BTreeSet::from", vec![Expr::Array(out)]);
        Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
    }

    /// The constructors `set(…)`, `dict(…)`, `deque(…)` where the type they make is known.
    pub(in crate::lower) fn collection_call(
        &mut self,
        e: &'a PyExpr,
        to: &RTy,
    ) -> Option<Result<Val, Expr>> {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return None;
        };
        let full = self.full_name(func)?;
        match (full.as_str(), to) {
            ("set", RTy::Set(elem)) => Some(self.set_of(e, args.first(), elem, to)),
            ("dict", RTy::Map { ordered, .. }) if args.is_empty() => {
                let ExprKind::Call { keywords, .. } = &e.kind else {
                    return None;
                };
                if !keywords.is_empty() {
                    return Some(Err(self.partly(e, "`dict()` with keywords")));
                }
                let path = if *ordered {
                    "Vec::new"
                } else {
                    "BTreeMap::new"
                };
                Some(Ok(Val::new(
                    Expr::call(path, vec![]),
                    to.clone(),
                    &self.fact(e.id),
                )))
            }
            ("collections.Counter", RTy::Map { .. }) if !args.is_empty() => {
                Some(self.counter_of(e, args, to))
            }
            (
                "collections.OrderedDict" | "collections.defaultdict" | "collections.Counter",
                RTy::Map { ordered, .. },
            ) => {
                let path = if *ordered {
                    "Vec::new"
                } else {
                    "BTreeMap::new"
                };
                let made = Expr::call(path, vec![]);
                Some(Ok(Val::new(made, to.clone(), &self.fact(e.id))))
            }
            ("collections.deque", RTy::Deque(elem)) => Some(self.deque_of(e, elem, to)),
            _ => None,
        }
    }

    /// The full name of what is called, where it is no variable.
    fn full_name(&self, func: &PyExpr) -> Option<String> {
        match &func.kind {
            ExprKind::Name(name) if !self.scope.names.contains_key(&func.id) => Some(
                self.lw
                    .input
                    .model
                    .imported
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| name.clone()),
            ),
            ExprKind::Attribute { value, attr } => match self.fact(value.id).ty {
                Ty::Module(module) => Some(format!("{module}.{}", attr.name)),
                _ => None,
            },
            _ => None,
        }
    }

    fn set_of(
        &mut self,
        e: &'a PyExpr,
        items: Option<&'a PyExpr>,
        elem: &RTy,
        to: &RTy,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(items) = items else {
            return Ok(Val::new(
                Expr::call("BTreeSet::new", vec![]),
                to.clone(),
                &fact,
            ));
        };
        if let ExprKind::List(list) | ExprKind::Tuple(list) = &items.kind {
            return self.set_literal(e, list, to);
        }
        let list = self.expr(items)?;
        if list.element() != Some(elem) {
            return Err(self.partly(e, "`set()` of elements of another type"));
        }
        let copy = self.lw.is_copy(elem);
        let iter = match list.expr.items() {
            (iter, "x") => iter,
            (iter, _) => iter.method(if copy { "copied" } else { "cloned" }, vec![]),
        };
        Ok(Val::new(iter.method("collect", vec![]), to.clone(), &fact))
    }

    fn deque_of(&mut self, e: &'a PyExpr, elem: &RTy, to: &RTy) -> Result<Val, Expr> {
        let ExprKind::Call { args, keywords, .. } = &e.kind else {
            return Err(self.hole(e));
        };
        let fact = self.fact(e.id);
        let is_empty =
            |e: &&PyExpr| matches!(&e.kind, ExprKind::List(l) | ExprKind::Tuple(l) if l.is_empty());
        let items = args.first().or_else(|| {
            keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == "iterable"))
                .map(|k| &k.value)
        });
        let named = |k: &&'a Keyword| k.name.as_ref().is_some_and(|n| n.name == "maxlen");
        let limit_arg = keywords.iter().find(named).map(|k| &k.value);
        let limit_arg = limit_arg.or(args.get(1));
        let limit = match &fact.ty {
            Ty::Deque {
                maxlen: Maxlen::Fixed(n, name),
                ..
            } => {
                let mut site = self.site();
                let limit = catalog::limit(*n, name.as_deref(), &mut site);
                self.absorb(site, e.span);
                Some((Some(*n), limit))
            }
            Ty::Deque {
                maxlen: Maxlen::Kept(_),
                ..
            } => {
                let Some(limit) = limit_arg else {
                    return Err(self.hole(e));
                };
                let limit = self.expr(limit)?;
                Some((None, limit.expr.cast(RTy::USIZE)))
            }
            _ => None,
        };
        let Some(items) = items.filter(|e| !is_empty(e)) else {
            let expr = match limit {
                Some((_, limit)) => Expr::call("VecDeque::with_capacity", vec![limit]),
                None => Expr::call("VecDeque::new", vec![]),
            };
            return Ok(Val::new(expr, to.clone(), &fact));
        };
        let vec_ty = RTy::Vec(Box::new(elem.clone()));
        let short = match &items.kind {
            ExprKind::List(list) | ExprKind::Tuple(list) => Some(list.len()),
            ExprKind::Binary {
                op: BinaryOp::Mul,
                right,
                ..
            } => self
                .fact(right.id)
                .range
                .int()
                .constant()
                .and_then(|n| usize::try_from(n.max(0)).ok()),
            _ => None,
        };
        let as_long = match (&items.kind, limit_arg) {
            (
                ExprKind::Binary {
                    op: BinaryOp::Mul,
                    right,
                    ..
                },
                Some(limit),
            ) => self.path_of(right).is_some() && self.path_of(right) == self.path_of(limit),
            _ => false,
        };
        let fits = match &limit {
            None => true,
            Some((Some(n), _)) => as_long || short.is_some_and(|len| len <= *n),
            Some((None, _)) => as_long,
        };
        let made = matches!(
            items.kind,
            ExprKind::List(_)
                | ExprKind::Tuple(_)
                | ExprKind::Binary { .. }
                | ExprKind::Comprehension { .. }
        );
        if !made {
            let limit = limit.map(|(_, limit)| limit);
            return self.deque_from(e, items, limit, elem, to);
        }
        let val = self.expr_as(items, &vec_ty)?;
        if val.rty != vec_ty {
            return Err(self.partly(e, "a deque of these elements"));
        }
        if let (false, Some((_, limit))) = (fits, &limit) {
            let helper = self.helper(catalog::Helper::WindowOf);
            let items = match val.expr {
                Expr::Method(items, name, _) if name == "collect" => *items,
                other => other,
            };
            let made = Expr::call(helper, vec![items, limit.clone()]);
            return Ok(Val::new(made, to.clone(), &fact));
        }
        let expr = match val.expr {
            Expr::Call(name, _) if name == "Vec::new" => Expr::call("VecDeque::new", vec![]),
            Expr::Macro(name, args) if name == "vec" => match args.as_slice() {
                [Expr::Repeat(..)] => Expr::call("VecDeque::from", vec![Expr::Macro(name, args)]),
                _ => Expr::call("VecDeque::from", vec![Expr::Array(args)]),
            },
            // What is collected is of the type that is asked for.
            Expr::Method(items, name, args) if name == "collect" => Expr::Method(items, name, args),
            other => Expr::call("VecDeque::from", vec![other]),
        };
        Ok(Val::new(expr, to.clone(), &fact))
    }

    /// A deque of what something else holds.
    fn deque_from(
        &mut self,
        e: &'a PyExpr,
        items: &'a PyExpr,
        limit: Option<Expr>,
        elem: &RTy,
        to: &RTy,
    ) -> Result<Val, Expr> {
        let found = self.items_of(items, None)?;
        let found = self.single(found);
        let Shape::One { rty, by_ref, .. } = found.shape else {
            return Err(self.partly(e, "a deque of these"));
        };
        let copy = self.lw.is_copy(elem);
        if rty.peel() != elem || !(copy || *elem == RTy::String) {
            return Err(self.partly(e, "a deque of elements of another type"));
        }
        let iter = found.form.chain();
        let iter = match (by_ref || rty.is_ref(), copy) {
            (false, _) => iter,
            (true, true) => iter.method("copied", vec![]),
            (true, false) => iter.method("cloned", vec![]),
        };
        let expr = match limit {
            Some(limit) => Expr::call(self.helper(catalog::Helper::WindowOf), vec![iter, limit]),
            None => iter.method("collect", vec![]),
        };
        Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
    }

    /// `a | b`, `a & b`, `a - b`, `a ^ b` of two sets.
    pub(in crate::lower) fn set_operator(
        &mut self,
        e: &'a PyExpr,
        op: BinaryOp,
        left: &'a PyExpr,
        right: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let Some(to @ RTy::Set(_)) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        self.looked_at += 1;
        let operands = self
            .expr_as(left, &to)
            .and_then(|a| Ok((a, self.expr_as(right, &to)?)));
        self.looked_at -= 1;
        let (a, b) = operands?;
        let (a, b) = (catalog::made_set(a), catalog::made_set(b));
        if *a.rty.peel() != to || *b.rty.peel() != to {
            return Err(self.partly(e, "sets of several types"));
        }
        let op = match op {
            BinaryOp::BitOr => BinOp::BitOr,
            BinaryOp::BitAnd => BinOp::BitAnd,
            BinaryOp::BitXor => BinOp::BitXor,
            BinaryOp::Sub => BinOp::Sub,
            _ => return Err(self.hole(e)),
        };
        let joined = dict::lent(a.expr, &a.rty).binary(op, dict::lent(b.expr, &b.rty));
        Ok(Val::new(joined, to, &fact))
    }
}

impl FnLower<'_, '_> {
    /// The text of a literal key, by which two keys can be told apart.
    fn literal_key(&self, key: &PyExpr) -> Option<String> {
        match &key.kind {
            ExprKind::Str(text) => Some(format!("{text:?}")),
            ExprKind::Int(value) => Some(value.to_string()),
            ExprKind::Bool(value) => Some(i32::from(*value).to_string()),
            // Members of an enum: other attributes may be equal.
            ExprKind::Attribute { value, attr } => match (&value.kind, self.fact(key.id).ty) {
                (ExprKind::Name(name), Ty::Member(_))
                    if matches!(self.fact(value.id).ty, Ty::Class(_)) =>
                {
                    Some(format!("{name}.{}", attr.name))
                }
                _ => None,
            },
            ExprKind::Unary {
                op: crate::ast::UnaryOp::Neg,
                operand,
            } => match &operand.kind {
                ExprKind::Int(value) => Some(format!("-{value}")),
                _ => None,
            },
            ExprKind::Tuple(items) => {
                let items: Option<Vec<String>> =
                    items.iter().map(|key| self.literal_key(key)).collect();
                items.map(|items| format!("({})", items.join(", ")))
            }
            _ => None,
        }
    }
}

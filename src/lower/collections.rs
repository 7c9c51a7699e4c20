//! Dicts, sets and deques: literals, items, and what changes them in place.

use super::function::FnLower;
use super::iterate::{Form, Items, Part, Shape};
use crate::ast::{BinaryOp, Block, Expr as PyExpr, ExprKind};
use crate::catalog::{self, dict};
use crate::diagnostic::Code;
use crate::infer::Problem;
use crate::ir::{BinOp, Expr, RTy, StmtKind};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::{Maxlen, Ty};
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// `{key: value, …}` as a map.
    pub(super) fn map_literal(
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
            let text = literal_key(key);
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
        if *ordered && entries.len() > 1 && entries.iter().any(|(text, ..)| text.is_none()) {
            return Err(self.partly(e, "a dict with several computed keys"));
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
    pub(super) fn set_literal(
        &mut self,
        e: &'a PyExpr,
        items: &'a [PyExpr],
        to: &RTy,
    ) -> Result<Val, Expr> {
        let RTy::Set(elem) = to else {
            return Err(self.hole(e));
        };
        let mut out = Vec::new();
        for item in items {
            out.push(self.key(item, elem)?);
        }
        let expr = Expr::call("BTreeSet::from", vec![Expr::Array(out)]);
        Ok(Val::new(expr, to.clone(), &self.fact(e.id)))
    }

    /// The constructors `set(…)`, `dict(…)`, `deque(…)` where the type they make is known.
    pub(super) fn collection_call(&mut self, e: &'a PyExpr, to: &RTy) -> Option<Result<Val, Expr>> {
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
        let items = args.first().or_else(|| {
            keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == "iterable"))
                .map(|k| &k.value)
        });
        let limit = match &fact.ty {
            Ty::Deque {
                maxlen: Maxlen::Fixed(n, name),
                ..
            } => {
                let mut site = self.site();
                let limit = catalog::limit(*n, name.as_deref(), &mut site);
                self.absorb(site, e.span);
                Some((*n, limit))
            }
            _ => None,
        };
        let Some(items) = items else {
            let expr = match limit {
                Some((_, limit)) => Expr::call("VecDeque::with_capacity", vec![limit]),
                None => Expr::call("VecDeque::new", vec![]),
            };
            return Ok(Val::new(expr, to.clone(), &fact));
        };
        let vec_ty = RTy::Vec(Box::new(elem.clone()));
        let val = self.expr_as(items, &vec_ty)?;
        let short = match &items.kind {
            ExprKind::List(list) => Some(list.len()),
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
        let fits = match &limit {
            None => true,
            Some((n, _)) => short.is_some_and(|len| len <= *n),
        };
        if val.rty != vec_ty || !fits {
            return Err(self.partly(e, "a deque of more elements than it may hold, or of a list"));
        }
        let expr = match val.expr {
            Expr::Call(name, _) if name == "Vec::new" => Expr::call("VecDeque::new", vec![]),
            Expr::Macro(name, args) if name == "vec" => match args.as_slice() {
                [Expr::Repeat(..)] => Expr::call("VecDeque::from", vec![Expr::Macro(name, args)]),
                _ => Expr::call("VecDeque::from", vec![Expr::Array(args)]),
            },
            other => Expr::call("VecDeque::from", vec![other]),
        };
        Ok(Val::new(expr, to.clone(), &fact))
    }

    /// `a | b`, `a & b`, `a - b`, `a ^ b` of two sets.
    pub(super) fn set_operator(
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
        let (a, b) = (self.expr_as(left, &to)?, self.expr_as(right, &to)?);
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

    /// A key to put into a map or set.
    pub(super) fn key(&mut self, key: &'a PyExpr, to: &RTy) -> Result<Expr, Expr> {
        let val = self.key_val(key, to)?;
        dict::key_owned(&val, to).map_err(|why| self.not_yet(key, why))
    }

    /// A key to look for.
    fn key_ref(&mut self, key: &'a PyExpr, to: &RTy) -> Result<Expr, Expr> {
        let val = self.key_val(key, to)?;
        dict::key_ref(&val, to).map_err(|why| self.not_yet(key, why))
    }

    /// A key as a value: the variant of an enum of the app as its name.
    fn key_val(&mut self, key: &'a PyExpr, to: &RTy) -> Result<Val, Expr> {
        let val = self.expr_as(key, to)?;
        self.plain_key(val, key.span)
    }

    /// The variant of an enum of the app, where it is a key, as its name.
    pub(super) fn plain_key(&mut self, val: Val, at: Span) -> Result<Val, Expr> {
        if !matches!(val.ty, Ty::Enum(_)) {
            return Ok(val);
        }
        let text = self.coerce(val.clone(), &RTy::Str, at, "the key")?;
        Ok(Val {
            expr: text,
            rty: RTy::Str,
            ty: Ty::Str,
            ..val
        })
    }

    fn not_yet(&mut self, e: &PyExpr, why: String) -> Expr {
        let problem = Problem::new(Code::PartlyHandled, why);
        Expr::Hole(self.lw.hole_text(e.span, &problem))
    }

    /// `d[key]`, `deque[i]` to read.
    pub(super) fn collection_item(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        index: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let (expr, rty) = self.item_place(value, index, false)?;
        let val = Val::new(expr, rty, &fact);
        self.as_narrowed(val, &fact)
    }

    /// The place of an item of a dict or deque.
    fn item_place(
        &mut self,
        value: &'a PyExpr,
        index: &'a PyExpr,
        write: bool,
    ) -> Result<(Expr, RTy), Expr> {
        let (base, rty) = self.place(value, write)?;
        match rty.peel().clone() {
            RTy::Map { key, value: v, .. } => {
                let key = self.key_ref(index, &key)?;
                let error = self.error("KeyError: there is no such key");
                let mut site = self.site();
                let found = dict::get(base, &rty, key, write, &mut site).ok_or(&error);
                self.absorb(site, index.span);
                Ok(match (self.lw.is_copy(&v), write) {
                    (true, _) => (Expr::Deref(Box::new(found)), *v),
                    (false, true) => (found, RTy::RefMut(v)),
                    (false, false) => (found, RTy::Ref(v)),
                })
            }
            RTy::Deque(elem) => {
                let at = self.expr(index)?;
                let range = at.range.int();
                let error = self.error("IndexError: deque index out of range");
                let suffix = if write { "_mut" } else { "" };
                let found = match range.constant() {
                    Some(0) => base.method(format!("front{suffix}"), vec![]),
                    Some(-1) => base.method(format!("back{suffix}"), vec![]),
                    _ if range.lo.is_some_and(|lo| lo >= 0) => {
                        let Some(i) = at.to_int(IntTy::Usize) else {
                            return Err(self.partly(index, "this index of a deque"));
                        };
                        base.method(format!("get{suffix}"), vec![i])
                    }
                    _ => {
                        let wide = at.to_int_checked(IntTy::I64, &error);
                        let helper = self.helper(catalog::Helper::Index);
                        let len = base.clone().method("len", vec![]);
                        let i = Expr::call(helper, vec![wide, len]).ok_or(&error);
                        let i = if write {
                            let i = Val::int(
                                i,
                                IntTy::Usize,
                                crate::value::int_type_range(IntTy::Usize),
                            );
                            self.hoist(i, "at", index.span).expr
                        } else {
                            i
                        };
                        let item = Expr::Index(Box::new(base), Box::new(i));
                        return Ok(if self.lw.is_copy(&elem) || write {
                            (item, *elem)
                        } else {
                            (Expr::Ref(Box::new(item)), RTy::Ref(elem))
                        });
                    }
                };
                let found = found.ok_or(&error);
                Ok(match (self.lw.is_copy(&elem), write) {
                    (true, _) => (Expr::Deref(Box::new(found)), *elem),
                    (false, true) => (found, RTy::RefMut(elem)),
                    (false, false) => (found, RTy::Ref(elem)),
                })
            }
            _ => Err(self.partly(value, "an item of this")),
        }
    }

    /// The place of what an expression stands for; `write`: to change it.
    pub(super) fn place(&mut self, e: &'a PyExpr, write: bool) -> Result<(Expr, RTy), Expr> {
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
        }
        if let Some(path) = self.path_of(e) {
            let Some((place, rty)) = self.path_place(&path, write) else {
                return Err(self.hole(e));
            };
            if matches!(rty, RTy::Option(_)) {
                return Err(self.partly(e, "what may be None in this place"));
            }
            if write && matches!(rty, RTy::Ref(_)) {
                return Err(self.partly(e, "changing what is only looked at here"));
            }
            return Ok((place, rty));
        }
        match &e.kind {
            ExprKind::Subscript { value, index }
                if matches!(
                    self.fact(value.id).ty.narrowed(),
                    Ty::Dict { .. } | Ty::Deque { .. }
                ) =>
            {
                self.item_place(value, index, write)
            }
            ExprKind::Subscript { value, index }
                if matches!(self.fact(value.id).ty.narrowed(), Ty::Record(_))
                    && !self.is_table(value) =>
            {
                let ExprKind::Str(key) = &index.kind else {
                    return Err(self.partly(e, "an entry of this"));
                };
                let (base, rty) = self.place(value, write)?;
                let Some(class) = self.lw.class_of(&rty) else {
                    return Err(self.partly(e, "an entry of this"));
                };
                let Some(ty) = self.lw.class_field(&class, key) else {
                    return Err(self.hole(e));
                };
                Ok((base.field(super::records::field(key)), ty))
            }
            ExprKind::Subscript { value, index } if write && self.conditional == 0 => {
                self.list_item_place(value, index, e.span)
            }
            ExprKind::Attribute { value, attr } if write => {
                let (base, rty) = self.place(value, write)?;
                let Some(class) = self.lw.class_of(&rty) else {
                    return Err(self.partly(e, "changing this"));
                };
                let Some(ty) = self.lw.class_field(&class, &attr.name) else {
                    return Err(self.hole(e));
                };
                let field = self.lw.attribute_ident(&class, &attr.name);
                Ok((base.field(field), ty))
            }
            // `d.setdefault(key, [])` gives what lies in the dict.
            ExprKind::Call { func, .. }
                if write
                    && matches!(&func.kind, ExprKind::Attribute { attr, .. } if attr.name == "setdefault") =>
            {
                let val = self.expr(e)?;
                match val.rty {
                    RTy::RefMut(_) => Ok((val.expr, val.rty)),
                    _ => Err(self.partly(e, "changing this")),
                }
            }
            _ if write => Err(self.partly(e, "changing this")),
            _ => {
                let val = self.expr(e)?;
                Ok((val.expr, val.rty))
            }
        }
    }

    /// `d[key] = value`, `deque[i] = value`.
    pub(super) fn store_collection_item(
        &mut self,
        base: &'a PyExpr,
        index: &'a PyExpr,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        match rty.peel().clone() {
            RTy::Map { key, value, .. } => {
                let value = self.coerce(val, &value, at, "a value")?;
                let value = self.settled(value, base, "value", at);
                let key = self.key(index, &key)?;
                let key = self.settled(key, base, "key", at);
                let (map, rty) = self.place(base, true)?;
                let mut site = self.site();
                let expr = dict::insert(map, &rty, key, value, &mut site);
                self.absorb(site, at);
                self.emit(at, StmtKind::Expr(expr));
                self.forget_base(base);
                Ok(())
            }
            RTy::Deque(elem) => {
                let value = self.coerce(val, &elem, at, "an element")?;
                let value = self.settled(value, base, "value", at);
                let (place, _) = self.item_place(base, index, true)?;
                self.emit(
                    at,
                    StmtKind::Assign {
                        place: written(place),
                        op: None,
                        value,
                    },
                );
                self.forget_base(base);
                Ok(())
            }
            _ => Err(self.partly(base, "writing to an item of this")),
        }
    }

    /// The type of a container, without keeping what its place needs.
    pub(super) fn place_type(&mut self, base: &'a PyExpr) -> Result<(Expr, RTy), Expr> {
        let outer = self.out.len();
        let bounds = self.bounds.len();
        let found = self.place(base, false);
        self.out.truncate(outer);
        self.bounds.truncate(bounds);
        found
    }

    /// The path to what an expression stands for, or to what holds it.
    pub(super) fn root_path(&self, e: &PyExpr) -> Option<crate::infer::Path> {
        if let Some(path) = self.path_of(e) {
            return Some(path);
        }
        match &e.kind {
            ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
                self.root_path(value)
            }
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, attr } if attr.name == "setdefault" => {
                    self.root_path(value)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Forgets the names for what a change of an item may have changed.
    pub(super) fn forget_base(&mut self, base: &PyExpr) {
        if let Some(path) = self.root_path(base) {
            self.forget_path(&path);
        }
    }

    /// A value that is computed before its container is borrowed to be changed.
    pub(super) fn settled(&mut self, value: Expr, base: &PyExpr, name: &str, at: Span) -> Expr {
        let root = self.root_text(base);
        if !self.calls_own(&value) && !mentions(&value, &root) {
            return value;
        }
        let fact = crate::value::Fact::unknown();
        self.hoist(Val::new(value, RTy::Never, &fact), name, at)
            .expr
    }

    /// How the Rust names what a container lies in, at the least.
    fn root_text(&self, base: &PyExpr) -> String {
        let Some(path) = self.root_path(base) else {
            return String::new();
        };
        match (path.segs.last(), path.global_name()) {
            (Some(crate::infer::Seg::Attr(name)), _) => super::vars::rust_ident(name),
            (_, Some(name)) => super::vars::rust_ident(name),
            (_, None) => self.var_name(&path.root),
        }
    }

    /// `d[key] += value`
    pub(super) fn change_item(
        &mut self,
        target: &'a PyExpr,
        op: BinaryOp,
        value: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let ExprKind::Subscript { value: base, index } = &target.kind else {
            return Err(self.hole(target));
        };
        let fact = self.fact(target.id);
        let new = self.expr(value)?;
        let settled = self.settled(new.expr.clone(), base, "value", at);
        let new = Val {
            expr: settled,
            ..new
        };
        let (place, rty) = self.item_place(base, index, true)?;
        let place = match place {
            // The slot is looked up once, and then read and written.
            Expr::Deref(slot) if slot.can_fail() => {
                if self.conditional > 0 {
                    return Err(self.partly(target, "changing an item in this place"));
                }
                let held = Val::new(*slot, RTy::RefMut(Box::new(rty.clone())), &fact);
                Expr::Deref(Box::new(self.hoist(held, "slot", at).expr))
            }
            other => other,
        };
        let ty = match (&rty, &fact.ty) {
            (RTy::Float(_), _) => Ty::Float,
            (_, ty) => ty.clone(),
        };
        let held = self.held_type(target, ty);
        let old = Val::new(place.clone(), rty.clone(), &held);
        let result = self.arithmetic(target, op, old, new, &fact, None)?;
        let result = self.coerce(result, &rty, at, "the value")?;
        self.emit_assign(at, written(place), result);
        self.forget_base(base);
        Ok(())
    }

    /// What is known of the item that an augmented assignment reads.
    fn held_type(&self, target: &PyExpr, otherwise: Ty) -> crate::value::Fact {
        let ty = match &target.kind {
            ExprKind::Subscript { value, .. } => match self.fact(value.id).ty.narrowed() {
                Ty::Dict { value, .. } => *value,
                Ty::Deque { elem, .. } => *elem,
                _ => otherwise,
            },
            _ => otherwise,
        };
        crate::value::Fact::of(ty)
    }

    /// `del d[key]`
    pub(super) fn delete(&mut self, target: &'a PyExpr, at: Span) -> Result<(), Expr> {
        let ExprKind::Subscript { value: base, index } = &target.kind else {
            return Err(self.hole(target));
        };
        let (_, rty) = self.place_type(base)?;
        let RTy::Map { key, .. } = rty.peel().clone() else {
            return Err(self.partly(target, "`del` of this"));
        };
        let key = self.key_ref(index, &key)?;
        let key = self.settled_ref(key, base, at);
        let (map, rty) = self.place(base, true)?;
        let error = self.error("KeyError: there is no such key to delete");
        let mut site = self.site();
        let removed = dict::remove(map, &rty, key, &mut site).ok_or(&error);
        self.absorb(site, at);
        self.emit(at, StmtKind::Expr(removed));
        self.forget_base(base);
        Ok(())
    }

    /// As [`Self::settled`], for a key that is borrowed.
    fn settled_ref(&mut self, key: Expr, base: &PyExpr, at: Span) -> Expr {
        match key {
            Expr::Ref(inner) => Expr::Ref(Box::new(self.settled(*inner, base, "key", at))),
            other => other,
        }
    }

    /// `x in container` of a dict, set or deque.
    pub(super) fn in_collection(
        &mut self,
        e: &'a PyExpr,
        x: Val,
        container: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        if matches!(x.rty, RTy::Option(_)) {
            return Err(self.partly(e, "`in` of what may be None"));
        }
        let (place, rty) = self.place(container, false)?;
        let x = match rty.peel() {
            RTy::Deque(_) => x,
            _ => self.plain_key(x, e.span)?,
        };
        let mut site = self.site();
        let found = match rty.peel() {
            RTy::Map { key, .. } => {
                dict::key_ref(&x, key).map(|key| dict::contains(place, &rty, key, &mut site))
            }
            RTy::Set(elem) => {
                dict::key_ref(&x, elem).map(|key| place.method("contains", vec![key]))
            }
            RTy::Deque(_) => {
                let deque = Val::new(place, rty.clone(), &self.fact(container.id));
                catalog::deque_contains(&deque, &x)
            }
            _ => Err("`in` of this is not translated".into()),
        };
        self.absorb(site, e.span);
        found.map_err(|why| self.not_yet(e, why))
    }

    /// `a == b` of two dicts, sets or deques of one type.
    pub(super) fn same_collection(&mut self, a: &Val, b: &Val) -> Option<Expr> {
        let (x, y) = (a.rty.peel(), b.rty.peel());
        if x != y || !matches!(x, RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)) {
            return None;
        }
        if dict::is_ordered(x) {
            let helper = self.helper(catalog::Helper::SameItems);
            let args = vec![
                dict::lent(a.expr.clone(), &a.rty),
                dict::lent(b.expr.clone(), &b.rty),
            ];
            return Some(Expr::call(helper, args));
        }
        let bare = |v: &Val, other: &Val| match (v.rty.is_ref(), other.rty.is_ref()) {
            (true, false) => Expr::Deref(Box::new(v.expr.clone())),
            _ => v.expr.clone(),
        };
        Some(bare(a, b).binary(BinOp::Eq, bare(b, a)))
    }

    /// The dict that `d.keys()`, `d.values()` or `d.items()` runs through, and the part of
    /// its entries that it gives.
    pub(super) fn view_of(&self, e: &'a PyExpr) -> Option<(&'a PyExpr, Part)> {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return None;
        };
        let ExprKind::Attribute { value, attr } = &func.kind else {
            return None;
        };
        let is_dict = matches!(self.fact(value.id).ty.narrowed(), Ty::Dict { .. });
        let part = match attr.name.as_str() {
            "keys" => Part::Key,
            "values" => Part::Value,
            "items" => Part::Both,
            _ => return None,
        };
        (is_dict && args.is_empty()).then_some((&**value, part))
    }

    /// The entries of a dict, or a part of each.
    pub(super) fn entries(
        &mut self,
        dict: &'a PyExpr,
        part: Part,
        body: Option<&'a Block>,
    ) -> Result<Items, Expr> {
        let (place, rty) = self.place(dict, false)?;
        let RTy::Map {
            key,
            value,
            ordered: true,
        } = rty.peel().clone()
        else {
            return Err(self.partly(dict, "a loop over this dict"));
        };
        let mut changed = Vec::new();
        if let Some(body) = body {
            super::narrow::changed_paths(self, body, &mut changed);
        }
        if let Some(path) = self.root_path(dict)
            && changed
                .iter()
                .any(|c| c.starts_with(&path) || path.starts_with(c))
        {
            return Err(self.partly(dict, "a loop over a dict that its body changes"));
        }
        let Ty::Dict {
            key: key_ty,
            value: value_ty,
            ..
        } = self.fact(dict.id).ty.narrowed()
        else {
            return Err(self.hole(dict));
        };
        let form = Form::Place(place, rty.is_ref());
        let (elem, ty) = match part {
            Part::Key => (*key, *key_ty),
            Part::Value => (*value, *value_ty),
            Part::Both => {
                let rty = RTy::Tuple(vec![*key, *value]);
                let ty = Ty::Tuple(vec![*key_ty, *value_ty]);
                let by_ref = self.lw.is_copy(&rty);
                let rty = if by_ref { rty } else { RTy::Ref(Box::new(rty)) };
                let shape = Shape::One {
                    rty,
                    fact: Fact::of(ty),
                    by_ref,
                };
                return Ok(Items { form, shape });
            }
        };
        let by_ref = self.lw.is_copy(&elem);
        let shape = Shape::Entry {
            part,
            rty: if by_ref {
                elem
            } else {
                RTy::Ref(Box::new(elem))
            },
            fact: Fact::of(ty),
            by_ref,
        };
        Ok(Items { form, shape })
    }

    /// `d.update(other)`
    pub(super) fn update(
        &mut self,
        base: &'a PyExpr,
        other: &'a PyExpr,
        at: Span,
    ) -> Result<(), Expr> {
        let (_, rty) = self.place_type(base)?;
        let RTy::Map { key, value, .. } = rty.peel().clone() else {
            return Err(self.partly(base, "`update()` of this"));
        };
        if let ExprKind::Dict(items) = &other.kind {
            let mut entries = Vec::new();
            for (k, v) in items {
                let Some(k) = k else {
                    return Err(self.partly(other, "`**` in a dict"));
                };
                let key = self.key(k, &key)?;
                let val = self.expr_as(v, &value)?;
                let value = self.coerce(val, &value, v.span, "a value")?;
                let key = self.settled(key, base, "key", at);
                let value = self.settled(value, base, "value", at);
                entries.push((key, value));
            }
            if entries.len() > 1 && entries.iter().any(|(k, v)| k.can_fail() || v.can_fail()) {
                return Err(self.partly(other, "`update()` with values that can raise"));
            }
            for (key, value) in entries {
                let (map, rty) = self.place(base, true)?;
                let mut site = self.site();
                let expr = dict::insert(map, &rty, key, value, &mut site);
                self.absorb(site, at);
                self.emit(at, StmtKind::Expr(expr));
            }
            self.forget_base(base);
            return Ok(());
        }
        Err(self.partly(other, "`update()` with a dict that is no literal"))
    }
}

/// A slot that is written to: what a `&mut` points at.
fn written(place: Expr) -> Expr {
    match place {
        Expr::Try(_) => Expr::Deref(Box::new(place)),
        other => other,
    }
}

/// The text of a literal key, by which two keys can be told apart.
fn literal_key(key: &PyExpr) -> Option<String> {
    match &key.kind {
        ExprKind::Str(text) => Some(format!("{text:?}")),
        ExprKind::Int(value) => Some(value.to_string()),
        ExprKind::Bool(value) => Some(i32::from(*value).to_string()),
        ExprKind::Attribute { value, attr } => match &value.kind {
            ExprKind::Name(name) => Some(format!("{name}.{}", attr.name)),
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
            let items: Option<Vec<String>> = items.iter().map(literal_key).collect();
            items.map(|items| format!("({})", items.join(", ")))
        }
        _ => None,
    }
}

/// Whether an expression names a variable or field.
fn mentions(e: &Expr, name: &str) -> bool {
    let here = match e {
        Expr::Atom(text) | Expr::Field(_, text) => text == name,
        Expr::Macro(..) => true,
        _ => false,
    };
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |c| exprs.push(c), &mut |b| blocks.push(b));
    here || !blocks.is_empty() || exprs.into_iter().any(|c| mentions(c, name))
}

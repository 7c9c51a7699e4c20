//! Several targets at once: `a, b = b, a`, `first, *rest = xs`, `(a, b), c = f()`.

use super::elements::Change;
use super::function::FnLower;
use crate::ast::{self, Expr as PyExpr, ExprKind};
use crate::catalog::Told;
use crate::diagnostic::Code;
use crate::infer::scope::plain_name;
use crate::infer::{Path, Problem};
use crate::ir::{BinOp, Block, Expr, RTy, StmtKind};
use crate::project::IntTy;
use crate::source::Span;
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// What a pattern binds.
#[derive(Default)]
struct Bound<'a> {
    names: Vec<String>,
    /// The targets that it does not bind itself, with what it binds for them.
    later: Vec<(&'a PyExpr, Val)>,
    /// Whether it takes a part that is not copied.
    moves: bool,
}

impl<'a> FnLower<'_, 'a> {
    /// `a, b = x, y`: all values first, then all targets.
    pub(super) fn parallel(
        &mut self,
        items: &'a [PyExpr],
        values: &'a [PyExpr],
        at: Span,
    ) -> Result<(), Expr> {
        if let Some(done) = self.swap_items(items, values, at) {
            return done;
        }
        if self.swap_places(items, values, at) {
            return Ok(());
        }
        let mut vals = Vec::new();
        for (item, value) in items.iter().zip(values) {
            if self.is_alias(item) {
                vals.push(None);
                continue;
            }
            let ty = match (&item.kind, self.scope.names.get(&item.id)) {
                (ExprKind::Name(_), Some(version)) => self.var_type(version),
                // What is empty has the type of where it goes.
                _ if is_empty(value) => {
                    let path = self.path_of(item);
                    path.and_then(|path| self.path_type(&path))
                }
                _ => None,
            };
            vals.push(Some(match ty {
                Some(ty) => self.expr_as(value, &ty)?,
                None => self.expr(value)?,
            }));
        }
        // One after the other, unless a value reads what an earlier target writes.
        let mut conflicts: Vec<bool> = values
            .iter()
            .enumerate()
            .map(|(i, value)| {
                let mut earlier = items.iter().take(i);
                let acts = self.changes_within(value);
                earlier.any(|target| {
                    let stored = !matches!(target.kind, ExprKind::Name(_));
                    self.mentions_target(value, target) || acts && stored
                })
            })
            .collect();
        // What is computed before it stays before it.
        if let Some(last) = conflicts.iter().rposition(|c| *c) {
            for (i, value) in values.iter().enumerate().take(last) {
                let later = values.get(i + 1..=last).unwrap_or(&[]);
                if let Some(slot) = conflicts.get_mut(i) {
                    *slot |=
                        self.changes_within(value) || later.iter().any(|v| self.changes_within(v));
                }
            }
        }
        if conflicts.contains(&true) && self.at_once(items, &vals, at)? {
            return Ok(());
        }
        let mut ready = Vec::new();
        for ((item, val), conflicts) in items.iter().zip(vals).zip(conflicts) {
            ready.push(match val {
                Some(val) if conflicts && !val.literal => {
                    let name = match &item.kind {
                        ExprKind::Name(name) => format!("next_{}", super::vars::rust_ident(name)),
                        ExprKind::Attribute { attr, .. } => format!("next_{}", attr.name),
                        _ => "value".to_string(),
                    };
                    let given = self.given(val.clone());
                    if given != val {
                        self.one_object(&val, &given.rty, at)?;
                    }
                    let moved = given == val && !val.rty.is_ref() && self.conditional == 0;
                    let held = match moved && self.moves(&val) {
                        true => self.hoist_given(given, &name, at),
                        false => self.hoist(given, &name, at),
                    };
                    if let Expr::Atom(name) = &held.expr {
                        self.handed_on.insert(name.clone());
                    }
                    Some(held)
                }
                other => other,
            });
        }
        for (i, ((item, value), val)) in items.iter().zip(values).zip(ready).enumerate() {
            if self.stays_empty(item, value) {
                continue;
            }
            let version = self.scope.names.get(&item.id);
            let later = |e: &PyExpr| version.is_some() && self.scope.names.get(&e.id) == version;
            let again = items.iter().skip(i + 1).any(later);
            if again && val.as_ref().is_some_and(|v| v.expr.is_place()) {
                continue;
            }
            if let Some(val) = val {
                self.store(item, val, at)?;
            }
        }
        Ok(())
    }

    /// `(a, b) = (b, a)`, or `let (a, b) = (b, a);`, where all targets are variables that are
    /// there already, or none is.
    fn at_once(
        &mut self,
        items: &'a [PyExpr],
        vals: &[Option<Val>],
        at: Span,
    ) -> Result<bool, Expr> {
        let mut targets = Vec::new();
        for (item, val) in items.iter().zip(vals) {
            let version = match &item.kind {
                ExprKind::Name(_) => self.scope.names.get(&item.id).cloned(),
                _ => None,
            };
            let (Some(version), Some(val)) = (version, val) else {
                return Ok(false);
            };
            if self.unbound.contains(&version) || targets.iter().any(|(_, v, _)| *v == version) {
                return Ok(false);
            }
            targets.push((item, version, val.clone()));
        }
        let declared = |this: &Self, v: &String| this.declared.contains(v);
        let all = targets.iter().all(|(_, v, _)| declared(self, v));
        if !all && targets.iter().any(|(_, v, _)| !self.is_fresh(v)) {
            return Ok(false);
        }
        let mut exprs = Vec::new();
        for (item, version, val) in &targets {
            let Some(ty) = self.var_type(version) else {
                return Err(self.unknown_variable(item, version));
            };
            let literal = val.literal;
            let expr = self.coerce(val.clone(), &ty, at, plain_name(version))?;
            exprs.push(match (&ty, expr) {
                // A pattern does not say the type of a literal.
                (RTy::Int(int), Expr::Atom(text)) if literal && !all => {
                    Expr::Atom(format!("{text}_{}", int.name()))
                }
                (_, expr) => expr,
            });
        }
        let names: Vec<String> = targets.iter().map(|(_, v, _)| self.var_name(v)).collect();
        for (_, version, _) in &targets {
            self.forget_root(version);
            self.declared.insert(version.clone());
        }
        let value = Expr::Tuple(exprs);
        self.emit(
            at,
            if all {
                StmtKind::Assign {
                    place: Expr::Tuple(names.into_iter().map(Expr::atom).collect()),
                    op: None,
                    value,
                }
            } else {
                let patterns: Vec<String> = names.iter().map(|n| format!("mut {n}")).collect();
                StmtKind::LetPattern {
                    pattern: format!("({})", patterns.join(", ")),
                    names,
                    init: value,
                    otherwise: None,
                }
            },
        );
        Ok(true)
    }

    /// `a.x, b.x = b.x, a.x` as `std::mem::swap`, where the values would be cloned.
    fn swap_places(&mut self, items: &'a [PyExpr], values: &'a [PyExpr], at: Span) -> bool {
        let ([a, b], [x, y]) = (items, values) else {
            return false;
        };
        let attributes = [a, b]
            .iter()
            .all(|e| matches!(e.kind, ExprKind::Attribute { .. }));
        let paths = [a, b, x, y].map(|e| self.path_of(e));
        let [Some(a), Some(b), Some(x), Some(y)] = paths else {
            return false;
        };
        let kept = |p: &Path| self.is_state_path(p) || self.is_output_path(p);
        if !attributes || a != y || b != x || a == b || kept(&a) || kept(&b) {
            return false;
        }
        let places = (self.path_place(&a, true), self.path_place(&b, true));
        let (Some((left, ty)), Some((right, other))) = places else {
            return false;
        };
        if ty != other || ty.is_ref() || self.lw.is_copy(&ty) || left.can_fail() || right.can_fail()
        {
            return false;
        }
        self.forget_path(&a);
        self.forget_path(&b);
        let args = [left, right].map(|place| Expr::RefMut(Box::new(place)));
        let swap = Expr::Call("std::mem::swap".into(), args.to_vec());
        self.emit(at, StmtKind::Expr(swap));
        true
    }

    /// `xs[i], xs[j] = xs[j], xs[i]` as `xs.swap(i, j)`.
    fn swap_items(
        &mut self,
        items: &'a [PyExpr],
        values: &'a [PyExpr],
        at: Span,
    ) -> Option<Result<(), Expr>> {
        let ([a, b], [x, y]) = (items, values) else {
            return None;
        };
        let (
            ExprKind::Subscript {
                value: base,
                index: i,
            },
            ExprKind::Subscript { index: j, .. },
        ) = (&a.kind, &b.kind)
        else {
            return None;
        };
        let text = |e: &PyExpr| self.lw.input.source.slice(e.span);
        let crossed = text(a) == text(y) && text(b) == text(x);
        let list = self.path_of(base)?;
        let same = matches!(&b.kind, ExprKind::Subscript { value, .. } if self.path_of(value).as_ref() == Some(&list));
        let simple = |e: &PyExpr| !contains_call(e);
        if !crossed || !same || !simple(i) || !simple(j) {
            return None;
        }
        let Ty::List { .. } = self.fact(base.id).ty else {
            return None;
        };
        let (place, rty) = self.path_place(&list, true)?;
        let rounds =
            matches!(rty.peel(), RTy::Vec(elem) | RTy::Array(elem, _) if **elem == RTy::F32);
        let kept = self.is_state_path(&list) || self.is_output_path(&list);
        if place.can_fail() || (rounds && kept) {
            return None;
        }
        let grows = matches!(rty.peel(), RTy::Vec(_));
        let mut indices = Vec::new();
        // Python reads `xs[j]` first: its index is the first that may be out of range.
        for index in [j, i] {
            let found = match self.expr(index) {
                Ok(found) => self.decayed(found),
                Err(hole) => return Some(Err(hole)),
            };
            let held = Val::new(place.clone(), rty.clone(), &self.fact(base.id));
            let Some((Expr::Index(_, index), _)) = self.item(held, found, Change::InPlace) else {
                return Some(Err(self.partly(base, "swapping items of this")));
            };
            // The index is found before the vector is borrowed to be changed.
            indices.push(if grows && index.can_fail() {
                let range = crate::value::int_type_range(IntTy::Usize);
                let name = if indices.is_empty() {
                    "second"
                } else {
                    "first"
                };
                self.hoist(Val::int(*index, IntTy::Usize, range), name, at)
                    .expr
            } else {
                *index
            });
        }
        indices.reverse();
        self.forget_path(&list);
        self.emit(at, StmtKind::Expr(place.method("swap", indices)));
        Some(Ok(()))
    }

    /// Whether `value` reads the name or the object that `target` writes.
    fn mentions_target(&self, value: &PyExpr, target: &PyExpr) -> bool {
        struct Find<'n>(&'n str, bool);
        impl<'ast> ast::visit::Visitor<'ast> for Find<'_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                match &e.kind {
                    ExprKind::Name(name)
                    | ExprKind::Attribute {
                        attr: ast::Ident { name, .. },
                        ..
                    } => self.1 |= name == self.0,
                    // A call may read anything.
                    ExprKind::Call { .. } => self.1 = true,
                    _ => {}
                }
                ast::visit::walk_expr(self, e);
            }
        }
        let constant = matches!(
            value.kind,
            ExprKind::None
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Str(_)
        );
        let name = match &target.kind {
            _ if constant => return false,
            ExprKind::Name(name) => name,
            ExprKind::Attribute { attr, .. } => &attr.name,
            _ => return true,
        };
        let mut find = Find(name, false);
        ast::visit::Visitor::visit_expr(&mut find, value);
        let local = self.scope.names.contains_key(&target.id);
        find.1 && !(local && matches!(target.kind, ExprKind::Name(_)) && only_calls(value, name))
    }

    /// Whether this place is where a variable is declared.
    fn is_fresh(&self, version: &str) -> bool {
        !self.declared.contains(version)
            && self.scope.vars.get(version).is_some_and(|info| {
                self.blocks.last() == Some(&info.home) && info.first_is_binding && !info.is_param
            })
    }

    /// Unpacks a tuple or a list.
    pub(super) fn unpack(&mut self, items: &'a [PyExpr], val: Val, at: Span) -> Result<(), Expr> {
        if self.unpack_into_places(items, &val, at)? {
            return Ok(());
        }
        // The one item of a tuple that is written out.
        if let ([target], Expr::Tuple(exprs), RTy::Tuple(tys), Ty::Tuple(facts)) =
            (items, &val.expr, &val.rty, &val.ty)
            && let ([only], [rty], [ty]) = (exprs.as_slice(), tys.as_slice(), facts.as_slice())
            && !is_star(target)
        {
            let only = Val::new(only.clone(), rty.clone(), &Fact::of(ty.clone()));
            return self.store(target, only, at);
        }
        let mut bound = Bound::default();
        let whole = val.node;
        let (pattern, init, short) = match val.rty.clone() {
            RTy::Ref(inner) if matches!(*inner, RTy::Tuple(_) | RTy::Array(..)) => {
                let Some(pattern) = self.pattern(items, &inner, &val.ty, &mut bound, at)? else {
                    return Err(self.no_unpacking(&val));
                };
                match bound.moves {
                    false => (format!("&{pattern}"), val.expr, false),
                    true => (pattern, val.expr.method("clone", vec![]), false),
                }
            }
            RTy::Named(_) | RTy::Ref(_) if self.tuple_pattern(val.rty.peel()).is_some() => {
                let rty = val.rty.peel().clone();
                let Some(pattern) = self.pattern(items, &rty, &val.ty, &mut bound, at)? else {
                    return Err(self.no_unpacking(&val));
                };
                match (bound.moves, val.rty.is_ref()) {
                    (false, true) => (format!("&{pattern}"), val.expr, false),
                    (true, _) if val.rty.is_ref() || val.expr.is_place() => {
                        (pattern, val.expr.method("clone", vec![]), false)
                    }
                    _ => (pattern, val.expr, false),
                }
            }
            RTy::Tuple(_) | RTy::Array(..) => {
                let Some(pattern) = self.pattern(items, &val.rty, &val.ty, &mut bound, at)? else {
                    return Err(self.no_unpacking(&val));
                };
                match bound.moves {
                    true => (pattern, self.given(val).expr, false),
                    false => (pattern, val.expr, false),
                }
            }
            _ if let Some(parts) = super::strings::pieces(&val.expr) => {
                // The parts of a text, lent.
                let slice = RTy::Slice(Box::new(RTy::Str));
                let Some(pattern) = self.pattern(items, &slice, &val.ty, &mut bound, at)? else {
                    return Err(self.no_unpacking(&val));
                };
                let list = parts.clone().method("collect::<Vec<_>>", vec![]);
                let list = match items.iter().any(is_star) || self.lw.reads_messages() {
                    true => {
                        let held = RTy::Vec(Box::new(RTy::Str));
                        let list = Val::new(list, held, &val.fact());
                        self.hoist(list, "parts", at).expr
                    }
                    false => list,
                };
                let all = Expr::Range {
                    low: None,
                    high: None,
                    inclusive: false,
                };
                (pattern, Expr::Index(Box::new(list), Box::new(all)), true)
            }
            other => {
                let (RTy::Vec(elem) | RTy::Slice(elem)) = other.peel().clone() else {
                    return Err(self.no_unpacking(&val));
                };
                let copy = self.lw.is_copy(&elem);
                // Rows that are taken apart in their turn are only looked at.
                let rows = matches!(*elem, RTy::Vec(_) | RTy::Array(..))
                    && items
                        .iter()
                        .all(|item| matches!(item.kind, ExprKind::Tuple(_) | ExprKind::List(_)));
                if !copy && !rows && *elem != RTy::String && !items.iter().any(is_star) {
                    return self.unpack_moved(items, val, *elem, at);
                }
                let texts = matches!(&*elem, RTy::Tuple(tys)
                    if tys.iter().all(|ty| *ty == RTy::String || self.lw.is_copy(ty)));
                if !copy && !rows && !texts && *elem != RTy::String {
                    return Err(self.no_unpacking(&val));
                }
                let slice = match copy {
                    true => RTy::Slice(elem),
                    false => RTy::Ref(Box::new(RTy::Slice(elem))),
                };
                let Some(pattern) = self.pattern(items, &slice, &val.ty, &mut bound, at)? else {
                    return Err(self.no_unpacking(&val));
                };
                let init = match other {
                    RTy::Ref(inner) if matches!(*inner, RTy::Slice(_)) => val.expr,
                    _ if val.expr.is_place() => val.expr.method("as_slice", vec![]),
                    _ => {
                        // What is lent of what has no name is gone with the statement.
                        let val = match val.rty.is_ref() && of_temporary(&val.expr) {
                            true => self.given(val),
                            false => val,
                        };
                        let held = self.hoist(val, "values", at);
                        held.expr.method("as_slice", vec![])
                    }
                };
                match copy {
                    true => (format!("&{pattern}"), init, true),
                    false => (pattern, init, true),
                }
            }
        };
        let looked_in = init.clone();
        let starred = items.iter().any(is_star);
        let otherwise = short.then(|| {
            let what = if starred {
                format!(
                    "not enough values to unpack (expected at least {})",
                    items.len() - 1
                )
            } else {
                format!("not {} values to unpack", items.len())
            };
            let what = format!("ValueError ({what})");
            if let Some(count) = count_of(&init) {
                let at = self.lw.input.source.at(at);
                let message = wrong_count(items.len() - usize::from(starred), starred, count);
                self.tell(format!("{at}: {what}"), Told::Text(message));
            }
            Block::of(vec![self.error_return(&what, at)])
        });
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern,
                names: bound.names,
                init,
                otherwise,
            },
        );
        // What the parts are looked at in is replaced last.
        bound.later.sort_by_key(|(item, _)| {
            let place = self.path_of(item).and_then(|p| self.path_place(&p, false));
            let root = place.and_then(|(place, _)| super::elements::root_of(&place));
            root.is_some_and(|root| super::elements::names(&looked_in, &root))
        });
        for (item, mut val) in bound.later {
            // What the whole gives away, or copies, its parts are.
            if items.iter().any(|i| i.id == item.id) {
                val.node = val.node.or(whole);
            }
            self.store(item, val, at)?;
        }
        Ok(())
    }

    /// `[(a, b), c] = xs` of elements that are taken out of the list.
    fn unpack_moved(
        &mut self,
        items: &'a [PyExpr],
        val: Val,
        elem: RTy,
        at: Span,
    ) -> Result<(), Expr> {
        let shared = match val.ty.narrowed() {
            Ty::List { elem, .. } => elem.is_shared(),
            _ => true,
        };
        if shared || val.rty.is_ref() || val.expr.is_place() {
            return Err(self.no_unpacking(&val));
        }
        let mut bound = Bound::default();
        let array = RTy::Array(Box::new(elem), items.len());
        let pattern = self.pattern(items, &array, &val.ty, &mut bound, at)?;
        let Some(pattern) = pattern else {
            return Err(self.no_unpacking(&val));
        };
        let all = format!("<[_; {}]>::try_from", items.len());
        let what = format!("ValueError (not {} values to unpack)", items.len());
        let otherwise = Block::of(vec![self.error_return(&what, at)]);
        let init = match val.expr {
            Expr::Method(iter, name, args) if name == "collect" => {
                iter.method("collect::<Vec<_>>", args)
            }
            made => made,
        };
        self.emit(
            at,
            StmtKind::LetPattern {
                pattern: format!("Ok({pattern})"),
                names: bound.names,
                init: Expr::call(all, vec![init]),
                otherwise: Some(otherwise),
            },
        );
        for (item, val) in bound.later {
            self.store(item, val, at)?;
        }
        Ok(())
    }

    fn no_unpacking(&mut self, val: &Val) -> Expr {
        let problem = Problem::new(
            Code::PartlyHandled,
            format!("unpacking {} is not translated yet", val.ty.describe()),
        );
        Expr::Hole(self.lw.hole_text(self.current_span(), &problem))
    }

    /// `(a, self.b) = f();` where every target is a place that holds the value as it is.
    fn unpack_into_places(
        &mut self,
        items: &'a [PyExpr],
        val: &Val,
        at: Span,
    ) -> Result<bool, Expr> {
        let tys: Vec<RTy> = match &val.rty {
            RTy::Tuple(tys) if tys.len() == items.len() => tys.clone(),
            _ => return Ok(false),
        };
        if self.constructor.as_ref().is_some_and(|c| !c.built) {
            return Ok(false);
        }
        let mut places = Vec::new();
        let mut changed = Vec::new();
        for (item, ty) in items.iter().zip(&tys) {
            let path = match &item.kind {
                ExprKind::Name(_) => match self.scope.names.get(&item.id).cloned() {
                    Some(version)
                        if self.declared.contains(&version)
                            && !self.unbound.contains(&version)
                            && self.var_type(&version).as_ref() == Some(ty)
                            && !self.var_types.contains_key(&version) =>
                    {
                        crate::infer::Path::root(version)
                    }
                    _ => return Ok(false),
                },
                ExprKind::Attribute { value, .. }
                    if matches!(self.fact(value.id).ty, Ty::Instance(_))
                        && self.path_of(value).is_some_and(|p| p.segs.is_empty()) =>
                {
                    let Some(path) = self.path_of(item) else {
                        return Ok(false);
                    };
                    if self.path_type(&path).as_ref() != Some(ty) {
                        return Ok(false);
                    }
                    path
                }
                _ => return Ok(false),
            };
            changed.push(path);
        }
        for path in &changed {
            self.forget_path(path);
            let Some((place, _)) = self.path_place(path, true) else {
                return Ok(false);
            };
            places.push(place);
        }
        self.emit(
            at,
            StmtKind::Assign {
                place: Expr::Tuple(places),
                op: None,
                value: val.expr.clone(),
            },
        );
        Ok(true)
    }

    /// The pattern that takes a value of that type apart; nothing where there is none.
    fn pattern(
        &mut self,
        items: &'a [PyExpr],
        rty: &RTy,
        ty: &Ty,
        bound: &mut Bound<'a>,
        at: Span,
    ) -> Result<Option<String>, Expr> {
        let star = items.iter().position(is_star);
        let fixed = items.len() - usize::from(star.is_some());
        let named = self.tuple_pattern(rty);
        let (tys, open, close) = match rty {
            _ if let Some(fields) = &named => {
                let tys = fields.iter().map(|(_, ty, _)| ty.clone()).collect();
                (Some(tys), "(", ")")
            }
            RTy::Tuple(tys) => (Some(tys.clone()), "(", ")"),
            RTy::Array(elem, len) => (Some(vec![(**elem).clone(); *len]), "[", "]"),
            _ => (None, "[", "]"),
        };
        if tys
            .as_ref()
            .is_some_and(|tys| tys.len() < fixed || (star.is_none() && tys.len() != fixed))
        {
            return Ok(None);
        }
        // What is not copied is lent by the pattern.
        let lent = match rty {
            RTy::Ref(list) => match &**list {
                RTy::Slice(elem) => Some(elem),
                _ => None,
            },
            _ => None,
        };
        let elem = match (rty, lent) {
            (RTy::Slice(elem), _) => (**elem).clone(),
            (_, Some(elem)) => RTy::Ref(elem.clone()),
            _ => RTy::Never,
        };
        let many = tys.as_ref().map_or(0, |tys| tys.len() - fixed);
        let fact_at = |i: usize| match ty.narrowed() {
            _ if let Some(fields) = &named => {
                let field = fields.get(i);
                field.map_or_else(Fact::unknown, |(.., fact)| fact.clone())
            }
            Ty::Tuple(facts) => facts
                .get(i)
                .map_or_else(Fact::unknown, |t| Fact::of(t.clone())),
            Ty::List { elem, store, .. } => Fact {
                range: store.as_ref().map_or_else(
                    || Fact::of((*elem).clone()).range,
                    crate::value::stored_range,
                ),
                ..Fact::of(*elem)
            },
            _ => Fact::unknown(),
        };
        let mut parts: Vec<String> = Vec::new();
        let mut place = 0;
        for item in items {
            if let ExprKind::Starred(target) = &item.kind {
                let unread = self.is_unread(target);
                match (rty, unread) {
                    (RTy::Tuple(_), true) => parts.push("..".into()),
                    (RTy::Tuple(_) | RTy::Named(_), _) => {
                        let held: Vec<String> = (0..many)
                            .map(|i| self.fresh_name(target, &bound.names, i))
                            .collect();
                        let taken = tys.iter().flatten().skip(place).take(many);
                        bound.moves |= taken.into_iter().any(|ty| !self.lw.is_copy(ty));
                        let joined = (place..place + many)
                            .map(fact_at)
                            .reduce(|a, b| a.join(&b))
                            .unwrap_or_else(Fact::unknown);
                        let list = Fact::of(Ty::list(joined.ty.clone()));
                        let Some(RTy::Vec(inner)) = self.lw.natural(&list) else {
                            return Ok(None);
                        };
                        let mut kept = Vec::new();
                        for (i, name) in (place..).zip(&held) {
                            let own = tys.as_ref().and_then(|t| t.get(i)).cloned();
                            let part =
                                Val::new(Expr::atom(name), own.unwrap_or(RTy::Never), &fact_at(i));
                            kept.push(self.coerce(part, &inner, at, "an element")?);
                        }
                        let list =
                            Val::new(Expr::Macro("vec".into(), kept), RTy::Vec(inner), &list);
                        parts.extend(held.iter().cloned());
                        bound.names.extend(held);
                        bound.later.push((target, list));
                    }
                    (_, true) => parts.push("..".into()),
                    _ => {
                        let name = self.fresh_name(target, &bound.names, 0);
                        let inner = tys
                            .as_ref()
                            .and_then(|t| t.first().cloned())
                            .unwrap_or_else(|| elem.clone());
                        let fact = Fact::of(Ty::list(fact_at(0).ty));
                        let (text, held) = match rty {
                            RTy::Array(..) => {
                                bound.moves |= !self.lw.is_copy(&inner);
                                (format!("{name} @ .."), RTy::Array(Box::new(inner), many))
                            }
                            RTy::Ref(list) => (format!("{name} @ .."), RTy::Ref(list.clone())),
                            _ => (
                                format!("ref {name} @ .."),
                                RTy::Ref(Box::new(RTy::Slice(Box::new(inner)))),
                            ),
                        };
                        parts.push(text);
                        let version = self.scope.names.get(&target.id);
                        let wanted = version.and_then(|version| self.var_type(version));
                        let rest = rest_of(&name, held, &fact);
                        let rest = match (rest.rty.peel(), wanted) {
                            // The list is a new one.
                            (RTy::Slice(elem), Some(RTy::Vec(to)))
                                if rest.rty.is_ref() && *elem == to && self.lw.is_copy(&to) =>
                            {
                                let copied = rest.expr.method("to_vec", vec![]);
                                Val::new(copied, RTy::Vec(to), &fact)
                            }
                            _ => rest,
                        };
                        bound.later.push((target, rest));
                        bound.names.push(name);
                    }
                }
                place += many;
                continue;
            }
            let own = tys
                .as_ref()
                .and_then(|t| t.get(place).cloned())
                .unwrap_or_else(|| elem.clone());
            let fact = fact_at(place);
            place += 1;
            // The parts of a tuple that is lent are lent.
            let own = match own {
                RTy::Ref(of) if !matches!(item.kind, ExprKind::Name(_)) => match *of {
                    RTy::Tuple(tys) => {
                        let lent = tys.into_iter().map(|ty| RTy::Ref(Box::new(ty)));
                        RTy::Tuple(lent.collect())
                    }
                    of => RTy::Ref(Box::new(of)),
                },
                own => own,
            };
            match &item.kind {
                ExprKind::Tuple(inner) | ExprKind::List(inner)
                    if matches!(own, RTy::Tuple(_) | RTy::Array(..))
                        || self.tuple_pattern(&own).is_some() =>
                {
                    match self.pattern(inner, &own, &fact.ty, bound, at)? {
                        Some(pattern) => parts.push(pattern),
                        None => return Ok(None),
                    }
                }
                _ => parts.push(self.pattern_name(item, own, fact, bound)),
            }
        }
        if let (Some(fields), Some(class)) = (named, self.lw.class_of(rty)) {
            let fields = fields.iter().zip(&parts);
            let parts: Vec<String> = fields
                .map(
                    |((field, ..), part)| match part.trim_start_matches("mut ") == field {
                        true => part.clone(),
                        false => format!("{field}: {part}"),
                    },
                )
                .collect();
            let class = self.class_path(&class);
            return Ok(Some(format!("{class} {{ {} }}", parts.join(", "))));
        }
        let close = match (open, parts.as_slice()) {
            ("(", [only]) if only != ".." => ",)",
            _ => close,
        };
        Ok(Some(format!("{open}{}{close}", parts.join(", "))))
    }

    /// The name that a pattern binds for a target: the variable itself where it is declared
    /// here and holds the value as it is.
    fn pattern_name(
        &mut self,
        item: &'a PyExpr,
        rty: RTy,
        fact: Fact,
        bound: &mut Bound<'a>,
    ) -> String {
        let version = match &item.kind {
            ExprKind::Name(_) => self.scope.names.get(&item.id).cloned(),
            _ => None,
        };
        let copied = self.lw.is_copy(&rty);
        if let Some(version) = version.as_ref().filter(|_| self.is_unread(item)) {
            let name = format!("_{}", self.var_name(version).trim_start_matches('_'));
            let named = copied && name != "_" && !bound.names.contains(&name);
            if self.is_fresh(version) {
                self.declared.insert(version.clone());
            }
            if !named {
                return "_".into();
            }
            bound.names.push(name.clone());
            return name;
        }
        bound.moves |= !copied;
        if let Some(version) = version.filter(|v| self.is_fresh(v) && !self.unbound.contains(v)) {
            let info = self.scope.vars.get(&version);
            let once = info.is_some_and(|i| i.bindings == 1);
            let number = matches!(rty, RTy::Float(_) | RTy::Int(_));
            if self.var_type(&version).as_ref() == Some(&rty) || (once && number) {
                if once && number {
                    self.var_types.insert(version.clone(), rty);
                }
                self.declared.insert(version.clone());
                let name = self.var_name(&version);
                bound.names.push(name.clone());
                return format!("mut {name}");
            }
        }
        let name = self.fresh_name(item, &bound.names, 0);
        if !rty.is_ref() {
            // The pattern took it out of the value.
            self.handed_on.insert(name.clone());
        }
        let val = match rty {
            RTy::Ref(of) if self.lw.is_copy(&of) => {
                let value = Expr::Deref(Box::new(Expr::atom(name.clone())));
                Val::new(value, *of, &fact)
            }
            rty => Val::new(Expr::atom(name.clone()), rty, &fact),
        };
        bound.later.push((item, val));
        bound.names.push(name.clone());
        name
    }

    /// Whether a target is a variable that nobody reads.
    fn is_unread(&self, target: &PyExpr) -> bool {
        let version = match &target.kind {
            ExprKind::Name(_) => self.scope.names.get(&target.id),
            _ => None,
        };
        let info = version.and_then(|v| self.scope.vars.get(v));
        info.is_some_and(|i| i.reads == 0 && !i.is_param)
    }

    /// A name for what a target gets: its own, told apart.
    fn fresh_name(&self, target: &PyExpr, names: &[String], index: usize) -> String {
        let base = match &target.kind {
            ExprKind::Name(name) => super::vars::rust_ident(name),
            ExprKind::Attribute { attr, .. } => super::vars::rust_ident(&attr.name),
            _ => "item".to_string(),
        };
        let base = format!("next_{}", base.trim_start_matches('_'));
        let mut name = base.clone();
        let mut n = index;
        while names.contains(&name) || n > 0 && name == base {
            n += 1;
            name = format!("{base}_{n}");
        }
        name
    }
}

/// What a star gets: a list of its own, of texts at least.
fn rest_of(name: &str, held: RTy, fact: &Fact) -> Val {
    let part = Expr::atom(name);
    let texts = RTy::Vec(Box::new(RTy::String));
    match held.peel() {
        RTy::Slice(elem) if **elem == RTy::String => {
            Val::new(part.method("to_vec", vec![]), texts, fact)
        }
        RTy::Slice(elem) if **elem == RTy::Str => {
            let text = Expr::atom("text").method("to_string", vec![]);
            let text = Expr::Closure("text".into(), Box::new(text));
            let list = part.method("iter", vec![]).method("map", vec![text]);
            Val::new(list.method("collect", vec![]), texts, fact)
        }
        _ => Val::new(part, held, fact),
    }
}

/// `[]`, `{}`
fn is_empty(value: &PyExpr) -> bool {
    match &value.kind {
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        _ => false,
    }
}

fn is_star(item: &PyExpr) -> bool {
    matches!(item.kind, ExprKind::Starred(_))
}

/// Whether an expression calls anything, or binds a name.
pub(super) fn contains_call(e: &PyExpr) -> bool {
    struct Calls(bool);
    impl<'ast> ast::visit::Visitor<'ast> for Calls {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            self.0 |= matches!(e.kind, ExprKind::Call { .. } | ExprKind::Named { .. });
            ast::visit::walk_expr(self, e);
        }
    }
    let mut calls = Calls(false);
    ast::visit::Visitor::visit_expr(&mut calls, e);
    calls.0
}

/// Whether a value that contains calls still cannot see a local variable: it does not name it.
fn only_calls(value: &PyExpr, name: &str) -> bool {
    struct Names<'n>(&'n str, bool);
    impl<'ast> ast::visit::Visitor<'ast> for Names<'_> {
        fn visit_expr(&mut self, e: &'ast PyExpr) {
            if let ExprKind::Name(n) = &e.kind {
                self.1 |= n == self.0;
            }
            ast::visit::walk_expr(self, e);
        }
    }
    let mut names = Names(name, false);
    ast::visit::Visitor::visit_expr(&mut names, value);
    !names.1
}

/// Whether what is lent lies in the result of a call.
fn of_temporary(e: &Expr) -> bool {
    match e {
        Expr::Try(inner) | Expr::Ref(inner) | Expr::Deref(inner) | Expr::Index(inner, _) => {
            of_temporary(inner)
        }
        Expr::Field(inner, _) => of_temporary(inner),
        Expr::Method(receiver, name, _) => match name.as_str() {
            "get" | "first" | "last" | "as_ref" | "ok_or" | "ok_or_else" => of_temporary(receiver),
            _ => true,
        },
        Expr::Call(..) => true,
        _ => false,
    }
}

/// How many there are in what is taken apart, where that can be asked twice.
fn count_of(init: &Expr) -> Option<Expr> {
    let list = match init {
        Expr::Method(list, name, _) if name == "as_slice" => list,
        Expr::Index(list, range) if matches!(**range, Expr::Range { .. }) => list,
        other => other,
    };
    list.is_simple().then(|| list.clone().method("len", vec![]))
}

/// What Python says where there are more or less than that.
fn wrong_count(wanted: usize, starred: bool, count: Expr) -> Expr {
    let least = if starred { "at least " } else { "" };
    let few = format!("\"not enough values to unpack (expected {least}{wanted}, got {{}})\"");
    let few = Expr::Macro("format".into(), vec![Expr::Atom(few), count.clone()]);
    if starred {
        return few;
    }
    let many = format!("\"too many values to unpack (expected {wanted})\"");
    Expr::If {
        cond: Box::new(count.binary(BinOp::Lt, Expr::atom(wanted.to_string()))),
        then: Block::value(few),
        otherwise: Some(Block::value(Expr::Atom(many).method("to_string", vec![]))),
    }
}

//! Calls.

use super::elements::{Changed, root_of};
use super::function::FnLower;
use crate::ast::{Expr as PyExpr, ExprKind, Keyword, MethodKind};
use crate::catalog;
use crate::diagnostic::Code;
use crate::infer::{self, Problem};
use crate::ir::{Expr, RTy};
use crate::ty::{Maxlen, Ty};
use crate::value::{Fact, Val};

/// Whether a method that changes what it is called on is a helper in Rust.
fn lends_to_helper(full: &str, receiver: Option<&Val>) -> bool {
    let limited = |val: &Val| {
        let kept = |maxlen: &Maxlen| matches!(maxlen, Maxlen::Fixed(..) | Maxlen::Kept(_));
        matches!(val.ty.narrowed(), Ty::Deque { maxlen, .. } if kept(&maxlen))
    };
    full.starts_with("<list>.heapq.")
        || full.starts_with("<deque>.") && receiver.is_some_and(limited)
}

impl<'a> FnLower<'_, 'a> {
    pub(super) fn call(
        &mut self,
        e: &'a PyExpr,
        func: &'a PyExpr,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        if let Some(id) = self.model.calls.get(&e.id).copied() {
            let callee = self.lw.input.model.functions.get(id.0);
            let name = callee.map_or("", |c| c.python_name.as_str());
            let special = name.rsplit('.').next().is_some_and(|n| n.starts_with("__"));
            return match (&func.kind, args) {
                (ExprKind::Attribute { attr, .. }, _) if attr.name == "__init__" => {
                    Err(self.partly(e, "`__init__` of an object that is there already"))
                }
                _ if name.ends_with(".__init__") => self.user_call(e, id, None, args, keywords),
                (ExprKind::Attribute { value, .. }, _) if !name.ends_with(".__call__") => {
                    self.user_call(e, id, Some(value), args, keywords)
                }
                // `len(a)` is a method of `a`.
                (ExprKind::Name(builtin), [arg]) if special && !name.ends_with(".__call__") => {
                    let val = self.user_call(e, id, Some(arg), &[], &[])?;
                    match val.truth() {
                        Some(truth) if builtin == "bool" => Ok(Val::bool(truth)),
                        _ => Ok(val),
                    }
                }
                _ if name.contains('.') => self.user_call(e, id, Some(func), args, keywords),
                _ => self.user_call(e, id, None, args, keywords),
            };
        }
        if let Some(answer) = self.instance_value(e) {
            return answer;
        }
        if let (ExprKind::Name(_), [arg]) = (&func.kind, args)
            && matches!(self.fact(arg.id).ty, Ty::Exception(_))
            && self.fact(e.id).ty == Ty::Str
        {
            // `str(e)`: what a caught exception says.
            return self.expr(arg);
        }
        if let Ty::Class(class) = self.fact(func.id).ty
            && self.scope.names.contains_key(&func.id)
        {
            return self.construct(e, &class, args, keywords);
        }
        if let ExprKind::Name(name) = &func.kind
            && !self.scope.names.contains_key(&func.id)
            && self.lw.input.model.classes.contains_key(name)
        {
            return self.construct(e, name, args, keywords);
        }
        if let Some((how, of)) = self.copying(func, args) {
            return self.copying_call(e, how, of, keywords);
        }
        if let ("len", [of]) = (self.builtin_name(func), args)
            && self
                .lw
                .input
                .model
                .tuple_fields(&self.fact(of.id).ty)
                .is_some()
            && let Some(len) = self.fact(e.id).range.int().constant()
        {
            return Ok(crate::value::int_val(len));
        }
        let (full, receiver) = match &func.kind {
            ExprKind::Name(name) => (
                self.lw
                    .input
                    .model
                    .imported
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| name.clone()),
                None,
            ),
            ExprKind::Attribute { value, attr } => match self.fact(value.id).ty.narrowed() {
                Ty::Module(module) => (format!("{module}.{}", attr.name), None),
                other => match catalog::class_of(&other) {
                    Some(class) => (format!("{class}.{}", attr.name), Some(value)),
                    None => return Err(self.hole(e)),
                },
            },
            _ => return Err(self.hole(e)),
        };
        if let (Some(record), "<dict>.get", [key, default @ ..], []) =
            (receiver, full.as_str(), args, keywords)
            && let (Ty::Record(fields), ExprKind::Str(name)) =
                (self.fact(record.id).ty.narrowed(), &key.kind)
        {
            if fields.may_lack(name) {
                return self.entry_or(e, record, name, default.first());
            }
            // The key is there, or it is not.
            return match (fields.iter().any(|(field, _)| field == name), default) {
                (true, _) => self.subscript(e, record, key),
                (false, [default]) => self.expr(default),
                (false, _) => Ok(Val::new(
                    Expr::atom("None"),
                    RTy::Option(Box::new(RTy::Never)),
                    &self.fact(e.id),
                )),
            };
        }
        if let Some(done) = self.packed_call(e, &full, args) {
            return done;
        }
        if let Some(done) = self.lazy_call(e) {
            return done;
        }
        if let Some(done) = self.keyed_call(e, &full, receiver.map(|r| &**r), args, keywords) {
            return done;
        }
        if let ("tuple", [of], []) = (full.as_str(), args, keywords)
            && let Some(done) = self.unrolled_tuple(e, of)?
        {
            return Ok(done);
        }
        if let ("list", [dict]) = (full.as_str(), args)
            && matches!(
                self.fact(dict.id).ty.narrowed(),
                Ty::Dict { .. } | Ty::Record(_)
            )
        {
            let keys = self.collected(dict)?;
            return Ok(Val {
                ty: self.fact(e.id).ty,
                ..keys
            });
        }
        let Some(known) = catalog::lookup(&full) else {
            return Err(self.hole(e));
        };
        // What is made of the value comes after the call.
        let fact = match self.lw.input.model.refusals.get(&e.id) {
            Some(refusal) => Fact::of(refusal.whole.clone()),
            None => self.fact(e.id),
        };
        if let Some(receiver) = receiver
            && let ExprKind::Name(table) = &receiver.kind
            && self.is_table(receiver)
            && full.starts_with("<dict>")
        {
            return match full.as_str() {
                "<dict>.get" if keywords.is_empty() => self.table_get(e, table, args),
                "<dict>.items" | "<dict>.keys" | "<dict>.values" => {
                    let view = full.trim_start_matches("<dict>.");
                    self.table_view(e, receiver, view)
                }
                _ => Err(self.partly(e, "this of a constant table")),
            };
        }
        if let ("len", [arg], []) = (full.as_str(), args, keywords)
            && let Some(len) = self.union_len(arg)
        {
            return len;
        }
        if let ("len", [table], Some(len)) = (full.as_str(), args, fact.range.int().constant())
            && self.is_table(table)
        {
            return Ok(crate::value::int_val(len));
        }
        if let (true, [condition], true) = (known.special.condition, args, keywords.is_empty()) {
            return Ok(Val::bool(self.condition_value(condition)?));
        }
        if let Some(how) = known.special.textual {
            return self.textual(e, how, receiver.map(|r| &**r), args, keywords);
        }
        if let ("<str>.join", Some(receiver), [items]) = (full.as_str(), receiver, args)
            && !matches!(self.fact(items.id).ty, Ty::Tuple(_))
            && !matches!(items.kind, ExprKind::List(_))
        {
            return self.text_join(e, receiver, items);
        }
        let mut lowered = Vec::new();
        if let Some(receiver) = receiver
            && self.lw.input.model.problems.contains_key(&receiver.id)
        {
            return Err(self.hole(receiver));
        }
        // What a set is asked is not kept.
        let asked = full.starts_with("<set>.") && !known.special.mutates && full != "<set>.copy";
        if let (true, Some(set)) = (asked, receiver)
            && let Some(to @ RTy::Set(_)) = self.lw.natural(&self.fact(set.id))
        {
            self.looked_at += 1;
            let all = std::iter::once(&**set).chain(args);
            let all: Result<Vec<Val>, Expr> = all.map(|arg| self.expr_as(arg, &to)).collect();
            self.looked_at -= 1;
            let call = catalog::Call {
                args: all?,
                keywords: Vec::new(),
                fact,
            };
            let mut site = self.site();
            let made = (known.lower)(call, &mut site);
            self.absorb(site, e.span);
            return made.map_err(|why| self.partly(e, why.trim_end_matches(" is not translated")));
        }
        if let Some(receiver) = receiver {
            let val = match (known.special.mutates, self.path_of(receiver)) {
                (true, Some(path)) => {
                    if let Some(hole) = self.rounded_list(e, &path) {
                        return Err(hole);
                    }
                    let Some((expr, rty)) = self.place_to_change(receiver, &path) else {
                        return Err(self.hole(e));
                    };
                    if matches!(rty, RTy::Ref(_)) {
                        return Err(self.partly(e, "changing what is only looked at here"));
                    }
                    self.forget_path(&path);
                    // A module's list that is lent is a `&mut` already.
                    let rty = match rty {
                        RTy::Vec(_) if self.is_lent_global(&path) => RTy::RefMut(Box::new(rty)),
                        rty => rty,
                    };
                    let val = Val::new(expr, rty, &self.fact(receiver.id));
                    match val.expr.can_fail() {
                        // What a call puts in the place of the list, Python does not change.
                        true if args.iter().any(super::unpack::contains_call) => {
                            return Err(self.partly(
                                e,
                                "adding what a call gives to this, which may be None,",
                            ));
                        }
                        true => self.named_once(e, &full, val, args)?,
                        false => val,
                    }
                }
                (true, None) => {
                    let (place, rty) = self.place(receiver, true)?;
                    self.forget_base(receiver);
                    let val = Val::new(place, rty, &self.fact(receiver.id));
                    self.named_once(e, &full, val, args)?
                }
                _ => self.expr(receiver)?,
            };
            lowered.push(val);
        }
        if let Some(list) = receiver.filter(|_| infer::equals::looks_for(&full)) {
            self.compares_items_of(e, list)?;
        }
        if let Some(heap) = receiver.filter(|_| full.starts_with("<list>.heapq.")) {
            let ty = self.fact(heap.id).ty;
            self.ordered_within(&ty);
        }
        let best_member = matches!(full.as_str(), "min" | "max") && {
            let ty = self.fact(e.id).ty;
            self.ordered_within(&ty);
            matches!(ty, Ty::Member(_))
        };
        let keyed = full.starts_with("<dict>") || full.starts_with("<set>");
        let container = receiver.filter(|_| known.special.mutates && keyed);
        for (i, arg) in args.iter().enumerate() {
            // An argument takes the shape of the container that it goes to.
            let wanted = match (lowered.first().map(|c: &Val| c.rty.peel().clone()), i) {
                (Some(RTy::Map { key, .. }), 0) => Some(*key),
                (Some(RTy::Map { value, .. }), 1) => Some(*value),
                (Some(RTy::Set(elem) | RTy::Deque(elem)), 0) if full != "<set>.update" => {
                    Some(*elem)
                }
                // A dict is a struct in a list of structs, and so it is in a tuple.
                (Some(RTy::Vec(elem)), _)
                    if (matches!(arg.kind, ExprKind::Dict(_))
                        || matches!(&arg.kind, ExprKind::Tuple(items)
                            if items.iter().any(super::store::is_keyed_display)))
                        && matches!(
                            (full.as_str(), i),
                            ("<list>.append", 0) | ("<list>.insert", 1)
                        ) =>
                {
                    Some(*elem)
                }
                (Some(RTy::Vec(elem)), _)
                    if matches!(
                        (full.as_str(), i),
                        ("<list>.append", 0) | ("<list>.insert", 1)
                    ) && (self.lw.holds_union(&elem) || matches!(*elem, RTy::Option(_))) =>
                {
                    Some(*elem)
                }
                // A tuple that is looked for is one as the list holds them.
                (Some(RTy::Vec(elem) | RTy::Array(elem, _) | RTy::Slice(elem)), 0)
                    if matches!(arg.kind, ExprKind::Tuple(_))
                        && matches!(
                            full.as_str(),
                            "<list>.index" | "<list>.remove" | "<list>.count"
                        )
                        && !has_narrow(&elem) =>
                {
                    Some(*elem)
                }
                _ => None,
            };
            let wanted_kinds = wanted.clone();
            let optional = full.starts_with("<list>.")
                && known.special.only_adds
                && matches!(wanted, Some(RTy::Option(_)));
            let in_turn = matches!(
                self.builtin_call(arg),
                Some(("zip" | "enumerate" | "reversed", _, _))
            );
            let looked_at = infer::equals::looks_for(&full)
                && arg.is_path()
                && matches!(self.fact(arg.id).ty, Ty::Instance(_));
            let octets = matches!(full.as_str(), "bytes" | "bytearray" | "<bytes>.extend");
            let written = match octets && args.len() == 1 {
                true => {
                    let made = receiver.is_none().then(|| fact.ty.octets_kind()).flatten();
                    self.written_bytes(arg, made)?
                }
                false => None,
            };
            let val = match wanted.filter(|_| receiver.is_some()) {
                _ if let Some(bytes) = written => bytes,
                Some(wanted) => self.expr_as(arg, &wanted)?,
                None if looked_at => {
                    let (expr, rty) = self.place(arg, false)?;
                    Val::new(expr, rty, &self.fact(arg.id))
                }
                None if in_turn && receiver.is_none() => self.collected(arg)?,
                None => self.expr(arg)?,
            };
            let val = match wanted_kinds.filter(|_| receiver.is_some()) {
                // What may be None, in a list of such.
                Some(to) if optional && val.rty != to => {
                    let ty = val.ty.clone().optional();
                    let expr = self.coerce(val, &to, arg.span, "the value")?;
                    Val::new(expr, to, &Fact::of(ty))
                }
                Some(to) => self.in_union(val, &to, arg.span)?,
                None => val,
            };
            let kept = receiver
                .is_some_and(|r| self.fact(r.id).ty.narrowed().keeps_member(&val.ty))
                || best_member;
            let val = if kept { val } else { self.decayed(val) };
            let val = match full == "math.dist" {
                true => self.point(arg, val)?,
                false => val,
            };
            // None is no key of most dicts, but it may be asked for.
            let mut val = match optional || full == "<dict>.get" {
                true => val,
                false => self.present_number(val),
            };
            // A list of `f32` is one of `f64` in a list of those.
            if let (Some(RTy::Vec(elem)), "<list>.append") = (
                lowered.first().map(|c: &Val| c.rty.peel().clone()),
                full.as_str(),
            ) && let (RTy::Vec(held), RTy::Vec(own) | RTy::Array(own, _)) = (&*elem, &val.rty)
                && held != own
                && matches!((&**held, &**own), (RTy::Float(_), RTy::Float(_)))
            {
                let expr = self.coerce(val.clone(), &elem, arg.span, "the element")?;
                val = Val {
                    expr,
                    rty: *elem,
                    ..val
                };
            }
            // An object of a class of its family, in a list of the family.
            if known.special.mutates
                && let Some(elem) = lowered.first().and_then(|c: &Val| c.element().cloned())
                && let Some(wrapped) = self.as_variant(&val, &elem, arg.span, "the element")
            {
                val = Val {
                    expr: wrapped?,
                    rty: elem,
                    ..val
                };
            }
            if keyed && i == 0 {
                val = self.plain_key(val, arg.span)?;
            }
            if known.special.mutates && receiver.is_some() && !looked_at {
                val = self.given(val);
            }
            if let Some(container) = container {
                let name = if i == 0 { "key" } else { "value" };
                if full == "<set>.update" && matches!(val.ty, Ty::List { .. }) {
                    val.expr = val.expr.collected();
                }
                val.expr = self.settled(val.expr, container, name, arg.span);
            }
            lowered.push(val);
        }
        let mut named = Vec::new();
        let heap = lowered
            .first()
            .filter(|_| full.starts_with("<list>.heapq."));
        let heap = heap.cloned();
        for keyword in keywords {
            let val = match (&heap, &keyword.value.kind) {
                (Some(heap), ExprKind::Lambda { .. }) => {
                    self.heap_key(e, heap, &keyword.value, keywords)?
                }
                _ => self.expr(&keyword.value)?,
            };
            named.push((
                keyword
                    .name
                    .as_ref()
                    .map_or(String::new(), |n| n.name.clone()),
                val,
            ));
        }
        if full.starts_with("<str>.") || full == "len" {
            for val in &mut lowered {
                if matches!(val.ty, Ty::Enum(_)) {
                    // An enum is the name of its variant.
                    let held = val.clone();
                    let text = self.enum_text(held).map_err(|what| self.partly(e, &what))?;
                    *val = Val::new(text, RTy::Str, &Fact::of(Ty::Str));
                }
            }
        }
        if full.starts_with("<str>.") {
            lowered = self.texts_in_order(e, lowered, &named)?;
        }
        if receiver.is_some() && known.special.mutates {
            let own = lowered.first().map(|val| val.expr.clone());
            for val in lowered.iter_mut().skip(1) {
                if let Some(own) = &own {
                    *val = self.of_itself(e, own, val.clone())?;
                }
            }
            let mut exprs: Vec<Expr> = lowered.iter().map(|v| v.expr.clone()).collect();
            let place = exprs.remove(0);
            // A helper is lent what it changes before its other arguments are computed.
            let changed = match lends_to_helper(&full, lowered.first()) {
                true => Changed::AtOnce,
                false => Changed::Later,
            };
            self.untangle(e, Some(&place), (changed, &[]), &mut exprs)?;
            for (val, expr) in lowered.iter_mut().skip(1).zip(exprs) {
                val.expr = expr;
            }
        }
        let mut site = self.site();
        let call = catalog::Call {
            args: lowered,
            keywords: named,
            fact,
        };
        let counted = match (full.as_str(), call.args.as_slice()) {
            ("len", [of]) => Some(of.expr.clone()),
            _ => None,
        };
        let result = self.with_named_text(&full, known, call, &mut site, e.span);
        self.absorb(site, e.span);
        if let (Some(of), Ok(len)) = (counted, &result)
            && !self.calls_own(&len.expr)
        {
            self.called_first(e.id, &of);
        }
        result.map_err(|why| {
            Expr::Hole(
                self.lw
                    .hole_text(e.span, &Problem::new(Code::PartlyHandled, why)),
            )
        })
    }

    /// What a method changes: what is named twice is looked up once.
    fn named_once(
        &mut self,
        e: &PyExpr,
        full: &str,
        val: Val,
        args: &[PyExpr],
    ) -> Result<Val, Expr> {
        let twice = matches!(
            full,
            "<list>.pop" | "<list>.insert" | "<list>.remove" | "<deque>.pop"
        ) || full.starts_with("<deque>.");
        let lent = !args.is_empty() && indexes(&val.expr)
            || matches!(val.rty, RTy::RefMut(_)) && !val.expr.is_simple();
        if twice && lent && self.conditional > 0 {
            return Err(self.partly(e, "changing an item in this place"));
        }
        if !twice || !(val.expr.can_fail() || lent) || self.conditional > 0 {
            return Ok(val);
        }
        let val = match val.rty.is_ref() {
            true => val,
            false => Val {
                expr: Expr::RefMut(Box::new(val.expr)),
                rty: RTy::RefMut(Box::new(val.rty)),
                ..val
            },
        };
        Ok(self.hoist(val, "items", e.span))
    }

    /// Lowers a known call; a computed text that its method names twice gets a name.
    fn with_named_text(
        &mut self,
        full: &str,
        known: &catalog::Known,
        call: catalog::Call,
        site: &mut catalog::Site,
        at: crate::source::Span,
    ) -> Result<Val, String> {
        let text = match call.args.first() {
            Some(text) if full.starts_with("<str>.") && !text.expr.is_simple() => text.clone(),
            _ => return (known.lower)(call, site),
        };
        let mut first = self.site();
        let result = (known.lower)(call.clone(), &mut first);
        if result.is_ok() || self.conditional > 0 {
            site.helpers.extend(first.helpers);
            site.notes.extend(first.notes);
            return result;
        }
        let before = self.out.len();
        let mut call = call;
        if let Some(receiver) = call.args.first_mut() {
            *receiver = self.hoist(text, "text", at);
        }
        let result = (known.lower)(call, site);
        if result.is_err() {
            self.out.truncate(before);
        }
        result
    }

    /// A list of `f32` that is changed and then read in one call: Python reads what it
    /// wrote, unrounded.
    pub(super) fn rounded_list(&mut self, e: &PyExpr, path: &infer::Path) -> Option<Expr> {
        let rty = self.path_type(path)?;
        let narrow =
            matches!(rty.peel(), RTy::Vec(elem) | RTy::Array(elem, _) if **elem == RTy::F32);
        let state = self.is_state_path(path) || self.is_output_path(path);
        if !narrow || !state || !self.mentioned_after(path, e.span.start) {
            return None;
        }
        let problem = Problem::new(Code::PartlyHandled, format!("`{}` is read after it was changed in one call: its elements are f32, which rounds what Python keeps", self.path_text(path)))
            .with_help("make the elements f64 in the Rust struct");
        Some(Expr::Hole(self.lw.hole_text(e.span, &problem)))
    }

    /// Whether the function mentions a path after byte `start`, or earlier in a loop around it.
    pub(super) fn mentioned_after(&self, path: &infer::Path, start: u32) -> bool {
        struct Find<'f, 'l, 'a>(&'f FnLower<'l, 'a>, &'f infer::Path, u32, bool);
        impl<'ast> crate::ast::visit::Visitor<'ast> for Find<'_, '_, '_> {
            fn visit_expr(&mut self, e: &'ast PyExpr) {
                self.3 |= e.span.start > self.2 && self.0.path_of(e).as_ref() == Some(self.1);
                crate::ast::visit::walk_expr(self, e);
            }
        }
        let in_loop = self.blocks.iter().any(|b| b.is_loop);
        let mut find = Find(self, path, if in_loop { 0 } else { start }, false);
        crate::ast::visit::Visitor::visit_block(&mut find, &self.function.body);
        find.3
    }

    /// An optional number where a number is needed.
    fn present_number(&self, val: Val) -> Val {
        match &val.ty {
            Ty::Option(inner) if inner.is_number() => self.present(val),
            _ => val,
        }
    }

    pub(super) fn user_call(
        &mut self,
        e: &'a PyExpr,
        id: infer::FnId,
        receiver: Option<&'a PyExpr>,
        args: &'a [PyExpr],
        keywords: &'a [Keyword],
    ) -> Result<Val, Expr> {
        let Some(callee) = self.lw.input.model.functions.get(id.0) else {
            return Err(self.hole(e));
        };
        let Some(function) = self.lw.functions.get(&callee.python_name).copied() else {
            return Err(self.hole(e));
        };
        self.lw.ensure(id);
        let recursive = self.lw.in_progress.contains(&id);
        if !self.lw.lowered.contains_key(&id) && !recursive {
            // What in it is not translated says why, where it does.
            if self.lw.tells_of(function) {
                return Err(Expr::Hole(self.lw.hole_note(e.span, Code::UnknownType)));
            }
            let message = format!("`{}` could not be translated", callee.python_name);
            return Err(Expr::Hole(
                self.lw
                    .hole_text(e.span, &Problem::new(Code::UnknownType, message)),
            ));
        }
        let class = callee
            .python_name
            .split_once('.')
            .map(|(class, _)| class.to_string());
        let kind = function.method_kind().ok();
        let skip = usize::from(class.is_some() && kind != Some(MethodKind::Static));
        let is_init = callee.python_name.ends_with(".__init__");
        let Ok(bound) = infer::bind_arguments(function, skip, args, keywords) else {
            return Err(self.hole(e));
        };
        let receiver = match receiver {
            Some(value) if skip == 1 && !is_init && kind != Some(MethodKind::Class) => {
                Some(self.receiver(value, callee.mutated.contains(&0))?)
            }
            _ => {
                if let ExprKind::Call { func, .. } = &e.kind
                    && let ExprKind::Attribute { value, .. } = &func.kind
                    && matches!(self.fact(value.id).ty.narrowed(), Ty::Instance(_))
                {
                    self.object_alone(e, value)?;
                }
                None
            }
        };
        // Arguments are evaluated in the order of the call.
        let place = |slot: &infer::Bound<'_>| match slot {
            infer::Bound::Given(arg) => arg.span.start,
            infer::Bound::Default(_) => u32::MAX,
        };
        let mut order: Vec<usize> = (0..bound.len()).collect();
        order.sort_by_key(|i| bound.get(*i).map(place));
        let in_order = order.is_sorted();
        let mut lowered: Vec<(usize, RTy, Expr)> = Vec::new();
        for index in order {
            let (Some(slot), Some(param)) =
                (bound.get(index), function.params.list.get(index + skip))
            else {
                continue;
            };
            let i = index + skip;
            let mutated = callee.mutated.contains(&i);
            let fact = callee.param(i, &param.name.name);
            let mut fact = fact.unwrap_or_else(Fact::unknown);
            let required = infer::dereferenced_first(function, &param.name.name)
                && matches!(&fact.ty, Ty::Option(t) if t.is_shared());
            if required {
                fact.ty = fact.ty.narrowed();
            }
            let Some(ty) = self
                .lw
                .param_type_of(function, &param.name.name, &fact, mutated)
            else {
                return Err(self.hole(e));
            };
            let before = self.out.len();
            let expr = match slot {
                infer::Bound::Given(arg) => {
                    let lent = mutated && ty.peel_option().is_ref();
                    self.argument(arg, &ty, lent, required, &param.name.name)?
                }
                infer::Bound::Default(default) if slot.passed().is_some() => {
                    let lent = mutated && ty.peel_option().is_ref();
                    self.argument(default, &ty, lent, required, &param.name.name)?
                }
                infer::Bound::Default(default) => {
                    let read = crate::desugar::only_read(function, &param.name.name);
                    self.default_value(default, &ty, &param.name.name, read)?
                }
            };
            if let infer::Bound::Given(arg) = slot
                && self.out.len() > before
            {
                for (_, ty, earlier) in lowered.iter_mut().filter(|(_, ty, _)| !ty.is_ref()) {
                    let val = Val::new(earlier.clone(), ty.clone(), &Fact::unknown());
                    *earlier = self.computed_before(val, arg, before)?.expr;
                }
            }
            let effects = !in_order && (expr.can_fail() || self.calls_own(&expr));
            if effects && self.conditional > 0 {
                return Err(self.partly(
                    e,
                    "arguments by keyword in another order than the parameters, in this place",
                ));
            }
            let expr = if effects {
                self.hoist(Val::new(expr, ty.clone(), &fact), &param.name.name, e.span)
                    .expr
            } else {
                expr
            };
            lowered.push((index, ty, expr));
        }
        lowered.sort_by_key(|(index, ..)| *index);
        let (lends, mut exprs): (Vec<bool>, Vec<Expr>) = lowered
            .into_iter()
            .map(|(_, ty, expr)| (ty.is_ref(), expr))
            .unzip();
        for (slot, i) in bound.iter().zip(skip..) {
            if let infer::Bound::Given(arg) = slot
                && callee.mutated.contains(&i)
                && let Some(path) = self.path_of(arg)
            {
                self.forget_path(&path);
            }
        }
        let changed = match callee.mutated.contains(&0) {
            true => Changed::Later,
            false => Changed::Not,
        };
        self.untangle(e, receiver.as_ref(), (changed, &lends), &mut exprs)?;
        if let (Some(receiver), true) = (&receiver, callee.mutated.contains(&0)) {
            exprs.iter_mut().for_each(|arg| unshared(arg, receiver));
        }
        exprs.extend(self.global_args(callee));
        for changed in &callee.globals_changed {
            self.forget_path(&infer::Path::global(changed));
        }
        let name = self.lw.function_name(id);
        let expr = match (receiver, &class) {
            (Some(receiver), _) => receiver.method(name, exprs),
            (None, Some(class)) => Expr::call(format!("{}::{name}", self.class_path(class)), exprs),
            (None, None) => Expr::call(name, lent(exprs)),
        };
        let expr = if self.lw.is_fallible(id) {
            expr.try_()
        } else {
            expr
        };
        let fact = self.fact(e.id);
        if let (true, Some(class)) = (is_init, &class) {
            return Ok(Val::new(expr, self.lw.class_type(class), &fact));
        }
        let rty = self
            .lw
            .lowered
            .get(&id)
            .map(|f| f.ret.clone())
            .or_else(|| self.lw.natural(&callee.ret))
            .unwrap_or(RTy::Unit);
        let val = Val::declared(expr, rty, &fact);
        self.as_narrowed(val, &fact)
    }

    /// An argument as the callee's parameter takes it.
    fn argument(
        &mut self,
        arg: &'a PyExpr,
        ty: &RTy,
        mutated: bool,
        required: bool,
        name: &str,
    ) -> Result<Expr, Expr> {
        let kept = match mutated {
            true => self.path_of(arg),
            false => self.kept_path(arg),
        };
        if let (Some(path), true) = (kept, ty.peel_option().is_ref() && *ty != RTy::Str) {
            if let RTy::Ref(inner) = ty
                && **inner == RTy::Context
            {
                return Ok(Expr::atom(self.var_name(&path.root)));
            }
            if let RTy::Ref(inner) | RTy::RefMut(inner) = ty
                && matches!(**inner, RTy::Msg(_))
            {
                self.release(&path);
                let message = self.messages.get(&path).cloned();
                return message.map(Expr::atom).ok_or_else(|| self.hole(arg));
            }
            let Some((place, rty)) = self.path_place(&path, mutated) else {
                return Err(self.hole(arg));
            };
            if let (true, RTy::Option(inner)) = (required, &rty) {
                // The callee reads it first thing: None raises.
                let inner = (**inner).clone();
                let value = self
                    .required_argument(&path, place, &inner, mutated)
                    .ok_or_else(|| self.hole(arg))?;
                return Ok(value);
            }
            let fact = self.fact(arg.id);
            // What a function is lent to change is a `&mut` already.
            let rty = match matches!(place, Expr::Atom(_)) && self.is_lent_global(&path) {
                true if !rty.is_ref() => RTy::RefMut(Box::new(rty)),
                _ => rty,
            };
            let val = Val::new(place, rty, &fact);
            if let (RTy::Option(to), RTy::Option(from)) = (ty, &val.rty)
                && let Some(method) = super::store::lends(from, to)
            {
                return Ok(val.expr.method(method, vec![]));
            }
            return self.coerce(val, ty, arg.span, name);
        }
        if mutated && let Some((place, rty)) = self.element_to_change(arg)? {
            let val = Val::new(place, rty, &self.fact(arg.id));
            return self.coerce(val, ty, arg.span, name);
        }
        if !mutated && let Some(object) = self.object_or_none(arg, ty) {
            return Ok(object);
        }
        // What is made for the call is made as what is lent.
        let wanted = match (&arg.kind, ty) {
            (
                ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::Comprehension { .. },
                RTy::Ref(inner) | RTy::RefMut(inner),
            ) if matches!(**inner, RTy::Map { .. } | RTy::Set(_)) => inner,
            // An empty list is of the type that the callee takes.
            (ExprKind::List(items), RTy::Ref(inner) | RTy::RefMut(inner)) if items.is_empty() => {
                match &**inner {
                    RTy::Slice(_) if matches!(ty, RTy::Ref(_)) => {
                        return Ok(Expr::Ref(Box::new(Expr::Array(Vec::new()))));
                    }
                    _ => inner,
                }
            }
            _ => ty,
        };
        let val = self.expr_as(arg, wanted)?;
        self.coerce(val, ty, arg.span, name)
    }

    /// A parameter's default, lowered where the call stands; `read`: the function only looks
    /// at what it holds.
    fn default_value(
        &mut self,
        default: &'a PyExpr,
        ty: &RTy,
        name: &str,
        read: bool,
    ) -> Result<Expr, Expr> {
        let made = match default.kind {
            ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) => true,
            ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::None => false,
            _ => matches!(
                ty,
                RTy::RefMut(_) | RTy::Vec(_) | RTy::Map { .. } | RTy::Set(_)
            ),
        };
        if made && read {
            return self.argument(default, ty, false, false, name);
        }
        if made {
            return Err(self.partly(default, "a default that is one object for all calls"));
        }
        let val = self.expr_as(default, ty)?;
        self.coerce(val, ty, default.span, name)
    }
}

impl RTy {
    /// The type inside an option.
    fn peel_option(&self) -> &RTy {
        match self {
            RTy::Option(inner) => inner,
            other => other,
        }
    }
}

/// The arguments, where nothing is lent for writing: parts of lists are lent, not copied.
fn lent(args: Vec<Expr>) -> Vec<Expr> {
    if args.iter().any(|a| matches!(a, Expr::RefMut(_))) {
        return args;
    }
    let lent = |arg| match arg {
        Expr::Ref(list) => list.lent(),
        other => other,
    };
    args.into_iter().map(lent).collect()
}

/// Copies a text that lies in what the call borrows to change.
fn unshared(arg: &mut Expr, receiver: &Expr) {
    if let Expr::Ref(text) = arg
        && matches!(**text, Expr::Field(..) | Expr::Index(..))
        && let (Some(text_in), Some(changed)) = (root_of(text), root_of(receiver))
        && super::elements::overlap(&text_in, &changed)
    {
        **text = (**text).clone().method("clone", vec![]);
    }
}

/// Whether items of a tuple are narrower than Python's numbers, so that not all fit.
fn has_narrow(ty: &RTy) -> bool {
    match ty {
        RTy::Tuple(items) => items.iter().any(has_narrow),
        RTy::Option(inner) => has_narrow(inner),
        RTy::Int(int) => *int != crate::project::IntTy::I64,
        RTy::Float(float) => *float != crate::project::FloatTy::F64,
        _ => false,
    }
}

/// Whether a place is an item, or lies in one: what looks it up borrows the whole list.
fn indexes(place: &Expr) -> bool {
    match place {
        Expr::Index(..) => true,
        Expr::Field(base, _) => indexes(base),
        _ => false,
    }
}

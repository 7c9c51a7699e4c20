//! Assignment to names, attributes and items.

use super::replaces::replaces;
use crate::ast::{Expr, ExprKind};
use crate::desugar::typed::Sugar;
use crate::desugar::typed::present::Said;
use crate::diagnostic::Code;
use crate::infer::env::{Env, Path};
use crate::infer::eval::Scope;
use crate::infer::fixed::Place;
use crate::infer::model::{Fact, Problem};
use crate::infer::order::is_orderless;
use crate::infer::scope::plain_name;
use crate::infer::{Inference, absorb};
use crate::ranges::{IntRange, Range};
use crate::ty::{ListKind, Side, Ty};

impl<'a> Inference<'a> {
    /// Binds `target` to a value with that fact; `value` is its expression where there is one.
    pub(in crate::infer) fn assign(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        value: Option<&Expr>,
        fact: &Fact,
        env: &mut Env,
    ) {
        if let Some(value) = value {
            self.refuse_view(scope, value);
        }
        match &target.kind {
            ExprKind::Name(name) => {
                scope.record(target.id, fact.clone());
                match scope.names.names.get(&target.id).cloned() {
                    Some(version) => self.bind(scope, &version, value, fact, env),
                    None => self.assign_global(scope, target, name, fact, env),
                }
                self.goes_to(scope, value, fact, target);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                self.unpack(scope, target, items, value, fact, env);
                self.goes_to(scope, value, fact, target);
            }
            ExprKind::Attribute { value: base, attr } => {
                let base_fact = self.eval(scope, base, env);
                scope.record(target.id, fact.clone());
                if let (Ty::Option(_), Some(path)) = (&base_fact.ty, self.path_of(scope, base)) {
                    env.some.insert(path);
                }
                self.check_late_value(target, &base_fact, attr, fact);
                if !self.set_property(scope, target, (base, &base_fact), &attr.name, value, env) {
                    self.write_attribute(scope, target, &base_fact, &attr.name, fact, env);
                }
                self.goes_to(scope, value, fact, target);
            }
            ExprKind::Subscript { value: base, index }
                if matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.assign_slice(scope, target, (base, index), (value, fact), env);
            }
            ExprKind::Subscript { value: base, index } => {
                let base_fact = self.eval(scope, base, env);
                self.needed(base, &base_fact, Said::STORED);
                let _ = self.eval(scope, index, env);
                scope.record(target.id, fact.clone());
                if self.store_collection_item(scope, target, base, index, fact, env) {
                    if let Some(value) = value {
                        let holder = scope.fact(base.id).ty.narrowed();
                        self.puts_in(scope, &holder, std::slice::from_ref(value));
                    }
                    return;
                }
                match base_fact.ty.narrowed() {
                    Ty::List {
                        elem,
                        store,
                        kind: ListKind::List,
                        ..
                    } => {
                        // An element becomes what is put there as well.
                        let grown = elem.join(&fact.ty);
                        if store.is_none() && grown != *elem && !grown.is_unusable() {
                            self.grow(scope, base, &base_fact.ty.narrowed().list_of(grown));
                        }
                        let owned = self.holder_of(scope, base);
                        if let Some(problem) = owned.and_then(|p| self.class_owned(scope, &p)) {
                            self.problem(target.id, target.span, problem);
                        }
                        self.changed_in_place(scope, base, env);
                    }
                    bytes
                        if bytes.octets_kind() == Some(ListKind::Bytearray)
                            && matches!(fact.ty, Ty::Int | Ty::Unknown) =>
                    {
                        let owned = self.holder_of(scope, base);
                        if let Some(problem) = owned.and_then(|p| self.class_owned(scope, &p)) {
                            self.problem(target.id, target.span, problem);
                        }
                        self.changed_in_place(scope, base, env);
                    }
                    // A table of which nothing is known yet is no constant all the same.
                    Ty::Unknown => self.changed_in_place(scope, base, env),
                    Ty::Conflict(_) => {}
                    _ if self.set_by_key(target, &base_fact, index) => {}
                    other => {
                        self.item_is_set(target, &base_fact);
                        let what = format!("writing to an item of {}", other.describe());
                        self.problem(
                            target.id,
                            target.span,
                            Problem::new(Code::PartlyHandled, format!("{what} is not translated")),
                        );
                    }
                }
            }
            _ => self.problem(
                target.id,
                target.span,
                Problem::new(
                    Code::UnsupportedSyntax,
                    "this target of an assignment is not translated",
                ),
            ),
        }
    }

    /// A value is stored where the order of its dicts may count.
    fn goes_to(&mut self, scope: &mut Scope<'_>, value: Option<&Expr>, fact: &Fact, target: &Expr) {
        if let Some(value) = value
            && !is_orderless(&fact.ty)
        {
            let to = self.known_target(scope, target);
            self.keeps_order(scope, value, &to);
        }
    }

    /// `xs[a:b] = ys`
    fn assign_slice(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        (base, index): (&Expr, &Expr),
        (value, fact): (Option<&Expr>, &Fact),
        env: &mut Env,
    ) {
        let list = self.eval(scope, base, env);
        let ExprKind::Slice { lower, upper, step } = &index.kind else {
            return;
        };
        for bound in [lower, upper].into_iter().flatten() {
            let bound_fact = self.eval(scope, bound, env);
            if !matches!(bound_fact.ty, Ty::Int | Ty::Unknown) {
                let problem = Problem::new(Code::PartlyHandled, "this bound is not translated");
                self.problem(target.id, target.span, problem);
            }
        }
        scope.record(target.id, fact.clone());
        if let Some((from, to)) = self.part_of(scope, (base, index), &list.ty, (value, &fact.ty)) {
            self.note(target, Sugar::Part(from, to));
            return;
        }
        match (list.ty.narrowed(), fact.ty.narrowed(), step) {
            (
                Ty::List {
                    store: None,
                    kind: ListKind::List,
                    ..
                },
                Ty::List { elem, .. },
                None,
            ) => {
                self.grow(scope, base, &Ty::list(*elem));
                self.changed_in_place(scope, base, env);
            }
            (list, new, None)
                if list.octets_kind() == Some(ListKind::Bytearray) && new.is_octets() =>
            {
                self.changed_in_place(scope, base, env);
            }
            (Ty::Unknown, _, None) | (_, Ty::Unknown, None) => {
                self.changed_in_place(scope, base, env);
            }
            (list, new, _) => {
                let message = format!(
                    "a part of {} that becomes {} is not translated",
                    list.describe(),
                    new.describe()
                );
                let problem = Problem::new(Code::PartlyHandled, message);
                self.problem(target.id, target.span, problem);
            }
        }
    }

    /// The places of a part of a field of fixed length that becomes as many other items.
    fn part_of(
        &self,
        scope: &Scope<'_>,
        (base, index): (&Expr, &Expr),
        list: &Ty,
        (value, new): (Option<&Expr>, &Ty),
    ) -> Option<(usize, usize)> {
        let ExprKind::Slice {
            lower,
            upper,
            step: None,
        } = &index.kind
        else {
            return None;
        };
        let Ty::List {
            len: Some(len),
            store: Some(_),
            ..
        } = list
        else {
            return None;
        };
        let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred(_));
        let given = match (value.map(|v| &v.kind), new) {
            (Some(ExprKind::List(items)), _) if !items.iter().any(starred) => items.len(),
            (_, Ty::Tuple(items)) => items.len(),
            (
                _,
                Ty::List {
                    len: Some(given), ..
                },
            ) => *given,
            _ => return None,
        };
        let bound = |e: &Option<Box<Expr>>, none: usize| match e {
            None => Some(none),
            Some(e) => {
                let at = scope.fact(e.id).range.int().constant()?;
                usize::try_from(at).ok().filter(|at| at <= len)
            }
        };
        let (from, to) = (bound(lower, 0)?, bound(upper, *len)?);
        let fits = from + given == to && given > 0;
        (fits && base.is_path()).then_some((from, to))
    }

    /// `global x; x = …`
    pub(super) fn assign_global(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        name: &str,
        fact: &Fact,
        env: &mut Env,
    ) {
        if scope.id.is_none() {
            return;
        }
        if self.model.globals.get(name).is_none_or(|g| g.assigned == 0) {
            let message = format!("the module variable `{name}` has no value at module level");
            self.problem(
                target.id,
                target.span,
                Problem::new(Code::PartlyHandled, message),
            );
            return;
        }
        self.absorb_variable(name, fact);
        scope.globals.insert(name.to_string());
        scope.globals_changed.insert(name.to_string());
        let path = Path::global(name);
        env.forget(&path);
        if fact.ty.narrowed().is_number() {
            env.ranges.insert(path.clone(), fact.range);
        }
        if !matches!(fact.ty, Ty::None | Ty::Option(_)) {
            env.some.insert(path);
        }
    }

    pub(in crate::infer) fn bind(
        &mut self,
        scope: &mut Scope<'_>,
        version: &str,
        value: Option<&Expr>,
        fact: &Fact,
        env: &mut Env,
    ) {
        let path = Path::root(version.to_string());
        env.forget(&path);
        env.bound.insert(version.to_string());
        let alias = value.and_then(|v| self.alias_of(scope, version, v, fact));
        // A slice is a list of its own, though of the same elements.
        let shares = |index: &Expr| match (&index.kind, &fact.ty) {
            (ExprKind::Slice { .. }, Ty::List { elem, .. }) => elem.is_shared(),
            _ => fact.ty.is_shared(),
        };
        if let Some(ExprKind::Subscript { value: base, index }) = value.map(|v| &v.kind)
            && shares(index)
            && let Some(whole) = self.holder_of(scope, base)
        {
            scope.parts.insert(version.to_string(), vec![whole]);
        }
        let info_bindings = scope.names.vars.get(version).map_or(2, |v| v.bindings);
        let fact = &Fact {
            ty: self.lengths_of(scope, version, &fact.ty),
            ..fact.clone()
        };
        let Some(var) = scope.vars.get_mut(version) else {
            return;
        };
        let mut asks = false;
        let _ = match info_bindings {
            0 | 1 => var.fact.absorb(fact, false),
            _ => absorb(&mut var.fact, fact, self.round, &mut asks),
        };
        self.asks_round(asks);
        if let Some(alias) = alias {
            var.alias = Some(alias);
            return;
        }
        if !matches!(fact.ty, Ty::None | Ty::Option(_)) && matches!(var.fact.ty, Ty::Option(_)) {
            env.some.insert(path.clone());
        }
        if fact.ty.narrowed().is_number() {
            env.ranges.insert(path, fact.range);
        }
    }

    /// The type of what a variable of a function gets, with the lengths of its lists.
    fn lengths_of(&self, scope: &Scope<'_>, version: &str, ty: &Ty) -> Ty {
        match scope.id {
            Some(_) => {
                let place = Place::Local(scope.key.clone(), version.to_string());
                self.fixed.ty(&place, ty)
            }
            None => ty.clone(),
        }
    }

    /// What a function gives back, with the lengths of its lists.
    pub(super) fn returned(&self, scope: &Scope<'_>, fact: Fact) -> Fact {
        match scope.id {
            Some(_) => {
                let place = Place::Ret(scope.key.clone());
                let ty = self.fixed.ty(&place, &fact.ty);
                Fact { ty, ..fact }
            }
            None => fact,
        }
    }

    /// The path that a variable is another name for: bound once, to a shared object that is
    /// not replaced from then on in this function.
    pub(super) fn alias_of(
        &self,
        scope: &Scope<'_>,
        version: &str,
        value: &Expr,
        fact: &Fact,
    ) -> Option<Path> {
        let info = scope.names.vars.get(version)?;
        if info.bindings != 1 || info.is_param || !fact.ty.is_shared() {
            return None;
        }
        let path = self.path_of(scope, value)?;
        if path.segs.is_empty() && !scope.params.contains(&path.root) {
            // A name of our own, or a global: each bound once, one before the other.
            let once = match path.global_name() {
                Some(name) => self
                    .model
                    .globals
                    .get(name)
                    .is_some_and(|g| g.assigned == 1 && !g.changed_in_function),
                None => scope.names.vars.get(&path.root).is_some_and(|of| {
                    of.bindings == 1 && of.first_is_binding && of.home == info.home
                }),
            };
            if !once || !info.first_is_binding || !matches!(fact.ty, Ty::List { .. }) {
                return None;
            }
        }
        if path.global_name().is_none() {
            // Another version of the root would hide it.
            let root = plain_name(&path.root);
            let same = |v: &&String| plain_name(v) == root;
            let versions = scope.names.vars.keys().filter(same).count();
            let own = scope.params.contains(&path.root);
            if versions > 1 || (!own && !info.first_is_binding) {
                return None;
            }
        }
        let function = scope.function?;
        let used = crate::infer::scope::in_use(&function.body, &scope.names, version);
        (!replaces(&function.body, scope, self, &path, value.span, used.end)).then_some(path)
    }

    /// Binds a name to a path, as another name for it where it is bound only here.
    pub(super) fn bind_alias(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        path: Option<Path>,
        fact: &Fact,
        env: &mut Env,
    ) {
        scope.record(target.id, fact.clone());
        let version = scope.names.names.get(&target.id).cloned();
        let (Some(version), Some(path)) = (version, path) else {
            self.assign(scope, target, None, fact, env);
            return;
        };
        env.bound.insert(version.clone());
        if let Some(var) = scope.vars.get_mut(&version) {
            let _ = var.fact.absorb(fact, false);
            if scope
                .names
                .vars
                .get(&version)
                .is_some_and(|v| v.bindings == 1)
            {
                var.alias = Some(path);
            } else {
                let message = format!("`{}` names several messages", plain_name(&version));
                self.problem(
                    target.id,
                    target.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            }
        }
    }

    pub(super) fn write_attribute(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        base: &Fact,
        name: &str,
        fact: &Fact,
        env: &mut Env,
    ) {
        let path = self.path_of(scope, target);
        if let Some(path) = &path {
            self.mark_mutated(scope, path);
            env.forget(path);
        } else if let Some(holder) = self.holder_of(scope, target) {
            self.mark_mutated(scope, &holder);
            env.forget_below(&holder);
        }
        match base.ty.narrowed() {
            Ty::Struct(key) => {
                let Some(field) = self.field(&key, name) else {
                    return;
                };
                let declared = Ty::of_rust(&field.ty, self.types);
                if declared.narrowed() == Ty::Int && fact.ty.narrowed() == Ty::Number {
                    self.tells(target.id, target.span);
                }
                let key_name = (key.clone(), name.to_string());
                if let (Some(path), Ty::Float, Ty::Float) =
                    (&path, declared.narrowed(), fact.ty.narrowed())
                {
                    env.floats.insert(path.clone());
                }
                if let Ty::Int = declared.narrowed()
                    && matches!(fact.range, Range::Int(_))
                {
                    let slot = self
                        .model
                        .fields
                        .entry((key, name.to_string()))
                        .or_insert_with(Fact::unknown);
                    let written = Fact {
                        ty: Ty::Int,
                        range: fact.range,
                        unbound: false,
                    };
                    let mut asks = false;
                    let changed = absorb(slot, &written, self.round, &mut asks);
                    self.all_changed(changed);
                    self.asks_round(asks);
                }
                if let (Some(path), Ty::Float, Ty::Int | Ty::Number | Ty::IntOrFloat) =
                    (&path, declared.narrowed(), fact.ty.narrowed())
                {
                    env.ints.insert(path.clone());
                    let wide = matches!(
                        (&fact.ty, fact.range),
                        (Ty::Int, Range::Int(range)) if !range.within(IntRange::DOUBLES)
                    );
                    if wide {
                        env.wide_ints.insert(path.clone());
                    }
                    self.int_in_float_field(scope, &key_name, wide);
                }
                if let Some(path) = path {
                    if matches!(declared, Ty::Option(_))
                        && !matches!(fact.ty, Ty::None | Ty::Option(_))
                    {
                        env.some.insert(path.clone());
                    }
                    if declared.narrowed().is_number() && fact.ty.narrowed().is_number() {
                        env.ranges.insert(path, fact.range);
                    }
                }
            }
            Ty::Instance(class) => {
                let method = scope.key.strip_prefix(&class);
                let constructing = method == Some(".__init__");
                let frozen = self.frozen(&class) && method != Some(".__post_init__");
                if frozen && !constructing {
                    let message = format!("`{class}` is frozen: its fields cannot be assigned");
                    let problem = Problem::new(Code::TypeMismatch, message).with_help(
                        "Python raises a FrozenInstanceError here; make a new one with `replace`",
                    );
                    self.problem(target.id, target.span, problem);
                    return;
                }
                if !constructing {
                    self.model.change_instances(&class);
                }
                if self.is_linked(&fact.ty, &class, name, (target.id, target.span)) {
                    return;
                }
                self.absorb_field(
                    &class,
                    name,
                    &Fact {
                        unbound: false,
                        ..fact.clone()
                    },
                );
                let declared = self
                    .model
                    .classes
                    .kind(&class)
                    .and_then(|c| c.field(name))
                    .map_or(Ty::Unknown, |f| f.ty.clone());
                if let Some(path) = path {
                    if matches!(declared, Ty::Option(_))
                        && !matches!(fact.ty, Ty::None | Ty::Option(_))
                    {
                        env.some.insert(path.clone());
                    }
                    if fact.ty.narrowed().is_number() {
                        env.ranges.insert(path, fact.range);
                    }
                }
            }
            Ty::Message {
                side: Side::Output, ..
            } if matches!(name, "payload" | "tov") => {}
            Ty::Metadata if name == "status_txt" => {}
            Ty::Unknown | Ty::Conflict(_) => {}
            other => {
                let message = format!(
                    "writing `.{name}` of {} is not translated",
                    other.describe()
                );
                self.problem(
                    target.id,
                    target.span,
                    Problem::new(Code::PartlyHandled, message),
                );
            }
        }
    }

    /// Notes that something below a parameter is changed.
    pub(in crate::infer) fn mark_mutated(&mut self, scope: &mut Scope<'_>, path: &Path) {
        if let Some(name) = path.global_name() {
            scope.globals.insert(name.to_string());
            scope.globals_changed.insert(name.to_string());
            // A constant that is changed in place is no constant.
            if let Some(constant) = self.model.consts.get(name).cloned() {
                self.absorb_variable(name, &constant.fact);
            }
        }
        if let Some(index) = scope.params.iter().position(|p| *p == path.root) {
            scope.mutated.insert(index);
        }
        // What a loop takes from a list is a part of it.
        for whole in scope.parts.get(&path.root).cloned().unwrap_or_default() {
            if whole.root != path.root {
                self.mark_mutated(scope, &whole);
            }
        }
    }
}

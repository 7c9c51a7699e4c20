//! Dicts, sets and deques: their literals, items and loops, and how their types grow by
//! what is put into them.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Fact, Problem};
use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{ComprehensionKind, Expr, ExprKind, Stmt, StmtKind};
use crate::catalog::dict;
use crate::desugar::typed::present::Said;
use crate::diagnostic::Code;
use crate::ty::{Fields, ListKind, Missing, Ty};

impl Inference<'_> {
    /// `{key: value, …}`
    pub(super) fn dict_literal(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        items: &[(Option<Expr>, Expr)],
        env: &mut Env,
    ) -> Fact {
        let mut fields = Fields::default();
        let mut keys = Ty::Unknown;
        let mut values = Ty::Unknown;
        let mut known = true;
        for (key, value) in items {
            let Some(key) = key else {
                // `**other`
                let spread = self.eval(scope, value, env).ty.narrowed();
                if let Ty::Record(entries) = &spread {
                    for (name, ty) in entries {
                        fields.put(name, ty, entries.may_lack(name));
                    }
                }
                let other = spread.as_dict();
                known &= matches!(spread, Ty::Record(_));
                match &other {
                    Ty::Dict { key, value: v, .. } => {
                        keys = keys.join(key);
                        values = values.join(v);
                    }
                    // The entries of a dict that is only asked by its literal keys.
                    Ty::Conflict(_) if known => {}
                    Ty::Unknown | Ty::Conflict(_) => return Fact::of(other),
                    other => {
                        let what = format!("`**` of {}", other.describe());
                        return self.unsupported(e, &what);
                    }
                }
                continue;
            };
            let at = self.eval(scope, key, env);
            let fact = self.eval(scope, value, env);
            if let Some(why) = self
                .model
                .unfit_key(&at.ty)
                .filter(|_| at.ty != Ty::Unknown)
                && !matches!(at.ty, Ty::Enum(_))
                // A NaN would be found by what it is, not by what it equals.
                && (at.ty != Ty::Float || at.range.float().nan)
            {
                return match at.ty {
                    Ty::Conflict(_) => Fact::of(at.ty),
                    _ => self.unsupported(e, &why),
                };
            }
            keys = keys.join(&Ty::set(at.ty).set_elem());
            values = values.join(&fact.ty);
            match &key.kind {
                // Of a key that is given twice the last value counts, at the first place.
                ExprKind::Str(name) => fields.put(name, &fact.ty, false),
                _ => known = false,
            }
        }
        if known && !items.is_empty() {
            return Fact::of(Ty::Record(fields));
        }
        for (_, spread) in items.iter().filter(|(key, _)| key.is_none()) {
            let ty = scope.fact(spread.id).ty;
            self.whole_dict(scope, spread, ty);
        }
        if matches!(keys, Ty::Conflict(_)) {
            return self.unsupported(e, "a dict whose keys have several types");
        }
        Fact::of(Ty::dict(keys, values))
    }

    /// `{a, b}`
    pub(super) fn set_literal(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        items: &[Expr],
        env: &mut Env,
    ) -> Fact {
        let mut elem = Ty::Unknown;
        for item in items {
            elem = elem.join(&Ty::set(self.eval(scope, item, env).ty).set_elem());
        }
        match self.model.unfit_key(&elem) {
            Some(why) => self.unsupported(e, &format!("a set of this: {why}")),
            None => Fact::of(Ty::set(elem)),
        }
    }

    /// The fact of a comprehension with these elements, of a dict with these values.
    pub(super) fn comprehension(
        &mut self,
        e: &Expr,
        kind: ComprehensionKind,
        element: Fact,
        value: Option<Fact>,
    ) -> Fact {
        let ty = match (kind, value) {
            (ComprehensionKind::List | ComprehensionKind::Generator, _) => {
                return Fact::of(Ty::list(element.ty));
            }
            (ComprehensionKind::Dict, Some(value)) => Ty::dict(element.ty, value.ty),
            (ComprehensionKind::Set | ComprehensionKind::Dict, _) => Ty::set(element.ty),
        };
        let key = match &ty {
            Ty::Dict { key, .. } => key,
            Ty::Set(elem) => elem,
            _ => return Fact::of(ty),
        };
        match self.model.unfit_key(key) {
            Some(why) => self.unsupported(e, &why),
            None => Fact::of(ty),
        }
    }

    /// `base[index]` of a dict or deque that is no constant table.
    pub(super) fn collection_item(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        base: (&Expr, &Fact),
        index: (&Expr, &Fact),
    ) -> Option<Fact> {
        let ty = base.1.ty.narrowed();
        match &ty {
            Ty::Record(_) if self.is_table(scope, base.0) => None,
            Ty::Dict { key, value, .. } if self.is_table(scope, base.0) => {
                // None is no key of it: a KeyError where it comes to that.
                self.check_key(e, key, &index.1.ty.narrowed());
                let name = match &base.0.kind {
                    ExprKind::Name(name) => name.as_str(),
                    _ => "",
                };
                let known = self.model.tables.get(name).filter(|t| !t.is_empty());
                let joined =
                    known.map(|t| t.values().fold(Fact::unknown(), |all, fact| all.join(fact)));
                Some(match joined {
                    Some(fact) if fact.ty == **value => fact,
                    _ => Fact::of((**value).clone()),
                })
            }
            Ty::Record(fields) => {
                let literal = match &index.0.kind {
                    ExprKind::Str(key) => fields.entry(key).map(|ty| (key, ty)),
                    _ => None,
                };
                if let Some((key, ty)) = literal {
                    if fields.may_lack(key) && matches!(ty, Ty::Option(_) | Ty::None) {
                        let what = format!("the entry {key:?}, which may be missing or None,");
                        return Some(self.unsupported(e, &what));
                    }
                    return Some(Fact::of(ty.clone()));
                }
                let grown = ty.as_dict();
                self.grow(scope, base.0, &grown);
                Some(match grown {
                    Ty::Dict { value, .. } => Fact::of(*value),
                    other => Fact::of(other),
                })
            }
            Ty::Dict { key, value, .. } => {
                self.check_key(e, key, &index.1.ty.narrowed());
                Some(Fact::of((**value).clone()))
            }
            Ty::Deque { elem, .. } => Some(match &index.1.ty {
                Ty::Int | Ty::Unknown => Fact::of((**elem).clone()),
                at if at.narrowed() == Ty::Position => Fact::of((**elem).clone()),
                other => {
                    let what = format!("a deque by {}", other.describe());
                    self.unsupported(e, &what)
                }
            }),
            _ => None,
        }
    }

    /// `base[index] = value` of a dict or deque: the container takes the types in.
    pub(super) fn store_collection_item(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        base: &Expr,
        index: &Expr,
        fact: &Fact,
        env: &mut Env,
    ) -> bool {
        let ty = scope.fact(base.id).ty.narrowed();
        let at = scope.fact(index.id).ty;
        let grown = match &ty {
            Ty::Record(fields) => match &index.kind {
                ExprKind::Str(key) => Ty::Record(fields.with(key, &fact.ty)),
                _ => ty.with_entry(&at, &fact.ty),
            },
            Ty::Dict { .. } => ty.with_entry(&at, &fact.ty),
            Ty::Deque { elem, maxlen } => Ty::Deque {
                elem: Box::new(elem.join(&fact.ty)),
                maxlen: maxlen.clone(),
            },
            _ => return false,
        };
        if let Some(why) = self
            .model
            .unfit_key(&at)
            .filter(|_| !matches!(at, Ty::Enum(_)))
        {
            let message = format!("writing to an item of a dict by this: {why}");
            self.problem(
                target.id,
                target.span,
                Problem::new(Code::PartlyHandled, message),
            );
        }
        self.grow(scope, base, &grown);
        self.changed_in_place(scope, base, env);
        true
    }

    /// `del d[key]`
    pub(super) fn delete(
        &mut self,
        scope: &mut Scope<'_>,
        stmt: &Stmt,
        targets: &[Expr],
        mut env: Env,
    ) -> Env {
        for target in targets {
            let ExprKind::Subscript { value, index } = &target.kind else {
                return self.unsupported_stmt(stmt, "`del`", env);
            };
            let base = self.eval(scope, value, &mut env);
            self.needed(value, &base, Said::DELETED);
            if let ExprKind::Slice { lower, upper, step } = &index.kind {
                let bounds = [lower, upper, step].map(|b| b.as_ref());
                for bound in bounds.into_iter().flatten() {
                    let _ = self.eval(scope, bound, &mut env);
                }
                let fits = matches!(
                    base.ty.narrowed(),
                    Ty::List {
                        store: None,
                        kind: ListKind::List,
                        ..
                    } | Ty::List {
                        kind: ListKind::Bytearray,
                        ..
                    } | Ty::Unknown
                );
                if !fits || step.is_some() {
                    return self.unsupported_stmt(stmt, "`del` of this", env);
                }
                self.changed_in_place(scope, value, &mut env);
                continue;
            }
            let at = self.eval(scope, index, &mut env);
            match base.ty.narrowed() {
                Ty::Dict {
                    missing: Missing::Zero,
                    ..
                } => return self.unsupported_stmt(stmt, "`del` of a Counter's item", env),
                Ty::Dict { key, .. } => self.check_key(target, &key, &at.ty),
                record @ Ty::Record(_) if !self.is_table(scope, value) => {
                    self.grow(scope, value, &record.as_dict());
                }
                Ty::Unknown => {}
                Ty::List {
                    store: None,
                    kind: ListKind::List,
                    ..
                }
                | Ty::List {
                    kind: ListKind::Bytearray,
                    ..
                } if matches!(at.ty, Ty::Int | Ty::Unknown) => {}
                _ => return self.unsupported_stmt(stmt, "`del` of this", env),
            }
            self.changed_in_place(scope, value, &mut env);
        }
        env
    }

    /// Whether an expression names a constant table of the module.
    pub(super) fn is_table(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(name) => {
                !scope.names.names.contains_key(&e.id)
                    && self.model.consts.contains_key(name)
                    && !self.model.variables.contains_key(name)
            }
            _ => false,
        }
    }

    /// Notes that what an expression stands for is changed in place: it, or what holds it.
    pub(super) fn changed_in_place(&mut self, scope: &mut Scope<'_>, e: &Expr, env: &mut Env) {
        let ty = scope.fact(e.id).ty.narrowed();
        if self.recording && ty.is_changeable() && !self.is_own(scope, e) {
            self.model.changed.insert(ty);
        }
        self.refuse_shared_attribute(scope, e);
        let mut at = e;
        loop {
            if let Some(path) = self.path_of(scope, at) {
                self.mark_mutated(scope, &path);
                env.forget_below(&path);
                return;
            }
            at = match &at.kind {
                ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => value,
                ExprKind::Call { func, .. } => match set_default(func) {
                    Some(dict) => dict,
                    None => return,
                },
                _ => return,
            };
        }
    }

    /// Whether an expression is a variable of this function that only ever holds an object
    /// that is made for it.
    pub(super) fn is_own(&self, scope: &Scope<'_>, e: &Expr) -> bool {
        let (ExprKind::Name(_), Some(function)) = (&e.kind, scope.function) else {
            return false;
        };
        let Some(version) = scope.names.names.get(&e.id) else {
            return false;
        };
        let is_plain = scope
            .names
            .vars
            .get(version)
            .is_some_and(|info| !info.is_param)
            && scope.vars.get(version).is_some_and(|v| v.alias.is_none());
        struct Bindings<'s, 'a> {
            scope: &'s Scope<'a>,
            version: &'s str,
            own: bool,
        }
        impl Bindings<'_, '_> {
            fn bind(&mut self, target: &Expr, own: bool) {
                match &target.kind {
                    ExprKind::Name(_) => {
                        let version = self.scope.names.names.get(&target.id);
                        self.own &= own || version.is_none_or(|v| v != self.version);
                    }
                    ExprKind::Tuple(items) | ExprKind::List(items) => {
                        items.iter().for_each(|item| self.bind(item, false));
                    }
                    ExprKind::Starred(inner) => self.bind(inner, true),
                    _ => {}
                }
            }
        }
        impl<'ast> Visitor<'ast> for Bindings<'_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast Stmt) {
                match &stmt.kind {
                    StmtKind::Assign { targets, value } => {
                        let own = is_new(value) && targets.len() == 1;
                        targets.iter().for_each(|t| self.bind(t, own));
                    }
                    StmtKind::AnnAssign {
                        target,
                        value: Some(value),
                        ..
                    } => self.bind(target, is_new(value)),
                    StmtKind::For { target, .. } => self.bind(target, false),
                    StmtKind::With { items, .. } => {
                        for (_, target) in items {
                            target.iter().for_each(|t| self.bind(t, false));
                        }
                    }
                    StmtKind::Match { .. } => self.own = false,
                    _ => {}
                }
                walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast Expr) {
                if let ExprKind::Named { .. } = &e.kind {
                    let version = self.scope.names.names.get(&e.id);
                    self.own &= version.is_none_or(|v| v != self.version);
                }
                walk_expr(self, e);
            }
        }
        let mut bindings = Bindings {
            scope,
            version,
            own: is_plain,
        };
        bindings.visit_block(&function.body);
        bindings.own
    }

    /// An attribute of the class that no instance overrides is one object for all of them.
    fn refuse_shared_attribute(&mut self, scope: &Scope<'_>, e: &Expr) {
        let ExprKind::Attribute { value, attr } = &e.kind else {
            return;
        };
        let class = match scope.fact(value.id).ty.narrowed() {
            Ty::Instance(class) | Ty::Class(class) => class,
            _ => return,
        };
        let Some(info) = self.classes.get(&class) else {
            return;
        };
        let shared = info
            .attributes
            .iter()
            .any(|(name, value)| *name == attr.name && value.is_some());
        let dataclass = info.kind == super::class_info::ClassKind::Dataclass;
        if shared && !dataclass && !info.sets(&attr.name) {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!(
                    "`{}` of the class `{class}` is one object for all its instances, and is changed",
                    attr.name
                ),
            )
            .with_help("set it in `__init__`, so that each instance has its own");
            self.problem(e.id, e.span, problem);
        }
    }

    /// Refuses a view of a dict that is kept: it shows what is changed later.
    pub(super) fn refuse_view(&mut self, scope: &Scope<'_>, e: &Expr) {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return;
        };
        if let ExprKind::Attribute { value, attr } = &func.kind
            && args.is_empty()
            && matches!(attr.name.as_str(), "keys" | "values" | "items")
            && matches!(
                scope.fact(value.id).ty.narrowed(),
                Ty::Dict { .. } | Ty::Record(_)
            )
        {
            let message = format!("`{}()` that is kept, not run through at once,", attr.name);
            let problem = Problem::new(Code::PartlyHandled, format!("{message} is not translated"))
                .with_help(format!("make a list of it: `list(….{}())`", attr.name));
            self.problem(e.id, e.span, problem);
        }
    }

    /// Joins a type into what an expression stands for, and into what holds it.
    pub(super) fn grow(&mut self, scope: &mut Scope<'_>, e: &Expr, ty: &Ty) {
        if let Some(path) = self.path_of(scope, e) {
            self.absorb_path(scope, &path, &Fact::of(ty.clone()));
            return;
        }
        match &e.kind {
            ExprKind::Subscript { value, index } => {
                let base = scope.fact(value.id).ty.narrowed();
                let at = scope.fact(index.id).ty;
                let grown = match &base {
                    Ty::List {
                        elem, store: None, ..
                    } => base.list_of(elem.join(ty)),
                    Ty::Deque { elem, maxlen } => Ty::Deque {
                        elem: Box::new(elem.join(ty)),
                        maxlen: maxlen.clone(),
                    },
                    Ty::Dict { .. } => base.with_entry(&at, ty),
                    Ty::Record(fields) => match &index.kind {
                        ExprKind::Str(key) => Ty::Record(fields.with(key, ty)),
                        _ => base.with_entry(&at, ty),
                    },
                    _ => return,
                };
                self.grow(scope, value, &grown);
            }
            ExprKind::Call { func, args, .. } => {
                if let (Some(dict), Some(key)) = (set_default(func), args.first()) {
                    let base = scope.fact(dict.id).ty.narrowed();
                    let at = scope.fact(key.id).ty;
                    self.grow(scope, dict, &base.with_entry(&at, ty));
                    return;
                }
                // What a function returns is its caller's.
                let callee = scope.calls.get(&e.id).copied();
                if let Some(callee) = callee {
                    self.changed |= self.model.functions.update(callee.0, |callee| {
                        callee.ret.absorb(&Fact::of(ty.clone()), false)
                    });
                }
            }
            ExprKind::Attribute { value, attr } => {
                if let Ty::Instance(class) = scope.fact(value.id).ty.narrowed() {
                    self.absorb_field(&class, &attr.name, &Fact::of(ty.clone()));
                }
            }
            _ => {}
        }
    }

    /// Notes that somebody looks at the order of a dict.
    pub(super) fn look_at_order(&mut self, scope: &mut Scope<'_>, e: &Expr) {
        let ty = scope.fact(e.id).ty.narrowed();
        if matches!(ty, Ty::Dict { .. } | Ty::Record(_)) && !self.is_table(scope, e) {
            self.grow(scope, e, &ty.in_order());
        }
    }

    /// A text shows the order of the dicts in a value.
    pub(super) fn shown(&mut self, scope: &mut Scope<'_>, e: &Expr) {
        if let ExprKind::Tuple(items) = &e.kind {
            items.iter().for_each(|item| self.shown(scope, item));
            return;
        }
        let ty = scope.fact(e.id).ty;
        let ordered = ty.in_order_within();
        if ordered != ty && !self.is_table(scope, e) {
            self.grow(scope, e, &ordered.narrowed());
            if let ExprKind::Comprehension { .. } | ExprKind::Dict(_) | ExprKind::List(_) = &e.kind
            {
                scope.record(e.id, Fact::of(ordered));
            }
        }
    }

    /// Refuses a key that no key of the dict can equal but by Python's rules for numbers.
    fn check_key(&mut self, e: &Expr, key: &Ty, at: &Ty) {
        let at = dict::as_key(at);
        if !dict::is_among(at, key) && !at.is_unusable() {
            let what = format!("{} as a key among {}", at.describe(), key.describe());
            let _ = self.unsupported(e, &what);
        }
    }

    /// `x in d`, `a == b` where one side is a dict, set or deque: whether that is known.
    pub(super) fn compares_collections(&self, contains: bool, a: &Ty, b: &Ty) -> Option<bool> {
        let key = dict::is_among;
        match (a, b) {
            (at, Ty::Dict { key: k, .. } | Ty::Set(k)) if contains => Some(key(at, k)),
            (at, Ty::Record(_)) if contains => Some(matches!(at, Ty::Str | Ty::Enum(_))),
            (at, Ty::Deque { elem, .. }) if contains => {
                let number = |ty: &Ty| ty.is_number() || *ty == Ty::Bool;
                Some(
                    (number(at) && number(elem))
                        || matches!((at, &**elem), (Ty::Str | Ty::Enum(_), Ty::Str)),
                )
            }
            (Ty::Dict { .. }, Ty::Dict { .. })
            | (Ty::Set(_), Ty::Set(_))
            | (Ty::Deque { .. }, Ty::Deque { .. })
                if !contains =>
            {
                // Counters compare by counts, missing ones as zero.
                Some(a == b && a.missing() != Missing::Zero)
            }
            _ => None,
        }
    }
}

/// Whether an expression makes a new object that nobody else has.
fn is_new(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(_)
        | ExprKind::Dict(_)
        | ExprKind::Set(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::Binary { .. } => true,
        ExprKind::Subscript { index, .. } => matches!(index.kind, ExprKind::Slice { .. }),
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => matches!(
                name.as_str(),
                "list"
                    | "dict"
                    | "set"
                    | "deque"
                    | "sorted"
                    | "defaultdict"
                    | "Counter"
                    | "bytearray"
            ),
            ExprKind::Attribute { attr, .. } => matches!(
                attr.name.as_str(),
                "copy" | "deque" | "defaultdict" | "split" | "union" | "intersection"
            ),
            _ => false,
        },
        ExprKind::Conditional { body, orelse, .. } => is_new(body) && is_new(orelse),
        _ => false,
    }
}

/// The dict of `d.setdefault`, which gives what lies in it.
fn set_default(func: &Expr) -> Option<&Expr> {
    match &func.kind {
        ExprKind::Attribute { value, attr } if attr.name == "setdefault" => Some(value),
        _ => None,
    }
}

impl Ty {
    /// The elements' type of a set.
    fn set_elem(&self) -> Ty {
        match self {
            Ty::Set(elem) => (**elem).clone(),
            other => other.clone(),
        }
    }
}

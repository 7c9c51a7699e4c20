//! Calls: of the file's own functions, of builtins and libraries, of methods.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::eval::names::unknown_module_item;
use super::made::Copying;
use super::model::{Fact, Problem, Role};
use super::ways;
use crate::ast::MethodKind;
use crate::ast::{self, Expr, ExprKind, Keyword, ParamKind};
use crate::catalog::{self, Arg};
use crate::desugar::typed::Sugar;
use crate::desugar::typed::present::Said;
use crate::diagnostic::Code;
use crate::ranges::IntRange;
use crate::ty::Ty;

/// Which variant of a function a call goes to: another one where all its numbers are ints,
/// and where it gets containers of another kind. So `clamp(3, 5)` keeps its ints beside
/// `clamp(x, 1)` with a float `x`, and `median(window)` of a deque stands beside
/// `median([a, b, c])`.
pub(super) fn variant_of(facts: &[Fact]) -> u32 {
    let any = |is: fn(&Ty) -> bool| u32::from(facts.iter().any(|f| is(&f.ty.narrowed())));
    let ints = any(|ty| *ty == Ty::Int) & !any(Ty::is_float);
    let kinds = [
        any(|ty| matches!(ty, Ty::Deque { .. })),
        any(|ty| matches!(ty, Ty::Set(_))),
    ];
    (0..)
        .zip(kinds)
        .fold(ints, |all, (i, kind)| all | kind << (i + 1))
}

/// What is appended to the name of a variant that stands beside others.
pub fn variant_suffix(variant: u32) -> String {
    let kinds = ["int", "deque", "set"];
    let of = kinds
        .iter()
        .enumerate()
        .filter(|(i, _)| variant >> i & 1 == 1);
    let suffix: String = of.map(|(_, kind)| format!("_{kind}")).collect();
    match ways::of_variant(variant) {
        0 => suffix,
        way => format!("{suffix}_{}", way + 1),
    }
}

/// A function of the file that is called.
pub(super) struct Callee<'c> {
    /// Its definition.
    pub(super) function: &'c ast::Function,
    /// `name` or `Class.name`.
    pub(super) key: &'c str,
    /// The instance that a method is called on.
    pub(super) receiver: Option<(&'c Expr, Fact)>,
}

/// The builtins that loops take apart: a named tuple is a tuple to them.
const TAKING_APART: [&str; 4] = ["enumerate", "math.dist", "reversed", "zip"];

impl<'c> Callee<'c> {
    /// A function that is called on nothing.
    pub(super) fn plain(function: &'c ast::Function, key: &'c str) -> Self {
        Self {
            function,
            key,
            receiver: None,
        }
    }
}

impl Inference<'_> {
    pub(super) fn call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        func: &Expr,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        let starred = args.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)))
            || keywords.iter().any(|k| k.name.is_none());
        if starred {
            return self.starred_call(scope, e, func, args, keywords, env);
        }
        match &func.kind {
            ExprKind::Name(name) => {
                let local = scope.names.names.contains_key(&func.id);
                if !local && self.instance_test(scope, e, env).is_some() {
                    return Fact::of(Ty::Bool);
                }
                if let ("str", [arg], false) = (name.as_str(), args, local)
                    && self.is_caught(scope, arg)
                {
                    let _ = self.eval(scope, arg, env);
                    return Fact::of(Ty::Str);
                }
                if !local && let Some(function) = self.functions.get(name).copied() {
                    let callee = Callee::plain(function, name);
                    return self.user_call(scope, e, callee, args, keywords, env);
                }
                if !local && self.classes.contains_key(name) {
                    return self.construct(scope, e, name, args, keywords, env);
                }
                if local || self.model.variables.contains_key(name) {
                    return self.call_value(scope, e, func, args, keywords, env);
                }
                let full = match self.model.imported.get(name) {
                    Some(full) => full.clone(),
                    None => name.clone(),
                };
                if keywords.is_empty()
                    && let Some(fact) = self.instance_builtin(scope, e, &full, args, env)
                {
                    return fact;
                }
                if let (Some(how), [of]) = (Copying::of(&full), args) {
                    return self.copying_call(scope, e, how, of, keywords, env);
                }
                self.orderless_arguments(&full, args, keywords);
                let fact = self.known_call(scope, e, &full, None, args, keywords, env);
                self.arguments_run_through(scope, &full, args);
                self.asked_exactly(scope, e, &full, args);
                self.next_item(scope, e, &full, args);
                self.ordered_by(scope, e, &full, None, args, keywords);
                fact
            }
            ExprKind::Attribute { value, attr } => {
                let mut base = match self.builtin_class(scope, value, &attr.name) {
                    Some(class) => class,
                    None => self.eval(scope, value, env),
                };
                self.take_receiver(scope, value, &mut base, &attr.name);
                let given = (args, keywords);
                if let Some(fact) =
                    self.got_by_key(scope, e, (value, &base), &attr.name, given, env)
                {
                    return fact;
                }
                match base.ty.narrowed() {
                    Ty::Module(module) => {
                        let full = format!("{module}.{}", attr.name);
                        if let (Some(how), [of]) = (Copying::of(&full), args) {
                            return self.copying_call(scope, e, how, of, keywords, env);
                        }
                        self.known_call(scope, e, &full, None, args, keywords, env)
                    }
                    Ty::Instance(_)
                        if self.model.tuple_fields(&base.ty).is_some()
                            && args.is_empty()
                            && let Some(how) = Copying::of_method(&attr.name) =>
                    {
                        self.copying_call(scope, e, how, value, keywords, env)
                    }
                    Ty::Instance(class) | Ty::Member(class) => {
                        let key = format!("{class}.{}", attr.name);
                        let kind = self
                            .classes
                            .get(&class)
                            .and_then(|c| c.find(&attr.name))
                            .map(|(_, kind)| kind);
                        match (self.functions.get(&key).copied(), kind) {
                            (Some(function), Some(kind)) if kind != MethodKind::Property => {
                                let receiver = match kind {
                                    MethodKind::Method => Some((&**value, base.clone())),
                                    MethodKind::Class => {
                                        Some((&**value, Fact::of(Ty::Class(class.clone()))))
                                    }
                                    MethodKind::Static
                                    | MethodKind::Property
                                    | MethodKind::Setter => None,
                                };
                                if let (Ty::Option(_), Some(path)) =
                                    (&base.ty, self.path_of(scope, value))
                                {
                                    env.some.insert(path);
                                }
                                let callee = Callee {
                                    function,
                                    key: &key,
                                    receiver,
                                };
                                self.user_call(scope, e, callee, args, keywords, env)
                            }
                            // What an attribute holds is called.
                            (None, None) if self.has_attribute(&class, &attr.name) => {
                                self.call_value(scope, e, func, args, keywords, env)
                            }
                            _ => {
                                // `p.index(x)` is a tuple's.
                                self.as_items(value, &base);
                                let message = format!("`{class}` has no method `{}`", attr.name);
                                self.refuse(e, Code::UnknownField, &message, None)
                            }
                        }
                    }
                    Ty::Class(class) => {
                        let key = format!("{class}.{}", attr.name);
                        let kind = self
                            .classes
                            .get(&class)
                            .and_then(|c| c.find(&attr.name))
                            .map(|(_, kind)| kind);
                        match (self.functions.get(&key).copied(), kind) {
                            (Some(function), Some(MethodKind::Static)) => {
                                let callee = Callee::plain(function, &key);
                                self.user_call(scope, e, callee, args, keywords, env)
                            }
                            (Some(function), Some(MethodKind::Class)) => {
                                let callee = Callee {
                                    function,
                                    key: &key,
                                    receiver: Some((value, base)),
                                };
                                self.user_call(scope, e, callee, args, keywords, env)
                            }
                            _ => {
                                let message =
                                    format!("`{class}.{}()` is not translated", attr.name);
                                self.refuse(e, Code::UnsupportedCall, &message, None)
                            }
                        }
                    }
                    Ty::Unknown | Ty::Conflict(_) => {
                        for arg in args {
                            let _ = self.eval(scope, arg, env);
                        }
                        if catalog::changes(&attr.name) && base.ty == Ty::Unknown {
                            self.changed_in_place(scope, value, env);
                        }
                        Fact::of(base.ty)
                    }
                    other => {
                        let Some(class) = catalog::class_of(&other) else {
                            let message = format!(
                                "`.{}()` of {} is not translated",
                                attr.name,
                                other.describe()
                            );
                            return self.refuse(e, Code::UnsupportedCall, &message, None);
                        };
                        self.needed(value, &base, Said::Attribute(attr.name.clone()));
                        if let (Ty::Option(_), Some(path)) = (&base.ty, self.path_of(scope, value))
                        {
                            env.some.insert(path);
                        }
                        if let (Ty::Record(fields), "get", [key, default @ ..], []) =
                            (&other, attr.name.as_str(), args, keywords)
                            && let ExprKind::Str(name) = &key.kind
                            && default.len() < 2
                        {
                            let _ = self.eval(scope, key, env);
                            let default = default.iter().map(|d| self.eval(scope, d, env)).last();
                            return match (fields.entry(name), default) {
                                (Some(ty), default) if fields.may_lack(name) => {
                                    self.entry_or(e, name, ty, default)
                                }
                                (Some(ty), _) => Fact::of(ty.clone()),
                                (None, Some(default)) => default,
                                (None, None) => Fact::of(Ty::None),
                            };
                        }
                        let full = format!("{class}.{}", attr.name);
                        if let ("<dict>.copy", Ty::Record(_), [], []) =
                            (full.as_str(), &other, args, keywords)
                        {
                            self.note(e, Sugar::DictCopy);
                            let message = "this copy of a dict is not translated";
                            let problem = Problem::new(Code::PartlyHandled, message);
                            self.problem(e.id, e.span, problem);
                            return Fact::of(other);
                        }
                        if full == "<dict>.update"
                            && let Some(fact) = self.updated_entries(scope, e, &other, env)
                        {
                            return fact;
                        }
                        if let ("<dict>.update", [arg]) = (full.as_str(), args) {
                            let given = self.eval(scope, arg, env);
                            self.whole_dict(scope, arg, given.ty);
                        }
                        let receiver = Fact {
                            ty: base.ty.narrowed(),
                            ..base
                        };
                        let fact = self.known_call(
                            scope,
                            e,
                            &full,
                            Some((value, receiver)),
                            args,
                            keywords,
                            env,
                        );
                        self.arguments_run_through(scope, &full, args);
                        let held = scope.fact(value.id);
                        self.ordered_by(scope, e, &full, Some(&held), args, keywords);
                        self.none_is_counted(e, &full, Some(&held), args);
                        let path = self.path_of(scope, value);
                        let owned = path.and_then(|p| self.class_owned(scope, &p));
                        if let Some(problem) = owned.filter(|_| catalog::mutates(&full)) {
                            self.problem(e.id, e.span, problem);
                            return self.no_fact(&full);
                        }
                        if let Some(grown) = self.grown(scope, &full, &base, args)
                            && !self.is_table(scope, value)
                        {
                            self.grow(scope, value, &grown.ty);
                            self.puts_in(scope, &grown.ty.join(&other), args);
                        }
                        if let ("<dict>.update", [other]) = (full.as_str(), args)
                            && matches!(
                                scope.fact(value.id).ty.narrowed(),
                                Ty::Dict { ordered: true, .. }
                            )
                        {
                            self.look_at_order(scope, other);
                        }
                        if catalog::mutates(&full) {
                            self.changed_in_place(scope, value, env);
                        }
                        fact
                    }
                }
            }
            _ => self.call_value(scope, e, func, args, keywords, env),
        }
    }

    /// Whether instances of a class hold an instance of another under a name.
    fn has_attribute(&self, class: &str, name: &str) -> bool {
        let held = self.model.classes.kind(class).and_then(|c| c.field(name));
        held.is_some_and(|fact| matches!(fact.ty.narrowed(), Ty::Instance(_) | Ty::Unknown))
    }

    /// A call of a value: of an instance with `__call__`.
    fn call_value(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        func: &Expr,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        let value = self.eval(scope, func, env);
        if value.ty == Ty::Unknown {
            for arg in args {
                let _ = self.eval(scope, arg, env);
            }
            return Fact::unknown();
        }
        if let Ty::Class(class) = &value.ty {
            return self.construct(scope, e, &class.clone(), args, keywords, env);
        }
        if let Ty::Instance(class) = value.ty.narrowed() {
            let key = format!("{class}.__call__");
            if let Some(function) = self.functions.get(&key).copied() {
                let callee = Callee {
                    function,
                    key: &key,
                    receiver: Some((func, value)),
                };
                return self.user_call(scope, e, callee, args, keywords, env);
            }
        }
        let message = format!("calling {} is not translated", value.ty.describe());
        self.refuse(e, Code::UnsupportedCall, &message, None)
    }

    /// What a mutating method makes of its receiver's type.
    fn grown(&self, scope: &Scope<'_>, full: &str, base: &Fact, args: &[Expr]) -> Option<Fact> {
        let grows = catalog::lookup(full)?.special.grows?;
        let mut facts = vec![Arg::of(base.clone())];
        facts.extend(args.iter().map(|a| Arg::of(scope.fact(a.id))));
        Some(Fact::of(grows(&facts)))
    }

    /// Joins a type into the variable or attribute at a path.
    pub(super) fn absorb_path(
        &mut self,
        scope: &mut Scope<'_>,
        path: &crate::infer::Path,
        fact: &Fact,
    ) {
        if let (Some(name), true) = (path.global_name(), path.segs.is_empty()) {
            self.absorb_variable(name, fact);
            return;
        }
        match path.segs.split_last() {
            None => {
                if let Some(var) = scope.vars.get_mut(&path.root) {
                    let _ = var.fact.absorb(fact, false);
                }
                // A parameter's list is the caller's.
                if let (Some(index), Some(id)) =
                    (scope.params.iter().position(|p| *p == path.root), scope.id)
                {
                    self.changed |= self.model.functions.update(id.0, |function| {
                        let param = function.params.get_mut(index);
                        param.is_some_and(|param| param.absorb(fact, false))
                    });
                }
            }
            Some((crate::infer::Seg::Attr(name), parent)) => {
                let base = crate::infer::Path::new(&path.root, parent.to_vec());
                match self.path_ty(scope, &base) {
                    Some(Ty::Instance(class)) => {
                        self.absorb_field(&class, name, fact);
                        self.model.change_instances(&class);
                    }
                    Some(Ty::Record(mut fields)) => {
                        if let Some((_, slot)) = fields.iter_mut().find(|(key, _)| key == name) {
                            *slot = slot.join(&fact.ty);
                        }
                        self.absorb_path(scope, &base, &Fact::of(Ty::Record(fields)));
                    }
                    _ => {}
                }
            }
            Some(_) => {}
        }
        // What a loop takes from a list is an element of it.
        let wholes = scope.parts.get(&path.root).cloned().unwrap_or_default();
        if let ([whole], true) = (wholes.as_slice(), path.segs.is_empty())
            && whole.root != path.root
        {
            let grown = match self.path_ty(scope, whole) {
                Some(dict @ (Ty::Dict { .. } | Ty::Record(_))) => {
                    dict.with_entry(&Ty::Unknown, &fact.ty)
                }
                Some(Ty::Deque { maxlen, .. }) => Ty::Deque {
                    elem: Box::new(fact.ty.clone()),
                    maxlen,
                },
                Some(list) => list.list_of(fact.ty.clone()),
                None => Ty::list(fact.ty.clone()),
            };
            self.absorb_path(scope, whole, &Fact::of(grown));
        }
    }

    /// Why an object cannot be changed: it is the class's, and all instances share it.
    pub(super) fn class_owned(
        &self,
        scope: &Scope<'_>,
        path: &crate::infer::Path,
    ) -> Option<Problem> {
        let (crate::infer::Seg::Attr(name), parent) = path.segs.split_last()? else {
            return None;
        };
        let base = crate::infer::Path::new(&path.root, parent.to_vec());
        let class = match self.path_ty(scope, &base) {
            Some(Ty::Instance(class) | Ty::Class(class)) => class,
            _ => return None,
        };
        let own = self.model.classes.kind(&class)?.field(name).is_some();
        let info = self.classes.get(&class)?;
        let shared = !own && info.attributes.iter().any(|(n, _)| n == name);
        shared.then(|| {
            let message = format!("`{name}` belongs to the class `{class}`: all its instances share it, and it is changed");
            Problem::new(Code::PartlyHandled, message).with_help(format!("give each instance its own in `__init__`: `self.{name} = …`"))
        })
    }

    /// The type of what lies at a path of variables and attributes.
    fn path_ty(&self, scope: &Scope<'_>, path: &crate::infer::Path) -> Option<Ty> {
        let mut ty = match path.global_name() {
            // A table that nobody is known to change yet is a constant.
            Some(name) => match self.model.variables.get(name) {
                Some(fact) => fact.ty.clone(),
                None => self.model.consts.get(name)?.fact.ty.clone(),
            },
            None => scope.vars.get(&path.root)?.fact.ty.clone(),
        };
        for seg in &path.segs {
            let crate::infer::Seg::Attr(name) = seg else {
                return None;
            };
            ty = match ty.narrowed() {
                Ty::Instance(class) => self.model.classes.kind(&class)?.field(name)?.ty.clone(),
                Ty::Record(fields) => fields.into_iter().find(|(key, _)| key == name)?.1,
                _ => return None,
            };
        }
        Some(ty.narrowed())
    }

    fn refuse(&mut self, e: &Expr, code: Code, message: &str, help: Option<&str>) -> Fact {
        let mut problem = Problem::new(code, message);
        if let Some(help) = help {
            problem = problem.with_help(help);
        }
        self.problem(e.id, e.span, problem);
        self.no_fact(message)
    }

    /// The module's constant that an expression names.
    fn constant_name(&self, scope: &Scope<'_>, e: &Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Name(name) if self.is_table(scope, e) => Some(name.clone()),
            _ => None,
        }
    }

    /// A call of something that the catalog knows, or not.
    #[allow(clippy::too_many_arguments)]
    fn known_call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        full: &str,
        receiver: Option<(&Expr, Fact)>,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        if let (Some(known), [condition], None) = (catalog::lookup(full), args, &receiver)
            && known.special.condition
            && keywords.is_empty()
        {
            let (yes, no) = self.condition(scope, condition, env.clone());
            *env = yes.meet(&no);
            return Fact::of(Ty::Bool);
        }
        if let Some(fact) = self.counted_call(scope, e, full, args, keywords, env) {
            return fact;
        }
        if let Some(fact) = self.keyed_call(scope, e, full, receiver.as_ref(), args, keywords, env)
        {
            return fact;
        }
        // `list(d)`: the keys in their order.
        if let ("list", [dict], []) = (full, args, keywords)
            && let ty @ (Ty::Dict { .. } | Ty::Record(_)) =
                self.eval(scope, dict, env).ty.narrowed()
            && let Ty::Dict { key, .. } = ty.as_dict()
        {
            self.look_at_order(scope, dict);
            return Fact::of(Ty::list(*key));
        }
        let mut facts: Vec<Arg> = Vec::new();
        if let Some((_, fact)) = receiver {
            facts.push(Arg::of(fact));
        }
        for arg in args {
            let mut fact = self.eval(scope, arg, env);
            self.take_argument(scope, full, arg, &mut fact);
            if catalog::lookup(full).is_some_and(|k| k.special.textual.is_some()) {
                self.instance_text(scope, arg, &fact, None, env);
            }
            let kept = facts
                .first()
                .is_some_and(|c| c.fact.ty.narrowed().keeps_member(&fact.ty))
                || matches!(full, "min" | "max");
            let mut fact = if kept { fact } else { self.decayed(&fact) };
            if TAKING_APART.contains(&full) {
                fact.ty = self.model.as_tuple(&fact.ty);
            }
            facts.push(Arg {
                constant: self.constant_name(scope, arg),
                attribute: attribute_name(arg),
                // One of a known length may meet others of another.
                length: match full == "tuple" && self.long_tuples {
                    true => None,
                    false => self.length_of(scope, arg),
                },
                most: self.most_bytes(scope, arg),
                literal: literal(arg),
                ..Arg::of(fact)
            });
        }
        if matches!(full, "min" | "max") && self.of_one_enum(&facts).is_none() {
            for arg in &mut facts {
                arg.fact = self.decayed(&arg.fact);
            }
        }
        let heap = facts.first().filter(|_| full.starts_with("<list>.heapq."));
        let heap = heap.map(|list| list.fact.clone());
        for keyword in keywords {
            let fact = match (&heap, &keyword.value.kind) {
                (Some(heap), ExprKind::Lambda { .. }) => {
                    self.heap_key(scope, &keyword.value, heap, env)
                }
                _ => self.eval(scope, &keyword.value, env),
            };
            facts.push(Arg {
                keyword: keyword.name.as_ref().map(|n| n.name.clone()),
                constant: self.constant_name(scope, &keyword.value),
                attribute: attribute_name(&keyword.value),
                literal: literal(&keyword.value),
                ..Arg::of(fact)
            });
        }
        let Some(known) = catalog::lookup(full) else {
            let problem = match full.rsplit_once('.') {
                Some((module, name)) if !module.starts_with('<') => {
                    unknown_module_item(module, name)
                }
                _ => {
                    let shown = full.trim_start_matches('<').replace(">.", "'s ");
                    let problem = if catalog::is_builtin(full) || full.starts_with('<') {
                        Problem::new(
                            Code::UnsupportedCall,
                            format!("`{shown}()` is not translated"),
                        )
                    } else {
                        Problem::new(
                            Code::UnknownType,
                            format!("the name `{full}` is not defined"),
                        )
                        .with_help("Python raises a NameError here")
                    };
                    match catalog::advice("", full) {
                        Some(advice) => problem.with_help(advice),
                        None => problem,
                    }
                }
            };
            self.problem(e.id, e.span, problem);
            return self.no_fact(&format!("`{full}()`"));
        };
        if let Some(bad) = facts.iter().find(|a| a.fact.ty.is_unusable()) {
            return Fact::of(bad.fact.ty.clone());
        }
        if let Some(textual) = known.special.textual {
            args.iter().for_each(|arg| self.shown(scope, arg));
            let logs = !self.binding.form.is_plain();
            for arg in args {
                if textual.shows_ints(&scope.fact(arg.id).ty, logs) {
                    self.tells_of(scope, arg);
                }
            }
        }
        let puts_in_order = full.contains(".heapq.") || full.contains("bisect");
        if puts_in_order && let Some(why) = self.unordered_members(full, &facts) {
            return self.refuse(e, Code::PartlyHandled, &why, None);
        }
        if known.special.signless {
            args.iter().for_each(|arg| Self::hands_on(scope, arg));
        }
        if self.looks_for_the_very_object(scope, e, full, &facts, args, env) {
            let object = facts.last().map_or(Ty::Unknown, |arg| arg.fact.ty.clone());
            let name = full.trim_start_matches("<list>.");
            let why = format!("`{name}()` of {} is not translated", object.describe());
            return self.refuse(e, Code::PartlyHandled, &why, None);
        }
        match known.infer(&facts) {
            Ok(fact) if fact.ty.is_long_tuple() && !self.long_tuples => {
                self.model.met_long_tuples = true;
                let why = "a tuple whose length is not fixed";
                self.unsupported(e, why)
            }
            // What a function asks itself for has no type yet: as far as it is known by now,
            // there are no values.
            Ok(fact)
                if fact.ty == Ty::Unknown
                    && args.first().is_some_and(|of| Self::asks_itself(scope, of)) =>
            {
                match (full, facts.get(1)) {
                    ("sum", None) => Fact::int(IntRange::exactly(0)),
                    ("sum", Some(start)) => start.fact.clone(),
                    ("max" | "min", Some(other)) if other.keyword.as_deref() == Some("default") => {
                        other.fact.clone()
                    }
                    _ => fact,
                }
            }
            Ok(fact) => fact,
            Err(why) => self.refuse(e, Code::PartlyHandled, &why, None),
        }
    }

    /// The enum whose members all arguments are, where those have an order.
    fn of_one_enum(&self, args: &[Arg]) -> Option<String> {
        let first = &args.first()?.fact.ty;
        let Ty::Member(class) = first else {
            return None;
        };
        let same = args.iter().all(|arg| arg.fact.ty == *first);
        (same && self.has_ordered_members(class)).then(|| class.clone())
    }

    /// Why members of enums cannot be put in order, where they cannot.
    fn unordered_members(&self, full: &str, args: &[Arg]) -> Option<String> {
        let unordered =
            |ty: &Ty| matches!(ty, Ty::Member(class) if !self.has_ordered_members(class));
        let bad = args.iter().find(|arg| arg.fact.ty.any(&unordered))?;
        let name = full.rsplit('.').next().unwrap_or(full);
        Some(format!(
            "`{name}()` of {} is not translated",
            bad.fact.ty.describe()
        ))
    }

    /// Whether an expression calls the function that it stands in.
    fn asks_itself(scope: &Scope<'_>, e: &Expr) -> bool {
        let itself = scope.id.is_some() && scope.calls.get(&e.id) == scope.id.as_ref();
        let parts = ast::visit::children(e);
        itself || parts.into_iter().any(|part| Self::asks_itself(scope, part))
    }

    /// A call of one of the file's functions; a method gets its receiver's fact.
    pub(super) fn user_call(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        callee: Callee<'_>,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        let Callee {
            function,
            key,
            receiver,
        } = callee;
        let skip = usize::from(receiver.is_some());
        let bound = match bind_arguments(function, skip, args, keywords) {
            Ok(bound) => bound,
            Err(why) => {
                let message = format!("`{}()`: {why}", function.name.name);
                return self.refuse(
                    e,
                    Code::TypeMismatch,
                    &message,
                    Some("Python raises a TypeError here"),
                );
            }
        };
        // Arguments are evaluated in the order of the call, not of the parameters.
        for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
            let _ = self.eval(scope, arg, env);
        }
        for arg in args.iter().chain(keywords.iter().map(|k| &k.value)) {
            Self::hands_on(scope, arg);
        }
        let mut facts: Vec<Fact> = receiver
            .as_ref()
            .map(|(_, r)| Fact::of(r.ty.narrowed()))
            .into_iter()
            .collect();
        for arg in &bound {
            let fact = match arg {
                Bound::Given(arg) => scope.fact(arg.id),
                Bound::Default(default) => self.eval(scope, default, &mut Env::new()),
            };
            facts.push(Fact {
                unbound: false,
                ..fact
            });
        }
        self.called_with(scope, e, key, &facts);
        let id = self.instance(key, Role::Helper, facts);
        scope.calls.insert(e.id, id);
        env.fresh = false;
        self.called(scope, id);
        let Some(callee) = self.model.functions.get(id.0) else {
            return Fact::unknown();
        };
        let (ret, mutated, changed) = (
            callee.ret.clone(),
            callee.mutated.clone(),
            callee.globals_changed.clone(),
        );
        for name in changed {
            env.forget(&crate::infer::Path::global(&name));
        }
        let taken: Vec<Ty> = callee.params.iter().map(|p| p.ty.clone()).collect();
        if let (Some((receiver, _)), true) = (receiver, mutated.contains(&0)) {
            self.changed_in_place(scope, receiver, env);
        }
        for (i, arg) in bound.iter().enumerate() {
            let Some(arg) = arg.passed() else { continue };
            if mutated.contains(&(i + skip)) {
                self.changed_in_place(scope, arg, env);
            }
            // What the callee puts into it, or does with it, is the caller's too.
            let own = scope.fact(arg.id).ty.narrowed();
            if let Some(ty) = taken.get(i + skip).map(Ty::narrowed)
                && ty != own
                && ty.is_collection()
                && own.is_collection()
                && !self.is_table(scope, arg)
                && (mutated.contains(&(i + skip)) || !own.is_of_floats(&ty))
            {
                self.grow(scope, arg, &ty);
            }
        }
        // What a callee dereferences without asking is not None afterwards.
        for arg in &bound {
            if let Bound::Given(arg) = arg
                && matches!(scope.fact(arg.id).ty, Ty::Option(inner) if inner.is_shared())
                && let Some(path) = self.path_of(scope, arg)
                && self.dereferences(id, skip, &bound, arg)
            {
                env.some.insert(path);
            }
        }
        ret
    }

    /// A callee's module variables are its caller's too.
    pub(super) fn called(&mut self, scope: &mut Scope<'_>, id: super::FnId) {
        if let Some(callee) = self.model.functions.get(id.0) {
            scope.globals.extend(callee.globals.iter().cloned());
            scope
                .globals_changed
                .extend(callee.globals_changed.iter().cloned());
        }
    }

    /// Whether the callee reads an attribute of that argument on every path, first thing.
    fn dereferences(&self, id: super::FnId, skip: usize, bound: &[Bound<'_>], arg: &Expr) -> bool {
        let Some(callee) = self.model.functions.get(id.0) else {
            return false;
        };
        let Some(function) = self.functions.get(&callee.python_name) else {
            return false;
        };
        bound
            .iter()
            .zip(function.params.list.iter().skip(skip))
            .any(|(b, param)| {
                matches!(b, Bound::Given(given) if given.id == arg.id)
                    && dereferenced_first(function, &param.name.name)
            })
    }
}

/// The literal that an argument is.
fn literal(e: &Expr) -> Option<catalog::Literal> {
    match &e.kind {
        ExprKind::Str(text) => Some(catalog::Literal::Text(text.clone())),
        ExprKind::Bool(value) => Some(catalog::Literal::Bool(*value)),
        _ => None,
    }
}

/// The attribute of a variable that an expression is.
fn attribute_name(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Attribute { value, attr } if matches!(value.kind, ExprKind::Name(_)) => {
            Some(attr.name.clone())
        }
        _ => None,
    }
}

/// What a parameter gets in a call.
#[derive(Debug, Clone, Copy)]
pub enum Bound<'a> {
    /// An argument of the call.
    Given(&'a Expr),
    /// The parameter's default.
    Default(&'a Expr),
}

impl<'a> Bound<'a> {
    /// What may be changed through the parameter: an argument, or the variable of the module
    /// that is its default.
    pub fn passed(self) -> Option<&'a Expr> {
        match self {
            Bound::Given(arg) => Some(arg),
            Bound::Default(e) => matches!(e.kind, ExprKind::Name(_)).then_some(e),
        }
    }
}

/// Matches the arguments of a call with the parameters, in the order of the parameters but
/// for the first `skip` (a method's `self`).
///
/// # Errors
/// In words, what Python's TypeError would say.
pub fn bind_arguments<'a>(
    function: &'a ast::Function,
    skip: usize,
    args: &'a [Expr],
    keywords: &'a [Keyword],
) -> Result<Vec<Bound<'a>>, String> {
    let params = function.params.list.get(skip..).unwrap_or(&[]);
    if params
        .iter()
        .any(|p| matches!(p.kind, ParamKind::VarArgs | ParamKind::KwArgs))
    {
        return Err("`*args` and `**kwargs` are not translated yet".into());
    }
    let positional = params
        .iter()
        .filter(|p| p.kind != ParamKind::KeywordOnly)
        .count();
    if args.len() > positional {
        return Err(format!(
            "takes {positional} arguments, {} are given",
            args.len()
        ));
    }
    let mut bound: Vec<Option<Bound<'a>>> = vec![None; params.len()];
    for (slot, arg) in bound.iter_mut().zip(args) {
        *slot = Some(Bound::Given(arg));
    }
    for keyword in keywords {
        let Some(name) = keyword.name.as_ref().map(|n| n.name.as_str()) else {
            return Err("`**` in the call is not translated yet".into());
        };
        let place = params
            .iter()
            .position(|p| p.name.name == name && p.kind != ParamKind::PositionalOnly);
        match place.and_then(|i| bound.get_mut(i)) {
            Some(slot @ None) => *slot = Some(Bound::Given(&keyword.value)),
            Some(Some(_)) => return Err(format!("`{name}` is given twice")),
            None => return Err(format!("there is no parameter `{name}`")),
        }
    }
    params
        .iter()
        .zip(bound)
        .map(|(param, slot)| match (slot, &param.default) {
            (Some(slot), _) => Ok(slot),
            (None, Some(default)) => Ok(Bound::Default(default)),
            (None, None) => Err(format!("the argument `{}` is missing", param.name.name)),
        })
        .collect()
}

/// Whether the function's first statement reads an attribute of `param` whatever happens,
/// so that None for it raises before anything else is done.
pub fn dereferenced_first(function: &ast::Function, param: &str) -> bool {
    use ast::StmtKind;
    match function.body.stmts.first().map(|s| &s.kind) {
        Some(
            StmtKind::Return(Some(value)) | StmtKind::Assign { value, .. } | StmtKind::Expr(value),
        ) => reads_attribute(value, param),
        Some(
            StmtKind::AnnAssign {
                value: Some(value), ..
            }
            | StmtKind::AugAssign { value, .. },
        ) => reads_attribute(value, param),
        Some(StmtKind::If { test, .. } | StmtKind::While { test, .. }) => {
            reads_attribute(test, param)
        }
        Some(StmtKind::For { iter, .. }) => reads_attribute(iter, param),
        _ => false,
    }
}

/// Whether evaluating `e` always reads an attribute of the name `param`.
fn reads_attribute(e: &Expr, param: &str) -> bool {
    match &e.kind {
        ExprKind::Attribute { value, .. } => {
            matches!(&value.kind, ExprKind::Name(name) if name == param)
                || reads_attribute(value, param)
        }
        ExprKind::Conditional { test, .. } => reads_attribute(test, param),
        ExprKind::Logical { values, .. } => {
            values.first().is_some_and(|v| reads_attribute(v, param))
        }
        ExprKind::Compare { left, rest, .. } => {
            reads_attribute(left, param) || rest.first().is_some_and(|v| reads_attribute(v, param))
        }
        ExprKind::Binary { left, right, .. } => {
            reads_attribute(left, param) || reads_attribute(right, param)
        }
        ExprKind::Unary { operand, .. } => reads_attribute(operand, param),
        ExprKind::Subscript { value, index } => {
            reads_attribute(value, param) || reads_attribute(index, param)
        }
        ExprKind::Call { args, .. } => args.iter().any(|a| reads_attribute(a, param)),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().any(|i| reads_attribute(i, param))
        }
        _ => false,
    }
}

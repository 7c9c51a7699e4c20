//! Classes of the file: plain ones, dataclasses, enums.

use super::class_info::{ClassInfo, ClassKind, MemberValue, Mixin, assigned_attributes};
use super::env::Env;
use super::eval::Scope;
use super::fixed::Place;
use super::model::{Class, Fact, Problem, Role};
use super::watch::Change;
use super::{Inference, absorb};
use crate::ast::MethodKind;
use crate::ast::{self, Expr, ExprKind};
use crate::diagnostic::Code;
use crate::ranges::IntRange;
use crate::ty::Ty;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl<'a> Inference<'a> {
    /// Registers a class and its methods, as functions `Class.method`.
    pub(super) fn collect_class(&mut self, class: &'a ast::Class) {
        let import = |e: &Expr| self.full_name(e);
        let mut info = ClassInfo::of(class, &import);
        let name = class.name.name.clone();
        let mut model = Class {
            made: class.made.clone(),
            variants: class.variants.clone(),
            ..Class::default()
        };
        if info.kind == ClassKind::Enum {
            match info.members() {
                Some(members) => model.members = members,
                None => {
                    info.refused = Some("an enum whose values are not distinct literals".into())
                }
            }
            let plain = info.mixin == Mixin::None;
            let special = |f: &ast::Function| {
                let name = &f.name.name;
                name.starts_with("__") && !(name == "__str__" && plain)
                    || matches!(name.as_str(), "_missing_" | "_generate_next_value_")
            };
            if info.methods.iter().any(|(f, _)| special(f)) {
                info.refused = Some("an enum with special methods".into());
            }
            let fits = |v: &MemberValue| match (v, info.mixin) {
                (MemberValue::Int(n), Mixin::Int) => i64::try_from(*n).is_ok(),
                (MemberValue::Str(_), Mixin::Str) | (_, Mixin::None) => true,
                (_, Mixin::Int | Mixin::Str) => false,
            };
            if !model.members.iter().all(|(_, v)| fits(v)) {
                info.refused = Some("an enum whose values are not of its base".into());
            }
            model.mixin = info.mixin;
            model.shown_as_value = info.shown_as_value;
        }
        for (function, _) in &info.methods {
            let key = format!("{name}.{}", function.method_key());
            self.functions.insert(key.clone(), function);
            let names = Rc::new(super::scope::resolve(function));
            self.model.scopes.insert(key, names);
        }
        if info.refused.is_none() {
            self.model.classes.insert(name.clone(), model);
        }
        self.classes.insert(name, info);
    }

    /// `module.name` of an imported name, else the name as it stands.
    pub(super) fn full_name(&self, e: &Expr) -> String {
        match &e.kind {
            ExprKind::Name(name) => self
                .model
                .imported
                .get(name)
                .cloned()
                .unwrap_or_else(|| name.clone()),
            ExprKind::Attribute { value, attr } => {
                let base = match &value.kind {
                    ExprKind::Name(name) => self
                        .model
                        .modules
                        .get(name)
                        .cloned()
                        .unwrap_or_else(|| name.clone()),
                    _ => self.full_name(value),
                };
                format!("{base}.{}", attr.name)
            }
            _ => "?".into(),
        }
    }

    /// Whether the attributes of a class's instances may not be assigned.
    pub(super) fn frozen(&self, class: &str) -> bool {
        let made = self.model.classes.made(class);
        made.is_some_and(|made| made.frozen || made.is_tuple)
    }

    /// Joins a value into an attribute of a class.
    pub(super) fn absorb_field(&mut self, class: &str, name: &str, fact: &Fact) {
        let fact = Fact {
            ty: self.fixed.ty(&Place::Attr(name.to_string()), &fact.ty),
            ..fact.clone()
        };
        let (round, mut asks) = (self.round, false);
        self.changed |= self.model.classes.update(class, |class| {
            match class.fields.iter_mut().find(|(n, _)| n == name) {
                Some((_, slot)) => {
                    let before = slot.ty.clone();
                    match absorb(slot, &fact, round, &mut asks) {
                        true if slot.ty == before => Change::Interval,
                        true => Change::Any,
                        false => Change::None,
                    }
                }
                None => {
                    class.fields.push((name.to_string(), fact));
                    Change::Any
                }
            }
        });
        self.asks_round(asks);
    }

    /// An attribute of an instance.
    pub(super) fn instance_attribute(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        class: &str,
        name: &str,
    ) -> Fact {
        if let Some(fact) = self.model.classes.get(class).and_then(|c| c.field(name)) {
            return fact.clone();
        }
        let Some(info) = self.classes.get(class) else {
            return Fact::unknown();
        };
        if let Some((_, Some(value))) = info.attributes.iter().find(|(n, _)| n == name).cloned() {
            return self.class_constant(class, name, value);
        }
        if let Some((_, MethodKind::Property)) = info.find(name) {
            let is_enum = info.kind == ClassKind::Enum;
            let receiver = Fact::of(match is_enum {
                true => Ty::Member(class.to_string()),
                false => Ty::Instance(class.to_string()),
            });
            let id = self.instance(&format!("{class}.{name}"), Role::Helper, vec![receiver]);
            scope.calls.insert(e.id, id);
            self.called(scope, id);
            return self
                .model
                .functions
                .get(id.0)
                .map_or_else(Fact::unknown, |f| f.ret.clone());
        }
        let problem = Problem::new(
            Code::UnknownField,
            format!("`{class}` has no attribute `{name}`"),
        );
        self.problem(e.id, e.span, problem);
        Fact::unknown()
    }

    /// What a property does beside giving its value, it does where it is read.
    pub(super) fn property_read(
        &mut self,
        scope: &mut Scope<'_>,
        receiver: &Expr,
        id: super::FnId,
        env: &mut Env,
    ) {
        let Some(callee) = self.model.functions.get(id.0) else {
            return;
        };
        env.fresh = false;
        for name in &callee.globals_changed {
            env.forget(&crate::infer::Path::global(name));
        }
        if callee.mutated.contains(&0) {
            self.changed_in_place(scope, receiver, env);
        }
    }

    /// `a & ~b` in a file with flags: `~b` of a flag has no bits but those of the flags, that of
    /// an int has all others. It is one to an `a` that has none but those of the flags.
    pub(super) fn check_taken(
        &mut self,
        e: &Expr,
        op: ast::BinaryOp,
        (left, a): (&Expr, &Fact),
        (right, b): (&Expr, &Fact),
    ) {
        let inverted = |e: &Expr| {
            let op = ast::UnaryOp::Invert;
            matches!(&e.kind, ExprKind::Unary { op: found, .. } if *found == op)
        };
        let other = match (inverted(left), inverted(right)) {
            (false, true) => a,
            (true, false) => b,
            (true, true) => b,
            (false, false) => return,
        };
        let flags = self.classes.values().filter(|c| c.kind == ClassKind::Flags);
        let bits = flags.map(|class| {
            let members = class.members().unwrap_or_default();
            members.iter().fold(0, |all, (_, value)| match value {
                MemberValue::Int(n) => all | n,
                MemberValue::Str(_) | MemberValue::Float(_) | MemberValue::Tuple(_) => all,
            })
        });
        let Some(all) = bits.min() else {
            return;
        };
        let known = other.ty == Ty::Int && other.range.int().within(IntRange::new(0, all));
        if op == ast::BinaryOp::BitAnd && self.recording && !known {
            let message = "`~` of what may be an `IntFlag`, taken from what may have other bits";
            let problem = Problem::new(Code::PartlyHandled, message)
                .with_help("name the members that are to stay: `a & (Fault.HOT | Fault.STALL)`");
            self.problem(e.id, e.span, problem);
        }
    }

    /// `base.name = value` by a property's setter; false where there is no such property.
    pub(super) fn set_property(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        (base, base_fact): (&Expr, &Fact),
        name: &str,
        value: Option<&Expr>,
        env: &mut Env,
    ) -> bool {
        let Ty::Instance(class) = base_fact.ty.narrowed() else {
            return false;
        };
        let Some(info) = self.classes.get(&class) else {
            return false;
        };
        let is_property = matches!(info.find(name), Some((_, MethodKind::Property)));
        match (info.setter(name), value) {
            (Some(function), Some(value)) => {
                let callee = super::call::Callee {
                    function,
                    key: &format!("{class}.{name}="),
                    receiver: Some((base, base_fact.clone())),
                };
                let args = std::slice::from_ref(value);
                let _ = self.user_call(scope, target, callee, args, &[], env);
            }
            (Some(_), None) => {
                let message =
                    format!("setting the property `{name}` in this way is not translated");
                let problem = Problem::new(Code::PartlyHandled, message)
                    .with_help(format!("assign it alone: `x.{name} = value`"));
                self.problem(target.id, target.span, problem);
            }
            (None, _) if is_property => {
                let message = format!("the property `{name}` of `{class}` has no setter");
                let problem = Problem::new(Code::TypeMismatch, message)
                    .with_help("Python raises an AttributeError here");
                self.problem(target.id, target.span, problem);
            }
            (None, _) => return false,
        }
        true
    }

    /// An attribute of the class itself.
    pub(super) fn class_constant(&mut self, class: &str, name: &str, value: &Expr) -> Fact {
        self.model.classes.update(class, |class| {
            let new = !class.consts.iter().any(|n| n == name);
            if !new {
                return Change::None;
            }
            class.consts.push(name.to_string());
            Change::Any
        });
        let mut scope = self.module_scope();
        let fact = self.eval(&mut scope, value, &mut Env::new());
        self.keep_level(scope);
        fact
    }

    /// A class attribute that instances override is their first value.
    pub(super) fn class_defaults(&mut self, class: &str) {
        let (Some(info), Some(model)) = (self.classes.get(class), self.model.classes.get(class))
        else {
            return;
        };
        let found: Vec<(String, &'a Expr)> = info
            .attributes
            .iter()
            .filter(|(name, _)| model.field(name).is_some())
            .filter_map(|(name, value)| Some((name.clone(), (*value)?)))
            .collect();
        for (name, value) in found {
            let mut scope = self.module_scope();
            let fact = self.eval(&mut scope, value, &mut Env::new());
            self.keep_level(scope);
            self.absorb_field(class, &name, &fact);
        }
    }

    /// Puts the attributes in the order in which the class itself names them, and settles
    /// which classes are changed through their attributes.
    pub(super) fn settle_classes(&mut self) {
        self.settle_empty_lists();
        for (name, info) in &self.classes {
            let mut order: Vec<String> = info.attributes.iter().map(|(n, _)| n.clone()).collect();
            for (function, _) in &info.methods {
                let own = function
                    .params
                    .list
                    .first()
                    .map_or("", |p| p.name.name.as_str());
                assigned_attributes(&function.body, own, &mut order);
            }
            self.model.classes.update(name, |class| {
                let place = |n: &str| order.iter().position(|o| o == n).unwrap_or(usize::MAX);
                class.fields.sort_by_key(|(n, _)| place(n));
                Change::Any
            });
        }
        loop {
            let mutated = self.model.classes.iter().filter(|(_, c)| c.mutated);
            let mutated: BTreeSet<String> = mutated.map(|(n, _)| n.clone()).collect();
            let mut more = false;
            self.model.classes.each(|class| {
                let holds = |ty: &Ty| matches!(ty.narrowed(), Ty::Instance(held) if mutated.contains(&held));
                if !class.mutated {
                    class.mutated = class.fields.iter().any(|(_, f)| holds(&f.ty))
                        || class.variants.iter().any(|v| mutated.contains(v));
                    more |= class.mutated;
                }
            });
            if !more {
                break;
            }
        }
    }

    /// A list in which objects of one class of a family keep nothing is one of what the others
    /// keep there: `self.children` of a leaf.
    fn settle_empty_lists(&mut self) {
        let families: Vec<Vec<String>> = self
            .model
            .classes
            .values()
            .map(|class| class.variants.clone())
            .filter(|variants| !variants.is_empty())
            .collect();
        for variants in families {
            let mut known: BTreeMap<String, Ty> = BTreeMap::new();
            for variant in &variants {
                let Some(class) = self.model.classes.get(variant) else {
                    continue;
                };
                for (name, fact) in &class.fields {
                    if matches!(&fact.ty, Ty::List { .. }) && !is_empty_list(&fact.ty) {
                        let ty = known.entry(name.clone()).or_insert(Ty::Unknown);
                        *ty = ty.join(&fact.ty);
                    }
                }
            }
            for variant in &variants {
                self.model.classes.update(variant, |class| {
                    for (name, fact) in &mut class.fields {
                        if let Some(ty) = known.get(name).filter(|ty| !ty.is_unusable())
                            && is_empty_list(&fact.ty)
                        {
                            fact.ty = ty.clone();
                        }
                    }
                    Change::Any
                });
            }
        }
    }

    /// `Class.name`
    pub(super) fn class_attribute(&mut self, e: &Expr, class: &str, name: &str) -> Fact {
        if let Some(model) = self.model.classes.kind(class)
            && model.members.iter().any(|(n, _)| n == name)
        {
            return Fact::of(Ty::Member(class.to_string()));
        }
        let value = self
            .classes
            .get(class)
            .and_then(|info| info.attributes.iter().find(|(n, _)| n == name))
            .and_then(|(_, v)| *v);
        if let Some(value) = value {
            return self.class_constant(class, name, value);
        }
        self.problem(
            e.id,
            e.span,
            Problem::new(
                Code::UnknownField,
                format!("`{class}` has no attribute `{name}`"),
            ),
        );
        Fact::of(Ty::Conflict(format!("`{class}.{name}`")))
    }

    /// `.value` and `.name` of an enum's member.
    pub(super) fn member_attribute(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        class: &str,
        name: &str,
    ) -> Fact {
        let members = self
            .model
            .classes
            .get(class)
            .map(|c| c.members.clone())
            .unwrap_or_default();
        if name == "name" {
            return Fact::of(Ty::Str);
        }
        if name == "value"
            && let Some(fact) = members
                .iter()
                .map(|(_, value)| value_fact(value))
                .reduce(|a, b| a.join(&b))
                .filter(|f| is_value(&f.ty))
        {
            return fact;
        }
        let property = self
            .classes
            .get(class)
            .and_then(|info| info.find(name))
            .is_some_and(|(_, kind)| kind == MethodKind::Property);
        if property {
            return self.instance_attribute(scope, e, class, name);
        }
        self.problem(
            e.id,
            e.span,
            Problem::new(
                Code::PartlyHandled,
                format!("`.{name}` of a member of `{class}` is not translated"),
            ),
        );
        Fact::of(Ty::Conflict(format!("`.{name}`")))
    }
}

/// Whether an enum's values of that type are all of one kind.
fn is_value(ty: &Ty) -> bool {
    match ty {
        Ty::Int | Ty::Float | Ty::Str => true,
        Ty::Tuple(items) => items.iter().all(is_value),
        _ => false,
    }
}

/// The fact of an enum's value.
fn value_fact(value: &MemberValue) -> Fact {
    match value {
        MemberValue::Int(n) => Fact::int(IntRange::exactly(*n)),
        MemberValue::Str(_) => Fact::of(Ty::Str),
        MemberValue::Float(bits) => {
            Fact::float(crate::ranges::FloatRange::exactly(f64::from_bits(*bits)))
        }
        MemberValue::Tuple(items) => Fact::of(Ty::Tuple(
            items.iter().map(|item| value_fact(item).ty).collect(),
        )),
    }
}

impl Inference<'_> {
    /// A member of an `IntEnum` is an int where a number is wanted, one of a `StrEnum` a str.
    pub(super) fn decayed(&self, fact: &Fact) -> Fact {
        let Ty::Member(class) = &fact.ty else {
            return fact.clone();
        };
        let Some(model) = self.model.classes.kind(class) else {
            return fact.clone();
        };
        let values = model.members.iter().map(|(_, value)| value_fact(value));
        match (model.mixin, values.reduce(|a, b| a.join(&b))) {
            (Mixin::Int | Mixin::Str, Some(value)) => value,
            (Mixin::None, _) | (_, None) => fact.clone(),
        }
    }
}

/// Whether nothing is ever put into a list.
fn is_empty_list(ty: &Ty) -> bool {
    matches!(ty, Ty::List { elem, .. } if **elem == Ty::Unknown)
}

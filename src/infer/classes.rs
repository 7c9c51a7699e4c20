//! Classes of the file: plain ones, dataclasses, enums.

use super::Inference;
use super::env::Env;
use super::eval::Scope;
use super::model::{Class, Fact, Problem, Role};
use crate::ast::{self, Expr, ExprKind, Keyword, StmtKind};

pub use crate::ast::MethodKind;
use crate::diagnostic::Code;
use crate::ranges::IntRange;
use crate::ty::Ty;
use num_traits::ToPrimitive;

/// The value of an enum's member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberValue {
    /// An int, `auto()` included.
    Int(i128),
    /// A str.
    Str(String),
    /// A float, by its bits.
    Float(u64),
}

/// What members of an enum are beside members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mixin {
    /// Nothing else: `Enum`.
    #[default]
    None,
    /// Ints: `IntEnum`.
    Int,
    /// Strings: `StrEnum`, `class Mode(str, Enum)`.
    Str,
}

/// A class definition and what we make of it.
#[derive(Debug, Clone)]
pub struct ClassInfo<'a> {
    /// The definition.
    pub class: &'a ast::Class,
    /// Its methods: name, definition, how it is bound.
    pub methods: Vec<(&'a ast::Function, MethodKind)>,
    /// `name = value`, `name: type = value` in its body.
    pub attributes: Vec<(String, Option<&'a Expr>)>,
    /// What it is.
    pub kind: ClassKind,
    /// What else the members of an enum are.
    pub mixin: Mixin,
    /// Whether texts show the value of a member.
    pub shown_as_value: bool,
    /// Why it is not translated.
    pub refused: Option<String>,
}

/// What a class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassKind {
    /// Attributes and methods.
    Plain,
    /// `@dataclass`
    Dataclass,
    /// `Enum`
    Enum,
    /// `IntFlag`
    Flags,
}

impl<'a> ClassInfo<'a> {
    /// Looks at a class definition; `import` resolves an imported name.
    pub fn of(class: &'a ast::Class, import: &dyn Fn(&Expr) -> String) -> ClassInfo<'a> {
        let mut info = ClassInfo {
            class,
            methods: Vec::new(),
            attributes: Vec::new(),
            kind: ClassKind::Plain,
            mixin: Mixin::None,
            shown_as_value: false,
            refused: None,
        };
        for base in &class.bases {
            match import(base).as_str() {
                "object" | "abc.ABC" => {}
                // What is inherited stands in the body.
                own if class.ancestors.iter().any(|a| a == own) => {}
                "enum.Enum" => info.kind = ClassKind::Enum,
                "enum.IntEnum" => {
                    info.kind = ClassKind::Enum;
                    info.mixin = Mixin::Int;
                    info.shown_as_value = true;
                }
                "enum.StrEnum" => {
                    info.kind = ClassKind::Enum;
                    info.mixin = Mixin::Str;
                    info.shown_as_value = true;
                }
                "int" => info.mixin = Mixin::Int,
                "str" => info.mixin = Mixin::Str,
                // Its members are ints, and so is what operators make of them.
                "enum.IntFlag" => info.kind = ClassKind::Flags,
                other => info.refused = Some(format!("the base class `{other}`")),
            }
        }
        if info.mixin != Mixin::None && info.kind != ClassKind::Enum {
            info.refused = Some("a base class that is a builtin".into());
        }
        for decorator in &class.decorators {
            let (name, plain) = match &decorator.kind {
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                } => (import(func), args.is_empty() && keywords.is_empty()),
                _ => (import(decorator), true),
            };
            if name == "enum.unique" && info.kind == ClassKind::Enum {
                continue;
            }
            if name == "dataclasses.dataclass" && plain {
                info.kind = ClassKind::Dataclass;
            } else {
                info.refused = Some(format!("the decorator `{name}`"));
            }
        }
        if !class.keywords.is_empty() {
            info.refused = Some("keywords of a class".into());
        }
        for stmt in &class.body.stmts {
            match &stmt.kind {
                StmtKind::Function(function) => info.method(function, import),
                StmtKind::Assign { targets, value } => match targets.as_slice() {
                    [
                        Expr {
                            kind: ExprKind::Name(name),
                            ..
                        },
                    ] => info.attributes.push((name.clone(), Some(value))),
                    _ => info.refused = Some("this assignment in a class".into()),
                },
                StmtKind::AnnAssign { target, value, .. } => match &target.kind {
                    ExprKind::Name(name) => info.attributes.push((name.clone(), value.as_ref())),
                    _ => info.refused = Some("this annotation in a class".into()),
                },
                StmtKind::Pass | StmtKind::Expr(_) => {}
                _ => info.refused = Some("this statement in a class".into()),
            }
        }
        info
    }

    fn method(&mut self, function: &'a ast::Function, import: &dyn Fn(&Expr) -> String) {
        let kind = function.method_kind().unwrap_or_else(|other| {
            self.refused = Some(format!(
                "the decorator `{}` of `{}`",
                import(other),
                function.name.name
            ));
            MethodKind::Method
        });
        let name = function.name.name.as_str();
        if name.starts_with("__") && name.ends_with("__") && !is_dunder(name) {
            self.refused = Some(format!("the method `{name}`"));
        }
        self.methods.push((function, kind));
    }

    /// Whether a method assigns that attribute.
    pub fn sets(&self, attribute: &str) -> bool {
        let mut set = Vec::new();
        for (function, _) in &self.methods {
            let own = function
                .params
                .list
                .first()
                .map_or("", |p| p.name.name.as_str());
            assigned_attributes(&function.body, own, &mut set);
        }
        set.iter().any(|name| name == attribute)
    }

    /// The method of that name.
    pub fn find(&self, name: &str) -> Option<(&'a ast::Function, MethodKind)> {
        self.methods
            .iter()
            .find(|(f, kind)| f.name.name == name && *kind != MethodKind::Setter)
            .copied()
    }

    /// The setter of a property.
    pub fn setter(&self, name: &str) -> Option<&'a ast::Function> {
        let found = self
            .methods
            .iter()
            .find(|(f, kind)| f.name.name == name && *kind == MethodKind::Setter);
        found.map(|(f, _)| *f)
    }

    /// The values of an enum's members.
    pub fn members(&self) -> Option<Vec<(String, MemberValue)>> {
        let mut out: Vec<(String, MemberValue)> = Vec::new();
        for (name, value) in &self.attributes {
            let value = match &value.as_ref()?.kind {
                ExprKind::Int(n) => MemberValue::Int(n.to_i128()?),
                ExprKind::Unary {
                    op: ast::UnaryOp::Neg,
                    operand,
                } => match &operand.kind {
                    ExprKind::Int(n) => MemberValue::Int(-n.to_i128()?),
                    ExprKind::Float(x) => MemberValue::Float((-x).to_bits()),
                    _ => return None,
                },
                ExprKind::Float(x) => MemberValue::Float(x.to_bits()),
                ExprKind::Str(text) => MemberValue::Str(text.clone()),
                _ => return None,
            };
            // A second name for a value is an alias, not a member.
            if out.iter().any(|(_, v)| *v == value) {
                return None;
            }
            out.push((name.clone(), value));
        }
        Some(out)
    }
}

/// Whether a special method is one that operators and builtins call, no more.
fn is_dunder(name: &str) -> bool {
    matches!(
        name,
        "__init__"
            | "__call__"
            | "__add__"
            | "__radd__"
            | "__iadd__"
            | "__sub__"
            | "__rsub__"
            | "__isub__"
            | "__mul__"
            | "__rmul__"
            | "__imul__"
            | "__matmul__"
            | "__truediv__"
            | "__rtruediv__"
            | "__itruediv__"
            | "__floordiv__"
            | "__mod__"
            | "__pow__"
            | "__and__"
            | "__or__"
            | "__xor__"
            | "__lshift__"
            | "__rshift__"
            | "__neg__"
            | "__pos__"
            | "__abs__"
            | "__invert__"
            | "__eq__"
            | "__lt__"
            | "__le__"
            | "__gt__"
            | "__ge__"
            | "__len__"
            | "__bool__"
            | "__contains__"
            | "__getitem__"
            | "__setitem__"
            | "__iter__"
            | "__str__"
            | "__repr__"
            | "__float__"
            | "__int__"
            | "__hash__"
            | "__post_init__"
    )
}

impl<'a> Inference<'a> {
    /// Registers a class and its methods, as functions `Class.method`.
    pub(super) fn collect_class(&mut self, class: &'a ast::Class) {
        let import = |e: &Expr| self.full_name(e);
        let mut info = ClassInfo::of(class, &import);
        let name = class.name.name.clone();
        let mut model = Class {
            dataclass: info.kind == ClassKind::Dataclass,
            ..Class::default()
        };
        if info.kind == ClassKind::Enum {
            match info.members() {
                Some(members) => model.members = members,
                None => {
                    info.refused =
                        Some("an enum whose values are not distinct ints or strings".into())
                }
            }
            let special = |f: &ast::Function| {
                let name = &f.name.name;
                name.starts_with("__")
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
            self.scopes.insert(key, super::scope::resolve(function));
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

    /// Joins a value into an attribute of a class.
    pub(super) fn absorb_field(&mut self, class: &str, name: &str, fact: &Fact) {
        let widen = self.round >= super::WIDEN_AFTER;
        let Some(model) = self.model.classes.get_mut(class) else {
            return;
        };
        match model.fields.iter_mut().find(|(n, _)| n == name) {
            Some((_, slot)) => self.changed |= slot.absorb(fact, widen),
            None => {
                model.fields.push((name.to_string(), fact.clone()));
                self.changed = true;
            }
        }
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
        if self.recording || self.round > 2 {
            let problem = Problem::new(
                Code::UnknownField,
                format!("`{class}` has no attribute `{name}`"),
            );
            self.problem(e.id, e.span, problem);
        }
        Fact::unknown()
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
        if let Some(model) = self.model.classes.get_mut(class)
            && !model.consts.iter().any(|n| n == name)
        {
            model.consts.push(name.to_string());
        }
        let mut scope = self.module_scope();
        let fact = self.eval(&mut scope, value, &mut Env::new());
        self.model.module.facts.extend(scope.facts);
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
            self.model.module.facts.extend(scope.facts);
            self.absorb_field(class, &name, &fact);
        }
    }

    /// Puts the attributes in the order in which the class itself names them, and settles
    /// which classes are changed through their attributes.
    pub(super) fn settle_classes(&mut self) {
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
            if let Some(model) = self.model.classes.get_mut(name) {
                let place = |n: &str| order.iter().position(|o| o == n).unwrap_or(usize::MAX);
                model.fields.sort_by_key(|(n, _)| place(n));
            }
        }
        for _ in 0..self.model.classes.len() {
            let mutated: Vec<String> = self
                .model
                .classes
                .iter()
                .filter(|(_, c)| c.mutated)
                .map(|(n, _)| n.clone())
                .collect();
            for model in self.model.classes.values_mut() {
                let holds = |ty: &Ty| matches!(ty.narrowed(), Ty::Instance(held) if mutated.contains(&held));
                model.mutated |= model.fields.iter().any(|(_, f)| holds(&f.ty));
            }
        }
    }

    /// `Class.name`
    pub(super) fn class_attribute(&mut self, e: &Expr, class: &str, name: &str) -> Fact {
        if let Some(model) = self.model.classes.get(class)
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
                .filter(|f| matches!(f.ty, Ty::Int | Ty::Float | Ty::Str))
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

    /// `Class(…)`
    pub(super) fn construct(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        class: &str,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) -> Fact {
        let Some(info) = self.classes.get(class).cloned() else {
            return Fact::unknown();
        };
        if let Some(why) = &info.refused {
            let message = format!("the class `{class}` is not translated: {why}");
            self.problem(
                e.id,
                e.span,
                Problem::new(Code::UnsupportedSyntax, message.clone()),
            );
            return Fact::of(Ty::Conflict(message));
        }
        if let Some(method) = info.class.abstracts.first() {
            let message = format!("`{class}` is abstract: no `{method}`");
            let problem = Problem::new(Code::TypeMismatch, message.clone())
                .with_help("Python raises a TypeError here");
            self.problem(e.id, e.span, problem);
            return self.no_fact(&message);
        }
        let instance = Fact::of(Ty::Instance(class.to_string()));
        match info.kind {
            ClassKind::Enum => {
                for arg in args {
                    let _ = self.eval(scope, arg, env);
                }
                Fact::of(Ty::Member(class.to_string()))
            }
            ClassKind::Flags => {
                let facts: Vec<Fact> = args.iter().map(|a| self.eval(scope, a, env)).collect();
                match facts.as_slice() {
                    [fact]
                        if fact.ty == Ty::Int && fact.range.int().lo.is_some_and(|lo| lo >= 0) =>
                    {
                        fact.clone()
                    }
                    _ => {
                        let message = format!("`{class}()` of this value is not translated");
                        let problem = Problem::new(Code::PartlyHandled, message.clone());
                        self.problem(e.id, e.span, problem);
                        self.no_fact(&message)
                    }
                }
            }
            ClassKind::Dataclass if info.find("__init__").is_none() => {
                self.construct_dataclass(scope, e, &info, args, keywords, env);
                instance
            }
            ClassKind::Dataclass | ClassKind::Plain => {
                if let Some((function, _)) = info.find("__init__") {
                    let callee = super::call::Callee {
                        function,
                        key: &format!("{class}.__init__"),
                        receiver: Some((e, instance.clone())),
                    };
                    let _ = self.user_call(scope, e, callee, args, keywords, env);
                } else if !args.is_empty() || !keywords.is_empty() {
                    let message = format!("`{class}()` takes no arguments");
                    self.problem(e.id, e.span, Problem::new(Code::TypeMismatch, message));
                }
                instance
            }
        }
    }

    fn construct_dataclass(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        info: &ClassInfo<'a>,
        args: &[Expr],
        keywords: &[Keyword],
        env: &mut Env,
    ) {
        let class = info.class.name.name.clone();
        for (i, (name, default)) in info.attributes.iter().enumerate() {
            let keyword = keywords
                .iter()
                .find(|k| k.name.as_ref().is_some_and(|n| n.name == *name))
                .map(|k| &k.value);
            let fact = match (args.get(i).or(keyword), default) {
                (Some(value), _) => self.eval(scope, value, env),
                (None, Some(default)) => {
                    let fact = self.eval(scope, default, &mut Env::new());
                    let module = scope.facts.get(&default.id).cloned();
                    self.model
                        .module
                        .facts
                        .extend(module.map(|f| (default.id, f)));
                    fact
                }
                (None, None) => {
                    let message = format!("`{class}()`: the argument `{name}` is missing");
                    self.problem(e.id, e.span, Problem::new(Code::TypeMismatch, message));
                    continue;
                }
            };
            self.absorb_field(
                &class,
                name,
                &Fact {
                    unbound: false,
                    ..fact
                },
            );
        }
        let known = |n: &str| info.attributes.iter().any(|(name, _)| name == n);
        if args.len() > info.attributes.len()
            || keywords
                .iter()
                .any(|k| k.name.as_ref().is_none_or(|n| !known(&n.name)))
        {
            let message = format!("`{class}()`: an argument that it does not take");
            self.problem(e.id, e.span, Problem::new(Code::TypeMismatch, message));
        }
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
    }
}

impl Inference<'_> {
    /// A member of an `IntEnum` is an int where a number is wanted, one of a `StrEnum` a str.
    pub(super) fn decayed(&self, fact: &Fact) -> Fact {
        let Ty::Member(class) = &fact.ty else {
            return fact.clone();
        };
        let Some(model) = self.model.classes.get(class) else {
            return fact.clone();
        };
        let values = model.members.iter().map(|(_, value)| value_fact(value));
        match (model.mixin, values.reduce(|a, b| a.join(&b))) {
            (Mixin::Int | Mixin::Str, Some(value)) => value,
            (Mixin::None, _) | (_, None) => fact.clone(),
        }
    }
}

/// The attributes of `own` that a block assigns, in order.
fn assigned_attributes(block: &ast::Block, own: &str, out: &mut Vec<String>) {
    struct Targets<'o>(&'o str, &'o mut Vec<String>);
    impl Targets<'_> {
        fn target(&mut self, target: &Expr) {
            match &target.kind {
                ExprKind::Attribute { value, attr } => {
                    let is_own = matches!(&value.kind, ExprKind::Name(n) if n == self.0);
                    if is_own && !self.1.contains(&attr.name) {
                        self.1.push(attr.name.clone());
                    }
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    items.iter().for_each(|t| self.target(t))
                }
                _ => {}
            }
        }
    }
    impl<'ast> ast::visit::Visitor<'ast> for Targets<'_> {
        fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
            match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets.iter().for_each(|t| self.target(t)),
                StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => {
                    self.target(target)
                }
                _ => {}
            }
            ast::visit::walk_stmt(self, stmt);
        }
    }
    ast::visit::Visitor::visit_block(&mut Targets(own, out), block);
}

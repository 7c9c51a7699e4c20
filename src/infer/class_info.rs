//! What a class statement says by itself: kind, bases, methods, attributes, members.
//!
//! Enters: the definition of a class. Leaves: `ClassInfo`, with the reason where a class is
//! not translated. This module must not know types or calls.

use crate::ast::MethodKind;
use crate::ast::{self, Expr, ExprKind, StmtKind};
use num_traits::ToPrimitive;
use std::collections::BTreeSet;

/// The value of an enum's member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberValue {
    /// An int, `auto()` included.
    Int(i128),
    /// A str.
    Str(String),
    /// A float, by its bits.
    Float(u64),
    /// A tuple of such values.
    Tuple(Vec<MemberValue>),
}

impl MemberValue {
    /// The value of a literal.
    fn of(e: &Expr) -> Option<MemberValue> {
        Some(match &e.kind {
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
            ExprKind::Tuple(items) => {
                let items: Option<Vec<MemberValue>> = items.iter().map(MemberValue::of).collect();
                MemberValue::Tuple(items?)
            }
            _ => return None,
        })
    }
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
                "object" | "abc.ABC" | "typing.Protocol" => {}
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
            if name == "enum.unique" && plain && info.kind == ClassKind::Enum {
                continue;
            }
            info.refused = Some(format!("the decorator `{name}`"));
        }
        if class.made.is_some() {
            info.kind = ClassKind::Dataclass;
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
        let mut seen = BTreeSet::new();
        if let Some((twice, _)) = info.attributes.iter().find(|(name, _)| !seen.insert(name)) {
            info.refused = Some(format!("`{twice}`, which is set twice in the class,"));
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
            let value = MemberValue::of(value.as_ref()?)?;
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
            | "__ifloordiv__"
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
            | "__next__"
            | "__reversed__"
            | "__delitem__"
            | "__enter__"
            | "__exit__"
            | "__str__"
            | "__repr__"
            | "__float__"
            | "__int__"
            | "__hash__"
            | "__post_init__"
    )
}

/// The attributes of `own` that a block assigns, in order.
pub(super) fn assigned_attributes(block: &ast::Block, own: &str, out: &mut Vec<String>) {
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
            stmt.targets().iter().for_each(|t| self.target(t));
            ast::visit::walk_stmt(self, stmt);
        }
    }
    ast::visit::Visitor::visit_block(&mut Targets(own, out), block);
}

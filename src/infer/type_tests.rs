//! Tests of what a value is, whose outcome its type tells: `isinstance(x, T)`,
//! `type(x) is T`, `hasattr(x, "name")`, `callable(x)`.
//!
//! Enters: a test, the type of its value and the classes of the module. Leaves: an
//! [`Instance`]. This module must not know what runs after the test.

use super::isinstance::{Instance, instance, is_builtin, of_kinds, union};
use super::{Model, class_names};
use crate::ast::{Expr, ExprKind, UnaryOp};
use crate::desugar::TYPE_IS;
use crate::ty::Ty;

/// What a test asks.
#[derive(Debug, Clone)]
pub enum Asks<'e> {
    /// `isinstance(x, (A, B))`
    Of(Vec<&'e Expr>),
    /// `type(x) in (A, B)`
    Exactly(Vec<&'e Expr>),
    /// `hasattr(x, "name")`
    Has(&'e str),
    /// `callable(x)`
    Callable,
}

/// A test of what a value is.
#[derive(Debug, Clone)]
pub struct TypeTest<'e> {
    /// The value.
    pub value: &'e Expr,
    /// What is asked of it.
    pub asks: Asks<'e>,
    /// The builtin that is called.
    pub builtin: &'e str,
}

/// The test that a call is.
pub fn type_test(e: &Expr) -> Option<TypeTest<'_>> {
    let ExprKind::Call {
        func,
        args,
        keywords,
    } = &e.kind
    else {
        return None;
    };
    let ExprKind::Name(builtin) = &func.kind else {
        return None;
    };
    let classes = |of| class_names(of).into_iter().flat_map(union).collect();
    let (value, asks) = match (builtin.as_str(), args.as_slice()) {
        ("isinstance", [value, of]) => (value, Asks::Of(classes(of))),
        (TYPE_IS, [value, of]) => (value, Asks::Exactly(classes(of))),
        ("hasattr", [value, name]) => match &name.kind {
            ExprKind::Str(name) => (value, Asks::Has(name)),
            _ => return None,
        },
        ("callable", [value]) => (value, Asks::Callable),
        _ => return None,
    };
    keywords.is_empty().then_some(TypeTest {
        value,
        asks,
        builtin,
    })
}

/// Whether a condition asks what a value is.
pub fn asks_type(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } => asks_type(operand),
        ExprKind::Logical { values, .. } => values.iter().any(asks_type),
        _ => type_test(e).is_some(),
    }
}

impl Model {
    /// What the type of the value tells of a test.
    pub fn answer(
        &self,
        ty: &Ty,
        test: &TypeTest<'_>,
        full_name: &dyn Fn(&Expr) -> String,
    ) -> Instance {
        let names = |classes: &[&Expr]| -> Vec<String> {
            classes.iter().map(|class| full_name(class)).collect()
        };
        match &test.asks {
            Asks::Of(classes) => instance(ty, &names(classes)),
            Asks::Exactly(classes) => {
                let names = names(classes);
                let known = |n: &String| is_builtin(n) || self.classes.contains_key(n);
                if let (Some(kinds), true) = (ty.union(), names.iter().all(known)) {
                    let answers = kinds.iter().map(|ty| match self.is_exactly(ty, &names) {
                        Some(true) => Instance::Always,
                        Some(false) => Instance::Never,
                        None => Instance::Open,
                    });
                    return match of_kinds(answers) {
                        Instance::Always if matches!(ty, Ty::Option(_)) => Instance::Present,
                        answer => answer,
                    };
                }
                match names.iter().all(known) {
                    true => self.in_option(ty, &|ty| self.is_exactly(ty, &names)),
                    false => Instance::Open,
                }
            }
            Asks::Has(name) => self.in_option(ty, &|ty| self.has(ty, name, test.value)),
            Asks::Callable => self.in_option(ty, &|ty| self.has(ty, "__call__", test.value)),
        }
    }

    /// The answer for what may be None.
    fn in_option(&self, ty: &Ty, answer: &dyn Fn(&Ty) -> Option<bool>) -> Instance {
        let given = |answer| match answer {
            Some(true) => Instance::Always,
            Some(false) => Instance::Never,
            None => Instance::Open,
        };
        match ty {
            Ty::Option(inner) => match (given(answer(inner)), given(answer(&Ty::None))) {
                (a, b) if a == b => a,
                (Instance::Always, Instance::Never) => Instance::Present,
                _ => Instance::Open,
            },
            ty => given(answer(ty)),
        }
    }

    /// Whether the type of a value is one of these classes, none derived from it.
    fn is_exactly(&self, ty: &Ty, names: &[String]) -> Option<bool> {
        let class = match ty {
            Ty::None => "NoneType",
            Ty::Bool => "bool",
            Ty::Int => "int",
            Ty::Float => "float",
            Ty::Str | Ty::Enum(_) => "str",
            Ty::List { kind, .. } => kind.name(),
            Ty::Tuple(_) => "tuple",
            Ty::Set(_) => "set",
            Ty::Instance(class) | Ty::Member(class) => {
                let family = self.classes.get(class)?;
                if !family.variants.is_empty() {
                    return None;
                }
                class
            }
            _ => return None,
        };
        Some(names.iter().any(|n| n == class))
    }

    /// Whether a value has an attribute.
    fn has(&self, ty: &Ty, name: &str, value: &Expr) -> Option<bool> {
        match ty {
            Ty::Instance(class) | Ty::Member(class) => {
                let model = self.classes.get(class)?;
                if !model.variants.is_empty() {
                    return None;
                }
                let named = format!("{class}.{name}");
                if self.scopes.contains_key(&named) || model.consts.iter().any(|c| c == name) {
                    return Some(true);
                }
                match model.field(name) {
                    // Its own method may ask while `__init__` runs.
                    Some(_) if matches!(&value.kind, ExprKind::Name(n) if n == "self") => None,
                    Some(field) => (!matches!(field.ty, Ty::Option(_) | Ty::None)).then_some(true),
                    // What the class generates, or inherits from what is not in the file.
                    None if name.starts_with("__") && name != "__iter__" && name != "__len__" => {
                        None
                    }
                    None if self.tuple_fields(ty).is_some() || !model.members.is_empty() => None,
                    None if self.scopes.contains_key(&format!("{class}.__getattr__")) => None,
                    None => Some(false),
                }
            }
            Ty::Function(_) | Ty::Class(_) if name == "__call__" => Some(true),
            _ => of_builtin(ty, name),
        }
    }
}

/// Whether a value of a builtin type has an attribute, of those that all versions of Python
/// agree on.
fn of_builtin(ty: &Ty, name: &str) -> Option<bool> {
    const RUN_THROUGH: [&str; 3] = ["__iter__", "__len__", "__contains__"];
    const NUMBER: [&str; 4] = ["__float__", "__int__", "real", "imag"];
    const SEQUENCE: [&str; 3] = ["__getitem__", "index", "count"];
    const LIST: [&str; 9] = [
        "__setitem__",
        "__reversed__",
        "append",
        "clear",
        "copy",
        "extend",
        "insert",
        "pop",
        "remove",
    ];
    const DICT: [&str; 11] = [
        "__getitem__",
        "__setitem__",
        "clear",
        "copy",
        "get",
        "items",
        "keys",
        "pop",
        "setdefault",
        "update",
        "values",
    ];
    // What no builtin type has, whatever version of Python it is.
    const FOREIGN: [&str; 5] = ["__call__", "__next__", "__array__", "__enter__", "__dict__"];
    let own: &[&[&str]] = match ty {
        Ty::None => &[],
        Ty::Bool | Ty::Int | Ty::Float | Ty::Number => &[&NUMBER],
        Ty::Str | Ty::Enum(_) | Ty::Tuple(_) | Ty::Range => &[&RUN_THROUGH, &SEQUENCE],
        octets if octets.is_octets() => return None,
        long if long.is_long_tuple() => &[&RUN_THROUGH, &SEQUENCE],
        Ty::List { .. } => &[&RUN_THROUGH, &SEQUENCE, &LIST],
        Ty::Deque { .. } => &[&RUN_THROUGH, &SEQUENCE, &LIST, &["appendleft", "popleft"]],
        Ty::Dict { .. } | Ty::Record(_) => &[&RUN_THROUGH, &DICT],
        _ => return None,
    };
    if own.iter().any(|names| names.contains(&name)) {
        return Some(true);
    }
    let told = [&RUN_THROUGH[..], &NUMBER, &SEQUENCE, &LIST, &DICT, &FOREIGN];
    let elsewhere = told.iter().any(|names| names.contains(&name))
        || !name.starts_with("__") && !OTHERS.contains(&name);
    // What several types have in part: not told apart here.
    let partly = matches!(
        (ty, name),
        (Ty::Range | Ty::Dict { .. } | Ty::Record(_), "__reversed__")
    );
    (elsewhere && !partly).then_some(false)
}

/// What else values of builtin types have: which of them do is not told apart here.
const OTHERS: [&str; 80] = [
    "add",
    "appendleft",
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "capitalize",
    "casefold",
    "center",
    "conjugate",
    "denominator",
    "difference",
    "difference_update",
    "discard",
    "encode",
    "endswith",
    "expandtabs",
    "extendleft",
    "find",
    "format",
    "format_map",
    "from_bytes",
    "fromhex",
    "fromkeys",
    "hex",
    "intersection",
    "intersection_update",
    "is_integer",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isdisjoint",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "issubset",
    "issuperset",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "maxlen",
    "numerator",
    "partition",
    "popitem",
    "popleft",
    "removeprefix",
    "removesuffix",
    "replace",
    "reverse",
    "rfind",
    "rindex",
    "rjust",
    "rotate",
    "rpartition",
    "rsplit",
    "rstrip",
    "sort",
    "split",
    "splitlines",
    "start",
    "startswith",
    "step",
    "stop",
    "strip",
    "swapcase",
    "symmetric_difference",
    "symmetric_difference_update",
    "title",
    "to_bytes",
    "translate",
    "union",
    "upper",
    "zfill",
];

//! Values of several kinds: an int here, a text there.
//!
//! Enters: the facts of expressions whose type is a union, and tests that tell its kinds apart.
//! Leaves: the kinds that are left where a test holds, the kind that an operator takes (where
//! Python raises a TypeError for the others), and a name for each union. Without
//! [`Inference::unite`] there are none: a value of several kinds is a contradiction. This module
//! must not know what a union is in Rust.

use super::Inference;
use super::env::{Env, Path};
use super::eval::Scope;
use super::model::{Class, Fact};
use super::type_tests::{TypeTest, type_test};
use crate::ast::{BinaryOp, CompareOp, Expr, UnaryOp};
use crate::ty::{KindSet, Ty};
use std::collections::BTreeSet;

/// What a union is called that has no better name.
const NAMELESS: &str = "Value";

/// The most kinds that a union is called after.
const MOST_NAMED: usize = 2;

impl Inference<'_> {
    /// Leaves the kinds that the flow knows of.
    pub(super) fn narrow_kinds(&self, fact: &mut Fact, path: &Path, env: &Env) {
        if let (Some(set), Some(_)) = (env.kinds.get(path), fact.ty.union()) {
            let left = fact.ty.among(*set);
            // No kind is left where a later round finds more.
            if !left.is_unusable() {
                *fact = Fact::of(left);
            }
        }
    }

    /// What holds where a test of a value's kind does, and where it does not.
    pub(super) fn parted_by_kind(
        &self,
        scope: &Scope<'_>,
        e: &Expr,
        (mut yes, mut no): (Env, Env),
    ) -> (Env, Env) {
        let Some(test) = type_test(e).filter(|_| self.unite) else {
            return (yes, no);
        };
        let Some(path) = self.path_of(scope, test.value) else {
            return (yes, no);
        };
        let ty = scope.fact(test.value.id).ty;
        if ty.union().is_none() && yes.kinds.get(&path).is_none() {
            return (yes, no);
        }
        let full_name = |e: &Expr| self.full_name(e);
        let (holds, fails) = self.model.kinds_told(&ty.told_kinds(), &test, &full_name);
        yes.kinds.insert(path.clone(), holds);
        yes.some.insert(path.clone());
        no.kinds.insert(path, fails);
        (yes, no)
    }

    /// `x == "stop"`: then it is a text.
    pub(super) fn kind_by_equality(
        &self,
        scope: &Scope<'_>,
        left: &Expr,
        op: CompareOp,
        right: &Expr,
        env: &mut Env,
    ) {
        if !self.unite || !matches!(op, CompareOp::Eq | CompareOp::Is) {
            return;
        }
        for (value, other) in [(left, right), (right, left)] {
            let (fact, other) = (scope.fact(value.id), scope.fact(other.id));
            if let (Some(kinds), None) = (fact.ty.union(), other.ty.union())
                && !matches!(other.ty, Ty::None | Ty::Option(_) | Ty::Unknown)
                && let Some(path) = self.path_of(scope, value)
            {
                let left = kinds.iter().filter(|kind| may_equal(kind, &other.ty));
                let left: Vec<&Ty> = left.collect();
                if !left.is_empty() {
                    env.kinds.insert(path.clone(), KindSet::of(left));
                    env.some.insert(path);
                }
            }
        }
    }

    /// The kinds that an operator takes, of operands of several kinds.
    pub(super) fn take_operands(
        &mut self,
        scope: &mut Scope<'_>,
        op: BinaryOp,
        (left, a): (&Expr, &mut Fact),
        (right, b): (&Expr, &mut Fact),
    ) {
        if !self.unite || (a.ty.union().is_none() && b.ty.union().is_none()) {
            return;
        }
        let (first, second) = (a.ty.given().clone(), b.ty.given().clone());
        let with = |kind: &Ty, others: &Ty, turned: bool| {
            others.kinds().iter().any(|other| match turned {
                false => operates(op, kind, other),
                true => operates(op, other, kind),
            })
        };
        let symbol = op.symbol();
        let alone = |ty: &Ty| match ty.kinds() {
            [one] => Some(type_name(one)),
            _ => None,
        };
        let error = |refused: &Ty, turned: bool| {
            let (x, y) = match turned {
                false => (Some(type_name(refused)), alone(&second)),
                true => (alone(&first), Some(type_name(refused))),
            };
            match (op, x, y) {
                (BinaryOp::Add, Some(x @ ("str" | "tuple" | "list")), Some(y)) => {
                    format!("TypeError: can only concatenate {x} (not \"{y}\") to {x}")
                }
                (BinaryOp::Mul, Some("str"), Some(y)) | (BinaryOp::Mul, Some(y), Some("str")) => {
                    format!("TypeError: can't multiply sequence by non-int of type '{y}'")
                }
                (_, Some(x), Some(y)) => {
                    format!("TypeError: unsupported operand type(s) for {symbol}: '{x}' and '{y}'")
                }
                _ => format!("TypeError: unsupported operand type(s) for {symbol}"),
            }
        };
        self.take(
            scope,
            left,
            a,
            &|kind| with(kind, &second, false),
            &|kind| error(kind, false),
        );
        self.take(scope, right, b, &|kind| with(kind, &first, true), &|kind| {
            error(kind, true)
        });
    }

    /// The kinds that a comparison by order takes.
    pub(super) fn take_compared(
        &mut self,
        scope: &mut Scope<'_>,
        op: CompareOp,
        (left, a): (&Expr, &mut Fact),
        (right, b): (&Expr, &mut Fact),
    ) {
        let symbol = match op {
            CompareOp::Lt => "<",
            CompareOp::LtE => "<=",
            CompareOp::Gt => ">",
            CompareOp::GtE => ">=",
            CompareOp::Eq
            | CompareOp::NotEq
            | CompareOp::Is
            | CompareOp::IsNot
            | CompareOp::In
            | CompareOp::NotIn => return,
        };
        let (first, second) = (a.ty.given().clone(), b.ty.given().clone());
        let among = |kind: &Ty, others: &Ty| others.kinds().iter().any(|o| may_equal(kind, o));
        let error = |x: &Ty, y: &Ty| match (x.kinds(), y.kinds()) {
            ([x], [y]) => format!(
                "TypeError: '{symbol}' not supported between instances of '{}' and '{}'",
                type_name(x),
                type_name(y)
            ),
            _ => format!("TypeError: '{symbol}' not supported between instances of these types"),
        };
        self.take(scope, left, a, &|kind| among(kind, &second), &|kind| {
            error(kind, &second)
        });
        self.take(scope, right, b, &|kind| among(kind, &first), &|kind| {
            error(&first, kind)
        });
    }

    /// The kinds that a unary operator takes.
    pub(super) fn take_operand(
        &mut self,
        scope: &mut Scope<'_>,
        op: UnaryOp,
        operand: &Expr,
        fact: &mut Fact,
    ) {
        let (symbol, takes): (&str, fn(&Ty) -> bool) = match op {
            UnaryOp::Not => return,
            UnaryOp::Neg => ("-", is_numeric),
            UnaryOp::Pos => ("+", is_numeric),
            UnaryOp::Invert => ("~", |kind| matches!(kind, Ty::Int | Ty::Bool)),
        };
        self.take(scope, operand, fact, &takes, &|kind| {
            format!(
                "TypeError: bad operand type for unary {symbol}: '{}'",
                type_name(kind)
            )
        });
    }

    /// The kinds that have a method: of the kinds of a union only a text has those of a text.
    pub(super) fn take_receiver(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        fact: &mut Fact,
        method: &str,
    ) {
        if crate::catalog::lookup(&format!("<str>.{method}")).is_none() {
            return;
        }
        self.take(scope, value, fact, &|kind| *kind == Ty::Str, &|kind| {
            let name = type_name(kind);
            format!("AttributeError: '{name}' object has no attribute '{method}'")
        });
    }

    /// The kinds that a builtin takes, of those that a union has.
    pub(super) fn take_argument(
        &mut self,
        scope: &mut Scope<'_>,
        full: &str,
        arg: &Expr,
        fact: &mut Fact,
    ) {
        type Refused = fn(&str) -> String;
        let (takes, refused): (fn(&Ty) -> bool, Refused) = match full {
            "len" => (
                |kind| *kind == Ty::Str,
                |name| format!("TypeError: object of type '{name}' has no len()"),
            ),
            "abs" => (is_numeric, |name| {
                format!("TypeError: bad operand type for abs(): '{name}'")
            }),
            "round" => (is_numeric, |name| {
                format!("TypeError: type {name} doesn't define __round__ method")
            }),
            _ => return,
        };
        self.take(scope, arg, fact, &takes, &|kind| refused(type_name(kind)));
    }

    /// Leaves the kinds of a value that an operation takes; for any other Python raises what
    /// `error` says, and so does the Rust.
    pub(super) fn take(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        fact: &mut Fact,
        takes: &dyn Fn(&Ty) -> bool,
        error: &dyn Fn(&Ty) -> String,
    ) {
        if !self.unite {
            return;
        }
        let Some(kinds) = fact.ty.union() else { return };
        let (taken, refused): (Vec<Ty>, Vec<Ty>) = kinds.iter().cloned().partition(takes);
        let numbers = taken.len() > 1 && taken.iter().all(is_numeric);
        let ty = match (numbers, taken.contains(&Ty::Float)) {
            // A bool is an int to arithmetic.
            (true, true) => Ty::IntOrFloat,
            (true, false) => Ty::Int,
            (false, _) if taken.is_empty() => return,
            (false, _) => Ty::of_kinds(taken),
        };
        let refused: Vec<Ty> = match &fact.ty {
            Ty::Option(_) => refused.into_iter().chain([Ty::None]).collect(),
            _ => refused,
        };
        let text = match refused.as_slice() {
            [one] => error(one),
            several => {
                let names: Vec<&str> = several.iter().map(type_name).collect();
                let text = several.first().map_or_else(String::new, error);
                let class = text.split_once(':').map_or("TypeError", |(class, _)| class);
                format!("{class} (of {} here)", names.join(" or "))
            }
        };
        *fact = Fact::of(ty);
        scope.record(e.id, fact.clone());
        if self.recording {
            self.model.refusals.insert(e.id, text);
        }
    }

    /// Whether a value of several kinds is asked for its equality with one of a single kind.
    pub(super) fn compares_kinds(&self, a: &Ty, b: &Ty) -> bool {
        let one = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_)) || is_numeric(ty);
        self.unite && (a.is_mixed() && one(b) || one(a) && b.is_mixed())
    }

    /// Whether a value of several kinds is looked for among values of a single kind.
    pub(super) fn looks_for_kinds(&self, a: &Ty, b: &Ty) -> bool {
        let items: Vec<&Ty> = match b {
            Ty::Tuple(items) => items.iter().collect(),
            Ty::List { elem, .. } => vec![elem],
            _ => return false,
        };
        let text = |ty: &&Ty| **ty == Ty::Str;
        self.unite
            && a.is_mixed()
            && (items.iter().all(text) || items.iter().all(|ty| **ty == Ty::Int))
    }

    /// Names every union that a variable, an attribute, a parameter or a result holds.
    pub(super) fn name_unions(&mut self) {
        if !self.unite {
            return;
        }
        // What attributes and the module keep, and what only passes through functions.
        let mut kept: Vec<(String, Ty)> = Vec::new();
        for class in self.model.classes.values() {
            for (name, fact) in &class.fields {
                collect(name, &fact.ty, &mut kept);
            }
        }
        for (name, fact) in &self.model.variables {
            collect(name, &fact.ty, &mut kept);
        }
        for (name, constant) in &self.model.consts {
            collect(name, &constant.fact.ty, &mut kept);
        }
        let mut other: Vec<(String, Ty)> = Vec::new();
        for function in self.model.functions.iter().chain([&self.model.module]) {
            for (name, var) in &function.vars {
                collect(super::scope::plain_name(name), &var.fact.ty, &mut other);
            }
        }
        for function in &self.model.functions {
            let own = function.python_name.rsplit('.').next().unwrap_or_default();
            collect(own, &function.ret.ty, &mut other);
            let named = self.functions.get(&function.python_name);
            let named = named.into_iter().flat_map(|f| &f.params.list);
            for (param, fact) in named.zip(&function.params) {
                collect(&param.name.name, &fact.ty, &mut other);
            }
        }
        let all = || kept.iter().chain(&other);
        let places: BTreeSet<&Ty> = all().map(|(_, ty)| ty).collect();
        for ty in places {
            let within = |known: &Ty| known != ty && is_union(known) && holds(known, ty.kinds());
            let own = kept.iter().any(|(_, known)| known == ty);
            // What goes to a place of more kinds is of those.
            if !own && kept.iter().any(|(_, known)| within(known)) {
                continue;
            }
            let names = all().filter(|(_, known)| known == ty);
            let names = names.map(|(name, _)| name.to_lowercase());
            let names: BTreeSet<String> = names.filter(|n| !says_nothing(n)).collect();
            self.name_union(ty, &names);
        }
        // What nothing keeps.
        let mut passing: BTreeSet<Ty> = BTreeSet::new();
        for function in self.model.functions.iter().chain([&self.model.module]) {
            for fact in function.facts.values() {
                let mut unions = Vec::new();
                collect("", &fact.ty, &mut unions);
                passing.extend(unions.into_iter().map(|(_, ty)| ty));
            }
        }
        let mut passing: Vec<Ty> = passing.into_iter().collect();
        passing.sort_by_key(|ty| std::cmp::Reverse(ty.kinds().len()));
        for ty in passing {
            if self.model.union_of(&ty).is_none() {
                self.name_union(&ty, &BTreeSet::new());
            }
        }
    }

    /// Names a union after the one place that has it, or else after its kinds.
    fn name_union(&mut self, ty: &Ty, names: &BTreeSet<String>) {
        if !is_union(ty) {
            return;
        }
        let kinds = ty.kinds();
        let mut names = names.iter();
        let name = match (names.next(), names.next()) {
            (Some(name), None) => match name.as_str() {
                "result" | "option" | "error" | "string" | "number" => format!("{name}_value"),
                name => name.to_string(),
            },
            _ if kinds.len() <= MOST_NAMED => {
                let kinds: Vec<String> = kinds.iter().map(variant).collect();
                kinds.join("_or_")
            }
            _ => NAMELESS.to_string(),
        };
        let name = self.free_name(&name);
        let fields = kinds.iter().map(|k| (variant(k), Fact::of(k.clone())));
        let class = Class {
            fields: fields.collect(),
            ..Class::default()
        };
        self.model.classes.insert(name.clone(), class);
        self.model.unions.push((ty.clone(), name));
    }
}

impl super::Model {
    /// Whether values of several kinds are unions.
    pub fn has_named_unions(&self) -> bool {
        !self.unions.is_empty()
    }

    /// Whether a value is of several kinds.
    pub fn has_unions(&self) -> bool {
        let functions = self.functions.iter().chain([&self.module]);
        let mut facts = functions.flat_map(|function| function.facts.values());
        facts.any(|fact| fact.ty.any(&|ty| ty.is_mixed()))
    }

    /// The kinds of a union for which a test holds, and those for which it does not.
    pub fn kinds_told(
        &self,
        kinds: &[Ty],
        test: &TypeTest<'_>,
        full_name: &dyn Fn(&Expr) -> String,
    ) -> (KindSet, KindSet) {
        let holds =
            |kind: &&Ty| self.answer(kind, test, full_name) == super::isinstance::Instance::Always;
        let (yes, no): (Vec<&Ty>, Vec<&Ty>) = kinds.iter().partition(holds);
        (KindSet::of(yes), KindSet::of(no))
    }

    /// The union that a type is kept in: its kinds, and what it is called.
    pub fn union_of(&self, ty: &Ty) -> Option<(&[Ty], &str)> {
        let kinds = match ty {
            Ty::Mixed(kinds) => kinds,
            _ => return None,
        };
        let found = self.unions.iter().filter(|(known, _)| holds(known, kinds));
        let found = found.min_by_key(|(known, _)| known.kinds().len());
        found.map(|(known, name)| (known.kinds(), name.as_str()))
    }
}

/// Whether a union has all of some kinds.
fn holds(union: &Ty, kinds: &[Ty]) -> bool {
    kinds.iter().all(|kind| union.kinds().contains(kind))
}

/// Whether a name fits every value.
fn says_nothing(name: &str) -> bool {
    const COMMON: [&str; 13] = [
        "value", "val", "data", "item", "entry", "arg", "default", "other", "current", "get",
        "read", "load", "fetch",
    ];
    name.len() < 3
        || COMMON
            .iter()
            .any(|c| name == *c || name.strip_suffix('s') == Some(c))
}

/// The unions within a type.
fn collect(name: &str, ty: &Ty, out: &mut Vec<(String, Ty)>) {
    let one = match ty {
        Ty::List { .. } | Ty::Deque { .. } | Ty::Dict { .. } | Ty::Set(_) => one_of(name),
        _ => name.to_string(),
    };
    for part in ty.parts() {
        collect(&one, part, out);
    }
    if ty.is_mixed() {
        out.push((one, ty.clone()));
    }
}

/// `token` of `tokens`.
fn one_of(name: &str) -> String {
    match name.strip_suffix('s') {
        Some(one) if one.len() > 2 && !one.ends_with('s') => one.to_string(),
        _ => name.to_string(),
    }
}

/// What the variant of a kind is called.
pub fn variant(kind: &Ty) -> String {
    match kind {
        Ty::Bool => "Flag".into(),
        Ty::Int => "Int".into(),
        Ty::Float => "Float".into(),
        Ty::Str => "Text".into(),
        other => other.describe(),
    }
}

/// Whether a value of several kinds is a union of the Rust.
pub(super) fn is_union(ty: &Ty) -> bool {
    ty.is_mixed() && ty.kinds().iter().all(is_plain)
}

/// Whether a union may have it as a kind.
fn is_plain(kind: &Ty) -> bool {
    matches!(kind, Ty::Bool | Ty::Int | Ty::Float | Ty::Str)
}

/// Whether it is a number to arithmetic.
pub fn is_numeric(kind: &Ty) -> bool {
    kind.is_number() || *kind == Ty::Bool
}

/// Whether a value of one kind may equal one of another, or be compared with it by order.
fn may_equal(a: &Ty, b: &Ty) -> bool {
    let text = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_));
    is_numeric(a) && is_numeric(b)
        || text(a) && text(b)
        || a == b
        || matches!(
            (a, b),
            (Ty::List { .. }, Ty::List { .. }) | (Ty::Tuple(_), Ty::Tuple(_))
        )
}

/// Whether Python has an operator for values of two kinds.
fn operates(op: BinaryOp, a: &Ty, b: &Ty) -> bool {
    let whole = |kind: &Ty| matches!(kind, Ty::Int | Ty::Bool | Ty::IntOrFloat | Ty::Number);
    let sequence = |kind: &Ty| matches!(kind, Ty::Str | Ty::Tuple(_) | Ty::List { .. });
    match op {
        BinaryOp::Add if sequence(a) || sequence(b) => may_equal(a, b),
        BinaryOp::Mul if sequence(a) || sequence(b) => {
            sequence(a) && whole(b) || whole(a) && sequence(b)
        }
        // It formats.
        BinaryOp::Mod if *a == Ty::Str => true,
        BinaryOp::Shl | BinaryOp::Shr | BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => {
            whole(a) && whole(b)
        }
        BinaryOp::MatMul => false,
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::FloorDiv
        | BinaryOp::Mod
        | BinaryOp::Pow => is_numeric(a) && is_numeric(b),
    }
}

/// The name of a kind's type in Python.
pub fn type_name(kind: &Ty) -> &'static str {
    match kind {
        Ty::None => "NoneType",
        Ty::Bool => "bool",
        Ty::Int => "int",
        Ty::Float => "float",
        Ty::Str | Ty::Enum(_) => "str",
        Ty::Tuple(_) => "tuple",
        Ty::List { .. } => "list",
        _ => "object",
    }
}

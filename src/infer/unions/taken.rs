//! Which kinds an operator, a method or a builtin takes.
//!
//! Enters: an operation on a value of several kinds. Leaves: the kinds that Python has it for,
//! and the error that Python raises for the others. This module must not know what a union is
//! in Rust.

use super::{is_numeric, is_sequence, may_equal, type_name};
use crate::ast::{BinaryOp, CompareOp, Expr, UnaryOp};
use crate::infer::Inference;
use crate::infer::eval::Scope;
use crate::infer::model::{Fact, Refusal};
use crate::ty::{Missing, Ty};

impl Inference<'_> {
    /// The kinds that an operator takes, of operands of several kinds.
    pub(in crate::infer) fn take_operands(
        &mut self,
        scope: &mut Scope<'_>,
        op: BinaryOp,
        (left, a): (&Expr, &mut Fact),
        (right, b): (&Expr, &mut Fact),
    ) {
        if a.ty.union().is_none() && b.ty.union().is_none() {
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
    pub(in crate::infer) fn take_compared(
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
    pub(in crate::infer) fn take_operand(
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

    /// The kinds that have an item by its place.
    pub(in crate::infer) fn take_indexed(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        fact: &mut Fact,
        at: Option<i128>,
    ) {
        let has = |len: usize| match at {
            Some(at) if at < 0 => at.unsigned_abs() <= len as u128,
            Some(at) => at < len as i128,
            None => true,
        };
        let takes = |kind: &Ty| match kind {
            Ty::Tuple(items) => has(items.len()),
            kind => matches!(kind, Ty::List { .. } | Ty::Str),
        };
        self.take(scope, value, fact, &takes, &|kind| match kind {
            Ty::Tuple(_) => "IndexError: tuple index out of range".to_string(),
            kind => {
                let name = type_name(kind);
                format!("TypeError: '{name}' object is not subscriptable")
            }
        });
    }

    /// The item of what is a tuple or a list, or a tuple of another length.
    pub(in crate::infer) fn item_of_kinds(&self, base: &Ty, at: Option<i128>) -> Option<Fact> {
        let at = usize::try_from(at?).ok()?;
        let Ty::Mixed(kinds) = base else { return None };
        let item = |kind: &Ty| match kind {
            Ty::Tuple(items) => items.get(at).cloned(),
            Ty::List { elem, .. } => Some((**elem).clone()),
            _ => None,
        };
        let items: Vec<Ty> = kinds.iter().map(item).collect::<Option<_>>()?;
        let all = items.iter().fold(Ty::Unknown, |all, ty| all.join(ty));
        self.unite.then(|| Fact::of(all))
    }

    /// The kinds that a loop runs through.
    pub(in crate::infer) fn take_run(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        fact: &mut Fact,
    ) {
        let takes = |kind: &Ty| is_sequence(kind) || *kind == Ty::Str;
        self.take(scope, value, fact, &takes, &|kind| {
            let name = type_name(kind);
            format!("TypeError: '{name}' object is not iterable")
        });
    }

    /// The kinds that are taken apart into so many names.
    pub(in crate::infer) fn take_unpacked(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        fact: &mut Fact,
        names: usize,
    ) {
        let takes = |kind: &Ty| match kind {
            Ty::Tuple(items) => items.len() == names,
            kind => matches!(kind, Ty::List { .. }),
        };
        self.take(scope, value, fact, &takes, &|kind| match kind {
            Ty::Tuple(items) if items.len() < names => format!(
                "ValueError: not enough values to unpack (expected {names}, got {})",
                items.len()
            ),
            Ty::Tuple(_) => format!("ValueError: too many values to unpack (expected {names})"),
            kind => {
                let name = type_name(kind);
                format!("TypeError: cannot unpack non-iterable {name} object")
            }
        });
    }

    /// The kinds that have a method, which looks at the value only.
    pub(in crate::infer) fn take_receiver(
        &mut self,
        scope: &mut Scope<'_>,
        value: &Expr,
        fact: &mut Fact,
        method: &str,
    ) {
        let known = |class: &str| crate::catalog::lookup(&format!("<{class}>.{method}"));
        let has = |kind: &Ty| match kind {
            Ty::Str => known("str").is_some(),
            Ty::List { .. } => known("list").is_some_and(|known| !known.special.mutates),
            _ => false,
        };
        self.take(scope, value, fact, &has, &|kind| {
            let name = type_name(kind);
            format!("AttributeError: '{name}' object has no attribute '{method}'")
        });
    }

    /// The kinds that a builtin takes, of those that a union has.
    pub(in crate::infer) fn take_argument(
        &mut self,
        scope: &mut Scope<'_>,
        full: &str,
        arg: &Expr,
        fact: &mut Fact,
    ) {
        type Refused = fn(&str) -> String;
        let texts = |ty: &Ty| ty.union().is_some_and(|kinds| kinds.contains(&Ty::Str));
        let (takes, refused): (fn(&Ty) -> bool, Refused) = match full {
            "len" => (
                |kind| *kind == Ty::Str || is_sequence(kind),
                |name| format!("TypeError: object of type '{name}' has no len()"),
            ),
            "abs" => (is_numeric, |name| {
                format!("TypeError: bad operand type for abs(): '{name}'")
            }),
            "round" => (is_numeric, |name| {
                format!("TypeError: type {name} doesn't define __round__ method")
            }),
            // A text is read in another way.
            "int" if !texts(&fact.ty) => (is_numeric, |name| {
                format!(
                    "TypeError: int() argument must be a string, a bytes-like object or a real number, not '{name}'"
                )
            }),
            "float" if !texts(&fact.ty) => (is_numeric, |name| {
                format!(
                    "TypeError: float() argument must be a string or a real number, not '{name}'"
                )
            }),
            "sum" | "min" | "max" | "sorted" | "list" | "tuple" | "any" | "all" | "enumerate"
            | "reversed" => (is_sequence, |name| {
                format!("TypeError: '{name}' object is not iterable")
            }),
            _ => return,
        };
        self.take(scope, arg, fact, &takes, &|kind| refused(type_name(kind)));
    }

    /// Leaves the kinds of a value that an operation takes; for any other Python raises what
    /// `error` says, and so does the Rust.
    pub(in crate::infer) fn take(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        fact: &mut Fact,
        takes: &dyn Fn(&Ty) -> bool,
        error: &dyn Fn(&Ty) -> String,
    ) {
        let Some(kinds) = fact.ty.union() else {
            self.take_given(e, fact, takes, error);
            return;
        };
        if !self.unite {
            self.model.met_unions = true;
            return;
        }
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
        let whole = std::mem::replace(fact, Fact::of(ty.clone())).ty;
        scope.record(e.id, fact.clone());
        if self.recording {
            let refusal = Refusal {
                error: text,
                whole,
                taken: ty,
            };
            self.model.refusals.insert(e.id, refusal);
        }
    }

    /// Leaves the key that a value is where it is not None: None is no key of such a dict.
    pub(in crate::infer) fn take_key(&mut self, key: &Expr, dict: &Ty, fact: &mut Fact) {
        let Ty::Option(asked) = &fact.ty else { return };
        let keys = match dict.given() {
            Ty::Record(_) => Ty::Str,
            Ty::Dict { key, missing, .. } if *missing == Missing::Raises => (**key).clone(),
            _ => return,
        };
        if **asked != keys || !matches!(keys, Ty::Str | Ty::Int | Ty::Bool | Ty::Member(_)) {
            return;
        }
        self.refuse_none(key, fact, keys, "KeyError: None".to_string());
    }

    /// Leaves the list, tuple or text that a value is where it is not None.
    fn take_given(
        &mut self,
        e: &Expr,
        fact: &mut Fact,
        takes: &dyn Fn(&Ty) -> bool,
        error: &dyn Fn(&Ty) -> String,
    ) {
        let Ty::Option(inner) = &fact.ty else { return };
        let own = match &**inner {
            Ty::List { store, .. } => store.is_none(),
            Ty::Tuple(_) | Ty::Str => true,
            _ => false,
        };
        if !own || !takes(inner) {
            return;
        }
        let taken = (**inner).clone();
        self.refuse_none(e, fact, taken, error(&Ty::None));
    }

    /// Leaves what a value is where it is not None. It may be None still: that is asked for
    /// where it is read.
    fn refuse_none(&mut self, e: &Expr, fact: &mut Fact, taken: Ty, error: String) {
        let whole = std::mem::replace(&mut fact.ty, taken.clone());
        if self.recording {
            let refusal = Refusal {
                error,
                whole,
                taken,
            };
            self.model.refusals.insert(e.id, refusal);
        }
    }
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

//! Values: what is known of one in Python ([`Fact`]) and how it lies in Rust ([`Val`]).
//!
//! Enters: types, intervals and Rust expressions. Leaves: [`Val`] with the conversions
//! between representations, each exact or checked. This module must not know any syntax
//! tree of Python.

use crate::ast::NodeId;
use crate::ir::{BinOp, Expr, RTy, UnOp};
use crate::project::{FloatTy, IntTy, RustTy, TypeTable};
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;

/// What is known of a Python value.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its type.
    pub ty: Ty,
    /// Its interval.
    pub range: Range,
    /// A name that may not be bound yet where it is read.
    pub unbound: bool,
}

impl Fact {
    /// Nothing is known.
    pub fn unknown() -> Fact {
        Fact {
            ty: Ty::Unknown,
            range: Range::Any,
            unbound: false,
        }
    }

    /// What a field of a message or state holds.
    pub fn stored(ty: &RustTy, types: &TypeTable) -> Fact {
        Fact {
            range: stored_range(ty),
            ..Fact::of(Ty::of_rust(ty, types))
        }
    }

    /// A type whose interval is all of it.
    pub fn of(ty: Ty) -> Fact {
        let range = match ty.given() {
            Ty::Int => Range::INT,
            Ty::Float => Range::FLOAT,
            Ty::Number | Ty::IntOrFloat => Range::NUMBER,
            _ => Range::Any,
        };
        Fact {
            ty,
            range,
            unbound: false,
        }
    }

    /// An int in an interval.
    pub fn int(range: IntRange) -> Fact {
        Fact {
            ty: Ty::Int,
            range: Range::Int(range),
            unbound: false,
        }
    }

    /// A float in an interval.
    pub fn float(range: FloatRange) -> Fact {
        Fact {
            ty: Ty::Float,
            range: Range::Float(FloatRange {
                ints: None,
                int_zero: false,
                ..range
            }),
            unbound: false,
        }
    }

    /// The same with what it can be as an int, where nothing is said of that.
    #[must_use]
    pub fn with_ints(mut self) -> Fact {
        self.range = self.range_with_ints();
        self
    }

    fn range_with_ints(&self) -> Range {
        let mut all = self.range;
        if let (Ty::Number | Ty::IntOrFloat, Range::Float(range)) = (self.ty.given(), &mut all) {
            range.ints.get_or_insert(IntRange::ALL);
        }
        all
    }

    /// What it can be as an int, where it can be one.
    pub fn int_part(&self) -> Option<IntRange> {
        match (self.ty.given(), self.range) {
            (Ty::Bool, _) => Some(IntRange::new(0, 1)),
            (Ty::Int, range) => Some(range.int()),
            (Ty::Number | Ty::IntOrFloat, Range::Int(range)) => Some(range),
            (Ty::Number | Ty::IntOrFloat, Range::Float(range)) => {
                Some(range.ints.unwrap_or(IntRange::ALL))
            }
            (Ty::Number | Ty::IntOrFloat, Range::Any) => Some(IntRange::ALL),
            _ => None,
        }
    }

    /// The least fact that holds both.
    pub fn join(&self, other: &Fact) -> Fact {
        let ty = self.ty.join(&other.ty);
        let range = match (&self.ty, &other.ty) {
            (Ty::Unknown | Ty::None, _) => other.range,
            (_, Ty::Unknown | Ty::None) => self.range,
            _ => self.range_with_ints().join(other.range_with_ints()),
        };
        Fact {
            ty,
            range,
            unbound: self.unbound || other.unbound,
        }
    }

    /// Joins `other` into it; true where that changed anything.
    pub fn absorb(&mut self, other: &Fact, widen: bool) -> bool {
        let mut joined = self.join(other);
        if widen
            && !matches!(self.ty, Ty::Unknown | Ty::None)
            && !matches!(other.ty, Ty::Unknown | Ty::None)
        {
            joined.range = self.range_with_ints().widen(other.range_with_ints());
        }
        let changed = joined != *self;
        *self = joined;
        changed
    }

    /// Whether to join another fact that is part of it, and to widen the interval, would change
    /// nothing.
    pub fn contains_widened(&self, other: &Fact) -> bool {
        let open = |ty: &Ty| matches!(ty, Ty::Unknown | Ty::None);
        open(&self.ty)
            || open(&other.ty)
            || self.range_with_ints().widen(other.range_with_ints()) == self.range
    }
}

/// A number rounded to `f32`, as a literal or a constant's name.
pub fn f32_literal(value: f64) -> Expr {
    let narrow = value as f32;
    match narrow {
        _ if narrow.is_nan() => Expr::atom("f32::NAN"),
        f32::INFINITY => Expr::atom("f32::INFINITY"),
        f32::NEG_INFINITY => Expr::atom("f32::NEG_INFINITY"),
        _ if narrow.is_sign_negative() => Expr::NegLit(format!("{narrow:?}")),
        _ => Expr::Atom(format!("{narrow:?}")),
    }
}

/// The interval of a Rust integer type.
pub fn int_type_range(int: IntTy) -> IntRange {
    match (int.is_signed(), int.bits()) {
        (true, 128) => IntRange::new(i128::MIN, i128::MAX),
        (true, bits) => IntRange::new(-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
        (false, 128) => IntRange {
            lo: Some(0),
            hi: None,
        },
        (false, bits) => IntRange::new(0, (1i128 << bits) - 1),
    }
}

/// The interval of every value that a message's field of that type holds.
pub fn stored_range(ty: &RustTy) -> Range {
    match ty {
        RustTy::Int(int) => Range::Int(int_type_range(*int)),
        RustTy::CuTime | RustTy::CuDuration => Range::Int(int_type_range(IntTy::U64)),
        RustTy::Float(FloatTy::F32) => Range::Float(FloatRange::F32),
        RustTy::Float(FloatTy::F64) => Range::FLOAT,
        RustTy::Option(inner) | RustTy::Boxed(inner) => stored_range(inner),
        RustTy::Bool
        | RustTy::Char
        | RustTy::String
        | RustTy::Unit
        | RustTy::Array(..)
        | RustTy::Vec(_)
        | RustTy::ArrayVec(..)
        | RustTy::Tuple(_)
        | RustTy::Map { .. }
        | RustTy::Named(_)
        | RustTy::Opaque(_) => Range::Any,
    }
}

/// A Rust expression with all that is known of its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Val {
    /// The expression.
    pub expr: Expr,
    /// Its Rust type.
    pub rty: RTy,
    /// The value's type in Python.
    pub ty: Ty,
    /// Its interval.
    pub range: Range,
    /// The text of a number literal, which fits any type that holds it.
    pub literal: bool,
    /// The Python expression whose value it is, where it is that of one.
    pub node: Option<NodeId>,
}

impl Val {
    /// A copy of an array of numbers, where that is what the fact says.
    pub fn array_copy(&self, fact: &Fact) -> Option<Val> {
        let Ty::List { len: Some(len), .. } = &fact.ty else {
            return None;
        };
        let expr = match &self.rty {
            RTy::Array(..) => self.expr.clone(),
            RTy::Ref(_) | RTy::RefMut(_) => Expr::Deref(Box::new(self.expr.clone())),
            _ => return None,
        };
        match self.rty.peel() {
            array @ RTy::Array(_, own) if own == len => Some(Val::new(expr, array.clone(), fact)),
            _ => None,
        }
    }

    /// A value whose Rust type is `rty`.
    pub fn new(expr: Expr, rty: RTy, fact: &Fact) -> Val {
        Val {
            expr,
            rty,
            ty: fact.ty.clone(),
            range: fact.range,
            literal: false,
            node: None,
        }
        .plain()
    }

    /// The same, where its Rust type says whether a number is an int or a float.
    #[must_use]
    pub fn plain(mut self) -> Val {
        match (&self.ty, &self.rty) {
            (Ty::IntOrFloat, RTy::Float(_)) => {
                self.ty = Ty::Float;
                self.range = Fact::float(self.range.float()).range;
            }
            (Ty::IntOrFloat, RTy::Int(_)) => {
                let ints = self.fact().int_part().unwrap_or(IntRange::ALL);
                self.ty = Ty::Int;
                self.range = Range::Int(ints);
            }
            _ => {}
        }
        self
    }

    /// The same of another type.
    #[must_use]
    pub fn with_ty(self, ty: Ty) -> Val {
        let range = Fact::of(ty.clone()).range;
        Val { ty, range, ..self }
    }

    /// What lies in a place of type `rty`, before the flow tells that it is not None.
    pub fn declared(expr: Expr, rty: RTy, fact: &Fact) -> Val {
        let val = Val::new(expr, rty, fact);
        match val.rty {
            RTy::Option(_) => Val {
                ty: val.ty.optional(),
                ..val
            },
            _ => val,
        }
    }

    /// An `f64`.
    pub fn f64(expr: Expr, range: FloatRange) -> Val {
        Val {
            expr,
            rty: RTy::F64,
            ty: Ty::Float,
            range: Range::Float(range),
            literal: false,
            node: None,
        }
    }

    /// An integer of type `int`.
    pub fn int(expr: Expr, int: IntTy, range: IntRange) -> Val {
        Val {
            expr,
            rty: RTy::Int(int),
            ty: Ty::Int,
            range: Range::Int(range),
            literal: false,
            node: None,
        }
    }

    /// A `bool`.
    pub fn bool(expr: Expr) -> Val {
        Val {
            expr,
            rty: RTy::Bool,
            ty: Ty::Bool,
            range: Range::Any,
            literal: false,
            node: None,
        }
    }

    /// What a hole stands for: it fits anywhere.
    pub fn hole(text: String, ty: Ty) -> Val {
        Val {
            expr: Expr::Hole(text),
            rty: RTy::Never,
            ty,
            range: Range::Any,
            literal: false,
            node: None,
        }
    }

    /// Its fact.
    pub fn fact(&self) -> Fact {
        Fact {
            ty: self.ty.clone(),
            range: self.range,
            unbound: false,
        }
    }

    /// The value as an `f64`: exact, or rounded as Python rounds an int.
    pub fn to_f64(&self) -> Expr {
        let constant = self
            .range
            .int()
            .constant()
            .filter(|_| matches!(self.range, Range::Int(_)));
        match (&self.rty, &self.expr) {
            (RTy::Float(FloatTy::F64) | RTy::Never, _) => self.expr.clone(),
            (RTy::Float(FloatTy::F32), _) => Expr::call("f64::from", vec![self.expr.clone()]),
            (RTy::Int(_), _) if self.literal && constant.is_some() => {
                float_literal(constant.unwrap_or(0) as f64)
            }
            (RTy::Int(_), Expr::ConstInt { name, .. }) => Expr::ConstInt {
                name: name.clone(),
                want: RTy::F64,
            },
            (RTy::Int(int), _) if int.bits() <= 32 => {
                Expr::call("f64::from", vec![self.expr.clone()])
            }
            (RTy::Bool | RTy::Number, _) => Expr::call("f64::from", vec![self.expr.clone()]),
            _ => self.expr.clone().cast(RTy::F64),
        }
    }

    /// The value as a `Number`; an int is checked where it may leave 64 bits.
    pub fn to_number(&self, error: &str) -> Option<Expr> {
        match (&self.rty, &self.ty) {
            (RTy::Number, _) => Some(self.expr.clone()),
            (_, Ty::Int | Ty::Bool) => {
                let int = self.to_int_checked(IntTy::I64, error);
                Some(Expr::call("Number::Int", vec![int]))
            }
            (_, Ty::Float) => Some(Expr::call("Number::Float", vec![self.to_f64()])),
            _ => None,
        }
    }

    /// The value as an integer of type `to`; `None` where its interval does not fit.
    pub fn to_int(&self, to: IntTy) -> Option<Expr> {
        let RTy::Int(from) = self.rty else {
            return match self.rty {
                RTy::Never => Some(self.expr.clone()),
                RTy::Bool => Some(Expr::call(
                    format!("{}::from", to.name()),
                    vec![self.expr.clone()],
                )),
                _ => None,
            };
        };
        let fits = self
            .range
            .int()
            .meet(int_type_range(from))
            .within(int_type_range(to));
        if self.literal {
            return fits.then(|| self.expr.clone());
        }
        if let Expr::ConstInt { name, .. } = &self.expr {
            return fits.then(|| Expr::ConstInt {
                name: name.clone(),
                want: RTy::Int(to),
            });
        }
        if from == to {
            return Some(self.expr.clone());
        }
        if !fits {
            return None;
        }
        let lossless = !matches!(from, IntTy::Usize | IntTy::Isize)
            && !matches!(to, IntTy::Usize | IntTy::Isize)
            && int_type_range(from).within(int_type_range(to));
        Some(if lossless {
            Expr::call(format!("{}::from", to.name()), vec![self.expr.clone()])
        } else {
            // One cast will do for two.
            match &self.expr {
                Expr::Cast(inner, RTy::Int(IntTy::I64)) => (**inner).clone().cast(RTy::Int(to)),
                other => other.clone().cast(RTy::Int(to)),
            }
        })
    }

    /// The value as an integer of type `to`, checked where its interval does not fit; the
    /// second result is the type that the check is made from.
    pub fn to_int_checked(&self, to: IntTy, error: &str) -> Expr {
        match self.to_int(to) {
            Some(expr) => expr,
            None => Expr::call(format!("{}::try_from", to.name()), vec![self.expr.clone()])
                .method(
                    "map_err",
                    vec![Expr::Closure(
                        "_".into(),
                        Box::new(Expr::Atom(format!("{error:?}"))),
                    )],
                )
                .try_(),
        }
    }

    /// The value as an integer of type `to`, with an error of Python's where it does not fit.
    pub fn to_int_or(&self, to: IntTy, error: &str) -> Expr {
        match self.to_int(to) {
            Some(expr) => expr,
            None => Expr::call(format!("{}::try_from", to.name()), vec![self.expr.clone()])
                .method("ok", vec![])
                .ok_or(error),
        }
    }

    /// The value as an element of a list that holds `elem`.
    pub fn to_element(&self, elem: &RTy, error: &str) -> Option<Expr> {
        match elem {
            RTy::Float(FloatTy::F64) if self.ty.is_number() => Some(self.to_f64()),
            RTy::Float(FloatTy::F32) if self.rty == *elem => Some(self.expr.clone()),
            RTy::Float(FloatTy::F32) if self.ty.is_number() => {
                let constant = self.range.float();
                Some(match constant.lo == constant.hi && self.literal {
                    true => f32_literal(constant.lo),
                    false => self.to_f64().cast(RTy::F32),
                })
            }
            RTy::Int(int) if self.ty == Ty::Int => Some(self.to_int_checked(*int, error)),
            RTy::Number => self.to_number(error),
            RTy::String if matches!(self.rty, RTy::Str | RTy::Char) => {
                Some(self.expr.clone().method("to_string", vec![]))
            }
            // Nobody changes bytes: a copy is as good.
            RTy::Vec(byte)
                if self.ty.octets_kind() == Some(crate::ty::ListKind::Bytes)
                    && self.rty != *elem
                    && self.element() == Some(byte) =>
            {
                Some(self.expr.clone().method("to_vec", vec![]))
            }
            _ => match &self.rty {
                RTy::Ref(held) | RTy::RefMut(held)
                    if **held == *elem && elem.is_copy(&|_| false) =>
                {
                    Some(Expr::Deref(Box::new(self.expr.clone())))
                }
                own => (own == elem || *own == RTy::Never).then(|| self.expr.clone()),
            },
        }
    }

    /// The elements' type of a list.
    pub fn element(&self) -> Option<&RTy> {
        match self.rty.peel() {
            RTy::Vec(elem)
            | RTy::Slice(elem)
            | RTy::Array(elem, _)
            | RTy::Deque(elem)
            | RTy::Set(elem) => Some(elem),
            _ => None,
        }
    }

    /// The value where a `&str` is looked at: the text of a `String`, else as it is.
    pub fn as_str(self) -> Expr {
        match &self.rty {
            RTy::String => self.expr.method("as_str", vec![]),
            RTy::Ref(inner) if **inner == RTy::String => self.expr.method("as_str", vec![]),
            _ => self.expr,
        }
    }

    /// `Option<&T>` of a `&Option<T>`, `Option<&str>` of a text; any other value as it is.
    pub fn lent_option(self) -> Val {
        let RTy::Ref(held) = &self.rty else {
            return self;
        };
        let RTy::Option(inner) = &**held else {
            return self;
        };
        let (method, lent) = match &**inner {
            RTy::String => ("as_deref", RTy::Str),
            other => ("as_ref", RTy::Ref(Box::new(other.clone()))),
        };
        Val {
            rty: RTy::Option(Box::new(lent)),
            expr: self.expr.method(method, vec![]),
            ..self
        }
    }

    /// The value where a `&str` is lent: `&name`, `"text"`.
    pub fn lent_str(self) -> Expr {
        match &self.rty {
            RTy::String => Expr::Ref(Box::new(self.expr)),
            RTy::Char => Expr::Ref(Box::new(self.expr.method("to_string", vec![]))),
            _ => self.expr,
        }
    }

    /// The smallest of `i64` and `i128` that holds the value.
    pub fn natural_int(&self) -> IntTy {
        natural_int(self.range.int())
    }

    /// The value as a condition: Python's truth.
    pub fn truth(&self) -> Option<Expr> {
        if let Ty::Record(fields) = self.ty.narrowed()
            && fields.iter().all(|(key, _)| fields.may_lack(key))
        {
            return None;
        }
        let zero_float = Expr::atom("0.0");
        let nested = |rty: &RTy, ty: &Ty| Val {
            expr: Expr::atom("x"),
            rty: rty.clone(),
            ty: ty.clone(),
            range: self.range,
            literal: false,
            node: None,
        };
        match &self.rty {
            RTy::Vec(_) if matches!(&self.expr, Expr::Call(new, of) if new == "Vec::new" && of.is_empty()) => {
                Some(Expr::atom("false"))
            }
            RTy::Bool | RTy::Never => Some(self.expr.clone()),
            // A text that is not empty, or a dict with a key.
            RTy::Char | RTy::Tov => Some(Expr::atom("true")),
            RTy::Float(_) => Some(self.expr.clone().binary(BinOp::Ne, zero_float)),
            RTy::Number => Some(self.expr.clone().binary(BinOp::Ne, Expr::atom("0"))),
            RTy::Int(int) => Some(match &self.expr {
                Expr::Binary(BinOp::Rem, n, of) if !int.is_signed() && of.is_simple() => {
                    not((**n).clone().method("is_multiple_of", vec![(**of).clone()]))
                }
                n => n.clone().binary(BinOp::Ne, Expr::atom("0")),
            }),
            RTy::Str
            | RTy::String
            | RTy::Vec(_)
            | RTy::Slice(_)
            | RTy::Map { .. }
            | RTy::Set(_)
            | RTy::Deque(_) => Some(not(self.expr.clone().method("is_empty", vec![]))),
            RTy::Ref(inner) | RTy::RefMut(inner)
                if matches!(
                    **inner,
                    RTy::Slice(_) | RTy::Vec(_) | RTy::Map { .. } | RTy::Set(_) | RTy::Deque(_)
                ) =>
            {
                Some(not(self.expr.clone().method("is_empty", vec![])))
            }
            RTy::Ref(inner) if **inner == RTy::String => {
                Some(not(self.expr.clone().method("is_empty", vec![])))
            }
            RTy::Ref(inner) if matches!(**inner, RTy::Named(_)) => Some(Expr::atom("true")),
            RTy::Ref(inner) | RTy::RefMut(inner) if let RTy::Array(_, len) = **inner => {
                Some(Expr::atom(if len == 0 { "false" } else { "true" }))
            }
            RTy::Array(_, len) => Some(Expr::atom(if *len == 0 { "false" } else { "true" })),
            RTy::Tuple(items) => Some(Expr::atom(if items.is_empty() { "false" } else { "true" })),
            // The name of a variant is never empty, nor is a struct's dict.
            RTy::Named(_) if matches!(self.ty, Ty::Enum(_) | Ty::Struct(_)) => {
                Some(Expr::atom("true"))
            }
            RTy::Option(inner) => {
                let narrowed = self.ty.narrowed();
                if matches!(inner.peel(), RTy::Named(_) | RTy::Msg(_))
                    && !matches!(narrowed, Ty::Enum(_))
                {
                    return Some(self.expr.clone().method("is_some", vec![]));
                }
                let test = nested(inner, &narrowed).truth()?;
                // What is not copied is only looked at.
                let option = match **inner {
                    RTy::String | RTy::Vec(_) => self.expr.clone().method("as_ref", vec![]),
                    _ => self.expr.clone(),
                };
                Some(option.method(
                    "is_some_and",
                    vec![Expr::Closure("x".into(), Box::new(test))],
                ))
            }
            _ => None,
        }
    }
}

fn not(e: Expr) -> Expr {
    Expr::Unary(UnOp::Not, Box::new(e))
}

/// The smallest of `i64` and `i128` that holds an interval; one without bounds is kept in
/// `i64`, whose every operation is then checked.
pub fn natural_int(range: IntRange) -> IntTy {
    let bounded = range.lo.is_some() && range.hi.is_some();
    if range.within(IntRange::I64) || !bounded {
        IntTy::I64
    } else {
        IntTy::I128
    }
}

/// The field that a dict's key is in a struct: `left_wheel` of `"Left wheel"`.
pub fn field_name(key: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in key.chars() {
        if c.is_ascii_uppercase() && previous_lower {
            out.push('_');
        }
        previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ => out.push('_'),
        }
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// A float as a Rust expression, sign and all.
pub fn float_literal(value: f64) -> Expr {
    if value.is_nan() {
        return Expr::atom("f64::NAN");
    }
    if value.is_infinite() {
        let atom = Expr::atom("f64::INFINITY");
        return if value < 0.0 {
            Expr::Unary(UnOp::Neg, Box::new(atom))
        } else {
            atom
        };
    }
    let text = format!("{value:?}");
    if value.is_sign_negative() {
        Expr::NegLit(text)
    } else {
        Expr::Atom(text)
    }
}

/// An int as a Rust expression, sign and all.
pub fn int_literal(value: i128) -> Expr {
    if value < 0 {
        Expr::NegLit(value.to_string())
    } else {
        Expr::Atom(value.to_string())
    }
}

/// An int literal as a value.
pub fn int_val(value: i128) -> Val {
    let range = IntRange::exactly(value);
    Val {
        literal: true,
        ..Val::int(int_literal(value), natural_int(range), range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::print::expr;

    #[test]
    fn conversions_are_exact_or_refused() {
        let narrow = Val::int(Expr::atom("x"), IntTy::U32, int_type_range(IntTy::U32));
        assert_eq!(expr(&narrow.to_int(IntTy::I64).unwrap()), "i64::from(x)");
        assert_eq!(narrow.to_int(IntTy::U8), None);
        assert_eq!(expr(&narrow.to_f64()), "f64::from(x)");
        let wide = Val::int(Expr::atom("x"), IntTy::I64, IntRange::new(0, 7));
        assert_eq!(expr(&wide.to_int(IntTy::U8).unwrap()), "x as u8");
        assert_eq!(expr(&int_val(-3).to_f64()), "-3.0");
        let checked = Val::int(Expr::atom("x"), IntTy::I64, IntRange::ALL);
        assert_eq!(
            expr(&checked.to_int_checked(IntTy::U8, "late")),
            "u8::try_from(x).map_err(|_| \"late\")?"
        );
    }
}

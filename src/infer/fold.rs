//! Values that are known before the program runs: constants, computed as Python does.
//!
//! Enters: an expression of literals, constants and pure builtins. Leaves: its [`Folded`]
//! value, or nothing where it is not constant, would raise, or is not certain to the last
//! bit. This module must not know what a constant becomes in Rust.

use crate::ast::{
    BinaryOp, BoolOp, CompareOp, ComprehensionKind, Expr, ExprKind, Keyword, UnaryOp,
};
use crate::ranges::{FloatRange, IntRange};
use crate::ty::Ty;
use crate::value::Fact;
use num_traits::ToPrimitive;
use std::cmp::Ordering;

/// The most elements of a constant list, and the most that one is computed from.
const MOST: usize = 4096;

/// The value of a constant expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Folded {
    /// `True`, `False`
    Bool(bool),
    /// An int.
    Int(i128),
    /// A float.
    Float(f64),
    /// A text.
    Str(String),
    /// A tuple.
    Tuple(Vec<Folded>),
    /// A list.
    List(Vec<Folded>),
}

use Folded::{Bool, Float, Int, List, Str, Tuple};

/// What names stand for where a constant is folded.
pub trait Names {
    /// The value of a constant of the module.
    fn value(&self, name: &str) -> Option<Folded>;
    /// `math.sin` for what calls it: the full name of a builtin or of a library's function.
    fn full_name(&self, callee: &Expr) -> Option<String>;
}

/// The value of `e`; none where it is not constant.
pub fn fold(e: &Expr, names: &dyn Names) -> Option<Folded> {
    Folder {
        names,
        bound: Vec::new(),
    }
    .value(e)
}

impl Folded {
    /// Its fact.
    pub fn fact(&self) -> Fact {
        match self {
            Bool(_) => Fact::of(Ty::Bool),
            Int(value) => Fact::int(IntRange::exactly(*value)),
            Float(value) => Fact::float(FloatRange::exactly(*value)),
            Str(_) => Fact::of(Ty::Str),
            Tuple(items) => Fact::of(Ty::Tuple(items.iter().map(|i| i.fact().ty).collect())),
            List(items) => {
                let elem = items.iter().fold(Ty::Unknown, |a, b| a.join(&b.fact().ty));
                Fact::of(Ty::list(elem))
            }
        }
    }

    /// Python's truth.
    fn truth(&self) -> bool {
        match self {
            Bool(value) => *value,
            Int(value) => *value != 0,
            Float(value) => *value != 0.0,
            Str(text) => !text.is_empty(),
            Tuple(items) | List(items) => !items.is_empty(),
        }
    }

    /// The value as an int, where it is an int or a bool.
    fn int(&self) -> Option<i128> {
        match self {
            Bool(value) => Some(i128::from(*value)),
            Int(value) => Some(*value),
            Float(_) | Str(_) | Tuple(_) | List(_) => None,
        }
    }

    /// The number as a float.
    fn float(&self) -> Option<f64> {
        match self {
            Float(value) => Some(*value),
            Bool(_) | Int(_) => self.int().map(|v| v as f64),
            Str(_) | Tuple(_) | List(_) => None,
        }
    }

    /// How two numbers compare; none where one is NaN, or where a double cannot tell.
    fn compare(&self, other: &Folded) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.int(), other.int()) {
            return Some(a.cmp(&b));
        }
        if let (Str(a), Str(b)) = (self, other) {
            return Some(a.cmp(b));
        }
        let exact = |v: &Folded| v.int().is_none_or(|v| v.unsigned_abs() <= 1 << 53);
        if !exact(self) || !exact(other) {
            return None;
        }
        self.float()?.partial_cmp(&other.float()?)
    }

    fn items(self) -> Option<Vec<Folded>> {
        match self {
            Tuple(items) | List(items) => Some(items),
            Str(text) => Some(text.chars().map(|c| Str(c.into())).collect()),
            Bool(_) | Int(_) | Float(_) => None,
        }
    }
}

struct Folder<'n> {
    names: &'n dyn Names,
    /// The variables of comprehensions.
    bound: Vec<(String, Folded)>,
}

impl Folder<'_> {
    fn value(&mut self, e: &Expr) -> Option<Folded> {
        match &e.kind {
            ExprKind::Bool(value) => Some(Bool(*value)),
            ExprKind::Int(value) => value.to_i128().map(Int),
            ExprKind::Float(value) => Some(Float(*value)),
            ExprKind::Str(text) => Some(Str(text.clone())),
            ExprKind::Name(name) => match self.bound.iter().rev().find(|(n, _)| n == name) {
                Some((_, value)) => Some(value.clone()),
                None => self.names.value(name).or_else(|| self.library_constant(e)),
            },
            ExprKind::Attribute { .. } => self.library_constant(e),
            ExprKind::Unary { op, operand } => unary(*op, &self.value(operand)?),
            ExprKind::Binary { op, left, right } => {
                binary(*op, &self.value(left)?, &self.value(right)?)
            }
            ExprKind::Logical { op, values } => {
                let (last, before) = values.split_last()?;
                for value in before {
                    let value = self.value(value)?;
                    if value.truth() == (*op == BoolOp::Or) {
                        return Some(value);
                    }
                }
                self.value(last)
            }
            ExprKind::Compare { left, ops, rest } => {
                let mut a = self.value(left)?;
                for (op, right) in ops.iter().zip(rest) {
                    let b = self.value(right)?;
                    if !holds(*op, &a, &b)? {
                        return Some(Bool(false));
                    }
                    a = b;
                }
                Some(Bool(true))
            }
            ExprKind::Conditional { test, body, orelse } => {
                let chosen = if self.value(test)?.truth() {
                    body
                } else {
                    orelse
                };
                self.value(chosen)
            }
            ExprKind::Tuple(items) => self.all(items).map(Tuple),
            ExprKind::List(items) => self.all(items).map(List),
            ExprKind::Subscript { value, index } => {
                let items = self.value(value)?.items()?;
                let Int(at) = self.value(index)? else {
                    return None;
                };
                let from_start = if at < 0 { at + items.len() as i128 } else { at };
                items.get(usize::try_from(from_start).ok()?).cloned()
            }
            ExprKind::Comprehension {
                kind: ComprehensionKind::List | ComprehensionKind::Generator,
                element,
                clauses,
                ..
            } => {
                let [clause] = clauses.as_slice() else {
                    return None;
                };
                let ExprKind::Name(name) = &clause.target.kind else {
                    return None;
                };
                let mut out = Vec::new();
                for item in self.sequence(&clause.iter)? {
                    self.bound.push((name.clone(), item));
                    let kept = self.kept(&clause.ifs).and_then(|kept| match kept {
                        true => self.value(element).map(Some),
                        false => Some(None),
                    });
                    self.bound.pop();
                    out.extend(kept?);
                }
                Some(List(out))
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(func, args, keywords),
            ExprKind::None
            | ExprKind::Imaginary(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis
            | ExprKind::FString(_)
            | ExprKind::Slice { .. }
            | ExprKind::Set(_)
            | ExprKind::Dict(_)
            | ExprKind::Starred(_)
            | ExprKind::Named { .. }
            | ExprKind::Lambda { .. }
            | ExprKind::Comprehension { .. }
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Await(_)
            | ExprKind::Unsupported(_) => None,
        }
    }

    fn all(&mut self, items: &[Expr]) -> Option<Vec<Folded>> {
        (items.len() <= MOST).then_some(())?;
        items.iter().map(|item| self.value(item)).collect()
    }

    fn kept(&mut self, tests: &[Expr]) -> Option<bool> {
        for test in tests {
            if !self.value(test)?.truth() {
                return Some(false);
            }
        }
        Some(true)
    }

    fn library_constant(&self, e: &Expr) -> Option<Folded> {
        let fact = crate::catalog::constant(&self.names.full_name(e)?)?;
        let range = fact.range.float();
        (range.lo == range.hi && !range.nan).then_some(Float(range.lo))
    }

    /// The elements of a list, a tuple or a `range(…)`.
    fn sequence(&mut self, e: &Expr) -> Option<Vec<Folded>> {
        let ExprKind::Call { func, args, .. } = &e.kind else {
            return self.value(e)?.items();
        };
        if self.names.full_name(func).as_deref() != Some("range") {
            return self.value(e)?.items();
        }
        let bounds: Vec<Folded> = self.all(args)?;
        let ints: Vec<i128> = bounds.iter().map(Folded::int).collect::<Option<_>>()?;
        let (start, stop, step) = match ints.as_slice() {
            [stop] => (0, *stop, 1),
            [start, stop] => (*start, *stop, 1),
            [start, stop, step] if *step != 0 => (*start, *stop, *step),
            _ => return None,
        };
        let mut out = Vec::new();
        let mut i = start;
        while (step > 0 && i < stop) || (step < 0 && i > stop) {
            if out.len() >= MOST {
                return None;
            }
            out.push(Int(i));
            i = i.checked_add(step)?;
        }
        Some(out)
    }

    fn call(&mut self, func: &Expr, args: &[Expr], keywords: &[Keyword]) -> Option<Folded> {
        let full = self.names.full_name(func)?;
        if !keywords.is_empty() {
            return None;
        }
        if let ("list" | "tuple" | "sum" | "len" | "min" | "max", [sequence]) =
            (full.as_str(), args)
        {
            let items = self.sequence(sequence)?;
            return match full.as_str() {
                "list" => Some(List(items)),
                "tuple" => Some(Tuple(items)),
                "len" => Some(Int(items.len() as i128)),
                "sum" => items
                    .iter()
                    .try_fold(Int(0), |sum, x| binary(BinaryOp::Add, &sum, x)),
                _ => extreme(&full, items),
            };
        }
        let values = self.all(args)?;
        match (full.as_str(), values.as_slice()) {
            ("min" | "max", [_, _, ..]) => extreme(&full, values),
            ("float", [x]) => x.float().map(Float),
            ("bool", [x]) => Some(Bool(x.truth())),
            ("abs", [x]) => match x {
                Float(value) => Some(Float(value.abs())),
                _ => x.int()?.checked_abs().map(Int),
            },
            ("int" | "math.trunc", [x]) => whole(x, f64::trunc),
            ("math.floor", [x]) => whole(x, f64::floor),
            ("math.ceil", [x]) => whole(x, f64::ceil),
            ("round", [x]) => whole(x, f64::round_ties_even),
            ("round", [Float(x), Int(digits @ 0..=300)]) => {
                format!("{x:.*}", *digits as usize).parse().ok().map(Float)
            }
            ("pow", [a, b]) => binary(BinaryOp::Pow, a, b),
            (_, [x]) => of_one(&full, x.float()?),
            (_, [x, y]) => of_two(&full, x.float()?, y.float()?),
            _ => None,
        }
    }
}

/// The first of the least or the greatest.
fn extreme(name: &str, items: Vec<Folded>) -> Option<Folded> {
    let wanted = match name {
        "min" => Ordering::Less,
        _ => Ordering::Greater,
    };
    let mut items = items.into_iter();
    let mut best = items.next()?;
    for item in items {
        if item.compare(&best)? == wanted {
            best = item;
        }
    }
    Some(best)
}

fn whole(x: &Folded, rounding: fn(f64) -> f64) -> Option<Folded> {
    match x {
        Float(value) => {
            let rounded = rounding(*value);
            (rounded.abs() < 1e30).then_some(Int(rounded as i128))
        }
        _ => x.int().map(Int),
    }
}

/// Functions of `math` that are the C library's in Python and in Rust; what raises is none.
fn of_one(name: &str, x: f64) -> Option<Folded> {
    let y = match name {
        "math.radians" => x.to_radians(),
        "math.degrees" => x.to_degrees(),
        "math.sqrt" => x.sqrt(),
        "math.sin" => x.sin(),
        "math.cos" => x.cos(),
        "math.tan" => x.tan(),
        "math.asin" => x.asin(),
        "math.acos" => x.acos(),
        "math.atan" => x.atan(),
        "math.exp" => x.exp(),
        "math.log" => x.ln(),
        "math.log2" => x.log2(),
        "math.log10" => x.log10(),
        "math.tanh" => x.tanh(),
        "math.fabs" => x.abs(),
        _ => return None,
    };
    y.is_finite().then_some(Float(y))
}

fn of_two(name: &str, x: f64, y: f64) -> Option<Folded> {
    let z = match name {
        "math.atan2" => x.atan2(y),
        "math.copysign" => x.copysign(y),
        "math.pow" => x.powf(y),
        _ => return None,
    };
    z.is_finite().then_some(Float(z))
}

fn unary(op: UnaryOp, x: &Folded) -> Option<Folded> {
    match (op, x) {
        (UnaryOp::Not, x) => Some(Bool(!x.truth())),
        (UnaryOp::Neg, Float(x)) => Some(Float(-x)),
        (UnaryOp::Pos, Float(x)) => Some(Float(*x)),
        (UnaryOp::Neg, x) => x.int()?.checked_neg().map(Int),
        (UnaryOp::Pos, x) => x.int().map(Int),
        (UnaryOp::Invert, x) => x.int().map(|x| Int(!x)),
    }
}

fn holds(op: CompareOp, a: &Folded, b: &Folded) -> Option<bool> {
    if let CompareOp::In | CompareOp::NotIn = op {
        if let (Str(part), Str(text)) = (a, b) {
            return Some(text.contains(part.as_str()) == (op == CompareOp::In));
        }
        let items = b.clone().items()?;
        let mut found = false;
        for item in items {
            found |= holds(CompareOp::Eq, a, &item)?;
        }
        return Some(found == (op == CompareOp::In));
    }
    let ordering = a.compare(b)?;
    Some(match op {
        CompareOp::Eq => ordering.is_eq(),
        CompareOp::NotEq => ordering.is_ne(),
        CompareOp::Lt => ordering.is_lt(),
        CompareOp::LtE => ordering.is_le(),
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::GtE => ordering.is_ge(),
        CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => return None,
    })
}

fn binary(op: BinaryOp, a: &Folded, b: &Folded) -> Option<Folded> {
    match (op, a, b) {
        (BinaryOp::BitAnd, Bool(a), Bool(b)) => return Some(Bool(a & b)),
        (BinaryOp::BitOr, Bool(a), Bool(b)) => return Some(Bool(a | b)),
        (BinaryOp::BitXor, Bool(a), Bool(b)) => return Some(Bool(a ^ b)),
        (BinaryOp::Mul, List(items), n) => return repeated(items, n.int()?).map(List),
        (BinaryOp::Mul, Tuple(items), n) => return repeated(items, n.int()?).map(Tuple),
        (BinaryOp::Add, Str(a), Str(b)) => return Some(Str(format!("{a}{b}"))),
        (BinaryOp::Add, List(a), List(b)) => return Some(List([&**a, b].concat())),
        (BinaryOp::Add, Tuple(a), Tuple(b)) => return Some(Tuple([&**a, b].concat())),
        _ => {}
    }
    match (a.int(), b.int()) {
        (Some(a), Some(b)) => of_ints(op, a, b),
        _ => of_floats(op, a.float()?, b.float()?),
    }
}

/// `[x] * n` of numbers: of lists it would be one list many times.
fn repeated(items: &[Folded], n: i128) -> Option<Vec<Folded>> {
    let n = usize::try_from(n.max(0)).ok()?;
    let plain = items.iter().all(|item| !matches!(item, List(_) | Tuple(_)));
    (plain && n.checked_mul(items.len())? <= MOST).then(|| vec![items; n].concat())
}

fn of_ints(op: BinaryOp, a: i128, b: i128) -> Option<Folded> {
    let exact = |v: i128| v.unsigned_abs() <= 1 << 53;
    Some(Int(match op {
        BinaryOp::Add => a.checked_add(b)?,
        BinaryOp::Sub => a.checked_sub(b)?,
        BinaryOp::Mul => a.checked_mul(b)?,
        BinaryOp::FloorDiv => {
            let quotient = a.checked_div(b)?;
            quotient - i128::from(a % b != 0 && (a < 0) != (b < 0))
        }
        BinaryOp::Mod => {
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            }
        }
        BinaryOp::Pow if b < 0 => return of_floats(op, a as f64, b as f64),
        BinaryOp::Pow => a.checked_pow(u32::try_from(b).ok()?)?,
        BinaryOp::Shl => {
            let by = u32::try_from(b).ok().filter(|n| *n < 126)?;
            a.checked_mul(1_i128 << by)?
        }
        BinaryOp::Shr => a >> u32::try_from(b).ok()?.min(127),
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        BinaryOp::Div if b != 0 && exact(a) && exact(b) => {
            return Some(Float(a as f64 / b as f64));
        }
        BinaryOp::Div | BinaryOp::MatMul => return None,
    }))
}

fn of_floats(op: BinaryOp, a: f64, b: f64) -> Option<Folded> {
    Some(Float(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div if b != 0.0 => a / b,
        BinaryOp::Mod if b != 0.0 && a.is_finite() && b.is_finite() => {
            let rest = a % b;
            match rest {
                0.0 => 0.0_f64.copysign(b),
                _ if (rest < 0.0) != (b < 0.0) => rest + b,
                _ => rest,
            }
        }
        BinaryOp::FloorDiv if b != 0.0 && a.is_finite() && b.is_finite() => {
            let rest = a % b;
            let mut quotient = (a - rest) / b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
                quotient -= 1.0;
            }
            if quotient == 0.0 {
                0.0_f64.copysign(a / b)
            } else {
                let floor = quotient.floor();
                floor + f64::from(quotient - floor > 0.5)
            }
        }
        BinaryOp::Pow => {
            let power = a.powf(b);
            return power.is_finite().then_some(Float(power));
        }
        _ => return None,
    }))
}

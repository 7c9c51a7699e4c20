//! Unary and binary operators, and comparisons.

use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, UnaryOp};
use crate::diagnostic::Code;
use crate::infer::Inference;
use crate::infer::ZeroSign;
use crate::infer::model::{Fact, Problem};
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::{Missing, Ty};

/// The longest tuple that an operator makes.
const MOST_ITEMS: usize = 12;

impl<'a> Inference<'a> {
    pub(super) fn unary(&mut self, e: &Expr, op: UnaryOp, fact: &Fact) -> Fact {
        let fact = &self.decayed(fact);
        if fact.ty.is_unusable() && op != UnaryOp::Not {
            return Fact::of(fact.ty.clone());
        }
        match (op, fact.ty.narrowed()) {
            (UnaryOp::Not, _) => Fact::of(Ty::Bool),
            (UnaryOp::Neg, Ty::Int) => Fact::int(fact.range.int().neg()),
            (UnaryOp::Neg, Ty::IntOrFloat) => Fact {
                range: Range::Float(fact.range.float().neg()),
                ..Fact::of(Ty::IntOrFloat)
            },
            (UnaryOp::Neg, ty @ (Ty::Float | Ty::Number)) => Fact {
                ty,
                range: Range::Float(fact.range.float().neg().with_zero(fact.negated_zero())),
                unbound: false,
            },
            (UnaryOp::Pos, ty) if ty.is_number() => Fact {
                ty,
                range: fact.range,
                unbound: false,
            },
            (UnaryOp::Neg | UnaryOp::Pos, Ty::Bool) => Fact::int(IntRange::new(-1, 1)),
            (UnaryOp::Invert, Ty::Bool) => Fact::int(IntRange::new(-2, -1)),
            (UnaryOp::Invert, Ty::Int | Ty::IntOrFloat) => {
                let fact = self.as_int(fact);
                Fact::int(fact.range.int().neg().sub(IntRange::exactly(1)))
            }
            (_, other) => self.mismatch(e, &format!("this operator on {}", other.describe())),
        }
    }

    /// Records a type error and gives an unusable fact.
    pub(in crate::infer) fn mismatch(&mut self, e: &Expr, what: &str) -> Fact {
        self.problem(
            e.id,
            e.span,
            Problem::new(
                Code::TypeMismatch,
                format!("{what}: Python has no such operation, or it is not translated"),
            ),
        );
        self.no_fact(what)
    }

    /// The fact of `a op b`.
    pub(in crate::infer) fn binary(&mut self, e: &Expr, op: BinaryOp, a: &Fact, b: &Fact) -> Fact {
        let (a, b) = (&self.decayed(a), &self.decayed(b));
        if let Some(bad) = [a, b].into_iter().find(|f| f.ty.is_unusable()) {
            return Fact::of(bad.ty.clone());
        }
        let (ta, tb) = (a.ty.narrowed(), b.ty.narrowed());
        let number = |ty: &Ty| ty.is_number() || *ty == Ty::Bool;
        if number(&ta) && number(&tb) {
            let as_int = |f: &Fact, ty: &Ty| {
                if *ty == Ty::Bool {
                    IntRange::new(0, 1)
                } else {
                    f.range.int()
                }
            };
            if ta == Ty::IntOrFloat || tb == Ty::IntOrFloat {
                return self.telling_binary(e, op, a, b);
            }
            if ta.is_float() || tb.is_float() {
                return self.float_binary(e, op, a, b, &ta, &tb);
            }
            let (ra, rb) = (as_int(a, &ta), as_int(b, &tb));
            let both_bool = ta == Ty::Bool && tb == Ty::Bool;
            return match op {
                BinaryOp::Add => Fact::int(ra.add(rb)),
                BinaryOp::Sub => Fact::int(ra.sub(rb)),
                BinaryOp::Mul => Fact::int(ra.mul(rb)),
                BinaryOp::Div => Fact::float(Range::Int(ra).float().div(Range::Int(rb).float())),
                BinaryOp::FloorDiv => Fact::int(ra.floor_div(rb)),
                BinaryOp::Mod => Fact::int(ra.modulo(rb)),
                BinaryOp::Pow => self.int_pow(e, ra, rb),
                BinaryOp::Shl => Fact::int(ra.shl(rb)),
                BinaryOp::Shr => Fact::int(ra.shr(rb)),
                BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor if both_bool => {
                    Fact::of(Ty::Bool)
                }
                BinaryOp::BitAnd => Fact::int(ra.bit_and(rb)),
                BinaryOp::BitOr | BinaryOp::BitXor => Fact::int(ra.bit_or(rb)),
                BinaryOp::MatMul => self.mismatch(e, "`@` on ints"),
            };
        }
        match (op, &ta, &tb) {
            (
                BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::Sub | BinaryOp::BitXor,
                Ty::Set(_),
                Ty::Set(_),
            ) => Fact::of(ta.join(&tb)),
            (BinaryOp::BitOr, Ty::Dict { .. } | Ty::Record(_), Ty::Dict { .. } | Ty::Record(_))
                if ta.missing() == Missing::Raises && tb.missing() == Missing::Raises =>
            {
                match (&ta, &tb) {
                    (Ty::Record(x), Ty::Record(y)) if !x.is_partial() && !y.is_partial() => {
                        let mut fields = x.to_vec();
                        for (name, ty) in y {
                            match fields.iter_mut().find(|(n, _)| n == name) {
                                Some(slot) => slot.1 = ty.clone(),
                                None => fields.push((name.clone(), ty.clone())),
                            }
                        }
                        Fact::of(Ty::Record(fields.into()))
                    }
                    _ => Fact::of(
                        ta.as_dict()
                            .without_order()
                            .join(&tb.as_dict().without_order()),
                    ),
                }
            }
            (BinaryOp::Add, Ty::Str | Ty::Enum(_), Ty::Str | Ty::Enum(_)) => Fact::of(Ty::Str),
            (BinaryOp::Mul, Ty::Str | Ty::Enum(_), Ty::Int) => Fact::of(Ty::Str),
            (BinaryOp::Mul, Ty::Int, Ty::Str | Ty::Enum(_)) => Fact::of(Ty::Str),
            (BinaryOp::Mod, Ty::Str, _) => Fact::of(Ty::Str),
            (BinaryOp::Mul, list @ Ty::List { .. }, Ty::Int)
            | (BinaryOp::Mul, Ty::Int, list @ Ty::List { .. }) => {
                let list = list.of_any_length();
                Fact::of(self.fixed.made(e.id, list))
            }
            (BinaryOp::Add, Ty::Tuple(x), Ty::Tuple(y)) => {
                let items: Vec<Ty> = x.iter().chain(y).cloned().collect();
                let elem = items.iter().fold(Ty::Unknown, |all, item| all.join(item));
                let grows = !matches!(e.kind, ExprKind::Binary { .. }) || !is_displayed(e);
                let alike = items.iter().all(|item| *item == elem);
                self.model.met_long_tuples |= grows && alike;
                match grows && alike && self.long_tuples {
                    true => Fact::of(Ty::tuple_of(elem)),
                    false => Fact::of(Ty::Tuple(items)),
                }
            }
            (BinaryOp::Mul, Ty::Tuple(items), Ty::Int)
                if b.range
                    .int()
                    .within(IntRange::new(0, (MOST_ITEMS / items.len().max(1)) as i128))
                    && b.range.int().constant().is_some() =>
            {
                let times = b.range.int().constant().unwrap_or(0);
                let times = usize::try_from(times).unwrap_or(0);
                let all = (0..times).flat_map(|_| items.iter().cloned());
                Fact::of(Ty::Tuple(all.collect()))
            }
            // It is of the type of its first operand.
            (BinaryOp::Add, Ty::List { kind, .. }, Ty::List { kind: other, .. })
                if kind.is_octets() && other.is_octets() =>
            {
                Fact::of(ta)
            }
            (
                BinaryOp::Add,
                Ty::List { elem: x, kind, .. },
                Ty::List {
                    elem: y,
                    kind: other,
                    ..
                },
            ) if kind == other => Fact::of(ta.of_any_length().list_of(x.join(y))),
            (BinaryOp::Add, long, items @ Ty::Tuple(_))
            | (BinaryOp::Add, items @ Ty::Tuple(_), long)
                if long.is_long_tuple() =>
            {
                Fact::of(long.of_any_length().join(items))
            }
            _ => {
                let what = format!(
                    "`{}` on {} and {}",
                    op.symbol(),
                    a.ty.describe(),
                    b.ty.describe()
                );
                self.mismatch(e, &what)
            }
        }
    }

    /// `a ** b` of ints: a float where the exponent is negative.
    pub(super) fn int_pow(&mut self, e: &Expr, base: IntRange, exponent: IntRange) -> Fact {
        if exponent.lo.is_some_and(|lo| lo >= 0) {
            let exact = exponent.constant().and_then(|n| u32::try_from(n).ok());
            let size = exponent.hi.and_then(|hi| u32::try_from(hi).ok());
            return Fact::int(match (exact, size) {
                (Some(n), _) => base.pow(n),
                // Between the zeroth and the highest power.
                (None, Some(n)) if base.lo.is_some_and(|lo| lo >= 1) => IntRange {
                    lo: Some(1),
                    hi: base.pow(n).hi,
                },
                (None, Some(n)) => {
                    let most = base.abs().pow(n).join(IntRange::exactly(1));
                    most.join(most.neg())
                }
                (None, None) => IntRange::ALL,
            });
        }
        if exponent.hi.is_some_and(|hi| hi < 0) {
            return Fact::float(FloatRange::ALL);
        }
        let most = exponent.hi.and_then(|hi| u32::try_from(hi).ok());
        if most.is_some_and(|n| base.abs().pow(n).within(IntRange::DOUBLES)) {
            return Fact::of(Ty::Number);
        }
        self.unsupported(e, "`**` of an int with an exponent that may be negative: an int or a float, only the value tells")
    }

    /// `a ** n` of an int or a float: the power of either is that of the float, where that of
    /// the int is small enough.
    fn mixed_power(&self, base: &Fact, exponent: &Fact) -> Option<Fact> {
        let n = match exponent.ty.narrowed() {
            Ty::Int => u32::try_from(exponent.range.int().constant()?).ok()?,
            _ => return None,
        };
        let ints = base.int_part()?.pow(n);
        let bounded = ints.lo.is_some() && ints.hi.is_some();
        if bounded && !ints.within(IntRange::DOUBLES) {
            return None;
        }
        let range = base.range.float();
        let odd = n % 2 == 1;
        Some(Fact {
            range: Range::Float(FloatRange {
                lo: if odd { f64::NEG_INFINITY } else { 0.0 },
                minus_zero: odd && range.minus_zero,
                int_zero: range.int_zero && n > 0,
                loose: odd && range.loose,
                ints: Some(ints),
                ..FloatRange::ALL
            }),
            ..Fact::of(Ty::Number)
        })
    }

    pub(super) fn float_binary(
        &mut self,
        e: &Expr,
        op: BinaryOp,
        a: &Fact,
        b: &Fact,
        ta: &Ty,
        tb: &Ty,
    ) -> Fact {
        let (ra, rb) = (a.range.float(), b.range.float());
        // A value that is an int on some path stays one under these operators.
        let mixed = *ta != Ty::Float && *tb != Ty::Float;
        let ty = if mixed { Ty::Number } else { Ty::Float };
        let fact = |ty: Ty, range: FloatRange| Fact {
            ty,
            range: Range::Float(range),
            unbound: false,
        };
        let ints = a.int_part().zip(b.int_part());
        let as_ints = |range: FloatRange, op: fn(IntRange, IntRange) -> IntRange| FloatRange {
            ints: ints.map(|(x, y)| op(x, y)),
            ..range
        };
        // Where both may be ints, a zero result has no sign in Python; a positive divisor
        // keeps it positive in floats too.
        let divides = matches!(op, BinaryOp::FloorDiv | BinaryOp::Mod);
        if mixed && divides && rb.lo <= 0.0 {
            let what = format!(
                "`{}` of a value that is an int on one path and a float on another: the sign of a zero would differ",
                op.symbol()
            );
            self.shows_ints(e, &what);
        }
        match op {
            BinaryOp::Add => fact(ty, as_ints(ra.add(rb), IntRange::add)),
            BinaryOp::Sub => fact(ty, as_ints(ra.sub(rb), IntRange::sub)),
            BinaryOp::Mul if mixed => {
                let range = as_ints(ra.mul(rb), IntRange::mul);
                let sign = a.product_zero(b);
                let fits = range.ints.is_none_or(|ints| match sign {
                    ZeroSign::Exact => {
                        ints.lo.is_none() || ints.hi.is_none() || ints.within(IntRange::DOUBLES)
                    }
                    ZeroSign::Never | ZeroSign::Open => ints.within(IntRange::DOUBLES),
                });
                if !fits {
                    let what = "`*` of values that are ints on one path and floats on another: as ints the product may go beyond 2**53";
                    self.shows_ints(e, what);
                }
                fact(ty, range.with_zero(sign))
            }
            BinaryOp::Mul => fact(ty, ra.mul(rb)),
            BinaryOp::Div => fact(Ty::Float, ra.div(rb)),
            BinaryOp::FloorDiv => fact(
                ty,
                FloatRange {
                    ints: ints.map(|_| IntRange::ALL),
                    ..FloatRange::ALL
                },
            ),
            BinaryOp::Mod => {
                let ints = ints.map(|(x, y)| x.modulo(y));
                let bounded = rb.lo > 0.0 && rb.hi.is_finite() && ra.is_finite();
                fact(
                    ty,
                    if bounded {
                        FloatRange {
                            lo: 0.0,
                            hi: rb.hi,
                            finite: rb.hi,
                            minus_zero: true,
                            nonzero: false,
                            ints,
                            ..FloatRange::exactly(0.0)
                        }
                    } else {
                        FloatRange {
                            ints,
                            ..FloatRange::ALL
                        }
                    },
                )
            }
            // What is an int on some path is converted before it is raised to such a power.
            BinaryOp::Pow if mixed && rb.hi < 0.0 => fact(Ty::Float, FloatRange::ALL),
            BinaryOp::Pow if mixed && let Some(power) = self.mixed_power(a, b) => power,
            BinaryOp::Pow if mixed => {
                let what = "`**` of a value that is an int on one path and a float on another";
                self.shows_ints(e, what);
                Fact::of(Ty::Number)
            }
            BinaryOp::Pow => {
                let even = rb.lo == rb.hi && rb.lo % 2.0 == 0.0;
                fact(
                    Ty::Float,
                    if even {
                        FloatRange {
                            lo: 0.0,
                            ..FloatRange::ALL
                        }
                    } else {
                        FloatRange::ALL
                    },
                )
            }
            BinaryOp::MatMul
            | BinaryOp::Shl
            | BinaryOp::Shr
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor => {
                let what = format!(
                    "`{}` on {} and {}",
                    op.symbol(),
                    a.ty.describe(),
                    b.ty.describe()
                );
                self.mismatch(e, &what)
            }
        }
    }

    pub(in crate::infer) fn comparison(&mut self, e: &Expr, op: CompareOp, a: &Fact, b: &Fact) {
        if a.ty.is_unusable() || b.ty.is_unusable() {
            return;
        }
        let same = a.ty.narrowed() == b.ty.narrowed();
        let asks_identity = matches!(op, CompareOp::Is | CompareOp::IsNot);
        let both = same && matches!(op, CompareOp::Eq | CompareOp::NotEq);
        let within = matches!(op, CompareOp::In | CompareOp::NotIn);
        let (a, b) = if asks_identity || both || within {
            (a.clone(), b.clone())
        } else {
            (self.decayed(a), self.decayed(b))
        };
        let (ta, tb) = (a.ty.narrowed(), b.ty.narrowed());
        let number = |ty: &Ty| ty.is_number() || *ty == Ty::Bool;
        let text = |ty: &Ty| matches!(ty, Ty::Str | Ty::Enum(_));
        let member = |a: &Ty, b: &Ty| match (a, b) {
            (Ty::Member(x), Ty::Member(y)) => x == y,
            (Ty::Position, Ty::Position) => true,
            _ => false,
        };
        let fine = match op {
            CompareOp::Eq | CompareOp::NotEq if self.compares_kinds(&ta, &tb) => true,
            CompareOp::In | CompareOp::NotIn if self.looks_for_kinds(&ta, &tb) => true,
            CompareOp::Is | CompareOp::IsNot => {
                ta == Ty::None
                    || tb == Ty::None
                    || (ta == Ty::Bool && tb == Ty::Bool)
                    || self.asks_for_bool(&ta, &tb)
                    || member(&ta, &tb)
            }
            CompareOp::Eq | CompareOp::NotEq => {
                equates(&ta, &tb)
                    || a.ty == Ty::None
                    || b.ty == Ty::None
                    || (number(&ta) && number(&tb))
                    || (text(&ta) && text(&tb))
                    || member(&ta, &tb)
                    || self.compares_variants(&ta, &tb)
                    || self.compares_collections(false, &ta, &tb) == Some(true)
            }
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => {
                let sets = matches!((&ta, &tb), (Ty::Set(x), Ty::Set(y)) if x == y);
                sets || alike(&ta, &tb) || (number(&ta) && number(&tb)) || (text(&ta) && text(&tb))
            }
            CompareOp::In | CompareOp::NotIn => match &tb {
                Ty::Tuple(items) => items.iter().all(|t| {
                    let t = t.narrowed();
                    (number(&t) && number(&ta))
                        || (text(&t) && text(&ta))
                        || member(&t, &ta)
                        || t == Ty::None
                        || a.ty == Ty::None
                }),
                Ty::Str | Ty::Enum(_) => text(&ta),
                octets if octets.is_octets() => matches!(ta, Ty::Int | Ty::Bool) || ta.is_octets(),
                Ty::List { elem, .. } => {
                    (number(elem) && number(&ta))
                        || (text(elem) && text(&ta))
                        || alike(elem, &ta)
                        || member(elem, &ta)
                }
                Ty::Range => ta == Ty::Int || ta == Ty::Bool,
                _ => self.compares_collections(true, &ta, &tb) == Some(true),
            },
        };
        if !fine {
            let what = format!(
                "this comparison of {} with {}",
                a.ty.describe(),
                b.ty.describe()
            );
            let _ = self.mismatch(e, &what);
        }
    }
}

/// Whether both operands are displays of tuples.
fn is_displayed(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Binary { left, right, .. } => is_displayed(left) && is_displayed(right),
        ExprKind::Tuple(_) => true,
        _ => false,
    }
}

/// Whether two lists hold numbers of different types.
pub(in crate::infer) fn are_lists_apart(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::List { elem: a, .. }, Ty::List { elem: b, .. }) => {
            are_lists_apart(a, b) || a != b && a.is_number() && b.is_number()
        }
        _ => false,
    }
}

/// Whether two lists or tuples compare by elements of one type each.
pub(super) fn alike(a: &Ty, b: &Ty) -> bool {
    by_element(a, b, &|a, b| is_ordered(a, b) || alike(a, b))
}

/// Whether two lists or tuples can be told to be equal: beside what has an order their elements
/// may be members of an enum, and what may be None.
fn equates(a: &Ty, b: &Ty) -> bool {
    by_element(a, b, &|a, b| {
        let one = |a: &Ty, b: &Ty| {
            is_ordered(a, b) || a == b && matches!(a, Ty::Member(_)) || equates(a, b)
        };
        match (a, b) {
            (Ty::Option(x), Ty::Option(y)) => one(x, y),
            _ => one(a, b),
        }
    })
}

/// Whether such values have an order.
fn is_ordered(a: &Ty, b: &Ty) -> bool {
    (a == b && matches!(a, Ty::Bool | Ty::Str)) || a.is_number() && b.is_number()
}

/// Whether two are lists or tuples, each pair of whose elements `fits`.
fn by_element(a: &Ty, b: &Ty, fits: &dyn Fn(&Ty, &Ty) -> bool) -> bool {
    match (a, b) {
        (
            Ty::List { elem: x, kind, .. },
            Ty::List {
                elem: y,
                kind: other,
                ..
            },
        ) => {
            (kind == other || kind.is_octets() && other.is_octets())
                && (**x == Ty::Unknown || **y == Ty::Unknown || fits(x, y))
        }
        (long @ Ty::List { elem, .. }, Ty::Tuple(items))
        | (Ty::Tuple(items), long @ Ty::List { elem, .. }) => {
            long.is_long_tuple() && items.iter().all(|item| item == &**elem)
        }
        (Ty::Tuple(x), Ty::Tuple(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| fits(x, y))
        }
        _ => false,
    }
}
